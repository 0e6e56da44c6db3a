/**
 * Where gopacket and we disagree about one option.
 *
 * @module
 */
import { toHex, u8, u16 } from '../../src/bytes.ts';
import { KIND } from '../../src/mptcp/registry.ts';
import { ERROR, PANIC } from './gopacket.ts';
import type { Rule } from './rule.ts';

/** Stands for whatever gopacket reads after it lost its place. */
export const LOST = 'lost';

/** Later rules see what earlier ones made of the text. */
export const GOPACKET_RULES: readonly Rule<string>[] = [
  {
    id: 'gopacket-add-addr-hmac',
    tool: 'gopacket',
    title: '',
    what: '',
    right: '',
    rfc: '',
    example: { flags: 0, options: '', says: '' },
    reads: ({ option, after }, text) =>
      option?.type === 'ADD_ADDR' && option.truncatedHmac !== undefined && after.length > 0
        ? [{ reading: text + toHex(after) }]
        : [],
  },
  {
    id: 'gopacket-add-addr-reserved',
    tool: 'gopacket',
    title: '',
    what: '',
    right: '',
    rfc: '',
    example: { flags: 0, options: '', says: '' },
    reads: ({ option, bytes }, text) => {
      if (option?.type !== 'ADD_ADDR' || !option.reserved) return [];
      return [
        {
          reading: option.echo ? text.replace('version 0 echo true', `version ${u8(bytes, 2) & 15} echo false`) : ERROR,
        },
      ];
    },
  },
  {
    id: 'gopacket-add-addr-form',
    tool: 'gopacket',
    title: '',
    what: '',
    right: '',
    rfc: '',
    example: { flags: 0, options: '', says: '' },
    reads: ({ option, bytes }) => {
      if (option?.type !== 'MALFORMED' || u8(bytes, 2) >>> 4 !== 3 || (u8(bytes, 2) & 15) < 2) return [];
      const size = { 8: 4, 10: 4, 20: 16, 22: 16 }[bytes.length];
      if (size === undefined) return [];
      const port = bytes.length > 4 + size ? u16(bytes, 4 + size) : 0;
      return [
        {
          reading: `ADD_ADDR ${bytes.length}: version ${u8(bytes, 2) & 15} echo false id ${u8(bytes, 3)} address ${toHex(bytes.subarray(4, 4 + size))} port ${port} hmac `,
        },
      ];
    },
  },
  {
    id: 'gopacket-version',
    tool: 'gopacket',
    title: '',
    what: '',
    right: '',
    rfc: '',
    example: { flags: 0, options: '', says: '' },
    reads: ({ option, bytes }, text) => {
      if (option?.type !== 'MP_CAPABLE' || option.version < 2) return [];
      const { length } = bytes;
      if (![4, 12, 20, 22, 24].includes(length)) return [{ reading: ERROR }];
      const keys = [
        [4, 12],
        [12, 20],
      ].map(([start, end]) => (length >= end! ? toHex(bytes.subarray(start, end)) : ''));
      const size = length > 20 ? u16(bytes, 20) : 0;
      const checksum = length > 22 ? u16(bytes, 22) : 0;
      return [
        {
          reading: text.replace(
            /data .*/,
            `keys ${keys.join(' ')} length ${size} checksum ${checksum.toString(16).padStart(4, '0')}`,
          ),
        },
      ];
    },
  },
  {
    id: 'gopacket-subtype',
    tool: 'gopacket',
    title: '',
    what: '',
    right: '',
    rfc: '',
    example: { flags: 0, options: '', says: '' },
    reads: ({ option }, text) =>
      (option?.type === 'UNKNOWN' || option?.type === 'MP_EXPERIMENTAL') && option.data.length > 0
        ? [{ reading: text.replace(/: .*/, ': ') }]
        : [],
  },
  {
    id: 'gopacket-short',
    tool: 'gopacket',
    title: '',
    what: '',
    right: '',
    rfc: '',
    example: { flags: 0, options: '', says: '' },
    reads: ({ option, bytes, after }) => {
      if (option?.type !== 'MALFORMED' || bytes.length < 2 || u8(bytes, 0) !== KIND) return [];
      const size = u8(bytes, 1);
      const octet = bytes[2] ?? after[0] ?? 0;
      return (size === 1 || size === 2) && octet >>> 4 > 8 ? [{ reading: LOST }] : [];
    },
  },
  {
    id: 'gopacket-panic',
    tool: 'gopacket',
    title: '',
    what: '',
    right: '',
    rfc: '',
    example: { flags: 0, options: '', says: '' },
    reads: ({ option, bytes, after }) => {
      if (option?.type !== 'MALFORMED' || u8(bytes, 0) !== KIND) return [];
      const size = bytes[1] ?? 0;
      const there = bytes.length + after.length;
      return there < 3 || size > there ? [{ reading: PANIC }, { reading: ERROR }] : [];
    },
  },
];
