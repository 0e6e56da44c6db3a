/**
 * One direction of a connection, in two captures: which segment is which.
 *
 * @module
 */
import { equalOctets } from '../bytes.ts';
import { groupsBy } from '../groups.ts';
import { FIN, RST, SYN } from '../tcp/flags.ts';
import type { Side } from '../trace/connection.ts';
import { other } from '../trace/subflow.ts';
import { Habits, sameTimestamps } from './habit.ts';
import { type Mark, type Marks, mark } from './mark.ts';
import type { Numbering } from './numbering.ts';
import { isPureAck, mptcpOptionsOf, type Sighting } from './sighting.ts';
import { Waiting } from './waiting.ts';

/** Segments that one stretch may be cut into. */
const PIECES = 64;

/** What one capture has of one direction. */
export class Heard {
  /** It has a RST. */
  reset = false;
  /** Time of the newest segment that is none. */
  last: bigint | undefined = undefined;
}

/** Told of segments of one stretch that both captures have, the client's first. */
export type Matched = (client: readonly Sighting[], server: readonly Sighting[]) => void;

/**
 * What is alike of a segment in both captures: `whole`, all that an honest path leaves as it is; `header`, whatever
 * became of its options; `place`, whatever time it was sent.
 */
type Likeness = 'whole' | 'header' | 'place';

/** One direction of a connection, in both captures. */
export class Direction {
  readonly numbers: Numbering;
  /** Those of the other direction, which this one acknowledges. */
  readonly #acknowledged: Numbering;
  /** Tells it from all others. */
  readonly #id: number;
  /** Whole segments that were found in both captures. */
  readonly #known: Marks;
  readonly #matched: Matched;
  /** What each capture has of it. */
  readonly heard: readonly [Heard, Heard] = [new Heard(), new Heard()];
  /** Segments found in both captures. */
  pairs = 0;
  /** What waits in each capture, by all that an honest path leaves as it is. */
  readonly waiting: readonly [Waiting, Waiting] = [new Waiting(), new Waiting()];
  readonly #habits: Habits = new Habits();

  constructor(numbers: Numbering, acknowledged: Numbering, id: number, known: Marks, matched: Matched) {
    this.numbers = numbers;
    this.#acknowledged = acknowledged;
    this.#id = id;
    this.#known = known;
    this.#matched = matched;
  }

  /**
   * Take a segment of one capture. What differs in anything from what the other has waits: a host may send two segments
   * alike but for their options, of which each capture may have missed one.
   */
  add(side: Side, sighting: Sighting): void {
    const heard = this.heard[side];
    if ((sighting.flags & RST) !== 0) heard.reset = true;
    else if (heard.last === undefined || heard.last < sighting.time) heard.last = sighting.time;
    const key = this.#key('whole', side, sighting);
    const strict = !this.#habits.identification.changes;
    const counterpart = this.waiting[other(side)].take(key, sighting.identification, strict);
    if (counterpart === undefined) {
      this.waiting[side].keep(key, sighting);
      return;
    }
    this.#known.note(key);
    if (side === 0) this.#match([sighting], [counterpart]);
    else this.#match([counterpart], [sighting]);
  }

