/**
 * A trace for a person to read: each connection on one screen, then what is wrong with it.
 *
 * @module
 */
import { formatEndpoint } from '../ip/address.ts';
import type { ReportAddress, ReportConnection, ReportData, TraceReport } from '../trace/report.ts';
import type { Check, Verdict } from '../trace/verdict.ts';
import { formatFindings, severities } from './finding.ts';
import { count, duration, type Ink, type Paint, plain, table, wrap } from './paint.ts';
import { subflowTable } from './subflows.ts';

/** How to write a trace. */
export interface TraceTextOptions {
  /** Columns; 100 by default. */
  readonly width?: number | undefined;
  /** No colour by default. */
  readonly paint?: Paint | undefined;
  /** Every connection in full, with keys and IDSNs. */
  readonly verbose?: boolean | undefined;
  /** Findings only. */
  readonly quiet?: boolean | undefined;
  /** Keys are shown where `verbose` asks for everything; `false` leaves them out. */
  readonly keys?: boolean | undefined;
  /** Names of the files. */
  readonly name?: string | undefined;
}

/** More connections than this, and the healthy ones take a line each. */
const FEW = 6;

/** The report on a capture, with a line feed behind each line. */
export function formatTrace(report: TraceReport, options: TraceTextOptions = {}): string {
  const { width = 100, paint = plain, verbose = false, quiet = false, keys = true } = options;
  const how: How = { width, paint, verbose, keys };
  const { connections, findings } = report;
  const blocks: string[][] = [];
  if (quiet) {
    for (const connection of connections) {
      const lines = formatFindings(connection.findings, how);
      if (lines.length > 0) blocks.push([title(connection, how), ...lines]);
    }
  } else {
    blocks.push([headline(report, options.name)]);
    const healthy = connections.length > FEW && !verbose ? connections.filter(isHealthy) : [];
    if (healthy.length > 0) blocks.push(healthyTable(healthy, how));
    const full = healthy.length > 0 ? connections.filter((one) => !isHealthy(one)) : connections;
    for (const connection of full) blocks.push(connectionBlock(connection, how));
  }
  if (findings.length > 0) blocks.push([paint('head', 'not of one connection'), ...formatFindings(findings, how)]);
  if (!quiet) blocks.push(summary(report, how));
  return blocks.map((lines) => `${lines.join('\n')}\n`).join('\n');
}

interface How {
  readonly width: number;
  readonly paint: Paint;
  readonly verbose: boolean;
  readonly keys: boolean;
}

function isHealthy({ findings }: ReportConnection): boolean {
  return findings.every(({ severity }) => severity === 'note');
}

function headline({ capture }: TraceReport, name: string | undefined): string {
  const { packets, tcpSegments, mptcpSegments } = capture;
  const counts = `${count(packets, 'packet')}, ${count(tcpSegments, 'TCP segment')}, ${mptcpSegments} with MPTCP`;
  return name === undefined ? counts : `${name}: ${counts}`;
}

/** What it comes to, where the eye lands last. */
function summary({ connections, findings }: TraceReport, { paint, width }: How): string[] {
  if (connections.length === 0 && findings.length === 0) return ['No MPTCP connection.'];
  const subflows = connections.reduce((sum, one) => sum + one.subflows.length, 0);
  const all = [...findings, ...connections.flatMap((one) => one.findings)];
  const lines = [
    `${count(connections.length, 'connection')}, ${count(subflows, 'subflow')}: ${severities(all, paint)}`,
  ];
  if (connections.some(isBlind)) {
    const hint =
      'Some checks could not be made. To capture all they need: tcpdump -i any -s 0 -w trace.pcap tcp, started before the first SYN.';
    lines.push(...wrap(hint, width));
  }
  const speaking = connections.filter(({ clientKey, fallback }) => clientKey !== undefined && fallback === null);
  if (speaking.length > 0 && speaking.every(isAlone)) {
    const hint = speaking.every(isClosed)
      ? 'A client opens a second subflow here only to an address that the server advertises (ip mptcp endpoint add ADDRESS dev DEV signal there)'
      : 'A client opens a second subflow where it has an endpoint for it (ip mptcp endpoint add ADDRESS dev DEV subflow), or where the server advertises an address (the same with signal, there)';
    lines.push(...wrap(`${hint}; both must allow it (ip mptcp limits).`, width));
  }
  return lines;
}

