import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const BASIC = 'fixtures/captures/01-basic.pcap';
const MAIN = ['--import', 'tsx', 'src/cli/main.ts'];

/** Start the program as its user does. */
function start(args: readonly string[], stdio?: ('pipe' | 'ignore' | number)[]): ChildProcess {
  return spawn(process.execPath, [...MAIN, ...args], { stdio: stdio ?? ['pipe', 'pipe', 'pipe'] });
}

/** All of a stream's text. */
async function textOf(stream: AsyncIterable<Buffer> | null): Promise<string> {
  let text = '';
  for await (const chunk of stream ?? []) text += chunk;
  return text;
}

async function outcome(child: ChildProcess): Promise<{ status: number | null; out: string; err: string }> {
  const exit = once(child, 'close');
  const [out, err] = await Promise.all([textOf(child.stdout), textOf(child.stderr)]);
  const [status] = await exit;
  return { status, out, err };
}

test('a capture, and the golden text', async () => {
  const { status, out, err } = await outcome(start(['decode', BASIC], ['ignore', 'pipe', 'pipe']));
  expect({ status, err }).toEqual({ status: 0, err: '' });
  expect(out).toBe(readFileSync('test/cli/golden/01-basic.pcap.txt', 'utf8'));
});

test.each([
  [[], 2],
  [['decode', 'no/such'], 66],
  [['decode', 'package.json'], 65],
  [['decode', 'src'], 74],
])('%j exits with %i', async (args, expected) => {
  const { status, out, err } = await outcome(start(args, ['ignore', 'pipe', 'pipe']));
  expect({ status, out }).toEqual({ status: expected, out: '' });
  expect(err).toMatch(/^mptcp-codec.*: .+\n/);
});

test('standard input, a piece at a time', async () => {
  const child = start(['decode', '-']);
  const result = outcome(child);
  const bytes = readFileSync(BASIC);
  for (let at = 0; at < bytes.length; at += 1000) child.stdin!.write(bytes.subarray(at, at + 1000));
  child.stdin!.end();
  expect((await result).out).toBe(readFileSync('test/cli/golden/01-basic.pcap.txt', 'utf8'));
});

test('a line appears before the next packet comes; SIGINT ends it with what it has', async () => {
  const child = start(['decode', '-o', 'json', '-']);
  const exit = once(child, 'close');
  const bytes = readFileSync(BASIC);
  child.stdin!.write(bytes.subarray(0, 2000));
  const [first] = await once(child.stdout!, 'data');
  expect(String(first)).toMatch(/^\[\n\{"frame":3,/);
  child.kill('SIGINT');
  const rest = await textOf(child.stdout);
  expect(await exit).toEqual([0, null]);
  expect(JSON.parse(first + rest).length).toBeGreaterThan(3);
});

test('a reader that goes away ends it quietly', async () => {
  // `head` leaves while the pipe is full: more is written than it holds.
  const command = `yes 1e0351 | head -n 100000 | "${process.execPath}" ${MAIN.join(' ')} decode -o ndjson - | head -n 1; echo "\${PIPESTATUS[2]}"`;
  const out = execFileSync('bash', ['-c', command], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
  expect(out).toBe('{"type":"MP_PRIO","backup":true}\n0\n');
});

test('a slow reader loses nothing', async () => {
  const lines = 50_000;
  const child = start(['decode', '-o', 'ndjson', '-']);
  const exit = once(child, 'close');
  child.stdin!.end('1e0351\n'.repeat(lines));
  await new Promise((resolve) => setTimeout(resolve, 1000));
  const out = await textOf(child.stdout);
  expect((await exit)[0]).toBe(0);
  expect(out).toBe('{"type":"MP_PRIO","backup":true}\n'.repeat(lines));
});

test.skipIf(!existsSync('/dev/full'))('a full disk is an I/O error (needs /dev/full)', async () => {
  const full = openSync('/dev/full', 'w');
  const { status, err } = await outcome(start(['decode', BASIC], ['ignore', full, 'pipe']));
  closeSync(full);
  expect({ status, err }).toEqual({ status: 74, err: 'mptcp-codec decode: ENOSPC: no space left on device, write\n' });
});

test('standard input that is no capture', async () => {
  const child = start(['decode', '-']);
  const result = outcome(child);
  child.stdin!.end(new Uint8Array(100));
  expect(await result).toEqual({
    status: 65,
    out: '',
    err: 'mptcp-codec decode: standard input: not a capture: looks like zeros\n',
  });
});
