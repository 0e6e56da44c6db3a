import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { toHex } from '../../src/bytes.ts';
import { encodeOption } from '../../src/mptcp/option.ts';
import { toJson } from '../../src/text/json.ts';
import { option } from '../arbitraries.ts';
import { cli } from './fake.ts';

const PRIO = '{"type":"MP_PRIO","backup":true}';
const FAIL = '{"type":"MP_FAIL","dataSequenceNumber":"5"}';

test.each([
  [PRIO, '1e0351\n'],
  [`[${PRIO},${FAIL}]`, '1e0351\n1e0c60000000000000000005\n'],
  ['[]', ''],
  [
    `{"frame":1,"srcPort":1,"dstPort":2,"flags":"S","seq":1,"ack":0,"payloadLength":0,"options":[${FAIL},${PRIO}]}`,
    '1e0c60000000000000000005\n1e0351\n',
  ],
  ['{"type":"MALFORMED","reason":"length","at":1,"bytes":"1e0320"}', '1e0320\n'],
])('%s', async (json, out) => {
  expect(await cli(['encode', json])).toEqual({ status: 0, out, err: '' });
  expect(await cli(['encode', '-'], { stdin: [json] })).toEqual({ status: 0, out, err: '' });
});

test('a line of JSON an option, from standard input or a file', async () => {
  const text = `${PRIO}\n\n${FAIL}\n`;
  const out = '1e0351\n1e0c60000000000000000005\n';
  expect(await cli(['encode', '-'], { stdin: [text] })).toEqual({ status: 0, out, err: '' });
  const folder = mkdtempSync(join(tmpdir(), 'mptcp-codec-'));
  writeFileSync(join(folder, 'options'), text);
  expect(await cli(['encode', '-r', join(folder, 'options')])).toEqual({ status: 0, out, err: '' });
  rmSync(folder, { recursive: true });
});

test('other formats', async () => {
  const json = `[${PRIO},${PRIO}]`;
  expect((await cli(['encode', '-o', 'ndjson', json])).out).toBe('"1e0351"\n"1e0351"\n');
  expect((await cli(['encode', '-o', 'json', json])).out).toBe('["1e0351","1e0351"]\n');
});

test('encode is the inverse of decode', async () => {
  const values = fc.sample(option(), 200);
  const lines = values.map((value) => `${JSON.stringify(toJson(value))}\n`);
  const hex = (await cli(['encode', '-'], { stdin: lines })).out;
  expect(hex).toBe(values.map((value) => `${toHex(encodeOption(value))}\n`).join(''));
  expect((await cli(['decode', '--as', 'option', '-o', 'ndjson', '-'], { stdin: [hex] })).out).toBe(lines.join(''));
});

test.each([
  [['encode'], 'no JSON: give an option, or - for standard input'],
  [['encode', PRIO, PRIO], `${PRIO}: one input at a time`],
  [['encode', '-r', 'x', PRIO], `${PRIO}: one input at a time`],
  [['encode', '{"type":"MP_PRIO"}'], 'MP_PRIO.backup is missing'],
  [['encode', '7'], 'an option must be a JSON object, got 7'],
  [
    ['encode', '{"type":"MP_PRIO","backup":true,"addressId":256}'],
    'MP_PRIO.addressId must be an integer from 0 to 255, got 256',
  ],
])('%j is a usage error', async (args, message) => {
  expect(await cli(args)).toEqual({
    status: 2,
    out: '',
    err: `mptcp-codec encode: ${message}\nmptcp-codec encode --help says more\n`,
  });
});

test('text that is no JSON', async () => {
  expect((await cli(['encode', '{'])).err).toMatch(/^mptcp-codec encode: not JSON: /);
});

test.each([
  [`${PRIO}\n{"type":"MP_PRIO"}\n`, 'standard input, line 2: MP_PRIO.backup is missing'],
  ['{"type":"MP_PRIO"}', 'standard input: MP_PRIO.backup is missing'],
])('%j is bad data', async (text, message) => {
  expect(await cli(['encode', '-'], { stdin: [text] })).toEqual({
    status: 65,
    out: '',
    err: `mptcp-codec encode: ${message}\n`,
  });
});

test('a line that is no JSON is bad data', async () => {
  const { status, err } = await cli(['encode', '-'], { stdin: [`${PRIO}\n{\n`] });
  expect(status).toBe(65);
  expect(err).toMatch(/^mptcp-codec encode: standard input, line 2: not JSON: /);
});

test('no such file', async () => {
  expect(await cli(['encode', '-r', 'no/such'])).toEqual({
    status: 66,
    out: '',
    err: 'mptcp-codec encode: no such file: no/such\n',
  });
});
