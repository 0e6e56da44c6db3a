/**
 * `check`: whether a capture is as it should be, for scripts and CI.
 *
 * @module
 */
import { didYouMean } from '../text/nearest.ts';
import { CHECKS } from '../text/trace.ts';
import { FINDING_CODES, type Finding, type Severity } from '../trace/finding.ts';
import type { ReportConnection, ReportSubflow, TraceReport } from '../trace/report.ts';
import { Tracer } from '../trace/tracer.ts';
import { FLAGS, oneOf, parse, VALUES } from './args.ts';
import { capturePaths, readCaptures } from './captures.ts';
import { CommandError, Status, usage } from './exit.ts';
import type { Io } from './io.ts';
import { isWatched } from './trace.ts';

const HELP = `Usage: mptcp-codec check [FILE...|-] [options]

Says whether captures are as they should be: nothing and exit status 0 where they are; else one
line for each expectation that failed, with what was found instead, and exit status 1.

  --connections N     there are N connections; without it, at least one
  --min-subflows N    each connection has N working subflows or more
  --no-fallback       no connection went on as plain TCP
  --no-bad            no HMAC, checksum or key failed to verify
  --max-severity S    no finding above note or warning
  --no-finding CODE   no finding of this code; may be repeated
                      without any of these: --no-bad --max-severity warning

  -r FILE             the same as FILE; - is standard input
  -o FORMAT           text (default); json (one array of every expectation), ndjson (one a line)
  --exit-zero         exit with 0 whatever was found
  --no-progress       no progress on standard error
  -q, -v              print nothing; print what held, too
`;

/** An expectation, and whether the capture meets it. */
interface Outcome {
  /** As on the command line: `--connections 2`. */
  readonly expectation: string;
  readonly ok: boolean;
  /** What was found. */
  readonly found: string;
}

/** Run the command; its exit status. */
export async function run(args: readonly string[], io: Io): Promise<number> {
  const { help, quiet, verbose, 'no-progress': noProgress } = FLAGS;
  const { values, positionals } = parse(args, {
    help,
    quiet,
    verbose,
    'no-progress': noProgress,
    output: VALUES.output,
    read: { type: 'string', short: 'r', multiple: true },
    connections: { type: 'string' },
    'min-subflows': { type: 'string' },
    'no-fallback': { type: 'boolean' },
    'no-bad': { type: 'boolean' },
    'max-severity': { type: 'string' },
    'no-finding': { type: 'string', multiple: true },
    'exit-zero': { type: 'boolean' },
  });
  if (values.help) {
    io.stdout.write(HELP);
    return Status.OK;
  }
  const format = oneOf('-o', values.output, ['text', 'json', 'ndjson']);
  const expectations = expectationsOf({
    connections: numberOf('--connections', values.connections),
    minSubflows: numberOf('--min-subflows', values['min-subflows']),
    noFallback: values['no-fallback'] === true,
    noBad: values['no-bad'] === true,
    maxSeverity:
      values['max-severity'] === undefined
        ? undefined
        : oneOf('--max-severity', values['max-severity'], ['note', 'warning']),
    noFinding: (values['no-finding'] ?? []).map(codeOf),
  });
  const paths = capturePaths(positionals, values.read, io);
  const tracer = new Tracer();
  const progress = isWatched(io, false) && !values.quiet && !values['no-progress'];
  const { damage, failure } = await readCaptures(paths, io, tracer, { progress, quiet: values.quiet });
  const report = tracer.report(damage);
  const outcomes = expectations.map((expect) => expect(report));
  if (format === 'json') io.stdout.write(`${JSON.stringify(outcomes)}\n`);
  else if (format === 'ndjson') for (const outcome of outcomes) io.stdout.write(`${JSON.stringify(outcome)}\n`);
  else if (!values.quiet) {
    for (const { expectation, ok, found } of outcomes) {
      if (!ok) io.stdout.write(`${expectation}: ${found}\n`);
      else if (values.verbose) io.stdout.write(`ok ${expectation}: ${found}\n`);
    }
  }
  if (failure !== undefined) throw failure;
  if (damage !== undefined) throw new CommandError(Status.DATA, `damaged: ${damage}`);
  return outcomes.every(({ ok }) => ok) || values['exit-zero'] ? Status.OK : Status.FOUND;
}

/** A finding's code; a misspelt one would never be found, and the check never fail. */
function codeOf(code: string): string {
  if ((FINDING_CODES as readonly string[]).includes(code)) return code;
  throw usage(`--no-finding: no finding ${code}${didYouMean(code, FINDING_CODES)}`);
}

interface Wanted {
  readonly connections: number | undefined;
  readonly minSubflows: number | undefined;
  readonly noFallback: boolean;
  readonly noBad: boolean;
  readonly maxSeverity: 'note' | 'warning' | undefined;
  readonly noFinding: readonly string[];
}

