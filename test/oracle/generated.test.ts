/**
 * Generated packets as four other decoders read them: what they say differently, a rule foretells.
 *
 * `MPTCP_CODEC_PACKETS=100000` makes more of them, `MPTCP_CODEC_SEED` others.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { has } from '../tools.ts';
import { compareGopacket, compareScapy, compareTcpdump, compareTshark, type Unnamed } from './compare.ts';
import { DISAGREEMENTS } from './example.ts';
import { captureOf, type Sample, samples } from './generated.ts';
import { buildGopacket, readByGopacket } from './gopacket.ts';
import { Memory } from './memory.ts';
import type { Hits, Tool } from './rule.ts';
import { pythonOfScapy, readByScapy } from './scapy.ts';
import { STATEFUL } from './stateful.ts';
import { readByTcpdump } from './tcpdump.ts';
import { readByTshark } from './tshark.ts';

const COUNT = Number(process.env['MPTCP_CODEC_PACKETS'] ?? 20_000);
const SEED = Number(process.env['MPTCP_CODEC_SEED'] ?? 1);

const directory = mkdtempSync(join(tmpdir(), 'mptcp-codec-'));
const file = join(directory, 'generated.pcap');
let packets: readonly Sample[] = [];

beforeAll(() => {
  packets = samples(COUNT, SEED);
  writeFileSync(file, captureOf(packets));
});
afterAll(() => rmSync(directory, { recursive: true }));

/** Every packet compared; all that no rule foretells, and the rules that were needed. */
function expectNamed<Row extends { readonly frame: number }>(
  tool: Tool,
  rows: readonly Row[],
  compare: (packet: Sample, row: Row, hits: Hits) => Unnamed | undefined,
): void {
  const byFrame = new Map(rows.map((row) => [row.frame, row]));
  const hits: Hits = new Map();
  const unnamed: Unnamed[] = [];
  for (const packet of packets) {
    const found = compare(packet, byFrame.get(packet.frame)!, hits);
    if (found !== undefined) unnamed.push(found);
  }
  expect(unnamed.slice(0, 5)).toEqual([]);
  const needed = DISAGREEMENTS[tool].map(({ id }) => id).filter((id) => !ELSEWHERE.includes(id));
  expect([...hits.keys()].sort()).toEqual(needed.sort());
}

/** Rules about captures: cut ones, and numbers counted over connections. */
const ELSEWHERE: readonly string[] = ['tshark-cut', ...STATEFUL.map(({ id }) => id)];

describe(`${COUNT} generated packets, seed ${SEED}`, () => {
  test('they are all sorts', () => {
    expect(packets.length).toBe(COUNT);
    const types = packets.flatMap(({ items }) => items.flatMap((item) => ('type' in item ? [item.type] : [])));
    expect(new Set(types).size).toBe(12);
  });

  test.skipIf(!has('tshark'))('tshark (needs tshark)', () => {
    const memory = new Memory();
    expectNamed('tshark', readByTshark(file), (packet, row, hits) => compareTshark(packet, row, memory, hits));
  });

  test.skipIf(!has('tcpdump'))('tcpdump (needs tcpdump)', () => {
    expectNamed('tcpdump', readByTcpdump(file), compareTcpdump);
  });

  test.skipIf(!has('go'))('gopacket (needs go)', (context) => {
    const built = buildGopacket(directory);
    if ('reason' in built) return context.skip(built.reason);
    expectNamed('gopacket', readByGopacket(built.program, file), compareGopacket);
  });

  test.skipIf(!has('scapy'))('scapy (needs scapy)', () => {
    expectNamed('scapy', readByScapy(pythonOfScapy()!, file), compareScapy);
  });
});
