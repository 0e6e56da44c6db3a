/**
 * One capture of a path: its TCP connections, and by what the other capture may know them.
 *
 * @module
 */
import { toHex } from '../bytes.ts';
import type { CapturedPacket } from '../capture/packet.ts';
import { oldest } from '../groups.ts';
import { FrameCursor } from '../ip/frame.ts';
import { ACK, FIN, SYN } from '../tcp/flags.ts';
import { type End, type Flow, FlowTable } from '../trace/flow.ts';
import { other } from '../trace/subflow.ts';
import { Copies } from './copies.ts';
import type { Passage } from './passage.ts';
import { mptcpOptionsOf, type Sighting, sightingOf } from './sighting.ts';

/** Connections kept in sight of each capture; of more, the oldest leave, {@link LEAVING} at a time. */
const TRAILS = 65_536;
const LEAVING = 1024;

/** Segments kept of one connection while nobody knows its counterpart. */
const UNPAIRED = 4096;

/** Segments kept of all of them; of more, those of the oldest are forgotten until so many are left. */
const UNPAIRED_IN_ALL = 262_144;
const UNPAIRED_LEFT = 245_760;

/** Addresses remembered. */
const ADDRESSES = 65_536;

/** Segments of a connection that are looked at for what identifies it. */
const TELLING = 64;

/** Octets of data that a capture may have in front of the SYN they follow. */
const OVERTAKING = 0x10000;

const NOTHING: readonly string[] = [];
const NOBODY: readonly Trail[] = [];

/** A TCP connection as one capture saw it. */
export class Trail {
  readonly flow: Flow;
  /** What identifies it, whatever a path does to addresses and sequence numbers. */
  readonly features: string[] = [];
  /** Its segments, while its counterpart is unknown. */
  waiting: Sighting[] = [];
  /** It carried an MPTCP option. */
  mptcp = false;
  segments = 0;
  /** For each end, the sequence number behind its FIN. */
  readonly ended: [number | undefined, number | undefined] = [undefined, undefined];
  /** The connection in both captures. */
  passage: Passage | undefined = undefined;
  /** It is another trail of this capture, seen once more on the other side of a NAT. */
  again = false;

  /** Addresses and ports, alike whoever was seen first. */
  readonly name: string;

  constructor(flow: Flow) {
    this.flow = flow;
    this.name = flow.ends
      .map(({ name }) => name)
      .sort()
      .join(' ');
  }

  /** Whether a segment between its addresses and ports can be its own, and not of a connection that followed. */
  has(end: End, seq: number, flags: number): boolean {
    const { isn, met } = this.flow.ends[end];
    const own = this.ended[end];
    if ((flags & SYN) === 0) {
      const over = own !== undefined && this.ended[other(end)] !== undefined;
      return !over || ((seq - own) | 0) <= 0;
    }
    if (isn !== undefined) return isn === seq || ((flags & ACK) !== 0 && own === undefined);
    if ((flags & ACK) !== 0) return true;
    return own === undefined && met !== undefined && ((met - seq) >>> 0) - 1 < OVERTAKING;
  }

  /** Whether it has no counterpart yet. */
  get free(): boolean {
    return this.passage === undefined && !this.again;
  }

  /** The end that sent the SYN, where one was seen. */
  get opener(): End | undefined {
    return this.flow.initiator;
  }
}

/** One of the two captures. */
export class Vantage {
  readonly #cursor: FrameCursor = new FrameCursor();
  readonly #flows: FlowTable = new FlowTable();
  readonly #trails: Map<Flow, Trail> = new Map();
  readonly #byFeature: Map<string, Trail> = new Map();
  readonly #byName: Map<string, Trail[]> = new Map();
  readonly #copies: Copies = new Copies();
  readonly #addresses: Set<string> = new Set();
  #waiting = 0;
  /** Time of the earliest packet, and of the latest. */
  first: bigint | undefined = undefined;
  latest: bigint | undefined = undefined;
  /** Time of the last packet. */
  time: bigint | undefined = undefined;
  packets = 0;
  /** Segments forgotten for want of room. */
  forgotten = 0;

  /** The connections to forget for want of room. */
  surplus(): readonly Trail[] {
    return this.#trails.size <= TRAILS + LEAVING ? NOBODY : oldest(this.#trails.values(), LEAVING);
  }

