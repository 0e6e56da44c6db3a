/**
 * tshark's reading of MPTCP options: run it, and say what it ought to read.
 *
 * @module
 */
import { spawnSync } from 'node:child_process';
import { toHex } from '../../src/bytes.ts';
import { formatAddress, parseAddress } from '../../src/ip/address.ts';
import { idsn, token } from '../../src/mptcp/auth.ts';
import type { Dss } from '../../src/mptcp/dss.ts';
import type { MpCapable } from '../../src/mptcp/mp-capable.ts';
import type { MpJoin } from '../../src/mptcp/mp-join.ts';
import type { Seen } from './rule.ts';

/** Values of fields in wire order, the fields without `tcp.options.mptcp.`. */
export type Pairs = readonly (readonly [field: string, value: string])[];

/** Stands for a value that depends on more than the segment. */
export const ANY = '*';

const PREFIX = 'tcp.options.mptcp.';

/** What is compared of each option. The fields that depend on earlier packets are not among these. */
export const FIELDS: readonly string[] = [
  'subtype',
  'version',
  'reserved',
  'flags',
  'backup.flag',
  'checksumreq.flags',
  'extensibility.flag',
  'nomoresubflows.flag',
  'sha1.flag',
  'sha256.flag',
  'datafin.flag',
  'dseqn8.flag',
  'dseqnpresent.flag',
  'dataack8.flag',
  'dataackpresent.flag',
  'reserved.flag',
  'flag_U.flag',
  'flag_V.flag',
  'flag_W.flag',
  'flag_T.flag',
  'rst_reason',
  'addrid',
  'sendkey',
  'recvkey',
  'recvtok',
  'sendrand',
  'sendtrunchmac',
  'sendhmac',
  'addaddrtrunchmac',
  'rawdataack',
  'rawdataseqno',
  'subflowseqno',
  'datalvllen',
  'checksum',
  'ipver',
  'echo',
  'ipv4',
  'ipv6',
  'port',
  'mptcp.rm_addr.count',
  'mptcp.expected_token',
  'mptcp.expected_idsn',
];

/** What tshark says of a frame. */
export interface TsharkRow {
  readonly frame: number;
  /** Of all TCP options, in wire order. */
  readonly kinds: readonly number[];
  /** An exception ended the dissection. */
  readonly malformed: boolean;
  readonly pairs: Pairs;
}

/** All frames of a capture in which tshark sees a TCP header. */
export function readByTshark(file: string): TsharkRow[] {
  const names = ['frame.number', 'tcp.option_kind', '_ws.malformed', ...FIELDS.map(fullName)];
  const columns = names.flatMap((name) => ['-e', name]);
  const run = spawnSync('tshark', ['-n', '-r', file, '-Y', 'tcp', '-T', 'fields', ...columns], {
    encoding: 'utf8',
    maxBuffer: 2 ** 30,
  });
  if (run.error !== undefined) throw run.error;
  return run.stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [frame = '', kinds = '', malformed = '', ...values] = line.split('\t');
      return {
        frame: Number(frame),
        kinds: kinds === '' ? [] : kinds.split(',').map(Number),
        malformed: malformed !== '',
        pairs: values.flatMap((list, i) =>
          list === '' ? [] : list.split(',').map((one) => [FIELDS[i]!, plain(FIELDS[i]!, one)] as const),
        ),
      };
    });
}

/** A value without what is a matter of taste: the C library writes `::32.0.0.0` where RFC 5952 wants `::2000:0`. */
function plain(field: string, value: string): string {
  return field === 'ipv6' ? formatAddress(parseAddress(value)) : value;
}

function fullName(field: string): string {
  return field.startsWith('mptcp.') ? field : PREFIX + field;
}

/** Pairs in the order in which tshark prints them: by field, and in a field by place on the wire. */
export function byField(pairs: Pairs): Pairs {
  return FIELDS.flatMap((field) => pairs.filter(([name]) => name === field));
}

/** What tshark ought to show of an option: what is in it, in Wireshark's names and notation. */
export function tsharkTruth({ option, bytes }: Seen): Pairs {
  if (option === undefined) return [];
  switch (option.type) {
    case 'MP_CAPABLE':
      return capable(option);
    case 'MP_JOIN':
      return join(option);
    case 'DSS':
      return dss(option);
    case 'ADD_ADDR': {
      const { version, echo, addressId, address, port, truncatedHmac } = option;
      const family = address.length === 4 ? '4' : '6';
      return [
        ['subtype', '3'],
        version === 0 ? ['ipver', family] : ['echo', bit(echo)],
        ['addrid', `${addressId}`],
        [`ipv${family}`, formatAddress(address)],
        ...one('port', port),
        ...one('addaddrtrunchmac', truncatedHmac && number(truncatedHmac)),
      ];
    }
    case 'REMOVE_ADDR': {
      const { addressIds } = option;
      return [
        ['subtype', '4'],
        ['mptcp.rm_addr.count', `${addressIds.length}`],
        ...addressIds.map((id) => ['addrid', `${id}`] as const),
      ];
    }
    case 'MP_PRIO': {
      const { backup, addressId, reserved = 0 } = option;
      return [
        ['subtype', '5'],
        ['flags', hex(reserved | (backup ? 1 : 0), 2)],
        ['backup.flag', bit(backup)],
        ...one('addrid', addressId),
      ];
    }
    case 'MP_FAIL':
      return [
        ['subtype', '6'],
        ['reserved', hex(option.reserved ?? 0, 4)],
        ['rawdataseqno', `${option.dataSequenceNumber}`],
      ];
    case 'MP_FASTCLOSE':
      return [
        ['subtype', '7'],
        ['reserved', hex(option.reserved ?? 0, 4)],
        ['recvkey', number(option.receiverKey)],
      ];
    case 'MP_TCPRST': {
      const { transient, reason, reserved = 0 } = option;
      return [
        ['subtype', '8'],
        ['flags', hex(reserved | (transient ? 1 : 0), 2)],
        ['flag_U.flag', bit((reserved & 8) !== 0)],
        ['flag_V.flag', bit((reserved & 4) !== 0)],
        ['flag_W.flag', bit((reserved & 2) !== 0)],
        ['flag_T.flag', bit(transient)],
        ['rst_reason', hex(reason, 2)],
      ];
    }
    case 'UNKNOWN':
      return [['subtype', `${option.subtype}`]];
    case 'MP_EXPERIMENTAL':
      return [['subtype', '15']];
    case 'MALFORMED':
      return bytes.length > 2 ? [['subtype', `${bytes[2]! >>> 4}`]] : [];
  }
}

