import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { fromHex, toHex } from '../../src/bytes.ts';
import { LONGEST } from '../../src/mptcp/head.ts';
import { decodeOption, encodeOption, encodeOptionInto, sizeOfOption } from '../../src/mptcp/option.ts';
import { KIND, SUBTYPE_TEXT, Subtype } from '../../src/mptcp/registry.ts';
import { fromJson, toJson } from '../../src/text/json.ts';
import { refuse } from './agree.ts';

interface Vectors {
  valid: { hex: string; option: Record<string, unknown> }[];
  malformed: { hex: string; reason: string; at: number; why: string }[];
}

const vectors = JSON.parse(
  readFileSync(new URL('../../fixtures/options/vectors.json', import.meta.url), 'utf8'),
) as Vectors;

describe('fixtures/options/vectors.json', () => {
  test.each(vectors.valid)('$hex', ({ hex, option }) => {
    const decoded = decodeOption(fromHex(hex));
    const { reasonText: _, ...json } = toJson(decoded);
    expect(json).toEqual(option);
    expect(toHex(encodeOption(decoded))).toBe(hex);
    expect(toHex(encodeOption(fromJson(option) as typeof decoded))).toBe(hex);
  });

  test.each(vectors.malformed)('$hex: $why', ({ hex, reason, at }) => {
    const bytes = fromHex(hex);
    expect(decodeOption(bytes)).toMatchObject({ type: 'MALFORMED', reason, at });
    expect(hex.startsWith(toHex(encodeOption(decodeOption(bytes))))).toBe(true);
  });
});

describe('what is no option', () => {
  const cases: [string, string, number, string][] = [
    ['', 'truncated', 0, ''],
    ['1e', 'truncated', 1, '1e'],
    ['08', 'kind', 0, '08'],
    ['080a0000000100000002', 'kind', 0, '080a0000000100000002'],
    ['1e0c1000', 'truncated', 4, '1e0c1000'],
    ['1e0200', 'length', 1, '1e02'],
    ['1e00ff', 'length', 1, '1e00'],
    ['1e2801', 'truncated', 3, '1e2801'],
    [`1e29f0${'00'.repeat(38)}`, 'length', 1, `1e29f0${'00'.repeat(38)}`],
  ];
  test.each(cases)('%s: %s', (hex, reason, at, bytes) => {
    expect(decodeOption(fromHex(hex))).toEqual({ type: 'MALFORMED', reason, at, bytes: fromHex(bytes) });
  });

  test('an option ends where its Length says, whatever follows', () => {
    expect(decodeOption(fromHex('1e0351ffffff'))).toEqual(decodeOption(fromHex('1e0351')));
  });

  test('a length that reaches behind the buffer reaches to its end', () => {
    const cut = { type: 'MALFORMED', reason: 'truncated', at: 3, bytes: fromHex('1e0c10') };
    expect(decodeOption(fromHex('001e0c10'), 1, 12)).toEqual(cut);
    expect(decodeOption(fromHex('001e0351'), 1, 12)).toEqual(decodeOption(fromHex('1e0351')));
  });

  test('it encodes to its octets, and has their size', () => {
    const broken = decodeOption(fromHex('1e0c1000'));
    const buffer = new Uint8Array(6).fill(0xa5);
    expect(sizeOfOption(broken)).toBe(4);
    expect(toHex(encodeOption(broken))).toBe('1e0c1000');
    expect(encodeOptionInto(broken, buffer, 1)).toBe(5);
    expect(toHex(buffer)).toBe('a51e0c1000a5');
  });

  test('encoding gives fresh memory each time', () => {
    const option = decodeOption(fromHex('1e0351'));
    const first = encodeOption(option);
    encodeOption(decodeOption(fromHex('1e0350')));
    expect(toHex(first)).toBe('1e0351');
    const malformed = decodeOption(fromHex('1e'));
    expect(encodeOption(malformed).buffer).not.toBe((malformed as { bytes: Uint8Array }).bytes.buffer);
  });
});

describe('values that are no option', () => {
  test.each([
    [{ type: 'MP_NOTHING' }, 'type must name an MPTCP option, got MP_NOTHING'],
    [{}, 'type must name an MPTCP option, got undefined'],
  ])('%j', (option, message) => {
    refuse(option, 'TypeError', message);
    expect(() => sizeOfOption(option as never)).toThrow(expect.objectContaining({ name: 'TypeError', message }));
  });

  test('a buffer without room, or an offset outside it', () => {
    const option = decodeOption(fromHex('1e0351'));
    const message = (room: number, at: number) => `MP_PRIO needs 3 octets at offset ${at} of a buffer of ${room}`;
    for (const [room, at] of [
      [2, 0],
      [3, 1],
      [3, -1],
      [3, Number.NaN],
    ] as const) {
      const encode = () => encodeOptionInto(option, new Uint8Array(room), at);
      expect(encode).toThrow(expect.objectContaining({ name: 'RangeError', message: message(room, at) }));
    }
  });
});

describe('numbers of the registries, RFC 8684 §7', () => {
  test('kind and subtypes', () => {
    expect(KIND).toBe(30);
    expect(LONGEST).toBe(40);
    expect(Object.entries(Subtype).map(([name, value]) => `${value} ${name}`)).toEqual([
      '0 MP_CAPABLE',
      '1 MP_JOIN',
      '2 DSS',
      '3 ADD_ADDR',
      '4 REMOVE_ADDR',
      '5 MP_PRIO',
      '6 MP_FAIL',
      '7 MP_FASTCLOSE',
      '8 MP_TCPRST',
      '15 MP_EXPERIMENTAL',
    ]);
    expect(SUBTYPE_TEXT[8]).toBe('MP_TCPRST');
    expect(SUBTYPE_TEXT[9]).toBeUndefined();
  });
});
