/** Builds the site into docs/dist: every page is a file, every link is relative. */
import { cp, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { FIGURES, PALETTE } from '../../src/report/style.ts';
import { timelineSvg } from '../../src/report/timeline.ts';
import { orDraft } from './draft.ts';
import { document, type Page } from './page.ts';
import { allPages } from './pages.ts';
import { libraryAlias } from './run.ts';
import { connectionOf } from './traced.ts';

export const DOCS: string = dirname(dirname(fileURLToPath(import.meta.url)));
const DIST = join(DOCS, 'dist');
/** Written here first: a build that fails leaves the last good site. */
const OUT = join(DOCS, 'node_modules/.site');
const FONTS = ['sans-400', 'sans-600', 'mono-400', 'mono-600'];

// Examples read fixtures/ as a reader in the repository would.
process.chdir(dirname(DOCS));
await rm(OUT, { recursive: true, force: true });
await mkdir(join(OUT, 'assets'), { recursive: true });
const started = Date.now();
await Promise.all([writeStyles(), writeScripts(), copyFonts(), copyCaptures()]);
const pages = await allPages();
for (const page of pages) await writePage(page);
await writeFile(join(DOCS, 'timeline.svg'), pictureOfTimeline());
await writeFile(join(OUT, 'assets/index.json'), JSON.stringify(searchIndex(pages)));
await checkLinks(pages);
await rm(DIST, { recursive: true, force: true });
await rename(OUT, DIST);
console.log(`${pages.length} pages in ${join('docs', 'dist')}, ${Date.now() - started} ms`);

async function writePage(page: Page): Promise<void> {
  const path = join(OUT, page.path);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, document(page));
}

async function writeStyles(): Promise<void> {
  const names = (await readdir(join(DOCS, 'style'))).filter((name) => name.endsWith('.css')).sort();
  const sheets = await Promise.all(names.map((name) => readFile(join(DOCS, 'style', name), 'utf8')));
  await build({
    stdin: { contents: [PALETTE, ...sheets, FIGURES].join('\n'), loader: 'css', resolveDir: DOCS },
    outfile: join(OUT, 'assets/site.css'),
    bundle: true,
    minify: true,
    external: ['*.woff2'],
    logLevel: 'warning',
  });
}

async function writeScripts(): Promise<void> {
  const names = (await readdir(join(DOCS, 'client'))).filter((name) => /^[a-z-]+\.ts$/.test(name));
  const entries = ['theme', 'site', 'playground', 'capture', 'capture-worker'].filter((name) =>
    names.includes(`${name}.ts`),
  );
  await build({
    entryPoints: entries.map((name) => join(DOCS, 'client', `${name}.ts`)),
    outdir: join(OUT, 'assets'),
    bundle: true,
    minify: true,
    format: 'iife',
    target: 'es2022',
    plugins: [libraryAlias],
    logLevel: 'warning',
  });
}

async function copyFonts(): Promise<void> {
  for (const name of FONTS) {
    const [family, weight] = name.split('-');
    const from = `node_modules/@fontsource/ibm-plex-${family}`;
    await cp(
      join(DOCS, from, 'files', `ibm-plex-${family}-latin-${weight}-normal.woff2`),
      join(OUT, `assets/plex-${name}.woff2`),
    );
    await cp(join(DOCS, from, 'LICENSE'), join(OUT, `assets/plex-${family}.LICENSE.txt`));
  }
  await cp(join(DOCS, 'style/icon.svg'), join(OUT, 'assets/icon.svg'));
}

/** The picture in README.md: kept in the repository, so that it shows where no site is built. */
function pictureOfTimeline(): string {
  const { connection, segments } = connectionOf('illustrated');
  return `${timelineSvg(connection, segments, { alone: true }).text}\n`;
}

/** The captures themselves, to download and for the capture page's samples. */
async function copyCaptures(): Promise<void> {
  await cp(join(DOCS, '../fixtures/captures'), join(OUT, 'captures'), { recursive: true });
}

function searchIndex(all: readonly Page[]): unknown[] {
  return all.flatMap((page) => [
    { path: page.path, page: page.title, text: page.title },
    ...(page.headings ?? [])
      .filter(({ level }) => level > 1)
      .map(({ id, text }) => ({ path: `${page.path}#${id}`, page: page.title, text })),
  ]);
}

/** Every relative link leads to a page, a file or an anchor that is there. */
async function checkLinks(all: readonly Page[]): Promise<void> {
  const texts = new Map<string, string>();
  for (const page of all) texts.set(page.path, await readFile(join(OUT, page.path), 'utf8'));
  const files = new Set((await readdir(OUT, { recursive: true })).map((name) => name.replaceAll('\\', '/')));
  const broken: string[] = [];
  for (const [path, text] of texts) {
    for (const [, href = ''] of text.matchAll(/(?:href|src)="([^"]*)"/g)) {
      if (/^[a-z]+:/i.test(href)) continue;
      const [file = '', anchor] = href.split('#');
      const target = file === '' ? path : join(dirname(path), file);
      const there = texts.get(target);
      const isState = anchor?.includes('=') ?? false;
      if (there === undefined ? !files.has(target) : anchor && !isState && !there.includes(`id="${anchor}"`)) {
        broken.push(`${path}: ${href}`);
      }
    }
  }
  if (broken.length > 0) orDraft(new Error(`broken links:\n${[...new Set(broken)].join('\n')}`));
}
