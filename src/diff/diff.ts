/**
 * Two captures of one path: what the path changed on the way.
 *
 * @module
 */
import type { CapturedPacket } from '../capture/packet.ts';
import type { Finding } from '../trace/finding.ts';
import type { HostName } from '../trace/report.ts';
import type { Change } from './change.ts';
import { Difference } from './difference.ts';

/** One thing that the path changed. */
export type DiffChange = Change & {
  readonly direction: 'fromClient' | 'fromServer';
  /** In words, from the sender's capture to the receiver's. Keys are not shown. */
  readonly what: string;
  /** Index into {@link DiffReport.flows}. */
  readonly flow: number;
};

/** A TCP connection that carried MPTCP, as each capture has it; absent where it was not seen. */
export interface DiffFlow {
  /** Which host opened it. */
  readonly initiator: HostName;
  /** Addresses and ports from its opener to the other end. */
  readonly client?: DiffPlace | undefined;
  readonly server?: DiffPlace | undefined;
}

/** A TCP connection in one capture. */
export interface DiffPlace {
  readonly from: string;
  readonly to: string;
  readonly firstFrame: number;
}

/** What a path changed. */
export interface DiffReport {
  readonly schema: 'mptcp-codec/diff/1';
  /** Segments found in both captures. */
  readonly pairs: number;
  /** Frames of segments found in one capture only. */
  readonly onlyClient: readonly number[];
  readonly onlyServer: readonly number[];
  readonly changes: readonly DiffChange[];
  readonly findings: readonly Finding[];
  readonly flows: readonly DiffFlow[];
  /**
   * Seconds: how far the server's clock is ahead, and the least time there and back, which is
   * negative where the captures are the wrong way round. Absent without pairs both ways.
   */
  readonly clock?: { readonly offset: string; readonly roundTrip: string } | undefined;
}

/**
 * Compare two captures of one path, taken near the client and near the server.
 *
 * @example
 * ```ts
 * const { changes, findings } = diff(readCaptureSync(client), readCaptureSync(server));
 * ```
 */
export function diff(client: Iterable<CapturedPacket>, server: Iterable<CapturedPacket>): DiffReport {
  const difference = new Difference();
  const sources = { client: client[Symbol.iterator](), server: server[Symbol.iterator]() };
  const ended = { client: false, server: false };
  while (!ended.client || !ended.server) {
    const { next } = difference;
    const from = ended[next] ? (next === 'client' ? 'server' : 'client') : next;
    const read = sources[from].next();
    if (read.done === true) ended[from] = true;
    else difference.push(from, read.value);
  }
  return difference.report();
}
