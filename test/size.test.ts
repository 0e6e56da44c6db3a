import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { expect, test } from 'vitest';

/** The codec's entry as a bundler makes it, hashes left out. */
async function bundle(): Promise<Uint8Array> {
  const { outputFiles } = await build({
    entryPoints: ['src/index.ts'],
    bundle: true,
    minify: true,
    format: 'esm',
    target: 'es2022',
    external: ['@noble/hashes'],
    write: false,
    logLevel: 'silent',
  });
  return outputFiles[0]!.contents;
}

test('the codec entry, bundled and minified, takes at most 6 kB gzip', async () => {
  const code = await bundle();
  const size = gzipSync(code, { level: 9 }).length;
  console.info(`codec entry: ${code.length} octets minified, ${size} gzip`);
  expect(size).toBeLessThanOrEqual(6000);
  expect(size).toBeGreaterThan(2000);
});

test('labels and prose stay out of it', async () => {
  const text = new TextDecoder().decode(await bundle());
  for (const word of ['tcp.options.mptcp', 'Truncated HMAC', '8684 §']) expect(text).not.toContain(word);
  expect(text).not.toContain('node:');
});
