/**
 * The fields of MPTCP options as the cursor reads them.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fromHex, toHex } from '../../src/bytes.ts';
import type { Malformed } from '../../src/malformed.ts';
import { decodeOption, type MptcpOption } from '../../src/mptcp/option.ts';
import { KIND, Subtype } from '../../src/mptcp/registry.ts';
import { OptionCursor } from '../../src/tcp/cursor.ts';
import { OptionWalk } from '../../src/tcp/walk.ts';
import { hostileOctets, listOctets } from '../arbitraries.ts';

/** Everything that a cursor says of the option that it stands on. */
function fields(cursor: OptionCursor) {
  const { version, checksumRequired, extensibility, denyJoin, algorithms, senderKeyAt, receiverKeyAt } = cursor;
  const { backup, addressId, token, nonce, hmacAt, truncatedHmacAt } = cursor;
  const { dataFin, dataAckLength, dataAckHigh, dataAckLow, dsnLength, dsnHigh, dsnLow } = cursor;
  const { subflowSequenceNumber, dataLevelLength, checksum } = cursor;
  const { echo, addressLength, addressAt, port, addressIdsAt, transient, reason, dataAt, reserved } = cursor;
  return {
    ...{ version, checksumRequired, extensibility, denyJoin, algorithms, senderKeyAt, receiverKeyAt },
    ...{ backup, addressId, token, nonce, hmacAt, truncatedHmacAt },
    ...{ dataFin, dataAckLength, dataAckHigh, dataAckLow, dsnLength, dsnHigh, dsnLow },
    ...{ subflowSequenceNumber, dataLevelLength, checksum },
    ...{ echo, addressLength, addressAt, port, addressIdsAt, transient, reason, dataAt, reserved },
  };
}

/** What all getters give where there is no field. */
const ABSENT = fields(new OptionCursor());

/** The first option of `hex`. */
function first(hex: string): OptionCursor {
  const cursor = new OptionCursor().reset(fromHex(hex));
  cursor.next();
  return cursor;
}

/** What differs from a cursor that has nothing, of the first option of `hex`. */
function present(hex: string): object {
  const cursor = first(hex);
  const found = Object.entries(fields(cursor)).filter(([name, value]) => value !== ABSENT[name as keyof typeof ABSENT]);
  return { subtype: cursor.subtype, flags: cursor.flags, ...Object.fromEntries(found) };
}

test('what is not there is -1, false or 0', () => {
  expect(ABSENT).toEqual({
    ...{ version: -1, checksumRequired: false, extensibility: false, denyJoin: false, algorithms: -1 },
    ...{ senderKeyAt: -1, receiverKeyAt: -1 },
    ...{ backup: false, addressId: -1, token: -1, nonce: -1, hmacAt: -1, truncatedHmacAt: -1 },
    ...{ dataFin: false, dataAckLength: 0, dataAckHigh: 0, dataAckLow: -1, dsnLength: 0, dsnHigh: 0, dsnLow: -1 },
    ...{ subflowSequenceNumber: -1, dataLevelLength: -1, checksum: -1 },
    ...{ echo: false, addressLength: -1, addressAt: -1, port: -1, addressIdsAt: -1, transient: false, reason: -1 },
    ...{ dataAt: -1, reserved: 0 },
  });
});

