/**
 * A trace as HTML: the capture page shows it, and `trace -o html` writes it into one file.
 *
 * @module
 */

import { sha256 } from '@noble/hashes/sha2.js';
import { formatEndpoint } from '../ip/address.ts';
import { formatOption } from '../text/line.ts';
import type { Finding } from '../trace/finding.ts';
import type { ReportAddress, ReportConnection, ReportSubflow, TraceReport } from '../trace/report.ts';
import type { SegmentLog } from './log.ts';
import { type Content, html, type Markup, raw } from './markup.ts';
import { type PlacedSegment, placeSegments } from './place.ts';
import { FIGURES, PALETTE, REPORT } from './style.ts';
import { CHECKS, timelineSvg } from './timeline.ts';
import { verdictMark } from './verdict.ts';
import { formatSeconds, kindOf, numbersOf } from './words.ts';

/** What to show. */
export interface HtmlOptions {
  /** Keys, too: with them others can join a live connection. Not by default. */
  readonly keys?: boolean | undefined;
  /** Connections shown in full; the others are lines of the overview. Default 100. */
  readonly connections?: number | undefined;
  /** Segments listed for a connection. Default 2000. */
  readonly segments?: number | undefined;
}

/** What {@link reportPage} needs beside the report. */
export interface PageOptions extends HtmlOptions {
  /** Names of the files traced. */
  readonly title: string;
  /** When the page was made, in words. */
  readonly made?: string | undefined;
}

/**
 * The report as one file that loads nothing and runs no script: to attach to a ticket.
 *
 * @param log - the segments, kept while the tracer ran; without it there are no timelines
 */
