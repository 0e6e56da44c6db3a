/**
 * Which connection a token, or a SYN seen twice, belongs to.
 *
 * @module
 */
import { addTo, oldest } from '../groups.ts';
import type { Connection, Side } from './connection.ts';
import type { Outline } from './report.ts';
import type { Subflow } from './subflow.ts';

/** The host that owns a token. */
export interface Owner {
  readonly connection: Connection;
  readonly side: Side;
}

/** A connection that ended long ago, of which only what the report says is left. */
export interface Tombstone {
  readonly outline: Outline;
  readonly side: Side;
}

/** A segment of a handshake, with what a NAT leaves of it beside its sequence number: MP_CAPABLE on a SYN of version 1 is the same for all. */
export interface Opening {
  readonly subflow: Subflow;
  readonly time: number;
  /** Of its MPTCP option. */
  readonly octets: string;
  /** TSval. */
  readonly timestamp: number | undefined;
}

/** Segments of handshakes remembered, of connections that are kept whole, to recognise them behind a NAT. */
const OPENINGS = 4096;

/** Seconds after which a segment with a known sequence number is another one. */
const SAME = 2;

/** Of them, remembered of one subflow. */
const MOST = 8;

/**
 * The tokens of all connections, live and closed; the oldest leave.
 *
 * Keys of these maps are signed words: a number above 2^31 is an object of its own to the engine.
 */
export class Identity {
  readonly #limit: number;
  readonly #owners: Map<number, Owner[]> = new Map();
  readonly #graves: Map<number, Tombstone> = new Map();
  readonly #waiting: Map<number, Subflow[]> = new Map();
  readonly #openings: Map<number, Opening> = new Map();

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** The hosts that own a token; more than one where tokens collide. */
  owners(token: number): readonly Owner[] {
    return this.#owners.get(token | 0) ?? [];
  }

  /** Note who owns a token; gives the other owners. */
  register(token: number, owner: Owner): readonly Owner[] {
    const others = this.#owners.get(token | 0) ?? [];
    this.#owners.delete(token | 0);
    this.#owners.set(token | 0, others.length === 0 ? [owner] : [...others, owner].slice(-8));
    bound(this.#owners, this.#limit);
    return others;
  }

  /** Who owned a token once. */
  grave(token: number): Tombstone | undefined {
    return this.#graves.get(token | 0);
  }

  /** Keep of a connection only its tokens, and what the report says. */
  bury(connection: Connection, outline: Outline): void {
    for (const side of [0, 1] as const) {
      const { token } = connection.hosts[side];
      if (token === undefined) continue;
      const others = this.owners(token).filter((owner) => owner.connection !== connection);
      if (others.length > 0) this.#owners.set(token | 0, others);
      else this.#owners.delete(token | 0);
      this.#graves.delete(token | 0);
      this.#graves.set(token | 0, { outline, side });
      bound(this.#graves, this.#limit);
    }
  }

  /** Note a join whose connection is not known yet. */
  wait(token: number, subflow: Subflow): void {
    addTo(this.#waiting, token, subflow);
  }

  /** The joins that wait for a token. */
  waitingFor(token: number): readonly Subflow[] {
    return [...(this.#waiting.get(token) ?? [])];
  }

  /** Every join that waits. */
  waiting(): readonly Subflow[] {
    return [...this.#waiting.values()].flat();
  }

  /** A join waits no longer: its connection is known, or its flow forgotten. */
  forget(subflow: Subflow): void {
    if (subflow.token === undefined) return;
    const others = this.#waiting.get(subflow.token)?.filter((one) => one !== subflow) ?? [];
    if (others.length === 0) this.#waiting.delete(subflow.token);
    else this.#waiting.set(subflow.token, others);
  }

  /**
   * The subflow whose handshake this segment belongs to, seen on other addresses: the same sequence number
   * and marks within two seconds. Two SYNs with timestamps agree by chance once in 2^64.
   */
  sameOpening(sequenceNumber: number, { octets, timestamp, time }: Omit<Opening, 'subflow'>): Subflow | undefined {
    const known = this.#openings.get(sequenceNumber | 0);
    if (known === undefined || known.octets !== octets || known.timestamp !== timestamp) return undefined;
    const apart = time - known.time;
    return apart < SAME && apart > -SAME ? known.subflow : undefined;
  }

  /** Its handshake is recognised no longer: the subflow is released, and would be kept by nothing else. */
  forgetOpenings(subflow: Subflow): void {
    for (const place of subflow.openedAt)
      if (this.#openings.get(place)?.subflow === subflow) this.#openings.delete(place);
  }

  /** Remember a segment of a handshake. */
  noteOpening(sequenceNumber: number, opening: Opening): void {
    const place = sequenceNumber | 0;
    const { openedAt } = opening.subflow;
    if (!openedAt.includes(place)) {
      // SYN, SYN/ACK and third packet, and some that differ.
      if (openedAt.length >= MOST) return;
      openedAt.push(place);
    }
    this.#openings.delete(place);
    this.#openings.set(place, opening);
    bound(this.#openings, OPENINGS);
  }
}

/** Delete the oldest where there is one too many. */
function bound(map: Map<number, unknown>, most: number): void {
  if (map.size > most) for (const key of oldest(map.keys(), 1)) map.delete(key);
}
