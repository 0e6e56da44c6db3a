/**
 * `trace`: what happened to MPTCP in a capture.
 *
 * @module
 */
import process from 'node:process';
import type { CapturedPacket } from '../capture/packet.ts';
import type { TextOptions } from '../text/json.ts';
import { ConnectionLines, VerdictLog } from '../text/lane.ts';
import { colored, plain } from '../text/paint.ts';
import { connectionLine, eventLine, JSON_EVENTS, reportLines } from '../text/report.ts';
import { formatTrace } from '../text/trace.ts';
import { StreamOrder, type StreamPiece } from '../trace/follow.ts';
import {
  type HostName,
  hasError,
  isError,
  type Outline,
  type ReportConnection,
  type ReportOf,
  type TraceReport,
} from '../trace/report.ts';
import { Tracer } from '../trace/tracer.ts';
import { countOf, FLAGS, oneOf, parse, VALUES, wantsColor } from './args.ts';
import { captureNames, capturePaths, type Reading, type ReadingOptions, readCaptures } from './captures.ts';
import { CommandError, Status, usage } from './exit.ts';
import type { Io } from './io.ts';

const HELP = `Usage: mptcp-codec trace [FILE...|-] [options]

Says what happened to MPTCP: connections, subflows, addresses, data, the verdict on every HMAC,
checksum and key that can be checked, and findings: what went wrong, what it means, what to do.
Several captures (pcap or pcapng, gzipped or not) are merged by time, and their packets numbered
as mergecap would. Interrupted (Ctrl-C), it reports what it has.

  -r FILE             the same as FILE; - is standard input
  -o FORMAT           text (default); json (one object); ndjson (an object for each connection,
                      then one for the capture); html (one file with timelines, to pass on: without
                      keys, unless --keys)
  --events            with -o ndjson: an object for each event, as packets come
  --packets ID        the segments of a connection, a column for each subflow, with verdicts
  --follow ID[:HOST]  the data that HOST (client, the default, or server) sent, put in order, to
                      standard output; gaps are told on standard error
  -S                  with --packets: sequence numbers as on the wire, not counted from the start
  -c N                stop after N packets
  --no-keys, --keys   leave keys out: with them, others can join a live connection; put them into
                      html, too
  --exit-zero         exit with 0 whatever was found
  --color WHEN        auto (default), always, never
  --no-progress       no progress on standard error
  -q, -v              findings only; everything about every connection
  -n                  does nothing: names are never resolved

Exit status: 0, or 1 where a finding is an error; 65 where the capture is damaged.
`;

/** Run the command; its exit status. */
export async function run(args: readonly string[], io: Io): Promise<number> {
  const { values, positionals } = parse(args, {
    ...FLAGS,
    ...VALUES,
    read: { type: 'string', short: 'r', multiple: true },
    events: { type: 'boolean' },
    packets: { type: 'string' },
    follow: { type: 'string' },
    absolute: { type: 'boolean', short: 'S' },
    'exit-zero': { type: 'boolean' },
    keys: { type: 'boolean' },
  });
  if (values.help) {
    io.stdout.write(HELP);
    return Status.OK;
  }
  for (const name of ['hex', 'as'] as const) if (values[name] !== undefined) throw usage(`--${name} is for decode`);
  const modes = (['events', 'packets', 'follow'] as const).filter((name) => values[name] !== undefined);
  if (modes.length > 1) throw usage(`--${modes.join(' and --')}: one of them at a time`);
  const format = oneOf('-o', values.output ?? (values.events ? 'ndjson' : undefined), [
    'text',
    'ndjson',
    'json',
    'html',
  ]);
  if (values.events && format !== 'ndjson') throw usage('--events is -o ndjson');
  if ((values.packets ?? values.follow) !== undefined && format !== 'text') throw usage(`--${modes[0]} is text`);
  if (values.keys && (format !== 'html' || values['no-keys']))
    throw usage('--keys is for -o html: keys are in the rest');
  const color = wantsColor(values.color, io);
  const streaming = values.events === true || values.follow !== undefined;
  const job: Job = {
    io,
    paths: capturePaths(positionals, values.read, io),
    reading: {
      count: countOf('-c', values.count),
      progress: isWatched(io, streaming) && !values.quiet && !values['no-progress'],
      quiet: values.quiet,
      onChunk: () => io.stdout.flush(),
    },
    text: { keys: !values['no-keys'] },
    paint: color ? colored : plain,
    absolute: values.absolute === true,
    verbose: values.verbose === true,
    quiet: values.quiet === true,
    exitZero: values['exit-zero'] === true,
  };
  if (values.packets !== undefined) return packets(idOf('--packets', values.packets), job);
  if (values.follow !== undefined) return follow(values.follow, job);
  if (values.events) return events(job);
  return format === 'html' ? page(values.keys === true, job) : overview(format, job);
}

