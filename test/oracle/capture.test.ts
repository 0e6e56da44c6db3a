import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { readCapture } from '../../src/capture/capture.ts';
import type { CapturedPacket } from '../../src/capture/packet.ts';
import { PcapngWriter, PcapWriter } from '../../src/capture/write.ts';
import { formatAddress } from '../../src/ip/address.ts';
import { FrameCursor } from '../../src/ip/frame.ts';
import {
  block,
  concat,
  interfaceBlock,
  Octets,
  packetBlock,
  pcap,
  pcapng,
  section,
  simplePacketBlock,
  type TestPacket,
  text,
  ticks,
} from '../capture/container.ts';
import { ethernet, ipHeader, ipPacket, tcpPacket, tcpSegment } from '../packet.ts';
import { has } from '../tools.ts';

/** Captures of the laboratory and of other projects, which are not part of the repository. */
const SHARED = ['../shared/captures', '../shared/public'];
const FIXTURES = 'fixtures/captures';
const tshark = has('tshark');
const directory = mkdtempSync(join(tmpdir(), 'mptcp-codec-'));
afterAll(() => rmSync(directory, { recursive: true }));

/** Columns that both sides print. */
const FIELDS = [
  'frame.number',
  'frame.time_epoch',
  'frame.len',
  'frame.cap_len',
  'frame.interface_name',
  'frame.protocols',
  'ip.src',
  'ipv6.src',
  'tcp.srcport',
  'tcp.dstport',
  'tcp.seq_raw',
  'tcp.ack_raw',
  'tcp.flags',
  'tcp.window_size_value',
  'tcp.hdr_len',
  'tcp.len',
];

/** A row of what tshark and we must agree on. */
interface Row {
  frame: string;
  time: string;
  length: string;
  captured: string;
  name: string;
  tcp: string | undefined;
}

async function tsharkRows(file: string): Promise<Row[]> {
  const preferences = ['ip.defragment:FALSE', 'ipv6.defragment:FALSE', 'tcp.analyze_sequence_numbers:FALSE'];
  const columns = FIELDS.flatMap((field) => ['-e', field]);
  const options = ['-T', 'fields', '-E', 'occurrence=l', ...preferences.flatMap((each) => ['-o', each]), ...columns];
  const stdout = await new Promise<string>((resolve, reject) => {
    execFile('tshark', ['-n', '-r', file, ...options], { maxBuffer: 1 << 28 }, (error, output) => {
      // A damaged file makes its exit status 2, after what it could read.
      if (error && typeof error.code !== 'number') reject(error);
      else resolve(output);
    });
  });
  return stdout
    .split('\n')
    .map((line) => line.split('\t'))
    .filter(([frame, time, , , , protocols]) => {
      // Blocks that Wireshark numbers, but that hold no packet.
      const packet = protocols !== 'systemd_journal' && (time !== '' || !/^(data)?$/.test(protocols ?? ''));
      return frame !== '' && packet;
    })
    .map(([frame, time, length, captured, name, protocols, ip4, ip6, source, ...tcp]) => {
      const inner = protocols!.split(':').filter((protocol) => /^(ip|ipv6|icmp|icmpv6|tcp)$/.test(protocol));
      // What an ICMP error quotes is not this frame's TCP header; one cut before its end shows no length.
      const found = inner.at(-1) === 'tcp' && !inner.includes('icmp') && !inner.includes('icmpv6') && tcp[5] !== '';
      const address = inner.lastIndexOf('ipv6') > inner.lastIndexOf('ip') ? ip6 : ip4;
      return {
        frame: frame!,
        // A Simple Packet Block has no time.
        time: time === '' ? '0.000000000' : time!,
        length: length!,
        captured: captured!,
        name: name === 'unknown' ? '' : name!,
        tcp: found ? [address, source, ...tcp].join(' ') : undefined,
      };
    });
}

/** Files that nobody has lying about: the same packets in every container and link layer that both sides know. */
const SYNTHETIC: Record<string, Uint8Array> = synthetic();

