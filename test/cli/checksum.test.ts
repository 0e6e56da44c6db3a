import { expect, test } from 'vitest';
import { cli } from './fake.ts';

const MAPPING = ['checksum', '--dsn', '0x6842b501b1712fb6', '--ssn', '1', '--length', '1'];
const LAST = ['checksum', '--dsn', '1311768467463790320', '--ssn', '0x1', '--length', '3'];

test('of a mapping seen on the wire', async () => {
  expect(await cli([...MAPPING, '--payload', '63'])).toEqual({ status: 0, out: 'checksum  0x9e91 (40593)\n', err: '' });
  expect((await cli([...MAPPING, '--payload', '0x63', '-o', 'json'])).out).toBe('{"checksum":40593}\n');
  expect((await cli([...MAPPING, '--payload', '63', '-o', 'ndjson'])).out).toBe('{"checksum":40593}\n');
});

test('a DATA_FIN is told by the octet that is not there', async () => {
  expect((await cli([...LAST, '--payload', '6869'])).out).toBe('checksum  0xb538 (46392)\n');
  const bare = ['checksum', '--dsn', '0xbd826aa13d407c6f', '--ssn', '0', '--length', '1'];
  expect((await cli(bare)).out).toBe('checksum  0x1e2b (7723)\n');
  expect((await cli([...bare, '--payload', ''])).out).toBe('checksum  0x1e2b (7723)\n');
});

test.each([
  ['bare', ['6869']],
  ['in lines', ['68\n', '69\n']],
  ['as a dump', ['00000000: 6869                                     hi\n']],
])('payload from standard input, %s', async (_, stdin) => {
  expect((await cli([...LAST, '--payload', '-'], { stdin })).out).toBe('checksum  0xb538 (46392)\n');
});

test('an empty standard input is no payload', async () => {
  const { out } = await cli(['checksum', '--dsn', '0', '--ssn', '0', '--length', '1', '--payload', '-'], {
    stdin: ['\n'],
  });
  expect(out).toBe('checksum  0xfffe (65534)\n');
});

test('length 0 gives 0', async () => {
  const { out, err } = await cli(['checksum', '--dsn', '5', '--ssn', '7', '--length', '0', '-v']);
  expect(out).toBe('checksum  0x0000 (0)\n');
  expect(err).toContain('length 0 is an infinite mapping: its checksum is 0\n');
});

test('-v shows each octet, and what it took for a DATA_FIN', async () => {
  const args = ['checksum', '--dsn', '0x123456789abcdef0', '--ssn', '1', '--length', '18', '-v'];
  const { err } = await cli([...args, '--payload', '000102030405060708090a0b0c0d0e0f10']);
  expect(err).toBe(`ones-complement sum, 33 octets
     0  12 34 56 78 9a bc de f0                          data sequence number
     8  00 00 00 01                                      subflow sequence number
    12  00 12                                            data-level length, a DATA_FIN counted
    14  00 00                                            zeros
    16  00 01 02 03 04 05 06 07 08 09 0a 0b 0c 0d 0e 0f  payload
    32  10                                               payload
one octet less than the length: it counts a DATA_FIN
`);
  expect((await cli([...MAPPING, '--payload', '63', '-v'])).err).toContain('  data-level length\n');
});

test.each([
  [['checksum'], '--dsn is missing'],
  [['checksum', '--dsn', '1', '--length', '1'], '--ssn is missing'],
  [['checksum', '--dsn', '1', '--ssn', '1'], '--length is missing'],
  [[...MAPPING, '--payload', '6364'], '--payload must be 1 octets (0 and a DATA_FIN), as --length says, got 2'],
  [[...LAST, '--payload', '63'], '--payload must be 3 octets (2 and a DATA_FIN), as --length says, got 1'],
  [
    ['checksum', '--dsn', '1', '--ssn', '1', '--length', '0', '--payload', '63'],
    '--payload must be 0 octets, as --length says, got 1',
  ],
  [
    MAPPING.with(2, '18446744073709551616'),
    '--dsn must be an integer from 0 to 18446744073709551615, got 18446744073709551616',
  ],
  [MAPPING.with(2, '-1'), "Option '--dsn' argument is ambiguous"],
  [MAPPING.with(4, '4294967296'), '--ssn must be an integer from 0 to 4294967295, got 4294967296'],
  [MAPPING.with(6, '65536'), '--length must be an integer from 0 to 65535, got 65536'],
  [MAPPING.with(6, '1.5'), '--length must be an integer from 0 to 65535, got 1.5'],
  [[...MAPPING, '63'], '63: every value has an option before it'],
])('%j is a usage error', async (args, message) => {
  const { status, out, err } = await cli(args);
  expect({ status, out, err }).toEqual({
    status: 2,
    out: '',
    err: `mptcp-codec checksum: ${message}\nmptcp-codec checksum --help says more\n`,
  });
});

test('a payload that is no hex', async () => {
  const argument = await cli([...MAPPING, '--payload', 'hi']);
  expect(argument.status).toBe(2);
  expect(argument.err).toMatch(/^mptcp-codec checksum: --payload: /);
  const piped = await cli([...MAPPING, '--payload', '-'], { stdin: ['hi'] });
  expect(piped.status).toBe(65);
  expect(piped.err).toMatch(/^mptcp-codec checksum: standard input: /);
});

test('--help', async () => {
  const { status, out } = await cli(['checksum', '--help']);
  expect([status, out]).toEqual([0, expect.stringMatching(/^Usage: mptcp-codec checksum --dsn N/)]);
});
