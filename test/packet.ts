/**
 * Frames for tests: Ethernet, IPv4 or IPv6, TCP, with right lengths and checksums.
 *
 * @module
 */
import type { CapturedPacket } from '../src/capture/packet.ts';
import { parseAddress } from '../src/ip/address.ts';
import { ACK } from '../src/tcp/flags.ts';
import { encodeOptionList, type OptionItem } from '../src/tcp/options.ts';

export { ACK, FIN, PSH, RST, SYN } from '../src/tcp/flags.ts';

/** What a packet says; what is left out has the value given here. */
export interface PacketParts {
  /** Source address, IPv4 or IPv6: `10.1.0.1`. */
  readonly source?: string | undefined;
  /** Destination address of the same family: `10.1.0.2`, or `fd00::2` for an IPv6 source. */
  readonly destination?: string | undefined;
  /** 50000. */
  readonly sourcePort?: number | undefined;
  /** 443. */
  readonly destinationPort?: number | undefined;
  /** 1000. */
  readonly sequenceNumber?: number | undefined;
  /** 0. */
  readonly acknowledgmentNumber?: number | undefined;
  /** ACK. */
  readonly flags?: number | undefined;
  /** 65535. */
  readonly window?: number | undefined;
  /** No options. */
  readonly options?: readonly OptionItem[] | undefined;
  /** No payload. */
  readonly payload?: Uint8Array | undefined;
}

/** The TCP segment, its checksum over the pseudo-header of these addresses. */
export function tcpSegment(parts: PacketParts = {}): Uint8Array<ArrayBuffer> {
  const { source, destination } = addresses(parts);
  const options = encodeOptionList(parts.options ?? []);
  const payload = parts.payload ?? new Uint8Array(0);
  const segment = new Uint8Array(20 + options.length + payload.length);
  const view = new DataView(segment.buffer);
  view.setUint16(0, parts.sourcePort ?? 50_000);
  view.setUint16(2, parts.destinationPort ?? 443);
  view.setUint32(4, parts.sequenceNumber ?? 1000);
  view.setUint32(8, parts.acknowledgmentNumber ?? 0);
  view.setUint8(12, (5 + options.length / 4) << 4);
  view.setUint8(13, parts.flags ?? ACK);
  view.setUint16(14, parts.window ?? 65_535);
  segment.set(options, 20);
  segment.set(payload, 20 + options.length);
  const pseudo = new Uint8Array(8);
  new DataView(pseudo.buffer).setUint32(0, segment.length);
  pseudo[7] = 6;
  view.setUint16(16, internetChecksum(source, destination, pseudo, segment));
  return segment;
}

/** The IP packet, by the family of the source address. */
export function ipPacket(parts: PacketParts = {}): Uint8Array<ArrayBuffer> {
  return ipHeader(parts, 6, tcpSegment(parts));
}

/** An IP header for `protocol` between the addresses of `parts`, and `body`. */
export function ipHeader(parts: PacketParts, protocol: number, body: Uint8Array): Uint8Array<ArrayBuffer> {
  const { source, destination } = addresses(parts);
  const size = source.length === 4 ? 20 : 40;
  const packet = new Uint8Array(size + body.length);
  const view = new DataView(packet.buffer);
  if (size === 20) {
    view.setUint8(0, 0x45);
    view.setUint16(2, packet.length);
    view.setUint16(6, 0x4000);
    view.setUint8(8, 64);
    view.setUint8(9, protocol);
    packet.set(source, 12);
    packet.set(destination, 16);
    view.setUint16(10, internetChecksum(packet.subarray(0, 20)));
  } else {
    view.setUint8(0, 0x60);
    view.setUint16(4, body.length);
    view.setUint8(6, protocol);
    view.setUint8(7, 64);
    packet.set(source, 8);
    packet.set(destination, 24);
  }
  packet.set(body, size);
  return packet;
}

/** The Ethernet frame, without padding to the minimum. */
export function tcpPacket(parts: PacketParts = {}): Uint8Array<ArrayBuffer> {
  const packet = ipPacket(parts);
  return ethernet(packet[0]! >>> 4 === 4 ? 0x0800 : 0x86dd, packet);
}

/** An Ethernet frame of `type` around `body`. */
export function ethernet(type: number, body: Uint8Array): Uint8Array<ArrayBuffer> {
  const frame = new Uint8Array(14 + body.length);
  frame.set([2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, type >>> 8, type & 0xff]);
  frame.set(body, 14);
  return frame;
}

/** A captured Ethernet frame: 1 ms apart by frame number, from the second 1 700 000 000 on, unless `time` is given. */
export function captured(frame: number, parts: PacketParts = {}, time?: bigint): CapturedPacket {
  const bytes = tcpPacket(parts);
  return {
    frame,
    time: time ?? 1_700_000_000_000_000_000n + BigInt(frame) * 1_000_000n,
    linkType: 1,
    bytes,
    originalLength: bytes.length,
    interface: undefined,
  };
}

/** Ones-complement Internet checksum over `pieces`, all but the last of even length. RFC 1071. */
export function internetChecksum(...pieces: Uint8Array[]): number {
  let sum = 0;
  for (const piece of pieces) {
    for (let i = 0; i < piece.length; i += 2) sum += piece[i]! * 256 + (piece[i + 1] ?? 0);
  }
  return 0xffff - (sum % 0xffff || (sum === 0 ? 0 : 0xffff));
}

function addresses(parts: PacketParts): { source: Uint8Array; destination: Uint8Array } {
  const source = parseAddress(parts.source ?? '10.1.0.1');
  const destination = parseAddress(parts.destination ?? (source.length === 4 ? '10.1.0.2' : 'fd00::2'));
  if (source.length !== destination.length) throw new RangeError('source and destination are of different families');
  return { source, destination };
}
