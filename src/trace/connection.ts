/**
 * MPTCP connections: two hosts, their keys, and the subflows between them.
 *
 * @module
 */

import { type Finding, type FindingCode, Findings } from './finding.ts';
import { DataStream } from './stream.ts';
import type { Subflow, SubflowState } from './subflow.ts';
import type { Check, Counts, Verdict } from './verdict.ts';

/** A host of a connection: 0 is the client, which opened the initial subflow; 1 is the server. */
export type Side = 0 | 1;

/** Where a connection stands. */
export type ConnectionState = 'opening' | 'established' | 'fallback' | 'closed' | 'fastclosed' | 'reset' | 'mid-stream';

/** An address that a host advertised. */
export interface Advertised {
  readonly owner: Side;
  readonly addressId: number;
  /** 4 or 16 octets. */
  readonly address: Uint8Array;
  readonly port: number | undefined;
  readonly frame: number;
  readonly subflow: Subflow;
  /** 8 octets; absent in version 0. */
  readonly truncatedHmac: Uint8Array | undefined;
  verdict: Verdict | undefined;
  echoFrame: number | undefined;
  removedFrame: number | undefined;
  /** A join went to it. */
  joined: boolean;
}

/** One host of a connection. */
export class Host {
  /** 8 octets. */
  key: Uint8Array | undefined = undefined;
  keyFrame: number | undefined = undefined;
  token: number | undefined = undefined;
  idsn: bigint | undefined = undefined;
  /** Flag C: it accepts no joins to the address and port of the initial subflow. */
  denyJoin = false;
  readonly stream: DataStream = new DataStream();
}

/** An echoed or fastclose key that waits for the key it should equal. */
export interface KeyClaim {
  readonly check: 'keyEcho' | 'fastcloseKey';
  /** Whose key it should be. */
  readonly owner: Side;
  readonly key: Uint8Array;
  readonly frame: number;
  readonly subflow: Subflow;
  /** Of the whole option, so that copies count once. */
  readonly octets: string;
  verdict: Verdict | undefined;
}

/** States of a join that came to nothing. */
const NOTHING: readonly SubflowState[] = ['opening', 'failed', 'refused'];

/** An MPTCP connection, or an attempt at one. */
export class Connection {
  /** Place in the report; -1 while nothing says which connection it is. */
  id: number;
  version: 0 | 1 | undefined = undefined;
  readonly firstFrame: number;
  lastFrame: number;
  /** Seconds since the epoch. */
  readonly firstTime: number;
  lastTime: number;
  state: ConnectionState = 'opening';
  /** The handshake agreed on DSS checksums: either host asked for them, with flag A. */
  checksum = false;
  /** Nothing of its handshake was seen. */
  midStream = false;
  readonly hosts: readonly [Host, Host] = [new Host(), new Host()];
  readonly subflows: Subflow[] = [];
  readonly addresses: Advertised[] = [];
  readonly claims: KeyClaim[] = [];
  readonly findings: Findings;
  /** Verdicts of checks whose subjects are no longer kept. */
  readonly tally: Record<Check, Counts> = {
    joinHmac: { good: 0, bad: 0, unverified: 0 },
    addAddrHmac: { good: 0, bad: 0, unverified: 0 },
    dssChecksum: { good: 0, bad: 0, unverified: 0 },
    keyEcho: { good: 0, bad: 0, unverified: 0 },
    fastcloseKey: { good: 0, bad: 0, unverified: 0 },
  };
  /** Frame with which it ended. */
  endFrame: number | undefined = undefined;
  fallback: { readonly reason: FindingCode; readonly frame: number } | undefined = undefined;
  /** Frame of the first MP_FASTCLOSE with the right key. */
  fastcloseFrame: number | undefined = undefined;
  /** What the capture could not show of it. */
  payloadCut = false;

  constructor(id: number, frame: number, time: number, emit: (finding: Finding, connection?: Connection) => void) {
    this.id = id;
    this.firstFrame = frame;
    this.lastFrame = frame;
    this.firstTime = time;
    this.lastTime = time;
    this.findings = new Findings(emit, this);
  }

  /** Note a segment of it. */
  note(frame: number, time: number): void {
    if (frame > this.lastFrame) this.lastFrame = frame;
    if (time > this.lastTime) this.lastTime = time;
  }

  /** Whether all joins of it came to nothing: then it may fall back to TCP. */
  get single(): boolean {
    return this.subflows.every(({ kind, state }) => kind === 'initial' || NOTHING.includes(state));
  }

  /** Whether it has come to an end. */
  get ended(): boolean {
    return this.endFrame !== undefined;
  }
}