function synthetic(): Record<string, Uint8Array> {
  const parts = { options: [{ type: 'MP_PRIO' as const, backup: true }], payload: text('hello') };
  const at = (i: number): bigint => 1_700_000_000_123_456_000n + BigInt(i) * 1_001_000n;
  const as = (linkType: number, ...frames: Uint8Array[]): TestPacket[] =>
    frames.map((bytes, i) => ({ time: at(i), linkType, bytes, originalLength: bytes.length }));
  const v4 = ipPacket(parts);
  const v6 = ipPacket({ ...parts, source: 'fd00::1' });
  const frames = as(1, tcpPacket(parts), tcpPacket({ ...parts, source: 'fd00::1' }), tcpPacket({ flags: 4 }));
  const nanoseconds = frames.map((packet, i) => ({ ...packet, time: packet.time + BigInt(i * 7 + 1) }));
  const outer = { source: '192.0.2.1', destination: '192.0.2.2' };
  const outer6 = { source: '2001:db8::1', destination: '2001:db8::2' };
  const gre = (...header: number[]): Uint8Array => ipHeader(outer, 47, concat(Uint8Array.from(header), v4));
  const files: Record<string, Uint8Array> = {};
  for (const little of [true, false]) {
    const order = little ? 'little-endian' : 'big-endian';
    for (const magic of [0xa1b2c3d4, 0xa1b23c4d, 0xa1b2cd34, 0x1c0001ac, 0x1c0001ab]) {
      files[`pcap ${magic.toString(16)} ${order}`] = pcap(magic === 0xa1b23c4d ? nanoseconds : frames, {
        little,
        magic,
      });
    }
    files[`pcap snaplen 0 ${order}`] = pcap(frames, { little, snapLength: 0 });
    files[`pcap version 2.2 ${order}`] = pcap(
      frames.map((packet) => ({ ...packet, bytes: packet.bytes.subarray(0, 54) })),
      { little, version: [2, 3] },
    );
    for (const resolution of [0, 3, 6, 7, 9, 0x80, 0x8a, 0x94, 0x9e]) {
      files[`pcapng resolution ${resolution} ${order}`] = pcapng(nanoseconds, { little, resolution });
    }
    files[`pcapng packet blocks ${order}`] = pcapng(frames, { little, type: 2 });
    files[`pcapng offset ${order}`] = pcapng(nanoseconds, { little, resolution: 9, offset: 1_600_000_000n });
    files[`pcapng negative offset ${order}`] = pcapng(frames, { little, offset: -100n });
    files[`pcapng simple packets cut by the snaplen ${order}`] = concat(
      section(little),
      interfaceBlock(little, { snapLength: 60, name: 'lo' }),
      ...frames.map(({ bytes }) =>
        simplePacketBlock(little, { bytes: bytes.subarray(0, 60), originalLength: bytes.length }),
      ),
    );
    files[`pcapng journal and custom blocks ${order}`] = concat(
      section(little),
      interfaceBlock(little),
      block(little, 9, text('__REALTIME_TIMESTAMP=1700000000000000\nMESSAGE=x\n')),
      block(little, 0xbad, new Octets(little).u32(46_254).bytes(text('private')).done()),
      packetBlock(little, 6, 0, ticks(at(0)), frames[0]!),
      block(little, 0x4000_0bad, new Octets(little).u32(46_254).bytes(text('private')).done()),
      packetBlock(little, 6, 0, ticks(at(1)), frames[1]!),
    );
  }
  for (const [name, writer, list] of [
    ['PcapWriter', new PcapWriter(), nanoseconds],
    [
      'PcapngWriter',
      new PcapngWriter(),
      [...nanoseconds, ...as(101, v4, v6).map((each) => ({ ...each, interface: 'tun0' }))],
    ],
  ] as const) {
    files[name] = concat(...list.map((each) => writer.push(each)), writer.end());
  }
  files['pcapng sections of either byte order'] = concat(
    pcapng(frames, { little: true, resolution: 9 }),
    pcapng(as(101, v4, v6), { little: false }),
    pcapng(frames, { little: true, type: 2 }),
  );
  files['pcapng link types'] = pcapng([...frames, ...as(228, v4), ...as(229, v6), ...as(101, v6)]);
  const vlan = (type: number, body: Uint8Array): Uint8Array =>
    concat(Uint8Array.of(0, 42, type >>> 8, type & 255), body);
  const shim = (label: number, bottom: number): Uint8Array => Uint8Array.of(0, label, (label << 4) | bottom, 64);
  const links: Record<string, TestPacket[]> = {
    vlan: as(1, ethernet(0x8100, vlan(0x0800, v4)), ethernet(0x88a8, vlan(0x8100, vlan(0x86dd, v6)))),
    qinq: as(1, ethernet(0x9100, vlan(0x8100, vlan(0x0800, v4))), ethernet(0x8100, vlan(0x8100, vlan(0x0800, v4)))),
    padded: as(1, concat(ethernet(0x0800, ipPacket({ flags: 2 })), new Uint8Array(6))),
    mpls: as(1, ethernet(0x8847, concat(shim(20, 0), shim(21, 1), v4)), ethernet(0x8847, concat(shim(22, 1), v6))),
    pppoe: as(1, ethernet(0x8864, concat(Uint8Array.of(0x11, 0, 0, 1, 0, v4.length + 2, 0, 0x21), v4))),
    null: as(
      0,
      concat(Uint8Array.of(2, 0, 0, 0), v4),
      concat(Uint8Array.of(0, 0, 0, 2), v4),
      concat(Uint8Array.of(30, 0, 0, 0), v6),
    ),
    loop: as(108, concat(Uint8Array.of(0, 0, 0, 2), v4), concat(Uint8Array.of(0, 0, 0, 24), v6)),
    ppp: as(
      9,
      concat(Uint8Array.of(0xff, 3, 0, 0x21), v4),
      concat(Uint8Array.of(0, 0x57), v6),
      concat(Uint8Array.of(0x21), v4),
    ),
    'ppp in hdlc': as(50, concat(Uint8Array.of(0xff, 3, 0, 0x21), v4), concat(Uint8Array.of(0xff, 3, 0, 0x57), v6)),
    'cisco hdlc': as(104, concat(Uint8Array.of(0x0f, 0, 8, 0), v4), concat(Uint8Array.of(0x0f, 0, 0x86, 0xdd), v6)),
    nflog: as(239, concat(Uint8Array.of(2, 0, 0, 0, 8, 0, 1, 0, 8, 0, 0, 0, v4.length + 4, 0, 9, 0), v4)),
    raw: as(101, v4, v6),
    'tunnels in IPv4': as(
      101,
      ipHeader(outer, 4, v4),
      ipHeader(outer, 41, v6),
      ipHeader(outer, 4, ipHeader(outer, 41, v6)),
    ),
    'tunnels in IPv6': as(101, ipHeader(outer6, 4, v4), ipHeader(outer6, 41, v6)),
    gre: as(101, gre(0, 0, 8, 0), gre(0x20, 0, 8, 0, 0, 0, 0, 9), gre(0x30, 0, 8, 0, 0, 0, 0, 9, 0, 0, 0, 1)),
    'gre with ethernet': as(101, ipHeader(outer, 47, concat(Uint8Array.of(0, 0, 0x65, 0x58), tcpPacket(parts)))),
    'extension headers': as(
      101,
      ...[0, 43, 60].map((next) =>
        ipHeader(outer6, next, concat(Uint8Array.of(6, 0, 1, 4, 0, 0, 0, 0), tcpSegment({ ...parts, ...outer6 }))),
      ),
      ipHeader(outer6, 51, concat(Uint8Array.of(6, 4, 0, 0), new Uint8Array(20), tcpSegment({ ...parts, ...outer6 }))),
      ipHeader(outer6, 44, concat(Uint8Array.of(6, 0, 0, 0, 0, 0, 0, 1), tcpSegment({ ...parts, ...outer6 }))),
    ),
    'later fragments': as(
      101,
      fragment(v4, 0x0010),
      ipHeader(outer6, 44, concat(Uint8Array.of(6, 0, 0, 0x10, 0, 0, 0, 1), tcpSegment({ ...parts, ...outer6 }))),
    ),
    'total length 0': as(1, ethernet(0x0800, totalLength(v4, 0))),
    'IPv4 options': as(101, withOptions(v4)),
  };
  for (const [name, packets] of Object.entries(links)) files[`link layer ${name}`] = pcap(packets);
  return files;
}

