import { describe, expect, test } from 'vitest';
import { toHex } from '../../src/bytes.ts';
import type { CapturedPacket } from '../../src/capture/packet.ts';
import { PcapngWriter, PcapWriter } from '../../src/capture/write.ts';

const packet: CapturedPacket = {
  frame: 1,
  time: 1_700_000_000_123_456_789n,
  linkType: 276,
  bytes: Uint8Array.of(1, 2, 3, 4, 5),
  originalLength: 9,
};

describe('PcapWriter', () => {
  test('the file header comes with the first packet', () => {
    const writer = new PcapWriter();
    const header = 'a1b23c4d000200040000000000000000' + '0004000000000114';
    const record = '6553f100075bcd150000000500000009' + '0102030405';
    expect(toHex(writer.push(packet))).toBe(header + record);
    expect(toHex(writer.push(packet))).toBe(record);
    expect(writer.end()).toEqual(new Uint8Array(0));
  });

  test('a file without packets has its header', () => {
    expect(toHex(new PcapWriter(101).end())).toBe('a1b23c4d000200040000000000000000' + '0004000000000065');
    expect(toHex(new PcapWriter().end().subarray(20))).toBe('00000001');
  });

  test('what the file cannot hold', () => {
    const writer = new PcapWriter(1);
    expect(() => writer.push(packet)).toThrow(new RangeError("linkType must be 1, as the file's, got 276"));
    const good = { ...packet, linkType: 1 };
    expect(() => writer.push({ ...good, time: -1n })).toThrow(new RangeError('time must not be negative, got -1'));
    expect(() => writer.push({ ...good, time: 4_294_967_296_000_000_000n })).toThrow(
      new RangeError('time in seconds must be an integer from 0 to 4294967295, got 4294967296'),
    );
    expect(() => writer.push({ ...good, time: 1.5 as unknown as bigint })).toThrow(
      new TypeError('time must be a bigint of nanoseconds, got number'),
    );
    expect(() => writer.push({ ...good, originalLength: -1 })).toThrow(/^originalLength must be/);
    expect(() => writer.push({ ...good, bytes: new Uint8Array(262_145) })).toThrow(
      new RangeError('bytes must be at most 262144 octets, got 262145'),
    );
    // A packet that was refused has not begun the file.
    expect(writer.push(good)).toHaveLength(24 + 16 + 5);
  });
});

describe('PcapngWriter', () => {
  const section = '0a0d0d0a0000001c1a2b3c4d00010000ffffffffffffffff0000001c';
  const enhanced = (id: string): string =>
    `0000000600000028${id}17979cfe3d85cd150000000500000009010203040500000000000028`;

  test('section, interface and packet; then packets', () => {
    const writer = new PcapngWriter();
    const described = '0000000100000020' + '01140000' + '00040000' + '0009000109000000' + '00000000' + '00000020';
    expect(toHex(writer.push(packet))).toBe(section + described + enhanced('00000000'));
    expect(toHex(writer.push(packet))).toBe(enhanced('00000000'));
    expect(writer.end()).toEqual(new Uint8Array(0));
  });

  test('an interface for each link type and name', () => {
    const writer = new PcapngWriter();
    writer.push(packet);
    const named = toHex(writer.push({ ...packet, interface: 'eth0' }));
    expect(named).toBe(
      `000000010000002801140000000400000002000465746830${'0009000109000000'}0000000000000028${enhanced('00000001')}`,
    );
    expect(toHex(writer.push({ ...packet, linkType: 1, interface: 'eth0' })).slice(-80)).toBe(enhanced('00000002'));
    expect(toHex(writer.push(packet))).toBe(enhanced('00000000'));
    expect(toHex(writer.push({ ...packet, interface: '' })).slice(-80)).toBe(enhanced('00000003'));
  });

  test('a file without packets has its section', () => {
    expect(toHex(new PcapngWriter().end())).toBe(section);
  });

  test('what the file cannot hold', () => {
    const writer = new PcapngWriter();
    expect(() => writer.push({ ...packet, time: -1n })).toThrow(/^time must be a bigint from 0/);
    expect(() => writer.push({ ...packet, time: 1n << 64n })).toThrow(/^time must be a bigint from 0/);
    expect(() => writer.push({ ...packet, linkType: 65_536 })).toThrow(/^linkType must be/);
    expect(() => writer.push({ ...packet, originalLength: 2 ** 32 })).toThrow(/^originalLength must be/);
    expect(() => writer.push({ ...packet, interface: 'x'.repeat(65_536) })).toThrow(/^interface must be/);
    expect(toHex(writer.push(packet).subarray(0, 28))).toBe(section);
  });
});
