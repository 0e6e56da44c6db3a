/**
 * A connection over time: one lane a subflow, and the data of each host by its place in the stream.
 *
 * @module
 */
import { formatEndpoint } from '../ip/address.ts';
import { formatOption } from '../text/line.ts';
import type { HostName, ReportConnection } from '../trace/report.ts';
import { html, type Markup, raw } from './markup.ts';
import type { PlacedSegment } from './place.ts';
import { axis, LEFT, RIGHT, round, type Scale, scaleOf } from './scale.ts';
import { FIGURES, PALETTE } from './style.ts';
import { formatSeconds, isRemarkable, kindOf, numbersOf, shortName } from './words.ts';

/** How to draw. */
export interface TimelineOptions {
  /** Where a mark leads: the fragment of a frame's place on the page, if it has one. */
  readonly link?: ((frame: number) => string | undefined) | undefined;
  /** `time`: to scale. `steps`: every segment has room, long waits are short. By default what suits the number of segments. */
  readonly scale?: 'time' | 'steps' | undefined;
  /** Keys in the words of marks. Not by default. */
  readonly keys?: boolean | undefined;
  /** With styles of its own, to stand alone in a file. */
  readonly alone?: boolean | undefined;
}

const TOP = 26;
const LANE = 118;
/** A lane's line, under its name and three levels of words. */
const LINE = 66;
const PLOT = 138;
/** Segments of a lane that still get marks of their own. */
const CROWD = 600;
/** Marks in a lane that is full. */
const MARKS = 400;

/** The drawing. Marks are links and have words; verdicts have shapes as well as colours. */
export function timelineSvg(
  connection: ReportConnection,
  segments: readonly PlacedSegment[],
  options: TimelineOptions = {},
): Markup {
  const scale = scaleOf(segments, options.scale);
  const lanes = connection.subflows.length;
  const hosts = (['client', 'server'] as const).filter((host) =>
    segments.some(({ from, data }) => from === host && data),
  );
  const plots = TOP + lanes * LANE + 18;
  const height = plots + hosts.length * (PLOT + 26) + 10;
  return html`<svg xmlns="http://www.w3.org/2000/svg" class="timeline" viewBox="0 0 ${scale.width} ${height}" width="${scale.width}" height="${height}" role="group" aria-label="Timeline of connection ${connection.id}: ${segments.length} segments on ${lanes} subflow${lanes !== 1 && 's'}">${
    options.alone === true && raw(`<style>${PALETTE}${FIGURES}.timeline{background:var(--paper)}</style>`)
  }
${axis(segments, scale, TOP - 8, height - 10)}
${connection.subflows.map((subflow, i) =>
  drawLane(
    connection,
    i,
    segments.filter((segment) => segment.subflow === subflow.id),
    scale,
    options,
    TOP + i * LANE,
  ),
)}
${hosts.map((host, i) => plot(host, segments, scale, plots + i * (PLOT + 26)))}
</svg>`;
}

/** The segment that stands nearest to a point of the drawing, on the lane there. */
export function segmentAt(
  connection: ReportConnection,
  segments: readonly PlacedSegment[],
  point: { readonly x: number; readonly y: number },
  kind?: TimelineOptions['scale'],
): PlacedSegment | undefined {
  const { x } = scaleOf(segments, kind);
  const lane = connection.subflows[Math.floor((point.y - TOP) / LANE)]?.id;
  const from = (point.y - TOP) % LANE < LINE ? 'client' : 'server';
  let best: PlacedSegment | undefined;
  let nearest = 12;
  for (const segment of segments) {
    if (lane !== undefined && (segment.subflow !== lane || segment.from !== from)) continue;
    const distance = Math.abs(x(segment) - point.x);
    if (distance >= nearest) continue;
    nearest = distance;
    best = segment;
  }
  return best;
}

function drawLane(
  connection: ReportConnection,
  index: number,
  segments: readonly PlacedSegment[],
  scale: Scale,
  options: TimelineOptions,
  top: number,
): Markup {
  const subflow = connection.subflows[index]!;
  const middle = top + LINE;
  const first = segments[0];
  const last = segments.at(-1);
  const labels = { client: new Labels(), server: new Labels() };
  const full = segments.length > CROWD;
  const marked = full ? segments.filter(isMarked).slice(0, MARKS) : segments;
  const path = segments.find(({ interface: name }) => name !== undefined)?.interface;
  const name = subflow.kind === 'initial' ? 'First subflow' : `Subflow ${subflow.id}, joined by ${subflow.initiator}`;
  const about = [`${formatEndpoint(subflow.client)} to ${formatEndpoint(subflow.server)}`, path, subflow.state];
  return html`<g class="lane lane-${index % 6}">${title(name, about.filter(Boolean).join(', '), top)}
${first !== undefined && last !== undefined && html`<path class="line" d="M${scale.x(first)} ${middle}H${scale.x(last)}"/>`}
${
  full &&
  crowd(
    segments.filter((segment) => !isMarked(segment)),
    scale,
    middle,
  )
}${marked.map((segment) => mark(segment, scale, options, middle, labels[segment.from]))}</g>`;
}

