/**
 * The data of a mapping, in one buffer or in pieces.
 *
 * @module
 */
import { octets } from '../bytes.ts';

/** Data of a mapping: one buffer, or pieces in order. */
export type Payload = Uint8Array | readonly Uint8Array[];

/** The pieces of a payload. TypeError for its mere length, which is not enough for a checksum. */
export function piecesOf(payload: Payload | number): readonly Uint8Array[] {
  return Array.isArray(payload) ? payload : [octets(payload as Uint8Array, 'payload')];
}

/** Octets in all pieces. TypeError where one is none. */
export function lengthOf(pieces: readonly Uint8Array[]): number {
  return pieces.reduce((sum, piece) => sum + octets(piece, 'payload').length, 0);
}
