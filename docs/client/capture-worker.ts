/** Traces captures beside the page: reads files in chunks, renders what the page asks for. */
import { CaptureReader, readCapture } from '../../src/capture/capture.ts';
import { inflate } from '../../src/capture/inflate.ts';
import { inTimeOrder, TimeWindow } from '../../src/capture/order.ts';
import type { CapturedPacket, Damage } from '../../src/capture/packet.ts';
import { explain } from '../../src/explain/explain.ts';
import {
  connectionHead,
  connectionTables,
  connectionTimeline,
  findingList,
  overview,
  reportPage,
  segmentTable,
} from '../../src/report/html.ts';
import { SegmentLog } from '../../src/report/log.ts';
import { html, type Markup } from '../../src/report/markup.ts';
import { octetsFigure } from '../../src/report/octets.ts';
import { type PlacedSegment, placeSegments } from '../../src/report/place.ts';
import { segmentAt, timelineSvg } from '../../src/report/timeline.ts';
import { verdictMark } from '../../src/report/verdict.ts';
import { formatSeconds, kindOf } from '../../src/report/words.ts';
import type { ReportConnection, TraceReport } from '../../src/trace/report.ts';
import { Tracer } from '../../src/trace/tracer.ts';
import type { Answer, Request } from './messages.ts';

/** Segments that the page lists at once: enough to read, few enough to lay out at once. */
const LISTED = 150;
/** Lines of the overview. */
const OVERVIEW = 200;

let files: readonly File[] = [];
let report: TraceReport | undefined;
let log = new SegmentLog();
/** Segments of connections that a second reading has gathered. */
const gathered = new Map<number, readonly PlacedSegment[]>();

function say(answer: Answer): void {
  postMessage(answer);
}

addEventListener('message', ({ data }: MessageEvent<Request>) => {
  answer(data).catch((error: unknown) => say({ type: 'failed', message: (error as Error).message }));
});

async function answer(request: Request): Promise<void> {
  if (request.type === 'trace') {
    await trace(request.files);
    return;
  }
  if (report === undefined) return;
  if (request.type === 'report') {
    const page = reportPage(report, log, { title: files.map(({ name }) => name).join(', '), keys: request.keys });
    say({ type: 'file', name: 'report.html', mime: 'text/html', text: page });
    return;
  }
  const connection = report.connections[request.connection];
  if (connection === undefined) return;
  const segments = await segmentsOf(connection);
  if (request.type === 'connection') showConnection(connection, segments, request.keys);
  else if (request.type === 'drawing') {
    const svg = timelineSvg(connection, segments, { alone: true, keys: request.keys });
    say({ type: 'file', name: `connection-${connection.id}.svg`, mime: 'image/svg+xml', text: svg.text });
  } else if (request.type === 'point') showSegment(segmentAt(connection, segments, request));
  else showSegment(segments.find(({ frame }) => frame === request.frame));
}

async function trace(given: readonly File[]): Promise<void> {
  files = given;
  gathered.clear();
  const tracer = new Tracer();
  log = new SegmentLog().listen(tracer);
  const damage = await readAll((packet) => {
    tracer.push(packet);
    log.push(packet);
  }, 'Tracing');
  report = tracer.report(damage);
  say({ type: 'part', part: 'overview', html: overview(report, OVERVIEW).text });
  const outer = report.findings.length > 0 ? findingList(report.findings).text : '';
  say({ type: 'part', part: 'outer', html: outer });
  say({ type: 'traced', connections: report.connections.length });
}

/** Give every packet of the files, in order of time, and tell how far it is. The first damage met, in words. */
async function readAll(take: (packet: CapturedPacket) => void, what: string): Promise<string | undefined> {
  const total = files.reduce((sum, { size }) => sum + size, 0);
  let read = 0;
  let packets = 0;
  let told = 0;
  const counted = (file: File) =>
    file.stream().pipeThrough(
      new TransformStream<Uint8Array, Uint8Array>({
        transform(chunk, to) {
          read += chunk.length;
          if (performance.now() - told > 80) {
            told = performance.now();
            say({ type: 'progress', what, read, total, packets });
          }
          to.enqueue(chunk);
        },
      }),
    );
  const [file] = files;
  let damage: string | undefined;
  if (files.length === 1 && file !== undefined) {
    damage = await readOne(counted(file), (packet) => {
      packets++;
      take(packet);
    });
  } else {
    const sources = files.map((one) => {
      const onDamage = ({ message }: Damage) => {
        damage ??= `${one.name}: ${message}`;
      };
      return inTimeOrder(readCapture(counted(one), { onDamage }));
    });
    for await (const packet of merged(sources)) {
      packets++;
      take({ ...packet, frame: packets });
    }
  }
  say({ type: 'progress', what, read, total, packets });
  return damage;
}

