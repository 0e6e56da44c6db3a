/** Segments of captures as figures: a list that opens, one option, a frame. */
import { explain } from '../../src/explain/explain.ts';
import { html, type Markup } from '../../src/report/markup.ts';
import { octetsFigure } from '../../src/report/octets.ts';
import { formatOption } from '../../src/text/line.ts';
import { captureFile, loadCapture, type Segment } from './captures.ts';

/** Control bits, in tcpdump's letters. */
export function flagText(flags: number): string {
  const letters = [
    [2, 'S'],
    [1, 'F'],
    [4, 'R'],
    [8, 'P'],
  ] as const;
  return `${letters.map(([bit, letter]) => (flags & bit ? letter : '')).join('')}${flags & 16 ? '.' : ''}`;
}

/** What a segment is called: SYN, SYN/ACK, ACK, data, FIN, RST. */
export function kindOf({ tcp }: Segment): string {
  const { flags, payloadLength } = tcp;
  if (flags & 4) return 'RST';
  if (flags & 2) return flags & 16 ? 'SYN/ACK' : 'SYN';
  if (flags & 1) return payloadLength > 0 ? 'FIN + data' : 'FIN';
  return payloadLength > 0 ? `data ${payloadLength}` : 'ACK';
}

/** Addresses of a capture with their lanes: the four-tuples in order of appearance. */
export function laneOf(segments: readonly Segment[], segment: Segment): number {
  const keys = [...new Set(segments.map(tupleOf))];
  return keys.indexOf(tupleOf(segment));
}

function tupleOf({ source, destination, tcp }: Segment): string {
  return [`${source} ${tcp.sourcePort}`, `${destination} ${tcp.destinationPort}`].sort().join(' ');
}

/** Frames of a capture as a list; each opens to its octets. `frames`: such as `1-4,7`; all, where absent. */
export function segmentList(name: string, frames?: string): Markup {
  const all = loadCapture(name);
  const shown = frames === undefined ? all : all.filter(({ frame }) => inRanges(frames, frame));
  if (shown.length === 0) throw new Error(`${name} has none of the frames ${frames}`);
  const client = all.find(({ tcp }) => (tcp.flags & 18) === 2);
  const id = `${name}-${shown[0]!.frame}`;
  return html`<figure class="segments" aria-label="Segments of ${name}"><ol>${shown.map((segment) => segmentItem(all, segment, client, id))}</ol><figcaption>Frames ${shown[0]!.frame} to ${shown.at(-1)!.frame} of <a href="../captures/${captureFile(name)}" download>${captureFile(name)}</a>. Open a line to see its octets, or <a href="../capture.html#sample=${captureFile(name)}">trace the capture</a>.</figcaption></figure>`;
}

function segmentItem(all: readonly Segment[], segment: Segment, client: Segment | undefined, id: string): Markup {
  const out = client === undefined || isFromClient(segment, client, all);
  const options = segment.options.map(({ option }) => formatOption(option)).join(', ');
  return html`<li class="lane-${laneOf(all, segment) % 6} ${out ? 'out' : 'in'}"><details id="${id}-f${segment.frame}"><summary><span class="n">${segment.frame}</span><span class="t">${segment.time.toFixed(4)}</span><span class="who">${endpoint(segment.source, segment.tcp.sourcePort)} <b aria-label="to">→</b> ${endpoint(segment.destination, segment.tcp.destinationPort)}</span><span class="k">${kindOf(segment)}</span><code>${options || html`<i>no MPTCP option</i>`}</code></summary>${tcpFigure(segment)}</details></li>`;
}

function isFromClient(segment: Segment, first: Segment, all: readonly Segment[]): boolean {
  const clients = new Set(
    all.filter(({ tcp }) => (tcp.flags & 18) === 2).map(({ source, tcp }) => `${source} ${tcp.sourcePort}`),
  );
  const from = `${segment.source} ${segment.tcp.sourcePort}`;
  return clients.has(from) || segment.source === first.source;
}

function endpoint(address: string, port: number): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

/** TCP header and options of a segment, octet by octet. */
export function tcpFigure(segment: Segment): Markup {
  const bytes = segment.packet.bytes.subarray(segment.tcpAt, segment.payloadAt);
  return octetsFigure(bytes, explain(bytes, 'tcp'), { caption: `TCP header of frame ${segment.frame}` });
}

/** A whole frame, octet by octet. */
export function frameFigure(segment: Segment): Markup {
  const { bytes } = segment.packet;
  return octetsFigure(bytes, explain(bytes, 'frame'), { caption: `Frame ${segment.frame}` });
}

/** One option of a segment, octet by octet, under a line that says where it is from. */
export function optionFigure(name: string, segment: Segment, index = 0): Markup {
  const found = segment.options[index];
  if (found === undefined) throw new Error(`frame ${segment.frame} of ${name} has no MPTCP option number ${index}`);
  const bytes = segment.packet.bytes.subarray(found.at, found.at + found.size);
  const fields = explain(bytes, 'option');
  return html`<figure class="example"><p class="source"><span class="k">${kindOf(segment)}</span> <code>${formatOption(found.option)}</code> <span><a href="../captures/${captureFile(name)}" download>${captureFile(name)}</a>, frame ${segment.frame}</span> <a class="try" href="../playground.html#hex=${hexOf(bytes)}">Open in the playground</a></p>${octetsFigure(bytes, fields, { caption: `${fields[0]?.of} in frame ${segment.frame} of ${name}` })}</figure>`;
}

export function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

function inRanges(ranges: string, frame: number): boolean {
  return ranges.split(',').some((range) => {
    const [from = '', to = from] = range.split('-');
    return frame >= Number(from) && frame <= Number(to);
  });
}
