/**
 * The Linux kernel's side: its addresses, its MPTCP settings, sockets and counters. All in the
 * network namespace that `run.ts` has made; nothing outside it is touched.
 *
 * @module
 */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** The TUN device: kernel addresses on it. Every other address of these subnets is ours. */
export const KERNEL = { ipv4: '10.77.0.1', ipv6: 'fd77::1', other: '10.77.0.101', otherIpv6: 'fd77::101' } as const;

/** Where socat puts what the kernel sends into the TUN device, and takes what the kernel is to receive. */
export const TUN_PORTS = { ours: 47001, socat: 47002 } as const;

/** How long a test waits for what must come, in milliseconds. */
export const PATIENCE = 2000;

/** Run a command of iproute2; its standard output. */
export function command(name: 'ip' | 'ss', ...args: string[]): string {
  return execFileSync(name, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

/** Set a kernel parameter of the namespace, such as `net/mptcp/checksum_enabled`; the value it had. */
export function setParameter(path: string, value: string): string {
  const file = `/proc/sys/${path}`;
  const before = readFileSync(file, 'utf8').trim();
  writeFileSync(file, value);
  return before;
}

/** The kernel's MPTCP counters: the `MPTcpExt` lines of /proc/net/netstat. */
export function counters(): Map<string, number> {
  const [names = [], values = []] = readFileSync('/proc/net/netstat', 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('MPTcpExt:'))
    .map((line) => line.split(' ').slice(1));
  return new Map(names.map((name, i) => [name, Number(values[i])]));
}

/** The words of `ss -HMni` for the connection whose token at the kernel's side is `token`; empty if it is gone. */
export function socketOf(token: number): string[] {
  const lines = command('ss', '-HMni').split('\n');
  const line = lines.find((text) => text.includes(`token:${token.toString(16)} `)) ?? '';
  return line.trim().split(/\s+/);
}

/** Subflows of the namespace in state ESTABLISHED, as `ss -tni` lists them. */
export function subflows(): string[] {
  const lines = command('ss', '-Htni', 'state', 'established').split('\n');
  return lines.filter((line) => line.includes('tcp-ulp-mptcp'));
}

/** Wait until `condition` holds; whether it did in time. */
export async function until(condition: () => boolean, patience: number = PATIENCE): Promise<boolean> {
  const end = Date.now() + patience;
  while (!condition()) {
    if (Date.now() > end) return false;
    await sleep(2);
  }
  return true;
}
