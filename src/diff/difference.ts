/**
 * Two captures of one path, compared while they are read.
 *
 * @module
 */
import type { CapturedPacket } from '../capture/packet.ts';
import { oldest } from '../groups.ts';
import type { Side } from '../trace/connection.ts';
import type { HostName } from '../trace/report.ts';
import { Tracer } from '../trace/tracer.ts';
import { Clocks } from './clocks.ts';
import type { DiffReport } from './diff.ts';
import { Evidence } from './evidence.ts';
import { Marks } from './mark.ts';
import { Owners } from './owners.ts';
import { Pairing } from './pairing.ts';
import { type Match, Passage } from './passage.ts';
import type { Trail } from './trail.ts';
import { Vantage } from './vantage.ts';

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
  readonly #owners: Owners = new Owners();
  readonly #evidence: Evidence = new Evidence(this.#owners);
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
    for (const side of [0, 1] as const) {
      const vantage = this.#vantages[side];
      for (const trail of vantage.free) this.#evidence.unmet(side, trail, vantage.release(trail));
    }
    const [client, server] = this.#tracers;
    return this.#evidence.report(this.#vantages, this.#clocks, () => [client.report(), server.report()]);
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
    this.#evidence.settle(passage);
  }

  #pair(client: Trail, server: Trail): void {
    const passage = new Passage(
      client,
      server,
      this.#known,
      (match) => this.#matched(match),
      (side, lane, sighting) => this.#evidence.miss(passage, side, lane, sighting),
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
    const fromClient = this.#owners.directionOf(passage.trails, lane) === 'fromClient';
    const [a, b] = [client[0], server[0]];
    if (a !== undefined && b !== undefined) this.#clocks.note(a.time, b.time - a.time, fromClient, passage.opened);
    this.#evidence.match(match);
  }
}
