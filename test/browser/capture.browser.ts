/** The capture page: captures traced beside the page, which stays quick; drawings and reports saved. */

import { once } from 'node:events';
import { createWriteStream, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { idsn } from '../../src/mptcp/auth.ts';
import { dss, mpCapableAck, mpCapableSyn, mpCapableSynAck } from '../../src/mptcp/build.ts';
import { ACK, PSH, SYN, tcpPacket } from '../packet.ts';
import { missing, problemsOf, ROOT, Site, tooWide, type Watched } from './browser.ts';

const lacking = missing();
const CAPTURES = join(ROOT, 'fixtures/captures');
/** Longest time that the page may take for one thing, in milliseconds. */
const LONGEST = 100;

describe.skipIf(lacking !== undefined)(`capture page${lacking === undefined ? '' : ` (${lacking})`}`, () => {
  let site: Site;
  let folder: string;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'mptcp-codec-browser-'));
    site = await Site.open();
  });
  afterAll(async () => {
    await site.close();
    rmSync(folder, { recursive: true });
  });

  /** Open the page, and watch its main thread. */
  const open = async (): Promise<Watched> => {
    const watched = await site.visit('capture.html');
    await site.browser.startTracing(watched.page, {
      categories: ['toplevel', 'disabled-by-default-devtools.timeline'],
    });
    return watched;
  };

  /**
   * The longest task of the page's main thread since {@link open}, in milliseconds. Processor time: what other
   * programs took of the machine meanwhile is not the page's fault.
   */
  const longestTask = async (): Promise<number> => {
    const { traceEvents } = JSON.parse((await site.browser.stopTracing()).toString()) as {
      traceEvents: TraceEvent[];
    };
    const main = new Set(
      traceEvents
        .filter(({ name, args }) => name === 'thread_name' && args?.name === 'CrRendererMain')
        .map(({ pid, tid }) => `${pid} ${tid}`),
    );
    const tasks = traceEvents.filter(({ name, pid, tid }) => name.endsWith('RunTask') && main.has(`${pid} ${tid}`));
    expect(tasks.length).toBeGreaterThan(20);
    const longest = Math.max(...tasks.map(({ tdur = 0 }) => tdur)) / 1000;
    const wall = Math.max(...tasks.map(({ dur = 0 }) => dur)) / 1000;
    console.log(
      `longest of ${tasks.length} tasks: ${longest.toFixed(0)} ms of processor, ${wall.toFixed(0)} ms on the clock`,
    );
    return longest;
  };
  const trace = async (page: Page, ...files: string[]) => {
    await page.locator('[data-c="files"]').setInputFiles(files);
    await shown(page);
  };
  const shown = (page: Page) => page.waitForSelector('[data-state="shown"]', { timeout: 120_000 });

  test('a healthy connection: lanes, verdicts, a segment to open, drawing and report to save', async () => {
    const { page, complaints } = await open();
    await trace(page, join(CAPTURES, 'illustrated.pcapng'));
    expect(await page.locator('.overview tbody tr').count()).toBe(1);
    expect(await page.locator('.timeline .lane').count()).toBe(2);
    expect(await page.locator('.timeline .good').count()).toBeGreaterThanOrEqual(7);
    expect(await page.locator('.healthy').count()).toBe(1);

    await page.locator('.timeline a[data-frame="11"] .touch').click();
    await page.waitForSelector('[data-c="segment"] h3');
    expect(await page.locator('[data-c="segment"] h3').textContent()).toContain('Frame 11: SYN/ACK');
    expect(await page.locator('[data-c="segment"] .octets').textContent()).toContain("Sender's Truncated HMAC");

    const [drawing] = await Promise.all([
      page.waitForEvent('download'),
      page.locator('[data-c="save-drawing"]').click(),
    ]);
    const svg = readFileSync(await drawing.path(), 'utf8');
    expect(svg).toMatch(/^<svg xmlns="http:\/\/www.w3.org\/2000\/svg"/);
    expect(svg).toContain('Subflow 1, joined by client');

    const [file] = await Promise.all([page.waitForEvent('download'), page.locator('[data-c="save-report"]').click()]);
    const report = readFileSync(await file.path(), 'utf8');
    expect(report).toContain("default-src 'none'; style-src 'sha256-");
    expect(report).not.toContain('<script');
    expect(report).not.toContain('c35443ee1833a177');
    expect(report).not.toContain('abe9a86e613e93a5');
    await page.locator('[data-c="keys"]').click();
    await page.waitForSelector('[data-state="shown"]');
    const [whole] = await Promise.all([page.waitForEvent('download'), page.locator('[data-c="save-report"]').click()]);
    expect(readFileSync(await whole.path(), 'utf8')).toContain('c35443ee1833a177');

    expect(complaints).toEqual([]);
    expect(await longestTask()).toBeLessThan(LONGEST);
    await page.context().close();
  });

  test('the saved report opens by itself and complains of nothing', async () => {
    const { page } = await open();
    await trace(page, join(CAPTURES, '14e-load-balancer-no-c.pcap'));
    const [file] = await Promise.all([page.waitForEvent('download'), page.locator('[data-c="save-report"]').click()]);
    const path = join(folder, 'report.html');
    await file.saveAs(path);
    const alone = await page.context().newPage();
    const complaints: string[] = [];
    alone.on('console', (message) => complaints.push(message.text()));
    await alone.goto(`file://${path}`);
    expect(await alone.locator('.findings .error').textContent()).toContain('join-wrong-host');
    expect(await alone.locator('.timeline').count()).toBe(1);
    const colour = await alone.evaluate(() => getComputedStyle(document.querySelector('.lane .line')!).stroke);
    expect(colour).toBe('rgb(0, 105, 140)');
    await site.browser.stopTracing();
    await alone.locator('.timeline a[href$="-f13"] .touch').click();
    expect(await alone.evaluate(() => location.hash)).toBe('#c0-f13');
    expect(await problemsOf(alone)).toEqual([]);
    await alone.setViewportSize({ width: 390, height: 844 });
    expect(await tooWide(alone), 'pixels wider than a phone').toBe(0);
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  test('what is wrong is said, with its frames', async () => {
    const { page, complaints } = await open();
    await trace(page, join(CAPTURES, '14e-load-balancer-no-c.pcap'));
    expect(await page.locator('.findings .error').textContent()).toContain('join-wrong-host');
    await page.locator('.findings a[data-frame="13"]').click();
    await page.waitForSelector('[data-c="segment"] h3');
    expect(await page.locator('[data-c="segment"]').textContent()).toContain('MPTCP-specific error');
    expect(complaints).toEqual([]);
    expect(await longestTask()).toBeLessThan(LONGEST);
    await page.context().close();
  });

  test('dropped files are traced together, by a worker that the policy binds', async () => {
    const { page, complaints } = await open();
    const files = ['12b-strip-synack.pcap', '01-basic.pcap'].map((name) => ({
      name,
      base64: readFileSync(join(CAPTURES, name)).toString('base64'),
    }));
    await page.evaluate((given) => {
      const dataTransfer = new DataTransfer();
      for (const { name, base64 } of given) {
        dataTransfer.items.add(new File([Uint8Array.from(atob(base64), (octet) => octet.charCodeAt(0))], name));
      }
      const page = document.querySelector('[data-capture]')!;
      for (const type of ['dragenter', 'dragover', 'drop']) {
        page.dispatchEvent(new DragEvent(type, { bubbles: true, cancelable: true, dataTransfer }));
      }
    }, files);
    await shown(page);
    expect(await page.locator('.overview tbody tr').count()).toBe(2);
    expect(complaints).toEqual([]);
    expect(await longestTask()).toBeLessThan(LONGEST);

    const [worker] = page.workers();
    const refused = await worker!.evaluate(
      () =>
        new Promise((done) => {
          addEventListener('securitypolicyviolation', (event) => {
            done((event as SecurityPolicyViolationEvent).effectiveDirective);
          });
          fetch('https://example.org/').then(
            () => done('fetched'),
            () => setTimeout(done, 2000, 'failed'),
          );
        }),
    );
    expect(refused).toBe('connect-src');
    await page.context().close();
  });

  test('100 MB: traced in a worker, the page stays quick; cancelled, it stops', async () => {
    const path = join(folder, 'large.pcap');
    await writeLarge(path, 100_000_000);
    expect(statSync(path).size).toBeGreaterThan(100_000_000);
    const { page, complaints } = await open();
    const start = Date.now();
    const told = page.waitForFunction(() => {
      const { value } = document.querySelector<HTMLProgressElement>('[data-c="bar"]')!;
      return value > 0.2 && value < 0.8 && document.querySelector('[data-c="state"]')?.textContent;
    });
    await trace(page, path);
    expect(await (await told).jsonValue()).toMatch(/^Tracing: \d+ of \d+ MB, [\d,]+ packets/);
    const seconds = (Date.now() - start) / 1000;
    const rows = await page.locator('.overview tbody tr').count();
    console.log(`100 MB in ${seconds.toFixed(1)} s, ${rows} connections`);
    expect(rows).toBe(3);
    expect(await page.locator('.overview tbody').textContent()).toContain('closed');

    await page.locator('.overview [data-connection="2"]').click();
    await page.waitForSelector('#c2-h', { timeout: 120_000 });
    await shown(page);
    await page.locator('details.list summary').click();
    await page.locator('details.list tr[data-frame]').nth(20).click();
    await page.waitForSelector('[data-c="segment"] h3');
    expect(await longestTask()).toBeLessThan(LONGEST);

    await page.locator('[data-c="files"]').setInputFiles(path);
    await page.waitForFunction(() => document.querySelector('[data-c="state"]')?.textContent?.startsWith('Tracing'));
    await page.locator('[data-c="cancel"]').click();
    expect(await page.locator('[data-c="state"]').textContent()).toBe('Cancelled.');
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  test('no capture at all: says what it looks like', async () => {
    const { page, complaints } = await open();
    await page.locator('[data-c="files"]').setInputFiles(join(ROOT, 'package.json'));
    await page.waitForSelector('[data-state="failed"]');
    expect(await page.locator('[data-c="state"]').textContent()).toMatch(/^Cannot trace this: not a capture/);
    await site.browser.stopTracing();
    expect(complaints).toEqual([]);
    await page.context().close();
  });
});

interface TraceEvent {
  readonly name: string;
  readonly pid: number;
  readonly tid: number;
  readonly dur?: number;
  readonly tdur?: number;
  readonly args?: { readonly name?: string };
}

/** Three connections that send `octets` in all, in full segments. */
async function writeLarge(path: string, octets: number): Promise<void> {
  const out = createWriteStream(path);
  const header = Buffer.alloc(24);
  header.writeUInt32LE(0xa1b2c3d4, 0);
  header.writeUInt16LE(2, 4);
  header.writeUInt16LE(4, 6);
  header.writeUInt32LE(262_144, 16);
  header.writeUInt32LE(1, 20);
  let micros = 0;
  let batch: Uint8Array[] = [header];
  const put = (frame: Uint8Array) => {
    const record = Buffer.alloc(16);
    record.writeUInt32LE(1_700_000_000 + Math.floor(micros / 1e6), 0);
    record.writeUInt32LE(micros % 1e6, 4);
    record.writeUInt32LE(frame.length, 8);
    record.writeUInt32LE(frame.length, 12);
    micros += 40;
    batch.push(record, frame);
  };
  const keys = [1, 2, 3].map((n) => ({
    client: Uint8Array.of(n, 1, 2, 3, 4, 5, 6, 7),
    server: Uint8Array.of(n, 9, 9, 9, 9, 9, 9, 9),
  }));
  // Initial sequence numbers differ, as they do everywhere: equal ones would be one connection seen twice.
  const isn = (i: number) => (i + 1) * 1_000_000_000;
  const ends = keys.map((_, i) => ({ sourcePort: 40_000 + i, destinationPort: 443 }));
  const backwards = (i: number) => ({
    source: '10.1.0.2',
    destination: '10.1.0.1',
    sourcePort: 443,
    destinationPort: 40_000 + i,
  });
  for (const [i, { client, server }] of keys.entries()) {
    put(tcpPacket({ ...ends[i], flags: SYN, sequenceNumber: isn(i), options: [mpCapableSyn()] }));
    put(
      tcpPacket({
        ...backwards(i),
        flags: SYN | ACK,
        sequenceNumber: isn(i),
        acknowledgmentNumber: isn(i) + 1,
        options: [mpCapableSynAck({ senderKey: server })],
      }),
    );
    put(
      tcpPacket({
        ...ends[i],
        sequenceNumber: isn(i) + 1,
        acknowledgmentNumber: isn(i) + 1,
        options: [mpCapableAck({ senderKey: client, receiverKey: server })],
      }),
    );
  }
  const payload = new Uint8Array(1400).fill(0x61);
  const first = keys.map(({ client }) => BigInt.asUintN(64, idsn(client) + 1n));
  const back = keys.map(({ server }) => BigInt.asUintN(64, idsn(server) + 1n));
  let sent = 0;
  for (let at = 0; sent < octets; at += payload.length) {
    for (const i of keys.keys()) {
      const dataSequenceNumber = BigInt.asUintN(64, first[i]! + BigInt(at));
      const option = dss({
        dataAck: back[i]!,
        mapping: { dataSequenceNumber, subflowSequenceNumber: at + 1, payload },
      });
      put(
        tcpPacket({
          ...ends[i],
          flags: ACK | PSH,
          sequenceNumber: isn(i) + at + 1,
          acknowledgmentNumber: isn(i) + 1,
          options: [option],
          payload,
        }),
      );
      if ((at / payload.length) % 2 === 1) {
        const dataAck = BigInt.asUintN(64, dataSequenceNumber + BigInt(payload.length));
        put(
          tcpPacket({
            ...backwards(i),
            sequenceNumber: isn(i) + 1,
            acknowledgmentNumber: isn(i) + at + 1 + payload.length,
            options: [dss({ dataAck })],
          }),
        );
      }
      sent += payload.length;
    }
    if (batch.length > 2000) {
      if (!out.write(Buffer.concat(batch))) await once(out, 'drain');
      batch = [];
    }
  }
  for (const i of keys.keys()) {
    const end = Math.ceil(sent / 3);
    const length = Math.ceil(end / payload.length) * payload.length;
    const sequenceNumber = isn(i) + length + 1;
    const [own, peer] = [
      { ...ends[i], sequenceNumber, acknowledgmentNumber: isn(i) + 1 },
      { ...backwards(i), sequenceNumber: isn(i) + 1 },
    ];
    const fin = { dataSequenceNumber: BigInt.asUintN(64, first[i]! + BigInt(length)) };
    const dataAck = BigInt.asUintN(64, fin.dataSequenceNumber + 1n);
    const peerFin = { dataSequenceNumber: back[i]! };
    put(tcpPacket({ ...own, options: [dss({ dataAck: back[i]!, mapping: fin, dataFin: true })] }));
    put(
      tcpPacket({
        ...peer,
        acknowledgmentNumber: sequenceNumber,
        options: [dss({ dataAck, mapping: peerFin, dataFin: true })],
      }),
    );
    put(tcpPacket({ ...own, flags: ACK | 1, options: [dss({ dataAck: back[i]! + 1n })] }));
    put(tcpPacket({ ...peer, flags: ACK | 1, acknowledgmentNumber: sequenceNumber + 1, options: [dss({ dataAck })] }));
  }
  out.end(Buffer.concat(batch));
  await once(out, 'finish');
}
