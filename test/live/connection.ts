/**
 * Our host's part in an MPTCP connection.
 *
 * @module
 */
import { generateKey, idsn, token } from '../../src/mptcp/auth.ts';

/** What a connection begins with. */
export interface ConnectionInput {
  readonly key?: Uint8Array | undefined;
  readonly checksumRequired?: boolean | undefined;
}

/** Our host's state in one MPTCP connection. */
export class Connection {
  readonly key: Uint8Array;
  /** Whether the handshake agreed on checksums; our own wish, before. */
  checksumRequired: boolean;
  /** Data sequence number of the next octet that we send. */
  next: bigint;
  /** Data sequence number of the next octet that we expect. */
  expected = 0n;
  /** Whether the kernel's DATA_FIN has arrived. */
  peerFinished = false;
  #peerKey: Uint8Array | undefined;

  constructor({ key = generateKey(), checksumRequired = false }: ConnectionInput = {}) {
    this.key = key;
    this.checksumRequired = checksumRequired;
    this.next = BigInt.asUintN(64, idsn(key) + 1n);
  }

  /** The kernel's key, from its MP_CAPABLE. */
  get peerKey(): Uint8Array {
    if (this.#peerKey === undefined) throw new Error('the kernel has sent no key');
    return this.#peerKey;
  }

  set peerKey(key: Uint8Array) {
    this.#peerKey = key.slice();
    this.expected = BigInt.asUintN(64, idsn(key) + 1n);
  }

  /** Whether the kernel has sent its key. */
  get capable(): boolean {
    return this.#peerKey !== undefined;
  }

  /** Both keys, as our HMACs take them. */
  get keys(): { senderKey: Uint8Array; receiverKey: Uint8Array } {
    return { senderKey: this.key, receiverKey: this.peerKey };
  }

  /** The token by which the kernel knows the connection. */
  get peerToken(): number {
    return token(this.peerKey);
  }
}
