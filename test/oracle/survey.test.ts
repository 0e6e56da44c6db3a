/**
 * The vectors of the survey that this project began with, where they are at hand: derivations,
 * checksums, expansions, options and option areas that others computed or saw.
 */
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { fromHex, toHex } from '../../src/bytes.ts';
import { parseAddress } from '../../src/ip/address.ts';
import {
  ConnectionKeys,
  fullAddAddrHmac,
  fullJoinHmac,
  idsn,
  joinHmac,
  token,
  truncatedJoinHmac,
  verifyAddAddrHmac,
} from '../../src/mptcp/auth.ts';
import { addAddr, addAddrEcho, joinAck, joinSynAck, verifyAddAddr } from '../../src/mptcp/build.ts';
import { dssChecksum, verifyDssChecksum } from '../../src/mptcp/checksum.ts';
import { decodeOption, encodeOption, type MptcpOption } from '../../src/mptcp/option.ts';
import { toUint64 } from '../../src/mptcp/sequence.ts';
import { decodeOptionList } from '../../src/tcp/options.ts';
import { toJson } from '../../src/text/json.ts';

const FILE = new URL('../../../shared/vectors.json', import.meta.url);

// biome-ignore lint/suspicious/noExplicitAny: the survey's own JSON
type Any = any;

const survey: Record<string, Any[]> = existsSync(FILE) ? JSON.parse(readFileSync(FILE, 'utf8')) : {};
const of = (group: string): Any[] => survey[group] ?? [];
const number = (hex: string) => Number.parseInt(hex, 16);
const wide = (hex: string) => BigInt(`0x${hex}`);
const hex = (value: number | bigint, digits: number) => value.toString(16).padStart(digits, '0');

describe.skipIf(!existsSync(FILE))('the survey (needs ../shared/vectors.json)', () => {
  test.each(of('key_derivation'))('$id', ({ version, key, token: wanted, idsn: initial, first_dsn }) => {
    expect(hex(token(fromHex(key), version), 8)).toBe(wanted);
    expect(hex(idsn(fromHex(key), version), 16)).toBe(initial);
    expect(hex(toUint64(idsn(fromHex(key), version) + 1n, 0n), 16)).toBe(first_dsn);
  });

  test.each(of('hmac_known_answers'))('$id', ({ key1, key2, nonce1, nonce2, hmac }) => {
    const [senderKey, receiverKey] = [fromHex(key1), fromHex(key2)];
    const input = { senderKey, receiverKey, senderNonce: number(nonce1), receiverNonce: number(nonce2) };
    expect(toHex(fullJoinHmac(input))).toBe(hmac);
  });

  test.each(of('mp_join'))('$id', (join) => {
    const { version } = join;
    const [keyA, keyB] = [fromHex(join.key_a), fromHex(join.key_b)];
    const [nonceA, nonceB] = [number(join.nonce_a), number(join.nonce_b)];
    const a = { senderKey: keyA, receiverKey: keyB, senderNonce: nonceA, receiverNonce: nonceB, version };
    const b = { senderKey: keyB, receiverKey: keyA, senderNonce: nonceB, receiverNonce: nonceA, version };
    expect(hex(token(keyB, version), 8)).toBe(join.token_b);
    expect(toHex(fullJoinHmac(b))).toBe(join.hmac_b_full);
    expect(toHex(truncatedJoinHmac(b))).toBe(join.hmac_b_trunc64);
    expect(toHex(fullJoinHmac(a))).toBe(join.hmac_a_full);
    expect(toHex(joinHmac(a))).toBe(join.hmac_a_trunc160);
    const keys = new ConnectionKeys(keyA, keyB, version);
    const synAck = decodeOption(fromHex(join.option_synack)) as Any;
    const ack = decodeOption(fromHex(join.option_ack)) as Any;
    expect(keys.verifyTruncatedJoinHmac(nonceA, nonceB, synAck.truncatedHmac)).toBe(true);
    expect(keys.reversed().verifyJoinHmac(nonceB, nonceA, ack.hmac)).toBe(true);
    const { addressId, backup } = synAck;
    expect(toHex(encodeOption(joinSynAck({ ...b, addressId, backup })))).toBe(join.option_synack);
    expect(toHex(encodeOption(joinAck(a))).slice(8)).toBe(join.option_ack.slice(8));
  });

  test.each(of('add_addr_hmac'))('$id', (vector) => {
    const input = {
      senderKey: fromHex(vector.key_sender),
      receiverKey: fromHex(vector.key_receiver),
      addressId: vector.address_id,
      address: parseAddress(vector.address),
      port: vector.port ?? undefined,
    };
    expect(toHex(fullAddAddrHmac(input))).toBe(vector.hmac_full);
    expect(verifyAddAddrHmac(input, fromHex(vector.truncated_hmac_rightmost64))).toBe(true);
    expect(verifyAddAddrHmac(input, fromHex(vector.wrong_leftmost64))).toBe(false);
    expect(verifyAddAddr(decodeOption(fromHex(vector.option)) as Any, input)).toBe(true);
    if (vector.port === 0) return;
    expect(toHex(encodeOption(addAddr(input)))).toBe(vector.option);
    expect(toHex(encodeOption(addAddrEcho(addAddr(input))))).toBe(vector.echo_option);
  });

  test.each(of('add_addr_hmac_negative'))('$id', ({ option, key_sender, key_receiver }) => {
    const keys = { senderKey: fromHex(key_sender), receiverKey: fromHex(key_receiver) };
    expect(verifyAddAddr(decodeOption(fromHex(option)) as Any, keys)).toBe(false);
  });

  const mappingOf = (vector: Any) => ({
    dataSequenceNumber: wide(vector.dsn64),
    subflowSequenceNumber: vector.ssn,
    dataLevelLength: vector.data_level_length,
    dataFin: vector.F,
  });

  test.each(of('dss_checksum'))('$id', (vector) => {
    const checksum = number(vector.checksum);
    expect(dssChecksum(mappingOf(vector), fromHex(vector.payload))).toBe(checksum);
    expect(verifyDssChecksum({ ...mappingOf(vector), checksum }, fromHex(vector.payload))).toBe(true);
  });

  test.each(of('dss_checksum_negative'))('$id', (vector) => {
    const base = vector.base === undefined ? vector : of('dss_checksum').find(({ id }) => id === vector.base);
    if (base === undefined) return;
    const mapping = { ...mappingOf(base), checksum: number(vector.wrong_checksum) };
    expect(verifyDssChecksum(mapping, fromHex(base.payload))).toBe(false);
  });

  test.each(of('dsn_expansion'))('$id', ({ reference64, wire32, expanded64 }) => {
    expect(hex(toUint64(number(wire32), wide(reference64)), 16)).toBe(expanded64);
  });

  test.each(of('options_valid'))('$id $hex', ({ hex: octets, decoded }) => {
    const option = decodeOption(fromHex(octets)) as MptcpOption;
    expect(toHex(encodeOption(option))).toBe(octets);
    expect(option.type).toBe(decoded.name);
    expect(fieldsOf(toJson(option))).toMatchObject(known(decoded));
  });

  test.each(of('options_malformed'))('$id $hex', ({ hex: octets, recommended }) => {
    const option = decodeOption(fromHex(octets));
    const refused = /^(error|stop)/.test(recommended);
    expect(option.type === 'MALFORMED').toBe(refused);
  });

  test.each(of('option_areas'))('$id', ({ option_area, mptcp }) => {
    const items = decodeOptionList(fromHex(option_area)).filter((item) => 'type' in item);
    expect(items.map((item) => toHex(encodeOption(item)))).toEqual(mptcp);
  });
});

