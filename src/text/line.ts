/**
 * Options and packets as one line of text, in the words of tcpdump 5, so that what greps for
 * those finds these. Hex is padded with zeros, so that a key or token can be searched for.
 *
 * @module
 */

import { toHex, u8 } from '../bytes.ts';
import { formatAddress } from '../ip/address.ts';
import type { Malformed } from '../malformed.ts';
import type { AddAddr } from '../mptcp/add-addr.ts';
import type { Dss } from '../mptcp/dss.ts';
import type { MpCapable } from '../mptcp/mp-capable.ts';
import type { MpJoin } from '../mptcp/mp-join.ts';
import type { MpTcprst } from '../mptcp/mp-tcprst.ts';
import { type MptcpOption, sizeOfOption } from '../mptcp/option.ts';
import { RESET_REASON_TEXT, Subtype } from '../mptcp/registry.ts';
import { ACK, FIN, PSH, RST, SYN } from '../tcp/flags.ts';
import { formatTime, type TextOptions } from './json.ts';
import type { MptcpPacket } from './packet.ts';

/**
 * An option in words.
 *
 * @example
 * ```ts
 * formatOption(decodeOption(fromHex('1e0c100131323334000000ff')));
 * // 'mptcp 12 join id 1 token 0x31323334 nonce 0x000000ff'
 * ```
 */
export function formatOption(option: MptcpOption | Malformed, options: TextOptions = {}): string {
  const reserved = 'reserved' in option && option.reserved ? ` reserved ${hex(option.reserved, 2)}` : '';
  return `mptcp ${lengthOf(option)} ${words(option, options)}${reserved}`;
}

/**
 * A packet in words: frame number, time (UTC), addresses, TCP flags and numbers (absolute), MPTCP options.
 *
 * @example
 * ```ts
 * formatPacket(packet);
 * // '1 2026-11-23 06:26:52.908372 IP 10.1.0.1.52184 > 10.1.0.2.443: Flags [S], seq 1, options [mptcp 4 ...], length 0'
 * ```
 */
export function formatPacket(packet: MptcpPacket, options: TextOptions = {}): string {
  const { frame, time, interface: name, src, dst } = packet;
  let head = `${frame}`.padStart(5);
  if (time !== undefined) head += ` ${formatClock(time)}`;
  if (name !== undefined) head += ` ${name}`;
  head += src === undefined ? ' TCP' : src.length === 4 ? ' IP' : ' IP6';
  return `${head} ${endpoint(src, packet.srcPort)} > ${endpoint(dst, packet.dstPort)}: ${formatSegment(packet, options)}`;
}

/**
 * The part of {@link formatPacket} behind the addresses.
 *
 * @param remark - what to write behind an option
 */
export function formatSegment(
  packet: MptcpPacket,
  options: TextOptions = {},
  remark: (option: MptcpOption | Malformed) => string = () => '',
): string {
  const { flags, seq, ack, payloadLength, optionsCut, optionsError } = packet;
  let text = `Flags [${tcpdumpFlags(flags)}]`;
  // tcpdump writes the end of the data where there is some, and nothing on a pure ACK.
  if (payloadLength > 0) text += `, seq ${seq}:${(seq + payloadLength) >>> 0}`;
  else if ((flags & (SYN | FIN | RST)) !== 0) text += `, seq ${seq}`;
  if ((flags & ACK) !== 0) text += `, ack ${ack}`;
  let before = ', options [';
  for (const option of packet.options) {
    text += `${before}${formatOption(option, options)}${remark(option)}`;
    before = ',';
  }
  if (before === ',') text += ']';
  if (optionsCut === true) text += ', options cut by the capture';
  if (optionsError !== undefined) text += `, options broken at octet ${optionsError.at} (${optionsError.reason})`;
  return `${text}, length ${payloadLength}`;
}

/** tcpdump's letters of the control bits, in its order. */
const TCPDUMP_FLAGS: readonly [number, string][] = [
  [FIN, 'F'],
  [SYN, 'S'],
  [RST, 'R'],
  [PSH, 'P'],
  [ACK, '.'],
  [32, 'U'],
  [64, 'E'],
  [128, 'W'],
];

