import { describe, expect, test } from 'vitest';
import { DSS_FORMS, type Dss } from '../../src/mptcp/dss.ts';
import { agree, lengthsOf, refuse } from './agree.ts';

const empty: Dss = { type: 'DSS', dataFin: false, reserved: 0 };
const mapping4 = { dataSequenceNumber: 0xd1b97490, subflowSequenceNumber: 1, dataLevelLength: 41 };
const mapping8 = { dataSequenceNumber: 0xee83a616c38765c6n, subflowSequenceNumber: 0xffffffff, dataLevelLength: 65535 };

describe('DSS, RFC 8684 §3.3, figure 9', () => {
  test('data ACK of 4 and 8 octets', () => {
    agree('1e082001d1b974b9', { ...empty, dataAck: 0xd1b974b9 });
    agree('1e0c2003ee83a616c38765c5', { ...empty, dataAck: 0xee83a616c38765c5n });
    agree('1e0c20030000000000000000', { ...empty, dataAck: 0n });
    agree('1e082001ffffffff', { ...empty, dataAck: 0xffffffff });
  });

  test('mapping with 4 and 8 octet DSN, with and without checksum', () => {
    agree('1e0e2004d1b97490000000010029', { ...empty, mapping: mapping4 });
    agree('1e102004d1b97490000000010029082f', { ...empty, mapping: { ...mapping4, checksum: 0x082f } });
    agree('1e12200cee83a616c38765c6ffffffffffff', { ...empty, mapping: mapping8 });
    agree('1e14200cee83a616c38765c6ffffffffffff0000', { ...empty, mapping: { ...mapping8, checksum: 0 } });
  });

  test('both: the data ACK comes first', () => {
    agree('1e122005d52abecad1b97490000000010029', { ...empty, dataAck: 0xd52abeca, mapping: mapping4 });
    agree('1e142005d52abecad1b97490000000010029082f', {
      ...empty,
      dataAck: 0xd52abeca,
      mapping: { ...mapping4, checksum: 0x082f },
    });
    agree('1e1a200fa035fe0e42c7f2d5ee83a616c38765c6ffffffffffff', {
      ...empty,
      dataAck: 0xa035fe0e42c7f2d5n,
      mapping: mapping8,
    });
    agree('1e1c200fa035fe0e42c7f2d5ee83a616c38765c6ffffffffffff9e91', {
      ...empty,
      dataAck: 0xa035fe0e42c7f2d5n,
      mapping: { ...mapping8, checksum: 0x9e91 },
    });
  });

  test('widths mix', () => {
    agree('1e162007a035fe0e42c7f2d5d1b97490000000010029', {
      ...empty,
      dataAck: 0xa035fe0e42c7f2d5n,
      mapping: mapping4,
    });
    agree('1e16200dd52abecaee83a616c38765c6ffffffffffff', { ...empty, dataAck: 0xd52abeca, mapping: mapping8 });
  });

  test('DATA_FIN, alone and with nothing mapped', () => {
    agree('1e122015d52abecad1b97490000000000001', {
      ...empty,
      dataFin: true,
      dataAck: 0xd52abeca,
      mapping: { ...mapping4, subflowSequenceNumber: 0, dataLevelLength: 1 },
    });
    agree('1e042010', { ...empty, dataFin: true });
  });

  test('infinite mapping: length 0', () => {
    agree('1e1c200fa035fe0e42c7f2d59a7090a4f90e487c0000001200000000', {
      ...empty,
      dataAck: 0xa035fe0e42c7f2d5n,
      mapping: { dataSequenceNumber: 0x9a7090a4f90e487cn, subflowSequenceNumber: 18, dataLevelLength: 0, checksum: 0 },
    });
  });

  test('nothing at all is four octets', () => agree('1e042000', empty));

  test('reserved bits, and the flags m and a where they mean nothing, stay in place', () => {
    agree('1e042fe0', { ...empty, reserved: 0x0fe0 });
    agree('1e04200a', { ...empty, reserved: 0x000a });
    agree('1e082009d1b974b9', { ...empty, dataAck: 0xd1b974b9, reserved: 0x0008 });
    agree('1e0e2006d1b97490000000010029', { ...empty, mapping: mapping4, reserved: 0x0002 });
    agree('1e122fe5d52abecad1b97490000000010029', {
      ...empty,
      dataAck: 0xd52abeca,
      mapping: mapping4,
      reserved: 0x0fe0,
    });
  });

  test('lengths by the flags m M a A; two more for a checksum, with a mapping only', () => {
    const lengths = Array.from({ length: 16 }, (_, flags) => lengthsOf(0x20, flags));
    expect(lengths).toEqual([
      [4],
      [8],
      [4],
      [12],
      [14, 16],
      [18, 20],
      [14, 16],
      [22, 24],
      [4],
      [8],
      [4],
      [12],
      [18, 20],
      [22, 24],
      [18, 20],
      [26, 28],
    ]);
    expect(lengthsOf(0x20)).toEqual([4]);
  });

  test('fifteen forms', () => {
    expect(DSS_FORMS.map(({ name, length }) => [name, length])).toEqual([
      ['empty', 4],
      ['DSN4', 14],
      ['DSN4 checksum', 16],
      ['DSN8', 18],
      ['DSN8 checksum', 20],
      ['ACK4', 8],
      ['ACK4 DSN4', 18],
      ['ACK4 DSN4 checksum', 20],
      ['ACK4 DSN8', 22],
      ['ACK4 DSN8 checksum', 24],
      ['ACK8', 12],
      ['ACK8 DSN4', 22],
      ['ACK8 DSN4 checksum', 24],
      ['ACK8 DSN8', 26],
      ['ACK8 DSN8 checksum', 28],
    ]);
  });
});

