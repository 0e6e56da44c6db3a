/**
 * Events: what the tracer tells while packets come in.
 *
 * @module
 */
import type { StreamData } from './context.ts';
import type { Finding } from './finding.ts';
import type { ReportAddress, ReportConnection, ReportSubflow } from './report.ts';
import type { Check, Verdict } from './verdict.ts';

/** What the tracer tells while it runs, by name. */
export interface TraceEvents {
  /** A connection, or an attempt at one, was seen first. */
  connection: TraceEvent<'connection', ReportConnection>;
  /** A subflow was seen first, or a join found its connection. */
  subflow: TraceEvent<'subflow', ReportSubflow>;
  /** An address was advertised. */
  address: TraceEvent<'address', ReportAddress>;
  /** A check was made. */
  verdict: TraceEvent<'verdict', Verdict> & { readonly check: Check };
  /** A finding was made. */
  finding: TraceEvent<'finding', Finding>;
  /** A connection ended. */
  close: TraceEvent<'close', ReportConnection>;
  /** Data of the application, placed in its stream. Asking for it makes the tracer look at all data. */
  data: StreamData;
}

/** One event. */
export interface TraceEvent<Name extends string, Subject> {
  readonly event: Name;
  readonly frame: number;
  /** Nanoseconds since the epoch. */
  readonly time: bigint;
  /** Id of the connection; absent where none is known. */
  readonly connection?: number | undefined;
  readonly subflow?: number | undefined;
  readonly subject: Subject;
}
