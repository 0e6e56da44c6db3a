/**
 * One TCP connection on its way from one capture to the other: which segment is which.
 *
 * @module
 */

import { groupsBy } from '../groups.ts';
import { FIN, RST, SYN } from '../tcp/flags.ts';
import type { End } from './flow.ts';
import { digestOf, joinDigests, type Sighting } from './sighting.ts';
import type { Trail } from './vantage.ts';

/** Which of the two captures. */
export type Place = 0 | 1;

/** Direction of a segment: 0 from the end that opened the connection, 1 towards it. */
export type Lane = 0 | 1;

/** Segments of one stretch of data, in both captures. */
export interface Match {
  readonly passage: Passage;
  readonly lane: Lane;
  /** In the client's capture; more than one where the path cut the stretch otherwise. */
  readonly client: readonly Sighting[];
  /** In the server's. */
  readonly server: readonly Sighting[];
}

/** Segments that wait for their counterpart in one lane of one capture; past that, the oldest are given up. */
const WAITING = 4096;

/** Segments that one stretch may be cut into. */
const PIECES = 64;

/** Changes of length that are followed in one lane. */
const SHIFTS = 64;

/** Whether a path keeps something of each segment as it is: asked of segments that are known to be the same. */
class Habit {
  #kept = 0;
  #changed = 0;

  note(kept: boolean): void {
    if (kept) this.#kept++;
    else this.#changed++;
  }

  get keeps(): boolean {
    return this.#kept > this.#changed;
  }
}

/** One direction of a connection. */
class LaneState {
  /** What waits in each capture, by what should be alike in both. */
  readonly waiting: readonly [Map<string, Sighting[]>, Map<string, Sighting[]>] = [new Map(), new Map()];
  readonly count: [number, number] = [0, 0];
  /** Where the path made data longer or shorter: from this number of the client's capture on, the server's are so much more. */
  readonly shifts: { readonly from: number; readonly by: number }[] = [];
  readonly timestamps: Habit = new Habit();
  readonly identification: Habit = new Habit();
  /** What each capture has of it. */
  readonly heard: readonly [Heard, Heard] = [new Heard(), new Heard()];
}

/** What one capture has of one direction. */
export class Heard {
  /** It has a RST. */
  reset = false;
  /** Time of the newest segment that is none. */
  last: bigint | undefined = undefined;
}

/** A connection in both captures. */
export class Passage {
  readonly trails: readonly [Trail, Trail];
  /** Segments found in both captures. */
  pairs = 0;
  /** Its place in the report, once it has one. */
  index: number | undefined = undefined;
  readonly #lanes: readonly [LaneState, LaneState] = [new LaneState(), new LaneState()];
  readonly #openers: readonly [End, End];
  /** A bit for each lane in each capture: its end was seen. */
  #over = 0;
  readonly #matched: (match: Match) => void;
  readonly #alone: (place: Place, lane: Lane, sighting: Sighting) => void;

  /**
   * @param matched - told of segments found in both captures
   * @param alone - told of those found in one only
   */
  constructor(
    client: Trail,
    server: Trail,
    matched: (match: Match) => void,
    alone: (place: Place, lane: Lane, sighting: Sighting) => void,
  ) {
    this.trails = [client, server];
    this.#openers = openers(client, server);
    this.#matched = matched;
    this.#alone = alone;
  }

  /** Whether both captures saw it end, by FINs or a RST. */
  get over(): boolean {
    return this.#over === 0b1111;
  }

  /** Whether it carried an MPTCP option in either capture. */
  get mptcp(): boolean {
    return this.trails[0].mptcp || this.trails[1].mptcp;
  }

  /** The end of a trail that opened the connection. */
  openerAt(place: Place): End {
    return this.#openers[place];
  }

  /** Address and port of the end that sends in a lane. */
  nameAt(place: Place, lane: Lane): string {
    const opener = this.#openers[place];
    return this.trails[place].flow.ends[lane === 0 ? opener : other(opener)].name;
  }

  /** How far the path moves the sequence numbers of a lane; `undefined` where one of the SYNs was not seen. */
  offset(lane: Lane): number | undefined {
    const client = this.#isn(0, lane);
    const server = this.#isn(1, lane);
    return client === undefined || server === undefined ? undefined : (server - client) | 0;
  }

  /** What a capture has of a lane. */
  heard(place: Place, lane: Lane): Heard {
    return this.#lanes[lane].heard[place];
  }

