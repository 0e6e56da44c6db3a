/**
 * A subflow of ours: a TCP connection that a test drives segment by segment. It keeps the
 * numbers and nothing else: no timers, no retransmission. The TUN device loses nothing, so
 * what a test sends is all that the kernel sees.
 *
 * @module
 */
import { randomInt } from 'node:crypto';
import {
  dss,
  joinAck,
  joinSyn,
  joinSynAck,
  mpCapableAck,
  mpCapableSyn,
  mpCapableSynAck,
} from '../../src/mptcp/build.ts';
import type { Dss } from '../../src/mptcp/dss.ts';
import type { MpJoinSyn, MpJoinSynAck } from '../../src/mptcp/mp-join.ts';
import { toUint64 } from '../../src/mptcp/sequence.ts';
import { alignOptions, type OptionItem } from '../../src/tcp/options.ts';
import { ACK, FIN, PSH, RST, SYN } from '../packet.ts';
import type { Connection } from './connection.ts';
import { KERNEL, PATIENCE } from './kernel.ts';
import type { Match, Segment, Wire } from './wire.ts';

const EMPTY: Uint8Array<ArrayBuffer> = new Uint8Array(0);
/** How long an acknowledgement may take before it is asked for, in milliseconds. */
const KEEP_ALIVE = 40;
/** Maximum segment size 1460. */
const MSS: Uint8Array = Uint8Array.of(2, 4, 0x05, 0xb4);
/** TCP timestamps, so that the kernel sends them in each segment. */
const TIMESTAMPS: Uint8Array = Uint8Array.of(8, 10, 0, 0, 0, 1, 0, 0, 0, 0);

/** Where a subflow runs. */
export interface SubflowInput {
  /** Our address; `10.77.0.2` by default. */
  readonly local?: string | undefined;
  readonly localPort?: number | undefined;
  /** The kernel's address. */
  readonly remote?: string | undefined;
  readonly remotePort: number;
  /** Whether our SYN offers TCP timestamps. Not by default. */
  readonly timestamps?: boolean | undefined;
}

/** Fields of a mapping that a test wants otherwise than they should be. */
export interface MappingChange {
  readonly dataSequenceNumber?: bigint;
  readonly subflowSequenceNumber?: number;
  readonly dataLevelLength?: number;
  readonly checksum?: number | undefined;
}

let nextPort = 20000;

/** One subflow of a connection. */
export class Subflow {
  readonly local: string;
  readonly localPort: number;
  readonly remote: string;
  readonly remotePort: number;
  /** Our SYN's sequence number. */
  readonly initial: number = randomInt(2 ** 32);
  /** Our random number in MP_JOIN. */
  readonly nonce: number = randomInt(2 ** 32);
  /** The kernel's random number in MP_JOIN. */
  peerNonce = 0;
  /** Sequence number of our next octet. */
  sequence: number = this.initial;
  /** Sequence number that we expect. */
  acknowledgment = 0;
  readonly #wire: Wire;
  readonly #synOptions: readonly Uint8Array[];
  readonly connection: Connection;

  constructor(wire: Wire, connection: Connection, input: SubflowInput) {
    this.#wire = wire;
    this.connection = connection;
    this.remote = input.remote ?? KERNEL.ipv4;
    this.local = input.local ?? (this.remote.includes(':') ? 'fd77::2' : '10.77.0.2');
    this.localPort = input.localPort ?? nextPort++;
    this.remotePort = input.remotePort;
    this.#synOptions = input.timestamps === true ? [MSS, TIMESTAMPS] : [MSS];
  }

  /** Subflow sequence number of our next octet. */
  get subflowSequence(): number {
    return (this.sequence - this.initial) >>> 0;
  }

