/**
 * MP_JOIN: Join Connection, subtype 0x1.
 *
 * RFC 8684 §3.2, figures 5 (SYN), 6 (SYN/ACK) and 7 (third ACK); the same in RFC 6824:
 *
 * ```text
 *                      1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +---------------+---------------+-------+-----+-+---------------+
 * |     Kind      |  Length = 12  |Subtype|(rsv)|B|   Address ID  |
 * +---------------+---------------+-------+-----+-+---------------+
 * |                   Receiver's Token (32 bits)                  |
 * +---------------------------------------------------------------+
 * |                Sender's Random Number (32 bits)               |
 * +---------------------------------------------------------------+
 *
 * +---------------+---------------+-------+-----+-+---------------+
 * |     Kind      |  Length = 16  |Subtype|(rsv)|B|   Address ID  |
 * +---------------+---------------+-------+-----+-+---------------+
 * |                Sender's Truncated HMAC (64 bits)              |
 * |                                                               |
 * +---------------------------------------------------------------+
 * |                Sender's Random Number (32 bits)               |
 * +---------------------------------------------------------------+
 *
 * +---------------+---------------+-------+-----------------------+
 * |     Kind      |  Length = 24  |Subtype|      (reserved)       |
 * +---------------+---------------+-------+-----------------------+
 * |                   Sender's HMAC (160 bits)                    |
 * |                                                               |
 * +---------------------------------------------------------------+
 * ```
 *
 * @module
 */
import { bits, flag, putOctets, putU8, putU16, putU32, u8, u16, u32 } from '../bytes.ts';
import { type Field, type Form, form } from '../layout.ts';
import { type Malformed, malformed } from '../malformed.ts';
import { headFields, putHead, reservedField } from './head.ts';

/** First step: names the connection by the token of the host that receives this SYN. */
export interface MpJoinSyn {
  readonly type: 'MP_JOIN';
  readonly form: 'syn';
  /** B: use this subflow only while no other works. */
  readonly backup: boolean;
  /** Identifies the sender's address of this subflow, 0 to 255, whatever NATs make of the address. */
  readonly addressId: number;
  /** Token of the receiving host, 32 bits. */
  readonly receiverToken: number;
  /** Sender's random number, 32 bits. */
  readonly nonce: number;
  /** Meaningless bits, in place: `0x0e` of octet 2. */
  readonly reserved?: number | undefined;
}

/** Second step: the responder proves that it has both keys. */
export interface MpJoinSynAck {
  readonly type: 'MP_JOIN';
  readonly form: 'syn-ack';
  /** B: use this subflow only while no other works. */
  readonly backup: boolean;
  /** Identifies the sender's address of this subflow, 0 to 255. */
  readonly addressId: number;
  /** Leftmost 64 bits of the responder's HMAC, 8 octets. Aliases the decoded buffer. */
  readonly truncatedHmac: Uint8Array;
  /** Sender's random number, 32 bits. */
  readonly nonce: number;
  /** Meaningless bits, in place: `0x0e` of octet 2. */
  readonly reserved?: number | undefined;
}

/** Third step: the initiator proves that it has both keys. */
export interface MpJoinAck {
  readonly type: 'MP_JOIN';
  readonly form: 'ack';
  /** Leftmost 160 bits of the initiator's HMAC, 20 octets. Aliases the decoded buffer. */
  readonly hmac: Uint8Array;
  /** Meaningless bits, in place: `0x0fff` of octets 2 and 3. */
  readonly reserved?: number | undefined;
}

/** Joins a subflow to a connection. */
export type MpJoin = MpJoinSyn | MpJoinSynAck | MpJoinAck;

/** B: backup. */
const B = 0x01;
const RESERVED = 0x0e;
const RESERVED_ACK = 0x0fff;

/**
 * Decode an MP_JOIN option.
 *
 * @param bytes - buffer that holds the option
 * @param offset - offset of the Kind octet
 * @param length - octets in the option, as declared; the caller has checked that they are there
 */
export function decodeMpJoin(bytes: Uint8Array, offset: number, length: number): MpJoin | Malformed {
  if (length === 24) {
    return {
      type: 'MP_JOIN',
      form: 'ack',
      hmac: bytes.subarray(offset + 4, offset + 24),
      reserved: u16(bytes, offset + 2) & RESERVED_ACK,
    };
  }
  if (length !== 12 && length !== 16) return malformed('length', 1, bytes, offset, length);
  const flags = u8(bytes, offset + 2);
  const backup = (flags & B) !== 0;
  const addressId = u8(bytes, offset + 3);
  const reserved = flags & RESERVED;
  if (length === 12) {
    return {
      type: 'MP_JOIN',
      form: 'syn',
      backup,
      addressId,
      receiverToken: u32(bytes, offset + 4),
      nonce: u32(bytes, offset + 8),
      reserved,
    };
  }
  return {
    type: 'MP_JOIN',
    form: 'syn-ack',
    backup,
    addressId,
    truncatedHmac: bytes.subarray(offset + 4, offset + 12),
    nonce: u32(bytes, offset + 12),
    reserved,
  };
}

