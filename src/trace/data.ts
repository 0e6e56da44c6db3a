/**
 * Data: mappings, the octets they cover, and the checksums over them.
 *
 * @module
 */
import type { Dss } from '../mptcp/dss.ts';
import type { MpCapable } from '../mptcp/mp-capable.ts';
import type { Connection, Side } from './connection.ts';
import { type Context, found, nameOf, type Segment, verdict } from './context.ts';
import { unwrap } from './flow.ts';
import { type Claim, Mapping } from './mapping.ts';
import { noteRepeat, stuck } from './repeat.ts';
import {
  checksumBad,
  checksumMissing,
  checksumNotNegotiated,
  infiniteMapping,
  keyMismatch,
  mappingMismatch,
} from './say.ts';
import { other, type Subflow, type SubflowSide } from './subflow.ts';
import { judged, unverified, type Why } from './verdict.ts';

/** Stretches of unmapped data kept for each direction. */
const UNMAPPED = 64;

/** Octets of data held in all until their mapping comes. */
const HELD = 16 * 1024 * 1024;

/**
 * Octets by which the first number of a subflow may be ahead of where the key says, where it has 32 bits: one at random
 * is as near once in 256 times. One of 64 bits that is near at all tells that the key is right.
 */
const ELSEWHERE = 0x1000000;

/** A DSS option. */
export function onDss(context: Context, segment: Segment, subflow: Subflow, option: Dss): void {
  const side = subflow.sideOf(segment.end, segment.flow);
  const { hosts } = subflow.connection;
  if (option.dataAck !== undefined) {
    const peer = hosts[other(side)].stream;
    const offset = peer.place(option.dataAck);
    if (offset !== undefined) peer.acknowledge(offset);
  }
  if (option.mapping === undefined) return;
  const { dataSequenceNumber, subflowSequenceNumber, dataLevelLength, checksum } = option.mapping;
  const { stream } = hosts[side];
  const dsn = stream.place(dataSequenceNumber);
  const own = subflow.sides[side];
  if (dsn === undefined) {
    misplaced(context, segment, subflow, side);
    return;
  }
  const start = unwrap(subflowSequenceNumber, own.high);
  if (dataLevelLength === 0) {
    // With F it leaves no room for the DATA_FIN, and on no data it maps nothing: hosts ignore it.
    if (option.dataFin && segment.cursor.payloadLength === 0) return;
    own.infinite ??= { start, dsn, frame: segment.frame };
    fallBack(subflow.connection, 'infinite-mapping', segment.frame);
    // The peer answers it with its own: one finding.
    found(context, subflow, infiniteMapping(nameOf(subflow, side)), [segment.frame]);
    return;
  }
  declare(
    context,
    segment,
    subflow,
    side,
    start,
    dataLevelLength,
    option.dataFin,
    dsn,
    subflowSequenceNumber,
    checksum,
    typeof dataSequenceNumber === 'bigint',
  );
}

/** The mapping that MP_CAPABLE with data implies: from IDSN + 1 and subflow sequence number 1. */
export function onCapableData(context: Context, segment: Segment, subflow: Subflow, option: MpCapable): void {
  const side = subflow.sideOf(segment.end, segment.flow);
  const { start } = subflow.connection.hosts[side].stream;
  if (option.dataLevelLength === undefined || option.dataLevelLength === 0 || start === undefined) return;
  declare(context, segment, subflow, side, 1, option.dataLevelLength, false, start + 1, 1, option.checksum, true);
}

/** The connection goes on as plain TCP; the first reason stands. */
export function fallBack(
  connection: Connection,
  reason: NonNullable<Connection['fallback']>['reason'],
  frame: number,
): void {
  connection.fallback ??= { reason, frame };
  if (connection.state !== 'fastclosed' && connection.state !== 'reset') connection.state = 'fallback';
}

