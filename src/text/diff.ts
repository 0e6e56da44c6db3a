/**
 * What a path changed, for a person to read.
 *
 * @module
 */
import type { DiffChange, DiffFlow, DiffReport } from '../diff/diff.ts';
import { groupsBy } from '../groups.ts';
import { formatFindings, severities } from './finding.ts';
import { count, duration, type Paint, plain, table, wrap } from './paint.ts';

/** How to write it. */
export interface DiffTextOptions {
  /** Columns; 100 by default. */
  readonly width?: number | undefined;
  /** No colour by default. */
  readonly paint?: Paint | undefined;
  /** Every change, and every frame that only one capture has. */
  readonly verbose?: boolean | undefined;
  /** Findings only. */
  readonly quiet?: boolean | undefined;
}

/** Changes of a connection that are written out. */
const SHOWN = 12;

/** Frames that are written out. */
const FRAMES = 12;

/** The report on a path, with a line feed behind each line. */
export function formatDiff(report: DiffReport, options: DiffTextOptions = {}): string {
  const { width = 100, paint = plain, verbose = false, quiet = false } = options;
  const blocks: string[][] = [];
  if (!quiet) {
    blocks.push(overview(report, width, verbose));
    const byFlow = groupsBy(report.changes, ({ flow }) => flow);
    report.flows.forEach((flow, i) => {
      const changes = byFlow.get(i) ?? [];
      if (changes.length > 0 || flow.client === undefined || flow.server === undefined || verbose) {
        blocks.push(flowBlock(flow, changes, { paint, verbose }));
      }
    });
  }
  const findings = formatFindings(report.findings, { width, paint });
  if (findings.length > 0) blocks.push(findings);
  if (!quiet) blocks.push([verdict(report, paint)]);
  return blocks.map((lines) => `${lines.join('\n')}\n`).join('\n');
}

function overview({ pairs, onlyClient, onlyServer, clock }: DiffReport, width: number, verbose: boolean): string[] {
  const lines = [
    `${count(pairs, 'segment')} in both captures, ${onlyClient.length} in the client's only, ${onlyServer.length} in the server's only`,
  ];
  const frames = (name: string, list: readonly number[]): void => {
    if (list.length === 0) return;
    const shown = verbose ? list : list.slice(0, FRAMES);
    const more = list.length > shown.length ? `, and ${list.length - shown.length} more` : '';
    lines.push(...wrap(`${name}: ${count(list.length, 'frame')} ${shown.join(', ')}${more}`, width, '  '));
  };
  frames("only the client's", onlyClient);
  frames("only the server's", onlyServer);
  if (clock === undefined) return lines;
  const offset = Number(clock.offset);
  const ahead =
    Math.abs(offset) < 1e-6
      ? 'the clocks agree'
      : `the server's clock is ${duration(Math.abs(offset))} ${offset < 0 ? 'behind' : 'ahead'}`;
  const there = Number(clock.roundTrip);
  lines.push(`${ahead}; ${duration(Math.max(0, there))} from one capture to the other and back`);
  return lines;
}

function flowBlock(
  flow: DiffFlow,
  changes: readonly DiffChange[],
  { paint, verbose }: { readonly paint: Paint; readonly verbose: boolean },
): string[] {
  const { client, server } = flow;
  const name = (place: DiffFlow['client']): string =>
    place === undefined ? 'not there' : `${place.from} > ${place.to}`;
  const same = client?.from === server?.from && client?.to === server?.to;
  const head = same ? name(client) : `${name(client)} at the client, ${name(server)} at the server`;
  const shown = verbose ? changes : changes.slice(0, SHOWN);
  const rows = shown.map(({ kind, direction, segment, clientFrame, serverFrame, what }) => [
    kind,
    direction === 'fromClient' ? 'client to server' : 'server to client',
    segment === 'all' ? 'every segment' : segment,
    `${clientFrame}`,
    `${serverFrame}`,
    what,
  ]);
  const columns = [
    { head: 'change' },
    { head: 'direction' },
    { head: 'segment' },
    { head: 'client frame', right: true },
    { head: 'server frame', right: true },
    { head: 'what' },
  ];
  const [titles = '', ...lines] = rows.length === 0 ? [] : table(columns, rows);
  return [
    paint('head', head),
    ...(rows.length === 0 ? [] : [`  ${paint('dim', titles)}`, ...lines.map((line) => `  ${line}`)]),
    ...(changes.length > shown.length
      ? [`  and ${count(changes.length - shown.length, 'more change', 'more changes')} (-v shows all)`]
      : []),
  ];
}

function verdict({ flows, pairs, changes, findings }: DiffReport, paint: Paint): string {
  if (flows.length === 0) return 'No MPTCP in either capture.';
  if (pairs === 0)
    return paint(
      'warning',
      'No connection with MPTCP is in both captures: they are not of one path, or not of one time.',
    );
  const both = flows.filter(({ client, server }) => client !== undefined && server !== undefined).length;
  const start = `${count(both, 'connection')} with MPTCP in both captures`;
  if (changes.length === 0 && findings.length === 0) return `${start}: ${paint('good', 'the path changed nothing')}`;
  return `${start}, ${count(changes.length, 'change')}: ${severities(findings, paint)}`;
}
