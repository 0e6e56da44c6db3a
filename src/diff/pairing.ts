/**
 * Which connection of one capture is which of the other.
 *
 * @module
 */
import { groupsBy } from '../groups.ts';
import type { Side } from '../trace/connection.ts';
import { other } from '../trace/subflow.ts';
import type { Clocks } from './clocks.ts';
import type { Feature } from './feature.ts';
import { mostAlike } from './resemblance.ts';
import type { Trail } from './trail.ts';
import type { Vantage } from './vantage.ts';

/** Segments of a connection that wait before it is looked for, again and again, by its addresses and ports. */
const PATIENCE = 64;

/** Nanoseconds between the first segments of one connection in two captures. */
const TOGETHER = 10_000_000_000n;

/** Finds the counterparts of connections, by what identifies them or by what they have in common. */
export class Pairing {
  readonly #vantages: readonly [Vantage, Vantage];
  readonly #clocks: Clocks;
  readonly #pair: (client: Trail, server: Trail) => void;

  /** @param pair - told of two that are one */
  constructor(vantages: readonly [Vantage, Vantage], clocks: Clocks, pair: (client: Trail, server: Trail) => void) {
    this.#vantages = vantages;
    this.#clocks = clocks;
    this.#pair = pair;
  }

  /** Features of a connection show up in one capture: is it known from there already, or from the other one? */
  meet(side: Side, trail: Trail, features: readonly Feature[]): void {
    for (const feature of features) this.#meet(side, trail, feature);
  }

  /**
   * Find a connection that no feature tells among those between its addresses and ports. Another one on these may come
   * yet, so each of its segments must have something in common with the one found.
   */
  recognise(trail: Trail): void {
    if (trail.waiting.length % PATIENCE > 0) return;
    const [clients, servers] = this.#vantages.map((vantage) => vantage.namesakes(trail).filter(({ free }) => free));
    const enough = trail.waiting.length;
    for (const { client, server, common } of mostAlike(clients ?? [], servers ?? [])) {
      if (common >= enough && (client === trail || server === trail)) this.#pair(client, server);
    }
  }

  /** No more comes: pair what is left as well as it can be. */
  finish(): void {
    this.#pairNamesakes();
    this.#pairByData();
  }

  /** Pair what shares addresses and ports: what has enough in common or began at one time. */
  #pairNamesakes(): void {
    const [near, far] = this.#vantages.map(({ free }) => groupsBy(free, ({ name }) => name));
    for (const [name, clients] of near ?? []) {
      const servers = far?.get(name) ?? [];
      for (const { client, server, common } of mostAlike(clients, servers)) {
        const enough = Math.min(client.waiting.length, server.waiting.length);
        if (common >= enough || this.#together(client, server)) this.#pair(client, server);
      }
      for (const client of clients.filter(({ free }) => free)) {
        const server = servers.find((one) => one.free && this.#together(client, one));
        if (server !== undefined) this.#pair(client, server);
      }
    }
  }

  /** Pair what began at one time with the same data, if it is the only one that did. */
  #pairByData(): void {
    const [near, far] = this.#vantages.map(({ free }) => groupsBy(free, firstData));
    for (const [data, [client, ...more]] of near ?? []) {
      const [server, ...others] = far?.get(data) ?? [];
      if (client === undefined || server === undefined || more.length + others.length > 0) continue;
      if (this.#together(client, server)) this.#pair(client, server);
    }
  }

  #meet(side: Side, trail: Trail, feature: Feature): void {
    const own = this.#vantages[side].find(feature);
    if (own !== undefined && own !== trail && feature.proof) {
      trail.again = trail.passage === undefined;
      return;
    }
    const counterpart = this.#vantages[other(side)].find(feature);
    if (counterpart === undefined || counterpart.passage !== undefined || trail.passage !== undefined) return;
    if (counterpart.again || trail.again) return;
    this.#pair(side === 0 ? trail : counterpart, side === 0 ? counterpart : trail);
  }

  /** Whether two connections began at one time, as far as the clocks are known. */
  #together(client: Trail, server: Trail): boolean {
    const [a, b] = [client.waiting[0], server.waiting[0]];
    if (this.#clocks.offset === undefined || a === undefined || b === undefined) return true;
    const apart = b.time - a.time - this.#clocks.offset;
    return apart < TOGETHER && apart > -TOGETHER;
  }
}

/** The first data that each end sent, where both sent some. */
function firstData({ waiting }: Trail): string | undefined {
  const parts = ([0, 1] as const).map((end) => waiting.find((one) => one.end === end && one.length > 0));
  if (parts.includes(undefined)) return undefined;
  return parts
    .map((one) => `${one?.length} ${one?.digest}`)
    .sort()
    .join(' ');
}
