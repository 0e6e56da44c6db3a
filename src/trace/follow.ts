/**
 * The stream of one host's application, put in order.
 *
 * @module
 */

/** A piece of a stream: octets, or a gap where none were captured. */
export type StreamPiece =
  | { readonly offset: number; readonly length: number; readonly bytes: Uint8Array }
  | { readonly offset: number; readonly length: number; readonly bytes: undefined };

/** Octets kept at most that have come before their turn. */
const HELD = 64 * 1024 * 1024;

/** What one early piece costs beside its octets. */
const OVERHEAD = 128;

/**
 * Puts the pieces of a stream in order; what comes too early is kept until its turn.
 *
 * Memory is bounded: where too much waits behind a gap, the gap is given up.
 *
 * @example
 * ```ts
 * const order = new StreamOrder();
 * tracer.on('data', ({ offset, bytes }) => {
 *   for (const piece of order.push(offset, bytes)) write(piece);
 * });
 * ```
 */
export class StreamOrder {
  readonly #limit: number;
  /** Early pieces by offset, a heap: the least is first. */
  readonly #early: { readonly offset: number; readonly bytes: Uint8Array }[] = [];
  #held = 0;
  #next = 0;

  /** @param limit - octets kept at most that have come before their turn */
  constructor(limit: number = HELD) {
    this.#limit = limit;
  }

  /** Offset behind all that was given. */
  get offset(): number {
    return this.#next;
  }

  /**
   * Take octets of the stream, at any place, once or again.
   *
   * @param bytes - kept as a copy where their turn has not come
   * @returns the pieces whose turn it is now; they alias `bytes`
   */
  push(offset: number, bytes: Uint8Array): StreamPiece[] {
    const pieces: StreamPiece[] = [];
    if (offset > this.#next) {
      this.#keep(offset, bytes.slice());
      while (this.#held > this.#limit) this.#skip(pieces);
    } else {
      this.#give(offset, bytes, pieces);
    }
    this.#release(pieces);
    return pieces;
  }

  /**
   * Nothing more comes: what is left, with its gaps.
   *
   * @param length - octets of the whole stream, where known: a gap at its end is told
   */
  end(length = 0): StreamPiece[] {
    const pieces: StreamPiece[] = [];
    while (this.#early.length > 0) {
      this.#skip(pieces);
      this.#release(pieces);
    }
    if (length > this.#next) {
      pieces.push({ offset: this.#next, length: length - this.#next, bytes: undefined });
      this.#next = length;
    }
    return pieces;
  }

  /** Give up the gap before the least early piece. */
  #skip(pieces: StreamPiece[]): void {
    const least = this.#early[0];
    if (least === undefined) return;
    if (least.offset > this.#next) {
      pieces.push({ offset: this.#next, length: least.offset - this.#next, bytes: undefined });
      this.#next = least.offset;
    }
    this.#release(pieces);
  }

  #release(pieces: StreamPiece[]): void {
    for (let least = this.#early[0]; least !== undefined && least.offset <= this.#next; least = this.#early[0]) {
      this.#drop();
      this.#give(least.offset, least.bytes, pieces);
    }
  }

  /** The part of these octets that was not given before. */
  #give(offset: number, bytes: Uint8Array, pieces: StreamPiece[]): void {
    const fresh = bytes.subarray(this.#next - offset);
    if (offset + bytes.length <= this.#next) return;
    pieces.push({ offset: this.#next, length: fresh.length, bytes: fresh });
    this.#next += fresh.length;
  }

  #keep(offset: number, bytes: Uint8Array): void {
    const heap = this.#early;
    const piece = { offset, bytes };
    this.#held += bytes.length + OVERHEAD;
    let i = heap.length;
    heap.push(piece);
    while (i > 0) {
      const parent = (i - 1) >>> 1;
      const above = heap[parent];
      if (above === undefined || above.offset <= offset) break;
      heap[i] = above;
      heap[parent] = piece;
      i = parent;
    }
  }

  #drop(): void {
    const heap = this.#early;
    const last = heap.pop();
    const least = heap[0] ?? last;
    if (last === undefined || least === undefined) return;
    this.#held -= least.bytes.length + OVERHEAD;
    if (heap.length === 0) return;
    let i = 0;
    for (;;) {
      let child = 2 * i + 1;
      if (child + 1 < heap.length && (heap[child + 1]?.offset ?? 0) < (heap[child]?.offset ?? 0)) child++;
      const below = heap[child];
      if (below === undefined || below.offset >= last.offset) break;
      heap[i] = below;
      i = child;
    }
    heap[i] = last;
  }
}
