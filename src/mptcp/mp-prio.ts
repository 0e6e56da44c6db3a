/**
 * MP_PRIO: Change Subflow Priority, subtype 0x5.
 *
 * RFC 8684 §3.3.8, figure 11. RFC 6824 §3.3.8 has an optional Address ID after it:
 *
 * ```text
 *                      1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +---------------+---------------+-------+-----+-+---------------+
 * |     Kind      |     Length    |Subtype|(rsv)|B| AddrID (v0)   |
 * +---------------+---------------+-------+-----+-+---------------+
 * ```
 *
 * @module
 */
import { bits, flag, putU8, u8 } from '../bytes.ts';
import { type Field, type Form, form } from '../layout.ts';
import { type Malformed, malformed } from '../malformed.ts';
import { headFields, putHead, reservedField } from './head.ts';

/** Asks the peer to use this subflow as a backup, or as a regular one again. */
export interface MpPrio {
  readonly type: 'MP_PRIO';
  /** B: use this subflow only while no other works. */
  readonly backup: boolean;
  /** Version 0 only: the address whose subflows change, 0 to 255; absent: the subflow that carries the option. */
  readonly addressId?: number | undefined;
  /** Meaningless bits, in place: `0x0e` of octet 2. */
  readonly reserved?: number | undefined;
}

/** B: backup. */
const B = 0x01;
const RESERVED = 0x0e;

/**
 * Decode an MP_PRIO option.
 *
 * @param bytes - buffer that holds the option
 * @param offset - offset of the Kind octet
 * @param length - octets in the option, as declared; the caller has checked that they are there
 */
export function decodeMpPrio(bytes: Uint8Array, offset: number, length: number): MpPrio | Malformed {
  if (length !== 3 && length !== 4) return malformed('length', 1, bytes, offset, length);
  const flags = u8(bytes, offset + 2);
  return {
    type: 'MP_PRIO',
    backup: (flags & B) !== 0,
    addressId: length === 4 ? u8(bytes, offset + 3) : undefined,
    reserved: flags & RESERVED,
  };
}

/** Size of an MP_PRIO option on the wire, in octets. */
export function sizeOfMpPrio(option: MpPrio): number {
  return option.addressId === undefined ? 3 : 4;
}

/**
 * Encode an MP_PRIO option.
 *
 * @returns the offset after the option
 * @throws RangeError or TypeError that names the field that has no octets
 */
export function encodeMpPrio(option: MpPrio, bytes: Uint8Array, offset: number): number {
  const { addressId, reserved = 0 } = option;
  const flags = flag(option.backup, B, 'MP_PRIO.backup') | bits(reserved, RESERVED, 'MP_PRIO.reserved');
  let at = putHead(bytes, offset, sizeOfMpPrio(option), 'MP_PRIO');
  at = putU8(bytes, at, 0x50 | flags, 'MP_PRIO.reserved');
  return addressId === undefined ? at : putU8(bytes, at, addressId, 'MP_PRIO.addressId');
}

/** The two wire shapes of MP_PRIO. */
export const MP_PRIO_FORMS: readonly Form[] = /* @__PURE__ */ forms();

function forms(): Form[] {
  const head: Field[] = [
    ...headFields(5),
    reservedField(3),
    {
      name: 'backup',
      bits: 1,
      label: 'B',
      means: { 0: 'regular subflow', 1: 'backup subflow' },
      wireshark: 'tcp.options.mptcp.backup.flag',
    },
  ];
  return [
    form('MP_PRIO', 'this subflow', '8684 §3.3.8', head),
    form('MP_PRIO', 'version 0 by address', '6824 §3.3.8', [
      ...head,
      {
        name: 'addressId',
        bits: 8,
        label: 'AddrID',
        note: 'The address whose subflows change. Dropped from version 1: one subflow could be abused to stop another.',
        wireshark: 'tcp.options.mptcp.addrid',
      },
    ]),
  ];
}
