/**
 * The lines that are written from octets, held to those made from objects.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fromHex } from '../../src/bytes.ts';
import { CaptureReader } from '../../src/capture/capture.ts';
import type { CapturedPacket } from '../../src/capture/packet.ts';
import { PcapngWriter } from '../../src/capture/write.ts';
import { formatAddress } from '../../src/ip/address.ts';
import { FrameCursor } from '../../src/ip/frame.ts';
import { LinkType } from '../../src/ip/link.ts';
import {
  decimal,
  decimal32,
  decimal64,
  hex,
  ipv4,
  ipv6,
  long,
  nineDigits,
  phrase,
  short,
} from '../../src/text/ascii.ts';
import { type LineOptions, LineWriter, packetLine } from '../../src/text/ndjson.ts';
import { decodePacket } from '../../src/text/packet.ts';
import { hostileOctets, listOctets } from '../arbitraries.ts';
import { captured, ipHeader } from '../packet.ts';

const out = new DataView(new ArrayBuffer(256));
const written = (length: number): string => new TextDecoder('latin1').decode(new Uint8Array(out.buffer, 0, length));

/** What `write` writes at offset 3; it must not touch what is before. */
function text(write: (at: number) => number): string {
  new Uint8Array(out.buffer).fill(0x2a);
  const end = write(3);
  const all = written(end);
  expect(all.slice(0, 3)).toBe('***');
  return all.slice(3);
}

describe('ASCII', () => {
  test('phrases', () => {
    expect(text((at) => short(out, at, phrase('"src":"')))).toBe('"src":"');
    expect(text((at) => short(out, at, phrase('sixteen octets..')))).toBe('sixteen octets..');
    expect(text((at) => long(out, at, phrase('x'.repeat(40))))).toBe('x'.repeat(40));
    expect(() => phrase('x'.repeat(41))).toThrow('more than 40 octets');
  });

  test('32 bits', () => {
    for (const n of [0, 1, 9, 10, 99, 100, 999, 1000, 9999, 10_000, 99_999_999, 100_000_000, 4_294_967_295]) {
      expect(text((at) => decimal32(out, at, n | 0))).toBe(String(n));
    }
    fc.assert(
      fc.property(fc.nat(0xffffffff), (n) => void expect(text((at) => decimal32(out, at, n | 0))).toBe(String(n))),
    );
  });

  test('64 bits', () => {
    const check = (value: bigint): void => {
      const high = Number(BigInt.asIntN(32, value >> 32n));
      const low = Number(BigInt.asIntN(32, value));
      expect(text((at) => decimal64(out, at, high, low))).toBe(value.toString());
    };
    for (const power of [8n, 15n, 16n, 17n, 18n, 19n]) {
      for (let near = -2n; near <= 2n; near++) check(10n ** power + near);
    }
    for (let bits = 31n; bits <= 64n; bits++) for (let near = -2n; near < 0n; near++) check((1n << bits) + near);
    for (let k = 1n; k < 184_467_440_737n; k = k * 3n + 1n) {
      check(k * 100_000_000n);
      check(k * 100_000_000n - 1n);
    }
    fc.assert(fc.property(fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }), check), { numRuns: 20_000 });
  });

  test('up to 2^53', () => {
    for (const n of [0, 65_535, 4_294_967_295, 4_294_967_296, Number.MAX_SAFE_INTEGER]) {
      expect(text((at) => decimal(out, at, n))).toBe(String(n));
    }
    fc.assert(fc.property(fc.maxSafeNat(), (n) => void expect(text((at) => decimal(out, at, n))).toBe(String(n))));
  });

  test('nanoseconds', () => {
    expect(text((at) => nineDigits(out, at, 0))).toBe('000000000');
    expect(text((at) => nineDigits(out, at, 908_372_001))).toBe('908372001');
    expect(text((at) => nineDigits(out, at, 999_999_999))).toBe('999999999');
  });

  test('hex', () => {
    const octets = new DataView(fromHex('00ff0a9f').buffer);
    expect(text((at) => hex(out, at, octets, 1, 3))).toBe('ff0a9f');
  });

  test('addresses', () => {
    const octet = fc.oneof(fc.constant(0), fc.nat(255));
    const group = fc.oneof(fc.constant([0, 0]), fc.tuple(octet, octet));
    const mapped = fc.tuple(octet, octet, octet, octet).map((tail) => [...new Array(10).fill(0), 255, 255, ...tail]);
    const groups = fc.array(group, { minLength: 8, maxLength: 8 }).map((list) => list.flat());
    fc.assert(
      fc.property(fc.oneof(groups, mapped), (list) => {
        const octets = Uint8Array.from(list);
        const view = new DataView(octets.buffer);
        expect(text((at) => ipv6(out, at, view, 0))).toBe(formatAddress(octets));
        expect(text((at) => ipv4(out, at, view, 12))).toBe(formatAddress(octets, 12, 4));
      }),
      { numRuns: 5000 },
    );
    for (let zeros = 0; zeros < 256; zeros++) {
      const octets = Uint8Array.from({ length: 16 }, (_, i) => (zeros & (1 << (i >> 1)) ? 0 : 0x21));
      expect(text((at) => ipv6(out, at, new DataView(octets.buffer), 0))).toBe(formatAddress(octets));
    }
  });
});

