/**
 * Joins: their connection is found by its token, their HMACs are judged.
 *
 * @module
 */
import { equalOctets } from '../bytes.ts';
import { verifyJoinHmac, verifyTruncatedJoinHmac } from '../mptcp/auth.ts';
import type { MpJoinAck, MpJoinSyn, MpJoinSynAck } from '../mptcp/mp-join.ts';
import type { Connection, Side } from './connection.ts';
import { type Context, found, nameOf, other, type Segment, verdict } from './context.ts';
import type { Owner, Tombstone } from './identity.ts';
import { goesTo, LOST, refuse } from './refusal.ts';
import { reportSubflow } from './report.ts';
import { natOnPath } from './say.ts';
import {
  joinHangs,
  joinHmacBad,
  joinNoAnswer,
  joinNoOption,
  joinRefused,
  joinToDenied,
  joinUnknownToken,
} from './say-join.ts';
import { type JoinProof, Subflow } from './subflow.ts';
import { judged } from './verdict.ts';

/** HMACs kept of one side of a join: copies that differ are each judged. */
const PROOFS = 8;

/** Seconds between two SYNs that are two tries, not one captured twice. */
export const RETRY = 0.1;

/** The SYN of a join. */
export function onJoinSyn(context: Context, segment: Segment, option: MpJoinSyn): void {
  const { flow, end, frame } = segment;
  let { subflow } = flow;
  if (subflow === undefined) {
    subflow = new Subflow(context.open(segment, true), 'join', flow, 0, frame);
    subflow.connection.subflows.push(subflow);
  }
  if (subflow.token !== undefined) return;
  subflow.token = option.receiverToken;
  note(subflow, subflow.sideOf(end), option);
  context.identity.wait(option.receiverToken, subflow);
  resolve(context, subflow);
}

/** Give a join to the connection that owns its token, once it is known; of several, its HMAC tells which. */
export function resolve(context: Context, subflow: Subflow, last = false): void {
  const { token } = subflow;
  if (token === undefined || subflow.connection.id >= 0) return;
  const owners = context.identity.owners(token);
  const live = owners.filter(({ connection }) => !connection.ended);
  const proven = live.length > 1 ? live.find((one) => proves(subflow, one)) : undefined;
  const owner = proven ?? live.at(-1) ?? owners.at(-1);
  if (owner === undefined || (live.length > 1 && proven === undefined && !last)) return;
  context.identity.forget(subflow);
  bind(context, subflow, owner);
}

/** A join whose connection ended so long ago that only its outline is left. */
function addLate(subflow: Subflow, { outline, side }: Tombstone): void {
  subflow.initiator = other(side);
  if (side === 0) subflow.sides = [subflow.sides[1], subflow.sides[0]];
  const { reset } = subflow;
  outline.addLate((id) => {
    subflow.id = id;
    const said =
      reset && joinRefused(nameOf(subflow, side), reset.reason, { frame: outline.endFrame, whole: true }, 'unknown');
    const finding = said && { ...said, frames: [...subflow.synFrames, reset.frame], subflow: id };
    return { subflow: reportSubflow(subflow), finding };
  });
}

/** The SYN/ACK of a join. */
export function onJoinSynAck(context: Context, segment: Segment, subflow: Subflow, option: MpJoinSynAck): void {
  const side = subflow.sideOf(segment.end, segment.flow);
  note(subflow, side, option);
  if (subflow.thirdAck === undefined) wait(subflow, 'SYN/ACK', segment);
  prove(context, subflow, side, option.truncatedHmac, segment.frame);
  checkTranslation(context, subflow, side);
}

/** The third packet of a join. */
export function onJoinAck(context: Context, segment: Segment, subflow: Subflow, option: MpJoinAck): void {
  const side = subflow.sideOf(segment.end, segment.flow);
  subflow.thirdAck ??= segment.frame;
  wait(subflow, 'third packet', segment);
  prove(context, subflow, side, option.hmac, segment.frame);
  if (subflow.state === 'opening') {
    subflow.state = 'established';
    context.settle(subflow.flow);
  }
}

function wait(subflow: Subflow, step: 'SYN/ACK' | 'third packet', { frame, time }: Segment): void {
  const { waiting } = subflow;
  if (waiting?.step === step) waiting.until = time;
  else subflow.waiting = { step, frame, since: time, until: time };
}

function note(subflow: Subflow, side: Side, option: MpJoinSyn | MpJoinSynAck): void {
  const own = subflow.sides[side];
  own.addressId ??= option.addressId;
  if (own.nonce === undefined) own.backup = option.backup;
  own.nonce ??= option.nonce;
}

