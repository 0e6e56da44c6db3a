import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { cli } from './fake.ts';

const FOLDER = 'fixtures/captures/variants';
const FILES = readdirSync(FOLDER).filter((name) => /\.(pcap|pcapng)$/.test(name));

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'mptcp-codec-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** A capture with a few octets changed, cut somewhere. */
const damaged = fc
  .tuple(
    fc.constantFrom(...FILES),
    fc.array(fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.integer({ min: 0, max: 255 })), { maxLength: 8 }),
    fc.double({ min: 0, max: 1, noNaN: true }),
  )
  .map(([name, changes, end]) => {
    const bytes = Uint8Array.from(readFileSync(`${FOLDER}/${name}`));
    for (const [place, value] of changes) bytes[Math.floor(place * Math.min(bytes.length - 1, 2000))] = value;
    return bytes.subarray(0, Math.ceil(end * bytes.length));
  });

test('a damaged capture is decoded as far as it goes, in every format', async () => {
  await fc.assert(
    fc.asyncProperty(damaged, fc.constantFrom('text', 'ndjson', 'json', 'csv'), async (bytes, format) => {
      const { status, out, err } = await cli(['decode', '--all', '-o', format, '-'], { stdin: [bytes] });
      expect([0, 65]).toContain(status);
      if (status === 65)
        expect(err).toMatch(/^mptcp-codec decode: standard input: (damaged at octet \d+: |not a capture: )/m);
      if (format === 'json' && out !== '') expect(Array.isArray(JSON.parse(out))).toBe(true);
    }),
    { numRuns: 400 },
  );
});

test('any octets are a status and a message', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.uint8Array({ maxLength: 300 }),
      fc.constantFrom('decode', 'explain', 'encode'),
      async (bytes, name) => {
        const { status, err } = await cli([name, '-'], { stdin: [bytes] });
        expect([0, 65]).toContain(status);
        if (status !== 0) expect(err).toMatch(new RegExp(`^mptcp-codec ${name}: standard input`));
      },
    ),
    { numRuns: 500 },
  );
});

test('any text is a status and a message', async () => {
  const text = fc.string({
    unit: fc.constantFrom('0', '1', 'e', '03', '51', ' ', '  ', ':', '\n', '\n\n', '0x', '0000', '{', '"', '|'),
  });
  await fc.assert(
    fc.asyncProperty(text, fc.constantFrom('decode', 'explain', 'encode'), async (stdin, name) => {
      expect([0, 65]).toContain((await cli([name, '-'], { stdin: [stdin] })).status);
      expect([0, 2, 65, 66, 74]).toContain((await cli([name, '--', stdin.replaceAll('\0', '')])).status);
    }),
    { numRuns: 500 },
  );
});

test.each(['decode', 'trace', 'check', 'diff'])('%s says which link types it does not understand', async (command) => {
  const bytes = Uint8Array.from(readFileSync('fixtures/captures/01-basic.pcap'));
  bytes.set([0xe7, 0x03], 20);
  const path = join(folder, 'unknown.pcap');
  writeFileSync(path, bytes);
  const args = [command, ...(command === 'diff' ? [path] : []), path];
  const { err } = await cli(args);
  expect(err).toContain(`${path}: packets of link type 999 are passed over: it is not understood\n`);
  expect((await cli([...args, '-q'])).err).toBe('');
});
