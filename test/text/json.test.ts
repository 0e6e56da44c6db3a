import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fromHex } from '../../src/bytes.ts';
import { decodeOption, encodeOption, type MptcpOption } from '../../src/mptcp/option.ts';
import { formatTime, fromJson, type JsonObject, optionToJson, packetFromJson, toJson } from '../../src/text/json.ts';
import type { MptcpPacket } from '../../src/text/packet.ts';
import { anyOctets, option } from '../arbitraries.ts';

const K = '8f0c7c64a6a32ac1';
const L = '73bb150358a0aecb';
const HMAC160 = '38b832f49c06db73de0cf7333f96735578cb9d91';

const capable = { version: 1, checksumRequired: false, extensibility: false, denyJoin: false, algorithms: 1 };

/** Octets of an option and the JSON that interface and RFC ask for. */
const OPTIONS: readonly [string, JsonObject][] = [
  ['1e040101', { type: 'MP_CAPABLE', ...capable }],
  [
    `1e1801e1${K}${L}0010abcd`,
    {
      type: 'MP_CAPABLE',
      version: 1,
      checksumRequired: true,
      extensibility: true,
      denyJoin: true,
      algorithms: 1,
      senderKey: K,
      receiverKey: L,
      dataLevelLength: 16,
      checksum: 43981,
    },
  ],
  ['1e06021f0a0b', { type: 'MP_CAPABLE', ...capable, version: 2, algorithms: 31, data: '0a0b' }],
  [
    '1e0c1105000000ff0000000a',
    { type: 'MP_JOIN', form: 'syn', backup: true, addressId: 5, receiverToken: '000000ff', nonce: '0000000a' },
  ],
  [
    `1e101600${K}5f333f0b`,
    { type: 'MP_JOIN', form: 'syn-ack', backup: false, addressId: 0, truncatedHmac: K, nonce: '5f333f0b', reserved: 6 },
  ],
  [`1e181100${HMAC160}`, { type: 'MP_JOIN', form: 'ack', hmac: HMAC160, reserved: 256 }],
  ['1e042000', { type: 'DSS', dataFin: false }],
  ['1e04200a', { type: 'DSS', dataFin: false, reserved: 10 }],
  ['1e0820013cd9d7dd', { type: 'DSS', dataFin: false, dataAck: 1020909533 }],
  ['1e0c2003000000003cd9d7dd', { type: 'DSS', dataFin: false, dataAck: '1020909533' }],
  [
    '1e0e20143cd9d7dd000000000001',
    {
      type: 'DSS',
      dataFin: true,
      mapping: { dataSequenceNumber: 1020909533, subflowSequenceNumber: 0, dataLevelLength: 1 },
    },
  ],
  [
    '1e1c200fffffffffffffffff7a9090a4f90e487c0000000100100007',
    {
      type: 'DSS',
      dataFin: false,
      dataAck: '18446744073709551615',
      mapping: {
        dataSequenceNumber: '8831717907501041788',
        subflowSequenceNumber: 1,
        dataLevelLength: 16,
        checksum: 7,
      },
    },
  ],
  [
    `1e1230090a07030213c4${K}`,
    {
      type: 'ADD_ADDR',
      version: 1,
      echo: false,
      addressId: 9,
      address: '10.7.3.2',
      port: 5060,
      truncatedHmac: K,
    },
  ],
  [
    '1e143109fd070003000000000000000000000002',
    { type: 'ADD_ADDR', version: 1, echo: true, addressId: 9, address: 'fd07:3::2' },
  ],
  ['1e0834010a010002', { type: 'ADD_ADDR', version: 0, echo: false, addressId: 1, address: '10.1.0.2' }],
  ['1e0540010a', { type: 'REMOVE_ADDR', addressIds: [1, 10] }],
  ['1e0351', { type: 'MP_PRIO', backup: true }],
  ['1e045e07', { type: 'MP_PRIO', backup: false, addressId: 7, reserved: 14 }],
  ['1e0c6000ffffffffffffffff', { type: 'MP_FAIL', dataSequenceNumber: '18446744073709551615' }],
  [`1e0c7fff${K}`, { type: 'MP_FASTCLOSE', receiverKey: K, reserved: 4095 }],
  ['1e048106', { type: 'MP_TCPRST', transient: true, reason: 6, reasonText: 'Middlebox interference' }],
  ['1e0480ff', { type: 'MP_TCPRST', transient: false, reason: 255, reasonText: 'unassigned' }],
  ['1e03f0', { type: 'MP_EXPERIMENTAL', data: '' }],
  ['1e05f50a0b', { type: 'MP_EXPERIMENTAL', data: '0a0b', reserved: 5 }],
  ['1e04e3ff', { type: 'UNKNOWN', subtype: 14, data: 'ff', reserved: 3 }],
  ['1e0320', { type: 'MALFORMED', reason: 'length', at: 1, bytes: '1e0320' }],
  ['', { type: 'MALFORMED', reason: 'truncated', at: 0, bytes: '' }],
];