function declare(
  context: Context,
  segment: Segment,
  subflow: Subflow,
  side: Side,
  start: number,
  length: number,
  fin: boolean,
  dsn: number,
  wireSsn: number,
  checksum: number | undefined,
  wide: boolean,
): void {
  const { frame, cursor } = segment;
  const { stream } = subflow.connection.hosts[side];
  const own = subflow.sides[side];
  if (fin) stream.fin ??= { offset: dsn + length - 1, frame };
  checkNegotiation(context, segment, subflow, side, checksum);
  const base = segment.flow.ends[segment.end];
  let mapping = own.mappings.find(start, length, fin, dsn);
  let follows = false;
  if (mapping === undefined) {
    follows = !base.exact && own.mappings.list.at(-1)?.end === start && place(segment, own) === own.high;
    mapping = new Mapping(start, length, fin, dsn, wireSsn, checksum !== undefined, frame);
    checkPlace(context, segment, subflow, side, mapping, wide);
    const grown = !fin && checksum === undefined && own.mappings.extend(start, mapping.end, dsn);
    const left = grown ? undefined : own.mappings.add(mapping);
    if (left !== undefined) settleClaims(context, subflow, side, left);
    if (mapping.end > start) {
      stream.map(dsn, dsn + mapping.end - start);
      cover(context, subflow, side, own);
    }
  }
  if (checksum !== undefined) {
    own.sums = true;
    const before = mapping.claims.length;
    const claim = mapping.claim(checksum, frame);
    if (mapping.claims.length > before) judge(context, subflow, side, mapping, claim);
  }
  const fits = mapping.end - start === cursor.payloadLength;
  if (!base.exact && cursor.payloadLength > 0 && (fits || follows)) {
    // Without the SYN, a mapping that fits its segment exactly tells where the subflow stands, or one that goes on
    // behind the mapping before it, on a segment that goes on behind the data before it.
    base.base = (cursor.sequenceNumber - wireSsn) >>> 0;
    base.exact = true;
    own.seen = own.seen.emptied();
    own.high = start;
    own.repeat = undefined;
  }
}

/** Whether the checksum is there when the handshake asked for it, and only then. */
function checkNegotiation(
  context: Context,
  segment: Segment,
  subflow: Subflow,
  side: Side,
  checksum: number | undefined,
): void {
  const { connection } = subflow;
  if (connection.hosts[0].keyFrame === undefined || connection.hosts[1].keyFrame === undefined) return;
  if (connection.checksum === (checksum !== undefined)) return;
  const name = nameOf(subflow, side);
  const said = checksum === undefined ? checksumMissing(name) : checksumNotNegotiated(name);
  found(context, subflow, said, [segment.frame], `${side}`);
}

/** Whether a new mapping agrees with its segment, with the mappings before, and with the key. */
function checkPlace(
  context: Context,
  segment: Segment,
  subflow: Subflow,
  side: Side,
  mapping: Mapping,
  wide: boolean,
): void {
  const { connection } = subflow;
  const { start, end, dsn, frame } = mapping;
  const own = subflow.sides[side];
  const { stream } = connection.hosts[side];
  if (end <= start) return;
  let conflict = false;
  own.mappings.overlapping(start, end, (before) => {
    if (before.dsn - before.start === dsn - start) return;
    conflict = true;
    const what = 'two mappings place the same subflow octets at different data sequence numbers';
    const said = mappingMismatch(nameOf(subflow, side), what);
    own.misplaced = true;
    found(context, subflow, said, [before.frame, frame], `conflict ${side}`);
  });
  const first = !conflict && start === 1 && subflow.kind === 'initial' && connection.subflows.length === 1;
  // Data ahead of it may have gone over subflows that the capture misses.
  const ahead = stream.start === undefined ? 0 : dsn - stream.start - 1;
  if (first && stream.exact && (ahead < 0 || (!wide && ahead > ELSEWHERE))) {
    const at = connection.hosts[side].keyFrame ?? frame;
    own.misplaced = true;
    found(context, subflow, keyMismatch(nameOf(subflow, side), 'data'), [at, frame], `data ${side}`);
  }
  const base = segment.flow.ends[segment.end];
  const { payloadLength } = segment.cursor;
  if (!base.exact || payloadLength === 0) return;
  const from = place(segment, own);
  if (end > from && start < from + payloadLength) return;
  const what = `the mapping in frame ${frame} covers subflow octets ${start} to ${end - 1}, none of which its segment carries (${from} to ${from + payloadLength - 1})`;
  own.misplaced = true;
  found(context, subflow, mappingMismatch(nameOf(subflow, side), what), [frame], `place ${side}`);
}

