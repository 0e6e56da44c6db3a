/**
 * What a decoder returns for octets that are no option.
 *
 * @module
 */

/** What is wrong with octets that could not be decoded. */
export type MalformedReason =
  /** The octets end before the length they declare. */
  | 'truncated'
  /** The kind octet is not 30. */
  | 'kind'
  /** The declared length fits no form of this option. */
  | 'length'
  /** ADD_ADDR that is neither an echo nor carries an HMAC, and is not of version 0. */
  | 'no-hmac'
  /** ADD_ADDR of version 0 whose IPVer and length disagree. */
  | 'family';

/**
 * Octets that are no option. Hostile octets are data, so decoders return this instead of
 * throwing; only encoders throw. Encoding it gives back its octets.
 */
export interface Malformed {
  readonly type: 'MALFORMED';
  readonly reason: MalformedReason;
  /** Offset in `bytes` of the first offending octet; `bytes.length` where the next octet is missing. */
  readonly at: number;
  /** The octets, as far as they are there. Aliases the decoded buffer. */
  readonly bytes: Uint8Array;
}

/** The {@link Malformed} of the `length` octets at `offset`. */
export function malformed(
  reason: MalformedReason,
  at: number,
  bytes: Uint8Array,
  offset: number,
  length: number,
): Malformed {
  return { type: 'MALFORMED', reason, at, bytes: bytes.subarray(offset, offset + length) };
}
