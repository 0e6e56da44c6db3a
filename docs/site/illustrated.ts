/** The connection, illustrated. Every number on the page is computed from the capture. */
import { explain } from '../../src/explain/explain.ts';
import { formatAddress } from '../../src/ip/address.ts';
import { idsn, token } from '../../src/mptcp/auth.ts';
import type { MptcpOption } from '../../src/mptcp/option.ts';
import { html, type Markup } from '../../src/report/markup.ts';
import type { PlacedSegment } from '../../src/report/place.ts';
import { CHECKS, timelineSvg } from '../../src/report/timeline.ts';
import { verdictMark } from '../../src/report/verdict.ts';
import { formatSeconds, kindOf, numbersOf } from '../../src/report/words.ts';
import { formatOption } from '../../src/text/line.ts';
import { captureFile, loadCapture, type Segment } from './captures.ts';
import { checksumDerivation, hmacDerivation, keyDerivation } from './derivations.ts';
import type { Page } from './page.ts';
import { frameFigure } from './segments.ts';
import { octetStrip } from './strip.ts';
import { connectionOf } from './traced.ts';

const NAME = 'illustrated';

type Of<Type extends MptcpOption['type']> = Extract<MptcpOption, { type: Type }>;

/** A segment with its option of one type. */
interface Found<Type extends MptcpOption['type']> {
  readonly segment: PlacedSegment;
  readonly option: Of<Type>;
}

/** A run of segments under a heading. */
interface Chapter {
  readonly title: string;
  /** First frame. */
  readonly from: number;
  readonly text: Markup;
  /** What is said beside a frame. */
  readonly beside: ReadonlyMap<number, Markup>;
  /** What is worked through after the segments. */
  readonly worked?: Markup;
}

