/**
 * The mappings of one direction of a subflow, and the checksums they claim.
 *
 * A ones-complement sum does not care for the order of its parts, only whether each begins
 * at an odd octet. So data is summed piece by piece as it comes, in any order, and never kept.
 *
 * @module
 */
import { addSums, foldWords, onesComplementSum, swapOctets } from '../tcp/checksum.ts';
import { Ranges } from './ranges.ts';
import { judged, type Verdict } from './verdict.ts';

/** One checksum that was claimed for a mapping. */
export interface Claim {
  readonly checksum: number;
  readonly frame: number;
  /** `undefined` until all octets were seen. */
  verdict: Verdict | undefined;
}

/** A stretch of data that was summed. */
interface Piece {
  readonly start: number;
  readonly end: number;
  readonly sum: number;
}

/** Pieces remembered of one mapping, to notice a repeat with other content. */
const PIECES = 64;

/** Holes in a mapping's data past which it is given up: only a forger cuts data like that. */
const HOLES = 512;

/** The data under a mapping that came in several pieces. */
class Pieces {
  readonly have: Ranges = new Ranges(2 * HOLES);
  readonly list: Piece[] = [];
}

/** A mapping as DSS or MP_CAPABLE declares it, and what is known of its data. */
export class Mapping {
  /** Subflow sequence number of the first octet. */
  readonly start: number;
  /** Subflow sequence number behind the last octet; a DATA_FIN has none. */
  end: number;
  /** Offset in the data stream of the first octet. */
  dsn: number;
  readonly fin: boolean;
  /** Subflow sequence number as on the wire: 32 bits, 0 for a DATA_FIN alone. */
  readonly wireSsn: number;
  /** It was declared with a checksum. */
  readonly summed: boolean;
  readonly frame: number;
  /** The checksums that were claimed for it: several, where copies differ. */
  claims: readonly Claim[] = NONE;
  /** The checksum cannot be told: the capture left out octets that the wire had. */
  cut = false;
  /** Some of its octets came again with other content. */
  altered = false;
  /** Ones-complement sum of the octets seen. */
  private sum = 0;
  /** They came in one piece, as they nearly always do. */
  private whole = false;
  private pieces: Pieces | undefined = undefined;

  /** @param length - data-level length as on the wire, a DATA_FIN counted */
  constructor(
    start: number,
    length: number,
    fin: boolean,
    dsn: number,
    wireSsn: number,
    summed: boolean,
    frame: number,
  ) {
    this.start = start;
    this.end = start + length - (fin ? 1 : 0);
    this.dsn = dsn;
    this.fin = fin;
    this.wireSsn = wireSsn;
    this.summed = summed;
    this.frame = frame;
  }

  /** Data-level length as on the wire. */
  get length(): number {
    return this.end - this.start + (this.fin ? 1 : 0);
  }

  /** Whether every octet was seen and summed. */
  get complete(): boolean {
    return this.whole || this.end <= this.start || (this.pieces?.have.has(this.start, this.end) ?? false);
  }

  /**
   * Sum `[start, end)` of the mapping; `bytes[offset]` is the octet at `start`.
   *
   * @returns false where the same octets came before with other content
   */
  add(start: number, end: number, bytes: Uint8Array, offset: number): boolean {
    const all = start === this.start && end === this.end;
    if (this.whole) return !all || this.sum === onesComplementSum(bytes, offset, end - start);
    if (all && this.pieces === undefined) {
      this.sum = onesComplementSum(bytes, offset, end - start);
      this.whole = true;
      return true;
    }
    this.pieces ??= new Pieces();
    const { have, list } = this.pieces;
    const sumOf = (from: number, to: number): number => {
      const sum = onesComplementSum(bytes, offset + from - start, to - from);
      return (from - this.start) & 1 ? swapOctets(sum) : sum;
    };
    const same = list.find((piece) => piece.start === start && piece.end === end);
    if (same !== undefined) return same.sum === sumOf(start, end);
    if (have.size > HOLES) this.cut = true;
    if (this.cut) return true;
    have.add(start, end, 0, (from, to, owner) => {
      if (owner !== undefined) return;
      const sum = sumOf(from, to);
      this.sum = addSums(this.sum, sum);
      if (list.length < PIECES) list.push({ start: from, end: to, sum });
    });
    return true;
  }

  /** The claim of this checksum; made where it is new. */
  claim(checksum: number, frame: number): Claim {
    const known = this.claims.find((claim) => claim.checksum === checksum);
    if (known !== undefined) return known;
    const claim: Claim = { checksum, frame, verdict: undefined };
    this.claims = [...this.claims, claim];
    return claim;
  }

