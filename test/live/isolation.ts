/**
 * Namespaces of its own for a run: `unshare` gives it a network, a mount table and a process
 * table that end with it, however it ends. Nothing of the host's network is seen or changed.
 *
 * @module
 */
import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync } from 'node:fs';
import process from 'node:process';
import { has } from '../tools.ts';

/** Run a command in there; its exit status. */
export function runIsolated(command: readonly string[]): number {
  return spawnSync('unshare', [...options(), ...command], { stdio: 'inherit' }).status ?? 1;
}

/**
 * Why this machine cannot do MPTCP in namespaces with these programs; `undefined` where it can.
 *
 * @param programs - the Debian package of each, by name
 */
export function obstacle(programs: Readonly<Record<string, string>>): string | undefined {
  if (process.platform !== 'linux') return `needs Linux, this is ${process.platform}`;
  if (!existsSync('/proc/sys/net/mptcp/enabled')) return 'the kernel has no MPTCP (CONFIG_MPTCP)';
  for (const [program, debianPackage] of Object.entries({ unshare: 'util-linux', ...programs })) {
    if (!has(program)) return `no ${program} (Debian package ${debianPackage})`;
  }
  try {
    accessSync('/dev/net/tun', constants.R_OK | constants.W_OK);
  } catch {
    return '/dev/net/tun is absent, or not open to this user';
  }
  const { status, stderr } = spawnSync('unshare', [...options(), 'true'], { encoding: 'utf8' });
  return status === 0 ? undefined : `no namespaces for this user: ${stderr.trim()}`;
}

/** Options of `unshare`: new namespaces, which end with the first process in them. */
function options(): string[] {
  const user = process.getuid?.() === 0 ? [] : ['--map-root-user'];
  return [...user, '--net', '--pid', '--mount-proc', '--fork', '--kill-child'];
}