function prove(context: Context, subflow: Subflow, side: Side, hmac: Uint8Array, frame: number): void {
  const { proofs } = subflow.sides[side];
  if (proofs.length >= PROOFS || proofs.some((proof) => equalOctets(proof.hmac, hmac))) return;
  proofs.push({ hmac: hmac.slice(), frame, verdict: undefined });
  resolve(context, subflow);
  judgeJoins(context, subflow);
}

function bind(context: Context, subflow: Subflow, owner: Owner): void {
  const { connection } = owner;
  const stray = subflow.connection;
  subflow.connection = connection;
  connection.note(stray.lastFrame, stray.lastTime);
  subflow.initiator = other(owner.side);
  subflow.id = connection.subflows.length;
  if (owner.side === 0) subflow.sides = [subflow.sides[1], subflow.sides[0]];
  connection.subflows.push(subflow);
  for (const side of [0, 1] as const) {
    const from = stray.hosts[owner.side === 0 ? other(side) : side].stream;
    const own = subflow.sides[side];
    const shift = connection.hosts[side].stream.adopt(from, subflow.id, (octets) => {
      own.reinjectedBytes += octets;
    });
    own.mappings.shift(shift);
  }
  context.observer.subflow(subflow);
  checkDenied(context, subflow, owner);
  checkTranslation(context, subflow, subflow.initiator);
  checkTranslation(context, subflow, owner.side);
  markJoined(subflow, owner);
  judgeJoins(context, subflow);
  if (subflow.reset !== undefined && !subflow.confirmed) refuse(context, subflow);
  if (subflow.plainSynAck) plainSynAck(context, subflow, 0);
}

/** The SYN/ACK of a join without MPTCP. */
export function plainSynAck(context: Context, subflow: Subflow, nops: number): void {
  subflow.plainSynAck = true;
  subflow.state = 'failed';
  if (subflow.connection.id < 0) return;
  const name = nameOf(subflow, other(subflow.initiator));
  found(context, subflow, joinNoOption(name, nops), [...subflow.synFrames, subflow.synAck ?? subflow.firstFrame]);
}

/** Judge the HMACs of a join, as far as keys and random numbers are known. */
export function judgeJoins(context: Context, subflow: Subflow): void {
  if (subflow.kind !== 'join' || subflow.connection.id < 0) return;
  for (const side of [0, 1] as const) {
    for (const proof of subflow.sides[side].proofs) {
      if (proof.verdict !== undefined) continue;
      const holds = check(subflow, subflow.connection, side, subflow.initiator, proof);
      if (holds === undefined) continue;
      proof.verdict = verdict(context, subflow, 'joinHmac', proof.frame, judged(holds));
      if (holds) continue;
      const step = side === subflow.initiator ? 'third ACK' : 'SYN/ACK';
      // A RST that came first, in a capture out of order, was for this.
      subflow.connection.findings.withdraw('join-refused', subflow.id);
      found(
        context,
        subflow,
        joinHmacBad(nameOf(subflow, side), step, subflow.reset !== undefined),
        [proof.frame],
        step,
      );
    }
  }
}

/** Whether the HMACs of a join fit the keys of one owner of its token. */
function proves(subflow: Subflow, { connection, side }: Owner): boolean {
  const swap = side === 0;
  return ([0, 1] as const).some((own) => {
    const place = swap ? other(own) : own;
    return subflow.sides[own].proofs.some(
      (proof) => check(subflow, connection, place, other(side), proof, swap) === true,
    );
  });
}

function check(
  subflow: Subflow,
  connection: Connection,
  side: Side,
  initiator: Side,
  proof: JoinProof,
  swap = false,
): boolean | undefined {
  const senderKey = connection.hosts[side].key;
  const receiverKey = connection.hosts[other(side)].key;
  const senderNonce = subflow.sides[swap ? other(side) : side].nonce;
  const receiverNonce = subflow.sides[swap ? side : other(side)].nonce;
  if (senderKey === undefined || receiverKey === undefined) return undefined;
  if (senderNonce === undefined || receiverNonce === undefined) return undefined;
  const version = connection.version ?? 1;
  const input = { senderKey, receiverKey, senderNonce, receiverNonce, version };
  return side === initiator ? verifyJoinHmac(input, proof.hmac) : verifyTruncatedJoinHmac(input, proof.hmac);
}

/** A join to the address and port for which its owner refuses joins. */
function checkDenied(context: Context, subflow: Subflow, { connection, side }: Owner): void {
  if (connection.version !== 1 || !connection.hosts[side].denyJoin || !goesTo(subflow, side)) return;
  const said = joinToDenied(nameOf(subflow, side), nameOf(subflow, other(side)));
  found(context, subflow, said, [subflow.syns[0]?.frame ?? subflow.firstFrame]);
}

