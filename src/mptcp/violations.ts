/**
 * What an option breaks in its segment, clause by clause.
 *
 * Decoding takes whatever can be read; this says what should not have been sent. Only what
 * the caller tells of the segment is checked, so an option alone is judged by itself.
 *
 * @module
 */
import { toHex, u8 } from '../bytes.ts';
import type { Malformed } from '../malformed.ts';
import type { AddAddr } from './add-addr.ts';
import { CLAUSES, type ClauseCode, type Severity } from './clauses.ts';
import type { Dss, Mapping } from './dss.ts';
import type { MpCapable } from './mp-capable.ts';
import type { MpJoin } from './mp-join.ts';
import type { MpTcprst } from './mp-tcprst.ts';
import type { MptcpOption } from './option.ts';
import { RESET_REASON_TEXT, SUBTYPE_TEXT } from './registry.ts';
import type { RemoveAddr } from './remove-addr.ts';

export { CLAUSES, type Clause, type ClauseCode, type Severity } from './clauses.ts';

/** The segment around an option: whatever of it is known. */
export interface Segment {
  readonly syn?: boolean | undefined;
  readonly ack?: boolean | undefined;
  readonly rst?: boolean | undefined;
  /** Octets of TCP payload. */
  readonly payloadLength?: number | undefined;
  /** MPTCP version of the connection. */
  readonly version?: number | undefined;
  /** Whether SYN or SYN/ACK asked for DSS checksums. */
  readonly checksumNegotiated?: boolean | undefined;
}

/** One clause broken. */
export interface Violation {
  readonly code: ClauseCode;
  /** The field that breaks it, where it is one. */
  readonly field?: string | undefined;
  /** What was found, in one sentence. */
  readonly message: string;
  /** Where the rule stands, such as `8684 §3.1`. */
  readonly rfc: string;
  readonly severity: Severity;
}

/**
 * The clauses that `option` breaks in `segment`; none for an option that is as it should be.
 *
 * @example
 * ```ts
 * violations(decodeOption(fromHex('1e048007')), { rst: true })[0]?.code; // 'tcprst-reason-unassigned'
 * ```
 */
export function violations(option: MptcpOption | Malformed, segment: Segment = {}): Violation[] {
  const found: Violation[] = [];
  const broken: Broken = (code, message, field) => {
    const { rfc, severity } = CLAUSES[code];
    found.push({ code, field, message, rfc, severity });
  };
  switch (option.type) {
    case 'MP_CAPABLE':
      checkMpCapable(option, segment, broken);
      break;
    case 'MP_JOIN':
      checkMpJoin(option, segment, broken);
      break;
    case 'DSS':
      checkDss(option, segment, broken);
      break;
    case 'ADD_ADDR':
      checkAddAddr(option, segment, broken);
      break;
    case 'REMOVE_ADDR':
      checkRemoveAddr(option, segment, broken);
      break;
    case 'MP_PRIO':
      checkOnSyn(segment, broken, 'prio-on-syn', option.type);
      if (option.addressId !== undefined && segment.version === 1) {
        broken(
          'prio-address-id',
          `MP_PRIO names Address ID ${option.addressId} on a version 1 connection`,
          'addressId',
        );
      }
      checkReserved(option.reserved, broken, 'prio-reserved', option.type);
      break;
    case 'MP_FAIL':
      checkOnSyn(segment, broken, 'fail-on-syn', option.type);
      if (segment.checksumNegotiated === false) {
        broken('fail-without-checksum', 'MP_FAIL on a connection without checksums');
      }
      checkReserved(option.reserved, broken, 'fail-reserved', option.type);
      break;
    case 'MP_FASTCLOSE':
      checkOnSyn(segment, broken, 'fastclose-on-syn', option.type);
      if (segment.rst === true && segment.version === 0) {
        broken('fastclose-on-rst-v0', 'MP_FASTCLOSE on a RST of a version 0 connection');
      }
      checkReserved(option.reserved, broken, 'fastclose-reserved', option.type);
      break;
    case 'MP_TCPRST':
      checkMpTcprst(option, segment, broken);
      break;
    case 'UNKNOWN':
      broken('unknown-subtype', `subtype ${option.subtype} is unassigned`, 'subtype');
      break;
    case 'MALFORMED':
      checkMalformed(option, broken);
      break;
    case 'MP_EXPERIMENTAL':
      break;
  }
  return found;
}

