import { describe, expect, test } from 'vitest';
import { fromHex } from '../../src/bytes.ts';
import { MP_EXPERIMENTAL_FORMS } from '../../src/mptcp/mp-experimental.ts';
import { agree, lengthsOf, refuse } from './agree.ts';

const option = { type: 'MP_EXPERIMENTAL', data: fromHex('c0ffee'), reserved: 0 } as const;

describe('MP_EXPERIMENTAL, RFC 8684 §7.2', () => {
  test('any data, none, as much as there is room for', () => {
    agree('1e06f0c0ffee', option);
    agree('1e03f0', { ...option, data: new Uint8Array(0) });
    agree(`1e28f0${'ab'.repeat(37)}`, { ...option, data: new Uint8Array(37).fill(0xab) });
  });

  test('the low nibble of octet 2 stays in place', () => agree('1e06ffc0ffee', { ...option, reserved: 0x0f }));

  test('every length from 3 on; one form', () => {
    expect(lengthsOf(0xf0)).toEqual(Array.from({ length: 38 }, (_, i) => i + 3));
    expect(MP_EXPERIMENTAL_FORMS.map(({ length }) => length)).toEqual([3]);
  });
});

describe('MP_EXPERIMENTAL: values without octets', () => {
  test.each<[string, object, 'RangeError' | 'TypeError', string]>([
    ['data too long', { data: new Uint8Array(39) }, 'RangeError', 'MP_EXPERIMENTAL.data is 2 octets too long'],
    ['data missing', { data: undefined }, 'TypeError', 'MP_EXPERIMENTAL.data must be a Uint8Array, got undefined'],
    ['reserved', { reserved: 16 }, 'RangeError', 'MP_EXPERIMENTAL.reserved must be made of the bits 0xf only, got 16'],
  ])('%s', (_, patch, type, message) => refuse({ ...option, ...patch }, type, message));
});
