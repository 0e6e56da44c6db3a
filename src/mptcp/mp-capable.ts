/**
 * MP_CAPABLE: Multipath Capable, subtype 0x0.
 *
 * RFC 8684 §3.1, figure 4 (RFC 6824 §3.1 for version 0):
 *
 * ```text
 *                      1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +---------------+---------------+-------+-------+---------------+
 * |     Kind      |    Length     |Subtype|Version|A|B|C|D|E|F|G|H|
 * +---------------+---------------+-------+-------+---------------+
 * |                   Option Sender's Key (64 bits)               |
 * |                      (if option Length > 4)                   |
 * +---------------------------------------------------------------+
 * |                  Option Receiver's Key (64 bits)              |
 * |                      (if option Length > 12)                  |
 * +-------------------------------+-------------------------------+
 * |  Data-Level Length (16 bits)  |  Checksum (16 bits, optional) |
 * +-------------------------------+-------------------------------+
 * ```
 *
 * @module
 */
import { bits, flag, octets, putOctets, putU8, putU16, u8, u16, unfit } from '../bytes.ts';
import { type Field, type Form, form, REST } from '../layout.ts';
import { type Malformed, malformed } from '../malformed.ts';
import { headFields, putHead } from './head.ts';

/** Offers MPTCP on a new connection, and exchanges keys. */
export interface MpCapable {
  readonly type: 'MP_CAPABLE';
  /** 0 (RFC 6824) or 1 (RFC 8684); 2 to 15 are decoded as far as the flags. */
  readonly version: number;
  /** A: the sender requires DSS checksums. */
  readonly checksumRequired: boolean;
  /** B: extensibility. Senders set it to 0; a host that does not know its meaning falls back to TCP. */
  readonly extensibility: boolean;
  /** C: the sender accepts no further subflows to this address and port. Version 0: an algorithm bit. */
  readonly denyJoin: boolean;
  /** D to H as a 5-bit number: handshake algorithms. H = 1: HMAC-SHA256 (version 0: HMAC-SHA1). */
  readonly algorithms: number;
  /** 8 octets. Absent on the SYN of version 1. Aliases the decoded buffer. */
  readonly senderKey?: Uint8Array | undefined;
  /** 8 octets: the key of the segment's receiver, echoed. Aliases the decoded buffer. */
  readonly receiverKey?: Uint8Array | undefined;
  /** Octets of the data that this segment's mapping covers, which begins at IDSN + 1. Version 1. */
  readonly dataLevelLength?: number | undefined;
  /** Checksum of that mapping. */
  readonly checksum?: number | undefined;
  /** Octets 4 and up, in versions 2 to 15, whose layout nobody has defined. Aliases the decoded buffer. */
  readonly data?: Uint8Array | undefined;
}

/** A, B, C: flags of octet 3; D to H are {@link ALGORITHMS}. */
const A = 0x80;
const B = 0x40;
const C = 0x20;
const ALGORITHMS = 0x1f;

/**
 * Decode an MP_CAPABLE option.
 *
 * @param bytes - buffer that holds the option
 * @param offset - offset of the Kind octet
 * @param length - octets in the option, as declared; the caller has checked that they are there
 */
export function decodeMpCapable(bytes: Uint8Array, offset: number, length: number): MpCapable | Malformed {
  if (length < 4) return malformed('length', 1, bytes, offset, length);
  const version = u8(bytes, offset + 2) & 0x0f;
  const known = version < 2;
  if (known && length !== 4 && length !== 12 && length !== 20 && length !== 22 && length !== 24) {
    return malformed('length', 1, bytes, offset, length);
  }
  const flags = u8(bytes, offset + 3);
  return {
    type: 'MP_CAPABLE',
    version,
    checksumRequired: (flags & A) !== 0,
    extensibility: (flags & B) !== 0,
    denyJoin: (flags & C) !== 0,
    algorithms: flags & ALGORITHMS,
    senderKey: known && length >= 12 ? bytes.subarray(offset + 4, offset + 12) : undefined,
    receiverKey: known && length >= 20 ? bytes.subarray(offset + 12, offset + 20) : undefined,
    dataLevelLength: known && length >= 22 ? u16(bytes, offset + 20) : undefined,
    checksum: known && length === 24 ? u16(bytes, offset + 22) : undefined,
    data: known ? undefined : bytes.subarray(offset + 4, offset + length),
  };
}

/** Size of an MP_CAPABLE option on the wire, in octets. */
export function sizeOfMpCapable(option: MpCapable): number {
  if (option.version > 1) return 4 + (option.data?.length ?? 0);
  if (option.checksum !== undefined) return 24;
  if (option.dataLevelLength !== undefined) return 22;
  if (option.receiverKey !== undefined) return 20;
  return option.senderKey !== undefined ? 12 : 4;
}

/**
 * Encode an MP_CAPABLE option.
 *
 * @returns the offset after the option
 * @throws RangeError or TypeError that names the field that has no octets
 */
