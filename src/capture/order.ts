/**
 * Packets in order of time.
 *
 * @module
 */
import type { CapturedPacket } from './packet.ts';

/** Nanoseconds that a packet is held back at most. */
const LONGEST_HOLD = 1_000_000_000n;
/** Packets that are held back at most. */
const MOST_HELD = 4096;

/**
 * A window over packets that are nearly in order of time: dumpcap writes the packets of several
 * interfaces as their buffers are emptied.
 *
 * A packet is held back until a packet one second younger, or 4096 others, have come. One that is
 * later than that comes out late.
 */
export class TimeWindow {
  /** By time from {@link #first} on, then by arrival. */
  #held: CapturedPacket[] = [];
  #first = 0;
  #ended = false;

  /** Hold back `packet`. */
  push(packet: CapturedPacket): void {
    let at = this.#held.length;
    while (at > this.#first && this.#held[at - 1]!.time > packet.time) at--;
    if (at === this.#held.length) this.#held.push(packet);
    else this.#held.splice(at, 0, packet);
  }

  /** Let out what is held back. */
  end(): void {
    this.#ended = true;
  }

  /** The oldest packet whose turn has come, if any. */
  next(): CapturedPacket | undefined {
    const oldest = this.#held[this.#first];
    if (oldest === undefined) return undefined;
    const count = this.#held.length - this.#first;
    if (!this.#ended && count <= MOST_HELD && this.#held.at(-1)!.time - oldest.time <= LONGEST_HOLD) return undefined;
    this.#first++;
    if (this.#first > MOST_HELD) {
      this.#held = this.#held.slice(this.#first);
      this.#first = 0;
    }
    return oldest;
  }
}

/** `packets` by time, as far as {@link TimeWindow} can tell; of equal times, in their own order. */
export async function* inTimeOrder(
  packets: AsyncIterable<CapturedPacket> | Iterable<CapturedPacket>,
): AsyncGenerator<CapturedPacket> {
  const window = new TimeWindow();
  for await (const packet of packets) {
    window.push(packet);
    for (let next = window.next(); next !== undefined; next = window.next()) yield next;
  }
  window.end();
  for (let next = window.next(); next !== undefined; next = window.next()) yield next;
}
