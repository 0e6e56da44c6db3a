/**
 * The steady state: segments in order on a working subflow, which are nearly all there are.
 *
 * What is done here is what {@link Tracer} does for any segment, without making objects:
 * it takes a tenth of the time. Whatever is unusual is left to the general way, untouched;
 * a test holds the two equal.
 *
 * @module
 */
import type { FrameCursor } from '../ip/frame.ts';
import { KIND, Subtype } from '../mptcp/registry.ts';
import { ACK, PSH } from '../tcp/flags.ts';
import { NOP, NOP_NOP_TIMESTAMPS, TIMESTAMPS } from '../tcp/walk.ts';
import type { Connection, Side } from './connection.ts';
import { BLANK, type Context, other } from './context.ts';
import { judge, settleClaims } from './data.ts';
import type { End, Flow } from './flow.ts';
import { keysKnown } from './handshake.ts';
import { Mapping } from './mapping.ts';
import type { DataStream } from './stream.ts';
import type { Subflow, SubflowSide } from './subflow.ts';

/** What one end of a working subflow does, at hand without detours. */
export interface Lane {
  readonly connection: Connection;
  readonly own: SubflowSide;
  /** What the other end does. */
  readonly back: SubflowSide;
  /** The data it sends. */
  readonly stream: DataStream;
  /** The data it acknowledges. */
  readonly peer: DataStream;
  readonly subflow: Subflow;
  readonly side: Side;
  /** It is the initial one. */
  readonly initial: boolean;
  /** Sequence number of subflow sequence number 0. */
  readonly base: number;
}

/** TCP flags beside which nothing may be set: PSH and ACK. */
const PSH_ACK = PSH | ACK;

/** Flags of DSS. */
const DSN8 = 0x08;
const MAP = 0x04;
const ACK8 = 0x02;
const ACKED = 0x01;

/**
 * Take a segment of a working subflow, where it is ordinary: one DSS without DATA_FIN; no data, or the
 * next data, mapped as a whole, with the checksum that it should have. False, and nothing is changed,
 * where it is not.
 */
export function takeSteady(
  context: Context,
  flow: Flow,
  end: End,
  cursor: FrameCursor,
  frame: number,
  time: number,
): boolean {
  const lane = flow.lanes?.[end];
  if (lane === undefined || (cursor.flags | PSH_ACK) !== PSH_ACK || (cursor.flags & ACK) === 0) return false;
  const { connection, own, back, stream, peer } = lane;
  // Of another flow may come what ends the connection, or asks for checksums.
  if (connection.ended) return false;
  // What follows on a repeat tells whether it was in vain.
  if (own.repeat !== undefined || back.repeat !== undefined) return false;
  const at = dssOf(cursor);
  if (at < 0) return false;
  const { view, payloadLength } = cursor;
  const flags = view.getUint8(at + 3);
  let next = at + 4;
  let acked: number | undefined;
  if (flags & ACKED) {
    acked =
      flags & ACK8 ? peer.place64(view.getUint32(next), view.getUint32(next + 4)) : peer.place32(view.getUint32(next));
    next += flags & ACK8 ? 8 : 4;
    if (acked === undefined) return false;
  }
  if (payloadLength > 0) {
    const { checksum } = connection;
    if (checksum !== own.sums || !(flags & MAP)) return false;
    const dsn =
      flags & DSN8
        ? stream.place64(view.getUint32(next), view.getUint32(next + 4))
        : stream.place32(view.getUint32(next));
    next += flags & DSN8 ? 8 : 4;
    const from = own.high;
    // The first data of a direction is held against the key, which is the general way's task.
    if (lane.initial && from <= 1) return false;
    const to = from + payloadLength;
    const ssn = view.getUint32(next);
    const isNext = ((cursor.sequenceNumber - lane.base - from) | 0) === 0 && ((ssn - from) | 0) === 0;
    if (dsn === undefined || !isNext || payloadLength !== view.getUint16(next + 4)) return false;
    if (!own.seen.isNext(from) || !stream.sent.isNext(dsn) || !own.mappings.isNext(from)) return false;
    if (checksum !== next + 8 <= at + view.getUint8(at + 1)) return false;
    if (checksum || !own.mappings.extend(from, to, dsn)) {
      const mapping = new Mapping(from, payloadLength, false, dsn, ssn, checksum, frame);
      if (checksum && !isProven(mapping, view.getUint16(next + 6), cursor, stream, frame)) return false;
      const left = own.mappings.add(mapping);
      if (left !== undefined) settleClaims(context, lane.subflow, lane.side, left);
      if (mapping.cut) connection.payloadCut = true;
      for (const claim of mapping.claims) judge(context, lane.subflow, lane.side, mapping, claim);
    }
    stream.map(dsn, dsn + payloadLength);
    own.seen.append(from, to);
    stream.sent.append(dsn, dsn + payloadLength, lane.subflow.id);
    own.bytes += payloadLength;
    own.high = to;
  } else if (flags & MAP) return false;
  if (acked !== undefined) peer.acknowledge(acked);
  own.quiet = 0;
  own.quietFrame = undefined;
  connection.note(frame, time);
  return true;
}

