import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readCaptureSync } from '../../src/capture/capture.ts';
import type { CapturedPacket } from '../../src/capture/packet.ts';
import { PcapngWriter, PcapWriter } from '../../src/capture/write.ts';
import { formatTrace } from '../../src/text/trace.ts';
import type { ReportConnection, TraceReport } from '../../src/trace/report.ts';
import { Tracer } from '../../src/trace/tracer.ts';
import { cli } from './fake.ts';

const FOLDER = 'fixtures/captures';
const JOINED = `${FOLDER}/03-add-addr4.pcap`;
const HEALTHY = `${FOLDER}/01-basic.pcap`;
const REFUSED = `${FOLDER}/14e-load-balancer-no-c.pcap`;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'mptcp-codec-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Path of a new file. */
function file(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

function packetsOf(path: string): CapturedPacket[] {
  return [...readCaptureSync(new Uint8Array(readFileSync(path)))];
}

function report(path: string): TraceReport {
  const tracer = new Tracer();
  for (const packet of packetsOf(path)) tracer.push(packet);
  return tracer.report();
}

function pcap(packets: readonly CapturedPacket[]): Uint8Array {
  const writer = new PcapWriter();
  return Buffer.concat([...packets.map((packet) => writer.push(packet)), writer.end()]);
}

function lines<T>(text: string): T[] {
  return text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as T);
}

describe('overview', () => {
  test('text: what formatTrace says', async () => {
    const { status, out, err } = await cli(['trace', JOINED]);
    expect({ status, err }).toEqual({ status: 0, err: '' });
    expect(out).toBe(formatTrace(report(JOINED), { name: JOINED }));
  });

  test('json: what the tracer reports', async () => {
    const { status, out } = await cli(['trace', '-o', 'json', REFUSED]);
    expect(status).toBe(1);
    expect(JSON.parse(out)).toEqual(JSON.parse(JSON.stringify(report(REFUSED))));
  });

  test('json: names and types as others rely on', async () => {
    const { out } = await cli(['trace', '-o', 'json', JOINED]);
    const { schema, capture, connections, findings } = JSON.parse(out) as TraceReport;
    expect({ schema, capture, findings }).toEqual({
      schema: 'mptcp-codec/trace/1',
      capture: { packets: 39, tcpSegments: 31, mptcpSegments: 30, damaged: null },
      findings: [],
    });
    expect(connections).toEqual([
      {
        id: 0,
        version: 1,
        firstFrame: 3,
        lastFrame: 35,
        firstTime: '1795398926.112709000',
        lastTime: '1795398926.158361000',
        state: 'closed',
        client: { address: '10.1.0.1', port: 45818 },
        server: { address: '10.1.0.2', port: 5001 },
        clientKey: 'e2764b333d0d4a45',
        serverKey: '30aa40606102746e',
        clientToken: 'b2987ddd',
        serverToken: '980c22dc',
        clientIdsn: '14097724902291815631',
        serverIdsn: '9745310725335792254',
        checksum: false,
        denyJoin: { client: false, server: false },
        subflows: [
          {
            id: 0,
            kind: 'initial',
            initiator: 'client',
            firstFrame: 3,
            state: 'closed',
            client: { address: '10.1.0.1', port: 45818, addressId: 0 },
            server: { address: '10.1.0.2', port: 5001, addressId: 0 },
            backup: { client: false, server: false },
            bytes: { fromClient: 600, fromServer: 1000 },
            reinjectedBytes: { fromClient: 0, fromServer: 0 },
          },
          {
            id: 1,
            kind: 'join',
            initiator: 'client',
            firstFrame: 14,
            state: 'closed',
            client: { address: '10.2.0.1', port: 43539, addressId: 1 },
            server: { address: '10.2.0.2', port: 5001, addressId: 5 },
            backup: { client: false, server: false },
            bytes: { fromClient: 0, fromServer: 0 },
            reinjectedBytes: { fromClient: 0, fromServer: 0 },
          },
        ],
        addresses: [
          { owner: 'server', addressId: 5, address: '10.2.0.2', frame: 10, verdict: { is: 'good' }, echoFrame: 11 },
        ],
        data: {
          fromClient: { bytes: 600, acked: 600, plainBytes: 0, finFrame: 21 },
          fromServer: { bytes: 1000, acked: 1000, plainBytes: 0, finFrame: 25 },
        },
        verdicts: {
          joinHmac: { good: 2, bad: 0, unverified: 0 },
          addAddrHmac: { good: 1, bad: 0, unverified: 0 },
          dssChecksum: { good: 0, bad: 0, unverified: 0 },
          keyEcho: { good: 2, bad: 0, unverified: 0 },
          fastcloseKey: { good: 0, bad: 0, unverified: 0 },
        },
        fallback: null,
        findings: [],
      },
    ]);
  });

  test('ndjson: each connection, then the capture', async () => {
    const { out } = await cli(['trace', '-o', 'ndjson', `${FOLDER}/10b-rst-unknown-token.pcap`]);
    const [connection, rest, ...more] = lines<Record<string, unknown>>(out);
    expect(connection).toMatchObject({ id: 0, state: 'closed' });
    expect(rest).toMatchObject({ schema: 'mptcp-codec/trace/1', findings: [{}, {}, {}] });
    expect(more).toEqual([]);
  });

  test('-q: findings only; -v: keys, too; --no-keys: never', async () => {
    expect(await cli(['trace', '-q', HEALTHY])).toEqual({ status: 0, out: '', err: '' });
    const [{ clientKey }] = report(JOINED).connections as [ReportConnection];
    expect((await cli(['trace', '-v', JOINED])).out).toContain(clientKey);
    for (const how of [['-v'], ['-o', 'json'], ['-o', 'ndjson'], ['--events'], ['--packets', '0']]) {
      expect((await cli(['trace', ...how, JOINED])).out).toContain(clientKey);
      expect((await cli(['trace', ...how, '--no-keys', JOINED])).out).not.toContain(clientKey);
    }
  });

  test('colour where it is wanted, and only there', async () => {
    expect((await cli(['trace', REFUSED], { tty: true })).out).toContain('\x1b[1;31mx error');
    expect((await cli(['trace', REFUSED], { tty: true, env: { NO_COLOR: '1' } })).out).not.toContain('\x1b');
    expect((await cli(['trace', REFUSED, '--color', 'always'])).out).toContain('\x1b[1;31mx error');
    expect((await cli(['trace', REFUSED])).out).not.toContain('\x1b');
  });
});

