import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fromHex, toHex } from '../../src/bytes.ts';
import { readCaptureSync } from '../../src/capture/capture.ts';
import { encodeOption, type MptcpOption } from '../../src/mptcp/option.ts';
import { fromJson } from '../../src/text/json.ts';
import { decodePacket, type MptcpPacket } from '../../src/text/packet.ts';
import { ipPacket, SYN, tcpPacket, tcpSegment } from '../packet.ts';
import { cli } from './fake.ts';

const BASIC = 'fixtures/captures/01-basic.pcap';
const CAPTURES = readdirSync('fixtures/captures').filter((name) => /\.pcap(ng)?$/.test(name));

/** Captures whose text is kept beside the tests; `npx vitest run -u` writes it anew. */
const GOLDEN = readdirSync('test/cli/golden').map((name) => name.replace(/\.txt$/, ''));

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

describe('captures', () => {
  test.each(GOLDEN)('%s, as text', async (name) => {
    const { status, out, err } = await cli(['decode', `fixtures/captures/${name}`]);
    expect({ status, err }).toEqual({ status: 0, err: '' });
    await expect(out).toMatchFileSnapshot(`golden/${name}.txt`);
  });

  test.each(CAPTURES)('%s, as NDJSON: all options, and their octets come back', async (name) => {
    const path = `fixtures/captures/${name}`;
    const { status, out } = await cli(['decode', '-o', 'ndjson', path]);
    expect(status).toBe(0);
    const packets = out
      .trim()
      .split('\n')
      .map((line) => fromJson(line) as MptcpPacket);
    const expected = [...readCaptureSync(readFileSync(path))]
      .map((one) => decodePacket(one))
      .filter((one) => one !== undefined);
    expect(packets).toEqual(expected.map((packet) => ({ ...packet })));
    for (const [i, { options }] of packets.entries()) {
      expect(options.map((option) => toHex(encodeOption(option)))).toEqual(
        expected[i]!.options.map((option) => toHex(encodeOption(option as MptcpOption))),
      );
    }
  });

  test('NDJSON, JSON and CSV hold the same packets', async () => {
    const { out } = await cli(['decode', '-o', 'ndjson', BASIC]);
    const lines = out.trim().split('\n');
    const array = (await cli(['decode', '-o', 'json', BASIC])).out;
    expect(JSON.parse(array)).toEqual(lines.map((line) => JSON.parse(line)));
    expect(array.split('\n')).toHaveLength(lines.length + 3);
    const csv = (await cli(['decode', '-o', 'csv', '-e', 'frame', '-e', 'tcp.len', BASIC])).out;
    expect(csv).toBe(
      [
        'frame,tcp.len',
        ...lines.map((line) => [JSON.parse(line).frame, JSON.parse(line).payloadLength].join(',')),
        '',
      ].join('\n'),
    );
    const all = (await cli(['decode', '-o', 'csv', BASIC])).out.split('\n');
    expect(all[0]).toBe('frame,time,src,srcPort,dst,dstPort,flags,payloadLength,options');
    expect(all[1]).toBe('3,1795398896.472083000,10.1.0.1,51424,10.1.0.2,5001,S,0,mptcp 4 capable v1 flags [H]');
    expect(all[3]).toContain(',"mptcp 20 capable v1 flags [H] {0x89d9e83f6f48db35,0xe3b29933cfa629fb}"');
  });

  test('a file, -r FILE, standard input, gzip: the same', async () => {
    const bytes = readFileSync(BASIC);
    const { out } = await cli(['decode', BASIC]);
    const zipped = file('basic.pcap.gz', gzipSync(bytes));
    for (const args of [['-r', BASIC], [zipped]])
      expect(await cli(['decode', ...args])).toEqual({ status: 0, out, err: '' });
    const octets = [...bytes].map((octet) => Uint8Array.of(octet));
    for (const stdin of [[bytes], octets, [gzipSync(bytes)]]) {
      for (const args of [['-'], ['-r', '-'], []]) {
        expect(await cli(['decode', ...args], { stdin })).toEqual({ status: 0, out, err: '' });
      }
    }
  });

  test('-c stops after so many packets, -n does nothing', async () => {
    const { out } = await cli(['decode', BASIC]);
    const first = out.split('\n').slice(0, 3).join('\n');
    expect(await cli(['decode', '-n', '-c', '3', BASIC])).toEqual({ status: 0, out: `${first}\n`, err: '' });
    expect((await cli(['decode', '-c', '3', '-'], { stdin: [readFileSync(BASIC).subarray(0, 1000)] })).status).toBe(0);
  });

  test('--all gives packets without MPTCP too', async () => {
    const path = 'fixtures/captures/12-strip-all.pcap';
    const json = async (...args: string[]) => JSON.parse((await cli(['decode', '-o', 'json', ...args, path])).out);
    const all = await json('--all');
    expect(all.length).toBeGreaterThan((await json()).length);
    expect(all.at(-1).options).toEqual([]);
  });

  test('-v says what was read, -q nothing', async () => {
    expect((await cli(['decode', '-v', '-o', 'csv', BASIC])).err).toBe(
      `${BASIC}: 27 packets, 23 TCP segments, 23 printed\n`,
    );
  });

  test('a snaplen that cuts options is noted', async () => {
    const path = 'fixtures/captures/variants/eth-snap68.pcap';
    const { status, out, err } = await cli(['decode', '-o', 'ndjson', path]);
    expect(status).toBe(0);
    expect(err).toMatch(/: the options of \d+ packets are cut: capture with -s 128 or more\n$/);
    expect(out).toContain('"optionsCut":true');
    expect((await cli(['decode', '-q', path])).err).toBe('');
  });

  test('progress goes to a terminal that shows no lines', async () => {
    const bytes = readFileSync(BASIC);
    async function* slowly(): AsyncGenerator<Uint8Array> {
      yield bytes.subarray(0, 1000);
      await new Promise((resolve) => setTimeout(resolve, 250));
      yield bytes.subarray(1000);
    }
    const watched = await cli(['decode', '-'], { stdin: slowly(), errTty: true });
    expect(watched.err).toMatch(/^\r\S+0 MB, 27 packets, \d+ a second\r\S+$/);
    for (const [args, tty] of [
      [['--no-progress'], false],
      [['-q'], false],
      [[], true],
    ] as const) {
      expect((await cli(['decode', ...args, '-'], { stdin: slowly(), errTty: true, tty })).err).toBe('');
    }
  });

  test('lines appear as packets do', async () => {
    const bytes = readFileSync(BASIC);
    const { out } = await cli(['decode', BASIC]);
    const lines = out.split('\n').length - 1;
    let written = 0;
    const whenGiven: number[] = [];
    async function* slowly(): AsyncGenerator<Uint8Array> {
      yield bytes.subarray(0, 24);
      for (let at = 24; at < bytes.length; ) {
        const length = 16 + bytes.readUInt32LE(at + 8);
        yield bytes.subarray(at, at + length);
        whenGiven.push(written);
        at += length;
      }
    }
    const onFlush = (text: string): void => {
      written = text.split('\n').length - 1;
    };
    await cli(['decode', '-'], { stdin: slowly(), onFlush });
    // The first two frames and two others of the 27 carry no MPTCP.
    expect(whenGiven.slice(0, 5)).toEqual([0, 0, 1, 2, 3]);
    expect(whenGiven.at(-1)).toBe(lines);
  });
});

