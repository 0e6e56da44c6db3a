/**
 * From option to option of a TCP option list, RFC 9293 §3.1.
 *
 * @module
 */
import { u8 } from '../bytes.ts';

/** End of Option List. */
export const EOL = 0;
/** No-Operation. */
export const NOP = 1;
/** Window Scale, RFC 7323 §2.2. */
export const WINDOW_SCALE = 3;
/** SACK Permitted, RFC 2018 §2. */
export const SACK_PERMITTED = 4;
/** Timestamps, RFC 7323 §3.2. */
export const TIMESTAMPS = 8;
/** No-Operation twice, then Timestamps: what Linux puts before the MPTCP option of nearly every segment. */
export const NOP_NOP_TIMESTAMPS: number = (NOP << 24) | (NOP << 16) | (TIMESTAMPS << 8) | 10;

const EMPTY: Uint8Array = /* @__PURE__ */ new Uint8Array(0);

/** Walks a TCP option list without allocating. Reuse one for every segment. */
export class OptionWalk {
  /** Buffer given to {@link reset}. */
  bytes: Uint8Array = EMPTY;
  /** Option kind. */
  kind = 0;
  /** Offset of the kind octet. */
  offset = 0;
  /** Octets in the option, kind and length included. */
  length = 0;
  /** Offset where the list ends. */
  end = 0;
  /** Why the walk stopped before the end of the list, when it did; it stopped at {@link offset}. */
  fault: 'truncated' | 'length' | undefined = undefined;

  /** Start at the octet `start`; stop before `end`. */
  reset(bytes: Uint8Array, start = 0, end: number = bytes.length): this {
    // Storing a reference tells the garbage collector, which costs as much as the rest.
    if (bytes !== this.bytes) this.bytes = bytes;
    this.offset = start;
    this.length = 0;
    this.fault = undefined;
    this.end = Math.min(end, bytes.length);
    return this;
  }

  /** Move to the next option; `false` at the end of the list, at End of Option List, or at a fault. */
  next(): boolean {
    const at = this.offset + this.length;
    if (at >= this.end || this.fault !== undefined) return false;
    this.offset = at;
    this.kind = u8(this.bytes, at);
    this.length = 1;
    if (this.kind === EOL) {
      this.end = at;
      return false;
    }
    if (this.kind === NOP) return true;
    if (at + 1 >= this.end) return this.#stop('truncated');
    this.length = u8(this.bytes, at + 1);
    if (this.length < 2) return this.#stop('length');
    if (at + this.length > this.end) return this.#stop('truncated');
    return true;
  }

  #stop(fault: 'truncated' | 'length'): false {
    this.fault = fault;
    return false;
  }
}