function expectationsOf(wanted: Wanted): ((report: TraceReport) => Outcome)[] {
  const { connections, minSubflows, noFallback, noBad, maxSeverity, noFinding } = wanted;
  const named =
    connections !== undefined ||
    minSubflows !== undefined ||
    noFallback ||
    noBad ||
    maxSeverity !== undefined ||
    noFinding.length > 0;
  return [
    (report) => connectionCount(report, connections),
    ...(minSubflows === undefined ? [] : [(report: TraceReport) => subflowCount(report, minSubflows)]),
    ...(noFallback ? [fallbacks] : []),
    ...(noBad || !named ? [badVerdicts] : []),
    ...(maxSeverity === undefined && named
      ? []
      : [(report: TraceReport) => worstFinding(report, maxSeverity ?? 'warning')]),
    ...noFinding.map((code) => (report: TraceReport) => findingOf(report, code)),
  ];
}

function connectionCount({ connections }: TraceReport, wanted: number | undefined): Outcome {
  const found = `${connections.length} found`;
  if (wanted === undefined) return { expectation: 'a connection', ok: connections.length > 0, found };
  return { expectation: `--connections ${wanted}`, ok: connections.length === wanted, found };
}

/** States of a subflow that worked. */
const WORKING: readonly ReportSubflow['state'][] = ['established', 'closed', 'reset'];

function subflowCount({ connections }: TraceReport, wanted: number): Outcome {
  const counts = connections.map((connection) => {
    const working = connection.subflows.filter(({ state }) => WORKING.includes(state)).length;
    const others = connection.subflows.filter(({ state }) => !WORKING.includes(state)).map(({ state }) => state);
    return { connection, working, others };
  });
  const short = counts.filter(({ working }) => working < wanted);
  const least = Math.min(...counts.map(({ working }) => working));
  const found =
    short.length === 0
      ? counts.length === 0
        ? 'no connection'
        : `${least} or more`
      : list(
          short.map(({ connection, working, others }) => {
            return `connection ${connection.id} has ${working}${others.length === 0 ? '' : ` (and ${others.join(', ')})`}`;
          }),
        );
  return { expectation: `--min-subflows ${wanted}`, ok: short.length === 0, found };
}

function fallbacks({ connections }: TraceReport): Outcome {
  const fallen = connections.flatMap(({ id, fallback }) => {
    return fallback === null ? [] : [`connection ${id} in frame ${fallback.frame} (${fallback.reason})`];
  });
  return { expectation: '--no-fallback', ok: fallen.length === 0, found: fallen.length === 0 ? 'none' : list(fallen) };
}

function badVerdicts({ connections }: TraceReport): Outcome {
  const bad = connections.flatMap((connection) => badOf(connection));
  return { expectation: '--no-bad', ok: bad.length === 0, found: bad.length === 0 ? 'none' : list(bad) };
}

function badOf({ id, verdicts }: ReportConnection): string[] {
  return CHECKS.filter(([check]) => verdicts[check].bad > 0).map(([check, name]) => {
    return `connection ${id}: ${name} ${verdicts[check].bad} bad`;
  });
}

const RANK: Readonly<Record<Severity, number>> = { note: 0, warning: 1, error: 2 };

function worstFinding(report: TraceReport, most: 'note' | 'warning'): Outcome {
  const above = allFindings(report).filter(({ finding }) => RANK[finding.severity] > RANK[most]);
  return outcomeOf(`--max-severity ${most}`, above);
}

function findingOf(report: TraceReport, code: string): Outcome {
  return outcomeOf(
    `--no-finding ${code}`,
    allFindings(report).filter(({ finding }) => finding.code === code),
  );
}

interface Placed {
  readonly connection: number | undefined;
  readonly finding: Finding;
}

function allFindings({ connections, findings }: TraceReport): Placed[] {
  return [
    ...connections.flatMap(({ id, findings: own }) => own.map((finding) => ({ connection: id, finding }))),
    ...findings.map((finding) => ({ connection: undefined, finding })),
  ];
}

function outcomeOf(expectation: string, placed: readonly Placed[]): Outcome {
  const found = placed.map(({ connection, finding: { severity, code, frames } }) => {
    const where = connection === undefined ? '' : `connection ${connection}: `;
    return `${where}${severity} ${code}${frames[0] === undefined ? '' : ` in frame ${frames[0]}`}`;
  });
  return { expectation, ok: found.length === 0, found: found.length === 0 ? 'none' : list(found) };
}

/** Things that a line names. */
const NAMED = 5;

function list(parts: readonly string[]): string {
  return parts.length <= NAMED
    ? parts.join(', ')
    : `${parts.slice(0, NAMED).join(', ')} and ${parts.length - NAMED} more`;
}

function numberOf(option: string, value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  if (!/^\d{1,9}$/.test(value)) throw usage(`${option} takes a number, got ${value}`);
  return Number(value);
}
