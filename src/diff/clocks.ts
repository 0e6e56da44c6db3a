/**
 * The clocks of two captures: how far apart they are, and how long the way between them takes.
 *
 * @module
 */

/** Nanoseconds in which clocks do not drift apart. */
const AT_ONE_TIME = 1_000_000_000n;

/** Nanoseconds that clocks which drift may take from a way that takes no time. */
const JITTER = 5000n;

/** Pairs each way that must tell so before captures are the wrong way round: nine in ten of them. */
const SURE = 6;

/** The last pair of one direction. */
interface Way {
  /** When the client's clock saw it. */
  readonly time: bigint;
  /** How much later the server's clock saw it. */
  readonly later: bigint;
}

/** Learns from pairs of segments, one each way at about one time, what their clocks tell. */
export class Clocks {
  /** Nanoseconds that the last pair was later by the server's clock. */
  offset: bigint | undefined = undefined;
  readonly #ways: [Way | undefined, Way | undefined] = [undefined, undefined];
  /** Pairs each way by which the way takes some time, and by which it takes less than none. */
  #for = 0;
  #against = 0;
  #best: { readonly offset: bigint; readonly roundTrip: bigint } | undefined = undefined;

  /** Seconds with 9 decimals: how far the server's clock is ahead, and the least time there and back. */
  get report(): { readonly offset: string; readonly roundTrip: string } | undefined {
    if (this.#best === undefined) return undefined;
    return { offset: seconds(this.#best.offset), roundTrip: seconds(this.#best.roundTrip) };
  }

  /** Whether segments arrived before they were sent: the captures are the wrong way round. */
  get backwards(): boolean {
    return this.#against >= SURE && this.#against > 9 * this.#for;
  }

  /** Nanoseconds that the server's clock is ahead, as well as it can be told. */
  get ahead(): bigint {
    return this.#best?.offset ?? this.offset ?? 0n;
  }

  /** Where no pair has told yet, how far apart the first segments of one connection are must do. */
  guess(later: bigint): void {
    this.offset ??= later;
  }

  /**
   * A segment that the client's clock saw at `time`, and the server's so much `later`.
   *
   * @param sure - who sent it is known, not only likely
   */
  note(time: bigint, later: bigint, fromClient: boolean, sure: boolean): void {
    this.offset = later;
    this.#ways[fromClient ? 0 : 1] = { time, later };
    const [there, back] = this.#ways;
    if (there === undefined || back === undefined || size(there.time - back.time) > AT_ONE_TIME) return;
    const roundTrip = there.later - back.later;
    if (!sure || roundTrip >= -JITTER) this.#for++;
    else this.#against++;
    if (this.#best !== undefined && size(this.#best.roundTrip) <= size(roundTrip)) return;
    this.#best = { offset: (there.later + back.later) / 2n, roundTrip };
  }
}

function size(value: bigint): bigint {
  return value < 0n ? -value : value;
}

function seconds(nanoseconds: bigint): string {
  const digits = size(nanoseconds).toString().padStart(10, '0');
  return `${nanoseconds < 0n ? '-' : ''}${digits.slice(0, -9)}.${digits.slice(-9)}`;
}
