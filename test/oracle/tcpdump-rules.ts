/**
 * Where tcpdump and we disagree about one option.
 *
 * @module
 */
import { u16, u64 } from '../../src/bytes.ts';
import { formatAddress } from '../../src/ip/address.ts';
import { ACK, SYN } from '../packet.ts';
import type { Rule } from './rule.ts';
import { BAD } from './tcpdump.ts';

/** Later rules see what earlier ones made of the text. */
export const TCPDUMP_RULES: readonly Rule<string>[] = [
  {
    id: 'tcpdump-tcprst',
    tool: 'tcpdump',
    title: 'tcpdump calls MP_TCPRST unknown',
    what: 'Subtype 8 is printed as `unknown`, without flags and reason; so are MP_EXPERIMENTAL and the unassigned subtypes, without their octets. Version 5 knows MP_TCPRST.',
    right: 'We are: RFC 8684 assigns it.',
    rfc: '8684 §3.6',
    example: { flags: 4, options: '1e048b02', says: 'mptcp 4 unknown' },
    reads: ({ option, bytes }) => {
      const subtype = bytes[0] === 30 && bytes.length > 2 && option !== undefined ? bytes[2]! >>> 4 : 0;
      return subtype > 7 ? [{ reading: `mptcp ${bytes.length} unknown` }] : [];
    },
  },
  {
    id: 'tcpdump-reserved',
    tool: 'tcpdump',
    title: 'tcpdump does not show reserved bits',
    what: 'Bits that senders must leave 0 are left out wherever they are.',
    right: 'Both: receivers ignore them. We show them because they tell of a bug, or of an extension.',
    rfc: '8684 §3',
    example: { flags: 16, options: '1e035200', says: 'mptcp 3 prio non-backup,eol' },
    reads: (_, text) => change(text, / reserved 0x[0-9a-f]+$/, ''),
  },
  {
    id: 'tcpdump-capable-flags',
    tool: 'tcpdump',
    title: 'tcpdump prints one flag of MP_CAPABLE',
    what: '`csum` is printed for A; B, C (no joins to this address) and the algorithms are not. Version 5 prints `flags [AH]`.',
    right: 'We are: without C nobody sees why no subflow comes, without H why there is a fallback.',
    rfc: '8684 §3.1',
    example: { flags: 2, options: '1e040121', says: 'mptcp 4 capable v1' },
    reads: (_, text) => change(text, /(capable .*?) flags \[\w+\]/, '$1'),
  },
  {
    id: 'tcpdump-capable-data',
    tool: 'tcpdump',
    title: 'tcpdump leaves out the Data-Level Length of MP_CAPABLE',
    what: 'The length of the data in the first segment is missing, and so are the octets of an unknown version. Version 5 prints `data_len`.',
    right: 'We are: it is the mapping of the first data.',
    rfc: '8684 §3.1',
    example: {
      flags: 16,
      options: '1e160101938ed88c1601124971e544809c5063cc156b0000',
      says: 'mptcp 22 capable v1 {0x938ed88c16011249,0x71e544809c5063cc},eol',
    },
    reads: (_, text) => change(text, /(,data_len=\d+(?=\})| data 0x[0-9a-f]+$)/, ''),
  },
  {
    id: 'tcpdump-capable-24',
    tool: 'tcpdump',
    title: 'tcpdump refuses MP_CAPABLE of 24 octets',
    what: 'MP_CAPABLE with data and checksum, which Linux sends wherever checksums are on, is `[bad opt]`, and the options behind it are not printed.',
    right: "We are: it is the last form of the RFC's figure. Version 5 reads it.",
    rfc: '8684 §3.1',
    example: {
      flags: 16,
      options: '1e1801015d8ab15cf84b179b452c2db9890a37ad285c8dfd',
      says: 'mptcp 24 capable[bad opt]',
    },
    reads: ({ option, bytes, flags }) =>
      option?.type === 'MP_CAPABLE' && bytes.length === 24 && (flags & (SYN | ACK)) === ACK
        ? bad(bytes, 'capable')
        : [],
  },
  {
    id: 'tcpdump-capable-strict',
    tool: 'tcpdump',
    title: 'tcpdump refuses MP_CAPABLE on segments that it does not expect it on',
    what: 'A length is accepted only on the segment of the handshake it belongs to; on others the option is `[bad opt]`, and the options behind it are not printed.',
    right:
      'Both have a point: the RFC allows no such segment. But a reader of captures must show what was sent: we decode, and `violations` says what is wrong.',
    rfc: '8684 §3.1',
    example: { flags: 16, options: '1e0c000175632393e606a989', says: 'mptcp 12 capable[bad opt]' },
    reads: ({ option, bytes, flags }, text) => {
      if (option?.type !== 'MP_CAPABLE') return [];
      const syn = (flags & SYN) !== 0 && (bytes.length === 12 || bytes.length === 4);
      const ack = (flags & (SYN | ACK)) === ACK && (bytes.length === 20 || bytes.length === 22);
      return syn || ack || text.endsWith(BAD) ? [] : bad(bytes, 'capable');
    },
  },
  {
    id: 'tcpdump-join-strict',
    tool: 'tcpdump',
    title: 'tcpdump refuses MP_JOIN on segments that it does not expect it on',
    what: 'As for MP_CAPABLE: the form of a SYN on another segment is `[bad opt]`.',
    right: 'Both have a point, as for MP_CAPABLE.',
    rfc: '8684 §3.2',
    example: { flags: 16, options: '1e0c11f607190e6fb3c748d2', says: 'mptcp 12 join[bad opt]' },
    reads: ({ option, bytes, flags }) => {
      if (option?.type !== 'MP_JOIN') return [];
      const wanted = { syn: SYN, 'syn-ack': SYN | ACK, ack: ACK }[option.form];
      return (flags & wanted) === wanted ? [] : bad(bytes, 'join');
    },
  },
  {
    id: 'tcpdump-dss-syn',
    tool: 'tcpdump',
    title: 'tcpdump refuses DSS on a SYN',
    what: 'DSS on a segment with SYN is `[bad opt]`, and the options behind it are not printed.',
    right: 'Both have a point: no data sequence exists yet. We decode, and `violations` says so.',
    rfc: '8684 §3.3',
    example: { flags: 2, options: '1e0c2da123ca631d070623fe', says: 'mptcp 12 dss[bad opt]' },
    reads: ({ option, bytes, flags }) => (option?.type === 'DSS' && (flags & SYN) !== 0 ? bad(bytes, 'dss') : []),
  },
  {
    id: 'tcpdump-add-addr-reserved',
    tool: 'tcpdump',
    title: 'tcpdump reads reserved bits of ADD_ADDR as its version',
    what: 'Any reserved bit makes it `[bad version/echo]`, and with IPVer 4 or 6 it is called version 0 although an HMAC follows.',
    right: 'We are: receivers ignore the reserved bits; the HMAC tells the version.',
    rfc: '8684 §3.4.1',
    example: {
      flags: 16,
      options: '1e1232dad53d6fd62603f95d783dfee02e1a0000',
      says: 'mptcp 18 add-addr [bad version/echo] id 218 213.61.111.214:9731 hmac 0xf95d783dfee02e1a,eol',
    },
    reads: ({ option, bytes }, text) => {
      if (option?.type !== 'ADD_ADDR' || !option.reserved) return [];
      const low = bytes[2]! & 15;
      return change(text, /v1(-echo)?/, low === 4 || low === 6 ? `v0-ip${low}` : '[bad version/echo]');
    },
  },
  {
    id: 'tcpdump-add-addr-form',
    tool: 'tcpdump',
    title: 'tcpdump prints forms of ADD_ADDR that no version has',
    what: 'An echo with an HMAC, an advertisement of version 1 without one, and version 0 whose IPVer and length disagree are printed as if they were options.',
    right: 'We are: they are malformed. A host that took the unauthenticated ones would take addresses from anybody.',
    rfc: '8684 §3.4.1',
    example: {
      flags: 16,
      options: '1e1231b194c2abbea6a17a2cb475fb9fb7540000',
      says: 'mptcp 18 add-addr v1-echo id 177 148.194.171.190:42657 hmac 0x7a2cb475fb9fb754,eol',
    },
    reads: ({ option, bytes }) =>
      option?.type === 'MALFORMED' && bytes.length > 7 && bytes[2]! >>> 4 === 3 ? addAddr(bytes) : [],
  },
  {
    id: 'tcpdump-hex',
    tool: 'tcpdump',
    title: 'tcpdump prints keys and tokens without leading zeros',
    what: 'Keys, tokens, nonces, checksums and truncated HMACs lose the zeros that they begin with: one key in 16 cannot be found by a search for its 16 digits.',
    right: 'We are: they are octets, not numbers.',
    rfc: '',
    example: { flags: 18, options: '1e0c01010fd0119dc1a940a9', says: 'mptcp 12 capable v1 {0xfd0119dc1a940a9}' },
    reads: ({ option }, text) =>
      option?.type === 'MP_JOIN' && option.form === 'ack' ? [] : change(text, /0x0+(?=[0-9a-f])/g, '0x'),
  },
  {
    id: 'tcpdump-ipv6-port',
    tool: 'tcpdump',
    title: 'tcpdump writes an IPv6 address and its port as one address',
    what: 'The port follows behind a colon without brackets: `fd00::2:443` is another address.',
    right: 'We are: RFC 5952 §6 asks for brackets.',
    rfc: '',
    example: {
      flags: 16,
      options: '1e1e3001fd00000000000000000000000000000201bb01020304050607080000',
      says: 'mptcp 30 add-addr v1 id 1 fd00::2:443 hmac 0x102030405060708,eol',
    },
    reads: (_, text) => change(text, /\[([0-9a-f:.]+)\]:/, '$1:'),
  },
];

