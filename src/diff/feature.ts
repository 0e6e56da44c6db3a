/**
 * What identifies a connection, whatever a path does to its addresses and sequence numbers.
 *
 * @module
 */
import { toHex } from '../bytes.ts';
import { ACK, SYN } from '../tcp/flags.ts';
import { mptcpOptionsOf, type Sighting } from './sighting.ts';

/** Something that a connection has in both captures. */
export interface Feature {
  /** The same for the same feature, and another for each other one. */
  readonly text: string;
  /** No other connection has it by chance: it came out of keys, or nonces. */
  readonly proof: boolean;
}

/**
 * The features of a connection that a segment shows.
 *
 * @param name - addresses and ports of the connection
 */
export function featuresOf(sighting: Sighting, name: string): Feature[] {
  const { seq, flags, timestamped, tsVal, tsEcr } = sighting;
  const found: Feature[] = [];
  if ((flags & (SYN | ACK)) === SYN) {
    found.push({ text: `syn ${seq} ${name}`, proof: false });
    if (timestamped) found.push({ text: `syn ${seq} ${tsVal} ${tsEcr}`, proof: false });
  }
  for (const option of mptcpOptionsOf(sighting)) {
    if (option.type === 'MP_CAPABLE') {
      for (const key of [option.senderKey, option.receiverKey])
        if (key !== undefined) found.push({ text: `key ${toHex(key)}`, proof: true });
    } else if (option.type === 'MP_JOIN' && option.form === 'syn') {
      found.push({ text: `join ${option.receiverToken} ${option.nonce}`, proof: true });
    } else if (option.type === 'MP_JOIN') {
      const hmac = option.form === 'ack' ? option.hmac : option.truncatedHmac;
      found.push({ text: `hmac ${toHex(hmac)}`, proof: true });
    }
  }
  return found;
}
