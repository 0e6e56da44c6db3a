/**
 * From a captured frame to its TCP header: link layers, IPv4, IPv6 with extension headers, tunnels.
 *
 * @module
 */
import { EtherType, LinkType, Protocol } from './link.ts';

/** What a frame was found to hold. */
export type Found =
  /** A TCP header, at least its first 20 octets. */
  | 'tcp'
  /** A frame that the capture cut before a TCP header could be found or ruled out. */
  | 'cut'
  /** A fragment of an IP packet, not the first: it has no TCP header. */
  | 'fragment'
  /** Something else. */
  | 'other';

const EMPTY: Uint8Array = /* @__PURE__ */ new Uint8Array(0);
const NO_VIEW: DataView = /* @__PURE__ */ new DataView(/* @__PURE__ */ new ArrayBuffer(0));

/** Headers (tags, labels, tunnels) one inside the other that are unwrapped; a frame with more is `other`. */
const DEEPEST = 16;

/** Type of the attribute that holds the packet. */
const NFLOG_PAYLOAD = 9;

/** Octets of a TCP header without options. */
const TCP_HEADER = 20;

/**
 * Finds the TCP header of a frame without allocating. Reuse one for every frame.
 *
 * Offsets are into {@link bytes}. All fields but `found` mean something only where `found` is `tcp`.
 *
 * @example
 * ```ts
 * const cursor = new FrameCursor();
 * while (reader.next()) {
 *   if (cursor.reset(reader.linkType, reader.bytes, reader.offset, reader.length, reader.originalLength)) {
 *     options.reset(cursor.bytes, cursor.options, cursor.optionsEnd);
 *   }
 * }
 * ```
 */
export class FrameCursor {
  /** Buffer given to {@link reset}. */
  bytes: Uint8Array = EMPTY;
  /** Big-endian access to {@link bytes}; made anew only when the buffer changes. */
  view: DataView = NO_VIEW;
  /** What {@link reset} found. */
  found: Found = 'other';
  /** IP version of the innermost IP header. */
  ipVersion: 4 | 6 = 4;
  /** Offset of the innermost IP header. */
  ip = 0;
  /** Offset of the TCP header. */
  tcp = 0;
  /** Offset where the TCP option list ends, or the capture stops. */
  optionsEnd = 0;
  /** Offset of the first payload octet, which may be past the end of what was captured. */
  payload = 0;
  /** Offset after the last captured octet of the IP packet. */
  #end = 0;
  /** Offset after the last octet that the IP packet, or the frame, had on the wire. */
  #wireEnd = 0;
  /** Headers that may still be unwrapped. */
  #depth = 0;

  // What follows is computed when asked for: stored for each frame, it cost 2 of 23 ns.

  /** Offset of the innermost source address: 4 or 16 octets, by {@link ipVersion}. */
  get source(): number {
    return this.ip + (this.ipVersion === 4 ? 12 : 8);
  }

  /** Offset of the innermost destination address. */
  get destination(): number {
    return this.ip + (this.ipVersion === 4 ? 16 : 24);
  }

  /** Offset of the TCP option list. */
  get options(): number {
    return this.tcp + TCP_HEADER;
  }