/** A line above a lane or a plot: its name, and more about it. */
function title(name: string, about: string, top: number): Markup {
  return html`<text x="${LEFT - 6}" y="${top + 11}"><tspan class="name">${name}</tspan><tspan class="ends" dx="9">${about}</tspan></text>`;
}

/** Whether a mark of its own stands for a segment, however many there are. */
function isMarked(segment: PlacedSegment): boolean {
  const { options, verdicts, flags, again } = segment;
  if (options.some(isRemarkable) || (flags & 7) !== 0) return true;
  return again === 'reinjected' || verdicts.some(({ verdict }) => verdict.is === 'bad');
}

/** Everyday segments of a lane that is too full for marks: their bars as two lines, a pixel each at most. */
function crowd(segments: readonly PlacedSegment[], { x }: Scale, middle: number): Markup {
  const bars = { data: new Set<string>(), ack: new Set<string>() };
  for (const segment of segments) {
    const up = segment.from === 'client' ? -1 : 1;
    const kind = segment.data === undefined ? 'ack' : 'data';
    bars[kind].add(`M${Math.round(x(segment))} ${middle}v${up * (kind === 'data' ? 14 : 5)}`);
  }
  return html`<path class="data crowd" d="${[...bars.data].join('')}"/><path class="ack crowd" d="${[...bars.ack].join('')}"/>`;
}

/** Levels of words beside a lane: none stands on another, and none is said twice in a row. */
class Labels {
  readonly #ends: number[] = [];
  #last = '';