describe('input', () => {
  test('standard input, plain and gzipped, in any chunks', async () => {
    const bytes = readFileSync(JOINED);
    const expected = (await cli(['trace', '-o', 'json', JOINED])).out;
    for (const content of [bytes, gzipSync(bytes)]) {
      const chunks = Array.from({ length: Math.ceil(content.length / 100) }, (_, i) =>
        content.subarray(100 * i, 100 * i + 100),
      );
      expect((await cli(['trace', '-o', 'json', '-'], { stdin: chunks })).out).toBe(expected);
      expect((await cli(['trace', '-o', 'json'], { stdin: chunks })).out).toBe(expected);
    }
  });

  test('-r FILE works like FILE', async () => {
    expect((await cli(['trace', '-r', JOINED])).out).toBe((await cli(['trace', JOINED])).out);
  });

  test('several captures: merged by time, packets numbered in that order', async () => {
    const packets = packetsOf(JOINED);
    const even = file('even.pcap', pcap(packets.filter((_, i) => i % 2 === 0)));
    const odd = file('odd.pcap.gz', gzipSync(pcap(packets.filter((_, i) => i % 2 === 1))));
    const { status, out } = await cli(['trace', '-o', 'json', odd, even]);
    expect(status).toBe(0);
    expect(JSON.parse(out)).toEqual(JSON.parse((await cli(['trace', '-o', 'json', JOINED])).out));
    const text = await cli(['trace', even, '-r', odd]);
    expect(text.out.split('\n')[0]).toContain('39 packets');
  });

  test('pcapng whose packets are out of order of time', async () => {
    const packets = packetsOf(JOINED);
    const mixed = packets.map((_, i) => packets[i ^ 3] ?? packets[i]!);
    const writer = new PcapngWriter();
    const bytes = Buffer.concat([...mixed.map((packet) => writer.push(packet)), writer.end()]);
    const { out } = await cli(['trace', '-o', 'json', file('mixed.pcapng', bytes)]);
    const [connection] = (JSON.parse(out) as TraceReport).connections;
    expect(connection).toMatchObject({ state: 'closed', findings: [], data: { fromServer: { bytes: 1000 } } });
  });

  test('-c N: the first packets only', async () => {
    const { out } = await cli(['trace', '-o', 'json', '-c', '16', JOINED]);
    expect(JSON.parse(out)).toMatchObject({
      capture: { packets: 16, damaged: null },
      connections: [{ state: 'established', lastFrame: 16 }],
    });
  });

  test('a capture that cut the options: a note on what cannot be told, not a warning', async () => {
    const packets = packetsOf(`${FOLDER}/15-nat-path2.pcap`).map((packet) => ({
      ...packet,
      bytes: packet.bytes.subarray(0, 96),
    }));
    const { out } = await cli(['trace', '-o', 'json', file('snap96.pcap', pcap(packets))]);
    const [connection] = (JSON.parse(out) as TraceReport).connections;
    expect(connection).toMatchObject({ state: 'closed', fallback: null, data: { fromClient: { plainBytes: 0 } } });
    expect(connection?.findings.map(({ code, severity }) => `${severity} ${code}`)).toEqual(['note payload-cut']);
  });

  test('damage: everything readable, a finding, and exit status 65', async () => {
    const bytes = readFileSync(JOINED);
    const cut = file('cut.pcap', bytes.subarray(0, bytes.length - 3));
    const { status, out, err } = await cli(['trace', '-o', 'json', cut]);
    expect(status).toBe(65);
    const damage = `the file ends within a packet at octet 5492 of ${cut} (109 octets lost)`;
    expect(err).toBe(`mptcp-codec trace: damaged: ${damage}\n`);
    const { capture, connections, findings } = JSON.parse(out) as TraceReport;
    expect(capture.damaged).toBe(damage);
    expect(connections[0]?.state).toBe('closed');
    expect(findings).toMatchObject([{ code: 'capture-damaged', severity: 'note', frames: [] }]);
  });

  test('no capture, no file, no input', async () => {
    const text = file('text.txt', 'hello there, this is no capture at all');
    expect(await cli(['trace', text])).toMatchObject({ status: 65, err: expect.stringContaining('not a capture') });
    expect(await cli(['trace', HEALTHY, text])).toMatchObject({ status: 65 });
    expect(await cli(['trace', join(folder, 'nosuch')])).toMatchObject({
      status: 66,
      err: expect.stringContaining('no such file'),
    });
    expect(await cli(['trace'])).toMatchObject({ status: 2, err: expect.stringContaining('no input') });
    expect(await cli(['trace', '-', '-'])).toMatchObject({ status: 2 });
    expect(await cli(['trace', folder])).toMatchObject({ status: 74 });
  });

  test('interrupted: what there is so far', async () => {
    const interrupt = new AbortController();
    const bytes = readFileSync(JOINED);
    async function* endless(): AsyncGenerator<Uint8Array> {
      yield bytes.subarray(0, 3000);
      interrupt.abort();
      yield bytes.subarray(3000, 3100);
    }
    const { status, out, err } = await cli(['trace', '-o', 'json'], { stdin: endless(), signal: interrupt.signal });
    expect({ status, err }).toEqual({ status: 0, err: '' });
    expect(JSON.parse(out)).toMatchObject({ capture: { damaged: null }, connections: [{ state: 'established' }] });
  });

  test('a read that fails: what was read is told first', async () => {
    const bytes = readFileSync(JOINED);
    async function* broken(): AsyncGenerator<Uint8Array> {
      yield bytes.subarray(0, 3000);
      throw Object.assign(new Error('EIO: i/o error, read'), { code: 'EIO', syscall: 'read' });
    }
    const { status, out, err } = await cli(['trace'], { stdin: broken() });
    expect(status).toBe(74);
    expect(out).toContain('connection 0  10.1.0.1:45818 > 10.1.0.2:5001');
    expect(err).toContain('EIO');
  });
});

