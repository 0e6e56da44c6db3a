/** Every page: nothing complains, nothing is fetched from elsewhere, the policy holds, axe finds nothing serious. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { POLICY } from '../../docs/site/page.ts';
import { allPages, missing, problemsOf, SHOTS, Site, tooWide } from './browser.ts';

const lacking = missing();
/** Pixels of a page that are enough to judge it by. */
const TALLEST = 4000;

describe.skipIf(lacking !== undefined)(`pages${lacking === undefined ? '' : ` (${lacking})`}`, () => {
  let site: Site;
  beforeAll(async () => {
    site = await Site.open();
    mkdirSync(SHOTS, { recursive: true });
  });
  afterAll(() => site.close());

  const pages = lacking === undefined ? allPages() : [];

  test.each(pages)('%s complains of nothing, fits a phone, and axe finds no serious problem', async (path) => {
    const { page, complaints } = await site.visit(path, { viewport: { width: 390, height: 844 } });
    await page.waitForTimeout(50);
    expect(await tooWide(page), 'pixels wider than the phone').toBe(0);
    expect(await problemsOf(page)).toEqual([]);
    expect(complaints).toEqual([]);
    expect(await page.locator('meta[http-equiv="Content-Security-Policy"]').getAttribute('content')).toBe(POLICY);
    expect(await page.locator('script:not([src]), style, [style], [onclick]').count(), 'inline').toBe(0);
    await page.context().close();
  });

  test('the policy is in force: no inline script, no eval, no other host', async () => {
    const { page, complaints } = await site.visit('index.html');
    const outcome = await page.evaluate(async () => {
      const script = document.createElement('script');
      script.textContent = 'globalThis.wasRun = true';
      document.head.append(script);
      const fetched = await fetch('https://example.org/').then(
        () => 'fetched',
        () => 'refused',
      );
      const image = await new Promise<string>((done) => {
        const picture = new Image();
        picture.onload = () => done('loaded');
        picture.onerror = () => done('refused');
        picture.src = 'https://example.org/pixel.png';
      });
      return { inline: 'wasRun' in globalThis, fetched, image };
    });
    expect(outcome).toEqual({ inline: false, fetched: 'refused', image: 'refused' });
    expect(complaints.filter((text) => text.includes('Content Security Policy')).length).toBeGreaterThanOrEqual(3);
    await page.context().close();
  });

  test('the first page is under 200 kB, uncompressed', async () => {
    const { page, transferred } = await site.visit('index.html');
    await page.waitForLoadState('networkidle');
    const octets = await transferred();
    console.log(`first page: ${octets} octets in all, not compressed`);
    expect(octets).toBeLessThan(200_000);
    await page.context().close();
  });

  test('by keyboard: skip link, finder, fields of an option', async () => {
    const { page } = await site.visit('options/mp-join.html');
    await page.keyboard.press('Tab');
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Skip to the text');
    await page.keyboard.press('/');
    await page.keyboard.type('infinite mapping');
    await page.waitForSelector('dialog.finder[open]');
    await page.keyboard.press('Escape');
    await page.keyboard.press('/');
    await page.locator('dialog.finder input').fill('MP_FAIL');
    await page.waitForSelector('dialog.finder a[href$="options/mp-fail.html"]');
    await page.keyboard.press('Escape');
    const row = page.locator('.octets tr[data-f="0"]').first();
    await row.focus();
    await page.keyboard.press('ArrowDown');
    const lit = page.locator('.octets').first().locator('.o.on');
    expect(await lit.allTextContents()).toEqual(['0c']);
    await page.keyboard.press('Enter');
    expect(await page.locator('.octets').first().locator('.o.pin').count()).toBe(1);
    await page.context().close();
  });

  test('pointing at an octet lights its field, and the other way round', async () => {
    const { page } = await site.visit('index.html');
    const figure = page.locator('.octets').first();
    await figure.locator('.o').nth(5).hover();
    expect(await figure.locator('tr.on td:nth-child(2)').allTextContents()).toEqual(["Sender's Truncated HMAC"]);
    await figure.locator('tr[data-f="7"]').hover();
    expect(await figure.locator('.o.on').count()).toBe(4);
    await page.context().close();
  });

  test('themes: the button goes round, and the choice stays', async () => {
    const { page } = await site.visit('index.html');
    const theme = () => page.evaluate(() => document.documentElement.dataset['theme'] ?? 'auto');
    const button = page.locator('[data-theme-button]');
    await button.click();
    expect(await theme()).toBe('light');
    await button.click();
    expect(await theme()).toBe('dark');
    await page.reload();
    expect(await theme()).toBe('dark');
    await page.context().close();
  });

  const SHOWN = [
    'index.html',
    'connection.html',
    'options/dss.html',
    'guide/load-balancers.html',
    'playground.html',
    'capture.html#sample=15-nat-path2.pcap',
    'api/auth.html',
  ];

  test.each(SHOWN)('pictures of %s: light, dark, phone', async (path) => {
    const name = path.replace(/[/.#=]+/g, '-');
    for (const [kind, options] of [
      ['light', { colorScheme: 'light' }],
      ['dark', { colorScheme: 'dark' }],
      ['phone', { colorScheme: 'light', viewport: { width: 390, height: 844 } }],
    ] as const) {
      const { page, complaints } = await site.visit(path, options);
      if (path.startsWith('capture')) await page.waitForSelector('[data-state="shown"]');
      await page.waitForLoadState('networkidle');
      const { width, height } = await page.evaluate(() => document.body.getBoundingClientRect());
      const clip = { x: 0, y: 0, width, height: Math.min(height, TALLEST) };
      await page.screenshot({ path: join(SHOTS, `${name}-${kind}.png`), fullPage: true, clip });
      if (kind === 'dark') expect(await problemsOf(page)).toEqual([]);
      if (kind === 'phone') expect(await tooWide(page), 'pixels wider than the phone').toBe(0);
      expect(complaints).toEqual([]);
      await page.context().close();
    }
  });
});
