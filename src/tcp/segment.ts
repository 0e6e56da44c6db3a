/**
 * The TCP segment, RFC 9293 §3.1.
 *
 * ```text
 *                      1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +-------------------------------+-------------------------------+
 * |          Source Port          |        Destination Port       |
 * +-------------------------------+-------------------------------+
 * |                        Sequence Number                        |
 * +---------------------------------------------------------------+
 * |                     Acknowledgment Number                     |
 * +-------+-------+-+-+-+-+-+-+-+-+-------------------------------+
 * |  Data |       |C|E|U|A|P|R|S|F|                               |
 * | Offset| Rsrvd |W|C|R|C|S|S|Y|I|             Window            |
 * |       |       |R|E|G|K|H|T|N|N|                               |
 * +-------+-------+-+-+-+-+-+-+-+-+-------------------------------+
 * |            Checksum           |         Urgent Pointer        |
 * +-------------------------------+-------------------------------+
 * |                           [Options]                           |
 * +---------------------------------------------------------------+
 * ```
 *
 * @module
 */
import { u8, u16, u32 } from '../bytes.ts';
import { type Malformed, malformed } from '../malformed.ts';
import { decodeOptionList, type OptionItem } from './options.ts';

/** A TCP segment. Octets alias the decoded buffer. */
export interface TcpSegment {
  readonly type: 'TCP';
  readonly sourcePort: number;
  readonly destinationPort: number;
  /** 32 bits unsigned. */
  readonly sequenceNumber: number;
  /** 32 bits unsigned. */
  readonly acknowledgmentNumber: number;
  /** Control bits: FIN 1, SYN 2, RST 4, PSH 8, ACK 16, URG 32, ECE 64, CWR 128. */
  readonly flags: number;
  /** Unscaled. */
  readonly window: number;
  readonly checksum: number;
  readonly urgentPointer: number;
  /** In wire order; where {@link optionsCut}, the whole ones. */
  readonly options: OptionItem[];
  /** The capture stops before the option list ends. */
  readonly optionsCut: boolean;
  /** What was captured of it. */
  readonly payload: Uint8Array;
  /** Payload octets on the wire. */
  readonly payloadLength: number;
}

/** Octets of a header without options. */
const HEADER = 20;

/**
 * Decode a TCP segment: {@link Malformed} where fewer octets are there than a header has, or its
 * data offset points into the header itself.
 *
 * @param bytes - buffer that holds the segment
 * @param offset - offset of the source port
 * @param length - octets captured
 * @param originalLength - octets on the wire, as the IP header says
 */
export function decodeTcp(
  bytes: Uint8Array,
  offset = 0,
  length: number = bytes.length - offset,
  originalLength: number = length,
): TcpSegment | Malformed {
  const captured = Math.max(Math.min(length, originalLength, bytes.length - offset), 0);
  if (captured < HEADER) return malformed('truncated', captured, bytes, offset, captured);
  const header = (u8(bytes, offset + 12) >>> 4) * 4;
  if (header < HEADER) return malformed('length', 12, bytes, offset, captured);
  const optionsCut = captured < header && captured < originalLength;
  const payload = Math.min(header, captured);
  const options = decodeOptionList(bytes, offset + HEADER, payload - HEADER);
  if (optionsCut && isMalformed(options.at(-1))) options.pop();
  return {
    type: 'TCP',
    sourcePort: u16(bytes, offset),
    destinationPort: u16(bytes, offset + 2),
    sequenceNumber: u32(bytes, offset + 4),
    acknowledgmentNumber: u32(bytes, offset + 8),
    flags: u8(bytes, offset + 13),
    window: u16(bytes, offset + 14),
    checksum: u16(bytes, offset + 16),
    urgentPointer: u16(bytes, offset + 18),
    options,
    optionsCut,
    payload: bytes.subarray(offset + payload, offset + captured),
    payloadLength: Math.max(originalLength - header, 0),
  };
}

function isMalformed(item: OptionItem | undefined): boolean {
  return item !== undefined && 'type' in item && item.type === 'MALFORMED';
}
