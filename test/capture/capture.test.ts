import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CaptureReader, readCapture, readCaptureSync } from '../../src/capture/capture.ts';
import { type CapturedPacket, CaptureError, type Damage } from '../../src/capture/packet.ts';
import { PcapngWriter, PcapWriter } from '../../src/capture/write.ts';
import { decodeFrame } from '../../src/ip/packet.ts';
import {
  block,
  concat,
  interfaceBlock,
  Octets,
  packetBlock,
  packets,
  pcap,
  pcapng,
  section,
  simplePacketBlock,
  type TestPacket,
  text,
  ticks,
} from './container.ts';

function fixture(name: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(readFileSync(`fixtures/captures/variants/${name}`));
}

/** Packets and damage of a file in memory. */
function read(bytes: Uint8Array): { found: CapturedPacket[]; damage: Damage | undefined } {
  let damage: Damage | undefined;
  const found = [...readCaptureSync(bytes, { onDamage: (noted) => (damage = noted) })];
  return { found, damage };
}

/** Packets and damage of any source. */
async function readAll(
  source: Parameters<typeof readCapture>[0],
): Promise<{ found: CapturedPacket[]; damage: Damage | undefined }> {
  let damage: Damage | undefined;
  const found: CapturedPacket[] = [];
  for await (const packet of readCapture(source, { onDamage: (noted) => (damage = noted) })) found.push(packet);
  return { found, damage };
}

/** Packets of chunks that share one buffer, which is overwritten as soon as the reader allows it. */
function readChunks(bytes: Uint8Array, sizes: readonly number[]): CapturedPacket[] {
  const reader = new CaptureReader();
  const buffer = new Uint8Array(Math.max(...sizes));
  const found: CapturedPacket[] = [];
  const drain = (): void => {
    while (reader.next()) {
      found.push({
        frame: reader.frame,
        time: BigInt(reader.seconds) * 1_000_000_000n + BigInt(reader.nanoseconds),
        linkType: reader.linkType,
        bytes: reader.bytes.slice(reader.offset, reader.offset + reader.length),
        originalLength: reader.originalLength,
        interface: reader.interface,
      });
    }
  };
  for (let at = 0, turn = 0; at < bytes.length; turn++) {
    const size = sizes[turn % sizes.length]!;
    const chunk = bytes.subarray(at, at + size);
    buffer.set(chunk);
    reader.push(chunk.length === buffer.length ? buffer : buffer.subarray(0, chunk.length));
    drain();
    buffer.fill(0xa5);
    at += size;
  }
  reader.end();
  drain();
  return found;
}

function numbered(list: readonly TestPacket[]): CapturedPacket[] {
  return list.map((packet, i) => ({ frame: i + 1, interface: undefined, ...packet }));
}

function written(writer: PcapWriter | PcapngWriter, list: readonly TestPacket[]): Uint8Array<ArrayBuffer> {
  return concat(...list.map((packet) => writer.push({ interface: undefined, ...packet })), writer.end());
}

const packet = (second: number, ...octets: number[]): TestPacket => ({
  time: 1_700_000_000_000_000_000n + BigInt(second) * 1_000_000_000n,
  linkType: 1,
  bytes: Uint8Array.from(octets),
  originalLength: octets.length,
});
const THREE = [packet(0, 1, 2, 3), packet(1, 4, 5, 6, 7), packet(2, 8)];

/** Each container: least time it tells apart in nanoseconds, whether it keeps link types and names apart, how it is made. */
const CONTAINERS: [string, bigint, boolean, (list: TestPacket[]) => Uint8Array<ArrayBuffer>][] = [
  ['PcapWriter', 1n, false, (list) => written(new PcapWriter(), list)],
  ['PcapngWriter', 1n, true, (list) => written(new PcapngWriter(), list)],
];
for (const little of [true, false]) {
  const order = little ? 'little-endian' : 'big-endian';
  for (const [magic, unit] of [
    [0xa1b2c3d4, 1000n],
    [0xa1b23c4d, 1n],
    [0xa1b2cd34, 1000n],
    [0x1c0001ac, 1000n],
    [0x1c0001ab, 1000n],
  ] as const) {
    CONTAINERS.push([
      `pcap ${magic.toString(16)} ${order}`,
      unit,
      false,
      (list) => pcap(list, { little, magic, linkType: list[0]?.linkType ?? 0 }),
    ]);
  }
  for (const [resolution, unit] of [
    [6, 1000n],
    [9, 1n],
    [3, 1_000_000n],
    [0, 1_000_000_000n],
    [0x9e, 1n],
    [0x83, 125_000_000n],
  ] as const) {
    CONTAINERS.push([
      `pcapng resolution ${resolution} ${order}`,
      unit,
      true,
      (list) => pcapng(list, { little, resolution }),
    ]);
  }
  CONTAINERS.push([`pcapng packet blocks ${order}`, 1000n, true, (list) => pcapng(list, { little, type: 2 })]);
  CONTAINERS.push([
    `pcapng offset ${order}`,
    1n,
    true,
    (list) => pcapng(list, { little, resolution: 9, offset: -1_000_000_000n }),
  ]);
}

