import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { readCaptureSync } from '../../src/capture/capture.ts';
import { formatAddress } from '../../src/ip/address.ts';
import { decodeFrame } from '../../src/ip/packet.ts';
import { ConnectionLines, VerdictLog } from '../../src/text/lane.ts';
import { colored, duration, plain, table, wrap } from '../../src/text/paint.ts';
import { connectionToJson, reportLines } from '../../src/text/report.ts';
import { formatTrace } from '../../src/text/trace.ts';
import type { TraceReport } from '../../src/trace/report.ts';
import { Tracer } from '../../src/trace/tracer.ts';
import { Scene, Talk } from '../trace/scene.ts';

function packetsOf(name: string) {
  return [...readCaptureSync(new Uint8Array(readFileSync(`fixtures/captures/${name}`)))];
}

function trace(name: string): TraceReport {
  const tracer = new Tracer();
  for (const packet of packetsOf(name)) tracer.push(packet);
  return tracer.report();
}

/** Captures whose overviews are worth reading: each shows something else. */
const GOLDEN = [
  '01-basic.pcap',
  '03-add-addr4.pcap',
  '03e-add-addr-tampered.pcap',
  '07-backup.pcap',
  '08b-checksum-client-only.pcap',
  '09-fastclose-linger0.pcap',
  '10b-rst-unknown-token.pcap',
  '12b-strip-synack.pcap',
  '13-mp-fail-single.pcap',
  '14e-load-balancer-no-c.pcap',
  '18d-tfo.pcap',
  'illustrated.pcapng',
];

