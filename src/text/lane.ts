/**
 * The segments of one connection as lines: a column for each subflow, numbers counted from the
 * beginning, verdicts behind the options.
 *
 * @module
 */

import { toHex } from '../bytes.ts';
import type { CapturedPacket } from '../capture/packet.ts';
import { addTo } from '../groups.ts';
import { formatAddress, formatEndpoint } from '../ip/address.ts';
import { FrameCursor } from '../ip/frame.ts';
import type { Malformed } from '../malformed.ts';
import { encodeOption, type MptcpOption } from '../mptcp/option.ts';
import { toUint64 } from '../mptcp/sequence.ts';
import { ACK, SYN } from '../tcp/flags.ts';
import type { HostName, ReportConnection, ReportSubflow } from '../trace/report.ts';
import type { Tracer } from '../trace/tracer.ts';
import type { Check, Verdict } from '../trace/verdict.ts';
import { formatSegment } from './line.ts';
import { type MptcpPacket, packetAt } from './packet.ts';
import { type Paint, plain } from './paint.ts';
import { verdictText } from './trace.ts';

/** Verdicts kept of one connection. */
const VERDICTS = 262_144;

/** The verdicts of one connection by frame, as a tracer gives them. */
export class VerdictLog {
  readonly #verdicts: Map<number, (readonly [Check, Verdict])[]> = new Map();

