/**
 * `npm run bench`: how fast the codec is beside C, Go, Rust, Wireshark and others, as docs/benchmarks.md shows it.
 *
 * Each round measures every candidate once, so that a busy machine slows all of them alike; figures are medians:
 * of processor time for options in memory, of the clock for whole programs. A program that is missing is left out with a line.
 *
 * usage: run.ts [--quick] [--print]    --quick: small and rough, printed only; --print: not written to docs
 *
 * @module
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { PcapWriter } from '../../src/capture/write.ts';
import { withConstants } from '../../tsup.config.ts';
import { has } from '../tools.ts';
import { connections, PACKETS, packetsOf } from './connections.ts';
import type { Row } from './derivations.bench.ts';
import { corpus, corpusFile, type Shape, writeCapture } from './workload.ts';

const HERE = fileURLToPath(new URL('.', import.meta.url));
const QUICK = process.argv.includes('--quick');
const directory = mkdtempSync(join(tmpdir(), 'mptcp-codec-bench-'));
const inside = (name: string): string => join(directory, name);
const skipped: string[] = [];
const page: string[] = [];

/** What must be shown: name, what was found, what was asked for. */
interface Claim {
  readonly name: string;
  readonly found: number | undefined;
  readonly wanted: number;
  /** The figure is to be no more, or no less, than what is wanted. */
  readonly is: 'at most' | 'at least';
  readonly unit: string;
}
const claims: Claim[] = [];

function claim(name: string, found: number | undefined, is: Claim['is'], wanted: number, unit = ''): void {
  claims.push({ name, found: found === undefined || Number.isNaN(found) ? undefined : found, wanted, is, unit });
}

function say(text: string): void {
  process.stderr.write(`${((performance.now() / 1000) | 0).toString().padStart(4)} s  ${text}\n`);
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? Number.NaN;
}

/** `(max - min) / median` in per cent. */
function spread(values: readonly number[]): string {
  return values.length < 2
    ? ''
    : `±${Math.round((50 * (Math.max(...values) - Math.min(...values))) / median(values))} %`;
}

/** `make` where `tool` is there; else a line about what is left out. */
function where<T>(tool: string, what: string, make: () => T): T | undefined {
  try {
    if (has(tool)) return make();
    skipped.push(`${what}: no ${tool} here`);
  } catch (error) {
    skipped.push(`${what}: ${String((error as Error).message).split('\n')[0]}`);
  }
  return undefined;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): void {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  page.push(line(head), line(head.map((_, i) => (i === 0 ? '---' : '---:'))), ...rows.map(line), '');
}

/* What is measured. */

// In a process of their own: the buffers of the other measurements would change the code that the engine makes of these.
say('derivations');
const derivations = JSON.parse(
  execFileSync(process.execPath, [...process.execArgv, join(HERE, 'derivations.bench.ts'), '--json'], {
    encoding: 'utf8',
  }),
) as Row[];

/** Bundle as the package is. */
async function bundle(entryPoints: Record<string, string>, outdir: string): Promise<void> {
  const { outputFiles } = await build({
    ...{ entryPoints, outdir, bundle: true, splitting: true, format: 'esm', platform: 'node', target: 'es2022' },
    ...{ outExtension: { '.js': '.mjs' }, write: false, logLevel: 'error' },
  });
  mkdirSync(outdir, { recursive: true });
  for (const { path, text } of outputFiles) writeFileSync(path, withConstants(text));
}
await bundle({ main: join(HERE, '../../src/cli/main.ts') }, inside('cli'));
await bundle({ candidate: join(HERE, 'candidate.ts') }, inside('candidate'));
const PROGRAM = [process.execPath, inside('cli/main.mjs')];
const CANDIDATE = [process.execPath, inside('candidate/candidate.mjs')];

