/**
 * What a path did, and what came of it, in sentences.
 *
 * @module
 */
import { groupsBy } from '../groups.ts';
import type { DiffChange, DiffFlow } from './diff.ts';
import { type Finding, FRAMES } from './finding.ts';
import type { ReportConnection, ReportEnd, ReportSubflow, TraceReport } from './report.ts';
import { limitReached, natOnPath, type Said } from './say.ts';

/** A segment that only one capture has. */
export interface Lone {
  /** The capture that has it. */
  readonly at: 'client' | 'server';
  readonly direction: DiffChange['direction'];
  readonly frame: number;
  readonly segment: string;
  /** It carries MPTCP. */
  readonly mptcp: boolean;
  /** Index of its connection. */
  readonly flow: number;
  /** The other capture was being made when it passed. */
  readonly covered: boolean;
  /** By the other capture, its sender sends more afterwards, or is silent; `undefined` where it sent a RST, or is not heard. */
  readonly sender: 'goes on' | 'silent' | undefined;
}

/** What the findings follow from. */
export interface PathFacts {
  readonly flows: readonly DiffFlow[];
  readonly changes: readonly DiffChange[];
  readonly lone: readonly Lone[];
  /** What each capture shows by itself. */
  readonly client: TraceReport;
  readonly server: TraceReport;
  /** Segments that were forgotten for want of room. */
  readonly forgotten: number;
}

/** A subflow and its connection in the report of one capture. */
interface Seen {
  readonly connection: ReportConnection;
  readonly subflow: ReportSubflow;
}

/** What the two captures by themselves show of a flow. */
interface Outcome {
  readonly client: Seen | undefined;
  readonly server: Seen | undefined;
}

/** Findings that a report holds. */
const FINDINGS = 256;

/** Findings of a comparison: errors first. Frames are those of the client's capture. */
export function pathFindings(facts: PathFacts): Finding[] {
  const findings: Finding[] = [];
  const seen = { client: bySubflow(facts.client), server: bySubflow(facts.server) };
  const outcomes = facts.flows.map((flow) => ({
    client: lookUp(seen.client, flow.client),
    server: lookUp(seen.server, flow.server),
  }));
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
    // All that a proxy says is its own.
    if (answer !== undefined && !isAnswer && first.kind.startsWith('option-')) continue;
    const said = isAnswer ? proxy(answer, names) : sayChange(group, first, names, outcome, moved.has(first.flow));
    const frames = [...new Set(group.map(({ clientFrame }) => clientFrame))].slice(0, FRAMES);
    if (said !== undefined) findings.push({ ...said, frames });
  }
  const lone = groupsBy(facts.lone, ({ flow }) => flow);
  const met = connectionsInBoth(facts.flows, outcomes);
  for (const [i, own] of lone) {
    const flow = facts.flows[i];
    if (flow === undefined || findings.length > FINDINGS) continue;
    findings.push(...loneFindings(flow, own, outcomes[i] ?? { client: undefined, server: undefined }, met));
  }
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

/** How a change of sequence numbers begins. */
export const MOVED = 'sequence numbers are moved by';

/** Flows whose sequence numbers are others in both directions: something rewrites them, or ends TCP and begins it anew. */
function movedFlows(changes: readonly DiffChange[]): Set<number> {
  const moved = changes.filter(({ kind, what }) => kind === 'header-rewritten' && what.startsWith(MOVED));
  const back = new Set(moved.filter(({ direction }) => direction === 'fromServer').map(({ flow }) => flow));
  return new Set(
    moved.filter(({ direction, flow }) => direction === 'fromClient' && back.has(flow)).map(({ flow }) => flow),
  );
}

/** Of them, those where the SYN/ACK has an MP_CAPABLE of its own, which only a proxy has. */
function proxiedFlows(changes: readonly DiffChange[], moved: ReadonlySet<number>): Map<number, DiffChange> {
  const answers = changes.filter(({ kind, flow, segment, option, what }) => {
    const own = what.includes('another senderKey') || what.endsWith(' was added');
    return moved.has(flow) && kind === 'option-altered' && segment === 'SYN/ACK' && option === 'MP_CAPABLE' && own;
  });
  return new Map(answers.map((answer) => [answer.flow, answer]));
}

/** Changes of one kind in one direction of one flow; of options that were altered, to one type. */
function groups(changes: readonly DiffChange[]): Iterable<DiffChange[]> {
  return groupsBy(changes, ({ kind, flow, direction, option }) => {
    return `${flow} ${direction} ${kind} ${kind === 'option-altered' ? option : ''}`;
  }).values();
}

