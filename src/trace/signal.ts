/**
 * Signals: addresses, priorities, failures and the ends of subflows.
 *
 * @module
 */
import { equalOctets } from '../bytes.ts';
import type { AddAddr } from '../mptcp/add-addr.ts';
import type { MpFail } from '../mptcp/mp-fail.ts';
import type { MpFastclose } from '../mptcp/mp-fastclose.ts';
import type { MpPrio } from '../mptcp/mp-prio.ts';
import type { RemoveAddr } from '../mptcp/remove-addr.ts';
import type { Advertised, Connection, KeyClaim, Side } from './connection.ts';
import { BLANK, type Context, found, nameOf, octetsOf, other, type Segment, WHOLE } from './context.ts';
import { keysKnown, optionOf } from './handshake.ts';
import { judgeAddress, judgeKeyClaim } from './keys.ts';
import { refuse } from './refusal.ts';
import { mpFail } from './say.ts';
import { fastclose, subflowReset } from './say-reset.ts';
import type { Subflow } from './subflow.ts';

/** Advertisements kept of one connection. */
const ADDRESSES = 256;

/** ADD_ADDR. */
export function onAddAddr(context: Context, segment: Segment, subflow: Subflow, option: AddAddr): void {
  const { connection } = subflow;
  const side = subflow.sideOf(segment.end, segment.flow);
  const { addressId, address, port, truncatedHmac } = option;
  const alike = (one: Advertised): boolean =>
    one.addressId === addressId && one.port === port && equalOctets(one.address, address);
  if (option.echo) {
    const echoed = connection.addresses.findLast((one) => one.owner === other(side) && alike(one));
    if (echoed !== undefined) echoed.echoFrame ??= segment.frame;
    return;
  }
  const known = connection.addresses.findLast((one) => {
    return one.owner === side && alike(one) && one.subflow === subflow && sameHmac(one.truncatedHmac, truncatedHmac);
  });
  if ((known !== undefined && known.removedFrame === undefined) || connection.addresses.length >= ADDRESSES) return;
  const advertised: Advertised = {
    owner: side,
    addressId,
    address: address.slice(),
    port,
    frame: segment.frame,
    subflow,
    truncatedHmac: truncatedHmac?.slice(),
    verdict: undefined,
    echoFrame: undefined,
    removedFrame: undefined,
    joined: false,
  };
  connection.addresses.push(advertised);
  judgeAddress(context, connection, advertised);
  context.observer.address(connection, advertised);
}

/** REMOVE_ADDR. */
export function onRemoveAddr(context: Context, segment: Segment, subflow: Subflow, option: RemoveAddr): void {
  const side = subflow.sideOf(segment.end, segment.flow);
  if (subflow.connection.midStream) context.removal = { frame: segment.frame, time: segment.time };
  for (const address of subflow.connection.addresses) {
    if (address.owner !== side || !option.addressIds.includes(address.addressId)) continue;
    address.removedFrame ??= segment.frame;
  }
  for (const { id, sides, reset } of subflow.connection.subflows) {
    const own = sides[side];
    if (own.addressId === undefined || !option.addressIds.includes(own.addressId)) continue;
    own.removedFrame ??= segment.frame;
    // The RST may overtake the option, which goes another way.
    if (reset === undefined || segment.time - reset.time > AT_ONCE) continue;
    subflow.connection.findings.ease('subflow-reset', id);
    subflow.connection.findings.ease('join-refused', id);
  }
}

/** MP_PRIO: for this subflow, or in version 0 for those of the address that it names. */
export function onMpPrio(segment: Segment, subflow: Subflow, { addressId, backup }: MpPrio): void {
  const side = subflow.sideOf(segment.end, segment.flow);
  const { version, subflows } = subflow.connection;
  const meant =
    version === 0 && addressId !== undefined
      ? subflows.filter(({ sides }) => sides[side].addressId === addressId)
      : [subflow];
  for (const { sides } of meant) sides[side].backup = backup;
}

/** MP_FAIL. */
export function onMpFail(context: Context, segment: Segment, subflow: Subflow, option: MpFail): void {
  const { connection } = subflow;
  const side = subflow.sideOf(segment.end, segment.flow);
  // The peer answers MP_FAIL with MP_FAIL: one finding, the first reporter's.
  if (connection.findings.has('mp-fail', subflow.id)) {
    found(context, subflow, mpFail('', '', '', 'others'), [segment.frame]);
    return;
  }
  // A RST that came first, in a capture out of order, was for this.
  connection.findings.withdraw('subflow-reset', subflow.id);
  const others = connection.subflows.some((one) => one !== subflow && one.state === 'established');
  const then = !segment.rst ? 'fallback' : others ? 'others' : 'last';
  const { stream } = connection.hosts[other(side)];
  const offset = stream.place(option.dataSequenceNumber);
  const at = offset === undefined ? `${option.dataSequenceNumber}` : `${stream.relative(offset)}`;
  found(context, subflow, mpFail(nameOf(subflow, side), nameOf(subflow, other(side)), at, then), [segment.frame]);
}

