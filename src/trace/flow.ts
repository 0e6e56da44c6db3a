/**
 * TCP flows: which packets belong together, and where each one stands in its sequence space.
 *
 * @module
 */
import { u32 } from '../bytes.ts';
import { formatAddress } from '../ip/address.ts';
import type { FrameCursor } from '../ip/frame.ts';
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
    const address = formatAddress(this.address);
    return this.address.length === 4 ? `${address}:${this.port}` : `[${address}]:${this.port}`;
  }

  /** Whether it has this address and port. */
  is(address: Uint8Array, port: number): boolean {
    return (
      port === this.port &&
      address.length === this.address.length &&
      address.every((octet, i) => octet === this.address[i])
    );
  }
}

/** A TCP connection as one vantage point sees it: between its SYN and the next one on the same four. */
export class Flow {
  readonly hash: number;
  readonly ends: readonly [FlowEnd, FlowEnd];
  readonly firstFrame: number;
  /** Which end sent the SYN; `undefined` where none was seen. */
  initiator: End | undefined = undefined;
  /** The MPTCP subflow that runs over it. */
  subflow: Subflow | undefined = undefined;
  /** The next flow of the same hash. */
  next: Flow | undefined = undefined;

  constructor(hash: number, first: FlowEnd, second: FlowEnd, firstFrame: number) {
    this.hash = hash;
    this.ends = [first, second];
    this.firstFrame = firstFrame;
  }

  /** Which end sent the packet under the cursor; `undefined` where it is of another flow. */
  endOf(cursor: FrameCursor): End | undefined {
    if (this.#isSource(cursor, 0) && this.#isDestination(cursor, 1)) return 0;
    if (this.#isSource(cursor, 1) && this.#isDestination(cursor, 0)) return 1;
    return undefined;
  }

  #isSource(cursor: FrameCursor, end: End): boolean {
    const { address, port } = this.ends[end];
    return port === cursor.sourcePort && sameOctets(address, cursor.bytes, cursor.source, cursor.ipVersion);
  }

  #isDestination(cursor: FrameCursor, end: End): boolean {
    const { address, port } = this.ends[end];
    return port === cursor.destinationPort && sameOctets(address, cursor.bytes, cursor.destination, cursor.ipVersion);
  }
}

/** The flows in progress, by addresses and ports, either way round. */
export class FlowTable {
  /** First flow of each hash; `Flow.next` has the others. Numbers as keys: 30 ns a look-up against 200 for strings. */
  readonly #buckets: Map<number, Flow> = new Map();
  #count = 0;

  /** How many flows there are. */
  get size(): number {
    return this.#count;
  }

  /** The flow of the packet under the cursor. */
  find(cursor: FrameCursor): Flow | undefined {
    let flow = this.#buckets.get(hashOf(cursor));
    while (flow !== undefined && flow.endOf(cursor) === undefined) flow = flow.next;
    return flow;
  }

  /** Start a flow with the packet under the cursor; the sender is end 0. */
  add(cursor: FrameCursor, frame: number): Flow {
    const size = cursor.ipVersion === 4 ? 4 : 16;
    const flow = new Flow(
      hashOf(cursor),
      new FlowEnd(cursor.bytes.slice(cursor.source, cursor.source + size), cursor.sourcePort),
      new FlowEnd(cursor.bytes.slice(cursor.destination, cursor.destination + size), cursor.destinationPort),
      frame,
    );
    flow.next = this.#buckets.get(flow.hash);
    this.#buckets.set(flow.hash, flow);
    this.#count++;
    return flow;
  }

  /** Forget a flow. */
  remove(flow: Flow): void {
    const first = this.#buckets.get(flow.hash);
    if (first === flow) {
      if (flow.next === undefined) this.#buckets.delete(flow.hash);
      else this.#buckets.set(flow.hash, flow.next);
      this.#count--;
      return;
    }
    for (let before = first; before !== undefined; before = before.next) {
      if (before.next !== flow) continue;
      before.next = flow.next;
      this.#count--;
      return;
    }
  }
}

/** The number nearest to `reference` that equals `value` modulo 2^32. */
export function unwrap(value: number, reference: number): number {
  return reference + ((value - (reference % 0x100000000)) | 0);
}

/** Alike for both directions of a flow. */
function hashOf(cursor: FrameCursor): number {
  const { bytes, ipVersion } = cursor;
  return (
    (mix(bytes, cursor.source, ipVersion, cursor.sourcePort) +
      mix(bytes, cursor.destination, ipVersion, cursor.destinationPort)) |
    0
  );
}

function mix(bytes: Uint8Array, at: number, ipVersion: number, port: number): number {
  let hash = Math.imul(port ^ 0x9e3779b9, 0x85ebca6b);
  for (let i = 0; i < (ipVersion === 4 ? 4 : 16); i += 4) {
    hash = Math.imul(hash ^ (hash >>> 15) ^ u32(bytes, at + i), 0xc2b2ae35);
  }
  return hash ^ (hash >>> 13);
}

function sameOctets(address: Uint8Array, bytes: Uint8Array, at: number, ipVersion: number): boolean {
  if (address.length !== (ipVersion === 4 ? 4 : 16)) return false;
  for (let i = 0; i < address.length; i += 4) if (u32(address, i) !== u32(bytes, at + i)) return false;
  return true;
}
