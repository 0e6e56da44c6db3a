/**
 * The test vectors, their generator, the library and two programs that know nothing of it agree.
 */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { texts } from '../../fixtures/vectors/generate.ts';
import type { Vector, VectorFile } from '../../fixtures/vectors/generator/set.ts';
import { fromHex, toHex } from '../../src/bytes.ts';
import {
  addAddrHmac,
  ConnectionKeys,
  findToken,
  fullAddAddrHmac,
  fullJoinHmac,
  idsn,
  joinHmac,
  token,
  truncatedJoinHmac,
  verifyAddAddrHmac,
  verifyJoinHmac,
  verifyTruncatedJoinHmac,
} from '../../src/mptcp/auth.ts';
import {
  addAddr,
  addAddrEcho,
  joinAck,
  joinSyn,
  joinSynAck,
  verifyAddAddr,
  verifyAddAddrEcho,
  verifyJoinAck,
  verifyJoinSyn,
  verifyJoinSynAck,
} from '../../src/mptcp/build.ts';
import { DssChecksum, dssChecksum, verifyDssChecksum } from '../../src/mptcp/checksum.ts';
import { decodeOption, encodeOption } from '../../src/mptcp/option.ts';
import { relativeSequence, sequenceDistance, toUint64 } from '../../src/mptcp/sequence.ts';
import { alignOptions, decodeOptionList, encodeOptionList, fits, sizeOfOptionList } from '../../src/tcp/options.ts';
import { fromJson, toJson } from '../../src/text/json.ts';
import { has } from '../tools.ts';
import { conforms } from './schema.ts';

const DIRECTORY = new URL('../../fixtures/vectors/', import.meta.url);
const read = (name: string) => readFileSync(new URL(name, DIRECTORY), 'utf8');
const files = [...texts().keys()].map((name) => JSON.parse(read(name)) as VectorFile);
const groups = files.flatMap((file) => file.testGroups);

describe('files', () => {
  test.each([...texts()])('%s is what the generator writes', (name, text) => {
    expect(read(name)).toBe(text);
  });

  test.each(files.map((file) => [file.name, file] as const))('%s conforms to the schema', (_, file) => {
    expect(conforms(file, JSON.parse(read('schema.json')))).toEqual([]);
  });

  test('there is no other file, and every count is right', () => {
    const names = readdirSync(DIRECTORY).filter((name) => name.endsWith('.json') && name !== 'schema.json');
    expect(names.sort()).toEqual([...texts().keys()].sort());
    for (const file of files) {
      expect(file.numberOfTests).toBe(file.testGroups.reduce((sum, { tests }) => sum + tests.length, 0));
    }
  });

  test('at least 500 vectors, each with an id of its own, every flag explained and used', () => {
    const tests = groups.flatMap((group) => group.tests);
    expect(tests.length).toBeGreaterThanOrEqual(500);
    expect(new Set(tests.map(({ id }) => id)).size).toBe(tests.length);
    for (const file of files) {
      const used = new Set(file.testGroups.flatMap((group) => group.tests.flatMap((vector) => vector.flags)));
      expect([...used].sort()).toEqual(Object.keys(file.notes));
    }
  });
});

test('docs/vectors.md counts them, and names every type and only flags that exist', () => {
  const text = readFileSync(new URL('../../docs/vectors.md', import.meta.url), 'utf8');
  expect(text).toContain(`${files.reduce((sum, { numberOfTests }) => sum + numberOfTests, 0)} of them`);
  for (const { name, numberOfTests } of files) {
    expect(text).toMatch(new RegExp(`^\\| \`${name}\\.json\` \\| .* \\| ${numberOfTests} \\|$`, 'm'));
  }
  const types = [...text.matchAll(/^\| `([A-Z]\w+)` \|/gm)].map(([, type]) => type);
  expect(types.sort()).toEqual([...new Set(groups.map(({ type }) => type))].sort());
  const flags = files.flatMap(({ notes }) => Object.keys(notes));
  for (const [, cell = ''] of text.matchAll(/\| (`[A-Z]\w+`(?:, `[A-Z]\w+`)*) \|$/gm)) {
    for (const [, flag] of cell.matchAll(/`(\w+)`/g)) expect(flags).toContain(flag);
  }
});

describe('two programs outside this package', () => {
  const directory = fileURLToPath(DIRECTORY);
  const total = files.reduce((sum, file) => sum + file.numberOfTests, 0);
  const oracle = (name: string) => fileURLToPath(new URL(name, import.meta.url));

  test.skipIf(!has('python3'))('hashlib and hmac agree with every vector (needs python3)', () => {
    const output = execFileSync('python3', [oracle('vectors.py'), directory], { encoding: 'utf8' });
    expect(output.trimEnd().split('\n').at(-1)).toBe(`${total} vectors, 0 wrong`);
  });

  test.skipIf(!has('go'))('crypto/hmac agrees with every vector (needs go)', () => {
    const output = execFileSync('go', ['run', oracle('vectors.go'), directory], { encoding: 'utf8' });
    expect(output.trimEnd().split('\n').at(-1)).toBe(`${total} vectors, 0 wrong`);
  });
});

