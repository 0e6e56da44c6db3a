/**
 * The data of one host: 64-bit data sequence numbers, whatever widths the wire used.
 *
 * Inside, a number is an offset from the stream's origin: a JavaScript number, since no
 * connection carries 2^53 octets. The 64-bit value is made where somebody asks for it.
 *
 * @module
 */
import { unwrap } from './flow.ts';
import { Ranges } from './ranges.ts';

/** Farther from all that is known than any window reaches, in octets. */
const FAR = 0x40000000;

/** Runs that are kept apart though they were acknowledged. */
const RUNS = 16;

/** 2^32. */
const HIGH = 0x100000000;

/** The data that one host sends. */
export class DataStream {
  /** The 64-bit number of offset 0, in halves; `undefined` until a number is seen. */
  private originLow: number | undefined = undefined;
  /** A guess while {@link exact} is false. */
  private originHigh = 0;
  /** The upper half of the numbers is known: from the key, or from a 64-bit number on the wire. */
  exact = false;
  /** Offset of the IDSN, where the key is known. */
  start: number | undefined = undefined;
  /** Data octets mapped, with the subflow that carried each first; bounded. */
  readonly sent: Ranges = new Ranges(4096);
  /** Runs of {@link sent} at which those that were acknowledged become one. */
  private settleAt = RUNS;
  /** Least offset mapped. */
  low: number | undefined = undefined;
  /** Highest end of a mapping without its DATA_FIN, or of an acknowledgement. */
  high = 0;
  /** Highest end of a mapping, without its DATA_FIN. */
  mapped: number | undefined = undefined;
  /** Highest Data ACK of the peer. */
  acked: number | undefined = undefined;
  /** Offset and first frame of the DATA_FIN. */
  fin: { readonly offset: number; readonly frame: number } | undefined = undefined;
  /** Octets outside any mapping that reached the application: in a SYN, or after a fallback. */
  plainBytes = 0;

  /** The offset of a number on the wire; `undefined` where it is far from all that is known. */
  place(value: number | bigint): number | undefined {
    if (typeof value === 'number') return this.place32(value);
    return this.place64(Number(value >> 32n), Number(value & 0xffffffffn));
  }

  /** The offset of a 32-bit number. */
  place32(low: number): number | undefined {
    this.originLow ??= low;
    return this.#near(unwrap(low - this.originLow, this.high));
  }

  /** The offset of a 64-bit number, given in halves: BigInt arithmetic would make garbage of each packet. */
  place64(high: number, low: number): number | undefined {
    if (this.originLow === undefined) {
      this.originLow = low;
      this.originHigh = high;
      this.exact = true;
      return 0;
    }
    if (!this.exact) {
      // The upper half with which the origin lies nearest to this number.
      const ahead = this.originLow - low;
      this.originHigh = (ahead > HIGH / 2 ? high - 1 : ahead < -HIGH / 2 ? high + 1 : high) >>> 0;
      this.exact = true;
    }
    return this.#near(((high - this.originHigh) | 0) * HIGH + (low - this.originLow));
  }

  /** Whether a number on the wire is far from all that is known; what is not known says nothing. */
  isFar(value: number | bigint): boolean {
    if (this.originLow === undefined) return false;
    // Nothing is learnt from it: the upper half is compared only where it is known.
    return this.place(typeof value === 'bigint' && !this.exact ? Number(value & 0xffffffffn) : value) === undefined;
  }

  /** Learn the IDSN. False where it is far from the numbers that the wire showed before. */
  begin(idsn: bigint): boolean {
    this.start = this.place(idsn);
    return this.start !== undefined;
  }

  /** The 64-bit number of an offset. */
  absolute(offset: number): bigint {
    const origin = (BigInt(this.originHigh) << 32n) | BigInt(this.originLow ?? 0);
    return BigInt.asUintN(64, origin + BigInt(offset));
  }

  /** The sum of the two words of the 64-bit number of an offset, as a checksum counts them. */
  wordsOf(offset: number): number {
    const low = (this.originLow ?? 0) + offset;
    const high = this.originHigh + Math.floor(low / HIGH);
    return (high >>> 0) + (low >>> 0);
  }

  /** An offset counted from the IDSN: 1 is the first octet. Where the IDSN is unknown, from the least seen. */
  relative(offset: number): number {
    return offset - (this.start ?? (this.low ?? 0) - 1);
  }

  /** Note a mapping of `[from, to)`. */
  map(from: number, to: number): void {
    if (this.low === undefined || from < this.low) this.low = from;
    if (this.mapped === undefined || to > this.mapped) this.mapped = to;
    if (to > this.high) this.high = to;
    if (this.sent.size < this.settleAt || this.acked === undefined) return;
    this.sent.settle(this.acked);
    this.settleAt = Math.max(RUNS, 2 * this.sent.size);
  }

  /** Note a Data ACK of the peer. */
  acknowledge(offset: number): void {
    if (this.acked === undefined || offset > this.acked) this.acked = offset;
    if (offset > this.high) this.high = offset;
  }

  /** Whether the peer acknowledged the DATA_FIN. */
  get finished(): boolean {
    return this.fin !== undefined && this.acked !== undefined && this.acked > this.fin.offset;
  }

  /** Application octets sent on the MPTCP level. */
  get bytes(): number {
    return this.mapped === undefined ? 0 : Math.max(0, this.relative(this.mapped) - 1);
  }

  /** Application octets that the peer acknowledged on the MPTCP level. */
  get ackedBytes(): number {
    if (this.acked === undefined) return 0;
    const fin = this.finished ? 1 : 0;
    return Math.max(0, this.relative(this.acked) - 1 - fin);
  }

  /**
   * Take over what another stream noted of the same data, as carried by `owner`.
   *
   * @param again - told of octets that were there already
   * @returns what to add to an offset of the other stream; `undefined` where it is far away
   */
  adopt(from: DataStream, owner: number, again: (octets: number) => void): number | undefined {
    if (from.originLow === undefined) return 0;
    const shift = from.exact ? this.place64(from.originHigh, from.originLow) : this.place32(from.originLow);
    if (shift === undefined) return undefined;
    from.sent.each((start, end) => {
      this.map(start + shift, end + shift);
      this.sent.add(start + shift, end + shift, owner, (a, b, before) => {
        if (before !== undefined) again(b - a);
      });
    });
    if (from.acked !== undefined) this.acknowledge(from.acked + shift);
    if (from.fin !== undefined) this.fin ??= { offset: from.fin.offset + shift, frame: from.fin.frame };
    return shift;
  }

  #near(offset: number): number | undefined {
    return Math.abs(offset - this.high) < FAR ? offset : undefined;
  }
}