describe('damage', () => {
  const bytes = readFileSync(BASIC);

  test('a cut file: all that can be read, then where it ends', async () => {
    const { status, out, err } = await cli(['decode', '-'], { stdin: [bytes.subarray(0, 3000)] });
    expect(status).toBe(65);
    expect(err).toMatch(/^mptcp-codec decode: standard input: damaged at octet 2476: .+ \(524 octets lost\)\n$/);
    const whole = (await cli(['decode', BASIC])).out;
    expect(out.length).toBeGreaterThan(500);
    expect(whole.startsWith(out)).toBe(true);
  });

  test('a cut gzip file', async () => {
    const { status, out, err } = await cli(['decode', '-o', 'json', '-'], {
      stdin: [gzipSync(bytes).subarray(0, 900)],
    });
    expect(status).toBe(65);
    expect(err).toMatch(/standard input: damaged at octet \d+: the gzip data is damaged or cut/);
    expect(JSON.parse(out).length).toBeGreaterThan(3);
  });

  test('a read that fails in the middle: all that came before', async () => {
    async function* failing(): AsyncGenerator<Uint8Array> {
      yield bytes.subarray(0, 3000);
      throw Object.assign(new Error('EIO: i/o error, read'), { code: 'EIO', syscall: 'read' });
    }
    const { status, out, err } = await cli(['decode', '-o', 'json', '-'], { stdin: failing() });
    expect({ status, err }).toEqual({ status: 74, err: 'mptcp-codec decode: EIO: i/o error, read\n' });
    expect(JSON.parse(out).length).toBeGreaterThan(5);
  });

  test.each([
    ['empty', new Uint8Array(0), 'not a capture: empty'],
    ['zeros', new Uint8Array(1000), 'not a capture: looks like zeros'],
    ['png', fromHex('89504e470d0a1a0a0000000d49484452'), 'not a capture: looks like a PNG image'],
    ['json', '{"type":"MP_PRIO"}\n', 'not a capture: looks like JSON'],
    ['text', 'the quick brown fox\n', 'not a capture: looks like text'],
    ['hex', '0000: 4500\n0004: 4500\n', 'line 2 begins at octet 4, the lines before it end at 2'],
  ])('a file of %s', async (name, content, message) => {
    const path = file(name, content);
    const { status, out, err } = await cli(['decode', '-o', 'json', path]);
    expect({ status, out, err }).toEqual({ status: 65, out: '', err: `mptcp-codec decode: ${path}: ${message}\n` });
  });

  test.each(['xxd', 'bare hex'])('a dump of a whole capture: %s', async (style) => {
    const path = 'fixtures/captures/01-basic.pcap';
    const hex = toHex(new Uint8Array(readFileSync(path)));
    const rows = hex.match(/.{1,32}/g)!.map((row, i) => `${(16 * i).toString(16).padStart(8, '0')}: ${row}\n`);
    const stdin = [style === 'xxd' ? rows.join('') : `${hex}\n`];
    expect(await cli(['decode', '-'], { stdin })).toEqual(await cli(['decode', path]));
  });

  test('an empty argument', async () => {
    expect(await cli(['decode', ''])).toMatchObject({ status: 2, err: expect.stringContaining('an empty argument') });
  });

  test('--hex takes text for hex, whatever it looks like', async () => {
    const { status, err } = await cli(['decode', '--hex', '-'], { stdin: ['hello\n'] });
    expect({ status, err }).toEqual({ status: 65, err: 'mptcp-codec decode: standard input: not hex octets: hello\n' });
  });

  test('no such file, and what is no file', async () => {
    expect(await cli(['decode', 'no/such.pcap'])).toEqual({
      status: 66,
      out: '',
      err: 'mptcp-codec decode: no such file: no/such.pcap\n',
    });
    expect((await cli(['decode', '-r', 'abcd'])).err).toBe('mptcp-codec decode: no such file: abcd\n');
    const { status, err } = await cli(['decode', folder]);
    expect({ status, err }).toEqual({
      status: 74,
      err: `mptcp-codec decode: ${folder}: EISDIR: illegal operation on a directory, read\n`,
    });
  });
});