interface Names {
  readonly sender: string;
  readonly receiver: string;
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

const STRIPPING =
  'Look between the two captures for a firewall rule that clears TCP option 30 (nft "reset tcp option mptcp", TCPOPTSTRIP, "tcp normalization").';

const RESETTING = 'Look between the two captures for a firewall or proxy that ends connections.';

const PROXY =
  'between the two captures for a proxy that terminates TCP (a WAN optimiser, a transparent proxy, a load balancer in proxy mode)';

function sayChange(
  group: readonly DiffChange[],
  first: DiffChange,
  names: Names,
  outcome: Outcome,
  moved: boolean,
): Said | undefined {
  switch (first.kind) {
    case 'option-stripped':
      return stripped(group, first, names, outcome, moved);
    case 'option-altered':
      return altered(group, first, names, outcome);
    case 'payload-altered':
      return payloadAltered(group, names, outcome);
    case 'header-rewritten': {
      const addresses = group.filter(({ what }) => /^(source|destination) /.test(what));
      return addresses.length === 0
        ? undefined
        : natOnPath(`On the path, ${addresses.map(({ what }) => what).join(' and ')}`);
    }
    case 'resegmented':
      return undefined;
  }
}

function proxy({ what }: DiffChange, { sender, receiver }: Names): Said {
  const beyond = what.endsWith(' was added')
    ? `MPTCP ends there, and ${sender} has plain TCP`
    : 'on each side of it runs an MPTCP connection of its own, whose keys the other side does not know';
  return {
    code: 'option-altered',
    severity: 'error',
    quirk: 'proxy',
    message: `Something on the path answers ${receiver} in the name of ${sender}, and has a connection of its own to it, with other sequence numbers both ways: ${beyond}.`,
    advice: `Look ${PROXY}. MPTCP from end to end must pass it by.`,
    rfc: '8684 §6',
  };
}

function stripped(
  group: readonly DiffChange[],
  first: DiffChange,
  { sender, receiver }: Names,
  outcome: Outcome,
  moved: boolean,
): Said {
  const options = [...new Set(group.map(({ option }) => option ?? ''))];
  const where = options.map((option) => {
    return `${option} from ${tally(group.filter((one) => one.option === option).map(({ segment }) => segment))}`;
  });
  const blank = group.some(({ what }) => what.includes('No-Operation')) ? ', and left No-Operation in its place' : '';
  const roles = new Set(group.filter(({ option }) => option === first.option).map(({ segment }) => segment));
  return {
    code: 'option-stripped',
    severity: 'warning',
    message: `The path stripped ${list(where)} of ${sender}${blank}. ${afterStripping(options[0] ?? '', roles, receiver)}${endOf(outcome, options[0])}`,
    advice: moved
      ? `Sequence numbers are others in both directions: look ${PROXY}, or a firewall that rewrites sequence numbers and clears TCP option 30.`
      : STRIPPING,
    rfc: '8684 §6',
  };
}

/** What it means to a receiver that an option did not arrive. */
function afterStripping(option: string, segments: ReadonlySet<string>, receiver: string): string {
  switch (option) {
    case 'MP_CAPABLE':
      if (segments.has('SYN')) return `${receiver} saw a plain SYN and answered with plain TCP.`;
      if (segments.has('SYN/ACK')) return `${receiver} took the other host for one without MPTCP.`;
      return `${receiver} saw the handshake end without MPTCP.`;
    case 'MP_JOIN':
      if (segments.has('SYN')) return `${receiver} saw a plain SYN, not a join, so this cannot become a subflow.`;
      return `${receiver} cannot tell who joins, so this cannot become a subflow.`;
    case 'DSS':
      return `${receiver} got data, or acknowledgments, without their place in the stream.`;
    case 'ADD_ADDR':
      return `${receiver} never learnt the address, unless it was repeated.`;
    case 'REMOVE_ADDR':
      return `${receiver} still counts on the address.`;
    case 'MP_PRIO':
      return `${receiver} goes on with the old priority.`;
    case 'MP_FAIL':
      return `${receiver} does not hear that its data arrives damaged.`;
    case 'MP_FASTCLOSE':
      return `${receiver} does not hear that the connection is over.`;
    case 'MP_TCPRST':
      return `${receiver} does not learn why the subflow was reset.`;
    default:
      return `${receiver} goes without it.`;
  }
}

function altered(group: readonly DiffChange[], first: DiffChange, { sender, receiver }: Names, outcome: Outcome): Said {
  const option = first.option ?? '';
  const alike = new Set(group.map(({ what }) => what)).size;
  const more = alike === 1 ? '' : `, and ${alike - 1} other change${alike === 2 ? '' : 's'}`;
  const whats = group.map(({ what }) => what).join(', ');
  return {
    code: 'option-altered',
    severity: 'error',
    message: `The path changed ${option} in ${tally(group.map(({ segment }) => segment))} of ${sender}: ${first.what}${more}.${afterAltering(option, whats, sender, receiver)}${endOf(outcome, option)}`,
    advice:
      'Look between the two captures for a box that rewrites TCP options: a firewall that "normalises", a NAT with a helper for addresses inside packets.',
    rfc: '8684 §6',
  };
}

/** What it means to a receiver that an option arrived otherwise: `whats` names the fields. */
function afterAltering(option: string, whats: string, sender: string, receiver: string): string {
  const added = whats.includes(' was added');
  switch (option) {
    case 'MP_CAPABLE':
      return ' The two hosts do not speak of the same handshake.';
    case 'MP_JOIN':
      if (whats.includes('receiverToken ')) return ` ${receiver} knows no connection by that token, or another one.`;
      return added || /nonce |hmac /i.test(whats) ? ' The HMACs of the join cannot fit.' : '';
    case 'ADD_ADDR':
      return ` Its HMAC does not fit any more, so ${receiver} ignores the address and no subflow will go there.`;
    case 'DSS':
      if (added || /dataSequenceNumber |subflowSequenceNumber |dataLevelLength |dataFin /.test(whats))
        return ` ${receiver} puts data elsewhere than ${sender} meant, or refuses it.`;
      if (whats.includes('checksum ')) return ` The checksum does not fit the data, so ${receiver} refuses it.`;
      return whats.includes('dataAck ') ? ` ${receiver} takes other data for received than ${sender} has.` : '';
    default:
      return '';
  }
}

function payloadAltered(group: readonly DiffChange[], { sender, receiver }: Names, outcome: Outcome): Said {
  const longer = group.filter(({ what }) => what.includes(' became '));
  const checked = outcome.client?.connection.checksum ?? outcome.server?.connection.checksum ?? false;
  const noticed = checked
    ? 'DSS checksums show it to the receiver.'
    : `This connection has no DSS checksums, so ${receiver} took the data as it came: its application got other octets than were sent.`;
  const what = (longer[0] ?? group[0])?.what ?? '';
  return {
    code: 'payload-altered',
    severity: 'error',
    message: `The path changed the data of ${sender} in ${tally(group.map(() => 'segment'))} (${what}). ${noticed}${endOf(outcome)}`,
    advice: `Look between the two captures for an application-level gateway or proxy that rewrites payload (FTP, SIP, HTTP helpers)${checked ? '' : '; with checksums MPTCP notices (sysctl net.mptcp.checksum_enabled=1)'}.`,
    rfc: '8684 §3.7',
  };
}

/** How the connection, or this subflow of it, ended up. */
function endOf({ client, server }: Outcome, option?: string): string {
  for (const [where, seen] of [
    ['client', client],
    ['server', server],
  ] as const) {
    const fallback = seen?.connection.fallback;
    if (fallback)
      return ` The connection fell back to plain TCP (${fallback.reason}, ${where} frame ${fallback.frame}).`;
  }
  const states = [client?.subflow, server?.subflow].map((subflow) => subflow?.state);
  if (states.includes('refused')) return ' The subflow was refused.';
  if (states.includes('failed')) return ' The subflow came to nothing.';
  if (states.includes('reset') && (client ?? server)?.connection.state !== 'fastclosed')
    return ' The subflow was reset.';
  if (client === undefined || server === undefined || !['MP_CAPABLE', 'DSS'].includes(option ?? '')) return '';
  return ' MPTCP went on all the same.';
}

/** What segments that only one capture has tell of the path. */
function loneFindings(
  flow: DiffFlow,
  lone: readonly Lone[],
  outcome: Outcome,
  met: ReadonlySet<ReportConnection>,
): Finding[] {
  const opener = flow.initiator;
  const direction = opener === 'client' ? 'fromClient' : 'fromServer';
  const seen = outcome[opener];
  const names = namesOf(flow, direction);
  const syns = lone.filter(
    (one) => one.at === opener && one.direction === direction && one.segment === 'SYN' && one.mptcp,
  );
  const missed = syns.filter(({ covered }) => covered);
  const findings: Finding[] = [];
  const passed = flow.client !== undefined && flow.server !== undefined;
  const dropped = seen?.connection.findings.find(({ quirk }) => quirk === 'syn-dropped');
  if (passed && dropped !== undefined && syns.length > 0) {
    findings.push({ ...synsDropped(syns.length, opener, names), frames: framesOf(syns) });
  }
  // Whoever holds the keys answered a join that works: the other capture did not look there.
  const wanting = ['opening', 'failed', 'refused'].includes(seen?.subflow.state ?? '');
  if (!passed && missed.length > 0 && wanting && seen?.subflow.kind === 'join' && met.has(seen.connection)) {
    findings.push({ ...joinElsewhere(seen, names, opener), frames: framesOf(missed) });
  }
  if (passed) findings.push(...resetFindings(flow, lone));
  return findings;
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

function synsDropped(count: number, opener: string, { sender, receiver }: Names): Said {
  return {
    code: 'no-mptcp-in-syn-ack',
    severity: 'warning',
    quirk: 'syn-dropped',
    message: `${count} SYN${count === 1 ? '' : 's'} with MPTCP left ${sender} and never reached ${receiver}; a SYN without it did. Something on the path drops SYNs that carry MPTCP, so this is plain TCP.`,
    advice: `Look between the two captures for a firewall that drops SYNs with unknown TCP options. Until it is gone each new connection of the ${opener} waits for the retries (sysctl net.mptcp.syn_retrans_before_tcp_fallback).`,
    rfc: '8684 §3.7',
  };
}

function joinElsewhere({ subflow }: Seen, { sender }: Names, opener: string): Said {
  const target = nameOf(subflow.initiator === 'client' ? subflow.server : subflow.client);
  const other = opener === 'client' ? 'server' : 'client';
  if (subflow.state === 'opening' || (subflow.state === 'failed' && subflow.reset === undefined)) {
    return {
      code: 'join-no-answer',
      severity: 'warning',
      message: `The join of ${sender} to ${target} never reached the ${other}: it was dropped on the way, or went where that capture does not look.`,
      advice: 'Check routing and firewalls between these two addresses.',
      rfc: '8684 §3.2',
    };
  }
  return {
    code: 'join-wrong-host',
    severity: 'error',
    message: `The join of ${sender} to ${target} was answered, but the capture at the ${other} has none of it: a load balancer, NAT or proxy sent it to another host or answered itself, unless that capture does not look where it arrived.`,
    advice:
      'Behind a load balancer, let each server advertise an address that leads to it alone (ip mptcp endpoint add ADDRESS dev DEV signal) and refuse joins to the shared one (sysctl net.mptcp.allow_join_initial_addr_port=0).',
    rfc: '8684 §3.2',
  };
}

/** Two captures do not each miss the one RST that the other has. */
function forgedResets({ sender, receiver }: Names, toSender: Lone, toReceiver: Lone): Said {
  return {
    code: 'subflow-reset',
    severity: 'warning',
    message: `A RST reached ${sender} (client frame ${toSender.frame}) and another one ${receiver} (server frame ${toReceiver.frame}), each in the other's name, and by the captures neither host sent one: something on the path ended the connection.`,
    advice: RESETTING,
    rfc: '8684 §3.6',
  };
}

function forgedReset({ sender, receiver }: Names, { at, frame, sender: own }: Lone): Said {
  const proved = own === 'goes on';
  return {
    code: 'subflow-reset',
    severity: proved ? 'warning' : 'note',
    message: proved
      ? `A RST reached ${receiver} (${at} frame ${frame}) that ${sender} did not send, for it went on sending: something on the path answered in its name.`
      : `A RST reached ${receiver} (${at} frame ${frame}) that the capture at ${sender} does not have: something on the path sent it, or that capture missed it.`,
    advice: RESETTING,
    rfc: '8684 §3.6',
  };
}

/** Frames of the client's capture. */
function framesOf(lone: readonly Lone[]): number[] {
  return lone
    .filter(({ at }) => at === 'client')
    .map(({ frame }) => frame)
    .slice(0, FRAMES);
}

/** `the SYN`, `3 segments`, `2 ACKs and 4 data segments`. */
function tally(segments: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const segment of segments) counts.set(segment, (counts.get(segment) ?? 0) + 1);
  const parts = [...counts].map(([segment, count]) => {
    const name = segment === 'data' ? 'data segment' : segment;
    return count === 1
      ? `${counts.size === 1 && segment.startsWith('SYN') ? 'the' : 'one'} ${name}`
      : `${count} ${name}s`;
  });
  return list(parts);
}

/** `a, b and c`. */
function list(parts: readonly string[]): string {
  const last = parts.at(-1) ?? '';
  return parts.length < 2 ? last : `${parts.slice(0, -1).join(', ')} and ${last}`;
}

/** The subflows of a report by their addresses, from opener to answerer. */
function bySubflow({ connections }: TraceReport): Map<string, Seen[]> {
  const all = connections.flatMap((connection) => connection.subflows.map((subflow) => ({ connection, subflow })));
  return groupsBy(all, ({ subflow: { initiator, client, server } }) => {
    const [from, to] = initiator === 'client' ? [client, server] : [server, client];
    return `${nameOf(from)} ${nameOf(to)}`;
  });
}

function lookUp(all: ReadonlyMap<string, Seen[]>, place: DiffFlow['client']): Seen | undefined {
  if (place === undefined) return undefined;
  const alike = all.get(`${place.from} ${place.to}`);
  return alike?.find(({ subflow }) => subflow.firstFrame === place.firstFrame) ?? alike?.[0];
}

function nameOf({ address, port }: ReportEnd): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}
