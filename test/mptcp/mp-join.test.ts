import { describe, expect, test } from 'vitest';
import { fromHex } from '../../src/bytes.ts';
import { MP_JOIN_FORMS } from '../../src/mptcp/mp-join.ts';
import { agree, lengthsOf, refuse } from './agree.ts';

const syn = {
  type: 'MP_JOIN',
  form: 'syn',
  backup: false,
  addressId: 2,
  receiverToken: 0x2e1abded,
  nonce: 0xff1adecb,
  reserved: 0,
} as const;
const truncatedHmac = fromHex('15aca4bbaa143157');
const synAck = {
  type: 'MP_JOIN',
  form: 'syn-ack',
  backup: false,
  addressId: 9,
  truncatedHmac,
  nonce: 0x5f333f0b,
  reserved: 0,
} as const;
const hmac = fromHex('38b832f49c06db73de0cf7333f96735578cb9d91');
const ack = { type: 'MP_JOIN', form: 'ack', hmac, reserved: 0 } as const;

describe('MP_JOIN, RFC 8684 §3.2', () => {
  test('figure 5: SYN', () => {
    agree('1e0c10022e1abdedff1adecb', syn);
    agree('1e0c11ff00000000ffffffff', { ...syn, backup: true, addressId: 255, receiverToken: 0, nonce: 0xffffffff });
  });

  test('figure 6: SYN/ACK', () => {
    agree('1e10100915aca4bbaa1431575f333f0b', synAck);
    agree('1e10110015aca4bbaa14315700000000', { ...synAck, backup: true, addressId: 0, nonce: 0 });
  });

  test('figure 7: third ACK', () => agree('1e18100038b832f49c06db73de0cf7333f96735578cb9d91', ack));

  test('reserved bits stay in place', () => {
    agree('1e0c1e022e1abdedff1adecb', { ...syn, reserved: 0x0e });
    agree('1e0c13022e1abdedff1adecb', { ...syn, backup: true, reserved: 0x02 });
    agree('1e101c0915aca4bbaa1431575f333f0b', { ...synAck, reserved: 0x0c });
    agree('1e181fff38b832f49c06db73de0cf7333f96735578cb9d91', { ...ack, reserved: 0x0fff });
    agree('1e18110038b832f49c06db73de0cf7333f96735578cb9d91', { ...ack, reserved: 0x0100 });
  });

  test('lengths: one a handshake step', () => expect(lengthsOf(0x10)).toEqual([12, 16, 24]));

  test('forms', () => {
    expect(MP_JOIN_FORMS.map(({ name, length }) => [name, length])).toEqual([
      ['SYN', 12],
      ['SYN/ACK', 16],
      ['ACK', 24],
    ]);
  });
});

describe('MP_JOIN: values without octets', () => {
  test.each<[string, object, 'RangeError' | 'TypeError', string]>([
    ['form', { ...syn, form: 'SYN' }, 'TypeError', "MP_JOIN.form must be 'syn', 'syn-ack' or 'ack'"],
    ['backup', { ...syn, backup: 1 }, 'TypeError', 'MP_JOIN.backup must be a boolean, got number'],
    [
      'addressId',
      { ...syn, addressId: 256 },
      'RangeError',
      'MP_JOIN.addressId must be an integer from 0 to 255, got 256',
    ],
    [
      'addressId missing',
      { ...synAck, addressId: undefined },
      'TypeError',
      'MP_JOIN.addressId must be an integer from 0 to 255, got undefined',
    ],
    [
      'receiverToken',
      { ...syn, receiverToken: 2 ** 32 },
      'RangeError',
      'MP_JOIN.receiverToken must be an integer from 0 to 4294967295, got 4294967296',
    ],
    [
      'receiverToken negative',
      { ...syn, receiverToken: -1 },
      'RangeError',
      'MP_JOIN.receiverToken must be an integer from 0 to 4294967295, got -1',
    ],
    ['nonce', { ...syn, nonce: 1n }, 'TypeError', 'MP_JOIN.nonce must be an integer from 0 to 4294967295, got bigint'],
    [
      'nonce of the SYN/ACK',
      { ...synAck, nonce: Number.NaN },
      'RangeError',
      'MP_JOIN.nonce must be an integer from 0 to 4294967295, got NaN',
    ],
    [
      'truncatedHmac',
      { ...synAck, truncatedHmac: hmac },
      'RangeError',
      'MP_JOIN.truncatedHmac must be 8 octets, got 20',
    ],
    ['hmac', { ...ack, hmac: truncatedHmac }, 'RangeError', 'MP_JOIN.hmac must be 20 octets, got 8'],
    ['hmac missing', { ...ack, hmac: undefined }, 'TypeError', 'MP_JOIN.hmac must be a Uint8Array, got undefined'],
    [
      'reserved of the SYN',
      { ...syn, reserved: 0x01 },
      'RangeError',
      'MP_JOIN.reserved must be made of the bits 0xe only, got 1',
    ],
    [
      'reserved of the SYN/ACK',
      { ...synAck, reserved: 0x10 },
      'RangeError',
      'MP_JOIN.reserved must be made of the bits 0xe only, got 16',
    ],
    [
      'reserved of the ACK',
      { ...ack, reserved: 0x1000 },
      'RangeError',
      'MP_JOIN.reserved must be made of the bits 0xfff only, got 4096',
    ],
  ])('%s', (_, option, type, message) => refuse(option, type, message));
});
