/**
 * The tracer: packets in, connections out, in one pass.
 *
 * @module
 */

import { u32 } from '../bytes.ts';
import type { CapturedPacket, PacketSlot } from '../capture/packet.ts';
import { FrameCursor } from '../ip/frame.ts';
import type { Malformed } from '../malformed.ts';
import type { ClauseCode } from '../mptcp/clauses.ts';
import type { Dss } from '../mptcp/dss.ts';
import { decodeOption, type MptcpOption } from '../mptcp/option.ts';
import { KIND } from '../mptcp/registry.ts';
import { violations } from '../mptcp/violations.ts';
import { ACK, FIN, RST, SYN } from '../tcp/flags.ts';
import { NOP, OptionWalk, SACK_PERMITTED, TIMESTAMPS, WINDOW_SCALE } from '../tcp/walk.ts';
import { type Advertised, Connection } from './connection.ts';
import { BLANK, type Context, found, octetsOf, type Segment } from './context.ts';
import { alias, stripped } from './copy.ts';
import { onCapableData, onDss, onPayload } from './data.ts';
import type { TraceEvents } from './events.ts';
import { type Finding, Findings, FRAMES } from './finding.ts';
import { finish } from './finish.ts';
import { Flow, FlowEnd } from './flow.ts';
import { keysKnown, onSyn, onSynAck, onThird, optionOf } from './handshake.ts';
import { Identity } from './identity.ts';
import { finishJoin } from './join.ts';
import { Memory } from './memory.ts';
import { onAcknowledgment } from './repeat.ts';
import {
  type Outline,
  type ReportOf,
  reportAddress,
  reportConnection,
  reportSubflow,
  type TraceOutlines,
  type TraceReport,
} from './report.ts';
import { isAnother, isOlder } from './reuse.ts';
import { captureDamaged, segmentsCut, synsBlanked, violation } from './say.ts';
import { onAddAddr, onFastclose, onFin, onMpFail, onMpPrio, onRemoveAddr, onReset } from './signal.ts';
import { lanesOf, takeSteady } from './steady.ts';
import { other, Subflow } from './subflow.ts';

/** Bounds of a tracer's memory. */
export interface TracerLimits {
  /** TCP flows kept in sight; the oldest half-open ones leave first. Default 65536. */
  readonly flows?: number | undefined;
  /** Connections kept for the report; the oldest that have ended leave first. Default 65536. */
  readonly connections?: number | undefined;
  /** @internal Take the short way for ordinary segments. */
  readonly steady?: boolean | undefined;
}

/** Flows and connections kept, where nobody says. */
const MOST = 65536;

/** Seconds after the last packet of an ended connection in which stragglers count. */
const LINGER = 60;

/**
 * Follows MPTCP through packets, in one pass and with bounded memory.
 *
 * Packets should come in the order of their times; a few out of order do no harm, and keys
 * that show up late judge what came before them.
 *
 * @example
 * ```ts
 * const tracer = new Tracer();
 * for await (const packet of readCapture(file)) tracer.push(packet);
 * for (const { findings } of tracer.report().connections) console.log(findings);
 * ```
 */
