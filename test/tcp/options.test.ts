import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { fromHex, toHex } from '../../src/bytes.ts';
import { decodeOption, type MptcpOption } from '../../src/mptcp/option.ts';
import {
  alignOptions,
  decodeOptionList,
  encodeOptionList,
  fits,
  mptcpOptions,
  OPTION_SPACE,
  type OptionItem,
  sizeOfOptionList,
} from '../../src/tcp/options.ts';

const raw = (hex: string): Uint8Array => fromHex(hex);
const mptcp = (hex: string): MptcpOption => {
  const option = decodeOption(fromHex(hex));
  if (option.type === 'MALFORMED') throw new Error(`${hex} is ${option.reason}`);
  return option;
};

const MSS = raw('020405b4');
const SACK_PERMITTED = raw('0402');
const TIMESTAMPS = raw('080ab8eb69eb54764bed');
const WINDOW_SCALE = raw('03030a');
const NOP = raw('01');

describe('decodeOptionList', () => {
  test('MPTCP options decoded, others as they are, in wire order', () => {
    expect(decodeOptionList(raw('0101080a00000001000000021e0351'))).toEqual([
      NOP,
      NOP,
      raw('080a0000000100000002'),
      { type: 'MP_PRIO', backup: true, addressId: undefined, reserved: 0 },
    ]);
  });

  test('End of Option List and all behind it are one item', () => {
    expect(decodeOptionList(raw('0100ff00'))).toEqual([NOP, raw('00ff00')]);
  });

  test('the broken rest is the last item', () => {
    expect(decodeOptionList(raw('011e0c1000'))).toEqual([
      NOP,
      { type: 'MALFORMED', reason: 'truncated', at: 4, bytes: raw('1e0c1000') },
    ]);
    expect(decodeOptionList(raw('01080000'))).toEqual([
      NOP,
      { type: 'MALFORMED', reason: 'length', at: 1, bytes: raw('080000') },
    ]);
  });

  test('a malformed MPTCP option does not end the list', () => {
    expect(decodeOptionList(raw('1e0480001e0201'))).toMatchObject([
      { type: 'MP_TCPRST' },
      { type: 'MALFORMED', reason: 'length', bytes: raw('1e02') },
      NOP,
    ]);
  });

  test('a part of a buffer; items alias it', () => {
    const bytes = raw('ff0402ff');
    const [item] = decodeOptionList(bytes, 1, 2);
    expect(item).toEqual(SACK_PERMITTED);
    expect((item as Uint8Array).buffer).toBe(bytes.buffer);
    expect(decodeOptionList(bytes, 1, 99)).toMatchObject([SACK_PERMITTED, { reason: 'truncated' }]);
    expect(decodeOptionList(new Uint8Array(0))).toEqual([]);
    // What is broken ends with the list, whatever the buffer holds behind it.
    expect(decodeOptionList(raw('ff011e0c1000ffffff'), 1, 5)).toEqual([
      NOP,
      { type: 'MALFORMED', reason: 'truncated', at: 4, bytes: raw('1e0c1000') },
    ]);
  });
});

describe('encodeOptionList', () => {
  test('item after item, zeros behind the last up to a multiple of 4', () => {
    expect(toHex(encodeOptionList([MSS, mptcp('1e0351')]))).toBe('020405b41e035100');
    expect(toHex(encodeOptionList([mptcp('1e0351'), NOP]))).toBe('1e035101');
    expect(toHex(encodeOptionList([]))).toBe('');
    expect(sizeOfOptionList([MSS, mptcp('1e0351')])).toBe(7);
  });

  test('more than 40 octets: the error names the excess', () => {
    const v6 = mptcp(`1e1e3009${'00'.repeat(26)}`);
    expect(encodeOptionList([TIMESTAMPS, v6]).length).toBe(OPTION_SPACE);
    expect(() => encodeOptionList([NOP, TIMESTAMPS, v6])).toThrow(
      new RangeError('options take 41 octets, 1 more than the 40 of a TCP header'),
    );
    expect(() => encodeOptionList(alignOptions([TIMESTAMPS, v6]))).toThrow(
      new RangeError('options take 44 octets, 4 more than the 40 of a TCP header'),
    );
  });

  test('an item that is none', () => {
    const strange = Object.create(null) as OptionItem;
    expect(() => encodeOptionList([strange])).toThrow(new TypeError('item must be a Uint8Array, got object'));
  });
});