function compile(source: string, level: string): string {
  const program = inside(`${source}${level}`);
  execFileSync('gcc', [level, '-o', program, join(HERE, `${source}.c`)]);
  return program;
}
const codec2 = where('gcc', 'C', () => compile('codec', '-O2'));
const codec3 = where('gcc', 'C', () => compile('codec', '-O3'));
const ndjson3 = where('gcc', 'C, NDJSON', () => compile('ndjson', '-O3'));
const go = where('go', 'gopacket', () => {
  execFileSync('go', ['build', '-o', inside('go'), '.'], { cwd: join(HERE, 'gopacket'), stdio: 'pipe' });
  return inside('go');
});
const rust = where('cargo', 'etherparse', () => {
  const env = { ...process.env, CARGO_TARGET_DIR: inside('cargo') };
  execFileSync('cargo', ['build', '--release', '--locked'], { cwd: join(HERE, 'etherparse'), stdio: 'pipe', env });
  return inside('cargo/release/bench');
});
const python = (library: string): boolean =>
  where('python3', library, () => {
    execFileSync('python3', ['-c', `import ${library}`], { stdio: 'pipe' });
    return true;
  }) ?? false;
const dpkt = python('dpkt');
const scapy = python('scapy');
const tshark = where('tshark', 'tshark', () => true) ?? false;
const tcpdump = where('tcpdump', 'tcpdump', () => true) ?? false;
const mptcptrace = where('mptcptrace', 'mptcptrace', () => true) ?? false;
skipped.push('node_pcap (npm pcap): wants libpcap headers to build; it throws on TCP option 30 besides');

/* Options in memory. */

const SIZES = QUICK ? [100_000] : [100_000, 1_000_000];
const ROUNDS = QUICK ? 2 : 3;
const SECONDS = QUICK ? '0.3' : '0.5';

const inMemory: readonly (readonly [string, readonly string[] | undefined])[] = [
  ['C -O2, struct', codec2 ? [codec2, 'decode'] : undefined],
  ['C -O3, struct', codec3 ? [codec3, 'decode'] : undefined],
  ['**OptionCursor**, every field', [...CANDIDATE, 'cursor']],
  ['**decodeOption**, an object', [...CANDIDATE, 'object']],
  ['gopacket, TCP.DecodeFromBytes', go ? [go, 'decode'] : undefined],
  ['C -O2, encode from a struct', codec2 ? [codec2, 'encode'] : undefined],
  ['**encodeOptionInto** from an object', [...CANDIDATE, 'encode']],
];

const shapes: readonly Shape[] = ['mixed', 'one'];
const columns = shapes.flatMap((shape) => SIZES.map((size) => ({ shape, size, path: inside(`${shape}-${size}`) })));
for (const { shape, size, path } of columns) writeFileSync(path, corpusFile(corpus(size, shape)));
const nanoseconds = new Map<string, number[]>();
const keyOf = (name: string, shape: Shape, size: number): string => `${name} ${shape} ${size}`;
for (let round = 0; round < ROUNDS; round++) {
  say(`options in memory, round ${round + 1} of ${ROUNDS}`);
  for (const { shape, size, path } of columns) {
    for (const [name, command] of inMemory) {
      if (command === undefined) continue;
      const [program, ...args] = command;
      const output = execFileSync(program!, [...args, path, SECONDS], { encoding: 'utf8' });
      const key = keyOf(name, shape, size);
      nanoseconds.set(key, [...(nanoseconds.get(key) ?? []), Number(output.split(' ')[0])]);
    }
  }
}
const optionTime = (name: string, shape: Shape, size: number): number =>
  median(nanoseconds.get(keyOf(name, shape, size)) ?? []);

