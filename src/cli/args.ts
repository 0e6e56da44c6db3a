/**
 * The command line of a command: options that all commands share, and their own.
 *
 * @module
 */
import { type ParseArgsConfig, parseArgs } from 'node:util';
import { didYouMean } from '../text/nearest.ts';
import { usage } from './exit.ts';
import type { Io } from './io.ts';

type Options = NonNullable<ParseArgsConfig['options']>;

/** An option without a value. */
export interface Flag {
  readonly type: 'boolean';
  readonly short?: string;
}

/** An option with a value. */
export interface Value {
  readonly type: 'string';
  readonly short?: string;
}

/** Options without a value that mean the same in every command that has them. */
export const FLAGS: Readonly<
  Record<'hex' | 'numeric' | 'quiet' | 'verbose' | 'no-progress' | 'no-keys' | 'help', Flag>
> = {
  hex: { type: 'boolean' },
  numeric: { type: 'boolean', short: 'n' },
  quiet: { type: 'boolean', short: 'q' },
  verbose: { type: 'boolean', short: 'v' },
  'no-progress': { type: 'boolean' },
  'no-keys': { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
};

/** Options with a value that mean the same in every command that has them. */
export const VALUES: Readonly<Record<'read' | 'as' | 'output' | 'count' | 'color', Value>> = {
  read: { type: 'string', short: 'r' },
  as: { type: 'string' },
  output: { type: 'string', short: 'o' },
  count: { type: 'string', short: 'c' },
  color: { type: 'string' },
};

/** The values and positionals of `args`. */
export type Parsed<T extends Options> = ReturnType<
  typeof parseArgs<{ options: T; allowPositionals: true; strict: true }>
>;

/**
 * Read `args`.
 *
 * @throws CommandError with the status of a usage error
 */
export function parse<const T extends Options>(args: readonly string[], options: T): Parsed<T> {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true, strict: true });
  } catch (error) {
    throw usage(reason(error as Error & { code?: string }, Object.keys(options)));
  }
}

/** What parseArgs found wrong, in fewer words. */
function reason(error: Error & { code?: string }, known: readonly string[]): string {
  if (error.code !== 'ERR_PARSE_ARGS_UNKNOWN_OPTION') return error.message.split(/\. |\.?\n/)[0]!;
  const name = /'(-[^']*)'/.exec(error.message)?.[1] ?? '';
  return `unknown option ${name}${didYouMean(
    name,
    known.map((word) => `--${word}`),
  )}`;
}

/** One of `words`, the first where `value` is absent. */
export function oneOf<const T extends string>(name: string, value: string | undefined, words: readonly T[]): T {
  const found = words.find((word) => word === value) ?? (value === undefined ? words[0] : undefined);
  if (found === undefined)
    throw usage(`${name} must be one of ${words.join(', ')}, got ${value}${didYouMean(value!, words)}`);
  return found;
}

/** A count of 1 or more; Infinity where `value` is absent. */
export function countOf(name: string, value: string | undefined): number {
  if (value === undefined) return Number.POSITIVE_INFINITY;
  if (!/^[1-9]\d{0,14}$/.test(value)) throw usage(`${name} must be a count of 1 or more, got ${value}`);
  return Number(value);
}

/** Whether to colour what goes to `io.stdout`. */
export function wantsColor(value: string | undefined, io: Io): boolean {
  const when = oneOf('--color', value, ['auto', 'always', 'never']);
  if (when !== 'auto') return when === 'always';
  return io.stdout.isTTY && !io.env['NO_COLOR'] && io.env['TERM'] !== 'dumb';
}
