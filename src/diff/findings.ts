/**
 * What a path did: changes and segments that stand alone, told as findings.
 *
 * @module
 */
import { groupsBy } from '../groups.ts';
import { byGravity, type Finding, FRAMES } from '../trace/finding.ts';
import type { HostName, TraceReport } from '../trace/report.ts';
import { limitReached, type Said } from '../trace/say.ts';
import type { OptionAltered } from './change.ts';
import type { DiffChange, DiffFlow } from './diff.ts';
import { FEW, type Lone, loneFindings } from './lone.ts';
import { type Names, namesOf } from './names.ts';
import { type Outcome, outcomesOf } from './outcome.ts';
import { addressesRewritten, altered, doubtful, payloadAltered, proxyOnPath, stripped, wrongWayRound } from './say.ts';

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
export function pathFindings({ flows, changes, lone, traces, missed, backwards, forgotten }: PathFacts): Finding[] {
  const outcomes = changes.length + lone.length === 0 ? [] : outcomesOf(flows, ...traces());
  const findings = [...changeFindings(changes, outcomes), ...loneFindings(lone, outcomes, missed)];
  const whole = (said: Said): void => void findings.push({ ...said, frames: [] });
  if (backwards) whole(wrongWayRound());
  if (forgotten > 0)
    whole(limitReached(`${forgotten} segments waited too long for their counterparts and were forgotten`));
  const count = findings.length;
  if (count > FINDINGS) {
    findings.splice(FINDINGS);
    whole(limitReached(`There are ${count} findings, of which ${FINDINGS} are shown`));
  }
  return findings.sort(byGravity);
}

/** What the changes tell of the path: a finding for all of one kind in one direction. */
function changeFindings(changes: readonly DiffChange[], outcomes: readonly Outcome[]): Finding[] {
  const moved = movedFlows(changes);
  const proxied = proxiedFlows(changes, moved);
  const findings: Finding[] = [];
  for (const group of groups(changes)) {
    const [first] = group;
    const outcome = first === undefined ? undefined : outcomes[first.flow];
    if (first === undefined || outcome === undefined) continue;
    const names = namesOf(outcome.flow, first.direction);
    const answer = proxied.get(first.flow);
    const isAnswer = answer !== undefined && group.includes(answer);
    // All that a proxy says is its own, at whatever place in its stream.
    if (answer !== undefined && !isAnswer && first.kind !== 'header-rewritten') continue;
    const said = isAnswer ? proxyOnPath(answer, names) : sayChanges(group, names, outcome, moved.has(first.flow));
    if (said === undefined) continue;
    const frames = [...new Set(group.map(({ clientFrame }) => clientFrame))].slice(0, FRAMES);
    const isDoubtful = !isAnswer && group.length <= FEW && group.every((change) => change.doubtful);
    findings.push({ ...(isDoubtful ? doubtful(said) : said), frames });
  }
  return findings;
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