/** By the control bits, those met so far. */
const FLAGS: string[] = [];

function tcpdumpFlags(flags: number): string {
  const known = FLAGS[flags];
  if (known !== undefined) return known;
  const letters = TCPDUMP_FLAGS.filter(([bit]) => (flags & bit) !== 0).map(([, letter]) => letter);
  const text = letters.length === 0 ? 'none' : letters.join('');
  FLAGS[flags] = text;
  return text;
}

/** Address and port as tcpdump has them: `10.1.0.1.443`; the port alone where no address is known. */
function endpoint(address: Uint8Array | undefined, port: number): string {
  return address === undefined ? `${port}` : `${formatAddress(address)}.${port}`;
}

/** Nanoseconds to the end of the year 9999. */
const LAST_CLOCK = 253_402_300_800_000_000_000n;

/** Date and time in UTC, to the microsecond, or to the nanosecond where it has any. */
function formatClock(time: bigint): string {
  if (time < 0n || time >= LAST_CLOCK) return formatTime(time);
  const seconds = Number(time / 1_000_000_000n);
  const nanoseconds = Number(time % 1_000_000_000n);
  if (seconds !== LAST.seconds) {
    LAST.seconds = seconds;
    LAST.text = new Date(1000 * seconds).toISOString().slice(0, 19).replace('T', ' ');
  }
  return nanoseconds % 1000 === 0
    ? `${LAST.text}.${`${nanoseconds / 1000}`.padStart(6, '0')}`
    : `${LAST.text}.${`${nanoseconds}`.padStart(9, '0')}`;
}

/** The second met last: most packets share it with the one before. */
const LAST: { seconds: number; text: string } = { seconds: -1, text: '' };

/** The Length that the option declares; the octets that are there, where it declares none. */
function lengthOf(option: MptcpOption | Malformed): number {
  if (option.type !== 'MALFORMED') return sizeOfOption(option);
  return option.bytes.length > 1 ? u8(option.bytes, 1) : option.bytes.length;
}

/** tcpdump's word for each subtype. */
const WORDS: Readonly<Record<number, string>> = /* @__PURE__ */ {
  [Subtype.MP_CAPABLE]: 'capable',
  [Subtype.MP_JOIN]: 'join',
  [Subtype.DSS]: 'dss',
  [Subtype.ADD_ADDR]: 'add-addr',
  [Subtype.REMOVE_ADDR]: 'rem-addr',
  [Subtype.MP_PRIO]: 'prio',
  [Subtype.MP_FAIL]: 'fail',
  [Subtype.MP_FASTCLOSE]: 'fast-close',
  [Subtype.MP_TCPRST]: 'tcprst',
  [Subtype.MP_EXPERIMENTAL]: 'experimental',
};

function words(option: MptcpOption | Malformed, { keys = true }: TextOptions): string {
  switch (option.type) {
    case 'MP_CAPABLE':
      return capable(option, keys);
    case 'MP_JOIN':
      return join(option);
    case 'DSS':
      return dss(option);
    case 'ADD_ADDR':
      return addAddr(option);
    case 'REMOVE_ADDR':
      return `rem-addr id ${option.addressIds.join(' ')}`;
    case 'MP_PRIO':
      return `prio ${option.backup ? 'backup' : 'non-backup'}${idOf(option.addressId)}`;
    case 'MP_FAIL':
      return `fail seq ${option.dataSequenceNumber}`;
    case 'MP_FASTCLOSE':
      return `fast-close key ${keys ? octets(option.receiverKey) : HIDDEN}`;
    case 'MP_TCPRST':
      return tcprst(option);
    case 'MP_EXPERIMENTAL':
      return `experimental${option.data.length === 0 ? '' : ` data ${octets(option.data)}`}`;
    case 'UNKNOWN':
      return `unknown subtype ${option.subtype}${option.data.length === 0 ? '' : ` data ${octets(option.data)}`}`;
    case 'MALFORMED':
      return malformed(option, keys);
  }
}

/** What stands for a key that is not to be shown. */
const HIDDEN = '(hidden)';

