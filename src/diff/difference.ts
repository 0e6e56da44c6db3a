/**
 * Two captures of one path, compared while they are read.
 *
 * @module
 */
import type { CapturedPacket } from '../capture/packet.ts';
import { oldest } from '../groups.ts';
import { RST } from '../tcp/flags.ts';
import type { Side } from '../trace/connection.ts';
import type { End } from '../trace/flow.ts';
import type { HostName } from '../trace/report.ts';
import { other } from '../trace/subflow.ts';
import { Tracer } from '../trace/tracer.ts';
import { type Change, type HeaderRewritten, whatOf } from './change.ts';
import { Clocks } from './clocks.ts';
import { changesOf, segmentName } from './comparison.ts';
import type { DiffChange, DiffFlow, DiffPlace, DiffReport } from './diff.ts';
import type { Heard } from './direction.ts';
import { type Lone, pathFindings } from './findings.ts';
import { Marks } from './mark.ts';
import { Owners } from './owners.ts';
import { Pairing } from './pairing.ts';
import { type Lane, type Match, Passage } from './passage.ts';
import type { Sighting } from './sighting.ts';
import type { Trail } from './trail.ts';
import { Vantage } from './vantage.ts';

/** Changes, and frames of each list, that a report holds. */
const LIMIT = 65_536;

/** Connections that have ended and may have segments to come; of twice as many, the older half is settled. */
const LINGERING = 512;

/** Packets that one capture may be read ahead of the other while no segment of both is known. */
const AHEAD = 65_536;

/**
 * Compares two captures while they are read, with bounded memory.
 *
 * Packets of each should come in the order of their times, and {@link next} first.
 */