/** An ADD_ADDR as tcpdump prints it whatever its version, echo and HMAC: by its length alone. */
function addAddr(bytes: Uint8Array): readonly { reading: string }[] {
  const { length } = bytes;
  const size = [8, 10, 16, 18].includes(length) ? 4 : 16;
  if (size === 16 && ![20, 22, 28, 30].includes(length)) return [];
  const low = bytes[2]! & 15;
  const layout = { 0: 'v1', 1: 'v1-echo', 4: 'v0-ip4', 6: 'v0-ip6' }[low] ?? '[bad version/echo]';
  const port = [10, 18, 22, 30].includes(length) ? `:${u16(bytes, 4 + size)}` : '';
  const hmac = [16, 18, 28, 30].includes(length) ? ` hmac 0x${u64(bytes, length - 8).toString(16)}` : '';
  return [
    { reading: `mptcp ${length} add-addr ${layout} id ${bytes[3]} ${formatAddress(bytes, 4, size)}${port}${hmac}` },
  ];
}

function change(text: string, from: RegExp, to: string): readonly { reading: string }[] {
  const changed = text.replace(from, to);
  return changed === text ? [] : [{ reading: changed }];
}

function bad(bytes: Uint8Array, word: string): readonly { reading: string }[] {
  return [{ reading: `mptcp ${bytes.length} ${word}${BAD}` }];
}