test.each(OPTIONS)('%s', (hex, json) => {
  const option = decodeOption(fromHex(hex));
  expect(toJson(option)).toEqual(json);
  expect(Object.keys(toJson(option))).toEqual(Object.keys(json));
  expect(fromJson(json)).toStrictEqual(option);
  expect(fromJson(JSON.stringify(json))).toStrictEqual(option);
});

test('any octets survive JSON, as value and as octets', () => {
  fc.assert(
    fc.property(anyOctets(), (octets) => {
      const found = decodeOption(octets);
      const text = JSON.stringify(toJson(found));
      expect(fromJson(text)).toStrictEqual(found);
      expect(encodeOption(fromJson(text) as typeof found)).toEqual(encodeOption(found));
    }),
    { numRuns: 10_000 },
  );
});

test('every option survives JSON, text or not', () => {
  fc.assert(
    fc.property(option(), (value) => {
      const normal = decodeOption(encodeOption(value));
      expect(fromJson(toJson(value))).toStrictEqual(normal);
      expect(JSON.stringify(toJson(value))).toBe(JSON.stringify(toJson(normal)));
    }),
    { numRuns: 10_000 },
  );
});

describe('what cannot be is refused by name', () => {
  const dss = { type: 'DSS', dataFin: false };
  const syn = {
    type: 'MP_JOIN',
    form: 'syn',
    backup: false,
    addressId: 1,
    receiverToken: '00000001',
    nonce: '00000002',
  };
  const mapping = { dataSequenceNumber: 1, subflowSequenceNumber: 1, dataLevelLength: 1 };
  const CASES: readonly [unknown, ErrorConstructor, string][] = [
    [[], TypeError, 'an option must be a JSON object, got a list'],
    [{}, TypeError, 'type must name an MPTCP option, got nothing'],
    [{ type: 'MP_CAPABEL' }, TypeError, 'type must name an MPTCP option, got "MP_CAPABEL" (did you mean MP_CAPABLE?)'],
    [{ type: 'constructor' }, TypeError, 'type must name an MPTCP option, got "constructor"'],
    [{ type: 'MP_JOIN syn', form: 'syn' }, TypeError, 'type must name an MPTCP option, got "MP_JOIN syn"'],
    [{ type: 'MP_JOIN' }, TypeError, 'MP_JOIN.form must be "syn", "syn-ack" or "ack", got nothing'],
    [{ ...syn, form: 'fin' }, TypeError, 'MP_JOIN.form must be "syn", "syn-ack" or "ack", got "fin"'],
    [{ type: 'MP_PRIO' }, TypeError, 'MP_PRIO.backup is missing'],
    [{ type: 'MP_PRIO', backup: 1 }, TypeError, 'MP_PRIO.backup must be true or false, got 1'],
    [
      { type: 'MP_PRIO', backup: true, addresId: 1 },
      TypeError,
      'MP_PRIO has no field addresId (did you mean addressId?)',
    ],
    [{ type: 'MP_PRIO', backup: true, addressId: '1' }, TypeError, 'MP_PRIO.addressId must be a number, got string'],
    [
      { type: 'MP_PRIO', backup: true, addressId: 256 },
      RangeError,
      'MP_PRIO.addressId must be an integer from 0 to 255, got 256',
    ],
    [
      { type: 'MP_PRIO', backup: true, reserved: 1 },
      RangeError,
      'MP_PRIO.reserved must be made of the bits 0xe only, got 1',
    ],
    [{ ...syn, nonce: '2' }, RangeError, 'MP_JOIN.nonce must be 8 hex digits, got 2'],
    [{ ...syn, nonce: 'xxxxxxxx' }, RangeError, 'MP_JOIN.nonce must be 8 hex digits, got xxxxxxxx'],
    [{ ...syn, nonce: 2 }, TypeError, 'MP_JOIN.nonce must be a string, got number'],
    [
      { type: 'MP_FASTCLOSE', receiverKey: `${K}00` },
      RangeError,
      `MP_FASTCLOSE.receiverKey must be 16 hex digits, got ${K}00`,
    ],
    [{ type: 'MP_EXPERIMENTAL', data: 'abc' }, RangeError, 'MP_EXPERIMENTAL.data must be hex digits in pairs, got abc'],
    [{ type: 'MP_EXPERIMENTAL', data: '00'.repeat(38) }, RangeError, 'MP_EXPERIMENTAL.data is 1 octets too long'],
    [{ ...dss, dataAck: -1 }, RangeError, 'DSS.dataAck must be an integer from 0 to 4294967295, got -1'],
    [
      { ...dss, dataAck: '-1' },
      RangeError,
      'DSS.dataAck must be a decimal string of a number from 0 to 2^64-1, got -1',
    ],
    [
      { ...dss, dataAck: true },
      TypeError,
      'DSS.dataAck must be a decimal string of a number from 0 to 2^64-1, got boolean',
    ],
    [
      { ...dss, dataAck: '18446744073709551616' },
      RangeError,
      'DSS.dataAck must be a bigint from 0 to 2^64-1, got 18446744073709551616',
    ],
    [{ ...dss, mapping: 1 }, TypeError, 'DSS.mapping must be an object, got 1'],
    [{ ...dss, mapping: {} }, TypeError, 'DSS.mapping.dataSequenceNumber is missing'],
    [{ ...dss, mapping: { ...mapping, sum: 1 } }, TypeError, 'DSS.mapping has no field sum'],
    [
      { ...dss, mapping: { ...mapping, checksum: 65536 } },
      RangeError,
      'DSS.mapping.checksum must be an integer from 0 to 65535, got 65536',
    ],
    [
      { type: 'MP_FAIL', dataSequenceNumber: 1 },
      TypeError,
      'MP_FAIL.dataSequenceNumber must be a decimal string of a number from 0 to 2^64-1, got number',
    ],
    [{ type: 'REMOVE_ADDR', addressIds: 1 }, TypeError, 'REMOVE_ADDR.addressIds must be a list of numbers, got 1'],
    [{ type: 'REMOVE_ADDR', addressIds: [] }, RangeError, 'REMOVE_ADDR.addressIds must hold 1 to 37 ids, got none'],
    [
      { type: 'REMOVE_ADDR', addressIds: ['1'] },
      TypeError,
      'REMOVE_ADDR.addressIds must be an integer from 0 to 255, got string',
    ],
    [
      { type: 'ADD_ADDR', version: 1, echo: true, addressId: 1, address: '10.1.0' },
      RangeError,
      'ADD_ADDR.address is not an IPv4 or IPv6 address: 10.1.0',
    ],
    [
      { type: 'ADD_ADDR', version: 1, echo: true, addressId: 1, address: 10 },
      TypeError,
      'ADD_ADDR.address must be a string, got number',
    ],
    [
      { type: 'MALFORMED', reason: 'odd', at: 0, bytes: '' },
      RangeError,
      'MALFORMED.reason must be one of truncated, kind, length, no-hmac, family, got "odd"',
    ],
    [
      { type: 'MALFORMED', reason: 'kind', at: 2, bytes: '00' },
      RangeError,
      'MALFORMED.at must be an integer from 0 to 1, got 2',
    ],
    [
      { type: 'MALFORMED', reason: 'kind', at: '', bytes: '00' },
      TypeError,
      'MALFORMED.at must be a number, got string',
    ],
  ];
  test.each(CASES)('%j', (json, type, message) => {
    expect(() => fromJson(json as object)).toThrow(new type(message));
  });

  test('values that no JSON has', () => {
    expect(() => fromJson({ type: () => 0 })).toThrow('type must name an MPTCP option, got function');
  });

  test('no JSON at all', () => {
    expect(() => fromJson('{')).toThrow(SyntaxError);
  });
});

