/**
 * What a tracer remembers, within bounds: the flows in sight, and every connection.
 *
 * @module
 */
import { oldest } from '../groups.ts';
import type { FrameCursor } from '../ip/frame.ts';
import { Connection } from './connection.ts';
import type { Context } from './context.ts';
import { finish, settleAll } from './finish.ts';
import { type End, type Flow, FlowTable } from './flow.ts';
import { finishJoin } from './join.ts';
import { type Outline, outlineOf, Shelf } from './report.ts';
import { limitReached, type Said } from './say.ts';

/** Ended connections that are kept whole, for stragglers; of others only the outline. */
const LINGERING = 128;

/** Flows of connections that ended longer ago, kept to know stragglers from connections missed. */
const OVER = 2048;

/** Flows and connections of a trace. */
export class Memory {
  readonly #maxFlows: number;
  readonly #maxConnections: number;
  readonly #flows: FlowTable = new FlowTable();
  /** Flows in the order of their first packets. */
  readonly #order: Set<Flow> = new Set();
  /** Of them, those still in their handshake. */
  readonly #halfOpen: Set<Flow> = new Set();
  /** Of them, those whose connections ended a while ago. */
  readonly #over: Set<Flow> = new Set();
  /** Connections in the order of their ids. */
  readonly #connections: Map<number, Connection | Outline> = new Map();
  readonly #shelf: Shelf = new Shelf();
  readonly #ended: Set<Connection> = new Set();
  #forgottenFlows = 0;
  #forgottenConnections = 0;

  constructor(maxFlows: number, maxConnections: number) {
    this.#maxFlows = maxFlows;
    this.#maxConnections = maxConnections;
  }

  /** Every connection, in the order of their ids. */
  get connections(): (Connection | Outline)[] {
    return [...this.#connections.values()];
  }

  /** The flow of the packet under the cursor. */
  find(cursor: FrameCursor): Flow | undefined {
    return this.#flows.find(cursor);
  }

  /** Which end of its flow sent the packet that {@link find} was asked for last. */
  sender(flow: Flow): End {
    return this.#flows.sender(flow);
  }

  /** Start a flow with the packet that {@link find} was asked for last. */
  enter(cursor: FrameCursor, frame: number): Flow {
    const flow = this.#flows.add(cursor, frame);
    this.#order.add(flow);
    this.#halfOpen.add(flow);
    return flow;
  }

  /** The flow is past its handshake: it is no longer the first to go where room is short. */
  settle(flow: Flow): void {
    this.#halfOpen.delete(flow);
  }

  /** Remember a flow no longer. */
  leave(flow: Flow): void {
    this.#flows.remove(flow);
    this.#order.delete(flow);
    this.#halfOpen.delete(flow);
    this.#over.delete(flow);
  }

  /** Remember a connection. */
  add(connection: Connection): void {
    this.#connections.set(connection.id, connection);
  }

  /** The connection has come to an end. */
  end(connection: Connection): void {
    this.#ended.add(connection);
  }

  /** The outline of a connection. */
  outline(one: Connection | Outline): Outline {
    return one instanceof Connection ? outlineOf(one, this.#shelf) : one;
  }

  /** Let go what is too much by one segment. */
  bound(context: Context): void {
    if (this.#flows.size > this.#maxFlows) {
      const groups = [this.#over, this.#halfOpen, this.#order];
      for (const flow of oldest(groups.find(({ size }) => size > 0) ?? [], 1)) this.#forget(context, flow);
    }
    if (this.#ended.size > LINGERING) for (const one of oldest(this.#ended, 1)) this.#release(context, one);
    if (this.#connections.size <= this.#maxConnections) return;
    for (const [id, connection] of oldest(this.#connections, 1)) {
      if (connection instanceof Connection) this.#release(context, connection);
      this.#connections.delete(id);
      this.#forgottenConnections++;
    }
  }

  /** What was forgotten for want of room, by its kind. */
  get forgotten(): [kind: string, said: Said][] {
    const forgotten: [string, Said][] = [];
    if (this.#forgottenFlows > 0) {
      const what = `More than ${this.#maxFlows} TCP flows with MPTCP at once: the ${this.#forgottenFlows} oldest were forgotten`;
      forgotten.push(['flows', limitReached(what)]);
    }
    if (this.#forgottenConnections > 0) {
      const what = `More than ${this.#maxConnections} connections: the ${this.#forgottenConnections} oldest are left out of this report`;
      forgotten.push(['connections', limitReached(what)]);
    }
    return forgotten;
  }

  /** Keep of a flow only that it was there. */
  #outlive(flow: Flow): void {
    if (!this.#order.has(flow)) return;
    flow.over = true;
    flow.subflow = undefined;
    this.#over.add(flow);
    if (this.#over.size > OVER) for (const one of oldest(this.#over, 1)) this.leave(one);
  }

  /** A flow leaves for want of room. */
  #forget(context: Context, flow: Flow): void {
    this.leave(flow);
    if (flow.over) return;
    this.#forgottenFlows++;
    const { subflow } = flow;
    if (subflow === undefined) return;
    finishJoin(context, subflow);
    context.identity.forget(subflow);
    context.identity.forgetOpenings(subflow);
    subflow.release();
  }

  /** Keep only the outline of a connection. */
  #release(context: Context, connection: Connection): void {
    this.#ended.delete(connection);
    finish(context, connection);
    settleAll(context, connection);
    const outline = this.outline(connection);
    this.#connections.set(connection.id, outline);
    context.identity.bury(connection, outline);
    for (const subflow of connection.subflows) {
      context.identity.forgetOpenings(subflow);
      subflow.release();
      this.#outlive(subflow.flow);
    }
  }
}
