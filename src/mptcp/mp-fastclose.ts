/**
 * MP_FASTCLOSE: Fast Close, subtype 0x7.
 *
 * RFC 8684 §3.5, figure 14; the same in RFC 6824:
 *
 * ```text
 *                      1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +---------------+---------------+-------+-----------------------+
 * |     Kind      |    Length     |Subtype|      (reserved)       |
 * +---------------+---------------+-------+-----------------------+
 * |                      Option Receiver's Key                    |
 * |                            (64 bits)                          |
 * +---------------------------------------------------------------+
 * ```
 *
 * @module
 */
import { bits, putOctets, putU16, u16 } from '../bytes.ts';
import { type Form, form } from '../layout.ts';
import { type Malformed, malformed } from '../malformed.ts';
import { headFields, putHead, reservedField } from './head.ts';

/** Closes the whole connection at once, as a RST closes a TCP connection. */
export interface MpFastclose {
  readonly type: 'MP_FASTCLOSE';
  /** 8 octets: the key of the host that receives this segment. Aliases the decoded buffer. */
  readonly receiverKey: Uint8Array;
  /** Meaningless bits, in place: `0x0fff` of octets 2 and 3. */
  readonly reserved?: number | undefined;
}

const RESERVED = 0x0fff;

/**
 * Decode an MP_FASTCLOSE option.
 *
 * @param bytes - buffer that holds the option
 * @param offset - offset of the Kind octet
 * @param length - octets in the option, as declared; the caller has checked that they are there
 */
export function decodeMpFastclose(bytes: Uint8Array, offset: number, length: number): MpFastclose | Malformed {
  if (length !== 12) return malformed('length', 1, bytes, offset, length);
  return {
    type: 'MP_FASTCLOSE',
    receiverKey: bytes.subarray(offset + 4, offset + 12),
    reserved: u16(bytes, offset + 2) & RESERVED,
  };
}

/** Size of an MP_FASTCLOSE option on the wire, in octets. */
export function sizeOfMpFastclose(_option: MpFastclose): number {
  return 12;
}

/**
 * Encode an MP_FASTCLOSE option.
 *
 * @returns the offset after the option
 * @throws RangeError or TypeError that names the field that has no octets
 */
export function encodeMpFastclose(option: MpFastclose, bytes: Uint8Array, offset: number): number {
  const { receiverKey, reserved = 0 } = option;
  let at = putHead(bytes, offset, 12, 'MP_FASTCLOSE');
  at = putU16(bytes, at, 0x7000 | bits(reserved, RESERVED, 'MP_FASTCLOSE.reserved'), 'MP_FASTCLOSE.reserved');
  return putOctets(bytes, at, receiverKey, 8, 'MP_FASTCLOSE.receiverKey');
}

/** The wire shape of MP_FASTCLOSE. */
export const MP_FASTCLOSE_FORMS: readonly Form[] = /* @__PURE__ */ forms();

function forms(): Form[] {
  return [
    form('MP_FASTCLOSE', 'MP_FASTCLOSE', '8684 §3.5', [
      ...headFields(7),
      reservedField(12),
      {
        name: 'receiverKey',
        bits: 64,
        label: "Option Receiver's Key",
        type: 'octets',
        note: 'Proves that the sender took part in the handshake: the key that the receiver of this segment sent then.',
        wireshark: 'tcp.options.mptcp.recvkey',
      },
    ]),
  ];
}
