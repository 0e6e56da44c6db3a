/**
 * Legal options, from what an implementation knows: keys, nonces, addresses, data.
 *
 * Each builder gives an option that may be sent as it is, or throws an error that names the
 * argument: RangeError, or TypeError for a value of the wrong type. The matching checks of
 * what arrives are {@link verifyJoinSynAck} and its siblings.
 *
 * @module
 */
import { flag, octets, putU8, putU16, putU32, putU64, unfit } from '../bytes.ts';
import type { AddAddr } from './add-addr.ts';
import { addAddrHmac, idsn, type JoinHmacInput, joinHmac, type KeyPair, token, truncatedJoinHmac } from './auth.ts';
import { dssChecksum, firstMapping } from './checksum.ts';
import type { Dss, Mapping } from './dss.ts';
import { LONGEST } from './head.ts';
import { copyOfKey } from './hmac.ts';
import type { MpCapable } from './mp-capable.ts';
import type { MpFail } from './mp-fail.ts';
import type { MpFastclose } from './mp-fastclose.ts';
import type { MpJoinAck, MpJoinSyn, MpJoinSynAck } from './mp-join.ts';
import type { MpPrio } from './mp-prio.ts';
import type { MpTcprst } from './mp-tcprst.ts';
import { lengthOf, type Payload, piecesOf } from './payload.ts';
import { ResetReason } from './registry.ts';
import type { RemoveAddr } from './remove-addr.ts';

export {
  type DssContext,
  type MpCapableAckContext,
  verifyAddAddr,
  verifyAddAddrEcho,
  verifyDss,
  verifyJoinAck,
  verifyJoinSyn,
  verifyJoinSynAck,
  verifyMpCapableAck,
  verifyMpCapableSyn,
  verifyMpCapableSynAck,
  verifyMpFastclose,
} from './accept.ts';
export type { Payload } from './payload.ts';

/** What all three MP_CAPABLE of a handshake say. */
export interface Capabilities {
  /** 1 by default. */
  readonly version?: 0 | 1 | undefined;
  /** A: this host wants DSS checksums; in the third ACK: either host does. Not by default. */
  readonly checksumRequired?: boolean | undefined;
  /** C: this host accepts no further subflows to this address and port. Version 1; not by default. */
  readonly denyJoin?: boolean | undefined;
}

/** Where a subflow comes from. */
export interface SubflowEnd {
  /** Identifies the sender's address, 0 to 255. */
  readonly addressId: number;
  /** B: use this subflow only while no other works. Not by default. */
  readonly backup?: boolean | undefined;
}

/** A mapping to send. */
export interface MappingInput {
  /** Of the first octet; of the DATA_FIN, where there is no data. */
  readonly dataSequenceNumber: bigint;
  /** Octets of the data sequence number on the wire, 8 by default. */
  readonly width?: 4 | 8 | undefined;
  /** Of the first octet, relative: the octet after the SYN has 1. Absent where there is no data: 0. */
  readonly subflowSequenceNumber?: number | undefined;
  /** The data. Its length is enough where no checksum is wanted. */
  readonly payload?: Payload | number | undefined;
  /** Whether the handshake agreed on checksums. Not by default. */
  readonly checksumRequired?: boolean | undefined;
}

/** A data acknowledgement, a mapping, or both. */
export interface DssInput {
  /** Next data sequence number expected. */
  readonly dataAck?: bigint | undefined;
  /** Octets of the data ACK on the wire, 8 by default. A host that got 8-octet numbers answers with 8. */
  readonly width?: 4 | 8 | undefined;
  readonly mapping?: MappingInput | undefined;
  /** F: the mapping ends the sender's data; its length counts the DATA_FIN. Not by default. */
  readonly dataFin?: boolean | undefined;
}

/** MP_CAPABLE of the SYN. Version 0 sends the key here, version 1 none. */
export function mpCapableSyn(input: Capabilities & { readonly senderKey?: Uint8Array | undefined } = {}): MpCapable {
  const { version = 1, senderKey } = input;
  if (version === 1 && senderKey !== undefined) {
    throw new RangeError('senderKey must be absent from the SYN of version 1');
  }
  return mpCapable(input, version === 1 ? undefined : copyOfKey(senderKey, 'senderKey'));
}

