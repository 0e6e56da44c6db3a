/**
 * What capturing does to packets: some are missed, some come twice or in another order, some are cut. None of it is
 * the path's doing, so none of it may become a finding about the path.
 *
 * @module
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { readCaptureSync } from '../../src/capture/capture.ts';
import type { CapturedPacket } from '../../src/capture/packet.ts';
import { FrameCursor } from '../../src/ip/frame.ts';
import type { Finding } from '../../src/trace/finding.ts';
import { Tracer } from '../../src/trace/tracer.ts';

export type Packets = readonly CapturedPacket[];

/** Captures of `folder` and the folders in it. */
function capturesIn(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.pcap(ng)?$/.test(name))
    .map((name) => `${folder}/${name}`);
}

export function packetsOf(path: string): Packets {
  return [...readCaptureSync(new Uint8Array(readFileSync(path)))].sort((a, b) => Number(a.time - b.time));
}

export function findings(packets: Packets): Finding[] {
  const tracer = new Tracer();
  packets.forEach((packet, i) => {
    tracer.push({ ...packet, frame: i + 1 });
  });
  const { connections, findings: outer } = tracer.report();
  return [...connections.flatMap((one) => one.findings), ...outer];
}

export const grave = ({ severity }: Finding): boolean => severity !== 'note';

/** Both sides of a NAT need each other. */
export const all = [...capturesIn('fixtures/captures'), ...capturesIn('../shared/captures')]
  .filter((path) => !path.includes('disagree-two-sides'))
  .map((path) => ({ path, packets: packetsOf(path) }))
  .filter(({ packets }) => packets.length < 3000);

/** Captures in which all is well, though there may be notes. */
export const healthy = all.filter(({ packets }) => !findings(packets).some(grave));

export type Chance = (below: number) => number;

export const ARTEFACTS: Readonly<Record<string, (packets: Packets, chance: Chance) => Packets>> = {
  'one in twenty missed': (packets, chance) => packets.filter(() => chance(20) > 0),
  'up to four in a row missed': (packets, chance) => {
    const from = chance(packets.length);
    const to = from + 1 + chance(4);
    return packets.filter((_, i) => i < from || i >= to);
  },
  'begun late': (packets, chance) => packets.slice(chance(packets.length)),
  'ended early': (packets, chance) => packets.slice(0, chance(packets.length)),
  'one port unheard': (packets, chance) => {
    const port = portOf(packets[chance(packets.length)]);
    return packets.filter((packet) => portOf(packet) !== port);
  },
  'each one twice': (packets) => packets.flatMap((packet) => [packet, { ...packet, time: packet.time + 1000n }]),
  'some of them twice, late': (packets, chance) =>
    packets
      .flatMap((packet) =>
        chance(3) > 0 ? [packet] : [packet, { ...packet, time: packet.time + BigInt(chance(300) * 1_000_000) }],
      )
      .sort((a, b) => Number(a.time - b.time)),
  'up to three places off': (packets, chance) =>
    packets
      .map((packet, i) => ({ packet, place: i + chance(300) / 100 }))
      .sort((a, b) => a.place - b.place)
      .map(({ packet }) => packet),
  cut: (packets, chance) => {
    const length = [54, 60, 66, 68, 80, 96, 100, 110, 128, 200][chance(10)];
    return packets.map((packet) => ({ ...packet, bytes: packet.bytes.subarray(0, length) }));
  },
};

const cursor = new FrameCursor();

/** Source port of a TCP packet, else -1. */
function portOf(packet: CapturedPacket | undefined): number {
  if (packet === undefined) return -1;
  const { linkType, bytes, originalLength } = packet;
  return cursor.reset(linkType, bytes, 0, bytes.length, originalLength) ? cursor.sourcePort : -1;
}