/** Whether a mapping that covers just the data of its segment has the right checksum, or one that cannot be told. */
function isProven(mapping: Mapping, checksum: number, cursor: FrameCursor, stream: DataStream, frame: number): boolean {
  mapping.claim(checksum, frame);
  mapping.cut = cursor.payloadCaptured < cursor.payloadLength;
  if (mapping.cut) return true;
  mapping.add(mapping.start, mapping.end, cursor.bytes, cursor.payload);
  return mapping.judge(checksum, stream.wordsOf(mapping.dsn)).is === 'good';
}

/** Offset of the one DSS among the options; -1 where they are anything but No-Operation, timestamps and an ordinary DSS. */
function dssOf({ view, options, optionsEnd, optionsCut }: FrameCursor): number {
  if (optionsCut) return -1;
  let found = -1;
  let at = options;
  let row = 0;
  if (at + 12 <= optionsEnd && view.getUint32(at) === NOP_NOP_TIMESTAMPS) at += 12;
  while (at < optionsEnd) {
    const kind = view.getUint8(at);
    if (kind === NOP) {
      if (++row >= BLANK) return -1;
      at++;
      continue;
    }
    row = 0;
    if (at + 3 >= optionsEnd) return -1;
    const length = view.getUint8(at + 1);
    if (kind === KIND) {
      if (found >= 0 || !isOrdinary(view, at, length)) return -1;
      found = at;
    } else if (kind !== TIMESTAMPS || length !== 10) return -1;
    at += length;
  }
  return at === optionsEnd ? found : -1;
}

/** Whether an option is a DSS without DATA_FIN and meaningless bits, as long as its flags say. */
function isOrdinary(view: DataView, at: number, length: number): boolean {
  if (view.getUint8(at + 2) !== Subtype.DSS << 4) return false;
  const flags = view.getUint8(at + 3);
  if (flags > (DSN8 | MAP | ACK8 | ACKED)) return false;
  if ((flags & (MAP | DSN8)) === DSN8 || (flags & (ACKED | ACK8)) === ACK8) return false;
  const ack = flags & ACKED ? (flags & ACK8 ? 8 : 4) : 0;
  const map = flags & MAP ? (flags & DSN8 ? 14 : 10) : 0;
  return length === 4 + ack + map || (map > 0 && length === 6 + ack + map);
}

/** The lanes of a subflow on which nothing unusual is going on; `undefined` for any other. */
export function lanesOf(flow: Flow, subflow: Subflow, context: Context): readonly [Lane, Lane] | undefined {
  const { connection, sides } = subflow;
  const working = subflow.state === 'established' && sides[0].speaks && sides[1].speaks;
  if (!working || connection.state !== 'established' || subflow.released || subflow.thirdAck === undefined)
    return undefined;
  if (subflow.flow !== flow) return undefined;
  if (context.observer.data !== undefined || !keysKnown(connection)) return undefined;
  if (sides[0].infinite !== undefined || sides[1].infinite !== undefined) return undefined;
  if (flow.lanes !== undefined) return flow.lanes;
  const first = laneOf(subflow, 0);
  const second = laneOf(subflow, 1);
  return first === undefined || second === undefined ? undefined : [first, second];
}

function laneOf(subflow: Subflow, end: End): Lane | undefined {
  const { connection, sides } = subflow;
  const { base, exact } = subflow.flow.ends[end];
  const side = subflow.sideOf(end);
  const { stream } = connection.hosts[side];
  if (base === undefined || !exact || !stream.exact || stream.start === undefined) return undefined;
  return {
    connection,
    own: sides[side],
    back: sides[other(side)],
    stream,
    peer: connection.hosts[other(side)].stream,
    subflow,
    side,
    initial: subflow.kind === 'initial',
    base,
  };
}
