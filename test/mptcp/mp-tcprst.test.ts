import { describe, expect, test } from 'vitest';
import { MP_TCPRST_FORMS } from '../../src/mptcp/mp-tcprst.ts';
import { RESET_REASON_TEXT, ResetReason } from '../../src/mptcp/registry.ts';
import { agree, lengthsOf, refuse } from './agree.ts';

const option = { type: 'MP_TCPRST', transient: false, reason: 0, reserved: 0 } as const;

describe('MP_TCPRST, RFC 8684 §3.6, figure 15', () => {
  test('every reason of the registry, and those that are not in it', () => {
    for (const reason of Object.values(ResetReason)) agree(`1e04800${reason}`, { ...option, reason });
    agree('1e04802a', { ...option, reason: 0x2a });
    agree('1e0480ff', { ...option, reason: 255 });
    expect(Object.keys(RESET_REASON_TEXT)).toEqual(Object.values(ResetReason).map(String));
  });

  test('T: transient', () => agree('1e048102', { ...option, transient: true, reason: 2 }));

  test('U, V and W stay in place', () => {
    agree('1e048e00', { ...option, reserved: 0x0e });
    agree('1e048900', { ...option, transient: true, reserved: 0x08 });
  });

  test('length and form', () => {
    expect(lengthsOf(0x80)).toEqual([4]);
    expect(MP_TCPRST_FORMS.map(({ length }) => length)).toEqual([4]);
  });
});

describe('MP_TCPRST: values without octets', () => {
  test.each<[string, object, 'RangeError' | 'TypeError', string]>([
    ['transient', { transient: undefined }, 'TypeError', 'MP_TCPRST.transient must be a boolean, got undefined'],
    ['reason', { reason: 256 }, 'RangeError', 'MP_TCPRST.reason must be an integer from 0 to 255, got 256'],
    [
      'reason a word',
      { reason: 'UNSPECIFIED' },
      'TypeError',
      'MP_TCPRST.reason must be an integer from 0 to 255, got string',
    ],
    ['reserved', { reserved: 1 }, 'RangeError', 'MP_TCPRST.reserved must be made of the bits 0xe only, got 1'],
  ])('%s', (_, patch, type, message) => refuse({ ...option, ...patch }, type, message));
});
