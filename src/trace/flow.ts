/**
 * TCP flows: which packets belong together, and where each one stands in its sequence space.
 *
 * @module
 */
import { equalOctets, u32 } from '../bytes.ts';
import { formatAddress, formatEndpoint } from '../ip/address.ts';
import type { FrameCursor } from '../ip/frame.ts';
import type { Lane } from './steady.ts';
import type { Subflow } from './subflow.ts';

/** One end of a flow: 0 sent the first packet seen, 1 is the other. */
export type End = 0 | 1;

/** What one end of a flow has sent. */
export class FlowEnd {
  /** 4 or 16 octets. */
  readonly address: Uint8Array;
  readonly port: number;
  /** Sequence number that is subflow sequence number 0: the SYN, or the last octet of data in it. */
  base: number | undefined = undefined;
  /** {@link base} is known; else it only serves to count octets. */
  exact = false;
  /** Sequence number of the SYN; `undefined` where no SYN was seen. */
  isn: number | undefined = undefined;
  /** Where it stood when the capture first met it behind its SYN: its SYN has a lower sequence number. */
  met: number | undefined = undefined;
  /** Sequence number of a SYN without MPTCP that is not its own: of a connection behind this one, or of nothing. */
  stray: number | undefined = undefined;
  /** Octets of data in its SYN. */
  synPayload = 0;
  /** It sent a FIN. */
  fin = false;

  constructor(address: Uint8Array, port: number) {
    this.address = address;
    this.port = port;
  }

  /** Address and port as text. */
  get name(): string {
    return formatEndpoint({ address: formatAddress(this.address), port: this.port });
  }

  /** Whether it has this address and port. */
  is(address: Uint8Array, port: number): boolean {
    return port === this.port && equalOctets(address, this.address);
  }
}

/** A TCP connection as one vantage point sees it: between its SYN and the next one on the same four. */
export class Flow {
  readonly ends: readonly [FlowEnd, FlowEnd];
  readonly firstFrame: number;
  /** Which end sent the SYN; `undefined` where none was seen. */
  initiator: End | undefined = undefined;
  /** Its connection ended a while ago: stragglers are passed over. */
  over = false;
  /** The MPTCP subflow that runs over it. */
  subflow: Subflow | undefined = undefined;
  /** For each end, while the subflow works and nothing unusual is going on; see steady.ts. */
  lanes: readonly [Lane, Lane] | undefined = undefined;
  /** The end that comes first in the table's key. */
  readonly lower: End;

  constructor(first: FlowEnd, second: FlowEnd, lower: End, firstFrame: number) {
    this.ends = [first, second];
    this.lower = lower;
    this.firstFrame = firstFrame;
  }
}

/** Words of a key: two addresses of four words, lower one first, and the ports. */
const KEY = 9;

/** Second word of the key of an IPv4 flow, which has only one word an address. */
const IPV4 = 0x34000000;

/**
 * The flows in progress, by addresses and ports, either way round.
 *
 * Open addressing over one array of words: a look-up touches one line of memory where a Map
 * of objects touches ten, which is most of what tracing many connections costs.
 */
export class FlowTable {
  #keys: Int32Array = new Int32Array(1024 * KEY);
  #flows: (Flow | undefined)[] = new Array<Flow | undefined>(1024).fill(undefined);
  #count = 0;
  readonly #key: Int32Array = new Int32Array(KEY);
  /** The source of the packet looked up last comes first in the key. */
  #sourceIsLower = true;

  /** How many flows there are. */
  get size(): number {
    return this.#count;
  }

  /** The flow of the packet under the cursor. */
  find(cursor: FrameCursor): Flow | undefined {
    this.#read(cursor);
    return this.#flows[this.#slotOf(this.#key, 0)];
  }

  /** Which end of its flow sent the packet that {@link find} was asked for last. */
  sender(flow: Flow): End {
    return this.#sourceIsLower === (flow.lower === 0) ? 0 : 1;
  }

