/**
 * All captures at hand, as one: ours, and beside the repository those of the laboratory and of other projects.
 *
 * @module
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { toHex } from '../../src/bytes.ts';
import { readCapture } from '../../src/capture/capture.ts';
import type { CapturedPacket } from '../../src/capture/packet.ts';
import { PcapngWriter, PcapWriter } from '../../src/capture/write.ts';
import { FrameCursor } from '../../src/ip/frame.ts';
import { OptionCursor } from '../../src/tcp/cursor.ts';
import { decodeOptionList } from '../../src/tcp/options.ts';
import type { Segment } from './compare.ts';

/** Where captures are; all but the first are not part of the repository. */
export const ROOTS: readonly string[] = ['fixtures/captures', '../shared/captures', '../shared/public'];

/** A packet of the whole: its `frame` counts over all captures. */
export interface CorpusPacket {
  readonly packet: CapturedPacket;
  /** Where it comes from, such as `fixtures/captures/01-basic.pcap:7`. */
  readonly place: string;
}

/** The capture files under a root. */
export function capturesUnder(root: string): string[] {
  if (!existsSync(root)) return [];
  return readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.pcap(ng)?(\.gz)?$/.test(name))
    .sort()
    .map((name) => join(root, name));
}

/** The packets of all captures under a root, one capture after the other. */
export async function corpus(root: string): Promise<CorpusPacket[]> {
  const packets: CorpusPacket[] = [];
  for (const file of capturesUnder(root)) {
    for await (const packet of readCapture(readFileSync(file))) {
      packets.push({ packet: { ...packet, frame: packets.length + 1 }, place: `${file}:${packet.frame}` });
    }
  }
  return packets;
}

/** One file of them all, which tshark reads whatever their link types. */
export function pcapngOf(packets: readonly CorpusPacket[]): Uint8Array {
  const writer = new PcapngWriter();
  return Buffer.concat([...packets.map(({ packet }) => writer.push(packet)), writer.end()]);
}

/** One file of those with a link type, which is what libpcap reads. */
export function pcapOf(packets: readonly CorpusPacket[], linkType: number): Uint8Array {
  const writer = new PcapWriter(linkType);
  return Buffer.concat([...packets.map(({ packet }) => writer.push(packet)), writer.end()]);
}

/** The TCP segment of a packet, where it has one. */
export function segmentOf({ frame, linkType, bytes, originalLength }: CapturedPacket): Segment | undefined {
  const cursor = new FrameCursor();
  if (!cursor.reset(linkType, bytes, 0, bytes.length, originalLength)) return undefined;
  const { options, optionsEnd, optionsCut, ipVersion, source, destination, sourcePort, destinationPort } = cursor;
  const size = ipVersion === 4 ? 4 : 16;
  const from = `${toHex(bytes.subarray(source, source + size))}:${sourcePort}`;
  const to = `${toHex(bytes.subarray(destination, destination + size))}:${destinationPort}`;
  const whole = optionsCut ? endOfWhole(bytes, options, optionsEnd) : optionsEnd;
  return {
    frame,
    flags: cursor.flags,
    items: decodeOptionList(bytes, options, whole - options),
    flow: { connection: [from, to].sort().join(' '), direction: `${from} ${to}` },
    rest: whole < optionsEnd ? bytes.subarray(whole, optionsEnd) : undefined,
  };
}

/** Where the whole options of a list end that the capture cuts. */
function endOfWhole(bytes: Uint8Array, start: number, end: number): number {
  const walk = new OptionCursor().reset(bytes, start, end);
  while (walk.next());
  return walk.fault === 'truncated' ? walk.offset : end;
}
