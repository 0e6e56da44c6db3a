import { existsSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fromHex } from '../../src/bytes.ts';
import { readCaptureSync } from '../../src/capture/capture.ts';
import { decodeOption } from '../../src/mptcp/option.ts';
import { formatOption, formatPacket } from '../../src/text/line.ts';
import { decodePacket, type MptcpPacket } from '../../src/text/packet.ts';
import { anyOctets } from '../arbitraries.ts';

const K = '0f0c7c64a6a32ac1';
const L = '73bb150358a0aecb';
const HMAC160 = '38b832f49c06db73de0cf7333f96735578cb9d91';

/** Octets, and the words for them. */
const OPTIONS: readonly [string, string][] = [
  ['1e040101', 'mptcp 4 capable v1 flags [H]'],
  ['1e040100', 'mptcp 4 capable v1 flags [none]'],
  ['1e0401ff', 'mptcp 4 capable v1 flags [ABCDEFGH] csum'],
  [`1e0c0001${K}`, `mptcp 12 capable v0 flags [H] {0x${K}}`],
  [`1e140181${K}${L}`, `mptcp 20 capable v1 flags [AH] csum {0x${K},0x${L}}`],
  [`1e160101${K}${L}0010`, `mptcp 22 capable v1 flags [H] {0x${K},0x${L},data_len=16}`],
  [`1e180181${K}${L}0010000d`, `mptcp 24 capable v1 flags [AH] csum {0x${K},0x${L},data_len=16,csum=0x000d}`],
  ['1e040201', 'mptcp 4 capable Unknown Version (2) flags [H]'],
  ['1e060f010a0b', 'mptcp 6 capable Unknown Version (15) flags [H] data 0x0a0b'],
  ['1e0c1005000000ff0000000a', 'mptcp 12 join id 5 token 0x000000ff nonce 0x0000000a'],
  ['1e0c1305000000ff0000000a', 'mptcp 12 join backup id 5 token 0x000000ff nonce 0x0000000a reserved 0x02'],
  [`1e101100${K}5f333f0b`, `mptcp 16 join backup id 0 hmac 0x${K} nonce 0x5f333f0b`],
  [`1e181000${HMAC160}`, `mptcp 24 join hmac 0x${HMAC160}`],
  [`1e181100${HMAC160}`, `mptcp 24 join hmac 0x${HMAC160} reserved 0x100`],
  ['1e042000', 'mptcp 4 dss'],
  ['1e0820013cd9d7dd', 'mptcp 8 dss ack 1020909533'],
  ['1e0c2003ffffffffffffffff', 'mptcp 12 dss ack 18446744073709551615'],
  ['1e0e20143cd9d7dd000000000001', 'mptcp 14 dss fin seq 1020909533 subseq 0 len 1'],
  ['1e14200500000001000000020000000300040005', 'mptcp 20 dss ack 1 seq 2 subseq 3 len 4 csum 0x0005'],
  ['1e1030010a010002f8295862f645df19', 'mptcp 16 add-addr v1 id 1 10.1.0.2 hmac 0xf8295862f645df19'],
  ['1e1230010a01000213c4f8295862f645df19', 'mptcp 18 add-addr v1 id 1 10.1.0.2:5060 hmac 0xf8295862f645df19'],
  ['1e0831010a010002', 'mptcp 8 add-addr v1-echo id 1 10.1.0.2'],
  ['1e0a31010a0100020000', 'mptcp 10 add-addr v1-echo id 1 10.1.0.2:0'],
  ['1e0834010a010002', 'mptcp 8 add-addr v0-ip4 id 1 10.1.0.2'],
  ['1e143609fd070003000000000000000000000002', 'mptcp 20 add-addr v0-ip6 id 9 fd07:3::2'],
  ['1e163109fd07000300000000000000000000000213c4', 'mptcp 22 add-addr v1-echo id 9 [fd07:3::2]:5060'],
  ['1e05400109', 'mptcp 5 rem-addr id 1 9'],
  ['1e0350', 'mptcp 3 prio non-backup'],
  ['1e045107', 'mptcp 4 prio backup id 7'],
  ['1e0c600000000000000000ff', 'mptcp 12 fail seq 255'],
  [`1e0c7000${K}`, `mptcp 12 fast-close key 0x${K}`],
  ['1e048000', 'mptcp 4 tcprst flags [none] reason Unspecified error'],
  ['1e048f06', 'mptcp 4 tcprst flags [UVWT] reason Middlebox interference reserved 0x0e'],
  ['1e048107', 'mptcp 4 tcprst flags [T] reason unknown (0x07)'],
  ['1e03f0', 'mptcp 3 experimental'],
  ['1e05f50a0b', 'mptcp 5 experimental data 0x0a0b reserved 0x05'],
  ['1e0390', 'mptcp 3 unknown subtype 9'],
  ['1e04e0ff', 'mptcp 4 unknown subtype 14 data 0xff'],
  ['1e0320', 'mptcp 3 dss[bad opt] length at octet 1: 0x1e0320'],
  ['1e0c1000', 'mptcp 12 join[bad opt] truncated at octet 4: 0x1e0c1000'],
  ['1e0590', 'mptcp 5 unknown[bad opt] truncated at octet 3: 0x1e0590'],
  ['1e0830010a010002', 'mptcp 8 add-addr[bad opt] no-hmac at octet 2: 0x1e0830010a010002'],
  ['1e0836010a010002', 'mptcp 8 add-addr[bad opt] family at octet 2: 0x1e0836010a010002'],
  ['1e', 'mptcp 1 unknown[bad opt] truncated at octet 1: 0x1e'],
  ['', 'mptcp 0 unknown[bad opt] truncated at octet 0'],
];

