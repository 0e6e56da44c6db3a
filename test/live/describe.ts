/**
 * What the kernel sent, in words that are the same in each run: sequence numbers are relative,
 * keys, tokens, HMACs and checksums are verified instead of shown.
 *
 * @module
 */
import { formatAddress } from '../../src/ip/address.ts';
import type { Malformed } from '../../src/malformed.ts';
import { idsn, token, verifyAddAddrHmac, verifyJoinHmac, verifyTruncatedJoinHmac } from '../../src/mptcp/auth.ts';
import { DssChecksum, firstMapping } from '../../src/mptcp/checksum.ts';
import type { Dss } from '../../src/mptcp/dss.ts';
import type { MpCapable } from '../../src/mptcp/mp-capable.ts';
import type { MpJoin } from '../../src/mptcp/mp-join.ts';
import type { MptcpOption } from '../../src/mptcp/option.ts';
import { relativeSequence, toUint64 } from '../../src/mptcp/sequence.ts';
import { ACK, FIN, RST, SYN } from '../packet.ts';
import type { Connection } from './connection.ts';
import type { Subflow } from './subflow.ts';
import type { Segment } from './wire.ts';

/** A segment, option by option. Relative sequence numbers begin at 1, as in Wireshark. */
export function describe(segment: Segment | undefined, subflow: Subflow): string {
  if (segment === undefined) return 'nothing';
  const words = [flags(segment.flags)];
  for (const option of segment.options) words.push(describeOption(option, segment, subflow));
  if (segment.payload.length > 0) words.push(`${segment.payload.length} octets`);
  return words.join(', ');
}

function describeOption(option: MptcpOption | Malformed, segment: Segment, subflow: Subflow): string {
  const { connection } = subflow;
  switch (option.type) {
    case 'MP_CAPABLE':
      return mpCapable(option, segment, connection);
    case 'MP_JOIN':
      return mpJoin(option, subflow);
    case 'DSS':
      return dss(option, segment, connection);
    case 'ADD_ADDR': {
      const { addressId, port, truncatedHmac } = option;
      const place = `${formatAddress(option.address)}${port === undefined ? '' : ` port ${port}`}`;
      const keys = { senderKey: connection.peerKey, receiverKey: connection.key };
      const proof =
        truncatedHmac === undefined
          ? 'echo'
          : verdict('HMAC', verifyAddAddrHmac({ ...keys, ...option, address: option.address }, truncatedHmac));
      return `ADD_ADDR id ${addressId} ${place} ${proof}`;
    }
    case 'REMOVE_ADDR':
      return `REMOVE_ADDR ${option.addressIds.join(' ')}`;
    case 'MP_PRIO':
      return `MP_PRIO B=${Number(option.backup)}`;
    case 'MP_FAIL':
      return `MP_FAIL ${relativeSequence(option.dataSequenceNumber, idsn(connection.key))}`;
    case 'MP_FASTCLOSE':
      return `MP_FASTCLOSE ${verdict('key', Buffer.compare(option.receiverKey, connection.key) === 0)}`;
    case 'MP_TCPRST':
      return `MP_TCPRST ${option.reason}${option.transient ? ' transient' : ''}`;
    default:
      return option.type;
  }
}

function mpCapable(option: MpCapable, { payload }: Segment, connection: Connection): string {
  const { version, senderKey, receiverKey, dataLevelLength, checksum } = option;
  const letters = `${option.checksumRequired ? 'A' : ''}${option.denyJoin ? 'C' : ''}H`;
  const words = [`MP_CAPABLE v${version} ${letters}`];
  if (senderKey !== undefined) words.push('key');
  if (receiverKey !== undefined) words.push(verdict('echo', Buffer.compare(receiverKey, connection.key) === 0));
  if (dataLevelLength !== undefined) words.push(`length ${dataLevelLength}`);
  if (checksum !== undefined && senderKey !== undefined) {
    const sum = new DssChecksum(firstMapping(idsn(senderKey), dataLevelLength ?? 0));
    words.push(verdict('checksum', sum.add(payload).verify(checksum)));
  }
  return words.join(' ');
}

function mpJoin(option: MpJoin, { connection, nonce, peerNonce }: Subflow): string {
  const backup = option.form !== 'ack' && option.backup ? ' B' : '';
  if (option.form === 'syn') {
    return `MP_JOIN id ${option.addressId}${backup} ${verdict('token', option.receiverToken === token(connection.key))}`;
  }
  const input = { senderKey: connection.peerKey, receiverKey: connection.key, receiverNonce: nonce };
  if (option.form === 'ack') {
    return `MP_JOIN ${verdict('HMAC', verifyJoinHmac({ ...input, senderNonce: peerNonce }, option.hmac))}`;
  }
  const good = verifyTruncatedJoinHmac({ ...input, senderNonce: option.nonce }, option.truncatedHmac);
  return `MP_JOIN id ${option.addressId}${backup} ${verdict('HMAC', good)}`;
}

function dss(option: Dss, { payload }: Segment, connection: Connection): string {
  const { dataAck, mapping } = option;
  const words: string[] = [];
  if (dataAck !== undefined) {
    const ours = idsn(connection.key);
    words.push(`DATA_ACK ${relativeSequence(toUint64(dataAck, connection.next), ours)}`);
  }
  if (mapping !== undefined) {
    const theirs = idsn(connection.peerKey);
    const dataSequenceNumber = toUint64(mapping.dataSequenceNumber, connection.expected);
    const { subflowSequenceNumber, dataLevelLength, checksum } = mapping;
    const start = relativeSequence(dataSequenceNumber, theirs);
    words.push(`${option.dataFin ? 'DATA_FIN ' : ''}mapping ${start}+${dataLevelLength} SSN ${subflowSequenceNumber}`);
    if (checksum !== undefined) {
      const sum = new DssChecksum({ dataSequenceNumber, subflowSequenceNumber, dataLevelLength });
      if (dataLevelLength === 0) words.push(`checksum ${checksum}`);
      else if (sum.add(payload.subarray(0, dataLevelLength)).missing > 0) words.push('checksum');
      else words.push(verdict('checksum', sum.verify(checksum)));
    }
  }
  return words.join(' ');
}

function verdict(what: string, good: boolean): string {
  return `[${what} ${good ? 'good' : 'bad'}]`;
}

function flags(bits: number): string {
  const names: [number, string][] = [
    [SYN, 'SYN'],
    [FIN, 'FIN'],
    [RST, 'RST'],
    [ACK, 'ACK'],
  ];
  return names
    .filter(([bit]) => bits & bit)
    .map(([, name]) => name)
    .join('/');
}
