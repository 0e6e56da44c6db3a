/**
 * One capture in other containers, link layers, byte orders and states: the TCP packets of
 * 03-add-addr4.pcap, written anew octet by octet, without the writers of this library.
 *
 * @module
 */
import { gzipSync } from 'node:zlib';
import { readCaptureSync } from '../../src/capture/capture.ts';
import { formatAddress } from '../../src/ip/address.ts';
import { FrameCursor } from '../../src/ip/frame.ts';
import { LinkType } from '../../src/ip/link.ts';
import { ethernet } from '../packet.ts';

/** An IP packet, when it was captured, and its source. */
interface Timed {
  readonly packet: Uint8Array;
  /** Nanoseconds since the epoch. */
  readonly time: bigint;
  readonly source: string;
}

type Link = (packet: Uint8Array) => Uint8Array;
type Field = readonly [size: 1 | 2 | 4 | 8, value: number | bigint] | Uint8Array;

const SNAPLEN = 65_535;
const SECOND = 1_000_000_000n;
/** Octets cut from the end of cut-in-header.pcap: one in so many. */
const NINTH = 9;

/** The variants of a capture, by file name. */
export function variantsOf(capture: Uint8Array): Map<string, Uint8Array> {
  const packets = tcpPackets(capture);
  const plain = pcap(packets, 1, frame);
  const first = packets[0]?.time ?? 0n;
  const epoch = first / SECOND;
  const little = new Blocks(true);
  const big = new Blocks(false);
  const microseconds = (packet: Timed): bigint => packet.time / 1000n;
  return new Map<string, Uint8Array>([
    ['eth-1.pcap', plain],
    ['eth-1.pcap.gz', gzipSync(plain)],
    ['eth-padded.pcap', pcap(packets, 1, (packet) => join(frame(packet), new Uint8Array(7)))],
    ['eth-snap68.pcap', pcap(packets, 1, frame, 68)],
    [
      'sll-113.pcap',
      pcap(packets, 113, (packet) => join(number(false, [2, 4], [2, 1], [2, 6], MAC, [2, 0x800]), packet)),
    ],
    [
      'sll2-276.pcap',
      pcap(packets, 276, (packet) => {
        return join(number(false, [2, 0x800], [2, 0], [4, 2], [2, 1], [1, 4], [1, 6], MAC), packet);
      }),
    ],
    ['ppp-9.pcap', pcap(packets, 9, (packet) => join(number(false, [2, 0x21]), packet))],
    ['null-le-0.pcap', pcap(packets, 0, (packet) => join(number(true, [4, 2]), packet))],
    ['cut-in-header.pcap', plain.subarray(0, plain.length - Math.ceil(plain.length / NINTH))],
    [
      'epb-ns-be.pcapng',
      join(
        big.section(),
        big.interface(1, { resolution: 9 }),
        ...packets.map(({ packet, time }) => big.enhanced(0, time, frame(packet), 'frame comment')),
      ),
    ],
    [
      'epb-tsoffset.pcapng',
      join(
        little.section(),
        little.interface(1, { resolution: 9, offset: epoch }),
        ...packets.map(({ packet, time }) => little.enhanced(0, time - epoch * SECOND, frame(packet))),
      ),
    ],
    [
      'spb.pcapng',
      join(
        little.section(),
        little.interface(1),
        ...packets.map(({ packet }) => little.block(3, [4, frame(packet).length], frame(packet))),
      ),
    ],
    [
      'two-interfaces-mixed-linktype.pcapng',
      join(
        little.section(),
        little.interface(1, { resolution: 9 }),
        little.interface(101, { resolution: 6, name: 'tun0' }),
        ...packets.map((timed) => {
          return timed.source.startsWith('10.1.')
            ? little.enhanced(0, timed.time, frame(timed.packet))
            : little.enhanced(1, microseconds(timed), timed.packet);
        }),
      ),
    ],
    [
      'out-of-order.pcapng',
      join(
        little.section(),
        little.interface(1),
        ...[...packets]
          .sort((a, b) => (a.source < b.source ? -1 : a.source > b.source ? 1 : 0))
          .map((timed) => little.enhanced(0, microseconds(timed), frame(timed.packet))),
      ),
    ],
    [
      'with-unknown-blocks.pcapng',
      join(
        little.section(),
        little.interface(1),
        // Name Resolution, two that nobody has defined, Decryption Secrets.
        little.block(4, [2, 1], [2, 13], Uint8Array.of(10, 1, 0, 1), text('client\0'), new Uint8Array(3), [4, 0]),
        little.block(0x0bad, text('custom..')),
        little.block(0x80000bad, text('x'.repeat(13))),
        little.block(10, [4, 0x544c534b], [4, 5], text('key\n\0')),
        ...packets.map((timed) => little.enhanced(0, microseconds(timed), frame(timed.packet))),
        // Interface Statistics.
        little.block(5, [4, 0], [8, 0], [4, 0]),
      ),
    ],
  ]);
}

