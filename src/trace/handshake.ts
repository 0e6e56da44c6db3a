/**
 * Handshakes: SYN, SYN/ACK and third packet, of initial subflows and of joins.
 *
 * @module
 */
import type { MpCapable } from '../mptcp/mp-capable.ts';
import type { Connection } from './connection.ts';
import { BLANK, type Context, found, nameOf, octetsOf, other, type Segment } from './context.ts';
import { alias, compare, noteOpening, stripped } from './copy.ts';
import { fallBack } from './data.ts';
import { onJoinAck, onJoinSyn, onJoinSynAck, plainSynAck, RETRY, tries } from './join.ts';
import { judgeKeyClaim, learnKey } from './keys.ts';
import { noMptcpInSynAck, noMptcpInThirdAck, offerRefused, synsDropped, synsLost } from './say.ts';
import { Subflow } from './subflow.ts';

/** SYNs remembered of one subflow. */
const SYNS = 16;

/** Segments without an option remembered of a handshake. */
const SILENT = 16;

/** Key claims kept of one connection. */
const CLAIMS = 64;

/** A SYN without ACK. */
export function onSyn(context: Context, segment: Segment): void {
  const { flow, end, cursor, frame, time, timestamp } = segment;
  const own = flow.ends[end];
  flow.initiator = end;
  own.isn = cursor.sequenceNumber;
  // Linux repeats a SYN without its data.
  own.synPayload = Math.max(own.synPayload, cursor.payloadLength);
  if (flow.ends[other(end)].isn === undefined) {
    own.base = cursor.sequenceNumber;
    // Only the SYN/ACK tells whether data of the SYN was taken.
    own.exact = own.synPayload === 0;
  }
  const capable = optionOf(segment, 'MP_CAPABLE');
  const join = optionOf(segment, 'MP_JOIN');
  const option = capable ?? join;
  const octets = option && octetsOf(segment, option);
  if (flow.subflow === undefined && octets !== undefined && alias(context, segment, octets)) return;
  if (capable !== undefined) onOffer(context, segment, capable);
  else if (join?.form === 'syn') onJoinSyn(context, segment, join);
  const { subflow } = flow;
  if (subflow === undefined) return;
  const copied = subflow.syns.some((one) => one.mptcp && (segment.nops >= BLANK || Math.abs(time - one.time) < RETRY));
  const known = option !== undefined || !cursor.optionsCut;
  if (known && subflow.syns.length < SYNS) subflow.syns.push({ frame, time, timestamp, mptcp: option !== undefined });
  if (option !== undefined && octets !== undefined) {
    noteOpening(context, segment, subflow, octets);
    compare(context, segment, subflow, option, octets, 0);
  }
  if (known && option === undefined && copied) stripped(context, segment, subflow, 'A copy of the SYN');
}

/** MP_CAPABLE on a SYN. */
function onOffer(context: Context, segment: Segment, option: MpCapable): void {
  const { flow, frame } = segment;
  const isNew = flow.subflow === undefined;
  const subflow = flow.subflow ?? new Subflow(context.open(segment, false), 'initial', flow, 0, frame);
  const { connection } = subflow;
  const [client] = connection.hosts;
  connection.midStream = false;
  if (connection.state === 'mid-stream') connection.state = 'opening';
  connection.checksum ||= option.checksumRequired;
  client.denyJoin ||= option.version === 1 && option.denyJoin;
  if (option.version < 2) connection.version ??= option.version === 0 ? 0 : 1;
  subflow.offer = option;
  if (isNew) {
    connection.subflows.push(subflow);
    context.observer.connection(connection);
    context.observer.subflow(subflow);
  }
  if (option.version === 0 && option.senderKey !== undefined) learnKey(context, subflow, 0, option.senderKey, frame);
}

