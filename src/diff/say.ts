/**
 * What a path did, and what came of it, in sentences.
 *
 * @module
 */
import { formatEndpoint } from '../ip/address.ts';
import { natOnPath, type Said } from '../trace/say.ts';
import { BALANCED } from '../trace/say-join.ts';
import {
  type Change,
  type Deed,
  type FieldName,
  type OptionAltered,
  type OptionStripped,
  type PayloadAltered,
  type SegmentName,
  whatOf,
} from './change.ts';
import type { Lone } from './lone.ts';
import type { Names } from './names.ts';
import type { Outcome, Seen } from './outcome.ts';

/** Changes of one kind, in one direction of one flow. */
type Group<T extends Deed> = readonly (Change & T)[];

const STRIPPING =
  'Look between the two captures for a firewall rule that clears TCP option 30 (nft "reset tcp option mptcp", TCPOPTSTRIP, "tcp normalization").';

const RESETTING = 'Look between the two captures for a firewall or proxy that ends connections.';

const PROXY =
  'between the two captures for a proxy that terminates TCP (a WAN optimiser, a transparent proxy, a load balancer in proxy mode)';

/** Something ends TCP on the path: it has an MP_CAPABLE of its own. */
export function proxyOnPath({ added, segment }: Change & OptionAltered, { sender, receiver }: Names): Said {
  const isAnswer = segment === 'SYN/ACK';
  const [opener, answerer] = isAnswer ? [receiver, sender] : [sender, receiver];
  const beyond = added
    ? `MPTCP ${isAnswer ? 'ends' : 'begins'} there, and ${sender} has plain TCP`
    : 'on each side of it runs an MPTCP connection of its own, whose keys the other side does not know';
  return {
    code: 'option-altered',
    severity: 'error',
    quirk: 'proxy',
    message: `Something on the path answers ${opener} in the name of ${answerer}, and has a connection of its own to it, with other sequence numbers both ways: ${beyond}.`,
    advice: `Look ${PROXY}. MPTCP from end to end must pass it by.`,
    rfc: '8684 §6',
  };
}

/** Options did not arrive; `moved`: sequence numbers are others in both directions. */
export function stripped(
  group: Group<OptionStripped>,
  { sender, receiver }: Names,
  outcome: Outcome,
  moved: boolean,
): Said {
  const options = [...new Set(group.map(({ option }) => option))];
  const segmentsOf = (option: string | undefined): SegmentName[] =>
    group.filter((one) => one.option === option).map(({ segment }) => segment);
  const where = options.map((option) => `${option} from ${tally(segmentsOf(option))}`);
  const blank = group.some(({ blanked }) => blanked) ? ', and left No-Operation in its place' : '';
  const [first = ''] = options;
  const effect = afterStripping(first, new Set(segmentsOf(first)), receiver);
  return {
    code: 'option-stripped',
    severity: 'warning',
    message: `The path stripped ${list(where)} of ${sender}${blank}. ${effect}${endOf(outcome, first)}`,
    advice: moved
      ? `Sequence numbers are others in both directions: look ${PROXY}, or a firewall that rewrites sequence numbers and clears TCP option 30.`
      : STRIPPING,
    rfc: '8684 §6',
  };
}