/** What is to be done. */
interface Job {
  readonly io: Io;
  readonly paths: readonly string[];
  readonly reading: ReadingOptions;
  readonly text: TextOptions;
  readonly paint: typeof plain;
  readonly absolute: boolean;
  readonly verbose: boolean;
  readonly quiet: boolean;
  readonly exitZero: boolean;
}

/** Whether progress can be seen, and disturbs no output. */
export function isWatched(io: Io, streaming: boolean): boolean {
  return io.stderr.isTTY && !(streaming && io.stdout.isTTY);
}

/** Columns to write in. */
export function widthOf(io: Io): number {
  return io.stdout.isTTY ? Math.min(120, Math.max(60, process.stdout.columns ?? 100)) : 100;
}

/** The exit status of a report; thrown where reading went wrong, which by now has been told. */
export function statusOf(
  report: ReportOf<ReportConnection | Outline>,
  { damage, failure }: Reading,
  exitZero: boolean,
): number {
  if (failure !== undefined) throw failure;
  if (damage !== undefined) throw new CommandError(Status.DATA, `damaged: ${damage}`);
  const failed = report.findings.some(isError) || report.connections.some(hasError);
  return !exitZero && failed ? Status.FOUND : Status.OK;
}

async function overview(format: 'text' | 'ndjson' | 'json', job: Job): Promise<number> {
  const { io, paths, text, paint, verbose, quiet } = job;
  const tracer = new Tracer();
  const reading = await readCaptures(paths, io, tracer, { ...job.reading, onChunk: undefined });
  if (format === 'text') {
    const report = tracer.report(reading.damage);
    const name = captureNames(paths);
    io.stdout.write(formatTrace(report, { width: widthOf(io), paint, verbose, quiet, keys: text.keys, name }));
    return statusOf(report, reading, job.exitZero);
  }
  const report = tracer.outlines(reading.damage);
  const { schema, capture, connections, findings } = report;
  if (format === 'json') {
    for (const line of reportLines(report, text)) io.stdout.write(line);
  } else {
    for (const one of connections) io.stdout.write(`${connectionLine(one, text)}\n`);
    io.stdout.write(`${JSON.stringify({ schema, capture, findings })}\n`);
  }
  return statusOf(report, reading, job.exitZero);
}

/** The report as one file that loads nothing and runs nothing. */
async function page(keys: boolean, { io, paths, reading, exitZero }: Job): Promise<number> {
  const [{ reportPage }, { SegmentLog }] = await Promise.all([import('../report/html.ts'), import('../report/log.ts')]);
  const tracer = new Tracer();
  const log = new SegmentLog().listen(tracer);
  const push = (packet: CapturedPacket): void => {
    tracer.push(packet);
    log.push(packet);
  };
  const read = await readCaptures(paths, io, { push }, { ...reading, onChunk: undefined });
  const report = tracer.report(read.damage);
  const made = new Date().toISOString().slice(0, 10);
  io.stdout.write(reportPage(report, log, { title: captureNames(paths), made, keys }));
  return statusOf(report, read, exitZero);
}

