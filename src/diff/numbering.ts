/**
 * Sequence numbers of one direction of a connection, made alike in two captures.
 *
 * @module
 */
import { groupsBy } from '../groups.ts';
import type { Side } from '../trace/connection.ts';
import type { FlowEnd } from '../trace/flow.ts';
import { type Mark, mark } from './mark.ts';
import type { Sighting } from './sighting.ts';

/** Changes of length that are followed. */
const SHIFTS = 64;

/** Places segments by where they stand behind the SYN, as the client's capture has it. */
export class Numbering {
  readonly #ends: readonly [FlowEnd, FlowEnd];
  /** Where the path made data longer or shorter: from this number of the client's capture on, the server's are so much more. */
  readonly #shifts: { readonly from: number; readonly by: number }[] = [];
  /** How much more the server's are, where a SYN that would tell was not seen; once {@link learn} was told. */
  #learnt: number | undefined = undefined;

  /** @param ends - the sender, in the client's capture and in the server's */
  constructor(ends: readonly [FlowEnd, FlowEnd]) {
    this.#ends = ends;
  }

  /** How far the path moves them, modulo 2^32; `undefined` where that cannot be told. */
  get offset(): number | undefined {
    const [client, server] = this.#ends;
    if (client.isn === undefined || server.isn === undefined) return this.#learnt;
    return (server.isn - client.isn) | 0;
  }

  /** Numbers count from the SYN: those of data are subflow sequence numbers. */
  get fromSyn(): boolean {
    return this.#ends.some(({ isn }) => isn !== undefined);
  }

  /** The number of `value`, relative to the SYN where one was seen. 32 bits unsigned. */
  of(side: Side, value: number): number {
    const relative = (value - this.#base(side)) >>> 0;
    if (side === 0 || this.#shifts.length === 0) return relative;
    const shift = this.#shifts.findLast(({ from, by }) => ((relative - by - from) | 0) >= 0);
    return shift === undefined ? relative : (relative - shift.by) >>> 0;
  }

  /** Where no SYN tells it: how much more the server's numbers are, modulo 2^32. */
  learn(offset: number): void {
    this.#learnt = offset | 0;
  }

  /** From `from` on, the server's capture has so many octets more. False where more such places are known than can be followed. */
  shift(from: number, by: number): boolean {
    if (this.#shifts.length >= SHIFTS) return false;
    this.#shifts.push({ from, by: (this.#shifts.at(-1)?.by ?? 0) + by });
    return true;
  }

  #base(side: Side): number {
    const [client, server] = this.#ends;
    const moved = this.#learnt ?? 0;
    if (side === 1) return server.isn ?? (client.isn ?? 0) + moved;
    return client.isn ?? (server.isn === undefined ? 0 : server.isn - moved);
  }
}

/** How much more the server's numbers are by most of some segments: by data, or timestamps, that one only has in each. */
export function offsetOf(client: readonly Sighting[], server: readonly Sighting[]): number | undefined {
  const far = groupsBy(server, contentOf);
  const votes = new Map<number, number>();
  for (const [content, [a, again]] of groupsBy(client, contentOf)) {
    const [b, more] = far.get(content) ?? [];
    if (a === undefined || b === undefined || again !== undefined || more !== undefined) continue;
    const offset = (b.seq - a.seq) | 0;
    votes.set(offset, (votes.get(offset) ?? 0) + 1);
  }
  return [...votes].sort(([, a], [, b]) => b - a)[0]?.[0];
}

/** What a path that moves numbers leaves as it is; `undefined` where that tells too little. */
function contentOf({ flags, length, whole, digest, timestamped, tsVal, tsEcr }: Sighting): Mark | undefined {
  if (!timestamped && (length === 0 || !whole)) return undefined;
  return mark(flags).with(length).with(digest).with(tsVal).with(tsEcr).value;
}
