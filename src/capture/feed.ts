/**
 * Octets that arrive in chunks, read as if they were contiguous.
 *
 * A chunk is read in place. Only a record that two chunks share is copied, into a carry buffer
 * that grows with the octets that have arrived, never with a length that a file declares.
 *
 * @module
 */
import type { Damage } from './packet.ts';

const EMPTY: Uint8Array = /* @__PURE__ */ new Uint8Array(0);
const NO_VIEW: DataView = /* @__PURE__ */ new DataView(/* @__PURE__ */ new ArrayBuffer(0));

/** The octets of a file, from the first unread one on. */
export class Feed {
  /** What is readable in place: the chunk, or the carry buffer. */
  bytes: Uint8Array = EMPTY;
  /** Over {@link bytes}. One for each chunk: one for each packet would cost more than its decoding. */
  view: DataView = NO_VIEW;
  /** Offset in {@link bytes} of the first unread octet. */
  at = 0;
  /** Offset in {@link bytes} after the last readable octet. */
  end = 0;
  /** No further chunk will come. */
  ended = false;
  damage: Damage | undefined = undefined;

  #chunk: Uint8Array = EMPTY;
  #chunkView: DataView = NO_VIEW;
  /** Offset in the chunk of the first octet that is not in the carry buffer. */
  #next = 0;
  #carry: Uint8Array = EMPTY;
  #carryView: DataView = NO_VIEW;
  #carrying = false;
  #received = 0;
  /** Offset in the file from which on octets are lost, or -1. */
  #lostAt = -1;
  /** Why they are. */
  #reason = '';

  /** Offset in the file of the first unread octet. */
  get position(): number {
    return this.#received - (this.end - this.at) - (this.#carrying ? this.#chunk.length - this.#next : 0);
  }

  /** Append `chunk`. It is read in place until {@link require} has returned `false`. */
  push(chunk: Uint8Array): void {
    if (this.#carrying) this.#append(this.#chunk.length - this.#next);
    else this.#startCarry();
    // One shape of receiver in the hot loops: a Buffer among Uint8Arrays costs them 10 %.
    if (Object.getPrototypeOf(chunk) !== Uint8Array.prototype) {
      chunk = new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.length);
    }
    if (chunk !== this.#chunk) {
      this.#chunk = chunk;
      this.#chunkView = new DataView(chunk.buffer, chunk.byteOffset, chunk.length);
    }
    this.#next = 0;
    this.#received += chunk.length;
  }

  /** Whether `length` unread octets are readable in place at {@link at}; makes it so where they have arrived. */
  require(length: number): boolean {
    return this.end - this.at >= length || this.#gather(length);
  }

  /** Note damage at the file's offset `at`; the first is kept, lost octets add up. */
  damaged(at: number, message: string, lostOctets: number): void {
    const first = this.damage ?? { at, message, lostOctets: 0 };
    this.damage = { ...first, lostOctets: first.lostOctets + lostOctets };
  }

  /** Note that the next octet begins nothing that can be read; {@link search} is to find what can. */
  lose(message: string): void {
    this.#lostAt = this.position;
    this.#reason = message;
    this.damaged(this.#lostAt, message, 0);
    this.at++;
  }

  /**
   * Where octets were lost, go to the next one from which `probe` says that reading can go on.
   *
   * @param least - octets that `probe` needs in place
   * @param probe - whether to read from {@link at}; `undefined`: not to be told before more octets arrive
   * @returns whether there is something to read
   */
  search(least: number, probe: () => boolean | undefined): boolean {
    if (this.#lostAt < 0) return true;
    let found: boolean | undefined = false;
    while (!found && this.require(least)) {
      found = probe();
      if (found === undefined) return false;
      if (!found) this.#step(least);
    }
    if (!found && !this.ended) return false;
    if (!found) this.at = this.end;
    this.damaged(this.#lostAt, this.#reason, this.position - this.#lostAt);
    this.#lostAt = -1;
    return found;
  }

  /** Go to the next octet from which `least` octets are not all zeros: a hole of 1 GB takes 0.3 s instead of 5. */
  #step(least: number): void {
    this.at++;
    let zeros = this.at;
    while (zeros + 4 <= this.end && this.view.getUint32(zeros) === 0) zeros += 4;
    this.at = Math.max(this.at, zeros - least);
  }

  #gather(length: number): boolean {
    for (;;) {
      const unread = this.end - this.at;
      if (unread >= length) return true;
      if (!this.#carrying) {
        this.#startCarry();
        return false;
      }
      if (this.#next === this.#chunk.length) return false;
      if (unread > this.#next) {
        this.#append(Math.min(length - unread, this.#chunk.length - this.#next));
      } else {
        // All that is unread of the carry buffer came from this chunk: back to reading in place.
        this.#carrying = false;
        this.bytes = this.#chunk;
        this.view = this.#chunkView;
        this.at = this.#next - unread;
        this.end = this.#chunk.length;
      }
    }
  }

  /** Move what is unread of the chunk to the carry buffer. */
  #startCarry(): void {
    const rest = this.at;
    this.#next = rest;
    this.#carrying = true;
    this.bytes = this.#carry;
    this.view = this.#carryView;
    this.at = 0;
    const length = this.end - rest;
    this.end = 0;
    this.#append(length);
  }

  /** Append the next `length` octets of the chunk to the carry buffer. */
  #append(length: number): void {
    const unread = this.end - this.at;
    if (this.end + length > this.#carry.length) {
      // Half of it stays free, so that moving the unread octets to its start costs each octet once.
      if (2 * (unread + length) > this.#carry.length) {
        this.#carry = new Uint8Array(Math.max(2 * (unread + length), 4096));
        this.#carryView = new DataView(this.#carry.buffer);
      }
      this.#carry.set(this.bytes.subarray(this.at, this.end));
      this.bytes = this.#carry;
      this.view = this.#carryView;
      this.at = 0;
      this.end = unread;
    }
    this.#carry.set(this.#chunk.subarray(this.#next, this.#next + length), this.end);
    this.end += length;
    this.#next += length;
  }
}