page.push('## Options in memory', '', `Nanoseconds an option, medians of ${ROUNDS} rounds.`, '');
const power = (size: number): string => `10^${Math.round(Math.log10(size))}`;
table(
  ['', ...columns.map(({ shape, size }) => `${shape === 'one' ? 'one shape' : shape} ${power(size)}`)],
  inMemory
    .filter(([, command]) => command !== undefined)
    .map(([name]) => [
      name,
      ...columns.map(({ shape, size }) => {
        const values = nanoseconds.get(keyOf(name, shape, size)) ?? [];
        return `${median(values).toFixed(1)} ${spread(values)}`;
      }),
    ]),
);
const largest = SIZES.at(-1)!;
const [C2, , CURSOR, OBJECT, GO, C_ENCODE, ENCODE] = inMemory.map(([name]) => name) as [
  string,
  string,
  string,
  string,
  string,
  string,
  string,
];
const option = (name: string): number => optionTime(name, 'mixed', largest);
claim(`cursor, every field, mixed ${power(largest)}: times C -O2`, option(CURSOR) / option(C2), 'at most', 1.6);
claim('cursor: times as fast as gopacket', option(GO) / option(CURSOR), 'at least', 3.5);
claim('decodeOption to objects: times as fast as gopacket', option(GO) / option(OBJECT), 'at least', 2);
claim('encodeOptionInto: times C -O2', option(ENCODE) / option(C_ENCODE), 'at most', 2.6);
const scavenges = (
  execFileSync(process.execPath, ['--trace-gc', ...CANDIDATE.slice(1), 'cursor', columns[0]!.path, '4'], {
    encoding: 'utf8',
  }).match(/Scavenge/g) ?? []
).length;
claim('cursor: garbage collections in 4 s of decoding (those of the start)', scavenges, 'at most', 15);

/* Whole programs. */

interface Usage {
  /** By the clock: what somebody waits. */
  readonly seconds: number;
  /** Of the processors: compiling and collecting garbage beside the work count too. */
  readonly busy: number;
  readonly megabytes: number;
}

/** Run a command, its output thrown away. */
function run(command: readonly string[]): Usage {
  const note = inside('usage');
  const start = performance.now();
  const { status, signal } = spawnSync('/usr/bin/time', ['-q', '-o', note, '-f', '%U %S %M', ...command], {
    stdio: 'ignore',
  });
  const seconds = (performance.now() - start) / 1000;
  if (signal !== null || (status ?? 1) > 1) throw new Error(`${command.join(' ')}: status ${status}`);
  const [user, system, kilobytes] = readFileSync(note, 'utf8').trim().split(' ').map(Number) as [
    number,
    number,
    number,
  ];
  return { seconds, busy: user + system, megabytes: kilobytes / 1024 };
}

const captures = QUICK ? [10_000, 100_000] : [10_000, 100_000, 1_000_000];
const captureOf = (size: number): string => inside(`${size}.pcap`);
for (const size of captures) writeCapture(captureOf(size), size);
if (!QUICK) {
  // The 10^6 packets ten times over.
  const million = readFileSync(captureOf(1_000_000));
  writeFileSync(captureOf(10_000_000), million);
  for (let i = 1; i < 10; i++) appendFileSync(captureOf(10_000_000), million.subarray(24));
}

const FIELDS = [
  ...['frame.number', 'frame.time_epoch', 'ip.src', 'ipv6.src', 'tcp.srcport', 'ip.dst', 'ipv6.dst', 'tcp.dstport'],
  ...['tcp.flags', 'tcp.seq_raw', 'tcp.ack_raw', 'tcp.len'],
  ...[
    'subtype',
    'version',
    'checksumreq.flags',
    'sendkey',
    'recvkey',
    'datafin.flag',
    'rawdataack',
    'rawdataseqno',
  ].map(mptcp),
  ...['subflowseqno', 'datalvllen', 'checksum', 'addrid', 'recvtok', 'sendrand', 'sendhmac', 'sendtrunchmac'].map(
    mptcp,
  ),
  ...['backup.flag', 'ipv4', 'ipv6', 'port', 'addaddrtrunchmac', 'echo', 'rst_reason'].map(mptcp),
].flatMap((field) => ['-e', field]);

function mptcp(field: string): string {
  return `tcp.options.mptcp.${field}`;
}

