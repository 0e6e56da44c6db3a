import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { relativeSequence, sequenceDistance, toUint64 } from '../../src/mptcp/sequence.ts';

const WHOLE = 2n ** 64n;
const uint64 = fc.bigInt({ min: 0n, max: WHOLE - 1n });

describe('data sequence numbers, RFC 8684 §3.3.1', () => {
  test('a 64-bit number stands for itself', () => {
    expect(toUint64(5n, 0xffffffff00000000n)).toBe(5n);
  });

  test('a 32-bit number stands for the nearest one that ends in it', () => {
    expect(toUint64(0x00000010, 0x00000001fffffff0n)).toBe(0x0000000200000010n);
    expect(toUint64(0xfffffff0, 0x0000000200000010n)).toBe(0x00000001fffffff0n);
    expect(toUint64(0xc38765c5, 0xee83a616c38765c4n)).toBe(0xee83a616c38765c5n);
  });

  test('numbers go round at 2^64', () => {
    expect(toUint64(0x00000005, 0xfffffffffffffff0n)).toBe(5n);
    expect(toUint64(0xfffffff0, 5n)).toBe(0xfffffffffffffff0n);
  });

  test('at the distance of 2^31 the lower one is meant', () => {
    expect(toUint64(0x80000000, 0x0000000100000000n)).toBe(0x0000000080000000n);
    expect(toUint64(0x7fffffff, 0x0000000100000000n)).toBe(0x000000017fffffffn);
  });

  test('a number that has no 32 bits is refused by name', () => {
    for (const value of [-1, 2 ** 32, 0.5, Number.NaN]) {
      expect(() => toUint64(value, 0n)).toThrow(
        new RangeError(`value must be an integer from 0 to 4294967295, got ${value}`),
      );
    }
    expect(() => toUint64('1' as never, 0n)).toThrow(TypeError);
  });

  test('any number less than 2^31 away comes back from its low 32 bits', () => {
    const near = fc.bigInt({ min: -(2n ** 31n), max: 2n ** 31n - 1n });
    fc.assert(
      fc.property(uint64, near, (reference, distance) => {
        const value = BigInt.asUintN(64, reference + distance);
        expect(toUint64(Number(value & 0xffffffffn), reference)).toBe(value);
        expect(sequenceDistance(value, reference)).toBe(distance);
      }),
    );
  });

  test('distance has a sign, also across 2^64', () => {
    expect(sequenceDistance(5n, 3n)).toBe(2n);
    expect(sequenceDistance(3n, 5n)).toBe(-2n);
    expect(sequenceDistance(1n, WHOLE - 1n)).toBe(2n);
  });

  test('relative numbers count from the initial one', () => {
    expect(relativeSequence(0xee83a616c38765c5n, 0xee83a616c38765c4n)).toBe(1n);
    expect(relativeSequence(0n, WHOLE - 1n)).toBe(1n);
  });
});
