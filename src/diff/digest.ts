/**
 * Digests of octets: that of a whole follows from those of its parts, however it was cut.
 *
 * @module
 */
import { u8 } from '../bytes.ts';

/** Odd, so that no single octet that changes leaves a digest as it was. */
const BASE = 0x01000193;

/** A digest of octets, 32 bits signed. */
export function digestOf(bytes: Uint8Array, offset: number, length: number): number {
  let digest = 0;
  for (let i = offset; i < offset + length; i++) digest = (Math.imul(digest, BASE) + u8(bytes, i)) | 0;
  return digest;
}

/** The digest of octets whose parts have these digests and lengths. */
export function joinDigests(parts: readonly { readonly digest: number; readonly length: number }[]): number {
  return parts.reduce((whole, { digest, length }) => (Math.imul(whole, power(length)) + digest) | 0, 0);
}

function power(exponent: number): number {
  let result = 1;
  let square = BASE;
  for (let rest = exponent; rest > 0; rest >>>= 1) {
    if ((rest & 1) === 1) result = Math.imul(result, square);
    square = Math.imul(square, square);
  }
  return result;
}
