/** All pages: those written in Markdown, and those made by a program. */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { apiPages } from './api.ts';
import { capturePage } from './capture-page.ts';
import { FILLERS } from './fillers.ts';
import { homePage } from './home.ts';
import { illustratedPage } from './illustrated.ts';
import { renderMarkdown } from './markdown.ts';
import { NAVIGATION } from './navigation.ts';
import type { Page } from './page.ts';
import { playgroundPage } from './playground.ts';

const DOCS = resolve(dirname(fileURLToPath(import.meta.url)), '..');

/** Every page of the navigation, in its order. */
export async function allPages(): Promise<Page[]> {
  const pages: Page[] = [homePage(), illustratedPage(), playgroundPage(), capturePage()];
  for (const { path } of NAVIGATION.flatMap((section) => section.pages)) {
    const source = path.replace(/\.html$/, '.md');
    if (existsSync(join(DOCS, source))) pages.push(await writtenPage(path, source));
  }
  if (!process.argv.includes('--no-api')) pages.push(...(await apiPages()));
  return pages;
}

/** A page written in Markdown. */
async function writtenPage(path: string, source: string): Promise<Page> {
  const text = await readFile(join(DOCS, source), 'utf8');
  try {
    const { title, headings, body } = await renderMarkdown(text, FILLERS, isThereFrom(path));
    return { path, title, description: firstSentence(text), headings, body };
  } catch (error) {
    throw new Error(`docs/${source}: ${(error as Error).message}`, { cause: error });
  }
}

/** Pages of evidence stand in the repository, too, and link to files that only it has; other pages link within the site. */
function isThereFrom(path: string): (href: string) => boolean {
  if (path.includes('/')) return () => true;
  const there = new Set(NAVIGATION.flatMap(({ pages }) => pages.map((page) => page.path)));
  return (href) => there.has(href.split('#')[0]!);
}

/** What stands first under the title, for search engines and previews. */
function firstSentence(text: string): string {
  const paragraph = text.split(/\n\s*\n/).find((part) => !/^[#`<|]/.test(part.trim())) ?? '';
  return paragraph
    .replace(/[`*_[\]]|\([^)]*\)/g, '')
    .replace(/\s+/g, ' ')
    .trim()
    .slice(0, 200);
}
