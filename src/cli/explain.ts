/**
 * `explain`: every field of given octets, in words.
 *
 * @module
 */
import { toHex } from '../bytes.ts';
import { detect, type Layer } from '../explain/detect.ts';
import { explain } from '../explain/explain.ts';
import type { Explanation } from '../explain/explanation.ts';
import type { Json } from '../text/json.ts';
import { FLAGS, oneOf, parse, VALUES, wantsColor } from './args.ts';
import { CommandError, Status } from './exit.ts';
import { openInput } from './input.ts';
import type { Io } from './io.ts';

const HELP = `Usage: mptcp-codec explain HEX|FILE|- [options]

Prints every field of the octets: offset, bits, name, value and what it means, RFC section.
HEX is bare, or a dump of xxd, hexdump -C, tcpdump -xx, text2pcap.

  -r FILE        hex in a file; - is standard input
  -o FORMAT      text (default), json (a list of fields; a list of lists for several packets),
                 ndjson (a list a line)
  --as LAYER     the octets begin with: option, options (a TCP option list), tcp, ip, frame
  --no-keys      leave keys out, and what may hold one
  --color WHEN   auto (default), always, never
  -v             Wireshark's names beside ours, and what was assumed on standard error
`;

const LAYERS = ['option', 'options', 'tcp', 'ip', 'frame'] as const satisfies readonly Layer[];

/** Run the command; its exit status. */
export async function run(args: readonly string[], io: Io): Promise<number> {
  const { values, positionals } = parse(args, {
    help: FLAGS.help,
    hex: FLAGS.hex,
    verbose: FLAGS.verbose,
    quiet: FLAGS.quiet,
    'no-keys': FLAGS['no-keys'],
    read: VALUES.read,
    output: VALUES.output,
    as: VALUES.as,
    color: VALUES.color,
  });
  if (values.help) {
    io.stdout.write(HELP);
    return Status.OK;
  }
  const format = oneOf('-o', values.output, ['text', 'ndjson', 'json']);
  const as = values.as === undefined ? undefined : oneOf('--as', values.as, LAYERS);
  const color = wantsColor(values.color, io);
  const input = await openInput(positionals, values, io);
  if (input.kind === 'capture') {
    await input.close();
    throw new CommandError(Status.DATA, `${input.name}: not hex; decode reads captures`);
  }
  const explained = input.dump.packets.map((bytes, i) => {
    const layer = as ?? detect(bytes);
    if (values.verbose) io.stderr.write(`packet ${i + 1}: ${bytes.length} octets, taken as ${layer}\n`);
    const fields = explain(bytes, layer);
    return { bytes, fields: values['no-keys'] ? fields.map(withoutKey) : fields };
  });
  if (format === 'text') {
    const parts = explained.map(({ bytes, fields }) => text(bytes, fields, values.verbose === true, color));
    io.stdout.write(parts.join('\n'));
  } else {
    const lists = explained.map(({ fields }) => fields.map(toJson));
    if (format === 'ndjson') for (const list of lists) io.stdout.write(`${JSON.stringify(list)}\n`);
    else io.stdout.write(`${JSON.stringify(lists.length === 1 ? lists[0] : lists, null, 2)}\n`);
  }
  return Status.OK;
}

/** Fields that are keys, or octets that may be. */
const SECRET: readonly string[] = ['senderKey', 'receiverKey', 'malformed', 'trailer'];

const HIDDEN = '(hidden)';

function withoutKey(field: Explanation): Explanation {
  const secret = SECRET.includes(field.name) || (field.of.startsWith('MP_CAPABLE') && field.name === 'data');
  return secret ? { ...field, value: new Uint8Array(0), text: HIDDEN } : field;
}

function toJson({ of, name, label, offset, bit, bits, value, text, wireshark, rfc }: Explanation): Json {
  return {
    of,
    name,
    label,
    offset,
    bit,
    bits,
    value: value instanceof Uint8Array ? toHex(value) : typeof value === 'bigint' ? `${value}` : value,
    text,
    ...(wireshark !== undefined && { wireshark }),
    ...(rfc !== undefined && { rfc }),
  };
}

const BOLD = '\x1b[1m';
const PLAIN = '\x1b[0m';

/** A table of fields under a head line for each header or option. */
function text(bytes: Uint8Array, fields: readonly Explanation[], verbose: boolean, color: boolean): string {
  const rows = fields.map((field) => {
    const names = verbose ? [field.name, field.wireshark ?? ''] : [field.name];
    return { field, cells: [place(field), octetsOf(bytes, field), field.label, ...names] };
  });
  const widths = (rows[0]?.cells ?? []).map((_, i) => Math.max(...rows.map(({ cells }) => cells[i]!.length)));
  let lines = '';
  let head = '';
  for (const { field, cells } of rows) {
    const title = `${field.of}${field.rfc === undefined ? '' : `, RFC ${field.rfc}`}`;
    if (title !== head || field.name === 'kind') {
      lines += color ? `${BOLD}${title}${PLAIN}\n` : `${title}\n`;
      head = title;
    }
    lines += `  ${cells.map((cell, i) => cell.padEnd(widths[i]!)).join('  ')}  ${field.text}\n`;
  }
  return lines;
}

/** Octet, and where the field is less than whole octets, first and last bit in it. */
function place({ offset, bit, bits }: Explanation): string {
  if (bit === 0 && bits % 8 === 0) return bits === 8 ? `${offset}` : `${offset}-${offset + bits / 8 - 1}`;
  return bits === 1 ? `${offset}.${bit}` : `${offset}.${bit}-${bit + bits - 1}`;
}

/** Octets of a long field that are shown. */
const SHOWN = 8;

/** The octets of a field in hex; its bits among dots, where it shares octets with others. */
function octetsOf(bytes: Uint8Array, { offset, bit, bits, text }: Explanation): string {
  const octets = bytes.subarray(offset, offset + Math.ceil((bit + bits) / 8));
  if (bit !== 0 || bits % 8 !== 0) {
    const pattern = [...octets].map((octet) => octet.toString(2).padStart(8, '0')).join('');
    return [...pattern].map((digit, i) => (i >= bit && i < bit + bits ? digit : '.')).join('');
  }
  if (text === HIDDEN) return '';
  return octets.length > SHOWN ? `${toHex(octets.subarray(0, SHOWN))}...` : toHex(octets);
}
