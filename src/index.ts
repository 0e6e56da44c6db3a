/**
 * The MPTCP option codec: octets to values and back.
 *
 * @module
 */
export type { Malformed, MalformedReason } from './malformed.ts';
export { type AddAddr, decodeAddAddr, encodeAddAddr, sizeOfAddAddr } from './mptcp/add-addr.ts';
export { type Dss, decodeDss, encodeDss, type Mapping, sizeOfDss } from './mptcp/dss.ts';
export { decodeMpCapable, encodeMpCapable, type MpCapable, sizeOfMpCapable } from './mptcp/mp-capable.ts';
export {
  decodeMpExperimental,
  encodeMpExperimental,
  type MpExperimental,
  sizeOfMpExperimental,
} from './mptcp/mp-experimental.ts';
export { decodeMpFail, encodeMpFail, type MpFail, sizeOfMpFail } from './mptcp/mp-fail.ts';
export { decodeMpFastclose, encodeMpFastclose, type MpFastclose, sizeOfMpFastclose } from './mptcp/mp-fastclose.ts';
export {
  decodeMpJoin,
  encodeMpJoin,
  type MpJoin,
  type MpJoinAck,
  type MpJoinSyn,
  type MpJoinSynAck,
  sizeOfMpJoin,
} from './mptcp/mp-join.ts';
export { decodeMpPrio, encodeMpPrio, type MpPrio, sizeOfMpPrio } from './mptcp/mp-prio.ts';
export { decodeMpTcprst, encodeMpTcprst, type MpTcprst, sizeOfMpTcprst } from './mptcp/mp-tcprst.ts';
export { decodeOption, encodeOption, encodeOptionInto, type MptcpOption, sizeOfOption } from './mptcp/option.ts';
export { KIND, ResetReason, Subtype } from './mptcp/registry.ts';
export { decodeRemoveAddr, encodeRemoveAddr, type RemoveAddr, sizeOfRemoveAddr } from './mptcp/remove-addr.ts';
export { toUint64 } from './mptcp/sequence.ts';
export { decodeUnknown, encodeUnknown, sizeOfUnknown, type Unknown } from './mptcp/unknown.ts';
export { mptcpOptions } from './tcp/options.ts';