describe('overviews', () => {
  test.each(GOLDEN)('%s', async (name) => {
    const text = formatTrace(trace(name), { name });
    await expect(text).toMatchFileSnapshot(`golden/trace/${name}.txt`);
    for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(110);
  });

  test.each(GOLDEN)('%s: colour only repeats what the words say', (name) => {
    const report = trace(name);
    const text = formatTrace(report, { name, paint: colored });
    // biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences are what this is about
    expect(text.replace(/\x1b\[[\d;]*m/g, '')).toBe(formatTrace(report, { name }));
    expect(text).toContain('\x1b[1m');
  });

  test('verbose: keys and IDSNs; keys not where they are to be left out', () => {
    const report = trace('03-add-addr4.pcap');
    const text = formatTrace(report, { verbose: true });
    expect(text).toContain('keys      client e2764b333d0d4a45, server 30aa40606102746e');
    expect(text).toContain('IDSNs     client 14097724902291815631, server 9745310725335792254');
    expect(formatTrace(report, { verbose: true, keys: false })).not.toMatch(/e2764b333d0d4a45|30aa40606102746e/);
    expect(formatTrace(report)).not.toMatch(/e2764b333d0d4a45|30aa40606102746e/);
  });

  test('quiet: findings only, and nothing where there is none', () => {
    expect(formatTrace(trace('01-basic.pcap'), { quiet: true })).toBe('');
    const text = formatTrace(trace('11-fallback-server-tcp.pcap'), { quiet: true });
    expect(text.split('\n').slice(0, 2)).toEqual([
      'connection 0  10.1.0.1:38242 > 10.1.0.2:5001',
      '  ! warning  no-mptcp-in-syn-ack  frames 3, 4  RFC 8684 §3.7',
    ]);
  });

  test('many connections: the healthy ones a line each, the others in full', () => {
    const healthy = trace('01-basic.pcap').connections[0]!;
    const sick = trace('14e-load-balancer-no-c.pcap').connections[0]!;
    const capture = { packets: 1, tcpSegments: 1, mptcpSegments: 1, damaged: null };
    const connections = [...Array.from({ length: 8 }, (_, id) => ({ ...healthy, id })), { ...sick, id: 8 }];
    const report: TraceReport = { schema: 'mptcp-codec/trace/1', capture, connections, findings: [] };
    const text = formatTrace(report);
    expect(text.match(/^ +\d {2}10\.1\.0\.1:51424 /gm)).toHaveLength(8);
    expect(text).toContain('\nconnection 8  10.1.0.1:45332 > 10.99.0.100:443\n');
    expect(text).toContain('join-wrong-host');
    expect(text).toMatch(/\n9 connections, 10 subflows: 1 error\n$/);
    expect(formatTrace(report, { verbose: true }).match(/^connection \d/gm)).toHaveLength(9);
  });

  test('how to capture better, where keys were not seen', () => {
    const tracer = new Tracer();
    for (const packet of packetsOf('01-basic.pcap').slice(6, 15)) tracer.push(packet);
    const text = formatTrace(tracer.report());
    expect(text).toContain('began before the capture');
    expect(text).toContain('one that is known of');
    expect(text).toContain('tokens    unknown: the handshake is not in this capture');
    expect(text).toContain('\nSome checks could not be made.');
    expect(text).toContain('tcpdump -i any -s 0 -w trace.pcap tcp');
  });

  test.each([
    ['was missed', 300, true],
    ['was never sent, for the connection was reset', 100, false],
  ])('a checksum unverified because data %s: whether to capture better', (_, sent, blind) => {
    const scene = new Scene();
    const talk = new Talk(scene, { checksum: true });
    const line = talk.hello();
    const payload = new Uint8Array(400);
    line.up([talk.mapping(line, 0, payload)], 100);
    line.next[0] += sent - 100;
    line.up([], 100);
    line.reset(0);
    const report = scene.report();
    expect(report.connections[0]?.verdicts.dssChecksum.unverified).toBe(1);
    expect(formatTrace(report).includes('Some checks could not be made.')).toBe(blind);
  });

  test('why there is one subflow only, where nothing went wrong', () => {
    const hintOf = (name: string): string => formatTrace(trace(name), { width: 1000 }).split('\n').at(-2)!;
    const within = '; both must allow it (ip mptcp limits).';
    expect(hintOf('01-basic.pcap')).toBe(
      `A client opens a second subflow where it has an endpoint for it (ip mptcp endpoint add ADDRESS dev DEV subflow), or where the server advertises an address (the same with signal, there)${within}`,
    );
    expect(hintOf('14-c-flag.pcap')).toBe(
      `A client opens a second subflow here only to an address that the server advertises (ip mptcp endpoint add ADDRESS dev DEV signal there)${within}`,
    );
    expect(formatTrace(trace('14-c-flag.pcap'), { width: 1000 })).toContain(
      'one; no join in this capture: the server takes none to its first address (flag C), and advertises no other\n',
    );
    expect(hintOf('07-backup.pcap')).toBe('1 connection, 2 subflows: nothing wrong found');
    expect(hintOf('11-fallback-server-tcp.pcap')).toBe('1 connection, 1 subflow: 1 warning');
  });

  test('one path of two captured: nothing said of joins elsewhere, and what arrived besides', () => {
    const tracer = new Tracer();
    for (const packet of packetsOf('15-nat-path2.pcap')) {
      const frame = decodeFrame(packet.linkType, packet.bytes, packet.originalLength);
      if (frame.found !== 'tcp') continue;
      const ends = [frame.source, frame.destination].map((address) => formatAddress(address));
      if (!ends.includes('10.2.0.1')) tracer.push(packet);
    }
    const text = formatTrace(tracer.report()).replace(/\s+/g, ' ');
    expect(text).toContain('client sent at least 40300 octets, 31856 of them with their mapping in this capture');
    expect(text).toContain(
      'subflows one; no join in this capture; 8444 octets that arrived came over others, or were missed',
    );
    expect(text).not.toContain('A client opens');
  });

  test('closed, and neither host ended its data', () => {
    const scene = new Scene();
    const talk = new Talk(scene);
    const line = talk.hello();
    talk.data(line, 0, 10);
    line.down([talk.acks(1)]);
    line.close();
    expect(formatTrace(scene.report())).toMatch(/closed after \d ms, with no DATA_FIN, MPTCP version 1/);
    expect(formatTrace(trace('06-remove-addr.pcap'))).not.toContain('no DATA_FIN');
  });

  test('nothing there', () => {
    expect(formatTrace(new Tracer().report())).toBe(
      '0 packets, 0 TCP segments, 0 with MPTCP\n\nNo MPTCP connection.\n',
    );
  });
});

/** The lines of one connection. */
function lines(name: string, options: { absolute?: boolean; keys?: boolean } = {}): string {
  const tracer = new Tracer();
  const verdicts = new VerdictLog(tracer, 0);
  const packets = packetsOf(name);
  for (const packet of packets) tracer.push(packet);
  const writer = new ConnectionLines(tracer.report().connections[0]!, verdicts, options);
  return [...writer.legend(), ...packets.flatMap((packet) => writer.line(packet) ?? [])].join('\n');
}

describe('segments', () => {
  test.each(['03-add-addr4.pcap', '10c-rst-bad-hmac.pcap', '13-mp-fail-single.pcap', '09-fastclose-linger0.pcap'])(
    '%s',
    async (name) => {
      await expect(`${lines(name)}\n`).toMatchFileSnapshot(`golden/packets/${name}.txt`);
    },
  );

  test('numbers as on the wire', () => {
    const text = lines('08b-checksum-client-only.pcap', { absolute: true });
    const { clientIdsn } = trace('08b-checksum-client-only.pcap').connections[0]!;
    expect(text).toContain(` seq ${BigInt(clientIdsn!) + 102n} `);
    expect(lines('08b-checksum-client-only.pcap')).not.toContain(`${BigInt(clientIdsn!) + 102n}`);
  });

  test('without keys', () => {
    const { clientKey, serverKey } = trace('03-add-addr4.pcap').connections[0]!;
    expect(lines('03-add-addr4.pcap')).toContain(clientKey);
    const text = lines('03-add-addr4.pcap', { keys: false });
    expect(text).not.toContain(clientKey);
    expect(text).not.toContain(serverKey);
    expect(text).toContain('(hidden)');
  });
});

describe('JSON', () => {
  test.each(GOLDEN)('%s: what is written is the report', (name) => {
    const report = trace(name);
    expect(JSON.parse([...reportLines(report)].join(''))).toEqual(JSON.parse(JSON.stringify(report)));
  });

  test('without keys: tokens stay', () => {
    const connection = trace('03-add-addr4.pcap').connections[0]!;
    const { clientKey, serverKey, clientToken } = connectionToJson(connection, { keys: false });
    expect([clientKey, serverKey, clientToken]).toEqual([undefined, undefined, 'b2987ddd']);
  });
});

describe('lines and columns', () => {
  test('wrapping', () => {
    expect(wrap('a bb ccc', 100)).toEqual(['a bb ccc']);
    expect(wrap('twelve words or so, wrapped at thirty columns', 30, '  ')).toEqual([
      '  twelve words or so, wrapped',
      '  at thirty columns',
    ]);
    expect(wrap('x'.repeat(40), 20)).toEqual(['x'.repeat(40)]);
    expect(wrap('', 20)).toEqual([]);
  });

  test('tables leave out empty columns', () => {
    const columns = [{ head: 'a' }, { head: 'b' }, { head: 'n', right: true }];
    expect(
      table(columns, [
        ['x', '', '1'],
        ['yy', '', '10'],
      ]),
    ).toEqual(['a    n', 'x    1', 'yy  10']);
  });

  test.each([
    [0, '0 µs'],
    [0.000_12, '120 µs'],
    [0.0451, '45 ms'],
    [1.5, '1.50 s'],
    [125, '2 min 5 s'],
    [7300, '2 h 1 min'],
  ])('%s seconds', (seconds, text) => expect(duration(seconds)).toBe(text));

  test('paint', () => {
    expect(plain('error', 'x')).toBe('x');
    expect(colored('error', 'x')).toBe('\x1b[1;31mx\x1b[0m');
    expect(colored('error', '')).toBe('');
  });
});
