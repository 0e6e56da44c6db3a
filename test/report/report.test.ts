/** Reports of our captures as HTML: every segment has its place, nothing secret or foreign gets in. */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { readCaptureSync } from '../../src/capture/capture.ts';
import { connectionSection, reportPage } from '../../src/report/html.ts';
import { SegmentLog } from '../../src/report/log.ts';
import { type PlacedSegment, placeSegments } from '../../src/report/place.ts';
import { segmentAt, timelineSvg } from '../../src/report/timeline.ts';
import type { ReportConnection, TraceReport } from '../../src/trace/report.ts';
import { Tracer } from '../../src/trace/tracer.ts';
import { cli } from '../cli/fake.ts';

const FOLDER = fileURLToPath(new URL('../../fixtures/captures/', import.meta.url));
const captures = readdirSync(FOLDER, { recursive: true, encoding: 'utf8' })
  .filter((name) => /\.pcap(ng)?$/.test(name))
  .sort();

function traced(name: string, limit?: number): { report: TraceReport; log: SegmentLog } {
  const tracer = new Tracer();
  const log = new SegmentLog({ limit }).listen(tracer);
  for (const packet of readCaptureSync(new Uint8Array(readFileSync(FOLDER + name)))) {
    tracer.push(packet);
    log.push(packet);
  }
  return { report: tracer.report(), log };
}

function placed(name: string): { connection: ReportConnection; segments: PlacedSegment[] } {
  const { report, log } = traced(name);
  const connection = report.connections[0]!;
  return { connection, segments: placeSegments(connection, log) };
}

describe('segments in their places', () => {
  test.each(captures)('%s: as far as the tracer says', (name) => {
    const { report, log } = traced(name);
    for (const connection of report.connections) {
      const segments = placeSegments(connection, log);
      for (const [host, data] of [
        ['client', connection.data.fromClient],
        ['server', connection.data.fromServer],
      ] as const) {
        const ends = segments.filter(({ from }) => from === host).map(({ data: place }) => place?.end ?? 1);
        if (connection.fallback === null && connection.state !== 'mid-stream' && data.bytes > 0) {
          expect(Math.max(...ends) - 1, `connection ${connection.id}, ${host}`).toBe(data.bytes);
        }
      }
    }
  });

  test('a phone that changes networks: each octet of the stream, where it was', () => {
    const { segments } = placed('illustrated.pcapng');
    const data = segments.filter((segment) => segment.data !== undefined);
    expect(
      data.map(({ frame, from, subflow, data: place }) => [frame, from, subflow, place?.start, place?.end]),
    ).toEqual([
      [4, 'client', 0, 1, 25],
      [8, 'server', 0, 1, 45],
      [14, 'client', 0, 25, 56],
      [17, 'client', 1, 56, 105],
      [19, 'server', 1, 45, 64],
      [26, 'client', 1, 105, 143],
    ]);
    expect(segments.filter(({ dataFin, from }) => dataFin && from === 'client').map(({ frame }) => frame)).toEqual([
      28, 29, 30,
    ]);
    expect(segments.find(({ frame }) => frame === 31)?.dataAck).toBe(144);
    expect(segments[10]?.verdicts).toEqual([{ check: 'joinHmac', verdict: { is: 'good' } }]);
    expect(segments.every(({ again }) => again === undefined)).toBe(true);
  });

  test('a log that is full counts what it leaves out; one of a single connection holds nothing else', () => {
    const { report, log } = traced('illustrated.pcapng', 10);
    expect(log.segments.length).toBe(10);
    expect(log.dropped).toBe(28);
    const only = new SegmentLog({ only: report.connections[0] });
    for (const name of ['01-basic.pcap', 'illustrated.pcapng']) {
      for (const packet of readCaptureSync(new Uint8Array(readFileSync(FOLDER + name)))) only.push(packet);
    }
    expect(only.segments.length).toBe(38);
  });
});