/** `packet` with this flags and fragment offset field. */
function fragment(packet: Uint8Array, field: number): Uint8Array {
  const copy = packet.slice();
  new DataView(copy.buffer).setUint16(6, field);
  return copy;
}

/** `packet` with this length field. */
function totalLength(packet: Uint8Array, length: number): Uint8Array {
  const copy = packet.slice();
  new DataView(copy.buffer).setUint16(packet[0] === 0x45 ? 2 : 4, length);
  return copy;
}

/** `packet` with four octets of IPv4 options. */
function withOptions(packet: Uint8Array): Uint8Array {
  const longer = concat(packet.subarray(0, 20), Uint8Array.of(1, 1, 1, 0), packet.subarray(20));
  longer[0] = 0x46;
  new DataView(longer.buffer).setUint16(2, longer.length);
  return longer;
}

const cursor = new FrameCursor();

function ourRow(packet: CapturedPacket): Row {
  const { frame, time, linkType, bytes, originalLength } = packet;
  const found = cursor.reset(linkType, bytes, 0, bytes.length, originalLength);
  const address = found ? formatAddress(bytes, cursor.source, cursor.ipVersion === 4 ? 4 : 16) : '';
  return {
    frame: `${frame}`,
    time: `${time / 1_000_000_000n}.${`${time % 1_000_000_000n}`.padStart(9, '0')}`,
    length: `${originalLength}`,
    captured: `${bytes.length}`,
    name: packet.interface ?? '',
    tcp: found
      ? [
          address,
          cursor.sourcePort,
          cursor.destinationPort,
          cursor.sequenceNumber,
          cursor.acknowledgmentNumber,
          `0x${((cursor.view.getUint16(cursor.tcp + 12) & 0xfff) >>> 0).toString(16).padStart(4, '0')}`,
          cursor.window,
          cursor.payload - cursor.tcp,
          cursor.payloadLength,
        ].join(' ')
      : undefined,
  };
}

async function ourRows(file: string): Promise<Row[]> {
  const rows: Row[] = [];
  for await (const packet of readCapture(readFileSync(file))) rows.push(ourRow(packet));
  return rows;
}

function captures(root: string): string[] {
  if (!existsSync(root)) return [];
  return readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.pcap(ng)?(\.gz)?$/.test(name))
    .sort()
    .map((name) => join(root, name));
}

describe.skipIf(!tshark)('the same frames, times, lengths and TCP headers as tshark (needs tshark)', () => {
  test.concurrent.each(captures(FIXTURES))('%s', async (file) => {
    expect(await ourRows(file)).toEqual(await tsharkRows(file));
  });

  for (const root of SHARED) {
    if (!existsSync(root)) test.skip(`captures of ${root} (need that directory)`, () => {});
    test.concurrent.each(captures(root))('%s', async (file) => {
      expect(await ourRows(file)).toEqual(await tsharkRows(file));
    });
  }

  test.concurrent.each(Object.keys(SYNTHETIC))('%s', async (name) => {
    const file = join(directory, `${name}.pcap`);
    writeFileSync(file, SYNTHETIC[name]!);
    expect(await ourRows(file)).toEqual(await tsharkRows(file));
  });
});
