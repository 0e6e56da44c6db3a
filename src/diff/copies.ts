/**
 * Packets that one capture has twice.
 *
 * @module
 */
import { type Mark, mark } from './mark.ts';
import type { Sighting } from './sighting.ts';

/** Packets among which a copy of one is looked for: a power of 2. */
const RECENT = 8192;

/** Nanoseconds that a packet may wait between two interfaces, where its number tells it from a retransmission. */
const QUEUED = 1_000_000_000n;

/** Nanoseconds where nothing does. */
const AT_ONCE = 10_000_000n;

/** Finds packets that were captured twice, on two interfaces. Holds numbers only: no packet is kept for it. */
export class Copies {
  readonly #marks: Float64Array = new Float64Array(RECENT);
  readonly #times: BigInt64Array = new BigInt64Array(RECENT);

  /** Whether a packet of the connection `id` was captured before. */
  has(id: number, sighting: Sighting): boolean {
    const own = markOf(id, sighting);
    const slot = own % RECENT;
    const { identification, time } = sighting;
    if (this.#marks[slot] === own) {
      const apart = time - (this.#times[slot] ?? 0n);
      if (apart < (identification === 0 ? AT_ONCE : QUEUED) && apart >= 0n) return true;
    }
    this.#marks[slot] = own;
    this.#times[slot] = BigInt.asIntN(64, time);
    return false;
  }
}

function markOf(id: number, { seq, ack, flags, length, digest, identification, optionsDigest }: Sighting): Mark {
  return mark(id).with(seq).with(ack).with(flags).with(length).with(digest).with(identification).with(optionsDigest)
    .value;
}