test.each<[string, string, object]>([
  [
    'MP_CAPABLE of a SYN',
    '1e0401e1',
    {
      ...{ subtype: 0, flags: 0xe1, version: 1, algorithms: 1 },
      ...{ checksumRequired: true, extensibility: true, denyJoin: true },
    },
  ],
  ['MP_CAPABLE with every algorithm', '1e04011f', { subtype: 0, flags: 0x1f, version: 1, algorithms: 0x1f }],
  [
    'MP_CAPABLE of a SYN/ACK',
    '1e0c01010011223344556677',
    { subtype: 0, flags: 1, version: 1, algorithms: 1, senderKeyAt: 4 },
  ],
  [
    'MP_CAPABLE with data and checksum',
    '1e180081001122334455667788990011223344550578beef',
    {
      ...{ subtype: 0, flags: 0x81, version: 0, algorithms: 1, checksumRequired: true },
      ...{ senderKeyAt: 4, receiverKeyAt: 12, dataLevelLength: 1400, checksum: 0xbeef },
    },
  ],
  ['MP_CAPABLE that is cut', '1e1401010011', { subtype: -1, flags: 0 }],
  ['MP_CAPABLE of version 2', '1e0602010011', { subtype: 0, flags: 1, version: 2, algorithms: 1, dataAt: 4 }],
  [
    'MP_JOIN of a SYN',
    '1e0c1f05deadbeef00000001',
    { subtype: 1, flags: 15, backup: true, addressId: 5, token: 0xdeadbeef, nonce: 1, reserved: 0x0e },
  ],
  [
    'MP_JOIN of a SYN/ACK',
    '1e1010060011223344556677fffffffe',
    { subtype: 1, flags: 0, addressId: 6, truncatedHmacAt: 4, nonce: 0xfffffffe },
  ],
  ['MP_JOIN of an ACK', `1e181203${'ab'.repeat(20)}`, { subtype: 1, flags: 2, hmacAt: 4, reserved: 0x0203 }],
  [
    'MP_JOIN of an ACK, low bit set',
    `1e181103${'ab'.repeat(20)}`,
    { subtype: 1, flags: 1, hmacAt: 4, reserved: 0x0103 },
  ],
  ['empty DSS', '1e042000', { subtype: 2, flags: 0 }],
  ['unused bits of DSS', '1e042fea', { subtype: 2, flags: 10, reserved: 0x0fea }],
  [
    'DSS with an 8-octet Data ACK',
    '1e0c2013fffffffe80000000',
    { subtype: 2, flags: 0x13, dataFin: true, dataAckLength: 8, dataAckHigh: 0xfffffffe, dataAckLow: 0x80000000 },
  ],
  [
    'DSS with 4 octets each',
    '1e1220050000000900000008000000070006',
    {
      ...{ subtype: 2, flags: 5, dataAckLength: 4, dataAckLow: 9 },
      ...{ dsnLength: 4, dsnLow: 8, subflowSequenceNumber: 7, dataLevelLength: 6 },
    },
  ],
  [
    'DSS with 8-octet DSN and checksum',
    '1e14200c00000005ffffffff800000010578f00d',
    {
      ...{ subtype: 2, flags: 12, dsnLength: 8, dsnHigh: 5, dsnLow: 0xffffffff },
      ...{ subflowSequenceNumber: 0x80000001, dataLevelLength: 1400, checksum: 0xf00d },
    },
  ],
  [
    'ADD_ADDR IPv4 with port and HMAC',
    '1e1230070a0100021f900011223344556677',
    {
      ...{ subtype: 3, flags: 0, version: 1, addressId: 7, addressLength: 4, addressAt: 4 },
      ...{ port: 8080, truncatedHmacAt: 10 },
    },
  ],
  [
    'echo of an IPv6 ADD_ADDR',
    `1e143f07${'fd'.repeat(16)}`,
    { subtype: 3, flags: 15, version: 1, echo: true, addressId: 7, addressLength: 16, addressAt: 4, reserved: 14 },
  ],
  [
    'ADD_ADDR IPv6 with port of version 0',
    `1e163607${'fd'.repeat(16)}01bb`,
    { subtype: 3, flags: 6, version: 0, addressId: 7, addressLength: 16, addressAt: 4, port: 443 },
  ],
  ['REMOVE_ADDR', '1e0542010a', { subtype: 4, flags: 2, addressIdsAt: 3, reserved: 2 }],
  ['MP_PRIO', '1e0351', { subtype: 5, flags: 1, backup: true }],
  ['MP_PRIO of version 0', '1e045e09', { subtype: 5, flags: 14, addressId: 9, reserved: 14 }],
  [
    'MP_FAIL',
    '1e0c60010000000180000002',
    { subtype: 6, flags: 0, dsnLength: 8, dsnHigh: 1, dsnLow: 0x80000002, reserved: 1 },
  ],
  ['MP_FASTCLOSE', '1e0c70000011223344556677', { subtype: 7, flags: 0, receiverKeyAt: 4 }],
  ['MP_TCPRST', '1e048306', { subtype: 8, flags: 3, transient: true, reason: 6, reserved: 2 }],
  ['MP_EXPERIMENTAL', '1e04f2aa', { subtype: 15, flags: 2, dataAt: 3, reserved: 2 }],
  ['an unassigned subtype', '1e0390', { subtype: 9, flags: 0, dataAt: 3 }],
  ['another option', '080a0000000100000002', { subtype: -1, flags: 0 }],
])('%s: %s', (_, hex, wanted) => expect(present(hex)).toEqual(wanted));