describe('exit status', () => {
  test.each([
    [HEALTHY, 0],
    [`${FOLDER}/12b-strip-synack.pcap`, 0],
    [REFUSED, 1],
    [`${FOLDER}/10c-rst-bad-hmac.pcap`, 1],
  ])('%s: %i', async (path, status) => {
    expect((await cli(['trace', path])).status).toBe(status);
    expect((await cli(['trace', '--exit-zero', path])).status).toBe(0);
  });

  test('usage', async () => {
    for (const args of [
      ['--nosuch'],
      ['-o', 'xml'],
      ['--events', '-o', 'json'],
      ['--packets', 'x'],
      ['--packets', '0', '--follow', '0'],
      ['--follow', '0', '-o', 'json'],
      ['--follow', '0:nobody'],
      ['--hex'],
      ['-c', '0'],
    ]) {
      const { status, out, err } = await cli(['trace', ...args, HEALTHY]);
      expect([args, status, out]).toEqual([args, 2, '']);
      expect(err).toContain('mptcp-codec trace: ');
    }
  });

  test('help', async () => {
    const { status, out } = await cli(['trace', '--help']);
    expect(status).toBe(0);
    for (const option of ['--events', '--packets', '--follow', '--exit-zero', '--no-keys'])
      expect(out).toContain(option);
    for (const line of out.split('\n')) expect(line.length).toBeLessThanOrEqual(100);
  });
});