/** MP_CAPABLE of the SYN/ACK. */
export function mpCapableSynAck(input: Capabilities & { readonly senderKey: Uint8Array }): MpCapable {
  return mpCapable(input, copyOfKey(input.senderKey, 'senderKey'));
}

/**
 * MP_CAPABLE of the third ACK, and in version 1 of the first data, where no ACK came before.
 *
 * With `payload` the option maps that data, which is the first of the sender: with its
 * checksum where `checksumRequired` says so.
 */
export function mpCapableAck(input: Capabilities & KeyPair & { readonly payload?: Payload | undefined }): MpCapable {
  const { version = 1, payload } = input;
  const senderKey = copyOfKey(input.senderKey, 'senderKey');
  const option = mpCapable(input, senderKey, copyOfKey(input.receiverKey, 'receiverKey'));
  if (payload === undefined) return option;
  if (version === 0) throw new RangeError('payload must be absent in version 0: a DSS maps it');
  const pieces = piecesOf(payload);
  const dataLevelLength = lengthOf(pieces);
  if (dataLevelLength === 0 || dataLevelLength > 0xffff) {
    throw new RangeError(`payload must be 1 to 65535 octets, got ${dataLevelLength}`);
  }
  const mapping = firstMapping(idsn(senderKey), dataLevelLength);
  return {
    ...option,
    dataLevelLength,
    checksum: option.checksumRequired ? dssChecksum(mapping, ...pieces) : undefined,
  };
}

/** MP_JOIN of the SYN, to the host whose key is `receiverKey`. */
export function joinSyn(
  input: SubflowEnd & {
    readonly receiverKey: Uint8Array;
    /** Random number of this host, 32 bits. */
    readonly senderNonce: number;
    readonly version?: 0 | 1 | undefined;
  },
): MpJoinSyn {
  const receiverToken = token(copyOfKey(input.receiverKey, 'receiverKey'), input.version);
  return {
    type: 'MP_JOIN',
    form: 'syn',
    backup: boolean(input.backup, 'backup'),
    addressId: uint8(input.addressId, 'addressId'),
    receiverToken,
    nonce: uint32(input.senderNonce, 'senderNonce'),
    reserved: 0,
  };
}

/** MP_JOIN of the SYN/ACK. The sender is the host that answers. */
export function joinSynAck(input: SubflowEnd & JoinHmacInput): MpJoinSynAck {
  return {
    type: 'MP_JOIN',
    form: 'syn-ack',
    backup: boolean(input.backup, 'backup'),
    addressId: uint8(input.addressId, 'addressId'),
    truncatedHmac: truncatedJoinHmac(input),
    nonce: input.senderNonce,
    reserved: 0,
  };
}

/** MP_JOIN of the third ACK. The sender is the host that joins. */
export function joinAck(input: JoinHmacInput): MpJoinAck {
  return { type: 'MP_JOIN', form: 'ack', hmac: joinHmac(input), reserved: 0 };
}

/**
 * DSS. A mapping gets its length, and its checksum, from the data.
 *
 * @example
 * ```ts
 * dss({ dataAck: 1n, mapping: { dataSequenceNumber: 2n, subflowSequenceNumber: 1, payload: 10 }, dataFin: true });
 * // { type: 'DSS', dataFin: true, dataAck: 1n, mapping: { ..., dataLevelLength: 11 } }
 * ```
 */
export function dss(input: DssInput): Dss {
  const { dataAck, mapping } = input;
  const dataFin = boolean(input.dataFin, 'dataFin');
  if (mapping === undefined && dataFin) throw new RangeError('mapping must be given with dataFin');
  if (mapping === undefined && dataAck === undefined) throw new RangeError('dataAck or mapping must be given');
  return {
    type: 'DSS',
    dataFin,
    dataAck: dataAck === undefined ? undefined : sequence(dataAck, input.width, 'dataAck'),
    mapping: mapping === undefined ? undefined : mappingOf(mapping, dataFin),
    reserved: 0,
  };
}

