/**
 * The derivations beside node:crypto, noble and a plain C loop: `npx tsx test/bench/derivations.bench.ts`.
 *
 * Every round measures every candidate once, in processor time, so that a busy machine slows all of
 * them alike; the figures are medians over the rounds, the ratios those of the medians.
 *
 * @module
 */
import { execFileSync } from 'node:child_process';
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { ConnectionKeys, joinHmac, token, verifyJoinHmac } from '../../src/mptcp/auth.ts';
import { DssChecksum, dssChecksum } from '../../src/mptcp/checksum.ts';
import { onesComplementSum } from '../../src/tcp/checksum.ts';
import { has } from '../tools.ts';

/** One thing measured, and what it is held against. */
export interface Row {
  readonly name: string;
  /** Median of the rounds, nanoseconds of processor time. */
  readonly nanoseconds: number;
  /** Name of the row it is compared with. */
  readonly against?: string;
  /** How many times faster than that one. */
  readonly ratio?: number;
  /** The least ratio asked for. */
  readonly wanted?: number;
}

interface Candidate {
  readonly name: string;
  /** Nanoseconds of processor time of one call, measured over many. */
  readonly measure: () => number;
  readonly against?: string;
  readonly wanted?: number;
}

const ROUNDS = 15;
const SETS = 64;
const LENGTH = 1400;

