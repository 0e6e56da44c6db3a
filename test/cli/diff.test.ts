import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { readCaptureSync } from '../../src/capture/capture.ts';
import { type DiffReport, diff } from '../../src/diff/diff.ts';
import { cli } from './fake.ts';

const FOLDER = 'fixtures/captures';
const CLIENT = `${FOLDER}/12d-strip-mid.pcap`;
const SERVER = `${FOLDER}/server/12d-strip-mid.pcap`;

function report(client: string, server: string): DiffReport {
  const packets = (path: string) => readCaptureSync(new Uint8Array(readFileSync(path)));
  return diff(packets(client), packets(server));
}

describe('output', () => {
  test('text', async () => {
    const { status, out, err } = await cli(['diff', CLIENT, SERVER]);
    expect({ status, err }).toEqual({ status: 0, err: '' });
    expect(out).toBe(readFileSync('test/text/golden/diff/12d-strip-mid.txt', 'utf8'));
  });

  test('json: what diff() reports', async () => {
    const { out } = await cli(['diff', '-o', 'json', CLIENT, SERVER]);
    expect(JSON.parse(out)).toEqual(JSON.parse(JSON.stringify(report(CLIENT, SERVER))));
    expect(JSON.parse(out)).toMatchObject({
      schema: 'mptcp-codec/diff/1',
      pairs: 16,
      onlyClient: [],
      onlyServer: [],
      changes: [
        { kind: 'option-stripped', clientFrame: 13, serverFrame: 12, direction: 'fromClient' },
        { kind: 'option-stripped', clientFrame: 15, serverFrame: 13, direction: 'fromClient' },
      ],
      findings: [{ code: 'option-stripped', severity: 'warning', frames: [13, 15] }],
    });
  });

  test('ndjson: each change, then the rest', async () => {
    const { out } = await cli(['diff', '-o', 'ndjson', CLIENT, SERVER]);
    const values = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { kind?: string; pairs?: number });
    expect(values.map(({ kind, pairs }) => kind ?? pairs)).toEqual(['option-stripped', 'option-stripped', 16]);
  });

  test('-q: findings only', async () => {
    const { out } = await cli(['diff', '-q', CLIENT, SERVER]);
    expect(out).toMatch(/^ {2}! warning {2}option-stripped/);
    expect(await cli(['diff', '-q', CLIENT, CLIENT])).toEqual({ status: 0, out: '', err: '' });
  });

  test('the wrong way round, and of two paths', async () => {
    const swapped = await cli(['diff', `${FOLDER}/12b-strip-synack.server.pcap`, `${FOLDER}/12b-strip-synack.pcap`]);
    expect(swapped.out).toContain('The captures seem to be the wrong way round');
    const quiet = await cli([
      'diff',
      '-q',
      `${FOLDER}/12b-strip-synack.server.pcap`,
      `${FOLDER}/12b-strip-synack.pcap`,
    ]);
    expect(quiet.out).toContain('The captures seem to be the wrong way round');
    const json = await cli([
      'diff',
      '-o',
      'json',
      `${FOLDER}/12b-strip-synack.server.pcap`,
      `${FOLDER}/12b-strip-synack.pcap`,
    ]);
    const { findings } = JSON.parse(json.out) as DiffReport;
    expect(findings.map(({ code }) => code)).toContain('wrong-way-round');
    const apart = await cli(['diff', `${FOLDER}/01-basic.pcap`, `${FOLDER}/03-add-addr4.pcap`]);
    expect(apart.out).toContain('No connection with MPTCP is in both captures');
  });

  test('colour', async () => {
    const { out } = await cli(['diff', '--color', 'always', CLIENT, SERVER]);
    expect(out).toContain('\x1b[33m! warning  option-stripped\x1b[0m');
  });
});

describe('exit status', () => {
  test('1 where a finding is an error', async () => {
    const captures = [`${FOLDER}/13-mp-fail-single.pcap`, `${FOLDER}/server/13-mp-fail-single.pcap`];
    expect((await cli(['diff', ...captures])).status).toBe(1);
    expect((await cli(['diff', '--exit-zero', ...captures])).status).toBe(0);
  });

  test('65 where a capture is damaged, after what it shows', async () => {
    const bytes = readFileSync(SERVER);
    const { status, out, err } = await cli(['diff', CLIENT, '-'], { stdin: [bytes.subarray(0, -3)] });
    expect(status).toBe(65);
    expect(out).toContain('option-stripped');
    expect(err).toContain('damaged: the file ends within a packet');
  });

  test('usage', async () => {
    expect((await cli(['diff', CLIENT])).status).toBe(2);
    expect((await cli(['diff', CLIENT, SERVER, SERVER])).status).toBe(2);
    expect((await cli(['diff', CLIENT, 'nosuch.pcap'])).status).toBe(66);
    expect((await cli(['diff', CLIENT, 'package.json'])).status).toBe(65);
    expect((await cli(['diff', '--help'])).out).toContain('CLIENT SERVER');
  });
});

test('standard input, gzipped', async () => {
  const { out } = await cli(['diff', '-', SERVER], { stdin: [gzipSync(readFileSync(CLIENT))] });
  expect(out).toBe((await cli(['diff', CLIENT, SERVER])).out);
});