describe('a timeline', () => {
  test('has a lane for each subflow, and a mark with words for each segment', () => {
    const { connection, segments } = placed('illustrated.pcapng');
    const svg = timelineSvg(connection, segments, { link: (frame) => `#f${frame}` }).text;
    expect(svg.match(/class="lane lane-/g)?.length).toBe(2);
    expect(svg.match(/<a href="#f\d+"/g)?.length).toBe(38);
    expect(svg).toContain('Frame 11, 91.45 ms, from server: SYN/ACK JOIN');
    expect(svg).not.toMatch(/style=|<script|c35443ee1833a177/);
    expect(timelineSvg(connection, segments, { keys: true }).text).toContain('c35443ee1833a177');
  });

  test('finds the segment under the pointer', () => {
    const { connection, segments } = placed('illustrated.pcapng');
    const svg = timelineSvg(connection, segments, { link: (frame) => `#f${frame}` }).text;
    const x = Number(/<a href="#f21"[\s\S]*?<rect class="touch" x="([\d.]+)"/.exec(svg)?.[1]) + 4;
    expect(segmentAt(connection, segments, { x, y: 26 + 104 + 20 })?.frame).toBe(21);
    expect(segmentAt(connection, segments, { x: -100, y: 40 })).toBeUndefined();
  });

  test('to scale, with more segments than marks can be drawn for, stays small', () => {
    const { connection, segments } = placed('illustrated.pcapng');
    const [data] = segments.filter((segment) => segment.data !== undefined);
    const many = Array.from({ length: 20_000 }, (_, i) => ({
      ...data!,
      frame: 100 + i,
      at: i / 1000,
      options: [],
      verdicts: [],
    }));
    const svg = timelineSvg(connection, [...segments, ...many]).text;
    expect(svg.length).toBeLessThan(100_000);
  });
});

describe('the page', () => {
  test('is one file that loads and runs nothing, without keys', () => {
    const { report, log } = traced('illustrated.pcapng');
    const page = reportPage(report, log, { title: 'a.pcap', made: '2026-01-02' });
    expect(page).toMatch(
      /content="default-src 'none'; style-src 'sha256-[\w+/=]{44}'; base-uri 'none'; form-action 'none'"/,
    );
    expect(page).not.toMatch(/<script|<link|src=|style="|https?:\/\/(?!www\.w3\.org\/2000\/svg)/);
    expect(page).not.toMatch(/c35443ee1833a177|abe9a86e613e93a5/);
    expect(page).toContain('Keys are left out.');
    const whole = reportPage(report, log, { title: 'a.pcap', keys: true });
    expect(whole).toContain('c35443ee1833a177');
    expect(whole).toContain('This file holds the keys');
  });

  test('takes names for text', () => {
    const { report, log } = traced('01-basic.pcap');
    expect(reportPage(report, log, { title: '<img src=x onerror=alert(1)>' })).not.toContain('<img');
  });

  test.each(captures)('%s: ids are unique, and every link leads somewhere', (name) => {
    const { report, log } = traced(name);
    const page = reportPage(report, log, { title: name });
    const ids = [...page.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id!);
    expect(new Set(ids).size).toBe(ids.length);
    const targets = [...page.matchAll(/href="#([^"]+)"/g)].map(([, id]) => id!);
    const lost = targets.filter((id) => !ids.includes(id));
    expect(lost).toEqual([]);
  });

  test('without segments has no timeline', () => {
    const { report } = traced('01-basic.pcap');
    const page = connectionSection(report.connections[0]!, undefined).text;
    expect(page).not.toContain('<svg');
    expect(page).toContain('Nothing found to complain about.');
  });
});

describe('trace -o html', () => {
  test('writes the page; keys only where asked; exits as trace does', async () => {
    const path = `${FOLDER}14e-load-balancer-no-c.pcap`;
    const { status, out } = await cli(['trace', '-o', 'html', path]);
    expect(status).toBe(1);
    expect(out).toMatch(/^<!doctype html>/);
    expect(out).toContain('join-wrong-host');
    expect(out).not.toContain('e2ee8fe7c4ea6591');
    const whole = await cli(['trace', '-o', 'html', '--keys', '--exit-zero', path]);
    expect(whole.status).toBe(0);
    expect(whole.out).toContain('e2ee8fe7c4ea6591');
    expect((await cli(['trace', '--keys', path])).status).toBe(2);
  });
});
