/**
 * IP addresses as text: RFC 4291 §2.2 read, RFC 5952 written.
 *
 * @module
 */
import { u8, u16 } from '../bytes.ts';

/**
 * The text of the address of 4 or 16 octets at `offset`, IPv6 in its RFC 5952 form.
 *
 * @throws RangeError when `length` is neither 4 nor 16
 * @example
 * ```ts
 * formatAddress(parseAddress('2001:DB8:0:0:1:0:0:1')); // '2001:db8::1:0:0:1'
 * ```
 */
export function formatAddress(bytes: Uint8Array, offset = 0, length: number = bytes.length - offset): string {
  if (length === 4) return formatIpv4(bytes, offset);
  if (length !== 16) throw new RangeError(`address must be 4 or 16 octets, got ${length}`);
  const groups: number[] = [];
  for (let at = offset; at < offset + 16; at += 2) groups.push(u16(bytes, at));
  if (groups[5] === 0xffff && groups.slice(0, 5).every((group) => group === 0)) {
    return `::ffff:${formatIpv4(bytes, offset + 12)}`;
  }
  const [start, end] = longestZeroRun(groups);
  const hex = groups.map((group) => group.toString(16));
  return end === start ? hex.join(':') : `${hex.slice(0, start).join(':')}::${hex.slice(end).join(':')}`;
}

/** Address and port as one text: `10.1.0.1:443`, `[fd00::1]:443`. */
export function formatEndpoint({ address, port }: { readonly address: string; readonly port: number }): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

/**
 * The octets of an address: 4 of IPv4 in dotted decimal, 16 of IPv6 in any RFC 4291 form.
 * Zones (`%eth0`), prefix lengths and IPv4 numbers with leading zeros are refused.
 *
 * @throws RangeError that names the text
 */
export function parseAddress(text: string): Uint8Array<ArrayBuffer> {
  const octets = text.includes(':') ? parseIpv6(text) : parseIpv4(text);
  if (octets === undefined) throw new RangeError(`not an IPv4 or IPv6 address: ${text}`);
  return Uint8Array.from(octets);
}

function formatIpv4(bytes: Uint8Array, at: number): string {
  return `${u8(bytes, at)}.${u8(bytes, at + 1)}.${u8(bytes, at + 2)}.${u8(bytes, at + 3)}`;
}

/** Start and end of the longest run of two zeros or more, the leftmost of equals; equal where there is none. */
function longestZeroRun(groups: readonly number[]): [number, number] {
  let best: [number, number] = [0, 0];
  let start = 0;
  groups.forEach((group, i) => {
    if (group !== 0) start = i + 1;
    else if (i + 1 - start > Math.max(1, best[1] - best[0])) best = [start, i + 1];
  });
  return best;
}

function parseIpv4(text: string): number[] | undefined {
  const parts = text.split('.');
  if (parts.length !== 4) return undefined;
  if (!parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) < 256)) return undefined;
  return parts.map(Number);
}

function parseIpv6(text: string): number[] | undefined {
  const halves = text.split('::').map((half) => (half === '' ? [] : half.split(':')));
  const [left, right] = halves;
  if (left === undefined || halves.length > 2) return undefined;
  const last = (right ?? left).pop();
  const tail = last === undefined ? [] : last.includes('.') ? parseIpv4(last) : parseGroup(last);
  const head = left.map(parseGroup);
  const body = (right ?? []).map(parseGroup);
  if (tail === undefined || head.includes(undefined) || body.includes(undefined)) return undefined;
  const before = head.flat() as number[];
  const after = [...(body.flat() as number[]), ...tail];
  const zeros = 16 - before.length - after.length;
  if (right === undefined ? zeros !== 0 : zeros < 2) return undefined;
  return [...before, ...new Array<number>(zeros).fill(0), ...after];
}

function parseGroup(text: string): number[] | undefined {
  if (!/^[0-9a-f]{1,4}$/i.test(text)) return undefined;
  const group = Number.parseInt(text, 16);
  return [group >>> 8, group & 0xff];
}