  /** Start a flow with the packet that {@link find} was asked for last; the sender is end 0. */
  add(cursor: FrameCursor, frame: number): Flow {
    const size = cursor.ipVersion === 4 ? 4 : 16;
    const flow = new Flow(
      new FlowEnd(cursor.bytes.slice(cursor.source, cursor.source + size), cursor.sourcePort),
      new FlowEnd(cursor.bytes.slice(cursor.destination, cursor.destination + size), cursor.destinationPort),
      this.#sourceIsLower ? 0 : 1,
      frame,
    );
    this.#put(this.#key, 0, flow);
    if (++this.#count * 2 > this.#flows.length) this.#grow();
    return flow;
  }

  /** Forget a flow. Those that stand behind it move up, so that no look-up ends in a hole. */
  remove(flow: Flow): void {
    const [first, second] = flow.ends;
    const lower = flow.lower === 0 ? first : second;
    const upper = flow.lower === 0 ? second : first;
    keyOf(this.#key, lower.address, upper.address, (lower.port << 16) | upper.port);
    let hole = this.#slotOf(this.#key, 0);
    if (this.#flows[hole] !== flow) return;
    this.#count--;
    const mask = this.#flows.length - 1;
    for (let slot = (hole + 1) & mask; this.#flows[slot] !== undefined; slot = (slot + 1) & mask) {
      const home = hashOf(this.#keys, slot * KEY) & mask;
      if (((slot - home) & mask) < ((slot - hole) & mask)) continue;
      this.#keys.copyWithin(hole * KEY, slot * KEY, slot * KEY + KEY);
      this.#flows[hole] = this.#flows[slot];
      hole = slot;
    }
    this.#flows[hole] = undefined;
  }

  /** The slot of a key, or the free one where it belongs. */
  #slotOf(key: Int32Array, at: number): number {
    const mask = this.#flows.length - 1;
    let slot = hashOf(key, at) & mask;
    while (this.#flows[slot] !== undefined && !sameKey(this.#keys, slot * KEY, key, at)) slot = (slot + 1) & mask;
    return slot;
  }

  #put(keys: Int32Array, at: number, flow: Flow): void {
    const slot = this.#slotOf(keys, at);
    for (let i = 0; i < KEY; i++) this.#keys[slot * KEY + i] = keys[at + i] as number;
    this.#flows[slot] = flow;
  }

  #grow(): void {
    const [keys, flows] = [this.#keys, this.#flows];
    this.#keys = new Int32Array(keys.length * 2);
    this.#flows = new Array<Flow | undefined>(flows.length * 2).fill(undefined);
    flows.forEach((flow, i) => {
      if (flow !== undefined) this.#put(keys, i * KEY, flow);
    });
  }

  /** The key of the packet under the cursor. */
  #read({ view, source, destination, ipVersion, sourcePort, destinationPort }: FrameCursor): void {
    const words = ipVersion === 4 ? 1 : 4;
    let order = 0;
    for (let i = 0; order === 0 && i < words; i++) {
      order = view.getUint32(source + 4 * i) - view.getUint32(destination + 4 * i);
    }
    if (order === 0) order = sourcePort - destinationPort;
    const lower = order <= 0;
    this.#sourceIsLower = lower;
    const first = lower ? source : destination;
    const second = lower ? destination : source;
    const key = this.#key;
    for (let i = 0; i < words; i++) {
      key[i] = view.getInt32(first + 4 * i);
      key[4 + i] = view.getInt32(second + 4 * i);
    }
    if (words === 1) {
      key[1] = IPV4;
      key[2] = key[3] = key[5] = key[6] = key[7] = 0;
    }
    key[8] = lower ? (sourcePort << 16) | destinationPort : (destinationPort << 16) | sourcePort;
  }
}

function keyOf(key: Int32Array, lower: Uint8Array, upper: Uint8Array, ports: number): void {
  key.fill(0);
  for (let i = 0; i < lower.length / 4; i++) {
    key[i] = u32(lower, 4 * i);
    key[4 + i] = u32(upper, 4 * i);
  }
  if (lower.length === 4) key[1] = IPV4;
  key[8] = ports;
}

function hashOf(key: Int32Array, at: number): number {
  let hash = 0;
  for (let i = at; i < at + KEY; i++) hash = Math.imul(hash ^ (key[i] as number) ^ (hash >>> 15), 0x85ebca6b);
  return hash ^ (hash >>> 13);
}

function sameKey(a: Int32Array, at: number, b: Int32Array, bt: number): boolean {
  for (let i = 0; i < KEY; i++) if (a[at + i] !== b[bt + i]) return false;
  return true;
}

/** The number nearest to `reference` that equals `value` modulo 2^32. */
export function unwrap(value: number, reference: number): number {
  return reference + ((value - reference) | 0);
}