test.each(OPTIONS)('%s', (hex, text) => {
  expect(formatOption(decodeOption(fromHex(hex)))).toBe(text);
});

test('keys can be hidden', () => {
  const text = (hex: string) => formatOption(decodeOption(fromHex(hex)), { keys: false });
  expect(text(`1e160101${K}${L}0010`)).toBe('mptcp 22 capable v1 flags [H] {(hidden),(hidden),data_len=16}');
  expect(text(`1e0c0201${K}`)).toBe('mptcp 12 capable Unknown Version (2) flags [H] data (hidden)');
  expect(text(`1e0c7000${K}`)).toBe('mptcp 12 fast-close key (hidden)');
  expect(text(`1e0d0101${K}00`)).toBe('mptcp 13 capable[bad opt] length at octet 1');
});

test('any octets have words, on one line', () => {
  fc.assert(
    fc.property(anyOctets(), (octets) => {
      expect(formatOption(decodeOption(octets))).toMatch(/^mptcp \d+ [ -~]+$/);
    }),
    { numRuns: 5000 },
  );
});

const PACKET: MptcpPacket = {
  frame: 7,
  time: 1795397212908372000n,
  src: Uint8Array.of(10, 1, 0, 1),
  srcPort: 52184,
  dst: Uint8Array.of(10, 1, 0, 2),
  dstPort: 443,
  flags: 0x02,
  seq: 3735928559,
  ack: 0,
  payloadLength: 0,
  options: [decodeOption(fromHex('1e040101'))],
};

describe('a packet', () => {
  test('SYN', () => {
    expect(formatPacket(PACKET)).toBe(
      '    7 2026-11-23 01:26:52.908372 IP 10.1.0.1.52184 > 10.1.0.2.443: Flags [S], seq 3735928559, options [mptcp 4 capable v1 flags [H]], length 0',
    );
  });

  test('data over IPv6, with everything', () => {
    const packet: MptcpPacket = {
      ...PACKET,
      frame: 1234567,
      time: 1n,
      interface: 'eth1',
      src: fromHex('fd070003000000000000000000000001'),
      dst: fromHex('fd070003000000000000000000000002'),
      flags: 0xff,
      seq: 0xffffffff,
      ack: 5,
      payloadLength: 3,
      options: [decodeOption(fromHex('1e0351')), decodeOption(fromHex('1e0350'))],
      optionsCut: true,
      optionsError: { at: 8, reason: 'truncated', kind: 30 },
    };
    expect(formatPacket(packet)).toBe(
      '1234567 1970-01-01 00:00:00.000000001 eth1 IP6 fd07:3::1.52184 > fd07:3::2.443: Flags [FSRP.UEW], ' +
        'seq 4294967295:2, ack 5, options [mptcp 3 prio backup,mptcp 3 prio non-backup], options cut by the capture, ' +
        'options broken at octet 8 (truncated), length 3',
    );
  });

  test('a bare TCP header without options', () => {
    const packet = { ...PACKET, time: undefined, src: undefined, dst: undefined, flags: 0, options: [] };
    expect(formatPacket(packet)).toBe('    7 TCP 52184 > 443: Flags [none], length 0');
  });

  test('a time that no calendar has', () => {
    expect(formatPacket({ ...PACKET, time: -1n })).toContain('    7 -0.000000001 IP');
    expect(formatPacket({ ...PACKET, time: 2n ** 70n })).toContain('    7 1180591620717.411303424 IP');
    expect(formatPacket({ ...PACKET, time: 253_402_300_799_999_999_999n })).toContain(
      ' 9999-12-31 23:59:59.999999999 IP',
    );
  });
});

/** MPTCP options of a line, hex without leading zeros, `csum` values of MP_CAPABLE and what follows `[bad opt]` left out. */
function optionTexts(line: string): string[] {
  const list = /options \[(.*)\]/.exec(line)?.[1] ?? '';
  return (list.match(/mptcp \d+ (?:[^,{]|\{[^}]*\})*/g) ?? []).map((text) =>
    text
      .replace(/0x0*([0-9a-f])/g, '0x$1')
      .replace(/,csum=0x[0-9a-f]+/, '')
      .replace(/\[bad opt\].*/, '[bad opt]'),
  );
}

const TCPDUMP = ['aa-echo', 'aa-v1', 'dss-oobr', 'fclose', 'tcprst', 'v0', 'v1'].map(
  (name) => `../shared/public/tcpdump/mptcp-${name}`,
);

describe("tcpdump's own captures have the words its tests expect", () => {
  test.skipIf(!TCPDUMP.every((path) => existsSync(`${path}.out`))).each(TCPDUMP)('%s (needs ../shared)', (path) => {
    const expected = readFileSync(`${path}.out`, 'utf8')
      .split('\n')
      .map(optionTexts)
      .filter((texts) => texts.length > 0);
    const found = [...readCaptureSync(readFileSync(`${path}.pcap`))]
      .map((captured) => decodePacket(captured))
      .filter((packet) => packet !== undefined)
      .map((packet) => optionTexts(formatPacket(packet)));
    expect(found.length).toBeGreaterThan(0);
    expect(found).toEqual(expected);
  });
});