interface Lists {
  lists: { hex: string; options: string[] }[];
}

describe('lists as Linux writes them', () => {
  const { lists } = JSON.parse(
    readFileSync(new URL('../../fixtures/options/vectors.json', import.meta.url), 'utf8'),
  ) as Lists;

  test.each(lists)('$hex', ({ hex, options }) => {
    const items = decodeOptionList(fromHex(hex));
    expect(items.filter((item) => 'type' in item)).toEqual(options.map(mptcp));
    const meant = items.filter((item) => 'type' in item || item[0] !== 1);
    expect(toHex(encodeOptionList(alignOptions(meant)))).toBe(hex);
    expect(fits(meant)).toBe(true);
  });

  test('padding: before timestamps, SACK and window scale, behind MPTCP options', () => {
    const padded = (...items: OptionItem[]) => toHex(encodeOptionList(alignOptions(items)));
    expect(padded(TIMESTAMPS)).toBe(`0101${toHex(TIMESTAMPS)}`);
    expect(padded(SACK_PERMITTED)).toBe('01010402');
    expect(padded(SACK_PERMITTED, TIMESTAMPS)).toBe(`0402${toHex(TIMESTAMPS)}`);
    expect(padded(TIMESTAMPS, SACK_PERMITTED)).toBe(`0101${toHex(TIMESTAMPS)}01010402`);
    expect(padded(WINDOW_SCALE)).toBe('0103030a');
    expect(padded(WINDOW_SCALE, TIMESTAMPS)).toBe(`0103030a0101${toHex(TIMESTAMPS)}`);
    expect(padded(mptcp('1e0351'))).toBe('1e035101');
    expect(padded(raw('220a0102030405060708'))).toBe('220a01020304050607080101');
    expect(padded(new Uint8Array(0))).toBe('');
  });
});

