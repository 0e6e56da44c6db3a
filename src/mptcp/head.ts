/**
 * Kind, Length and Subtype: the octets every MPTCP option begins with.
 *
 * ```text
 *                      1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +---------------+---------------+-------+-----------------------+
 * |     Kind      |    Length     |Subtype|                       |
 * +---------------+---------------+-------+                       |
 * |                     Subtype-specific data                     |
 * |                       (variable length)                       |
 * +---------------------------------------------------------------+
 * ```
 *
 * @module
 */
import type { Field } from '../layout.ts';
import { KIND, SUBTYPE_TEXT } from './registry.ts';

/** Octets of the longest option: all that a TCP header has for options. */
export const LONGEST = 40;

/**
 * Write Kind and Length; returns the offset after them.
 *
 * @param field - the field that decides the length, where one does
 * @throws RangeError when the option is longer than a TCP header allows, or than `bytes` has room
 */
export function putHead(bytes: Uint8Array, offset: number, length: number, field: string): number {
  if (length > LONGEST) throw new RangeError(`${field} is ${length - LONGEST} octets too long`);
  if (!(offset >= 0 && offset + length <= bytes.length)) {
    throw new RangeError(`${field} needs ${length} octets at offset ${offset} of a buffer of ${bytes.length}`);
  }
  bytes[offset] = KIND;
  bytes[offset + 1] = length;
  return offset + 2;
}

/** The fields of Kind, Length and Subtype, for an option's forms. */
export function headFields(least: number, greatest: number = least): Field[] {
  return [
    {
      name: 'kind',
      bits: 8,
      label: 'Kind',
      is: [KIND, KIND],
      means: { 30: 'Multipath TCP' },
      wireshark: 'tcp.option_kind',
    },
    { name: 'length', bits: 8, label: 'Length', wireshark: 'tcp.option_len' },
    {
      name: 'subtype',
      bits: 4,
      label: 'Subtype',
      type: 'hex',
      is: [least, greatest],
      means: SUBTYPE_TEXT,
      wireshark: 'tcp.options.mptcp.subtype',
    },
  ];
}

/** A run of bits that senders set to 0 and receivers ignore. */
export function reservedField(width: number, wireshark?: string): Field {
  return { name: 'reserved', bits: width, label: '(reserved)', note: 'Sent as 0, ignored on receipt.', wireshark };
}
