/**
 * Columns of a table of packets: fields by our names or Wireshark's.
 *
 * @module
 */
import { MAPPING_FIELDS, OPTION_FIELDS } from './fields.ts';
import { type Json, optionToJson, packetToJson, type TextOptions } from './json.ts';
import { formatOption } from './line.ts';
import { didYouMean } from './nearest.ts';
import type { MptcpPacket } from './packet.ts';
import { STATEFUL_FIELDS, WIRESHARK_FIELDS } from './wireshark.ts';

/** The values of a column in one packet: none, one, or as many as there are options. */
export type Column = (packet: MptcpPacket, options: TextOptions) => string[];

/** The columns of a table that names none. */
export const DEFAULT_COLUMNS: readonly string[] = [
  'frame',
  'time',
  'src',
  'srcPort',
  'dst',
  'dstPort',
  'flags',
  'payloadLength',
  'options',
];

/**
 * The column of that name: a field of the packet (`frame`), of its options (`senderKey`,
 * `MP_JOIN.nonce`, `mapping.checksum`), their text (`options`), or a Wireshark field.
 *
 * @throws RangeError for any other name; the message has the nearest known ones
 */
export function columnOf(name: string): Column {
  const own = OWN_COLUMNS.get(name);
  if (own !== undefined) return own;
  if (Object.hasOwn(WIRESHARK_FIELDS, name)) return WIRESHARK_FIELDS[name]!;
  if (Object.hasOwn(STATEFUL_FIELDS, name)) {
    throw new RangeError(`${name} needs the whole connection, decode sees one packet: ${STATEFUL_FIELDS[name]}`);
  }
  throw new RangeError(
    `no field ${name}${didYouMean(name, [...OWN_COLUMNS.keys(), ...Object.keys(WIRESHARK_FIELDS)])}`,
  );
}

/** Fields of the packet around the options. */
const PACKET_COLUMNS: readonly string[] = [
  'frame',
  'time',
  'interface',
  'src',
  'srcPort',
  'dst',
  'dstPort',
  'flags',
  'seq',
  'ack',
  'payloadLength',
  'optionsCut',
  'optionsError',
];

/** Our own columns by name. */
const OWN_COLUMNS: ReadonlyMap<string, Column> = /* @__PURE__ */ ownColumns();

function ownColumns(): Map<string, Column> {
  const columns = new Map<string, Column>();
  for (const name of PACKET_COLUMNS) {
    columns.set(name, (packet, options) => texts(packetToJson({ ...packet, options: [] }, options)[name]));
  }
  columns.set('options', ({ options }, how) => options.map((option) => formatOption(option, how)));
  columns.set('type', ({ options }) => options.map(({ type }) => type));
  for (const [of, fields] of Object.entries(OPTION_FIELDS)) {
    const type = of.replace(/ .*/, '');
    const paths = fields.flatMap(({ name, shape }) =>
      shape === 'mapping' ? MAPPING_FIELDS.map((field) => `${name}.${field.name}`) : [name],
    );
    for (const path of paths) {
      columns.set(path, values(path));
      columns.set(`${type}.${path}`, values(path, type));
    }
  }
  return columns;
}

/** The column of the option field at `path`, in options of `type` or of any. */
function values(path: string, type?: string): Column {
  const [name = '', part] = path.split('.');
  return ({ options }, how) =>
    options
      .filter((option) => type === undefined || option.type === type)
      .flatMap((option) => texts(pick(optionToJson(option, how)[name], part)));
}

function pick(value: Json | undefined, part: string | undefined): Json | undefined {
  if (part === undefined || value === undefined) return value;
  return (value as Record<string, Json>)[part];
}

function texts(value: Json | undefined): string[] {
  if (value === undefined) return [];
  if (Array.isArray(value)) return value.map(String);
  return [typeof value === 'object' ? JSON.stringify(value) : String(value)];
}

/** One row of CSV (RFC 4180, lines ending in LF): several values in one column have commas between them. */
export function csvRow(cells: readonly (readonly string[])[]): string {
  return `${cells.map((values) => csvCell(values.join(','))).join(',')}\n`;
}

function csvCell(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
