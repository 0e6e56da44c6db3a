/** Captures of fixtures/ through the tracer. */
import { readCaptureSync } from '../../src/capture/capture.ts';
import { SegmentLog } from '../../src/report/log.ts';
import { type PlacedSegment, placeSegments } from '../../src/report/place.ts';
import type { ReportConnection, TraceReport } from '../../src/trace/report.ts';
import { Tracer } from '../../src/trace/tracer.ts';
import { captureBytes } from './captures.ts';

/** A capture's report, with the segments of its connections. */
export interface Traced {
  readonly report: TraceReport;
  readonly log: SegmentLog;
}

const traced = new Map<string, Traced>();

export function trace(name: string): Traced {
  const known = traced.get(name);
  if (known !== undefined) return known;
  const tracer = new Tracer();
  const log = new SegmentLog().listen(tracer);
  for (const packet of readCaptureSync(captureBytes(name))) {
    tracer.push(packet);
    log.push(packet);
  }
  const result = { report: tracer.report(), log };
  traced.set(name, result);
  return result;
}

/** One connection of a capture, and its segments. */
export function connectionOf(
  name: string,
  id = 0,
): { connection: ReportConnection; segments: readonly PlacedSegment[] } {
  const { report, log } = trace(name);
  const connection = report.connections[id];
  if (connection === undefined) throw new Error(`${name} has no connection ${id}`);
  return { connection, segments: placeSegments(connection, log) };
}
