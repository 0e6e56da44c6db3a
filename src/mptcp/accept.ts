/**
 * Checks of options that arrive, one for each that a builder makes: is it what the other host,
 * who has the keys, would send here?
 *
 * The arguments are named from the option's sender, as the builder's are. What the other host
 * sent cannot make a check throw; what the caller gives can, with an error that names it.
 *
 * @module
 */
import type { AddAddr } from './add-addr.ts';
import {
  idsn,
  type JoinHmacInput,
  type KeyPair,
  token,
  verifyAddAddrHmac,
  verifyJoinHmac,
  verifyTruncatedJoinHmac,
} from './auth.ts';
import { firstMapping, verifyDssChecksum } from './checksum.ts';
import type { Dss } from './dss.ts';
import { copyOfKey, KEY, sameOctets } from './hmac.ts';
import type { MpCapable } from './mp-capable.ts';
import type { MpFastclose } from './mp-fastclose.ts';
import type { MpJoinAck, MpJoinSyn, MpJoinSynAck } from './mp-join.ts';
import { type Payload, piecesOf } from './payload.ts';
import { toUint64 } from './sequence.ts';

/** What is known of a connection when its third MP_CAPABLE arrives. */
export interface MpCapableAckContext {
  /** Key of the host that receives the option, which sent it in the SYN/ACK. */
  readonly receiverKey: Uint8Array;
  /** Key that the other host sent in its SYN: version 0 only. */
  readonly senderKey?: Uint8Array | undefined;
  /** 1 by default. */
  readonly version?: 0 | 1 | undefined;
  /** Whether the SYN or the SYN/ACK had A. Not by default. */
  readonly checksumRequired?: boolean | undefined;
  /** The data that the option maps, where it maps any. */
  readonly payload?: Payload | undefined;
}

/** What is known of the data stream when a DSS arrives. */
export interface DssContext {
  /** A data sequence number near the mapping's; at first the IDSN of the option's sender. */
  readonly reference: bigint;
  /** Whether the handshake agreed on checksums. Not by default. */
  readonly checksumRequired?: boolean | undefined;
  /** The data that the mapping covers; only a checksum needs it. */
  readonly payload?: Payload | undefined;
}

/** Whether a host may answer this MP_CAPABLE of a SYN: a known version, in its form, with HMAC-SHA and without B. */
export function verifyMpCapableSyn(option: MpCapable): boolean {
  const { version, senderKey, receiverKey } = option;
  if (version > 1 || option.extensibility || (option.algorithms & H) === 0) return false;
  return receiverKey === undefined && (senderKey !== undefined) === (version === 0);
}

/** Whether this MP_CAPABLE of a SYN/ACK accepts the version, with HMAC-SHA alone and without B. */
export function verifyMpCapableSynAck(option: MpCapable, version: 0 | 1 = 1): boolean {
  if (option.version !== version || option.extensibility || option.algorithms !== H) return false;
  return option.senderKey !== undefined && option.receiverKey === undefined;
}

/**
 * Whether this MP_CAPABLE of a third ACK completes the handshake: it echoes the key, says what
 * was agreed on checksums, and its data, if any, has the right one.
 *
 * @throws RangeError or TypeError that names the argument; `payload` where it is not what the option maps
 */
export function verifyMpCapableAck(option: MpCapable, context: MpCapableAckContext): boolean {
  const { version = 1, checksumRequired = false, payload = [] } = context;
  const receiverKey = copyOfKey(context.receiverKey, 'receiverKey');
  const { senderKey, dataLevelLength, checksum } = option;
  if (option.version !== version || option.extensibility || option.algorithms !== H) return false;
  if (senderKey === undefined || !sameKey(option.receiverKey, receiverKey)) return false;
  if (version === 0) {
    return dataLevelLength === undefined && sameKey(senderKey, copyOfKey(context.senderKey, 'senderKey'));
  }
  if (option.checksumRequired !== checksumRequired) return false;
  if (dataLevelLength === undefined) return true;
  if (dataLevelLength === 0 || (checksum !== undefined) !== checksumRequired) return false;
  return (
    checksum === undefined ||
    verifyDssChecksum({ ...firstMapping(idsn(senderKey), dataLevelLength), checksum }, ...piecesOf(payload))
  );
}