interface Event {
  event: string;
  frame: number;
  time: string;
  connection?: number;
  subflow?: number;
  [field: string]: unknown;
}

describe('events', () => {
  test('what happened, as it happened', async () => {
    const { status, out } = await cli(['trace', '--events', JOINED]);
    expect(status).toBe(0);
    const events = lines<Event>(out);
    expect(events.map(({ event, frame, subflow }) => [event, frame, subflow])).toEqual([
      ['connection', 3, undefined],
      ['subflow', 3, 0],
      ['verdict', 5, 0],
      ['verdict', 6, 0],
      ['verdict', 10, 0],
      ['address', 10, 0],
      ['subflow', 14, 1],
      ['verdict', 15, 1],
      ['verdict', 16, 1],
      ['close', 34, undefined],
    ]);
    for (const { connection, time } of events) {
      expect(connection).toBe(0);
      expect(time).toMatch(/^1795398926\.\d{9}$/);
    }
    expect(events[4]).toEqual({
      event: 'verdict',
      frame: 10,
      time: '1795398926.113364000',
      connection: 0,
      subflow: 0,
      check: 'addAddrHmac',
      is: 'good',
    });
    expect(events.at(-1)).toMatchObject({ event: 'close', state: 'closed', clientToken: 'b2987ddd' });
  });

  test('findings, as soon as they are made', async () => {
    const { status, out } = await cli(['trace', '--events', '-o', 'ndjson', REFUSED]);
    expect(status).toBe(1);
    const findings = lines<Event>(out).filter(({ event }) => event === 'finding');
    expect(findings).toMatchObject([
      { frame: 13, connection: 0, subflow: 1, code: 'join-wrong-host', frames: [12, 13] },
    ]);
  });

  test('told before the next packets come', async () => {
    const bytes = readFileSync(REFUSED);
    const seen: number[] = [];
    let told = '';
    async function* slow(): AsyncGenerator<Uint8Array> {
      for (let at = 0; at < bytes.length; at += 500) {
        seen.push(told.split('\n').length);
        yield bytes.subarray(at, at + 500);
      }
    }
    await cli(['trace', '--events', '-'], { stdin: slow(), onFlush: (out) => (told = out) });
    expect(seen[1]).toBeGreaterThan(1);
    expect(seen.at(-1)).toBeGreaterThan(seen[1]!);
  });
});

describe('--packets', () => {
  test('the segments of one connection', async () => {
    const { status, out } = await cli(['trace', '--packets', '0', JOINED]);
    expect(status).toBe(0);
    expect(`${out}`).toBe(readFileSync('test/text/golden/packets/03-add-addr4.pcap.txt', 'utf8'));
  });

  test('from standard input, which is read once', async () => {
    const { out } = await cli(['trace', '--packets', '0'], { stdin: [readFileSync(JOINED)] });
    expect(out).toBe((await cli(['trace', '--packets', '0', JOINED])).out);
  });

  test('-S: as on the wire', async () => {
    const { out } = await cli(['trace', '--packets', '0', '-S', JOINED]);
    expect(out).toContain('seq 4013829436:4013829736');
    expect(out).toContain('dss ack 14097724902291815932');
  });

  test('a connection that is not there', async () => {
    expect(await cli(['trace', '--packets', '7', JOINED])).toMatchObject({
      status: 2,
      out: '',
      err: expect.stringContaining('no connection 7: there is 0 only'),
    });
    expect(await cli(['trace', '--follow', '2', `${FOLDER}/18d-tfo.pcap`])).toMatchObject({
      err: expect.stringContaining('there are 0 to 1'),
    });
  });
});

