/**
 * Captures, written: pcap with nanoseconds, pcapng with any number of interfaces.
 *
 * @module
 */
import { putU16, putU32, putU64, unfit } from '../bytes.ts';
import { type CapturedPacket, LONGEST_PACKET } from './packet.ts';
import { PCAP_NANOSECONDS } from './pcap.ts';
import { BLOCK, BYTE_ORDER_MAGIC, INTERFACE_OPTION } from './pcapng.ts';

const SECOND = 1_000_000_000n;

/** What both writers want of a packet. */
export type Written = Pick<CapturedPacket, 'time' | 'linkType' | 'bytes' | 'originalLength' | 'interface'>;

/**
 * Writes a pcap file, big-endian, times in nanoseconds. Such a file has one link type and no interface names.
 *
 * @example
 * ```ts
 * const writer = new PcapWriter();
 * for await (const packet of readCapture(source)) file.write(writer.push(packet));
 * file.write(writer.end());
 * ```
 */
export class PcapWriter {
  #linkType: number | undefined;
  #begun = false;

  /** @param linkType - LINKTYPE_ value; that of the first packet where it is left out */
  constructor(linkType?: number) {
    this.#linkType = linkType;
  }

  /**
   * The octets to append for `packet`.
   *
   * @throws RangeError that names what the file cannot hold: another link type, a time before 1970 or after 2106
   */
  push(packet: Written): Uint8Array<ArrayBuffer> {
    this.#linkType ??= packet.linkType;
    if (packet.linkType !== this.#linkType) {
      throw new RangeError(`linkType must be ${this.#linkType}, as the file's, got ${packet.linkType}`);
    }
    const { bytes, time } = checked(packet);
    const header = this.#header();
    const record = new Uint8Array(header.length + 16 + bytes.length);
    record.set(header);
    let at = putU32(record, header.length, seconds(time), 'time in seconds');
    at = putU32(record, at, Number(time % SECOND), 'time');
    at = putU32(record, at, bytes.length, 'bytes');
    at = putU32(record, at, packet.originalLength, 'originalLength');
    record.set(bytes, at);
    this.#begun = true;
    return record;
  }

  /** The octets that complete the file: its header, where no packet was written. */
  end(): Uint8Array<ArrayBuffer> {
    const header = this.#header();
    this.#begun = true;
    return header;
  }

  #header(): Uint8Array<ArrayBuffer> {
    if (this.#begun) return new Uint8Array(0);
    const header = new Uint8Array(24);
    let at = putU32(header, 0, PCAP_NANOSECONDS, 'magic number');
    at = putU16(header, at, 2, 'major version');
    at = putU16(header, at, 4, 'minor version');
    at = putU32(header, at + 8, LONGEST_PACKET, 'snapLength');
    putU32(header, at, this.#linkType ?? 1, 'linkType');
    return header;
  }
}

/**
 * Writes a pcapng file: one section, big-endian, an interface for each link type and name, times in nanoseconds.
 *
 * Used as {@link PcapWriter} is.
 */
export class PcapngWriter {
  readonly #interfaces = new Map<string, number>();
  #begun = false;

  /**
   * The octets to append for `packet`.
   *
   * @throws RangeError that names what the file cannot hold, such as a time before 1970 or after 2554
   */
  push(packet: Written): Uint8Array<ArrayBuffer> {
    const { bytes, time } = checked(packet);
    const key = JSON.stringify([packet.linkType, packet.interface]);
    const known = this.#interfaces.get(key);
    const body = new Uint8Array(20 + padded(bytes.length));
    let at = putU32(body, 0, known ?? this.#interfaces.size, 'interface');
    at = putU64(body, at, time, 'time');
    at = putU32(body, at, bytes.length, 'bytes');
    at = putU32(body, at, packet.originalLength, 'originalLength');
    body.set(bytes, at);
    const blocks = [this.#section(), block(BLOCK.enhancedPacket, body)];
    if (known === undefined) {
      blocks.splice(1, 0, interfaceBlock(packet));
      this.#interfaces.set(key, this.#interfaces.size);
    }
    this.#begun = true;
    return joined(blocks);
  }

  /** The octets that complete the file: its header, where no packet was written. */
  end(): Uint8Array<ArrayBuffer> {
    const header = this.#section();
    this.#begun = true;
    return header;
  }

  /** Section Header Block of version 1.0, of a length not told. */
  #section(): Uint8Array<ArrayBuffer> {
    if (this.#begun) return new Uint8Array(0);
    const body = new Uint8Array(16);
    let at = putU32(body, 0, BYTE_ORDER_MAGIC, 'byte-order magic');
    at = putU16(body, at, 1, 'major version');
    putU64(body, at + 2, 0xffff_ffff_ffff_ffffn, 'section length');
    return block(BLOCK.section, body);
  }
}

/** Interface Description Block, with its name and a resolution of nanoseconds. */
function interfaceBlock(packet: Written): Uint8Array<ArrayBuffer> {
  const name = new TextEncoder().encode(packet.interface ?? '');
  const options = [option(INTERFACE_OPTION.timeResolution, Uint8Array.of(9)), new Uint8Array(4)];
  if (packet.interface !== undefined) options.unshift(option(INTERFACE_OPTION.name, name));
  const body = joined([new Uint8Array(8), ...options]);
  putU16(body, 0, packet.linkType, 'linkType');
  putU32(body, 4, LONGEST_PACKET, 'snapLength');
  return block(BLOCK.interface, body);
}

function option(code: number, value: Uint8Array): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(4 + padded(value.length));
  const at = putU16(bytes, putU16(bytes, 0, code, 'option'), value.length, 'interface');
  bytes.set(value, at);
  return bytes;
}

function block(type: number, body: Uint8Array): Uint8Array<ArrayBuffer> {
  const length = body.length + 12;
  const bytes = new Uint8Array(length);
  bytes.set(body, putU32(bytes, putU32(bytes, 0, type, 'block type'), length, 'block length'));
  putU32(bytes, length - 4, length, 'block length');
  return bytes;
}

function joined(pieces: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}

function padded(length: number): number {
  return Math.ceil(length / 4) * 4;
}

function checked(packet: Written): Written {
  if (packet.bytes.length > LONGEST_PACKET) {
    throw new RangeError(`bytes must be at most ${LONGEST_PACKET} octets, got ${packet.bytes.length}`);
  }
  if (typeof packet.time !== 'bigint') throw unfit('time', packet.time, 'a bigint of nanoseconds', 'bigint');
  return packet;
}

/** Whole seconds of a time; RangeError where it is before 1970. */
function seconds(time: bigint): number {
  if (time < 0n) throw new RangeError(`time must not be negative, got ${time}`);
  return Number(time / SECOND);
}