/** Which options go together: rows of [segment, items, size beside timestamps, size without]; over 40 does not fit. */
describe('fits', () => {
  const key = 'aa'.repeat(8);
  const capable = (length: number, version = 1) => {
    return mptcp(`1e${length.toString(16).padStart(2, '0')}0${version}01${'aa'.repeat(length - 4)}`);
  };
  const join = (length: number) => mptcp(`1e${length.toString(16).padStart(2, '0')}1000${'aa'.repeat(length - 4)}`);
  const dss = (flags: number, length: number) => {
    return mptcp(
      `1e${length.toString(16).padStart(2, '0')}20${flags.toString(16).padStart(2, '0')}${'aa'.repeat(length - 4)}`,
    );
  };
  const addAddr = (length: number, echo = 0) => {
    return mptcp(`1e${length.toString(16).padStart(2, '0')}3${echo}01${'aa'.repeat(length - 4)}`);
  };
  const sack = (blocks: number) => raw(`05${(2 + 8 * blocks).toString(16).padStart(2, '0')}${key.repeat(blocks)}`);
  const cookie = (octets: number) => raw(`22${(2 + octets).toString(16).padStart(2, '0')}${'aa'.repeat(octets)}`);
  const removeAddr = (ids: number) => mptcp(`1e${(3 + ids).toString(16).padStart(2, '0')}40${'01'.repeat(ids)}`);
  const md5 = raw(`1312${'aa'.repeat(16)}`);
  const fail = mptcp(`1e0c6000${key}`);
  const fastclose = mptcp(`1e0c7000${key}`);
  const reset = mptcp('1e048001');
  const prio = mptcp('1e0351');
  const A32 = dss(1, 8);
  const A64 = dss(3, 12);

  const rows: [string, 'SYN' | 'ACK', OptionItem[], number, number][] = [
    ['MP_CAPABLE', 'SYN', [capable(4)], 24, 16],
    ['MP_CAPABLE, Fast Open cookie 8', 'SYN', [capable(4), cookie(8)], 36, 28],
    ['MP_CAPABLE, Fast Open cookie 16', 'SYN', [capable(4), cookie(16)], 44, 36],
    ['MP_CAPABLE version 0', 'SYN', [capable(12, 0)], 32, 24],
    ['MP_CAPABLE version 0, Fast Open cookie 8', 'SYN', [capable(12, 0), cookie(8)], 44, 36],
    ['MP_JOIN', 'SYN', [join(12)], 32, 24],
    ['MP_CAPABLE, MD5 signature', 'SYN', [capable(4), md5], 44, 36],
    ['MP_CAPABLE with key', 'SYN', [capable(12)], 32, 24],
    ['MP_JOIN of the SYN/ACK', 'SYN', [join(16)], 36, 28],
    ['MP_CAPABLE with both keys', 'ACK', [capable(20)], 32, 20],
    ['MP_CAPABLE with data', 'ACK', [capable(22)], 36, 24],
    ['MP_CAPABLE with data and checksum', 'ACK', [capable(24)], 36, 24],
    ['MP_JOIN of the third ACK', 'ACK', [join(24)], 36, 24],
    ['DSS A32', 'ACK', [A32], 20, 8],
    ['DSS A64', 'ACK', [A64], 24, 12],
    ['DSS A64, SACK 1', 'ACK', [A64, sack(1)], 36, 24],
    ['DSS A64, SACK 2', 'ACK', [A64, sack(2)], 44, 32],
    ['DSS A64, SACK 3', 'ACK', [A64, sack(3)], 52, 40],
    ['DSS A32, SACK 2', 'ACK', [A32, sack(2)], 40, 28],
    ['DSS A32 M32', 'ACK', [dss(5, 18)], 32, 20],
    ['DSS A32 M32 checksum', 'ACK', [dss(5, 20)], 32, 20],
    ['DSS A32 M64', 'ACK', [dss(13, 22)], 36, 24],
    ['DSS A64 M32 checksum', 'ACK', [dss(7, 24)], 36, 24],
    ['DSS A64 M64', 'ACK', [dss(15, 26)], 40, 28],
    ['DSS A64 M64 checksum', 'ACK', [dss(15, 28)], 40, 28],
    ['DSS A64 M64, SACK 1', 'ACK', [dss(15, 28), sack(1)], 52, 40],
    ['DSS A64 M64, MP_PRIO', 'ACK', [dss(15, 26), prio], 44, 32],
    ['DSS A64, MP_PRIO', 'ACK', [A64, prio], 28, 16],
    ['ADD_ADDR IPv4', 'ACK', [addAddr(16)], 28, 16],
    ['ADD_ADDR IPv4, DSS A64', 'ACK', [addAddr(16), A64], 40, 28],
    ['ADD_ADDR IPv4 port', 'ACK', [addAddr(18)], 32, 20],
    ['ADD_ADDR IPv4 port, DSS A32', 'ACK', [addAddr(18), A32], 40, 28],
    ['ADD_ADDR IPv4 port, DSS A64', 'ACK', [addAddr(18), A64], 44, 32],
    ['ADD_ADDR IPv6', 'ACK', [addAddr(28)], 40, 28],
    ['ADD_ADDR IPv6, DSS A32', 'ACK', [addAddr(28), A32], 48, 36],
    ['ADD_ADDR IPv6, DSS A64', 'ACK', [addAddr(28), A64], 52, 40],
    ['ADD_ADDR IPv6 port', 'ACK', [addAddr(30)], 44, 32],
    ['echo IPv4, DSS A64', 'ACK', [addAddr(8, 1), A64], 32, 20],
    ['echo IPv6, DSS A32', 'ACK', [addAddr(20, 1), A32], 40, 28],
    ['echo IPv6 port', 'ACK', [addAddr(22, 1)], 36, 24],
    ['DSS A64, REMOVE_ADDR of 13', 'ACK', [A64, removeAddr(13)], 40, 28],
    ['DSS A64, REMOVE_ADDR of 14', 'ACK', [A64, removeAddr(14)], 44, 32],
    ['DSS A64, REMOVE_ADDR of 25', 'ACK', [A64, removeAddr(25)], 52, 40],
    ['DSS A64, REMOVE_ADDR of 26', 'ACK', [A64, removeAddr(26)], 56, 44],
    ['DSS A64, MP_FAIL', 'ACK', [A64, fail], 36, 24],
    ['MP_FASTCLOSE, MP_TCPRST', 'ACK', [fastclose, reset], 28, 16],
    ['MP_FAIL, MP_TCPRST', 'ACK', [fail, reset], 28, 16],
  ];

  test.each(rows)('%s (%s)', (_, segment, items, beside, without) => {
    const others = segment === 'SYN' ? [MSS, SACK_PERMITTED] : [];
    const scale = segment === 'SYN' ? [WINDOW_SCALE] : [];
    const withTimestamps = [...others, TIMESTAMPS, ...scale, ...items];
    const withoutTimestamps = [...others, ...scale, ...items];
    expect(sizeOfOptionList(alignOptions(withTimestamps))).toBe(beside);
    expect(sizeOfOptionList(alignOptions(withoutTimestamps))).toBe(without);
    expect(fits(withTimestamps)).toBe(beside <= 40);
    expect(fits(withoutTimestamps)).toBe(without <= 40);
  });
});