/** The blocks of a pcapng file. */
class Blocks {
  readonly #little: boolean;

  constructor(little: boolean) {
    this.#little = little;
  }

  block(type: number, ...fields: Field[]): Uint8Array {
    const body = padded(number(this.#little, ...fields));
    const length = body.length + 12;
    return number(this.#little, [4, type], [4, length], body, [4, length]);
  }

  section(): Uint8Array {
    const options = this.#option(4, text('lab variants'));
    return this.block(0x0a0d0d0a, [4, 0x1a2b3c4d], [2, 1], [2, 0], [8, -1n], options, [4, 0]);
  }

  interface(linkType: number, input: { resolution?: number; offset?: bigint; name?: string } = {}): Uint8Array {
    const { resolution, offset, name = 'eth1' } = input;
    const options = [
      this.#option(2, text(name)),
      ...(resolution === undefined ? [] : [this.#option(9, Uint8Array.of(resolution))]),
      ...(offset === undefined ? [] : [this.#option(14, number(this.#little, [8, offset]))]),
    ];
    return this.block(1, [2, linkType], [2, 0], [4, SNAPLEN], ...options, [4, 0]);
  }

  enhanced(interfaceId: number, time: bigint, bytes: Uint8Array, comment?: string): Uint8Array {
    const options: Field[] = comment === undefined ? [] : [this.#option(1, text(comment)), [4, 0]];
    const high = Number(time >> 32n);
    const low = Number(time & 0xffffffffn);
    const { length } = bytes;
    return this.block(6, [4, interfaceId], [4, high], [4, low], [4, length], [4, length], padded(bytes), ...options);
  }

  #option(code: number, value: Uint8Array): Uint8Array {
    return padded(number(this.#little, [2, code], [2, value.length], value));
  }
}

/** A little-endian pcap file with microseconds. */
function pcap(packets: readonly Timed[], linkType: number, link: Link, snaplen: number = SNAPLEN): Uint8Array {
  const header = number(true, [4, 0xa1b2c3d4], [2, 2], [2, 4], [8, 0], [4, snaplen], [4, linkType]);
  const records = packets.map(({ packet, time }) => {
    const bytes = link(packet);
    const kept = bytes.subarray(0, snaplen);
    const microseconds = Number((time % SECOND) / 1000n);
    return number(true, [4, Number(time / SECOND)], [4, microseconds], [4, kept.length], [4, bytes.length], kept);
  });
  return join(header, ...records);
}

function tcpPackets(capture: Uint8Array): Timed[] {
  const cursor = new FrameCursor();
  const packets: Timed[] = [];
  for (const { linkType, bytes, time, originalLength } of readCaptureSync(capture)) {
    if (!cursor.reset(linkType, bytes, 0, bytes.length, originalLength)) continue;
    const start = linkType === LinkType.linuxSll2 ? 20 : 14;
    const source = formatAddress(bytes, cursor.source, cursor.ipVersion === 4 ? 4 : 16);
    packets.push({ packet: bytes.slice(start), time, source });
  }
  return packets;
}

/** A hardware address in 8 octets, as Linux cooked captures have it. */
const MAC: Uint8Array = Uint8Array.of(2, 0, 0, 0, 0, 1, 0, 0);

function frame(packet: Uint8Array): Uint8Array {
  return ethernet(packet[0]! >>> 4 === 4 ? 0x0800 : 0x86dd, packet);
}

function text(words: string): Uint8Array {
  return new TextEncoder().encode(words);
}

/** Octets up to the next multiple of 4. */
function padded(bytes: Uint8Array): Uint8Array {
  return join(bytes, new Uint8Array(-bytes.length & 3));
}

function join(...pieces: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(pieces));
}

/** Numbers of so many octets each, and octets, one behind the other. */
function number(little: boolean, ...fields: readonly Field[]): Uint8Array {
  return join(
    ...fields.map((field) => {
      if (field instanceof Uint8Array) return field;
      const view = new DataView(new ArrayBuffer(8));
      const [size, value] = field;
      view.setBigInt64(0, BigInt(value), little);
      return new Uint8Array(view.buffer, little ? 0 : 8 - size, size);
    }),
  );
}