  /** The connections in sight without a counterpart, in the order of their first packets. */
  get free(): readonly Trail[] {
    return [...this.#trails.values()].filter(({ free }) => free);
  }

  /** The connection known by a feature. */
  find(feature: string): Trail | undefined {
    return this.#byFeature.get(feature);
  }

  /** The connections in sight between the same addresses and ports as another. */
  namesakes({ name }: Trail): readonly Trail[] {
    return this.#byName.get(name) ?? NOBODY;
  }

  /** Take the next packet; `undefined` where it is no TCP segment. */
  take(packet: CapturedPacket): { trail: Trail; sighting: Sighting; features: readonly string[] } | undefined {
    this.packets++;
    this.time = packet.time;
    if (this.first === undefined || packet.time < this.first) this.first = packet.time;
    if (this.latest === undefined || packet.time > this.latest) this.latest = packet.time;
    const cursor = this.#cursor;
    const { linkType, bytes, originalLength } = packet;
    if (!cursor.reset(linkType, bytes, 0, bytes.length, originalLength)) return undefined;
    const trail = this.#trailOf(packet.frame);
    const { flow } = trail;
    const end = this.#flows.sender(flow);
    flow.ends[end].met ??= cursor.sequenceNumber;
    if ((cursor.flags & ACK) !== 0) flow.ends[other(end)].met ??= cursor.acknowledgmentNumber;
    const sighting = sightingOf(cursor, packet, end);
    if ((cursor.flags & FIN) !== 0) trail.ended[end] = (cursor.sequenceNumber + cursor.payloadLength + 1) >>> 0;
    if ((cursor.flags & SYN) !== 0) {
      flow.initiator ??= (cursor.flags & ACK) === 0 ? end : other(end);
      flow.ends[end].isn ??= cursor.sequenceNumber;
    }
    return { trail, sighting, features: this.#describe(trail, sighting) };
  }

  /** Whether it was being made at a time of its own clock. */
  covers(time: bigint): boolean {
    return this.first !== undefined && this.latest !== undefined && this.first <= time && time <= this.latest;
  }

  /** Whether it has segments from or to an address. */
  hears(address: Uint8Array): boolean {
    return this.#addresses.has(toHex(address));
  }

  /** Keep a segment until the counterpart of its connection is known; false where there is no room. */
  hold(trail: Trail, sighting: Sighting): boolean {
    if (trail.waiting.length >= UNPAIRED) {
      this.forgotten++;
      return false;
    }
    trail.waiting.push(sighting);
    this.#waiting++;
    if (this.#waiting > UNPAIRED_IN_ALL) this.#makeRoom();
    return true;
  }

  /** Forget what the oldest connections hold. */
  #makeRoom(): void {
    for (const one of this.#trails.values()) {
      if (this.#waiting <= UNPAIRED_LEFT) return;
      this.forgotten += one.waiting.length;
      this.release(one);
    }
  }

  /** Give what was held of a connection. */
  release(trail: Trail): readonly Sighting[] {
    const { waiting } = trail;
    this.#waiting -= waiting.length;
    trail.waiting = [];
    return waiting;
  }

  /** Know nothing more of a connection. */
  forget(trail: Trail): void {
    const { flow, features, name } = trail;
    this.forgotten += trail.waiting.length;
    this.release(trail);
    for (const feature of features) if (this.#byFeature.get(feature) === trail) this.#byFeature.delete(feature);
    if (!this.#trails.delete(flow)) return;
    this.#flows.remove(flow);
    const others = this.namesakes(trail).filter((one) => one !== trail);
    if (others.length > 0) this.#byName.set(name, others);
    else this.#byName.delete(name);
  }

  /** Whether the packet was captured before, on another interface. */
  isRepeated(trail: Trail, sighting: Sighting): boolean {
    return this.#copies.has(trail.flow.firstFrame, sighting);
  }

  #trailOf(frame: number): Trail {
    const cursor = this.#cursor;
    const flow = this.#flows.find(cursor);
    const known = flow === undefined ? undefined : this.#trails.get(flow);
    if (flow !== undefined && known !== undefined) {
      const sender = this.#flows.sender(flow);
      if (known.has(sender, cursor.sequenceNumber, cursor.flags)) return known;
      // Another connection on the same four: the old one is known by its features only.
      this.#flows.remove(flow);
    }
    const trail = new Trail(this.#flows.add(cursor, frame));
    this.#trails.set(trail.flow, trail);
    const others = this.#byName.get(trail.name);
    if (others === undefined) this.#byName.set(trail.name, [trail]);
    else others.push(trail);
    if (this.#addresses.size < ADDRESSES)
      for (const { address } of trail.flow.ends) this.#addresses.add(toHex(address));
    return trail;
  }

  /** The features that this segment adds to its connection. */
  #describe(trail: Trail, sighting: Sighting): readonly string[] {
    const { seq, flags, timestamped, tsVal, tsEcr, mptcp, opening } = sighting;
    if (mptcp) trail.mptcp = true;
    const number = ++trail.segments;
    if (number > TELLING || (!opening && (flags & SYN) === 0)) return NOTHING;
    const found: string[] = [];
    if ((flags & (SYN | ACK)) === SYN) {
      found.push(`syn ${seq} ${trail.name}`);
      if (timestamped) found.push(`syn ${seq} ${tsVal} ${tsEcr}`);
    }
    for (const option of mptcpOptionsOf(sighting)) {
      if (option.type === 'MP_CAPABLE') {
        for (const key of [option.senderKey, option.receiverKey])
          if (key !== undefined) found.push(`key ${toHex(key)}`);
      } else if (option.type === 'MP_JOIN' && option.form === 'syn') {
        found.push(`join ${option.receiverToken} ${option.nonce}`);
      } else if (option.type === 'MP_JOIN') {
        found.push(`hmac ${toHex(option.form === 'ack' ? option.hmac : option.truncatedHmac)}`);
      }
    }
    const fresh = found.filter((feature) => !trail.features.includes(feature));
    trail.features.push(...fresh);
    for (const feature of fresh) if (!this.#byFeature.has(feature)) this.#byFeature.set(feature, trail);
    return fresh;
  }
}
