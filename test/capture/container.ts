/**
 * Captures for tests, in every container: what our writers make, and what they never would.
 *
 * @module
 */
import fc from 'fast-check';
import type { CapturedPacket } from '../../src/capture/packet.ts';

/** A packet of a test capture; the reader numbers the frames. */
export type TestPacket = Omit<CapturedPacket, 'frame'>;

/** Octets in one byte order, appended one after the other. */
export class Octets {
  readonly #octets: number[] = [];
  readonly #little: boolean;

  constructor(little: boolean) {
    this.#little = little;
  }

  get length(): number {
    return this.#octets.length;
  }

  u8(...values: number[]): this {
    this.#octets.push(...values);
    return this;
  }

  u16(value: number): this {
    return this.#number(BigInt(value), 2);
  }

  u32(value: number): this {
    return this.#number(BigInt(value), 4);
  }

  /** A 64-bit number as pcapng's times are written: upper half first. */
  halves(value: bigint): this {
    return this.#number(value >> 32n, 4).#number(value & 0xffff_ffffn, 4);
  }

  i64(value: bigint): this {
    return this.#number(BigInt.asUintN(64, value), 8);
  }

  bytes(value: Uint8Array): this {
    for (const octet of value) this.#octets.push(octet);
    return this;
  }

  pad(multiple: number): this {
    while (this.#octets.length % multiple !== 0) this.#octets.push(0);
    return this;
  }

  done(): Uint8Array<ArrayBuffer> {
    return Uint8Array.from(this.#octets);
  }

  #number(value: bigint, size: number): this {
    const octets = Array.from({ length: size }, (_, i) => Number((value >> BigInt(8 * i)) & 0xffn));
    this.#octets.push(...(this.#little ? octets : octets.reverse()));
    return this;
  }
}

export function concat(...pieces: Uint8Array[]): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(pieces.flatMap((piece) => [...piece]));
}

/** What a pcap file may be. */
export interface PcapShape {
  readonly little?: boolean;
  readonly magic?: number;
  readonly version?: readonly [number, number];
  readonly snapLength?: number;
  /** The whole 32 bits of the link type's field. */
  readonly linkType?: number;
}

/** A pcap file of any magic number, byte order and header. */
export function pcap(packets: readonly TestPacket[], shape: PcapShape = {}): Uint8Array<ArrayBuffer> {
  const { little = true, magic = 0xa1b2c3d4, version = [2, 4], snapLength = 262_144 } = shape;
  const out = new Octets(little).u32(magic).u16(version[0]).u16(version[1]).u32(0).u32(0).u32(snapLength);
  out.u32(shape.linkType ?? packets[0]?.linkType ?? 1);
  const nanoseconds = magic === 0xa1b23c4d;
  if (magic >>> 8 === 0x1c0001) out.u32(packets.reduce((sum, { bytes }) => sum + bytes.length, 0));
  for (const { time, bytes, originalLength } of packets) {
    out.u32(Number(time / 1_000_000_000n));
    out.u32(Number(time % 1_000_000_000n) / (nanoseconds ? 1 : 1000));
    out.u32(bytes.length).u32(originalLength);
    if (magic === 0xa1b2cd34) out.u32(3).u16(0x0800).u8(4, 0);
    out.bytes(bytes);
  }
  return out.done();
}

/** A pcapng block. */
export function block(little: boolean, type: number, body: Uint8Array): Uint8Array<ArrayBuffer> {
  const length = Math.ceil(body.length / 4) * 4 + 12;
  return new Octets(little).u32(type).u32(length).bytes(body).pad(4).u32(length).done();
}

/** A pcapng option. */
export function option(little: boolean, code: number, value: Uint8Array): Uint8Array<ArrayBuffer> {
  return new Octets(little).u16(code).u16(value.length).bytes(value).pad(4).done();
}

/** A Section Header Block with a comment. */
export function section(little: boolean): Uint8Array<ArrayBuffer> {
  const body = new Octets(little).u32(0x1a2b3c4d).u16(1).u16(0).i64(-1n);
  return block(
    little,
    0x0a0d0d0a,
    body
      .bytes(option(little, 1, text('a comment')))
      .u32(0)
      .done(),
  );
}

/** What an interface may be. */
export interface InterfaceShape {
  readonly linkType?: number;
  readonly snapLength?: number;
  readonly name?: string | undefined;
  /** The octet of if_tsresol; left out, microseconds. */
  readonly resolution?: number | undefined;
  readonly offset?: bigint | undefined;
}

