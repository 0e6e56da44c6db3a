/**
 * Segments that one of the two captures only has, and what they tell of the path.
 *
 * @module
 */
import { groupsBy } from '../groups.ts';
import { type Finding, FRAMES } from '../trace/finding.ts';
import type { HostName, ReportConnection } from '../trace/report.ts';
import type { SegmentName } from './change.ts';
import type { DiffChange, DiffFlow } from './diff.ts';
import { namesOf } from './names.ts';
import type { Outcome } from './outcome.ts';
import { answeredOnPath, forgedReset, forgedResets, joinElsewhere, synsDropped } from './say.ts';

/** A segment that only one capture has. */
export interface Lone {
  /** The capture that has it. */
  readonly at: 'client' | 'server';
  readonly direction: DiffChange['direction'];
  readonly frame: number;
  readonly segment: SegmentName;
  /** It carries MPTCP. */
  readonly mptcp: boolean;
  /** Index of its connection. */
  readonly flow: number;
  /** The other capture was being made when it passed. */
  readonly covered: boolean;
  /** The other capture has segments of the host that did not open the connection, by the address that it has here. */
  readonly heard: boolean;
  /** By the other capture, its sender sends more afterwards, or is silent; `undefined` where it sent a RST, or is not heard. */
  readonly sender: 'goes on' | 'silent' | undefined;
}

/** Segments that each capture may have missed in a row. */
export const FEW = 4;

/**
 * What segments that one capture only has tell of the path.
 *
 * @param outcomes - of each connection, by its index
 * @param missed - how many segments each capture missed of connections that it has
 */
export function loneFindings(
  lone: readonly Lone[],
  outcomes: readonly Outcome[],
  missed: Readonly<Record<HostName, number>>,
): Finding[] {
  const met = connectionsInBoth(outcomes);
  const flows = outcomes.map(({ flow }) => flow);
  const atServer = new Set(flows.map(({ server }) => `${server?.from} ${server?.to}`));
  const reached = new Set(flows.map(({ client, server }) => (server === undefined ? undefined : client?.to)));
  const findings: Finding[] = [];
  for (const [i, own] of groupsBy(lone, ({ flow }) => flow)) {
    const outcome = outcomes[i];
    if (outcome === undefined) continue;
    const { client, server } = outcome.flow;
    if (client !== undefined && server !== undefined) {
      findings.push(...synFindings(outcome, own), ...resetFindings(outcome.flow, own));
      continue;
    }
    findings.push(...joinFindings(outcome, own, met, missed));
    // Where ports are used again, the server's capture may have it as a part of another connection.
    if (server !== undefined || atServer.has(`${client?.from} ${client?.to}`)) continue;
    findings.push(...answerFindings(outcome, own, reached, missed.server > 0));
  }
  return findings;
}

/** Connections of which a subflow is in both captures. */
function connectionsInBoth(outcomes: readonly Outcome[]): Set<ReportConnection> {
  const both = outcomes.filter(({ flow }) => flow.client !== undefined && flow.server !== undefined);
  const seen = both.flatMap(({ client, server }) => [client, server]).filter((one) => one !== undefined);
  return new Set(seen.map(({ connection }) => connection));
}

/** SYNs with MPTCP that the capture at their sender only has. */
function lostSyns({ initiator }: DiffFlow, lone: readonly Lone[]): Lone[] {
  return lone.filter(({ at, direction, segment, mptcp }) => {
    return at === initiator && direction === directionFrom(initiator) && segment === 'SYN' && mptcp;
  });
}

function directionFrom(host: HostName): DiffChange['direction'] {
  return host === 'client' ? 'fromClient' : 'fromServer';
}

/** SYNs with MPTCP that did not arrive, where one without it did. */
function synFindings(outcome: Outcome, lone: readonly Lone[]): Finding[] {
  const { flow, server } = outcome;
  const opener = flow.initiator;
  const dropped = outcome[opener]?.connection.findings.some(({ quirk }) => quirk === 'syn-dropped') ?? false;
  const syns = lostSyns(flow, lone);
  if (server !== undefined || !dropped || !syns.some(({ covered }) => covered)) return [];
  const names = namesOf(flow, directionFrom(opener));
  return [{ ...synsDropped(syns.length, opener, names), frames: framesOf(syns) }];
}

/**
 * A join that did not work, of which the other capture has nothing. Whoever holds the keys answered one that works: that
 * capture did not look there. `met`: connections of which the other capture has another subflow.
 */
function joinFindings(
  outcome: Outcome,
  lone: readonly Lone[],
  met: ReadonlySet<ReportConnection>,
  missed: Readonly<Record<HostName, number>>,
): Finding[] {
  const { flow } = outcome;
  const opener = flow.initiator;
  const seen = outcome[opener];
  const syns = lostSyns(flow, lone).filter(({ covered }) => covered);
  if (syns.length === 0 || seen?.subflow.kind !== 'join' || !met.has(seen.connection)) return [];
  if (!['opening', 'failed', 'refused'].includes(seen.subflow.state)) return [];
  const said = joinElsewhere(seen, namesOf(flow, directionFrom(opener)), opener);
  const isDoubtful = missed[opener === 'client' ? 'server' : 'client'] > 0;
  return [{ ...said, ...(isDoubtful && { severity: 'note' }), frames: framesOf(syns) }];
}

/**
 * A first subflow that was answered, and of which the server's capture has nothing though it was being made, and hears
 * the server. `reached`: addresses that others went to which the server's capture has; `doubtful`: it missed segments.
 */
function answerFindings(
  { flow, client: seen }: Outcome,
  lone: readonly Lone[],
  reached: ReadonlySet<string | undefined>,
  doubtful: boolean,
): Finding[] {
  if (seen?.subflow.kind !== 'initial') return [];
  const [syn] = lone.filter(({ segment, mptcp }) => segment === 'SYN' && mptcp);
  const [answer] = lone.filter(({ direction }) => direction === 'fromServer');
  if (syn === undefined || answer === undefined || !lone.every(({ covered }) => covered)) return [];
  const translated = !answer.heard;
  if (translated && !reached.has(flow.client?.to)) return [];
  const said = answeredOnPath(answer, namesOf(flow, 'fromClient'), translated, !doubtful && lone.length > FEW);
  return [{ ...said, frames: framesOf([syn, answer]) }];
}

/** RSTs that arrived, and that the capture of their sender does not have. */
function resetFindings(flow: DiffFlow, lone: readonly Lone[]): Finding[] {
  const forged = lone.filter(({ at, direction, segment, covered, sender }) => {
    const arrived = at === (direction === 'fromClient' ? 'server' : 'client');
    return segment === 'RST' && arrived && covered && sender !== undefined;
  });
  const toClient = forged.find(({ at }) => at === 'client');
  const toServer = forged.find(({ at }) => at === 'server');
  if (toClient !== undefined && toServer !== undefined) {
    return [{ ...forgedResets(namesOf(flow, 'fromClient'), toClient, toServer), frames: framesOf(forged) }];
  }
  return forged.map((one) => ({ ...forgedReset(namesOf(flow, one.direction), one), frames: framesOf([one]) }));
}

/** Frames of the client's capture. */
function framesOf(lone: readonly Lone[]): number[] {
  return lone
    .filter(({ at }) => at === 'client')
    .map(({ frame }) => frame)
    .slice(0, FRAMES);
}
