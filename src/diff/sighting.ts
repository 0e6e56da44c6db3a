/**
 * One TCP segment as one of two captures saw it.
 *
 * @module
 */
import { u8, u16, u32 } from '../bytes.ts';
import type { CapturedPacket } from '../capture/packet.ts';
import type { FrameCursor } from '../ip/frame.ts';
import type { Malformed } from '../malformed.ts';
import { decodeOption, type MptcpOption } from '../mptcp/option.ts';
import { KIND, Subtype } from '../mptcp/registry.ts';
import { ACK, FIN, RST, SYN } from '../tcp/flags.ts';
import { NOP, OptionWalk, TIMESTAMPS } from '../tcp/walk.ts';
import type { End } from '../trace/flow.ts';
import { digestOf } from './digest.ts';

/** What is remembered of a segment to recognise it in the other capture, and to tell what changed. */
export interface Sighting {
  readonly frame: number;
  /** Nanoseconds since the epoch. */
  readonly time: bigint;
  /** The end of its flow that sent it. */
  readonly end: End;
  /** 32 bits unsigned. */
  readonly seq: number;
  /** 32 bits unsigned; 0 without ACK. */
  readonly ack: number;
  /** Control bits, as in the header. */
  readonly flags: number;
  /** Octets of payload on the wire. */
  readonly length: number;
  /** All of the payload was captured, so {@link digest} is of all of it. */
  readonly whole: boolean;
  /** See {@link digestOf}. */
  readonly digest: number;
  readonly timestamped: boolean;
  /** TSval and TSecr, 32 bits signed; 0 without timestamps. */
  readonly tsVal: number;
  readonly tsEcr: number;
  /** The option list, as octets. */
  readonly options: Uint8Array;
  /** {@link digestOf} it. */
  readonly optionsDigest: number;
  /** The capture has not all of it. */
  readonly optionsCut: boolean;
  /** It carries MPTCP. */
  readonly mptcp: boolean;
  /** It carries MP_CAPABLE or MP_JOIN. */
  readonly opening: boolean;
  /** Identification of the IPv4 header; 0 for IPv6. */
  readonly identification: number;
  /** It was found in the other capture. */
  paired: boolean;
}

/** The walk over the list at hand. */
const walk = new OptionWalk();

/** Remember the segment under the cursor. */
export function sightingOf(cursor: FrameCursor, { frame, time }: CapturedPacket, end: End): Sighting {
  const { bytes, flags, payload, payloadLength, payloadCaptured } = cursor;
  const options = bytes.slice(cursor.options, cursor.optionsEnd);
  const captured = Math.min(payloadCaptured, payloadLength);
  let timestamps = -1;
  let mptcp = false;
  let opening = false;
  walk.reset(options);
  while (walk.next()) {
    if (walk.kind === TIMESTAMPS && walk.length === 10) timestamps = walk.offset;
    else if (walk.kind === KIND) {
      mptcp = true;
      opening ||= walk.length > 2 && u8(options, walk.offset + 2) >>> 4 <= Subtype.MP_JOIN;
    }
  }
  return {
    frame,
    time,
    end,
    seq: cursor.sequenceNumber,
    ack: (flags & ACK) === 0 ? 0 : cursor.acknowledgmentNumber,
    flags,
    length: payloadLength,
    whole: captured === payloadLength,
    digest: digestOf(bytes, payload, captured),
    timestamped: timestamps >= 0,
    tsVal: timestamps < 0 ? 0 : u32(options, timestamps + 2) | 0,
    tsEcr: timestamps < 0 ? 0 : u32(options, timestamps + 6) | 0,
    options,
    optionsDigest: digestOf(options, 0, options.length),
    optionsCut: cursor.optionsCut,
    mptcp,
    opening,
    identification: cursor.ipVersion === 4 ? u16(bytes, cursor.ip + 4) : 0,
    paired: false,
  };
}

/** Whether it only acknowledges. */
export function isPureAck({ length, flags }: Sighting): boolean {
  return length === 0 && (flags & (SYN | FIN | RST)) === 0;
}

/** The MPTCP options of a segment, in wire order. */
export function mptcpOptionsOf({ options }: Sighting): (MptcpOption | Malformed)[] {
  const found: (MptcpOption | Malformed)[] = [];
  walk.reset(options);
  while (walk.next()) if (walk.kind === KIND) found.push(decodeOption(options, walk.offset, walk.length));
  return found;
}

/** Options that are not MPTCP's, by kind. */
export function otherOptionsOf({ options }: Sighting): Map<number, Uint8Array> {
  const found = new Map<number, Uint8Array>();
  walk.reset(options);
  while (walk.next()) {
    if (walk.kind === KIND || walk.kind === NOP) continue;
    found.set(walk.kind, options.subarray(walk.offset, walk.offset + walk.length));
  }
  return found;
}

/** Octets of No-Operation in the longest row of them. */
export function longestBlank({ options }: Sighting): number {
  walk.reset(options);
  let row = 0;
  let longest = 0;
  while (walk.next()) {
    row = walk.kind === NOP ? row + 1 : 0;
    longest = Math.max(longest, row);
  }
  return longest;
}
