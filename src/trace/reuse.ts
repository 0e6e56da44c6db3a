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
  if ((cursor.flags & SYN) !== 0) return done && isn !== undefined && isn !== cursor.sequenceNumber;
  for (const option of options) {
    if (option.type === 'MP_CAPABLE' && flow.over) return true;
    if (subflow === undefined) continue;
    const side = subflow.sideOf(end, flow);
    if (option.type === 'MP_CAPABLE' && isOthers(option, subflow, side, done)) return true;
    if (option.type === 'DSS' && done && isFar(option, subflow, side)) return true;
  }
  return false;
}

/** Whether both keys are other than those of a connection; of one that has ended, either. */
function isOthers({ senderKey, receiverKey }: MpCapable, subflow: Subflow, side: Side, done: boolean): boolean {
  if (senderKey === undefined || receiverKey === undefined || subflow.kind === 'join') return false;
  const { hosts } = subflow.connection;
  const [own, peer] = [hosts[side].key, hosts[other(side)].key];
  const differ = [
    own !== undefined && !equalOctets(own, senderKey),
    peer !== undefined && !equalOctets(peer, receiverKey),
  ];
  return done ? differ.includes(true) : !differ.includes(false);
}

/** Whether a DSS is far from the data of both hosts. */
function isFar({ dataAck, mapping }: Dss, subflow: Subflow, side: Side): boolean {
  const { hosts } = subflow.connection;
  return (
    (mapping !== undefined && hosts[side].stream.isFar(mapping.dataSequenceNumber)) ||
    (dataAck !== undefined && hosts[other(side)].stream.isFar(dataAck))
  );
}