/** Name, command, sizes it is run on, rounds on each. */
interface Program {
  readonly name: string;
  readonly command: readonly string[];
  readonly most?: number;
  readonly rounds?: number;
}
const THREE = QUICK ? 1 : 3;
const programs: readonly (Program | false | undefined)[] = [
  { name: '**mptcp-codec decode -o ndjson**', command: [...PROGRAM, 'decode', '-o', 'ndjson'] },
  { name: '**mptcp-codec decode** (text)', command: [...PROGRAM, 'decode'] },
  ndjson3 !== undefined && { name: 'C -O3, the same lines', command: [ndjson3] },
  go !== undefined && { name: 'Go, gopacket, JSON by hand', command: [go, 'ndjson'] },
  rust !== undefined && { name: 'Rust, etherparse: DSS by hand, no text', command: [rust] },
  tcpdump && { name: 'tcpdump -tt -v', command: ['tcpdump', '-n', '-tt', '-v', '-r'] },
  tshark && { name: 'tshark -T fields', command: ['tshark', '-n', '-T', 'fields', ...FIELDS, '-r'], rounds: 1 },
  dpkt && {
    name: 'Python, dpkt: options not decoded',
    command: ['python3', join(HERE, 'dpkt_read.py')],
    most: 100_000,
    rounds: 1,
  },
  scapy && {
    name: 'Python, scapy: options not decoded',
    command: ['python3', join(HERE, 'scapy_read.py')],
    most: 10_000,
    rounds: 1,
  },
  mptcptrace && { name: 'mptcptrace', command: ['mptcptrace', '-f'] },
];
const present = programs.filter((entry): entry is Program => typeof entry === 'object');
const usage = new Map<string, Usage[]>();
for (let round = 0; round < THREE; round++) {
  for (const size of captures) {
    say(`captures of ${size} packets, round ${round + 1} of ${THREE}`);
    for (const { name, command, most = Number.POSITIVE_INFINITY, rounds = THREE } of present) {
      if (size > most || (size === 1_000_000 && round >= rounds)) continue;
      const key = `${name} ${size}`;
      usage.set(key, [...(usage.get(key) ?? []), run([...command, captureOf(size)])]);
    }
  }
}
const figure =
  (of: keyof Usage) =>
  (name: string, size: number): number =>
    median((usage.get(`${name} ${size}`) ?? []).map((one) => one[of]));
const [cost, busy, memory] = [figure('seconds'), figure('busy'), figure('megabytes')];

page.push(
  '## Captures, whole programs',
  '',
  `Seconds by the clock, of the whole process, medians of ${THREE} rounds (tshark and Python: one at the largest size), and`,
  'its peak memory. Output goes to nowhere. Node compiles and Go collects garbage on a second core: processor time counts it.',
  '',
);
const size = captures.at(-1)!;
table(
  [
    '',
    ...captures.map((count) => `${power(count)} packets`),
    `processor time at ${power(size)}`,
    `memory at ${power(size)}`,
    `times ours at ${power(size)}`,
  ],
  present.map(({ name }) => [
    name,
    ...captures.map((count) => (usage.has(`${name} ${count}`) ? cost(name, count).toFixed(3) : '-')),
    usage.has(`${name} ${size}`) ? busy(name, size).toFixed(3) : '-',
    usage.has(`${name} ${size}`) ? `${memory(name, size).toFixed(0)} MB` : '-',
    usage.has(`${name} ${size}`) ? (cost(name, size) / cost(present[0]!.name, size)).toFixed(2) : '-',
  ]),
);
const ours = cost(present[0]!.name, size);
const against = (part: string): number => cost(present.find(({ name }) => name.includes(part))?.name ?? '', size);
claim(
  `decode -o ndjson, ${power(size)} packets: times as fast as tshark -T fields`,
  against('tshark') / ours,
  'at least',
  70,
);
claim('… as tcpdump -tt -v', against('tcpdump') / ours, 'at least', 9);
claim('… as Go with gopacket', against('gopacket') / ours, 'at least', 1.3);
claim('… times the time of C', ours / against('same lines'), 'at most', 2.4);

/* Growth and start. */

say('growth and start');
const growth = [...captures, ...(QUICK ? [] : [10_000_000])].map((count) => {
  const rounds = count > 1_000_000 ? 1 : THREE;
  const all = Array.from({ length: rounds }, () => run([...PROGRAM, 'decode', '-o', 'ndjson', captureOf(count)]));
  return { count, seconds: median(all.map((one) => one.seconds)), megabytes: median(all.map((one) => one.megabytes)) };
});
const starts = Array.from({ length: QUICK ? 5 : 15 }, () => ({
  empty: run([process.execPath, '-e', '0']).seconds,
  decode: run([...PROGRAM, 'decode', '-o', 'ndjson', captureOf(10_000)]).seconds,
}));
const empty = median(starts.map((start) => start.empty));
const overhead = 1000 * (median(starts.map((start) => start.decode)) - empty);