  /** The capture stops before the option list ends. */
  get optionsCut(): boolean {
    return this.optionsEnd < Math.min(this.payload, this.#wireEnd);
  }

  /** Payload octets on the wire, as the IP header says, or, where its length is 0 (offloaded segments), the frame. */
  get payloadLength(): number {
    return Math.max(this.#wireEnd - this.payload, 0);
  }

  /** Payload octets captured. */
  get payloadCaptured(): number {
    return Math.max(this.#end - this.payload, 0);
  }

  /** TCP source port. */
  get sourcePort(): number {
    return this.view.getUint16(this.tcp);
  }

  /** TCP destination port. */
  get destinationPort(): number {
    return this.view.getUint16(this.tcp + 2);
  }

  /** Sequence number, 32 bits unsigned. */
  get sequenceNumber(): number {
    return this.view.getUint32(this.tcp + 4);
  }

  /** Acknowledgment number, 32 bits unsigned. */
  get acknowledgmentNumber(): number {
    return this.view.getUint32(this.tcp + 8);
  }

  /** Control bits: FIN 1, SYN 2, RST 4, PSH 8, ACK 16, URG 32, ECE 64, CWR 128. */
  get flags(): number {
    return this.view.getUint8(this.tcp + 13);
  }

  /** Window, unscaled. */
  get window(): number {
    return this.view.getUint16(this.tcp + 14);
  }

  /**
   * Find the TCP header of the frame of `length` octets at `offset`.
   *
   * @param linkType - LINKTYPE_ value of the frame
   * @param originalLength - octets of the frame on the wire
   * @returns whether {@link found} is `tcp`
   */
  reset(linkType: number, bytes: Uint8Array, offset: number, length: number, originalLength: number): boolean {
    if (bytes !== this.bytes) {
      this.bytes = bytes;
      this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    }
    this.#end = Math.min(offset + length, bytes.length);
    this.#wireEnd = Math.max(offset + originalLength, this.#end);
    this.#depth = DEEPEST;
    this.found = this.#link(linkType, offset);
    return this.found === 'tcp';
  }

  /** Where `length` octets at `at` are not captured: what that makes of the frame. */
  #short(at: number, length: number): 'cut' | 'other' {
    return at + length > this.#wireEnd ? 'other' : 'cut';
  }

  #link(linkType: number, at: number): Found {
    switch (linkType) {
      case LinkType.ethernet:
        return this.#typed(at + 12);
      case LinkType.linuxSll:
        return this.#typed(at + 14);
      case LinkType.linuxSll2:
        return at + 20 <= this.#end ? this.#etherType(this.view.getUint16(at), at + 20) : this.#short(at, 20);
      case LinkType.raw:
      case LinkType.rawBsd:
      case LinkType.rawOpenBsd:
      case LinkType.ipv4:
      case LinkType.ipv6:
        return this.#anyIp(at);
      case LinkType.nflog:
        return this.#nflog(at);
      case LinkType.pktap:
      case LinkType.pktapDarwin:
        return this.#pktap(at);
      case LinkType.null:
      case LinkType.loop:
        return this.#loopback(at);
      case LinkType.ppp:
      case LinkType.pppHdlc:
        return this.#ppp(at);
      case LinkType.pppEthernet:
        return this.#ppp(at + 6);
      case LinkType.cHdlc:
        return this.#typed(at + 2);
      default:
        return 'other';
    }
  }

  /** An EtherType at `at`, and behind it what it names. */
  #typed(at: number): Found {
    return at + 2 <= this.#end ? this.#etherType(this.view.getUint16(at), at + 2) : this.#short(at, 2);
  }

  #etherType(type: number, at: number): Found {
    if (type === EtherType.ipv4) return this.#ipv4(at);
    if (type === EtherType.ipv6) return this.#ipv6(at);
    if (this.#depth-- === 0) return 'other';
    switch (type) {
      case EtherType.vlan:
      case EtherType.serviceVlan:
      case EtherType.qinq:
        return this.#typed(at + 2);
      case EtherType.pppoe:
        return this.#ppp(at + 6);
      case EtherType.mpls:
      case EtherType.mplsMulticast:
        return this.#mpls(at);
      case EtherType.bridged:
        return this.#typed(at + 12);
      default:
        return 'other';
    }
  }

  #mpls(at: number): Found {
    if (at + 4 > this.#end) return this.#short(at, 4);
    const bottom = (this.view.getUint8(at + 2) & 1) !== 0;
    return bottom ? this.#anyIp(at + 4) : this.#etherType(EtherType.mpls, at + 4);
  }

  /** PPP: address and control (FF 03) may be left out, and the protocol's first octet where it is 0. RFC 1661 §6. */
  #ppp(at: number): Found {
    if (at + 2 <= this.#end && this.view.getUint16(at) === 0xff03) at += 2;
    if (at + 2 > this.#end) return this.#short(at, 2);
    const short = (this.view.getUint8(at) & 1) !== 0;
    const protocol = short ? this.view.getUint8(at) : this.view.getUint16(at);
    if (protocol === 0x21 || protocol === 0x57) return this.#anyIp(at + (short ? 1 : 2));
    return 'other';
  }

  /** Loopback: the family, in either byte order, is IPv4's everywhere, and IPv6's by system; then the version decides. */
  #loopback(at: number): Found {
    if (at + 4 > this.#end) return this.#short(at, 4);
    const family = this.view.getUint32(at);
    const small = family > 0xffff ? this.view.getUint32(at, true) : family;
    // AF_INET; AF_INET6 of Linux, of BSD, of FreeBSD, of Darwin.
    return small === 2 || small === 10 || small === 24 || small === 28 || small === 30 ? this.#anyIp(at + 4) : 'other';
  }

  /** Linux netfilter log: attributes, their numbers in the order of the host that captured; one is the IP packet. */
  #nflog(at: number): Found {
    let attribute = at + 4;
    while (attribute + 4 <= this.#end) {
      const length = this.view.getUint16(attribute, true);
      if (this.view.getUint16(attribute + 2, true) === NFLOG_PAYLOAD) return this.#anyIp(attribute + 4);
      attribute += Math.max(Math.ceil(length / 4) * 4, 4);
    }
    return this.#short(attribute, 4);
  }

