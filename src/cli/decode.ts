/**
 * `decode`: each packet's MPTCP options, one packet at a time, in file order.
 *
 * @module
 */
import { CaptureReader } from '../capture/capture.ts';
import { inflate } from '../capture/inflate.ts';
import { CaptureError } from '../capture/packet.ts';
import { detect, type Layer, type Link, linkOf } from '../explain/detect.ts';
import { FrameCursor } from '../ip/frame.ts';
import { LinkType } from '../ip/link.ts';
import { decodeOption } from '../mptcp/option.ts';
import { decodeOptionList } from '../tcp/options.ts';
import type { TextOptions } from '../text/json.ts';
import { decodeBareTcp, decodePacket, type MptcpPacket, packetAt } from '../text/packet.ts';
import { countOf, FLAGS, oneOf, parse, VALUES, wantsColor } from './args.ts';
import { CommandError, Status, usage } from './exit.ts';
import { type CaptureInput, type HexInput, openInput } from './input.ts';
import type { Io } from './io.ts';
import { UnknownLinks } from './links.ts';
import { Progress } from './progress.ts';
import { type Sink, sinkOf } from './sink.ts';

const HELP = `Usage: mptcp-codec decode [FILE|HEX|-] [options]

Prints one line for each packet that carries MPTCP options, in file order, as packets come.
The input is a capture (pcap or pcapng, gzipped or not) or hex (bare, or a dump of xxd, hexdump -C,
tcpdump -xx, text2pcap); which of them, its content tells.

  -r FILE             the same as FILE; - is standard input
  -o FORMAT           text (default), ndjson, json (one array), csv
  -e FIELD            a column of csv; may be repeated. Our names (frame, senderKey, mapping.checksum,
                      MP_JOIN.nonce, options) or Wireshark's (tcp.options.mptcp.sendkey)
  -c N                stop after N packets
  --all               print TCP packets without MPTCP options too
  --hex               the argument, or what the file or standard input holds, is hex
  --as LAYER          hex begins with: option, options (a TCP option list), tcp, ip, frame
  --no-keys           leave keys out: with them, others can join a live connection
  --color WHEN        auto (default), always, never
  --no-progress       no progress on standard error
  -q, -v              say less, say more on standard error
  -n                  does nothing: names are never resolved
`;

/** Run the command; its exit status. */
export async function run(args: readonly string[], io: Io): Promise<number> {
  const { values, positionals } = parse(args, {
    ...FLAGS,
    ...VALUES,
    all: { type: 'boolean' },
    field: { type: 'string', short: 'e', multiple: true },
  });
  if (values.help) {
    io.stdout.write(HELP);
    return Status.OK;
  }
  const format = oneOf('-o', values.output, ['text', 'ndjson', 'json', 'csv']);
  if (values.field !== undefined && format !== 'csv') throw usage('-e names columns of -o csv');
  const as = values.as === undefined ? undefined : oneOf('--as', values.as, LAYERS);
  const count = countOf('-c', values.count);
  const color = wantsColor(values.color, io);
  const text: TextOptions = { keys: !values['no-keys'] };
  const all = values.all === true;
  const sink = await sinkOf(format, { text, color, all, columns: values.field }, io.stdout);
  const input = await openInput(positionals, { read: values.read, hex: values.hex }, io);
  const job: Job = {
    io,
    sink,
    count,
    as,
    all,
    quiet: values.quiet === true,
    verbose: values.verbose === true,
  };
  if (input.kind === 'hex') return decodeHex(input, job);
  if (as !== undefined) {
    await input.close();
    throw usage(`--as ${as} is for hex, ${input.name} is a capture`);
  }
  const watched = io.stderr.isTTY && !io.stdout.isTTY && !values.quiet && !values['no-progress'];
  return decodeCapture(input, job, new Progress(watched ? io.stderr : undefined, input.size));
}

const LAYERS = ['option', 'options', 'tcp', 'ip', 'frame'] as const satisfies readonly Layer[];

/** What is to be done with an input. */
interface Job {
  readonly io: Io;
  readonly sink: Sink;
  /** Packets to print. */
  readonly count: number;
  /** Layer that hex begins with, where it was said. */
  readonly as: Layer | undefined;
  /** Print packets without MPTCP. */
  readonly all: boolean;
  readonly quiet: boolean;
  readonly verbose: boolean;
}

async function decodeCapture(input: CaptureInput, job: Job, progress: Progress): Promise<number> {
  const { io, sink } = job;
  const reader = new CaptureReader();
  const packets = new PacketPrinter(reader, job);
  let octets = 0;
  let brokenOff: string | undefined;
  const counted = async function* (): AsyncGenerator<Uint8Array> {
    for await (const chunk of input.chunks) {
      octets += chunk.length;
      yield chunk;
    }
  };
  const isOver = (): boolean => packets.done || io.signal.aborted;
  let failure: unknown;
  try {
    for await (const chunk of inflate(counted(), (message) => (brokenOff = message))) {
      reader.push(chunk);
      packets.print();
      // From a pipe, packets are shown as they come.
      if (input.size === undefined) sink.lines?.flush();
      io.stdout.flush();
      progress.update(octets, reader.frame);
      if (isOver()) break;
    }
    if (!isOver()) {
      reader.end(brokenOff);
      packets.print();
    }
  } catch (error) {
    if (error instanceof CaptureError) throw new CommandError(Status.DATA, `${input.name}: ${error.message}`);
    failure = error;
  } finally {
    progress.clear();
  }
  sink.end();
  if (failure !== undefined) throw failure;
  if (!job.quiet) packets.summarize(input.name);
  if (reader.damage === undefined || isOver()) return Status.OK;
  const { at, message, lostOctets } = reader.damage;
  throw new CommandError(Status.DATA, `${input.name}: damaged at octet ${at}: ${message} (${lostOctets} octets lost)`);
}