/** An Interface Description Block. */
export function interfaceBlock(little: boolean, shape: InterfaceShape = {}): Uint8Array<ArrayBuffer> {
  const body = new Octets(little)
    .u16(shape.linkType ?? 1)
    .u16(0)
    .u32(shape.snapLength ?? 0);
  if (shape.name !== undefined) body.bytes(option(little, 2, text(shape.name)));
  body.bytes(option(little, 1, text('a comment')));
  if (shape.resolution !== undefined) body.bytes(option(little, 9, Uint8Array.of(shape.resolution)));
  if (shape.offset !== undefined) body.bytes(option(little, 14, new Octets(little).i64(shape.offset).done()));
  return block(little, 1, body.u32(0).done());
}

/** An Enhanced Packet Block (6) or the obsolete Packet Block (2), with a comment. */
export function packetBlock(
  little: boolean,
  type: 2 | 6,
  id: number,
  ticks: bigint,
  packet: Pick<TestPacket, 'bytes' | 'originalLength'>,
): Uint8Array<ArrayBuffer> {
  const body = new Octets(little);
  if (type === 6) body.u32(id);
  else body.u16(id).u16(7);
  body.halves(ticks).u32(packet.bytes.length).u32(packet.originalLength).bytes(packet.bytes).pad(4);
  return block(
    little,
    type,
    body
      .bytes(option(little, 1, text('seen')))
      .u32(0)
      .done(),
  );
}

/** A Simple Packet Block. */
export function simplePacketBlock(
  little: boolean,
  packet: Pick<TestPacket, 'bytes' | 'originalLength'>,
): Uint8Array<ArrayBuffer> {
  return block(little, 3, new Octets(little).u32(packet.originalLength).bytes(packet.bytes).done());
}

/** Ticks of a time, by the octet of if_tsresol. */
export function ticks(time: bigint, resolution = 6, offset = 0n): bigint {
  const since = time - offset * 1_000_000_000n;
  const perSecond = resolution < 0x80 ? 10n ** BigInt(resolution) : 2n ** BigInt(resolution & 0x7f);
  // Rounded up, so that a reader that rounds down gives back whole nanoseconds.
  return (since * perSecond + 999_999_999n) / 1_000_000_000n;
}

/** A pcapng file: one section, an interface for each link type and name, in the given kind of block. */
export function pcapng(
  packets: readonly TestPacket[],
  shape: { little?: boolean; type?: 2 | 6; resolution?: number; offset?: bigint; noise?: boolean } = {},
): Uint8Array<ArrayBuffer> {
  const { little = true, type = 6, resolution, offset, noise = false } = shape;
  const pieces = [section(little)];
  const interfaces: string[] = [];
  for (const packet of packets) {
    const key = JSON.stringify([packet.linkType, packet.interface]);
    if (!interfaces.includes(key)) {
      interfaces.push(key);
      pieces.push(interfaceBlock(little, { linkType: packet.linkType, name: packet.interface, resolution, offset }));
    }
    if (noise)
      for (const kind of [4, 5, 10, 0x0bad, 0x40000bad, 0x7777]) pieces.push(block(little, kind, text('noise')));
    pieces.push(packetBlock(little, type, interfaces.indexOf(key), ticks(packet.time, resolution, offset), packet));
  }
  return concat(...pieces);
}

export function text(value: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(value);
}

/** Captures of up to 8 packets: any octets, whole or cut; times a multiple of `unit` nanoseconds. */
export function packets(unit: bigint, shape: { oneLinkType: boolean }): fc.Arbitrary<TestPacket[]> {
  const packet = (linkType: fc.Arbitrary<number>): fc.Arbitrary<TestPacket> =>
    fc
      .record({
        time: fc.bigInt({ min: 1n, max: (4_000_000_000n * 1_000_000_000n) / unit }).map((n) => n * unit),
        linkType,
        bytes: fc.uint8Array({ maxLength: 90 }),
        more: fc.nat(2000),
        name: shape.oneLinkType
          ? fc.constant(undefined)
          : fc.constantFrom(undefined, 'eth0', 'wlan0', 'Ethernet 2 (é)'),
      })
      .map(({ time, linkType: link, bytes, more, name }) => ({
        time,
        linkType: link,
        bytes: Uint8Array.from(bytes),
        originalLength: bytes.length + more,
        interface: name,
      }));
  const link = fc.constantFrom(0, 1, 9, 101, 113, 228, 229, 276, 65_535);
  if (!shape.oneLinkType) return fc.array(packet(link), { maxLength: 8 });
  return link.chain((value) => fc.array(packet(fc.constant(value)), { maxLength: 8 }));
}
