/**
 * The subflows of a connection as a table.
 *
 * @module
 */
import { formatEndpoint } from '../ip/address.ts';
import type { ReportConnection, ReportSubflow } from '../trace/report.ts';
import { type Ink, type Paint, table } from './paint.ts';

/**
 * The subflows of a connection, a line each below a line of heads. Columns in which nothing stands are left out.
 *
 * @param verbose - with the frame of the first segment
 */
export function subflowTable(
  connection: ReportConnection,
  { paint, verbose }: { readonly paint: Paint; readonly verbose: boolean },
): string[] {
  const columns = [
    { head: 'subflow', right: true },
    { head: 'opened by' },
    { head: 'client' },
    { head: 'id', right: true },
    { head: 'server' },
    { head: 'id', right: true },
    { head: 'backup' },
    { head: 'state' },
    { head: 'client sent', right: true },
    { head: 'again', right: true },
    { head: 'server sent', right: true },
    { head: 'again', right: true },
    { head: 'frame', right: true },
  ];
  const several = connection.subflows.length > 1;
  const again = (octets: number): string => (octets === 0 ? '' : `${octets}`);
  const rows = connection.subflows.map((subflow) => [
    `${subflow.id}`,
    subflow.kind === 'initial' ? (several ? 'client, first' : 'client') : `${subflow.initiator}, join`,
    formatEndpoint(subflow.client),
    several ? `${subflow.client.addressId ?? '?'}` : '',
    formatEndpoint(subflow.server),
    several ? `${subflow.server.addressId ?? '?'}` : '',
    backup(subflow),
    subflow.state,
    `${subflow.bytes.fromClient}`,
    again(subflow.reinjectedBytes.fromClient),
    `${subflow.bytes.fromServer}`,
    again(subflow.reinjectedBytes.fromServer),
    verbose ? `${subflow.firstFrame}` : '',
  ]);
  const [head = '', ...lines] = table(columns, rows);
  return [
    paint('dim', head),
    ...lines.map((line, i) => {
      const state = connection.subflows[i]?.state ?? 'closed';
      const ink = SUBFLOW_INKS[state];
      return ink === undefined ? line : line.replace(` ${state} `, ` ${paint(ink, state)} `);
    }),
  ];
}

const SUBFLOW_INKS: Readonly<Partial<Record<ReportSubflow['state'], Ink>>> = {
  refused: 'error',
  failed: 'error',
  reset: 'warning',
};

function backup({ backup: { client, server } }: ReportSubflow): string {
  return client ? (server ? 'both' : 'client') : server ? 'server' : '';
}