  /**
   * The verdict on a claim. Only for complete mappings.
   *
   * @param dsnWords - sum of the two words of the data sequence number of the first octet
   */
  judge(checksum: number, dsnWords: number): Verdict {
    const sum = addSums(this.sum, foldWords(dsnWords + this.wireSsn + this.length));
    if (addSums(sum, checksum) === 0xffff) return judged(true);
    return judged(false, addSums(sum, swapOctets(checksum)) === 0xffff ? 'byte-swapped' : undefined);
  }
}

const NONE: readonly Claim[] = [];

/** Mappings kept of one direction: those with checksums longer, so that repeats count once. */
const KEPT = 8;
const KEPT_SUMMED = 64;

/** The mappings of one direction of a subflow, in subflow order; the newest are kept. */
export class Mappings {
  readonly list: Mapping[] = [];
  /** Where the mapping ends that reaches furthest; kept when that one leaves. */
  #furthest = 0;
  /** Where the mapping ends that reaches furthest of those that left. */
  #left = 0;

  /** Let the newest mapping, where it has no checksum, grow by one that goes on behind it. */
  extend(start: number, end: number, dsn: number): boolean {
    const last = this.list.at(-1);
    if (last === undefined || last.summed || last.fin || last.end !== start || dsn - start !== last.dsn - last.start)
      return false;
    if (end - last.start > 0xffff) return false;
    last.end = end;
    if (end > this.#furthest) this.#furthest = end;
    return true;
  }

  /** The mapping that was declared alike before, or has grown to say the same. */
  find(start: number, length: number, fin: boolean, dsn: number): Mapping | undefined {
    if (!fin) {
      const known = this.covering(start, start + length);
      if (known !== undefined && !known.summed && known.dsn - known.start === dsn - start) return known;
    }
    const { list } = this;
    for (let i = this.#after(start) - 1; i >= 0; i--) {
      const mapping = list[i] as Mapping;
      if (mapping.start !== start) return undefined;
      if (mapping.dsn === dsn && mapping.fin === fin && mapping.length === length) return mapping;
    }
    return undefined;
  }

  /** Add a mapping; the one that leaves to make room for it, if any. */
  add(mapping: Mapping): Mapping | undefined {
    const { list } = this;
    const at = this.#after(mapping.start);
    if (at === list.length) list.push(mapping);
    else list.splice(at, 0, mapping);
    if (mapping.end > this.#furthest) this.#furthest = mapping.end;
    if (list.length <= (mapping.summed ? KEPT_SUMMED : KEPT)) return undefined;
    const left = list.shift() as Mapping;
    if (left.end > this.#left) this.#left = left.end;
    return left;
  }

  /** Whether a mapping that is no longer kept may have covered octets up to `end`. */
  mayHaveCovered(end: number): boolean {
    return end <= this.#left;
  }

  /** Whether a mapping from `start` on would stand behind all others. */
  isNext(start: number): boolean {
    return this.#furthest <= start;
  }

  /** The newest mapping that covers all of `[start, end)`. */
  covering(start: number, end: number): Mapping | undefined {
    for (let i = this.#after(start) - 1; i >= 0; i--) {
      const mapping = this.list[i] as Mapping;
      if (mapping.end >= end) return mapping;
      if (mapping.start + 0x10000 < start) return undefined;
    }
    return undefined;
  }

  /** Move all mappings in the data stream; forget them where nobody knows how far. */
  shift(by: number | undefined): void {
    if (by === undefined) {
      this.list.length = 0;
      this.#furthest = 0;
      this.#left = 0;
    }
    for (const mapping of this.list) mapping.dsn += by ?? 0;
  }

  /** Visit the mappings that share octets with `[start, end)`, the newest first. */
  overlapping(start: number, end: number, visit: (mapping: Mapping) => void): void {
    for (let i = this.#after(end - 1) - 1; i >= 0; i--) {
      const mapping = this.list[i] as Mapping;
      if (mapping.end > start) visit(mapping);
      else if (mapping.start + 0x10000 < start) return;
    }
  }

  /** Index of the first mapping that begins behind `start`. */
  #after(start: number): number {
    const { list } = this;
    let high = list.length;
    if (high === 0 || (list[high - 1] as Mapping).start <= start) return high;
    let low = 0;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((list[middle] as Mapping).start <= start) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
