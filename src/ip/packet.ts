/**
 * A frame or IP packet as an object: addresses and TCP segment.
 *
 * @module
 */
import { decodeTcp, type TcpSegment } from '../tcp/segment.ts';
import { FrameCursor } from './frame.ts';
import { LinkType } from './link.ts';

/** What was found in a frame: a TCP segment with the addresses of the innermost IP header, or why there is none. */
export type Packet =
  | {
      readonly found: 'tcp';
      readonly ipVersion: 4 | 6;
      /** 4 or 16 octets. Aliases the decoded buffer. */
      readonly source: Uint8Array;
      /** 4 or 16 octets. Aliases the decoded buffer. */
      readonly destination: Uint8Array;
      readonly tcp: TcpSegment;
    }
  | { readonly found: 'cut' | 'fragment' | 'other' };

/**
 * Decode a captured frame. Total: any octets give a value.
 *
 * @param linkType - LINKTYPE_ value, such as 1 for Ethernet
 * @param bytes - the captured octets, exactly
 * @param originalLength - octets of the frame on the wire
 */
export function decodeFrame(linkType: number, bytes: Uint8Array, originalLength: number = bytes.length): Packet {
  const cursor = new FrameCursor();
  cursor.reset(linkType, bytes, 0, bytes.length, originalLength);
  const { found, ipVersion, source, destination, tcp, payload, payloadLength } = cursor;
  if (found !== 'tcp') return { found };
  const size = ipVersion === 4 ? 4 : 16;
  return {
    found,
    ipVersion,
    source: bytes.subarray(source, source + size),
    destination: bytes.subarray(destination, destination + size),
    tcp: decodeTcp(bytes, tcp, bytes.length - tcp, payload - tcp + payloadLength) as TcpSegment,
  };
}

/** Decode an IPv4 or IPv6 packet, as {@link decodeFrame} does. */
export function decodeIp(bytes: Uint8Array, originalLength: number = bytes.length): Packet {
  return decodeFrame(LinkType.raw, bytes, originalLength);
}
