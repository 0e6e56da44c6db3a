/**
 * The colour a field is shown in, by what it is for.
 *
 * @module
 */

/** Kinds of field, each with one colour. */
export type Tone = 'head' | 'flag' | 'key' | 'seq' | 'sum' | 'addr' | 'data' | 'plain';

const TONES: Readonly<Record<string, Tone>> = {
  kind: 'head',
  length: 'head',
  subtype: 'head',
  version: 'head',
  ipVer: 'head',
  algorithms: 'flag',
  senderKey: 'key',
  receiverKey: 'key',
  truncatedHmac: 'key',
  hmac: 'key',
  receiverToken: 'key',
  nonce: 'key',
  dataAck: 'seq',
  dataSequenceNumber: 'seq',
  subflowSequenceNumber: 'seq',
  sequenceNumber: 'seq',
  acknowledgmentNumber: 'seq',
  dataLevelLength: 'sum',
  checksum: 'sum',
  reason: 'sum',
  address: 'addr',
  addressId: 'addr',
  addressIds: 'addr',
  port: 'addr',
  source: 'addr',
  destination: 'addr',
  sourcePort: 'addr',
  destinationPort: 'addr',
  sourceAddress: 'addr',
  destinationAddress: 'addr',
  data: 'data',
  payload: 'data',
  reserved: 'plain',
};

/** The tone of a field of that name and width. */
export function toneOf(name: string, bits: number): Tone {
  return TONES[name] ?? (bits === 1 ? 'flag' : 'plain');
}