const PACKET: MptcpPacket = {
  frame: 1,
  time: 1795397212908372000n,
  interface: 'eth1',
  src: Uint8Array.of(10, 1, 0, 1),
  srcPort: 52184,
  dst: Uint8Array.of(10, 1, 0, 2),
  dstPort: 443,
  flags: 0x12,
  seq: 3735928559,
  ack: 1,
  payloadLength: 0,
  options: [decodeOption(fromHex('1e0351')), decodeOption(fromHex('1e0320'))],
  optionsCut: undefined,
  optionsError: { at: 6, reason: 'truncated', kind: 30 },
};

const PACKET_JSON = {
  frame: 1,
  time: '1795397212.908372000',
  interface: 'eth1',
  src: '10.1.0.1',
  srcPort: 52184,
  dst: '10.1.0.2',
  dstPort: 443,
  flags: 'SA',
  seq: 3735928559,
  ack: 1,
  payloadLength: 0,
  options: [
    { type: 'MP_PRIO', backup: true },
    { type: 'MALFORMED', reason: 'length', at: 1, bytes: '1e0320' },
  ],
  optionsError: { at: 6, reason: 'truncated', kind: 30 },
};

test('a packet', () => {
  expect(toJson(PACKET)).toEqual(PACKET_JSON);
  expect(Object.keys(toJson(PACKET))).toEqual(Object.keys(PACKET_JSON));
  expect(fromJson(PACKET_JSON)).toStrictEqual(PACKET);
});

