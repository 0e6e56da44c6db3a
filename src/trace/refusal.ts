/**
 * Joins that were reset before they worked: by whom, and why.
 *
 * @module
 */
import type { Connection, Side } from './connection.ts';
import { type Context, found, nameOf, other, WHOLE } from './context.ts';
import { type JoinStage, joinGivenUp, joinRefused, joinToDenied, joinWrongHost } from './say-join.ts';
import { subflowReset } from './say-reset.ts';
import type { Subflow } from './subflow.ts';

/** Seconds for which a step of a handshake is sent again before it counts as lost. */
export const LOST = 1;

/** A join that was reset before it worked. */
export function refuse(context: Context, subflow: Subflow): void {
  const { connection, initiator, reset } = subflow;
  if (reset === undefined) return;
  subflow.state = reset.from === initiator ? 'failed' : 'refused';
  if (connection.id < 0 || connection.findings.has('join-hmac-bad', subflow.id)) return;
  if (reset.from === initiator) {
    giveUp(context, subflow, reset);
    return;
  }
  const responder = other(initiator);
  const name = nameOf(subflow, responder);
  const at = [...subflow.synFrames, reset.frame];
  const closed = closeBefore(connection, subflow);
  if (closed === undefined && connection.findings.has('join-to-denied-address', subflow.id)) {
    // It was told to come elsewhere: a refusal is what it could expect.
    found(context, subflow, joinToDenied(name, nameOf(subflow, initiator)), [reset.frame]);
    return;
  }
  const removed = removalOf(subflow);
  if (closed === undefined && removed !== undefined) {
    found(context, subflow, subflowReset(name, reset.reason, false, true, removed), at);
    return;
  }
  const known = subflow.sides[responder].proofs.length > 0 || connection.fallback !== undefined;
  const stranger = reset.reason === undefined || reset.reason === 1;
  if (closed === undefined && !known && stranger && initiator === 0 && goesTo(subflow, responder)) {
    found(context, subflow, joinWrongHost(name, reset.reason), at, WHOLE);
    return;
  }
  found(context, subflow, joinRefused(name, reset.reason, closed, stageOf(subflow)), at);
}

/** Frame in which one of the hosts removed the address that it has on a join. */
function removalOf(subflow: Subflow): number | undefined {
  const { connection, initiator, sides, flow } = subflow;
  const target = flow.ends[subflow.endOf(other(initiator))];
  const advertised = connection.addresses.findLast((one) => {
    return one.owner !== initiator && target.is(one.address, one.port ?? target.port);
  });
  return sides[initiator].removedFrame ?? advertised?.removedFrame;
}

/** How far a join had come. */
function stageOf(subflow: Subflow): JoinStage {
  const { initiator, sides, thirdAck, reset } = subflow;
  const responder = other(initiator);
  // It went to the host that does not own its token.
  if (goesTo(subflow, initiator)) return 'own-token';
  if (sides[responder].proofs.length === 0) {
    return initiator === 1 && reset?.reason === undefined && goesTo(subflow, responder) ? 'to-client' : 'unknown';
  }
  if (thirdAck !== undefined) return 'known';
  return sides[initiator].silent.length > 0 ? 'no-third' : 'third-unseen';
}

/** Where a connection had closed when a join was reset, or had begun to close when it came. */
function closeBefore({ endFrame, hosts }: Connection, { firstFrame }: Subflow) {
  if (endFrame !== undefined) return { frame: endFrame, whole: true };
  const fins = hosts.flatMap(({ stream }) => stream.fin?.frame ?? []);
  const begun = fins.length > 1 || fins.some((frame) => frame < firstFrame);
  return begun ? { frame: Math.min(...fins), whole: false } : undefined;
}

/** A join that its own opener reset, behind a SYN/ACK to which there is no objection in sight. */
function giveUp(context: Context, subflow: Subflow, reset: NonNullable<Subflow['reset']>): void {
  const { connection, initiator, thirdAck, waiting, plainSynAck } = subflow;
  if (waiting === undefined || thirdAck !== undefined || plainSynAck) return;
  if (connection.ended || connection.fastcloseFrame !== undefined) return;
  if (connection.hosts.some(({ stream }) => stream.fin !== undefined)) return;
  // So late, what came between was missed.
  if (reset.time - waiting.until > LOST) return;
  const said = joinGivenUp(nameOf(subflow, initiator), nameOf(subflow, other(initiator)), reset.reason);
  found(context, subflow, said, [...subflow.synFrames, waiting.frame, reset.frame]);
}

/** Whether a join goes to the address and port that a host has on the first subflow. */
export function goesTo(subflow: Subflow, host: Side): boolean {
  const { connection, initiator, flow } = subflow;
  const first = connection.subflows[0];
  if (first === undefined || first.kind !== 'initial') return false;
  const target = flow.ends[subflow.endOf(other(initiator))];
  return first.flow.ends[first.endOf(host)].is(target.address, target.port);
}
