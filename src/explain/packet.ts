/**
 * Frames, IP packets and TCP segments, explained from their tables.
 *
 * @module
 */
import { u8, u16 } from '../bytes.ts';
import { IPV4_FORM, IPV4_OPTION_FORMS, IPV6_EXTENSION_FORMS, IPV6_FORM, LINK_FORMS } from '../ip/forms.ts';
import { Protocol } from '../ip/link.ts';
import { formOf } from '../layout.ts';
import { TCP_FORM } from '../tcp/forms.ts';
import { IP_TYPES, linkOf, VLAN_TAGS } from './detect.ts';
import { type Annotator, inOctets } from './explanation.ts';
import { explainOptions } from './option.ts';

/** Explain a frame. Its link header is found out from the octets; Ethernet, where they tell nothing. */
export function explainFrame(to: Annotator): void {
  const link = linkOf(to.bytes) ?? 'ethernet';
  if (link !== 'raw' && !to.header(LINK_FORMS[link])) return;
  if (link === 'raw' || link === 'null') {
    explainIp(to);
    return;
  }
  let type = u16(to.bytes, link === 'sll2' ? 0 : to.offset - 2);
  while (VLAN_TAGS.includes(type) && to.header(LINK_FORMS.vlan)) type = u16(to.bytes, to.offset - 2);
  if (IP_TYPES.includes(type)) explainIp(to);
  else payload(to);
}

/** Explain an IP packet, and the IP packets that it carries in turn, down to the TCP segment. */
export function explainIp(to: Annotator): void {
  if (to.offset === to.end) return;
  const version = u8(to.bytes, to.offset) >>> 4;
  let protocol: number | undefined = version === 4 ? Protocol.ipv4 : version === 6 ? Protocol.ipv6 : undefined;
  if (protocol === undefined) to.rest('IP', 'malformed', 'Malformed', `IP version ${version}: 4 or 6 expected`);
  while (protocol !== undefined && protocol !== Protocol.tcp) protocol = explainIpHeader(to, protocol);
  if (protocol === Protocol.tcp) explainTcp(to);
  else payload(to);
}

/** Explain a TCP segment: header, options, payload. */
export function explainTcp(to: Annotator): void {
  const start = to.offset;
  if (!to.header(TCP_FORM)) return;
  explainOptions(to, Math.min(to.end, start + (u8(to.bytes, start + 12) >>> 4) * 4));
  payload(to);
}

/** Explain the header of an IP protocol; the protocol of what follows, or `undefined` where nothing more can be told. */
function explainIpHeader(to: Annotator, protocol: number): number | undefined {
  if (protocol === Protocol.ipv4) return explainIpv4(to);
  const start = to.offset;
  if (protocol === Protocol.ipv6) {
    if (!to.header(IPV6_FORM)) return undefined;
    const length = u16(to.bytes, start + 4);
    if (length > 0) to.end = Math.min(to.end, start + IPV6_FORM.length + length);
    return u8(to.bytes, start + 6);
  }
  const shape = IPV6_EXTENSION_FORMS[protocol];
  if (shape === undefined) return undefined;
  if (!to.header(shape, lengthOfExtension(to, protocol))) return undefined;
  if (protocol === Protocol.fragment && u16(to.bytes, start + 2) >>> 3 !== 0) return undefined;
  return u8(to.bytes, start);
}

function explainIpv4(to: Annotator): number | undefined {
  const start = to.offset;
  if (!to.header(IPV4_FORM)) return undefined;
  const length = u16(to.bytes, start + 2);
  if (length > 0) to.end = Math.max(to.offset, Math.min(to.end, start + length));
  explainIpv4Options(to, Math.min(to.end, start + (u8(to.bytes, start) & 0x0f) * 4));
  const isLaterFragment = (u16(to.bytes, start + 6) & 0x1fff) !== 0;
  return isLaterFragment ? undefined : u8(to.bytes, start + 9);
}

function explainIpv4Options(to: Annotator, end: number): void {
  while (to.offset < end) {
    const there = end - to.offset;
    const type = u8(to.bytes, to.offset);
    const size = type === 0 ? there : type === 1 ? 1 : there === 1 ? 0 : u8(to.bytes, to.offset + 1);
    const shape = size <= there ? formOf(IPV4_OPTION_FORMS, to.bytes, to.offset, size) : undefined;
    if (shape !== undefined) to.shape(shape, size);
    else to.rest('IPv4 option', 'malformed', 'Malformed', `Length says ${size}: the list ends after ${there}`, end);
  }
}

/** Octets of an IPv6 extension header; the least that it can have, where its length is not there. */
function lengthOfExtension(to: Annotator, protocol: number): number {
  if (protocol === Protocol.fragment || to.end - to.offset < 2) return 8;
  const units = u8(to.bytes, to.offset + 1);
  return protocol === Protocol.authentication ? 4 * (units + 2) : 8 * (units + 1);
}

function payload(to: Annotator): void {
  to.rest('payload', 'payload', 'Payload', inOctets(to.end - to.offset));
}
