import { describe, expect, test } from 'vitest';
import { fromHex } from '../../src/bytes.ts';
import { decodeOption } from '../../src/mptcp/option.ts';
import { REMOVE_ADDR_FORMS } from '../../src/mptcp/remove-addr.ts';
import { agree, lengthsOf, refuse } from './agree.ts';

const option = { type: 'REMOVE_ADDR', addressIds: [3], reserved: 0 } as const;

describe('REMOVE_ADDR, RFC 8684 §3.4.2, figure 13', () => {
  test('one id, several, as many as there is room for', () => {
    agree('1e044003', option);
    agree('1e054000ff', { ...option, addressIds: [0, 255] });
    const addressIds = Array.from({ length: 37 }, (_, i) => i + 1);
    agree(`1e2840${addressIds.map((id) => id.toString(16).padStart(2, '0')).join('')}`, { ...option, addressIds });
  });

  test('reserved bits stay in place', () => agree('1e044f03', { ...option, reserved: 0x0f }));

  test('no ids at all are malformed', () => {
    expect(decodeOption(fromHex('1e0340'))).toEqual({
      type: 'MALFORMED',
      reason: 'length',
      at: 1,
      bytes: fromHex('1e0340'),
    });
    expect(lengthsOf(0x40)).toEqual(Array.from({ length: 37 }, (_, i) => i + 4));
  });

  test('one form, of 4 octets or more', () => expect(REMOVE_ADDR_FORMS.map(({ length }) => length)).toEqual([4]));
});

describe('REMOVE_ADDR: values without octets', () => {
  test.each<[string, object, 'RangeError' | 'TypeError', string]>([
    ['no list', { addressIds: 3 }, 'TypeError', 'REMOVE_ADDR.addressIds must be an array of 1 to 37 ids'],
    ['no ids', { addressIds: [] }, 'RangeError', 'REMOVE_ADDR.addressIds must hold 1 to 37 ids, got none'],
    [
      'too many ids',
      { addressIds: new Array(38).fill(1) },
      'RangeError',
      'REMOVE_ADDR.addressIds is 1 octets too long',
    ],
    [
      'an id',
      { addressIds: [1, 256] },
      'RangeError',
      'REMOVE_ADDR.addressIds must be an integer from 0 to 255, got 256',
    ],
    [
      'an id missing',
      { addressIds: [undefined] },
      'TypeError',
      'REMOVE_ADDR.addressIds must be an integer from 0 to 255, got undefined',
    ],
    ['reserved', { reserved: 0x10 }, 'RangeError', 'REMOVE_ADDR.reserved must be made of the bits 0xf only, got 16'],
  ])('%s', (_, patch, type, message) => refuse({ ...option, ...patch }, type, message));
});
