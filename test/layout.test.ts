import { describe, expect, test } from 'vitest';
import { fromHex } from '../src/bytes.ts';
import { IPV4_FORM, IPV4_OPTION_FORMS, IPV6_EXTENSION_FORMS, IPV6_FORM, LINK_FORMS } from '../src/ip/forms.ts';
import { allows, type Form, form, formOf, REST, spans } from '../src/layout.ts';
import { FORMS } from '../src/mptcp/forms.ts';
import { TCP_FORM, TCP_OPTION_FORMS } from '../src/tcp/forms.ts';

const SMALL = form('Small', 'of two', '1 §1', [
  { name: 'high', bits: 3, label: 'High', is: [5, 6] },
  { name: 'low', bits: 5, label: 'Low' },
  { name: 'address', bits: 16, label: 'Address', type: 'octets' },
  { name: 'wide', bits: 64, label: 'Wide' },
  { name: 'word', bits: 32, label: 'Word' },
]);
const OPEN = form('Open', 'rest', '1 §2', [
  { name: 'kind', bits: 8, label: 'Kind', is: [1, 1] },
  { name: 'data', bits: REST, label: 'Data', type: 'octets' },
]);
const LIST = form('List', 'ids', '1 §3', [
  { name: 'kind', bits: 8, label: 'Kind', is: [2, 2] },
  { name: 'ids', bits: REST, each: 16, label: 'Id' },
]);

describe('a form', () => {
  test('is as long as its fields', () => {
    expect(SMALL.length).toBe(15);
    expect(OPEN.length).toBe(1);
    expect(LIST.length).toBe(3);
  });

  test('fields that cross octets, of 64 bits, of octets', () => {
    const bytes = fromHex('ffbf0102fedcba9876543210fffffffe');
    expect(spans(SMALL, bytes, 1).map(({ field, bit, bits, value }) => [field.name, bit, bits, value])).toEqual([
      ['high', 0, 3, 5],
      ['low', 3, 5, 31],
      ['address', 8, 16, fromHex('0102')],
      ['wide', 24, 64, 0xfedcba9876543210n],
      ['word', 88, 32, 0xfffffffe],
    ]);
  });

  test('octets up to the end, none or some', () => {
    const values = (hex: string) =>
      spans(OPEN, fromHex(hex), 0, hex.length / 2).map(({ bits, value }) => [bits, value]);
    expect(values('01')).toEqual([
      [8, 1],
      [0, new Uint8Array(0)],
    ]);
    expect(values('01aabb')).toEqual([
      [8, 1],
      [16, fromHex('aabb')],
    ]);
  });

  test('a list has a span for each item', () => {
    expect(spans(LIST, fromHex('0200010002'), 0, 5).map(({ bit, bits, value }) => [bit, bits, value])).toEqual([
      [0, 8, 2],
      [8, 16, 1],
      [24, 16, 2],
    ]);
  });

  test('octets alias the buffer', () => {
    const bytes = fromHex('01aabb');
    const data = spans(OPEN, bytes, 0, 3).at(-1)!;
    expect((data.value as Uint8Array).buffer).toBe(bytes.buffer);
  });
});

describe('formOf', () => {
  const forms = [SMALL, OPEN, LIST];
  const name = (hex: string) => formOf(forms, fromHex(hex), 0, hex.length / 2)?.of;

  test('goes by length and by what fields must hold', () => {
    expect(name('a00000000000000000000000000000')).toBe('Small');
    expect(name('c00000000000000000000000000000')).toBe('Small');
    expect(name('800000000000000000000000000000')).toBeUndefined();
    expect(name('a000000000000000000000000000')).toBeUndefined();
    expect(name('01')).toBe('Open');
    expect(name('01ffff')).toBe('Open');
    expect(name('020001')).toBe('List');
    expect(name('02')).toBeUndefined();
  });

  test('limits include both ends; a field without them allows all', () => {
    const [high, low] = SMALL.fields;
    expect([4, 5, 6, 7].map((value) => allows(high!, value))).toEqual([false, true, true, false]);
    expect(allows(low!, 31)).toBe(true);
  });
});

