/**
 * The Internet checksum's arithmetic: ones-complement sums of 16-bit words. RFC 1071.
 *
 * @module
 */
import { u8 } from '../bytes.ts';

/** Octets after which the sums of half words are folded: 16384 words of 65535 stay below 2^30. */
const RUN = 65536;

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
  // The sum does not depend on the byte order, so words are read in the machine's usual one and
  // the result is turned once. Two words of 32 bits a turn, in halves: 2.5 times the speed of a
  // loop over 16 bits.
  const view = new DataView(bytes.buffer, bytes.byteOffset + offset, length);
  let sum = 0;
  let at = 0;
  while (at + 16 <= length) {
    const end = Math.min(length, at + RUN) - 16;
    let low = 0;
    let high = 0;
    for (; at <= end; at += 16) {
      const a = view.getInt32(at, true);
      const b = view.getInt32(at + 4, true);
      const c = view.getInt32(at + 8, true);
      const d = view.getInt32(at + 12, true);
      low += (a & 0xffff) + (b & 0xffff) + (c & 0xffff) + (d & 0xffff);
      high += (a >>> 16) + (b >>> 16) + (c >>> 16) + (d >>> 16);
    }
    sum = addSums(sum, addSums(fold(low), fold(high)));
  }
  let rest = 0;
  for (; at + 2 <= length; at += 2) rest += view.getUint16(at, true);
  if (at < length) rest += u8(bytes, offset + at);
  return swapOctets(addSums(sum, fold(rest)));
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

/** A sum of up to 2^15 words, folded to 16 bits. */
function fold(sum: number): number {
  return addSums(sum & 0xffff, sum >>> 16);
}