describe('hex', () => {
  const prio = fromHex('1e035101');
  const parts = { flags: SYN, options: [prio], payload: new Uint8Array(2) };
  const hexOf = { tcp: toHex(tcpSegment(parts)), ip: toHex(ipPacket(parts)), frame: toHex(tcpPacket(parts)) };

  test('an option', async () => {
    expect(await cli(['decode', '1e0351'])).toEqual({ status: 0, out: 'mptcp 3 prio backup\n', err: '' });
    expect(await cli(['decode', '1e', '03', '51'])).toEqual({ status: 0, out: 'mptcp 3 prio backup\n', err: '' });
    expect((await cli(['decode', '--as', 'option', '-o', 'ndjson', '0x1e0351'])).out).toBe(
      '{"type":"MP_PRIO","backup":true}\n',
    );
    expect((await cli(['decode', '-o', 'json', '1e0351'])).out).toBe('[\n{"type":"MP_PRIO","backup":true}\n]\n');
    expect((await cli(['decode', '--as', 'option', '00'])).out).toBe(
      'mptcp 1 unknown[bad opt] kind at octet 0: 0x00\n',
    );
    expect((await cli(['decode', '--as', 'option', '1e'])).out).toBe(
      'mptcp 1 unknown[bad opt] truncated at octet 1: 0x1e\n',
    );
    const behind = await cli(['decode', '--as', 'option', '1e035101']);
    expect(behind).toEqual({ status: 0, out: 'mptcp 3 prio backup\n', err: 'packet 1: 1 octets behind the option\n' });
    expect((await cli(['decode', '-q', '--as', 'option', '1e035101'])).err).toBe('');
  });

  test('a list of options', async () => {
    const list = '0101080a00000001000000021e0351011e0c1001';
    expect(await cli(['decode', list, '-v'])).toEqual({
      status: 0,
      out: 'mptcp 3 prio backup\nmptcp 12 join[bad opt] truncated at octet 4: 0x1e0c1001\n',
      err: 'argument: bare hex, packets: 1\npacket 1: taken as a list of TCP options (--as says otherwise)\n',
    });
    expect((await cli(['decode', '--as', 'options', '-c', '1', '1e0351', '1e0350'])).out).toBe(
      'mptcp 3 prio backup\nmptcp 3 prio non-backup\n',
    );
  });

  test.each(['tcp', 'ip', 'frame'] as const)('a packet from its %s header on', async (layer) => {
    const { out, err } = await cli(['decode', '-o', 'ndjson', hexOf[layer]]);
    expect(err).toBe('');
    expect(JSON.parse(out)).toEqual({
      frame: 1,
      ...(layer !== 'tcp' && { src: '10.1.0.1', dst: '10.1.0.2' }),
      srcPort: 50000,
      dstPort: 443,
      flags: 'S',
      seq: 1000,
      ack: 0,
      payloadLength: 2,
      options: [{ type: 'MP_PRIO', backup: true }],
    });
    expect((await cli(['decode', '-o', 'ndjson', '--as', layer, hexOf[layer]])).out).toBe(out);
  });

  test('packets of a dump, in a file or piped in', async () => {
    const dump = [hexOf.frame, hexOf.ip].map((hex) => `0000: ${hex}\n`).join('');
    const { out } = await cli(['decode', file('dump.txt', dump)]);
    expect(out.split('\n').map((line) => line.slice(0, 12))).toEqual(['    1 IP 10.', '    2 IP 10.', '']);
    expect((await cli(['decode', '-'], { stdin: [dump.slice(0, 20), dump.slice(20)] })).out).toBe(out);
    expect((await cli(['decode', '-c', '1', '-'], { stdin: [dump] })).out).toBe(`${out.split('\n')[0]}\n`);
  });

  test('what holds no MPTCP is said to', async () => {
    const plain = toHex(ipPacket({ options: [] }));
    expect(await cli(['decode', plain])).toEqual({
      status: 0,
      out: '',
      err: 'argument: no MPTCP option in an IP packet\n',
    });
    expect((await cli(['decode', '-q', plain])).err).toBe('');
    expect((await cli(['decode', '--all', plain])).out).toContain('length 0');
    expect((await cli(['decode', '--as', 'tcp', '00'])).err).toBe('argument: no MPTCP option in a TCP header\n');
    expect((await cli(['decode', '--as', 'tcp', toHex(tcpSegment())])).out).toBe('');
    expect((await cli(['decode', '--as', 'frame', '00'])).err).toBe('argument: no MPTCP option in a frame\n');
    const two = `${plain}\n\n${plain}\n`;
    expect((await cli(['decode', '-'], { stdin: [two] })).err).toBe('standard input: no MPTCP option in 2 packets\n');
  });

  test('an existing file wins over hex, --hex over the file', async () => {
    const name = join(folder, '1e0351');
    writeFileSync(name, '1e0350\n');
    expect((await cli(['decode', name])).out).toBe('mptcp 3 prio non-backup\n');
    expect((await cli(['decode', '--hex', '1e0351'])).out).toBe('mptcp 3 prio backup\n');
    expect((await cli(['decode', '--hex', '-r', name])).out).toBe('mptcp 3 prio non-backup\n');
  });

  test.each([
    [['decode', '1e035'], 'not hex octets: 1e035'],
    [['decode', '-r', BASIC, '1e0351'], `-r ${BASIC} and 1e0351: one input at a time`],
    [['decode', BASIC, BASIC], `${BASIC} ${BASIC}: one input at a time`],
    [['decode', '--as', 'ip', BASIC], `--as ip is for hex, ${BASIC} is a capture`],
    [['decode', '-o', 'csv', '1e0351'], '-o csv has a line for each packet, and these are options without one'],
    [['decode', '-o', 'csv', '-e', 'fram', BASIC], '-e fram: no field fram (did you mean frame or form?)'],
  ])('%j is a usage error', async (args, message) => {
    const { status, out, err } = await cli(args);
    expect(err).toBe(`mptcp-codec decode: ${message}\nmptcp-codec decode --help says more\n`);
    expect({ status, out }).toEqual({ status: 2, out: '' });
  });
});

