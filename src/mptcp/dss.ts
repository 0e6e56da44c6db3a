/**
 * DSS: Data Sequence Signal, subtype 0x2.
 *
 * RFC 8684 §3.3, figure 9; the same in RFC 6824:
 *
 * ```text
 *                      1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +---------------+---------------+-------+----------------------+
 * |     Kind      |    Length     |Subtype| (reserved) |F|m|M|a|A|
 * +---------------+---------------+-------+----------------------+
 * |           Data ACK (4 or 8 octets, depending on flags)       |
 * +--------------------------------------------------------------+
 * |   Data sequence number (4 or 8 octets, depending on flags)   |
 * +--------------------------------------------------------------+
 * |              Subflow Sequence Number (4 octets)              |
 * +-------------------------------+------------------------------+
 * |  Data-Level Length (2 octets) |      Checksum (2 octets)     |
 * +-------------------------------+------------------------------+
 * ```
 *
 * @module
 */
import { bits, flag, putU16, putU32, putU64, u8, u16, u32, u64, unfit } from '../bytes.ts';
import { type Field, type Form, form } from '../layout.ts';
import { type Malformed, malformed } from '../malformed.ts';
import { headFields, putHead, reservedField } from './head.ts';

/** Places a run of subflow octets in the data sequence space. RFC 8684 §3.3.1. */
export interface Mapping {
  /** Of the first octet: `bigint` when sent as 8 octets (m), `number` when sent as 4. */
  readonly dataSequenceNumber: bigint | number;
  /** Of the first octet, relative: the octet after the SYN has 1. 0 on a DATA_FIN without data. */
  readonly subflowSequenceNumber: number;
  /** Octets mapped, a DATA_FIN counted, 0 to 65535. 0 declares an infinite mapping, RFC 8684 §3.7. */
  readonly dataLevelLength: number;
  /** Over data and pseudo-header, where the handshake agreed on checksums. */
  readonly checksum?: number | undefined;
}

/** Acknowledges data, maps data, or both; may end the data stream. */
export interface Dss {
  readonly type: 'DSS';
  /** F: the mapping's last octet is the DATA_FIN, the end of the sender's data. */
  readonly dataFin: boolean;
  /** Next data sequence number expected: `bigint` when sent as 8 octets (a), `number` when sent as 4. */
  readonly dataAck?: bigint | number | undefined;
  readonly mapping?: Mapping | undefined;
  /** Meaningless bits, in place: `0x0fe0` of octets 2 and 3, and m without M, a without A. */
  readonly reserved?: number | undefined;
}

/** Flags of octet 3. */
const F = 0x10;
const DSN8 = 0x08;
const MAP = 0x04;
const ACK8 = 0x02;
const ACK = 0x01;

/**
 * Decode a DSS option.
 *
 * @param bytes - buffer that holds the option
 * @param offset - offset of the Kind octet
 * @param length - octets in the option, as declared; the caller has checked that they are there
 */
export function decodeDss(bytes: Uint8Array, offset: number, length: number): Dss | Malformed {
  if (length < 4) return malformed('length', 1, bytes, offset, length);
  const flags = u8(bytes, offset + 3);
  const bare = sizeOf(flags);
  const summed = (flags & MAP) !== 0 && length === bare + 2;
  if (length !== bare && !summed) return malformed('length', 1, bytes, offset, length);

  let at = offset + 4;
  let dataAck: bigint | number | undefined;
  if (flags & ACK) {
    dataAck = flags & ACK8 ? u64(bytes, at) : u32(bytes, at);
    at += flags & ACK8 ? 8 : 4;
  }
  let mapping: Mapping | undefined;
  if (flags & MAP) {
    const dataSequenceNumber = flags & DSN8 ? u64(bytes, at) : u32(bytes, at);
    at += flags & DSN8 ? 8 : 4;
    mapping = {
      dataSequenceNumber,
      subflowSequenceNumber: u32(bytes, at),
      dataLevelLength: u16(bytes, at + 4),
      checksum: summed ? u16(bytes, at + 6) : undefined,
    };
  }
  const reserved = u16(bytes, offset + 2) & meaningless(flags);
  return { type: 'DSS', dataFin: (flags & F) !== 0, dataAck, mapping, reserved };
}

/** Size of a DSS option on the wire, in octets. */
export function sizeOfDss(option: Dss): number {
  return sizeOf(layoutOf(option)) + (option.mapping?.checksum === undefined ? 0 : 2);
}

/**
 * Encode a DSS option.
 *
 * @returns the offset after the option
 * @throws RangeError or TypeError that names the field that has no octets
 */
export function encodeDss(option: Dss, bytes: Uint8Array, offset: number): number {
  const { dataAck, mapping, reserved = 0 } = option;
  if (mapping === null || (mapping !== undefined && typeof mapping !== 'object')) {
    throw unfit('DSS.mapping', mapping, 'an object', 'object');
  }
  const flags = layoutOf(option) | flag(option.dataFin, F, 'DSS.dataFin');
  let at = putHead(bytes, offset, sizeOfDss(option), 'DSS');
  at = putU16(bytes, at, 0x2000 | flags | bits(reserved, meaningless(flags), 'DSS.reserved'), 'DSS.reserved');
  if (dataAck !== undefined) at = putSequence(bytes, at, dataAck, 'DSS.dataAck');
  if (mapping !== undefined) {
    at = putSequence(bytes, at, mapping.dataSequenceNumber, 'DSS.mapping.dataSequenceNumber');
    at = putU32(bytes, at, mapping.subflowSequenceNumber, 'DSS.mapping.subflowSequenceNumber');
    at = putU16(bytes, at, mapping.dataLevelLength, 'DSS.mapping.dataLevelLength');
    if (mapping.checksum !== undefined) at = putU16(bytes, at, mapping.checksum, 'DSS.mapping.checksum');
  }
  return at;
}