  /** Take a segment of one capture. */
  add(place: Place, sighting: Sighting): void {
    const lane: Lane = sighting.end === this.#openers[place] ? 0 : 1;
    const state = this.#lanes[lane];
    const heard = state.heard[place];
    if ((sighting.flags & RST) !== 0) heard.reset = true;
    else if (heard.last === undefined || heard.last < sighting.time) heard.last = sighting.time;
    if ((sighting.flags & RST) !== 0) this.#over |= 3 << (2 * place);
    if ((sighting.flags & FIN) !== 0) this.#over |= 1 << (2 * place + lane);
    const key = this.#whole(place, lane, sighting);
    const counterpart = take(state, other(place), key);
    if (counterpart !== undefined) this.#pair(lane, place, sighting, counterpart);
    else {
      keep(state, place, key, sighting);
      if (state.count[place] > WAITING) this.#settleLane(lane, WAITING / 2);
    }
  }

  /** No more comes: match what waits as well as it can be, and give up the rest. */
  settle(): void {
    this.#settleLane(0, 0);
    this.#settleLane(1, 0);
    // A change of length in one lane has moved the acknowledgments of the other.
    this.#matchAcknowledgments(0);
    this.#matchAcknowledgments(1);
    for (const lane of [0, 1] as const) {
      const state = this.#lanes[lane];
      for (const place of [0, 1] as const) for (const one of drain(state, place)) this.#alone(place, lane, one);
    }
  }

