/**
 * Missed, repeated, reordered and cut packets: nothing grave is said of a connection because of them.
 */
import { expect, test } from 'vitest';
import type { Finding } from '../../src/trace/finding.ts';
import { ARTEFACTS, all, type Chance, findings, grave, healthy, type Packets } from './artefacts.ts';
import { numbers } from './numbers.ts';

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