/** Adds a violation to the list. */
type Broken = (code: ClauseCode, message: string, field?: string) => void;

/** The place of a segment in a handshake, where it is known. ACK: any segment without SYN and RST. */
type Role = 'SYN' | 'SYN/ACK' | 'ACK' | 'RST';

function roleOf({ syn, ack, rst }: Segment): Role | undefined {
  if (rst === true) return 'RST';
  if (syn === undefined) return undefined;
  if (!syn) return 'ACK';
  return ack === undefined ? undefined : ack ? 'SYN/ACK' : 'SYN';
}

function checkMpCapable(option: MpCapable, segment: Segment, broken: Broken): void {
  const { version } = option;
  const role = roleOf(segment);
  if ((role === 'SYN/ACK' || role === 'ACK') && segment.version !== undefined && version !== segment.version) {
    const message = `${role} has version ${version} on a version ${segment.version} connection`;
    broken('capable-version-mismatch', message, 'version');
  }
  if (version > 1) {
    broken('capable-version-unknown', `version ${version} is not defined`, 'version');
    return;
  }
  checkKeys(option, role, broken);
  if (option.extensibility) broken('capable-extensibility', 'flag B is set', 'extensibility');
  checkAlgorithms(option, broken);
  checkChecksumFlag(option, segment, broken);
  if (version === 1) checkCapableData(option, segment, broken);
}

/** Where MP_CAPABLE with no, one and both keys belongs, by version. */
const KEYS: readonly string[] = ['no key', 'one key', 'both keys'];
const KEY_ROLES: readonly (readonly (readonly Role[])[])[] = [
  [[], ['SYN', 'SYN/ACK'], ['ACK']],
  [['SYN'], ['SYN/ACK'], ['ACK']],
];

function checkKeys(option: MpCapable, role: Role | undefined, broken: Broken): void {
  const { version, senderKey, receiverKey, dataLevelLength } = option;
  const count = receiverKey !== undefined ? 2 : senderKey !== undefined ? 1 : 0;
  const keys = KEYS[count]!;
  const roles = KEY_ROLES[version]![count]!;
  if (version === 0 && (count === 0 || dataLevelLength !== undefined)) {
    broken('capable-form-v0', `version 0 with ${count === 0 ? keys : 'a Data-Level Length'}`);
  } else if (role !== undefined && !roles.includes(role)) {
    const code = version === 0 ? 'capable-role-v0' : 'capable-role';
    broken(code, `version ${version} with ${keys} belongs on ${roles.join(' or ')}, not on ${role}`);
  }
}

/** D to H, in version 0 C to H. */
function checkAlgorithms({ version, denyJoin, algorithms }: MpCapable, broken: Broken): void {
  const unknown = [...'DEFG'].filter((_, i) => (algorithms & (0x10 >>> i)) !== 0);
  if (version === 0 && denyJoin) unknown.unshift('C');
  if (unknown.length > 0) {
    const code = version === 0 ? 'capable-algorithm-unknown-v0' : 'capable-algorithm-unknown';
    broken(code, `unassigned algorithm ${unknown.join(', ')}`, unknown[0] === 'C' ? 'denyJoin' : 'algorithms');
  } else if (algorithms === 0) {
    broken('capable-algorithm-none', 'no handshake algorithm', 'algorithms');
  }
}

/** Flag A of the ACK, which repeats what was agreed on. */
function checkChecksumFlag(option: MpCapable, { checksumNegotiated }: Segment, broken: Broken): void {
  const { receiverKey, checksumRequired } = option;
  if (receiverKey === undefined || checksumNegotiated === undefined || checksumNegotiated === checksumRequired) return;
  const message = `flag A is ${checksumRequired ? '1 and checksums are not' : '0 and checksums are'} agreed on`;
  broken('capable-checksum-flag', message, 'checksumRequired');
}

