/**
 * Missed, repeated, reordered and cut packets: none of it is held against the path.
 */
import { expect, test } from 'vitest';
import { diff } from '../../src/diff/diff.ts';
import { ARTEFACTS, grave, healthy, type Packets, packetsOf } from '../trace/artefacts.ts';
import { numbers } from '../trace/numbers.ts';

function numbered(packets: Packets): Packets {
  return packets.map((packet, i) => ({ ...packet, frame: i + 1 }));
}

test.each(Object.entries(ARTEFACTS))('%s, at either end of a path that does nothing', (_, artefact) => {
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