/** A data sequence number far from all others. */
function misplaced(context: Context, segment: Segment, subflow: Subflow, side: Side): void {
  const name = nameOf(subflow, side);
  const { stream } = subflow.connection.hosts[side];
  subflow.sides[side].misplaced = true;
  if (stream.mapped === undefined && stream.start !== undefined) {
    const at = subflow.connection.hosts[side].keyFrame ?? segment.frame;
    found(context, subflow, keyMismatch(name, 'data'), [at, segment.frame], `data ${side}`);
    return;
  }
  const what = `the mapping in frame ${segment.frame} lies more than 2^30 octets away from the rest of the data`;
  found(context, subflow, mappingMismatch(name, what), [segment.frame], `far ${side}`);
}

/** Where the first data octet of a segment stands on its subflow. */
function place({ flow, end, cursor, syn }: Segment, own: SubflowSide): number {
  return unwrap(cursor.sequenceNumber + (syn ? 1 : 0) - (flow.ends[end].base ?? 0), own.high);
}

/** The data of a segment. */
export function onPayload(context: Context, segment: Segment, subflow: Subflow): void {
  const { cursor, flow, end, frame } = segment;
  const { payloadLength, payloadCaptured } = cursor;
  if (payloadLength === 0 || segment.syn) return;
  const side = subflow.sideOf(end, flow);
  const own = subflow.sides[side];
  const base = flow.ends[end];
  base.base ??= (cursor.sequenceNumber - 1) >>> 0;
  const from = place(segment, own);
  const to = from + payloadLength;
  if (to > own.high) own.high = to;
  if (base.exact && subflow.sides[side].sums) {
    feed(context, subflow, side, frame, from, to, cursor.bytes, cursor.payload, payloadCaptured);
  }
  if (own.seen.append(from, to)) {
    // It goes on: what it repeated was acknowledged, though the capture does not show it.
    if (stuck(own) !== undefined) own.repeat = undefined;
    arrive(context, segment, subflow, side, from, from, to);
  } else {
    const fresh = own.seen.add(from, to, 0, (a, b, before) => {
      if (before === undefined) arrive(context, segment, subflow, side, from, a, b);
    });
    if (fresh === 0) noteRepeat(own, from, segment);
  }
}

/** Octets `[a, b)` of a subflow seen first, in a segment whose data begins at `from`. */
function arrive(
  context: Context,
  segment: Segment,
  subflow: Subflow,
  side: Side,
  from: number,
  a: number,
  b: number,
): void {
  const own = subflow.sides[side];
  const { cursor, flow, end, frame, options } = segment;
  own.bytes += b - a;
  if (!flow.ends[end].exact) return;
  const mapping = own.mappings.covering(a, b);
  if (mapping !== undefined && context.observer.data === undefined) {
    const dsn = mapping.dsn + a - mapping.start;
    if (subflow.connection.hosts[side].stream.sent.append(dsn, dsn + b - a, subflow.id)) return;
  }
  const unmapped = carry(context, subflow, side, own, {
    start: a,
    end: b,
    frame,
    excused: options.length > 0,
    cut: cursor.optionsCut,
    bytes: cursor.bytes,
    offset: cursor.payload + a - from,
    captured: Math.max(0, Math.min(b - a, cursor.payloadCaptured - (a - from))),
  });
  for (const one of unmapped) leave(context, subflow.connection, side, own, one);
}

