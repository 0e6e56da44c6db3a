/**
 * What a path did: changes and segments that stand alone, told as findings.
 *
 * @module
 */
import { groupsBy } from '../groups.ts';
import { type Finding, FRAMES } from '../trace/finding.ts';
import type { HostName, ReportConnection, TraceReport } from '../trace/report.ts';
import { limitReached, type Said } from '../trace/say.ts';
import type { OptionAltered, SegmentName } from './change.ts';
import type { DiffChange, DiffFlow } from './diff.ts';
import { type Outcome, outcomesOf } from './outcome.ts';
import {
  addressesRewritten,
  altered,
  answeredOnPath,
  doubtful,
  forgedReset,
  forgedResets,
  joinElsewhere,
  type Names,
  payloadAltered,
  proxyOnPath,
  stripped,
  synsDropped,
  wrongWayRound,
} from './say.ts';

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

/** What the findings follow from. */
export interface PathFacts {
  readonly flows: readonly DiffFlow[];
  readonly changes: readonly DiffChange[];
  readonly lone: readonly Lone[];
  /** What each capture shows by itself: asked for where there is something to explain. */
  readonly traces: () => readonly [client: TraceReport, server: TraceReport];
  /** Segments that each capture missed of connections that it has, for they arrived at the other end. */
  readonly missed: Readonly<Record<HostName, number>>;
  /** By their clocks, the captures are the wrong way round. */
  readonly backwards: boolean;
  /** Segments that were forgotten for want of room. */
  readonly forgotten: number;
}

/** Findings that a report holds. */
const FINDINGS = 256;

/** Findings of a comparison: errors first. Frames are those of the client's capture. */
export function pathFindings(facts: PathFacts): Finding[] {
  const findings: Finding[] = [];
  const outcomes = facts.changes.length + facts.lone.length === 0 ? [] : outcomesOf(facts.flows, ...facts.traces());
  const moved = movedFlows(facts.changes);
  const proxied = proxiedFlows(facts.changes, moved);
  for (const group of groups(facts.changes)) {
    const [first] = group;
    const flow = first === undefined ? undefined : facts.flows[first.flow];
    if (first === undefined || flow === undefined) continue;
    const outcome = outcomes[first.flow] ?? { client: undefined, server: undefined };
    const names = namesOf(flow, first.direction);
    const answer = proxied.get(first.flow);
    const isAnswer = answer !== undefined && group.includes(answer);
    // All that a proxy says is its own, at whatever place in its stream.
    if (answer !== undefined && !isAnswer && first.kind !== 'header-rewritten') continue;
    const said = isAnswer ? proxyOnPath(answer, names) : sayChanges(group, names, outcome, moved.has(first.flow));
    const frames = [...new Set(group.map(({ clientFrame }) => clientFrame))].slice(0, FRAMES);
    if (said === undefined) continue;
    const isDoubtful = !isAnswer && group.length <= FEW && group.every((change) => change.doubtful);
    findings.push({ ...(isDoubtful ? doubtful(said) : said), frames });
  }
  const lone = groupsBy(facts.lone, ({ flow }) => flow);
  const met = connectionsInBoth(facts.flows, outcomes);
  const atServer = new Set(facts.flows.map(({ server }) => `${server?.from} ${server?.to}`));
  const reached = new Set(facts.flows.map(({ client, server }) => (server === undefined ? undefined : client?.to)));
  for (const [i, own] of lone) {
    const flow = facts.flows[i];
    if (flow === undefined || findings.length > FINDINGS) continue;
    const outcome = outcomes[i] ?? { client: undefined, server: undefined };
    findings.push(...loneFindings(flow, own, outcome, met, facts.missed));
    // Where ports are used again, the server's capture may have it as a part of another connection.
    if (atServer.has(`${flow.client?.from} ${flow.client?.to}`)) continue;
    findings.push(...answerFindings(flow, own, outcome, reached, facts.missed.server > 0));
  }
  if (facts.backwards) findings.push({ ...wrongWayRound(), frames: [] });
  if (facts.forgotten > 0) {
    const what = `${facts.forgotten} segments waited too long for their counterparts and were forgotten`;
    findings.push({ ...limitReached(what), frames: [] });
  }
  if (findings.length > FINDINGS) {
    const what = `There are ${findings.length} findings, of which ${FINDINGS} are shown`;
    findings.splice(FINDINGS, findings.length, { ...limitReached(what), frames: [] });
  }
  const rank = { error: 0, warning: 1, note: 2 };
  return findings.sort((a, b) => rank[a.severity] - rank[b.severity] || (a.frames[0] ?? 0) - (b.frames[0] ?? 0));
}

/** The changes of one kind. */
function ofKind<K extends DiffChange['kind']>(
  changes: readonly DiffChange[],
  kind: K,
): Extract<DiffChange, { kind: K }>[] {
  return changes.filter((change): change is Extract<DiffChange, { kind: K }> => change.kind === kind);
}

/** Flows whose sequence numbers are others in both directions: something rewrites them, or ends TCP and begins it anew. */
function movedFlows(changes: readonly DiffChange[]): Set<number> {
  const moved = ofKind(changes, 'header-rewritten').filter(({ field }) => field === 'sequence-numbers');
  const back = new Set(moved.filter(({ direction }) => direction === 'fromServer').map(({ flow }) => flow));
  return new Set(
    moved.filter(({ direction, flow }) => direction === 'fromClient' && back.has(flow)).map(({ flow }) => flow),
  );
}

