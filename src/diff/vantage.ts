/**
 * One capture of a path: its TCP connections, by what the other capture may know them.
 *
 * @module
 */
import { toHex } from '../bytes.ts';
import type { CapturedPacket } from '../capture/packet.ts';
import { addTo, oldest } from '../groups.ts';
import { FrameCursor } from '../ip/frame.ts';
import { ACK, FIN, SYN } from '../tcp/flags.ts';
import { type Flow, FlowTable } from '../trace/flow.ts';
import { other } from '../trace/subflow.ts';
import { Copies } from './copies.ts';
import { type Feature, featuresOf } from './feature.ts';
import { type Sighting, sightingOf } from './sighting.ts';
import { Trail } from './trail.ts';

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

const NOTHING: readonly Feature[] = [];
const NOBODY: readonly Trail[] = [];

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
  find({ text }: Feature): Trail | undefined {
    return this.#byFeature.get(text);
  }

  /** The connections in sight between the same addresses and ports as another. */
  namesakes({ name }: Trail): readonly Trail[] {
    return this.#byName.get(name) ?? NOBODY;
  }

  /** Take the next packet; `undefined` where it is no TCP segment. */
  take(packet: CapturedPacket): { trail: Trail; sighting: Sighting; features: readonly Feature[] } | undefined {
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
    addTo(this.#byName, trail.name, trail);
    if (this.#addresses.size < ADDRESSES)
      for (const { address } of trail.flow.ends) this.#addresses.add(toHex(address));
    return trail;
  }

  /** The features that this segment adds to its connection. */
  #describe(trail: Trail, sighting: Sighting): readonly Feature[] {
    if (sighting.mptcp) trail.mptcp = true;
    const number = ++trail.segments;
    if (number > TELLING || (!sighting.opening && (sighting.flags & SYN) === 0)) return NOTHING;
    const fresh = featuresOf(sighting, trail.name).filter(({ text }) => !trail.features.includes(text));
    for (const { text } of fresh) {
      trail.features.push(text);
      if (!this.#byFeature.has(text)) this.#byFeature.set(text, trail);
    }
    return fresh;
  }
}