export class Tracer {
  readonly #cursor: FrameCursor = new FrameCursor();
  readonly #walker: OptionWalk = new OptionWalk();
  readonly #memory: Memory;
  readonly #listeners: { [Name in keyof TraceEvents]?: ((event: TraceEvents[Name]) => void)[] } = {};
  readonly #context: Context;
  /** The segment in hand: one object for all, which nobody keeps. */
  readonly #inHand: Mutable<Segment> = {
    frame: 0,
    time: 0,
    cursor: this.#cursor,
    flow: NO_FLOW,
    end: 0,
    options: NO_OPTIONS,
    places: NO_PLACES,
    timestamp: undefined,
    nops: 0,
    syn: false,
    ack: false,
    rst: false,
    fin: false,
  };
  readonly #counts: { packets: number; tcpSegments: number; mptcpSegments: number } = {
    packets: 0,
    tcpSegments: 0,
    mptcpSegments: 0,
  };
  /** Take the short way for ordinary segments; a test traces without, too. */
  readonly #steady: boolean;
  #frame = 0;
  /** The packet in hand. */
  #packet: PacketSlot | undefined = undefined;
  #nextId = 0;
  /** Segments of no known flow whose options the capture cut, and the first frames of them. */
  #cut = 0;
  readonly #cutFrames: number[] = [];
  /** SYNs without MPTCP in which an option was blanked, and the first frames of them. */
  #blanked = 0;
  readonly #blankedFrames: number[] = [];

  constructor(limits: TracerLimits = {}) {
    this.#steady = limits.steady ?? true;
    const connections = limits.connections ?? MOST;
    this.#memory = new Memory(limits.flows ?? MOST, connections);
    this.#context = this.#newContext(new Identity(2 * connections));
  }

  /** Be told of events while packets come in. */
  on<Name extends keyof TraceEvents>(event: Name, listener: (event: TraceEvents[Name]) => void): this {
    const listeners: ((event: TraceEvents[Name]) => void)[] = this.#listeners[event] ?? [];
    listeners.push(listener);
    Object.assign(this.#listeners, { [event]: listeners });
    if (event === 'data') this.#context.observer.data = (data) => this.#emit('data', data);
    return this;
  }

  /** Take the next packet. */
  push(packet: CapturedPacket): void {
    const { frame, linkType, bytes, originalLength, time } = packet;
    const seconds = Number(time / BILLION);
    const nanoseconds = Number(time % BILLION);
    const { length } = bytes;
    this.take({
      frame,
      seconds,
      nanoseconds,
      linkType,
      bytes,
      offset: 0,
      length,
      originalLength,
      interface: undefined,
    });
  }

  /** Take the next packet where it lies in its buffer, which may change afterwards: what `CaptureReader` gives. */
  take(packet: PacketSlot): void {
    this.#counts.packets++;
    const cursor = this.#cursor;
    const { bytes, frame } = packet;
    if (!cursor.reset(packet.linkType, bytes, packet.offset, packet.length, packet.originalLength)) return;
    this.#counts.tcpSegments++;
    let flow = this.#memory.find(cursor);
    const time = packet.seconds + packet.nanoseconds / 1e9;
    if (flow?.lanes !== undefined && takeSteady(this.#context, flow, this.#memory.sender(flow), cursor, frame, time)) {
      this.#counts.mptcpSegments++;
      return;
    }
    const segment = this.#inHand;
    this.#scan(segment);
    const { options } = segment;
    if (options.length > 0) this.#counts.mptcpSegments++;
    else if (flow === undefined) {
      if (cursor.optionsCut && this.#cut++ < FRAMES) this.#cutFrames.push(frame);
      const blank = segment.nops >= BLANK && (cursor.flags & (SYN | ACK)) === SYN;
      if (blank && segment.nops >= BLANK + this.#lacking() && this.#blanked++ < FRAMES) this.#blankedFrames.push(frame);
      return;
    }
    this.#frame = frame;
    this.#packet = packet;
    const { flags } = cursor;
    const syn = (flags & SYN) !== 0;
    const ack = (flags & ACK) !== 0;
    if (flow !== undefined && isAnother(flow, this.#memory.sender(flow), cursor, options)) {
      if (options.length === 0) {
        // Nobody may take a SYN: a peer that knows the older connection answers with an ACK of that (RFC 5961 §4).
        if (syn && !ack) flow.ends[this.#memory.sender(flow)].stray = cursor.sequenceNumber;
        return;
      }
      this.#memory.leave(flow);
      flow = undefined;
    }
    flow ??= this.#memory.enter(cursor, frame);
    segment.frame = frame;
    segment.time = time;
    segment.flow = flow;
    segment.end = this.#memory.sender(flow);
    segment.syn = syn;
    segment.ack = ack;
    segment.rst = (flags & RST) !== 0;
    segment.fin = (flags & FIN) !== 0;
    this.#segment(segment);
    this.#memory.bound(this.#context);
  }

  /**
   * Everything known, now that no more packets come. May be asked for in between, too: what
   * has not happened yet then counts as not happening.
   *
   * @param damage - what was wrong with the capture, where something was
   */
  report(damage?: string): TraceReport {
    return this.#report(damage, (one) => (one instanceof Connection ? reportConnection(one) : one.report));
  }

  /**
   * The {@link report}, with each connection as it is kept.
   *
   * @internal
   */
  outlines(damage?: string): TraceOutlines {
    return this.#report(damage, (one) => this.#memory.outline(one));
  }

  #report<T>(damage: string | undefined, of: (one: Connection | Outline) => T): ReportOf<T> {
    const { connections, forgotten } = this.#memory;
    for (const one of connections) if (one instanceof Connection) finish(this.#context, one);
    for (const subflow of this.#context.identity.waiting()) finishJoin(this.#context, subflow);
    const { outer } = this.#context;
    if (damage !== undefined) outer.add({ ...captureDamaged(damage), frames: [] });
    if (this.#cut > 0) outer.add({ ...segmentsCut(this.#cut), frames: this.#cutFrames }, 'segments');
    if (this.#blanked > 0) outer.add({ ...synsBlanked(this.#blanked), frames: this.#blankedFrames }, 'syns');
    for (const [kind, said] of forgotten) outer.add({ ...said, frames: [] }, kind);
    return {
      schema: 'mptcp-codec/trace/1',
      capture: { ...this.#counts, damaged: damage ?? null },
      connections: connections.map(of),
      findings: outer.list,
    };
  }

  /** Decode the MPTCP options under the cursor, and note what else of the list matters. */
  #scan(segment: Mutable<Segment>): void {
    const { bytes, options: start, optionsEnd } = this.#cursor;
    const walker = this.#walker.reset(bytes, start, optionsEnd);
    let options = NO_OPTIONS;
    let places = NO_PLACES;
    let timestamp: number | undefined;
    let row = 0;
    let nops = 0;
    while (walker.next()) {
      const { kind, offset, length } = walker;
      if (kind === NOP) {
        if (++row > nops) nops = row;
        continue;
      }
      row = 0;
      if (kind === KIND) {
        const option = decodeOption(bytes, offset, length);
        // A literal: an array that grows begins with room for 17.
        options = options.length === 0 ? [option] : [...options, option];
        places = places.length === 0 ? [offset] : [...places, offset];
      } else if (kind === TIMESTAMPS && length === 10) timestamp ??= u32(bytes, offset + 2);
    }
    segment.options = options;
    segment.places = places;
    segment.timestamp = timestamp;
    segment.nops = nops;
  }

  /** Octets of the other options of a SYN that the one under the cursor lacks: they may be what was blanked there. */
  #lacking(): number {
    const { bytes, options, optionsEnd } = this.#cursor;
    const walker = this.#walker.reset(bytes, options, optionsEnd);
    let octets = 10 + 3 + 2;
    while (walker.next()) {
      if (walker.kind === TIMESTAMPS) octets -= 10;
      else if (walker.kind === WINDOW_SCALE) octets -= 3;
      else if (walker.kind === SACK_PERMITTED) octets -= 2;
    }
    return octets;
  }

  #segment(segment: Segment): void {
    const { flow, syn, ack, rst, options } = segment;
    const context = this.#context;
    if (flow.over || flow.subflow?.released === true || isLate(segment) || isOlder(segment)) return;
    // A SYN may tell anew which end began, and so whose lane is whose.
    if (syn) flow.lanes = undefined;
    else flow.ends[segment.end].met ??= segment.cursor.sequenceNumber;
    if (syn && !ack) onSyn(context, segment);
    else if (syn) onSynAck(context, segment);
    else if (flow.subflow === undefined) this.#midStream(segment);
    const { subflow } = flow;
    if (subflow === undefined) return;
    const { connection } = subflow;
    connection.note(segment.frame, segment.time);
    if (!syn) onThird(context, segment, subflow);
    onAcknowledgment(segment, subflow);
    for (const option of options) this.#option(segment, subflow, option);
    if (!syn) this.#listen(segment, subflow);
    onPayload(context, segment, subflow);
    if (rst) onReset(context, segment, subflow);
    else if (segment.fin) onFin(context, segment, subflow);
    flow.lanes = this.#steady ? lanesOf(flow, subflow, context) : undefined;
  }

  #option(segment: Segment, subflow: Subflow, option: MptcpOption | Malformed): void {
    const context = this.#context;
    const { syn, ack, rst, cursor, frame } = segment;
    const { version } = subflow.connection;
    if (option.type === 'DSS' && !syn && isOrdinary(option)) {
      onDss(context, segment, subflow, option);
      return;
    }
    const { payloadLength } = cursor;
    const checksumNegotiated = agreed(subflow);
    for (const broken of violations(option, { syn, ack, rst, payloadLength, version, checksumNegotiated })) {
      if (TOLD_ELSEWHERE.includes(broken.code)) continue;
      found(context, subflow, violation(broken, option.type), [frame], broken.code);
    }
    switch (option.type) {
      case 'DSS':
        if (!syn) onDss(context, segment, subflow, option);
        break;
      case 'MP_CAPABLE':
        if (!syn) onCapableData(context, segment, subflow, option);
        break;
      case 'ADD_ADDR':
        onAddAddr(context, segment, subflow, option);
        break;
      case 'REMOVE_ADDR':
        onRemoveAddr(context, segment, subflow, option);
        break;
      case 'MP_PRIO':
        onMpPrio(segment, subflow, option);
        break;
      case 'MP_FAIL':
        onMpFail(context, segment, subflow, option);
        break;
      case 'MP_FASTCLOSE':
        onFastclose(context, segment, subflow, option);
        break;
    }
  }

  /** Segments without MPTCP on a subflow that had it: blanked, or given up. */
  #listen(segment: Segment, subflow: Subflow): void {
    const { options, nops, flow, end, frame, cursor } = segment;
    const side = subflow.sideOf(end, flow);
    const own = subflow.sides[side];
    if (options.length > 0 || cursor.optionsCut) {
      own.quiet = 0;
      own.quietFrame = undefined;
      return;
    }
    // A host that knows the connection no longer answers with RSTs alone.
    if (!segment.rst) {
      own.quiet++;
      own.quietFrame ??= frame;
    }
    if (nops < BLANK || !keysKnown(subflow.connection)) return;
    stripped(this.#context, segment, subflow, segment.rst ? 'A RST' : 'A segment');
  }

  /** A flow whose handshake the capture missed. */
  #midStream(segment: Segment): void {
    const { flow, end, cursor, frame } = segment;
    const capable = optionOf(segment, 'MP_CAPABLE');
    const join = optionOf(segment, 'MP_JOIN');
    const opening = capable?.receiverKey === undefined ? join : capable;
    const fromClient = opening !== undefined || cursor.sourcePort >= cursor.destinationPort;
    flow.initiator = fromClient ? end : other(end);
    if (segment.ack) flow.ends[other(end)].met = cursor.acknowledgmentNumber;
    if (opening !== undefined && alias(this.#context, segment, octetsOf(segment, opening))) {
      this.#context.settle(flow);
      return;
    }
    const isJoin = opening?.type === 'MP_JOIN';
    const connection = this.#context.open(segment, isJoin);
    const subflow = new Subflow(connection, isJoin ? 'join' : 'initial', flow, 0, frame);
    if (opening === undefined) {
      connection.midStream = true;
      connection.state = 'mid-stream';
      subflow.state = 'established';
    }
    connection.subflows.push(subflow);
    this.#context.settle(flow);
    if (isJoin) return;
    this.#context.observer.connection(connection);
    this.#context.observer.subflow(subflow);
  }

  #newContext(identity: Identity): Context {
    const emitFinding = (finding: Finding, connection: Connection | undefined): void => {
      this.#tell('finding', finding, connection, finding.subflow);
    };
    return {
      identity,
      outer: new Findings(emitFinding),
      held: 0,
      removal: undefined,
      observer: {
        connection: (connection) => {
          this.#memory.add(connection);
          if (this.#listeners.connection !== undefined)
            this.#tell('connection', reportConnection(connection), connection);
        },
        subflow: (subflow) => {
          if (this.#listeners.subflow !== undefined) {
            this.#tell('subflow', reportSubflow(subflow), subflow.connection, subflow.id);
          }
        },
        address: (connection, address: Advertised) => {
          this.#tell('address', reportAddress(address), connection, address.subflow.id);
        },
        verdict: (connection, subflow, check, frame, verdict) => {
          if (this.#listeners.verdict === undefined) return;
          const at = connection.id < 0 ? {} : { connection: connection.id, subflow: subflow.id };
          this.#emit('verdict', { event: 'verdict', frame, time: this.#now(), ...at, check, subject: verdict });
        },
        finding: emitFinding,
        close: (connection) => {
          if (this.#listeners.close !== undefined) this.#tell('close', reportConnection(connection), connection);
        },
      },
      open: ({ frame, time }, placeholder) => {
        return new Connection(placeholder ? -1 : this.#nextId++, frame, time, emitFinding);
      },
      settle: (flow) => {
        this.#memory.settle(flow);
      },
      close: (connection) => {
        this.#memory.end(connection);
        this.#context.observer.close(connection);
      },
    };
  }

  #tell<Name extends 'connection' | 'subflow' | 'address' | 'finding' | 'close'>(
    event: Name,
    subject: TraceEvents[Name]['subject'],
    connection: Connection | undefined,
    subflow?: number,
  ): void {
    const id = connection === undefined || connection.id < 0 ? undefined : connection.id;
    const told = { event, frame: this.#frame, time: this.#now(), connection: id, subflow, subject };
    this.#emit(event, told as unknown as TraceEvents[Name]);
  }

  /** Nanoseconds since the epoch. */
  #now(): bigint {
    return BigInt(this.#packet?.seconds ?? 0) * BILLION + BigInt(this.#packet?.nanoseconds ?? 0);
  }

  #emit<Name extends keyof TraceEvents>(name: Name, event: TraceEvents[Name]): void {
    for (const listener of this.#listeners[name] ?? []) listener(event);
  }
}

const NOBODY: FlowEnd = new FlowEnd(new Uint8Array(4), 0);
const NO_FLOW: Flow = new Flow(NOBODY, NOBODY, 0, 0);
const NO_OPTIONS: Segment['options'] = [];
const NO_PLACES: Segment['places'] = [];

const BILLION = 1_000_000_000n;

/** Whether a DSS breaks no clause, whatever its segment: the case of nearly all, told without a list. */
function isOrdinary({ dataFin, mapping, reserved }: Dss): boolean {
  return !dataFin && reserved === 0 && mapping?.dataLevelLength !== 0;
}

/** Whether a segment comes more than a minute after the end of its connection: it is passed over. */
function isLate({ flow, time }: Segment): boolean {
  const connection = flow.subflow?.connection;
  return connection?.ended === true && time - connection.lastTime > LINGER;
}

/** Whether SYN and SYN/ACK agreed on DSS checksums, where both were seen. */
function agreed({ kind, openings, connection }: Subflow): boolean | undefined {
  const [syn, synAck] = openings;
  return kind === 'initial' && syn !== undefined && synAck !== undefined ? connection.checksum : undefined;
}

/** What else says of checksums, `checksum-missing` and `checksum-not-negotiated`. */
const TOLD_ELSEWHERE: readonly ClauseCode[] = [
  'capable-checksum-missing',
  'capable-checksum-not-negotiated',
  'dss-checksum-missing',
  'dss-checksum-not-negotiated',
];

type Mutable<T> = { -readonly [Name in keyof T]: T[Name] };
