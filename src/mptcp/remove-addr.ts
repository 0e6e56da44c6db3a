/**
 * REMOVE_ADDR: Remove Address, subtype 0x4.
 *
 * RFC 8684 §3.4.2, figure 13; the same in RFC 6824:
 *
 * ```text
 *                      1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +---------------+---------------+-------+-------+---------------+
 * |     Kind      | Length = 3+n  |Subtype|(resvd)|   Address ID  | ...
 * +---------------+---------------+-------+-------+---------------+
 *                            (followed by n-1 Address IDs, if required)
 * ```
 *
 * @module
 */
import { bits, putU8, u8 } from '../bytes.ts';
import { type Form, form, REST } from '../layout.ts';
import { type Malformed, malformed } from '../malformed.ts';
import { headFields, putHead, reservedField } from './head.ts';

/** Withdraws addresses of the sender; subflows that use them end. */
export interface RemoveAddr {
  readonly type: 'REMOVE_ADDR';
  /** 1 to 37 ids, each 0 to 255. Linux ignores an option with more than 8. */
  readonly addressIds: readonly number[];
  /** Meaningless bits, in place: `0x0f` of octet 2. */
  readonly reserved?: number | undefined;
}

const RESERVED = 0x0f;

/**
 * Decode a REMOVE_ADDR option.
 *
 * @param bytes - buffer that holds the option
 * @param offset - offset of the Kind octet
 * @param length - octets in the option, as declared; the caller has checked that they are there
 */
export function decodeRemoveAddr(bytes: Uint8Array, offset: number, length: number): RemoveAddr | Malformed {
  if (length < 4) return malformed('length', 1, bytes, offset, length);
  const addressIds: number[] = [];
  for (let at = offset + 3; at < offset + length; at++) addressIds.push(u8(bytes, at));
  return { type: 'REMOVE_ADDR', addressIds, reserved: u8(bytes, offset + 2) & RESERVED };
}

/** Size of a REMOVE_ADDR option on the wire, in octets. */
export function sizeOfRemoveAddr(option: RemoveAddr): number {
  return 3 + option.addressIds.length;
}

/**
 * Encode a REMOVE_ADDR option.
 *
 * @returns the offset after the option
 * @throws RangeError or TypeError that names the field that has no octets
 */
export function encodeRemoveAddr(option: RemoveAddr, bytes: Uint8Array, offset: number): number {
  const { addressIds, reserved = 0 } = option;
  if (!Array.isArray(addressIds)) throw new TypeError('REMOVE_ADDR.addressIds must be an array of 1 to 37 ids');
  if (addressIds.length === 0) throw new RangeError('REMOVE_ADDR.addressIds must hold 1 to 37 ids, got none');
  let at = putHead(bytes, offset, sizeOfRemoveAddr(option), 'REMOVE_ADDR.addressIds');
  at = putU8(bytes, at, 0x40 | bits(reserved, RESERVED, 'REMOVE_ADDR.reserved'), 'REMOVE_ADDR.reserved');
  for (const id of option.addressIds) at = putU8(bytes, at, id, 'REMOVE_ADDR.addressIds');
  return at;
}

/** The wire shape of REMOVE_ADDR. */
export const REMOVE_ADDR_FORMS: readonly Form[] = /* @__PURE__ */ forms();

function forms(): Form[] {
  return [
    form('REMOVE_ADDR', 'n Address IDs', '8684 §3.4.2', [
      ...headFields(4),
      reservedField(4),
      {
        name: 'addressIds',
        bits: REST,
        each: 8,
        label: 'Address ID',
        note: 'An address that the sender withdraws.',
        wireshark: 'tcp.options.mptcp.addrid',
      },
    ]),
  ];
}
