/**
 * Packets of a pcapng file (draft-ietf-opsawg-pcapng): sections of blocks.
 *
 * ```text
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +---------------------------------------------------------------+
 * |                          Block Type                           |
 * +---------------------------------------------------------------+
 * |                      Block Total Length                       |
 * +---------------------------------------------------------------+
 * /                          Block Body                           /
 * /              variable length, padded to 32 bits               /
 * +---------------------------------------------------------------+
 * |                      Block Total Length                       |
 * +---------------------------------------------------------------+
 * ```
 *
 * A Section Header Block sets the byte order of all that follows it, and forgets the interfaces.
 * The total length at both ends of a block is what tells damage from blocks that nobody knows.
 *
 * @module
 */
import type { Feed } from './feed.ts';
import { LONGEST_PACKET, type PacketSlot } from './packet.ts';

/** Block types. */
export const BLOCK = {
  interface: 1,
  packet: 2,
  simplePacket: 3,
  nameResolution: 4,
  interfaceStatistics: 5,
  enhancedPacket: 6,
  systemdJournal: 9,
  decryptionSecrets: 10,
  custom: 0x0bad,
  customNotCopied: 0x40000bad,
  section: 0x0a0d0d0a,
} as const;

/** Byte-order magic of a Section Header Block. */
export const BYTE_ORDER_MAGIC = 0x1a2b3c4d;

/** Octets of a Section Header Block up to its byte-order magic. */
export const SECTION_HEADER = 12;

/** Whether the {@link SECTION_HEADER} octets at `at` begin a section, in either byte order. */
export function isSection(view: DataView, at: number): boolean {
  return view.getUint32(at) === BLOCK.section && byteOrder(view, at) !== undefined;
}

/** Whether the section whose header is at `at` is little-endian; `undefined` where its magic is neither. */
function byteOrder(view: DataView, at: number): boolean | undefined {
  if (view.getUint32(at + 8, true) === BYTE_ORDER_MAGIC) return true;
  return view.getUint32(at + 8) === BYTE_ORDER_MAGIC ? false : undefined;
}

/** Options of an Interface Description Block. */
export const INTERFACE_OPTION = { name: 2, timeResolution: 9, timeOffset: 14 } as const;

/** Octets of a block without body. */
const FRAME = 12;
/** Octets of the longest block, as Wireshark has it. */
const LONGEST_BLOCK = 1 << 24;
/** Interfaces that a section may have: each costs memory that only the end of its section gives back. */
const MOST_INTERFACES = 65_536;
/** Octets of an interface's name that are kept. */
const LONGEST_NAME = 255;

/** Whether a search among damage takes `type` for a block's. */
function isKnown(type: number): boolean {
  if (type <= BLOCK.decryptionSecrets) return type > 0 && type !== 7 && type !== 8;
  return type === BLOCK.section || type === BLOCK.custom || type === BLOCK.customNotCopied;
}

/** Whether a block can have this total length. */
function isLength(length: number): boolean {
  return length >= FRAME && length <= LONGEST_BLOCK && length % 4 === 0;
}

interface Interface {
  readonly linkType: number;
  /** Most octets captured of a packet; 0: all. */
  readonly snapLength: number;
  readonly name: string | undefined;
  /** Ticks in a second. */
  readonly resolution: bigint;
  /** Nanoseconds in a tick, where it is micro- or nanoseconds; else 0. */
  readonly unit: number;
  /** Seconds to add. */
  readonly offset: number;
}

export class PcapngPackets {
  readonly #feed: Feed;
  readonly #slot: PacketSlot;
  #little = false;
  #interfaces: Interface[] = [];
  readonly #probe = (): boolean | undefined => this.#sound();

  constructor(feed: Feed, slot: PacketSlot) {
    this.#feed = feed;
    this.#slot = slot;
  }