/** All lines of a capture, fast and slow. */
function lines(capture: Uint8Array, options: LineOptions): { fast: string; slow: string } {
  const reader = new CaptureReader();
  const frame = new FrameCursor();
  const decoder = new TextDecoder();
  let fast = '';
  let slow = '';
  const writer = new LineWriter((octets) => (fast += decoder.decode(octets, { stream: true })), options);
  reader.push(capture);
  reader.end();
  while (reader.next()) {
    const { bytes, offset, length, linkType, originalLength } = reader;
    if (!frame.reset(linkType, bytes, offset, length, originalLength)) continue;
    const time = BigInt(reader.seconds) * 1_000_000_000n + BigInt(reader.nanoseconds);
    const octets = bytes.subarray(offset, offset + length);
    const packet: CapturedPacket = {
      ...{ frame: reader.frame, time, interface: reader.interface },
      ...{ linkType, bytes: octets, originalLength },
    };
    const decoded = decodePacket(packet, options.all);
    if (decoded !== undefined) slow += packetLine(decoded, options);
    expect(writer.packet(reader, frame)).toBe(decoded !== undefined);
  }
  writer.flush();
  writer.flush();
  return { fast, slow };
}

/** One line, of a packet that is given and not read. */
function line(packet: CapturedPacket, options: LineOptions = {}): { fast: string; slow: string | undefined } {
  const { bytes, originalLength, linkType } = packet;
  const frame = new FrameCursor();
  let fast = '';
  const writer = new LineWriter((octets) => (fast += new TextDecoder().decode(octets)), options);
  frame.reset(linkType, bytes, 0, bytes.length, originalLength);
  const rest = ((packet.time % 1_000_000_000n) + 1_000_000_000n) % 1_000_000_000n;
  const slot = {
    ...{ frame: packet.frame, seconds: Number((packet.time - rest) / 1_000_000_000n), nanoseconds: Number(rest) },
    ...{ linkType, bytes, offset: 0, length: bytes.length, originalLength, interface: packet.interface },
  };
  writer.packet(slot, frame);
  writer.flush();
  const decoded = decodePacket(packet, options.all);
  return { fast, slow: decoded === undefined ? undefined : packetLine(decoded, options) };
}

const OPTIONS: readonly LineOptions[] = [{}, { keys: false }, { all: true }];

/** A segment whose option list is these octets, filled up with No-Operation. */
function segment(list: Uint8Array, frame = 7): CapturedPacket {
  const padded = new Uint8Array(Math.ceil(Math.min(list.length, 40) / 4) * 4).fill(1);
  padded.set(list.subarray(0, 40));
  const tcp = new Uint8Array(20 + padded.length);
  tcp.set(fromHex('c00001bbffffffff80000001'));
  tcp.set([(5 + padded.length / 4) << 4, 0xd8], 12);
  tcp.set(padded, 20);
  const bytes = ipHeader({}, 6, tcp);
  const time = 1_700_000_000_000_000_123n;
  return { frame, time, linkType: LinkType.raw, bytes, originalLength: bytes.length, interface: undefined };
}

describe('LineWriter writes what packetLine writes', () => {
  test('of any list of options', () => {
    const any = fc.oneof(listOctets(), hostileOctets());
    fc.assert(
      fc.property(any, fc.constantFrom(...OPTIONS), fc.nat(60), (list, options, kept) => {
        const whole = segment(list);
        const { fast, slow = '' } = line(whole, options);
        expect(fast).toBe(slow);
        const cut = { ...whole, bytes: whole.bytes.subarray(0, 40 + kept) };
        const short = line(cut, options);
        expect(short.fast).toBe(short.slow ?? '');
      }),
      { numRuns: 3000 },
    );
  });

  test('of every subtype and length', () => {
    for (let subtype = 0; subtype < 16; subtype++) {
      for (let length = 2; length <= 40; length++) {
        for (const low of [0, 1, 4, 6, 15]) {
          for (const flags of [0, 1, 3, 4, 5, 7, 0x0c, 0x0d, 0x1f, 0xff]) {
            const octets = Uint8Array.from({ length }, (_, i) => 0x80 + i * 7);
            octets.set([30, length, (subtype << 4) | low, flags].slice(0, length));
            const { fast, slow } = line(segment(octets), { keys: flags < 4 });
            expect(fast).toBe(slow);
          }
        }
      }
    }
  });

  test('with the names of interfaces, whatever they are, and any time', () => {
    for (const name of ['eth0', 'größe "1"\\\n', 'x'.repeat(300_000)]) {
      for (const time of [0n, 1n, -1n, -5_000_000_001n, 0xffffffff_999999999n, 9_007_199_254_740_991_000000001n]) {
        const packet = { ...captured(4_294_967_297, {}, time), interface: name };
        const { fast, slow } = line(packet, { all: true });
        expect(fast).toBe(slow);
      }
    }
  });

  test('where the buffer is handed over in between', () => {
    const capture = new PcapngWriter();
    const interfaces = ['a', 'b'.repeat(60_000)];
    const pieces: Uint8Array[] = [];
    for (let i = 0; i < 3000; i++) {
      const packet = segment(fromHex('0101080a00000001000000021e0351'), i + 1);
      pieces.push(capture.push({ ...packet, interface: interfaces[i % 100 === 7 ? 1 : 0] }));
    }
    const { fast, slow } = lines(new Uint8Array(pieces.flatMap((piece) => [...piece])), {});
    expect(slow.length).toBeGreaterThan(2 * 262_144);
    expect(fast === slow).toBe(true);
  });

  const ours = fileURLToPath(new URL('../../fixtures/captures', import.meta.url));
  test.each(readdirSync(ours).filter((name) => /\.pcap(ng)?$/.test(name)))('%s', (name) => {
    for (const options of OPTIONS) {
      const { fast, slow } = lines(new Uint8Array(readFileSync(`${ours}/${name}`)), options);
      expect(fast === slow).toBe(true);
    }
  });
});