  /** Apple's packet tap: a little-endian header with its own length and the link type of what follows. */
  #pktap(at: number): Found {
    if (at + 12 > this.#end) return this.#short(at, 12);
    if (this.#depth-- === 0) return 'other';
    return this.#link(this.view.getUint32(at + 8, true), at + this.view.getUint32(at, true));
  }

  /** The IP packet ends at `end`: what follows is padding, or a checksum of the link. */
  #limit(end: number): void {
    this.#wireEnd = end;
    if (end < this.#end) this.#end = end;
  }

  /** IPv4 or IPv6, by the version in the first octet. */
  #anyIp(at: number): Found {
    if (at + 1 > this.#end) return this.#short(at, 1);
    const version = this.view.getUint8(at) >>> 4;
    return version === 4 ? this.#ipv4(at) : version === 6 ? this.#ipv6(at) : 'other';
  }

  #ipv4(at: number): Found {
    if (at + 20 > this.#end) return this.#short(at, 20);
    const view = this.view;
    const first = view.getUint8(at);
    const header = (first & 0x0f) * 4;
    if (first >>> 4 !== 4 || header < 20) return 'other';
    const total = view.getUint16(at + 2);
    const end = total === 0 ? this.#wireEnd : at + total;
    if (end < at + header) return 'other';
    this.#limit(end);
    this.ipVersion = 4;
    this.ip = at;
    if ((view.getUint16(at + 6) & 0x1fff) !== 0) return 'fragment';
    const protocol = view.getUint8(at + 9);
    return protocol === Protocol.tcp ? this.#tcp(at + header) : this.#tunnel(protocol, at + header);
  }

  #ipv6(at: number): Found {
    if (at + 40 > this.#end) return this.#short(at, 40);
    const view = this.view;
    if (view.getUint8(at) >>> 4 !== 6) return 'other';
    const length = view.getUint16(at + 4);
    if (length !== 0) this.#limit(at + 40 + length);
    this.ipVersion = 6;
    this.ip = at;
    const next = view.getUint8(at + 6);
    return next === Protocol.tcp ? this.#tcp(at + 40) : this.#extension(next, at + 40);
  }

  /** IPv6 extension headers, each of at least 8 octets. RFC 8200 §4. */
  #extension(next: number, at: number): Found {
    const view = this.view;
    for (;;) {
      switch (next) {
        case Protocol.hopByHop:
        case Protocol.routing:
        case Protocol.destinationOptions:
        case Protocol.authentication:
        case Protocol.mobility:
        case Protocol.hip:
        case Protocol.shim6: {
          if (at + 8 > this.#end) return this.#short(at, 8);
          const length = view.getUint8(at + 1);
          const size = next === Protocol.authentication ? (length + 2) * 4 : (length + 1) * 8;
          next = view.getUint8(at);
          at += size;
          break;
        }
        case Protocol.fragment:
          if (at + 8 > this.#end) return this.#short(at, 8);
          if (view.getUint16(at + 2) >>> 3 !== 0) return 'fragment';
          next = view.getUint8(at);
          at += 8;
          break;
        case Protocol.tcp:
          return this.#tcp(at);
        default:
          return this.#tunnel(next, at);
      }
    }
  }

  #tunnel(protocol: number, at: number): Found {
    if (this.#depth-- === 0) return 'other';
    if (protocol === Protocol.ipv4) return this.#ipv4(at);
    if (protocol === Protocol.ipv6) return this.#ipv6(at);
    if (protocol === Protocol.gre) return this.#gre(at);
    return 'other';
  }

  /** GRE, version 0 (RFC 2784, 2890) with checksum, key and sequence number; without source routes. */
  #gre(at: number): Found {
    if (at + 4 > this.#end) return this.#short(at, 4);
    const flags = this.view.getUint16(at);
    if ((flags & 0x4007) !== 0) return 'other';
    const words = 1 + ((flags >>> 15) & 1) + ((flags >>> 13) & 1) + ((flags >>> 12) & 1);
    return this.#etherType(this.view.getUint16(at + 2), at + 4 * words);
  }

  #tcp(at: number): Found {
    if (at + TCP_HEADER > this.#end) return this.#short(at, TCP_HEADER);
    const header = (this.view.getUint8(at + 12) >>> 4) * 4;
    if (header < TCP_HEADER) return 'other';
    const payload = at + header;
    this.tcp = at;
    this.payload = payload;
    this.optionsEnd = Math.min(payload, this.#end);
    return 'tcp';
  }
}
