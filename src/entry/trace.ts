/**
 * Packets in, connections out: subflows, verdicts and findings of every MPTCP connection seen.
 *
 * @module
 */
export type { Finding, FindingCode, Severity } from '../trace/finding.ts';
export type {
  ByHost,
  HostName,
  ReportAddress,
  ReportConnection,
  ReportData,
  ReportEnd,
  ReportSubflow,
  TraceReport,
} from '../trace/report.ts';
export { type TraceEvent, type TraceEvents, Tracer, type TracerLimits } from '../trace/tracer.ts';
export type { Check, Tally, Verdict, VerdictQuirk, Why } from '../trace/verdict.ts';