test('a packet of which little is known', () => {
  const { time, interface: name, src, dst, optionsError, ...json } = PACKET_JSON;
  const packet = fromJson({ ...json, flags: 'FSRPAUEC', options: [], optionsCut: true }) as MptcpPacket;
  expect(packet).toStrictEqual({
    ...PACKET,
    time: undefined,
    interface: undefined,
    src: undefined,
    dst: undefined,
    flags: 255,
    options: [],
    optionsCut: true,
    optionsError: undefined,
  });
  expect(toJson(packet)).toEqual({ ...json, flags: 'FSRPAUEC', options: [], optionsCut: true });
});

describe('a packet that cannot be is refused by name', () => {
  const CASES: readonly [object, ErrorConstructor, string][] = [
    [{ frame: -1 }, RangeError, `frame must be an integer from 0 to ${Number.MAX_SAFE_INTEGER}, got -1`],
    [{ frame: undefined }, TypeError, 'frame must be a number, got undefined'],
    [{ time: 1 }, TypeError, 'time must be a string, got number'],
    [{ time: '1.5' }, RangeError, 'time must be seconds with 9 decimals, got "1.5"'],
    [{ src: '::x' }, RangeError, 'src is not an IPv4 or IPv6 address: ::x'],
    [{ srcPort: 65536 }, RangeError, 'srcPort must be an integer from 0 to 65535, got 65536'],
    [{ flags: 'X' }, RangeError, 'flags must be letters of FSRPAUEC, got "X"'],
    [{ options: {} }, TypeError, 'options must be a list of options, got an object'],
    [{ options: [{ type: 'MP_PRIO' }] }, TypeError, 'MP_PRIO.backup is missing'],
    [{ optionsCut: false }, TypeError, 'optionsCut must be true or absent'],
    [{ optionsError: 1 }, TypeError, 'optionsError must be an object, got 1'],
    [{ optionsError: { at: 1 } }, TypeError, 'optionsError.reason must be "length" or "truncated", got nothing'],
    [
      { optionsError: { at: 41, reason: 'length', kind: 3 } },
      RangeError,
      'optionsError.at must be an integer from 0 to 40, got 41',
    ],
    [{ lenght: 1 }, TypeError, 'packet has no field lenght'],
    [{ sorc: '1' }, TypeError, 'packet has no field sorc (did you mean src?)'],
  ];
  test.each(CASES)('%j', (change, type, message) => {
    expect(() => packetFromJson({ ...PACKET_JSON, ...change })).toThrow(new type(message));
  });
});

test('times', () => {
  expect(formatTime(0n)).toBe('0.000000000');
  expect(formatTime(1n)).toBe('0.000000001');
  expect(formatTime(-1_500_000_000n)).toBe('-1.500000000');
  expect(formatTime(1795397212908372000n)).toBe('1795397212.908372000');
});

test('keys can be left out', () => {
  const json = (hex: string) => optionToJson(decodeOption(fromHex(hex)), { keys: false });
  expect(json(`1e140101${K}${L}`)).toEqual({ type: 'MP_CAPABLE', ...capable });
  expect(json(`1e0c0201${K}`)).toEqual({ type: 'MP_CAPABLE', ...capable, version: 2 });
  expect(json(`1e0c7000${K}`)).toEqual({ type: 'MP_FASTCLOSE' });
  expect(json(`1e0d0101${K}00`)).toEqual({ type: 'MALFORMED', reason: 'length', at: 1, bytes: '1e0d0101' });
  expect(json(`1e0bf0${K}`)).toEqual({ type: 'MP_EXPERIMENTAL', data: K });
  const packet = { ...PACKET, options: [decodeOption(fromHex(`1e0c7000${K}`))] };
  expect(toJson(packet, { keys: false })['options']).toEqual([{ type: 'MP_FASTCLOSE' }]);
});

test('ADD_ADDR of version 0 may leave out the echo that it cannot have', () => {
  const old = fromJson({ type: 'ADD_ADDR', version: 0, addressId: 1, address: '10.1.0.2' }) as MptcpOption;
  expect(encodeOption(old)).toEqual(fromHex('1e0834010a010002'));
  const one = { type: 'ADD_ADDR', version: 1, addressId: 1, address: '10.1.0.2' };
  expect(() => fromJson(one)).toThrow(new TypeError('ADD_ADDR.echo is missing'));
});