function capable(option: MpCapable): Pairs {
  const { version, senderKey, receiverKey, dataLevelLength, checksum } = option;
  const flags =
    (option.checksumRequired ? 0x80 : 0) |
    (option.extensibility ? 0x40 : 0) |
    (option.denyJoin ? 0x20 : 0) |
    option.algorithms;
  const head: Pairs = [
    ['subtype', '0'],
    ['version', `${version}`],
    ['flags', hex(flags, 2)],
    ['checksumreq.flags', bit(option.checksumRequired)],
    ['extensibility.flag', bit(option.extensibility)],
  ];
  if (version > 1) return head;
  const edition = version === 0 ? 0 : 1;
  return [
    ...head,
    ...one('nomoresubflows.flag', version === 1 ? bit(option.denyJoin) : undefined),
    ['reserved.flag', hex((flags & (version === 1 ? 0x1e : 0x3e)) >>> 1, 2)],
    [version === 1 ? 'sha256.flag' : 'sha1.flag', bit((flags & 1) !== 0)],
    ...one('sendkey', senderKey && number(senderKey)),
    ...one('recvkey', receiverKey && number(receiverKey)),
    ...one('mptcp.expected_token', senderKey && token(senderKey, edition)),
    ...one('mptcp.expected_idsn', senderKey && idsn(senderKey, edition)),
    ...one('datalvllen', dataLevelLength),
    ...one('checksum', checksum === undefined ? undefined : hex(checksum, 4)),
  ];
}

function join(option: MpJoin): Pairs {
  const { reserved = 0 } = option;
  const subtype = ['subtype', '1'] as const;
  if (option.form === 'ack') return [subtype, ['reserved', hex(reserved, 4)], ['sendhmac', toHex(option.hmac)]];
  return [
    subtype,
    ['flags', hex(reserved | (option.backup ? 1 : 0), 2)],
    ['backup.flag', bit(option.backup)],
    ['addrid', `${option.addressId}`],
    option.form === 'syn' ? ['recvtok', `${option.receiverToken}`] : ['sendtrunchmac', number(option.truncatedHmac)],
    ['sendrand', `${option.nonce}`],
  ];
}

function dss({ dataFin, dataAck, mapping, reserved = 0 }: Dss): Pairs {
  const wide = typeof mapping?.dataSequenceNumber === 'bigint' || (reserved & 8) !== 0;
  const wideAck = typeof dataAck === 'bigint' || (reserved & 2) !== 0;
  const flags =
    (reserved & 0xe0) |
    (dataFin ? 0x10 : 0) |
    (wide ? 8 : 0) |
    (mapping === undefined ? 0 : 4) |
    (wideAck ? 2 : 0) |
    (dataAck === undefined ? 0 : 1);
  return [
    ['subtype', '2'],
    ['flags', hex(flags, 2)],
    ['datafin.flag', bit(dataFin)],
    ['dseqn8.flag', bit(wide)],
    ['dseqnpresent.flag', bit(mapping !== undefined)],
    ['dataack8.flag', bit(wideAck)],
    ['dataackpresent.flag', bit(dataAck !== undefined)],
    ...one('rawdataack', dataAck),
    ...one('rawdataseqno', mapping?.dataSequenceNumber),
    ...one('subflowseqno', mapping?.subflowSequenceNumber),
    ...one('datalvllen', mapping?.dataLevelLength),
    ...one('checksum', mapping?.checksum === undefined ? undefined : hex(mapping.checksum, 4)),
  ];
}

/** The field, where it has a value. */
function one(field: string, value: string | number | bigint | undefined): Pairs {
  return value === undefined ? [] : [[field, `${value}`]];
}

function bit(value: boolean): string {
  return value ? '1' : '0';
}

/** Octets as Wireshark writes keys and truncated HMACs: one decimal number. */
function number(bytes: Uint8Array): string {
  return `${BigInt(`0x${toHex(bytes)}`)}`;
}

/** As Wireshark writes flags, checksums and reserved bits. */
export function hex(value: number, digits: number): string {
  return `0x${value.toString(16).padStart(digits, '0')}`;
}
