/**
 * `token`: token and initial data sequence number of a key.
 *
 * @module
 */
import { sha1 } from '@noble/hashes/legacy.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { toHex } from '../bytes.ts';
import { idsn, token } from '../mptcp/auth.ts';
import { parse } from './args.ts';
import { answer, mannerOf, OPTIONS, octetsOf, say, showParts } from './derivation.ts';
import { Status, usage } from './exit.ts';
import type { Io } from './io.ts';

const HELP = `Usage: mptcp-codec token KEY [options]

Prints what follows from a key of 16 hex digits: the token, the initial data sequence number (IDSN)
and the number of the first octet of data.

  --v0        version 0 of MPTCP: SHA-1 instead of SHA-256
  -o FORMAT   text (default), json, ndjson
  --no-keys   leave the key out
  -v          each octet that went in, and the whole hash, on standard error
`;

/** Run the command; its exit status. */
export async function run(args: readonly string[], io: Io): Promise<number> {
  const { values, positionals } = parse(args, {
    ...OPTIONS,
    v0: { type: 'boolean' },
  });
  if (values.help) {
    io.stdout.write(HELP);
    return Status.OK;
  }
  const manner = mannerOf(values);
  if (positionals.length > 1) throw usage(`${positionals[1]}: one key at a time`);
  const key = octetsOf('KEY', positionals[0], 8);
  const version = values.v0 ? 0 : 1;
  const initial = idsn(key, version);
  const first = BigInt.asUintN(64, initial + 1n);
  const digits = token(key, version).toString(16).padStart(8, '0');

  const digest = version === 0 ? sha1(key) : sha256(key);
  showParts(version === 0 ? 'SHA-1' : 'SHA-256', [{ name: 'key', octets: key, secret: true }], manner, io);
  showParts(
    'hash',
    [
      { name: 'token', octets: digest.subarray(0, 4) },
      { name: 'not used', octets: digest.subarray(4, -8) },
      { name: 'IDSN', octets: digest.subarray(-8) },
    ],
    manner,
    io,
  );
  say(`first data sequence number: IDSN + 1`, manner, io);
  answer(
    [
      ['token', `0x${digits}`],
      ['IDSN', `${initial} (0x${initial.toString(16).padStart(16, '0')})`],
      ['first data sequence number', `${first} (0x${first.toString(16).padStart(16, '0')})`],
    ],
    {
      version,
      ...(manner.noKeys ? {} : { key: toHex(key) }),
      token: digits,
      idsn: String(initial),
      firstDataSequenceNumber: String(first),
    },
    manner,
    io,
  );
  return Status.OK;
}
