/**
 * Copies of one segment in one capture, and what the path did to it between them.
 *
 * @module
 */
import type { MpCapable } from '../mptcp/mp-capable.ts';
import type { MpJoin } from '../mptcp/mp-join.ts';
import { BLANK, type Context, found, other, type Segment } from './context.ts';
import { natOnPath, optionAltered, optionStripped } from './say.ts';
import type { Subflow } from './subflow.ts';

/** Something on the path removed the option of this segment: one finding for each sender. */
export function stripped(context: Context, segment: Segment, subflow: Subflow, where: string): void {
  const { flow, end, frame, nops } = segment;
  const said = optionStripped(flow.ends[end].name, nops >= BLANK ? nops : undefined, where);
  found(context, subflow, said, [frame], `${subflow.sideOf(end, flow)}`);
}

/**
 * Compare the option of a SYN (0) or SYN/ACK (1) with the first copy of it.
 *
 * @param octets - the option
 */
export function compare(
  context: Context,
  segment: Segment,
  subflow: Subflow,
  option: MpCapable | MpJoin,
  octets: string,
  step: 0 | 1,
): void {
  const before = subflow.openings[step];
  subflow.openings[step] ??= octets;
  if (before === undefined || before === octets || connectionKnows(subflow, option)) return;
  const name = segment.flow.ends[segment.end].name;
  const first = step === 0 ? (subflow.syns[0]?.frame ?? subflow.firstFrame) : (subflow.synAck ?? subflow.firstFrame);
  found(context, subflow, optionAltered(name, step === 0 ? 'SYN' : 'SYN/ACK'), [first, segment.frame], `${step}`);
}

/** Whether a difference shows in a key, for which there is a finding of its own. */
function connectionKnows({ connection }: Subflow, option: MpCapable | MpJoin): boolean {
  return option.type === 'MP_CAPABLE' && option.senderKey !== undefined && connection.findings.has('key-mismatch');
}

/**
 * A segment of a handshake that was seen before on other addresses: the same subflow, on the other side of a NAT.
 * Gives whether it is one; the flow then belongs to that subflow.
 */
export function alias(context: Context, segment: Segment, octets: string): boolean {
  const { flow, cursor, frame, time, timestamp, end } = segment;
  const subflow = context.identity.sameOpening(cursor.sequenceNumber, { octets, timestamp, time });
  if (subflow === undefined || subflow.released) return false;
  flow.subflow = subflow;
  const before = subflow.flow;
  const opener = before.ends[subflow.endOf(subflow.initiator)];
  const target = before.ends[subflow.endOf(other(subflow.initiator))];
  const from = flow.initiator ?? end;
  const message = `The subflow from ${opener.name} to ${target.name} is seen from ${flow.ends[from].name} to ${flow.ends[other(from)].name} too`;
  found(context, subflow, natOnPath(message), [subflow.firstFrame, frame], 'alias');
  return true;
}

/** Remember a segment of a handshake, to know it again on other addresses. */
export function noteOpening(context: Context, segment: Segment, subflow: Subflow, octets: string): void {
  const { cursor, time, timestamp } = segment;
  context.identity.noteOpening(cursor.sequenceNumber, { subflow, time, octets, timestamp });
}
