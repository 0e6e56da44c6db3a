/**
 * Where tcpdump and we disagree about one option.
 *
 * @module
 */
import { u16, u64 } from '../../src/bytes.ts';
import { formatAddress } from '../../src/ip/address.ts';
import { ACK, SYN } from '../packet.ts';
import type { Rule, Seen } from './rule.ts';
import { BAD } from './tcpdump.ts';

/** Later rules see what earlier ones made of the text. */
export const TCPDUMP_RULES: readonly Rule<string>[] = [
  {
    id: 'tcpdump-tcprst',
    tool: 'tcpdump',
    title: '',
    what: '',
    right: '',
    rfc: '',
    example: { flags: 0, options: '', says: '' },
    reads: ({ option, bytes }) => {
      const subtype = bytes[0] === 30 && bytes.length > 2 && option !== undefined ? bytes[2]! >>> 4 : 0;
      return subtype > 7 ? [{ reading: `mptcp ${bytes.length} unknown` }] : [];
    },
  },
  {
    id: 'tcpdump-reserved',
    tool: 'tcpdump',
    title: '',
    what: '',
    right: '',
    rfc: '',
    example: { flags: 0, options: '', says: '' },
    reads: ({ option }, text) => change(text, / reserved 0x[0-9a-f]+$/, ''),
  },
  {
    id: 'tcpdump-capable-flags',
    tool: 'tcpdump',
    title: '',
    what: '',
    right: '',
    rfc: '',
    example: { flags: 0, options: '', says: '' },
    reads: (_, text) => change(text, /(capable .*?) flags \[\w+\]/, '$1'),
  },
  {
    id: 'tcpdump-capable-data',
    tool: 'tcpdump',
    title: '',
    what: '',
    right: '',
    rfc: '',
    example: { flags: 0, options: '', says: '' },
    reads: (_, text) => change(text, /(,data_len=\d+(?=\})| data 0x[0-9a-f]+$)/, ''),
  },
  {
    id: 'tcpdump-capable-flags-strict',
    tool: 'tcpdump',
    title: '',
    what: '',
    right: '',
    rfc: '',
    example: { flags: 0, options: '', says: '' },
    reads: ({ option, bytes, flags }) => {
      if (option?.type !== 'MP_CAPABLE') return [];
      const syn = (flags & SYN) !== 0 && (bytes.length === 12 || bytes.length === 4);
      const ack = (flags & (SYN | ACK)) === ACK && (bytes.length === 20 || bytes.length === 22);
      return syn || ack ? [] : bad(bytes, 'capable');
    },
  },
  {
    id: 'tcpdump-join-strict',
    tool: 'tcpdump',
    title: '',
    what: '',
    right: '',
    rfc: '',
    example: { flags: 0, options: '', says: '' },
    reads: ({ option, bytes, flags }) => {
      if (option?.type !== 'MP_JOIN') return [];
      const wanted = { syn: SYN, 'syn-ack': SYN | ACK, ack: ACK }[option.form];
      return (flags & wanted) === wanted ? [] : bad(bytes, 'join');
    },
  },
  {
    id: 'tcpdump-dss-syn',
    tool: 'tcpdump',
    title: '',
    what: '',
    right: '',
    rfc: '',
    example: { flags: 0, options: '', says: '' },
    reads: ({ option, bytes, flags }) => (option?.type === 'DSS' && (flags & SYN) !== 0 ? bad(bytes, 'dss') : []),
  },
  {
    id: 'tcpdump-add-addr-reserved',
    tool: 'tcpdump',
    title: '',
    what: '',
    right: '',
    rfc: '',
    example: { flags: 0, options: '', says: '' },
    reads: ({ option, bytes }, text) => {
      if (option?.type !== 'ADD_ADDR' || !option.reserved) return [];
      const low = bytes[2]! & 15;
      return change(text, /v1(-echo)?/, low === 4 || low === 6 ? `v0-ip${low}` : '[bad version/echo]');
    },
  },
  {
    id: 'tcpdump-add-addr-form',
    tool: 'tcpdump',
    title: '',
    what: '',
    right: '',
    rfc: '',
    example: { flags: 0, options: '', says: '' },
    reads: ({ option, bytes }) =>
      option?.type === 'MALFORMED' && bytes.length > 7 && bytes[2]! >>> 4 === 3 ? addAddr(bytes) : [],
  },
  {
    id: 'tcpdump-hex',
    tool: 'tcpdump',
    title: '',
    what: '',
    right: '',
    rfc: '',
    example: { flags: 0, options: '', says: '' },
    reads: ({ option }, text) =>
      option?.type === 'MP_JOIN' && option.form === 'ack' ? [] : change(text, /0x0+(?=[0-9a-f])/g, '0x'),
  },
  {
    id: 'tcpdump-ipv6-port',
    tool: 'tcpdump',
    title: '',
    what: '',
    right: '',
    rfc: '',
    example: { flags: 0, options: '', says: '' },
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