/** Our JSON in the survey's words. */
function fieldsOf(json: Any): Record<string, unknown> {
  const sequence = (value: unknown) =>
    value === undefined ? undefined : hex(BigInt(value as string), typeof value === 'string' ? 16 : 8);
  const mapping = json.mapping ?? {};
  const checksum = json.checksum ?? mapping.checksum;
  return {
    version: json.version,
    A: json.type === 'DSS' ? json.dataAck !== undefined : json.checksumRequired,
    B: json.type === 'MP_CAPABLE' ? json.extensibility : json.backup,
    C: json.denyJoin,
    E: json.type === 'MP_CAPABLE' ? (json.algorithms & 8) !== 0 : json.echo,
    F: json.type === 'MP_CAPABLE' ? (json.algorithms & 4) !== 0 : json.dataFin,
    H: (json.algorithms & 1) === 1,
    M: json.mapping !== undefined,
    T: json.transient,
    sender_key: json.senderKey,
    receiver_key: json.receiverKey,
    receiver_token: json.receiverToken,
    sender_nonce: json.nonce,
    sender_hmac: json.hmac,
    sender_truncated_hmac: json.truncatedHmac,
    truncated_hmac: json.truncatedHmac,
    address_id: json.addressId,
    address_ids: json.addressIds,
    address: json.address,
    port: json.port,
    reason: json.reason,
    data_ack: sequence(json.dataAck),
    dsn: sequence(json.type === 'MP_FAIL' ? json.dataSequenceNumber : mapping.dataSequenceNumber),
    ssn: mapping.subflowSequenceNumber,
    data_level_length: json.dataLevelLength ?? mapping.dataLevelLength,
    checksum: checksum === undefined ? undefined : hex(checksum, 4),
  };
}

/** What of a survey's option has a name above. */
function known(decoded: Any): Record<string, unknown> {
  const names = Object.keys(fieldsOf({ type: decoded.name }));
  return Object.fromEntries(Object.entries(decoded).filter(([name]) => names.includes(name)));
}
