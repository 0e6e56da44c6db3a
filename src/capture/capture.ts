/**
 * Captures, whatever their container: pcap and pcapng, either gzipped.
 *
 * @module
 */
import { Feed } from './feed.ts';
import { inflate, isGzip } from './inflate.ts';
import { type CapturedPacket, CaptureError, type Damage, type PacketSlot } from './packet.ts';
import { PcapPackets, pcapFileHeader } from './pcap.ts';
import { BLOCK, isSection, PcapngPackets, SECTION_HEADER } from './pcapng.ts';
import { ENOUGH_TO_TELL, resemblance } from './resemble.ts';

/** What to do beside giving packets. */
export interface ReadOptions {
  /** Called at the end of a capture that had damage. */
  readonly onDamage?: ((damage: Damage) => void) | undefined;
}

/**
 * Reads a capture that arrives in chunks. Allocates nothing per packet, and holds no more than a
 * chunk and the longest record; gzip has to be inflated before.
 *
 * @example
 * ```ts
 * const reader = new CaptureReader();
 * for await (const chunk of source) {
 *   reader.push(chunk);
 *   while (reader.next()) use(reader.bytes, reader.offset, reader.length);
 * }
 * reader.end();
 * while (reader.next()) use(reader.bytes, reader.offset, reader.length);
 * ```
 */
export class CaptureReader implements PacketSlot {
  /** Number of the frame, from 1, as Wireshark counts them; 0 before the first. */
  frame = 0;
  /** Time of the packet since the epoch: seconds, and the nanoseconds to add (0 to 999 999 999). */
  seconds = 0;
  nanoseconds = 0;
  /** LINKTYPE_ value. */
  linkType = 0;
  /** Buffer that holds the packet until the next call of {@link next} or {@link push}. */
  bytes: Uint8Array;
  /** Offset in {@link bytes} of the packet's first octet. */
  offset = 0;
  /** Octets captured. */
  length = 0;
  /** Octets on the wire. */
  originalLength = 0;
  /** Name of the interface, where the file gives one. */
  interface: string | undefined = undefined;

  readonly #feed = new Feed();
  #packets: PcapPackets | PcapngPackets | undefined = undefined;

  constructor() {
    this.bytes = this.#feed.bytes;
  }

  /** First damage met so far. */
  get damage(): Damage | undefined {
    return this.#feed.damage;
  }

  /** Offset in the file after the last packet. */
  get position(): number {
    return this.#feed.position;
  }

  /** Give the next chunk. It must stay as it is until {@link next} has returned `false`; then it may be overwritten. */
  push(chunk: Uint8Array): void {
    this.#feed.push(chunk);
  }

  /**
   * Say that no further chunk comes; {@link next} then gives what is left.
   *
   * @param brokenOff - why the octets end here, where they should not
   */
  end(brokenOff?: string): void {
    this.#feed.ended = true;
    if (brokenOff !== undefined) this.#feed.damaged(this.#feed.position, brokenOff, 0);
  }

  /**
   * Move to the next packet; `false` where its octets have not arrived, or at the end.
   *
   * @throws CaptureError where the octets are no capture
   */
  next(): boolean {
    return this.#packets === undefined ? this.#open() : this.#packets.next();
  }

  /** Tell the container by its magic number. */
  #open(): boolean {
    const feed = this.#feed;
    if (feed.require(4)) {
      const { view, at } = feed;
      const header = fileHeader(view, at);
      if (header !== undefined) {
        if (!feed.require(header)) {
          if (feed.ended && feed.damage === undefined) feed.damaged(0, 'the file header is cut', feed.end - feed.at);
          return false;
        }
        if (!isSectionType(feed.view, feed.at)) this.#packets = new PcapPackets(feed, this);
        else if (isSection(feed.view, feed.at)) this.#packets = new PcapngPackets(feed, this);
        if (this.#packets !== undefined) return this.#packets.next();
      }
    }
    if (!feed.require(ENOUGH_TO_TELL) && !feed.ended) return false;
    const found = feed.bytes.subarray(feed.at, feed.end);
    const like = found.length === 0 ? (feed.damage?.message ?? 'empty') : `looks like ${resemblance(found)}`;
    throw new CaptureError(`not a capture: ${like}`, 0);
  }
}