/** Of them, those with an MP_CAPABLE that only a proxy has: another key in the SYN/ACK, or one where none was sent. */
function proxiedFlows(
  changes: readonly DiffChange[],
  moved: ReadonlySet<number>,
): Map<number, DiffChange & OptionAltered> {
  const own = ofKind(changes, 'option-altered').filter(({ flow, segment, option, added, fields }) => {
    const another = segment === 'SYN/ACK' && fields.some(({ name }) => name === 'senderKey');
    return moved.has(flow) && option === 'MP_CAPABLE' && (added || another);
  });
  // The first of each connection stands.
  return new Map(own.reverse().map((change) => [change.flow, change]));
}

/** Changes of one kind in one direction of one flow; of options that were altered, to one type. */
function groups(changes: readonly DiffChange[]): Iterable<DiffChange[]> {
  return groupsBy(changes, (change) => {
    const { kind, flow, direction } = change;
    return `${flow} ${direction} ${kind} ${kind === 'option-altered' ? change.option : ''}`;
  }).values();
}

/** The two ends, each by the name it has in its own host's capture. */
function namesOf({ initiator, client, server }: DiffFlow, direction: DiffChange['direction']): Names {
  const near = initiator === 'client' ? (client ?? server) : (server ?? client);
  const far = initiator === 'client' ? (server ?? client) : (client ?? server);
  const opener = near?.from ?? '';
  const answerer = far?.to ?? '';
  const fromOpener = (direction === 'fromClient') === (initiator === 'client');
  return fromOpener ? { sender: opener, receiver: answerer } : { sender: answerer, receiver: opener };
}

function sayChanges(group: readonly DiffChange[], names: Names, outcome: Outcome, moved: boolean): Said | undefined {
  switch (group[0]?.kind) {
    case 'option-stripped':
      return stripped(ofKind(group, 'option-stripped'), names, outcome, moved);
    case 'option-altered':
      return altered(ofKind(group, 'option-altered'), names, outcome);
    case 'payload-altered':
      return payloadAltered(ofKind(group, 'payload-altered'), names, outcome);
    case 'header-rewritten': {
      const addresses = ofKind(group, 'header-rewritten').filter(
        ({ field }) => field === 'source' || field === 'destination',
      );
      return addresses.length === 0 ? undefined : addressesRewritten(addresses);
    }
    default:
      return undefined;
  }
}

/** What segments that only one capture has tell of the path. */
function loneFindings(
  flow: DiffFlow,
  lone: readonly Lone[],
  outcome: Outcome,
  met: ReadonlySet<ReportConnection>,
  missing: Readonly<Record<HostName, number>>,
): Finding[] {
  const opener = flow.initiator;
  const direction = opener === 'client' ? 'fromClient' : 'fromServer';
  const seen = outcome[opener];
  const names = namesOf(flow, direction);
  const syns = lone.filter(
    (one) => one.at === opener && one.direction === direction && one.segment === 'SYN' && one.mptcp,
  );
  const there = opener === 'client' ? 'server' : 'client';
  const missed = syns.filter(({ covered }) => covered);
  const findings: Finding[] = [];
  const passed = flow.client !== undefined && flow.server !== undefined;
  const dropped = seen?.connection.findings.find(({ quirk }) => quirk === 'syn-dropped');
  if (passed && outcome.server === undefined && dropped !== undefined && missed.length > 0) {
    findings.push({ ...synsDropped(syns.length, opener, names), frames: framesOf(syns) });
  }
  // Whoever holds the keys answered a join that works: the other capture did not look there.
  const wanting = ['opening', 'failed', 'refused'].includes(seen?.subflow.state ?? '');
  if (!passed && missed.length > 0 && wanting && seen?.subflow.kind === 'join' && met.has(seen.connection)) {
    const said = joinElsewhere(seen, names, opener);
    const doubtful = missing[there] > 0;
    findings.push({ ...said, ...(doubtful && { severity: 'note' }), frames: framesOf(missed) });
  }
  if (passed) findings.push(...resetFindings(flow, lone));
  return findings;
}

/** Segments that each capture may have missed in a row. */
const FEW = 4;

/**
 * A first subflow that was answered, and of which the server's capture has nothing though it was being made, and hears
 * the server. `reached`: addresses that others went to which the server's capture has; `doubtful`: it missed segments.
 */
function answerFindings(
  flow: DiffFlow,
  lone: readonly Lone[],
  { client: seen }: Outcome,
  reached: ReadonlySet<string | undefined>,
  doubtful: boolean,
): Finding[] {
  if (flow.server !== undefined || seen?.subflow.kind !== 'initial') return [];
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

/** Connections of which a subflow is in both captures. */
function connectionsInBoth(flows: readonly DiffFlow[], outcomes: readonly Outcome[]): Set<ReportConnection> {
  const met = new Set<ReportConnection>();
  flows.forEach(({ client, server }, i) => {
    if (client === undefined || server === undefined) return;
    for (const seen of [outcomes[i]?.client, outcomes[i]?.server]) if (seen !== undefined) met.add(seen.connection);
  });
  return met;
}

/** Frames of the client's capture. */
function framesOf(lone: readonly Lone[]): number[] {
  return lone
    .filter(({ at }) => at === 'client')
    .map(({ frame }) => frame)
    .slice(0, FRAMES);
}
