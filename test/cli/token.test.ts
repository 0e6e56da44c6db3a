import { expect, test } from 'vitest';
import { cli } from './fake.ts';

const KEY = '8f0c7c64a6a32ac1';

test('what follows from a key', async () => {
  expect(await cli(['token', KEY])).toEqual({
    status: 0,
    out: `token                       0x2e1abded
IDSN                        17186763219675866564 (0xee83a616c38765c4)
first data sequence number  17186763219675866565 (0xee83a616c38765c5)
`,
    err: '',
  });
});

test.each([KEY, KEY.toUpperCase(), `0x${KEY}`])('as JSON, %s', async (key) => {
  const json = {
    version: 1,
    key: KEY,
    token: '2e1abded',
    idsn: '17186763219675866564',
    firstDataSequenceNumber: '17186763219675866565',
  };
  const line = `${JSON.stringify(json)}\n`;
  expect(await cli(['token', '-o', 'json', key])).toEqual({ status: 0, out: line, err: '' });
  expect(await cli(['token', '-o', 'ndjson', key])).toEqual({ status: 0, out: line, err: '' });
});

test('version 0', async () => {
  const { out } = await cli(['token', '9c9eabd1e46a33b2', '--v0', '-o', 'json']);
  expect(JSON.parse(out)).toEqual({
    version: 0,
    key: '9c9eabd1e46a33b2',
    token: 'af9706eb',
    idsn: '10975753215851282121',
    firstDataSequenceNumber: '10975753215851282122',
  });
  expect((await cli(['token', '9c9eabd1e46a33b2', '--v0', '-v'])).err).toMatch(/^SHA-1, 8 octets\n/);
});

test('leading zeros stay', async () => {
  const { out } = await cli(['token', '000000000000775c', '-o', 'json']);
  expect(JSON.parse(out).token).toBe('0000beb9');
});

test('-v shows each octet that went in', async () => {
  expect((await cli(['token', '-v', KEY])).err).toBe(`SHA-256, 8 octets
     0  8f 0c 7c 64 a6 a3 2a c1                          key
hash, 32 octets
     0  2e 1a bd ed                                      token
     4  57 41 b6 ee 1d 8d ab 1e 5d 87 87 70 20 14 92 fc  not used
    20  9c 88 3e 3d                                      not used
    24  ee 83 a6 16 c3 87 65 c4                          IDSN
first data sequence number: IDSN + 1
`);
});

test('--no-keys leaves the key out', async () => {
  const { out, err } = await cli(['token', '-v', '--no-keys', '-o', 'json', KEY]);
  expect(JSON.parse(out)).toEqual({
    version: 1,
    token: '2e1abded',
    idsn: '17186763219675866564',
    firstDataSequenceNumber: '17186763219675866565',
  });
  expect(err).toContain('     0  (not shown)                                      key\n');
  expect(out + err.replaceAll(' ', '')).not.toContain(KEY);
});

test('options that every command has are taken', async () => {
  const plain = await cli(['token', KEY]);
  expect(await cli(['token', KEY, '-q', '--color', 'always', '--no-progress'])).toEqual(plain);
});

test.each([
  [['token', KEY, '--color', 'red'], '--color must be one of auto, always, never, got red'],
  [['token'], 'KEY is missing'],
  [['token', '12'], 'KEY must be 16 hex digits (8 octets), got 12'],
  [['token', `${KEY}00`], `KEY must be 16 hex digits (8 octets), got ${KEY}00`],
  [['token', '8f0c7c64a6a32acg'], 'KEY must be 16 hex digits (8 octets), got 8f0c7c64a6a32acg'],
  [['token', ''], 'KEY must be 16 hex digits (8 octets), got '],
  [['token', KEY, KEY], `${KEY}: one key at a time`],
  [['token', KEY, '-o', 'xml'], '-o must be one of text, ndjson, json, got xml'],
  [['token', KEY, '--v1'], 'unknown option --v1 (did you mean --v0?)'],
])('%j is a usage error', async (args, message) => {
  expect(await cli(args)).toEqual({
    status: 2,
    out: '',
    err: `mptcp-codec token: ${message}\nmptcp-codec token --help says more\n`,
  });
});

test('--help', async () => {
  const { status, out } = await cli(['token', '--help']);
  expect([status, out]).toEqual([0, expect.stringMatching(/^Usage: mptcp-codec token KEY/)]);
});