describe('what is written is read', () => {
  test.each(CONTAINERS)('%s', (_, unit, many, make) => {
    fc.assert(
      fc.property(packets(unit, { oneLinkType: !many }), (list) => {
        expect(read(make(list))).toEqual({ found: numbered(list), damage: undefined });
      }),
      { numRuns: 60 },
    );
  });

  test.each(CONTAINERS)('%s, in chunks of any size, their buffer reused', (_, unit, many, make) => {
    const sizes = fc.array(fc.integer({ min: 1, max: 200 }), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(packets(unit, { oneLinkType: !many }), sizes, (list, chunks) => {
        expect(readChunks(make(list), chunks)).toEqual(numbered(list));
        expect(readChunks(make(list), [1])).toEqual(numbered(list));
      }),
      { numRuns: 20 },
    );
  });

  test.each(CONTAINERS)('%s, gzipped', async (_, unit, many, make) => {
    const [list] = fc.sample(packets(unit, { oneLinkType: !many }), { numRuns: 1, seed: 7 });
    expect(await readAll(new Uint8Array(gzipSync(make(list!))))).toEqual({ found: numbered(list!), damage: undefined });
  });
});

describe('sources', () => {
  const file = pcap(THREE);
  const pieces = (bytes: Uint8Array, size: number): Uint8Array[] =>
    Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) => bytes.subarray(i * size, (i + 1) * size));
  async function* each(list: Uint8Array[]): AsyncGenerator<Uint8Array> {
    yield* list;
  }
  function stream(list: Uint8Array[], cancelled: () => void = () => {}): ReadableStream<Uint8Array> {
    const left = [...list];
    return new ReadableStream<Uint8Array>({
      pull(controller) {
        const next = left.shift();
        if (next === undefined) controller.close();
        else controller.enqueue(next);
      },
      cancel: cancelled,
    });
  }
  /** A stream without the iterator that some browsers lack. */
  function plain(list: Uint8Array[], cancelled?: () => void): ReadableStream<Uint8Array> {
    const whole = stream(list, cancelled);
    return { getReader: () => whole.getReader() } as unknown as ReadableStream<Uint8Array>;
  }

  test.each([
    ['octets', (bytes: Uint8Array) => bytes],
    ['a Buffer', (bytes: Uint8Array) => Buffer.from(bytes)],
    ['an async iterable', (bytes: Uint8Array) => each(pieces(bytes, 7))],
    ['an async iterable of single octets', (bytes: Uint8Array) => each(pieces(bytes, 1))],
    [
      'an async iterable with empty chunks',
      (bytes: Uint8Array) => each(pieces(bytes, 5).flatMap((p) => [p, new Uint8Array(0)])),
    ],
    ['a stream', (bytes: Uint8Array) => stream(pieces(bytes, 7))],
    ['a stream that is not iterable', (bytes: Uint8Array) => plain(pieces(bytes, 7))],
  ])('%s, plain and gzipped', async (_, source) => {
    expect((await readAll(source(file))).found).toEqual(numbered(THREE));
    expect((await readAll(source(new Uint8Array(gzipSync(file))))).found).toEqual(numbered(THREE));
  });

  test('packets of a stream may be kept: they are copies', async () => {
    const shared = file.slice();
    async function* reused(): AsyncGenerator<Uint8Array> {
      yield shared;
      shared.fill(0);
    }
    expect((await readAll(reused())).found).toEqual(numbered(THREE));
  });

  test('packets of octets in memory alias them', () => {
    const [first] = readCaptureSync(file);
    expect(first!.bytes.buffer).toBe(file.buffer);
    expect(first!.bytes.byteOffset).toBe(40);
  });

  test('a packet comes out as soon as its octets are in', async () => {
    let given = 0;
    async function* slowly(): AsyncGenerator<Uint8Array> {
      for (const piece of [file.subarray(0, 43), file.subarray(43, 63), file.subarray(63)]) {
        given++;
        yield piece;
      }
    }
    const seen: number[] = [];
    for await (const _ of readCapture(slowly())) seen.push(given);
    expect(seen).toEqual([1, 2, 3]);
  });

  test('leaving early ends the source', async () => {
    const ended: string[] = [];
    async function* watched(): AsyncGenerator<Uint8Array> {
      try {
        yield* pieces(file, file.length - 1);
      } finally {
        ended.push('iterable');
      }
    }
    for await (const first of readCapture(watched())) {
      expect(first.frame).toBe(1);
      break;
    }
    for await (const _ of readCapture(plain(pieces(file, file.length - 1), () => ended.push('stream')))) break;
    expect(ended).toEqual(['iterable', 'stream']);
  });

  test('leaving a gzipped pipe early does not wait for its next chunk', async () => {
    async function* stalled(): AsyncGenerator<Uint8Array> {
      const zipped = new Uint8Array(gzipSync(concat(file, new Uint8Array(100_000))));
      yield zipped.subarray(0, zipped.length - 1);
      await new Promise(() => {});
    }
    const seen: number[] = [];
    for await (const { frame } of readCapture(stalled())) {
      seen.push(frame);
      break;
    }
    expect(seen).toEqual([1]);
  });

  test.each([
    ['plain', file],
    ['gzipped', new Uint8Array(gzipSync(file))],
  ])('an error of the source is thrown on: %s', async (_, bytes) => {
    async function* failing(): AsyncGenerator<Uint8Array> {
      yield bytes.subarray(0, bytes.length - 3);
      throw new Error('cable pulled');
    }
    await expect(readAll(failing())).rejects.toThrow('cable pulled');
  });

  test('a chunk may come before the last one was read', () => {
    const reader = new CaptureReader();
    for (const piece of pieces(file, 10)) reader.push(piece);
    reader.end();
    const frames: number[] = [];
    while (reader.next()) frames.push(reader.length);
    expect(frames).toEqual([3, 4, 1]);
    expect(reader.position).toBe(file.length);
  });
});

