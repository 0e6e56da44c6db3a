/**
 * What follows from the keys: tokens, initial data sequence numbers, and the HMACs of MP_JOIN
 * and ADD_ADDR. RFC 8684 §3.1, §3.2, §3.4.1; RFC 6824 has SHA-1 in the place of SHA-256.
 *
 * A key is 8 octets, and any 8 will do: all zeros too, although Linux never generates them.
 * Everything is synchronous. What is computed is compared in constant time.
 *
 * @module
 */
import { u32, u64 } from '../bytes.ts';
import {
  ACK_HMAC,
  block,
  hashKey,
  hmac,
  KEY,
  keyedState,
  matches,
  putAddress,
  putNonces,
  TRUNCATED_HMAC,
} from './hmac.ts';

export { ConnectionKeys } from './connection-keys.ts';

/** The two keys of a connection, as one host's HMACs take them. */
export interface KeyPair {
  /** Key of the host that sends the HMAC, 8 octets. */
  readonly senderKey: Uint8Array;
  /** Key of the host that receives it, 8 octets. */
  readonly receiverKey: Uint8Array;
}

/**
 * What MP_JOIN's HMAC is made of. Sender and receiver are those of the HMAC, on the subflow
 * that joins, whichever of them opened the connection.
 */
export interface JoinHmacInput extends KeyPair {
  /** Random number that the sender of the HMAC sends, 32 bits. */
  readonly senderNonce: number;
  /** Random number that the receiver of the HMAC sends, 32 bits. */
  readonly receiverNonce: number;
  /** 1 by default. */
  readonly version?: 0 | 1 | undefined;
}

/** What ADD_ADDR's HMAC is made of. Version 0 has none. */
export interface AddAddrHmacInput extends KeyPair {
  /** 0 to 255. */
  readonly addressId: number;
  /** 4 or 16 octets. */
  readonly address: Uint8Array;
  /** 0 to 65535; absent: 0, which the HMAC covers all the same. */
  readonly port?: number | undefined;
}

/** A fresh key: 8 random octets. A host picks another one where the token is in use already. */
export function generateKey(): Uint8Array<ArrayBuffer> {
  return crypto.getRandomValues(new Uint8Array(KEY));
}

/**
 * The token of a key: the most significant 32 bits of its hash.
 *
 * @param key - 8 octets
 * @param version - 0: SHA-1; 1: SHA-256
 * @throws RangeError or TypeError that names the argument
 * @example
 * ```ts
 * token(fromHex('8f0c7c64a6a32ac1')); // 0x2e1abded
 * ```
 */
export function token(key: Uint8Array, version: 0 | 1 = 1): number {
  hashKey(key, 'key', version);
  return u32(block, 0);
}

/**
 * The initial data sequence number that follows from a key: the least significant 64 bits of
 * its hash. The first octet of data has the next number.
 *
 * @param key - 8 octets, of the host that sends the data
 * @param version - 0: SHA-1; 1: SHA-256
 * @throws RangeError or TypeError that names the argument
 */
export function idsn(key: Uint8Array, version: 0 | 1 = 1): bigint {
  return u64(block, hashKey(key, 'key', version) - 8);
}

/**
 * Where among `keys` those with this token are: one as a rule, none for a join to an unknown
 * connection, several where tokens collide and only the HMAC can tell.
 *
 * Costs one hash a key; a server keeps a map from tokens instead.
 *
 * @param wanted - the `receiverToken` of an MP_JOIN
 * @param version - 0: SHA-1; 1: SHA-256
 * @throws RangeError or TypeError that names the key that is none
 */
export function findToken(wanted: number, keys: Iterable<Uint8Array>, version: 0 | 1 = 1): number[] {
  const found: number[] = [];
  let position = 0;
  for (const key of keys) {
    hashKey(key, `keys[${position}]`, version);
    if (u32(block, 0) === wanted) found.push(position);
    position++;
  }
  return found;
}

/**
 * The HMAC of MP_JOIN's third ACK: the leftmost 160 bits, 20 octets.
 *
 * @throws RangeError or TypeError that names the argument
 */
export function joinHmac(input: JoinHmacInput): Uint8Array<ArrayBuffer> {
  computeJoin(input);
  return block.slice(0, ACK_HMAC);
}

/**
 * The HMAC of MP_JOIN's SYN/ACK: the leftmost 64 bits, 8 octets.
 *
 * @throws RangeError or TypeError that names the argument
 */
export function truncatedJoinHmac(input: JoinHmacInput): Uint8Array<ArrayBuffer> {
  computeJoin(input);
  return block.slice(0, TRUNCATED_HMAC);
}

/**
 * MP_JOIN's HMAC before it is cut: 32 octets, in version 0 20.
 *
 * @throws RangeError or TypeError that names the argument
 */
export function fullJoinHmac(input: JoinHmacInput): Uint8Array<ArrayBuffer> {
  return block.slice(0, computeJoin(input));
}

/**
 * Whether `received`, the `hmac` of an MP_JOIN's third ACK, is the one its sender must send. Constant time.
 *
 * @throws RangeError or TypeError that names the argument
 */
export function verifyJoinHmac(input: JoinHmacInput, received: Uint8Array): boolean {
  computeJoin(input);
  return matches(0, ACK_HMAC, received, 'hmac');
}

/**
 * Whether `received`, the `truncatedHmac` of an MP_JOIN's SYN/ACK, is the one its sender must send. Constant time.
 *
 * @throws RangeError or TypeError that names the argument
 */
export function verifyTruncatedJoinHmac(input: JoinHmacInput, received: Uint8Array): boolean {
  computeJoin(input);
  return matches(0, TRUNCATED_HMAC, received, 'truncatedHmac');
}

/**
 * The HMAC of ADD_ADDR: the rightmost 64 bits, 8 octets.
 *
 * @throws RangeError or TypeError that names the argument
 */
export function addAddrHmac(input: AddAddrHmacInput): Uint8Array<ArrayBuffer> {
  const size = computeAddAddr(input);
  return block.slice(size - TRUNCATED_HMAC, size);
}

/**
 * ADD_ADDR's HMAC before it is cut, 32 octets.
 *
 * @throws RangeError or TypeError that names the argument
 */
export function fullAddAddrHmac(input: AddAddrHmacInput): Uint8Array<ArrayBuffer> {
  return block.slice(0, computeAddAddr(input));
}

/**
 * Whether `received`, the `truncatedHmac` of an ADD_ADDR, is the one its sender must send. Constant time.
 *
 * @throws RangeError or TypeError that names the argument
 */
export function verifyAddAddrHmac(input: AddAddrHmacInput, received: Uint8Array): boolean {
  const size = computeAddAddr(input);
  return matches(size - TRUNCATED_HMAC, TRUNCATED_HMAC, received, 'truncatedHmac');
}

/** Leaves the HMAC at the start of {@link block}; returns its octets. */
function computeJoin({ senderKey, receiverKey, senderNonce, receiverNonce, version = 1 }: JoinHmacInput): number {
  const state = keyedState(senderKey, receiverKey, version);
  return hmac(state, putNonces(senderNonce, 'senderNonce', receiverNonce, 'receiverNonce'));
}

/** Leaves the HMAC at the start of {@link block}; returns its octets. */
function computeAddAddr({ senderKey, receiverKey, addressId, address, port }: AddAddrHmacInput): number {
  const state = keyedState(senderKey, receiverKey, 1);
  return hmac(state, putAddress(addressId, address, port));
}
