/**
 * The packets of captures, from files and standard input, in order of time.
 *
 * @module
 */
import { existsSync, statSync } from 'node:fs';
import { u32 } from '../bytes.ts';
import { CaptureReader } from '../capture/capture.ts';
import { inflate } from '../capture/inflate.ts';
import { TimeWindow } from '../capture/order.ts';
import { type CapturedPacket, CaptureError, type PacketSlot } from '../capture/packet.ts';
import { CommandError, Status, usage } from './exit.ts';
import { chunksOf } from './input.ts';
import type { Io } from './io.ts';
import { UnknownLinks } from './links.ts';
import { Progress } from './progress.ts';

/** Takes packets; a `Tracer` does. */
export interface PacketSink {
  /** Take a packet whose octets stay as they are. */
  push(packet: CapturedPacket): void;
  /** Take a packet where it lies, before the next one takes its place. */
  take?(packet: PacketSlot): void;
}

/** How to read. */
export interface ReadingOptions {
  /** Packets to read; all by default. */
  readonly count?: number | undefined;
  /** Show on standard error how far it is. */
  readonly progress?: boolean | undefined;
  /** Do not say which packets are passed over. */
  readonly quiet?: boolean | undefined;
  /** Called when the packets that have arrived so far were taken. */
  readonly onChunk?: (() => void) | undefined;
}

/** How reading ended. */
export interface Reading {
  /** What was wrong with the captures, where something was. */
  readonly damage: string | undefined;
  /** Why reading broke off, where it did: to be thrown once all that was read is out. */
  readonly failure: unknown;
}

/** The first four octets of pcapng. */
const PCAPNG = 0x0a0d0d0a;

/** Octets of memory that packets are put into together. */
const ROOM = 0x10000;

/** The captures that a command line names: FILE, `-r FILE`, or standard input where there is neither. */
export function capturePaths(positionals: readonly string[], read: readonly string[] | undefined, io: Io): string[] {
  const paths = [...(read ?? []), ...positionals];
  if (paths.length === 0) {
    if (io.stdin.isTTY) throw usage('no input: name a capture, or pipe one in');
    return ['-'];
  }
  if (paths.filter((path) => path === '-').length > 1) throw usage('- is standard input, which can be read once');
  for (const path of paths) {
    if (path !== '-' && !existsSync(path)) throw new CommandError(Status.NO_INPUT, `no such file: ${path}`);
  }
  return paths;
}

/** What to call the captures in a headline. */
export function captureNames(paths: readonly string[]): string {
  const names = paths.map((path) => (path === '-' ? 'standard input' : path));
  return names.length > 4 ? `${names.slice(0, 3).join(', ')} and ${names.length - 3} more` : names.join(', ');
}

/**
 * Give the packets of captures to `sink`, in order of time. Several captures are merged, and
 * their packets numbered as `mergecap` would.
 *
 * @throws CommandError where one of them is no capture
 */
export async function readCaptures(
  paths: readonly string[],
  io: Io,
  sink: PacketSink,
  { count = Number.POSITIVE_INFINITY, progress = false, quiet = false, onChunk }: ReadingOptions = {},
): Promise<Reading> {
  const sources = paths.map((path) => new CaptureSource(path, io, quiet));
  const shown = new Progress(progress ? io.stderr : undefined, sizeOf(paths));
  let taken = 0;
  let failure: unknown;
  const isOver = (): boolean => taken >= count || io.signal.aborted;
  const arrived = (): void => {
    const octets = sources.reduce((sum, source) => sum + source.octets, 0);
    shown.update(octets, taken);
    onChunk?.();
  };
  try {
    const [first] = sources;
    if (sources.length === 1 && first !== undefined) {
      while (!isOver() && (await first.fill())) {
        taken += first.give(sink, count - taken);
        arrived();
      }
    } else {
      for (let next = await earliest(sources, arrived); next !== undefined; next = await earliest(sources, arrived)) {
        sink.push({ ...next, frame: ++taken });
        if (isOver()) break;
      }
    }
  } catch (error) {
    if (error instanceof CommandError && error.status === Status.DATA) throw error;
    failure = error;
  } finally {
    shown.clear();
    for (const source of sources) await source.close();
  }
  const damages = sources.flatMap(({ damage }) => damage ?? []);
  return { damage: isOver() || damages.length === 0 ? undefined : damages.join('; '), failure };
}

/** The oldest packet of several captures, whose chunks are read as needed. */
async function earliest(sources: readonly CaptureSource[], arrived: () => void): Promise<CapturedPacket | undefined> {
  let best: CaptureSource | undefined;
  for (const source of sources) {
    while (source.head === undefined && (await source.fill())) arrived();
    if (source.head !== undefined && (best?.head === undefined || source.head.time < best.head.time)) best = source;
  }
  return best?.shift();
}