describe('--follow', () => {
  /** What a TCP connection without MPTCP carried: payloads in order of time, for captures in which that is the stream. */
  function payloads(path: string, source: number): Buffer {
    const parts = packetsOf(path).flatMap(({ bytes }) => {
      const ip = 20;
      const tcp = ip + 20;
      if (bytes.length < tcp + 20 || bytes[ip]! >>> 4 !== 4 || bytes[ip + 9] !== 6) return [];
      if ((bytes[tcp]! << 8) + bytes[tcp + 1]! !== source) return [];
      return [bytes.subarray(tcp + (bytes[tcp + 12]! >>> 4) * 4)];
    });
    return Buffer.concat(parts);
  }

  async function follow(...args: string[]): Promise<{ octets: Buffer; err: string; status: number }> {
    const chunks: Uint8Array[] = [];
    const { run } = await import('../../src/cli/trace.ts');
    let err = '';
    const status = await run(args, {
      stdin: Object.assign((async function* () {})(), { isTTY: true }),
      stdout: { isTTY: false, flush: () => {}, write: (data) => void chunks.push(Buffer.from(data)) },
      stderr: { isTTY: false, flush: () => {}, write: (data) => (err += data) },
      env: {},
      signal: new AbortController().signal,
    });
    return { octets: Buffer.concat(chunks), err, status };
  }

  test('the client by default, and the server', async () => {
    const client = await follow('--follow', '0', HEALTHY);
    expect(client).toEqual({ octets: payloads(HEALTHY, 51424), err: '', status: 0 });
    expect(client.octets.length).toBe(3022);
    const server = await follow('--follow', '0:server', HEALTHY);
    expect(server.octets).toEqual(payloads(HEALTHY, 5001));
    expect(server.octets.length).toBe(5022);
  });

  test('over two subflows: as many octets as were sent', async () => {
    const { octets, err } = await follow('--follow', '0:client', '-v', `${FOLDER}/15-nat-path2.pcap`);
    expect(octets.length).toBe(40_300);
    expect(err).toBe('connection 0, client: 40300 octets\n');
  });

  test('after a fallback, too', async () => {
    const { octets, err } = await follow('--follow', '0', `${FOLDER}/13-mp-fail-single.pcap`);
    expect({ length: octets.length, err }).toEqual({ length: 690, err: '' });
  });

  test('gaps on standard error, unless quiet', async () => {
    const lost = file('lost.pcap', pcap(packetsOf(HEALTHY).filter(({ frame }) => frame !== 11)));
    const whole = (await follow('--follow', '0', HEALTHY)).octets;
    const { octets, err } = await follow('--follow', '0', lost);
    expect(err).toBe('gap: 1420 octets from offset 1442 on were not captured\n');
    expect(octets).toEqual(Buffer.concat([whole.subarray(0, 1442), whole.subarray(2862)]));
    expect((await follow('--follow', '0', '-q', lost)).err).toBe('');
  });

  test('frames cut by the capture: what is left of each', async () => {
    const packets = packetsOf(HEALTHY).map((packet) => ({ ...packet, bytes: packet.bytes.subarray(0, 200) }));
    const { octets, err } = await follow('--follow', '0', file('snap.pcap', pcap(packets)));
    expect(octets.length).toBe(322);
    expect(err.match(/^gap: \d+ octets from offset \d+ on were not captured$/gm)).toEqual([
      'gap: 1320 octets from offset 122 on were not captured',
      'gap: 1320 octets from offset 1542 on were not captured',
      'gap: 60 octets from offset 2962 on were not captured',
    ]);
  });
});

test('progress: on a terminal that shows nothing else', async () => {
  const slow = async function* (): AsyncGenerator<Uint8Array> {
    const bytes = readFileSync(JOINED);
    for (let at = 0; at < bytes.length; at += 1000) {
      await new Promise((resolve) => setTimeout(resolve, 70));
      yield bytes.subarray(at, at + 1000);
    }
  };
  expect((await cli(['trace'], { stdin: slow(), errTty: true })).err).toMatch(/packets/);
  expect((await cli(['trace', '--no-progress'], { stdin: slow(), errTty: true })).err).toBe('');
  expect((await cli(['trace', '--events'], { stdin: slow(), errTty: true, tty: true })).err).toBe('');
});
