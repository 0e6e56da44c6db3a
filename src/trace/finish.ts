/**
 * What can only be said when no more packets come.
 *
 * @module
 */
import type { Advertised, Connection, Side } from './connection.ts';
import { type Context, found, nameOf, other, verdict, WHOLE } from './context.ts';
import { fallBack, settleClaims } from './data.ts';
import { keysKnown, withoutThird } from './handshake.ts';
import { finishJoin } from './join.ts';
import { addressText } from './keys.ts';
import { stuck } from './repeat.ts';
import {
  addAddrNotEchoed,
  addAddrNotJoined,
  mappingMismatch,
  midStream,
  mptcpLost,
  mptcpSilent,
  optionsCut,
  payloadCut,
  subflowStalled,
} from './say.ts';
import type { Subflow } from './subflow.ts';
import { unverified } from './verdict.ts';

/** Say what is left to say of a connection. More packets may still come; nothing is said twice. */
export function finish(context: Context, connection: Connection): void {
  for (const subflow of connection.subflows) {
    if (subflow.kind === 'initial' && subflow.state === 'opening') withoutThird(context, subflow);
    finishJoin(context, subflow);
    for (const side of byBareFrame(subflow)) finishData(context, subflow, side);
    for (const side of [0, 1] as const) {
      finishSilence(context, subflow, side);
      finishRepeat(context, subflow, side);
    }
  }
  if (connection.fallback !== undefined) countPlain(connection);
  if (connection.midStream) {
    connection.findings.add({ ...midStream(), frames: [connection.firstFrame] });
  }
  if (connection.payloadCut && connection.subflows.some(isCut)) {
    connection.findings.add({ ...payloadCut(), frames: [connection.firstFrame] });
  }
  finishAddresses(context, connection);
}

/** Data that no mapping covers is plain, where the connection fell back. */
function countPlain({ subflows, hosts }: Connection): void {
  for (const { sides } of subflows) {
    for (const side of [0, 1] as const) {
      hosts[side].stream.plainBytes += sides[side].uncovered;
      sides[side].uncovered = 0;
    }
  }
}

/** Whether the capture left out data under a mapping with a checksum. */
function isCut({ sides }: Subflow): boolean {
  return sides.some(({ mappings }) => mappings.list.some(({ cut }) => cut));
}

/** The sides of a subflow in the order of their first data without a mapping: the second went on as the first did. */
function byBareFrame({ sides }: Subflow): Side[] {
  const [client, server] = sides.map((own) => {
    return own.unmapped.length === 0 ? Infinity : (own.unmappedFrame ?? own.bare[0]?.frame ?? Infinity);
  }) as [number, number];
  return server < client ? [1, 0] : [0, 1];
}

/** What makes the peer go on without mappings: said of this subflow, it is the cause. */
const CAUSES = ['mp-fail', 'mapping-mismatch'] as const;

/** Data that no mapping ever covered. */
function finishData(context: Context, subflow: Subflow, side: Side): void {
  const { connection } = subflow;
  const own = subflow.sides[side];
  if (own.cutFrame !== undefined && connection.id >= 0) {
    found(context, subflow, optionsCut(), [own.cutFrame], WHOLE);
  }
  if (own.unmapped.length === 0 && own.unmappedBytes === 0) return;
  const { bare } = own;
  const octets = bare.reduce((sum, { start, end }) => sum + end - start, own.unmappedBytes);
  if (octets === 0 || connection.midStream || connection.id < 0) return;
  if (connection.hosts[0].key === undefined || connection.hosts[1].key === undefined) return;
  const frames = bare.map(({ frame }) => frame);
  if (own.unmappedFrame !== undefined) frames.unshift(own.unmappedFrame);
  const name = nameOf(subflow, side);
  const tails = bare.length > 0 && bare.every(({ excused }) => excused);
  own.uncovered += octets;
  context.held -= own.unmapped.reduce((sum, { captured }) => sum + captured, 0);
  own.unmapped = [];
  own.unmappedBytes = 0;
  const { single } = connection;
  if (connection.fallback !== undefined) return;
  // What was said of a mapping explains the data that it does not cover.
  if (own.misplaced) return;
  if (tails) {
    const what = `${octets} octets of data lie outside the mappings of the segments that carry them`;
    found(context, subflow, mappingMismatch(name, what), frames, `tail ${side}`);
    return;
  }
  const cause = CAUSES.find((code) => connection.findings.has(code, subflow.id));
  if (cause === undefined) found(context, subflow, mptcpLost(name, octets, single), frames, `${side}`);
  if (single) fallBack(connection, cause ?? 'mptcp-lost-after-handshake', frames[0] ?? subflow.firstFrame);
}