/** A SYN with ACK. */
export function onSynAck(context: Context, segment: Segment): void {
  const { flow, end, cursor, frame } = segment;
  const opener = flow.ends[other(end)];
  const own = flow.ends[end];
  // A SYN/ACK elsewhere in the sequence space than the first, or than the data, belongs to no handshake here.
  if (own.exact && own.base !== cursor.sequenceNumber) return;
  flow.initiator ??= other(end);
  if (own.isn === undefined) {
    opener.base = (cursor.acknowledgmentNumber - 1) >>> 0;
    opener.exact = true;
  }
  own.isn = cursor.sequenceNumber;
  own.base = cursor.sequenceNumber;
  own.exact = true;
  const taken = opener.isn === undefined ? 0 : (cursor.acknowledgmentNumber - opener.isn - 1) >>> 0;
  const capable = optionOf(segment, 'MP_CAPABLE');
  const join = optionOf(segment, 'MP_JOIN');
  const isJoin = flow.subflow === undefined ? capable === undefined : flow.subflow.kind === 'join';
  const option = isJoin ? join : capable;
  const octets = option && octetsOf(segment, option);
  if (flow.subflow === undefined && octets !== undefined && !alias(context, segment, octets)) {
    const connection = context.open(segment, isJoin);
    const subflow = new Subflow(connection, isJoin ? 'join' : 'initial', flow, 0, frame);
    connection.subflows.push(subflow);
    if (!isJoin) {
      context.observer.connection(connection);
      context.observer.subflow(subflow);
    }
  }
  const { subflow } = flow;
  if (subflow === undefined) return;
  if (taken > 0 && taken <= opener.synPayload && subflow.synAck === undefined) {
    subflow.connection.hosts[subflow.initiator].stream.plainBytes += taken;
  }
  subflow.synAck ??= frame;
  if (subflow.kind === 'initial') onAnswer(context, segment, subflow, capable);
  else if (join?.form === 'syn-ack') onJoinSynAck(context, segment, subflow, join);
  else if (!cursor.optionsCut && subflow.state === 'opening' && join === undefined) {
    const copied = subflow.openings[1] !== undefined;
    if ((copied || segment.nops >= BLANK) && subflow.connection.id >= 0) {
      stripped(context, segment, subflow, copied ? 'A copy of the SYN/ACK' : 'The SYN/ACK');
    }
    plainSynAck(context, subflow, segment.nops);
  }
  if (option === undefined || octets === undefined) return;
  noteOpening(context, segment, subflow, octets);
  compare(context, segment, subflow, option, octets, 1);
}

/** The SYN/ACK of an initial subflow. */
function onAnswer(context: Context, segment: Segment, subflow: Subflow, option: MpCapable | undefined): void {
  const { connection } = subflow;
  const { frame, nops } = segment;
  const [, server] = connection.hosts;
  if (option !== undefined) {
    connection.checksum ||= option.checksumRequired;
    server.denyJoin ||= option.version === 1 && option.denyJoin;
    if (option.version < 2 && server.key === undefined) connection.version = option.version === 0 ? 0 : 1;
    if (option.senderKey !== undefined) learnKey(context, subflow, 1, option.senderKey, frame);
    return;
  }
  // Without the SYN, nobody knows what was offered.
  if (segment.cursor.optionsCut || subflow.offer === undefined) return;
  if (subflow.openings[1] !== undefined) stripped(context, segment, subflow, 'A copy of the SYN/ACK');
  if (server.key !== undefined || connection.fallback !== undefined) return;
  const name = nameOf(subflow, 1);
  const offers = subflow.syns.filter(({ mptcp }) => mptcp);
  const plains = subflow.syns.filter(({ mptcp }) => !mptcp);
  const refusal = grounds(subflow.offer);
  const at = [...[...offers.slice(0, 4), ...plains.slice(0, 4)].map((syn) => syn.frame), frame];
  subflow.state = 'established';
  context.settle(subflow.flow);
  if (nops >= BLANK) stripped(context, segment, subflow, 'The SYN/ACK');
  const blanked = connection.findings.has('option-stripped');
  if (refusal !== undefined) {
    fallBack(connection, 'offer-refused', frame);
    found(context, subflow, offerRefused(name, refusal), at);
  } else {
    fallBack(connection, 'no-mptcp-in-syn-ack', frame);
    const said =
      plains.length === 0 || blanked
        ? noMptcpInSynAck(name, nops)
        : tries(plains) > 1
          ? synsLost(name, tries(offers), tries(plains) - 1)
          : synsDropped(name, tries(offers));
    found(context, subflow, said, at);
  }
}

/** What about an offer makes everyone refuse it; `undefined` for a sound one of version 1. */
function grounds(offer: MpCapable | undefined): string | undefined {
  if (offer === undefined) return undefined;
  if (offer.version === 0) return 'version 0, which hosts of version 1 do not speak';
  if (offer.version > 1) return `version ${offer.version}, which nobody has defined`;
  if (offer.extensibility) return 'the extensibility bit (B) set';
  if (offer.algorithms !== 1) {
    return offer.algorithms === 0 ? 'no handshake algorithm (H is 0)' : 'unassigned algorithm bits (D to G) set';
  }
  if (offer.senderKey !== undefined) return 'a key, which belongs to version 0';
  return undefined;
}

