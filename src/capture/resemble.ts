/**
 * What octets look like that are no capture.
 *
 * @module
 */
import { toHex } from '../bytes.ts';

/** Octets to look at, where there are so many. */
export const ENOUGH_TO_TELL = 256;

/** First octets, in hex, of what is taken for a capture most often. */
const MAGIC: readonly (readonly [hex: string, what: string])[] = [
  ['1f8b', 'gzip: inflate it first'],
  ['28b52ffd', 'zstd-compressed data: decompress it first'],
  ['fd377a585a00', 'xz-compressed data: decompress it first'],
  ['04224d18', 'lz4-compressed data: decompress it first'],
  ['425a68', 'bzip2-compressed data: decompress it first'],
  ['504b0304', 'a zip archive: unpack it first'],
  ['7f454c46', 'an ELF program'],
  ['4d5a', 'a Windows program'],
  ['25504446', 'a PDF document'],
  ['89504e47', 'a PNG image'],
  ['736e6f6f70000000', 'a snoop capture: convert it with editcap'],
  ['52545353', 'a Network Monitor capture: convert it with editcap'],
  ['474d4255', 'a Network Monitor capture: convert it with editcap'],
  ['54525346', 'a Sniffer capture: convert it with editcap'],
  ['efbbbf', 'text'],
  ['fffe', 'UTF-16 text'],
  ['feff', 'UTF-16 text'],
];

/** What the first octets of a file look like, in words that follow "looks like". */
export function resemblance(bytes: Uint8Array): string {
  const first = bytes.subarray(0, ENOUGH_TO_TELL);
  const hex = toHex(first);
  for (const [magic, what] of MAGIC) if (hex.startsWith(magic)) return what;
  if (first.every((octet) => octet === 0)) return 'zeros';
  if (!first.every((octet) => octet >= 0x20 || (octet >= 0x09 && octet <= 0x0d))) {
    return `no format known here, first octets ${toHex(first.subarray(0, 8))}`;
  }
  const text = new TextDecoder().decode(first).trimStart();
  if (/^\s*(0x)?[0-9a-f]{4,8}:?\s+([0-9a-f]{2}){1,2}(\s|$)/im.test(text)) return 'a hex dump';
  if (/^[\s:]*(0x)?([0-9a-f]{2}[\s:]*){4,}$/i.test(text)) return 'hex digits';
  if (/^[[{]\s*(["{[\]}]|-?\d|$)/.test(text)) return 'JSON';
  if (/^<(\?xml|!doctype|\w+[\s>])/i.test(text)) return 'XML or HTML';
  return 'text';
}
