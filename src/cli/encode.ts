/**
 * `encode`: the octets of options that JSON describes, the inverse of `decode`.
 *
 * @module
 */
import { toHex } from '../bytes.ts';
import { encodeOption } from '../mptcp/option.ts';
import { fromJson } from '../text/json.ts';
import { FLAGS, oneOf, parse, VALUES } from './args.ts';
import { CommandError, Status, usage } from './exit.ts';
import { chunksOf, readText } from './input.ts';
import type { Io } from './io.ts';

const HELP = `Usage: mptcp-codec encode JSON|- [options]

Prints the hex of options given as JSON, one option a line. JSON is an option as decode prints it,
a list of them, or a packet with its options; standard input and files may hold one a line.

  -r FILE     read FILE; - is standard input
  -o FORMAT   text (default), ndjson (a JSON string a line), json (a list of strings)
`;

/** Run the command; its exit status. */
export async function run(args: readonly string[], io: Io): Promise<number> {
  const { values, positionals } = parse(args, { help: FLAGS.help, read: VALUES.read, output: VALUES.output });
  if (values.help) {
    io.stdout.write(HELP);
    return Status.OK;
  }
  const format = oneOf('-o', values.output, ['text', 'ndjson', 'json']);
  const source = values.read ?? positionals[0];
  if (source === undefined) throw usage('no JSON: give an option, or - for standard input');
  if (positionals.length > (values.read === undefined ? 1 : 0))
    throw usage(`${positionals.at(-1)}: one input at a time`);
  const octets = await octetsOf(source, values.read !== undefined || source === '-', io);
  if (format === 'text') io.stdout.write(octets.map((hex) => `${hex}\n`).join(''));
  else if (format === 'ndjson') io.stdout.write(octets.map((hex) => `${JSON.stringify(hex)}\n`).join(''));
  else io.stdout.write(`${JSON.stringify(octets)}\n`);
  return Status.OK;
}

/** The hex of each option that `source` describes, or the file of that name. */
async function octetsOf(source: string, isFile: boolean, io: Io): Promise<string[]> {
  if (!isFile) {
    try {
      return hexOf(JSON.parse(source));
    } catch (error) {
      throw usage(messageOf(error));
    }
  }
  const name = source === '-' ? 'standard input' : source;
  const text = await readText(chunksOf(source, io), name);
  return documents(text, name).flatMap(({ json, where }) => {
    try {
      return hexOf(json);
    } catch (error) {
      throw new CommandError(Status.DATA, `${where}: ${messageOf(error)}`);
    }
  });
}

/** The JSON values of a text: one, or one a line. */
function documents(text: string, name: string): { json: unknown; where: string }[] {
  try {
    return [{ json: JSON.parse(text), where: name }];
  } catch {
    const lines = text.split('\n').map((line, i) => ({ line, where: `${name}, line ${i + 1}` }));
    return lines
      .filter(({ line }) => line.trim() !== '')
      .map(({ line, where }) => {
        try {
          return { json: JSON.parse(line), where };
        } catch (error) {
          throw new CommandError(Status.DATA, `${where}: ${messageOf(error)}`);
        }
      });
  }
}

function hexOf(json: unknown): string[] {
  if (Array.isArray(json)) return json.flatMap(hexOf);
  if (typeof json !== 'object' || json === null)
    throw new TypeError(`an option must be a JSON object, got ${JSON.stringify(json)}`);
  const found = fromJson(json);
  return 'type' in found ? [toHex(encodeOption(found))] : found.options.map((option) => toHex(encodeOption(option)));
}

/** The message of what a value or a text did wrong; any other error is thrown again. */
function messageOf(error: unknown): string {
  if (error instanceof SyntaxError) return `not JSON: ${error.message}`;
  if (error instanceof RangeError || error instanceof TypeError) return error.message;
  throw error;
}
