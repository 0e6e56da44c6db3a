/**
 * What the benchmark decodes: lists of TCP options, and captures that hold them. Deterministic.
 *
 * @module
 */
import { closeSync, openSync, writeSync } from 'node:fs';

/** Lists of TCP options, one behind the other. */
export interface Corpus {
  readonly octets: Uint8Array<ArrayBuffer>;
  /** Where each list begins, and the end of the last. */
  readonly offsets: Uint32Array<ArrayBuffer>;
}

/** `mixed`: nine of ten are DSS in eight shapes, the tenth is any other option; `one`: all are the same DSS. */
export type Shape = 'mixed' | 'one';

/** Pseudo-random numbers of 32 bits (xorshift32). */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
}

/** Data ACK octets, DSN octets, octets of checksum, DATA_FIN; and below which of 100 each shape is taken. */
const DSS: readonly (readonly [number, number, number, boolean, number])[] = [
  [8, 0, 0, false, 35],
  [8, 8, 0, false, 65],
  [4, 0, 0, false, 75],
  [4, 4, 0, false, 85],
  [8, 8, 2, false, 90],
  [8, 4, 0, false, 95],
  [0, 8, 0, false, 98],
  [8, 8, 0, true, 100],
];

/** Subtype with the low bits, and octets behind them, of options that are not DSS. */
const OTHERS: readonly (readonly [number, number])[] = [
  ...([
    [0x0101, 0],
    [0x0101, 8],
    [0x0101, 16],
    [0x0101, 18],
    [0x0181, 20],
  ] as const),
  ...([
    [0x1000, 8],
    [0x1102, 12],
    [0x1000, 20],
  ] as const),
  ...([
    [0x3003, 12],
    [0x3103, 4],
    [0x3003, 14],
    [0x3004, 24],
    [0x3105, 18],
  ] as const),
  ...([
    [0x4001, 0],
    [0x4001, 2],
    [0x5005, 0],
    [0x6000, 8],
    [0x7000, 8],
    [0x8106, 0],
    [0xf000, 2],
  ] as const),
  // Data ACK and mapping flagged, and nothing behind: malformed.
  [0x2005, 3],
];

const LONGEST = 40;

/** `count` lists. */
export function corpus(count: number, shape: Shape): Corpus {
  const next = random(0x2545f491);
  const octets = new Uint8Array(count * LONGEST);
  const offsets = new Uint32Array(count + 1);
  const view = new DataView(octets.buffer);
  let at = 0;
  for (let i = 0; i < count; i++) {
    offsets[i] = at;
    at = list(view, at, next, shape);
  }
  offsets[count] = at;
  return { octets: octets.slice(0, at), offsets };
}

/** No-Operation twice, Timestamps, and an option. */
function list(view: DataView, at: number, next: () => number, shape: Shape): number {
  view.setUint32(at, 0x0101080a);
  view.setUint32(at + 4, next());
  view.setUint32(at + 8, next());
  at += 12;
  const start = at;
  const kind = shape === 'one' ? 0 : next() % 1000;
  if (kind < 900) {
    const share = shape === 'one' ? 40 : next() % 100;
    const [ack, dsn, sum, fin] = DSS.find(([, , , , below]) => share < below)!;
    const length = 4 + ack + (dsn === 0 ? 0 : dsn + 6) + sum;
    const flags = (ack > 0 ? 1 : 0) | (ack === 8 ? 2 : 0) | (dsn > 0 ? 4 : 0) | (dsn === 8 ? 8 : 0) | (fin ? 16 : 0);
    view.setUint32(at, (30 << 24) | (length << 16) | 0x2000 | flags);
    fill(view, at + 4, length - 4, next);
    at += length;
  } else if (kind < 990) {
    const [head, behind] = OTHERS[next() % OTHERS.length]!;
    view.setUint32(at, (30 << 24) | ((behind + 4) << 16) | head);
    fill(view, at + 4, behind, next);
    at += behind + 4;
  }
  while ((at - start) % 4 !== 0) view.setUint8(at++, 1);
  return at;
}

function fill(view: DataView, at: number, length: number, next: () => number): void {
  for (let i = 0; i < length; i++) view.setUint8(at + i, next() >>> 24);
}

