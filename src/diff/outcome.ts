/**
 * What came of a connection, as each capture shows it by itself.
 *
 * @module
 */
import { groupsBy } from '../groups.ts';
import { formatEndpoint } from '../ip/address.ts';
import type { ReportConnection, ReportSubflow, TraceReport } from '../trace/report.ts';
import type { DiffFlow } from './diff.ts';

/** A subflow and its connection in the report of one capture. */
export interface Seen {
  readonly connection: ReportConnection;
  readonly subflow: ReportSubflow;
}

/** A flow, and what each capture by itself shows of it. */
export interface Outcome {
  readonly flow: DiffFlow;
  readonly client: Seen | undefined;
  readonly server: Seen | undefined;
}

/** The outcome of each flow. */
export function outcomesOf(flows: readonly DiffFlow[], client: TraceReport, server: TraceReport): Outcome[] {
  const [near, far] = [bySubflow(client), bySubflow(server)];
  return flows.map((flow) => ({ flow, client: lookUp(near, flow.client), server: lookUp(far, flow.server) }));
}

/** The subflows of a report by their addresses, from opener to answerer. */
function bySubflow({ connections }: TraceReport): Map<string, Seen[]> {
  const all = connections.flatMap((connection) => connection.subflows.map((subflow) => ({ connection, subflow })));
  return groupsBy(all, ({ subflow: { initiator, client, server } }) => {
    const [from, to] = initiator === 'client' ? [client, server] : [server, client];
    return `${formatEndpoint(from)} ${formatEndpoint(to)}`;
  });
}

function lookUp(all: ReadonlyMap<string, Seen[]>, place: DiffFlow['client']): Seen | undefined {
  if (place === undefined) return undefined;
  const alike = all.get(`${place.from} ${place.to}`);
  return alike?.find(({ subflow }) => subflow.firstFrame === place.firstFrame) ?? alike?.[0];
}
