/**
 * `npm run lab [-- --write] [-- --out DIRECTORY] [-- NAME...]`: play the scenarios, capture
 * them, and compare the captures' shapes with those of the fixtures.
 *
 * Without names, every scenario; a name may be cut short. Captures go into a temporary
 * directory or the one given; `--write` puts them in the place of the fixtures, with what the
 * kernel says of each beside it. Each scenario has a network of its own, in namespaces that
 * end with the run. Exit status: 0 where every scenario played and has its fixture's shape.
 *
 * @module
 */
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { release, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { obstacle, runIsolated } from '../live/isolation.ts';
import { has } from '../tools.ts';
import { BROKEN } from './broken.ts';
import { Capture } from './capture.ts';
import { HEALTHY } from './healthy.ts';
import { command } from './host.ts';
import { ILLUSTRATED } from './illustrated.ts';
import { PROGRAMS } from './programs.ts';
import { RAW } from './raw.ts';
import type { Scenario } from './scenario.ts';
import { difference, shapeOf } from './shape.ts';
import { Stage } from './stage.ts';
import { build, demolish, type World } from './topology.ts';
import { variantsOf } from './variants.ts';

const SCENARIOS: readonly Scenario[] = [...HEALTHY, ...BROKEN, ...RAW, ...PROGRAMS, ILLUSTRATED].sort((a, b) => {
  return a.name < b.name ? -1 : 1;
});
const FIXTURES = fileURLToPath(new URL('../../fixtures/captures', import.meta.url));
/** How often a scenario may be played: when data meets a close, programs and kernels are not always as fast. */
const ATTEMPTS = 3;
/** Tells the run that it is in the namespaces already. */
const INSIDE = '--inside';

const { values, positionals } = parseArgs({
  options: {
    write: { type: 'boolean', default: false },
    list: { type: 'boolean', default: false },
    out: { type: 'string' },
    inside: { type: 'boolean', default: false },
  },
  allowPositionals: true,
});
const chosen = SCENARIOS.filter(({ name }) => {
  return positionals.length === 0 || positionals.some((word) => name.startsWith(word));
});

if (values.list) {
  for (const { name, about } of chosen) console.log(`${name}: ${about}`);
} else if (values.inside) {
  process.exitCode = await playAll();
} else {
  const programs = {
    socat: 'socat',
    ip: 'iproute2',
    ss: 'iproute2',
    ethtool: 'ethtool',
    nft: 'nftables',
    tcpdump: 'tcpdump',
  };
  const reason = obstacle(programs);
  const self = [...process.execArgv, fileURLToPath(import.meta.url), INSIDE, ...process.argv.slice(2)];
  if (reason === undefined) process.exitCode = runIsolated([process.execPath, ...self]);
  else console.log(`lab skipped: ${reason}`);
}

/** Play what was chosen; the exit status. */
async function playAll(): Promise<number> {
  command('mount', '-t', 'tmpfs', 'tmpfs', '/run');
  command('ip', 'link', 'set', 'lo', 'up');
  const directory = values.out === undefined ? mkdtempSync(join(tmpdir(), 'mptcp-codec-lab-')) : resolve(values.out);
  mkdirSync(directory, { recursive: true });
  let failures = 0;
  for (const scenario of chosen) {
    const missing = (scenario.needs ?? []).filter((program) => !has(program));
    if (missing.length > 0) {
      console.log(`${scenario.name}: skipped, no ${missing.join(', ')}`);
      continue;
    }
    failures += (await playUntilAlike(scenario, directory)) ? 0 : 1;
  }
  if (positionals.length === 0 || positionals.some((word) => 'variants'.startsWith(word)))
    failures += compareVariants(directory);
  console.log(`captures in ${directory}${values.write ? ', and in fixtures/captures' : ''}`);
  return failures === 0 ? 0 : 1;
}

/** Play one scenario, again where it comes out otherwise than its fixture; whether it came out alike. */
async function playUntilAlike(scenario: Scenario, directory: string): Promise<boolean> {
  for (let attempt = 1; ; attempt++) {
    let differences: string[];
    try {
      await play(scenario, directory);
      differences = filesOf(scenario).flatMap((file) => compare(scenario, file, directory));
    } catch (error) {
      differences = [`  failed: ${error instanceof Error ? error.message : error}`];
    }
    const alike = differences.length === 0;
    if (!alike && attempt < ATTEMPTS) continue;
    console.log(`${scenario.name}: ${alike ? 'same shape' : 'differs'}${attempt > 1 ? `, at attempt ${attempt}` : ''}`);
    for (const line of differences) console.log(`  ${line}`);
    if (values.write) adopt(scenario, directory);
    return alike;
  }
}

/** Play one scenario; its captures and truth are in `directory` then. */
async function play(scenario: Scenario, directory: string): Promise<void> {
  const world = await build(scenario);
  try {
    scenario.settings?.(world);
    const [near, far] = filesOf(scenario).map((file) => join(directory, file));
    const raw = `${near}.unordered`;
    const captures = [
      scenario.devices === undefined
        ? await Capture.everywhere(world.client, near!)
        : await Capture.on(world.client, scenario.devices.client, raw),
      ...(far === undefined ? [] : [await Capture.everywhere(world.server, far)]),
    ];
    const stage = new Stage(world, scenario.ipv6 ?? false, near!);
    try {
      await scenario.play(stage);
    } finally {
      for (const capture of captures) await capture.stop();
      await stage.end();
    }
    if (scenario.devices !== undefined) {
      command('reordercap', raw, near!);
      rmSync(raw);
    }
    const truth = truthOf(scenario, world, stage);
    writeFileSync(join(directory, `${scenario.name}.truth.json`), `${JSON.stringify(truth, undefined, 2)}\n`);
  } finally {
    demolish(world);
  }
}

/** What the kernels said. */
function truthOf({ about, findings }: Scenario, { hosts }: World, { connections }: Stage): object {
  return {
    about,
    kernel: /^\d+(\.\d+)*/.exec(release())?.[0],
    commands: hosts.flatMap(({ name, commands }) => commands.map((line) => `${name}: ${line}`)),
    connections,
    counters: Object.fromEntries(hosts.map((host) => [host.name, host.counters()])),
    findings,
  };
}

/** Hold a new capture against what was expected and against the fixture: what differs. */
function compare(scenario: Scenario, file: string, directory: string): string[] {
  const made = shapeOf(readFileSync(join(directory, file)));
  const fixture = join(FIXTURES, file);
  if (!existsSync(fixture)) return [`  no fixture ${file} yet`];
  const differences = difference(shapeOf(readFileSync(fixture)), made);
  const wanted = [...scenario.findings].sort().join(' ');
  if (!file.includes('.server.') && made.findings.join(' ') !== wanted) {
    differences.push(`  findings: ${made.findings.join(' ') || 'none'}; wanted: ${wanted || 'none'}`);
  }
  return differences;
}

/** Put new captures and their truth in the place of the fixtures. */
function adopt(scenario: Scenario, directory: string): void {
  for (const file of [...filesOf(scenario), `${scenario.name}.truth.json`]) {
    if (existsSync(join(directory, file))) copyFileSync(join(directory, file), join(FIXTURES, file));
  }
}

/** Make the variants of a capture, and hold them against the fixtures; how many differ. */
function compareVariants(directory: string): number {
  let failures = 0;
  const to = join(directory, 'variants');
  mkdirSync(to, { recursive: true });
  for (const [name, bytes] of variantsOf(readFileSync(join(FIXTURES, '03-add-addr4.pcap')))) {
    const fixture = join(FIXTURES, 'variants', name);
    // gzip's octets depend on the version of zlib.
    const same = existsSync(fixture) && (name.endsWith('.gz') || Buffer.compare(readFileSync(fixture), bytes) === 0);
    console.log(`variants/${name}: ${same ? 'same octets' : 'differs'}`);
    failures += same ? 0 : 1;
    writeFileSync(join(to, name), bytes);
    if (values.write && !same) writeFileSync(fixture, bytes);
  }
  return failures;
}

/** Names of a scenario's captures: the client's, and where it has one the server's. */
function filesOf({ name, devices, both }: Scenario): string[] {
  return [`${name}.${devices === undefined ? 'pcap' : 'pcapng'}`, ...(both ? [`${name}.server.pcap`] : [])];
}