/** The advertised address that a join goes to has served its purpose. */
function markJoined(subflow: Subflow, { connection, side }: Owner): void {
  const target = subflow.flow.ends[subflow.endOf(side)];
  for (const advertised of connection.addresses) {
    if (advertised.owner !== side || !target.is(advertised.address, target.port)) continue;
    if (advertised.port === undefined || advertised.port === target.port) advertised.joined = true;
  }
}

/** An address id stands for one address; where it is seen with another, a NAT is between. */
function checkTranslation(context: Context, subflow: Subflow, side: Side): void {
  const { connection, sides, flow } = subflow;
  const id = sides[side].addressId;
  if (id === undefined || connection.id < 0 || connection.addresses.length === 0) return;
  const claimed = connection.addresses.filter(
    (one) => one.owner === side && one.addressId === id && one.removedFrame === undefined,
  );
  const seen = flow.ends[subflow.endOf(side)];
  const family = claimed.filter((one) => one.address.length === seen.address.length);
  if (family.length === 0 || family.some((one) => seen.is(one.address, seen.port))) return;
  const message = `The address with id ${id} was advertised as another one than ${seen.name}, with which it is seen`;
  found(context, subflow, natOnPath(message), [family[0]?.frame ?? subflow.firstFrame, subflow.firstFrame]);
}

/** What can only be said of a join when no more packets come. */
export function finishJoin(context: Context, subflow: Subflow): void {
  if (subflow.kind !== 'join') return;
  resolve(context, subflow, true);
  const name = nameOf(subflow, other(subflow.initiator));
  const unanswered = subflow.synAck === undefined && subflow.reset === undefined && subflow.syns.length > 0;
  if (subflow.connection.id < 0) {
    if (subflow.token === undefined || subflow.finished) return;
    subflow.finished = true;
    const grave = context.identity.grave(subflow.token);
    if (grave !== undefined) {
      addLate(subflow, grave);
      return;
    }
    const outcome = unanswered
      ? 'unanswered'
      : subflow.plainSynAck
        ? 'plain'
        : subflow.synAck === undefined && subflow.reset !== undefined
          ? 'reset'
          : 'accepted';
    const token = subflow.token.toString(16).padStart(8, '0');
    const end =
      outcome === 'reset' ? [subflow.reset?.frame ?? 0] : subflow.synAck === undefined ? [] : [subflow.synAck];
    found(
      context,
      subflow,
      joinUnknownToken(token, name, outcome, subflow.reset?.reason),
      [...subflow.synFrames, ...end],
      `${token} ${subflow.firstFrame}`,
    );
    return;
  }
  const { findings, fallback } = subflow.connection;
  // Plain TCP takes no joins.
  const fell = fallback !== undefined && fallback.frame < (subflow.reset?.frame ?? 0);
  if (fell) findings.ease('join-refused', subflow.id);
  // Who was shown another key sends another token.
  if (fell || findings.has('key-mismatch')) findings.withdraw('join-wrong-host', subflow.id);
  finishHandshake(context, subflow);
  if (!unanswered || subflow.state !== 'opening') return;
  const count = tries(subflow.syns);
  if (count > 1) {
    subflow.state = 'failed';
    const { endFrame } = subflow.connection;
    const closed = endFrame !== undefined && endFrame < subflow.firstFrame ? endFrame : undefined;
    found(context, subflow, joinNoAnswer(name, count, closed), subflow.synFrames);
  }
}

/** A join that hangs behind its SYN/ACK: what one host sends does not reach the other. */
function finishHandshake(context: Context, subflow: Subflow): void {
  const { connection, initiator, state, waiting, confirmed, reset, firstFrame, syns, synAck } = subflow;
  if (waiting === undefined || confirmed || reset !== undefined || waiting.until - waiting.since < LOST) return;
  const { step, frame, since, until } = waiting;
  const [hangs, heard] = step === 'SYN/ACK' ? ['opening', syns.length > 0] : ['established', synAck !== undefined];
  if (state !== hangs || !heard || (connection.endFrame ?? firstFrame) < firstFrame) return;
  subflow.state = 'failed';
  const sender = step === 'SYN/ACK' ? other(initiator) : initiator;
  const said = joinHangs(nameOf(subflow, sender), nameOf(subflow, other(sender)), step, until - since);
  found(context, subflow, said, [...subflow.synFrames, frame]);
}

/** How often SYNs were sent, each of which may be captured twice: at once, or with the timestamp of the one before. */
export function tries(syns: Subflow['syns']): number {
  return syns.filter(({ time, timestamp }, i) => {
    const before = syns[i - 1];
    if (before === undefined) return true;
    return time - before.time > RETRY && (timestamp === undefined || timestamp !== before.timestamp);
  }).length;
}
