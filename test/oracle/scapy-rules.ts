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
    title: '',
    what: '',
    right: '',
    rfc: '',
    example: { flags: 0, options: '', says: '' },
    reads: ({ bytes, broken }) => (broken && (bytes.length < 2 || u8(bytes, 1) < 2) ? [{ reading: LOST }] : []),
  },
  {
    id: 'scapy-overrun',
    tool: 'scapy',
    title: '',
    what: '',
    right: '',
    rfc: '',
    example: { flags: 0, options: '', says: '' },
    reads: ({ bytes, broken }, text) => (broken && u8(bytes, 1) > bytes.length ? [{ reading: text }] : []),
  },
];
