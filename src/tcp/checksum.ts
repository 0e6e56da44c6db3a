/**
 * The Internet checksum's arithmetic: ones-complement sums of 16-bit words. RFC 1071.
 *
 * @module
 */
import { u8, u16 } from '../bytes.ts';

/** Octets that are summed at a time. */
const RUN = 4096;
/** Octets below which a copy costs more than it gains. */
const SHORT = 72;

/** Room for a run, and for zeros behind it that make it whole words. */
const run: Uint8Array = /* @__PURE__ */ new Uint8Array(RUN + 4);
const view: DataView = /* @__PURE__ */ new DataView(run.buffer);

/** Written out: an engine may compute `2 ** 32` anew each time. */
const TWO_TO_32 = 0x100000000;

/**
 * Ones-complement sum of octets as big-endian 16-bit words, 0 to 65535. An odd last octet is
 * the high half of its word. The checksum is the complement: `sum ^ 0xffff`.
 *
 * Pieces of a whole sum with {@link addSums}; a piece that begins at an odd octet of the
 * whole has its sum turned by {@link swapOctets} first.
 *
 * @param bytes - buffer that holds the octets
 * @param offset - offset of the first; any alignment is equally fast
 * @param length - how many, all of them in the buffer
 * @throws RangeError when they are not
 */
export function onesComplementSum(bytes: Uint8Array, offset = 0, length: number = bytes.length - offset): number {
  if (!(offset >= 0 && length >= 0 && offset + length <= bytes.length)) {
    throw new RangeError(`length must keep ${length} octets at offset ${offset} inside a buffer of ${bytes.length}`);
  }
  if (length < SHORT) return sumOfFew(bytes, offset, offset + length);
  let sum = 0;
  for (let at = 0; at < length; at += RUN) sum = addSums(sum, sumOfRun(bytes, offset + at, Math.min(RUN, length - at)));
  return sum;
}

/** The sum of the octets before `end`, 16 bits at a time. */
function sumOfFew(bytes: Uint8Array, offset: number, end: number): number {
  let sum = 0;
  let at = offset;
  for (; at + 2 <= end; at += 2) sum += u16(bytes, at);
  if (at < end) sum += u8(bytes, at) << 8;
  return foldWords(sum);
}

/**
 * The sum of up to {@link RUN} octets. It does not depend on the byte order, so words are read in
 * the machine's usual one and the result is turned once.
 *
 * 32 bits at a time, eight words a turn, added as doubles, out of a view that is made once: a copy
 * into its buffer costs less than a view of the octets. Halves of words in integers take 1.6 times
 * as long.
 */
function sumOfRun(bytes: Uint8Array, offset: number, length: number): number {
  run.set(offset === 0 && length === bytes.length ? bytes : bytes.subarray(offset, offset + length));
  view.setUint32(length, 0);
  let words = 0;
  let others = 0;
  let at = 0;
  for (const last = length - 32; at <= last; at += 32) {
    words +=
      view.getUint32(at, true) +
      view.getUint32(at + 4, true) +
      view.getUint32(at + 8, true) +
      view.getUint32(at + 12, true);
    others +=
      view.getUint32(at + 16, true) +
      view.getUint32(at + 20, true) +
      view.getUint32(at + 24, true) +
      view.getUint32(at + 28, true);
  }
  for (; at < length; at += 4) words += view.getUint32(at, true);
  return swapOctets(foldWords(words + others));
}

/** Ones-complement sum of two sums. */
export function addSums(a: number, b: number): number {
  const sum = a + b;
  return (sum & 0xffff) + (sum >>> 16);
}

/** A sum or checksum with its two octets exchanged. */
export function swapOctets(sum: number): number {
  return ((sum & 0xff) << 8) | (sum >>> 8);
}

/** Ones-complement sum of 32-bit words whose plain sum, below 2^53, is given. */
export function foldWords(words: number): number {
  const high = Math.floor(words / TWO_TO_32);
  // Shifts and masks take the low 32 bits.
  const sum = high + (words >>> 16) + (words & 0xffff);
  return addSums(sum & 0xffff, sum >>> 16);
}