/** Size of an MP_JOIN option on the wire, in octets. */
export function sizeOfMpJoin(option: MpJoin): number {
  return option.form === 'syn' ? 12 : option.form === 'syn-ack' ? 16 : 24;
}

/**
 * Encode an MP_JOIN option.
 *
 * @returns the offset after the option
 * @throws RangeError or TypeError that names the field that has no octets
 */
export function encodeMpJoin(option: MpJoin, bytes: Uint8Array, offset: number): number {
  const { form, reserved = 0 } = option;
  if (form !== 'syn' && form !== 'syn-ack' && form !== 'ack') {
    throw new TypeError("MP_JOIN.form must be 'syn', 'syn-ack' or 'ack'");
  }
  let at = putHead(bytes, offset, sizeOfMpJoin(option), 'MP_JOIN');
  if (form === 'ack') {
    at = putU16(bytes, at, 0x1000 | bits(reserved, RESERVED_ACK, 'MP_JOIN.reserved'), 'MP_JOIN.reserved');
    return putOctets(bytes, at, option.hmac, 20, 'MP_JOIN.hmac');
  }
  const flags = flag(option.backup, B, 'MP_JOIN.backup') | bits(reserved, RESERVED, 'MP_JOIN.reserved');
  at = putU8(bytes, at, 0x10 | flags, 'MP_JOIN.reserved');
  at = putU8(bytes, at, option.addressId, 'MP_JOIN.addressId');
  if (form === 'syn') at = putU32(bytes, at, option.receiverToken, 'MP_JOIN.receiverToken');
  else at = putOctets(bytes, at, option.truncatedHmac, 8, 'MP_JOIN.truncatedHmac');
  return putU32(bytes, at, option.nonce, 'MP_JOIN.nonce');
}

/** The three wire shapes of MP_JOIN, one a handshake step. */
export const MP_JOIN_FORMS: readonly Form[] = /* @__PURE__ */ forms();

function forms(): Form[] {
  const head: Field[] = [
    ...headFields(1),
    reservedField(3),
    {
      name: 'backup',
      bits: 1,
      label: 'B',
      means: { 0: 'regular subflow', 1: 'backup subflow' },
      wireshark: 'tcp.options.mptcp.backup.flag',
    },
    {
      name: 'addressId',
      bits: 8,
      label: 'Address ID',
      note: "Identifies the sender's address, whatever NATs make of it.",
      wireshark: 'tcp.options.mptcp.addrid',
    },
  ];
  const nonce: Field = {
    name: 'nonce',
    bits: 32,
    label: "Sender's Random Number",
    type: 'hex',
    note: 'Goes into both HMACs, so that no handshake can be replayed.',
    wireshark: 'tcp.options.mptcp.sendrand',
  };
  return [
    form('MP_JOIN', 'SYN', '8684 §3.2', [
      ...head,
      {
        name: 'receiverToken',
        bits: 32,
        label: "Receiver's Token",
        type: 'hex',
        note: 'Names the connection: the token of the host that receives this SYN.',
        wireshark: 'tcp.options.mptcp.recvtok',
      },
      nonce,
    ]),
    form('MP_JOIN', 'SYN/ACK', '8684 §3.2', [
      ...head,
      {
        name: 'truncatedHmac',
        bits: 64,
        label: "Sender's Truncated HMAC",
        type: 'octets',
        note: 'Leftmost 64 bits of HMAC(Key-B || Key-A, R-B || R-A), B being the sender.',
        wireshark: 'tcp.options.mptcp.sendtrunchmac',
      },
      nonce,
    ]),
    form('MP_JOIN', 'ACK', '8684 §3.2', [
      ...headFields(1),
      reservedField(12),
      {
        name: 'hmac',
        bits: 160,
        label: "Sender's HMAC",
        type: 'octets',
        note: 'Leftmost 160 bits of HMAC(Key-A || Key-B, R-A || R-B), A being the sender.',
        wireshark: 'tcp.options.mptcp.sendhmac',
      },
    ]),
  ];
}