test('chunks that come a little faster than they are read', () => {
  const many = Array.from({ length: 400 }, (_, i) => packet(i, ...new Array<number>(40).fill(i & 0xff)));
  const file = pcap(many);
  const reader = new CaptureReader();
  const firsts: number[] = [];
  for (let at = 0; at < file.length; at += 57) {
    reader.push(file.slice(at, at + 57));
    if (reader.next()) firsts.push(reader.bytes[reader.offset]!);
  }
  reader.end();
  while (reader.next()) firsts.push(reader.bytes[reader.offset]!);
  expect(firsts).toEqual(many.map((_, i) => i & 0xff));
});

describe('pcap', () => {
  test('link types have 16 bits; the rest of the field says how long frame checksums are', () => {
    expect(read(pcap(THREE, { linkType: 0x5400_0001 })).found[0]!.linkType).toBe(1);
  });

  test.each([0, 1, 0xffff_ffff])('a snaplen of %d bounds nothing', (snapLength) => {
    expect(read(pcap(THREE, { snapLength })).found).toEqual(numbered(THREE));
  });

  test('before version 2.4 the lengths may be swapped', () => {
    const cut = { ...THREE[0]!, originalLength: 100 };
    const swapped = pcap([cut], { version: [2, 3] });
    new DataView(swapped.buffer).setUint32(32, 100, true);
    new DataView(swapped.buffer).setUint32(36, 3, true);
    expect(read(swapped).found).toEqual(numbered([cut]));
    expect(read(pcap([cut], { version: [2, 3] })).found).toEqual(numbered([cut]));
  });

  test('a fraction of more than a second is carried', () => {
    const file = pcap([THREE[0]!], { magic: 0xa1b23c4d });
    new DataView(file.buffer).setUint32(28, 2_500_000_000, true);
    expect(read(file).found[0]!.time).toBe(THREE[0]!.time + 2_500_000_000n);
  });

  test('seconds are unsigned: 2106 is their end', () => {
    const late = { ...THREE[0]!, time: 4_294_967_295_000_001_000n };
    expect(read(pcap([late])).found).toEqual(numbered([late]));
  });
});

