/**
 * Any MPTCP option: the union of the eleven, and the one decoder and encoder of all.
 *
 * @module
 */
import { putOctets, u8 } from '../bytes.ts';
import { type Malformed, malformed } from '../malformed.ts';
import { type AddAddr, decodeAddAddr, encodeAddAddr, sizeOfAddAddr } from './add-addr.ts';
import { type Dss, decodeDss, encodeDss, sizeOfDss } from './dss.ts';
import { LONGEST } from './head.ts';
import { decodeMpCapable, encodeMpCapable, type MpCapable, sizeOfMpCapable } from './mp-capable.ts';
import {
  decodeMpExperimental,
  encodeMpExperimental,
  type MpExperimental,
  sizeOfMpExperimental,
} from './mp-experimental.ts';
import { decodeMpFail, encodeMpFail, type MpFail, sizeOfMpFail } from './mp-fail.ts';
import { decodeMpFastclose, encodeMpFastclose, type MpFastclose, sizeOfMpFastclose } from './mp-fastclose.ts';
import { decodeMpJoin, encodeMpJoin, type MpJoin, sizeOfMpJoin } from './mp-join.ts';
import { decodeMpPrio, encodeMpPrio, type MpPrio, sizeOfMpPrio } from './mp-prio.ts';
import { decodeMpTcprst, encodeMpTcprst, type MpTcprst, sizeOfMpTcprst } from './mp-tcprst.ts';
import { KIND, Subtype } from './registry.ts';
import { decodeRemoveAddr, encodeRemoveAddr, type RemoveAddr, sizeOfRemoveAddr } from './remove-addr.ts';
import { decodeUnknown, encodeUnknown, sizeOfUnknown, type Unknown } from './unknown.ts';

/** A decoded MPTCP option; `type` tells which. */
export type MptcpOption =
  | MpCapable
  | MpJoin
  | Dss
  | AddAddr
  | RemoveAddr
  | MpPrio
  | MpFail
  | MpFastclose
  | MpTcprst
  | MpExperimental
  | Unknown;

/** Room for the longest option; {@link encodeOption} copies out of it. */
const scratch: Uint8Array<ArrayBuffer> = /* @__PURE__ */ new Uint8Array(LONGEST);

/**
 * Decode one option. Total: any octets give a value, and none outside the bounds are read.
 *
 * The option is as long as its own Length octet says. Octets fields alias `bytes`.
 *
 * @param bytes - buffer that holds the option
 * @param offset - offset of the Kind octet
 * @param length - octets that may be read, from `offset` on
 * @example
 * ```ts
 * decodeOption(fromHex('1e0351')); // { type: 'MP_PRIO', backup: true, ... }
 * ```
 */
export function decodeOption(
  bytes: Uint8Array,
  offset = 0,
  length: number = bytes.length - offset,
): MptcpOption | Malformed {
  const there = Math.max(0, Math.min(length, bytes.length - offset));
  if (there > 0 && u8(bytes, offset) !== KIND) return malformed('kind', 0, bytes, offset, there);
  if (there < 2) return malformed('truncated', there, bytes, offset, there);
  const size = u8(bytes, offset + 1);
  if (size < 3) return malformed('length', 1, bytes, offset, 2);
  if (size > there) return malformed('truncated', there, bytes, offset, there);
  if (size > LONGEST) return malformed('length', 1, bytes, offset, size);
  switch (u8(bytes, offset + 2) >>> 4) {
    case Subtype.MP_CAPABLE:
      return decodeMpCapable(bytes, offset, size);
    case Subtype.MP_JOIN:
      return decodeMpJoin(bytes, offset, size);
    case Subtype.DSS:
      return decodeDss(bytes, offset, size);
    case Subtype.ADD_ADDR:
      return decodeAddAddr(bytes, offset, size);
    case Subtype.REMOVE_ADDR:
      return decodeRemoveAddr(bytes, offset, size);
    case Subtype.MP_PRIO:
      return decodeMpPrio(bytes, offset, size);
    case Subtype.MP_FAIL:
      return decodeMpFail(bytes, offset, size);
    case Subtype.MP_FASTCLOSE:
      return decodeMpFastclose(bytes, offset, size);
    case Subtype.MP_TCPRST:
      return decodeMpTcprst(bytes, offset, size);
    case Subtype.MP_EXPERIMENTAL:
      return decodeMpExperimental(bytes, offset, size);
    default:
      return decodeUnknown(bytes, offset, size);
  }
}

