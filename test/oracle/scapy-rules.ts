/**
 * Where scapy and we disagree about one option.
 *
 * @module
 */
import { u8 } from '../../src/bytes.ts';
import type { Rule } from './rule.ts';

/** Stands for whatever scapy reads after it lost its place. */
export const LOST = 'lost';

/** The rules. */
export const SCAPY_RULES: readonly Rule<string>[] = [
  {
    id: 'scapy-short',
    tool: 'scapy',
    title: 'scapy reads a Length below 2 as 2',
    what: 'With a warning, it goes on 2 octets behind, in the middle of something.',
    right: 'We are: the list is broken there, and nothing behind can be told apart.',
    rfc: '9293 §3.1',
    example: { flags: 16, options: '1e00933d', says: '(30) (147); written again: 1e029302' },
    reads: ({ bytes, broken }) => (broken && (bytes.length < 2 || u8(bytes, 1) < 2) ? [{ reading: LOST }] : []),
  },
  {
    id: 'scapy-overrun',
    tool: 'scapy',
    title: 'scapy accepts an option that is longer than its list',
    what: 'The option is given what is left of the list, and nothing says that octets are missing; written again, its Length is another.',
    right: 'We are: the option is malformed.',
    rfc: '9293 §3.1',
    example: { flags: 16, options: '1e0c0101', says: '(30 0101); written again: 1e040101' },
    reads: ({ bytes, broken }, text) => (broken && u8(bytes, 1) > bytes.length ? [{ reading: text }] : []),
  },
];