/** MP_FASTCLOSE. */
export function onFastclose(context: Context, segment: Segment, subflow: Subflow, option: MpFastclose): void {
  const { connection } = subflow;
  const side = subflow.sideOf(segment.end, segment.flow);
  const octets = octetsOf(segment, option);
  const alike = (one: KeyClaim): boolean =>
    one.subflow === subflow && one.octets === octets && one.owner === other(side);
  const known = connection.claims.find(alike);
  const claim: KeyClaim = known ?? {
    check: 'fastcloseKey',
    owner: other(side),
    key: option.receiverKey.slice(),
    frame: segment.frame,
    subflow,
    octets,
    verdict: undefined,
  };
  if (known === undefined) connection.claims.push(claim);
  judgeKeyClaim(context, connection, claim);
  if (claim.verdict?.is === 'bad') return;
  found(context, subflow, fastclose(nameOf(subflow, side)), [segment.frame], WHOLE);
  connection.fastcloseFrame ??= segment.frame;
  easeResets(connection, side, segment.time);
  if (connection.ended) return;
  connection.state = 'fastclosed';
  connection.endFrame = segment.frame;
  context.close(connection);
}

/** Seconds within which a host that closes at once resets its subflows. */
const AT_ONCE = 1;

/** Plain RSTs of the other subflows come with MP_FASTCLOSE, some of them before it. */
function easeResets(connection: Connection, side: Side, time: number): void {
  for (const { id, reset } of connection.subflows) {
    if (reset?.from !== side || reset.reason !== undefined || time - reset.time > AT_ONCE) continue;
    connection.findings.ease('subflow-reset', id);
    connection.findings.ease('join-refused', id);
  }
}

/** RST. */
export function onReset(context: Context, segment: Segment, subflow: Subflow): void {
  const { connection } = subflow;
  const side = subflow.sideOf(segment.end, segment.flow);
  if (subflow.reset !== undefined) return;
  const option = optionOf(segment, 'MP_TCPRST');
  const { frame, time } = segment;
  subflow.reset = { frame, time, from: side, reason: option?.reason, transient: option?.transient };
  const answered = subflow.confirmed || connection.findings.has('mp-fail', subflow.id);
  const working = subflow.state === 'established' && (subflow.kind === 'initial' || answered);
  context.settle(subflow.flow);
  if (subflow.state === 'closed') return;
  if (!working) {
    if (subflow.kind === 'join') refuse(context, subflow);
    else subflow.state = 'refused';
  } else {
    subflow.state = 'reset';
    explainReset(context, segment, subflow);
  }
  endIfLast(context, connection);
}

/** Say why a working subflow was reset, where nothing said it before. */
function explainReset(context: Context, segment: Segment, subflow: Subflow): void {
  const { connection, reset } = subflow;
  if (reset === undefined || connection.findings.has('mp-fail', subflow.id)) return;
  // A host that shows nothing but a plain RST may never have known the subflow.
  const known = reset.reason !== undefined && subflow.firstFrame !== segment.frame;
  if (connection.midStream && !known && !subflow.sides[reset.from].speaks) return;
  if (connection.findings.has('join-hmac-bad', subflow.id)) return;
  // What it said was blanked: that is found.
  if (reset.reason === undefined && segment.nops >= BLANK) return;
  // Data without a mapping, or under a wrong one, is the cause: it is found on its own, when all is seen.
  const peer = subflow.sides[other(reset.from)];
  if (keysKnown(connection) && (peer.misplaced || peer.bare.length > 0)) return;
  const fastclosed = connection.fastcloseFrame !== undefined;
  const ending = connection.ended || connection.hosts.some(({ stream }) => stream.fin !== undefined);
  const ordinary = fastclosed || ending || connection.fallback !== undefined;
  if (reset.reason === undefined && ordinary) return;
  const name = nameOf(subflow, reset.from);
  const removed = subflow.sides[0].removedFrame ?? subflow.sides[1].removedFrame;
  const { removal } = context;
  const near = connection.midStream && removal !== undefined && reset.time - removal.time <= AT_ONCE;
  const said = subflowReset(name, reset.reason, reset.transient ?? false, fastclosed || ending || near, removed);
  found(context, subflow, said, [...(near ? [removal.frame] : []), segment.frame], fastclosed ? WHOLE : '');
}

/** FIN. */
export function onFin(context: Context, segment: Segment, subflow: Subflow): void {
  const { flow, end } = segment;
  flow.ends[end].fin = true;
  if (!flow.ends[0].fin || !flow.ends[1].fin) return;
  if (subflow.state === 'established' || subflow.state === 'opening') subflow.state = 'closed';
  context.settle(flow);
  endIfLast(context, subflow.connection);
}

function sameHmac(a: Uint8Array | undefined, b: Uint8Array | undefined): boolean {
  return a === undefined || b === undefined ? a === b : equalOctets(a, b);
}

/** The connection ends with its last subflow. */
function endIfLast(context: Context, connection: Connection): void {
  if (connection.ended || connection.id < 0) return;
  const finished = connection.hosts.every(({ stream }) => stream.fin !== undefined);
  const states = connection.subflows
    .filter(({ kind, state }) => !(finished && kind === 'join' && state === 'opening'))
    .map(({ state }) => state);
  if (states.some((state) => state === 'opening' || state === 'established')) return;
  if (connection.state !== 'fallback') {
    connection.state = finished || states.every((state) => state === 'closed') ? 'closed' : 'reset';
    if (states.includes('closed') && !states.includes('reset')) connection.state = 'closed';
  }
  connection.endFrame = connection.lastFrame;
  context.close(connection);
}
