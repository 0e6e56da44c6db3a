/**
 * A packet as `decode` gives it: where it went, and its MPTCP options.
 *
 * @module
 */
import { u8, u16, u32 } from '../bytes.ts';
import type { CapturedPacket } from '../capture/packet.ts';
import { FrameCursor } from '../ip/frame.ts';
import type { Malformed } from '../malformed.ts';
import { decodeOption, type MptcpOption } from '../mptcp/option.ts';
import { KIND } from '../mptcp/registry.ts';
import { OptionWalk } from '../tcp/walk.ts';

/** A TCP segment with its MPTCP options. Names are those of the JSON. Octets alias the decoded buffer. */
export interface MptcpPacket {
  /** From 1, over all frames of the file. */
  readonly frame: number;
  /** Nanoseconds since the epoch; absent where nobody noted it. */
  readonly time?: bigint | undefined;
  /** Name of the interface, where the file gives one. */
  readonly interface?: string | undefined;
  /** 4 or 16 octets; absent where only a TCP header was given. */
  readonly src?: Uint8Array | undefined;
  readonly srcPort: number;
  /** 4 or 16 octets. */
  readonly dst?: Uint8Array | undefined;
  readonly dstPort: number;
  /** Control bits: FIN 1, SYN 2, RST 4, PSH 8, ACK 16, URG 32, ECE 64, CWR 128. */
  readonly flags: number;
  /** Sequence number, 32 bits unsigned. */
  readonly seq: number;
  /** Acknowledgment number, 32 bits unsigned. */
  readonly ack: number;
  /** Octets of payload on the wire, however many were captured. */
  readonly payloadLength: number;
  /** The whole MPTCP options, in wire order. */
  readonly options: readonly (MptcpOption | Malformed)[];
  /** The capture stops inside the option list. */
  readonly optionsCut?: boolean | undefined;
  /** The option list itself is broken. */
  readonly optionsError?: OptionsError | undefined;
}

/** Where the walk over an option list had to stop. */
export interface OptionsError {
  /** Offset in the list of the option that stopped it. */
  readonly at: number;
  /** `length`: a Length below 2; `truncated`: a Length past the end of the list. */
  readonly reason: 'length' | 'truncated';
  /** Kind of that option. */
  readonly kind: number;
}

/** Letters of the control bits, lowest bit first. */
export const FLAG_LETTERS = 'FSRPAUEC';

/** `flags` as letters in the order FSRPAUEC. */
export function flagLetters(flags: number): string {
  return [...FLAG_LETTERS].filter((_, bit) => (flags & (1 << bit)) !== 0).join('');
}

/**
 * Find the MPTCP options of a captured packet.
 *
 * @param all - give packets without MPTCP too, with no options
 * @returns `undefined` where the packet has no TCP header, or no MPTCP option, not even a broken one
 */
export function decodePacket(captured: CapturedPacket, all = false): MptcpPacket | undefined {
  const { linkType, bytes, originalLength } = captured;
  const cursor = new FrameCursor();
  return cursor.reset(linkType, bytes, 0, bytes.length, originalLength) ? packetAt(cursor, captured, all) : undefined;
}

/** As {@link decodePacket}, for the packet that `cursor` stands on. */
export function packetAt(
  cursor: FrameCursor,
  { frame, time, interface: name }: Pick<CapturedPacket, 'frame' | 'time' | 'interface'>,
  all = false,
): MptcpPacket | undefined {
  const { bytes, ipVersion, source, destination, tcp } = cursor;
  const found = optionsAt(bytes, cursor.options, cursor.optionsEnd, cursor.optionsCut);
  if (!found.carried && !all) return undefined;
  const size = ipVersion === 4 ? 4 : 16;
  return {
    frame,
    time,
    interface: name,
    src: bytes.subarray(source, source + size),
    srcPort: u16(bytes, tcp),
    dst: bytes.subarray(destination, destination + size),
    dstPort: u16(bytes, tcp + 2),
    flags: u8(bytes, tcp + 13),
    seq: u32(bytes, tcp + 4),
    ack: u32(bytes, tcp + 8),
    payloadLength: cursor.payloadLength,
    ...found.parts,
  };
}

/**
 * A TCP segment that came without IP header, as {@link decodePacket} gives it: no addresses, no time.
 *
 * @param bytes - the segment, of 20 octets or more
 */
export function decodeBareTcp(bytes: Uint8Array, frame: number): MptcpPacket {
  const header = Math.max(20, (u8(bytes, 12) >>> 4) * 4);
  const { parts } = optionsAt(bytes, 20, Math.min(header, bytes.length), header > bytes.length);
  return {
    frame,
    srcPort: u16(bytes, 0),
    dstPort: u16(bytes, 2),
    flags: u8(bytes, 13),
    seq: u32(bytes, 4),
    ack: u32(bytes, 8),
    payloadLength: Math.max(0, bytes.length - header),
    ...parts,
  };
}

/** The option list from `start` to `end`. */
function optionsAt(bytes: Uint8Array, start: number, end: number, cut: boolean): FoundOptions {
  const options: (MptcpOption | Malformed)[] = [];
  const walk = new OptionWalk().reset(bytes, start, end);
  while (walk.next()) {
    if (walk.kind === KIND) options.push(decodeOption(bytes, walk.offset, walk.length));
  }
  const { fault, kind, offset } = walk;
  return {
    carried: options.length > 0 || (fault !== undefined && kind === KIND),
    parts: {
      options,
      optionsCut: cut ? true : undefined,
      optionsError: fault === undefined || cut ? undefined : { at: offset - start, reason: fault, kind },
    },
  };
}

interface FoundOptions {
  /** An MPTCP option is there, if only a broken one. */
  readonly carried: boolean;
  readonly parts: Pick<MptcpPacket, 'options' | 'optionsCut' | 'optionsError'>;
}