page.push('## Growth of decode -o ndjson', '', `An empty Node takes ${(1000 * empty).toFixed(0)} ms.`, '');
table(
  ['packets', 'seconds', 'nanoseconds a packet beyond the start', 'memory'],
  growth.map(({ count, seconds, megabytes }) => [
    power(count),
    seconds.toFixed(3),
    ((1e9 * (seconds - empty)) / count).toFixed(0),
    `${megabytes.toFixed(0)} MB`,
  ]),
);
claim('decode -o ndjson: memory at the largest size, MB', growth.at(-1)!.megabytes, 'at most', 80);
claim('… over the memory at 10^4 packets', growth.at(-1)!.megabytes / growth[0]!.megabytes, 'at most', 1.25);
claim('… over an empty Node at 10^4 packets, milliseconds', overhead, 'at most', 60);

/* The tracer. */

function writeConnections(path: string, count: number, segments?: number): void {
  const writer = new PcapWriter();
  let pieces: Uint8Array[] = [];
  writeFileSync(path, '');
  for (const packet of connections(count, segments)) {
    pieces.push(writer.push(packet));
    if (pieces.length === 10_000) {
      appendFileSync(path, Buffer.concat(pieces));
      pieces = [];
    }
  }
  appendFileSync(path, Buffer.concat(pieces));
}

/** Segments with data of a long connection, and its packets. */
const LONG_SEGMENTS = 491;
const LONG = packetsOf(LONG_SEGMENTS);

function longConnections(count: number): string {
  const path = inside('long-connections.pcap');
  writeConnections(path, count, LONG_SEGMENTS);
  return path;
}

const packets = QUICK ? [10_000, 100_000] : [10_000, 1_000_000];
const traced: string[][] = [];
const TRACE = [...PROGRAM, 'trace', '-o', 'json', '--exit-zero', '--no-progress'];
const TSHARK_TRACE = ['tshark', '-n', '-o', 'mptcp.analyze_mappings:TRUE', '-T', 'fields', '-e', 'mptcp.stream', '-r'];
const perPacket: number[] = [];
for (const count of packets) {
  say(`trace, ${count} packets in ${count / PACKETS} connections`);
  const path = inside(`connections-${count}.pcap`);
  writeConnections(path, count / PACKETS);
  const mine = Array.from({ length: THREE }, () => run([...TRACE, path]));
  const seconds = median(mine.map((one) => one.seconds));
  const megabytes = median(mine.map((one) => one.megabytes));
  const theirs = tshark ? run([...TSHARK_TRACE, path]) : undefined;
  perPacket.push((seconds - empty) / count);
  traced.push(row(`connections of ${PACKETS} packets, ${power(count)}`, { seconds, megabytes }, theirs));
  if (count !== packets.at(-1)) continue;
  claim(
    `trace, ${power(count)} packets: times as fast as tshark with analyze_mappings`,
    (theirs?.seconds ?? Number.NaN) / seconds,
    'at least',
    30,
  );
  claim(`trace: memory at ${power(count)} packets, MB`, megabytes, 'at most', 200);
}
claim('trace: time a packet over that at 10^4, start left out', perPacket.at(-1)! / perPacket[0]!, 'at most', 1.3);
for (const [name, path] of [
  [`connections of ${LONG} packets, ${power(packets.at(-1)!)}`, longConnections(packets.at(-1)! / LONG)],
  ['mixed, 10^5', captureOf(100_000)],
] as const) {
  traced.push(row(name, run([...TRACE, path]), tshark ? run([...TSHARK_TRACE, path]) : undefined));
}

const both = inside(`connections-${packets.at(-1)}.pcap`);
traced.push(
  row(
    `diff of twice the ${power(packets.at(-1)!)} in short ones`,
    run([...PROGRAM, 'diff', '-o', 'json', both, both]),
    undefined,
  ),
);

type Cost = Omit<Usage, 'busy'>;

