/**
 * Every capture at hand as tshark and tcpdump read it: every MPTCP option, in the same frames, with the same values.
 */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { encodeOption } from '../../src/mptcp/option.ts';
import { fromJson } from '../../src/text/json.ts';
import type { MptcpPacket } from '../../src/text/packet.ts';
import { cli } from '../cli/fake.ts';
import { has } from '../tools.ts';
import { compareTcpdump, compareTshark, type Segment, type Unnamed } from './compare.ts';
import { type CorpusPacket, corpus, pcapngOf, pcapOf, ROOTS, segmentOf } from './corpus.ts';
import { Memory } from './memory.ts';
import type { Hits } from './rule.ts';
import { readByTcpdump } from './tcpdump.ts';
import { readByTshark } from './tshark.ts';

const directory = mkdtempSync(join(tmpdir(), 'mptcp-codec-'));
afterAll(() => rmSync(directory, { recursive: true }));

/** Of each frame, whether it was found, and where it comes from. */
type Compared = Unnamed & { readonly place: string };

describe.skipIf(!existsSync(ROOTS[1]!)).each(ROOTS.slice(1))('%s (needs that directory)', (root) => compareAll(root));
describe(ROOTS[0]!, () => compareAll(ROOTS[0]!));

function compareAll(root: string): void {
  let packets: readonly CorpusPacket[] = [];
  let segments: readonly (Segment | undefined)[] = [];
  const file = join(directory, 'all.pcapng');

  beforeAll(async () => {
    packets = await corpus(root);
    segments = packets.map(({ packet }) => segmentOf(packet));
    writeFileSync(file, pcapngOf(packets));
  });

  test('decode -o ndjson gives the options that are there', async () => {
    const { out, status } = await cli(['decode', file, '-o', 'ndjson']);
    expect(status).toBe(0);
    const found = out
      .trim()
      .split('\n')
      .map((line) => fromJson(line) as MptcpPacket)
      .filter(({ options }) => options.length > 0)
      .map(({ frame, options }) => [frame, options.map((option) => Buffer.from(encodeOption(option)).toString('hex'))]);
    const there = segments.flatMap((segment) => {
      if (segment === undefined) return [];
      const options = segment.items.flatMap((item) => ('type' in item ? [item] : []));
      return options.length === 0
        ? []
        : [[segment.frame, options.map((option) => Buffer.from(encodeOption(option)).toString('hex'))]];
    });
    expect(found).toEqual(there);
    expect(there.length).toBeGreaterThan(1000);
  });

  test.skipIf(!has('tshark'))('tshark (needs tshark)', () => {
    const rows = new Map(readByTshark(file).map((row) => [row.frame, row]));
    const [memory, hits]: [Memory, Hits] = [new Memory(), new Map()];
    const unnamed: Compared[] = [];
    for (const [i, { packet, place }] of packets.entries()) {
      const segment = segments[i];
      const row = rows.get(packet.frame);
      expect([place, row !== undefined]).toEqual([place, segment !== undefined]);
      const found = row && segment && compareTshark(segment, row, memory, hits);
      if (found !== undefined) unnamed.push({ ...found, place });
    }
    expect(unnamed.slice(0, 5)).toEqual([]);
    expect(hits.get('tshark-dss-checksum')).toBeGreaterThan(0);
  });

  test.skipIf(!has('tcpdump'))('tcpdump (needs tcpdump)', () => {
    const hits: Hits = new Map();
    const unnamed: Compared[] = [];
    for (const linkType of new Set(packets.map(({ packet }) => packet.linkType))) {
      const some = packets.filter(({ packet }) => packet.linkType === linkType);
      const part = join(directory, 'some.pcap');
      writeFileSync(part, pcapOf(some, linkType));
      const rows = new Map(readByTcpdump(part).map((row) => [row.frame, row]));
      for (const [i, { packet, place }] of some.entries()) {
        const segment = segments[packet.frame - 1];
        const found = segment && compareTcpdump(segment, rows.get(i + 1), hits);
        if (found !== undefined) unnamed.push({ ...found, place });
      }
    }
    expect(unnamed.slice(0, 5)).toEqual([]);
    expect(hits.get('tcpdump-capable-flags')).toBeGreaterThan(0);
  });
}