describe('pcapng', () => {
  test('other blocks are stepped over; journals and custom blocks count as frames, as in Wireshark', () => {
    const file = pcapng(THREE, { noise: true });
    const expected = numbered(THREE).map((each) => ({ ...each, frame: each.frame * 3 }));
    expect(read(file)).toEqual({ found: expected, damage: undefined });
    const journal = concat(section(true), interfaceBlock(true), block(true, 9, text('MESSAGE=x')));
    const found = read(concat(journal, packetBlock(true, 6, 0, ticks(THREE[0]!.time), THREE[0]!))).found;
    expect(found).toEqual([{ frame: 2, interface: undefined, ...THREE[0]! }]);
  });

  test('sections of either byte order, each with its own interfaces', () => {
    const named = THREE.map((each) => ({ ...each, interface: 'eth0' }));
    const file = concat(pcapng(THREE), pcapng(named, { little: false, type: 2 }), pcapng(THREE, { resolution: 9 }));
    expect(read(file)).toEqual({ found: numbered([...THREE, ...named, ...THREE]), damage: undefined });
  });

  test('interfaces may be described at any time, with any options', () => {
    const little = false;
    const strange = new Octets(little).u16(113).u16(0).u32(0);
    // A resolution and an offset of the wrong size, an empty name, an unknown option, no end of options.
    strange.u16(9).u16(2).u8(9, 9, 0, 0).u16(14).u16(4).u32(77).u16(2).u16(0).u16(4242).u16(3).u8(1, 2, 3, 0);
    // An option that is longer than the block.
    strange.u16(2).u16(400).u32(0);
    const file = concat(
      section(little),
      interfaceBlock(little, { linkType: 101, name: 'tun0', resolution: 9 }),
      packetBlock(little, 6, 0, THREE[0]!.time, THREE[0]!),
      block(little, 1, strange.done()),
      packetBlock(little, 6, 1, ticks(THREE[1]!.time), THREE[1]!),
    );
    expect(read(file)).toEqual({
      found: numbered([
        { ...THREE[0]!, linkType: 101, interface: 'tun0' },
        { ...THREE[1]!, linkType: 113, interface: '' },
      ]),
      damage: undefined,
    });
  });

  test('what follows the end of options is not read', () => {
    const body = new Octets(true).u16(1).u16(0).u32(0).u32(0).u16(9).u16(1).u8(9, 0, 0, 0).done();
    const file = concat(section(true), block(true, 1, body), packetBlock(true, 6, 0, 5n, THREE[0]!));
    expect(read(file).found[0]!.time).toBe(5000n);
  });

  test('a long name keeps its first 255 octets', () => {
    const file = pcapng([{ ...THREE[0]!, interface: 'x'.repeat(4000) }]);
    expect(read(file).found[0]!.interface).toBe('x'.repeat(255));
  });

  test('simple packets: first interface, no time, as many octets as its snaplen allows', () => {
    const long = { bytes: Uint8Array.of(1, 2, 3, 4, 5), originalLength: 5 };
    const simple = (snapLength: number): CapturedPacket[] =>
      read(
        concat(
          section(true),
          interfaceBlock(true, { linkType: 228, snapLength, name: 'lo' }),
          interfaceBlock(true, { linkType: 1 }),
          simplePacketBlock(true, { ...long, bytes: long.bytes.subarray(0, snapLength || 5) }),
        ),
      ).found;
    const common = { frame: 1, time: 0n, linkType: 228, originalLength: 5, interface: 'lo' };
    expect(simple(0)).toEqual([{ ...common, bytes: long.bytes }]);
    expect(simple(3)).toEqual([{ ...common, bytes: long.bytes.subarray(0, 3) }]);
  });

  test.each([
    ['picoseconds', 12, 1_700_000_000n, 1_700_000_000_000_000_000n, 1_234_567_890_123n, 1_234_567_890n],
    ['2^-20 s', 0x94, 0n, 0n, 3n, 2861n],
    ['2^-127 s', 0xff, 5n, 5_000_000_000n, 1n << 62n, 0n],
    ['10^-127 s', 0x7f, 5n, 5_000_000_000n, 1n << 62n, 0n],
    ['seconds', 0, 0n, 0n, 1_700_000_000n, 1_700_000_000_000_000_000n],
    ['the last microsecond', 6, 0n, 0n, 0xffff_ffff_ffff_ffffn, 18_446_744_073_709_551_615_000n],
    ['the last nanosecond', 9, 0n, 0n, 0xffff_ffff_ffff_ffffn, 18_446_744_073_709_551_615n],
    ['before the epoch', 9, -2n, -2_000_000_000n, 1_000_000_001n, 1_000_000_001n],
  ])('times in %s', (_, resolution, offset, base, count, nanoseconds) => {
    const file = concat(
      section(true),
      interfaceBlock(true, { resolution, offset }),
      packetBlock(true, 6, 0, count, THREE[0]!),
    );
    expect(read(file).found[0]!.time).toBe(base + nanoseconds);
  });

  test.each([
    // Multiples of a second that, as doubles, are less than themselves.
    [9, 9_300_000_002_000_000_000n],
    [6, 9_300_000_000_016_000_000n],
    // One tick less than a second, which doubles round up.
    [9, 9_299_999_999_999_999_999n],
    [6, 9_299_999_999_999_999_999n],
  ])('times where doubles round: resolution %d, %d ticks', (resolution, count) => {
    const file = concat(section(true), interfaceBlock(true, { resolution }), packetBlock(true, 6, 0, count, THREE[0]!));
    expect(read(file).found[0]!.time).toBe(resolution === 9 ? count : count * 1000n);
  });

  test('times of every size divide exactly', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }), fc.constantFrom(6, 9), (count, resolution) => {
        const file = concat(
          section(true),
          interfaceBlock(true, { resolution }),
          packetBlock(true, 6, 0, count, THREE[0]!),
        );
        expect(read(file).found[0]!.time).toBe(resolution === 9 ? count : count * 1000n);
      }),
    );
  });
});

