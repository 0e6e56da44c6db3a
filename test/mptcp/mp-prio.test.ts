import { describe, expect, test } from 'vitest';
import { MP_PRIO_FORMS } from '../../src/mptcp/mp-prio.ts';
import { agree, lengthsOf, refuse } from './agree.ts';

const option = { type: 'MP_PRIO', backup: true, reserved: 0 } as const;

describe('MP_PRIO, RFC 8684 §3.3.8, figure 11', () => {
  test('for the subflow that carries it', () => {
    agree('1e0351', option);
    agree('1e0350', { ...option, backup: false });
  });

  test('version 0, RFC 6824 §3.3.8: for the subflows of an address', () => {
    agree('1e045103', { ...option, addressId: 3 });
    agree('1e0450ff', { ...option, backup: false, addressId: 255 });
  });

  test('reserved bits stay in place', () => {
    agree('1e035e', { ...option, backup: false, reserved: 0x0e });
    agree('1e045300', { ...option, addressId: 0, reserved: 0x02 });
  });

  test('lengths and forms', () => {
    expect(lengthsOf(0x50)).toEqual([3, 4]);
    expect(MP_PRIO_FORMS.map(({ name, length }) => [name, length])).toEqual([
      ['this subflow', 3],
      ['version 0 by address', 4],
    ]);
  });
});

describe('MP_PRIO: values without octets', () => {
  test.each<[string, object, 'RangeError' | 'TypeError', string]>([
    ['backup', { backup: 'yes' }, 'TypeError', 'MP_PRIO.backup must be a boolean, got string'],
    ['addressId', { addressId: 256 }, 'RangeError', 'MP_PRIO.addressId must be an integer from 0 to 255, got 256'],
    [
      'addressId null',
      { addressId: null },
      'TypeError',
      'MP_PRIO.addressId must be an integer from 0 to 255, got null',
    ],
    ['reserved', { reserved: 1 }, 'RangeError', 'MP_PRIO.reserved must be made of the bits 0xe only, got 1'],
  ])('%s', (_, patch, type, message) => refuse({ ...option, ...patch }, type, message));
});