async function events({ io, paths, reading, text, exitZero }: Job): Promise<number> {
  const tracer = new Tracer();
  for (const name of JSON_EVENTS) tracer.on(name, (event) => io.stdout.write(eventLine(event, text)));
  const read = await readCaptures(paths, io, tracer, reading);
  // What can only be said at the end is told now.
  return statusOf(tracer.report(read.damage), read, exitZero);
}

/** Packets of standard input that are kept for a second look. */
const KEPT = 262_144;

/** Octets kept of each: its headers. */
const HEADERS = 256;

async function packets(id: number, job: Job): Promise<number> {
  const { io, paths, text, paint, absolute, verbose } = job;
  const tracer = new Tracer();
  const verdicts = new VerdictLog(tracer, id);
  const kept: CapturedPacket[] | undefined = paths.includes('-') ? [] : undefined;
  const keep = (packet: CapturedPacket): void => {
    tracer.push(packet);
    if (kept === undefined) return;
    if (kept.length >= KEPT) {
      throw new CommandError(
        Status.DATA,
        `more than ${KEPT} packets on standard input: --packets needs a file to read twice`,
      );
    }
    kept.push({ ...packet, bytes: packet.bytes.slice(0, HEADERS) });
  };
  const sink = kept === undefined ? tracer : { push: keep };
  const reading = await readCaptures(paths, io, sink, { ...job.reading, onChunk: undefined });
  const report = tracer.report(reading.damage);
  const connection = report.connections.find((one) => one.id === id);
  if (connection === undefined) throw unknown(id, report);
  const lines = new ConnectionLines(connection, verdicts, { absolute, keys: text.keys, paint });
  io.stdout.write(`${lines.legend().join('\n')}\n`);
  const write = (packet: CapturedPacket): void => {
    const line = lines.line(packet);
    if (line === undefined) return;
    io.stdout.write(`${line}${verbose && packet.interface !== undefined ? `  (${packet.interface})` : ''}\n`);
  };
  if (kept === undefined) await readCaptures(paths, io, { push: write }, { count: job.reading.count, quiet: true });
  else for (const packet of kept) write(packet);
  return statusOf(report, reading, job.exitZero);
}

async function follow(value: string, job: Job): Promise<number> {
  const { io, paths, quiet, verbose } = job;
  const [id = '', name] = value.split(':', 2);
  const wanted = idOf('--follow', id);
  const host: HostName = oneOf('--follow ID:HOST', name, ['client', 'server']);
  const order = new StreamOrder();
  const tracer = new Tracer();
  let octets = 0;
  const write = (pieces: readonly StreamPiece[]): void => {
    for (const { offset, length, bytes } of pieces) {
      if (bytes !== undefined) {
        io.stdout.write(bytes);
        octets += length;
      } else if (!quiet) {
        io.stderr.write(`gap: ${length} octets from offset ${offset} on were not captured\n`);
      }
    }
  };
  const side = host === 'client' ? 0 : 1;
  tracer.on('data', (data) => {
    if (data.connection.id === wanted && data.side === side) write(order.push(data.offset, data.bytes));
  });
  const reading = await readCaptures(paths, io, tracer, job.reading);
  const report = tracer.report(reading.damage);
  const connection = report.connections.find((one) => one.id === wanted);
  if (connection === undefined) throw unknown(wanted, report);
  write(order.end(connection.data[host === 'client' ? 'fromClient' : 'fromServer'].bytes));
  if (verbose) io.stderr.write(`connection ${wanted}, ${host}: ${octets} octets\n`);
  return statusOf(report, reading, job.exitZero);
}

function idOf(option: string, value: string): number {
  if (!/^\d{1,9}$/.test(value)) throw usage(`${option} takes the number of a connection, got ${value}`);
  return Number(value);
}

function unknown(id: number, { connections }: TraceReport): CommandError {
  const [first] = connections;
  const last = connections.at(-1);
  if (first === undefined || last === undefined) return usage(`no connection ${id}: there is none in this capture`);
  return usage(
    `no connection ${id}: there ${first === last ? `is ${first.id} only` : `are ${first.id} to ${last.id}`}`,
  );
}
