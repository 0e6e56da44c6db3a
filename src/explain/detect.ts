/**
 * What octets look like: from one option to a whole frame.
 *
 * @module
 */
import { u8, u16 } from '../bytes.ts';
import type { LINK_FORMS } from '../ip/forms.ts';
import { EtherType } from '../ip/link.ts';
import { KIND } from '../mptcp/registry.ts';
import { OPTION_SPACE } from '../tcp/options.ts';
import { OptionWalk } from '../tcp/walk.ts';

/** What octets begin with: one TCP option, a list of them, a TCP header, an IP header, a link header. */
export type Layer = 'option' | 'options' | 'tcp' | 'ip' | 'frame';

/** A link header, or `raw`: none before the IP header. */
export type Link = keyof typeof LINK_FORMS | 'raw';

/** EtherTypes of VLAN tags. */
export const VLAN_TAGS: readonly number[] = [EtherType.vlan, EtherType.serviceVlan];

/** EtherTypes of IP. */
export const IP_TYPES: readonly number[] = [EtherType.ipv4, EtherType.ipv6];

/** Address families of IP in a BSD loopback header; IPv6 has another on each system. */
const FAMILIES: readonly number[] = [2, 10, 24, 28, 30];

/**
 * The layer that the octets most likely begin with. Total; where nothing fits, octets that begin
 * with kind 30 are an option, up to 40 others a list of options, and more a TCP header.
 */
export function detect(bytes: Uint8Array): Layer {
  const { length } = bytes;
  if (length >= 2 && u8(bytes, 0) === KIND && u8(bytes, 1) === length) return 'option';
  if (length <= OPTION_SPACE && u8(bytes, 0) !== 0 && walks(bytes, 0, length)) return 'options';
  if (isIp(bytes, 0) && lengthOfIp(bytes) === length) return 'ip';
  const link = linkOf(bytes);
  if (link !== undefined) return link === 'raw' ? 'ip' : 'frame';
  if (isTcp(bytes)) return 'tcp';
  if (length > 0 && u8(bytes, 0) === KIND) return 'option';
  return length <= OPTION_SPACE ? 'options' : 'tcp';
}

/** The link header that an IP header follows; `raw` where it is first; `undefined` where none can be seen. */
export function linkOf(bytes: Uint8Array): Link | undefined {
  if (isIpBehind(bytes, 12)) return 'ethernet';
  if (isIpBehind(bytes, 14) && u16(bytes, 0) < 5) return 'sll';
  if (bytes.length > 20 && u16(bytes, 2) === 0 && IP_TYPES.includes(u16(bytes, 0)) && isIp(bytes, 20)) return 'sll2';
  if (bytes.length > 4 && FAMILIES.includes(u8(bytes, 0) | u8(bytes, 3)) && u16(bytes, 1) === 0 && isIp(bytes, 4)) {
    return 'null';
  }
  return isIp(bytes, 0) ? 'raw' : undefined;
}

/** Whether the octets at `at` are the EtherType of IP, perhaps behind VLAN tags, and an IP header follows. */
function isIpBehind(bytes: Uint8Array, at: number): boolean {
  let type = at;
  while (type + 2 < bytes.length && VLAN_TAGS.includes(u16(bytes, type))) type += 4;
  return type + 2 < bytes.length && IP_TYPES.includes(u16(bytes, type)) && isIp(bytes, type + 2);
}

/** Whether the octet at `at` can begin an IP header. */
function isIp(bytes: Uint8Array, at: number): boolean {
  if (at >= bytes.length) return false;
  const octet = u8(bytes, at);
  return octet >>> 4 === 6 || (octet >= 0x45 && octet <= 0x4f);
}

/** Octets of the IP packet at the beginning, as its header says; `undefined` where the header is cut. */
function lengthOfIp(bytes: Uint8Array): number | undefined {
  if (bytes.length < 20) return undefined;
  return u8(bytes, 0) >>> 4 === 4 ? u16(bytes, 2) : 40 + u16(bytes, 4);
}

function isTcp(bytes: Uint8Array): boolean {
  if (bytes.length < 20) return false;
  const header = (u8(bytes, 12) >>> 4) * 4;
  return header >= 20 && header <= bytes.length && walks(bytes, 20, header);
}

/** Whether an option list ends where it should. */
function walks(bytes: Uint8Array, offset: number, end: number): boolean {
  const cursor = new OptionWalk().reset(bytes, offset, end);
  while (cursor.next());
  return cursor.fault === undefined;
}