describe('mptcpOptions', () => {
  const header = (list: string, words = 5 + list.length / 8) => {
    return raw(`d431 01bb 00000001 00000000 ${words.toString(16)}0 02 ffff 0000 0000`.replaceAll(' ', '') + list);
  };

  test('those of a header, in wire order', () => {
    const [first, second, ...more] = mptcpOptions(header('1e035101020405b41e048001'));
    expect(first).toMatchObject({ type: 'MP_PRIO', backup: true });
    expect(second).toMatchObject({ type: 'MP_TCPRST', reason: 1 });
    expect(more).toEqual([]);
  });

  test('payload behind the header is not looked at', () => {
    expect(mptcpOptions(raw(`${toHex(header('01010101'))}1e035101`))).toEqual([]);
  });

  test('none: no list, a short header, a Data Offset that is too small', () => {
    expect(mptcpOptions(header(''))).toEqual([]);
    expect(mptcpOptions(new Uint8Array(0))).toEqual([]);
    expect(mptcpOptions(header('1e035101').subarray(0, 19))).toEqual([]);
    expect(mptcpOptions(header('1e035101', 4))).toEqual([]);
  });

  test('an option that the header cuts is the last', () => {
    expect(mptcpOptions(header('1e0351011e0c1000'))).toMatchObject([
      { type: 'MP_PRIO' },
      { type: 'MALFORMED', reason: 'truncated', at: 4, bytes: raw('1e0c1000') },
    ]);
    expect(mptcpOptions(header('1e0351011e0c1000').subarray(0, 26))).toMatchObject([
      { type: 'MP_PRIO' },
      { type: 'MALFORMED', reason: 'truncated', at: 2, bytes: raw('1e0c') },
    ]);
    // Payload does not complete it.
    expect(mptcpOptions(raw(`${toHex(header('1e0c1000'))}8f0c7c64a6a32ac1`))).toEqual([
      { type: 'MALFORMED', reason: 'truncated', at: 4, bytes: raw('1e0c1000') },
    ]);
    expect(mptcpOptions(header('1e00ffff'))).toMatchObject([
      { type: 'MALFORMED', reason: 'length', bytes: raw('1e00') },
    ]);
  });

  test('another option that is broken ends the list', () => {
    expect(mptcpOptions(header('1e03510102ff0000'))).toMatchObject([{ type: 'MP_PRIO' }]);
  });
});