/** Data-Level Length and checksum, in version 1. Flag A tells what was agreed on where the caller does not. */
function checkCapableData(option: MpCapable, { payloadLength, checksumNegotiated }: Segment, broken: Broken): void {
  const { receiverKey, dataLevelLength, checksum } = option;
  if (dataLevelLength === undefined) {
    if (receiverKey !== undefined && payloadLength !== undefined && payloadLength > 0) {
      const message = `${payloadLength} octets of data without a Data-Level Length`;
      broken('capable-data-level-length-missing', message, 'dataLevelLength');
    }
    return;
  }
  if (payloadLength === 0) {
    const message = `Data-Level Length ${dataLevelLength} on a segment without data`;
    broken('capable-data-level-length-unused', message, 'dataLevelLength');
  }
  if (dataLevelLength === 0) broken('capable-data-level-length-zero', 'Data-Level Length is 0', 'dataLevelLength');
  const agreed = checksumNegotiated ?? option.checksumRequired;
  if (agreed === (checksum !== undefined)) return;
  if (agreed) broken('capable-checksum-missing', 'data is mapped without the checksum agreed on', 'checksum');
  else broken('capable-checksum-not-negotiated', `checksum ${hex(checksum!)} was not agreed on`, 'checksum');
}

/** Where each form of MP_JOIN belongs. */
const JOIN_ROLES: Readonly<Record<MpJoin['form'], Role>> = { syn: 'SYN', 'syn-ack': 'SYN/ACK', ack: 'ACK' };

function checkMpJoin(option: MpJoin, segment: Segment, broken: Broken): void {
  const role = roleOf(segment);
  const wanted = JOIN_ROLES[option.form];
  if (role !== undefined && role !== wanted) {
    broken('join-role', `the ${wanted} form of MP_JOIN on ${role}`);
  }
  if (option.form === 'ack' && segment.payloadLength !== undefined && segment.payloadLength > 0) {
    broken('join-data', `${segment.payloadLength} octets of data beside the HMAC`);
  }
  checkReserved(option.reserved, broken, 'join-reserved', option.type);
}

function checkDss(option: Dss, segment: Segment, broken: Broken): void {
  const { dataFin, mapping } = option;
  checkOnSyn(segment, broken, 'dss-on-syn', option.type);
  if (mapping !== undefined) checkMapping(mapping, dataFin, segment.checksumNegotiated, broken);
  else if (dataFin) broken('dss-data-fin-without-mapping', 'DATA_FIN without a mapping', 'dataFin');
  checkReserved(option.reserved, broken, 'dss-reserved', option.type);
}

function checkMapping(mapping: Mapping, dataFin: boolean, agreed: boolean | undefined, broken: Broken): void {
  const { dataLevelLength, subflowSequenceNumber, checksum } = mapping;
  if (agreed === true && checksum === undefined) {
    broken('dss-checksum-missing', 'data is mapped without the checksum agreed on', 'mapping.checksum');
  }
  if (agreed === false && checksum !== undefined) {
    broken('dss-checksum-not-negotiated', `checksum ${hex(checksum)} was not agreed on`, 'mapping.checksum');
  }
  if (dataFin && dataLevelLength === 0) {
    broken('dss-data-fin-length', 'DATA_FIN in a mapping of length 0', 'mapping.dataLevelLength');
  }
  if (dataFin && dataLevelLength === 1 && subflowSequenceNumber !== 0) {
    const message = `DATA_FIN alone has Subflow Sequence Number ${subflowSequenceNumber}`;
    broken('dss-data-fin-subflow-sequence-number', message, 'mapping.subflowSequenceNumber');
  }
  if (dataLevelLength === 0 && checksum !== undefined && checksum !== 0) {
    broken('dss-infinite-mapping-checksum', `infinite mapping with checksum ${hex(checksum)}`, 'mapping.checksum');
  }
}

