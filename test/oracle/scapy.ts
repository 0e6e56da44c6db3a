/**
 * scapy's reading of TCP options. It keeps MPTCP's as octets, so octets are what is compared: read, and written again.
 *
 * @module
 */
import { execFileSync } from 'node:child_process';
import { accessSync, constants, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { toHex, u8 } from '../../src/bytes.ts';
import { KIND } from '../../src/mptcp/registry.ts';
import type { Seen } from './rule.ts';

/** What scapy says of a frame. */
export interface ScapyRow {
  readonly frame: number;
  /** For each option its kind, and of kind 30 the octets behind Length. */
  readonly options: readonly string[];
  /** Hex of the option list as it writes it again. */
  readonly written: string;
}

/** The Python that has scapy: that of the program `scapy` on the PATH. */
export function pythonOfScapy(): string | undefined {
  for (const directory of (process.env['PATH'] ?? '').split(delimiter)) {
    const program = join(directory, 'scapy');
    try {
      accessSync(program, constants.X_OK);
    } catch {
      continue;
    }
    return /^#!\s*(\S*python\S*)/.exec(readFileSync(program, 'utf8'))?.[1];
  }
  return undefined;
}

/** The frames of a pcap of Ethernet frames as scapy reads them. */
export function readByScapy(python: string, file: string): ScapyRow[] {
  const script = fileURLToPath(new URL('scapy/read.py', import.meta.url));
  const text = execFileSync(python, ['-s', script, file], { encoding: 'utf8', maxBuffer: 2 ** 30 });
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
}

/** What scapy ought to say of an option. */
export function scapyTruth({ bytes }: Seen): string {
  return `${u8(bytes, 0)} ${u8(bytes, 0) === KIND ? toHex(bytes.subarray(2)) : ''}`;
}