  /**
   * All that an honest path leaves as it is. What differs in anything waits: a host may send two segments alike but
   * for their options, of which each capture may have missed one.
   */
  #whole(place: Place, lane: Lane, sighting: Sighting): string {
    const { options } = sighting;
    return `${this.#exact(place, lane, sighting)} ${digestOf(options, 0, options.length)}`;
  }

  /** It is no connection after all: give back what waits in each capture, in the order of its frames. */
  dissolve(): [Sighting[], Sighting[]] {
    const all = ([0, 1] as const).map((place) =>
      this.#lanes.flatMap((state) => drain(state, place)).sort((a, b) => a.frame - b.frame),
    );
    return [all[0] ?? [], all[1] ?? []];
  }

  /** What should be alike of a segment in both captures, whatever became of its options. */
  #exact(place: Place, lane: Lane, sighting: Sighting): string {
    const { seq, length, flags, timestamps } = sighting;
    const control = flags & (SYN | FIN | RST);
    const ack = length > 0 || control !== 0 ? '' : this.#number(place, other(lane), sighting.ack);
    return `${this.#number(place, lane, seq)} ${length} ${control} ${ack} ${timestamps ?? ''}`;
  }

  /** A sequence number relative to the SYN, as the client's capture has it. */
  #number(place: Place, lane: Lane, value: number): number {
    const relative = (value - (this.#isn(place, lane) ?? this.#isn(other(place), lane) ?? 0)) >>> 0;
    if (place === 0) return relative;
    const { shifts } = this.#lanes[lane];
    const shift = shifts.findLast(({ from, by }) => ((relative - by - from) | 0) >= 0);
    return shift === undefined ? relative : (relative - shift.by) >>> 0;
  }

  #isn(place: Place, lane: Lane): number | undefined {
    const opener = this.#openers[place];
    return this.trails[place].flow.ends[lane === 0 ? opener : other(opener)].isn;
  }

  #pair(lane: Lane, place: Place, sighting: Sighting, counterpart: Sighting): void {
    const [client, server] = place === 0 ? [sighting, counterpart] : [counterpart, sighting];
    this.#match(lane, [client], [server]);
  }

  #match(lane: Lane, client: readonly Sighting[], server: readonly Sighting[]): void {
    for (const one of client) one.paired = true;
    for (const one of server) one.paired = true;
    const [a, b] = [client[0], server[0]];
    if (a !== undefined && b !== undefined && a.length === b.length) {
      const { timestamps, identification } = this.#lanes[lane];
      if (a.timestamps !== undefined) timestamps.note(a.timestamps === b.timestamps);
      if (a.identification !== 0) identification.note(a.identification === b.identification);
    }
    this.pairs += Math.max(client.length, server.length);
    this.#matched({ passage: this, lane, client, server });
  }

  /** Match what waits in a lane by less and less. Of the rest, all but the newest `stay` are given up; with 0, none. */
  #settleLane(lane: Lane, stay: number): void {
    const state = this.#lanes[lane];
    const [client, server] = [drain(state, 0), drain(state, 1)];
    for (let round = 0; round <= SHIFTS; round++) {
      this.#matchAlike(lane, client, server);
      if (!this.#matchData(lane, unpaired(client), unpaired(server))) break;
    }
    for (const place of [0, 1] as const) {
      const rest = unpaired(place === 0 ? client : server);
      const leave = stay === 0 ? 0 : Math.max(0, rest.length - stay);
      for (const one of rest.slice(0, leave)) this.#alone(place, lane, one);
      for (const one of rest.slice(leave)) keep(state, place, this.#whole(place, lane, one), one);
    }
  }

  /** Match segment by segment: first those that are alike in all, and of others those with one identification. */
  #matchAlike(lane: Lane, client: readonly Sighting[], server: readonly Sighting[]): void {
    this.#matchBy(lane, client, server, (place, one) => this.#whole(place, lane, one));
    for (const keyOf of [this.#exact, this.#same]) {
      this.#matchBy(
        lane,
        client,
        server,
        (place, one) => `${keyOf.call(this, place, lane, one)} ${one.identification}`,
      );
      this.#matchBy(lane, client, server, (place, one) => keyOf.call(this, place, lane, one));
    }
  }

  /** Whether two that look alike can be one: not where the path keeps what tells them apart. */
  #canBeOne(lane: Lane, a: Sighting, b: Sighting): boolean {
    const { timestamps, identification } = this.#lanes[lane];
    if (a.timestamps !== b.timestamps && timestamps.keeps) return false;
    const [x, y] = [a.identification, b.identification];
    return x === y || x === 0 || y === 0 || !identification.keeps;
  }

  #matchBy(
    lane: Lane,
    client: readonly Sighting[],
    server: readonly Sighting[],
    keyOf: (place: Place, sighting: Sighting) => string,
  ): void {
    const waiting = groupsBy(unpaired(client), (one) => keyOf(0, one));
    for (const one of unpaired(server)) {
      const candidates = waiting.get(keyOf(1, one)) ?? [];
      const at = candidates.findIndex((other) => this.#canBeOne(lane, other, one));
      if (at >= 0) this.#match(lane, candidates.splice(at, 1), [one]);
    }
  }

  /** The same place in the stream, whatever time it was sent: data, SYN, FIN. Of acknowledgments, what their timestamps say. */
  #same(place: Place, lane: Lane, sighting: Sighting): string {
    const { seq, length, flags, timestamps, digest } = sighting;
    const control = flags & (SYN | FIN | RST);
    const number = this.#number(place, lane, seq);
    if (length === 0 && control === 0)
      return timestamps === undefined ? `alone ${place}` : `ack ${number} ${timestamps}`;
    // Of two that were sent in one place, the one with the same content.
    return `${number} ${length} ${control} ${digest}`;
  }

  #matchAcknowledgments(lane: Lane): void {
    const state = this.#lanes[lane];
    const rest = [drain(state, 0), drain(state, 1)] as const;
    this.#matchAlike(lane, rest[0], rest[1]);
    for (const place of [0, 1] as const) for (const one of unpaired(rest[place])) keep(state, place, '', one);
  }

  /**
   * Match data that the path cut otherwise, or made longer or shorter.
   *
   * @returns whether a change of length was found, so that more may match now
   */
  #matchData(lane: Lane, client: readonly Sighting[], server: readonly Sighting[]): boolean {
    const order = (place: Place) => (a: Sighting, b: Sighting) =>
      (this.#number(place, lane, a.seq) - this.#number(place, lane, b.seq)) | 0 || a.frame - b.frame;
    const near = client.filter(({ length }) => length > 0).sort(order(0));
    const far = server.filter(({ length }) => length > 0).sort(order(1));
    const starts = [this.#byNumber(0, lane, client), this.#byNumber(1, lane, server)] as const;
    let i = 0;
    let j = 0;
    while (i < near.length && j < far.length) {
      const [a, b] = [near[i] as Sighting, far[j] as Sighting];
      const from = this.#number(0, lane, a.seq);
      const apart = (from - this.#number(1, lane, b.seq)) | 0;
      if (apart < 0) i++;
      else if (apart > 0) j++;
      else {
        const [m, n] = this.#stretch(lane, near, far, i, j);
        if (m > 0) {
          this.#match(lane, near.slice(i, i + m), far.slice(j, j + n));
          i += m;
          j += n;
        } else if (this.#canBeOne(lane, a, b) && this.#lengthen(lane, from, [a, starts[0]], [b, starts[1]])) {
          return true;
        } else {
          i++;
          j++;
        }
      }
    }
    return false;
  }

  #byNumber(place: Place, lane: Lane, list: readonly Sighting[]): Map<number, Sighting[]> {
    return groupsBy(list, ({ seq }) => this.#number(place, lane, seq));
  }

  /** How many segments from `i` and `j` on make up the same stretch; none where they never end together. */
  #stretch(lane: Lane, near: readonly Sighting[], far: readonly Sighting[], i: number, j: number): [number, number] {
    const end = (place: Place, one: Sighting): number => (this.#number(place, lane, one.seq) + one.length) >>> 0;
    let [m, n] = [1, 1];
    let a = end(0, near[i] as Sighting);
    let b = end(1, far[j] as Sighting);
    while (a !== b && m + n < PIECES) {
      const behind = ((a - b) | 0) < 0;
      const next = behind ? near[i + m] : far[j + n];
      if (next === undefined || this.#number(behind ? 0 : 1, lane, next.seq) !== (behind ? a : b)) return [0, 0];
      if (behind) {
        a = end(0, next);
        m++;
      } else {
        b = end(1, next);
        n++;
      }
    }
    return a === b ? [m, n] : [0, 0];
  }

  /**
   * The path made this segment longer or shorter: what follows is moved. That must show in what follows, for a capture
   * that missed a part of what an interface cut has a shorter segment too.
   */
  #lengthen(
    lane: Lane,
    from: number,
    [a, client]: readonly [Sighting, ReadonlyMap<number, readonly Sighting[]>],
    [b, server]: readonly [Sighting, ReadonlyMap<number, readonly Sighting[]>],
  ): boolean {
    const { shifts } = this.#lanes[lane];
    if (a.length === b.length || shifts.length >= SHIFTS) return false;
    const end = (from + a.length) >>> 0;
    const next = client.get(end) ?? [];
    const moved = server.get((from + b.length) >>> 0) ?? [];
    if (!next.some((one) => moved.some((other) => follows(one, other)))) return false;
    this.#match(lane, [a], [b]);
    shifts.push({ from: end, by: (shifts.at(-1)?.by ?? 0) + b.length - a.length });
    return true;
  }
}

/** Whether two segments can be one that was moved. */
function follows(a: Sighting, b: Sighting): boolean {
  const alike = a.flags === b.flags && a.length === b.length && a.timestamps === b.timestamps;
  return alike && (!a.whole || !b.whole || a.digest === b.digest);
}

/** Whether the data of a match is the same in both captures; `undefined` where it cannot be told. */
export function sameData({ client, server }: Match): boolean | undefined {
  const octets = (list: readonly Sighting[]): number => list.reduce((sum, { length }) => sum + length, 0);
  if (octets(client) !== octets(server)) return false;
  if (!client.every(({ whole }) => whole) || !server.every(({ whole }) => whole)) return undefined;
  return joinDigests(client) === joinDigests(server);
}

/** The end that opened the connection, in each trail. */
function openers(client: Trail, server: Trail): [End, End] {
  const a = client.opener;
  const b = server.opener;
  if (a !== undefined && b !== undefined) return [a, b];
  // A NAT that gave one end another name has left the other end its own.
  const alike = (end: End, of: Trail, to: Trail): End => {
    const [first, second] = to.flow.ends;
    const own = of.flow.ends[end].name;
    const peer = of.flow.ends[other(end)].name;
    return own === first.name || (peer === second.name && own !== second.name) ? 0 : 1;
  };
  if (b !== undefined) return [alike(b, server, client), b];
  return [a ?? 0, alike(a ?? 0, client, server)];
}

function take(state: LaneState, place: Place, key: string): Sighting | undefined {
  const queue = state.waiting[place].get(key);
  const first = queue?.shift();
  if (queue?.length === 0) state.waiting[place].delete(key);
  if (first !== undefined) state.count[place]--;
  return first;
}

function keep(state: LaneState, place: Place, key: string, sighting: Sighting): void {
  const queue = state.waiting[place].get(key);
  if (queue === undefined) state.waiting[place].set(key, [sighting]);
  else queue.push(sighting);
  state.count[place]++;
}

/** All that waits in one capture, in the order of its frames; nothing waits any more. */
function drain(state: LaneState, place: Place): Sighting[] {
  const all = [...state.waiting[place].values()].flat();
  state.waiting[place].clear();
  state.count[place] = 0;
  return all.sort((a, b) => a.frame - b.frame);
}

function unpaired(list: readonly Sighting[]): Sighting[] {
  return list.filter(({ paired }) => !paired);
}

function other(place: Place): Place {
  return place === 0 ? 1 : 0;
}
