/**
 * The keys of one connection, with what follows from them kept for reuse.
 *
 * @module
 */
import { unfit } from '../bytes.ts';
import {
  ACK_HMAC,
  block,
  copyOfKey,
  hmac,
  keyedState,
  matches,
  putAddress,
  putNonces,
  TRUNCATED_HMAC,
} from './hmac.ts';

/**
 * A connection's keys, with the HMAC state of both directions kept from one use to the next.
 * A check costs half of what {@link verifyJoinHmac} costs.
 *
 * @example
 * ```ts
 * const keys = new ConnectionKeys(localKey, remoteKey);
 * const answer = keys.truncatedJoinHmac(localNonce, syn.nonce);
 * const joined = keys.verifyJoinHmac(localNonce, syn.nonce, ack.hmac);
 * ```
 */
export class ConnectionKeys {
  /** 8 octets: the key that this host sent. */
  readonly localKey: Uint8Array<ArrayBuffer>;
  /** 8 octets: the key that the other host sent. */
  readonly remoteKey: Uint8Array<ArrayBuffer>;
  /** 0: SHA-1; 1: SHA-256. */
  readonly version: 0 | 1;
  private outgoing: Int32Array | undefined;
  private incoming: Int32Array | undefined;

  /** @throws RangeError or TypeError that names the argument */
  constructor(localKey: Uint8Array, remoteKey: Uint8Array, version: 0 | 1 = 1) {
    if (version !== 0 && version !== 1) throw unfit('version', version, '0 or 1');
    this.localKey = copyOfKey(localKey, 'localKey');
    this.remoteKey = copyOfKey(remoteKey, 'remoteKey');
    this.version = version;
  }

  /** The same connection as the other host has it. */
  reversed(): ConnectionKeys {
    const other = new ConnectionKeys(this.remoteKey, this.localKey, this.version);
    other.outgoing = this.incoming;
    other.incoming = this.outgoing;
    return other;
  }

  /** What this host sends in MP_JOIN's third ACK, 20 octets. */
  joinHmac(localNonce: number, remoteNonce: number): Uint8Array<ArrayBuffer> {
    hmac(this.toSend(), putNonces(localNonce, 'localNonce', remoteNonce, 'remoteNonce'));
    return block.slice(0, ACK_HMAC);
  }

  /** What this host sends in MP_JOIN's SYN/ACK, 8 octets. */
  truncatedJoinHmac(localNonce: number, remoteNonce: number): Uint8Array<ArrayBuffer> {
    hmac(this.toSend(), putNonces(localNonce, 'localNonce', remoteNonce, 'remoteNonce'));
    return block.slice(0, TRUNCATED_HMAC);
  }

  /** What this host sends in ADD_ADDR, 8 octets. RangeError in version 0, which has none. */
  addAddrHmac(addressId: number, address: Uint8Array, port?: number): Uint8Array<ArrayBuffer> {
    this.requireAddAddrHmac();
    const size = hmac(this.toSend(), putAddress(addressId, address, port));
    return block.slice(size - TRUNCATED_HMAC, size);
  }

  /** Whether the other host's third ACK of an MP_JOIN has the right HMAC. Constant time. */
  verifyJoinHmac(localNonce: number, remoteNonce: number, received: Uint8Array): boolean {
    hmac(this.toReceive(), putNonces(remoteNonce, 'remoteNonce', localNonce, 'localNonce'));
    return matches(0, ACK_HMAC, received, 'hmac');
  }

  /** Whether the other host's SYN/ACK of an MP_JOIN has the right HMAC. Constant time. */
  verifyTruncatedJoinHmac(localNonce: number, remoteNonce: number, received: Uint8Array): boolean {
    hmac(this.toReceive(), putNonces(remoteNonce, 'remoteNonce', localNonce, 'localNonce'));
    return matches(0, TRUNCATED_HMAC, received, 'truncatedHmac');
  }

  /** Whether the other host's ADD_ADDR has the right HMAC. Constant time. RangeError in version 0, which has none. */
  verifyAddAddrHmac(addressId: number, address: Uint8Array, port: number | undefined, received: Uint8Array): boolean {
    this.requireAddAddrHmac();
    const size = hmac(this.toReceive(), putAddress(addressId, address, port));
    return matches(size - TRUNCATED_HMAC, TRUNCATED_HMAC, received, 'truncatedHmac');
  }

  /** State of the HMACs that this host sends. Computing it overwrites {@link block}: it comes before the message. */
  private toSend(): Int32Array {
    this.outgoing ??= keyedState(this.localKey, this.remoteKey, this.version);
    return this.outgoing;
  }

  /** State of the HMACs that the other host sends. */
  private toReceive(): Int32Array {
    this.incoming ??= keyedState(this.remoteKey, this.localKey, this.version);
    return this.incoming;
  }

  private requireAddAddrHmac(): void {
    if (this.version === 0) throw new RangeError('version must be 1: ADD_ADDR has no HMAC in version 0');
  }
}
