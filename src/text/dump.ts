/**
 * Octets from text: bare hex, and the dumps of xxd, tcpdump -xx, hexdump -C, od and text2pcap.
 *
 * @module
 */
import { fromHex, u8 } from '../bytes.ts';
import { KIND } from '../mptcp/registry.ts';

/** Packets that text held. */
export interface Dump {
  /** `dump`: lines with offsets; `bare`: hex digits alone. */
  readonly style: 'dump' | 'bare';
  /** One or more, none of them empty. */
  readonly packets: readonly Uint8Array<ArrayBuffer>[];
}

/**
 * The octets that `text` shows.
 *
 * Lines with offsets: offset 0 begins a packet, and what is beside the octets is skipped. Bare hex:
 * an empty line ends a packet; where each line is a whole MPTCP option, each is one. Comments begin
 * with `#`.
 *
 * @throws RangeError that says what is no hex
 */
export function parseDump(text: string): Dump {
  const lines = text.split(/\r?\n/).map((line) => line.replace(/#.*/, ''));
  const found = lines.map(dumpLine);
  const isDump = found.find((line) => line !== undefined)?.offset === 0;
  const packets = isDump ? fromLines(found) : fromBare(lines);
  if (packets.length === 0) throw new RangeError('no octets');
  return { style: isDump ? 'dump' : 'bare', packets };
}

interface DumpLine {
  readonly offset: number;
  readonly octets: readonly number[];
}

/** A line with an offset. With a colon behind it, octets go in groups of any size up to two blanks; else singly, up to three. */
function dumpLine(line: string): DumpLine | undefined {
  const [, digits, colon, rest] = /^\s*(?:0x)?([0-9a-f]{3,8})(:?)\s+(\S.*)$/i.exec(line) ?? [];
  if (digits === undefined || rest === undefined) return undefined;
  const [area = ''] = rest.split(colon === ':' ? /\s{2,}/ : /\s{3,}|\|/);
  const wanted = colon === ':' ? /^([0-9a-f]{2})+$/i : /^[0-9a-f]{2}$/i;
  const words = area.trim().split(/\s+/);
  const end = words.findIndex((word) => !wanted.test(word));
  const octets = fromHex(words.slice(0, end < 0 ? words.length : end).join(''));
  return octets.length === 0 ? undefined : { offset: Number.parseInt(digits, 16), octets: [...octets] };
}

/** Packets of lines with offsets. An offset cuts what the line before it held too much: text that looked like hex. */
function fromLines(lines: readonly (DumpLine | undefined)[]): Uint8Array<ArrayBuffer>[] {
  const packets: number[][] = [];
  lines.forEach((line, i) => {
    if (line === undefined) return;
    const packet = packets.at(-1);
    if (line.offset === 0 || packet === undefined) {
      packets.push([...line.octets]);
    } else if (line.offset > packet.length) {
      throw new RangeError(`line ${i + 1} begins at octet ${line.offset}, the lines before it end at ${packet.length}`);
    } else {
      packet.splice(line.offset, packet.length, ...line.octets);
    }
  });
  return packets.map((octets) => Uint8Array.from(octets));
}

function fromBare(lines: readonly string[]): Uint8Array<ArrayBuffer>[] {
  const rows = lines.map(bareOctets);
  const filled = rows.filter((row) => row.length > 0);
  if (filled.every((row) => row.length >= 3 && u8(row, 0) === KIND && u8(row, 1) === row.length)) return filled;
  const packets: Uint8Array<ArrayBuffer>[][] = [[]];
  for (const row of rows) {
    if (row.length > 0) packets.at(-1)!.push(row);
    else packets.push([]);
  }
  return packets.filter((parts) => parts.length > 0).map(join);
}

/** Octets of a line of hex digits, with `0x`, `\x`, blanks, commas, colons or dashes before and between them. */
function bareOctets(line: string): Uint8Array<ArrayBuffer> {
  const words = line.split(/[\s,;:-]+/).map((word) => word.replace(/^0x/i, '').replaceAll(/\\x/gi, ''));
  const odd = words.find((word) => !/^([0-9a-f]{2})*$/i.test(word));
  if (odd !== undefined) throw new RangeError(`not hex octets: ${odd.length > 40 ? `${odd.slice(0, 40)}...` : odd}`);
  return fromHex(words.join(''));
}

function join(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
