import { describe, expect, test } from 'vitest';
import { MP_FAIL_FORMS } from '../../src/mptcp/mp-fail.ts';
import { agree, lengthsOf, refuse } from './agree.ts';

const option = { type: 'MP_FAIL', dataSequenceNumber: 0x9a7090a4f90e487cn, reserved: 0 } as const;

describe('MP_FAIL, RFC 8684 §3.7, figure 16', () => {
  test('the data sequence number always has 64 bits', () => {
    agree('1e0c60009a7090a4f90e487c', option);
    agree('1e0c60000000000000000000', { ...option, dataSequenceNumber: 0n });
    agree('1e0c6000ffffffffffffffff', { ...option, dataSequenceNumber: 2n ** 64n - 1n });
  });

  test('reserved bits stay in place', () => {
    agree('1e0c6fff9a7090a4f90e487c', { ...option, reserved: 0x0fff });
    agree('1e0c60019a7090a4f90e487c', { ...option, reserved: 0x0001 });
  });

  test('length and form', () => {
    expect(lengthsOf(0x60)).toEqual([12]);
    expect(MP_FAIL_FORMS.map(({ length }) => length)).toEqual([12]);
  });
});

describe('MP_FAIL: values without octets', () => {
  const number = 'MP_FAIL.dataSequenceNumber must be a bigint from 0 to 2^64-1';
  test.each<[string, object, 'RangeError' | 'TypeError', string]>([
    ['a number', { dataSequenceNumber: 1 }, 'TypeError', `${number}, got number`],
    ['missing', { dataSequenceNumber: undefined }, 'TypeError', `${number}, got undefined`],
    ['too large', { dataSequenceNumber: 2n ** 64n }, 'RangeError', `${number}, got 18446744073709551616`],
    ['reserved', { reserved: 0x1000 }, 'RangeError', 'MP_FAIL.reserved must be made of the bits 0xfff only, got 4096'],
  ])('%s', (_, patch, type, message) => refuse({ ...option, ...patch }, type, message));
});
