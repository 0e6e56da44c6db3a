/** Tokens, data sequence numbers, HMACs and checksums from what the reader types. */
import { toHex } from '../../src/bytes.ts';
import { parseAddress } from '../../src/ip/address.ts';
import { addAddrHmac, idsn, joinHmac, token, truncatedJoinHmac } from '../../src/mptcp/auth.ts';
import { dssChecksum } from '../../src/mptcp/checksum.ts';
import type { MptcpOption } from '../../src/mptcp/option.ts';
import { html, type Markup } from '../../src/report/markup.ts';
import { verdictMark } from '../../src/report/verdict.ts';

/** What the calculator's fields hold; `undefined` where empty or no value. */
export interface Knowns {
  readonly version: 0 | 1;
  readonly keyA?: Uint8Array | undefined;
  readonly keyB?: Uint8Array | undefined;
  readonly nonceA?: number | undefined;
  readonly nonceB?: number | undefined;
}

/** One line of results. */
export type Derived = readonly [label: string, value: string, from: string];

/** What follows from the keys and nonces. A opens the subflow, B answers. */
export function derive({ version, keyA, keyB, nonceA, nonceB }: Knowns): Derived[] {
  const hash = version === 1 ? 'SHA-256' : 'SHA-1';
  const hmac = version === 1 ? 'HMAC-SHA256' : 'HMAC-SHA1';
  const found: Derived[] = [];
  for (const [name, key] of [['A', keyA] as const, ['B', keyB] as const]) {
    if (key === undefined) continue;
    const first = BigInt.asUintN(64, idsn(key, version) + 1n);
    found.push([`Token of ${name}`, hex32(token(key, version)), `first 32 bits of ${hash}(key ${name})`]);
    found.push([`IDSN of ${name}`, `${idsn(key, version)}`, `last 64 bits of ${hash}(key ${name})`]);
    found.push([`First data sequence number of ${name}`, `${first}`, 'IDSN + 1']);
  }
  if (keyA && keyB && nonceA !== undefined && nonceB !== undefined) {
    const b = { senderKey: keyB, receiverKey: keyA, senderNonce: nonceB, receiverNonce: nonceA, version };
    const a = { senderKey: keyA, receiverKey: keyB, senderNonce: nonceA, receiverNonce: nonceB, version };
    found.push([
      'MP_JOIN SYN/ACK, by B',
      toHex(truncatedJoinHmac(b)),
      `first 64 bits of ${hmac}(keys of B, A; nonces of B, A)`,
    ]);
    found.push(['MP_JOIN ACK, by A', toHex(joinHmac(a)), `first 160 bits of ${hmac}(keys of A, B; nonces of A, B)`]);
  }
  return found;
}

/** ADD_ADDR's HMAC from either side. */
export function deriveAddress(knowns: Knowns, addressId: number, address: string, port: number | undefined): Derived[] {
  const { keyA, keyB } = knowns;
  if (keyA === undefined || keyB === undefined || address.trim() === '') return [];
  const what = { addressId, address: parseAddress(address.trim()), port };
  const from = 'last 64 bits of HMAC-SHA256(keys of sender, receiver; id, address, port)';
  return [
    ['ADD_ADDR, sent by A', toHex(addAddrHmac({ senderKey: keyA, receiverKey: keyB, ...what })), from],
    ['ADD_ADDR, sent by B', toHex(addAddrHmac({ senderKey: keyB, receiverKey: keyA, ...what })), from],
  ];
}

/** The checksum of a mapping. */
export function deriveChecksum(dsn: bigint, ssn: number, length: number, payload: Uint8Array): Derived[] {
  const mapping = { dataSequenceNumber: dsn, subflowSequenceNumber: ssn, dataLevelLength: length };
  const sum = dssChecksum(mapping, payload);
  return [['DSS checksum', `0x${sum.toString(16).padStart(4, '0')} (${sum})`, 'data and pseudo-header']];
}

/** A verdict on the option, where what is known allows one. */
export function verdictOf(option: MptcpOption, knowns: Knowns): Markup | undefined {
  const { version, keyA, keyB, nonceA, nonceB } = knowns;
  const same = (name: string, a: string, b: string) =>
    html`${name} ${verdictMark(a === b ? 'good' : 'bad')}${a !== b && html` <span class="muted">expected <code>${a}</code></span>`}`;
  if (option.type === 'MP_JOIN' && option.form === 'syn') {
    const tokens = [keyA, keyB].filter((key) => key !== undefined).map((key) => token(key, version));
    if (tokens.length === 0) return undefined;
    return html`Token ${verdictMark(tokens.includes(option.receiverToken) ? 'good' : 'bad')}`;
  }
  if (keyA === undefined || keyB === undefined) return undefined;
  if (option.type === 'MP_JOIN' && nonceA !== undefined && nonceB !== undefined) {
    if (option.form === 'ack') {
      const a = { senderKey: keyA, receiverKey: keyB, senderNonce: nonceA, receiverNonce: nonceB, version };
      return same('HMAC', toHex(joinHmac(a)), toHex(option.hmac));
    }
    if (option.form === 'syn-ack') {
      const b = { senderKey: keyB, receiverKey: keyA, senderNonce: nonceB, receiverNonce: nonceA, version };
      return same('HMAC', toHex(truncatedJoinHmac(b)), toHex(option.truncatedHmac));
    }
  }
  if (option.type === 'ADD_ADDR' && option.truncatedHmac !== undefined) {
    const { addressId, address, port } = option;
    const found = toHex(option.truncatedHmac);
    const [a, b] = [
      addAddrHmac({ senderKey: keyA, receiverKey: keyB, addressId, address, port }),
      addAddrHmac({ senderKey: keyB, receiverKey: keyA, addressId, address, port }),
    ].map(toHex) as [string, string];
    return found === a ? html`HMAC, sent by A ${verdictMark('good')}` : same('HMAC, sent by B', b, found);
  }
  return undefined;
}

export function hex32(value: number): string {
  return value.toString(16).padStart(8, '0');
}
