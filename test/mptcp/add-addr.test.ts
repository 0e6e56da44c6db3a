import { describe, expect, test } from 'vitest';
import { fromHex } from '../../src/bytes.ts';
import { ADD_ADDR_FORMS, type AddAddr } from '../../src/mptcp/add-addr.ts';
import { decodeOption } from '../../src/mptcp/option.ts';
import { agree, lengthsOf, refuse } from './agree.ts';

const v4 = '0a070302';
const v6 = 'fd000007000300000000000000000002';
const hmac = '5b728132f4eb28ec';
const base = { type: 'ADD_ADDR', version: 1, echo: false, addressId: 9, address: fromHex(v4), reserved: 0 } as const;
const signed: AddAddr = { ...base, truncatedHmac: fromHex(hmac) };
const echo: AddAddr = { ...base, echo: true };
const old: AddAddr = { ...base, version: 0 };
const address = fromHex(v6);

describe('ADD_ADDR, RFC 8684 §3.4.1, figure 12', () => {
  test('IPv4, with and without port', () => {
    agree(`1e103009${v4}${hmac}`, signed);
    agree(`1e123009${v4}2774${hmac}`, { ...signed, port: 10100 });
    agree(`1e123009${v4}0000${hmac}`, { ...signed, port: 0 });
  });

  test('IPv6, with and without port', () => {
    agree(`1e1c3009${v6}${hmac}`, { ...signed, address });
    agree(`1e1e3009${v6}ffff${hmac}`, { ...signed, address, port: 65535 });
  });

  test('echo: no HMAC', () => {
    agree(`1e083109${v4}`, echo);
    agree(`1e0a3109${v4}2774`, { ...echo, port: 10100 });
    agree(`1e143100${v6}`, { ...echo, addressId: 0, address });
    agree(`1e1631ff${v6}0001`, { ...echo, addressId: 255, address, port: 1 });
  });

  test('version 0, RFC 6824 §3.4.1: IPVer, no HMAC', () => {
    agree(`1e083409${v4}`, old);
    agree(`1e0a3409${v4}2774`, { ...old, port: 10100 });
    agree(`1e143609${v6}`, { ...old, address });
    agree(`1e163609${v6}2774`, { ...old, address, port: 10100 });
  });

  test('reserved bits stay in place, also those that look like an IPVer', () => {
    agree(`1e103e09${v4}${hmac}`, { ...signed, reserved: 0x0e });
    agree(`1e103409${v4}${hmac}`, { ...signed, reserved: 0x04 });
    agree(`1e083509${v4}`, { ...echo, reserved: 0x04 });
    agree(`1e083f09${v4}`, { ...echo, reserved: 0x0e });
  });

  test('lengths by the low nibble of octet 2', () => {
    const lengths = Array.from({ length: 16 }, (_, nibble) => lengthsOf(0x30 | nibble).join(' '));
    const even = '16 18 28 30';
    const odd = '8 10 20 22';
    expect(lengths).toEqual([
      even,
      odd,
      even,
      odd,
      `8 10 ${even}`,
      odd,
      '16 18 20 22 28 30',
      odd,
      ...[even, odd, even, odd, even, odd, even, odd],
    ]);
  });

  test('neither an echo nor an HMAC: no-hmac; an IPVer of the other family: family', () => {
    const reason = (hex: string) => decodeOption(fromHex(hex));
    expect(reason(`1e083009${v4}`)).toMatchObject({ type: 'MALFORMED', reason: 'no-hmac', at: 2 });
    expect(reason(`1e163209${v6}0001`)).toMatchObject({ type: 'MALFORMED', reason: 'no-hmac', at: 2 });
    expect(reason(`1e083609${v4}`)).toMatchObject({ type: 'MALFORMED', reason: 'family', at: 2 });
    expect(reason(`1e143409${v6}`)).toMatchObject({ type: 'MALFORMED', reason: 'family', at: 2 });
    expect(reason(`1e103109${v4}${hmac}`)).toMatchObject({ type: 'MALFORMED', reason: 'length', at: 1 });
    expect(reason(`1e093109${v4}00`)).toMatchObject({ type: 'MALFORMED', reason: 'length', at: 1 });
  });

  test('twelve forms', () => {
    expect(ADD_ADDR_FORMS.map(({ name, length }) => [name, length])).toEqual([
      ['IPv4', 16],
      ['IPv4 echo', 8],
      ['IPv4 version 0', 8],
      ['IPv4 port', 18],
      ['IPv4 port echo', 10],
      ['IPv4 port version 0', 10],
      ['IPv6', 28],
      ['IPv6 echo', 20],
      ['IPv6 version 0', 20],
      ['IPv6 port', 30],
      ['IPv6 port echo', 22],
      ['IPv6 port version 0', 22],
    ]);
  });
});