// biome-ignore lint/suspicious/noExplicitAny: the schema has been checked above
type Input = any;
const CHECKS: Record<string, (vector: Vector, input: Input, expected: Input, claim: Input) => void> = {
  KeyDerivation({ result }, input, expected, claim) {
    const key = fromHex(input.key);
    if (expected.error) {
      expect(() => token(key, input.version)).toThrow(/^key must be 8 octets/);
      expect(() => idsn(key, input.version)).toThrow(/^key must be 8 octets/);
      return;
    }
    const initial = idsn(key, input.version);
    const found: Input = {
      token: toHex32(token(key, input.version)),
      idsn: String(initial),
      firstDataSequenceNumber: String(toUint64(initial + 1n, 0n)),
    };
    expect({ digest: expected.digest, ...found }).toEqual(expected);
    expect(findToken(Number.parseInt(expected.token, 16), [key], input.version)).toEqual([0]);
    const holds = Object.entries(claim).every(([name, value]) => found[name] === value);
    expect(holds).toBe(result === 'valid');
  },

  JoinHmac({ result }, input, expected, claim) {
    const { version, form } = input;
    const senderKey = fromHex(input.senderKey);
    const receiverKey = fromHex(input.receiverKey);
    const senderNonce = Number.parseInt(input.senderNonce, 16);
    const receiverNonce = Number.parseInt(input.receiverNonce, 16);
    const inputs = { version, senderKey, receiverKey, senderNonce, receiverNonce };
    if (expected.error) {
      expect(() => joinHmac(inputs)).toThrow(new RegExp(`^${expected.error} must be`));
      expect(() => truncatedJoinHmac(inputs)).toThrow(RangeError);
      return;
    }
    const sender = new ConnectionKeys(senderKey, receiverKey, version);
    const receiver = new ConnectionKeys(receiverKey, senderKey, version);
    expect(toHex(fullJoinHmac(inputs))).toBe(expected.full);
    if (form === 'ack') {
      const claimed = fromHex(claim.hmac);
      expect(toHex(joinHmac(inputs))).toBe(expected.hmac);
      expect(toHex(sender.joinHmac(senderNonce, receiverNonce))).toBe(expected.hmac);
      expect(verifyJoinHmac(inputs, claimed)).toBe(result === 'valid');
      expect(receiver.verifyJoinHmac(receiverNonce, senderNonce, claimed)).toBe(result === 'valid');
    } else {
      const claimed = fromHex(claim.truncatedHmac);
      expect(toHex(truncatedJoinHmac(inputs))).toBe(expected.truncatedHmac);
      expect(toHex(sender.truncatedJoinHmac(senderNonce, receiverNonce))).toBe(expected.truncatedHmac);
      expect(verifyTruncatedJoinHmac(inputs, claimed)).toBe(result === 'valid');
      expect(receiver.verifyTruncatedJoinHmac(receiverNonce, senderNonce, claimed)).toBe(result === 'valid');
    }
  },

  JoinHandshake(_, input, expected) {
    const { version } = input;
    const [keyA, keyB] = [fromHex(input.keyA), fromHex(input.keyB)];
    const [nonceA, nonceB] = [Number.parseInt(input.nonceA, 16), Number.parseInt(input.nonceB, 16)];
    const a = { senderKey: keyA, receiverKey: keyB, senderNonce: nonceA, receiverNonce: nonceB, version };
    const b = { senderKey: keyB, receiverKey: keyA, senderNonce: nonceB, receiverNonce: nonceA, version };
    const syn = joinSyn({ ...a, addressId: input.addressIdA, backup: input.backupA });
    const synAck = joinSynAck({ ...b, addressId: input.addressIdB, backup: input.backupB });
    const ack = joinAck(a);
    const hex = [syn, synAck, ack].map((option) => toHex(encodeOption(option)));
    expect(hex).toEqual([expected.syn, expected.synAck, expected.ack]);
    expect(verifyJoinSyn(syn, a)).toBe(true);
    expect(verifyJoinSynAck(synAck, b)).toBe(true);
    expect(verifyJoinAck(ack, a)).toBe(true);
    expect(verifyJoinAck(ack, b)).toBe(keyA === keyB);
  },

  AddAddrHmac({ result }, input, expected, claim) {
    const { addressId, port } = input;
    const senderKey = fromHex(input.senderKey);
    const receiverKey = fromHex(input.receiverKey);
    const address = fromHex(input.address);
    const inputs = { senderKey, receiverKey, addressId, address, port };
    if (expected.error) {
      expect(() => addAddrHmac(inputs)).toThrow(new RegExp(`^${expected.error} must be`));
      return;
    }
    const claimed = fromHex(claim.truncatedHmac);
    const holds = result !== 'invalid';
    const receiver = new ConnectionKeys(receiverKey, senderKey);
    expect(toHex(fullAddAddrHmac(inputs))).toBe(expected.full);
    expect(toHex(addAddrHmac(inputs))).toBe(expected.truncatedHmac);
    expect(toHex(receiver.reversed().addAddrHmac(addressId, address, port))).toBe(expected.truncatedHmac);
    expect(verifyAddAddrHmac(inputs, claimed)).toBe(holds);
    expect(receiver.verifyAddAddrHmac(addressId, address, port, claimed)).toBe(holds);
    if (port === 0) {
      expect(() => addAddr(inputs)).toThrow(/^port must be 1 to 65535/);
      return;
    }
    const option = addAddr(inputs);
    const echo = addAddrEcho(option);
    expect(toHex(encodeOption(option))).toBe(expected.option);
    expect(toHex(encodeOption(echo))).toBe(expected.echo);
    expect(verifyAddAddr(option, inputs)).toBe(true);
    expect(verifyAddAddr({ ...option, truncatedHmac: claimed }, inputs)).toBe(holds);
    expect(verifyAddAddrEcho(echo, option)).toBe(true);
  },

  DssChecksum({ result }, input, expected, claim) {
    const { dataLevelLength, dataFin, times = 1, offset = 0, subflowSequenceNumber } = input;
    const dataSequenceNumber = BigInt(input.dataSequenceNumber);
    const mapping = { dataSequenceNumber, subflowSequenceNumber, dataLevelLength, dataFin };
    let before = offset;
    let left = Math.max(0, dataLevelLength - Number(dataFin));
    const pieces: Uint8Array[] = [];
    for (const hex of times === 1 ? input.payload : [input.payload.join('').repeat(times)]) {
      const piece = fromHex(hex).subarray(before).subarray(0, left);
      before = Math.max(0, before - hex.length / 2);
      left -= piece.length;
      pieces.push(piece);
    }
    if (expected.error) {
      expect(() => dssChecksum(mapping, ...pieces)).toThrow(/^payload must be/);
      return;
    }
    expect(dssChecksum(mapping, ...pieces)).toBe(expected.checksum);
    expect(dssChecksum({ ...mapping, dataFin: undefined }, ...pieces)).toBe(expected.checksum);
    expect(verifyDssChecksum({ ...mapping, checksum: claim.checksum }, ...pieces)).toBe(result !== 'invalid');
    const running = new DssChecksum(mapping);
    for (const piece of pieces) for (let at = 0; at < piece.length; at += 7) running.add(piece.subarray(at, at + 7));
    expect(running.missing).toBe(0);
    expect(running.checksum()).toBe(expected.checksum);
  },

  Expansion({ result }, input, expected, claim) {
    const value = String(toUint64(input.wire, BigInt(input.reference)));
    expect(value).toBe(expected.value);
    if (claim.value !== undefined) expect(claim.value === value).toBe(result === 'valid');
  },

  Distance(_, input, expected) {
    expect(String(sequenceDistance(BigInt(input.a), BigInt(input.b)))).toBe(expected.distance);
  },

  Relative(_, input, expected) {
    expect(String(relativeSequence(BigInt(input.value), BigInt(input.initial)))).toBe(expected.relative);
  },

  Option({ result }, input, expected) {
    const bytes = fromHex(input.hex);
    const decoded = decodeOption(bytes);
    if (result === 'invalid') {
      expect(decoded).toMatchObject({ type: 'MALFORMED', ...expected });
      return;
    }
    expect(jsonOf(decoded)).toEqual(expected.option);
    expect(toHex(encodeOption(decoded))).toBe(input.hex);
    expect(fromJson(expected.option)).toEqual(decoded);
  },

  OptionArea(_, input, expected) {
    const bytes = fromHex(input.hex);
    const items = decodeOptionList(bytes);
    const found = items.map((item) => ('type' in item ? jsonOf(item) : { kind: item[0], hex: toHex(item) }));
    expect(found).toEqual(expected.items);
    expect(toHex(encodeOptionList(items)).slice(0, input.hex.length)).toBe(input.hex);
  },

  OptionSpace(_, input, expected) {
    // SACK permitted and timestamps fill 12 octets together, as the vectors have it.
    const items = input.items.flatMap((hex: string) => decodeOptionList(fromHex(hex)));
    expect(sizeOfOptionList(alignOptions(items))).toBe(expected.octets);
    expect(fits(items)).toBe(expected.fits);
  },
};

describe.each(files.map((file) => [file.name, file] as const))('%s', (_, file) => {
  describe.each(file.testGroups.map((group) => [group.name, group] as const))('%s', (_, group) => {
    test.each(group.tests.map((vector) => [vector.id, vector] as const))('%s', (_, vector) => {
      CHECKS[group.type]!(vector, vector.input, vector.expected, vector.claim ?? {});
    });
  });
});

function toHex32(value: number): string {
  return value.toString(16).padStart(8, '0');
}

function jsonOf(option: Parameters<typeof toJson>[0]): unknown {
  const { reasonText: _, ...json } = toJson(option);
  return json;
}