  /** Send a segment with the numbers that are due. Options are padded as Linux pads them. */
  send(flags: number, options: readonly OptionItem[] = [], payload: Uint8Array = EMPTY): void {
    this.#wire.send({
      source: this.local,
      destination: this.remote,
      sourcePort: this.localPort,
      destinationPort: this.remotePort,
      sequenceNumber: this.sequence,
      acknowledgmentNumber: flags & ACK ? this.acknowledgment : 0,
      flags,
      options: alignOptions(options),
      payload,
    });
    this.sequence = (this.sequence + payload.length + (flags & SYN ? 1 : 0) + (flags & FIN ? 1 : 0)) >>> 0;
  }

  /** The next segment of this subflow that matches; its SYN and FIN are acknowledged from now on. */
  async receive(match: Match = () => true, patience?: number): Promise<Segment | undefined> {
    const segment = await this.#wire.receive((candidate) => this.carries(candidate) && match(candidate), patience);
    if (segment !== undefined) this.#follow(segment);
    return segment;
  }

  /** Whether a segment belongs to this subflow. */
  carries(segment: Segment): boolean {
    return (
      segment.source === this.remote &&
      segment.sourcePort === this.remotePort &&
      segment.destination === this.local &&
      segment.destinationPort === this.localPort
    );
  }

  /** Open with a SYN that carries `options`; the kernel's answer. */
  async open(options: readonly OptionItem[], payload: Uint8Array = EMPTY): Promise<Segment | undefined> {
    this.send(SYN, [...this.#synOptions, ...options], payload);
    return await this.receive(({ flags }) => (flags & (SYN | RST)) !== 0);
  }

  /** Answer the kernel's SYN with a SYN/ACK that carries `options`; the kernel's answer. */
  async accept(syn: Segment, options: readonly OptionItem[]): Promise<Segment | undefined> {
    this.#follow(syn);
    this.send(SYN | ACK, [...this.#synOptions, ...options]);
    return await this.receive();
  }

  /** MP_CAPABLE of our SYN. */
  async openCapable(): Promise<Segment | undefined> {
    const { checksumRequired } = this.connection;
    const answer = await this.open([mpCapableSyn({ checksumRequired })]);
    const option = answer?.options.find((found) => found.type === 'MP_CAPABLE');
    if (option?.senderKey !== undefined) this.connection.peerKey = option.senderKey;
    if (option?.checksumRequired === true) this.connection.checksumRequired = true;
    return answer;
  }

  /** The whole handshake. With `data` the MP_CAPABLE with data follows the third ACK. */
  async connect(data: Uint8Array = EMPTY): Promise<Segment | undefined> {
    const answer = await this.openCapable();
    const { checksumRequired, keys } = this.connection;
    this.send(ACK, [mpCapableAck({ ...keys, checksumRequired })]);
    if (data.length > 0) this.sendFirst(data);
    return answer;
  }

  /** Our first data, in an MP_CAPABLE. */
  sendFirst(payload: Uint8Array): void {
    const { checksumRequired, keys } = this.connection;
    this.send(ACK | PSH, [mpCapableAck({ ...keys, checksumRequired, payload })], payload);
    this.#sent(payload.length);
  }

  /** Answer the kernel's MP_CAPABLE SYN; its third ACK tells the kernel's key. */
  async acceptCapable(syn: Segment, input: { denyJoin?: boolean } = {}): Promise<Segment | undefined> {
    const { checksumRequired, key } = this.connection;
    const answer = await this.accept(syn, [mpCapableSynAck({ ...input, checksumRequired, senderKey: key })]);
    const option = answer?.options.find((found) => found.type === 'MP_CAPABLE');
    if (option?.senderKey !== undefined) this.connection.peerKey = option.senderKey;
    if (option?.checksumRequired === true) this.connection.checksumRequired = true;
    return answer;
  }

  /** MP_JOIN of our SYN; the kernel's random number is noted. */
  async openJoin(addressId: number, change: Partial<MpJoinSyn> = {}): Promise<Segment | undefined> {
    const option = joinSyn({ receiverKey: this.connection.peerKey, senderNonce: this.nonce, addressId });
    const answer = await this.open([{ ...option, ...change }]);
    const found = answer?.options.find((item) => item.type === 'MP_JOIN');
    if (found?.form === 'syn-ack') this.peerNonce = found.nonce;
    return answer;
  }

  /** What both MP_JOIN HMACs that we send are made of. */
  get joinInput(): Parameters<typeof joinAck>[0] {
    return { ...this.connection.keys, senderNonce: this.nonce, receiverNonce: this.peerNonce };
  }

  /** Join the kernel; its answer to our third ACK. */
  async join(addressId: number, change: Partial<MpJoinSyn> = {}): Promise<Segment | undefined> {
    await this.openJoin(addressId, change);
    this.send(ACK, [joinAck(this.joinInput)]);
    return await this.receive();
  }

  /** Take the numbers of the kernel's SYN. */
  meet(syn: Segment): void {
    this.#follow(syn);
    const option = syn.options.find((item) => item.type === 'MP_JOIN');
    if (option?.form === 'syn') this.peerNonce = option.nonce;
  }

  /** Answer the kernel's MP_JOIN SYN; its third ACK, or RST. */
  async acceptJoin(syn: Segment, change: Partial<MpJoinSynAck> = {}): Promise<Segment | undefined> {
    this.meet(syn);
    return await this.accept(syn, [{ ...joinSynAck({ ...this.joinInput, addressId: 0 }), ...change }]);
  }

  /** The DSS that maps `payload` as our next data, and acknowledges the kernel's. */
  mapping(payload: Uint8Array, change: MappingChange = {}, dataFin = false): Dss {
    const { expected, next, checksumRequired } = this.connection;
    const subflowSequenceNumber = payload.length > 0 ? this.subflowSequence : undefined;
    const right = dss({
      dataAck: expected,
      mapping: { dataSequenceNumber: next, subflowSequenceNumber, payload, checksumRequired },
      dataFin,
    });
    return { ...right, mapping: { ...right.mapping!, ...change } };
  }

  /** Send `payload` as our next data. */
  write(payload: Uint8Array, change: MappingChange = {}): void {
    this.send(ACK | PSH, [this.mapping(payload, change)], payload);
    this.#sent(payload.length);
  }

  /** Send `payload`, which may be empty, and the DATA_FIN. */
  finish(payload: Uint8Array = EMPTY, change: MappingChange = {}): void {
    this.send(ACK, [this.mapping(payload, change, true)], payload);
    this.#sent(payload.length + 1);
  }

  /** Count octets that were sent by other means as our data. */
  skip(length: number): void {
    this.#sent(length);
  }

  /** A DSS that acknowledges all data so far. */
  get dataAck(): Dss {
    return dss({ dataAck: this.connection.expected });
  }

  /** Acknowledge all data so far. */
  acknowledge(): void {
    this.send(ACK, [this.dataAck]);
  }

  /** The next segment with data; it is acknowledged. */
  async read(patience?: number): Promise<Segment | undefined> {
    const segment = await this.receive(({ payload }) => payload.length > 0, patience);
    if (segment !== undefined) this.acknowledge();
    return segment;
  }

  /**
   * The first segment that acknowledges all our data, or `undefined`. The kernel may acknowledge
   * a segment before it has looked at its mapping: keep-alives make it say how far it is.
   */
  async acknowledged(patience: number = PATIENCE): Promise<Segment | undefined> {
    const { next } = this.connection;
    const match: Match = ({ options }) => {
      return options.some((option) => {
        return option.type === 'DSS' && option.dataAck !== undefined && toUint64(option.dataAck, next) === next;
      });
    };
    for (const end = Date.now() + patience; Date.now() < end; this.keepAlive()) {
      const segment = await this.receive(match, KEEP_ALIVE);
      if (segment !== undefined) return segment;
    }
    return undefined;
  }

  /** A segment before the window, which the kernel must answer with an ACK. */
  keepAlive(): void {
    this.sequence = (this.sequence - 1) >>> 0;
    this.send(ACK);
    this.sequence = (this.sequence + 1) >>> 0;
  }

  #sent(length: number): void {
    this.connection.next = BigInt.asUintN(64, this.connection.next + BigInt(length));
  }

  /** Keep up with what the kernel sent in order: on the subflow, and in the data stream. */
  #follow({ flags, sequenceNumber, payload, options }: Segment): void {
    if (flags & SYN) this.acknowledgment = sequenceNumber;
    if (sequenceNumber !== this.acknowledgment) return;
    const length = payload.length + (flags & SYN ? 1 : 0) + (flags & FIN ? 1 : 0);
    this.acknowledgment = (sequenceNumber + length) >>> 0;
    const { connection } = this;
    const dataFin = options.some((option) => option.type === 'DSS' && option.dataFin) && !connection.peerFinished;
    if (dataFin) connection.peerFinished = true;
    connection.expected = BigInt.asUintN(64, connection.expected + BigInt(payload.length + (dataFin ? 1 : 0)));
  }
}