/**
 * Whether octets begin as a capture does.
 *
 * @internal
 */
export function isCapture(bytes: Uint8Array): boolean {
  if (bytes.length < 4) return false;
  return fileHeader(new DataView(bytes.buffer, bytes.byteOffset, 4), 0) !== undefined;
}

/** Octets of the file header that a magic number begins, else `undefined`. */
function fileHeader(view: DataView, at: number): number | undefined {
  return isSectionType(view, at) ? SECTION_HEADER : pcapFileHeader(view, at);
}

function isSectionType(view: DataView, at: number): boolean {
  return view.getUint32(at) === BLOCK.section;
}

/**
 * Read the packets of a capture. Their octets are copies, to keep.
 *
 * Damage ends nothing that is readable: packets before it and, where the format lets them be found,
 * behind it are given; `options.onDamage` hears of it at the end.
 *
 * @param source - pcap or pcapng, gzipped or not
 * @throws CaptureError where the octets are no capture; what `source` itself throws
 *
 * @example
 * ```ts
 * for await (const packet of readCapture(file.stream())) console.log(packet.frame, packet.bytes.length);
 * ```
 */
export async function* readCapture(
  source: ReadableStream<Uint8Array> | AsyncIterable<Uint8Array> | Uint8Array,
  options: ReadOptions = {},
): AsyncGenerator<CapturedPacket> {
  if (source instanceof Uint8Array && !isGzip(source)) {
    yield* readCaptureSync(source, options);
    return;
  }
  const reader = new CaptureReader();
  let brokenOff: string | undefined;
  const note = (message: string): void => {
    brokenOff = message;
  };
  for await (const chunk of inflate(chunks(source), note)) {
    reader.push(chunk);
    while (reader.next()) yield packet(reader, reader.bytes.slice(reader.offset, reader.offset + reader.length));
  }
  reader.end(brokenOff);
  while (reader.next()) yield packet(reader, reader.bytes.slice(reader.offset, reader.offset + reader.length));
  if (reader.damage !== undefined) options.onDamage?.(reader.damage);
}

/**
 * Read the packets of a capture that is in memory. Their octets alias `bytes`.
 *
 * Gzip needs {@link readCapture}: no inflation at once is part of the web platform.
 *
 * @throws CaptureError where the octets are no capture, or gzipped
 */
export function* readCaptureSync(bytes: Uint8Array, options: ReadOptions = {}): Generator<CapturedPacket> {
  const reader = new CaptureReader();
  reader.push(bytes);
  reader.end();
  while (reader.next()) yield packet(reader, reader.bytes.subarray(reader.offset, reader.offset + reader.length));
  if (reader.damage !== undefined) options.onDamage?.(reader.damage);
}

function packet(reader: CaptureReader, bytes: Uint8Array): CapturedPacket {
  return {
    frame: reader.frame,
    time: BigInt(reader.seconds) * 1_000_000_000n + BigInt(reader.nanoseconds),
    linkType: reader.linkType,
    bytes,
    originalLength: reader.originalLength,
    interface: reader.interface,
  };
}

/** The chunks of any source; a stream that is left early is cancelled. */
async function* chunks(
  source: ReadableStream<Uint8Array> | AsyncIterable<Uint8Array> | Uint8Array,
): AsyncGenerator<Uint8Array> {
  if (source instanceof Uint8Array) yield source;
  else if (Symbol.asyncIterator in source) yield* source;
  else {
    // Safari's streams are not iterable.
    const reader = (source as ReadableStream<Uint8Array>).getReader();
    try {
      for (let read = await reader.read(); !read.done; read = await reader.read()) yield read.value;
    } finally {
      await reader.cancel();
    }
  }
}
