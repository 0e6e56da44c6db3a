/**
 * Connections made here, packet by packet, for what no lab gives: each scene does one thing.
 *
 * @module
 */
import type { CapturedPacket } from '../../src/capture/packet.ts';
import { idsn, token } from '../../src/mptcp/auth.ts';
import {
  dss,
  joinAck,
  joinSyn,
  joinSynAck,
  mpCapableAck,
  mpCapableSyn,
  mpCapableSynAck,
} from '../../src/mptcp/build.ts';
import type { OptionItem } from '../../src/tcp/options.ts';
import type { TraceReport } from '../../src/trace/report.ts';
import { Tracer } from '../../src/trace/tracer.ts';
import { ACK, captured, FIN, type PacketParts, PSH, RST, SYN } from '../packet.ts';

/** Address and port of one end. */
export type Place = readonly [address: string, port: number];

export const CLIENT: Place = ['10.1.0.1', 50_000];
export const CLIENT2: Place = ['10.2.0.1', 50_001];
export const SERVER: Place = ['10.1.0.2', 443];
export const SERVER2: Place = ['10.2.0.2', 443];

/** Packets in the order of their times. */
export class Scene {
  readonly packets: CapturedPacket[] = [];
  /** The same, before they were made. */
  readonly sent: { readonly parts: PacketParts; readonly time: bigint }[] = [];
  /** Nanoseconds. */
  #now = 1_700_000_000_000_000_000n;

  /** Let time pass. */
  wait(seconds: number): void {
    this.#now += BigInt(seconds * 1e9);
  }

