/**
 * MP_TCPRST: TCP RST Reason, subtype 0x8.
 *
 * RFC 8684 §3.6, figure 15; not in RFC 6824:
 *
 * ```text
 *                      1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +---------------+---------------+-------+-----------------------+
 * |     Kind      |    Length     |Subtype|U|V|W|T|    Reason     |
 * +---------------+---------------+-------+-----------------------+
 * ```
 *
 * @module
 */
import { bits, flag, putU8, u8 } from '../bytes.ts';
import { type Form, form } from '../layout.ts';
import { type Malformed, malformed } from '../malformed.ts';
import { headFields, putHead } from './head.ts';
import { RESET_REASON_TEXT } from './registry.ts';

/** Says why the RST that carries it resets the subflow. */
export interface MpTcprst {
  readonly type: 'MP_TCPRST';
  /** T: the cause may pass, so that a later attempt may succeed. */
  readonly transient: boolean;
  /** One of `ResetReason`, or unassigned, 0 to 255. */
  readonly reason: number;
  /** Meaningless bits, in place: U, V and W, `0x0e` of octet 2. */
  readonly reserved?: number | undefined;
}

/** T: transient. */
const T = 0x01;
const RESERVED = 0x0e;

/**
 * Decode an MP_TCPRST option.
 *
 * @param bytes - buffer that holds the option
 * @param offset - offset of the Kind octet
 * @param length - octets in the option, as declared; the caller has checked that they are there
 */
export function decodeMpTcprst(bytes: Uint8Array, offset: number, length: number): MpTcprst | Malformed {
  if (length !== 4) return malformed('length', 1, bytes, offset, length);
  const flags = u8(bytes, offset + 2);
  return {
    type: 'MP_TCPRST',
    transient: (flags & T) !== 0,
    reason: u8(bytes, offset + 3),
    reserved: flags & RESERVED,
  };
}

/** Size of an MP_TCPRST option on the wire, in octets. */
export function sizeOfMpTcprst(_option: MpTcprst): number {
  return 4;
}

/**
 * Encode an MP_TCPRST option.
 *
 * @returns the offset after the option
 * @throws RangeError or TypeError that names the field that has no octets
 */
export function encodeMpTcprst(option: MpTcprst, bytes: Uint8Array, offset: number): number {
  const { reason, reserved = 0 } = option;
  const flags = flag(option.transient, T, 'MP_TCPRST.transient') | bits(reserved, RESERVED, 'MP_TCPRST.reserved');
  let at = putHead(bytes, offset, 4, 'MP_TCPRST');
  at = putU8(bytes, at, 0x80 | flags, 'MP_TCPRST.reserved');
  return putU8(bytes, at, reason, 'MP_TCPRST.reason');
}

/** The wire shape of MP_TCPRST. */
export const MP_TCPRST_FORMS: readonly Form[] = /* @__PURE__ */ forms();

function forms(): Form[] {
  const unused = (label: string) => ({
    name: 'reserved',
    bits: 1,
    label,
    note: 'Sent as 0, ignored on receipt.',
    wireshark: `tcp.options.mptcp.flag_${label}.flag`,
  });
  return [
    form('MP_TCPRST', 'MP_TCPRST', '8684 §3.6', [
      ...headFields(8),
      unused('U'),
      unused('V'),
      unused('W'),
      {
        name: 'transient',
        bits: 1,
        label: 'T',
        means: { 0: 'permanent', 1: 'transient: a later attempt may succeed' },
        wireshark: 'tcp.options.mptcp.flag_T.flag',
      },
      {
        name: 'reason',
        bits: 8,
        label: 'Reason',
        means: RESET_REASON_TEXT,
        wireshark: 'tcp.options.mptcp.rst_reason',
      },
    ]),
  ];
}