export function reportPage(report: TraceReport, log: SegmentLog | undefined, options: PageOptions): string {
  const style = `${PALETTE}${REPORT}${FIGURES}`;
  const digest = sha256(new TextEncoder().encode(style));
  const policy = `default-src 'none'; style-src 'sha256-${btoa(String.fromCharCode(...digest))}'; base-uri 'none'; form-action 'none'`;
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${raw(policy)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>MPTCP in ${options.title}</title>
<style>${raw(style)}</style>
</head>
<body class="report">
<main>
<h1>MPTCP in ${options.title}</h1>
${reportBody(report, log, options)}
<footer><p>Made by mptcp-codec${options.made !== undefined && ` on ${options.made}`}. ${
    options.keys === true
      ? 'This file holds the keys of the connections: who has them can join those that still live.'
      : 'Keys are left out.'
  }</p></footer>
</main>
</body>
</html>
`.text;
}

/** The report's overview, findings and connections. */
export function reportBody(report: TraceReport, log: SegmentLog | undefined, options: HtmlOptions = {}): Markup {
  const { connections = 100 } = options;
  const shown = report.connections.slice(0, connections);
  return html`${overview(report)}
${report.findings.length > 0 && html`<section aria-label="Findings about the whole capture"><h2>The capture</h2>${findingList(report.findings)}</section>`}
${shown.map((connection) => connectionSection(connection, log && placeSegments(connection, log), options))}
${report.connections.length > shown.length && html`<p class="muted">${report.connections.length - shown.length} more connections are in the table above only.</p>`}
${log !== undefined && log.dropped > 0 && html`<p class="muted">${log.dropped} segments found no room for the timelines.</p>`}`;
}

/** How many of what, and a line for each connection, up to `most`. */
export function overview({ capture, connections }: TraceReport, most = 1000): Markup {
  return html`<p class="counts">${capture.packets} packets, ${capture.tcpSegments} of TCP, ${capture.mptcpSegments} with MPTCP; ${connections.length} connection${connections.length !== 1 && 's'}.${capture.damaged !== null && html` <strong>Damaged: ${capture.damaged}</strong>`}</p>
${
  connections.length > 0 &&
  html`<div class="scroll" tabindex="0" role="region" aria-label="Connections"><table class="overview"><thead><tr><th scope="col">Id</th><th scope="col">Client</th><th scope="col">Server</th><th scope="col">State</th><th scope="col">Subflows</th><th scope="col">Octets up, down</th><th scope="col">Findings</th></tr></thead><tbody>${connections
    .slice(0, most)
    .map((connection) => {
      const { id, client, server, state, subflows, data, findings } = connection;
      return html`<tr><td><a href="#c${id}" data-connection="${id}">${id}</a></td><td><code>${formatEndpoint(client)}</code></td><td><code>${formatEndpoint(server)}</code></td><td>${state}</td><td>${subflows.length}</td><td>${octetsOf(data.fromClient)}, ${octetsOf(data.fromServer)}</td><td>${severities(findings)}</td></tr>`;
    })}</tbody></table></div>${connections.length > most && html`<p class="muted">The first ${most} of them.</p>`}`
}`;
}

/** Everything about a connection. `segments` are for the timeline and the list; without them neither is shown. */
export function connectionSection(
  connection: ReportConnection,
  segments: readonly PlacedSegment[] | undefined,
  options: HtmlOptions = {},
): Markup {
  const { id } = connection;
  return html`<section class="connection" id="c${id}" aria-labelledby="c${id}-h">
${connectionHead(connection, segments, options)}
${segments !== undefined && segments.length > 0 && connectionTimeline(connection, segments, options)}
${connectionTables(connection)}
${segments !== undefined && segments.length > 0 && segmentTable(connection, segments, options)}
</section>`;
}

/** Who, how it stands, what was found. Frames that {@link segmentTable} lists are links. */
export function connectionHead(
  connection: ReportConnection,
  segments: readonly PlacedSegment[] = [],
  options: HtmlOptions = {},
): Markup {
  const { id, client, server, findings } = connection;
  return html`<h2 id="c${id}-h">Connection ${id}: ${formatEndpoint(client)} to ${formatEndpoint(server)}</h2>
${facts(connection, options)}
${findings.length > 0 ? findingList(findings, linksTo(connection, segments, options)) : html`<p class="healthy">Nothing found to complain about.</p>`}`;
}

/** The timeline with its legend. */
export function connectionTimeline(
  connection: ReportConnection,
  segments: readonly PlacedSegment[],
  options: HtmlOptions = {},
): Markup {
  const drawing = timelineSvg(connection, segments, {
    link: linksTo(connection, segments, options),
    keys: options.keys,
  });
  return html`<div class="scroll draw" tabindex="0" role="region" aria-label="Timeline of connection ${connection.id}">${drawing}</div>${LEGEND}`;
}

/** Subflows and advertised addresses. */
export function connectionTables({ id, subflows, addresses }: ReportConnection): Markup {
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Subflows of connection ${id}"><table><thead><tr><th scope="col">Subflow</th><th scope="col">Client</th><th scope="col">Server</th><th scope="col">Ids</th><th scope="col">State</th><th scope="col">Backup</th><th scope="col">Octets up, down</th><th scope="col">Sent again</th></tr></thead><tbody>${subflows.map(subflowRow)}</tbody></table></div>
${addresses.length > 0 && html`<div class="scroll" tabindex="0" role="region" aria-label="Addresses advertised in connection ${id}"><table><thead><tr><th scope="col">Advertised by</th><th scope="col">Id</th><th scope="col">Address</th><th scope="col">HMAC</th><th scope="col">Frame</th><th scope="col">Echo</th><th scope="col">Removed</th></tr></thead><tbody>${addresses.map(addressRow)}</tbody></table></div>`}`;
}

/** To the rows of the segments that are listed: a copy of a packet is not, nor what stands beyond the limit. */
function linksTo(
  { id }: ReportConnection,
  segments: readonly PlacedSegment[],
  options: HtmlOptions,
): (frame: number) => string | undefined {
  const rows = new Set(listed(segments, options).map(({ frame }) => frame));
  return (frame) => (rows.has(frame) ? `#c${id}-f${frame}` : undefined);
}

function listed(segments: readonly PlacedSegment[], { segments: limit = 2000 }: HtmlOptions): readonly PlacedSegment[] {
  return segments.slice(0, limit);
}

const LEGEND: Markup = html`<p class="legend"><span class="verdict good"><span aria-hidden="true">✓</span> verified</span> <span class="verdict bad"><span aria-hidden="true">✗</span> does not verify</span> <span class="verdict unverified"><span aria-hidden="true">?</span> cannot be checked</span> Above a lane: from the client. Below: from the server. Long bars are data, short ones ACKs; a loop marks data sent again on another subflow.</p>`;

function facts(connection: ReportConnection, { keys = false }: HtmlOptions): Markup {
  const { version, state, checksum, clientToken, serverToken, fallback, verdicts } = connection;
  const unknown = 'not seen';
  const checks = Object.entries(verdicts).filter(([, { good, bad, unverified }]) => good + bad + unverified > 0);
  const rows: [string, Content][] = [
    ['State', state],
    ['Version', version ?? unknown],
    ['Tokens', html`client <code>${clientToken ?? unknown}</code>, server <code>${serverToken ?? unknown}</code>`],
    ['Checksums', checksum ? 'agreed on' : 'not used'],
  ];
  if (keys) {
    const { clientKey, serverKey } = connection;
    rows.push(['Keys', html`client <code>${clientKey ?? unknown}</code>, server <code>${serverKey ?? unknown}</code>`]);
  }
  if (fallback !== null) rows.push(['Fallback', html`<code>${fallback.reason}</code> in frame ${fallback.frame}`]);
  if (checks.length > 0) {
    rows.push([
      'Verified',
      checks.map(([check, { good, bad, unverified }]) => {
        const counts = [
          [good, 'good'],
          [bad, 'bad'],
          [unverified, 'unverified'],
        ] as const;
        return html`<span class="check">${CHECKS[check as keyof typeof CHECKS]}: ${counts
          .filter(([count]) => count > 0)
          .map(([count, is]) => html`${count} ${verdictMark(is)} `)}</span>`;
      }),
    ]);
  }
  return html`<dl class="facts">${rows.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>`;
}

/** Findings with their frames, each a link where there is one. */
export function findingList(
  findings: readonly Finding[],
  link: (frame: number) => string | undefined = () => undefined,
): Markup {
  const place = (frame: number) => {
    const to = link(frame);
    return to === undefined ? frame : html`<a href="${to}" data-frame="${frame}">${frame}</a>`;
  };
  return html`<ul class="findings">${findings.map(
    ({ code, severity, frames, message, advice, rfc, quirk }) =>
      html`<li class="${severity}"><p><strong class="severity">${severity}</strong> <code>${code}</code>${quirk !== undefined && html` <code>${quirk}</code>`} ${message}</p>${advice !== undefined && html`<p class="advice">${advice}</p>`}<p class="where">${frames.length > 0 && html`Frame${frames.length > 1 && 's'} ${frames.map((frame, i) => html`${i > 0 && ', '}${place(frame)}`)}`}${rfc !== undefined && html` · RFC ${rfc}`}</p></li>`,
  )}</ul>`;
}

function subflowRow({
  id,
  kind,
  initiator,
  client,
  server,
  state,
  backup,
  bytes,
  reinjectedBytes,
  reset,
}: ReportSubflow): Markup {
  const asked = (['client', 'server'] as const).filter((host) => backup[host]);
  const again = reinjectedBytes.fromClient + reinjectedBytes.fromServer;
  return html`<tr class="lane-${id % 6}"><th scope="row"><span class="swatch"></span>${id}, ${kind === 'initial' ? 'first' : `joined by ${initiator}`}</th><td><code>${formatEndpoint(client)}</code></td><td><code>${formatEndpoint(server)}</code></td><td>${client.addressId ?? '?'}, ${server.addressId ?? '?'}</td><td>${state}${reset !== undefined && ` by ${reset.from}${reset.reason !== undefined ? `, reason ${reset.reason}` : ''}`}</td><td>${asked.length === 0 ? 'no' : `asked by ${asked.join(', ')}`}</td><td>${bytes.fromClient}, ${bytes.fromServer}</td><td>${again}</td></tr>`;
}

function addressRow({
  owner,
  addressId,
  address,
  port,
  frame,
  verdict,
  echoFrame,
  removedFrame,
}: ReportAddress): Markup {
  return html`<tr><th scope="row">${owner}</th><td>${addressId}</td><td><code>${port === undefined ? address : formatEndpoint({ address, port })}</code></td><td>${verdict === undefined ? 'none' : verdictMark(verdict.is, verdict.is === 'unverified' ? verdict.why : undefined)}</td><td>${frame}</td><td>${echoFrame ?? 'none'}</td><td>${removedFrame ?? ''}</td></tr>`;
}

/** Every segment, behind a fold. */
export function segmentTable(
  connection: ReportConnection,
  segments: readonly PlacedSegment[],
  options: HtmlOptions,
): Markup {
  const { keys = false } = options;
  const shown = listed(segments, options);
  return html`<details class="list"><summary>${segments.length} segments${segments.length > shown.length && `, of which the first ${shown.length} are listed`}</summary><div class="scroll" tabindex="0" role="region" aria-label="Segments of connection ${connection.id}"><table class="segs"><thead><tr><th scope="col">Frame</th><th scope="col">Time</th><th scope="col">Subflow</th><th scope="col">From</th><th scope="col">Segment</th><th scope="col">Options</th><th scope="col">In the stream</th></tr></thead><tbody>${shown.map(
    (segment) =>
      html`<tr id="c${connection.id}-f${segment.frame}" class="lane-${segment.subflow % 6}" data-frame="${segment.frame}"><td><span class="swatch"></span>${segment.frame}</td><td>${formatSeconds(segment.at)}</td><td>${segment.subflow}</td><td>${segment.from}</td><td>${kindOf(segment)}</td><td>${segment.options.map((option) => html`<code>${formatOption(option, { keys })}</code> `)}${segment.verdicts.map(({ check, verdict }) => html`<span class="check">${CHECKS[check]} ${verdictMark(verdict.is, verdict.is === 'unverified' ? verdict.why : undefined)}</span> `)}</td><td>${numbersOf(segment)}${segment.again !== undefined && html` <strong>${segment.again}</strong>`}</td></tr>`,
  )}</tbody></table></div></details>`;
}

function severities(findings: readonly Finding[]): Content {
  if (findings.length === 0) return 'none';
  const counts = (['error', 'warning', 'note'] as const).map((severity) => {
    const count = findings.filter((finding) => finding.severity === severity).length;
    return count > 0 && html`<span class="severity ${severity}">${count} ${severity}${count > 1 && 's'}</span> `;
  });
  return counts;
}

function octetsOf({ bytes, plainBytes }: { readonly bytes: number; readonly plainBytes: number }): string {
  return plainBytes > 0 ? `${bytes} (+ ${plainBytes} as TCP)` : `${bytes}`;
}