  /** Listen to `tracer` for the verdicts of connection `id`. */
  constructor(tracer: Tracer, id: number) {
    tracer.on('verdict', ({ connection, frame, check, subject }) => {
      if (connection !== id || this.#verdicts.size >= VERDICTS) return;
      addTo(this.#verdicts, frame, [check, subject]);
    });
  }

  /** The verdict of a check of an option in a frame. */
  find(frame: number, check: Check): Verdict | undefined {
    return this.#verdicts.get(frame)?.find(([of]) => of === check)?.[1];
  }
}

/** How to write the segments of a connection. */
export interface LaneOptions {
  /** Numbers as on the wire. */
  readonly absolute?: boolean | undefined;
  /** `false` leaves keys out. */
  readonly keys?: boolean | undefined;
  /** No colour by default. */
  readonly paint?: Paint | undefined;
}

/** Columns before the lanes: frame and time. */
const MARGIN = 19;

/** Columns of a subflow's lane. */
const LANE = 4;

/** Subflows beside each other; more begin anew on the left. */
const LANES = 16;

/** Copies of options whose verdicts are remembered. */
const COPIES = 65_536;

/** Writes the segments of one connection, given the packets once more. */
export class ConnectionLines {
  readonly #connection: ReportConnection;
  readonly #verdicts: VerdictLog;
  readonly #absolute: boolean;
  readonly #keys: boolean;
  readonly #paint: Paint;
  readonly #cursor: FrameCursor = new FrameCursor();
  readonly #subflows: Map<string, ReportSubflow[]> = new Map();
  readonly #codes: Map<number, string[]> = new Map();
  /** Sequence number of each end's SYN, by subflow. */
  readonly #isns: Map<string, number> = new Map();
  readonly #streams: Readonly<Record<HostName, Stream>>;
  /** Verdicts by what they judge, for copies and retransmissions, which are judged once. */
  readonly #judged: Map<string, Verdict> = new Map();
  #start: bigint | undefined = undefined;

  constructor(connection: ReportConnection, verdicts: VerdictLog, options: LaneOptions = {}) {
    this.#connection = connection;
    this.#verdicts = verdicts;
    this.#absolute = options.absolute ?? false;
    this.#keys = options.keys ?? true;
    this.#paint = options.paint ?? plain;
    this.#streams = { client: new Stream(connection.clientIdsn), server: new Stream(connection.serverIdsn) };
    for (const subflow of connection.subflows) {
      const key = tupleOf(formatEndpoint(subflow.client), formatEndpoint(subflow.server));
      this.#subflows.set(key, [...(this.#subflows.get(key) ?? []), subflow]);
    }
    for (const { severity, code, frames } of connection.findings) {
      for (const frame of frames) {
        const text = this.#paint(severity, `${severity} ${code}`);
        this.#codes.set(frame, [...(this.#codes.get(frame) ?? []), text]);
      }
    }
  }

  /** What stands above the lines. */
  legend(): string[] {
    const { id, subflows, client, server } = this.#connection;
    const numbers = this.#absolute
      ? 'numbers as on the wire'
      : 'numbers counted from each SYN and IDSN (-S: as on the wire)';
    return [
      `${this.#paint('head', `connection ${id}  ${formatEndpoint(client)} > ${formatEndpoint(server)}`)}  ${numbers}`,
      ...subflows.map((subflow) => {
        return `${' '.repeat(MARGIN)}${this.#lane(subflow.id, `${subflow.id}`)}${formatEndpoint(subflow.client)} > ${formatEndpoint(subflow.server)}`;
      }),
    ];
  }

  /** The line of a packet; `undefined` where it is no segment of the connection. */
  line(captured: CapturedPacket): string | undefined {
    const cursor = this.#cursor;
    const { bytes, frame, time } = captured;
    if (!cursor.reset(captured.linkType, bytes, 0, bytes.length, captured.originalLength)) return undefined;
    const packet = packetAt(cursor, captured, true);
    const found = packet === undefined ? undefined : this.#subflowOf(packet);
    if (packet === undefined || found === undefined) return undefined;
    const { subflow, from } = found;
    this.#start ??= time;
    const peer = from === 'client' ? 'server' : 'client';
    if ((packet.flags & SYN) !== 0) this.#isns.set(`${subflow.id} ${from}`, packet.seq);
    const shown = new Map(packet.options.map((option) => [this.#relative(option, from, peer), option]));
    const options = [...shown.keys()];
    const segment = formatSegment(
      { ...this.#relativeToSyn(packet, subflow.id, from, peer), options },
      { keys: this.#keys },
      (option) => this.#remark(frame, subflow.id, from, shown.get(option) ?? option),
    );
    const arrow = from === 'client' ? `${subflow.id}>` : `<${subflow.id}`;
    const lane = this.#lane(subflow.id, arrow).padEnd(LANE * Math.min(LANES, this.#connection.subflows.length));
    const codes = this.#codes.get(frame);
    const note = codes === undefined ? '' : `  <-- ${codes.join(', ')}`;
    return `${`${frame}`.padStart(5)} ${seconds(time - this.#start).padStart(11)}  ${lane}${segment}${note}`;
  }

  #lane(id: number, text: string): string {
    return `${' '.repeat(LANE * (id % LANES))}${text.padEnd(LANE)}`;
  }

  #subflowOf({
    src,
    dst,
    srcPort,
    dstPort,
    frame,
  }: MptcpPacket): { subflow: ReportSubflow; from: HostName } | undefined {
    if (src === undefined || dst === undefined) return undefined;
    const { firstFrame, lastFrame } = this.#connection;
    if (frame < firstFrame || frame > lastFrame) return undefined;
    const source = formatEndpoint({ address: formatAddress(src), port: srcPort });
    const target = formatEndpoint({ address: formatAddress(dst), port: dstPort });
    const alike = this.#subflows.get(tupleOf(source, target));
    const subflow = alike?.findLast((one) => one.firstFrame <= frame) ?? alike?.[0];
    if (subflow === undefined) return undefined;
    return { subflow, from: formatEndpoint(subflow.client) === source ? 'client' : 'server' };
  }

  /** TCP's own numbers, counted from the SYNs, or from the first segment where there was none. */
  #relativeToSyn(packet: MptcpPacket, subflow: number, from: HostName, peer: HostName): MptcpPacket {
    if (this.#absolute) return packet;
    const base = (host: HostName, first: number): number => {
      const key = `${subflow} ${host}`;
      const isn = this.#isns.get(key) ?? (first - 1) >>> 0;
      this.#isns.set(key, isn);
      return isn;
    };
    const seq = (packet.seq - base(from, packet.seq)) >>> 0;
    if ((packet.flags & ACK) === 0) return { ...packet, seq };
    return { ...packet, seq, ack: (packet.ack - base(peer, packet.ack)) >>> 0 };
  }

  /** The option with data sequence numbers counted from the IDSNs. */
  #relative(option: MptcpOption | Malformed, from: HostName, peer: HostName): MptcpOption | Malformed {
    if (this.#absolute) return { ...option };
    if (option.type === 'MP_FAIL') {
      return { ...option, dataSequenceNumber: BigInt(this.#streams[peer].relative(option.dataSequenceNumber)) };
    }
    if (option.type !== 'DSS') return { ...option };
    const { mapping, dataAck } = option;
    return {
      ...option,
      dataAck: dataAck === undefined ? undefined : this.#streams[peer].relative(dataAck),
      mapping:
        mapping === undefined
          ? undefined
          : { ...mapping, dataSequenceNumber: this.#streams[from].relative(mapping.dataSequenceNumber) },
    };
  }

  /** The verdicts on an option, in brackets. */
  #remark(frame: number, subflow: number, from: HostName, option: MptcpOption | Malformed): string {
    return checksOf(option)
      .map(([check, name, octets]) => {
        const key = `${check} ${subflow} ${from} ${octets}`;
        const verdict = this.#verdicts.find(frame, check) ?? this.#judged.get(key);
        if (verdict === undefined) return ` [${name} ${this.#paint('warning', 'unverified')}]`;
        if (this.#judged.size < COPIES) this.#judged.set(key, verdict);
        const ink = { good: 'good', bad: 'error', unverified: 'warning' } as const;
        return ` [${name} ${this.#paint(ink[verdict.is], verdictText(verdict))}]`;
      })
      .join('');
  }
}

/** What is checked of an option, by its name in the text and the octets that make it what it is. */
function checksOf(option: MptcpOption | Malformed): [Check, string, string][] {
  switch (option.type) {
    case 'MP_CAPABLE': {
      const checks: [Check, string, string][] = [];
      const octets = toHex(encodeOption(option));
      if (option.receiverKey !== undefined) checks.push(['keyEcho', 'key echo', octets]);
      if (option.checksum !== undefined) checks.push(['dssChecksum', 'checksum', octets]);
      return checks;
    }
    case 'MP_JOIN':
      return option.form === 'syn' ? [] : [['joinHmac', 'hmac', toHex(encodeOption(option))]];
    case 'DSS': {
      const { mapping } = option;
      if (mapping?.checksum === undefined || mapping.dataLevelLength === 0) return [];
      return [['dssChecksum', 'checksum', JSON.stringify(Object.values(mapping).map(String))]];
    }
    case 'ADD_ADDR':
      return option.truncatedHmac === undefined ? [] : [['addAddrHmac', 'hmac', toHex(encodeOption(option))]];
    case 'MP_FASTCLOSE':
      return [['fastcloseKey', 'key', toHex(encodeOption(option))]];
    default:
      return [];
  }
}

/** The data sequence numbers of one host. */
class Stream {
  #origin: bigint | undefined;
  #last: bigint | undefined;

  constructor(idsn: string | undefined) {
    this.#origin = idsn === undefined ? undefined : BigInt(idsn);
    this.#last = this.#origin;
  }

  /** A number counted from the IDSN, where it is known; else the first one seen is 1. */
  relative<T extends number | bigint>(value: T): T;
  relative(value: number | bigint): number | bigint {
    const whole = this.#last === undefined ? BigInt(value) : toUint64(value, this.#last);
    this.#origin ??= whole - 1n;
    this.#last = whole;
    const relative = BigInt.asUintN(64, whole - this.#origin);
    return typeof value === 'bigint' ? relative : Number(relative);
  }
}

function tupleOf(a: string, b: string): string {
  return a < b ? `${a} ${b}` : `${b} ${a}`;
}

/** Nanoseconds as seconds, to the microsecond. */
function seconds(nanoseconds: bigint): string {
  const sign = nanoseconds < 0n ? '-' : '';
  const digits = (nanoseconds < 0n ? -nanoseconds : nanoseconds).toString().padStart(10, '0');
  return `${sign}${digits.slice(0, -9)}.${digits.slice(-9, -3)}`;
}