export function encodeMpCapable(option: MpCapable, bytes: Uint8Array, offset: number): number {
  const { version, senderKey, receiverKey, dataLevelLength, checksum, data } = option;
  if (!(Number.isInteger(version) && version >= 0 && version <= 15)) {
    throw unfit('MP_CAPABLE.version', version, 'an integer from 0 to 15');
  }
  const stray = version > 1 ? (senderKey ?? receiverKey ?? dataLevelLength ?? checksum) : data;
  if (stray !== undefined) {
    throw new TypeError('MP_CAPABLE.data stands for all fields after the flags in versions 2 to 15, and only there');
  }
  const size = sizeOfMpCapable(option);
  const flags =
    flag(option.checksumRequired, A, 'MP_CAPABLE.checksumRequired') |
    flag(option.extensibility, B, 'MP_CAPABLE.extensibility') |
    flag(option.denyJoin, C, 'MP_CAPABLE.denyJoin') |
    bits(option.algorithms, ALGORITHMS, 'MP_CAPABLE.algorithms');
  let at = putHead(bytes, offset, size, 'MP_CAPABLE.data');
  at = putU8(bytes, at, version, 'MP_CAPABLE.version');
  at = putU8(bytes, at, flags, 'MP_CAPABLE.algorithms');
  if (data !== undefined) return putOctets(bytes, at, octets(data, 'MP_CAPABLE.data'), size - 4, 'MP_CAPABLE.data');
  if (size >= 12) at = putOctets(bytes, at, senderKey, 8, 'MP_CAPABLE.senderKey');
  if (size >= 20) at = putOctets(bytes, at, receiverKey, 8, 'MP_CAPABLE.receiverKey');
  if (size >= 22) at = putU16(bytes, at, dataLevelLength, 'MP_CAPABLE.dataLevelLength');
  if (size === 24) at = putU16(bytes, at, checksum, 'MP_CAPABLE.checksum');
  return at;
}

/** Every wire shape of MP_CAPABLE: five lengths in each of versions 0 and 1, and the versions to come. */
export const MP_CAPABLE_FORMS: readonly Form[] = /* @__PURE__ */ forms();

function forms(): Form[] {
  const senderKey: Field = {
    name: 'senderKey',
    bits: 64,
    label: "Option Sender's Key",
    type: 'octets',
    note: 'Token, IDSN and all HMACs come from it. Whoever knows both keys can join the connection.',
    wireshark: 'tcp.options.mptcp.sendkey',
  };
  const receiverKey: Field = {
    name: 'receiverKey',
    bits: 64,
    label: "Option Receiver's Key",
    type: 'octets',
    note: 'The key that the receiver of this segment sent before, echoed.',
    wireshark: 'tcp.options.mptcp.recvkey',
  };
  const length: Field = {
    name: 'dataLevelLength',
    bits: 16,
    label: 'Data-Level Length',
    note: 'Octets of data mapped from IDSN + 1 on.',
    wireshark: 'tcp.options.mptcp.datalvllen',
  };
  const checksum: Field = {
    name: 'checksum',
    bits: 16,
    label: 'Checksum',
    type: 'hex',
    note: 'Over the data and a pseudo-header, as in DSS.',
    wireshark: 'tcp.options.mptcp.checksum',
  };
  const head = (least: number, greatest: number): Field[] => [
    ...headFields(0),
    {
      name: 'version',
      bits: 4,
      label: 'Version',
      is: [least, greatest],
      means: { 0: 'RFC 6824', 1: 'RFC 8684' },
      wireshark: 'tcp.options.mptcp.version',
    },
    {
      name: 'checksumRequired',
      bits: 1,
      label: 'A',
      means: { 0: 'no DSS checksum asked for', 1: 'DSS checksum required' },
      wireshark: 'tcp.options.mptcp.checksumreq.flags',
    },
    {
      name: 'extensibility',
      bits: 1,
      label: 'B',
      means: { 0: 'not extended', 1: 'extended: hosts that do not know how fall back to TCP' },
      wireshark: 'tcp.options.mptcp.extensibility.flag',
    },
    least === 0
      ? {
          name: 'denyJoin',
          bits: 1,
          label: 'C',
          means: { 0: 'algorithm C not offered', 1: 'algorithm C offered (unassigned)' },
        }
      : {
          name: 'denyJoin',
          bits: 1,
          label: 'C',
          means: {
            0: 'further subflows to this address and port accepted',
            1: 'no further subflows to this address and port',
          },
          wireshark: 'tcp.options.mptcp.nomoresubflows.flag',
        },
    { name: 'algorithms', bits: 4, label: 'D E F G', means: { 0: 'none offered (unassigned)' } },
    least === 0
      ? {
          name: 'algorithms',
          bits: 1,
          label: 'H',
          means: { 0: 'not offered', 1: 'HMAC-SHA1' },
          wireshark: 'tcp.options.mptcp.sha1.flag',
        }
      : {
          name: 'algorithms',
          bits: 1,
          label: 'H',
          means: { 0: 'not offered', 1: 'HMAC-SHA256' },
          wireshark: 'tcp.options.mptcp.sha256.flag',
        },
  ];
  const bodies: readonly Field[][] = [
    [],
    [senderKey],
    [senderKey, receiverKey],
    [senderKey, receiverKey, length],
    [senderKey, receiverKey, length, checksum],
  ];
  const names = [
    ['no key', 'SYN or SYN/ACK', 'ACK', 'ACK with data', 'ACK with data and checksum'],
    ['SYN', 'SYN/ACK', 'ACK', 'ACK with data', 'ACK with data and checksum'],
  ];
  return [
    ...names.flatMap((row, version) =>
      bodies.map((body, i) => {
        const rfc = version === 0 ? '6824 §3.1' : '8684 §3.1';
        return form('MP_CAPABLE', `version ${version} ${row[i]}`, rfc, [...head(version, version), ...body]);
      }),
    ),
    form('MP_CAPABLE', 'version 2 and later', '8684 §3.1', [
      ...head(2, 15),
      { name: 'data', bits: REST, label: 'Defined by its version', type: 'octets' },
    ]),
  ];
}
