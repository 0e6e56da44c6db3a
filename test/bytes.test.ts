import { describe, expect, test } from 'vitest';
import {
  bits,
  equalOctets,
  flag,
  fromHex,
  octets,
  putOctets,
  putU8,
  putU16,
  putU32,
  putU64,
  toHex,
  u8,
  u16,
  u32,
  u64,
  unfit,
} from '../src/bytes.ts';

describe('reads', () => {
  const bytes = fromHex('00fedcba9876543210ff');
  test('are big-endian and unsigned', () => {
    expect(u8(bytes, 1)).toBe(0xfe);
    expect(u16(bytes, 1)).toBe(0xfedc);
    expect(u32(bytes, 1)).toBe(0xfedcba98);
    expect(u64(bytes, 1)).toBe(0xfedcba9876543210n);
    expect(u64(bytes, 2)).toBe(0xdcba9876543210ffn);
  });
});

describe('writes', () => {
  test('are big-endian, give the offset after, and touch nothing else', () => {
    const write = (put: (bytes: Uint8Array) => number) => {
      const bytes = new Uint8Array(12).fill(0xa5);
      return `${put(bytes)} ${toHex(bytes)}`;
    };
    expect(write((bytes) => putU8(bytes, 1, 0xfe, 'x'))).toBe('2 a5fea5a5a5a5a5a5a5a5a5a5');
    expect(write((bytes) => putU16(bytes, 1, 0xfedc, 'x'))).toBe('3 a5fedca5a5a5a5a5a5a5a5a5');
    expect(write((bytes) => putU32(bytes, 1, 0xfedcba98, 'x'))).toBe('5 a5fedcba98a5a5a5a5a5a5a5');
    expect(write((bytes) => putU64(bytes, 1, 0xfedcba9876543210n, 'x'))).toBe('9 a5fedcba9876543210a5a5a5');
    expect(write((bytes) => putOctets(bytes, 1, Uint8Array.of(1, 2), 2, 'x'))).toBe('3 a50102a5a5a5a5a5a5a5a5a5');
  });

  const buffer = new Uint8Array(8);
  test.each<[() => unknown, 'RangeError' | 'TypeError', string]>([
    [() => putU8(buffer, 0, 256, 'x'), 'RangeError', 'x must be an integer from 0 to 255, got 256'],
    [() => putU8(buffer, 0, undefined, 'x'), 'TypeError', 'x must be an integer from 0 to 255, got undefined'],
    [() => putU16(buffer, 0, 0.5, 'x'), 'RangeError', 'x must be an integer from 0 to 65535, got 0.5'],
    [() => putU16(buffer, 0, 1n as never, 'x'), 'TypeError', 'x must be an integer from 0 to 65535, got bigint'],
    [() => putU32(buffer, 0, -1, 'x'), 'RangeError', 'x must be an integer from 0 to 4294967295, got -1'],
    [() => putU32(buffer, 0, null as never, 'x'), 'TypeError', 'x must be an integer from 0 to 4294967295, got null'],
    [() => putU64(buffer, 0, -1n, 'x'), 'RangeError', 'x must be a bigint from 0 to 2^64-1, got -1'],
    [() => putU64(buffer, 0, 1 as never, 'x'), 'TypeError', 'x must be a bigint from 0 to 2^64-1, got number'],
    [() => putOctets(buffer, 0, buffer, 4, 'x'), 'RangeError', 'x must be 4 octets, got 8'],
    [() => octets('00' as never, 'x'), 'TypeError', 'x must be a Uint8Array, got string'],
    [() => flag(1 as never, 1, 'x'), 'TypeError', 'x must be a boolean, got number'],
    [() => bits(5, 4, 'x'), 'RangeError', 'x must be made of the bits 0x4 only, got 5'],
    [() => bits(4n as never, 4, 'x'), 'TypeError', 'x must be made of the bits 0x4 only, got bigint'],
  ])('%s', (write, name, message) => {
    expect(write).toThrow(expect.objectContaining({ name, message }));
    expect(toHex(buffer)).toBe('0000000000000000');
  });

  test('flags and bits give their mask', () => {
    expect(flag(true, 0x80, 'x')).toBe(0x80);
    expect(flag(false, 0x80, 'x')).toBe(0);
    expect(bits(4, 6, 'x')).toBe(4);
    expect(unfit('x', 1, 'less').message).toBe('x must be less, got 1');
  });
});

test('octets are equal where they are as many and the same', () => {
  const bytes = fromHex('00fe01');
  expect(equalOctets(bytes, fromHex('00fe01'))).toBe(true);
  expect(equalOctets(new Uint8Array(0), new Uint8Array(0))).toBe(true);
  for (const other of ['', '00fe', '00fe0100', '01fe01', '00fe00'])
    expect(equalOctets(bytes, fromHex(other))).toBe(false);
});

describe('hex', () => {
  test('both ways, either case, with and without 0x', () => {
    expect(toHex(Uint8Array.of(0, 1, 0xab))).toBe('0001ab');
    expect(fromHex('0001aB')).toEqual(Uint8Array.of(0, 1, 0xab));
    expect(fromHex('0XFF')).toEqual(Uint8Array.of(0xff));
    expect(fromHex('')).toEqual(new Uint8Array(0));
  });

  test.each(['0', '0x0', 'zz', '00 00', '0x0x00'])('%j is none', (text) => {
    expect(() => fromHex(text)).toThrow(new RangeError(`not hex octets: ${text}`));
  });
});
