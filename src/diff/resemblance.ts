/**
 * Which connections of two captures are one: those whose segments have most in common.
 *
 * @module
 */
import { type Mark, mark } from './mark.ts';
import type { Sighting } from './sighting.ts';

/** Something that holds segments of a connection. */
interface Holder {
  readonly waiting: readonly Sighting[];
}

/** A connection in both captures, as it seems. */
export interface Alike<T> {
  readonly client: T;
  readonly server: T;
  /** How much they have in common: up to 3 for each segment. */
  readonly common: number;
}

/** Pairs of two lists that have something in common: those with most first, each in one pair at most. */
export function mostAlike<T extends Holder>(clients: readonly T[], servers: readonly T[]): Alike<T>[] {
  if (clients.length === 0 || servers.length === 0) return [];
  const [near, far] = [clients, servers].map((list) => list.map((one) => ({ one, marks: marksOf(one) })));
  const all = (near ?? []).flatMap((client) =>
    (far ?? []).map((server) => ({
      client: client.one,
      server: server.one,
      common: [...client.marks].filter((each) => server.marks.has(each)).length,
    })),
  );
  const taken = new Set<T>();
  return all
    .sort((a, b) => b.common - a.common)
    .filter(({ client, server, common }) => {
      if (common === 0 || taken.has(client) || taken.has(server)) return false;
      taken.add(client).add(server);
      return true;
    });
}

/** What a path seldom changes all of: where each segment stands, its options, its data. */
function marksOf({ waiting }: Holder): Set<Mark> {
  const marks = new Set<Mark>();
  for (const { seq, length, flags, list, options, digest } of waiting) {
    marks.add(mark(1).with(seq).with(length).with(flags).value);
    if (options.length > 0) marks.add(mark(2).with(list).with(options.length).with(length).value);
    if (length > 0) marks.add(mark(3).with(digest).with(length).value);
  }
  return marks;
}