/** Size of an option on the wire, in octets. */
export function sizeOfOption(option: MptcpOption | Malformed): number {
  switch (option.type) {
    case 'MP_CAPABLE':
      return sizeOfMpCapable(option);
    case 'MP_JOIN':
      return sizeOfMpJoin(option);
    case 'DSS':
      return sizeOfDss(option);
    case 'ADD_ADDR':
      return sizeOfAddAddr(option);
    case 'REMOVE_ADDR':
      return sizeOfRemoveAddr(option);
    case 'MP_PRIO':
      return sizeOfMpPrio(option);
    case 'MP_FAIL':
      return sizeOfMpFail(option);
    case 'MP_FASTCLOSE':
      return sizeOfMpFastclose(option);
    case 'MP_TCPRST':
      return sizeOfMpTcprst(option);
    case 'MP_EXPERIMENTAL':
      return sizeOfMpExperimental(option);
    case 'UNKNOWN':
      return sizeOfUnknown(option);
    case 'MALFORMED':
      return option.bytes.length;
    default:
      throw notAnOption(option);
  }
}

/**
 * Encode one option into fresh memory. Gives back the octets of whatever {@link decodeOption} gave.
 *
 * @throws RangeError or TypeError that names the field that has no octets
 * @example
 * ```ts
 * encodeOption({ type: 'MP_PRIO', backup: true }); // 1e 03 51
 * ```
 */
export function encodeOption(option: MptcpOption | Malformed): Uint8Array<ArrayBuffer> {
  if (option.type === 'MALFORMED') return new Uint8Array(option.bytes);
  return scratch.slice(0, encodeOptionInto(option, scratch, 0));
}

/**
 * Encode one option at `offset` of `bytes`.
 *
 * @returns the offset after the option
 * @throws RangeError or TypeError that names the field that has no octets, or when `bytes` is too short
 */
export function encodeOptionInto(option: MptcpOption | Malformed, bytes: Uint8Array, offset: number): number {
  switch (option.type) {
    case 'MP_CAPABLE':
      return encodeMpCapable(option, bytes, offset);
    case 'MP_JOIN':
      return encodeMpJoin(option, bytes, offset);
    case 'DSS':
      return encodeDss(option, bytes, offset);
    case 'ADD_ADDR':
      return encodeAddAddr(option, bytes, offset);
    case 'REMOVE_ADDR':
      return encodeRemoveAddr(option, bytes, offset);
    case 'MP_PRIO':
      return encodeMpPrio(option, bytes, offset);
    case 'MP_FAIL':
      return encodeMpFail(option, bytes, offset);
    case 'MP_FASTCLOSE':
      return encodeMpFastclose(option, bytes, offset);
    case 'MP_TCPRST':
      return encodeMpTcprst(option, bytes, offset);
    case 'MP_EXPERIMENTAL':
      return encodeMpExperimental(option, bytes, offset);
    case 'UNKNOWN':
      return encodeUnknown(option, bytes, offset);
    case 'MALFORMED':
      return putOctets(bytes, offset, option.bytes, option.bytes.length, 'MALFORMED.bytes');
    default:
      throw notAnOption(option);
  }
}

function notAnOption(option: never): TypeError {
  return new TypeError(`type must name an MPTCP option, got ${(option as { type?: unknown }).type}`);
}