/** Whether there is one subflow, which carried all, and no address for another. */
function isAlone(connection: ReportConnection): boolean {
  const { subflows, addresses } = connection;
  return subflows.length === 1 && addresses.length === 0 && carriedElsewhere(connection) === 0;
}

/** Whether the server takes no joins to its first address, and advertises no other. */
function isClosed({ denyJoin, addresses }: ReportConnection): boolean {
  return denyJoin.server && !addresses.some(({ owner }) => owner === 'server');
}

/** Whether keys or data were missing for a check. */
function isBlind({ verdicts, state, clientKey, serverKey, fallback }: ReportConnection): boolean {
  if (Object.values(verdicts).some(({ unverified, unsent = 0 }) => unverified > unsent)) return true;
  return state !== 'opening' && fallback === null && (clientKey === undefined || serverKey === undefined);
}

function title({ id, client, server }: ReportConnection, { paint }: How): string {
  return paint('head', `connection ${id}  ${formatEndpoint(client)} > ${formatEndpoint(server)}`);
}

/** A line for each of many connections with nothing to worry about. */
function healthyTable(connections: readonly ReportConnection[], { paint }: How): string[] {
  const columns = [
    { head: 'connection', right: true },
    { head: 'client' },
    { head: 'server' },
    { head: 'state' },
    { head: 'after', right: true },
    { head: 'subflows', right: true },
    { head: 'client sent', right: true },
    { head: 'server sent', right: true },
    { head: 'notes' },
  ];
  const rows = connections.map((connection) => [
    `${connection.id}`,
    formatEndpoint(connection.client),
    formatEndpoint(connection.server),
    connection.state,
    duration(seconds(connection)),
    `${connection.subflows.length}`,
    `${octets(connection.data.fromClient)}`,
    `${octets(connection.data.fromServer)}`,
    connection.findings.map(({ code }) => code).join(', '),
  ]);
  const [head = '', ...lines] = table(columns, rows);
  return [paint('dim', head), ...lines];
}

function octets({ bytes, plainBytes }: ReportData): number {
  return bytes + plainBytes;
}

function seconds({ firstTime, lastTime }: ReportConnection): number {
  return Number(lastTime) - Number(firstTime);
}

/** Columns before what is said of a connection. */
const MARGIN = 12;

function connectionBlock(connection: ReportConnection, how: How): string[] {
  const { paint, verbose } = how;
  const lines = [title(connection, how)];
  const fact = (name: string, text: string): void => {
    const [first = '', ...rest] = wrap(text, how.width, ' '.repeat(MARGIN));
    lines.push(`  ${paint('dim', name.padEnd(MARGIN - 2))}${first.trimStart()}`, ...rest);
  };
  lines.push(`  ${paint('dim', 'state'.padEnd(MARGIN - 2))}${stateText(connection, paint)}`);
  fact('tokens', tokens(connection));
  if (verbose) for (const [name, text] of secrets(connection, how)) fact(name, text);
  fact('data', dataText(connection, how));
  const verdicts = verdictsText(connection, paint);
  if (verdicts !== '') lines.push(`  ${paint('dim', 'checked'.padEnd(MARGIN - 2))}${verdicts}`);
  for (const address of connection.addresses) {
    lines.push(`  ${paint('dim', 'address'.padEnd(MARGIN - 2))}${addressText(address, paint)}`);
  }
  if (connection.subflows.length === 1 && !verbose) fact('subflows', onlyOne(connection));
  else lines.push('', ...subflowTable(connection, how).map((line) => `  ${line}`));
  const findings = formatFindings(connection.findings, how);
  return findings.length === 0 ? lines : [...lines, '', ...findings];
}