test.each<[string, string]>([
  ['1e02', 'length'],
  ['1e0320', 'length'],
  ['1e05200000', 'length'],
  ['1e0620010000', 'length'],
  ['1e062000ffff', 'length'],
  ['1e050101ff', 'length'],
  ['1e0302', 'length'],
  ['1e041000', 'length'],
  ['1e0730010a0100', 'length'],
  [`1e103101${'00'.repeat(12)}`, 'length'],
  ['1e0830010a010002', 'no-hmac'],
  ['1e0836010a010002', 'family'],
  ['1e0340', 'length'],
  ['1e05500000', 'length'],
  ['1e046000', 'length'],
  ['1e047000', 'length'],
  ['1e0380', 'length'],
  [`1e29f0${'00'.repeat(38)}`, 'length'],
])('%s is malformed: %s', (hex, reason) => {
  const cursor = first(hex);
  expect([cursor.subtype, cursor.malformed, cursor.kind]).toEqual([-1, reason, 30]);
  expect(fields(cursor)).toEqual(ABSENT);
  expect(decodeOption(fromHex(hex))).toMatchObject({ type: 'MALFORMED', reason });
});

describe('the walk', () => {
  const TIMESTAMPS = '0101080a0000000100000002';

  test('from MPTCP option to MPTCP option', () => {
    const cursor = new OptionCursor().reset(fromHex(`${TIMESTAMPS}1e0351011e048001`));
    expect([cursor.nextMptcp(), cursor.offset, cursor.length, cursor.subtype]).toEqual([true, 12, 3, 5]);
    expect([cursor.nextMptcp(), cursor.offset, cursor.length, cursor.subtype]).toEqual([true, 16, 4, 8]);
    expect([cursor.nextMptcp(), cursor.subtype, cursor.fault]).toEqual([false, -1, undefined]);
  });

  test('forgets the option behind which nothing comes', () => {
    const cursor = new OptionCursor().reset(fromHex('1e0320'));
    expect([cursor.next(), cursor.malformed, cursor.next(), cursor.malformed]).toEqual([
      true,
      'length',
      false,
      undefined,
    ]);
  });

  test('stays stopped at a fault', () => {
    const cursor = new OptionCursor().reset(fromHex('1e0351011e0c10'));
    expect([cursor.nextMptcp(), cursor.nextMptcp(), cursor.fault, cursor.offset]).toEqual([
      true,
      false,
      'truncated',
      4,
    ]);
    expect([cursor.nextMptcp(), cursor.next(), cursor.fault, cursor.subtype]).toEqual([false, false, 'truncated', -1]);
    expect(cursor.offset).toBe(4);
  });

  test('from option to option of any kind', () => {
    const cursor = new OptionCursor().reset(fromHex(`${TIMESTAMPS}1e0351011e048001`));
    const seen: string[] = [];
    while (cursor.next()) seen.push(`${cursor.kind}@${cursor.offset}+${cursor.length}`);
    expect(seen.join(' ')).toBe('1@0+1 1@1+1 8@2+10 30@12+3 1@15+1 30@16+4');
  });

  test.each([
    ['End of Option List', '1e0351001e0350', undefined],
    ['End of Option List with what could be its Length', '1e03510004ffff1e0350', undefined],
    ['End of Option List as the last octet', '1e035100', undefined],
    ['a kind without Length', '1e03511e', 'truncated'],
    ['another kind without Length', '1e035108', 'truncated'],
    ['Length 1', '1e035108011e0350', 'length'],
    ['more than is there', '1e0351080a00', 'truncated'],
  ])('from MPTCP option to MPTCP option, not past %s', (_, hex, fault) => {
    const cursor = new OptionCursor().reset(fromHex(hex));
    expect([cursor.nextMptcp(), cursor.nextMptcp(), cursor.fault]).toEqual([true, false, fault]);
    expect([cursor.offset, cursor.nextMptcp(), cursor.next()]).toEqual([3, false, false]);
  });

  test('the view is made anew when the buffer changes, and only then', () => {
    const bytes = fromHex('1e03511e0350');
    const cursor = new OptionCursor().reset(bytes);
    const { view } = cursor;
    expect(cursor.reset(bytes, 3).view).toBe(view);
    expect([cursor.next(), cursor.backup]).toEqual([true, false]);
    cursor.reset(fromHex('ff1e0351').subarray(1));
    expect([cursor.next(), cursor.backup]).toEqual([true, true]);
    expect(cursor.view).not.toBe(view);
  });

  test('leaving other options out stops where the plain walk stops', () => {
    const lists = fc.oneof(
      listOctets(),
      hostileOctets(),
      hostileOctets().map((octets) => new Uint8Array([...fromHex(TIMESTAMPS), ...octets])),
    );
    fc.assert(
      fc.property(lists, (octets) => {
        const plain = new OptionWalk().reset(octets);
        const cursor = new OptionCursor().reset(octets);
        const found: number[] = [];
        while (plain.next()) if (plain.kind === KIND) found.push(plain.offset);
        const seen: number[] = [];
        while (cursor.nextMptcp()) seen.push(cursor.offset);
        expect(seen).toEqual(found);
        expect([cursor.fault, cursor.fault && cursor.offset]).toEqual([plain.fault, plain.fault && plain.offset]);
      }),
    );
  });
});