function row(name: string, mine: Cost, theirs: Cost | undefined): string[] {
  const of = (one: Cost | undefined): string =>
    one === undefined ? '-' : `${one.seconds.toFixed(2)} s, ${one.megabytes.toFixed(0)} MB`;
  return [name, of(mine), of(theirs), theirs === undefined ? '-' : (theirs.seconds / mine.seconds).toFixed(1)];
}
page.push(
  '## Tracer',
  '',
  '`trace -o json` beside `tshark -o mptcp.analyze_mappings:TRUE`: whole connections, short and long (handshake, join with',
  'right HMACs, data both ways over two subflows, DATA_FIN and FIN), and the captures from above, whose flows never end.',
  '',
);
table(['packets', 'mptcp-codec', 'tshark', 'times as fast'], traced);

/* Derivations. */

page.push('## Derivations', '', 'Nanoseconds a call.', '');
table(
  ['', 'ns', 'times as fast as', 'what'],
  derivations.map(({ name, nanoseconds: time, ratio, against: other, wanted }) => {
    if (wanted !== undefined) claim(`${name}: times as fast as ${other}`, ratio, 'at least', wanted);
    return [name, time.toFixed(0), ratio?.toFixed(2) ?? '', other ?? ''];
  }),
);

/* The page. */

function version(command: string, args: readonly string[]): string {
  const { stdout, stderr } = spawnSync(command, args, { encoding: 'utf8' });
  return (
    `${stdout}${stderr}`
      .split('\n')
      .find((line) => /\d/.test(line))
      ?.trim() ?? ''
  );
}

const verdicts = claims.map(({ name, found, is, wanted, unit }) => {
  const reached =
    found === undefined
      ? 'not measured'
      : (is === 'at most' ? found <= wanted : found >= wanted)
        ? 'reached'
        : '**missed**';
  return [name, found === undefined ? '-' : `${found.toFixed(2)}${unit}`, `${is} ${wanted}`, reached];
});
const notes = join(HERE, 'notes.md');
const versions = [
  `${cpus()[0]?.model ?? 'unknown processor'}, ${availableParallelism()} cores, ${Math.round(totalmem() / 2 ** 30)} GB, ${process.platform}`,
  `Node ${process.versions.node} (V8 ${process.versions.v8})`,
  ...(codec2 === undefined ? [] : [version('gcc', ['--version'])]),
  ...(go === undefined
    ? []
    : [
        `${version('go', ['version'])}, gopacket ${/gopacket v(\S+)/.exec(readFileSync(join(HERE, 'gopacket/go.mod'), 'utf8'))?.[1]}`,
      ]),
  ...(rust === undefined ? [] : [`${version('rustc', ['--version'])}, etherparse 0.20.2`]),
  ...(tshark ? [version('tshark', ['--version'])] : []),
  ...(tcpdump ? [version('tcpdump', ['--version'])] : []),
  ...(dpkt ? [`dpkt ${version('python3', ['-c', 'import dpkt; print(dpkt.__version__)'])}`] : []),
  ...(scapy ? [`scapy ${version('python3', ['-c', 'import scapy; print(scapy.__version__)'])}`] : []),
];
const text = [
  '# Benchmarks',
  '',
  'Written by `npm run bench`. Workloads are generated and the same everywhere (`test/bench/workload.ts`); nine of ten options',
  'are DSS in eight shapes. Every round measures every candidate once, and figures are medians, with',
  'half the distance from least to greatest behind them. On another machine look at the ratios.',
  '',
  ...versions.map((line) => `- ${line}`),
  ...skipped.map((line) => `- left out: ${line}`),
  '',
  '## What was to be shown',
  '',
].concat(
  ['| | found | asked | |', '| --- | ---: | ---: | --- |', ...verdicts.map((cells) => `| ${cells.join(' | ')} |`), ''],
  [readFileSync(notes, 'utf8').trim(), ''],
  page,
);
process.stdout.write(`${text.join('\n')}\n`);
if (!QUICK && !process.argv.includes('--print')) {
  mkdirSync(join(HERE, '../../docs'), { recursive: true });
  writeFileSync(join(HERE, '../../docs/benchmarks.md'), `${text.join('\n').trimEnd()}\n`);
}
rmSync(directory, { recursive: true });
