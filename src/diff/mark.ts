/**
 * Marks: one number for several, to look segments up by what they have in common.
 *
 * @module
 */

/** 53 bits, of which no part shows what went in: two that differ have one mark by chance once in 10^15. */
export type Mark = number;

const WORD = 2 ** 32;

/** Mixes numbers into a mark. */
class Mixer {
  #low = 0;
  #high = 0;

  start(seed: number): this {
    this.#low = mix(1, seed | 0);
    this.#high = mix(2, (seed / WORD) | 0);
    return this;
  }

  /** Take in 32 bits. */
  with(value: number): this {
    this.#low = mix(this.#low, value);
    this.#high = mix(this.#high ^ this.#low, value);
    return this;
  }

  get value(): Mark {
    return (this.#high >>> 11) * WORD + (this.#low >>> 0);
  }
}

const mixer = new Mixer();

/** Begin a mark with an integer or another mark. There is one mixer: its value is to be taken before the next is begun. */
export function mark(seed: number): Mixer {
  return mixer.start(seed);
}

function mix(hash: number, value: number): number {
  const mixed = Math.imul(hash ^ value, 0x9e3779b1);
  return mixed ^ (mixed >>> 15);
}

/** Marks that are remembered: a newer one in its place drives one out. */
const ROOM = 65_536;

/** Remembers marks, in a fixed room. */
export class Marks {
  readonly #marks: Float64Array = new Float64Array(ROOM);

  note(one: Mark): void {
    this.#marks[one % ROOM] = one;
  }

  has(one: Mark): boolean {
    return this.#marks[one % ROOM] === one;
  }
}