/** Prints the packets of a reader that carry MPTCP. */
class PacketPrinter {
  readonly #reader: CaptureReader;
  readonly #job: Job;
  readonly #cursor = new FrameCursor();
  readonly #links = new UnknownLinks();
  #printed = 0;
  #segments = 0;
  #cut = 0;

  constructor(reader: CaptureReader, job: Job) {
    this.#reader = reader;
    this.#job = job;
  }

  /** As many packets were printed as were asked for. */
  get done(): boolean {
    return this.#printed >= this.#job.count;
  }

  /** Print what the reader has. */
  print(): void {
    const reader = this.#reader;
    const cursor = this.#cursor;
    while (!this.done && reader.next()) {
      if (!cursor.reset(reader.linkType, reader.bytes, reader.offset, reader.length, reader.originalLength)) {
        this.#links.meet(reader.linkType);
        continue;
      }
      this.#segments++;
      if (cursor.optionsCut) this.#cut++;
      if (this.#put()) this.#printed++;
    }
  }

  /** Print the packet under the cursor, if it is one to print. */
  #put(): boolean {
    const { sink, all } = this.#job;
    const reader = this.#reader;
    if (sink.lines !== undefined) return sink.lines.packet(reader, this.#cursor);
    const time = BigInt(reader.seconds) * 1_000_000_000n + BigInt(reader.nanoseconds);
    const packet = packetAt(this.#cursor, { frame: reader.frame, time, interface: reader.interface }, all);
    if (packet !== undefined) sink.packet(packet);
    return packet !== undefined;
  }

  /** Say what the capture lacks, and with -v what it has. */
  summarize(name: string): void {
    const { verbose, io } = this.#job;
    io.stderr.write(this.#links.report(name));
    if (this.#cut > 0) {
      io.stderr.write(`${name}: the options of ${this.#cut} packets are cut: capture with -s 128 or more\n`);
    }
    if (!verbose) return;
    io.stderr.write(
      `${name}: ${this.#reader.frame} packets, ${this.#segments} TCP segments, ${this.#printed} printed\n`,
    );
  }
}

function decodeHex({ name, dump }: HexInput, job: Job): number {
  const { io, sink, verbose, quiet } = job;
  const { packets, style } = dump;
  if (verbose)
    io.stderr.write(`${name}: ${style === 'dump' ? 'a hex dump' : 'bare hex'}, packets: ${packets.length}\n`);
  let printed = 0;
  for (const [i, bytes] of packets.entries()) {
    const layer = job.as ?? detect(bytes);
    if (verbose && job.as === undefined) {
      io.stderr.write(`packet ${i + 1}: taken as ${PHRASES[layer]} (--as says otherwise)\n`);
    }
    printed += printHex(bytes, layer, i + 1, job);
    if (printed >= job.count) break;
  }
  sink.end();
  if (printed === 0 && !quiet) {
    const taken = packets.length === 1 ? PHRASES[job.as ?? detect(packets[0]!)] : `${packets.length} packets`;
    io.stderr.write(`${name}: no MPTCP option in ${taken}\n`);
  }
  return Status.OK;
}

const PHRASES: Readonly<Record<Layer, string>> = {
  option: 'one option',
  options: 'a list of TCP options',
  tcp: 'a TCP header',
  ip: 'an IP packet',
  frame: 'a frame',
};

/** Print the octets of one packet, or of its options; how many lines that made. */
function printHex(bytes: Uint8Array, layer: Layer, frame: number, { io, sink, all, quiet }: Job): number {
  if (layer === 'option') {
    const option = decodeOption(bytes);
    const size = option.type === 'MALFORMED' ? option.bytes.length : bytes[1]!;
    sink.option(option);
    if (size < bytes.length && !quiet)
      io.stderr.write(`packet ${frame}: ${bytes.length - size} octets behind the option\n`);
    return 1;
  }
  if (layer === 'options') {
    const options = decodeOptionList(bytes).filter((item) => 'type' in item);
    for (const option of options) sink.option(option);
    return options.length;
  }
  const packet = layer === 'tcp' ? tcpOf(bytes, frame, all) : frameOf(bytes, layer, frame, all);
  if (packet === undefined) return 0;
  sink.packet(packet);
  return 1;
}

function tcpOf(bytes: Uint8Array, frame: number, all: boolean): MptcpPacket | undefined {
  if (bytes.length < 20) return undefined;
  const packet = decodeBareTcp(bytes, frame);
  return all || packet.options.length > 0 || packet.optionsError !== undefined ? packet : undefined;
}

/** LINKTYPE_ value of each link header that can be told by its octets. */
const LINK_TYPES: Readonly<Record<Link, number>> = {
  ethernet: LinkType.ethernet,
  vlan: LinkType.ethernet,
  sll: LinkType.linuxSll,
  sll2: LinkType.linuxSll2,
  null: LinkType.null,
  raw: LinkType.raw,
};

function frameOf(bytes: Uint8Array, layer: Layer, frame: number, all: boolean): MptcpPacket | undefined {
  const linkType = layer === 'ip' ? LinkType.raw : LINK_TYPES[linkOf(bytes) ?? 'ethernet'];
  const packet = decodePacket({ frame, time: 0n, linkType, bytes, originalLength: bytes.length }, all);
  return packet === undefined ? undefined : { ...packet, time: undefined };
}
