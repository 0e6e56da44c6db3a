/**
 * Where each segment of a connection belongs: its subflow, its place in the data stream, what is special about it.
 *
 * @module
 */

import { formatEndpoint } from '../ip/address.ts';
import type { Malformed } from '../malformed.ts';
import type { MptcpOption } from '../mptcp/option.ts';
import { toUint64 } from '../mptcp/sequence.ts';
import { SYN } from '../tcp/flags.ts';
import { mptcpOptions } from '../tcp/options.ts';
import { Ranges } from '../trace/ranges.ts';
import type { HostName, ReportConnection, ReportSubflow } from '../trace/report.ts';
import type { LoggedSegment, LoggedVerdict, SegmentLog } from './log.ts';

/** A segment of a connection. */
export interface PlacedSegment extends LoggedSegment {
  /** Id of the subflow. */
  readonly subflow: number;
  readonly from: HostName;
  /** Seconds after the connection's first segment. */
  readonly at: number;
  readonly options: readonly (MptcpOption | Malformed)[];
  /** Its data in the sender's stream, relative: the first octet is 1; the end is excluded. Without a DATA_FIN. */
  readonly data?: { readonly start: number; readonly end: number } | undefined;
  /** What it acknowledges of the peer's stream, relative. */
  readonly dataAck?: number | undefined;
  /** It carries the DATA_FIN. */
  readonly dataFin: boolean;
  /** Its data was sent before: on this subflow, or on another. */
  readonly again?: 'retransmitted' | 'reinjected' | undefined;
  readonly verdicts: readonly LoggedVerdict[];
}

/** The segments of a connection in the order of the capture. */
export function placeSegments(connection: ReportConnection, log: SegmentLog): PlacedSegment[] {
  const hosts = { client: new Stream(connection.clientIdsn), server: new Stream(connection.serverIdsn) };
  const subflows = new Map<string, ReportSubflow[]>();
  for (const subflow of connection.subflows) {
    const key = formatEndpoint(subflow.client);
    subflows.set(key, [...(subflows.get(key) ?? []), subflow]);
  }
  const placed: PlacedSegment[] = [];
  let start: bigint | undefined;
  for (const segment of log.segments) {
    if (segment.frame < connection.firstFrame || segment.frame > connection.lastFrame) continue;
    const found = subflowOf(subflows, segment);
    if (found === undefined) continue;
    start ??= segment.time;
    const { subflow, from } = found;
    const options = mptcpOptions(segment.header);
    const own = hosts[from];
    const peer = hosts[from === 'client' ? 'server' : 'client'];
    placed.push({
      ...segment,
      subflow: subflow.id,
      from,
      at: Number(segment.time - start) / 1e9,
      options,
      ...own.place(subflow.id, segment, options),
      dataAck: peer.acknowledged(options),
      verdicts: log.verdicts.get(segment.frame) ?? [],
    });
  }
  return placed;
}

function subflowOf(
  subflows: ReadonlyMap<string, readonly ReportSubflow[]>,
  { source, destination, frame }: LoggedSegment,
): { subflow: ReportSubflow; from: HostName } | undefined {
  for (const [own, peer, from] of [
    [source, destination, 'client'],
    [destination, source, 'server'],
  ] as const) {
    const of = (subflows.get(own) ?? []).filter(({ server, firstFrame }) => {
      return formatEndpoint(server) === peer && firstFrame <= frame;
    });
    const subflow = of.at(-1);
    if (subflow !== undefined) return { subflow, from };
  }
  return undefined;
}

/** The data of one host, as its mappings tell. */
class Stream {
  /** Number of offset 0; without a key, the one before the least that was mapped first. */
  #origin: bigint | undefined;
  #high: bigint;
  readonly #sent: Ranges = new Ranges(4096);
  /** Of each subflow: the TCP sequence number of subflow sequence number 0. */
  readonly #bases: Map<number, number> = new Map();
  /** Of each subflow: the latest mapping, and the TCP sequence number of its first octet. */
  readonly #mapped: Map<number, { readonly ssn: number; readonly dsn: number; readonly first: number }> = new Map();

  constructor(idsn: string | undefined) {
    this.#origin = idsn === undefined ? undefined : BigInt(idsn);
    this.#high = this.#origin ?? 0n;
  }

  /** Relative number of a number on the wire. */
  #relative(value: number | bigint): number {
    this.#origin ??= BigInt.asUintN(64, BigInt(value) - 1n);
    if (this.#high === 0n) this.#high = this.#origin;
    const whole = toUint64(value, this.#high);
    const relative = Number(BigInt.asIntN(64, whole - this.#origin));
    if (relative > Number(BigInt.asIntN(64, this.#high - this.#origin))) this.#high = whole;
    return relative;
  }

  place(
    subflow: number,
    segment: LoggedSegment,
    options: readonly (MptcpOption | Malformed)[],
  ): Pick<PlacedSegment, 'data' | 'dataFin' | 'again'> {
    if ((segment.flags & SYN) !== 0) this.#bases.set(subflow, (segment.sequenceNumber + segment.payloadLength) | 0);
    let dataFin = false;
    for (const option of options) {
      if (option.type === 'DSS' && option.mapping !== undefined) {
        const { dataSequenceNumber, subflowSequenceNumber, dataLevelLength } = option.mapping;
        dataFin ||= option.dataFin;
        if (option.dataFin && dataLevelLength === 1) this.#relative(dataSequenceNumber);
        else this.#map(subflow, segment, subflowSequenceNumber, this.#relative(dataSequenceNumber));
      } else if (option.type === 'MP_CAPABLE' && option.dataLevelLength !== undefined) {
        const first = this.#origin === undefined ? 1 : BigInt.asUintN(64, this.#origin + 1n);
        this.#map(subflow, segment, 1, this.#relative(first));
      }
    }
    const mapped = this.#mapped.get(subflow);
    if (segment.payloadLength === 0 || mapped === undefined || (segment.flags & SYN) !== 0) return { dataFin };
    const start = mapped.dsn + ((segment.sequenceNumber - mapped.first) | 0);
    const end = start + segment.payloadLength;
    let again: PlacedSegment['again'];
    this.#sent.add(start, end, subflow, (_from, _to, before) => {
      if (before === undefined) return;
      again = before === subflow ? (again ?? 'retransmitted') : 'reinjected';
    });
    return { data: { start, end }, dataFin, again };
  }

  /** Note a mapping; a repeated one says nothing new, and stands for other octets of itself. */
  #map(subflow: number, segment: LoggedSegment, ssn: number, dsn: number): void {
    const known = this.#mapped.get(subflow);
    if (known?.ssn === ssn && known.dsn === dsn) return;
    const base = this.#bases.get(subflow) ?? (segment.sequenceNumber - ssn) | 0;
    this.#bases.set(subflow, base);
    this.#mapped.set(subflow, { ssn, dsn, first: (base + ssn) | 0 });
  }

  acknowledged(options: readonly (MptcpOption | Malformed)[]): number | undefined {
    for (const option of options) {
      if (option.type === 'DSS' && option.dataAck !== undefined) {
        if (this.#origin === undefined) return undefined;
        return Number(BigInt.asIntN(64, toUint64(option.dataAck, this.#high) - this.#origin));
      }
    }
    return undefined;
  }
}
