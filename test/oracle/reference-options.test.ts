/**
 * Options with the fields that another program read from them, where that list is at hand.
 */
import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { fromHex, toHex } from '../../src/bytes.ts';
import { explain } from '../../src/explain/explain.ts';
import { decodeOption, encodeOption } from '../../src/mptcp/option.ts';
import { type Json, type JsonObject, toJson } from '../../src/text/json.ts';

const LIST = '../shared/vectors.json';

interface Entry {
  readonly id: string;
  readonly hex: string;
  readonly decoded: Readonly<Record<string, unknown>>;
}

/** Names there -> ours. */
const NAMES: Readonly<Record<string, string>> = {
  version: 'version',
  sender_key: 'senderKey',
  receiver_key: 'receiverKey',
  data_level_length: 'dataLevelLength',
  receiver_token: 'receiverToken',
  sender_nonce: 'nonce',
  sender_truncated_hmac: 'truncatedHmac',
  sender_hmac: 'hmac',
  truncated_hmac: 'truncatedHmac',
  address_id: 'addressId',
  address_ids: 'addressIds',
  port: 'port',
  ssn: 'subflowSequenceNumber',
  reason: 'reason',
  T: 'transient',
};

/** Flags there -> ours, by option. */
const FLAGS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  MP_CAPABLE: { A: 'checksumRequired', B: 'extensibility', C: 'denyJoin' },
  MP_JOIN: { B: 'backup' },
  MP_PRIO: { B: 'backup' },
  DSS: { F: 'dataFin' },
  ADD_ADDR: { E: 'echo' },
};

/** Values there as our JSON has them. */
function expected({ decoded, hex }: Entry): Record<string, unknown> {
  const name = String(decoded['name']);
  const values: Record<string, unknown> = { type: name };
  for (const [key, value] of Object.entries(decoded)) {
    const ours = FLAGS[name]?.[key] ?? NAMES[key];
    if (ours !== undefined && value !== null) values[ours] = value;
    if (key === 'checksum' && value !== null) values['checksum'] = Number(`0x${value}`);
    if (key === 'dsn' || key === 'data_ack') {
      const number = String(value).length === 16 ? String(BigInt(`0x${value}`)) : Number(`0x${value}`);
      values[key === 'dsn' ? 'dataSequenceNumber' : 'dataAck'] = number;
    }
    if (key === 'role' && name === 'MP_JOIN') values['form'] = String(value).replace('synack', 'syn-ack');
  }
  if (name === 'ADD_ADDR')
    values['address'] = new URL(`http://${bracketed(String(decoded['address']))}`).hostname.replace(/[[\]]/g, '');
  expect(decoded['length']).toBe(hex.length / 2);
  return values;
}

function bracketed(address: string): string {
  return address.includes(':') ? `[${address}]` : address;
}

function flat(json: JsonObject): Record<string, Json> {
  const { mapping, ...rest } = json;
  return { ...rest, ...(mapping as JsonObject | undefined) };
}

test.skipIf(!existsSync(LIST))('options as another program decodes them (needs ../shared)', () => {
  const { options_valid: entries } = JSON.parse(readFileSync(LIST, 'utf8')) as { options_valid: Entry[] };
  expect(entries.length).toBeGreaterThan(100);
  for (const entry of entries) {
    const bytes = fromHex(entry.hex);
    const option = decodeOption(bytes);
    expect(flat(toJson(option)), entry.id).toMatchObject(expected(entry));
    expect(toHex(encodeOption(option))).toBe(entry.hex);
    expect(explain(bytes).reduce((sum, { bits }) => sum + bits, 0)).toBe(8 * bytes.length);
    expect(explain(bytes).some(({ name }) => name === 'malformed')).toBe(false);
  }
});