/** Segments without options in a row that make a host silent: Linux puts a DSS into every one. */
const SILENT = 4;

/** A host that gave MPTCP up while the other did not. */
function finishSilence(context: Context, subflow: Subflow, side: Side): void {
  const { connection } = subflow;
  const own = subflow.sides[side];
  const { stream } = connection.hosts[other(side)];
  const missing = stream.bytes - stream.ackedBytes;
  if (own.quiet < SILENT || missing <= 0 || subflow.sides[other(side)].quiet > 0) return;
  if (!connection.single || connection.fallback !== undefined || !keysKnown(connection)) return;
  const frame = own.quietFrame ?? subflow.firstFrame;
  found(
    context,
    subflow,
    mptcpSilent(nameOf(subflow, side), nameOf(subflow, other(side)), missing),
    [frame],
    `silent ${side}`,
  );
  fallBack(connection, 'mptcp-lost-after-handshake', frame);
}

/** Data that is repeated in vain, though the capture shows what the peer sends. */
function finishRepeat(context: Context, subflow: Subflow, side: Side): void {
  const { connection, sides } = subflow;
  const repeat = stuck(sides[side]);
  if (repeat === undefined || connection.fallback !== undefined || !sides[other(side)].speaks) return;
  const { frames, since, time, times } = repeat;
  const names = [nameOf(subflow, side), nameOf(subflow, other(side))] as const;
  const said = subflowStalled(...names, times, time - since, connection.single);
  found(context, subflow, said, frames, `stalled ${side}`);
}

/** Advertisements that nobody confirmed, or nobody used. */
function finishAddresses(context: Context, connection: Connection): void {
  for (const address of connection.addresses) {
    if (address.verdict?.is === 'bad' || address.removedFrame !== undefined || address.joined) continue;
    const { subflow, owner, frame } = address;
    const name = nameOf(subflow, owner);
    const text = addressText(address);
    if (address.echoFrame !== undefined) {
      const mixed = address.address.length > subflow.flow.ends[0].address.length;
      found(context, subflow, addAddrNotJoined(name, text, owner === 0, mixed), [frame, address.echoFrame], text);
    } else if (connection.version === 1 && connection.fallback === undefined && !changedOnTheWay(connection, address)) {
      found(context, subflow, addAddrNotEchoed(name, text), [frame], text);
    }
  }
}

/** Whether the capture shows another copy of an advertisement, with an HMAC that does not verify: that one arrived. */
function changedOnTheWay(connection: Connection, { owner, addressId }: Advertised): boolean {
  return connection.addresses.some((one) => {
    return one.owner === owner && one.addressId === addressId && one.verdict?.is === 'bad';
  });
}

/** Give `unverified` to all that still waits for something that no longer comes. */
export function settleAll(context: Context, connection: Connection): void {
  for (const claim of connection.claims) {
    claim.verdict ??= verdict(context, claim.subflow, claim.check, claim.frame, unverified('keys-not-seen'));
  }
  for (const address of connection.addresses) {
    if (address.truncatedHmac === undefined) continue;
    address.verdict ??= verdict(context, address.subflow, 'addAddrHmac', address.frame, unverified('keys-not-seen'));
  }
  for (const subflow of connection.subflows) {
    for (const side of [0, 1] as const) {
      for (const proof of subflow.sides[side].proofs) {
        proof.verdict ??= verdict(context, subflow, 'joinHmac', proof.frame, unverified('keys-not-seen'));
      }
      for (const mapping of subflow.sides[side].mappings.list) settleClaims(context, subflow, side, mapping);
    }
  }
}
