/**
 * Random octet strings, 10 million by default: decoding never throws, and encoding gives back the octets.
 *
 * ```sh
 * npm run test:random            # or: npm run test:random -- COUNT SEED
 * ```
 */
import process from 'node:process';
import { toHex } from '../src/bytes.ts';
import { decodeOption, encodeOption } from '../src/mptcp/option.ts';
import { decodeOptionList, encodeOptionList, OPTION_SPACE } from '../src/tcp/options.ts';

const [count = '10000000', seed = String(Date.now() >>> 0)] = process.argv.slice(2);
let state = Number(seed) >>> 0 || 1;

/** A 32-bit random number: xorshift. */
function random(): number {
  state ^= state << 13;
  state ^= state >>> 17;
  state ^= state << 5;
  return state >>> 0;
}

const buffer = new Uint8Array(65_536);
const words = new Uint32Array(buffer.buffer);
const seen: Record<string, number> = {};
const started = performance.now();

for (let run = 0; run < Number(count); run++) {
  const choice = random();
  // Mostly about as long as an option; one in 65536 as long as a segment.
  const length = (choice & 0xffff) === 0 ? random() % 65_537 : (choice >>> 16) % (OPTION_SPACE + 5);
  for (let i = 0; i < length / 4; i++) words[i] = random();
  if ((choice & 0x70) !== 0) buffer[0] = 30;
  if ((choice & 0x300) !== 0) buffer[1] = length;
  const bytes = buffer.subarray(0, length);
  const option = decodeOption(buffer, 0, length);
  const label = option.type === 'MALFORMED' ? `MALFORMED ${option.reason}` : option.type;
  seen[label] = (seen[label] ?? 0) + 1;
  const encoded = encodeOption(option);
  if (!same(encoded, bytes, encoded.length)) fail('option', bytes);
  if (option.type !== 'MALFORMED' && encoded.length !== bytes[1]) fail('length', bytes);
  if (length <= OPTION_SPACE && !same(encodeOptionList(decodeOptionList(bytes)), bytes, length)) fail('list', bytes);
}

const seconds = ((performance.now() - started) / 1000).toFixed(1);
const kinds = Object.entries(seen)
  .sort()
  .map(([name, n]) => `${name} ${n}`);
console.log(`${count} random octet strings in ${seconds} s (seed ${seed}): ${kinds.join(', ')}`);
if (Number(count) >= 100_000 && kinds.length !== 16) fail('not every type was seen', new Uint8Array(0));

function same(a: Uint8Array, b: Uint8Array, length: number): boolean {
  for (let i = 0; i < length; i++) if (a[i] !== b[i]) return false;
  return true;
}

function fail(what: string, bytes: Uint8Array): never {
  console.error(`${what}: ${toHex(bytes)} (seed ${seed})`);
  process.exit(1);
}
