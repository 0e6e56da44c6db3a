/**
 * Trace reports and events as JSON.
 *
 * @module
 */

import type { TraceEvent, TraceEvents } from '../trace/events.ts';
import { Outline, type ReportConnection, type ReportOf } from '../trace/report.ts';
import { formatTime, type TextOptions } from './json.ts';

/** Events that have a JSON form. */
export type JsonEvent = Exclude<keyof TraceEvents, 'data'>;

/** Their names. */
export const JSON_EVENTS: readonly JsonEvent[] = ['connection', 'subflow', 'address', 'verdict', 'finding', 'close'];

/** A report as one JSON value, a connection a line; `keys: false` leaves keys out. */
export function* reportLines(
  report: ReportOf<ReportConnection | Outline>,
  options: TextOptions = {},
): Generator<string> {
  const { schema, capture, connections, findings } = report;
  yield `{"schema":${JSON.stringify(schema)},"capture":${JSON.stringify(capture)},"connections":[\n`;
  for (const [i, connection] of connections.entries()) {
    yield `${connectionLine(connection, options)}${i + 1 < connections.length ? ',' : ''}\n`;
  }
  yield `],"findings":${JSON.stringify(findings)}}\n`;
}

/** A connection as JSON, without a line's end. */
export function connectionLine(connection: ReportConnection | Outline, options: TextOptions = {}): string {
  if (!(connection instanceof Outline)) return JSON.stringify(connectionToJson(connection, options));
  return options.keys === false ? connectionLine(connection.report, options) : connection.json;
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
