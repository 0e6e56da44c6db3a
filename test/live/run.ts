/**
 * `npm run test:live [-- VITEST ARGUMENTS]`: the conformance tests in namespaces of their own.
 *
 * `unshare` gives them a network, a mount table and a process table that end with the run,
 * however it ends: nothing of the host's network is seen or changed. Where the machine cannot
 * do that, or its kernel has no MPTCP, the run says why and succeeds.
 *
 * @module
 */
import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Programs that the tests call, and the Debian package of each. */
const PROGRAMS = { unshare: 'util-linux', socat: 'socat', ip: 'iproute2', ss: 'iproute2' };

const reason = missing();
if (reason === undefined) {
  const config = fileURLToPath(new URL('vitest.config.ts', import.meta.url));
  const vitest = fileURLToPath(new URL('../../node_modules/vitest/vitest.mjs', import.meta.url));
  const inside = [process.execPath, vitest, 'run', '--config', config, ...process.argv.slice(2)];
  const { status } = spawnSync('unshare', [...isolation(), ...inside], { stdio: 'inherit' });
  process.exitCode = status ?? 1;
} else {
  console.log(`test:live skipped: ${reason}`);
}

/** What keeps the tests from running here, if anything does. */
function missing(): string | undefined {
  if (process.platform !== 'linux') return `needs Linux, this is ${process.platform}`;
  if (!existsSync('/proc/sys/net/mptcp/enabled')) return 'the kernel has no MPTCP (CONFIG_MPTCP)';
  for (const [program, packageName] of Object.entries(PROGRAMS)) {
    if (spawnSync(program, ['-V']).error !== undefined) return `no ${program} (Debian package ${packageName})`;
  }
  try {
    accessSync('/dev/net/tun', constants.R_OK | constants.W_OK);
  } catch {
    return '/dev/net/tun is absent, or not open to this user';
  }
  const { status, stderr } = spawnSync('unshare', [...isolation(), 'true'], { encoding: 'utf8' });
  return status === 0 ? undefined : `no namespaces for this user: ${stderr.trim()}`;
}

/** Options of `unshare`: new namespaces, which end with the first process in them. */
function isolation(): string[] {
  const user = process.getuid?.() === 0 ? [] : ['--map-root-user'];
  return [...user, '--net', '--pid', '--mount-proc', '--fork', '--kill-child'];
}