describe('agrees with decodeOption', () => {
  /** The option that the cursor stands on, as `decodeOption` gives it. */
  function asOption(cursor: OptionCursor): object {
    const { bytes, offset, length, malformed } = cursor;
    if (malformed !== undefined) {
      const at = malformed === 'length' ? 1 : 2;
      return { type: 'MALFORMED', reason: malformed, at, bytes: bytes.subarray(offset, offset + length) };
    }
    return { ...parts(cursor), ...(cursor.subtype !== Subtype.MP_CAPABLE && { reserved: cursor.reserved }) };
  }

  function parts(cursor: OptionCursor): object {
    const octets = (at: number, length: number) =>
      at < 0 ? undefined : cursor.bytes.subarray(at, length < 0 ? cursor.offset + cursor.length : at + length);
    const number = (value: number) => (value < 0 ? undefined : value);
    const wide = (length: number, high: number, low: number) =>
      length === 8 ? (BigInt(high) << 32n) | BigInt(low) : length === 4 ? low : undefined;
    const { backup, addressId, nonce, version } = cursor;
    switch (cursor.subtype) {
      case Subtype.MP_CAPABLE: {
        const { checksumRequired, extensibility, denyJoin, algorithms, dataLevelLength, checksum } = cursor;
        return {
          type: 'MP_CAPABLE',
          ...{ version, checksumRequired, extensibility, denyJoin, algorithms },
          senderKey: octets(cursor.senderKeyAt, 8),
          receiverKey: octets(cursor.receiverKeyAt, 8),
          dataLevelLength: number(dataLevelLength),
          checksum: number(checksum),
          data: octets(cursor.dataAt, -1),
        };
      }
      case Subtype.MP_JOIN:
        if (cursor.hmacAt >= 0) return { type: 'MP_JOIN', form: 'ack', hmac: octets(cursor.hmacAt, 20) };
        if (cursor.token >= 0) {
          return { type: 'MP_JOIN', form: 'syn', backup, addressId, receiverToken: cursor.token, nonce };
        }
        return {
          ...{ type: 'MP_JOIN', form: 'syn-ack', backup, addressId, nonce },
          truncatedHmac: octets(cursor.truncatedHmacAt, 8),
        };
      case Subtype.DSS:
        return {
          type: 'DSS',
          dataFin: cursor.dataFin,
          dataAck: wide(cursor.dataAckLength, cursor.dataAckHigh, cursor.dataAckLow),
          mapping:
            cursor.dsnLength === 0
              ? undefined
              : {
                  dataSequenceNumber: wide(cursor.dsnLength, cursor.dsnHigh, cursor.dsnLow),
                  subflowSequenceNumber: cursor.subflowSequenceNumber,
                  dataLevelLength: cursor.dataLevelLength,
                  checksum: number(cursor.checksum),
                },
        };
      case Subtype.ADD_ADDR:
        return {
          ...{ type: 'ADD_ADDR', version, echo: cursor.echo, addressId, port: number(cursor.port) },
          address: octets(cursor.addressAt, cursor.addressLength),
          truncatedHmac: octets(cursor.truncatedHmacAt, 8),
        };
      case Subtype.REMOVE_ADDR:
        return { type: 'REMOVE_ADDR', addressIds: [...(octets(cursor.addressIdsAt, -1) ?? [])] };
      case Subtype.MP_PRIO:
        return { type: 'MP_PRIO', backup, addressId: number(addressId) };
      case Subtype.MP_FAIL:
        return { type: 'MP_FAIL', dataSequenceNumber: wide(cursor.dsnLength, cursor.dsnHigh, cursor.dsnLow) };
      case Subtype.MP_FASTCLOSE:
        return { type: 'MP_FASTCLOSE', receiverKey: octets(cursor.receiverKeyAt, 8) };
      case Subtype.MP_TCPRST:
        return { type: 'MP_TCPRST', transient: cursor.transient, reason: cursor.reason };
      case Subtype.MP_EXPERIMENTAL:
        return { type: 'MP_EXPERIMENTAL', data: octets(cursor.dataAt, -1) };
      default:
        return { type: 'UNKNOWN', subtype: cursor.subtype, data: octets(cursor.dataAt, -1) };
    }
  }

  /** Every MPTCP option of a list, by both. */
  function compare(octets: Uint8Array): void {
    const cursor = new OptionCursor().reset(octets);
    while (cursor.next()) {
      if (cursor.kind !== KIND) continue;
      const decoded: MptcpOption | Malformed = decodeOption(octets, cursor.offset, cursor.length);
      expect(asOption(cursor), toHex(octets)).toEqual(decoded);
    }
  }

  test('on any list of options', () => {
    fc.assert(fc.property(listOctets(), compare), { numRuns: 1000 });
  });

  test('on hostile octets', () => {
    fc.assert(fc.property(hostileOctets(), compare), { numRuns: 1000 });
  });

  test('on every length of every subtype, with any low bits', () => {
    for (let subtype = 0; subtype < 16; subtype++) {
      for (let length = 3; length <= 40; length++) {
        for (let low = 0; low < 16; low += subtype === Subtype.DSS ? 15 : 1) {
          const octets = new Uint8Array(length).fill(0x17);
          octets.set([30, length, (subtype << 4) | low]);
          for (let flags = 0; flags < (subtype === Subtype.DSS ? 64 : 1); flags++) {
            octets[3] = flags;
            compare(octets.subarray(0, length));
          }
        }
      }
    }
  });
});
