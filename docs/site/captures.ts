/** The captures of fixtures/, read through the library. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readCaptureSync } from '../../src/capture/capture.ts';
import type { CapturedPacket } from '../../src/capture/packet.ts';
import { formatAddress } from '../../src/ip/address.ts';
import { FrameCursor } from '../../src/ip/frame.ts';
import type { Malformed } from '../../src/malformed.ts';
import type { MptcpOption } from '../../src/mptcp/option.ts';
import { decodeTcp, type TcpSegment } from '../../src/tcp/segment.ts';

const FIXTURES = resolve(dirname(fileURLToPath(import.meta.url)), '../../fixtures/captures');

/** A TCP segment of a capture. */
export interface Segment {
  readonly packet: CapturedPacket;
  readonly frame: number;
  /** Seconds after the capture's first packet. */
  readonly time: number;
  readonly source: string;
  readonly destination: string;
  readonly tcp: TcpSegment;
  /** Offset of the IP header and of the TCP header in the packet's octets. */
  readonly ipAt: number;
  readonly tcpAt: number;
  /** Offset after the TCP header. */
  readonly payloadAt: number;
  /** Its MPTCP options, with their offsets in the packet. */
  readonly options: readonly { readonly option: MptcpOption | Malformed; readonly at: number; readonly size: number }[];
}

const loaded = new Map<string, readonly Segment[]>();

/** Names of all captures. */
export function captureNames(): string[] {
  return readdirSync(FIXTURES)
    .filter((name) => /\.pcap(ng)?$/.test(name))
    .map((name) => basename(name).replace(/\.pcap(ng)?$/, ''))
    .sort();
}

/** The file of a capture, relative to fixtures/captures. */
export function captureFile(name: string): string {
  const file = [`${name}.pcap`, `${name}.pcapng`].find((path) => existsSync(join(FIXTURES, path)));
  if (file === undefined) throw new Error(`no capture is called ${name}`);
  return file;
}

/** The octets of a capture file. */
export function captureBytes(name: string): Uint8Array {
  return new Uint8Array(readFileSync(join(FIXTURES, captureFile(name))));
}

/** The TCP segments of a capture, in the order of the file. */
export function loadCapture(name: string): readonly Segment[] {
  const known = loaded.get(name);
  if (known !== undefined) return known;
  const cursor = new FrameCursor();
  const segments: Segment[] = [];
  let start: bigint | undefined;
  for (const packet of readCaptureSync(captureBytes(name))) {
    const { bytes, originalLength } = packet;
    start ??= packet.time;
    if (!cursor.reset(packet.linkType, bytes, 0, bytes.length, originalLength)) continue;
    const size = cursor.ipVersion === 4 ? 4 : 16;
    const tcp = decodeTcp(
      bytes,
      cursor.tcp,
      bytes.length - cursor.tcp,
      cursor.payload - cursor.tcp + cursor.payloadLength,
    );
    if (tcp.type !== 'TCP') continue;
    let at = cursor.options;
    const options = [];
    for (const item of tcp.options) {
      const length = 'type' in item ? (item.type === 'MALFORMED' ? item.bytes.length : bytes[at + 1]!) : item.length;
      if ('type' in item) options.push({ option: item, at, size: length });
      at += length;
    }
    segments.push({
      packet,
      frame: packet.frame,
      time: Number(packet.time - start) / 1e9,
      source: `${formatAddress(bytes.subarray(cursor.source, cursor.source + size))}`,
      destination: `${formatAddress(bytes.subarray(cursor.destination, cursor.destination + size))}`,
      tcp,
      ipAt: cursor.ipVersion === 4 ? cursor.source - 12 : cursor.source - 8,
      tcpAt: cursor.tcp,
      payloadAt: cursor.payload,
      options,
    });
  }
  loaded.set(name, segments);
  return segments;
}

/** One segment, by the number of its frame. */
export function segmentOf(name: string, frame: number): Segment {
  const found = loadCapture(name).find((segment) => segment.frame === frame);
  if (found === undefined) throw new Error(`${name} has no TCP segment in frame ${frame}`);
  return found;
}
