/**
 * What two captures show of a path, kept until both are read.
 *
 * @module
 */
import { RST } from '../tcp/flags.ts';
import type { Side } from '../trace/connection.ts';
import type { End } from '../trace/flow.ts';
import { HOSTS, type TraceReport } from '../trace/report.ts';
import { other } from '../trace/subflow.ts';
import { type Change, type HeaderRewritten, whatOf } from './change.ts';
import type { Clocks } from './clocks.ts';
import { changesOf, segmentName } from './comparison.ts';
import type { DiffChange, DiffFlow, DiffPlace, DiffReport } from './diff.ts';
import type { Heard } from './direction.ts';
import { pathFindings } from './findings.ts';
import type { Lone } from './lone.ts';
import type { Owners } from './owners.ts';
import type { Lane, Match, Passage } from './passage.ts';
import type { Sighting } from './sighting.ts';
import type { Trail } from './trail.ts';
import type { Vantage } from './vantage.ts';

/** Connections, changes, and frames of each list, that a report holds. */
const LIMIT = 65_536;

/** Segments at the beginning of a connection that tell who answered. */
const BEGINNING = 8;

/** Keeps what the captures show of connections with MPTCP, and makes the report of it. */
export class Evidence {
  readonly #owners: Owners;
  readonly #flows: DiffFlow[] = [];
  /** By what they are of: a connection in both captures, or one that one only has. Nothing is kept for it. */
  readonly #flowOf: WeakMap<Passage | Trail, DiffFlow> = new WeakMap();
  /** What the path rewrites all along a connection. */
  readonly #rewritten: {
    readonly flow: DiffFlow;
    readonly direction: DiffChange['direction'];
    readonly change: Change;
  }[] = [];
  /** What it did to single segments. */
  readonly #changed: { readonly passage: Passage; readonly lane: Lane; readonly change: Change }[] = [];
  /** Segments with something to tell that one capture only has. */
  readonly #lone: {
    readonly trail: Trail;
    readonly lane: Lane;
    readonly time: bigint;
    readonly lone: Omit<Lone, 'flow' | 'covered' | 'heard' | 'sender'>;
  }[] = [];
  /** Frames of all segments that one capture only has. */
  readonly #only: readonly [number[], number[]] = [[], []];
  /** Segments that each capture missed of connections that it has, for they arrived at the other end. */
  readonly #missed: [number, number] = [0, 0];
  #pairs = 0;

  /** @param owners - tells which host opened a connection */
  constructor(owners: Owners) {
    this.#owners = owners;
  }

  /** Segments that both captures have. */
  match(match: Match): void {
    const { passage, lane } = match;
    if (this.#changed.length >= LIMIT || !passage.mptcp) return;
    const fromClient = this.#owners.directionOf(passage.trails, lane) === 'fromClient';
    for (const change of changesOf(match, fromClient)) this.#changed.push({ passage, lane, change });
  }

  /** A segment that one capture only has, of a connection that both have. */
  miss(passage: Passage, side: Side, lane: Lane, sighting: Sighting): void {
    if (!passage.mptcp) return;
    const isReset = (sighting.flags & RST) !== 0;
    const arrived = this.#owners.directionOf(passage.trails, lane) === (side === 0 ? 'fromServer' : 'fromClient');
    if (arrived && !isReset) this.#missed[other(side)]++;
    this.#note(passage.trails[side], side, lane, sighting, isReset);
  }

  /** A connection that both captures have, settled. */
  settle(passage: Passage): void {
    if (!passage.mptcp) return;
    this.#pairs += passage.pairs;
    if (this.#flows.length >= LIMIT) return;
    const [client, server] = passage.trails;
    const flow: DiffFlow = {
      initiator: HOSTS[this.#owners.initiatorOf(passage.trails)],
      client: placeOf(client, passage.openerAt(0)),
      server: placeOf(server, passage.openerAt(1)),
    };
    this.#add(passage, flow);
    this.#rewriting(passage, flow);
  }

  /** A connection of which the other capture has nothing, and what is left of its segments. */
  unmet(side: Side, trail: Trail, sightings: readonly Sighting[]): void {
    if (!trail.mptcp) return;
    const kept = sightings.map((sighting, i) => {
      const lane: Lane = sighting.end === answererOf(trail) ? 1 : 0;
      return this.#note(trail, side, lane, sighting, i < BEGINNING);
    });
    if (!kept.includes(true)) return;
    const place = placeOf(trail, trail.opener ?? 0);
    this.#add(trail, {
      initiator: HOSTS[this.#owners.initiatorOf([trail])],
      client: side === 0 ? place : undefined,
      server: side === 1 ? place : undefined,
    });
  }

  /**
   * The report on the path. To be asked for once.
   *
   * @param traces - what each capture shows by itself
   */
  report(
    vantages: readonly [Vantage, Vantage],
    clocks: Clocks,
    traces: () => readonly [client: TraceReport, server: TraceReport],
  ): DiffReport {
    // In the order of their first frames, not of their ends.
    const start = ({ client, server }: DiffFlow): number => client?.firstFrame ?? server?.firstFrame ?? 0;
    const flows = this.#flows.sort((a, b) => start(a) - start(b));
    const indices = new Map(flows.map((flow, i) => [flow, i]));
    const changes = this.#changes(indices);
    const findings = pathFindings({
      flows,
      changes,
      lone: this.#lone.flatMap(({ trail, lane, time, lone }) => {
        const own = this.#flowOf.get(trail.passage ?? trail);
        const flow = own === undefined ? undefined : indices.get(own);
        if (flow === undefined) return [];
        const there = lone.at === 'client' ? 1 : 0;
        const then = time + (there === 1 ? clocks.ahead : -clocks.ahead);
        const covered = vantages[there].covers(then);
        const heard = vantages[there].hears(trail.flow.ends[answererOf(trail)].address);
        return [{ ...lone, flow, covered, heard, sender: sentBy(trail.passage?.heard(there, lane), then) }];
      }),
      traces,
      missed: { client: this.#missed[0], server: this.#missed[1] },
      backwards: clocks.backwards,
      forgotten: vantages[0].forgotten + vantages[1].forgotten,
    });
    const ascending = (frames: number[]): number[] => frames.sort((a, b) => a - b);
    return {
      schema: 'mptcp-codec/diff/1',
      pairs: this.#pairs,
      onlyClient: ascending(this.#only[0]),
      onlyServer: ascending(this.#only[1]),
      changes,
      findings,
      flows,
      clock: clocks.report,
    };
  }

  /** All changes of connections that are in the report. */
  #changes(indices: ReadonlyMap<DiffFlow, number>): DiffChange[] {
    const changed = this.#changed.flatMap(({ passage, lane, change }) => {
      const flow = this.#flowOf.get(passage);
      return flow === undefined ? [] : [{ flow, change, direction: this.#owners.directionOf(passage.trails, lane) }];
    });
    return [...this.#rewritten, ...changed]
      .map(({ flow, direction, change }) => {
        return { ...change, direction, what: whatOf(change), flow: indices.get(flow) ?? 0 };
      })
      .sort((a, b) => a.clientFrame - b.clientFrame);
  }

  #add(of: Passage | Trail, flow: DiffFlow): void {
    this.#flows.push(flow);
    this.#flowOf.set(of, flow);
  }

  /**
   * Keep a segment that one capture only has.
   *
   * @param telling - it may tell something even without MPTCP
   * @returns whether more than its frame is kept
   */
  #note(trail: Trail, side: Side, lane: Lane, sighting: Sighting, telling: boolean): boolean {
    const { frame, time, mptcp } = sighting;
    if (this.#only[side].length < LIMIT) this.#only[side].push(frame);
    if ((!mptcp && !telling) || this.#lone.length >= LIMIT) return false;
    const at = HOSTS[side];
    const direction = this.#owners.directionOf(trail.passage?.trails ?? [trail], lane);
    this.#lone.push({ trail, lane, time, lone: { at, direction, frame, segment: segmentName(sighting), mptcp } });
    return true;
  }

  /** Addresses and numbers that the path rewrites all along a connection. */
  #rewriting(passage: Passage, flow: DiffFlow): void {
    const [client, server] = passage.trails;
    const frames = { clientFrame: client.flow.firstFrame, serverFrame: server.flow.firstFrame };
    const note = (direction: DiffChange['direction'], deed: HeaderRewritten): void => {
      this.#rewritten.push({ flow, direction, change: { ...frames, segment: 'all', ...deed } });
    };
    const opened = this.#owners.directionOf(passage.trails, 0);
    for (const lane of [0, 1] as const) {
      const names = [passage.nameAt(0, lane), passage.nameAt(1, lane)];
      const [before = '', after = ''] = opened === 'fromClient' ? names : names.reverse();
      const field = lane === 0 ? 'source' : 'destination';
      if (before !== after) note(opened, { kind: 'header-rewritten', field, before, after });
      const offset = passage.offset(lane);
      if (offset === undefined || offset === 0) continue;
      const direction = this.#owners.directionOf(passage.trails, lane);
      const by = (direction === 'fromClient' ? offset : -offset) >>> 0;
      note(direction, { kind: 'header-rewritten', field: 'sequence-numbers', by });
    }
  }
}

/** A trail as the report has it. */
function placeOf({ flow: { ends, firstFrame } }: Trail, opener: End): DiffPlace {
  return { from: ends[opener].name, to: ends[other(opener)].name, firstFrame };
}

/** The end that did not open a connection, as far as that is known. */
function answererOf(trail: Trail): End {
  return trail.opener === 1 ? 0 : 1;
}

/** What a sender's own capture tells of a RST in its name that it does not have. */
function sentBy(heard: Heard | undefined, time: bigint): Lone['sender'] {
  if (heard?.last === undefined || heard.reset) return undefined;
  return heard.last > time ? 'goes on' : 'silent';
}
