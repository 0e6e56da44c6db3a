import { describe, expect, test } from 'vitest';
import { fromHex } from '../../src/bytes.ts';
import { UNKNOWN_FORMS } from '../../src/mptcp/unknown.ts';
import { agree, lengthsOf, refuse } from './agree.ts';

const option = { type: 'UNKNOWN', subtype: 9, data: fromHex('00'), reserved: 0 } as const;

describe('unassigned subtypes, RFC 8684 §7.2', () => {
  test('0x9 to 0xe keep their octets', () => {
    for (let subtype = 9; subtype <= 14; subtype++) agree(`1e04${subtype.toString(16)}000`, { ...option, subtype });
    agree('1e03e5', { ...option, subtype: 14, data: new Uint8Array(0), reserved: 0x05 });
    agree(`1e28af${'cd'.repeat(37)}`, { ...option, subtype: 10, data: new Uint8Array(37).fill(0xcd), reserved: 0x0f });
  });

  test('every length from 3 on; one form', () => {
    expect(lengthsOf(0x90)).toEqual(Array.from({ length: 38 }, (_, i) => i + 3));
    expect(UNKNOWN_FORMS.map(({ length }) => length)).toEqual([3]);
  });
});

describe('unassigned subtypes: values without octets', () => {
  test.each<[string, object, 'RangeError' | 'TypeError', string]>([
    ['an assigned subtype', { subtype: 8 }, 'RangeError', 'UNKNOWN.subtype must be an integer from 9 to 14, got 8'],
    ['MP_EXPERIMENTAL', { subtype: 15 }, 'RangeError', 'UNKNOWN.subtype must be an integer from 9 to 14, got 15'],
    ['subtype a fraction', { subtype: 9.5 }, 'RangeError', 'UNKNOWN.subtype must be an integer from 9 to 14, got 9.5'],
    [
      'subtype missing',
      { subtype: undefined },
      'TypeError',
      'UNKNOWN.subtype must be an integer from 9 to 14, got undefined',
    ],
    ['data', { data: [0] }, 'TypeError', 'UNKNOWN.data must be a Uint8Array, got object'],
    ['data too long', { data: new Uint8Array(38) }, 'RangeError', 'UNKNOWN.data is 1 octets too long'],
    ['reserved', { reserved: 16 }, 'RangeError', 'UNKNOWN.reserved must be made of the bits 0xf only, got 16'],
  ])('%s', (_, patch, type, message) => refuse({ ...option, ...patch }, type, message));
});
