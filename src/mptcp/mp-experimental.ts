/**
 * MP_EXPERIMENTAL: reserved for private use, subtype 0xf.
 *
 * RFC 8684 §7.2 gives it a subtype and no layout.
 *
 * @module
 */
import { bits, octets, putOctets, putU8, u8 } from '../bytes.ts';
import { type Form, form, REST } from '../layout.ts';
import { headFields, putHead, reservedField } from './head.ts';

/** Means what its users agree on. */
export interface MpExperimental {
  readonly type: 'MP_EXPERIMENTAL';
  /** Octets 3 and up, 0 to 37. Aliases the decoded buffer. */
  readonly data: Uint8Array;
  /** The low nibble of octet 2, private like the rest. */
  readonly reserved?: number | undefined;
}

const RESERVED = 0x0f;

/**
 * Decode an MP_EXPERIMENTAL option.
 *
 * @param bytes - buffer that holds the option
 * @param offset - offset of the Kind octet
 * @param length - octets in the option, as declared; the caller has checked that they are there
 */
export function decodeMpExperimental(bytes: Uint8Array, offset: number, length: number): MpExperimental {
  return {
    type: 'MP_EXPERIMENTAL',
    data: bytes.subarray(offset + 3, offset + length),
    reserved: u8(bytes, offset + 2) & RESERVED,
  };
}

/** Size of an MP_EXPERIMENTAL option on the wire, in octets. */
export function sizeOfMpExperimental(option: MpExperimental): number {
  return 3 + option.data.length;
}

/**
 * Encode an MP_EXPERIMENTAL option.
 *
 * @returns the offset after the option
 * @throws RangeError or TypeError that names the field that has no octets
 */
export function encodeMpExperimental(option: MpExperimental, bytes: Uint8Array, offset: number): number {
  const { reserved = 0 } = option;
  const data = octets(option.data, 'MP_EXPERIMENTAL.data');
  const low = bits(reserved, RESERVED, 'MP_EXPERIMENTAL.reserved');
  let at = putHead(bytes, offset, sizeOfMpExperimental(option), 'MP_EXPERIMENTAL.data');
  at = putU8(bytes, at, 0xf0 | low, 'MP_EXPERIMENTAL.reserved');
  return putOctets(bytes, at, data, data.length, 'MP_EXPERIMENTAL.data');
}

/** The wire shape of MP_EXPERIMENTAL. */
export const MP_EXPERIMENTAL_FORMS: readonly Form[] = /* @__PURE__ */ forms();

function forms(): Form[] {
  return [
    form('MP_EXPERIMENTAL', 'MP_EXPERIMENTAL', '8684 §7.2', [
      ...headFields(15),
      reservedField(4),
      { name: 'data', bits: REST, label: 'Private data', type: 'octets' },
    ]),
  ];
}