describe('damage', () => {
  const files: [string, Uint8Array][] = [
    ['pcap', pcap(THREE)],
    ['pcap with long record headers', pcap(THREE, { magic: 0xa1b2cd34, little: false })],
    ['pcapng', pcapng(THREE)],
    ['pcapng big-endian', pcapng(THREE, { little: false, type: 2 })],
    ['a pcap of the laboratory', fixture('eth-1.pcap').subarray(0, 1500)],
    ['a pcapng of the laboratory', fixture('two-interfaces-mixed-linktype.pcapng').subarray(0, 1500)],
  ];

  test.each(files)('%s cut at any octet: the packets before, and where the cut is', (_, file) => {
    const whole = read(file).found;
    for (let length = 0; length < file.length; length++) {
      const cut = file.subarray(0, length);
      if (length < 4) {
        expect(() => read(cut)).toThrow(CaptureError);
        continue;
      }
      const { found, damage } = read(cut);
      expect(found).toEqual(whole.slice(0, found.length));
      expect(readChunks(cut, [97])).toEqual(found);
      if (damage !== undefined) expect(damage.at + damage.lostOctets).toBe(length);
    }
  });

  test('a cut is no damage where a record ends, and damage with its offset elsewhere', () => {
    const file = pcap(THREE);
    expect(read(file.subarray(0, 43))).toEqual({ found: numbered(THREE.slice(0, 1)), damage: undefined });
    expect(read(file.subarray(0, 50))).toEqual({
      found: numbered(THREE.slice(0, 1)),
      damage: { at: 43, message: 'the file ends within a packet', lostOctets: 7 },
    });
    expect(read(file.subarray(0, 20))).toEqual({
      found: [],
      damage: { at: 0, message: 'the file header is cut', lostOctets: 20 },
    });
    const blocks = pcapng(THREE);
    expect(read(blocks.subarray(0, 9)).damage).toEqual({ at: 0, message: 'the file header is cut', lostOctets: 9 });
    expect(read(blocks.subarray(0, 50)).damage).toEqual({
      at: 48,
      message: 'the file ends within a block',
      lostOctets: 2,
    });
    expect(read(blocks.subarray(0, blocks.length - 1)).found).toEqual(numbered(THREE.slice(0, 2)));
  });

  test.each(files)('%s with any octets changed: no throw, no endless loop, nothing out of bounds', (_, file) => {
    const change = fc.tuple(fc.nat(file.length - 1), fc.nat(255));
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 12 }), (changes) => {
        const changed = file.slice();
        for (const [at, octet] of changes) changed[at] = octet;
        let result: ReturnType<typeof read>;
        try {
          result = read(changed);
        } catch (error) {
          expect(error).toBeInstanceOf(CaptureError);
          expect(changes.some(([at]) => at < 12)).toBe(true);
          return;
        }
        expect(readChunks(changed, [31])).toEqual(result.found);
        for (const each of result.found) {
          expect(each.bytes.byteOffset + each.bytes.length).toBeLessThanOrEqual(changed.byteOffset + changed.length);
        }
      }),
      { numRuns: 300 },
    );
  });

  test('any octets behind a header: no throw', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(pcap([]), section(true), section(false)),
        fc.uint8Array({ maxLength: 400 }),
        (head, rest) => {
          const { found } = read(concat(head, rest));
          expect(found.length).toBeLessThanOrEqual(rest.length / 16);
        },
      ),
    );
  });

  describe('packets behind it are found again', () => {
    const many = Array.from({ length: 20 }, (_, i) => packet(i, ...Array.from({ length: 40 + i }, (_, j) => i * j)));

    test('pcap: a length that lies', () => {
      const file = pcap(many);
      const fourth = 24 + [0, 1, 2].reduce((sum, i) => sum + 16 + many[i]!.bytes.length, 0);
      new DataView(file.buffer).setUint32(fourth + 8, 0x7fff_ffff, true);
      const expected = numbered([...many.slice(0, 3), ...many.slice(4)]);
      expect(read(file)).toEqual({
        found: expected,
        damage: { at: fourth, message: 'a packet of 2147483647 octets, more than 262144', lostOctets: 59 },
      });
      for (const size of [1, 7, 100]) expect(readChunks(file, [size])).toEqual(expected);
    });

    test('pcap: octets that are missing, added, zeroed', () => {
      const file = pcap(many);
      const cuts = [file.subarray(0, 500), file.subarray(520)];
      for (const [broken, message] of [
        [concat(...cuts), /a packet of \d+ octets/],
        [concat(cuts[0]!, new Uint8Array(1000).fill(0xee), cuts[1]!), /a packet of \d+ octets/],
        [concat(cuts[0]!, new Uint8Array(1000), cuts[1]!), /zeros in the place of a packet/],
      ] as const) {
        const { found, damage } = read(broken);
        expect(damage!.message).toMatch(message);
        expect(found.length).toBeGreaterThanOrEqual(17);
        expect(found.at(-1)!.bytes).toEqual(many.at(-1)!.bytes);
        expect(found.slice(0, 8).map((each) => each.bytes)).toEqual(many.slice(0, 8).map((each) => each.bytes));
      }
    });

    test('pcap: the last packet, which only the end of the file confirms', async () => {
      const file = pcap(many);
      const last = many.at(-1)!;
      new DataView(file.buffer).setUint32(
        file.length - 32 - last.bytes.length - many.at(-2)!.bytes.length + 8,
        0x7fff_ffff,
        true,
      );
      const expected = numbered([...many.slice(0, -2), last]).map((each, i) => ({ ...each, frame: i + 1 }));
      expect(read(file).found).toEqual(expected);
      async function* source(): AsyncGenerator<Uint8Array> {
        yield file;
      }
      expect((await readAll(source())).found).toEqual(expected);
    });

    test('pcap: damage up to the end', () => {
      const file = concat(pcap(THREE), new Uint8Array(300).fill(0xff));
      const { found, damage } = read(file);
      expect(found).toEqual(numbered(THREE));
      expect(damage).toEqual({ at: 80, message: 'a packet of 4294967295 octets, more than 262144', lostOctets: 300 });
      expect(read(pcap([...THREE, { ...packet(3), time: 0n }])).damage).toEqual({
        at: 80,
        message: 'zeros in the place of a packet',
        lostOctets: 16,
      });
    });

    test.each([
      ['zero', 0, 'a block that declares 0 octets'],
      ['too short', 8, 'a block that declares 8 octets'],
      ['no multiple of 4', 33, 'a block that declares 33 octets'],
      ['huge', 0xffff_fff0, 'a block that declares 4294967280 octets'],
      ['past the end', 0x0010_0000, 'the file ends within a block'],
      ['that of another block', 40, 'a block that declares 40 octets and ends in another length'],
    ])('pcapng: a block length that is %s', (_, length, message) => {
      const file = pcapng(many);
      const head = section(true).length + interfaceBlock(true).length;
      const [size, lost] = [many[0]!, many[1]!].map((each) => packetBlock(true, 6, 0, 0n, each).length) as [
        number,
        number,
      ];
      new DataView(file.buffer).setUint32(head + size + 4, length, true);
      const { found, damage } = read(file);
      expect(found).toEqual(numbered([many[0]!, ...many.slice(2)]));
      expect(damage).toEqual({
        at: head + size,
        message: expect.stringContaining(message),
        lostOctets: lost,
      });
    });

    test('pcapng: octets that are missing or added', () => {
      const file = pcapng(many);
      for (const broken of [
        concat(file.subarray(0, 601), file.subarray(625)),
        concat(file.subarray(0, 601), new Uint8Array(1000), file.subarray(601)),
      ]) {
        const { found, damage } = read(broken);
        expect(damage).toBeDefined();
        expect(found.length).toBeGreaterThanOrEqual(18);
        expect(found.at(-1)!.bytes).toEqual(many.at(-1)!.bytes);
      }
    });

    test('pcapng: a section header without byte order', () => {
      const bad = section(true).fill(0xee, 8, 12);
      const file = concat(pcapng(THREE), bad, bad, pcapng(THREE, { little: false }));
      expect(read(file)).toEqual({
        found: numbered([...THREE, ...THREE]),
        damage: {
          at: pcapng(THREE).length,
          message: 'a section header that has no byte order',
          lostOctets: 2 * bad.length,
        },
      });
    });

    test('pcapng: a section of the other byte order ends the search', () => {
      const file = concat(pcapng(THREE), new Uint8Array(100).fill(3), pcapng(THREE, { little: false }));
      expect(read(file)).toEqual({
        found: numbered([...THREE, ...THREE]),
        damage: { at: pcapng(THREE).length, message: 'a block that declares 50529027 octets', lostOctets: 100 },
      });
    });

    test.each([
      [
        'of an interface that is not described',
        packetBlock(true, 6, 9, 0n, THREE[0]!),
        /interface 9, which is not described/,
      ],
      ['of an obsolete block likewise', packetBlock(true, 2, 9, 0n, THREE[0]!), /interface 9, which is not described/],
      ['without its fixed fields', block(true, 6, new Uint8Array(16)), /without its fixed fields/],
      [
        'longer than its block',
        block(true, 6, new Octets(true).u32(0).halves(0n).u32(99).u32(99).u32(0).done()),
        /a packet of 99 octets in a block of 36/,
      ],
      [
        'longer than any',
        block(
          true,
          6,
          new Octets(true).u32(0).halves(0n).u32(262_145).u32(262_145).bytes(new Uint8Array(262_148)).done(),
        ),
        /a packet of 262145 octets/,
      ],
      ['simple, without its fixed fields', block(true, 3, new Uint8Array(0)), /without its fixed fields/],
      [
        'simple, longer than any',
        simplePacketBlock(true, { bytes: new Uint8Array(262_145), originalLength: 1 << 20 }),
        /a packet of 262148 octets/,
      ],
      ['interface without its fixed fields', block(true, 1, new Uint8Array(4)), /an interface block without/],
    ])('pcapng: a block %s is stepped over', (_, bad, message) => {
      const file = pcapng(THREE);
      const at = section(true).length + interfaceBlock(true).length;
      const result = read(concat(file.subarray(0, at), bad, file.subarray(at)));
      expect(result).toEqual({
        found: numbered(THREE),
        damage: { at, message: expect.stringMatching(message), lostOctets: bad.length },
      });
    });
  });

  test('a simple packet before any interface', () => {
    const bad = simplePacketBlock(true, THREE[0]!);
    expect(read(concat(section(true), bad)).damage).toMatchObject({
      message: 'a packet of interface 0, which is not described',
      lostOctets: bad.length,
    });
  });

  test('lost octets add up; the first damage is told', () => {
    const bad = packetBlock(true, 6, 9, 0n, THREE[0]!);
    const { damage } = read(concat(section(true), bad, bad, interfaceBlock(true)));
    expect(damage).toMatchObject({ at: section(true).length, lostOctets: 2 * bad.length });
  });

  test('interfaces are bounded', () => {
    const one = block(true, 1, new Uint8Array(8));
    const all = new Uint8Array(one.length * 65_537);
    for (let i = 0; i <= 65_536; i++) all.set(one, i * one.length);
    const { found, damage } = read(
      concat(section(true)).length > 0
        ? Uint8Array.from([
            ...section(true),
            ...all,
            ...packetBlock(true, 6, 65_535, 0n, THREE[0]!),
            ...packetBlock(true, 6, 65_536, 0n, THREE[0]!),
          ])
        : all,
    );
    expect(found).toHaveLength(1);
    expect(damage!.message).toContain('interface 65536, which is not described');
  });

  test('a stream of zeros costs no memory', () => {
    const reader = new CaptureReader();
    reader.push(pcapng(THREE));
    const zeros = new Uint8Array(1 << 20);
    const before = process.memoryUsage().arrayBuffers;
    let found = 0;
    for (let i = 0; i < 64; i++) {
      while (reader.next()) found++;
      reader.push(zeros);
    }
    reader.end();
    while (reader.next()) found++;
    expect(found).toBe(3);
    expect(reader.damage).toMatchObject({ lostOctets: 64 << 20 });
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(4 << 20);
  });

  test('a declared length allocates nothing', () => {
    const reader = new CaptureReader();
    const before = process.memoryUsage().arrayBuffers;
    reader.push(
      concat(
        section(true),
        new Octets(true)
          .u32(6)
          .u32(1 << 24)
          .done(),
        new Uint8Array(1000),
      ),
    );
    expect(reader.next()).toBe(false);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(100_000);
  });
});

