/**
 * Trace reports and events as JSON.
 *
 * @module
 */

import type { TraceEvent, TraceEvents } from '../trace/events.ts';
import type { ReportConnection, TraceReport } from '../trace/report.ts';
import { formatTime, type TextOptions } from './json.ts';

/** Events that have a JSON form. */
export type JsonEvent = Exclude<keyof TraceEvents, 'data'>;

/** Their names. */
export const JSON_EVENTS: readonly JsonEvent[] = ['connection', 'subflow', 'address', 'verdict', 'finding', 'close'];

/** A report as one JSON value, a connection a line; `keys: false` leaves keys out. */
export function* reportLines(report: TraceReport, options: TextOptions = {}): Generator<string> {
  const { schema, capture, connections, findings } = report;
  yield `{"schema":${JSON.stringify(schema)},"capture":${JSON.stringify(capture)},"connections":[\n`;
  for (const [i, connection] of connections.entries()) {
    yield `${JSON.stringify(connectionToJson(connection, options))}${i + 1 < connections.length ? ',' : ''}\n`;
  }
  yield `],"findings":${JSON.stringify(findings)}}\n`;
}

/** A connection as `JSON.stringify` takes it. */
export function connectionToJson(connection: ReportConnection, { keys = true }: TextOptions = {}): ReportConnection {
  return keys ? connection : { ...connection, clientKey: undefined, serverKey: undefined };
}

/** The line of an event: what happened when, then the fields of what it is about. */
export function eventLine(
  told: TraceEvent<JsonEvent, object> & { readonly check?: string },
  options: TextOptions = {},
): string {
  const { event, frame, time, connection, subflow, check, subject } = told;
  const whole = event === 'connection' || event === 'close';
  const fields = whole ? connectionToJson(subject as ReportConnection, options) : subject;
  return `${JSON.stringify({ event, frame, time: formatTime(time), connection, subflow, check, ...fields })}\n`;
}
