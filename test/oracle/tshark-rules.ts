/**
 * Where tshark and we disagree about one option.
 *
 * @module
 */
import { u8 } from '../../src/bytes.ts';
import { KIND } from '../../src/mptcp/registry.ts';
import type { Outcome, Rule } from './rule.ts';
import { ANY, hex, type Pairs } from './tshark.ts';
import { dissect } from './tshark-dissection.ts';

/** Later rules see what earlier ones made of the reading. */
export const TSHARK_RULES: readonly Rule<Pairs>[] = [
  {
    id: 'tshark-dss-checksum',
    tool: 'tshark',
    title: 'Wireshark never shows the checksum of a DSS',
    what: 'A DSS with a checksum, the length saying so, is shown without it: it is looked for only where 4 octets or more are left behind the Data-Level Length, and a checksum is 2.',
    right:
      "We are: the length leaves exactly the 2 octets that the RFC's figure calls Checksum. tcpdump and gopacket read them too, and Linux verifies them.",
    rfc: '8684 §3.3',
    example: {
      flags: 16,
      options: '1e1420050000000a0000000b0000000100052d46',
      says: 'subtype=2 flags=0x05 datafin.flag=0 dseqn8.flag=0 dseqnpresent.flag=1 dataack8.flag=0 dataackpresent.flag=1 rawdataack=10 rawdataseqno=11 subflowseqno=1 datalvllen=5',
    },
    reads: ({ option }, reading) =>
      option?.type === 'DSS' && option.mapping?.checksum !== undefined
        ? [{ reading: reading.filter(([field]) => field !== 'checksum') }]
        : [],
  },
  {
    id: 'tshark-add-addr-reserved',
    tool: 'tshark',
    title: 'Wireshark takes a reserved bit of ADD_ADDR for version 0',
    what: 'The low nibble of octet 2 is read as the IPVer of RFC 6824 where it is 4 or 6, even where an HMAC follows, which version 0 does not have.',
    right: 'We are: the length tells the versions apart, and receivers ignore the three reserved bits.',
    rfc: '8684 §3.4.1',
    example: {
      flags: 16,
      options: '1e1034ff697fa3a33698699f9bebca32',
      says: 'subtype=3 addrid=255 addaddrtrunchmac=3934010408744766002 ipver=4 ipv4=105.127.163.163',
    },
    reads: ({ option, bytes }, reading) => {
      const low = u8(bytes, 2) & 15;
      if (option?.type !== 'ADD_ADDR' || option.version !== 1 || (low !== 4 && low !== 6)) return [];
      return [{ reading: reading.map((pair) => (pair[0] === 'echo' ? ['ipver', `${low}`] : pair)) }];
    },
  },
  {
    id: 'tshark-version',
    tool: 'tshark',
    title: 'Wireshark reads versions of MP_CAPABLE that nobody has defined as version 0',
    what: 'Flags, keys and lengths of versions 2 to 15 are shown as those of version 0; the token is an uninitialised variable, the IDSN 0.',
    right:
      'We are: an unknown version is known up to its flags; the rest stays octets. A token that comes from no key is worse than none.',
    rfc: '8684 §3.1',
    example: {
      flags: 2,
      options: '1e0c02dd8430971c81921d17',
      says: 'subtype=0 version=2 flags=0xdd checksumreq.flags=1 extensibility.flag=1 sha1.flag=1 reserved.flag=0x0e sendkey=9525279360577314071 mptcp.expected_token=0 mptcp.expected_idsn=0',
    },
    reads: ({ option, bytes }) => (option?.type === 'MP_CAPABLE' && option.version > 1 ? [dissect(bytes)] : []),
  },
  {
    id: 'tshark-flags-nibble',
    tool: 'tshark',
    title: 'Wireshark shows the subtype as part of the flags',
    what: 'The field `flags` of MP_JOIN, MP_PRIO and MP_TCPRST is the whole octet, with the subtype in its upper nibble: 0x10 where no flag is set.',
    right: 'We are: the subtype is a field of its own, beside the flags. What to filter for is the single flags.',
    rfc: '8684 §3.2',
    example: { flags: 16, options: '1e0350', says: 'subtype=5 flags=0x50 backup.flag=0' },
    reads: ({ option, bytes }, reading) => {
      const shared = option?.type === 'MP_PRIO' || option?.type === 'MP_TCPRST' || option?.type === 'MP_JOIN';
      if (!shared || !reading.some(([field]) => field === 'flags')) return [];
      return [{ reading: reading.map((pair) => (pair[0] === 'flags' ? ['flags', hex(u8(bytes, 2), 2)] : pair)) }];
    },
  },
  {
    id: 'tshark-length',
    tool: 'tshark',
    title: 'Wireshark reads options of lengths that no form has, in silence',
    what: 'What lies before the end is shown as fields, what lies behind is left out, and no expert information says that the length is wrong. Only where a field goes past the end is the packet marked as malformed, and then all later options are missing.',
    right:
      'We are: such an option is malformed, and its octets are kept; which of them was meant as what, nobody can know.',
    rfc: '8684 §3',
    example: { flags: 16, options: '1e0a1ee044916ad46229', says: 'subtype=1' },
    reads: ({ option, bytes }) =>
      option?.type === 'MALFORMED' && option.reason !== 'truncated' && bytes.length > 1 ? [dissect(bytes)] : [],
  },
  {
    id: 'tshark-cut',
    tool: 'tshark',
    title: 'Wireshark shows the beginning of an option that the capture cut',
    what: 'Kind and fields of the option in which the snaplen ends are shown up to the first that is not all there.',
    right:
      'Both: Wireshark shows all it has; we show whole options only, and `optionsCut`, so that a program never takes half an option for one.',
    rfc: '',
    example: {
      capture: 'variants/eth-snap68.pcap',
      frame: 3,
      says: 'tcp.option_kind=1,1,8,30',
      fields: ['tcp.option_kind'],
    },
    reads: ({ bytes, cut }) => {
      if (!cut || bytes.length < 2) return [];
      const kind = u8(bytes, 0);
      return [{ reading: kind === KIND ? dissect(bytes, u8(bytes, 1)).reading : [], kinds: [kind] }];
    },
  },
  {
    id: 'tshark-other-length',
    tool: 'tshark',
    title: 'Wireshark stops at options other than MPTCP whose length is odd',
    what: 'A SACK that does not hold whole blocks, or another kind of a length that its dissector does not expect, may end the dissection: MPTCP options behind it are missing.',
    right: 'We are: every option of TCP has its Length, so that the next one can be found whatever is in it.',
    rfc: '9293 §3.1',
    example: { flags: 16, options: '0505dd6a041e035000000000', says: 'malformed' },
    reads: ({ option, bytes, cut }, reading) =>
      option !== undefined || cut || isUsual(bytes)
        ? []
        : [{ reading }, { reading, fault: 'here' }, { reading, fault: 'later' }],
  },
  {
    id: 'tshark-mistaken',
    tool: 'tshark',
    title: 'Wireshark gives the token of another key, or 0',
    what: "Where a connection's key was seen on other addresses before (a capture on both sides of an address translator), or a join before the keys (files of two interfaces one behind the other), or its ports were used before, `mptcp.expected_token` is that of the other host's key or 0.",
    right: 'We are: a token is the hash of the key in the same option, whatever else the capture holds.',
    rfc: '8684 §3.2',
    example: {
      capture: 'disagree-two-sides.pcap',
      frame: 5,
      says: 'mptcp.expected_token=0',
      fields: ['mptcp.expected_token'],
    },
    reads: ({ past }, reading) => {
      if (!past.mistaken) return [];
      return [{ reading: reading.map((pair) => (isDerived(pair) ? [pair[0], ANY] : pair)) }];
    },
  },
  {
    id: 'tshark-not-first',
    tool: 'tshark',
    title: 'Wireshark fails an assertion where MP_CAPABLE is not the first option of its connection',
    what: "Where a DSS, ADD_ADDR or any other option came first on the 4-tuple, as in captures that begin late and in merged ones, dissection of MP_CAPABLE ends with DISSECTOR_ASSERT_NOT_REACHED behind the sender's key: token, IDSN and the receiver's key are missing for the rest of the file. MP_JOIN ends behind its token.",
    right: 'We are: an option can be read without what came before.',
    rfc: '8684 §3.1',
    example: {
      capture: 'disagree-late-start.pcap',
      frame: 3,
      says: 'subtype=0 version=1 flags=0x01 checksumreq.flags=0 extensibility.flag=0 nomoresubflows.flag=0 sha256.flag=1 reserved.flag=0x00 sendkey=1157726452361532951 malformed',
    },
    reads: ({ option, past }, reading) => {
      const last = option?.type === 'MP_CAPABLE' ? 'sendkey' : 'recvtok';
      const end = reading.findIndex(([field]) => field === last) + 1;
      if (!past.disturbed || end === 0) return [];
      const open: Pairs = reading.map((pair) => [pair[0], isDerived(pair) ? ANY : pair[1]]);
      const keys = reading.slice(0, end);
      const derived = [...keys, ...open.filter(isDerived)];
      const both = [...derived, ...open.filter(([field]) => field === 'recvkey')];
      return [
        { reading: open },
        ...[keys, derived, both].map((each): Outcome<Pairs> => ({ reading: each, fault: 'here' })),
      ];
    },
  },
];

/** Whether a field is computed from a key. */
function isDerived([field]: Pairs[number]): boolean {
  return field.startsWith('mptcp.expected');
}

/** Whether an option other than MPTCP's is padding, or of a common kind and of the length that its RFC gives it. */
export function isUsual(bytes: Uint8Array): boolean {
  const lengths: Readonly<Record<number, readonly number[]>> = {
    2: [4],
    3: [3],
    4: [2],
    5: [10, 18, 26, 34],
    8: [10],
    34: [2, 6, 8, 10, 12, 14, 16, 18],
  };
  return u8(bytes, 0) < 2 || (lengths[u8(bytes, 0)] ?? []).includes(bytes.length);
}