  /** Match what waits by less and less, but for acknowledgments that nothing but their options tells apart. */
  settle(): void {
    const [client, server] = [this.waiting[0].drain(), this.waiting[1].drain()];
    do this.#matchAlike(client, server);
    while (this.#matchData(unpaired(client), unpaired(server)));
    this.#keepAll(0, unpaired(client));
    this.#keepAll(1, unpaired(server));
  }

  /**
   * Match acknowledgments that nothing but their options tells apart. Not to be done where each capture has segments
   * that the other one missed: these may be two of them as well as one that was changed.
   */
  settleAcknowledgments(): void {
    const [client, server] = [this.waiting[0].drain(), this.waiting[1].drain()];
    this.#matchBy('header', client, server);
    this.#matchBy('place', client, server);
    this.#keepAll(0, unpaired(client));
    this.#keepAll(1, unpaired(server));
  }

  /** How many of what waits in one capture the other one must have missed, whatever became of acknowledgments. */
  missed(side: Side): number {
    const anonymous = this.waiting.map(({ all }) => all.filter((one) => this.#habits.isAnonymous(one)).length);
    return this.waiting[side].count - Math.min(...anonymous);
  }

  /** Wait no longer for all but the newest `stay` of one capture. */
  giveUp(side: Side, stay: number): readonly Sighting[] {
    if (this.waiting[side].count <= stay) return [];
    const all = this.waiting[side].drain();
    const leaving = all.splice(0, all.length - stay);
    this.#keepAll(side, all);
    return leaving;
  }

  #keepAll(side: Side, all: readonly Sighting[]): void {
    for (const one of all) this.waiting[side].keep(this.#key('whole', side, one), one);
  }

  #key(likeness: Likeness, side: Side, sighting: Sighting): Mark {
    const { seq, ack, length, flags, timestamped, tsVal, tsEcr } = sighting;
    const control = flags & (SYN | FIN | RST);
    const pure = isPureAck(sighting);
    const [number, acknowledged] = [this.numbers.of(side, seq), pure ? this.#acknowledged.of(side, ack) : 0];
    const key = mark(this.#id).with(number).with(length).with(control);
    if (likeness === 'place') {
      // Of two that were sent in one place, the one with the same content. Of acknowledgments, what timestamps say.
      if (!pure) return key.with(sighting.digest).value;
      return timestamped ? key.with(tsVal).with(tsEcr).value : key.with(side).with(sighting.frame).value;
    }
    key.with(acknowledged).with(tsVal).with(tsEcr);
    return likeness === 'whole' ? key.with(sighting.optionsDigest).value : key.value;
  }

  #match(client: readonly Sighting[], server: readonly Sighting[]): void {
    for (const one of client) one.paired = true;
    for (const one of server) one.paired = true;
    const [a, b] = [client[0], server[0]];
    if (a !== undefined && b !== undefined && a.length === b.length) this.#habits.learn(a, b);
    this.pairs += Math.max(client.length, server.length);
    this.#matched(client, server);
  }

  /** Match segment by segment: first those that are alike in all, and of others those with one identification. */
  #matchAlike(client: readonly Sighting[], server: readonly Sighting[]): void {
    this.#matchBy('whole', client, server);
    const [near, far] = [
      client.filter((one) => !this.#habits.isAnonymous(one)),
      server.filter((one) => !this.#habits.isAnonymous(one)),
    ];
    this.#matchBy('header', near, far);
    this.#matchBy('place', near, far);
  }

  #matchBy(likeness: Likeness, client: readonly Sighting[], server: readonly Sighting[]): void {
    const keyOf = (side: Side, one: Sighting): Mark => this.#key(likeness, side, one);
    this.#matchByKey(client, server, (side, one) => mark(keyOf(side, one)).with(one.identification).value);
    this.#matchByKey(client, server, keyOf);
  }

  #matchByKey(
    client: readonly Sighting[],
    server: readonly Sighting[],
    keyOf: (side: Side, sighting: Sighting) => Mark,
  ): void {
    const waiting = groupsBy(unpaired(client), (one) => keyOf(0, one));
    if (waiting.size === 0) return;
    for (const one of unpaired(server)) {
      const candidates = waiting.get(keyOf(1, one)) ?? [];
      const at = candidates.findIndex((candidate) => this.#canBeOne(candidate, one));
      if (at >= 0) this.#match(candidates.splice(at, 1), [one]);
    }
  }

  /** Whether two that look alike can be one: not where the path keeps what tells them apart. */
  #canBeOne(a: Sighting, b: Sighting): boolean {
    const [own, far] = [this.#key('whole', 0, a), this.#key('whole', 1, b)];
    if (own === far) return true;
    if (this.#habits.areApart(a, b)) return false;
    const [x, y] = [a.identification, b.identification];
    const { keeps, changes } = this.#habits.identification;
    if (x !== 0 && y !== 0 && (keeps || (isPureAck(a) && !changes))) return x === y;
    // A segment that the other capture has already, as it is, is a copy: it did not become something else.
    return !(this.#known.has(own) || this.#known.has(far));
  }

  /** Whether segments that make up one stretch can be the same data on its way, and none of it sent again. */
  #areOne(sent: readonly Sighting[], got: readonly Sighting[]): boolean {
    const [a, b, more] = [...sent, ...got];
    if (a === undefined || b === undefined) return false;
    if (more === undefined) return this.#canBeOne(a, b);
    // One that is put together of several has the timestamps of one of them.
    return sent.some((one) => got.some((another) => !this.#habits.areApart(one, another)));
  }

  /**
   * Match data that the path cut otherwise, or made longer or shorter.
   *
   * @returns whether a change of length was found, so that more may match now
   */
  #matchData(client: readonly Sighting[], server: readonly Sighting[]): boolean {
    const order = (side: Side) => (a: Sighting, b: Sighting) =>
      (this.#start(side, a) - this.#start(side, b)) | 0 || a.frame - b.frame;
    const near = client.filter(({ length }) => length > 0).sort(order(0));
    const far = server.filter(({ length }) => length > 0).sort(order(1));
    if (near.length === 0 || far.length === 0) return false;
    const starts = [
      groupsBy(client, (one) => this.#start(0, one)),
      groupsBy(server, (one) => this.#start(1, one)),
    ] as const;
    let i = 0;
    let j = 0;
    while (i < near.length && j < far.length) {
      const [a, b] = [near[i] as Sighting, far[j] as Sighting];
      const apart = (this.#start(0, a) - this.#start(1, b)) | 0;
      if (apart < 0) i++;
      else if (apart > 0) j++;
      else {
        const [m, n] = this.#stretch(near, far, i, j);
        const [sent, got] = [near.slice(i, i + m), far.slice(j, j + n)];
        if (this.#areOne(sent, got)) {
          this.#match(sent, got);
          i += m;
          j += n;
        } else if (this.#canBeOne(a, b) && this.#lengthen([a, starts[0]], [b, starts[1]])) {
          return true;
        } else {
          i++;
          j++;
        }
      }
    }
    return false;
  }

  #start(side: Side, { seq }: Sighting): number {
    return this.numbers.of(side, seq);
  }

  #end(side: Side, one: Sighting): number {
    return (this.#start(side, one) + one.length) >>> 0;
  }

  /** How many segments from `i` and `j` on make up the same stretch; none where they never end together. */
  #stretch(near: readonly Sighting[], far: readonly Sighting[], i: number, j: number): [number, number] {
    let [m, n] = [1, 1];
    let a = this.#end(0, near[i] as Sighting);
    let b = this.#end(1, far[j] as Sighting);
    while (a !== b && m + n < PIECES) {
      const behind = ((a - b) | 0) < 0;
      const next = behind ? near[i + m] : far[j + n];
      if (next === undefined || this.#start(behind ? 0 : 1, next) !== (behind ? a : b)) return [0, 0];
      if (behind) {
        a = this.#end(0, next);
        m++;
      } else {
        b = this.#end(1, next);
        n++;
      }
    }
    return a === b ? [m, n] : [0, 0];
  }

  /**
   * The path made this segment longer or shorter: what follows is moved. That must show in what follows, or in a mapping
   * that is outgrown, for a capture that missed a part of what an interface cut has a shorter segment too.
   */
  #lengthen(
    [a, client]: readonly [Sighting, ReadonlyMap<number, readonly Sighting[]>],
    [b, server]: readonly [Sighting, ReadonlyMap<number, readonly Sighting[]>],
  ): boolean {
    if (a.length === b.length) return false;
    const end = this.#end(0, a);
    const next = client.get(end) ?? [];
    const moved = server.get(this.#end(1, b)) ?? [];
    const shows = next.some((one) => moved.some((another) => follows(one, another)));
    if (!shows && !this.#isOutgrown(a, b)) return false;
    if (!this.numbers.shift(end, b.length - a.length)) return false;
    this.#match([a], [b]);
    return true;
  }

  /** Whether the mapping of both ends with the shorter segment: no sender puts data of another behind it. */
  #isOutgrown(a: Sighting, b: Sighting): boolean {
    const side: Side = a.length < b.length ? 0 : 1;
    const short = side === 0 ? a : b;
    if (!this.numbers.fromSyn || !equalOctets(a.options, b.options)) return false;
    return mptcpOptionsOf(short).some((option) => {
      if (option.type !== 'DSS' || option.mapping === undefined || option.dataFin) return false;
      const { subflowSequenceNumber, dataLevelLength } = option.mapping;
      return ((subflowSequenceNumber + dataLevelLength - this.#end(side, short)) | 0) === 0;
    });
  }
}

/** Whether two segments can be one that was moved. */
function follows(a: Sighting, b: Sighting): boolean {
  const alike = a.flags === b.flags && a.length === b.length && sameTimestamps(a, b);
  return alike && (!a.whole || !b.whole || a.digest === b.digest);
}

function unpaired(list: readonly Sighting[]): Sighting[] {
  return list.filter(({ paired }) => !paired);
}
