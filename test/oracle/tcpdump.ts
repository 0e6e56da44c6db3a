/**
 * tcpdump's reading of TCP options: run it, and take its lines apart.
 *
 * @module
 */
import { spawnSync } from 'node:child_process';
import { formatAddress, parseAddress } from '../../src/ip/address.ts';
import { formatOption } from '../../src/text/line.ts';
import type { Seen } from './rule.ts';

/** What tcpdump says of a frame with TCP options. */
export interface TcpdumpRow {
  readonly frame: number;
  /** One text for each option; of a bad one `[bad opt]` stands at its end. */
  readonly options: readonly string[];
}

/** The frames of a pcap in which tcpdump sees TCP options. */
export function readByTcpdump(file: string): TcpdumpRow[] {
  // -S: without it, tcpdump 4.99 looks for each connection among all others.
  const run = spawnSync('tcpdump', ['-n', '-t', '-S', '-#', '-r', file], { encoding: 'utf8', maxBuffer: 2 ** 30 });
  if (run.error !== undefined) throw run.error;
  return run.stdout.split('\n').flatMap((line) => {
    const found = /^ *(\d+) .*?Flags \[[^\]]*\].*?, options \[(.*)$/.exec(line);
    return found === null ? [] : [{ frame: Number(found[1]), options: optionsOf(found[2]!) }];
  });
}

/** The options of a line from the bracket on, without what is a matter of taste. */
function optionsOf(line: string): string[] {
  const text = line
    .replace(/::(\d+\.){3}\d+/g, (address) => formatAddress(parseAddress(address)))
    .replace('-M, can', '-M can');
  const whole = /^(.*)\], length \d+/.exec(text)?.[1];
  const list = whole ?? text.replace(/ ?\[\|\w+\]>?$/, BAD).replace(/\]\]$/, ']');
  return list.split(/,(?![^{]*\})/).map((option) =>
    option
      .trim()
      // What it could print of a bad option before it found out.
      .replace(/^(mptcp \d+ [a-z-]+).*\[bad opt\]$/, '$1[bad opt]'),
  );
}

/** What tcpdump ought to print of an option, in the words of version 5. */
export function tcpdumpTruth({ option, bytes }: Seen): string {
  if (option === undefined) return NAMES[bytes[0]!] ?? '';
  if (option.type !== 'MALFORMED') return formatOption(option);
  const word = /^mptcp \d+ [a-z-]+/.exec(formatOption(option))![0];
  return bytes.length < 3 ? `mptcp${BAD}` : `${word}${BAD}`;
}

/** What tcpdump writes behind an option that it will not read. */
export const BAD = '[bad opt]';

/** How the texts of other options begin, by kind. */
export const NAMES: Readonly<Record<number, string>> = {
  0: 'eol',
  1: 'nop',
  2: 'mss',
  3: 'wscale',
  4: 'sackOK',
  5: 'sack',
  8: 'TS',
  34: 'tfo',
};