function onlyOne(connection: ReportConnection): string {
  const { state, subflows, fallback, clientKey, serverKey } = connection;
  const end = subflows[0]?.state === 'reset' ? ', reset' : '';
  if (clientKey === undefined && serverKey === undefined && fallback === null) return `one${end} that is known of`;
  if (fallback !== null || state === 'opening') return `one${end}`;
  const elsewhere = carriedElsewhere(connection);
  const missed = `; ${count(elsewhere, 'octet')} that arrived came over others, or were missed`;
  const why = isClosed(connection)
    ? ': the server takes none to its first address (flag C), and advertises no other'
    : '';
  return `one${end}; no join in this capture${why}${elsewhere === 0 ? '' : missed}`;
}

/** Octets that arrived without a subflow of this capture. */
function carriedElsewhere({ data, subflows }: ReportConnection): number {
  return (['fromClient', 'fromServer'] as const).reduce((sum, host) => {
    const { bytes, acked } = data[host];
    const carried = subflows.reduce((all, one) => all + one.bytes[host] - one.reinjectedBytes[host], 0);
    return sum + Math.max(0, Math.min(acked, Math.max(bytes, arrived(data[host]))) - carried);
  }, 0);
}

function tokens({ clientToken, serverToken, state }: ReportConnection): string {
  if (clientToken === undefined && serverToken === undefined) {
    return state === 'fallback' ? 'none: MPTCP was never agreed on' : 'unknown: the handshake is not in this capture';
  }
  return `client ${clientToken ?? 'unknown'}, server ${serverToken ?? 'unknown'}`;
}

function secrets(connection: ReportConnection, { keys }: How): [string, string][] {
  const { clientKey, serverKey, clientIdsn, serverIdsn } = connection;
  const lines: [string, string][] = [];
  if (keys && (clientKey ?? serverKey) !== undefined) {
    lines.push(['keys', `client ${clientKey ?? 'unknown'}, server ${serverKey ?? 'unknown'}`]);
  }
  if ((clientIdsn ?? serverIdsn) !== undefined) {
    lines.push(['IDSNs', `client ${clientIdsn ?? 'unknown'}, server ${serverIdsn ?? 'unknown'}`]);
  }
  return lines;
}

function dataText({ data, fallback }: ReportConnection, { verbose }: How): string {
  const { fromClient, fromServer } = data;
  const all = fallback === null && [fromClient, fromServer].every((own) => own.acked >= own.bytes && !isBeyond(own));
  const host = (name: string, own: ReportData): string => {
    const { bytes, acked, plainBytes, finFrame } = own;
    const parts: string[] = [];
    if (isBeyond(own))
      parts.push(`at least ${arrived(own)} octets, ${bytes} of them with their mapping in this capture`);
    else if (bytes > 0 || plainBytes === 0) parts.push(`${count(bytes, 'octet')}`);
    if (acked < bytes) parts.push(`(${acked} acknowledged)`);
    const outside = fallback === null ? 'outside MPTCP' : 'as plain TCP';
    if (plainBytes > 0) parts.push(`${bytes > 0 ? 'and ' : ''}${count(plainBytes, 'octet')} ${outside}`);
    if (verbose) parts.push(finFrame === undefined ? '(no DATA_FIN)' : `(DATA_FIN in frame ${finFrame})`);
    return `${name} sent ${parts.join(' ')}`;
  };
  const mapped = fromClient.bytes + fromServer.bytes > 0;
  return `${host('client', fromClient)}, ${host('server', fromServer)}${mapped && all ? ', all acknowledged' : ''}`;
}

/** Octets that the peer has at least: a DATA_FIN that the capture missed is acknowledged as one. */
function arrived({ acked, finFrame }: ReportData): number {
  return finFrame === undefined ? acked - 1 : acked;
}

