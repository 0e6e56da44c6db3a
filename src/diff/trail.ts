/**
 * One TCP connection in one of two captures.
 *
 * @module
 */
import { ACK, SYN } from '../tcp/flags.ts';
import type { End, Flow } from '../trace/flow.ts';
import { other } from '../trace/subflow.ts';
import type { Passage } from './passage.ts';
import type { Sighting } from './sighting.ts';

/** Octets of data that a capture may have in front of the SYN they follow. */
const OVERTAKING = 0x10000;

/** A TCP connection as one capture saw it. */
export class Trail {
  readonly flow: Flow;
  /** Addresses and ports, alike whoever was seen first. */
  readonly name: string;
  /** Texts of its features. */
  readonly features: string[] = [];
  /** Its segments, while its counterpart is unknown. */
  waiting: Sighting[] = [];
  /** It carried an MPTCP option. */
  mptcp = false;
  /** How many segments it has. */
  segments = 0;
  /** For each end, the sequence number behind its FIN. */
  readonly ended: [number | undefined, number | undefined] = [undefined, undefined];
  /** The connection in both captures. */
  passage: Passage | undefined = undefined;
  /** It is another trail of this capture, seen once more on the other side of a NAT. */
  again = false;

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
