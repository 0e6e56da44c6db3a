import { expect, test } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };
import type { Io } from '../../src/cli/io.ts';
import { run } from '../../src/cli/run.ts';
import { cli } from './fake.ts';

test('--help, -h and help list the commands', async () => {
  const { status, out, err } = await cli(['--help']);
  expect(status).toBe(0);
  expect(err).toBe('');
  expect(out).toMatch(/^Usage: mptcp-codec COMMAND/);
  for (const name of ['decode', 'explain', 'encode']) expect(out).toMatch(new RegExp(`^ {2}${name} +\\w`, 'm'));
  expect((await cli(['-h'])).out).toBe(out);
  expect((await cli(['help'])).out).toBe(out);
});

test.each(['decode', 'explain', 'encode'])('%s --help', async (name) => {
  const { status, out } = await cli([name, '--help']);
  expect(status).toBe(0);
  expect(out).toMatch(new RegExp(`^Usage: mptcp-codec ${name} `));
  expect(await cli(['help', name])).toEqual({ status: 0, out, err: '' });
  expect(out.split('\n').every((line) => line.length <= 110)).toBe(true);
});

test('--version', async () => {
  expect(await cli(['--version'])).toEqual({ status: 0, out: `${packageJson.version}\n`, err: '' });
});

test.each([
  [[], 'which command?'],
  [['dekode'], 'unknown command dekode (did you mean decode?)'],
  [['toString'], 'unknown command toString'],
  [['--hlep'], 'unknown option --hlep (did you mean --help?)'],
  [['help', 'no'], 'unknown command no'],
])('%j is a usage error', async (args, message) => {
  expect(await cli(args)).toEqual({
    status: 2,
    out: '',
    err: `mptcp-codec: ${message}\nmptcp-codec --help says more\n`,
  });
});

test.each([
  [['decode', '--alll'], 'unknown option --alll (did you mean --all?)'],
  [['decode', '-Z'], 'unknown option -Z'],
  [['decode', '-o'], "Option '-o, --output <value>' argument missing"],
  [['decode', '--all=1'], "Option '--all' does not take an argument"],
  [['decode', '-o', 'xml', '1e0351'], '-o must be one of text, ndjson, json, csv, got xml'],
  [['decode', '-o', 'jsno', '1e0351'], '-o must be one of text, ndjson, json, csv, got jsno (did you mean json?)'],
  [
    ['decode', '--as', 'tpc', '1e0351'],
    '--as must be one of option, options, tcp, ip, frame, got tpc (did you mean ip or tcp?)',
  ],
  [['decode', '-c', '0', '1e0351'], '-c must be a count of 1 or more, got 0'],
  [['decode', '-c', 'x', '1e0351'], '-c must be a count of 1 or more, got x'],
  [['decode', '--color', 'maybe', '1e0351'], '--color must be one of auto, always, never, got maybe'],
  [['decode', '-e', 'frame', '1e0351'], '-e names columns of -o csv'],
  [['decode'], 'no input: name a file, give hex, or pipe something in'],
])('%j is a usage error of the command', async (args, message) => {
  const { status, err } = await cli(args);
  expect(err).toBe(`mptcp-codec decode: ${message}\nmptcp-codec decode --help says more\n`);
  expect(status).toBe(2);
});

/** An Io whose streams throw `error` when they are written to. */
function failing(error: Error, where: 'stdout' | 'stderr'): Io {
  const fine = { write: () => {}, flush: () => {}, isTTY: false };
  const broken = {
    ...fine,
    flush: () => {
      throw error;
    },
  };
  const stdin = { isTTY: true, [Symbol.asyncIterator]: async function* () {} };
  const signal = new AbortController().signal;
  return {
    stdin,
    stdout: where === 'stdout' ? broken : fine,
    stderr: where === 'stderr' ? broken : fine,
    env: {},
    signal,
  };
}

test('a reader that has gone ends the program quietly', async () => {
  const closed = Object.assign(new Error('write EPIPE'), { code: 'EPIPE', syscall: 'write' });
  expect(await run(['decode', '1e0351'], failing(closed, 'stdout'))).toBe(0);
  expect(await run(['decode', 'package.json'], failing(closed, 'stdout'))).toBe(0);
  expect(await run(['decode', 'package.json'], failing(closed, 'stderr'))).toBe(65);
});

test('a full disk is an I/O error, and any other error is ours', async () => {
  const full = Object.assign(new Error('ENOSPC: no space left'), { code: 'ENOSPC', syscall: 'write' });
  expect(await run(['decode', '1e0351'], failing(full, 'stdout'))).toBe(74);
  expect(await run(['decode', 'package.json'], failing(full, 'stdout'))).toBe(74);
  const bug = new Error('a bug');
  await expect(run(['decode', '1e0351'], failing(bug, 'stdout'))).rejects.toBe(bug);
});
