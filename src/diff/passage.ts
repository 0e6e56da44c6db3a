/**
 * One TCP connection on its way from one capture to the other.
 *
 * @module
 */
import { ACK, FIN, RST } from '../tcp/flags.ts';
import type { Side } from '../trace/connection.ts';
import type { End, FlowEnd } from '../trace/flow.ts';
import { other } from '../trace/subflow.ts';
import { Direction, type Heard } from './direction.ts';
import type { Marks } from './mark.ts';
import { Numbering, offsetOf } from './numbering.ts';
import type { Sighting } from './sighting.ts';
import type { Trail } from './trail.ts';

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

/** How much more the server's acknowledgment numbers are, of segments that are known to be one. */
class Acknowledgments {
  #offset = 0;
  #majority = 0;

  /** Of all that was noted, what more than half say. */
  get offset(): number | undefined {
    return this.#majority > 0 ? this.#offset : undefined;
  }

  note(offset: number): void {
    if (this.#majority === 0) this.#offset = offset;
    this.#majority += offset === this.#offset ? 1 : -1;
  }
}

/** A connection in both captures. */
export class Passage {
  readonly trails: readonly [Trail, Trail];
  readonly #directions: readonly [Direction, Direction];
  /** What is told by each lane of the numbers of the other. */
  readonly #acknowledgments: readonly [Acknowledgments, Acknowledgments] = [
    new Acknowledgments(),
    new Acknowledgments(),
  ];
  readonly #openers: readonly [End, End];
  /** A bit for each lane in each capture: its end was seen. */
  #over = 0;
  readonly #alone: (side: Side, lane: Lane, sighting: Sighting) => void;

  /**
   * @param known - of all connections, whole segments that were found in both captures
   * @param matched - told of segments found in both captures
   * @param alone - told of those found in one only
   */
  constructor(
    client: Trail,
    server: Trail,
    known: Marks,
    matched: (match: Match) => void,
    alone: (side: Side, lane: Lane, sighting: Sighting) => void,
  ) {
    this.trails = [client, server];
    this.#openers = openers(client, server);
    this.#alone = alone;
    const numbers = ([0, 1] as const).map((lane) => new Numbering([this.#sender(0, lane), this.#sender(1, lane)]));
    const [own, peer] = numbers as [Numbering, Numbering];
    const id = 2 * client.flow.firstFrame;
    const tell = (lane: Lane) => (near: readonly Sighting[], far: readonly Sighting[]) => {
      matched({ passage: this, lane, client: near, server: far });
      const [a, b] = [near[0], far[0]];
      if (a === undefined || b === undefined || (a.flags & b.flags & ACK) === 0) return;
      this.#acknowledgments[lane].note((b.ack - a.ack) | 0);
    };
    this.#directions = [new Direction(own, peer, id, known, tell(0)), new Direction(peer, own, id + 1, known, tell(1))];
  }

  /** Segments found in both captures. */
  get pairs(): number {
    return this.#directions[0].pairs + this.#directions[1].pairs;
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
  openerAt(side: Side): End {
    return this.#openers[side];
  }

  /** Whether a capture shows which end opened the connection. */
  get opened(): boolean {
    return this.trails.some(({ opener }) => opener !== undefined);
  }

  /** Address and port of the end that sends in a lane. */
  nameAt(side: Side, lane: Lane): string {
    return this.#sender(side, lane).name;
  }

  /** How far the path moves the sequence numbers of a lane; `undefined` where that cannot be told. */
  offset(lane: Lane): number | undefined {
    return this.#directions[lane].numbers.offset;
  }

  /** What a capture has of a lane. */
  heard(side: Side, lane: Lane): Heard {
    return this.#directions[lane].heard[side];
  }

  /** Take a segment of one capture. */
  add(side: Side, sighting: Sighting): void {
    const lane: Lane = sighting.end === this.#openers[side] ? 0 : 1;
    if ((sighting.flags & RST) !== 0) this.#over |= 3 << (2 * side);
    if ((sighting.flags & FIN) !== 0) this.#over |= 1 << (2 * side + lane);
    this.#directions[lane].add(side, sighting);
    if (this.#directions[lane].waiting[side].count > WAITING) this.#settle(WAITING / 2);
  }

  /** No more comes: match what waits as well as it can be, and give up the rest. */
  settle(): void {
    this.#settle(0);
  }

  /** Match what waits, and of the rest give up all but the newest `stay`. */
  #settle(stay: number): void {
    // A change of length in one lane has moved the acknowledgments of the other.
    do for (const one of [...this.#directions, this.#directions[0]]) one.settle();
    while (this.#learn());
    const missed = ([0, 1] as const).map((side) => this.#directions.some((one) => one.missed(side) > 0));
    if (missed.includes(false)) for (const one of this.#directions) one.settleAcknowledgments();
    for (const lane of [0, 1] as const) {
      for (const side of [0, 1] as const) {
        for (const one of this.#directions[lane].giveUp(side, stay)) this.#alone(side, lane, one);
      }
    }
  }

  /** Where a SYN was missed, learn from what both captures have how far the path moves the sequence numbers. */
  #learn(): boolean {
    let learnt = false;
    for (const lane of [0, 1] as const) {
      const direction = this.#directions[lane];
      if (direction.numbers.offset !== undefined || direction.pairs > 0) continue;
      const [client, server] = direction.waiting;
      const offset = offsetOf(client.all, server.all) ?? this.#acknowledgments[other(lane)].offset;
      if (offset === undefined) continue;
      direction.numbers.learn(offset);
      learnt = true;
    }
    return learnt;
  }

  #sender(side: Side, lane: Lane): FlowEnd {
    const opener = this.#openers[side];
    return this.trails[side].flow.ends[lane === 0 ? opener : other(opener)];
  }
}

/** Servers have the lower port. */
function likelyOpener({ flow: { ends } }: Trail): End {
  return ends[0].port < ends[1].port ? 1 : 0;
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
  const opener = a ?? likelyOpener(client);
  return [opener, alike(opener, client, server)];
}
