/**
 * Subtypes 0x9 to 0xe, which are unassigned. RFC 8684 §7.2.
 *
 * @module
 */
import { bits, octets, putOctets, putU8, u8, unfit } from '../bytes.ts';
import { type Form, form, REST } from '../layout.ts';
import { headFields, putHead, reservedField } from './head.ts';

/** An option of a subtype that nobody has defined yet. */
export interface Unknown {
  readonly type: 'UNKNOWN';
  /** 9 to 14. */
  readonly subtype: number;
  /** Octets 3 and up, 0 to 37. Aliases the decoded buffer. */
  readonly data: Uint8Array;
  /** The low nibble of octet 2. */
  readonly reserved?: number | undefined;
}

const RESERVED = 0x0f;

/**
 * Decode an option of an unassigned subtype.
 *
 * @param bytes - buffer that holds the option
 * @param offset - offset of the Kind octet
 * @param length - octets in the option, as declared; the caller has checked that they are there
 */
export function decodeUnknown(bytes: Uint8Array, offset: number, length: number): Unknown {
  const octet = u8(bytes, offset + 2);
  return {
    type: 'UNKNOWN',
    subtype: octet >>> 4,
    data: bytes.subarray(offset + 3, offset + length),
    reserved: octet & RESERVED,
  };
}

/** Size of an option of an unassigned subtype on the wire, in octets. */
export function sizeOfUnknown(option: Unknown): number {
  return 3 + option.data.length;
}

/**
 * Encode an option of an unassigned subtype.
 *
 * @returns the offset after the option
 * @throws RangeError or TypeError that names the field that has no octets
 */
export function encodeUnknown(option: Unknown, bytes: Uint8Array, offset: number): number {
  const { subtype, reserved = 0 } = option;
  if (!(Number.isInteger(subtype) && subtype >= 9 && subtype <= 14)) {
    throw unfit('UNKNOWN.subtype', subtype, 'an integer from 9 to 14');
  }
  const data = octets(option.data, 'UNKNOWN.data');
  const low = bits(reserved, RESERVED, 'UNKNOWN.reserved');
  let at = putHead(bytes, offset, sizeOfUnknown(option), 'UNKNOWN.data');
  at = putU8(bytes, at, (subtype << 4) | low, 'UNKNOWN.subtype');
  return putOctets(bytes, at, data, data.length, 'UNKNOWN.data');
}

/** The wire shape of what is not assigned. */
export const UNKNOWN_FORMS: readonly Form[] = /* @__PURE__ */ forms();

function forms(): Form[] {
  return [
    form('UNKNOWN', 'unassigned subtype', '8684 §7.2', [
      ...headFields(9, 14),
      reservedField(4),
      { name: 'data', bits: REST, label: 'Undefined', type: 'octets' },
    ]),
  ];
}