type Stretch = SubflowSide['unmapped'][number];

/** Note data that mappings cover in the stream; gives the parts that none covers. */
function carry(context: Context, subflow: Subflow, side: Side, own: SubflowSide, stretch: Stretch): Stretch[] {
  const { connection } = subflow;
  const { stream } = connection.hosts[side];
  const covering: Mapping[] = [];
  own.mappings.overlapping(stretch.start, stretch.end, (mapping) => covering.unshift(mapping));
  const rest: Stretch[] = [];
  let at = stretch.start;
  for (const { start, end, dsn: first } of covering) {
    if (end <= at) continue;
    if (start > at) rest.push(part(stretch, at, start));
    const a = Math.max(at, start);
    const b = Math.min(end, stretch.end);
    if (b <= a) continue;
    const dsn = first + a - start;
    stream.sent.add(dsn, dsn + b - a, subflow.id, (x, y, before) => {
      if (before !== undefined) own.reinjectedBytes += y - x;
      else tell(context, connection, side, stream.relative(x) - 1, part(stretch, a + x - dsn, a + y - dsn));
    });
    at = b;
  }
  if (at < stretch.end) rest.push(part(stretch, at, stretch.end));
  return rest;
}

/** Data that no mapping covers, yet: plain after a fallback, else it may still be mapped. */
function leave(context: Context, connection: Connection, side: Side, own: SubflowSide, stretch: Stretch): void {
  const { start, end } = stretch;
  if (connection.fallback !== undefined) {
    const { stream } = connection.hosts[side];
    stream.plainBytes += end - start;
    const last = own.mappings.list.at(-1);
    const dsn = own.infinite ?? last;
    const offset = dsn === undefined ? start - 1 : stream.relative(dsn.dsn + start - dsn.start) - 1;
    tell(context, connection, side, offset, stretch);
    return;
  }
  if (stretch.cut) {
    own.cutFrame ??= stretch.frame;
    return;
  }
  // A hole in data long past, filled without its mapping: Linux repeats that, version 0 does not.
  if (own.mappings.mayHaveCovered(end)) return;
  const wanted = own.sums || connection.checksum || context.observer.data !== undefined ? stretch.captured : 0;
  const octets = context.held + wanted <= HELD ? wanted : 0;
  context.held += octets;
  // Kept beyond this packet, whose buffer may be used again.
  const bytes = stretch.bytes.slice(stretch.offset, stretch.offset + octets);
  own.unmapped.push({ ...stretch, bytes, offset: 0, captured: octets });
  if (own.unmapped.length <= UNMAPPED) return;
  const left = own.unmapped.shift();
  if (left === undefined) return;
  context.held -= left.captured;
  own.unmappedBytes += left.end - left.start;
  own.unmappedFrame ??= left.frame;
}

/** A new mapping: data that waited for it is placed. */
function cover(context: Context, subflow: Subflow, side: Side, own: SubflowSide): void {
  if (own.unmapped.length === 0) return;
  const waiting = own.unmapped;
  own.unmapped = [];
  for (const stretch of waiting) {
    feed(
      context,
      subflow,
      side,
      stretch.frame,
      stretch.start,
      stretch.end,
      stretch.bytes,
      stretch.offset,
      stretch.captured,
    );
    const rest = carry(context, subflow, side, own, stretch);
    context.held -= stretch.captured - rest.reduce((sum, one) => sum + one.captured, 0);
    own.unmapped.push(...rest);
  }
}

function part(stretch: Stretch, start: number, end: number): Stretch {
  const skipped = start - stretch.start;
  const captured = Math.max(0, Math.min(end - start, stretch.captured - skipped));
  return { ...stretch, start, end, offset: stretch.offset + skipped, captured };
}