/** One file, without a promise for each packet. */
async function readOne(
  stream: ReadableStream<Uint8Array>,
  take: (packet: CapturedPacket) => void,
): Promise<string | undefined> {
  const reader = new CaptureReader();
  const window = new TimeWindow();
  let brokenOff: string | undefined;
  const drain = () => {
    while (reader.next()) {
      const { frame, linkType, originalLength, offset, length } = reader;
      const time = BigInt(reader.seconds) * 1_000_000_000n + BigInt(reader.nanoseconds);
      const bytes = reader.bytes.slice(offset, offset + length);
      window.push({ frame, time, linkType, bytes, originalLength, interface: reader.interface });
      for (let packet = window.next(); packet !== undefined; packet = window.next()) take(packet);
    }
  };
  const source = stream.getReader();
  const chunks = (async function* () {
    for (let step = await source.read(); !step.done; step = await source.read()) yield step.value;
  })();
  const note = (message: string) => {
    brokenOff = message;
  };
  for await (const chunk of inflate(chunks, note)) {
    reader.push(chunk);
    drain();
  }
  reader.end(brokenOff);
  drain();
  window.end();
  for (let packet = window.next(); packet !== undefined; packet = window.next()) take(packet);
  return reader.damage?.message;
}

/** Several captures as one, by time. */
async function* merged(sources: readonly AsyncGenerator<CapturedPacket>[]): AsyncGenerator<CapturedPacket> {
  const heads = await Promise.all(sources.map((source) => source.next()));
  for (;;) {
    let oldest = -1;
    for (const [i, head] of heads.entries()) {
      if (!head.done && (oldest < 0 || head.value.time < heads[oldest]!.value.time)) oldest = i;
    }
    if (oldest < 0) return;
    yield heads[oldest]!.value;
    heads[oldest] = await sources[oldest]!.next();
  }
}

/** The segments of a connection; read again where the first reading had no room for all. */
async function segmentsOf(connection: ReportConnection): Promise<readonly PlacedSegment[]> {
  const known = gathered.get(connection.id);
  if (known !== undefined) return known;
  let own = log;
  if (log.dropped > 0) {
    own = new SegmentLog({ only: connection });
    for (const [frame, verdicts] of log.verdicts) own.verdicts.set(frame, verdicts);
    await readAll((packet) => own.push(packet), `Reading connection ${connection.id}`);
  }
  const segments = placeSegments(connection, own);
  gathered.set(connection.id, segments);
  if (gathered.size > 4) gathered.delete(gathered.keys().next().value!);
  return segments;
}

/** In parts, so that the page stays quick between them. */
function showConnection(connection: ReportConnection, segments: readonly PlacedSegment[], keys: boolean): void {
  const options = { keys, segments: LISTED };
  const part = (name: 'head' | 'timeline' | 'tables' | 'segments', markup: Markup | '') => {
    say({ type: 'part', part: name, html: markup.toString() });
  };
  part('head', connectionHead(connection, segments, options));
  part('timeline', segments.length > 0 ? connectionTimeline(connection, segments, options) : '');
  part('tables', connectionTables(connection));
  part('segments', segments.length > 0 ? segmentTable(connection, segments, options) : '');
  say({ type: 'shown', connection: connection.id });
}

/** A segment's header, octet by octet. */
function showSegment(segment: PlacedSegment | undefined): void {
  if (segment === undefined) return;
  const { frame, header, at, from, verdicts } = segment;
  const figure = octetsFigure(header, explain(header, 'tcp'), { caption: `TCP header of frame ${frame}` });
  const shown = html`<h3 tabindex="-1">Frame ${frame}: ${kindOf(segment)} from ${from}, ${formatSeconds(at)}</h3><p>${verdicts.map(({ verdict }) => verdictMark(verdict.is))}</p>${figure}`;
  say({ type: 'part', part: 'segment', html: shown.text });
}