function capable(option: MpCapable, keys: boolean): string {
  const { version, senderKey, receiverKey, dataLevelLength, checksum, data } = option;
  const bits =
    (option.checksumRequired ? 0x80 : 0) |
    (option.extensibility ? 0x40 : 0) |
    (option.denyJoin ? 0x20 : 0) |
    option.algorithms;
  const letters = [...'ABCDEFGH'].filter((_, i) => (bits & (0x80 >>> i)) !== 0).join('');
  const flags = ` flags [${letters || 'none'}]`;
  if (version > 1) {
    const rest = data === undefined || data.length === 0 ? '' : ` data ${keys ? octets(data) : HIDDEN}`;
    return `capable Unknown Version (${version})${flags}${rest}`;
  }
  const values = [senderKey, receiverKey]
    .filter((key) => key !== undefined)
    .map((key) => (keys ? octets(key) : HIDDEN));
  if (dataLevelLength !== undefined) values.push(`data_len=${dataLevelLength}`);
  if (checksum !== undefined) values.push(`csum=${hex(checksum, 4)}`);
  const braces = values.length === 0 ? '' : ` {${values.join(',')}}`;
  return `capable v${version}${flags}${option.checksumRequired ? ' csum' : ''}${braces}`;
}

function join(option: MpJoin): string {
  if (option.form === 'ack') return `join hmac ${octets(option.hmac)}`;
  const { backup, addressId, nonce } = option;
  const proof =
    option.form === 'syn' ? `token ${hex(option.receiverToken, 8)}` : `hmac ${octets(option.truncatedHmac)}`;
  return `join${backup ? ' backup' : ''} id ${addressId} ${proof} nonce ${hex(nonce, 8)}`;
}

function dss({ dataFin, dataAck, mapping }: Dss): string {
  let text = dataFin ? 'dss fin' : 'dss';
  if (dataAck !== undefined) text += ` ack ${dataAck}`;
  if (mapping === undefined) return text;
  const { dataSequenceNumber, subflowSequenceNumber, dataLevelLength, checksum } = mapping;
  text += ` seq ${dataSequenceNumber} subseq ${subflowSequenceNumber} len ${dataLevelLength}`;
  return checksum === undefined ? text : `${text} csum ${hex(checksum, 4)}`;
}

function addAddr({ version, echo, addressId, address, port, truncatedHmac }: AddAddr): string {
  const family = address.length === 4 ? 4 : 6;
  const layout = version === 0 ? `v0-ip${family}` : echo ? 'v1-echo' : 'v1';
  const bare = formatAddress(address);
  // tcpdump writes no brackets, and so another address: fd00::2:443.
  const place = port === undefined ? bare : family === 4 ? `${bare}:${port}` : `[${bare}]:${port}`;
  const hmac = truncatedHmac === undefined ? '' : ` hmac ${octets(truncatedHmac)}`;
  return `add-addr ${layout} id ${addressId} ${place}${hmac}`;
}

function tcprst({ transient, reason, reserved = 0 }: MpTcprst): string {
  const bits = reserved | (transient ? 1 : 0);
  const letters = [...'UVWT'].filter((_, i) => (bits & (8 >>> i)) !== 0).join('');
  return `tcprst flags [${letters || 'none'}] reason ${RESET_REASON_TEXT[reason] ?? `unknown (${hex(reason, 2)})`}`;
}

/** tcpdump's `[bad opt]`, then what is bad and where, and the octets. */
function malformed({ reason, at, bytes }: Malformed, keys: boolean): string {
  const word = bytes.length > 2 ? WORDS[u8(bytes, 2) >>> 4] : undefined;
  const shown = keys && bytes.length > 0 ? `: ${octets(bytes)}` : '';
  return `${word ?? 'unknown'}[bad opt] ${reason} at octet ${at}${shown}`;
}

function idOf(addressId: number | undefined): string {
  return addressId === undefined ? '' : ` id ${addressId}`;
}

function octets(bytes: Uint8Array): string {
  return `0x${toHex(bytes)}`;
}

function hex(value: number, digits: number): string {
  return `0x${value.toString(16).padStart(digits, '0')}`;
}
