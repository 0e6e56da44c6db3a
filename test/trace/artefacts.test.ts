/**
 * What capturing does to packets: some are missed, some come twice or in another order, some are cut. None of it is
 * the path's doing, so none of it may become a finding about the path.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { readCaptureSync } from '../../src/capture/capture.ts';
import type { CapturedPacket } from '../../src/capture/packet.ts';
import { FrameCursor } from '../../src/ip/frame.ts';
import { diff } from '../../src/trace/diff.ts';
import type { Finding } from '../../src/trace/finding.ts';
import { Tracer } from '../../src/trace/tracer.ts';
import { numbers } from './numbers.ts';

type Packets = readonly CapturedPacket[];

/** Captures of `folder` and the folders in it. */
function capturesIn(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.pcap(ng)?$/.test(name))
    .map((name) => `${folder}/${name}`);
}

function packetsOf(path: string): Packets {
  return [...readCaptureSync(new Uint8Array(readFileSync(path)))].sort((a, b) => Number(a.time - b.time));
}

function findings(packets: Packets): Finding[] {
  const tracer = new Tracer();
  packets.forEach((packet, i) => {
    tracer.push({ ...packet, frame: i + 1 });
  });
  const { connections, findings: outer } = tracer.report();
  return [...connections.flatMap((one) => one.findings), ...outer];
}

const grave = ({ severity }: Finding): boolean => severity !== 'note';

/** Both sides of a NAT need each other. */
const all = [...capturesIn('fixtures/captures'), ...capturesIn('../shared/captures')]
  .filter((path) => !path.includes('disagree-two-sides'))
  .map((path) => ({ path, packets: packetsOf(path) }))
  .filter(({ packets }) => packets.length < 3000);

/** Captures in which all is well, though there may be notes. */
const healthy = all.filter(({ packets }) => !findings(packets).some(grave));

type Chance = (below: number) => number;

const ARTEFACTS: Readonly<Record<string, (packets: Packets, chance: Chance) => Packets>> = {
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

/** Of an answer, or of a connection, that was missed, nobody can know. */
const UNKNOWABLE: readonly string[] = ['join-unknown-token', 'join-no-answer'];

/** What becomes of captures says nothing grave that was not said of them as they are. */
function nothingNew(captures: typeof all, artefact: (packets: Packets, chance: Chance) => Packets): void {
  expect(captures.length).toBeGreaterThan(10);
  for (const { path, packets } of captures) {
    const said = new Set(findings(packets).map(({ code }) => code));
    for (let seed = 1; seed <= 12; seed++) {
      const changed = artefact(packets, numbers(seed * 0x9e3779b1));
      const isNew = ({ code }: Finding): boolean => !said.has(code) && !UNKNOWABLE.includes(code);
      const wrong = findings(changed).filter((one) => grave(one) && isNew(one));
      expect({ path, seed, wrong }).toEqual({ path, seed, wrong: [] });
    }
  }
}

test.each(Object.entries(ARTEFACTS))('%s, where all is well', (_, artefact) => {
  nothingNew(healthy, artefact);
});

test.each(['each one twice', 'some of them twice, late', 'up to three places off'])('%s, wherever', (name) => {
  nothingNew(all, ARTEFACTS[name]!);
});

test.each(Object.entries(ARTEFACTS))('%s, at either end of a path that does nothing', (_, artefact) => {
  const numbered = (packets: Packets): Packets => packets.map((packet, i) => ({ ...packet, frame: i + 1 }));
  const captures = healthy.filter(({ path, packets }) => path.startsWith('fixtures/') && packets.length < 400);
  expect(captures.length).toBeGreaterThan(10);
  for (const { path, packets } of captures) {
    for (let seed = 1; seed <= 3; seed++) {
      const chance = numbers(seed * 0x9e3779b1);
      const [client, server] = [artefact(packets, chance), artefact(packets, chance)];
      for (const [near, far] of [
        [client, packets],
        [packets, server],
        [client, server],
      ] as const) {
        const report = diff(numbered(near), numbered(far));
        const wrong = report.findings.filter(grave);
        expect({ path, seed, changes: report.changes, wrong }).toEqual({ path, seed, changes: [], wrong: [] });
      }
    }
  }
});

/** Captures of the client and of the server, of paths that do something. */
const ends = ['03e-add-addr-tampered', '12d-strip-mid', '12e-strip-join', '13-mp-fail-single', '15-nat-path2'].map(
  (name) => ({
    name,
    client: packetsOf(`fixtures/captures/${name}.pcap`),
    server: packetsOf(`fixtures/captures/server/${name}.pcap`),
  }),
);

test.each(Object.entries(ARTEFACTS))(
  '%s, at either end of a path that does something: it does no more',
  (_, artefact) => {
    const numbered = (packets: Packets): Packets => packets.map((packet, i) => ({ ...packet, frame: i + 1 }));
    const saidOf = (client: Packets, server: Packets): { codes: string[]; whats: string[] } => {
      const { changes, findings: found } = diff(numbered(client), numbered(server));
      return { codes: found.filter(grave).map(({ code }) => code), whats: changes.map(({ what }) => what) };
    };
    for (const { name, client, server } of ends) {
      const said = saidOf(client, server);
      for (let seed = 1; seed <= 8; seed++) {
        const chance = numbers(seed * 0x9e3779b1);
        const [near, far] = [artefact(client, chance), artefact(server, chance)];
        for (const [a, b] of [
          [near, server],
          [client, far],
          [near, far],
        ] as const) {
          const { codes, whats } = saidOf(a, b);
          const fresh = [
            ...codes.filter((code) => !said.codes.includes(code)),
            ...whats.filter((what) => !said.whats.includes(what)),
          ];
          expect({ name, seed, fresh }).toEqual({ name, seed, fresh: [] });
        }
      }
    }
  },
);
