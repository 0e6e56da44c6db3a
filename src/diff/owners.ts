/**
 * Who owns tokens, and so who opens joins.
 *
 * @module
 */
import { toHex } from '../bytes.ts';
import { oldest } from '../groups.ts';
import { token } from '../mptcp/auth.ts';
import type { Side } from '../trace/connection.ts';
import { other } from '../trace/subflow.ts';
import type { DiffChange } from './diff.ts';
import type { Lane } from './passage.ts';
import { mptcpOptionsOf, type Sighting } from './sighting.ts';
import type { Trail } from './trail.ts';

/** Tokens remembered; of more, the oldest are forgotten, {@link FORGOTTEN} at a time. */
const TOKENS = 65_536;
const FORGOTTEN = 1024;

/** Learns from the keys of first subflows which host opens a join: the one that does not own its token. */
export class Owners {
  /** By token: 0 the client, 1 the server. */
  readonly #owners: Map<number, Side> = new Map();
  /** Keys whose tokens are known: hashing one for each copy would be the dearest step of all. */
  readonly #keys: Set<string> = new Set();
  readonly #initiators: WeakMap<Trail, Side> = new WeakMap();

  /** Take a segment that carries MP_CAPABLE or MP_JOIN. */
  learn(trail: Trail, sighting: Sighting): void {
    const opener = trail.opener ?? sighting.end;
    for (const option of mptcpOptionsOf(sighting)) {
      if (option.type === 'MP_CAPABLE' && option.version < 2) {
        const side: Side = sighting.end === opener ? 0 : 1;
        const version = option.version === 0 ? 0 : 1;
        if (option.senderKey !== undefined) this.#own(option.senderKey, version, side);
        if (option.receiverKey !== undefined) this.#own(option.receiverKey, version, other(side));
      } else if (option.type === 'MP_JOIN' && option.form === 'syn') {
        const owner = this.#owners.get(option.receiverToken);
        if (owner !== undefined) this.#initiators.set(trail, other(owner));
      }
    }
  }

  /** Which host opened a connection, known by one or two trails: the client, where nothing tells. */
  initiatorOf(trails: readonly Trail[]): Side {
    return trails.map((trail) => this.#initiators.get(trail)).find((side) => side !== undefined) ?? 0;
  }

  /** Which way the segments of a lane of a connection go. */
  directionOf(trails: readonly Trail[], lane: Lane): DiffChange['direction'] {
    return this.initiatorOf(trails) === lane ? 'fromClient' : 'fromServer';
  }

  #own(key: Uint8Array, version: 0 | 1, owner: Side): void {
    const text = toHex(key);
    if (this.#keys.has(text)) return;
    if (this.#keys.size >= TOKENS) this.#keys.clear();
    this.#keys.add(text);
    this.#owners.set(token(key, version), owner);
    if (this.#owners.size <= TOKENS + FORGOTTEN) return;
    for (const one of oldest(this.#owners.keys(), FORGOTTEN)) this.#owners.delete(one);
  }
}