/** Measure everything. */
function measure(): Row[] {
  const directory = mkdtempSync(join(tmpdir(), 'mptcp-codec-'));
  try {
    const candidates = [...hmacs(), ...tokens(), ...checksums(has('gcc') ? compiled(directory) : undefined)];
    const times = new Map<string, number[]>(candidates.map(({ name }) => [name, []]));
    for (const { measure } of candidates) measure();
    for (let round = 0; round < ROUNDS; round++) {
      for (const { name, measure } of candidates) times.get(name)!.push(measure());
    }
    const median = (name: string) => times.get(name)!.sort((a, b) => a - b)[ROUNDS >>> 1]!;
    return candidates.map(({ name, against, wanted }) => ({
      name,
      nanoseconds: median(name),
      ...(against !== undefined && times.has(against) ? { against, ratio: median(against) / median(name) } : {}),
      ...(wanted === undefined ? {} : { wanted }),
    }));
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/**
 * Nanoseconds of one of the `calls` that `loop` makes. Each candidate has a loop of its own, which
 * the engine compiles for it alone; it gives something that depends on its work.
 */
function timed(calls: number, loop: (calls: number) => number): () => number {
  return () => {
    const start = process.cpuUsage();
    const kept = loop(calls);
    const { user, system } = process.cpuUsage(start);
    if (Number.isNaN(kept)) throw new Error('not a number');
    return ((user + system) * 1000) / calls;
  };
}

function octets(seed: number, length: number): Uint8Array {
  let state = seed;
  return Uint8Array.from({ length }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state >>> 24;
  });
}

function hmacs(): Candidate[] {
  const joins = Array.from({ length: SETS }, (_, i) => {
    const [senderKey, receiverKey] = [octets(i, 8), octets(i + 1000, 8)];
    const input = { senderKey, receiverKey, senderNonce: i * 7919, receiverNonce: i * 104729 };
    const message = new Uint8Array(8);
    const key = new Uint8Array([...senderKey, ...receiverKey]);
    const keys = new ConnectionKeys(receiverKey, senderKey);
    return { input, key, message, keys, keyed: hmac.create(sha256, key), right: joinHmac(input) };
  });
  const put = (message: Uint8Array, { senderNonce, receiverNonce }: { senderNonce: number; receiverNonce: number }) => {
    const view = new DataView(message.buffer);
    view.setUint32(0, senderNonce);
    view.setUint32(4, receiverNonce);
    return message;
  };
  const node = 'join HMAC verified, createHmac';
  const calls = 20_000;
  return [
    {
      name: node,
      measure: timed(calls, (calls) => {
        let good = 0;
        for (let i = 0; i < calls; i++) {
          const { key, message, input, right } = joins[i % SETS]!;
          const full = createHmac('sha256', key).update(put(message, input)).digest();
          good += Number(timingSafeEqual(full.subarray(0, 20), right));
        }
        return good;
      }),
    },
    {
      name: 'join HMAC verified, ConnectionKeys',
      measure: timed(calls, (calls) => {
        let good = 0;
        for (let i = 0; i < calls; i++) {
          const { keys, input, right } = joins[i % SETS]!;
          good += Number(keys.verifyJoinHmac(input.receiverNonce, input.senderNonce, right));
        }
        return good;
      }),
      against: node,
      wanted: 1.5,
    },
    {
      name: 'join HMAC verified, verifyJoinHmac',
      measure: timed(calls, (calls) => {
        let good = 0;
        for (let i = 0; i < calls; i++) {
          const { input, right } = joins[i % SETS]!;
          good += Number(verifyJoinHmac(input, right));
        }
        return good;
      }),
      against: node,
    },
    {
      name: 'join HMAC verified, noble cloned',
      measure: timed(calls, (calls) => {
        let good = 0;
        for (let i = 0; i < calls; i++) {
          const { keyed, message, input, right } = joins[i % SETS]!;
          const full = keyed.clone().update(put(message, input)).digest();
          good += Number(timingSafeEqual(full.subarray(0, 20), right));
        }
        return good;
      }),
      against: node,
    },
  ];
}

function tokens(): Candidate[] {
  const keys = Array.from({ length: SETS }, (_, i) => octets(i + 5000, 8));
  const node = 'token, createHash';
  const calls = 20_000;
  return [
    {
      name: node,
      measure: timed(calls, (calls) => {
        let sum = 0;
        for (let i = 0; i < calls; i++)
          sum += createHash('sha256')
            .update(keys[i % SETS]!)
            .digest()
            .readUInt32BE(0);
        return sum;
      }),
    },
    {
      name: 'token, token()',
      measure: timed(calls, (calls) => {
        let sum = 0;
        for (let i = 0; i < calls; i++) sum += token(keys[i % SETS]!);
        return sum;
      }),
      against: node,
      wanted: 1,
    },
    {
      name: 'token, noble sha256',
      measure: timed(calls, (calls) => {
        let sum = 0;
        for (let i = 0; i < calls; i++) sum += sha256(keys[i % SETS]!)[0]!;
        return sum;
      }),
      against: node,
    },
  ];
}

function checksums(plain: ((offset: number) => number) | undefined): Candidate[] {
  const buffers = Array.from({ length: SETS }, (_, i) => octets(i + 9000, LENGTH + 64));
  const mapping = { dataSequenceNumber: 0x123456789abcdef0n, subflowSequenceNumber: 1, dataLevelLength: LENGTH };
  const calls = 50_000;
  return [0, 1, 3].flatMap((offset): Candidate[] => {
    const at = `${LENGTH} octets at offset ${offset}`;
    const c = `sum of ${at}, C loop -O2`;
    const pieces = buffers.map((buffer) => buffer.subarray(offset, offset + LENGTH));
    return [
      ...(plain === undefined ? [] : [{ name: c, measure: () => plain(offset) }]),
      {
        name: `sum of ${at}, onesComplementSum`,
        measure: timed(calls, (calls) => {
          let sum = 0;
          for (let i = 0; i < calls; i++) sum += onesComplementSum(buffers[i % SETS]!, offset, LENGTH);
          return sum;
        }),
        against: c,
        wanted: 1,
      },
      {
        name: `checksum of ${at}, dssChecksum`,
        measure: timed(calls, (calls) => {
          let sum = 0;
          for (let i = 0; i < calls; i++) sum += dssChecksum(mapping, pieces[i % SETS]!);
          return sum;
        }),
        against: c,
        wanted: 1,
      },
      {
        name: `checksum of ${at}, DssChecksum`,
        measure: timed(calls, (calls) => {
          let good = 0;
          for (let i = 0; i < calls; i++) {
            good += Number(new DssChecksum(mapping).add(buffers[i % SETS]!, offset, LENGTH).verify(i & 0xffff));
          }
          return good;
        }),
        against: c,
        wanted: 1,
      },
    ];
  });
}

/** The C loop, compiled: nanoseconds of a sum at an offset. */
function compiled(directory: string): (offset: number) => number {
  const program = join(directory, 'derivations');
  const source = fileURLToPath(new URL('derivations.c', import.meta.url));
  execFileSync('gcc', ['-O2', '-o', program, source]);
  return (offset) =>
    Number(execFileSync(program, [String(LENGTH), String(offset)], { encoding: 'utf8' }).split(' ')[0]);
}

const measured = measure();
if (process.argv.includes('--json')) process.stdout.write(JSON.stringify(measured));
else {
  for (const { name, nanoseconds, ratio, wanted } of measured) {
    const times = ratio === undefined ? '' : `${ratio.toFixed(2)} times as fast`;
    const verdict = wanted === undefined || ratio === undefined ? '' : ` (asked: ${wanted})`;
    process.stdout.write(`${name.padEnd(52)} ${nanoseconds.toFixed(0).padStart(6)} ns  ${times}${verdict}\n`);
  }
}