/** The page. */
export function illustratedPage(): Page {
  const { connection, segments } = connectionOf(NAME);
  const frames = new Map(loadCapture(NAME).map((segment) => [segment.frame, segment]));
  const all = chapters(segments, frames);
  const file = captureFile(NAME);
  const [phone, server] = [connection.client.address, connection.server.address];
  const second = connection.subflows[1]!;
  const headings = all.map(({ title }, i) => ({ level: 2, id: `chapter-${i + 1}`, text: title }));
  const body = html`<h1>The connection, illustrated</h1>
<p class="lede">A phone talks to a server while its owner walks out of the house. One MPTCP connection, captured for real, from the first SYN to the last ACK. Every octet is here, and every number that can be computed is computed.</p>
<table class="cast"><tbody>
<tr class="lane-0"><th scope="row"><span class="swatch"></span>wlan0</th><td>phone <code>${phone}</code></td><td>server <code>${server}</code>, port <code>${connection.server.port}</code></td></tr>
<tr class="lane-1"><th scope="row"><span class="swatch"></span>lte0</th><td>phone <code>${second.client.address}</code></td><td>server <code>${second.server.address}</code></td></tr>
</tbody></table>
<p>Both ends are Linux, with checksums turned on so that they can be shown. The capture was taken on the phone's two interfaces: ${segments.length} segments in ${formatSeconds(segments.at(-1)!.at)}. <a href="captures/${file}" download>Download it</a>, or see <a href="#make">how it was made</a>. Blue is the first network, orange the second, everywhere on this page. Fields are coloured by what they are for, as <a href="options/index.html#colours">everywhere on this site</a>.</p>
<p class="openers"><button type="button" data-open-all="open" hidden>Open all octets</button> <button type="button" data-open-all="close" hidden>Close all</button></p>
<div class="scroll draw" tabindex="0" role="region" aria-label="The whole connection over time">${timelineSvg(connection, segments, { link: (frame) => `#frame-${frame}`, keys: true })}</div>
<p class="small muted">Above a lane: from the phone. Below: from the server. A tick in a green circle: an HMAC, key or checksum that was verified. Long waits are drawn short. Below the lanes: where in each stream the octets stand, and the Data ACKs as a line.</p>
${all.map((chapter, i) => drawChapter(chapter, i, all[i + 1]?.from ?? Infinity, segments, frames))}
${streamTable(segments, frames)}
<h2 id="make">How it was made</h2>
<p>Two network namespaces, the kernel's own MPTCP in both, and a bridge between them that delays each network by its own time. <code>npm run lab -- illustrated</code> plays it again in a few seconds; with <code>--write</code> the new capture takes this one's place, and the page follows.</p>`;
  return {
    path: 'connection.html',
    title: 'The connection, illustrated',
    description: 'One real MPTCP connection, octet by octet, with every token, HMAC and checksum worked through.',
    body,
    headings: [
      ...headings,
      { level: 2, id: 'stream', text: 'The stream, put together' },
      { level: 2, id: 'make', text: 'How it was made' },
    ],
    layout: 'wide',
  };
}

function drawChapter(
  { title, from, text, beside, worked }: Chapter,
  index: number,
  end: number,
  segments: readonly PlacedSegment[],
  frames: ReadonlyMap<number, Segment>,
): Markup {
  const own = segments.filter(({ frame }) => frame >= from && frame < end);
  return html`<section class="chapter" aria-labelledby="chapter-${index + 1}"><h2 id="chapter-${index + 1}">${title}</h2>
${text}
<ol class="story">${own.map((segment) => card(segment, frames.get(segment.frame)!, beside.get(segment.frame)))}</ol>
${worked}</section>`;
}

/** One segment: a line, its options as strips, what is said of it, and behind a fold every octet. */
function card(segment: PlacedSegment, raw: Segment, text: Markup | undefined): Markup {
  const { frame, at, from, subflow, verdicts } = segment;
  const payload = raw.tcp.payload.length > 0 ? Buffer.from(raw.tcp.payload).toString().trimEnd() : undefined;
  return html`<li class="seg lane-${subflow} from-${from}" id="frame-${frame}"><p class="head"><span class="n">${frame}</span> <span class="t">${formatSeconds(at)}</span> <span class="way">phone <b aria-label="${from === 'client' ? 'to' : 'from'}">${from === 'client' ? '→' : '←'}</b> server</span> <span class="net">${segment.interface ?? `subflow ${subflow}`}</span> <strong>${kindOf(segment)}</strong>${verdicts.map(({ check, verdict }) => html` <span class="check">${CHECKS[check]} ${verdictMark(verdict.is)}</span>`)} <span class="places">${numbersOf(segment)}</span></p>
${payload !== undefined && html`<p class="payload"><q>${payload}</q></p>`}
${raw.options.map(({ option, at: offset, size }) => {
  const bytes = raw.packet.bytes.subarray(offset, offset + size);
  return html`<div class="option"><code>${formatOption(option)}</code>${octetStrip(bytes, explain(bytes, 'option'))}</div>`;
})}
${text !== undefined && html`<div class="says">${text}</div>`}
<details><summary>All ${raw.packet.bytes.length} octets of the frame</summary>${frameFigure(raw)}</details></li>`;
}

/** The story: where each chapter begins is found in the capture. */
function chapters(segments: readonly PlacedSegment[], frames: ReadonlyMap<number, Segment>): Chapter[] {
  const find = <Type extends MptcpOption['type']>(
    type: Type,
    test: (option: Of<Type>, segment: PlacedSegment) => boolean,
  ): Found<Type> => {
    for (const segment of segments) {
      for (const option of segment.options) {
        if (option.type === type && test(option as Of<Type>, segment)) return { segment, option: option as Of<Type> };
      }
    }
    throw new Error(`the illustrated connection has no such ${type}`);
  };
  const after = (frame: number, test: (segment: PlacedSegment) => boolean): PlacedSegment => {
    const found = segments.find((segment) => segment.frame > frame && test(segment));
    if (found === undefined) throw new Error(`nothing of the kind after frame ${frame}`);
    return found;
  };
  const size = ({ segment, option }: { readonly segment: PlacedSegment; readonly option: MptcpOption }) => {
    return frames.get(segment.frame)!.options.find((one) => one.option.type === option.type)!.size;
  };
  const payloadOf = (segment: PlacedSegment) => frames.get(segment.frame)!.tcp.payload;
  const hex8 = (value: number) => value.toString(16).padStart(8, '0');
  const u32 = (value: number) => Buffer.from(hex8(value), 'hex');

  const syn = find('MP_CAPABLE', (_, { flags }) => (flags & 18) === 2);
  const synAck = find('MP_CAPABLE', (_, { flags }) => (flags & 18) === 18);
  const third = find(
    'MP_CAPABLE',
    ({ receiverKey, dataLevelLength }) => receiverKey !== undefined && dataLevelLength === undefined,
  );
  const first = find('MP_CAPABLE', ({ dataLevelLength }) => dataLevelLength !== undefined);
  const phoneKey = third.option.senderKey!;
  const serverKey = synAck.option.senderKey!;
  const addAddr = find('ADD_ADDR', ({ echo }) => !echo);
  const echo = find('ADD_ADDR', ({ echo: is }) => is);
  const firstAck = find(
    'DSS',
    ({ dataAck, mapping }, { from }) => from === 'server' && dataAck !== undefined && mapping === undefined,
  );
  const answer = find(
    'DSS',
    ({ mapping, dataFin }, { from }) => from === 'server' && mapping !== undefined && !dataFin,
  );
  const join = find('MP_JOIN', ({ form }) => form === 'syn');
  const joinAnswer = find('MP_JOIN', ({ form }) => form === 'syn-ack');
  const joinAck = find('MP_JOIN', ({ form }) => form === 'ack');
  const fourth = after(
    joinAck.segment.frame,
    ({ from, subflow }) => from === 'server' && subflow === joinAck.segment.subflow,
  );
  const kitchen = after(fourth.frame, ({ data, from }) => data !== undefined && from === 'client');
  const kitchenDss = kitchen.options.find((option): option is Of<'DSS'> => option.type === 'DSS')!;
  const prio = find('MP_PRIO', () => true);
  const street = after(prio.segment.frame, ({ data }) => data !== undefined);
  const reply = after(street.frame, ({ data, from }) => data !== undefined && from === 'server');
  const remove = find('REMOVE_ADDR', () => true);
  const firstFin = after(remove.segment.frame, ({ flags }) => (flags & 1) !== 0);
  const goodbye = after(remove.segment.frame, ({ data }) => data !== undefined);
  const fin = find('DSS', ({ dataFin }, { from }) => dataFin && from === 'client');
  const finAck = after(fin.segment.frame, ({ from }) => from === 'server');
  const serverFin = find('DSS', ({ dataFin }, { from }) => dataFin && from === 'server');
  const lastFin = after(serverFin.segment.frame, ({ flags }) => (flags & 1) !== 0);
  const repeats = segments.filter(({ dataFin, from }) => dataFin && from === 'client').length;

  if (join.option.form !== 'syn' || joinAnswer.option.form !== 'syn-ack' || joinAck.option.form !== 'ack') {
    throw new Error('the join has other forms');
  }
  const [nonceA, nonceB] = [join.option.nonce, joinAnswer.option.nonce];
  const address = formatAddress(addAddr.option.address);
  const mapped = answer.option.mapping!;
  const serverFirst = BigInt.asUintN(64, idsn(serverKey) + 1n);
  if (mapped.dataSequenceNumber !== serverFirst) throw new Error('the first mapping does not begin at IDSN + 1');
  const kitchenMapping = kitchenDss.mapping!;
  const finMapping = fin.option.mapping!;

  return [
    {
      title: 'May I?',
      from: syn.segment.frame,
      text: html`<p>Nothing has been sent yet. The phone's program asked for an MPTCP socket and called <code>connect</code>. The first segment is the SYN of ordinary TCP with one more option: <a href="options/mp-capable.html">MP_CAPABLE</a>, in its shortest form. It carries no key. A server that answers with SYN cookies remembers nothing of this SYN, so there would be nowhere to put one.</p>`,
      beside: new Map([
        [
          syn.segment.frame,
          html`<p>${size(syn)} octets: version ${syn.option.version}, and the flags A (I want checksums) and H (HMAC-SHA256). Had the phone no wish for checksums, only H would be set. A server without MPTCP ignores the option, answers as TCP does, and the connection is TCP: that is the <a href="guide/start.html">fallback</a>.</p>`,
        ],
      ]),
    },
    {
      title: 'Yes, and this is my key',
      from: synAck.segment.frame,
      text: html`<p>The server speaks MPTCP, too. It has chosen a random key of ${serverKey.length} octets for this connection. Two things follow from a key, by hashing it: a <em>token</em>, the connection's name on this host, and the number with which the host begins to count its data.</p>`,
      beside: new Map([
        [
          synAck.segment.frame,
          html`<p>The key travels in clear. Who sees it, and the phone's in the next segment, can add subflows to this connection. MPTCP wants to be no less safe than TCP, and no more: for secrets there is TLS.</p>`,
        ],
      ]),
      worked: keyDerivation('server', serverKey),
    },
    {
      title: 'And this is mine',
      from: third.segment.frame,
      text: html`<p>The third segment of the handshake carries both keys: the sender's own first, then the echo of the other. A server with SYN cookies learns everything it needs from this one segment.</p>`,
      beside: new Map([
        [
          third.segment.frame,
          html`<p>The echoed key is the one of frame ${synAck.segment.frame}. Nothing acknowledges a bare ACK. If this segment were lost, the server would never learn the phone's key, so the phone will say it all once more.</p>`,
        ],
      ]),
      worked: keyDerivation('phone', phoneKey),
    },
    {
      title: 'The first words',
      from: first.segment.frame,
      text: html`<p>Data. Instead of a mapping in DSS it carries the keys again, and at their end what a mapping would say: this is the beginning of the stream, and so many octets of it. It is the only kind of segment in which MP_CAPABLE has ${size(first)} octets, and tcpdump before 5.0 calls it a bad option.</p>`,
      beside: new Map([
        [
          first.segment.frame,
          html`<p>Data-Level Length ${first.option.dataLevelLength}: the ${payloadOf(first.segment).length} octets of the payload. Implied: data sequence number IDSN + 1, Subflow Sequence Number 1. And because both agreed on checksums, a checksum.</p>`,
        ],
      ]),
      worked: html`<p>The sum runs over a pseudo-header and the data, 16 bits at a time, as TCP's does, but with the 64-bit data sequence number in the place of addresses. A box that shortens, lengthens or shifts the data cannot know it.</p>${checksumDerivation(
        `The checksum of frame ${first.segment.frame}`,
        {
          dataSequenceNumber: BigInt.asUintN(64, idsn(phoneKey) + 1n),
          subflowSequenceNumber: 1,
          dataLevelLength: first.option.dataLevelLength!,
        },
        payloadOf(first.segment),
        first.option.checksum!,
      )}`,
    },
    {
      title: 'You can reach me there, too',
      from: addAddr.segment.frame,
      text: html`<p>The server has a second address and advertises it with <a href="options/add-addr.html">ADD_ADDR</a>: address number ${addAddr.option.addressId}, ${address}, no port, so the one that the phone dialled. It rides on an ACK of its own, which overtakes the answer to the first data. The HMAC proves that it was the server who said it, and not somebody who slipped one segment in.</p>`,
      beside: new Map([
        [
          addAddr.segment.frame,
          html`<p>TCP's acknowledgement number in this segment is still that of the handshake: the first words have not been acknowledged yet.</p>`,
        ],
        [
          echo.segment.frame,
          html`<p>The echo: the same without the HMAC, and with E set. Had it not come, Linux would have advertised again.</p>`,
        ],
      ]),
      worked: html`<p>The message is the number, the address, and a port, which is two zeros since the option has none. The sender's key comes first. The <em>last</em> 64 bits are sent; of a join's HMAC it is the first ones.</p>${hmacDerivation(
        `The HMAC of frame ${addAddr.segment.frame}`,
        [
          ['the server’s key', serverKey],
          ['the phone’s key', phoneKey],
        ],
        [
          ['address id', Uint8Array.of(addAddr.option.addressId)],
          ['address', addAddr.option.address],
          ['port', Uint8Array.of(0, 0)],
        ],
        addAddr.option.truncatedHmac!,
        'last',
      )}`,
    },
    {
      title: 'Two ways to count',
      from: firstAck.segment.frame,
      text: html`<p>Now the everyday option, <a href="options/dss.html">DSS</a>. In frame ${answer.segment.frame} the server answers. The segment has two sets of numbers: TCP's, for this subflow, and MPTCP's, for the stream.</p>`,
      beside: new Map([
        [
          firstAck.segment.frame,
          html`<p>Two acknowledgements in one segment. TCP's: the octets arrived on this subflow. The Data ACK: they arrived in the stream. It is the phone's IDSN + 1, plus the ${payloadOf(first.segment).length} octets.</p>`,
        ],
        [
          answer.segment.frame,
          html`<p>The mapping: ${mapped.dataLevelLength} octets, which on this subflow begin at octet ${mapped.subflowSequenceNumber}, are the stream from ${String(mapped.dataSequenceNumber)} on: IDSN + 1, worked out above from the server's key. Relative to the IDSN, as tools show them, the numbers are 1 to ${mapped.dataLevelLength}.</p>`,
        ],
      ]),
    },
    {
      title: 'A second subflow',
      from: join.segment.frame,
      text: html`<p>The phone takes up the offer. From its other address it opens a TCP connection to ${address}, and ties it to the first with <a href="options/mp-join.html">MP_JOIN</a>. Four segments: name, proof, proof, and a sign that the last proof arrived.</p>`,
      beside: new Map([
        [
          join.segment.frame,
          html`<p>The token ${hex8(join.option.receiverToken)} is the server's, worked out above: <em>the connection that you call so</em>. Address ${join.option.addressId} is the phone's number for the address it comes from. The nonce is random, and will be part of both proofs. No key is sent here, or ever again.</p>`,
        ],
        [
          joinAnswer.segment.frame,
          html`<p>The server knows the token, and both keys. It proves it with the first 64 bits of an HMAC, and adds a nonce of its own. Its address has number ${joinAnswer.option.addressId}, as advertised.</p>`,
        ],
        [
          joinAck.segment.frame,
          html`<p>The phone's proof, 160 bits. Everything hangs on this ACK, and nothing acknowledges ACKs; so the phone sends no data here before it hears from the server, and would repeat it.</p>`,
        ],
        [fourth.frame, html`<p>The sign: an ACK with a DSS. The subflow is up.</p>`],
      ]),
      worked: html`<p>Look at the order. In the server's proof the server's key and nonce come first; in the phone's, the phone's. Whoever sends the HMAC is first. It is the mistake that every implementation makes once.</p>
${hmacDerivation(
  `The server’s proof, frame ${joinAnswer.segment.frame}`,
  [
    ['the server’s key', serverKey],
    ['the phone’s key', phoneKey],
  ],
  [
    ['the server’s nonce', u32(nonceB)],
    ['the phone’s nonce', u32(nonceA)],
  ],
  joinAnswer.option.truncatedHmac,
  'first',
)}
${hmacDerivation(
  `The phone’s proof, frame ${joinAck.segment.frame}`,
  [
    ['the phone’s key', phoneKey],
    ['the server’s key', serverKey],
  ],
  [
    ['the phone’s nonce', u32(nonceA)],
    ['the server’s nonce', u32(nonceB)],
  ],
  joinAck.option.hmac,
  'first',
)}`,
    },
    {
      title: 'Still in the kitchen',
      from: kitchen.frame,
      text: html`<p>Two subflows are there, and the phone has something to say. Linux sends where the least waits to be sent. Nothing does, so it takes the first.</p>`,
      beside: new Map([
        [
          kitchen.frame,
          html`<p>Subflow Sequence Number ${kitchenMapping.subflowSequenceNumber}, because ${payloadOf(first.segment).length} octets went before on this subflow. In the stream it is octet ${kitchen.data!.start}.</p>`,
        ],
      ]),
      worked: checksumDerivation(
        `The checksum of frame ${kitchen.frame}`,
        { ...kitchenMapping, dataSequenceNumber: BigInt(kitchenMapping.dataSequenceNumber) },
        payloadOf(kitchen),
        kitchenMapping.checksum!,
      ),
    },
    {
      title: 'The Wi-Fi gets weak',
      from: prio.segment.frame,
      text: html`<p>The phone's path manager sees it and marks the first network as a backup. One bit, in an option of ${size(prio)} octets: <a href="options/mp-prio.html">MP_PRIO</a>. It concerns the subflow that it is sent on.</p>`,
      beside: new Map([
        [
          prio.segment.frame,
          html`<p>B set: use this one only while no other works. A No-Operation behind it makes the option list a multiple of four octets.</p>`,
        ],
      ]),
    },
    {
      title: 'Same stream, other path',
      from: street.frame,
      text: html`<p>The next words leave over the second network. To the program nothing has happened.</p>`,
      beside: new Map([
        [
          street.frame,
          html`<p>On this subflow these are octets ${1} to ${payloadOf(street).length}; in the stream ${street.data!.start} to ${street.data!.end - 1}. The Data ACK is about what arrived over the other subflow: acknowledgements of the stream go any way.</p>`,
        ],
        [reply.frame, html`<p>The server respects the wish, and answers on the second subflow, too.</p>`],
      ]),
    },
    {
      title: 'The Wi-Fi is gone',
      from: remove.segment.frame,
      text: html`<p>The address is lost. The phone says so, over the subflow that is left: <a href="options/remove-addr.html">REMOVE_ADDR</a>, with the number of the address of the first subflow, which is always 0. Both close that subflow.</p>`,
      beside: new Map([
        [
          remove.segment.frame,
          html`<p>An id and no HMAC: all that a forger could achieve is what a RST does as well.</p>`,
        ],
        [
          firstFin.frame,
          html`<p>TCP's FIN ends this subflow. It does not end the stream: there is no DATA_FIN. (In this lab the phone could still send it. With the radio really gone, it would time out.)</p>`,
        ],
      ]),
    },
    {
      title: 'Goodbye',
      from: goodbye.frame,
      text: html`<p>One connection, begun on a subflow that no longer exists.</p>`,
      beside: new Map([
        [goodbye.frame, html`<p>Octets ${goodbye.data!.start} to ${goodbye.data!.end - 1} of the phone's stream.</p>`],
      ]),
    },
    {
      title: 'The end of the stream',
      from: fin.segment.frame,
      text: html`<p>The phone's program is done. DATA_FIN is a bit in DSS that comes with a mapping, of length ${finMapping.dataLevelLength} and without octets: the end itself has a number, ${String(finMapping.dataSequenceNumber)}, so that it can be acknowledged. Its Subflow Sequence Number is ${finMapping.subflowSequenceNumber}: it is no octet of any subflow.</p>`,
      beside: new Map([
        [
          fin.segment.frame,
          html`<p>The checksum is over the pseudo-header alone. Linux repeats the DATA_FIN until it is acknowledged, here ${repeats} times.</p>`,
        ],
        [finAck.frame, html`<p>The Data ACK is one more than the DATA_FIN's number.</p>`],
        [serverFin.segment.frame, html`<p>The server has nothing to add either, and ends its own stream.</p>`],
      ]),
      worked: checksumDerivation(
        `The checksum of frame ${fin.segment.frame}: no data`,
        { ...finMapping, dataSequenceNumber: BigInt(finMapping.dataSequenceNumber) },
        new Uint8Array(0),
        finMapping.checksum!,
      ),
    },
    {
      title: 'The end of the subflow',
      from: lastFin.frame,
      text: html`<p>With both streams ended and acknowledged, the last subflow is closed as TCP closes: FIN, FIN, ACK. The tokens ${hex8(token(phoneKey))} and ${hex8(token(serverKey))} are free again.</p>`,
      beside: new Map(),
    },
  ];
}