/** Every wire shape of DSS: three data ACKs, and for each one no mapping or one of four. */
export const DSS_FORMS: readonly Form[] = /* @__PURE__ */ forms();

/** Octets that `flags` call for, without a checksum. */
function sizeOf(flags: number): number {
  const ack = flags & ACK ? (flags & ACK8 ? 8 : 4) : 0;
  const map = flags & MAP ? (flags & DSN8 ? 14 : 10) : 0;
  return 4 + ack + map;
}

/** The bits of octets 2 and 3 that mean nothing, given `flags`. */
function meaningless(flags: number): number {
  return 0x0fe0 | (flags & MAP ? 0 : DSN8) | (flags & ACK ? 0 : ACK8);
}

/** m, M, a and A of an option. */
function layoutOf({ dataAck, mapping }: Dss): number {
  return (
    (mapping === undefined ? 0 : MAP | (typeof mapping.dataSequenceNumber === 'bigint' ? DSN8 : 0)) |
    (dataAck === undefined ? 0 : ACK | (typeof dataAck === 'bigint' ? ACK8 : 0))
  );
}

function putSequence(bytes: Uint8Array, at: number, value: bigint | number, field: string): number {
  return typeof value === 'bigint' ? putU64(bytes, at, value, field) : putU32(bytes, at, value, field);
}

function forms(): Form[] {
  const flags = (fin: Field, dsn8: number | undefined, map: number, ack8: number | undefined, ack: number): Field[] => [
    ...headFields(2),
    reservedField(4),
    reservedField(3),
    fin,
    dsn8 === undefined ? reservedField(1) : bit('m', dsn8, 'dseqn8.flag', ['4-octet DSN', '8-octet DSN']),
    bit('M', map, 'dseqnpresent.flag', ['no mapping', 'mapping present']),
    ack8 === undefined ? reservedField(1) : bit('a', ack8, 'dataack8.flag', ['4-octet Data ACK', '8-octet Data ACK']),
    bit('A', ack, 'dataackpresent.flag', ['no Data ACK', 'Data ACK present']),
  ];
  const fin: Field = {
    name: 'dataFin',
    bits: 1,
    label: 'F',
    means: { 0: 'no DATA_FIN', 1: 'DATA_FIN: the sender has no more data' },
    wireshark: 'tcp.options.mptcp.datafin.flag',
  };
  const dataAck = (width: number): Field => ({
    name: 'dataAck',
    bits: width,
    label: 'Data ACK',
    note: 'The next data sequence number that the sender expects.',
    wireshark: 'tcp.options.mptcp.rawdataack',
  });
  const mapping = (width: number): Field[] => [
    {
      name: 'dataSequenceNumber',
      bits: width,
      label: 'Data sequence number',
      note: "The first octet's place in the data stream; the stream begins at IDSN + 1.",
      wireshark: 'tcp.options.mptcp.rawdataseqno',
    },
    {
      name: 'subflowSequenceNumber',
      bits: 32,
      label: 'Subflow Sequence Number',
      note: "The first octet's place in the subflow: 1 for the first after the SYN, 0 for a DATA_FIN alone.",
      wireshark: 'tcp.options.mptcp.subflowseqno',
    },
    {
      name: 'dataLevelLength',
      bits: 16,
      label: 'Data-Level Length',
      means: { 0: 'infinite mapping: fallback to TCP' },
      note: 'Octets mapped; a DATA_FIN counts as one.',
      wireshark: 'tcp.options.mptcp.datalvllen',
    },
  ];
  const checksum: Field = {
    name: 'checksum',
    bits: 16,
    label: 'Checksum',
    type: 'hex',
    note: 'Over the data mapped and a pseudo-header of 64-bit DSN, SSN, length and zeros.',
    wireshark: 'tcp.options.mptcp.checksum',
  };
  const acks: readonly [string, number | undefined, number, Field[]][] = [
    ['', undefined, 0, []],
    ['ACK4', 0, 1, [dataAck(32)]],
    ['ACK8', 1, 1, [dataAck(64)]],
  ];
  const maps: readonly [string, number | undefined, number, Field[]][] = [
    ['', undefined, 0, []],
    ['DSN4', 0, 1, mapping(32)],
    ['DSN4 checksum', 0, 1, [...mapping(32), checksum]],
    ['DSN8', 1, 1, mapping(64)],
    ['DSN8 checksum', 1, 1, [...mapping(64), checksum]],
  ];
  return acks.flatMap(([ackName, ack8, ack, ackFields]) =>
    maps.map(([mapName, dsn8, map, mapFields]) =>
      form('DSS', `${ackName} ${mapName}`.trim() || 'empty', '8684 §3.3', [
        ...flags(fin, dsn8, map, ack8, ack),
        ...ackFields,
        ...mapFields,
      ]),
    ),
  );
}

/** A flag that chooses the form. */
function bit(label: string, is: number, wireshark: string, [clear, set]: readonly [string, string]): Field {
  const means = { 0: clear, 1: set };
  return { name: label, bits: 1, label, is: [is, is], means, wireshark: `tcp.options.mptcp.${wireshark}` };
}
