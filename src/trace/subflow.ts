/**
 * Subflows: the TCP connections that carry one MPTCP connection.
 *
 * @module
 */
import type { MpCapable } from '../mptcp/mp-capable.ts';
import type { Connection, Side } from './connection.ts';
import type { End, Flow } from './flow.ts';
import { type Mapping, Mappings } from './mapping.ts';
import { Ranges } from './ranges.ts';
import type { Repeat } from './repeat.ts';
import type { Verdict } from './verdict.ts';

/** Where a subflow stands. */
export type SubflowState = 'opening' | 'established' | 'refused' | 'failed' | 'closed' | 'reset';

/** An HMAC that a join carried. */
export interface JoinProof {
  /** 8 octets of the SYN/ACK, or 20 of the third ACK. */
  readonly hmac: Uint8Array;
  readonly frame: number;
  verdict: Verdict | undefined;
}

/** Data seen before its mapping, or without one. */
export interface Unmapped {
  readonly start: number;
  readonly end: number;
  readonly frame: number;
  /** The frame carried MPTCP options. */
  readonly excused: boolean;
  /** The capture cut the options of the frame. */
  readonly cut: boolean;
  readonly bytes: Uint8Array;
  readonly offset: number;
  readonly captured: number;
}

/** What one host does on a subflow. */
export class SubflowSide {
  /** Id of its address; 0 on the initial subflow, `undefined` while the join did not say. */
  addressId: number | undefined = undefined;
  /** Frame in which it removed that address. */
  removedFrame: number | undefined = undefined;
  /** It asked to use this subflow only as a backup. */
  backup = false;
  /** Data octets it sent here, each counted once. */
  bytes = 0;
  /** Of them, octets that had been sent before, here or on another subflow. */
  reinjectedBytes = 0;
  mappings: Mappings = new Mappings();
  /** Its mappings carry checksums. */
  sums = false;
  /** Data octets seen, as subflow sequence numbers; bounded. */
  seen: Ranges = new Ranges(256);
  /** Highest subflow sequence number seen: 32-bit numbers are placed near it. */
  high = 0;
  /** Bounded: the oldest leave. */
  unmapped: Unmapped[] = [];
  /** Octets that left {@link unmapped} unexplained, and the first frame of them. */
  unmappedBytes = 0;
  unmappedFrame: number | undefined = undefined;
  /** Octets that no mapping covered when all was seen, while the connection has not fallen back. */
  uncovered = 0;
  /** First frame with data whose options the capture cut. */
  cutFrame: number | undefined = undefined;
  /** Data that it repeats, until that is acknowledged. */
  repeat: Repeat | undefined = undefined;
  /** Where its infinite mapping begins: from there on all data maps one to one. */
  infinite: { readonly start: number; readonly dsn: number; readonly frame: number } | undefined = undefined;
  /** One of its mappings disagrees with its segment, with others, or with the key; that is found. */
  misplaced = false;
  /** It has sent an MPTCP option behind the handshake. */
  speaks = false;
  /** Its random number, of the join. */
  nonce: number | undefined = undefined;
  /** Join HMACs it sent; several where copies differ. */
  proofs: JoinProof[] = [];
  /** Segments in a row without MPTCP options, behind some that had them. */
  quiet = 0;
  /** First frame of them. */
  quietFrame: number | undefined = undefined;
  /** Segments behind the SYN that carried no MPTCP option while the handshake called for one. */
  silent: number[] = [];

  /** Unmapped data, but for what stands so near behind a gap that the capture may have missed its mapping. */
  get bare(): Unmapped[] {
    return this.unmapped.filter(({ start }) => {
      let from = 1;
      this.seen.each((a, b) => {
        if (a <= start && start < b) from = a;
      });
      return from === 1 || start - from >= 0x10000;
    });
  }

  /** Forget all that only further packets would need. */
  release(): void {
    this.mappings = NO_MAPPINGS;
    this.seen = NOTHING_SEEN;
    this.unmapped = NONE;
    this.repeat = undefined;
    this.proofs = NONE;
    this.silent = NONE;
  }
}

/** Shared by all that is released. */
const NONE: never[] = [];
const NO_MAPPINGS: Mappings = new Mappings();
const NOTHING_SEEN: Ranges = new Ranges();

/** One TCP connection of an MPTCP connection. */
export class Subflow {
  id = 0;
  connection: Connection;
  kind: 'initial' | 'join';
  /** The host that sent its SYN. */
  initiator: Side;
  readonly flow: Flow;
  readonly firstFrame: number;
  state: SubflowState = 'opening';
  sides: readonly [SubflowSide, SubflowSide] = [new SubflowSide(), new SubflowSide()];
  /** The RST that ended it; `time` in seconds. */
  reset:
    | { frame: number; time: number; from: Side; reason: number | undefined; transient: boolean | undefined }
    | undefined = undefined;
  /** Frames and times of the SYNs, in seconds; `timestamp`: TSval. */
  syns: { frame: number; time: number; timestamp: number | undefined; mptcp: boolean }[] = [];
  /** MPTCP option of the first SYN and of the first SYN/ACK, as octets: copies must be alike. */
  openings: [string | undefined, string | undefined] = [undefined, undefined];
  /** Sequence numbers of the segments of its handshake, as signed words. */
  readonly openedAt: number[] = [];
  /** Frame of the SYN/ACK. */
  synAck: number | undefined = undefined;
  /** Frame of the third packet of the handshake. */
  thirdAck: number | undefined = undefined;
  /** The newest step of a join's handshake, and for how long it was sent again; times in seconds. */
  waiting: { step: 'SYN/ACK' | 'third packet'; frame: number; since: number; until: number } | undefined = undefined;
  /** The responder has answered the third packet. */
  confirmed = false;
  /** MP_CAPABLE of the SYN. */
  offer: MpCapable | undefined = undefined;
  /** Token in the join's SYN. */
  token: number | undefined = undefined;
  /** The SYN/ACK of a join carried no MPTCP. */
  plainSynAck = false;
  /** All that can be said of a join without a connection was said. */
  finished = false;
  /** Its data and mappings are no longer kept. */
  released = false;

  constructor(connection: Connection, kind: 'initial' | 'join', flow: Flow, initiator: Side, frame: number) {
    this.connection = connection;
    this.kind = kind;
    this.flow = flow;
    this.initiator = initiator;
    this.firstFrame = frame;
    flow.subflow = this;
    if (kind === 'initial') for (const side of this.sides) side.addressId = 0;
  }

  /** Frames of its first SYNs. */
  get synFrames(): number[] {
    return this.syns.slice(0, 4).map(({ frame }) => frame);
  }

  /** Which host an end of the flow is. */
  sideOf(end: End, flow: Flow = this.flow): Side {
    return end === (flow.initiator ?? 0) ? this.initiator : other(this.initiator);
  }

  /** Keep only the outline. */
  release(): void {
    for (const side of this.sides) side.release();
    this.released = true;
    this.flow.lanes = undefined;
    this.offer = undefined;
    this.openings = [undefined, undefined];
    this.syns = NONE;
  }

  /** Whether a reset came before all under a mapping was sent. */
  isUnsent(side: Side, { cut, end }: Mapping): boolean {
    return this.reset !== undefined && !cut && this.flow.ends[this.endOf(side)].exact && end > this.sides[side].high;
  }

  /** Which end of the flow a host is. */
  endOf(side: Side, flow: Flow = this.flow): End {
    const opener = flow.initiator ?? 0;
    return side === this.initiator ? opener : other(opener);
  }
}

/** The other side, or end. */
export function other(side: Side): Side {
  return side === 0 ? 1 : 0;
}
