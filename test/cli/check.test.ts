import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { cli } from './fake.ts';

const FOLDER = 'fixtures/captures';
const HEALTHY = `${FOLDER}/01-basic.pcap`;
const JOINED = `${FOLDER}/03-add-addr4.pcap`;
const REFUSED = `${FOLDER}/14e-load-balancer-no-c.pcap`;
const STRIPPED = `${FOLDER}/12b-strip-synack.pcap`;
const TAMPERED = `${FOLDER}/03e-add-addr-tampered.pcap`;

describe('one line for each expectation that fails, with what was found instead', () => {
  test.each<[string, string[], string[]]>([
    [HEALTHY, [], []],
    [JOINED, ['--connections', '1', '--min-subflows', '2', '--no-fallback', '--no-bad', '--max-severity', 'note'], []],
    [HEALTHY, ['--connections', '2'], ['--connections 2: 1 found']],
    [HEALTHY, ['--min-subflows', '2'], ['--min-subflows 2: connection 0 has 1']],
    [REFUSED, ['--min-subflows', '2'], ['--min-subflows 2: connection 0 has 1 (and refused)']],
    [STRIPPED, ['--no-fallback'], ['--no-fallback: connection 0 in frame 6 (no-mptcp-in-syn-ack)']],
    [TAMPERED, ['--no-bad'], ['--no-bad: connection 0: ADD_ADDR HMAC 1 bad']],
    [
      REFUSED,
      ['--max-severity', 'warning'],
      ['--max-severity warning: connection 0: error join-wrong-host in frame 12'],
    ],
    [STRIPPED, ['--max-severity', 'warning'], []],
    [
      STRIPPED,
      ['--max-severity', 'note'],
      [
        '--max-severity note: connection 0: warning no-mptcp-in-syn-ack in frame 5, connection 0: warning option-stripped in frame 6',
      ],
    ],
    [
      STRIPPED,
      ['--no-finding', 'option-stripped', '--no-finding', 'join-refused'],
      ['--no-finding option-stripped: connection 0: warning option-stripped in frame 6'],
    ],
    [
      REFUSED,
      ['--connections', '3', '--min-subflows', '2'],
      ['--connections 3: 1 found', '--min-subflows 2: connection 0 has 1 (and refused)'],
    ],
    [
      TAMPERED,
      [],
      [
        '--no-bad: connection 0: ADD_ADDR HMAC 1 bad',
        '--max-severity warning: connection 0: error add-addr-hmac-bad in frame 7',
      ],
    ],
    [REFUSED, ['--connections', '1'], []],
    [
      `${FOLDER}/10b-rst-unknown-token.pcap`,
      ['--no-finding', 'join-unknown-token'],
      [
        '--no-finding join-unknown-token: error join-unknown-token in frame 13, error join-unknown-token in frame 17, warning join-unknown-token in frame 15',
      ],
    ],
  ])('%s %j', async (path, args, expected) => {
    const { status, out, err } = await cli(['check', ...args, path]);
    expect({ out: out.split('\n').slice(0, -1), err }).toEqual({ out: expected, err: '' });
    expect(status).toBe(expected.length === 0 ? 0 : 1);
    expect((await cli(['check', '--exit-zero', ...args, path])).status).toBe(0);
  });
});

test('a capture without MPTCP passes nothing, unless none is expected', async () => {
  const header = readFileSync(HEALTHY).subarray(0, 24);
  expect(await cli(['check', '--no-fallback'], { stdin: [header] })).toMatchObject({
    status: 1,
    out: 'a connection: 0 found\n',
  });
  expect(await cli(['check', '--connections', '0'], { stdin: [header] })).toMatchObject({ status: 0, out: '' });
});

test('-v: what held, too; -q: the exit status only', async () => {
  expect((await cli(['check', '-v', '--no-bad', '--min-subflows', '2', JOINED])).out).toBe(
    'ok a connection: 1 found\nok --min-subflows 2: 2 or more\nok --no-bad: none\n',
  );
  expect(await cli(['check', '-q', '--no-fallback', STRIPPED])).toEqual({ status: 1, out: '', err: '' });
});

test('json and ndjson: every expectation', async () => {
  const args = ['check', '--min-subflows', '2', REFUSED];
  const { out } = await cli([...args, '-o', 'json']);
  const outcomes = JSON.parse(out) as unknown[];
  expect(outcomes).toEqual([
    { expectation: 'a connection', ok: true, found: '1 found' },
    { expectation: '--min-subflows 2', ok: false, found: 'connection 0 has 1 (and refused)' },
  ]);
  const ndjson = (await cli([...args, '-o', 'ndjson'])).out;
  expect(
    ndjson
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown),
  ).toEqual(outcomes);
});

test('damage and usage', async () => {
  const bytes = readFileSync(HEALTHY);
  expect((await cli(['check'], { stdin: [bytes.subarray(0, -3)] })).status).toBe(65);
  expect((await cli(['check', '--connections', 'many', HEALTHY])).status).toBe(2);
  expect((await cli(['check', '--max-severity', 'error', HEALTHY])).status).toBe(2);
  expect((await cli(['check', 'nosuch.pcap'])).status).toBe(66);
  expect((await cli(['check', '--help'])).out).toContain('--no-finding CODE');
});

test('a code that no finding has would let everything pass: it is refused', async () => {
  const { err, status } = await cli(['check', '--no-finding', 'join-hmc-bad', 'fixtures/captures/01-basic.pcap']);
  expect(status).toBe(2);
  expect(err).toContain('--no-finding: no finding join-hmc-bad (did you mean join-hmac-bad?)');
});