  /** One more packet, a millisecond behind the last. */
  put(parts: PacketParts): void {
    this.#now += 1_000_000n;
    this.sent.push({ parts, time: this.#now });
    this.packets.push(captured(this.packets.length + 1, parts, this.#now));
  }

  /** What the tracer says of them. */
  report(steady = true): TraceReport {
    const tracer = new Tracer({ steady });
    for (const packet of this.packets) tracer.push(packet);
    return tracer.report();
  }
}

/** One TCP flow: both sequence numbers, kept as the segments go. */
export class Line {
  readonly scene: Scene;
  readonly from: Place;
  readonly to: Place;
  /** Next sequence number of the opener and of the other. */
  readonly next: [number, number];
  readonly isn: readonly [number, number];

  constructor(scene: Scene, from: Place, to: Place, isn: readonly [number, number] = [1000, 5000]) {
    this.scene = scene;
    this.from = from;
    this.to = to;
    this.isn = isn;
    this.next = [isn[0], isn[1]];
  }

  syn(options: readonly OptionItem[], payload = 0): void {
    this.next[0] = this.isn[0];
    this.send(0, SYN, options, payload);
    this.next[0] = (this.isn[0] + 1 + payload) >>> 0;
  }

  synAck(options: readonly OptionItem[]): void {
    this.next[1] = this.isn[1];
    this.send(1, SYN | ACK, options);
    this.next[1] = (this.isn[1] + 1) >>> 0;
  }

  /** A segment of the opener. */
  up(options: readonly OptionItem[] = [], payload: number | Uint8Array = 0, flags = ACK): void {
    this.send(0, flags, options, payload);
  }

  /** A segment of the other. */
  down(options: readonly OptionItem[] = [], payload: number | Uint8Array = 0, flags = ACK): void {
    this.send(1, flags, options, payload);
  }

  /** A segment of either; `seq`: elsewhere than at the next sequence number, which then stays. */
  send(side: 0 | 1, flags: number, options: readonly OptionItem[], payload: number | Uint8Array = 0, seq?: number) {
    const bytes = typeof payload === 'number' ? new Uint8Array(payload).fill(0x61) : payload;
    const [source, destination] = side === 0 ? [this.from, this.to] : [this.to, this.from];
    const sequenceNumber = (seq ?? (this.next[side] as number)) >>> 0;
    this.scene.put({
      source: source[0],
      sourcePort: source[1],
      destination: destination[0],
      destinationPort: destination[1],
      sequenceNumber,
      acknowledgmentNumber: flags & ACK ? this.next[1 - side] : 0,
      flags: bytes.length > 0 ? flags | PSH : flags,
      options,
      payload: bytes,
    });
    if (seq === undefined) this.next[side] = (sequenceNumber + bytes.length + (flags & FIN ? 1 : 0)) >>> 0;
  }

  /** FIN of both, and the last ACK. */
  close(options: readonly OptionItem[] = []): void {
    this.up(options, 0, FIN | ACK);
    this.down(options, 0, FIN | ACK);
    this.up(options);
  }

  reset(side: 0 | 1, options: readonly OptionItem[] = []): void {
    this.send(side, RST | ACK, options);
  }
}

/** An MPTCP connection: keys, and how far each host's data has come. */
export class Talk {
  readonly scene: Scene;
  readonly version: 0 | 1;
  readonly checksum: boolean;
  readonly keys: readonly [Uint8Array, Uint8Array];
  /** Next data sequence number of the client and of the server. */
  readonly dsn: [bigint, bigint];
  /** Width of data sequence numbers, and of Data ACKs. */
  width: 4 | 8 = 8;

  constructor(scene: Scene, input: { version?: 0 | 1; checksum?: boolean; keys?: [Uint8Array, Uint8Array] } = {}) {
    this.scene = scene;
    this.version = input.version ?? 1;
    this.checksum = input.checksum ?? false;
    this.keys = input.keys ?? [key(1), key(2)];
    this.dsn = [idsn(this.keys[0], this.version) + 1n, idsn(this.keys[1], this.version) + 1n];
  }

  token(side: 0 | 1): number {
    return token(this.keys[side], this.version);
  }

  /** MP_CAPABLE of each step of the handshake. */
  get offer(): OptionItem {
    const { version, checksum, keys } = this;
    return mpCapableSyn({ version, checksumRequired: checksum, ...(version === 0 && { senderKey: keys[0] }) });
  }

  get answer(): OptionItem {
    return mpCapableSynAck({ version: this.version, checksumRequired: this.checksum, senderKey: this.keys[1] });
  }

  get third(): OptionItem {
    const [senderKey, receiverKey] = this.keys;
    return mpCapableAck({ version: this.version, checksumRequired: this.checksum, senderKey, receiverKey });
  }

  /** The first subflow, up to the answer that confirms it. */
  hello(line: Line = new Line(this.scene, CLIENT, SERVER)): Line {
    line.syn([this.offer]);
    line.synAck([this.answer]);
    line.up([this.third]);
    line.down([this.acks(1)]);
    return line;
  }

  /** A join; `by`: the host that opens it. */
  join(line: Line, by: 0 | 1 = 0, addressId = 2): Line {
    const { syn, synAck, ack } = this.joining(by, addressId);
    line.syn([syn]);
    line.synAck([synAck]);
    line.up([ack]);
    line.down([this.acks(by === 0 ? 1 : 0)]);
    return line;
  }

  /** The three options of a join. */
  joining(by: 0 | 1 = 0, addressId = 2, nonces: readonly [number, number] = [0x11111111, 0x22222222]) {
    const { version } = this;
    const [own, peer] = by === 0 ? this.keys : [this.keys[1], this.keys[0]];
    const [a, b] = nonces;
    const opener = { senderKey: own, receiverKey: peer, senderNonce: a, receiverNonce: b, version };
    const answerer = { senderKey: peer, receiverKey: own, senderNonce: b, receiverNonce: a, version };
    return {
      syn: joinSyn({ addressId, receiverKey: peer, senderNonce: a, version }),
      synAck: joinSynAck({ addressId: 0, ...answerer }),
      ack: joinAck(opener),
    };
  }

  /** DSS that acknowledges all that the peer has sent. */
  acks(side: 0 | 1): OptionItem {
    return dss({ dataAck: this.#wire(this.dsn[1 - side] as bigint), width: this.width });
  }

  /** Data of one host on a subflow, mapped segment by segment. */
  data(line: Line, side: 0 | 1, length: number, fin = false): void {
    const opened = this.side(line, side);
    const payload = new Uint8Array(length).fill(0x61);
    line.send(opened, ACK, [this.mapping(line, side, payload, fin)], payload);
    this.dsn[side] = BigInt.asUintN(64, (this.dsn[side] as bigint) + BigInt(length + (fin ? 1 : 0)));
  }

  /** DSS for data at the next numbers of a host on a subflow. */
  mapping(line: Line, side: 0 | 1, payload: Uint8Array, fin = false): OptionItem {
    const opened = this.side(line, side);
    const ssn = ((line.next[opened] as number) - (line.isn[opened] as number)) >>> 0;
    return dss({
      dataAck: this.#wire(this.dsn[1 - side] as bigint),
      width: this.width,
      dataFin: fin,
      mapping: {
        dataSequenceNumber: this.#wire(this.dsn[side] as bigint),
        width: this.width,
        ...(payload.length > 0 && { subflowSequenceNumber: ssn, payload }),
        checksumRequired: this.checksum,
      },
    });
  }

  /** Both DATA_FINs, each on a segment of its own, and the FINs of the subflows. */
  goodbye(...lines: Line[]): void {
    const line = lines[0] as Line;
    this.data(line, 0, 0, true);
    this.data(line, 1, 0, true);
    line.send(this.side(line, 0), ACK, [this.acks(0)]);
    for (const one of lines) one.close();
  }

  /** Which end of a line a host is. */
  side(line: Line, side: 0 | 1): 0 | 1 {
    return this.#serverOpened.has(line) ? ((1 - side) as 0 | 1) : side;
  }

  readonly #serverOpened: Set<Line> = new Set();

  /** The server opens this line. */
  opensAtServer(line: Line): Line {
    this.#serverOpened.add(line);
    return line;
  }

  #wire(value: bigint): bigint {
    return value;
  }
}

/** A key of eight octets. */
export function key(n: number): Uint8Array {
  return Uint8Array.from([n, 0x5a, n, 0xa5, n, 0x3c, n, 0xc3]);
}

/** A report in short: connections as `state subflow-states verdicts`, findings as `severity code/quirk frames`. */
export function short(report: TraceReport): { connections: string[]; findings: string[] } {
  const found = (of: TraceReport['findings']): string[] =>
    of.map(({ severity, code, quirk, frames }) => `${severity} ${code}${quirk ? `/${quirk}` : ''} ${frames.join(',')}`);
  return {
    connections: report.connections.map(({ state, subflows, verdicts, data }) => {
      const checks = Object.entries(verdicts)
        .filter(([, { good, bad, unverified }]) => good + bad + unverified > 0)
        .map(([name, { good, bad, unverified }]) => `${name} ${good}/${bad}/${unverified}`);
      const flows = subflows.map(({ kind, initiator, state: one }) => `${kind} by ${initiator} ${one}`);
      const octets = [data.fromClient, data.fromServer].map(({ bytes, plainBytes }) => `${bytes}+${plainBytes}`);
      return [state, ...flows, octets.join(' '), ...checks].join('; ');
    }),
    findings: [...report.connections.flatMap(({ findings }) => found(findings)), ...found(report.findings)],
  };
}
