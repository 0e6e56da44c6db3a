/**
 * The report: what the tracer knows, as plain values.
 *
 * @module
 */

import { toHex } from '../bytes.ts';
import { formatAddress } from '../ip/address.ts';
import type { Advertised, Connection, ConnectionState, Host, Side } from './connection.ts';
import type { Finding, FindingCode } from './finding.ts';
import type { Subflow, SubflowState } from './subflow.ts';
import type { Check, Counts, Tally, Verdict } from './verdict.ts';

/** Name of a host. */
export type HostName = 'client' | 'server';

/** A number for each direction. */
export interface ByHost {
  readonly fromClient: number;
  readonly fromServer: number;
}

/** One end of a subflow. */
export interface ReportEnd {
  /** RFC 5952 text. */
  readonly address: string;
  readonly port: number;
  readonly addressId?: number | undefined;
}

/** One subflow. */
export interface ReportSubflow {
  readonly id: number;
  readonly kind: 'initial' | 'join';
  readonly initiator: HostName;
  readonly firstFrame: number;
  readonly state: SubflowState;
  readonly client: ReportEnd;
  readonly server: ReportEnd;
  readonly backup: { readonly client: boolean; readonly server: boolean };
  /** Octets of data, each counted once. */
  readonly bytes: ByHost;
  /** Of them, octets that had been sent before, here or on another subflow. */
  readonly reinjectedBytes: ByHost;
  readonly reset?:
    | {
        readonly frame: number;
        readonly from: HostName;
        readonly reason?: number | undefined;
        readonly transient?: boolean | undefined;
      }
    | undefined;
}

/** One advertised address. */
export interface ReportAddress {
  readonly owner: HostName;
  readonly addressId: number;
  /** RFC 5952 text. */
  readonly address: string;
  readonly port?: number | undefined;
  readonly frame: number;
  /** Absent in version 0, which has no HMAC. */
  readonly verdict?: Verdict | undefined;
  readonly echoFrame?: number | undefined;
  readonly removedFrame?: number | undefined;
}

/** The data of one host. */
export interface ReportData {
  /** Application octets sent on the MPTCP level. */
  readonly bytes: number;
  /** Of them, octets that the peer acknowledged. */
  readonly acked: number;
  /** Octets outside MPTCP: in a SYN, or after a fallback. */
  readonly plainBytes: number;
  readonly finFrame?: number | undefined;
}

/** One connection. Keys and HMACs are hex, IDSNs decimal text. */
export interface ReportConnection {
  readonly id: number;
  readonly version?: 0 | 1 | undefined;
  readonly firstFrame: number;
  readonly lastFrame: number;
  /** Of these frames: seconds since the epoch with 9 decimals, to the microsecond. */
  readonly firstTime: string;
  readonly lastTime: string;
  readonly state: ConnectionState;
  readonly client: ReportEnd;
  readonly server: ReportEnd;
  readonly clientKey?: string | undefined;
  readonly serverKey?: string | undefined;
  /** 8 hex digits. */
  readonly clientToken?: string | undefined;
  /** 8 hex digits. */
  readonly serverToken?: string | undefined;
  readonly clientIdsn?: string | undefined;
  readonly serverIdsn?: string | undefined;
  /** The handshake agreed on DSS checksums. */
  readonly checksum: boolean;
  /** Flag C: whether each takes no joins to its address and port of the initial subflow. */
  readonly denyJoin: { readonly client: boolean; readonly server: boolean };
  readonly subflows: readonly ReportSubflow[];
  readonly addresses: readonly ReportAddress[];
  readonly data: { readonly fromClient: ReportData; readonly fromServer: ReportData };
  readonly verdicts: Tally;
  readonly fallback: { readonly reason: FindingCode; readonly frame: number } | null;
  readonly findings: readonly Finding[];
}

/** The report on a capture, with what there is of each connection. */
export interface ReportOf<Connection> {
  readonly schema: 'mptcp-codec/trace/1';
  readonly capture: {
    readonly packets: number;
    readonly tcpSegments: number;
    readonly mptcpSegments: number;
    /** What was wrong with the capture; `null` where nothing was. */
    readonly damaged: string | null;
  };
  readonly connections: readonly Connection[];
  /** Findings that belong to no connection. */
  readonly findings: readonly Finding[];
}