function checkAddAddr(option: AddAddr, segment: Segment, broken: Broken): void {
  const { version, echo, addressId, address, port } = option;
  checkOnSyn(segment, broken, 'add-addr-on-syn', option.type);
  if (segment.version !== undefined && version !== segment.version) {
    broken('add-addr-version', `ADD_ADDR of version ${version} on a version ${segment.version} connection`, 'version');
  }
  if (!echo) {
    const why = unreachable(address);
    if (why !== undefined) broken('add-addr-address', `${why} address is advertised`, 'address');
    if (addressId === 0) broken('add-addr-address-id-zero', 'Address ID 0 is advertised', 'addressId');
    if (port === 0) broken('add-addr-port-zero', 'port 0 is advertised', 'port');
  }
  checkReserved(option.reserved, broken, 'add-addr-reserved', option.type);
}

/** Why no peer can connect to `address`; `undefined` where one may. */
function unreachable(address: Uint8Array): string | undefined {
  const first = u8(address, 0);
  if (address.every((octet) => octet === 0)) return 'the unspecified';
  if (address.length === 4) {
    if (first === 127) return 'a loopback';
    if (address.every((octet) => octet === 0xff)) return 'the broadcast';
    return first >= 224 && first < 240 ? 'a multicast' : undefined;
  }
  if (first === 0xff) return 'a multicast';
  const text = toHex(address);
  if (/^0{31}1$/.test(text)) return 'the loopback';
  return /^0{20}ffff/.test(text) ? 'an IPv4-mapped' : undefined;
}

/** Linux's limit of ids in one REMOVE_ADDR. */
const LINUX_REMOVE_LIMIT = 8;

function checkRemoveAddr({ type, addressIds, reserved }: RemoveAddr, segment: Segment, broken: Broken): void {
  checkOnSyn(segment, broken, 'remove-addr-on-syn', type);
  if (addressIds.length > LINUX_REMOVE_LIMIT) {
    broken('remove-addr-too-many', `${addressIds.length} addresses are withdrawn at once`, 'addressIds');
  }
  const repeated = [...new Set(addressIds.filter((id, i) => addressIds.indexOf(id) < i))];
  if (repeated.length > 0) {
    broken('remove-addr-repeated', `Address ID ${repeated.join(', ')} is withdrawn more than once`, 'addressIds');
  }
  checkReserved(reserved, broken, 'remove-addr-reserved', type);
}

function checkMpTcprst({ type, reason, reserved }: MpTcprst, segment: Segment, broken: Broken): void {
  if (segment.rst === false) broken('tcprst-without-rst', 'MP_TCPRST on a segment without RST');
  if (segment.version === 0) broken('tcprst-v0', 'MP_TCPRST on a version 0 connection');
  if (RESET_REASON_TEXT[reason] === undefined) {
    broken('tcprst-reason-unassigned', `reason ${reason} is unassigned`, 'reason');
  }
  checkReserved(reserved, broken, 'tcprst-reserved', type);
}

function checkMalformed({ reason, at, bytes }: Malformed, broken: Broken): void {
  const subtype = bytes.length > 2 ? SUBTYPE_TEXT[u8(bytes, 2) >>> 4] : undefined;
  const name = subtype ?? 'an option';
  const where = `octet ${at} of ${bytes.length}`;
  switch (reason) {
    case 'kind':
      broken('malformed-kind', 'not an MPTCP option');
      break;
    case 'truncated':
      broken('malformed-truncated', `${name} ends at ${where}, short of its Length`);
      break;
    case 'length':
      broken('malformed-length', `${name} cannot have Length ${u8(bytes, 1)}`);
      break;
    case 'no-hmac':
      broken('malformed-no-hmac', `${name} of Length ${bytes.length} is neither an echo nor has it an HMAC`);
      break;
    case 'family':
      broken('malformed-family', `${name} of Length ${bytes.length} has IPVer ${u8(bytes, 2) & 0x0f}`);
      break;
  }
}

function checkOnSyn(segment: Segment, broken: Broken, code: ClauseCode, type: string): void {
  if (segment.syn === true) broken(code, `${type} on a SYN`);
}

function checkReserved(reserved: number | undefined, broken: Broken, code: ClauseCode, type: string): void {
  if (reserved !== undefined && reserved !== 0) broken(code, `${type} has reserved bits ${hex(reserved)}`, 'reserved');
}

function hex(value: number): string {
  return `0x${value.toString(16)}`;
}
