/**
 * The shape of a capture: what stays the same when its scenario is played again. Not keys,
 * ports of the client, numbers, times, nor how data falls into segments.
 *
 * @module
 */
import { readCaptureSync } from '../../src/capture/capture.ts';
import type { CapturedPacket } from '../../src/capture/packet.ts';
import { formatAddress } from '../../src/ip/address.ts';
import { decodeFrame } from '../../src/ip/packet.ts';
import type { Malformed } from '../../src/malformed.ts';
import type { MptcpOption } from '../../src/mptcp/option.ts';
import type { ReportConnection } from '../../src/trace/report.ts';
import { Tracer } from '../../src/trace/tracer.ts';
import { FIN, RST, SYN } from '../packet.ts';

/** A capture's shape, as lines of text, and the codes of what the tracer found above `note`. */
export interface Shape {
  readonly lines: readonly string[];
  readonly findings: readonly string[];
}

/** The shape of a capture. */
export function shapeOf(file: Uint8Array): Shape {
  const packets = [...readCaptureSync(file)];
  const tracer = new Tracer();
  for (const packet of packets) tracer.push(packet);
  const { connections, findings } = tracer.report();
  const all = [...findings, ...connections.flatMap((connection) => connection.findings)];
  const codes = all.filter(({ severity }) => severity !== 'note').map(({ code }) => code);
  const lines = [
    ...flowsOf(packets),
    ...connections.flatMap(linesOf),
    `findings: ${distinct(all.map(({ code }) => code))}`,
  ];
  return { lines, findings: distinct(codes).split(' ').filter(Boolean) };
}

/** What two shapes do not share: lines of the first with `-`, of the second with `+`. */
export function difference(before: Shape, after: Shape): string[] {
  const gone = before.lines.filter((line) => !after.lines.includes(line)).map((line) => `- ${line}`);
  const come = after.lines.filter((line) => !before.lines.includes(line)).map((line) => `+ ${line}`);
  return [...gone, ...come];
}

/** Each TCP flow's kinds of segments, by direction. */
function flowsOf(packets: readonly CapturedPacket[]): string[] {
  const flows = new Map<string, { name: string; kinds: Set<string> }>();
  const listeners = new Map<string, string>();
  for (const packet of packets) {
    const frame = decodeFrame(packet.linkType, packet.bytes, packet.originalLength);
    if (frame.found !== 'tcp') continue;
    const { tcp } = frame;
    const [source, destination] = [formatAddress(frame.source), formatAddress(frame.destination)];
    const from = `${source}:${tcp.sourcePort}`;
    const to = `${destination}:${tcp.destinationPort}`;
    const pair = [from, to].sort().join(' ');
    if (!listeners.has(pair)) listeners.set(pair, to);
    const fromClient = listeners.get(pair) === to;
    const name = fromClient ? `${source} > ${to}` : `${destination} < ${from}`;
    const key = `${pair} ${fromClient}`;
    const flow = flows.get(key) ?? { name, kinds: new Set<string>() };
    flows.set(key, flow);
    for (const item of tcp.options) if ('type' in item) flow.kinds.add(kindOf(item, tcp.flags));
    if (tcp.flags & (SYN | FIN | RST)) flow.kinds.add(flagged(tcp.flags));
  }
  return [...flows.values()].map(({ name, kinds }) => `${name} ${distinct(kinds)}`).sort();
}

/** An option's kind: its type, and what tells its forms apart. */
function kindOf(option: MptcpOption | Malformed, flags: number): string {
  switch (option.type) {
    case 'MP_CAPABLE': {
      // Whether the first data has MP_CAPABLE or DSS depends on what arrives before it.
      if (option.dataLevelLength !== undefined) return 'DSS(map)';
      const letters = `${option.checksumRequired ? ',A' : ''}${option.denyJoin ? ',C' : ''}`;
      return `MP_CAPABLE(${flags & SYN ? 'syn' : 'ack'}${letters})`;
    }
    case 'MP_JOIN':
      return `MP_JOIN(${option.form}${option.form !== 'ack' && option.backup ? ',B' : ''})`;
    case 'DSS': {
      const infinite = option.mapping?.dataLevelLength === 0;
      const parts = [option.mapping && (infinite ? 'infinite' : 'map'), option.dataFin && 'fin'].filter(Boolean);
      return `DSS(${parts.join(',') || 'ack'})`;
    }
    case 'ADD_ADDR':
      return `ADD_ADDR(${option.echo ? 'echo' : 'id'}${option.port === undefined ? '' : ',port'})`;
    case 'MP_PRIO':
      return `MP_PRIO(${Number(option.backup)})`;
    case 'MP_TCPRST':
      return `MP_TCPRST(${option.reason})`;
    default:
      return option.type;
  }
}

/** SYN, FIN or RST. */
function flagged(flags: number): string {
  return flags & SYN ? 'SYN' : flags & RST ? 'RST' : 'FIN';
}

/** What the tracer says of a connection. */
function linesOf(connection: ReportConnection): string[] {
  const { id, state, fallback, subflows, addresses, verdicts } = connection;
  const counts = Object.entries(verdicts).map(([check, { good, bad, unverified }]) => {
    // How many checksums there are depends on the segments, how many keys on the options.
    return check === 'dssChecksum' || check === 'keyEcho'
      ? `${check} good ${good > 0} bad ${bad}`
      : `${check} good ${good} bad ${bad} unverified ${unverified}`;
  });
  return [
    `connection ${id}: ${state}, fallback ${fallback?.reason ?? 'none'}`,
    ...subflows.map(
      (subflow) => `connection ${id} subflow ${subflow.id}: ${subflow.kind} by ${subflow.initiator}, ${subflow.state}`,
    ),
    ...addresses.map(
      ({ owner, addressId, verdict }) => `connection ${id} address ${addressId} of the ${owner}: ${verdict?.is}`,
    ),
    ...counts.map((count) => `connection ${id} ${count}`),
  ];
}

function distinct(words: Iterable<string>): string {
  return [...new Set(words)].sort().join(' ');
}