/** Each direction's stream: who carried which octets. */
function streamTable(segments: readonly PlacedSegment[], frames: ReadonlyMap<number, Segment>): Markup {
  const table = (from: 'client' | 'server', who: string) => {
    const own = segments.filter((segment) => segment.from === from && segment.data !== undefined);
    return html`<h3>From the ${who}</h3><div class="scroll"><table class="stream"><thead><tr><th scope="col">In the stream</th><th scope="col">Text</th><th scope="col">Carried by</th><th scope="col">On the subflow</th><th scope="col">Frame</th></tr></thead><tbody>${own.map(
      (segment) => {
        const { tcp } = frames.get(segment.frame)!;
        const start = ssnOf(segment);
        return html`<tr class="lane-${segment.subflow}"><td>${segment.data!.start} to ${segment.data!.end - 1}</td><td><q>${Buffer.from(tcp.payload).toString().trimEnd()}</q></td><td><span class="swatch"></span>${segment.interface ?? segment.subflow}</td><td>${start} to ${start + tcp.payload.length - 1}</td><td><a href="#frame-${segment.frame}">${segment.frame}</a></td></tr>`;
      },
    )}</tbody></table></div>`;
  };
  return html`<h2 id="stream">The stream, put together</h2>
<p>What the two programs saw: one stream each way. What the mappings say: which octets came from where.</p>
${table('client', 'phone')}${table('server', 'server')}`;
}

function ssnOf({ options }: PlacedSegment): number {
  for (const option of options)
    if (option.type === 'DSS' && option.mapping) return option.mapping.subflowSequenceNumber;
  return 1;
}