  /** Put the next packet into the slot; `false` where its octets have not arrived. */
  next(): boolean {
    const feed = this.#feed;
    while (feed.search(FRAME, this.#probe) && feed.require(FRAME)) {
      const type = this.#type();
      const length = feed.view.getUint32(feed.at + 4, this.#little);
      if (type === undefined) {
        feed.lose('a section header that has no byte order');
      } else if (!isLength(length)) {
        feed.lose(`a block that declares ${length} octets`);
      } else if (!feed.require(length)) {
        if (!feed.ended) return false;
        feed.lose('the file ends within a block');
      } else if (feed.view.getUint32(feed.at + length - 4, this.#little) !== length) {
        feed.lose(`a block that declares ${length} octets and ends in another length`);
      } else {
        feed.at += length;
        if (this.#block(type, feed.at - length, length)) return true;
      }
    }
    if (feed.ended && feed.at < feed.end) {
      feed.lose('the file ends within a block');
      feed.search(FRAME, this.#probe);
    }
    return false;
  }

  /** Type of the block that is next; of a section header, its byte order is taken over, `undefined` where it has none. */
  #type(): number | undefined {
    const { view, at } = this.#feed;
    const type = view.getUint32(at, this.#little);
    if (type !== BLOCK.section) return type;
    const little = byteOrder(view, at);
    if (little === undefined) return undefined;
    this.#little = little;
    return type;
  }

  /** Take a whole block; whether it put a packet into the slot. */
  #block(type: number, at: number, length: number): boolean {
    switch (type) {
      case BLOCK.enhancedPacket:
      case BLOCK.packet:
        return this.#packet(type, at, length);
      case BLOCK.simplePacket:
        return this.#simplePacket(at, length);
      case BLOCK.interface:
        return this.#interface(at, length);
      case BLOCK.section:
        this.#interfaces = [];
        return false;
      // Wireshark shows these as frames without a packet: they count, so that frames here are frames there.
      case BLOCK.systemdJournal:
      case BLOCK.custom:
      case BLOCK.customNotCopied:
        this.#slot.frame++;
        return false;
      default:
        return false;
    }
  }

  /** Enhanced Packet Block, and the obsolete Packet Block, whose drop count sits in the interface's upper half. */
  #packet(type: number, at: number, length: number): boolean {
    const { view, bytes } = this.#feed;
    const little = this.#little;
    if (length < 32) return this.#lose('a packet block without its fixed fields', length);
    const id = type === BLOCK.packet ? view.getUint16(at + 8, little) : view.getUint32(at + 8, little);
    const found = this.#interfaces[id];
    if (found === undefined) return this.#lose(`a packet of interface ${id}, which is not described`, length);
    const captured = view.getUint32(at + 20, little);
    if (captured > length - 32 || captured > LONGEST_PACKET) {
      return this.#lose(`a packet of ${captured} octets in a block of ${length}`, length);
    }
    this.#time(found, view.getUint32(at + 12, little), view.getUint32(at + 16, little));
    return this.#put(found, bytes, at + 28, captured, view.getUint32(at + 24, little));
  }

  /** Simple Packet Block: no time, no interface but the first, no captured length. */
  #simplePacket(at: number, length: number): boolean {
    const { view, bytes } = this.#feed;
    const found = this.#interfaces[0];
    if (length < 16) return this.#lose('a packet block without its fixed fields', length);
    if (found === undefined) return this.#lose('a packet of interface 0, which is not described', length);
    const original = view.getUint32(at + 8, this.#little);
    const captured = Math.min(original, found.snapLength || original, length - 16);
    if (captured > LONGEST_PACKET) return this.#lose(`a packet of ${captured} octets`, length);
    this.#slot.seconds = 0;
    this.#slot.nanoseconds = 0;
    return this.#put(found, bytes, at + 12, captured, original);
  }

  #put(from: Interface, bytes: Uint8Array, offset: number, captured: number, original: number): true {
    const slot = this.#slot;
    slot.frame++;
    slot.linkType = from.linkType;
    slot.interface = from.name;
    slot.bytes = bytes;
    slot.offset = offset;
    slot.length = captured;
    slot.originalLength = original;
    return true;
  }

  #lose(message: string, length: number): false {
    this.#feed.damaged(this.#feed.position - length, message, length);
    return false;
  }

  /**
   * Time of a packet, from the halves of its ticks.
   *
   * Micro- and nanoseconds, nearly all there is, are divided without bigint: the quotient of doubles is
   * off by one at most, which the remainder, exact modulo 2^32, shows. 6 ns instead of 60.
   */
  #time(from: Interface, high: number, low: number): void {
    const slot = this.#slot;
    if (from.unit > 0) {
      const perSecond = 1e9 / from.unit;
      let seconds = Math.floor((high * 0x1_0000_0000 + low) / perSecond);
      let rest = (low - Math.imul(seconds, perSecond)) | 0;
      if (rest < 0) {
        rest += perSecond;
        seconds--;
      } else if (rest >= perSecond) {
        rest -= perSecond;
        seconds++;
      }
      slot.seconds = seconds + from.offset;
      slot.nanoseconds = rest * from.unit;
    } else {
      const ticks = (BigInt(high) << 32n) | BigInt(low);
      slot.seconds = Number(ticks / from.resolution) + from.offset;
      slot.nanoseconds = Number(((ticks % from.resolution) * 1_000_000_000n) / from.resolution);
    }
  }

  #interface(at: number, length: number): false {
    const { view, bytes } = this.#feed;
    const little = this.#little;
    if (length < 20) return this.#lose('an interface block without its fixed fields', length);
    if (this.#interfaces.length === MOST_INTERFACES) return false;
    let name: string | undefined;
    let resolution = 1_000_000n;
    let offset = 0n;
    const end = at + length - 4;
    for (let option = at + 16; option + 4 <= end; ) {
      const code = view.getUint16(option, little);
      const size = view.getUint16(option + 2, little);
      const value = option + 4;
      if (code === 0 || value + size > end) break;
      if (code === INTERFACE_OPTION.name) {
        name = new TextDecoder().decode(bytes.subarray(value, value + Math.min(size, LONGEST_NAME)));
      } else if (code === INTERFACE_OPTION.timeResolution && size === 1) {
        const power = view.getUint8(value);
        resolution = power < 0x80 ? 10n ** BigInt(power) : 1n << BigInt(power & 0x7f);
      } else if (code === INTERFACE_OPTION.timeOffset && size === 8) {
        offset = view.getBigInt64(value, little);
      }
      option = value + Math.ceil(size / 4) * 4;
    }
    this.#interfaces.push({
      linkType: view.getUint16(at + 8, little),
      snapLength: view.getUint32(at + 12, little),
      name,
      resolution,
      unit: resolution === 1_000_000n ? 1000 : resolution === 1_000_000_000n ? 1 : 0,
      offset: Number(offset),
    });
    return false;
  }

  /** Whether a block of a known type begins here, and ends in the length it begins with. */
  #sound(): boolean | undefined {
    const feed = this.#feed;
    const type = this.#type();
    if (type === undefined || !isKnown(type)) return false;
    const length = feed.view.getUint32(feed.at + 4, this.#little);
    if (!isLength(length)) return false;
    if (feed.require(length)) return feed.view.getUint32(feed.at + length - 4, this.#little) === length;
    return feed.ended ? false : undefined;
  }
}