const ALL: readonly Form[] = [
  ...FORMS,
  TCP_FORM,
  ...TCP_OPTION_FORMS,
  IPV4_FORM,
  ...IPV4_OPTION_FORMS,
  IPV6_FORM,
  ...Object.values(IPV6_EXTENSION_FORMS),
  ...Object.values(LINK_FORMS),
];

describe('the tables', () => {
  test('49 forms of MPTCP options, each with a name of its own', () => {
    expect(FORMS.length).toBe(49);
    expect(new Set(FORMS.map(({ of, name }) => `${of} ${name}`)).size).toBe(FORMS.length);
  });

  test.each(ALL.map((shape) => [`${shape.of} ${shape.name}`, shape] as const))('%s', (_, shape) => {
    const open = shape.fields.findIndex(({ bits }) => bits === REST);
    expect(open === -1 || open === shape.fields.length - 1).toBe(true);
    expect(Number.isInteger(shape.length)).toBe(true);
    expect(shape.rfc).toMatch(/^(\d+( §\d+(\.\d+)*)?)?$/);
    for (const { name, label, bits, type, is, means } of shape.fields) {
      expect(name).toMatch(/^[a-zA-Z]+$/);
      expect(label).not.toBe('');
      if (bits > 32 && bits !== 64) expect(['octets', 'address']).toContain(type);
      if (is !== undefined) expect(is[0]).toBeLessThanOrEqual(is[1]);
      if (is !== undefined) expect(is[1]).toBeLessThan(2 ** bits);
      for (const value of Object.keys(means ?? {})) expect(Number(value)).toBeLessThan(2 ** Math.max(bits, 8));
    }
  });

  test('an option of MPTCP begins with Kind 30, Length and Subtype', () => {
    for (const { fields } of FORMS) {
      expect(fields.slice(0, 3).map(({ name, bits }) => `${name} ${bits}`)).toEqual([
        'kind 8',
        'length 8',
        'subtype 4',
      ]);
      expect(fields[0]?.is).toEqual([30, 30]);
    }
  });

  test('values that have a meaning: all of a flag, those that are assigned of other fields', () => {
    const named = ({ of, fields }: Form) =>
      fields.flatMap(({ name, means }) => (means === undefined ? [] : [`${of} ${name} ${Object.keys(means)}`]));
    const every = (forms: readonly Form[], skip: RegExp) =>
      [...new Set(forms.flatMap(named))].filter((line) => !skip.test(line));
    expect(every(FORMS, / (kind 30|subtype 0,1,2,3,4,5,6,7,8,15)$/)).toEqual([
      'MP_CAPABLE version 0,1',
      'MP_CAPABLE checksumRequired 0,1',
      'MP_CAPABLE extensibility 0,1',
      'MP_CAPABLE denyJoin 0,1',
      'MP_CAPABLE algorithms 0',
      'MP_CAPABLE algorithms 0,1',
      'MP_JOIN backup 0,1',
      'DSS dataFin 0,1',
      'DSS M 0,1',
      'DSS A 0,1',
      'DSS m 0,1',
      'DSS dataLevelLength 0',
      'DSS a 0,1',
      'ADD_ADDR echo 0,1',
      'ADD_ADDR ipVer 4,6',
      'MP_PRIO backup 0,1',
      'MP_TCPRST transient 0,1',
      'MP_TCPRST reason 0,1,2,3,4,5,6',
    ]);
    const flags = ['cwr', 'ece', 'urg', 'ack', 'psh', 'rst', 'syn', 'fin'];
    expect(named(TCP_FORM)).toEqual(flags.map((name) => `TCP ${name} 1`));
    expect(every(TCP_OPTION_FORMS, / kind 0,1,2,3,4,5,8,19,29,34,253,254$/)).toEqual([]);
  });

  test('SACK has one to four blocks', () => {
    const sack = TCP_OPTION_FORMS.filter(({ of }) => of === 'SACK');
    expect(sack.map(({ name, length }) => [name, length])).toEqual([
      ['1 block', 10],
      ['2 blocks', 18],
      ['3 blocks', 26],
      ['4 blocks', 34],
    ]);
  });
});
