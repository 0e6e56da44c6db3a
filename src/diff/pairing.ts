/**
 * Which connection of one capture is which of the other.
 *
 * @module
 */
import { groupsBy } from '../groups.ts';
import type { Clocks } from './clocks.ts';
import { mostAlike } from './resemblance.ts';
import type { Place } from './sighting.ts';
import type { Trail, Vantage } from './vantage.ts';

/** Segments of a connection that wait before it is looked for, again and again, by its addresses and ports. */
const PATIENCE = 64;

/** Nanoseconds between the first segments of one connection in two captures. */
const TOGETHER = 10_000_000_000n;

/** Finds the counterparts of connections, by what identifies them or by what they have in common. */
export class Pairing {
  readonly #vantages: readonly [Vantage, Vantage];
  readonly #clocks: Clocks;
  readonly #pass: (client: Trail, server: Trail) => void;

  /** @param pass - told of two that are one */
  constructor(vantages: readonly [Vantage, Vantage], clocks: Clocks, pass: (client: Trail, server: Trail) => void) {
    this.#vantages = vantages;
    this.#clocks = clocks;
    this.#pass = pass;
  }

  /** Features of a connection show up in one capture: is it known from there already, or from the other one? */
  meet(place: Place, trail: Trail, features: readonly string[]): void {
    for (const feature of features) this.#meet(place, trail, feature);
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
      if (common >= enough && (client === trail || server === trail)) this.#pass(client, server);
    }
  }

  /** No more comes: pair what shares addresses and ports, and has enough in common or began at one time; then what shares its first data. */
  finish(): void {
    const [near, far] = ([0, 1] as const).map((place) => groupsBy(this.#vantages[place].free, ({ name }) => name));
    for (const [name, clients] of near ?? []) {
      const servers = far?.get(name) ?? [];
      for (const { client, server, common } of mostAlike(clients, servers)) {
        const enough = Math.min(client.waiting.length, server.waiting.length);
        if (common >= enough || this.#together(client, server)) this.#pass(client, server);
      }
      for (const client of clients.filter(({ free }) => free)) {
        const server = servers.find((one) => one.free && this.#together(client, one));
        if (server !== undefined) this.#pass(client, server);
      }
    }
    const [clients, servers] = ([0, 1] as const).map((place) => groupsBy(this.#vantages[place].free, dataKey));
    for (const [key, [client, ...more]] of clients ?? []) {
      const [server, ...others] = servers?.get(key) ?? [];
      if (client === undefined || server === undefined || more.length + others.length > 0) continue;
      if (this.#together(client, server)) this.#pass(client, server);
    }
  }

  #meet(place: Place, trail: Trail, feature: string): void {
    const own = this.#vantages[place].find(feature);
    if (own !== undefined && own !== trail && isProof(feature)) {
      trail.again = trail.passage === undefined;
      return;
    }
    const counterpart = this.#vantages[place === 0 ? 1 : 0].find(feature);
    if (counterpart === undefined || counterpart.passage !== undefined || trail.passage !== undefined) return;
    if (counterpart.again || trail.again) return;
    this.#pass(place === 0 ? trail : counterpart, place === 0 ? counterpart : trail);
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
function dataKey({ waiting }: Trail): string | undefined {
  const parts = ([0, 1] as const).map((end) => waiting.find((one) => one.end === end && one.length > 0));
  if (parts.includes(undefined)) return undefined;
  return parts
    .map((one) => `${one?.length} ${one?.digest}`)
    .sort()
    .join(' ');
}

/** Whether no other connection has this feature by chance. */
function isProof(feature: string): boolean {
  return /^(key|join|hmac) /.test(feature);
}
