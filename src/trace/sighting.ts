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
import { KIND } from '../mptcp/registry.ts';
import { ACK } from '../tcp/flags.ts';
import { OptionWalk } from '../tcp/walk.ts';
import type { End } from './flow.ts';

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
  /** TSval and TSecr, where it has timestamps. */
  readonly timestamps: string | undefined;
  /** The option list, as octets. Aliases the packet. */
  readonly options: Uint8Array;
  readonly optionsCut: boolean;
  /** Identification of the IPv4 header; 0 for IPv6. */
  readonly identification: number;
  /** It was found in the other capture. */
  paired: boolean;
}

const TIMESTAMPS = 8;
const NOP = 1;

/** Remember the segment under the cursor. */
export function sightingOf(cursor: FrameCursor, { frame, time }: CapturedPacket, end: End): Sighting {
  const { bytes, flags, payload, payloadLength, payloadCaptured } = cursor;
  const options = bytes.subarray(cursor.options, cursor.optionsEnd);
  const captured = Math.min(payloadCaptured, payloadLength);
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
    timestamps: timestampsOf(options),
    options,
    optionsCut: cursor.optionsCut,
    identification: cursor.ipVersion === 4 ? u16(bytes, cursor.ip + 4) : 0,
    paired: false,
  };
}

/** Odd, so that no single octet that changes leaves a digest as it was. */
const BASE = 0x01000193;

/** A digest of octets, 32 bits: that of a whole follows from those of its parts, see {@link joinDigests}. */
export function digestOf(bytes: Uint8Array, offset: number, length: number): number {
  let digest = 0;
  for (let i = offset; i < offset + length; i++) digest = (Math.imul(digest, BASE) + u8(bytes, i)) | 0;
  return digest;
}

/** The digest of octets whose parts have these digests and lengths. */
export function joinDigests(parts: readonly { readonly digest: number; readonly length: number }[]): number {
  return parts.reduce((whole, { digest, length }) => (Math.imul(whole, power(length)) + digest) | 0, 0);
}

function power(exponent: number): number {
  let result = 1;
  let square = BASE;
  for (let rest = exponent; rest > 0; rest >>>= 1) {
    if ((rest & 1) === 1) result = Math.imul(result, square);
    square = Math.imul(square, square);
  }
  return result;
}

function timestampsOf(options: Uint8Array): string | undefined {
  const walk = new OptionWalk().reset(options);
  while (walk.next()) {
    if (walk.kind === TIMESTAMPS && walk.length === 10) {
      return `${u32(options, walk.offset + 2)} ${u32(options, walk.offset + 6)}`;
    }
  }
  return undefined;
}

/** The MPTCP options of a segment, in wire order. */
export function mptcpOptionsOf({ options }: Sighting): (MptcpOption | Malformed)[] {
  const found: (MptcpOption | Malformed)[] = [];
  const walk = new OptionWalk().reset(options);
  while (walk.next()) if (walk.kind === KIND) found.push(decodeOption(options, walk.offset, walk.length));
  return found;
}

/** Options that are not MPTCP's, by kind. */
export function otherOptionsOf({ options }: Sighting): Map<number, Uint8Array> {
  const found = new Map<number, Uint8Array>();
  const walk = new OptionWalk().reset(options);
  while (walk.next()) {
    if (walk.kind === KIND || walk.kind === NOP) continue;
    found.set(walk.kind, options.subarray(walk.offset, walk.offset + walk.length));
  }
  return found;
}

/** Octets of No-Operation in the longest row of them. */
export function longestBlank({ options }: Sighting): number {
  const walk = new OptionWalk().reset(options);
  let row = 0;
  let longest = 0;
  while (walk.next()) {
    row = walk.kind === NOP ? row + 1 : 0;
    longest = Math.max(longest, row);
  }
  return longest;
}

/** Packets among which a copy of one is looked for: a power of 2. */
const RECENT = 8192;

/** Nanoseconds that a packet may wait between two interfaces, where its number tells it from a retransmission. */
const QUEUED = 1_000_000_000n;

/** Nanoseconds where nothing does. */
const AT_ONCE = 10_000_000n;

/** Finds packets that were captured twice, on two interfaces. Holds numbers only: no packet is kept for it. */
export class Copies {
  readonly #marks: Int32Array = new Int32Array(RECENT);
  readonly #times: BigInt64Array = new BigInt64Array(RECENT);

  /** Whether a packet of the connection `id` was captured before. Another one is taken for it once in 2^32. */
  has(id: number, sighting: Sighting): boolean {
    const { identification, options, time } = sighting;
    const list = digestOf(options, 0, options.length);
    const slot = hashOf(sighting, list, mix(1, id)) & (RECENT - 1);
    const mark = hashOf(sighting, list, mix(2, id));
    const apart = time - (this.#times[slot] ?? 0n);
    const known = this.#marks[slot] === mark && apart < (identification === 0 ? AT_ONCE : QUEUED) && apart >= 0n;
    if (known) return true;
    this.#marks[slot] = mark;
    this.#times[slot] = BigInt.asIntN(64, time);
    return false;
  }
}

function hashOf({ seq, ack, flags, length, digest, identification }: Sighting, list: number, seed: number): number {
  const place = mix(mix(seed, seq), ack);
  const data = mix(mix(place, (length << 8) | flags), digest);
  return mix(mix(data, identification), list);
}

function mix(hash: number, value: number): number {
  const mixed = Math.imul(hash ^ value, 0x9e3779b1);
  return mixed ^ (mixed >>> 15);
}