/**
 * DSS that declares an infinite mapping: from these sequence numbers on, the subflow is plain
 * TCP. RFC 8684 §3.7.
 */
export function infiniteMapping(
  input: Pick<DssInput, 'dataAck' | 'width'> & {
    readonly mapping: Omit<MappingInput, 'payload'> & { readonly subflowSequenceNumber: number };
  },
): Dss {
  const { dataAck, mapping } = input;
  return {
    type: 'DSS',
    dataFin: false,
    dataAck: dataAck === undefined ? undefined : sequence(dataAck, input.width, 'dataAck'),
    mapping: {
      dataSequenceNumber: sequence(mapping.dataSequenceNumber, mapping.width, 'dataSequenceNumber'),
      subflowSequenceNumber: uint32(mapping.subflowSequenceNumber, 'subflowSequenceNumber'),
      dataLevelLength: 0,
      checksum: boolean(mapping.checksumRequired, 'checksumRequired') ? 0 : undefined,
    },
    reserved: 0,
  };
}

/** ADD_ADDR. Version 0 takes no keys: it has no HMAC. */
export function addAddr(
  input: {
    /** Identifies the address, 0 to 255. */
    readonly addressId: number;
    /** 4 or 16 octets. */
    readonly address: Uint8Array;
    /** 1 to 65535; absent: the port of the subflow that carries the option. */
    readonly port?: number | undefined;
  } & ((KeyPair & { readonly version?: 1 | undefined }) | { readonly version: 0 }),
): AddAddr {
  const { addressId, port, version = 1 } = input;
  const address = octets(input.address, 'address').slice();
  if (address.length !== 4 && address.length !== 16) {
    throw new RangeError(`address must be 4 or 16 octets, got ${address.length}`);
  }
  if (port !== undefined && uint16(port, 'port') === 0) throw new RangeError('port must be 1 to 65535, got 0');
  return {
    type: 'ADD_ADDR',
    version: versionOf(version),
    echo: false,
    addressId: uint8(addressId, 'addressId'),
    address,
    port,
    truncatedHmac: input.version === 0 ? undefined : addAddrHmac({ ...input, address }),
    reserved: 0,
  };
}

/** The echo of an ADD_ADDR that arrived: its id, address and port, without the HMAC. */
export function addAddrEcho(received: AddAddr): AddAddr {
  if (received.version === 0) throw new RangeError('received must be of version 1: version 0 has no echo');
  if (received.echo) throw new RangeError('received must be no echo');
  return {
    type: 'ADD_ADDR',
    version: 1,
    echo: true,
    addressId: received.addressId,
    address: received.address.slice(),
    port: received.port,
    truncatedHmac: undefined,
    reserved: 0,
  };
}

/** REMOVE_ADDR of 1 to 37 addresses. Linux ignores an option with more than 8. */
export function removeAddr(addressIds: readonly number[]): RemoveAddr {
  const most = LONGEST - 3;
  if (addressIds.length === 0 || addressIds.length > most) {
    throw new RangeError(`addressIds must hold 1 to ${most} ids, got ${addressIds.length}`);
  }
  return { type: 'REMOVE_ADDR', addressIds: addressIds.map((id) => uint8(id, 'addressIds')), reserved: 0 };
}

/** MP_PRIO for this subflow; in version 0 also for the subflows of another address. */
export function mpPrio(input: {
  /** B: use the subflow only while no other works. */
  readonly backup: boolean;
  readonly addressId?: number | undefined;
  /** 1 by default. */
  readonly version?: 0 | 1 | undefined;
}): MpPrio {
  const { addressId, version = 1 } = input;
  if (versionOf(version) === 1 && addressId !== undefined) {
    throw new RangeError('addressId must be absent in version 1');
  }
  return {
    type: 'MP_PRIO',
    backup: flag(input.backup, 1, 'backup') !== 0,
    addressId: addressId === undefined ? undefined : uint8(addressId, 'addressId'),
    reserved: 0,
  };
}

/** MP_FAIL for the mapping that begins at `dataSequenceNumber`, 64 bits. */
export function mpFail(dataSequenceNumber: bigint): MpFail {
  putU64(scratch, 0, dataSequenceNumber, 'dataSequenceNumber');
  return { type: 'MP_FAIL', dataSequenceNumber, reserved: 0 };
}

