/**
 * What every option's test asks: octets and value agree both ways, and bad values are refused by name.
 */
import { expect } from 'vitest';
import { fromHex, toHex } from '../../src/bytes.ts';
import {
  decodeOption,
  encodeOption,
  encodeOptionInto,
  type MptcpOption,
  sizeOfOption,
} from '../../src/mptcp/option.ts';

/** The octets decode to the value, and the value encodes to the octets, whatever the buffer held before. */
export function agree(hex: string, option: MptcpOption): void {
  const bytes = fromHex(hex);
  expect(decodeOption(bytes)).toEqual(option);
  expect(sizeOfOption(option)).toBe(bytes.length);
  expect(toHex(encodeOption(option))).toBe(hex);
  const buffer = new Uint8Array(bytes.length + 2).fill(0xa5);
  expect(encodeOptionInto(option, buffer, 1)).toBe(1 + bytes.length);
  expect(toHex(buffer)).toBe(`a5${hex}a5`);
}

/** Encoding the option is an error of this class, with this message. */
export function refuse(option: object, type: 'RangeError' | 'TypeError', message: string): void {
  const encode = () => encodeOption(option as MptcpOption);
  expect(encode).toThrow(expect.objectContaining({ name: type, message }));
}

/** The lengths, of all from 3 to 40, that an option has which begins with these octets behind Kind and Length. */
export function lengthsOf(...start: readonly number[]): number[] {
  const lengths: number[] = [];
  for (let length = 3; length <= 40; length++) {
    const bytes = new Uint8Array(length);
    bytes.set([30, length, ...start].slice(0, length));
    if (decodeOption(bytes).type !== 'MALFORMED') lengths.push(length);
  }
  return lengths;
}
