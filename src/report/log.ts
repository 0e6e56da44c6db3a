/**
 * What a report shows of single segments: their TCP headers, kept while the tracer runs.
 *
 * @module
 */
import type { CapturedPacket } from '../capture/packet.ts';
import { formatAddress, formatEndpoint } from '../ip/address.ts';
import { FrameCursor } from '../ip/frame.ts';
import { KIND } from '../mptcp/registry.ts';
import { OptionWalk } from '../tcp/walk.ts';
import type { ReportConnection } from '../trace/report.ts';
import type { Tracer } from '../trace/tracer.ts';
import type { Check, Verdict } from '../trace/verdict.ts';

/** A segment of a flow that has MPTCP. */
export interface LoggedSegment {
  readonly frame: number;
  /** Nanoseconds since the epoch. */
  readonly time: bigint;
  readonly interface: string | undefined;
  /** Address and port. */
  readonly source: string;
  readonly destination: string;
  /** Control bits: FIN 1, SYN 2, RST 4, PSH 8, ACK 16. */
  readonly flags: number;
  readonly sequenceNumber: number;
  /** Octets on the wire. */
  readonly payloadLength: number;
  /** TCP header with its options, as far as captured: a copy. */
  readonly header: Uint8Array;
}

/** One check of an option in a frame. */
export interface LoggedVerdict {
  readonly check: Check;
  readonly verdict: Verdict;
}

/** What to keep. */
export interface LogOptions {
  /** Segments kept at most; later ones are counted. Default 20000. */
  readonly limit?: number | undefined;
  /** Only segments of this connection. */
  readonly only?: ReportConnection | undefined;
}

/** Keeps the segments of flows that have MPTCP, up to a limit, and the verdicts of their options. */
export class SegmentLog {
  readonly segments: LoggedSegment[] = [];
  readonly verdicts: Map<number, LoggedVerdict[]> = new Map();
  /** Segments that found no room. */
  dropped = 0;
  readonly #limit: number;
  readonly #only: Set<string> | undefined;
  readonly #flows: Set<string> = new Set();
  readonly #cursor: FrameCursor = new FrameCursor();
  readonly #walker: OptionWalk = new OptionWalk();

  constructor({ limit = 20_000, only }: LogOptions = {}) {
    this.#limit = limit;
    if (only === undefined) return;
    this.#only = new Set(
      only.subflows.map(({ client, server }) => tupleOf(formatEndpoint(client), formatEndpoint(server))),
    );
  }

  /** Take the next packet. */
  push(packet: CapturedPacket): void {
    const cursor = this.#cursor;
    const { bytes } = packet;
    if (!cursor.reset(packet.linkType, bytes, 0, bytes.length, packet.originalLength)) return;
    const full = this.segments.length >= this.#limit;
    if (full && this.#only === undefined) {
      if (this.#hasMptcp()) this.dropped++;
      return;
    }
    const size = cursor.ipVersion === 4 ? 4 : 16;
    const source = formatEndpoint({ address: formatAddress(bytes, cursor.source, size), port: cursor.sourcePort });
    const destination = formatEndpoint({
      address: formatAddress(bytes, cursor.destination, size),
      port: cursor.destinationPort,
    });
    const tuple = tupleOf(source, destination);
    if (this.#only !== undefined) {
      if (!this.#only.has(tuple)) return;
    } else if (!this.#flows.has(tuple)) {
      if (!this.#hasMptcp()) return;
      this.#flows.add(tuple);
    }
    if (full) {
      this.dropped++;
      return;
    }
    this.segments.push({
      frame: packet.frame,
      time: packet.time,
      interface: packet.interface,
      source,
      destination,
      flags: cursor.flags,
      sequenceNumber: cursor.sequenceNumber,
      payloadLength: cursor.payloadLength,
      header: bytes.slice(cursor.tcp, Math.min(cursor.optionsEnd, bytes.length)),
    });
  }

  /** Keep the verdicts that a tracer gives. */
  listen(tracer: Tracer): this {
    tracer.on('verdict', ({ frame, check, subject }) => {
      if (this.verdicts.size >= this.#limit) return;
      const known = this.verdicts.get(frame);
      if (known === undefined) this.verdicts.set(frame, [{ check, verdict: subject }]);
      else known.push({ check, verdict: subject });
    });
    return this;
  }

  #hasMptcp(): boolean {
    const walker = this.#walker.reset(this.#cursor.bytes, this.#cursor.options, this.#cursor.optionsEnd);
    while (walker.next()) if (walker.kind === KIND) return true;
    return false;
  }
}

function tupleOf(a: string, b: string): string {
  return a < b ? `${a} ${b}` : `${b} ${a}`;
}