/** MP_FASTCLOSE to the host whose key is `receiverKey`. */
export function mpFastclose(receiverKey: Uint8Array): MpFastclose {
  return { type: 'MP_FASTCLOSE', receiverKey: copyOfKey(receiverKey, 'receiverKey'), reserved: 0 };
}

/** MP_TCPRST, for a RST. */
export function mpTcprst(input: {
  /** One of `ResetReason`. */
  readonly reason: number;
  /** T: the cause may pass. Not by default. */
  readonly transient?: boolean | undefined;
}): MpTcprst {
  const { reason } = input;
  if (!Object.values<number>(ResetReason).includes(reason)) throw unfit('reason', reason, 'one of ResetReason');
  return { type: 'MP_TCPRST', transient: boolean(input.transient, 'transient'), reason, reserved: 0 };
}

/** H: HMAC-SHA256; in version 0 HMAC-SHA1. */
const H = 0x01;
const scratch: Uint8Array = /* @__PURE__ */ new Uint8Array(8);

function mpCapable(input: Capabilities, senderKey?: Uint8Array, receiverKey?: Uint8Array): MpCapable {
  const version = versionOf(input.version ?? 1);
  const denyJoin = boolean(input.denyJoin, 'denyJoin');
  if (version === 0 && denyJoin) throw new RangeError('denyJoin must be false in version 0');
  return {
    type: 'MP_CAPABLE',
    version,
    checksumRequired: boolean(input.checksumRequired, 'checksumRequired'),
    extensibility: false,
    denyJoin,
    algorithms: H,
    senderKey,
    receiverKey,
    dataLevelLength: undefined,
    checksum: undefined,
    data: undefined,
  };
}

function mappingOf(input: MappingInput, dataFin: boolean): Mapping {
  const { dataSequenceNumber, payload = [] } = input;
  const length = typeof payload === 'number' ? uint16(payload, 'payload') : lengthOf(piecesOf(payload));
  const dataLevelLength = length + (dataFin ? 1 : 0);
  if (dataLevelLength === 0) throw new RangeError('payload must be given without dataFin');
  if (dataLevelLength > 0xffff) {
    throw new RangeError(`payload must be at most ${0xffff - (dataFin ? 1 : 0)} octets, got ${length}`);
  }
  const subflowSequenceNumber = uint32(
    input.subflowSequenceNumber ?? (length === 0 ? 0 : undefined),
    'subflowSequenceNumber',
  );
  if (length === 0 && subflowSequenceNumber !== 0) {
    throw new RangeError('subflowSequenceNumber must be 0 for a DATA_FIN without payload');
  }
  const whole = { dataSequenceNumber, subflowSequenceNumber, dataLevelLength, dataFin };
  return {
    dataSequenceNumber: sequence(dataSequenceNumber, input.width, 'dataSequenceNumber'),
    subflowSequenceNumber,
    dataLevelLength,
    checksum: boolean(input.checksumRequired, 'checksumRequired')
      ? dssChecksum(whole, ...(length === 0 ? [] : piecesOf(payload)))
      : undefined,
  };
}

/** The wire form of a sequence number: `bigint` for 8 octets, `number` for 4. */
function sequence(value: bigint, width: 4 | 8 | undefined, field: string): bigint | number {
  putU64(scratch, 0, value, field);
  if (width === 4) return Number(BigInt.asUintN(32, value));
  if (width !== undefined && width !== 8) throw unfit('width', width, '4 or 8');
  return value;
}

function versionOf(version: 0 | 1): 0 | 1 {
  if (version !== 0 && version !== 1) throw unfit('version', version, '0 or 1');
  return version;
}

function boolean(value: boolean | undefined, field: string): boolean {
  return flag(value ?? false, 1, field) !== 0;
}

function uint8(value: number, field: string): number {
  putU8(scratch, 0, value, field);
  return value;
}

function uint16(value: number, field: string): number {
  putU16(scratch, 0, value, field);
  return value;
}

function uint32(value: number | undefined, field: string): number {
  putU32(scratch, 0, value, field);
  return value!;
}