/** What it means to a receiver that an option did not arrive. */
function afterStripping(option: string, segments: ReadonlySet<SegmentName>, receiver: string): string {
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

/** Options of one type arrived otherwise. */
export function altered(group: Group<OptionAltered>, { sender, receiver }: Names, outcome: Outcome): Said {
  const whats = [...new Set(group.map(whatOf))];
  const [option = 'MALFORMED'] = group.map((one) => one.option);
  const alike = whats.length;
  const more = alike === 1 ? '' : `, and ${alike - 1} other change${alike === 2 ? '' : 's'}`;
  const effect = afterAltering(option, group, sender, receiver);
  return {
    code: 'option-altered',
    severity: 'error',
    message: `The path changed ${option} in ${tally(group.map(({ segment }) => segment))} of ${sender}: ${whats[0] ?? ''}${more}.${effect}${endOf(outcome, option)}`,
    advice:
      'Look between the two captures for a box that rewrites TCP options: a firewall that "normalises", a NAT with a helper for addresses inside packets.',
    rfc: '8684 §6',
  };
}

/** What it means to a receiver that an option arrived otherwise. */
function afterAltering(option: string, group: Group<OptionAltered>, sender: string, receiver: string): string {
  const added = group.some((one) => one.added);
  const changed = new Set(group.flatMap(({ fields }) => fields.map(({ name }) => name)));
  const hasAny = (...names: FieldName[]): boolean => names.some((name) => changed.has(name));
  switch (option) {
    case 'MP_CAPABLE':
      return ' The two hosts do not speak of the same handshake.';
    case 'MP_JOIN':
      if (hasAny('receiverToken')) return ` ${receiver} knows no connection by that token, or another one.`;
      return added || hasAny('nonce', 'hmac', 'truncatedHmac') ? ' The HMACs of the join cannot fit.' : '';
    case 'ADD_ADDR':
      return ` Its HMAC does not fit any more, so ${receiver} ignores the address and no subflow will go there.`;
    case 'DSS':
      if (added || hasAny('dataSequenceNumber', 'subflowSequenceNumber', 'dataLevelLength', 'dataFin'))
        return ` ${receiver} puts data elsewhere than ${sender} meant, or refuses it.`;
      if (hasAny('checksum')) return ` The checksum does not fit the data, so ${receiver} refuses it.`;
      return hasAny('dataAck') ? ` ${receiver} takes other data for received than ${sender} has.` : '';
    default:
      return '';
  }
}

/** Only acknowledgments show it that nothing but their options tells apart. */
export function doubtful(said: Said): Said {
  const message = `${said.message} Or else each capture missed one of two acknowledgments that differ.`;
  return { ...said, severity: 'note', message };
}

/** Data arrived with other content. */
export function payloadAltered(group: Group<PayloadAltered>, { sender, receiver }: Names, outcome: Outcome): Said {
  const shown = group.find(({ before, after }) => before !== after) ?? group[0];
  const checked = outcome.client?.connection.checksum ?? outcome.server?.connection.checksum ?? false;
  const noticed = checked
    ? 'DSS checksums show it to the receiver.'
    : `This connection has no DSS checksums, so ${receiver} took the data as it came: its application got other octets than were sent.`;
  const what = shown === undefined ? '' : whatOf(shown);
  return {
    code: 'payload-altered',
    severity: 'error',
    message: `The path changed the data of ${sender} in ${tally(group.map(() => 'segment'))} (${what}). ${noticed}${endOf(outcome)}`,
    advice: `Look between the two captures for an application-level gateway or proxy that rewrites payload (FTP, SIP, HTTP helpers)${checked ? '' : '; with checksums MPTCP notices (sysctl net.mptcp.checksum_enabled=1)'}.`,
    rfc: '8684 §3.7',
  };
}

/** Addresses were translated. */
export function addressesRewritten(group: readonly Deed[]): Said {
  return natOnPath(`On the path, ${group.map(whatOf).join(' and ')}`);
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

/** SYNs with MPTCP did not arrive, and one without it did. */
export function synsDropped(count: number, opener: string, { sender, receiver }: Names): Said {
  return {
    code: 'no-mptcp-in-syn-ack',
    severity: 'warning',
    quirk: 'syn-dropped',
    message: `${count} SYN${count === 1 ? '' : 's'} with MPTCP left ${sender} and never reached ${receiver}; a SYN without it did. Something on the path drops SYNs that carry MPTCP, so this is plain TCP.`,
    advice: `Look between the two captures for a firewall that drops SYNs with unknown TCP options. Until it is gone each new connection of the ${opener} waits for the retries (sysctl net.mptcp.syn_retrans_before_tcp_fallback).`,
    rfc: '8684 §3.7',
  };
}

/** Of a join the other capture has nothing. */
export function joinElsewhere({ subflow }: Seen, { sender }: Names, opener: string): Said {
  const target = formatEndpoint(subflow.initiator === 'client' ? subflow.server : subflow.client);
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
    advice: `Behind a load balancer, ${BALANCED}.`,
    rfc: '8684 §3.2',
  };
}

/**
 * A first subflow was answered, and not by the server.
 *
 * @param translated - the server's capture has not this address, only connections that went to it
 * @param sure - more of it is missing there than a capture misses
 */
export function answeredOnPath(answer: Lone, { sender, receiver }: Names, translated: boolean, sure: boolean): Said {
  const { segment, mptcp, frame } = answer;
  const what =
    segment === 'RST'
      ? 'a RST'
      : `${segment === 'SYN/ACK' ? 'a SYN/ACK' : 'a segment'} with${mptcp ? '' : 'out'} MPTCP`;
  const who = translated
    ? 'a load balancer or NAT sent it to another host, or answered itself'
    : "something on the path answered in the server's place, or sent it to another host";
  return {
    code: segment === 'RST' ? 'subflow-reset' : mptcp ? 'option-altered' : 'no-mptcp-in-syn-ack',
    severity: translated || !sure ? 'note' : 'warning',
    quirk: 'answered-on-path',
    message: `The SYN of ${sender} to ${receiver} was answered by ${what} (client frame ${frame}), and the capture at the server has nothing of this connection: ${who}, unless that capture does not look where it arrived.`,
    advice: `Look ${PROXY}, or a firewall that answers SYNs itself.`,
    rfc: '8684 §6',
  };
}

/** By their clocks, segments arrived before they were sent. */
export function wrongWayRound(): Said {
  return {
    code: 'wrong-way-round',
    severity: 'warning',
    message:
      'The captures seem to be the wrong way round: by their clocks segments arrived before they were sent, so all that is said of client and server is to be read the other way.',
    advice: "Name the client's capture first, then the server's.",
  };
}

/** Two captures do not each miss the one RST that the other has. */
export function forgedResets({ sender, receiver }: Names, toSender: Lone, toReceiver: Lone): Said {
  return {
    code: 'subflow-reset',
    severity: 'warning',
    message: `A RST reached ${sender} (client frame ${toSender.frame}) and another one ${receiver} (server frame ${toReceiver.frame}), each in the other's name, and by the captures neither host sent one: something on the path ended the connection.`,
    advice: RESETTING,
    rfc: '8684 §3.6',
  };
}

/** A RST arrived that its sender's capture does not have. */
export function forgedReset({ sender, receiver }: Names, { at, frame, sender: own }: Lone): Said {
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