/** The report on a capture. */
export interface TraceReport extends ReportOf<ReportConnection> {}

/** A {@link TraceReport} whose connections are as they are kept. */
export type TraceOutlines = ReportOf<Outline>;

/**
 * The report on one connection as JSON: all that is kept of one that ended a while ago.
 *
 * As text it takes a third of the memory of the object, and a capture may hold tens of thousands.
 */
export class Outline {
  readonly endFrame: number;
  /** One of its findings is an error. */
  failed = false;
  readonly #shelf: Shelf;
  #octets: Uint8Array = NO_OCTETS;
  #start = 0;
  #end = 0;

  constructor(report: ReportConnection, endFrame: number, shelf: Shelf) {
    this.endFrame = endFrame;
    this.#shelf = shelf;
    this.#keep(report);
  }

  /** The report as JSON. */
  get json(): string {
    return decoder.decode(this.#octets.subarray(this.#start, this.#end));
  }

  /** The report as an object. */
  get report(): ReportConnection {
    return JSON.parse(this.json) as ReportConnection;
  }

  /** Add a join that came late, and what there is to say of it. */
  addLate(late: (id: number) => { subflow: ReportSubflow; finding: Finding | undefined }): void {
    const { report } = this;
    const { subflow, finding } = late(report.subflows.length);
    const findings = finding === undefined ? report.findings : [...report.findings, finding];
    this.#keep({ ...report, subflows: [...report.subflows, subflow], findings });
  }

  #keep(report: ReportConnection): void {
    this.failed = report.findings.some(isError);
    const shelf = this.#shelf;
    const octets = shelf.put(JSON.stringify(report));
    this.#octets = shelf.octets;
    this.#start = shelf.end - octets;
    this.#end = shelf.end;
  }
}

/** Octets of a shelf's pieces of memory. */
const PIECE = 1 << 20;

/** Where texts are kept as octets, in large pieces: a collector of garbage has nothing to do with them. */
export class Shelf {
  /** The piece in use. */
  octets: Uint8Array = NO_OCTETS;
  /** Octets used of it. */
  end = 0;

  /** Keep a text before {@link end}; gives how many octets it has. */
  put(text: string): number {
    const most = 3 * text.length;
    if (this.end + most > this.octets.length) {
      this.octets = new Uint8Array(Math.max(PIECE, most));
      this.end = 0;
    }
    const { written } = encoder.encodeInto(text, this.octets.subarray(this.end));
    this.end += written;
    return written;
  }
}

const NO_OCTETS: Uint8Array = /* @__PURE__ */ new Uint8Array(0);
const encoder = /* @__PURE__ */ new TextEncoder();
const decoder = /* @__PURE__ */ new TextDecoder();

/** Whether a finding is an error. */
export function isError({ severity }: Finding): boolean {
  return severity === 'error';
}

/** Whether a finding of a connection is an error. */
export function hasError(connection: ReportConnection | Outline): boolean {
  return connection instanceof Outline ? connection.failed : connection.findings.some(isError);
}

/** The outline of a connection. */
export function outlineOf(connection: Connection, shelf: Shelf): Outline {
  return new Outline(reportConnection(connection), connection.endFrame ?? connection.lastFrame, shelf);
}

/** The name of each side. */
export const HOSTS: readonly [HostName, HostName] = ['client', 'server'];

/** A connection as plain values. */
export function reportConnection(connection: Connection): ReportConnection {
  const { hosts, subflows } = connection;
  const [client, server] = hosts;
  const origin = subflows[0];
  return {
    id: connection.id,
    version: connection.version,
    firstFrame: connection.firstFrame,
    lastFrame: connection.lastFrame,
    firstTime: time(connection.firstTime),
    lastTime: time(connection.lastTime),
    state: connection.state,
    client: origin === undefined ? NOWHERE : endOf(origin, 0, false),
    server: origin === undefined ? NOWHERE : endOf(origin, 1, false),
    clientKey: hex(client.key),
    serverKey: hex(server.key),
    clientToken: token(client),
    serverToken: token(server),
    clientIdsn: client.idsn?.toString(),
    serverIdsn: server.idsn?.toString(),
    checksum: connection.checksum,
    denyJoin: { client: client.denyJoin, server: server.denyJoin },
    subflows: subflows.map(reportSubflow),
    addresses: connection.addresses.map(reportAddress),
    data: { fromClient: reportData(client), fromServer: reportData(server) },
    verdicts: tally(connection),
    fallback: connection.fallback ?? null,
    findings: connection.findings.list,
  };
}

