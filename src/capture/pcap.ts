/**
 * Packets of a pcap file (libpcap's own format; draft-ietf-opsawg-pcap).
 *
 * ```text
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +---------------------------------------------------------------+
 * |                          Magic Number                         |  file header
 * +-------------------------------+-------------------------------+
 * |         Major Version         |         Minor Version         |
 * +-------------------------------+-------------------------------+
 * |                           Reserved1                           |
 * +---------------------------------------------------------------+
 * |                           Reserved2                           |
 * +---------------------------------------------------------------+
 * |                            SnapLen                            |
 * +-------+-+---------------------+-------------------------------+
 * |FCS len|f|          0          |           LinkType            |
 * +-------+-+---------------------+-------------------------------+
 * |                      Timestamp (seconds)                      |  each packet
 * +---------------------------------------------------------------+
 * |            Timestamp (microseconds or nanoseconds)            |
 * +---------------------------------------------------------------+
 * |                    Captured Packet Length                     |
 * +---------------------------------------------------------------+
 * |                    Original Packet Length                     |
 * +---------------------------------------------------------------+
 * ```
 *
 * All numbers have the byte order of the magic number.
 *
 * @module
 */
import type { Feed } from './feed.ts';
import { LONGEST_PACKET, type PacketSlot } from './packet.ts';

/** What a magic number says of the file. */
interface Variant {
  /** Octets of the file header. */
  readonly fileHeader: number;
  /** Octets before each packet. */
  readonly packetHeader: number;
  /** Nanoseconds in a unit of the timestamp's fraction. */
  readonly unit: 1 | 1000;
}

/** Magic number of a file whose times are in nanoseconds. */
export const PCAP_NANOSECONDS = 0xa1b23c4d;

const VARIANTS: ReadonlyMap<number, Variant> = /* @__PURE__ */ new Map([
  [0xa1b2c3d4, { fileHeader: 24, packetHeader: 16, unit: 1000 }],
  [PCAP_NANOSECONDS, { fileHeader: 24, packetHeader: 16, unit: 1 }],
  // Kuznetsov's patches (old Linux distributions, FRITZ!Box routers): interface, protocol and packet type follow.
  [0xa1b2cd34, { fileHeader: 24, packetHeader: 24, unit: 1000 }],
  // Ixia's lcap, of hardware and of software: the octets of all packets follow the file header.
  [0x1c0001ac, { fileHeader: 28, packetHeader: 16, unit: 1000 }],
  [0x1c0001ab, { fileHeader: 28, packetHeader: 16, unit: 1000 }],
]);

/** Octets of the file header where the first four octets are a pcap magic number in either byte order, else `undefined`. */
export function pcapFileHeader(view: DataView, at: number): number | undefined {
  return (VARIANTS.get(view.getUint32(at, true)) ?? VARIANTS.get(view.getUint32(at)))?.fileHeader;
}

/** Seconds by which consecutive packets may differ for a search among damage to believe in the second. */
const DAY = 86_400;

export class PcapPackets {
  readonly #feed: Feed;
  readonly #slot: PacketSlot;
  readonly #little: boolean;
  readonly #header: number;
  readonly #unit: number;
  /** Versions before 2.4 may have the two lengths swapped. */
  readonly #old: boolean;
  readonly #probe = (): boolean | undefined => this.#sound();

  /** Consumes the file header, which has to be there. */
  constructor(feed: Feed, slot: PacketSlot) {
    const { view, at } = feed;
    this.#feed = feed;
    this.#slot = slot;
    this.#little = VARIANTS.has(view.getUint32(at, true));
    const variant = VARIANTS.get(view.getUint32(at, this.#little))!;
    this.#header = variant.packetHeader;
    this.#unit = variant.unit;
    this.#old = view.getUint16(at + 4, this.#little) === 2 && view.getUint16(at + 6, this.#little) < 4;
    slot.linkType = view.getUint32(at + 20, this.#little) & 0xffff;
    feed.at += variant.fileHeader;
  }

  /** Put the next packet into the slot; `false` where its octets have not arrived. */
  next(): boolean {
    const feed = this.#feed;
    const slot = this.#slot;
    const header = this.#header;
    const little = this.#little;
    while (feed.search(header, this.#probe) && feed.require(header)) {
      const seconds = feed.view.getUint32(feed.at, little);
      const fraction = feed.view.getUint32(feed.at + 4, little);
      let captured = feed.view.getUint32(feed.at + 8, little);
      let original = feed.view.getUint32(feed.at + 12, little);
      if (this.#old && captured > original) [captured, original] = [original, captured];
      if (captured > LONGEST_PACKET) {
        feed.lose(`a packet of ${captured} octets, more than ${LONGEST_PACKET}`);
      } else if ((seconds | fraction | captured | original) === 0) {
        feed.lose('zeros in the place of a packet');
      } else if (!feed.require(header + captured)) {
        if (!feed.ended) return false;
        feed.lose('the file ends within a packet');
      } else {
        const nanoseconds = fraction * this.#unit;
        slot.frame++;
        slot.seconds = nanoseconds < 1e9 ? seconds : seconds + Math.floor(nanoseconds / 1e9);
        slot.nanoseconds = nanoseconds < 1e9 ? nanoseconds : nanoseconds % 1e9;
        slot.bytes = feed.bytes;
        slot.offset = feed.at + header;
        slot.length = captured;
        slot.originalLength = original;
        feed.at += header + captured;
        return true;
      }
    }
    if (feed.ended && feed.at < feed.end) {
      feed.lose('the file ends within a packet');
      feed.search(header, this.#probe);
    }
    return false;
  }

  /**
   * Whether two packets in a row, or one and the end of the file, look sound from here: lengths in
   * order, times close to the last good packet's and to each other.
   */
  #sound(): boolean | undefined {
    const feed = this.#feed;
    const known = this.#slot.frame > 0;
    const seconds = feed.view.getUint32(feed.at, this.#little);
    const captured = this.#plausible(feed.at, known ? this.#slot.seconds : seconds);
    if (captured === 0) return false;
    const size = this.#header + captured;
    if (feed.require(size + this.#header)) return this.#plausible(feed.at + size, seconds) > 0;
    return feed.ended ? known && feed.end - feed.at === size : undefined;
  }

  /** Captured length of the packet whose header is at `at` of the feed's buffer, or 0 where it does not look sound. */
  #plausible(at: number, seconds: number): number {
    const { view } = this.#feed;
    const captured = view.getUint32(at + 8, this.#little);
    const original = view.getUint32(at + 12, this.#little);
    if (captured > original || original > LONGEST_PACKET) return 0;
    if (view.getUint32(at + 4, this.#little) * this.#unit >= 1e9) return 0;
    return Math.abs(view.getUint32(at, this.#little) - seconds) > DAY ? 0 : captured;
  }
}
