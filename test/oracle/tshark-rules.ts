/**
 * Where tshark and we disagree about one option.
 *
 * @module
 */
import { u8 } from '../../src/bytes.ts';
import { KIND } from '../../src/mptcp/registry.ts';
import type { Outcome, Rule } from './rule.ts';
import { ANY, type Pairs } from './tshark.ts';
import { dissect } from './tshark-dissection.ts';

/** Later rules see what earlier ones made of the reading. */
export const TSHARK_RULES: readonly Rule<Pairs>[] = [
  {
    id: 'tshark-dss-checksum',
    tool: 'tshark',
    title: '',
    what: '',
    right: '',
    rfc: '',
    example: { flags: 16, options: '', says: '' },
    reads: ({ option }, reading) =>
      option?.type === 'DSS' && option.mapping?.checksum !== undefined
        ? [{ reading: reading.filter(([field]) => field !== 'checksum') }]
        : [],
  },
  {
    id: 'tshark-add-addr-reserved',
    tool: 'tshark',
    title: '',
    what: '',
    right: '',
    rfc: '',
    example: { flags: 16, options: '', says: '' },
    reads: ({ option, bytes }, reading) => {
      const low = u8(bytes, 2) & 15;
      if (option?.type !== 'ADD_ADDR' || option.version !== 1 || (low !== 4 && low !== 6)) return [];
      return [{ reading: reading.map((pair) => (pair[0] === 'echo' ? ['ipver', `${low}`] : pair)) }];
    },
  },
  {
    id: 'tshark-version',
    tool: 'tshark',
    title: '',
    what: '',
    right: '',
    rfc: '',
    example: { flags: 16, options: '', says: '' },
    reads: ({ option, bytes }) => (option?.type === 'MP_CAPABLE' && option.version > 1 ? [dissect(bytes)] : []),
  },
  {
    id: 'tshark-length',
    tool: 'tshark',
    title: '',
    what: '',
    right: '',
    rfc: '',
    example: { flags: 16, options: '', says: '' },
    reads: ({ option, bytes }) =>
      option?.type === 'MALFORMED' && option.reason !== 'truncated' && bytes.length > 1 ? [dissect(bytes)] : [],
  },
  {
    id: 'tshark-cut',
    tool: 'tshark',
    title: '',
    what: '',
    right: '',
    rfc: '',
    example: { flags: 16, options: '', says: '' },
    reads: ({ bytes, cut }) => {
      if (!cut || bytes.length < 2) return [];
      const kind = u8(bytes, 0);
      return [{ reading: kind === KIND ? dissect(bytes, u8(bytes, 1)).reading : [], kinds: [kind] }];
    },
  },
  {
    id: 'tshark-other-length',
    tool: 'tshark',
    title: '',
    what: '',
    right: '',
    rfc: '',
    example: { flags: 16, options: '', says: '' },
    reads: ({ option, bytes, cut }, reading) =>
      option !== undefined || cut || isUsual(bytes)
        ? []
        : [{ reading }, { reading, fault: 'here' }, { reading, fault: 'later' }],
  },
  {
    id: 'tshark-mistaken',
    tool: 'tshark',
    title: '',
    what: '',
    right: '',
    rfc: '',
    example: { flags: 16, options: '', says: '' },
    reads: ({ past }, reading) => {
      if (!past.mistaken) return [];
      return [{ reading: reading.map((pair) => (isDerived(pair) ? [pair[0], ANY] : pair)) }];
    },
  },
  {
    id: 'tshark-not-first',
    tool: 'tshark',
    title: '',
    what: '',
    right: '',
    rfc: '',
    example: { flags: 16, options: '', says: '' },
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
