/**
 * Data sequence numbers: 64 bits, modulo 2^64. RFC 8684 §3.3.1.
 *
 * @module
 */
import { unfit } from '../bytes.ts';

const LOW = 0xffffffffn;

/**
 * The 64-bit number that a wire number stands for: itself, where it has 64 bits; else the
 * one nearest to `reference` whose low 32 bits it is.
 *
 * At the distance 2^31 exactly, both neighbours are as near and the lower one is given.
 *
 * @param value - `bigint` of 64 bits, or `number` of 32, as DSS carries it
 * @param reference - a number known in that direction; at first the IDSN of the data's sender
 * @throws RangeError for a `number` out of 32 bits
 */
export function toUint64(value: number | bigint, reference: bigint): bigint {
  if (typeof value === 'bigint') return value;
  if (value >>> 0 !== value) throw unfit('value', value, 'an integer from 0 to 4294967295');
  const distance = BigInt.asIntN(32, BigInt(value) - (reference & LOW));
  return BigInt.asUintN(64, reference + distance);
}

/**
 * How far `a` is ahead of `b` modulo 2^64: negative where it is behind. Numbers wrap, so this
 * and no `<` compares them.
 */
export function sequenceDistance(a: bigint, b: bigint): bigint {
  return BigInt.asIntN(64, a - b);
}

/** `value` counted from `initial`: the first octet of data has 1, as Wireshark shows it. */
export function relativeSequence(value: bigint, initial: bigint): bigint {
  return BigInt.asUintN(64, value - initial);
}
