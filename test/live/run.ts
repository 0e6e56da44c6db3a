/**
 * `npm run test:live [-- VITEST ARGUMENTS]`: the conformance tests, in namespaces of their own.
 * Where the machine cannot do that, the run says why and succeeds.
 *
 * @module
 */
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { obstacle, runIsolated } from './isolation.ts';

const reason = obstacle({ socat: 'socat', ip: 'iproute2', ss: 'iproute2' });
if (reason === undefined) {
  const config = fileURLToPath(new URL('vitest.config.ts', import.meta.url));
  const vitest = fileURLToPath(new URL('../../node_modules/vitest/vitest.mjs', import.meta.url));
  process.exitCode = runIsolated([process.execPath, vitest, 'run', '--config', config, ...process.argv.slice(2)]);
} else {
  console.log(`test:live skipped: ${reason}`);
}