/** Whether more arrived than the capture shows mappings of. */
function isBeyond(own: ReportData): boolean {
  return arrived(own) > own.bytes;
}

/** Each check by its name in text. */
export const CHECKS: readonly (readonly [Check, string])[] = [
  ['joinHmac', 'join HMAC'],
  ['addAddrHmac', 'ADD_ADDR HMAC'],
  ['dssChecksum', 'DSS checksum'],
  ['keyEcho', 'key echo'],
  ['fastcloseKey', 'fastclose key'],
];

function verdictsText({ verdicts }: ReportConnection, paint: Paint): string {
  const parts: string[] = [];
  for (const [check, name] of CHECKS) {
    const { good, bad, unverified } = verdicts[check];
    const counts = [
      ...(good > 0 ? [`${good} good`] : []),
      ...(bad > 0 ? [paint('error', `${bad} BAD`)] : []),
      ...(unverified > 0 ? [paint('warning', `${unverified} unverified`)] : []),
    ];
    if (counts.length > 0) parts.push(`${name} ${counts.join(' ')}`);
  }
  return parts.join(', ');
}

/** A verdict in words: `good`, `bad (byte-swapped)`, `unverified (keys-not-seen)`. */
export function verdictText(verdict: Verdict): string {
  if (verdict.is === 'good') return 'good';
  const why = verdict.is === 'bad' ? verdict.quirk : verdict.why;
  return why === undefined ? verdict.is : `${verdict.is} (${why})`;
}

function addressText(advertised: ReportAddress, paint: Paint): string {
  const { owner, addressId, address, port, frame, verdict, echoFrame, removedFrame } = advertised;
  const where = port === undefined ? address : formatEndpoint({ address, port });
  const inks = { good: 'good', bad: 'error', unverified: 'warning' } as const satisfies Record<Verdict['is'], Ink>;
  const facts = [
    ...(verdict === undefined ? [] : [`HMAC ${paint(inks[verdict.is], verdictText(verdict))}`]),
    echoFrame === undefined ? 'not echoed' : `echoed in frame ${echoFrame}`,
    ...(removedFrame === undefined ? [] : [`taken back in frame ${removedFrame}`]),
  ];
  return `${where} of the ${owner}, id ${addressId}, frame ${frame}: ${facts.join(', ')}`;
}

/** Whether all subflows closed, and neither host ended its data: the connection has nowhere to go on. */
function isUnfinished({ version, data }: ReportConnection): boolean {
  const missed = ({ bytes, acked, finFrame }: ReportData): boolean => finFrame === undefined && acked <= bytes;
  return version !== undefined && missed(data.fromClient) && missed(data.fromServer);
}

function stateText(connection: ReportConnection, paint: Paint): string {
  const { state, fallback, version, checksum, firstFrame, lastFrame } = connection;
  const time = duration(seconds(connection));
  const words: Readonly<Record<ReportConnection['state'], string>> = {
    opening: paint('warning', 'never got past its handshake'),
    established: `still open after ${time}`,
    fallback: `${paint('warning', `plain TCP since frame ${fallback?.frame ?? '?'}`)}, seen for ${time}`,
    closed: `closed after ${time}${isUnfinished(connection) ? `, ${paint('warning', 'with no DATA_FIN')}` : ''}`,
    fastclosed: `closed at once (fastclose) after ${time}`,
    reset: `${paint('warning', 'reset')} after ${time}`,
    'mid-stream': `${paint('note', 'began before the capture')}, seen for ${time}`,
  };
  const facts = [
    words[state],
    version === undefined ? 'MPTCP version unknown' : `MPTCP version ${version}`,
    ...(checksum ? ['with checksums'] : []),
    firstFrame === lastFrame ? `frame ${firstFrame}` : `frames ${firstFrame} to ${lastFrame}`,
  ];
  return facts.join(', ');
}
