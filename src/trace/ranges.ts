/**
 * Runs of numbers, each with an owner: which octets have been seen, and who carried them.
 *
 * @module
 */

/** Told of each part of a run that {@link Ranges.add} was given: its owner before, or `undefined`. */
export type Visit = (start: number, end: number, owner: number | undefined) => void;

/**
 * A set of disjoint half-open runs in ascending order.
 *
 * Memory is bounded: past `limit` runs the two lowest become one, and what lies between
 * them counts as seen. In-order traffic of one owner is a single run.
 */
export class Ranges {
  readonly limit: number;
  private readonly starts: number[] = [];
  private readonly ends: number[] = [];
  private readonly owners: number[] = [];

  constructor(limit = 1024) {
    this.limit = limit;
  }

  /** End of the highest run; `undefined` while there is none. */
  get end(): number | undefined {
    return this.ends.at(-1);
  }

  /** How many runs there are. */
  get size(): number {
    return this.starts.length;
  }

  /** An empty set of the same bound. */
  emptied(): Ranges {
    return new Ranges(this.limit);
  }

  /** Every run in order: start, end and owner. */
  each(visit: (start: number, end: number, owner: number) => void): void {
    this.starts.forEach((start, i) => {
      visit(start, this.ends[i] as number, this.owners[i] as number);
    });
  }

  /** Whether all of `[start, end)` is in the set. */
  has(start: number, end: number): boolean {
    const i = this.#indexOf(start);
    return i < this.starts.length && (this.starts[i] as number) <= start && (this.ends[i] as number) >= end;
  }

  /** Add `[start, end)` where it begins behind all others, the case of traffic in order; else change nothing. */
  append(start: number, end: number, owner = 0): boolean {
    const last = this.ends.length - 1;
    if (last >= 0 && start < (this.ends[last] as number)) return false;
    this.#append(last, start, end, owner);
    return true;
  }

  /**
   * Add `[start, end)`. Parts that are there already keep their owner.
   *
   * @param visit - told of each part in order, with the owner it had before
   * @returns how many numbers were new
   */
  add(start: number, end: number, owner = 0, visit?: Visit): number {
    if (end <= start) return 0;
    const last = this.starts.length - 1;
    if (last < 0 || start >= (this.ends[last] as number)) {
      visit?.(start, end, undefined);
      this.#append(last, start, end, owner);
      return end - start;
    }
    // Neighbours that only touch are taken along, so that runs of one owner grow together.
    const first = this.#indexOf(start - 1);
    const starts: number[] = [];
    const ends: number[] = [];
    const owners: number[] = [];
    const keep = (from: number, to: number, who: number): void => {
      const top = starts.length - 1;
      if (top >= 0 && ends[top] === from && owners[top] === who) ends[top] = to;
      else {
        starts.push(from);
        ends.push(to);
        owners.push(who);
      }
    };
    let at = start;
    let fresh = 0;
    let i = first;
    for (; i <= last && (this.starts[i] as number) <= end; i++) {
      const [from, to, who] = [this.starts[i] as number, this.ends[i] as number, this.owners[i] as number];
      if (at < from) {
        visit?.(at, from, undefined);
        keep(at, from, owner);
        fresh += from - at;
      }
      if (to > start && from < end) visit?.(Math.max(at, from), Math.min(to, end), who);
      keep(from, to, who);
      at = Math.max(at, to);
    }
    if (at < end) {
      visit?.(at, end, undefined);
      keep(at, end, owner);
      fresh += end - at;
    }
    this.starts.splice(first, i - first, ...starts);
    this.ends.splice(first, i - first, ...ends);
    this.owners.splice(first, i - first, ...owners);
    this.#bound();
    return fresh;
  }

  #append(last: number, start: number, end: number, owner: number): void {
    if (last >= 0 && this.ends[last] === start && this.owners[last] === owner) {
      this.ends[last] = end;
      return;
    }
    this.starts.push(start);
    this.ends.push(end);
    this.owners.push(owner);
    this.#bound();
  }

  /** Index of the first run that ends behind `value`. */
  #indexOf(value: number): number {
    let low = 0;
    let high = this.ends.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.ends[middle] as number) <= value) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #bound(): void {
    while (this.starts.length > this.limit) {
      this.ends.splice(0, 1);
      this.starts.splice(1, 1);
      this.owners.splice(0, 1);
    }
  }
}