export class Difference {
  readonly #vantages: readonly [Vantage, Vantage] = [new Vantage(), new Vantage()];
  readonly #tracers: readonly [Tracer, Tracer] = [new Tracer(), new Tracer()];
  readonly #passages: Set<Passage> = new Set();
  /** Of them, those that ended. */
  readonly #ended: Set<Passage> = new Set();
  readonly #flows: DiffFlow[] = [];
  readonly #rewritten: DiffChange[] = [];
  readonly #found: { readonly passage: Passage; readonly lane: Lane; readonly change: Change }[] = [];
  /** Segments with something to tell that one capture only has. */
  readonly #lone: {
    readonly trail: Trail;
    readonly lane: Lane;
    readonly time: bigint;
    readonly lone: Omit<Lone, 'flow' | 'covered' | 'heard' | 'sender'>;
  }[] = [];
  readonly #only: readonly [number[], number[]] = [[], []];
  /** Segments that each capture missed of connections that it has, for they arrived at the other end. */
  readonly #missed: [number, number] = [0, 0];
  readonly #owners: Owners = new Owners();
  #pairs = 0;
  readonly #clocks: Clocks = new Clocks();
  readonly #pairing: Pairing = new Pairing(this.#vantages, this.#clocks, (client, server) =>
    this.#pair(client, server),
  );
  /** Whole segments that were found in both captures. */
  readonly #known: Marks = new Marks();

  /** The capture to read from next, so that little has to wait for its counterpart. */
  get next(): HostName {
    const [client, server] = this.#vantages;
    if (client.time === undefined) return 'client';
    if (server.time === undefined) return 'server';
    const ahead = client.packets - server.packets;
    if (this.#clocks.offset === undefined && Math.abs(ahead) > AHEAD) return ahead < 0 ? 'client' : 'server';
    return client.time + (this.#clocks.offset ?? 0n) <= server.time ? 'client' : 'server';
  }

  /** Take the next packet of one capture. */
  push(from: HostName, packet: CapturedPacket): void {
    const side: Side = from === 'client' ? 0 : 1;
    this.#tracers[side].push(packet);
    const vantage = this.#vantages[side];
    const taken = vantage.take(packet);
    if (taken === undefined || taken.trail.again) return;
    const { trail, sighting, features } = taken;
    if (vantage.isRepeated(trail, sighting)) return;
    if (features.length > 0 && sighting.opening) this.#owners.learn(trail, sighting);
    this.#pairing.meet(side, trail, features);
    const { passage } = trail;
    if (trail.again) vantage.release(trail);
    else if (passage === undefined) {
      if (vantage.hold(trail, sighting)) this.#pairing.recognise(trail);
    } else {
      passage.add(side, sighting);
      if (passage.over) this.#ended.add(passage);
    }
    this.#tidy(vantage);
  }

  /** Everything found, now that no more packets come. To be asked for once. */
  report(): DiffReport {
    this.#pairing.finish();
    for (const passage of this.#passages) this.#retire(passage);
    for (const side of [0, 1] as const) this.#unmet(side);
    const indices = new Map<Trail, number>();
    for (const { trail, lone } of this.#lone) {
      if (trail.passage !== undefined || indices.has(trail)) continue;
      indices.set(trail, this.#flows.length);
      this.#flows.push(lone.at === 'client' ? this.#flow(trail, undefined) : this.#flow(undefined, trail));
    }
    // In the order of their first frames, not of their ends.
    const start = ({ client, server }: DiffFlow): number => client?.firstFrame ?? server?.firstFrame ?? 0;
    const flows = [...this.#flows].sort((a, b) => start(a) - start(b));
    const places = new Map(flows.map((flow, i) => [flow, i]));
    const placeOf = (index: number | undefined): number => {
      const flow = this.#flows[index ?? 0];
      return flow === undefined ? 0 : (places.get(flow) ?? 0);
    };
    const changes = this.#rewritten.map((change) => ({ ...change, flow: placeOf(change.flow) }));
    for (const { passage, lane, change } of this.#found) {
      const direction = this.#direction(passage.trails, lane);
      changes.push({ ...change, direction, what: whatOf(change), flow: placeOf(passage.index) });
    }
    changes.sort((a, b) => a.clientFrame - b.clientFrame);
    const ascending = (frames: number[]): number[] => frames.sort((a, b) => a - b).slice(0, LIMIT);
    const findings = pathFindings({
      flows,
      changes,
      lone: this.#lone.map(({ trail, lane, time, lone }) => {
        const there = lone.at === 'client' ? 1 : 0;
        const then = time + (there === 1 ? this.#clocks.ahead : -this.#clocks.ahead);
        return {
          ...lone,
          flow: placeOf(trail.passage?.index ?? indices.get(trail)),
          covered: this.#vantages[there].covers(then),
          heard: this.#vantages[there].hears(trail.flow.ends[answererOf(trail)].address),
          sender: sentBy(trail.passage?.heard(there, lane), then),
        };
      }),
      traces: () => [this.#tracers[0].report(), this.#tracers[1].report()],
      missed: { client: this.#missed[0], server: this.#missed[1] },
      backwards: this.#clocks.backwards,
      forgotten: this.#vantages[0].forgotten + this.#vantages[1].forgotten,
    });
    return {
      schema: 'mptcp-codec/diff/1',
      pairs: this.#pairs,
      onlyClient: ascending(this.#only[0]),
      onlyServer: ascending(this.#only[1]),
      changes,
      findings,
      flows,
      clock: this.#clocks.report,
    };
  }

  /** Keep within bounds. */
  #tidy(vantage: Vantage): void {
    if (this.#ended.size > 2 * LINGERING) for (const one of oldest(this.#ended, LINGERING)) this.#retire(one);
    for (const trail of vantage.surplus()) {
      if (trail.passage !== undefined) this.#retire(trail.passage);
      else vantage.forget(trail);
    }
  }

  /** No more comes of a connection: settle it, and keep what it showed. */
  #retire(passage: Passage): void {
    passage.settle();
    this.#passages.delete(passage);
    this.#ended.delete(passage);
    const [client, server] = passage.trails;
    this.#vantages[0].forget(client);
    this.#vantages[1].forget(server);
    if (!passage.mptcp) return;
    this.#pairs += passage.pairs;
    if (this.#flows.length >= LIMIT) return;
    passage.index = this.#flows.length;
    this.#flows.push(this.#flow(client, server, passage));
    this.#rewritten.push(...this.#rewritings(passage, passage.index));
  }

  #pair(client: Trail, server: Trail): void {
    const passage = new Passage(
      client,
      server,
      this.#known,
      (match) => this.#matched(match),
      (side, lane, sighting) => this.#alone(passage, side, lane, sighting),
    );
    client.passage = passage;
    server.passage = passage;
    this.#passages.add(passage);
    const [a, b] = this.#vantages;
    const [near, far] = [client.waiting[0]?.time ?? a.time, server.waiting[0]?.time ?? b.time];
    if (near !== undefined && far !== undefined) this.#clocks.guess(far - near);
    for (const sighting of this.#vantages[0].release(client)) passage.add(0, sighting);
    for (const sighting of this.#vantages[1].release(server)) passage.add(1, sighting);
  }

  #matched(match: Match): void {
    const { passage, lane, client, server } = match;
    const fromClient = this.#direction(passage.trails, lane) === 'fromClient';
    const [a, b] = [client[0], server[0]];
    if (a !== undefined && b !== undefined) this.#clocks.note(a.time, b.time - a.time, fromClient, passage.opened);
    if (this.#found.length >= LIMIT || !passage.mptcp) return;
    for (const change of changesOf(match, fromClient)) this.#found.push({ passage, lane, change });
  }

  #alone(passage: Passage, side: Side, lane: Lane, sighting: Sighting): void {
    if (!passage.mptcp) return;
    const direction = this.#direction(passage.trails, lane);
    const arrived = direction === (side === 0 ? 'fromServer' : 'fromClient');
    if (arrived && (sighting.flags & RST) === 0) this.#missed[other(side)]++;
    this.#note(passage.trails[side], side, lane, direction, sighting, (sighting.flags & RST) !== 0);
  }

  /** @param telling - it may tell something even without MPTCP */
  #note(
    trail: Trail,
    side: Side,
    lane: Lane,
    direction: DiffChange['direction'],
    sighting: Sighting,
    telling: boolean,
  ): void {
    const { frame, time, mptcp } = sighting;
    if (this.#only[side].length < LIMIT) this.#only[side].push(frame);
    const segment = segmentName(sighting);
    if ((!mptcp && !telling) || this.#lone.length >= LIMIT) return;
    const at = side === 0 ? 'client' : 'server';
    this.#lone.push({ trail, lane, time, lone: { at, direction, frame, segment, mptcp } });
  }

  /** Connections with MPTCP of which the other capture has nothing. */
  #unmet(side: Side): void {
    for (const trail of this.#vantages[side].free) {
      const waiting = this.#vantages[side].release(trail);
      if (!trail.mptcp) continue;
      waiting.forEach((sighting, i) => {
        const lane: Lane = sighting.end === answererOf(trail) ? 1 : 0;
        this.#note(trail, side, lane, this.#direction([trail], lane), sighting, i < BEGINNING);
      });
    }
  }

  #direction(trails: readonly Trail[], lane: Lane): DiffChange['direction'] {
    return this.#owners.initiatorOf(trails) === lane ? 'fromClient' : 'fromServer';
  }

  #flow(client: Trail | undefined, server: Trail | undefined, passage?: Passage): DiffFlow {
    const trails = [client, server].filter((trail) => trail !== undefined);
    const initiator = this.#direction(trails, 0) === 'fromClient' ? 'client' : 'server';
    const place = (trail: Trail | undefined, at: Side): DiffPlace | undefined => {
      if (trail === undefined) return undefined;
      const opener = passage?.openerAt(at) ?? trail.opener ?? 0;
      const { ends, firstFrame } = trail.flow;
      return { from: ends[opener].name, to: ends[other(opener)].name, firstFrame };
    };
    return { initiator, client: place(client, 0), server: place(server, 1) };
  }

  /** Addresses and numbers that the path rewrites all along a connection. */
  #rewritings(passage: Passage, flow: number): DiffChange[] {
    const [client, server] = passage.trails;
    const changes: DiffChange[] = [];
    const note = (direction: DiffChange['direction'], deed: HeaderRewritten): void => {
      const frames = { clientFrame: client.flow.firstFrame, serverFrame: server.flow.firstFrame };
      changes.push({ ...frames, segment: 'all', ...deed, direction, what: whatOf(deed), flow });
    };
    const opened = this.#direction(passage.trails, 0);
    for (const lane of [0, 1] as const) {
      const names = [passage.nameAt(0, lane), passage.nameAt(1, lane)];
      const [before = '', after = ''] = opened === 'fromClient' ? names : names.reverse();
      const field = lane === 0 ? 'source' : 'destination';
      if (before !== after) note(opened, { kind: 'header-rewritten', field, before, after });
      const offset = passage.offset(lane);
      if (offset === undefined || offset === 0) continue;
      const direction = this.#direction(passage.trails, lane);
      const by = (direction === 'fromClient' ? offset : -offset) >>> 0;
      note(direction, { kind: 'header-rewritten', field: 'sequence-numbers', by });
    }
    return changes;
  }
}

/** Segments at the beginning of a connection that tell who answered. */
const BEGINNING = 8;

/** The end that did not open a connection, as far as that is known. */
function answererOf(trail: Trail): End {
  return trail.opener === 1 ? 0 : 1;
}

/** What a sender's own capture tells of a RST in its name that it does not have. */
function sentBy(heard: Heard | undefined, time: bigint): Lone['sender'] {
  if (heard?.last === undefined || heard.reset) return undefined;
  return heard.last > time ? 'goes on' : 'silent';
}
