/**
 * A workload for the tracer: many whole connections, many of them at a time.
 *
 * Each one has a handshake, a join with right HMACs, data both ways over both subflows,
 * DATA_FIN and FIN. Deterministic.
 *
 * @module
 */
import type { CapturedPacket } from '../../src/capture/packet.ts';
import { idsn } from '../../src/mptcp/auth.ts';
import {
  dss,
  joinAck,
  joinSyn,
  joinSynAck,
  mpCapableAck,
  mpCapableSyn,
  mpCapableSynAck,
} from '../../src/mptcp/build.ts';
import { alignOptions, type OptionItem } from '../../src/tcp/options.ts';
import { ACK, captured, FIN, type PacketParts, PSH, SYN } from '../packet.ts';

/** Segments with data of one connection. */
const SEGMENTS = 16;

/** Packets of a connection with so many segments with data: the acknowledgement of each, and what opens and ends it. */
export function packetsOf(segments: number): number {
  return 18 + 2 * segments;
}

/** Packets of one connection. */
export const PACKETS: number = packetsOf(SEGMENTS);

/** Connections that run at a time. */
const AT_A_TIME = 64;

/** Octets of data in a segment. */
const DATA = 64;

/** The packets of `count` connections, interleaved, 10 microseconds apart. */
export function* connections(count: number, segments: number = SEGMENTS): Generator<CapturedPacket> {
  const running: Generator<PacketParts>[] = [];
  let started = 0;
  let frame = 0;
  while (started < count || running.length > 0) {
    while (running.length < AT_A_TIME && started < count) running.push(connection(started++, segments));
    for (let i = 0; i < running.length; i++) {
      const next = (running[i] as Generator<PacketParts>).next();
      if (next.done) running.splice(i--, 1);
      else yield captured(++frame, next.value, 1_700_000_000_000_000_000n + BigInt(frame) * 10_000n);
    }
  }
}

/** One end of a subflow. */
interface End {
  readonly address: string;
  readonly port: number;
  /** Next TCP sequence number. */
  next: number;
  /** Next subflow sequence number. */
  subflow: number;
}

function* connection(n: number, segments: number): Generator<PacketParts> {
  const keys = [key(2 * n), key(2 * n + 1)] as const;
  const starts = [idsn(keys[0]), idsn(keys[1])] as const;
  const sent = [1n, 1n];
  const address = (net: number, host: number): string => `10.${net}.${(host >>> 8) & 255}.${host & 255}`;
  const first = [end(address(1, n), 1024 + (n % 60_000), n), end('10.9.0.1', 443, n + 7)] as const;
  const second = [end(address(2, n), 1024 + (n % 60_000), n + 11), end('10.9.0.2', 443, n + 13)] as const;
  const stream = (side: 0 | 1): bigint => BigInt.asUintN(64, starts[side] + (sent[side] as bigint));

  const [client, server] = keys;
  yield packet(first, 0, SYN, [mpCapableSyn()]);
  yield packet(first, 1, SYN | ACK, [mpCapableSynAck({ senderKey: server })]);
  yield packet(first, 0, ACK, [mpCapableAck({ senderKey: client, receiverKey: server })]);
  const payload = new Uint8Array(DATA);
  yield packet(first, 0, ACK | PSH, [mpCapableAck({ senderKey: client, receiverKey: server, payload })], DATA);
  sent[0] = BigInt(1 + DATA);
  yield packet(first, 1, ACK, [dss({ dataAck: stream(0) })]);

  const [senderNonce, receiverNonce] = [n * 2 + 1, n * 2 + 2];
  const asked = { senderKey: client, receiverKey: server, senderNonce, receiverNonce };
  const answered = { senderKey: server, receiverKey: client, senderNonce: receiverNonce, receiverNonce: senderNonce };
  yield packet(second, 0, SYN, [joinSyn({ addressId: 1, receiverKey: server, senderNonce })]);
  yield packet(second, 1, SYN | ACK, [joinSynAck({ addressId: 1, ...answered })]);
  yield packet(second, 0, ACK, [joinAck(asked)]);
  yield packet(second, 1, ACK, [dss({ dataAck: stream(0) })]);

  for (let i = 0; i < segments; i++) {
    const side = i & 1 ? 1 : 0;
    const path = i & 2 ? second : first;
    const mapping = { dataSequenceNumber: stream(side), subflowSequenceNumber: path[side].subflow, payload: DATA };
    yield packet(path, side, ACK | PSH, [dss({ dataAck: stream(side === 0 ? 1 : 0), mapping })], DATA);
    sent[side] = (sent[side] as bigint) + BigInt(DATA);
    yield packet(path, side === 0 ? 1 : 0, ACK, [dss({ dataAck: stream(side) })]);
  }
  for (const side of [0, 1] as const) {
    const fin = dss({
      dataAck: stream(side === 0 ? 1 : 0),
      dataFin: true,
      mapping: { dataSequenceNumber: stream(side) },
    });
    yield packet(first, side, ACK, [fin]);
    sent[side] = (sent[side] as bigint) + 1n;
  }
  yield packet(first, 0, ACK, [dss({ dataAck: stream(1) })]);
  for (const path of [first, second]) {
    for (const side of [0, 1] as const) {
      yield packet(path, side, FIN | ACK, path === first ? [dss({ dataAck: stream(side === 0 ? 1 : 0) })] : []);
    }
  }
  yield packet(first, 0, ACK, [dss({ dataAck: stream(1) })]);
  yield packet(second, 0, ACK, []);
}

function end(address: string, port: number, seed: number): End {
  return { address, port, next: Math.imul(seed, 0x9e3779b9) >>> 0, subflow: 1 };
}

function packet(path: readonly [End, End], side: 0 | 1, flags: number, options: OptionItem[], data = 0): PacketParts {
  const from = path[side];
  const to = path[side === 0 ? 1 : 0];
  const parts = {
    source: from.address,
    destination: to.address,
    sourcePort: from.port,
    destinationPort: to.port,
    sequenceNumber: from.next,
    acknowledgmentNumber: to.next,
    flags,
    options: alignOptions([TIMESTAMPS, ...options]),
    payload: new Uint8Array(data),
  };
  from.next = (from.next + data + (flags & (SYN | FIN) ? 1 : 0)) >>> 0;
  from.subflow += data;
  return parts;
}

const TIMESTAMPS = new Uint8Array([8, 10, 0, 0, 0, 1, 0, 0, 0, 1]);

/** 8 octets that differ for each `n`. */
function key(n: number): Uint8Array {
  const octets = new Uint8Array(8);
  const view = new DataView(octets.buffer);
  view.setUint32(0, Math.imul(n + 1, 0x85ebca6b));
  view.setUint32(4, Math.imul(n + 1, 0xc2b2ae35));
  return octets;
}
