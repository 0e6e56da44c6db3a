/**
 * Where gopacket and we disagree about one option.
 *
 * @module
 */
import { toHex, u8, u16 } from '../../src/bytes.ts';
import { KIND } from '../../src/mptcp/registry.ts';
import { ERROR, PANIC } from './gopacket.ts';
import type { Disagreement, Rule } from './rule.ts';

/** Stands for whatever gopacket reads after it lost its place. */
export const LOST = 'lost';

/** Later rules see what earlier ones made of the text. */
export const GOPACKET_RULES: readonly Rule<string>[] = [
  {
    id: 'gopacket-add-addr-hmac',
    tool: 'gopacket',
    title: 'gopacket gives the HMAC of ADD_ADDR too many octets',
    what: "`SendHMAC` begins 8 octets before the option's end and has no end of its own: whatever options follow are part of it.",
    right: 'We are: the truncated HMAC has 64 bits.',
    rfc: '8684 §3.4.1',
    example: {
      flags: 16,
      options: '1e103001697fa3a33698699f9bebca320101080a0000000100000002',
      says: 'ADD_ADDR 16: version 0 echo false id 1 address 697fa3a3 port 0 hmac 3698699f9bebca320101080a0000000100000002; kind 1 ; kind 1 ; kind 8 0000000100000002; written again: 1e020101080a00000001000000020000',
    },
    reads: ({ option, after }, text) =>
      option?.type === 'ADD_ADDR' && option.truncatedHmac !== undefined && after.length > 0
        ? [{ reading: text + toHex(after) }]
        : [],
  },
  {
    id: 'gopacket-add-addr-reserved',
    tool: 'gopacket',
    title: 'gopacket takes reserved bits of ADD_ADDR for version 0',
    what: 'With a reserved bit set an option of version 1 is refused for its length, or, an echo, read as version 0.',
    right: 'We are: receivers ignore the reserved bits; length and HMAC tell the version.',
    rfc: '8684 §3.4.1',
    example: {
      flags: 16,
      options: '1e1232dad53d6fd62603f95d783dfee02e1a0000',
      says: 'error: ADD_ADDR bad option length 18',
    },
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
    title: 'gopacket accepts ADD_ADDR of version 0 with any IPVer',
    what: 'An IPVer that is neither 4 nor 6, or not that of the address, passes.',
    right: 'We are: the figure of RFC 6824 allows 4 and 6 only, each with its address.',
    rfc: '6824 §3.4.1',
    example: {
      flags: 16,
      options: '1e083a2ac4eac594',
      says: 'ADD_ADDR 8: version 10 echo false id 42 address c4eac594 port 0 hmac ; written again: 1e020000',
    },
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
    title: 'gopacket reads versions of MP_CAPABLE that nobody has defined as version 1',
    what: 'Keys and lengths are taken from where version 1 has them; other lengths fail the whole TCP layer.',
    right: 'We are: an unknown version is known up to its flags.',
    rfc: '8684 §3.1',
    example: {
      flags: 2,
      options: '1e0c02dd8430971c81921d17',
      says: 'MP_CAPABLE 12: version 2 flags dd keys 8430971c81921d17  length 0 checksum 0000; written again: 1e020000',
    },
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
    title: 'gopacket drops the octets of subtypes 9 to 15',
    what: 'MP_EXPERIMENTAL and the unassigned subtypes have no data: their octets cannot be had from the layer.',
    right: 'We are: MP_EXPERIMENTAL is for private use, so its users need the octets.',
    rfc: '8684 §7.2',
    example: { flags: 16, options: '1e08f8ff01020304', says: 'subtype 15 8: ; written again: 1e020000' },
    reads: ({ option }, text) =>
      (option?.type === 'UNKNOWN' || option?.type === 'MP_EXPERIMENTAL') && option.data.length > 0
        ? [{ reading: text.replace(/: .*/, ': ') }]
        : [],
  },
  {
    id: 'gopacket-short',
    tool: 'gopacket',
    title: 'gopacket accepts a Length of 1 or 2',
    what: 'Where the octet behind has an unassigned subtype in its upper nibble, an option of 1 or 2 octets passes, and what follows is read from the wrong place.',
    right: 'We are: Kind, Length and Subtype take 3 octets.',
    rfc: '8684 §3',
    example: {
      flags: 16,
      options: '1e01933d',
      says: 'subtype 9 1: ; kind 1 ; error: Invalid TCP option length 61 exceeds remaining 2 bytes',
    },
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
    title: 'gopacket panics on options that the header cuts',
    what: 'An MPTCP option that is longer than the list, or whose Length is missing, is an index out of range. `NewPacket` recovers; `DecodeFromBytes`, which fast programs call, does not.',
    right: 'We are: octets from a network are data, never a crash.',
    rfc: '9293 §3.1',
    example: {
      flags: 16,
      options: '0101011e',
      says: 'kind 1 ; kind 1 ; kind 1 ; panic: runtime error: index out of range [1] with length 1',
    },
    reads: ({ option, bytes, after }) => {
      if (option?.type !== 'MALFORMED' || u8(bytes, 0) !== KIND) return [];
      const size = bytes[1] ?? 0;
      const there = bytes.length + after.length;
      return there < 3 || size > there ? [{ reading: PANIC }, { reading: ERROR }] : [];
    },
  },
];

/** What gopacket makes of all MPTCP options alike, when it writes them. */
export const GOPACKET_WRITES: Disagreement = {
  id: 'gopacket-serialize',
  tool: 'gopacket',
  title: 'gopacket writes every MPTCP option as 2 octets',
  what: 'A packet that was decoded and is serialised again has `1e 02` in place of each MPTCP option.',
  right: 'We are: what was read can be written.',
  rfc: '8684 §3',
  example: {
    flags: 16,
    options: '1e0c01010fd0119dc1a940a9',
    says: 'MP_CAPABLE 12: version 1 flags 01 keys 0fd0119dc1a940a9  length 0 checksum 0000; written again: 1e020000',
  },
};
