/**
 * What a tool that follows connections has seen of them before each option.
 *
 * @module
 */
import { toHex } from '../../src/bytes.ts';
import type { Malformed } from '../../src/malformed.ts';
import { token } from '../../src/mptcp/auth.ts';
import type { MptcpOption } from '../../src/mptcp/option.ts';
import type { Past } from './rule.ts';

/** Which connection and direction a segment belongs to. */
export interface Flow {
  /** The same for both directions. */
  readonly connection: string;
  /** The same for one direction only. */
  readonly direction: string;
}

const NOTHING: Past = { disturbed: false, mistaken: false };

/** Remembers options in the order they come. */
export class Memory {
  /** Connections on which something else than MP_CAPABLE was seen. */
  readonly #others = new Set<string>();
  /** Connections that share something with another. */
  readonly #mistaken = new Set<string>();
  /** Version by connection, key by direction. */
  readonly #last = new Map<string, string>();
  /** The connection on which a key was seen first. */
  readonly #first = new Map<string, string>();
  /** Tokens in joins. */
  readonly #joined = new Set<number>();

  /** What came before `option`, which is remembered from now on. */
  past(flow: Flow, option: MptcpOption | Malformed | undefined): Past {
    if (option === undefined) return NOTHING;
    const { connection, direction } = flow;
    if (option.type !== 'MP_CAPABLE') {
      if (option.type === 'MP_JOIN' && option.form === 'syn') this.#joined.add(option.receiverToken);
      const disturbed = this.#others.has(connection);
      this.#others.add(connection);
      return { disturbed, mistaken: false };
    }
    const { version } = option;
    this.#note(connection, connection, `${version}`);
    const [sender, receiver] = keysOf(option);
    if (sender === undefined) return NOTHING;
    const disturbed = this.#others.has(connection) && !this.#first.has(`${version} ${toHex(sender)}`);
    this.#note(connection, direction, toHex(sender));
    for (const key of receiver === undefined ? [sender] : [sender, receiver]) this.#meet(connection, version, key);
    return { disturbed, mistaken: this.#mistaken.has(connection) };
  }

  /** The connection is mistaken where `of` was something else before. */
  #note(connection: string, of: string, value: string): void {
    if ((this.#last.get(of) ?? value) !== value) this.#mistaken.add(connection);
    this.#last.set(of, value);
  }

  /** The connection is mistaken where another one has its key, or a join its token. */
  #meet(connection: string, version: number, key: Uint8Array): void {
    const name = `${version} ${toHex(key)}`;
    const first = this.#first.get(name);
    if (first === undefined) this.#first.set(name, connection);
    const joined = first === undefined && version < 2 && this.#joined.has(token(key, version === 0 ? 0 : 1));
    if (joined || (first ?? connection) !== connection) this.#mistaken.add(connection);
  }
}

/** The sender's and the receiver's key, where a tool that does not look at the version sees them. */
function keysOf(
  option: Extract<MptcpOption, { type: 'MP_CAPABLE' }>,
): [Uint8Array | undefined, Uint8Array | undefined] {
  const { senderKey, receiverKey, data } = option;
  if (data === undefined) return [senderKey, receiverKey];
  if (![8, 16, 18, 20].includes(data.length)) return [undefined, undefined];
  return [data.subarray(0, 8), data.length > 8 ? data.subarray(8, 16) : undefined];
}
