/**
 * ```sh
 * npm run fuzz -- TARGET --seconds N [--seed S] [--keep]
 * ```
 *
 * TARGET is one of the targets, or `all`. A finding goes to fixtures/fuzz/TARGET, where `npm test` replays it;
 * with `--keep`, so do the inputs that together reach all that was reached, where they are short.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { fuzz } from './fuzz.ts';
import { FOUND, seedsOf, TARGETS } from './targets.ts';

/** Octets of the longest input worth keeping. */
const SHORT = 600;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seconds: { type: 'string', default: '60' },
    seed: { type: 'string', default: `${Date.now() >>> 0}` },
    keep: { type: 'boolean', default: false },
  },
});
const [name = 'all'] = positionals;
const names = name === 'all' ? Object.keys(TARGETS) : [name];
if (names.some((each) => TARGETS[each] === undefined)) {
  console.error(`no target ${name}: ${Object.keys(TARGETS).join(', ')} or all`);
  process.exit(2);
}
for (const each of names) {
  const cpu = process.cpuUsage();
  const { executions, reached, corpus, finding } = fuzz(
    TARGETS[each]!,
    seedsOf(each),
    Number(values.seconds),
    Number(values.seed),
  );
  const { user, system } = process.cpuUsage(cpu);
  const seconds = ((user + system) / 1e6).toFixed(0);
  const { functions, whole, left } = reached;
  console.log(
    `${each}: ${executions} executions, ${seconds} CPU s, seed ${values.seed}, ${corpus.length} inputs kept; ` +
      `${functions} functions reached, ${whole} of them whole, ${left} characters left of the others`,
  );
  if (values.keep) for (const bytes of corpus) if (bytes.length <= SHORT) save(each, '', bytes);
  if (finding !== undefined) {
    console.error(finding.error);
    console.error(`${each}: a finding, kept as ${save(each, 'finding-', finding.bytes)}`);
    process.exitCode = 1;
  }
}

function save(target: string, prefix: string, bytes: Uint8Array): string {
  const directory = fileURLToPath(new URL(`${target}/`, FOUND));
  mkdirSync(directory, { recursive: true });
  const file = `${directory}${prefix}${createHash('sha256').update(bytes).digest('hex').slice(0, 12)}`;
  writeFileSync(file, bytes);
  return file;
}