/** One capture, read chunk by chunk. */
export class CaptureSource {
  /** Octets read of the file. */
  octets = 0;
  readonly #name: string;
  readonly #io: Io;
  readonly #quiet: boolean;
  readonly #reader: CaptureReader = new CaptureReader();
  readonly #window: TimeWindow = new TimeWindow();
  readonly #chunks: AsyncGenerator<Uint8Array>;
  readonly #links: UnknownLinks = new UnknownLinks();
  #brokenOff: string | undefined = undefined;
  #ended = false;
  /** The capture comes in order: pcap does, pcapng has several interfaces, each in its own order. */
  #ordered: boolean | undefined = undefined;
  #head: CapturedPacket | undefined = undefined;
  /** Where the octets of packets go: memory for each one alone takes longer than all else that reading does. */
  #room: Uint8Array = new Uint8Array(0);

  /** @param quiet - do not say which packets are passed over */
  constructor(path: string, io: Io, quiet = false) {
    this.#name = captureNames([path]);
    this.#io = io;
    this.#quiet = quiet;
    this.#chunks = inflate(this.#counted(path), (message) => {
      this.#brokenOff = message;
    });
  }

  /** What is wrong with it, where something is. */
  get damage(): string | undefined {
    const { damage } = this.#reader;
    if (damage === undefined) return undefined;
    return `${damage.message} at octet ${damage.at} of ${this.#name} (${damage.lostOctets} octets lost)`;
  }

  /** The next packet in order of time, of those that have arrived. */
  get head(): CapturedPacket | undefined {
    this.#head ??= this.#ordered === true ? this.#packet() : this.#sorted();
    return this.#head;
  }

  /** Take {@link head}. */
  shift(): CapturedPacket | undefined {
    const { head } = this;
    this.#head = undefined;
    return head;
  }

  /**
   * Read a chunk; `false` where there is none left and all that arrived was taken.
   *
   * @throws CommandError where this is no capture
   */
  async fill(): Promise<boolean> {
    if (this.#ended) return false;
    const { value } = await this.#chunks.next();
    if (value === undefined) {
      this.#ended = true;
      if (!this.#io.signal.aborted) this.#reader.end(this.#brokenOff);
    } else {
      this.#ordered ??= value.length < 4 ? undefined : u32(value, 0) !== PCAPNG;
      this.#reader.push(value);
    }
    return true;
  }

  /** Give a sink what has arrived, `most` packets at most; gives how many there were. */
  give(sink: PacketSink, most: number): number {
    let given = 0;
    if (sink.take !== undefined && this.#ordered === true) {
      for (; given < most && this.#next(); given++) sink.take(this.#reader);
      return given;
    }
    for (; given < most && this.head !== undefined; given++) sink.push(this.shift() as CapturedPacket);
    return given;
  }

  /** No more is wanted; says which packets were passed over. */
  async close(): Promise<void> {
    await this.#chunks.return(undefined);
    if (!this.#quiet) this.#io.stderr.write(this.#links.report(this.#name));
  }

  /** The next packet in order of time, once all that has arrived is in the window. */
  #sorted(): CapturedPacket | undefined {
    for (let packet = this.#packet(); packet !== undefined; packet = this.#packet()) this.#window.push(packet);
    if (this.#ended) this.#window.end();
    return this.#window.next();
  }

  /** The next packet of the file, of those that have arrived. */
  #packet(): CapturedPacket | undefined {
    if (!this.#next()) return undefined;
    const { frame, seconds, nanoseconds, linkType, bytes, offset, length, originalLength } = this.#reader;
    const time = BigInt(seconds) * 1_000_000_000n + BigInt(nanoseconds);
    if (this.#room.length < length) this.#room = new Uint8Array(Math.max(ROOM, length));
    const own = this.#room.subarray(0, length);
    own.set(bytes.subarray(offset, offset + length));
    this.#room = this.#room.subarray(length);
    return { frame, time, linkType, bytes: own, originalLength, interface: this.#reader.interface };
  }

  #next(): boolean {
    try {
      const there = this.#reader.next();
      if (there) this.#links.meet(this.#reader.linkType);
      return there;
    } catch (error) {
      if (error instanceof CaptureError) throw new CommandError(Status.DATA, `${this.#name}: ${error.message}`);
      throw error;
    }
  }

  async *#counted(path: string): AsyncGenerator<Uint8Array> {
    for await (const chunk of chunksOf(path, this.#io)) {
      this.octets += chunk.length;
      yield chunk;
    }
  }
}

/** Octets of all files; `undefined` where one is no file. */
function sizeOf(paths: readonly string[]): number | undefined {
  let sum = 0;
  for (const path of paths) {
    const found = path === '-' ? undefined : statSync(path);
    if (found?.isFile() !== true) return undefined;
    sum += found.size;
  }
  return sum;
}
