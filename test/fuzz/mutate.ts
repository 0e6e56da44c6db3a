/**
 * Changes to octets, small and large.
 *
 * @module
 */

/** 32-bit random numbers, the same for a seed. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0 || 1;
  }

  next(): number {
    this.#state ^= this.#state << 13;
    this.#state ^= this.#state >>> 17;
    this.#state ^= this.#state << 5;
    return this.#state >>> 0;
  }

  /** From 0 to `end` - 1; 0 where `end` is 0. */
  below(end: number): number {
    return end === 0 ? 0 : this.next() % end;
  }

  pick<T>(from: readonly T[]): T {
    return from[this.below(from.length)]!;
  }
}

/** Octets and small numbers at which code takes other ways. */
const SPECIAL: readonly number[] = [0, 1, 2, 3, 4, 5, 8, 12, 16, 20, 24, 30, 32, 40, 64, 127, 128, 254, 255];

/** No mutant is longer. */
const LONGEST = 1 << 16;

/** A mutant of `input`, made with parts of `other`: one to eight changes. */
export function mutate(input: Uint8Array, other: Uint8Array, random: Random): Uint8Array {
  let bytes = new Uint8Array(input);
  for (let changes = 1 << random.below(4); changes > 0; changes--) bytes = change(bytes, other, random);
  return bytes.subarray(0, LONGEST);
}

function change(bytes: Uint8Array, other: Uint8Array, random: Random): Uint8Array<ArrayBuffer> {
  const at = random.below(bytes.length + 1);
  const size = random.below(4) === 0 ? random.below(64) : 1 + random.below(8);
  switch (random.below(9)) {
    case 0:
      return replaced(bytes, at, 1, [(bytes[at] ?? 0) ^ (1 << random.below(8))]);
    case 1:
      return replaced(bytes, at, 1, [random.pick(SPECIAL)]);
    case 2:
      return replaced(bytes, at, 1, [(bytes[at] ?? 0) + random.below(33) - 16]);
    case 3:
      return replaced(bytes, at, size, []);
    case 4:
      return replaced(
        bytes,
        at,
        0,
        Array.from({ length: size }, () => random.below(256)),
      );
    case 5:
      return replaced(bytes, at, 0, bytes.subarray(random.below(bytes.length), at + size));
    case 6: {
      const from = random.below(other.length);
      return replaced(bytes, at, random.below(2) * size, other.subarray(from, from + size));
    }
    case 7: {
      const fill = random.pick([0, 255]);
      return replaced(bytes, at, size, new Array<number>(Math.min(size, bytes.length - at)).fill(fill));
    }
    default: {
      const value = random.pick([...SPECIAL, bytes.length, 0xffff, 0x10000, 0x7fffffff, 0x80000000, 0xffffffff]);
      const octets = [value >>> 24, value >>> 16, value >>> 8, value].map((octet) => octet & 255);
      const part = octets.slice(random.pick([0, 2]));
      return replaced(bytes, at, part.length, random.below(2) === 0 ? part : part.reverse());
    }
  }
}

function replaced(bytes: Uint8Array, at: number, remove: number, put: ArrayLike<number>): Uint8Array<ArrayBuffer> {
  const tail = bytes.subarray(Math.min(at + remove, bytes.length));
  const made = new Uint8Array(at + put.length + tail.length);
  made.set(bytes.subarray(0, at));
  made.set(put, at);
  made.set(tail, at + put.length);
  return made;
}