describe('ADD_ADDR: values without octets', () => {
  test.each<[string, object, 'RangeError' | 'TypeError', string]>([
    ['version', { ...signed, version: 2 }, 'RangeError', 'ADD_ADDR.version must be 0 or 1, got 2'],
    [
      'version missing',
      { ...signed, version: undefined },
      'TypeError',
      'ADD_ADDR.version must be 0 or 1, got undefined',
    ],
    ['echo', { ...signed, echo: undefined }, 'TypeError', 'ADD_ADDR.echo must be a boolean, got undefined'],
    ['echo in version 0', { ...old, echo: true }, 'RangeError', 'ADD_ADDR.echo must be false in version 0'],
    [
      'echo missing in version 0',
      { ...old, echo: undefined },
      'TypeError',
      'ADD_ADDR.echo must be a boolean, got undefined',
    ],
    [
      'HMAC in version 0',
      { ...signed, version: 0 },
      'RangeError',
      'ADD_ADDR.truncatedHmac must be absent in version 0',
    ],
    [
      'reserved in version 0',
      { ...old, reserved: 2 },
      'RangeError',
      'ADD_ADDR.reserved must be made of the bits 0x0 only, got 2',
    ],
    [
      'HMAC in an echo',
      { ...signed, echo: true },
      'RangeError',
      'ADD_ADDR.truncatedHmac must be absent from an echo, and only from an echo',
    ],
    [
      'no HMAC and no echo',
      base,
      'RangeError',
      'ADD_ADDR.truncatedHmac must be absent from an echo, and only from an echo',
    ],
    [
      'truncatedHmac',
      { ...signed, truncatedHmac: new Uint8Array(20) },
      'RangeError',
      'ADD_ADDR.truncatedHmac must be 8 octets, got 20',
    ],
    [
      'truncatedHmac no octets',
      { ...signed, truncatedHmac: hmac },
      'TypeError',
      'ADD_ADDR.truncatedHmac must be a Uint8Array, got string',
    ],
    [
      'addressId',
      { ...signed, addressId: -1 },
      'RangeError',
      'ADD_ADDR.addressId must be an integer from 0 to 255, got -1',
    ],
    [
      'address',
      { ...signed, address: new Uint8Array(5) },
      'RangeError',
      'ADD_ADDR.address must be 4 or 16 octets, got 5',
    ],
    [
      'address a string',
      { ...signed, address: '10.7.3.2' },
      'TypeError',
      'ADD_ADDR.address must be a Uint8Array, got string',
    ],
    ['port', { ...signed, port: 65536 }, 'RangeError', 'ADD_ADDR.port must be an integer from 0 to 65535, got 65536'],
    ['port null', { ...signed, port: null }, 'TypeError', 'ADD_ADDR.port must be an integer from 0 to 65535, got null'],
    [
      'reserved',
      { ...signed, reserved: 1 },
      'RangeError',
      'ADD_ADDR.reserved must be made of the bits 0xe only, got 1',
    ],
  ])('%s', (_, option, type, message) => refuse(option, type, message));
});