describe('DSS: values without octets', () => {
  const mapped = (patch: object) => ({ ...empty, mapping: { ...mapping4, ...patch } });
  test.each<[string, object, 'RangeError' | 'TypeError', string]>([
    ['dataFin', { ...empty, dataFin: 0 }, 'TypeError', 'DSS.dataFin must be a boolean, got number'],
    [
      'dataAck of 4 octets',
      { ...empty, dataAck: 2 ** 32 },
      'RangeError',
      'DSS.dataAck must be an integer from 0 to 4294967295, got 4294967296',
    ],
    [
      'dataAck of 8 octets',
      { ...empty, dataAck: 2n ** 64n },
      'RangeError',
      'DSS.dataAck must be a bigint from 0 to 2^64-1, got 18446744073709551616',
    ],
    [
      'dataAck negative',
      { ...empty, dataAck: -1n },
      'RangeError',
      'DSS.dataAck must be a bigint from 0 to 2^64-1, got -1',
    ],
    [
      'dataAck a string',
      { ...empty, dataAck: '1' },
      'TypeError',
      'DSS.dataAck must be an integer from 0 to 4294967295, got string',
    ],
    ['mapping', { ...empty, mapping: null }, 'TypeError', 'DSS.mapping must be an object, got null'],
    ['mapping a number', { ...empty, mapping: 1 }, 'TypeError', 'DSS.mapping must be an object, got number'],
    [
      'dataSequenceNumber',
      mapped({ dataSequenceNumber: -1 }),
      'RangeError',
      'DSS.mapping.dataSequenceNumber must be an integer from 0 to 4294967295, got -1',
    ],
    [
      'dataSequenceNumber of 8 octets',
      mapped({ dataSequenceNumber: -1n }),
      'RangeError',
      'DSS.mapping.dataSequenceNumber must be a bigint from 0 to 2^64-1, got -1',
    ],
    [
      'dataSequenceNumber missing',
      mapped({ dataSequenceNumber: undefined }),
      'TypeError',
      'DSS.mapping.dataSequenceNumber must be an integer from 0 to 4294967295, got undefined',
    ],
    [
      'subflowSequenceNumber',
      mapped({ subflowSequenceNumber: 1n }),
      'TypeError',
      'DSS.mapping.subflowSequenceNumber must be an integer from 0 to 4294967295, got bigint',
    ],
    [
      'dataLevelLength',
      mapped({ dataLevelLength: 65536 }),
      'RangeError',
      'DSS.mapping.dataLevelLength must be an integer from 0 to 65535, got 65536',
    ],
    [
      'checksum',
      mapped({ checksum: 65536 }),
      'RangeError',
      'DSS.mapping.checksum must be an integer from 0 to 65535, got 65536',
    ],
    [
      'reserved',
      { ...empty, reserved: 0x10 },
      'RangeError',
      'DSS.reserved must be made of the bits 0xfea only, got 16',
    ],
    [
      'm as reserved with a mapping',
      { ...mapped({}), reserved: 0x08 },
      'RangeError',
      'DSS.reserved must be made of the bits 0xfe2 only, got 8',
    ],
    [
      'a as reserved with a data ACK',
      { ...empty, dataAck: 0, reserved: 0x02 },
      'RangeError',
      'DSS.reserved must be made of the bits 0xfe8 only, got 2',
    ],
  ])('%s', (_, option, type, message) => refuse(option, type, message));
});
