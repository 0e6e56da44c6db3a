/**
 * Runs of numbers, each with an owner: which octets have been seen, and who carried them.
 *
 * @module
 */

/** Told of each part of a run that {@link Ranges.add} was given: its owner before, or `undefined`. */
export type Visit = (start: number, end: number, owner: number | undefined) => void;

/** Shared by all that have at most one run. */
const NONE: number[] = [];

/**
 * A set of disjoint half-open runs in ascending order.
 *
 * Memory is bounded: past `limit` runs the two lowest become one, and what lies between
 * them counts as seen. In-order traffic of one owner is a single run; the highest run
 * stands in fields of its own, so that growing it touches nothing else.
 */
export class Ranges {
  readonly limit: number;
  /** Start of the highest run. */
  private lastStart = 0;
  private lastEnd = 0;
  private lastOwner = 0;
  private none = true;
  /** The runs below it; arrays of their own with the first. */
  private starts: number[] = NONE;
  private ends: number[] = NONE;
  private owners: number[] = NONE;

  /** @param limit - runs kept, at least 3 */
  constructor(limit = 1024) {
    this.limit = limit;
  }

  /** End of the highest run; `undefined` while there is none. */
  get end(): number | undefined {
    return this.none ? undefined : this.lastEnd;
  }

  /** How many runs there are. */
  get size(): number {
    return this.none ? 0 : this.starts.length + 1;
  }

  /** An empty set of the same bound. */
  emptied(): Ranges {
    return new Ranges(this.limit);
  }

  /** Every run in order: start, end and owner. */
  each(visit: (start: number, end: number, owner: number) => void): void {
    if (this.none) return;
    this.starts.forEach((start, i) => {
      visit(start, this.ends[i] as number, this.owners[i] as number);
    });
    visit(this.lastStart, this.lastEnd, this.lastOwner);
  }

  /** Make one run of all that end at or below `value`: nobody asks any more who owned them. */
  settle(value: number): void {
    let count = 0;
    while (count < this.ends.length && (this.ends[count] as number) <= value) count++;
    if (count < 2) return;
    this.ends.splice(0, count - 1);
    this.starts.splice(1, count - 1);
    this.owners.splice(0, count - 1);
  }

  /** Whether all of `[start, end)` is in one run. */
  has(start: number, end: number): boolean {
    if (this.none) return false;
    if (start >= this.lastStart) return end <= this.lastEnd;
    const i = this.#indexOf(start);
    return i < this.starts.length && (this.starts[i] as number) <= start && (this.ends[i] as number) >= end;
  }

  /** Whether `[start, ...)` would begin behind all runs. */
  isNext(start: number): boolean {
    return this.none || start >= this.lastEnd;
  }

  /** Add `[start, end)` where it begins behind all others, the case of traffic in order; else change nothing. */
  append(start: number, end: number, owner = 0): boolean {
    if (!this.none) {
      if (start < this.lastEnd) return false;
      if (start === this.lastEnd && owner === this.lastOwner) {
        this.lastEnd = end;
        return true;
      }
      this.#pushLast();
      this.#bound();
    }
    this.none = false;
    this.lastStart = start;
    this.lastEnd = end;
    this.lastOwner = owner;
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
    if (this.append(start, end, owner)) {
      visit?.(start, end, undefined);
      return end - start;
    }
    this.#pushLast();
    const fresh = this.#insert(start, end, owner, visit);
    this.lastStart = this.starts.pop() as number;
    this.lastEnd = this.ends.pop() as number;
    this.lastOwner = this.owners.pop() as number;
    this.#bound();
    return fresh;
  }

  #insert(start: number, end: number, owner: number, visit: Visit | undefined): number {
    const last = this.starts.length - 1;
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
    return fresh;
  }

  /** Put the highest run to the others. */
  #pushLast(): void {
    if (this.starts === NONE) {
      this.starts = [];
      this.ends = [];
      this.owners = [];
    }
    this.starts.push(this.lastStart);
    this.ends.push(this.lastEnd);
    this.owners.push(this.lastOwner);
  }

  /** Make the two lowest runs one while there are more than the limit; the highest is not among them. */
  #bound(): void {
    while (this.starts.length > 1 && this.starts.length >= this.limit) {
      this.ends.splice(0, 1);
      this.starts.splice(1, 1);
      this.owners.splice(0, 1);
    }
  }

  /** Index of the first of the lower runs that ends behind `value`. */
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
}
