/**
 * MP_FAIL: Fallback, subtype 0x6.
 *
 * RFC 8684 §3.7, figure 16; the same in RFC 6824:
 *
 * ```text
 *                      1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +---------------+---------------+-------+----------------------+
 * |     Kind      |   Length=12   |Subtype|      (reserved)      |
 * +---------------+---------------+-------+----------------------+
 * |                                                              |
 * |                 Data Sequence Number (8 octets)              |
 * |                                                              |
 * +--------------------------------------------------------------+
 * ```
 *
 * @module
 */
import { bits, putU16, putU64, u16, u64 } from '../bytes.ts';
import { type Form, form } from '../layout.ts';
import { type Malformed, malformed } from '../malformed.ts';
import { headFields, putHead, reservedField } from './head.ts';

/** Reports a mapping whose checksum failed: something on the path changes the data. */
export interface MpFail {
  readonly type: 'MP_FAIL';
  /** Where the failed mapping begins, always 64 bits. */
  readonly dataSequenceNumber: bigint;
  /** Meaningless bits, in place: `0x0fff` of octets 2 and 3. */
  readonly reserved?: number | undefined;
}

const RESERVED = 0x0fff;

/**
 * Decode an MP_FAIL option.
 *
 * @param bytes - buffer that holds the option
 * @param offset - offset of the Kind octet
 * @param length - octets in the option, as declared; the caller has checked that they are there
 */
export function decodeMpFail(bytes: Uint8Array, offset: number, length: number): MpFail | Malformed {
  if (length !== 12) return malformed('length', 1, bytes, offset, length);
  return {
    type: 'MP_FAIL',
    dataSequenceNumber: u64(bytes, offset + 4),
    reserved: u16(bytes, offset + 2) & RESERVED,
  };
}

/** Size of an MP_FAIL option on the wire, in octets. */
export function sizeOfMpFail(_option: MpFail): number {
  return 12;
}

/**
 * Encode an MP_FAIL option.
 *
 * @returns the offset after the option
 * @throws RangeError or TypeError that names the field that has no octets
 */
export function encodeMpFail(option: MpFail, bytes: Uint8Array, offset: number): number {
  const { dataSequenceNumber, reserved = 0 } = option;
  let at = putHead(bytes, offset, 12, 'MP_FAIL');
  at = putU16(bytes, at, 0x6000 | bits(reserved, RESERVED, 'MP_FAIL.reserved'), 'MP_FAIL.reserved');
  return putU64(bytes, at, dataSequenceNumber, 'MP_FAIL.dataSequenceNumber');
}

/** The wire shape of MP_FAIL. */
export const MP_FAIL_FORMS: readonly Form[] = /* @__PURE__ */ forms();

function forms(): Form[] {
  return [
    form('MP_FAIL', 'MP_FAIL', '8684 §3.7', [
      ...headFields(6),
      reservedField(12),
      {
        name: 'dataSequenceNumber',
        bits: 64,
        label: 'Data Sequence Number',
        note: 'Where the mapping begins whose checksum failed.',
        wireshark: 'tcp.options.mptcp.rawdataseqno',
      },
    ]),
  ];
}