describe('gzip', () => {
  const file = fixture('eth-1.pcap');
  const whole = read(file).found;
  const zipped = new Uint8Array(gzipSync(file));

  test('a gzipped file of the laboratory', async () => {
    expect((await readAll(fixture('eth-1.pcap.gz'))).found).toEqual(whole);
  });

  test('members one after the other', async () => {
    const members = concat(gzipSync(file.subarray(0, 1000)), gzipSync(file.subarray(1000)));
    expect(await readAll(members)).toEqual({ found: whole, damage: undefined });
  });

  test.each([11, 500, 1000, 2000, zipped.length - 8, zipped.length - 1])(
    'cut at %d octets: what is before',
    async (length) => {
      const cut = zipped.subarray(0, length);
      if (length === 11) {
        await expect(readAll(cut)).rejects.toThrow('not a capture: the gzip data is damaged or cut');
        return;
      }
      const { found, damage } = await readAll(cut);
      expect(found).toEqual(whole.slice(0, found.length));
      if (length >= zipped.length - 8) expect(found).toHaveLength(31);
      expect(damage!.message).toBe('the gzip data is damaged or cut');
    },
  );

  test('a slow consumer loses nothing of a cut file', async () => {
    const seen: number[] = [];
    for await (const { frame } of readCapture(zipped.subarray(0, zipped.length - 1))) {
      seen.push(frame);
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    expect(seen).toEqual(whole.map(({ frame }) => frame));
  });

  test('any octets changed: no throw but where nothing is left, and packets of the right form', async () => {
    const change = fc.tuple(fc.nat(zipped.length - 1), fc.nat(255));
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 3 }), async (changes) => {
        const changed = zipped.slice();
        for (const [at, octet] of changes) changed[at] = octet;
        const result = await readAll(changed).catch((error: unknown) => error);
        if (result instanceof CaptureError) return;
        const { found } = result as { found: CapturedPacket[] };
        expect(found.map(({ frame }) => frame)).toEqual(found.map((_, i) => i + 1));
      }),
      { numRuns: 60 },
    );
  });

  test('at once, gzip is refused by name', () => {
    expect(() => read(zipped)).toThrow('not a capture: looks like gzip: inflate it first');
  });
});

