/**
 * Which connections of two captures are one: those whose segments have most in common.
 *
 * @module
 */
import { type Mark, mark } from './mark.ts';
import type { Trail } from './trail.ts';

/** A connection in both captures, as it seems. */
export interface Alike {
  readonly client: Trail;
  readonly server: Trail;
  /** How much of what waits of them they have in common: up to 3 for each segment. */
  readonly common: number;
}

/** Pairs of two lists that have something in common: those with most first, each in one pair at most. */
export function mostAlike(clients: readonly Trail[], servers: readonly Trail[]): Alike[] {
  if (clients.length === 0 || servers.length === 0) return [];
  const far = servers.map((server) => ({ server, marks: marksOf(server) }));
  const all = clients.flatMap((client) => {
    const own = [...marksOf(client)];
    return far.map(({ server, marks }) => ({ client, server, common: own.filter((each) => marks.has(each)).length }));
  });
  const taken = new Set<Trail>();
  return all
    .sort((a, b) => b.common - a.common)
    .filter(({ client, server, common }) => {
      if (common === 0 || taken.has(client) || taken.has(server)) return false;
      taken.add(client).add(server);
      return true;
    });
}

/** What a path seldom changes all of: where each segment stands, its options, its data. */
function marksOf({ waiting }: Trail): Set<Mark> {
  const marks = new Set<Mark>();
  for (const { seq, length, flags, optionsDigest, options, digest } of waiting) {
    marks.add(mark(1).with(seq).with(length).with(flags).value);
    if (options.length > 0) marks.add(mark(2).with(optionsDigest).with(options.length).with(length).value);
    if (length > 0) marks.add(mark(3).with(digest).with(length).value);
  }
  return marks;
}