/** A segment without SYN, as far as it matters for the handshake. */
export function onThird(context: Context, segment: Segment, subflow: Subflow): void {
  const { flow, end, frame, rst, cursor, options } = segment;
  const side = subflow.sideOf(end, flow);
  const own = subflow.sides[side];
  if (options.length > 0 && !rst) own.speaks = true;
  // Whoever joins sends data only behind the answer to the third packet (§3.2).
  if (side === subflow.initiator && subflow.kind === 'join' && cursor.payloadLength > 0 && own.speaks) {
    subflow.confirmed = true;
    settleUnseen(context, subflow);
  }
  if (side !== subflow.initiator) {
    if (!rst && (subflow.thirdAck !== undefined || own.speaks)) subflow.confirmed = true;
    if (own.speaks) settleUnseen(context, subflow);
    return;
  }
  const capable = optionOf(segment, 'MP_CAPABLE');
  const join = optionOf(segment, 'MP_JOIN');
  const third = subflow.kind === 'initial' ? capable : join;
  if (third !== undefined && subflow.thirdAck === undefined) {
    noteOpening(context, segment, subflow, octetsOf(segment, third));
  }
  if (capable !== undefined && subflow.kind === 'initial') onConfirmation(context, segment, subflow, capable);
  if (join?.form === 'ack' && subflow.kind === 'join') onJoinAck(context, segment, subflow, join);
  const waiting = subflow.state === 'opening' && subflow.synAck !== undefined;
  // A host that speaks MPTCP behind its SYN/ACK has had the third packet.
  if (!waiting || rst || own.speaks || subflow.sides[other(side)].speaks || cursor.optionsCut) return;
  if (own.silent.length < SILENT) own.silent.push(frame);
  if (segment.nops >= BLANK) stripped(context, segment, subflow, 'A segment');
  if (subflow.kind === 'initial' && (own.silent.length > 1 || cursor.payloadLength > 0)) withoutThird(context, subflow);
}

/** The third packet arrived, though the capture missed it: one of the hosts does what it does only then. */
function settleUnseen(context: Context, subflow: Subflow): void {
  const { connection } = subflow;
  if (subflow.state !== 'opening') return;
  subflow.state = 'established';
  if (subflow.kind === 'initial' && connection.state === 'opening') connection.state = 'established';
  context.settle(subflow.flow);
}

/** The client went on without MPTCP behind a SYN/ACK that had it. */
export function withoutThird(context: Context, subflow: Subflow): void {
  const { connection } = subflow;
  const { silent } = subflow.sides[subflow.initiator];
  if (connection.hosts[1].key === undefined || connection.fallback !== undefined || silent.length === 0) return;
  subflow.state = 'established';
  context.settle(subflow.flow);
  fallBack(connection, 'no-mptcp-in-third-ack', silent[0] ?? 0);
  found(context, subflow, noMptcpInThirdAck(nameOf(subflow, 0)), [subflow.synAck ?? 0, ...silent]);
}

/** MP_CAPABLE with both keys, on the third packet or with the first data. */
function onConfirmation(context: Context, segment: Segment, subflow: Subflow, option: MpCapable): void {
  const { connection } = subflow;
  const { frame } = segment;
  const { senderKey, receiverKey } = option;
  if (senderKey === undefined || receiverKey === undefined || option.version > 1) return;
  connection.version ??= option.version === 0 ? 0 : 1;
  subflow.thirdAck ??= frame;
  connection.midStream = false;
  if (connection.state === 'opening' || connection.state === 'mid-stream') connection.state = 'established';
  if (subflow.state === 'opening') subflow.state = 'established';
  context.settle(subflow.flow);
  // Flag A is set here where either host asked for checksums: it stands for an opening that was not seen.
  const [syn, synAck] = subflow.openings;
  if (syn === undefined || synAck === undefined) connection.checksum ||= option.checksumRequired;
  if (connection.hosts[1].key === undefined) learnKey(context, subflow, 1, receiverKey, frame);
  learnKey(context, subflow, 0, senderKey, frame);
  const octets = octetsOf(segment, option);
  const known = connection.claims.some((claim) => claim.subflow === subflow && claim.octets === octets);
  if (known || connection.claims.length >= CLAIMS) return;
  const claim = {
    check: 'keyEcho' as const,
    owner: 1 as const,
    key: receiverKey.slice(),
    frame,
    subflow,
    octets,
    verdict: undefined,
  };
  connection.claims.push(claim);
  judgeKeyClaim(context, connection, claim);
}

/** The last option of a type; receivers take the last of several. */
export function optionOf<T extends 'MP_CAPABLE' | 'MP_JOIN' | 'MP_TCPRST' | 'MP_FAIL'>(
  segment: Segment,
  type: T,
): Extract<Segment['options'][number], { type: T }> | undefined {
  const { options } = segment;
  for (let i = options.length - 1; i >= 0; i--) {
    const option = options[i] as Segment['options'][number];
    if (option.type === type) return option as Extract<Segment['options'][number], { type: T }>;
  }
  return undefined;
}

/** Whether the handshake of a connection was seen far enough to know both keys. */
export function keysKnown(connection: Connection): boolean {
  return connection.hosts[0].key !== undefined && connection.hosts[1].key !== undefined;
}
