import { describe, expect, test } from 'vitest';
import { fromHex } from '../../src/bytes.ts';
import { columnOf, csvRow, DEFAULT_COLUMNS } from '../../src/text/columns.ts';
import { didYouMean, nearest } from '../../src/text/nearest.ts';
import { decodePacket } from '../../src/text/packet.ts';
import { captured, SYN } from '../packet.ts';

const K = '8f0c7c64a6a32ac1';
const OPTIONS = ['1e1020040000000500000000000000ff', '1e0540010a01', `1e0c7000${K}`].map(fromHex);
const packet = decodePacket(captured(3, { flags: SYN, options: OPTIONS }))!;
const value = (name: string, keys = true) => columnOf(name)(packet, { keys });

describe('our names', () => {
  test.each([
    ['frame', ['3']],
    ['time', ['1700000000.003000000']],
    ['src', ['10.1.0.1']],
    ['flags', ['S']],
    ['interface', []],
    ['optionsCut', []],
    ['type', ['DSS', 'REMOVE_ADDR', 'MP_FASTCLOSE']],
    ['addressIds', ['1', '10']],
    ['REMOVE_ADDR.addressIds', ['1', '10']],
    ['MP_FASTCLOSE.receiverKey', [K]],
    ['MP_CAPABLE.receiverKey', []],
    ['mapping.dataSequenceNumber', ['5']],
    ['DSS.mapping.checksum', ['255']],
    ['dataFin', ['false']],
    ['dataSequenceNumber', []],
    [
      'options',
      ['mptcp 16 dss seq 5 subseq 0 len 0 csum 0x00ff', 'mptcp 5 rem-addr id 1 10', `mptcp 12 fast-close key 0x${K}`],
    ],
  ])('%s', (name, values) => {
    expect(value(name)).toEqual(values);
  });

  test('keys can be left out', () => {
    expect(value('receiverKey', false)).toEqual([]);
    expect(value('tcp.options.mptcp.recvkey', false)).toEqual([]);
    expect(value('options', false)[2]).toBe('mptcp 12 fast-close key (hidden)');
  });

  test('the columns of a table that names none are known', () => {
    expect(DEFAULT_COLUMNS.map((name) => value(name).length)).toEqual([1, 1, 1, 1, 1, 1, 1, 1, 3]);
  });

  test('a broken list is one value', () => {
    const broken = decodePacket(captured(1, { options: [fromHex('1e0351011e0c1001')] }))!;
    expect(columnOf('optionsError')(broken, {})).toEqual(['{"at":4,"reason":"truncated","kind":30}']);
  });
});

test("Wireshark's names", () => {
  expect(value('tcp.options.mptcp.subtype')).toEqual(['2', '4', '7']);
  expect(value('frame.number')).toEqual(['3']);
});

test('other names are refused with the nearest ones', () => {
  expect(() => columnOf('tcp.options.mptcp.sendky')).toThrow(
    new RangeError('no field tcp.options.mptcp.sendky (did you mean tcp.options.mptcp.sendkey?)'),
  );
  expect(() => columnOf('mptcp.dsn')).toThrow(
    /^mptcp\.dsn needs the whole connection, decode sees one packet: use tcp/,
  );
  expect(() => columnOf('toString')).toThrow(RangeError);
  expect(() => columnOf('')).toThrow('no field ');
});

test('rows', () => {
  expect(csvRow([['1'], [], ['a', 'b'], ['say "hi"'], ['x\ny']])).toBe('1,,"a,b","say ""hi""","x\ny"\n');
});

test('near names', () => {
  expect(nearest('decod', ['decode', 'encode', 'trace'])).toEqual(['decode']);
  expect(nearest('DECODE', ['decode'])).toEqual(['decode']);
  expect(nearest('zzzzzz', ['decode'])).toEqual([]);
  expect(nearest('ab', ['ad', 'ac', 'ae', 'af', 'ad'])).toEqual(['ac', 'ad', 'ae']);
  expect(didYouMean('zzzzzz', ['decode'])).toBe('');
  expect(didYouMean('chek', ['check'])).toBe(' (did you mean check?)');
});
