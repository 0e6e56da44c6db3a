/**
 * IP addresses as text: RFC 5952 for IPv6, dotted decimal for IPv4.
 *
 * @module
 */
import { u8, u16 } from '../bytes.ts';

/**
 * Text of the address at `offset`.
 *
 * @param length - 4 or 16 octets
 */
export function formatAddress(bytes: Uint8Array, offset = 0, length: number = bytes.length - offset): string {
  if (length === 4) {
    return `${u8(bytes, offset)}.${u8(bytes, offset + 1)}.${u8(bytes, offset + 2)}.${u8(bytes, offset + 3)}`;
  }
  let start = 8;
  let run = 1;
  for (let i = 0; i < 8; i++) {
    let zeros = 0;
    while (i + zeros < 8 && u16(bytes, offset + 2 * (i + zeros)) === 0) zeros++;
    if (zeros > run) {
      start = i;
      run = zeros;
    }
    i += zeros;
  }
  let text = '';
  for (let i = 0; i < 8; i++) {
    if (i === start) {
      text += '::';
      i += run - 1;
    } else if (i === 6 && start === 0 && run === 5 && u16(bytes, offset + 10) === 0xffff) {
      return `${text}:${formatAddress(bytes, offset + 12, 4)}`;
    } else {
      text += (text === '' || text.endsWith(':') ? '' : ':') + u16(bytes, offset + 2 * i).toString(16);
    }
  }
  return text;
}

/**
 * Octets of an address: 4 for IPv4, 16 for IPv6.
 *
 * @throws RangeError where the text is no address
 */
export function parseAddress(text: string): Uint8Array<ArrayBuffer> {
  const octets = text.includes(':') ? parse6(text) : parse4(text);
  if (octets === undefined) throw new RangeError(`not an IP address: ${text}`);
  return Uint8Array.from(octets);
}

function parse4(text: string): number[] | undefined {
  const parts = text.split('.');
  const sound = parts.length === 4 && parts.every((part) => /^\d{1,3}$/.test(part) && Number(part) < 256);
  return sound ? parts.map(Number) : undefined;
}

function parse6(text: string): number[] | undefined {
  const halves = text.split('::').map(parseGroups);
  const [head, tail] = halves;
  if (head === undefined || halves.length > 2 || halves.includes(undefined)) return undefined;
  if (tail === undefined) return head.length === 16 ? head : undefined;
  const gap = 16 - head.length - tail.length;
  return gap >= 2 ? [...head, ...new Array<number>(gap).fill(0), ...tail] : undefined;
}

/** Octets of groups between colons, the last of which may be dotted decimal. */
function parseGroups(text: string): number[] | undefined {
  if (text === '') return [];
  const octets: number[] = [];
  const groups = text.split(':');
  for (const [i, group] of groups.entries()) {
    const dotted = group.includes('.') && i === groups.length - 1 ? parse4(group) : undefined;
    if (dotted !== undefined) octets.push(...dotted);
    else if (/^[0-9a-f]{1,4}$/i.test(group))
      octets.push(Number.parseInt(group, 16) >>> 8, Number.parseInt(group, 16) & 0xff);
    else return undefined;
  }
  return octets;
}