  /** The level of a word from `x` on; `undefined` where no room is left. */
  place(word: string, x: number, width: number): number | undefined {
    if (word === this.#last) return undefined;
    this.#last = word;
    for (let level = 0; level < 3; level++) {
      if ((this.#ends[level] ?? -Infinity) < x) {
        this.#ends[level] = x + width + 6;
        return level;
      }
    }
    return undefined;
  }
}

function mark(segment: PlacedSegment, { x }: Scale, options: TimelineOptions, middle: number, labels: Labels): Markup {
  const at = x(segment);
  const up = segment.from === 'client' ? -1 : 1;
  const remarkable = segment.options.filter(isRemarkable);
  const is = worst(segment);
  const y = middle + up * 9;
  const parts: Markup[] = [];
  if (segment.data !== undefined) {
    parts.push(html`<path class="data${segment.again === 'reinjected' && ' again'}" d="M${at} ${middle}v${up * 14}"/>`);
    if (segment.again === 'reinjected')
      parts.push(html`<path class="loop" d="M${at - 4} ${middle + up * 18}a4 4 0 1 1 4 4"/>`);
  } else if (remarkable.length === 0) {
    parts.push(html`<path class="ack" d="M${at} ${middle}v${up * 5}"/>`);
  }
  if ((segment.flags & 4) !== 0) parts.push(html`<path class="rst" d="M${at - 5} ${y - 5}l10 10m0 -10l-10 10"/>`);
  else if (remarkable.length > 0 || is === 'bad') parts.push(shape(is, at, y));
  else if ((segment.flags & 1) !== 0) parts.push(html`<path class="fin" d="M${at - 4} ${y}h8"/>`);
  const word = remarkable.map(shortName).join(' ') || ((segment.flags & 1) !== 0 ? 'FIN' : '');
  if (word !== '') {
    const level = labels.place(word, at, word.length * 6.1);
    if (level !== undefined) {
      const base = middle + up * (24 + level * 11) + (up > 0 ? 4 : 0);
      parts.push(html`<text class="word" x="${at - 4}" y="${base}">${word}</text>`);
    }
  }
  const link = options.link?.(segment.frame);
  const name = wordsOf(segment, options.keys === true);
  const everyday = remarkable.length === 0 && is !== 'bad';
  return link === undefined
    ? html`<g><title>${name}</title>${parts}</g>`
    : html`<a href="${link}" data-frame="${segment.frame}" aria-label="${name}"${everyday && raw(' tabindex="-1"')}><title>${name}</title><rect class="touch" x="${at - 4}" y="${Math.min(middle, middle + up * 20)}" width="8" height="20"/>${parts}</a>`;
}

/** A circle; with a tick if good, a diamond with a cross if bad, dashed if nobody can tell. */
function shape(is: 'good' | 'bad' | 'unverified' | undefined, x: number, y: number): Markup {
  if (is === 'good')
    return html`<circle class="good" cx="${x}" cy="${y}" r="5.5"/><path class="sign" d="M${x - 2.6} ${y}l2 2.2l3.4 -4.2"/>`;
  if (is === 'bad')
    return html`<path class="bad" d="M${x} ${y - 7}l7 7l-7 7l-7 -7z"/><path class="sign" d="M${x - 2.3} ${y - 2.3}l4.6 4.6m0 -4.6l-4.6 4.6"/>`;
  if (is === 'unverified') return html`<circle class="unverified" cx="${x}" cy="${y}" r="5"/>`;
  return html`<circle class="plain" cx="${x}" cy="${y}" r="4"/>`;
}

function worst({ verdicts }: PlacedSegment): 'good' | 'bad' | 'unverified' | undefined {
  const found = verdicts.map(({ verdict }) => verdict.is);
  return (['bad', 'unverified', 'good'] as const).find((is) => found.includes(is));
}

/** What a mark stands for. */
export function wordsOf(segment: PlacedSegment, keys: boolean): string {
  const { frame, at, from, options, verdicts, again } = segment;
  const names = options.filter(isRemarkable).map(shortName).join(' ');
  return [
    `Frame ${frame}, ${formatSeconds(at)}, from ${from}: ${[kindOf(segment), names].filter(Boolean).join(' ')}`,
    ...options.map((option) => formatOption(option, { keys })),
    numbersOf(segment),
    again ?? '',
    ...verdicts.map(({ check, verdict }) => `${CHECKS[check]} ${verdict.is}`),
  ]
    .filter((part) => part !== '')
    .join('; ');
}

/** What is checked, in words. */
export const CHECKS = {
  joinHmac: 'join HMAC',
  addAddrHmac: 'address HMAC',
  dssChecksum: 'checksum',
  keyEcho: 'echoed key',
  fastcloseKey: 'fastclose key',
} as const;

function plot(host: HostName, segments: readonly PlacedSegment[], { x, width }: Scale, top: number): Markup {
  const own = segments.filter((segment) => segment.from === host && segment.data !== undefined);
  const acks = segments.filter((segment) => segment.from !== host && segment.dataAck !== undefined);
  const most = Math.max(1, ...own.map(({ data }) => data?.end ?? 0));
  const y = (value: number) => round(top + PLOT - (Math.max(0, Math.min(value, most)) / most) * (PLOT - 24));
  let highest = -1;
  let line = '';
  let column = -1;
  for (const segment of acks) {
    const { dataAck = 0 } = segment;
    const at = Math.round(x(segment));
    if (dataAck <= highest || (at === column && acks.length > CROWD)) continue;
    column = at;
    highest = dataAck;
    line += line === '' ? `M${x(segment)} ${y(dataAck)}` : `H${x(segment)}V${y(dataAck)}`;
  }
  const paths = new Map<string, string>();
  for (const { at, start, end, subflow, again } of columns(own, x)) {
    const key = `lane-${subflow % 6}${again === undefined ? '' : ` ${again}`}`;
    const upper = y(end);
    const tall = Math.max(2.5, y(start) - upper);
    paths.set(key, `${paths.get(key) ?? ''}M${at} ${upper}v${round(tall)}`);
  }
  const bars = [...paths].map(([key, d]) => html`<path class="bar ${key}" d="${d}"/>`);
  return html`<g class="plot">${title(`Data from ${host}`, `${most - 1} octets; dashed: Data ACK`, top)}<path class="base" d="M${LEFT} ${top + PLOT}H${width - RIGHT}"/><path class="acked" d="${line}"/>${bars}</g>`;
}

interface Bar {
  readonly at: number;
  start: number;
  end: number;
  readonly subflow: number;
  readonly again: PlacedSegment['again'];
}

/** Data as bars; what touches another at the same place is one with it. */
function columns(segments: readonly PlacedSegment[], x: Scale['x']): Bar[] {
  const bars: Bar[] = [];
  const latest = new Map<string, Bar>();
  for (const segment of segments) {
    const { subflow, again, data } = segment;
    if (data === undefined) continue;
    const at = Math.round(x(segment));
    const key = `${subflow} ${again ?? ''}`;
    const before = latest.get(key);
    if (before !== undefined && before.at === at && data.start <= before.end && data.end >= before.start) {
      before.start = Math.min(before.start, data.start);
      before.end = Math.max(before.end, data.end);
      continue;
    }
    const bar = { at, start: data.start, end: data.end, subflow, again };
    latest.set(key, bar);
    bars.push(bar);
  }
  return bars;
}
