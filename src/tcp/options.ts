/**
 * The TCP option list, RFC 9293 §3.1.
 *
 * @module
 */
import { octets, putOctets, u8 } from '../bytes.ts';
import { type Malformed, malformed } from '../malformed.ts';
import { decodeOption, encodeOptionInto, type MptcpOption, sizeOfOption } from '../mptcp/option.ts';
import { KIND } from '../mptcp/registry.ts';
import { EOL, NOP, OptionWalk, SACK_PERMITTED, TIMESTAMPS, WINDOW_SCALE } from './walk.ts';

/** Octets that a TCP header has for options. RFC 9293 §3.1. */
export const OPTION_SPACE = 40;

/**
 * One item of a TCP option list: a decoded MPTCP option, or the octets of another option.
 * Octets that cannot be told apart are {@link Malformed}.
 */
export type OptionItem = MptcpOption | Malformed | Uint8Array;

/** Kinds that this module treats by name. */
const SACK = 5;
const MD5 = 19;

const ONE_NOP: Uint8Array = /* @__PURE__ */ new Uint8Array([NOP]);

/**
 * Decode a TCP option list. Total and lossless: {@link encodeOptionList} gives back its octets.
 *
 * End of Option List and the octets behind it are one item. Where the list is broken, the
 * last item is the {@link Malformed} rest.
 *
 * @param bytes - buffer that holds the list; the items alias it
 * @param offset - offset of the list's first octet
 * @param length - octets in the list
 */
export function decodeOptionList(bytes: Uint8Array, offset = 0, length: number = bytes.length - offset): OptionItem[] {
  const end = Math.min(bytes.length, offset + length);
  const cursor = new OptionWalk().reset(bytes, offset, end);
  const items: OptionItem[] = [];
  while (cursor.next()) {
    const { kind, offset: at, length: size } = cursor;
    items.push(kind === KIND ? decodeOption(bytes, at, size) : bytes.subarray(at, at + size));
  }
  const rest = cursor.fault === undefined && cursor.kind !== EOL ? end : cursor.offset;
  if (cursor.fault !== undefined) {
    const at = cursor.fault === 'length' ? 1 : end - rest;
    items.push(malformed(cursor.fault, at, bytes, rest, end - rest));
  } else if (rest < end) {
    items.push(bytes.subarray(rest, end));
  }
  return items;
}

/** Octets of a TCP option list, as {@link encodeOptionList} writes it. */
export function sizeOfOptionList(items: readonly OptionItem[]): number {
  return items.reduce((sum, item) => sum + sizeOfItem(item), 0);
}

/**
 * Encode a TCP option list, item after item, into fresh memory.
 *
 * Nothing is added between the items: {@link alignOptions} pads as Linux does. A TCP header
 * wants a multiple of 4 octets; up to three zeros (End of Option List) behind the last item
 * complete the list.
 *
 * @throws RangeError that names the excess where the list is longer than 40 octets
 * @throws RangeError or TypeError that names the field that has no octets
 */
export function encodeOptionList(items: readonly OptionItem[]): Uint8Array<ArrayBuffer> {
  const size = sizeOfOptionList(items);
  if (size > OPTION_SPACE) {
    throw new RangeError(
      `options take ${size} octets, ${size - OPTION_SPACE} more than the ${OPTION_SPACE} of a TCP header`,
    );
  }
  const bytes = new Uint8Array(Math.ceil(size / 4) * 4);
  let at = 0;
  for (const item of items) {
    at = 'type' in item ? encodeOptionInto(item, bytes, at) : putOctets(bytes, at, item, item.length, 'item');
  }
  return bytes;
}

/**
 * Pad a TCP option list with No-Operation as Linux does, so that each block is a multiple of 4
 * octets: before timestamps, SACK and window scale, behind MPTCP options. RFC 9293 asks for none.
 */
export function alignOptions(items: readonly OptionItem[]): OptionItem[] {
  return items.flatMap((item, i) => {
    const size = sizeOfItem(item);
    const kind = kindOf(item);
    const previous = items[i - 1];
    const next = items[i + 1];
    if (kind === SACK_PERMITTED && next !== undefined && kindOf(next) === TIMESTAMPS) return [item];
    if (kind === TIMESTAMPS && previous !== undefined && kindOf(previous) === SACK_PERMITTED) return [item];
    const nops: OptionItem[] = new Array<OptionItem>(-size & 3).fill(ONE_NOP);
    return LEADING.includes(kind) ? [...nops, item] : [item, ...nops];
  });
}

/** Kinds whose padding Linux puts in front. */
const LEADING: readonly number[] = [WINDOW_SCALE, SACK_PERMITTED, SACK, TIMESTAMPS, MD5];

/**
 * Whether the options fit into one TCP header, each padded as Linux does.
 *
 * @example
 * ```ts
 * fits([timestamps(1, 2), addAddrIpv6WithPort]); // false: 12 + 32 octets
 * ```
 */
export function fits(items: readonly OptionItem[]): boolean {
  return sizeOfOptionList(alignOptions(items)) <= OPTION_SPACE;
}

/**
 * The MPTCP options of a TCP header, in wire order. Total: any octets give a list.
 *
 * An option that the header cuts is the last item, {@link Malformed}.
 *
 * @param tcpHeader - the header from its source port on; octets behind it do no harm
 */
export function mptcpOptions(tcpHeader: Uint8Array): (MptcpOption | Malformed)[] {
  const options: (MptcpOption | Malformed)[] = [];
  if (tcpHeader.length <= 20) return options;
  const end = Math.min(tcpHeader.length, (u8(tcpHeader, 12) >>> 4) * 4);
  const cursor = new OptionWalk().reset(tcpHeader, 20, end);
  while (cursor.next()) {
    if (cursor.kind === KIND) options.push(decodeOption(tcpHeader, cursor.offset, cursor.length));
  }
  if (cursor.fault !== undefined && cursor.kind === KIND) {
    options.push(decodeOption(tcpHeader, cursor.offset, end - cursor.offset));
  }
  return options;
}

function sizeOfItem(item: OptionItem): number {
  return 'type' in item ? sizeOfOption(item) : octets(item, 'item').length;
}

function kindOf(item: OptionItem): number {
  return 'type' in item ? KIND : (item[0] ?? EOL);
}
