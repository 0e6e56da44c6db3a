/** The site in Chromium: a server on this machine, a browser, and what a page did wrong. */
import { existsSync, readdirSync } from 'node:fs';
import type { Server } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { serveFolder } from '../../docs/site/serve.ts';

export const ROOT: string = fileURLToPath(new URL('../..', import.meta.url));
export const DIST: string = join(ROOT, 'docs/dist');
export const SHOTS: string = join(ROOT, 'test/browser/shots');

const CHROMIUM = '/usr/bin/chromium';
const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

const require = createRequire(import.meta.url);

/** Why the tests cannot run here, if they cannot. */
export function missing(): string | undefined {
  const reasons = [
    existsSync(CHROMIUM) ? undefined : `Debian's chromium at ${CHROMIUM}`,
    installed('playwright-core') && installed('axe-core') ? undefined : 'npm ci in test/browser',
    existsSync(DIST) ? undefined : 'npm run docs',
  ].filter((reason) => reason !== undefined);
  if (reasons.length === 0) return undefined;
  const message = `needs ${reasons.join(', ')}`;
  if (process.env['MPTCP_CODEC_REQUIRE_TOOLS'] === '1') throw new Error(`browser tests: ${message}`);
  return message;
}

function installed(name: string): boolean {
  try {
    require.resolve(name);
    return true;
  } catch {
    return false;
  }
}

/** Every page of the site, from its root. */
export function allPages(): string[] {
  return readdirSync(DIST, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.html'))
    .sort();
}

/** What axe finds wrong with a page, and calls serious or critical. It is evaluated there: policies forbid to load it. */
export async function problemsOf(page: Page): Promise<string[]> {
  const { default: axe } = (await import('axe-core')) as unknown as { default: { source: string } };
  await page.evaluate(axe.source);
  return page.evaluate(async () => {
    const { axe } = globalThis as unknown as { axe: { run(context: unknown, options: unknown): Promise<AxeResult> } };
    const { violations } = await axe.run(document, { resultTypes: ['violations'] });
    return violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .map(
        ({ id, nodes }) =>
          `${id}: ${nodes
            .slice(0, 3)
            .map(({ target, failureSummary }) => `${target} ${failureSummary}`)
            .join(' | ')}`,
      );
  });
}

interface AxeResult {
  readonly violations: readonly {
    readonly id: string;
    readonly impact: string;
    readonly nodes: readonly { readonly target: unknown; readonly failureSummary: string }[];
  }[];
}

/** Pixels that a page is wider than its window. */
export async function tooWide(page: Page): Promise<number> {
  return page.evaluate(() => Math.max(0, document.documentElement.scrollWidth - innerWidth));
}

/** A page, and everything that it complained of or asked others for. */
export interface Watched {
  readonly page: Page;
  readonly complaints: string[];
  /** Octets of all answers. */
  transferred(): Promise<number>;
}

/** The site behind a server, deep in its paths, and a browser. */
export class Site {
  readonly browser: Browser;
  readonly #server: Server;
  readonly #base: string;

  constructor(browser: Browser, server: Server) {
    this.browser = browser;
    this.#server = server;
    this.#base = `http://127.0.0.1:${(server.address() as AddressInfo).port}/some/deep/path/`;
  }

  static async open(): Promise<Site> {
    const { chromium } = await import('playwright-core');
    const server = await serveFolder(DIST, 0, '/some/deep/path/');
    return new Site(await chromium.launch({ executablePath: CHROMIUM, args: FLAGS }), server);
  }

  async close(): Promise<void> {
    await this.browser.close();
    this.#server.close();
  }

  /** Open a page of the site. */
  async visit(path: string, options: BrowserContextOptions = {}): Promise<Watched> {
    const context = await this.browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
    const page = await context.newPage();
    const complaints: string[] = [];
    const sizes: Promise<number>[] = [];
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(String(error)));
    page.on('request', (request) => {
      if (!request.url().startsWith(this.#base) && !/^(blob|data):/.test(request.url())) {
        complaints.push(`asks for ${request.url()}`);
      }
    });
    page.on('response', (response) => {
      if (response.status() >= 400) complaints.push(`${response.status()} for ${response.url()}`);
      sizes.push(
        response.body().then(
          ({ length }) => length,
          () => 0,
        ),
      );
    });
    await page.goto(this.#base + path, { waitUntil: 'load' });
    const transferred = async () => (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
    return { page, complaints, transferred };
  }
}
