/** The examples of the field guide and of the API reference run, and every public name has one. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { libraryEntries, runExample } from '../docs/site/run.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** Markdown of the guide, and the code of its `run` fences. */
const pages = ['api', 'guide', 'options']
  .flatMap((folder) => readdirSync(join(ROOT, 'docs', folder)).map((name) => `docs/${folder}/${name}`))
  .filter((path) => path.endsWith('.md'))
  .map((path) => {
    const text = readFileSync(join(ROOT, path), 'utf8');
    return { path, examples: [...text.matchAll(/^```run\n([\s\S]*?)^```$/gm)].map(([, code]) => code!) };
  })
  .filter(({ examples }) => examples.length > 0);

describe('examples', () => {
  const home = process.cwd();
  beforeAll(() => process.chdir(ROOT));
  afterAll(() => process.chdir(home));

  test.each(pages)('$path', async ({ path, examples }) => {
    for (const [i, code] of examples.entries()) await runExample(code, `${path} ${i + 1}`);
  });

  test('a value that is not what its comment says is an error', async () => {
    await expect(runExample('const sum = 1 + 1; // => 3', 'wrong')).rejects.toThrow('wrong: expected 3, got 2');
    await expect(runExample("'a'.toUpperCase(); // => A\nconsole.log([1n]);", 'right')).resolves.toBe('[ 1n ]');
  });

  test.each(Object.entries(libraryEntries()))('every value that %s exports has one', async (entry, path) => {
    const exported = Object.keys((await import(join(ROOT, path))) as object);
    const text = readFileSync(join(ROOT, 'docs/api', `${entry}.md`), 'utf8');
    const shown = [...text.matchAll(/^## (.+)$/gm)].flatMap(([, names]) =>
      names!.split(',').map((name) => name.trim()),
    );
    expect(exported.filter((name) => !shown.includes(name))).toEqual([]);
  });
});
