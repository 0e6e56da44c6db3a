/** Octets from what people paste: hex in any dress, dumps of tcpdump, xxd and Wireshark, base64, JSON. */
import type { MptcpOption } from '../../src/mptcp/option.ts';
import { encodeOption } from '../../src/mptcp/option.ts';
import { encodeOptionList } from '../../src/tcp/options.ts';
import { fromJson } from '../../src/text/json.ts';

/** What a text was taken for. */
export interface Input {
  readonly bytes: Uint8Array;
  readonly taken: 'hex' | 'a dump' | 'base64' | 'JSON' | 'the first packet of a dump';
}

/**
 * Octets of a text.
 *
 * @throws Error with a sentence for people, where the text is none of these
 */
export function readInput(text: string): Input {
  const trimmed = text.trim();
  if (/^[[{]/.test(trimmed)) return { bytes: readJson(trimmed), taken: 'JSON' };
  const dump = readDump(trimmed);
  if (dump !== undefined) return dump;
  const digits = trimmed.replace(/0x|\\x/gi, '').replace(/[\s:,;|.-]+/g, '');
  if (/^[0-9a-f]*$/i.test(digits)) {
    if (digits.length % 2 !== 0) throw new Error(`${digits.length} hex digits: an even number makes octets`);
    return { bytes: fromDigits(digits), taken: 'hex' };
  }
  if (/^[\w+/-]+={0,2}$/.test(trimmed.replace(/\s+/g, ''))) return { bytes: readBase64(trimmed), taken: 'base64' };
  throw new Error('this is neither hex, a dump, base64, nor the JSON of an option');
}

function readJson(text: string): Uint8Array {
  const value: unknown = JSON.parse(text);
  const items = Array.isArray(value) ? value : [value];
  const decoded = items.map((item) => fromJson(item as object));
  const options = decoded.flatMap((item) => ('type' in item ? [item] : item.options));
  const [first] = options;
  return options.length === 1 && first !== undefined
    ? encodeOption(first as MptcpOption)
    : encodeOptionList(options as MptcpOption[]);
}

/** A dump: every line is an offset and octets, and perhaps their characters. Of several packets the first. */
function readDump(text: string): Input | undefined {
  const all = text.split('\n').filter((line) => /^\s*(0x)?[0-9a-f]{4,8}:?\s/i.test(line));
  if (all.length === 0) return undefined;
  const second = all.findIndex((line, i) => i > 0 && /^\s*(0x)?0{4,8}:?\s/i.test(line));
  const lines = second < 0 ? all : all.slice(0, second);
  const colon = lines.every((line) => /^\s*(0x)?[0-9a-f]{4,8}:\s/i.test(line));
  if (!colon && !lines.every((line, i) => Number.parseInt(line.trim(), 16) === i * 16)) return undefined;
  const digits = lines.map(digitsOf).join('');
  if (digits === '') return undefined;
  return { bytes: fromDigits(digits), taken: second < 0 ? 'a dump' : 'the first packet of a dump' };
}

/** The octets of a dump's line, at most 16, without their characters. */
function digitsOf(line: string): string {
  const rest = line.replace(/^\s*(0x)?[0-9a-f]{4,8}:?\s+/i, '').replace(/\|.*$/, '');
  const columns = /^[0-9a-f]{4}\b/i.test(rest) ? rest.split('  ')[0]! : rest.split(/ {3,}/)[0]!;
  let digits = '';
  for (const word of columns.split(/\s+/)) {
    if (!/^([0-9a-f]{2}){1,2}$/i.test(word) || digits.length >= 32) break;
    digits += word;
  }
  return digits;
}

function readBase64(text: string): Uint8Array {
  const plain = text.replace(/\s+/g, '').replaceAll('-', '+').replaceAll('_', '/');
  return Uint8Array.from(atob(plain), (character) => character.charCodeAt(0));
}

function fromDigits(digits: string): Uint8Array {
  return Uint8Array.from(digits.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

/** Octets as hex, in groups of four. */
export function toGroups(bytes: Uint8Array): string {
  return Array.from(bytes, (octet, i) => (i > 0 && i % 4 === 0 ? ' ' : '') + octet.toString(16).padStart(2, '0')).join(
    '',
  );
}
