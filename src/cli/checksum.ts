/**
 * `checksum`: the checksum of a mapping.
 *
 * @module
 */
import { putU16, putU32, putU64 } from '../bytes.ts';
import { dssChecksum } from '../mptcp/checksum.ts';
import { parseDump } from '../text/dump.ts';
import { parse } from './args.ts';
import { answer, integerOf, mannerOf, OPTIONS, say, showParts } from './derivation.ts';
import { CommandError, Status, usage } from './exit.ts';
import { readText } from './input.ts';
import type { Io } from './io.ts';

const HELP = `Usage: mptcp-codec checksum --dsn N --ssn N --length N [--payload HEX|-] [options]

Prints the checksum of a mapping, as DSS and MP_CAPABLE with data carry it. Numbers are decimal, or
hex with 0x: the data sequence number has all 64 bits, the subflow sequence number is relative.
The payload has as many octets as the length says, or one less where that counts a DATA_FIN.

  --payload -   hex from standard input
  -o FORMAT     text (default), json, ndjson
  -v            each octet that went in, on standard error
`;

/** Run the command; its exit status. */
export async function run(args: readonly string[], io: Io): Promise<number> {
  const { values, positionals } = parse(args, {
    ...OPTIONS,
    dsn: { type: 'string' },
    ssn: { type: 'string' },
    length: { type: 'string' },
    payload: { type: 'string' },
  });
  if (values.help) {
    io.stdout.write(HELP);
    return Status.OK;
  }
  if (positionals[0] !== undefined) throw usage(`${positionals[0]}: every value has an option before it`);
  const manner = mannerOf(values);
  const dataSequenceNumber = integerOf('--dsn', values.dsn, 2n ** 64n - 1n);
  const subflowSequenceNumber = Number(integerOf('--ssn', values.ssn, 2n ** 32n - 1n));
  const dataLevelLength = Number(integerOf('--length', values.length, 65535n));
  const payload = await payloadOf(values.payload ?? '', io);

  const dataFin = payload.length === dataLevelLength - 1;
  if (payload.length !== dataLevelLength && !dataFin) {
    const other = dataLevelLength === 0 ? '' : ` (${dataLevelLength - 1} and a DATA_FIN)`;
    throw usage(`--payload must be ${dataLevelLength} octets${other}, as --length says, got ${payload.length}`);
  }
  const mapping = { dataSequenceNumber, subflowSequenceNumber, dataLevelLength, dataFin };
  const header = new Uint8Array(16);
  putU64(header, 0, dataSequenceNumber, '--dsn');
  putU32(header, 8, subflowSequenceNumber, '--ssn');
  putU16(header, 12, dataLevelLength, '--length');
  showParts(
    'ones-complement sum',
    [
      { name: 'data sequence number', octets: header.subarray(0, 8) },
      { name: 'subflow sequence number', octets: header.subarray(8, 12) },
      {
        name: dataFin ? 'data-level length, a DATA_FIN counted' : 'data-level length',
        octets: header.subarray(12, 14),
      },
      { name: 'zeros', octets: header.subarray(14) },
      { name: 'payload', octets: payload },
    ],
    manner,
    io,
  );
  if (dataFin) say('one octet less than the length: it counts a DATA_FIN', manner, io);
  if (dataLevelLength === 0) say('length 0 is an infinite mapping: its checksum is 0', manner, io);
  const checksum = dssChecksum(mapping, payload);
  answer([['checksum', `0x${checksum.toString(16).padStart(4, '0')} (${checksum})`]], { checksum }, manner, io);
  return Status.OK;
}

async function payloadOf(source: string, io: Io): Promise<Uint8Array> {
  const text = source === '-' ? await readText(io.stdin, 'standard input') : source;
  if (text.trim() === '') return new Uint8Array(0);
  try {
    const { packets } = parseDump(text);
    return Uint8Array.from(packets.flatMap((packet) => [...packet]));
  } catch (error) {
    const { message } = error as RangeError;
    throw source === '-' ? new CommandError(Status.DATA, `standard input: ${message}`) : usage(`--payload: ${message}`);
  }
}
