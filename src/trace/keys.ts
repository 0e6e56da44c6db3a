/**
 * Keys: learning them from the handshake, and judging all that they prove.
 *
 * A key may show up behind what it proves, in merged or reordered captures: everything that
 * waits for it is judged then.
 *
 * @module
 */

import { equalOctets } from '../bytes.ts';
import { formatAddress, formatEndpoint } from '../ip/address.ts';
import { fullAddAddrHmac } from '../mptcp/auth.ts';
import { derive } from '../mptcp/hmac.ts';
import type { Advertised, Connection, KeyClaim, Side } from './connection.ts';
import { type Context, found, nameOf, other, verdict } from './context.ts';
import { judgeMappings } from './data.ts';
import { judgeJoins, resolve } from './join.ts';
import { addAddrHmacBad, keyEchoBad, keyMismatch, tokenCollision } from './say.ts';
import { fastcloseKeyBad } from './say-reset.ts';
import type { Subflow } from './subflow.ts';
import { judged, type Verdict } from './verdict.ts';

/** Learn a host's key from the option that shows it. */
export function learnKey(context: Context, subflow: Subflow, side: Side, key: Uint8Array, frame: number): void {
  const { connection } = subflow;
  const host = connection.hosts[side];
  if (host.key !== undefined) {
    if (!equalOctets(host.key, key)) {
      found(
        context,
        subflow,
        keyMismatch(nameOf(subflow, side), 'copies'),
        [host.keyFrame ?? frame, frame],
        `copies ${side}`,
      );
    }
    return;
  }
  host.key = key.slice();
  host.keyFrame = frame;
  const derived = derive(key, connection.version ?? 1);
  host.token = derived.token;
  host.idsn = derived.idsn;
  if (!host.stream.begin(host.idsn)) {
    found(context, subflow, keyMismatch(nameOf(subflow, side), 'data'), [frame], `data ${side}`);
  }
  for (const { connection: one } of context.identity.register(host.token, { connection, side })) {
    if (one === connection || one.ended || one.state === 'fallback') continue;
    const said = tokenCollision(host.token.toString(16).padStart(8, '0'));
    found(context, subflow, said, [one.firstFrame, frame]);
    // Both keys are those of the other: one connection, seen twice.
    if (!hasKeysOf(connection, one)) continue;
    for (const { findings } of [connection, one]) findings.ease('token-collision', 0);
  }
  for (const waiting of context.identity.waitingFor(host.token)) resolve(context, waiting);
  judgeAll(context, connection);
}

function hasKeysOf({ hosts }: Connection, twin: Connection): boolean {
  return hosts.every(({ key }, side) => {
    const theirs = twin.hosts[side as Side].key;
    return key !== undefined && theirs !== undefined && equalOctets(key, theirs);
  });
}

/** Judge whatever waits for a key of this connection. */
function judgeAll(context: Context, connection: Connection): void {
  for (const claim of connection.claims) judgeKeyClaim(context, connection, claim);
  for (const address of connection.addresses) judgeAddress(context, connection, address);
  for (const subflow of connection.subflows) {
    judgeJoins(context, subflow);
    judgeMappings(context, subflow);
  }
}

/** Judge an echoed key, or the key of MP_FASTCLOSE. */
export function judgeKeyClaim(context: Context, connection: Connection, claim: KeyClaim): void {
  const { key } = connection.hosts[claim.owner];
  if (key === undefined || claim.verdict !== undefined) return;
  const { subflow, frame } = claim;
  claim.verdict = verdict(context, subflow, claim.check, frame, judged(equalOctets(key, claim.key)));
  if (claim.verdict.is === 'good') return;
  const name = nameOf(subflow, other(claim.owner));
  found(context, subflow, claim.check === 'keyEcho' ? keyEchoBad(name) : fastcloseKeyBad(name), [frame]);
}

/** Judge the HMAC of an advertised address. */
export function judgeAddress(context: Context, connection: Connection, address: Advertised): void {
  if (address.verdict !== undefined || address.truncatedHmac === undefined) return;
  const senderKey = connection.hosts[address.owner].key;
  const receiverKey = connection.hosts[other(address.owner)].key;
  if (senderKey === undefined || receiverKey === undefined) return;
  const { addressId, address: octets, port, truncatedHmac, subflow, frame } = address;
  const right = fullAddAddrHmac({ senderKey, receiverKey, addressId, address: octets, port });
  let given: Verdict = judged(equalOctets(right.subarray(24), truncatedHmac));
  if (given.is === 'bad') {
    const zero = fullAddAddrHmac({ senderKey, receiverKey, addressId, address: octets });
    if (equalOctets(right.subarray(0, 8), truncatedHmac)) given = judged(false, 'leftmost-64');
    else if (port !== undefined && equalOctets(zero.subarray(24), truncatedHmac)) given = judged(false, 'port-zero');
  }
  address.verdict = verdict(context, subflow, 'addAddrHmac', frame, given);
  if (given.is !== 'bad') return;
  const said = addAddrHmacBad(nameOf(subflow, address.owner), addressText(address), given.quirk);
  found(context, subflow, said, [frame], addressText(address));
}

/** An advertised address as text, with its port where it has one. */
export function addressText({ address, port }: Advertised): string {
  const text = formatAddress(address);
  return port === undefined ? text : formatEndpoint({ address: text, port });
}
