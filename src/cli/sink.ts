/**
 * Where decoded packets go: text, NDJSON, JSON or CSV.
 *
 * @module
 */
import type { Malformed } from '../malformed.ts';
import type { MptcpOption } from '../mptcp/option.ts';
import { type JsonObject, optionToJson, packetToJson, type TextOptions } from '../text/json.ts';
import { formatOption, formatPacket } from '../text/line.ts';
import { LineWriter, packetLine } from '../text/ndjson.ts';
import type { MptcpPacket } from '../text/packet.ts';
import { colorLine } from './color.ts';
import { usage } from './exit.ts';
import type { Output } from './io.ts';

/** Takes packets, or options that came without one. */
export interface Sink {
  packet(packet: MptcpPacket): void;
  option(option: MptcpOption | Malformed): void;
  /** Writes packets of a capture without making objects of them, where the format can do so. */
  readonly lines?: LineWriter | undefined;
  /** Nothing more will come. */
  end(): void;
}

/** How a sink writes. */
export interface SinkOptions {
  readonly text: TextOptions;
  readonly color: boolean;
  /** Packets without MPTCP are asked for too. */
  readonly all: boolean;
  /** Names of CSV columns. */
  readonly columns?: readonly string[] | undefined;
}

export type Format = 'text' | 'ndjson' | 'json' | 'csv';

/** The sink that writes `format` to `output`. */
export async function sinkOf(
  format: Format,
  { text, color, all, columns }: SinkOptions,
  output: Output,
): Promise<Sink> {
  switch (format) {
    case 'text': {
      const line = (words: string): void => output.write(`${color ? colorLine(words) : words}\n`);
      return {
        packet: (packet) => line(formatPacket(packet, text)),
        option: (option) => line(formatOption(option, text)),
        end: () => {},
      };
    }
    case 'ndjson':
      return ndjsonSink(text, all, output);
    case 'json':
      return jsonSink(text, output);
    case 'csv':
      return csvSink(columns, text, output);
  }
}

/** A line a packet, or an option. */
function ndjsonSink(text: TextOptions, all: boolean, output: Output): Sink {
  const lines = new LineWriter((octets) => output.write(octets), { ...text, all });
  return {
    packet: (packet) => output.write(packetLine(packet, text)),
    option: (option) => output.write(`${JSON.stringify(optionToJson(option, text))}\n`),
    lines,
    end: () => lines.flush(),
  };
}

/** One array, an element a line. */
function jsonSink(text: TextOptions, output: Output): Sink {
  let before = '[\n';
  const element = (json: JsonObject): void => {
    output.write(before + JSON.stringify(json));
    before = ',\n';
  };
  return {
    packet: (packet) => element(packetToJson(packet, text)),
    option: (option) => element(optionToJson(option, text)),
    end: () => output.write(before === '[\n' ? '[]\n' : '\n]\n'),
  };
}

/** A head line, and a line a packet. */
async function csvSink(names: readonly string[] | undefined, text: TextOptions, output: Output): Promise<Sink> {
  const { columnOf, csvRow, DEFAULT_COLUMNS } = await import('../text/columns.ts');
  const heads = names ?? DEFAULT_COLUMNS;
  const columns = heads.map((name) => {
    try {
      return columnOf(name);
    } catch (error) {
      throw usage(`-e ${name}: ${(error as RangeError).message}`);
    }
  });
  let head = csvRow(heads.map((name) => [name]));
  const row = (text: string): void => {
    output.write(head + text);
    head = '';
  };
  return {
    packet: (packet) => row(csvRow(columns.map((column) => column(packet, text)))),
    option: () => {
      throw usage('-o csv has a line for each packet, and these are options without one');
    },
    end: () => row(''),
  };
}