const NOWHERE: ReportEnd = { address: '', port: 0 };

/** A subflow as plain values. */
export function reportSubflow(subflow: Subflow): ReportSubflow {
  const [client, server] = subflow.sides;
  const { reset } = subflow;
  return {
    id: subflow.id,
    kind: subflow.kind,
    initiator: HOSTS[subflow.initiator],
    firstFrame: subflow.firstFrame,
    state: subflow.state,
    client: endOf(subflow, 0, true),
    server: endOf(subflow, 1, true),
    backup: { client: client.backup, server: server.backup },
    bytes: { fromClient: client.bytes, fromServer: server.bytes },
    reinjectedBytes: { fromClient: client.reinjectedBytes, fromServer: server.reinjectedBytes },
    reset: reset && {
      frame: reset.frame,
      from: HOSTS[reset.from],
      reason: reset.reason,
      transient: reset.transient,
    },
  };
}

/** An advertised address as plain values. */
export function reportAddress(address: Advertised): ReportAddress {
  const pending =
    address.truncatedHmac === undefined ? undefined : { is: 'unverified' as const, why: 'keys-not-seen' as const };
  return {
    owner: HOSTS[address.owner],
    addressId: address.addressId,
    address: formatAddress(address.address),
    port: address.port,
    frame: address.frame,
    verdict: address.verdict ?? pending,
    echoFrame: address.echoFrame,
    removedFrame: address.removedFrame,
  };
}

function reportData({ stream }: Host): ReportData {
  return { bytes: stream.bytes, acked: stream.ackedBytes, plainBytes: stream.plainBytes, finFrame: stream.fin?.frame };
}

function endOf(subflow: Subflow, side: Side, withId: boolean): ReportEnd {
  const { address, port } = subflow.flow.ends[subflow.endOf(side)];
  const { addressId } = subflow.sides[side];
  return withId ? { address: formatAddress(address), port, addressId } : { address: formatAddress(address), port };
}

/** Verdicts given, and what still waits for something as unverified. */
function tally(connection: Connection): Tally {
  const given = connection.tally;
  const all: Record<Check, Counts> = {
    joinHmac: { ...given.joinHmac },
    addAddrHmac: { ...given.addAddrHmac },
    dssChecksum: { ...given.dssChecksum },
    keyEcho: { ...given.keyEcho },
    fastcloseKey: { ...given.fastcloseKey },
  };
  for (const { check, verdict } of connection.claims) if (verdict === undefined) all[check].unverified++;
  for (const { truncatedHmac, verdict } of connection.addresses) {
    if (truncatedHmac !== undefined && verdict === undefined) all.addAddrHmac.unverified++;
  }
  for (const subflow of connection.subflows) {
    for (const side of [0, 1] as const) {
      const { proofs, mappings } = subflow.sides[side];
      for (const { verdict } of proofs) if (verdict === undefined) all.joinHmac.unverified++;
      for (const mapping of mappings.list) {
        const pending = mapping.claims.filter(({ verdict }) => verdict === undefined).length;
        all.dssChecksum.unverified += pending;
        if (subflow.isUnsent(side, mapping)) all.dssChecksum.unsent = (all.dssChecksum.unsent ?? 0) + pending;
      }
    }
  }
  return all;
}

/** A double holds times of this century to a quarter of a microsecond. */
function time(seconds: number): string {
  return `${seconds.toFixed(6)}000`;
}

function hex(octets: Uint8Array | undefined): string | undefined {
  return octets === undefined ? undefined : toHex(octets);
}

function token({ token: number }: Host): string | undefined {
  return number?.toString(16).padStart(8, '0');
}
