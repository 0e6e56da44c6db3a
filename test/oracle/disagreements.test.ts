/**
 * The disagreements: each shown by its example, and all of them in docs/disagreements.md.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { cli } from '../cli/fake.ts';
import { has } from '../tools.ts';
import { DISAGREE, disagreeFile } from './disagree.ts';
import { document } from './document.ts';
import { DISAGREEMENTS, type Programs, sayings } from './example.ts';
import { buildGopacket } from './gopacket.ts';
import type { Tool } from './rule.ts';
import { pythonOfScapy } from './scapy.ts';
import { STATEFUL } from './stateful.ts';

const directory = mkdtempSync(join(tmpdir(), 'mptcp-codec-'));
afterAll(() => rmSync(directory, { recursive: true }));

function expectExamples(tool: Tool, programs: Programs = {}): void {
  const written = DISAGREEMENTS[tool].map(({ id, example }) => [id, example.says]);
  expect([...sayings(tool, programs, directory)].sort()).toEqual(written.sort());
}

describe('each tool says of the examples what the rules say it does', () => {
  test.skipIf(!has('tshark'))('tshark (needs tshark)', () => expectExamples('tshark'));
  test.skipIf(!has('tcpdump'))('tcpdump (needs tcpdump)', () => expectExamples('tcpdump'));
  test.skipIf(!has('go'))('gopacket (needs go)', (context) => {
    const built = buildGopacket(directory);
    if ('reason' in built) return context.skip(built.reason);
    expectExamples('gopacket', { gopacket: built.program });
  });
  test.skipIf(!has('scapy'))('scapy (needs scapy)', () => expectExamples('scapy', { scapy: pythonOfScapy()! }));
});

test('names are used once', () => {
  const ids = Object.values(DISAGREEMENTS).flatMap((each) => each.map(({ id }) => id));
  expect(new Set(ids).size).toBe(ids.length);
  for (const [tool, rules] of Object.entries(DISAGREEMENTS)) {
    for (const { id, tool: of } of rules) expect([of, id.startsWith(`${tool}-`)]).toEqual([tool, true]);
  }
});

test.each(Object.entries(DISAGREE))('%s.pcap is as its script makes it', (name, packets) => {
  const file = new Uint8Array(readFileSync(`fixtures/captures/${name}.pcap`));
  expect(file).toEqual(new Uint8Array(disagreeFile(packets)));
});

const COUNTED = STATEFUL.filter(({ example }) => example.ours !== undefined);

test.each(COUNTED.map(({ id, example }) => [id, example] as const))(
  '%s: our trace has the right number',
  async (_, example) => {
    const { out } = await cli(['trace', `fixtures/captures/${example.capture}`, '--packets', '0']);
    expect(out.split('\n').find((line) => new RegExp(`^ *${example.frame} `).test(line))).toContain(example.ours);
  },
);

test('a router that took MP_CAPABLE away: a finding, where Wireshark remarks nothing', async () => {
  const { out } = await cli(['trace', 'fixtures/captures/12b-strip-synack.pcap', '-o', 'json']);
  expect(out).toContain('no-mptcp-in-syn-ack');
});

test('docs/disagreements.md says what the rules say', () => {
  expect(readFileSync('docs/disagreements.md', 'utf8')).toBe(document());
});