describe('keys and colours', () => {
  test('--no-keys leaves no key in any format', async () => {
    const path = 'fixtures/captures/09-fastclose-linger0.pcap';
    const { out } = await cli(['decode', '-o', 'ndjson', path]);
    const keys = [...out.matchAll(/"(?:sender|receiver)Key":"([0-9a-f]{16})"/g)].map((match) => match[1]!);
    expect(new Set(keys).size).toBeGreaterThan(1);
    for (const format of ['text', 'ndjson', 'json', 'csv']) {
      const all = ['options', 'senderKey', 'receiverKey', 'tcp.options.mptcp.sendkey', 'tcp.options.mptcp.recvkey'];
      const fields = format === 'csv' ? all.flatMap((name) => ['-e', name]) : [];
      const hidden = (await cli(['decode', '--no-keys', '-o', format, ...fields, path])).out;
      for (const key of keys) {
        expect(hidden).not.toContain(key);
        expect(hidden).not.toContain(BigInt(`0x${key}`).toString());
      }
    }
  });

  test('colour, where a person reads and does not mind', async () => {
    const colored = '\x1b[2mmptcp 3\x1b[0m \x1b[1;36mprio\x1b[0m backup\n';
    const args = ['decode', '1e0351'];
    expect((await cli(args, { tty: true })).out).toBe(colored);
    expect((await cli([...args, '--color', 'always'], { env: { NO_COLOR: '1' } })).out).toBe(colored);
    for (const world of [{}, { tty: true, env: { NO_COLOR: '1' } }, { tty: true, env: { TERM: 'dumb' } }]) {
      expect((await cli(args, world)).out).toBe('mptcp 3 prio backup\n');
    }
    expect((await cli([...args, '--color', 'never'], { tty: true })).out).toBe('mptcp 3 prio backup\n');
    expect((await cli(['decode', '1e0320', '--color', 'always'])).out).toBe(
      '\x1b[2mmptcp 3\x1b[0m \x1b[1;36mdss\x1b[0m\x1b[1;31m[bad opt] length at octet 1\x1b[0m: 0x1e0320\n',
    );
  });
});

test('an interrupt ends the command with what it has', async () => {
  const bytes = readFileSync(BASIC);
  const interrupt = new AbortController();
  async function* endless(): AsyncGenerator<Uint8Array> {
    yield bytes.subarray(0, 2000);
    interrupt.abort();
    yield bytes.subarray(2000, 2400);
    throw new Error('read on');
  }
  const { status, out, err } = await cli(['decode', '-o', 'json', '-'], { stdin: endless(), signal: interrupt.signal });
  expect({ status, err }).toEqual({ status: 0, err: '' });
  expect(JSON.parse(out).length).toBeGreaterThan(5);
  const stopped = await cli(['decode', BASIC], { signal: AbortSignal.abort() });
  expect(stopped).toEqual({ status: 0, out: '', err: '' });
});
