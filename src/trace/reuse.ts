/**
 * Ports used again: whether a segment belongs to the connection that its flow carries, or to one before or behind it.
 *
 * @module
 */
import { equalOctets } from '../bytes.ts';
import type { FrameCursor } from '../ip/frame.ts';
import type { Dss } from '../mptcp/dss.ts';
import type { MpCapable } from '../mptcp/mp-capable.ts';
import { ACK, SYN } from '../tcp/flags.ts';
import type { Side } from './connection.ts';
import type { Segment } from './context.ts';
import type { End, Flow } from './flow.ts';
import { other, type Subflow } from './subflow.ts';

/** Octets behind the SYN within which a connection stands whose handshake the capture shows in part. */
const EARLY = 0x40000000;

/** Octets from where a host stands: Linux begins farther behind an older connection, though it be by 65,537. */
const ELSEWHERE = 0x10000;

/**
 * Whether a segment is of an older connection on the same four, behind the SYN of a new one: it
 * stands, or acknowledges, elsewhere in the sequence space. A host that still knows the older
 * connection answers such a SYN with an ACK, and gets a RST for it (RFC 5961 §4).
 */
export function isOlder({ flow, end, cursor, syn, ack }: Segment): boolean {
  const { initiator, subflow } = flow;
  if (initiator === undefined || subflow?.state !== 'opening' || subflow.synAck !== undefined) return false;
  const { isn, synPayload } = flow.ends[initiator];
  if (isn === undefined) return false;
  if (end === initiator) return !syn && (cursor.sequenceNumber - isn) >>> 0 >= EARLY;
  return ack && (cursor.acknowledgmentNumber - isn - 1) >>> 0 > (syn ? synPayload : EARLY);
}

/** Whether a segment is of another connection on the four of a flow than that which the flow carried. */
export function isAnother(flow: Flow, end: End, cursor: FrameCursor, options: Segment['options']): boolean {
  const { isn, met } = flow.ends[end];
  const { subflow, initiator } = flow;
  const done = flow.ends[end].fin || subflow?.reset !== undefined;
  if ((cursor.flags & (SYN | ACK)) === SYN) {
    if (isn !== undefined) return isn !== cursor.sequenceNumber;
    // Without its SYN, what was seen may be the rest of an older connection.
    if (met !== undefined && ((cursor.sequenceNumber - met) | 0) >= 0) return true;
    return initiator !== undefined && (initiator !== end || done || flow.ends[other(end)].fin);
  }
  if (options.length === 0) return isOfStray(flow, end, cursor);
  const elsewhere = isElsewhere(flow, end, cursor);
  const apart = done || elsewhere;
  if ((cursor.flags & SYN) !== 0) return isn === undefined ? elsewhere : apart && isn !== cursor.sequenceNumber;
  for (const option of options) {
    if (option.type === 'MP_CAPABLE' && flow.over) return true;
    if (subflow === undefined) continue;
    const side = subflow.sideOf(end, flow);
    if (option.type === 'MP_CAPABLE' && isOthers(option, subflow, side, done, elsewhere)) return true;
    const { key } = subflow.connection.hosts[other(side)];
    if (option.type === 'MP_FASTCLOSE' && apart && isUnlike(option.receiverKey, key) === true) return true;
    if (option.type === 'DSS' && apart && isFar(option, subflow, side)) return true;
  }
  return false;
}

/** Where an end stands in its sequence space, as far as the capture shows. */
function standOf(flow: Flow, end: End): number | undefined {
  const { base, met } = flow.ends[end];
  const { subflow } = flow;
  return base === undefined || subflow === undefined ? met : base + subflow.sides[subflow.sideOf(end, flow)].high;
}

/** Whether a segment stands, and acknowledges, elsewhere than its flow: either alone may be what the capture missed. */
function isElsewhere(flow: Flow, end: End, cursor: FrameCursor): boolean {
  const [own, peer] = [standOf(flow, end), standOf(flow, other(end))];
  if (own === undefined || peer === undefined || (cursor.flags & ACK) === 0) return false;
  return isApart(cursor.sequenceNumber, own) && isApart(cursor.acknowledgmentNumber, peer);
}

function isApart(a: number, b: number): boolean {
  return Math.abs((a - b) | 0) > ELSEWHERE;
}

/** Whether a segment without MPTCP belongs to what a stray SYN began: it stands, or acknowledges, nearer to that. */
function isOfStray(flow: Flow, end: End, cursor: FrameCursor): boolean {
  const { stray } = flow.ends[end];
  if (stray !== undefined) return isNearer(cursor.sequenceNumber, stray, standOf(flow, end));
  const theirs = flow.ends[other(end)].stray;
  if (theirs === undefined || (cursor.flags & ACK) === 0) return false;
  return isNearer(cursor.acknowledgmentNumber, theirs, standOf(flow, other(end)));
}

function isNearer(value: number, stray: number, own: number | undefined): boolean {
  return own === undefined || Math.abs((value - stray) | 0) < Math.abs((value - own) | 0);
}

/** Whether both keys are other than those of a connection; of one that has ended, or elsewhere, either. */
function isOthers(
  { senderKey, receiverKey }: MpCapable,
  { kind, connection }: Subflow,
  side: Side,
  done: boolean,
  elsewhere: boolean,
): boolean {
  if (senderKey === undefined || receiverKey === undefined || kind === 'join') return false;
  const own = isUnlike(senderKey, connection.hosts[side].key) ?? elsewhere;
  const peer = isUnlike(receiverKey, connection.hosts[other(side)].key) ?? elsewhere;
  return done || elsewhere ? own || peer : own && peer;
}

/** Whether a key is another than that of a host; `undefined` where that is unknown. */
function isUnlike(key: Uint8Array, known: Uint8Array | undefined): boolean | undefined {
  return known && !equalOctets(key, known);
}

/** Whether a DSS is far from the data of both hosts. */
function isFar({ dataAck, mapping }: Dss, subflow: Subflow, side: Side): boolean {
  const { hosts } = subflow.connection;
  return (
    (mapping !== undefined && hosts[side].stream.isFar(mapping.dataSequenceNumber)) ||
    (dataAck !== undefined && hosts[other(side)].stream.isFar(dataAck))
  );
}