/**
 * Whether this MP_JOIN of a SYN is for the connection in which the receiver has `receiverKey`.
 *
 * @throws RangeError or TypeError that names the argument
 */
export function verifyJoinSyn(
  option: MpJoinSyn,
  context: { readonly receiverKey: Uint8Array; readonly version?: 0 | 1 | undefined },
): boolean {
  return option.receiverToken === token(copyOfKey(context.receiverKey, 'receiverKey'), context.version);
}

/**
 * Whether this MP_JOIN of a SYN/ACK comes from the host that has both keys. Constant time.
 *
 * @throws RangeError or TypeError that names the argument
 */
export function verifyJoinSynAck(option: MpJoinSynAck, context: Omit<JoinHmacInput, 'senderNonce'>): boolean {
  return verifyTruncatedJoinHmac({ ...context, senderNonce: option.nonce }, option.truncatedHmac);
}

/**
 * Whether this MP_JOIN of a third ACK comes from the host that has both keys. Constant time.
 *
 * @throws RangeError or TypeError that names the argument
 */
export function verifyJoinAck(option: MpJoinAck, context: JoinHmacInput): boolean {
  return verifyJoinHmac(context, option.hmac);
}

/**
 * Whether this ADD_ADDR comes from the host that has both keys. Constant time. Never for an
 * echo, and never in version 0, which prove nothing.
 *
 * @throws RangeError or TypeError that names the argument
 */
export function verifyAddAddr(option: AddAddr, context: KeyPair): boolean {
  const { addressId, address, port, truncatedHmac } = option;
  return truncatedHmac !== undefined && verifyAddAddrHmac({ ...context, addressId, address, port }, truncatedHmac);
}

/** Whether this ADD_ADDR is the echo of `advertised`: its id, address and port. XNU leaves the port out. */
export function verifyAddAddrEcho(option: AddAddr, advertised: AddAddr): boolean {
  const { address } = advertised;
  return (
    option.echo &&
    option.addressId === advertised.addressId &&
    option.port === advertised.port &&
    option.address.length === address.length &&
    sameOctets(option.address, 0, address)
  );
}

/**
 * Whether this DSS has a checksum exactly where it must, and the right one. That of an
 * infinite mapping is right whatever it is.
 *
 * @throws RangeError or TypeError that names the argument; `payload` where it is not what the mapping covers
 */
export function verifyDss(option: Dss, context: DssContext): boolean {
  const { mapping, dataFin } = option;
  const { checksumRequired = false, payload = [] } = context;
  if (mapping === undefined) return true;
  const { subflowSequenceNumber, dataLevelLength, checksum } = mapping;
  if ((checksum !== undefined) !== checksumRequired) return false;
  if (checksum === undefined) return true;
  const dataSequenceNumber = toUint64(mapping.dataSequenceNumber, context.reference);
  const whole = { dataSequenceNumber, subflowSequenceNumber, dataLevelLength, dataFin, checksum };
  return verifyDssChecksum(whole, ...piecesOf(payload));
}

/**
 * Whether this MP_FASTCLOSE holds the key of its receiver. Constant time.
 *
 * @throws RangeError or TypeError that names the argument
 */
export function verifyMpFastclose(option: MpFastclose, receiverKey: Uint8Array): boolean {
  return sameKey(option.receiverKey, copyOfKey(receiverKey, 'receiverKey'));
}

/** H: HMAC-SHA256; in version 0 HMAC-SHA1. */
const H = 0x01;

function sameKey(found: Uint8Array | undefined, key: Uint8Array): boolean {
  return found !== undefined && found.length === KEY && sameOctets(key, 0, found);
}