/** Octets of a corpus as the C programs and Go read it: count, octets, offsets, all 32 bits little-endian; the octets. */
export function corpusFile({ octets, offsets }: Corpus): Uint8Array {
  const file = new Uint8Array(8 + offsets.byteLength + octets.length);
  const view = new DataView(file.buffer);
  view.setUint32(0, offsets.length - 1, true);
  view.setUint32(4, octets.length, true);
  for (const [i, offset] of offsets.entries()) view.setUint32(8 + 4 * i, offset, true);
  file.set(octets, 8 + offsets.byteLength);
  return file;
}

/** Flows that a capture's packets belong to. */
const FLOWS = 8192;

/**
 * Write a pcap file of `count` packets to `path`: Ethernet, seven of ten IPv4, options as of {@link corpus},
 * payloads cut off as by a snaplen of 128. Every flow counts its own sequence numbers.
 */
export function writeCapture(path: string, count: number): void {
  const next = random(0x9e3779b9);
  const sequence = new Uint32Array(2 * FLOWS);
  const buffer = new Uint8Array(1 << 20);
  const view = new DataView(buffer.buffer);
  const file = openSync(path, 'w');
  const header = [0xa1b2c3d4, 0x00040002, 0, 0, 128, 1];
  for (const [i, word] of header.entries()) view.setUint32(4 * i, word, true);
  let at = 24;
  let microseconds = 0;
  for (let i = 0; i < count; i++) {
    if (at > buffer.length - 1024) {
      writeSync(file, buffer, 0, at);
      at = 0;
    }
    microseconds += 10 + (next() % 20);
    at = packet(view, at, microseconds, next, sequence);
  }
  writeSync(file, buffer, 0, at);
  closeSync(file);
}

function packet(view: DataView, at: number, microseconds: number, next: () => number, sequence: Uint32Array): number {
  const flow = next() % FLOWS;
  const back = next() & 1;
  const payload = next() % 3 === 0 ? 0 : 1400;
  const ip = at + 16 + 14;
  const six = flow % 10 >= 7;
  const tcp = ip + (six ? 40 : 20);
  const options = tcp + 20;
  const end = list(view, options, next, 'mixed');
  const length = end - tcp;
  view.setUint32(at + 16, 0x02000000);
  view.setUint32(at + 20, 0x00020200);
  view.setUint32(at + 24, 1);
  if (six) {
    view.setUint16(ip - 2, 0x86dd);
    view.setUint32(ip, 0x60000000);
    view.setUint32(ip + 4, ((length + payload) << 16) | (6 << 8) | 64);
    for (const [place, host] of [
      [ip + 8, back],
      [ip + 24, 1 - back],
    ] as const) {
      view.setUint32(place, 0x20010db8);
      view.setUint32(place + 4, host === 0 ? 0x10000000 | flow : 0);
      view.setUint32(place + 8, host === 0 ? 0x0e5c2a45 : 0);
      view.setUint32(place + 12, host === 0 ? flow * 0x9e3779b1 : 0x9a);
    }
  } else {
    view.setUint16(ip - 2, 0x0800);
    view.setUint32(ip, 0x45000000 | (20 + length + payload));
    view.setUint32(ip + 4, 0x4000);
    view.setUint32(ip + 8, 0x40060000);
    view.setUint32(ip + 12, back === 0 ? 0x0a000000 | (flow * 31) : 0xcb007101);
    view.setUint32(ip + 16, back === 0 ? 0xcb007101 : 0x0a000000 | (flow * 31));
  }
  const port = 32768 + (flow % 28000);
  view.setUint32(tcp, back === 0 ? (port << 16) | 443 : (443 << 16) | port);
  const own = 2 * flow + back;
  view.setUint32(tcp + 4, sequence[own]!);
  view.setUint32(tcp + 8, sequence[own ^ 1]!);
  view.setUint32(tcp + 12, (((5 + (end - options) / 4) << 28) | (0x10 << 16) | 0xffff) >>> 0);
  view.setUint32(tcp + 16, 0);
  sequence[own] = sequence[own]! + payload;
  const captured = Math.min(128, end - (at + 16) + payload);
  view.setUint32(at, 1_700_000_000 + Math.floor(microseconds / 1e6), true);
  view.setUint32(at + 4, microseconds % 1e6, true);
  view.setUint32(at + 8, captured, true);
  view.setUint32(at + 12, end - (at + 16) + payload, true);
  return at + 16 + captured;
}
