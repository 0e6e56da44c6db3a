/**
 * The command line: which command, and what its end means for the exit status.
 *
 * @module
 */
import { readFileSync } from 'node:fs';
import { didYouMean } from '../text/nearest.ts';
import { CommandError, Status, statusOfSystemError, usage } from './exit.ts';
import type { Io, Output } from './io.ts';

/** A command: a file of its own, loaded when it is called. */
interface Command {
  readonly summary: string;
  readonly load: () => Promise<{ run(args: string[], io: Io): Promise<number> }>;
}

const COMMANDS: Readonly<Record<string, Command>> = {
  decode: {
    summary: 'one line, or JSON object, for each packet with MPTCP options',
    load: () => import('./decode.ts'),
  },
  explain: { summary: 'every field of the octets given, in words', load: () => import('./explain.ts') },
  encode: { summary: 'the octets of options given as JSON', load: () => import('./encode.ts') },
  trace: { summary: 'connections, subflows, verdicts, findings', load: () => import('./trace.ts') },
  diff: { summary: 'what a path changed, from captures at both ends of it', load: () => import('./diff.ts') },
  check: { summary: 'whether a capture is as it should be, for scripts', load: () => import('./check.ts') },
  token: { summary: 'token and initial data sequence number of a key', load: () => import('./token.ts') },
  hmac: { summary: 'the HMACs of MP_JOIN and ADD_ADDR', load: () => import('./hmac.ts') },
  checksum: { summary: 'the checksum of a mapping', load: () => import('./checksum.ts') },
};

/** Run the command that `args` name; the exit status. Writes and flushes all that is to be said. */
export async function run(args: readonly string[], io: Io): Promise<number> {
  const [name = '', ...rest] = args;
  try {
    const status = await dispatch(name, rest, io);
    io.stdout.flush();
    io.stderr.flush();
    return status;
  } catch (error) {
    return report(error, Object.hasOwn(COMMANDS, name) ? `mptcp-codec ${name}` : 'mptcp-codec', io);
  }
}

async function dispatch(name: string, rest: string[], io: Io): Promise<number> {
  if (name === 'help' && rest[0] !== undefined) return dispatch(rest[0], ['--help'], io);
  if (name === '--help' || name === '-h' || name === 'help') {
    io.stdout.write(help());
    return Status.OK;
  }
  if (name === '--version' || name === '-V') {
    io.stdout.write(`${version()}\n`);
    return Status.OK;
  }
  if (Object.hasOwn(COMMANDS, name)) return (await COMMANDS[name]!.load()).run(rest, io);
  if (name === '') throw usage('which command?');
  const what = name.startsWith('-') ? 'option' : 'command';
  throw usage(`unknown ${what} ${name}${didYouMean(name, [...Object.keys(COMMANDS), 'help', '--help', '--version'])}`);
}

/**
 * Say what went wrong; the exit status of it. A reader that has gone is no error.
 *
 * @throws `error` itself, where it is ours and not the user's or the system's
 */
function report(error: unknown, who: string, io: Io): number {
  const reason = isClosedPipe(error) ? error : (flushed(io.stdout) ?? error);
  if (isClosedPipe(reason)) return Status.OK;
  const status = reason instanceof CommandError ? reason.status : statusOfSystemError(reason);
  if (status === undefined) throw reason;
  io.stderr.write(`${who}: ${(reason as Error).message}\n`);
  if (status === Status.USAGE) io.stderr.write(`${who} --help says more\n`);
  flushed(io.stderr);
  return status;
}

/** The error that handing over what was written met, if any. */
function flushed(output: Output): unknown {
  try {
    output.flush();
    return undefined;
  } catch (error) {
    return error;
  }
}

function isClosedPipe(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EPIPE';
}

function help(): string {
  const width = Math.max(...Object.keys(COMMANDS).map(({ length }) => length));
  const list = Object.entries(COMMANDS).map(([name, { summary }]) => `  ${name.padEnd(width)}  ${summary}\n`);
  return `Usage: mptcp-codec COMMAND [options]

Multipath TCP on the wire: every MPTCP option of RFC 8684 and RFC 6824.

${list.join('')}
mptcp-codec COMMAND --help says more; --version prints the version.
Exit status: 0 fine, 1 something was found, 2 usage, 65 damaged input, 66 no such file, 74 I/O.
`;
}

/** Version of the package, whose file is two folders up from the sources and from the build. */
function version(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
