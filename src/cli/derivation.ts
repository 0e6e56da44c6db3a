/**
 * What the derivations have in common: octets and numbers from the command line, and the answer
 * with all that went into it.
 *
 * @module
 */
import { fromHex, toHex } from '../bytes.ts';
import { parseAddress } from '../ip/address.ts';
import type { JsonObject } from '../text/json.ts';
import { FLAGS, oneOf, VALUES } from './args.ts';
import { usage } from './exit.ts';
import type { Io } from './io.ts';

/** Octets that went in, with what they are. `secret` ones are keys. */
export interface Part {
  readonly name: string;
  readonly octets: Uint8Array;
  readonly secret?: boolean | undefined;
}

/** How to say it. */
export interface Manner {
  readonly format: 'text' | 'ndjson' | 'json';
  /** Say what went in, on standard error. */
  readonly verbose: boolean;
  /** Leave keys out. */
  readonly noKeys: boolean;
}

/** Options that every derivation has. There is nothing to colour, and no progress to show. */
export const OPTIONS = {
  help: FLAGS.help,
  quiet: FLAGS.quiet,
  verbose: FLAGS.verbose,
  'no-keys': FLAGS['no-keys'],
  'no-progress': FLAGS['no-progress'],
  output: VALUES.output,
  color: VALUES.color,
} as const;

/** What the values of {@link OPTIONS} ask for. */
export function mannerOf(values: {
  readonly output?: string | undefined;
  readonly color?: string | undefined;
  readonly verbose?: boolean | undefined;
  readonly 'no-keys'?: boolean | undefined;
}): Manner {
  oneOf('--color', values.color, ['auto', 'always', 'never']);
  return {
    format: oneOf('-o', values.output, ['text', 'ndjson', 'json']),
    verbose: values.verbose === true,
    noKeys: values['no-keys'] === true,
  };
}

/** The value of an option that must be given. */
export function required(name: string, value: string | undefined): string {
  if (value === undefined) throw usage(`${name} is missing`);
  return value;
}

/** Exactly `size` octets of hex, with `0x` or without. */
export function octetsOf(name: string, value: string | undefined, size: number): Uint8Array<ArrayBuffer> {
  const text = required(name, value);
  if (!new RegExp(`^(0x)?[0-9a-f]{${2 * size}}$`, 'i').test(text)) {
    throw usage(`${name} must be ${2 * size} hex digits (${size} octets), got ${text}`);
  }
  return fromHex(text);
}

/** An integer from 0 to `most`, in decimal or with `0x` in hex. */
export function integerOf(name: string, value: string | undefined, most: bigint): bigint {
  const text = required(name, value);
  const number = /^(\d{1,20}|0x[0-9a-f]{1,16})$/i.test(text) ? BigInt(text) : -1n;
  if (number < 0n || number > most) throw usage(`${name} must be an integer from 0 to ${most}, got ${text}`);
  return number;
}

/** The octets of an IPv4 or IPv6 address. */
export function addressOf(name: string, value: string | undefined): Uint8Array<ArrayBuffer> {
  const text = required(name, value);
  try {
    return parseAddress(text);
  } catch (error) {
    throw usage(`${name}: ${(error as RangeError).message}`);
  }
}

/** Octets of a row of {@link showParts}. */
const ROW = 16;

/** Show each octet that goes in: its offset, itself, what it belongs to. */
export function showParts(title: string, parts: readonly Part[], manner: Manner, io: Io): void {
  if (!manner.verbose) return;
  const size = parts.reduce((sum, { octets }) => sum + octets.length, 0);
  io.stderr.write(`${title}, ${size} octets\n`);
  let offset = 0;
  for (const { name, octets, secret } of parts) {
    for (let at = 0; at < octets.length; at += ROW) {
      const row = octets.subarray(at, at + ROW);
      const shown = secret && manner.noKeys ? '(not shown)' : toHex(row).replace(/..(?=.)/g, '$& ');
      io.stderr.write(`  ${String(offset + at).padStart(4)}  ${shown.padEnd(3 * ROW - 1)}  ${name}\n`);
    }
    offset += octets.length;
  }
}

/** Say something that went on, on standard error. */
export function say(line: string, manner: Manner, io: Io): void {
  if (manner.verbose) io.stderr.write(`${line}\n`);
}

/** The answer: lines of text, or a JSON object. */
export function answer(
  lines: readonly (readonly [label: string, value: string])[],
  json: JsonObject,
  manner: Manner,
  io: Io,
): void {
  if (manner.format !== 'text') {
    io.stdout.write(`${JSON.stringify(json)}\n`);
    return;
  }
  const width = Math.max(...lines.map(([label]) => label.length));
  for (const [label, value] of lines) io.stdout.write(`${label.padEnd(width)}  ${value}\n`);
}
