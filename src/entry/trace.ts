/**
 * Packets in, connections out: subflows, verdicts and findings of every MPTCP connection seen.
 *
 * @module
 */
export type {
  Change,
  ChangeKind,
  Deed,
  FieldChange,
  FieldName,
  HeaderRewritten,
  OptionAltered,
  OptionStripped,
  OptionType,
  PayloadAltered,
  Resegmented,
  SegmentName,
} from '../diff/change.ts';
export { type DiffChange, type DiffFlow, type DiffPlace, type DiffReport, diff } from '../diff/diff.ts';
export { Difference } from '../diff/difference.ts';
export type { ConnectionState } from '../trace/connection.ts';
export type { StreamData } from '../trace/context.ts';
export type { TraceEvent, TraceEvents } from '../trace/events.ts';
export { FINDING_CODES, type Finding, type FindingCode, type Severity } from '../trace/finding.ts';
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
export type { SubflowState } from '../trace/subflow.ts';
export { Tracer, type TracerLimits } from '../trace/tracer.ts';
export type { Check, Tally, Verdict, VerdictQuirk, Why } from '../trace/verdict.ts';