function tell(context: Context, connection: Connection, side: Side, offset: number, stretch: Stretch): void {
  if (context.observer.data === undefined || stretch.captured === 0) return;
  const bytes = stretch.bytes.subarray(stretch.offset, stretch.offset + stretch.captured);
  context.observer.data({ frame: stretch.frame, connection, side, offset, bytes });
}

/** Sum the octets under the mappings that claim a checksum. */
function feed(
  context: Context,
  subflow: Subflow,
  side: Side,
  frame: number,
  from: number,
  to: number,
  bytes: Uint8Array,
  offset: number,
  captured: number,
): void {
  const own = subflow.sides[side];
  own.mappings.overlapping(from, to, (mapping) => {
    if (!mapping.summed && mapping.claims.length === 0) return;
    const start = Math.max(from, mapping.start);
    const end = Math.min(to, mapping.end);
    const there = Math.min(end, from + captured);
    if (there < end) {
      mapping.cut = true;
      subflow.connection.payloadCut = true;
    }
    if (mapping.cut) return;
    if (!mapping.add(start, there, bytes, offset + start - from)) altered(context, subflow, side, mapping, frame);
    for (const claim of mapping.claims) judge(context, subflow, side, mapping, claim);
  });
}

/** The same octets came again with other content. */
function altered(context: Context, subflow: Subflow, side: Side, mapping: Mapping, frame: number): void {
  const name = nameOf(subflow, side);
  const at = relativeText(subflow, side, mapping);
  if (mapping.altered) return;
  mapping.altered = true;
  verdict(context, subflow, 'dssChecksum', frame, judged(false));
  found(context, subflow, checksumBad(name, at, undefined, true), [mapping.frame, frame], `${side}`);
}

/** Judge a claimed checksum, once all it covers was seen and its 64-bit number is known. */
export function judge(context: Context, subflow: Subflow, side: Side, mapping: Mapping, claim: Claim): void {
  const { stream } = subflow.connection.hosts[side];
  if (claim.verdict !== undefined || mapping.cut || !mapping.complete || !stream.exact) return;
  const given = mapping.judge(claim.checksum, stream.wordsOf(mapping.dsn));
  claim.verdict = verdict(context, subflow, 'dssChecksum', claim.frame, given);
  if (given.is !== 'bad') return;
  const said = checksumBad(nameOf(subflow, side), relativeText(subflow, side, mapping), given.quirk, false);
  found(context, subflow, said, [claim.frame], `${side} ${given.quirk ?? ''}`);
}

function relativeText(subflow: Subflow, side: Side, mapping: Mapping): string {
  return `${subflow.connection.hosts[side].stream.relative(mapping.dsn)}`;
}

/** Judge the checksums that waited for a key. */
export function judgeMappings(context: Context, subflow: Subflow): void {
  for (const side of [0, 1] as const) {
    for (const mapping of subflow.sides[side].mappings.list) {
      for (const claim of mapping.claims) judge(context, subflow, side, mapping, claim);
    }
  }
}

/** Give the verdict `unverified` to the claims of a mapping that is no longer kept. */
export function settleClaims(context: Context, subflow: Subflow, side: Side, mapping: Mapping): void {
  const { stream } = subflow.connection.hosts[side];
  const why: Why = mapping.cut
    ? 'payload-cut'
    : mapping.complete && !stream.exact
      ? 'idsn-not-seen'
      : 'payload-not-seen';
  const { dssChecksum } = subflow.connection.tally;
  for (const claim of mapping.claims) {
    if (claim.verdict !== undefined) continue;
    claim.verdict = verdict(context, subflow, 'dssChecksum', claim.frame, unverified(why));
    if (subflow.isUnsent(side, mapping)) dssChecksum.unsent = (dssChecksum.unsent ?? 0) + 1;
  }
}
