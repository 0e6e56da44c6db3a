import { describe, expect, test } from 'vitest';
import { fromHex } from '../../src/bytes.ts';
import { MP_FASTCLOSE_FORMS } from '../../src/mptcp/mp-fastclose.ts';
import { agree, lengthsOf, refuse } from './agree.ts';

const option = { type: 'MP_FASTCLOSE', receiverKey: fromHex('73bb150358a0aecb'), reserved: 0 } as const;

describe('MP_FASTCLOSE, RFC 8684 §3.5, figure 14', () => {
  test("carries the receiver's key", () => agree('1e0c700073bb150358a0aecb', option));

  test('reserved bits stay in place', () => agree('1e0c7fff73bb150358a0aecb', { ...option, reserved: 0x0fff }));

  test('length and form', () => {
    expect(lengthsOf(0x70)).toEqual([12]);
    expect(MP_FASTCLOSE_FORMS.map(({ length }) => length)).toEqual([12]);
  });
});

describe('MP_FASTCLOSE: values without octets', () => {
  test.each<[string, object, 'RangeError' | 'TypeError', string]>([
    [
      'key too short',
      { receiverKey: new Uint8Array(4) },
      'RangeError',
      'MP_FASTCLOSE.receiverKey must be 8 octets, got 4',
    ],
    ['key a bigint', { receiverKey: 1n }, 'TypeError', 'MP_FASTCLOSE.receiverKey must be a Uint8Array, got bigint'],
    ['reserved', { reserved: -1 }, 'RangeError', 'MP_FASTCLOSE.reserved must be made of the bits 0xfff only, got -1'],
  ])('%s', (_, patch, type, message) => refuse({ ...option, ...patch }, type, message));
});