describe('re-encodings of one capture', () => {
  const tcp = async (name: string): Promise<unknown[]> => {
    const list: unknown[] = [];
    for await (const { linkType, bytes, originalLength, time } of readCapture(fixture(name))) {
      const found = decodeFrame(linkType, bytes, originalLength);
      if (found.found !== 'tcp') throw new Error(`${name}: ${found.found}`);
      list.push({ time, source: found.source, destination: found.destination, tcp: found.tcp });
    }
    return list;
  };
  const withoutTime = (list: unknown[]): unknown[] => list.map((each) => ({ ...(each as object), time: 0n }));

  test.each([
    'eth-1.pcap.gz',
    'eth-padded.pcap',
    'sll-113.pcap',
    'sll2-276.pcap',
    'ppp-9.pcap',
    'null-le-0.pcap',
    'epb-ns-be.pcapng',
    'epb-tsoffset.pcapng',
    'two-interfaces-mixed-linktype.pcapng',
    'with-unknown-blocks.pcapng',
  ])('%s: the same times, addresses and segments', async (name) => {
    const expected = await tcp('eth-1.pcap');
    expect(expected).toHaveLength(31);
    expect(await tcp(name)).toEqual(expected);
  });

  test('spb.pcapng: the same segments, without times', async () => {
    expect(await tcp('spb.pcapng')).toEqual(withoutTime(await tcp('eth-1.pcap')));
  });

  test('cut-in-header.pcap: the first 25', async () => {
    expect(await tcp('cut-in-header.pcap')).toEqual((await tcp('eth-1.pcap')).slice(0, 25));
  });

  test('eth-snap68.pcap: the same headers; cut option lists are said to be cut, and hold no malformed option', async () => {
    const expected = (await tcp('eth-1.pcap')) as { tcp: { options: unknown[]; payloadLength: number } }[];
    const cut = (await tcp('eth-snap68.pcap')) as {
      tcp: { options: { type?: string }[]; optionsCut: boolean; payloadLength: number };
    }[];
    expect(cut.filter((each) => each.tcp.optionsCut).length).toBeGreaterThan(0);
    cut.forEach((each, i) => {
      const { options, payloadLength } = expected[i]!.tcp;
      expect(each.tcp.options).toEqual(each.tcp.optionsCut ? options.slice(0, each.tcp.options.length) : options);
      expect(each.tcp.payloadLength).toBe(payloadLength);
    });
  });
});
