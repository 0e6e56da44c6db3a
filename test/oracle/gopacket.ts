/**
 * gopacket's reading of TCP options: build the program that prints it, run it, and say what it ought to print.
 *
 * @module
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { toHex, u8 } from '../../src/bytes.ts';
import type { Dss } from '../../src/mptcp/dss.ts';
import type { MptcpOption } from '../../src/mptcp/option.ts';
import type { Seen } from './rule.ts';

/** What gopacket says of a frame. */
export interface GopacketRow {
  readonly frame: number;
  /** One text for each option. */
  readonly options: readonly string[];
  /** How it gave up, where it did. */
  readonly ended?: 'error' | 'panic' | undefined;
  /** Its words then. */
  readonly message?: string | undefined;
  /** Hex of the option list as it writes it again, where it read all of it. */
  readonly written?: string | undefined;
}

/**
 * Build the program into `directory`.
 *
 * @returns its path, or why it cannot be had: no network for the module, a Go that is too old
 */
export function buildGopacket(directory: string): { program: string } | { reason: string } {
  const program = join(directory, 'gopacket');
  const source = fileURLToPath(new URL('gopacket/', import.meta.url));
  const { status, stderr, error } = spawnSync('go', ['build', '-o', program, '.'], { cwd: source, encoding: 'utf8' });
  if (error !== undefined) throw error;
  if (status === 0) return { program };
  const missing = /dial tcp|no such host|GOPROXY=off|i\/o timeout|requires go|invalid go version|toolchain/.test(
    stderr,
  );
  if (!missing || process.env['MPTCP_CODEC_REQUIRE_TOOLS'] === '1') throw new Error(stderr);
  return { reason: stderr.trim().split('\n').at(-1)! };
}

/** The frames of a pcap as the program reads them. */
export function readByGopacket(program: string, file: string): GopacketRow[] {
  const text = execFileSync(program, [file], { encoding: 'utf8', maxBuffer: 2 ** 30 });
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
}

/** What stands for a list that is given up. */
export const ERROR = 'error';

/** What stands for a list at which it crashes. */
export const PANIC = 'panic';

/** What gopacket ought to say of an option. */
export function gopacketTruth({ option, bytes }: Seen): string {
  if (option === undefined) return `kind ${u8(bytes, 0)} ${u8(bytes, 0) < 2 ? '' : toHex(bytes.subarray(2))}`;
  return option.type === 'MALFORMED' ? ERROR : textOf(option, bytes.length);
}

function textOf(option: MptcpOption, length: number): string {
  switch (option.type) {
    case 'MP_CAPABLE': {
      const flags =
        (option.checksumRequired ? 0x80 : 0) |
        (option.extensibility ? 0x40 : 0) |
        (option.denyJoin ? 0x20 : 0) |
        option.algorithms;
      const { version, senderKey, receiverKey, dataLevelLength = 0, checksum = 0, data } = option;
      const head = `MP_CAPABLE ${length}: version ${version} flags ${hex(flags, 2)}`;
      if (data !== undefined) return `${head} data ${toHex(data)}`;
      return `${head} keys ${octets(senderKey)} ${octets(receiverKey)} length ${dataLevelLength} checksum ${hex(checksum, 4)}`;
    }
    case 'MP_JOIN': {
      const { backup, addressId, token, hmac, nonce } = joinFields(option);
      return `MP_JOIN ${length}: backup ${backup} id ${addressId} token ${hex(token, 8)} hmac ${octets(hmac)} nonce ${hex(nonce, 8)}`;
    }
    case 'DSS':
      return dss(option, length);
    case 'ADD_ADDR': {
      const { version, echo, addressId, address, port = 0, truncatedHmac } = option;
      const ipVersion = version === 1 ? 0 : address.length === 4 ? 4 : 6;
      return `ADD_ADDR ${length}: version ${ipVersion} echo ${echo} id ${addressId} address ${toHex(address)} port ${port} hmac ${octets(truncatedHmac)}`;
    }
    case 'REMOVE_ADDR':
      return `REMOVE_ADDR ${length}: ids [${option.addressIds.join(' ')}]`;
    case 'MP_PRIO':
      return `MP_PRIO ${length}: backup ${option.backup} id ${option.addressId ?? 0}`;
    case 'MP_FAIL':
      return `MP_FAIL ${length}: sequence ${option.dataSequenceNumber}`;
    case 'MP_FASTCLOSE':
      return `MP_FASTCLOSE ${length}: key ${toHex(option.receiverKey)}`;
    case 'MP_TCPRST': {
      const { transient, reason, reserved = 0 } = option;
      const [u, v, w] = [8, 4, 2].map((bit) => (reserved & bit) !== 0);
      return `MP_TCPRST ${length}: U ${u} V ${v} W ${w} T ${transient} reason ${reason}`;
    }
    case 'UNKNOWN':
      return `subtype ${option.subtype} ${length}: ${toHex(option.data)}`;
    case 'MP_EXPERIMENTAL':
      return `subtype 15 ${length}: ${toHex(option.data)}`;
  }
}

function joinFields(option: Extract<MptcpOption, { type: 'MP_JOIN' }>) {
  const none = { backup: false, addressId: 0, token: 0, hmac: undefined, nonce: 0 };
  if (option.form === 'ack') return { ...none, hmac: option.hmac };
  const { backup, addressId, nonce } = option;
  if (option.form === 'syn') return { ...none, backup, addressId, nonce, token: option.receiverToken };
  return { ...none, backup, addressId, nonce, hmac: option.truncatedHmac };
}

function dss({ dataFin, dataAck, mapping }: Dss, length: number): string {
  const ack = `ack ${dataAck !== undefined} ${sequence(dataAck)}`;
  const { subflowSequenceNumber = 0, dataLevelLength = 0, checksum = 0 } = mapping ?? {};
  const map = `map ${mapping !== undefined} ${sequence(mapping?.dataSequenceNumber)}`;
  return `DSS ${length}: fin ${dataFin} ${ack} ${map} subflow ${subflowSequenceNumber} length ${dataLevelLength} checksum ${hex(checksum, 4)}`;
}

function sequence(value: number | bigint | undefined): string {
  return value === undefined ? '' : value.toString(16).padStart(typeof value === 'bigint' ? 16 : 8, '0');
}

function octets(bytes: Uint8Array | undefined): string {
  return bytes === undefined ? '' : toHex(bytes);
}

function hex(value: number, digits: number): string {
  return value.toString(16).padStart(digits, '0');
}
