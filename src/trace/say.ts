/**
 * The sentences of the findings, for a person at three in the morning: what happened, what
 * it means, what to do.
 *
 * @module
 */
import type { Violation } from '../mptcp/violations.ts';
import { BLANK } from './context.ts';
import type { Finding, FindingCode, Severity } from './finding.ts';
import type { VerdictQuirk } from './verdict.ts';

/** A finding without its frames: whoever finds it adds them. */
export type Said = Omit<Finding, 'frames' | 'subflow'>;

/** What not every finding has. */
type Extra = { readonly advice?: string; readonly rfc?: string; readonly quirk?: string };

/** One of them. */
export function say(code: FindingCode, severity: Severity, message: string, extra: Extra = {}): Said {
  return { code, severity, message, ...extra };
}

/** Advice where a handshake is missing. */
export const CAPTURE_BETTER =
  'Capture on all interfaces, from before the first SYN: tcpdump -i any -s 0 -w trace.pcap tcp';

const CLEARING =
  'Look for a firewall rule on the path that clears TCP options (nft "reset tcp option mptcp", TCPOPTSTRIP, "tcp normalization").';

const WHOLE_PACKETS = 'Capture whole packets (tcpdump -s 0); for options alone 128 octets are enough.';

/** The SYN/ACK came without MPTCP. `nops`: octets of No-Operation in a row where the option could have been. */
export function noMptcpInSynAck(server: string, nops: number): Said {
  const blanked = nops >= BLANK;
  const blank = blanked
    ? ` ${nops} octets of padding stand where its option may have been: something on the path blanked it.`
    : '';
  return say(
    'no-mptcp-in-syn-ack',
    'warning',
    `The SYN offered MPTCP and the SYN/ACK of ${server} came without it, so this is plain TCP.${blank}`,
    {
      advice: blanked
        ? CLEARING
        : `Check that ${server} listens with MPTCP (ss -Ml there; Go 1.24 and later does by default, others through IPPROTO_MPTCP or mptcpize; sysctl net.mptcp.enabled=1). If it does, capture there too: the option is lost on the way, and "mptcp-codec diff" shows where.`,
      rfc: '8684 §3.7',
    },
  );
}

/** SYNs with MPTCP went unanswered; one without it was answered. */
export function synsDropped(server: string, tries: number): Said {
  return say(
    'no-mptcp-in-syn-ack',
    'warning',
    `${tries} SYN${tries === 1 ? '' : 's'} with MPTCP to ${server} went unanswered, and one without it was answered at once: something on the path drops SYNs that carry MPTCP. This is plain TCP.`,
    {
      quirk: 'syn-dropped',
      advice:
        'Look for a firewall that drops SYNs with unknown TCP options. Until it is gone each new connection waits for the retries (sysctl net.mptcp.syn_retrans_before_tcp_fallback, net.mptcp.blackhole_timeout).',
      rfc: '8684 §3.7',
    },
  );
}

/** SYNs went unanswered, with MPTCP and without; the one that was answered had none. */
export function synsLost(server: string, offers: number, plains: number): Said {
  return say(
    'no-mptcp-in-syn-ack',
    'warning',
    `SYNs to ${server} went unanswered, ${offers} with MPTCP and ${plains} without it. The one that was answered at last had none: a host gives MPTCP up after some tries. This is plain TCP.`,
    {
      advice:
        'Look for lost packets, and for a listener that is too slow (ss -ltn there: Recv-Q beyond Send-Q). How many tries it is: sysctl net.mptcp.syn_retrans_before_tcp_fallback.',
      rfc: '8684 §3.7',
    },
  );
}

/** The offer could not be accepted by anyone who follows the RFC. */
export function offerRefused(server: string, why: string): Said {
  return say(
    'offer-refused',
    'warning',
    `${server} answered without MPTCP, and had to: the offer has ${why}. This is plain TCP.`,
    {
      advice:
        'Look at who wrote that option: an old stack (Linux 5.6 and later speak version 1 only), or a middlebox that changes bits.',
      rfc: '8684 §3.1',
    },
  );
}

/** Something on the path removed an MPTCP option: No-Operation stands where it was, or another copy of the segment has it. */
export function optionStripped(from: string, nops: number | undefined, where: string): Said {
  const proof =
    nops === undefined
      ? 'no MPTCP option, and another copy has it: something on the path removed the option'
      : `${nops} octets of No-Operation in a row and no MPTCP option: something on the path blanked the option`;
  return say('option-stripped', 'warning', `${where} from ${from} carries ${proof}.`, {
    advice:
      'Look for a firewall rule between there and the capture that clears TCP option 30 (nft "reset tcp option mptcp", TCPOPTSTRIP).',
    rfc: '8684 §6',
  });
}

/** Two copies of one segment carry different MPTCP options. */
export function optionAltered(from: string, segment: 'SYN' | 'SYN/ACK'): Said {
  return say(
    'option-altered',
    'error',
    `Two copies of the ${segment} of ${from} carry different MPTCP options: one was changed on the way.`,
    {
      advice:
        'Look for something on the path that rewrites TCP options; "mptcp-codec diff" with a capture from the other host shows where.',
      rfc: '8684 §6',
    },
  );
}

/** The third packet and what follows came without MPTCP. */
export function noMptcpInThirdAck(client: string): Said {
  return say(
    'no-mptcp-in-third-ack',
    'warning',
    `The SYN/ACK accepted MPTCP, but ${client} went on without it, so this is plain TCP.`,
    {
      advice:
        'Either the option was stripped from the SYN/ACK on its way to the client, or from what the client sent. Capture at the client and run "mptcp-codec diff".',
      rfc: '8684 §3.7',
    },
  );
}

/** Data without a mapping after the handshake. */
export function mptcpLost(from: string, octets: number, single: boolean): Said {
  return say(
    'mptcp-lost-after-handshake',
    'warning',
    `${from} sent ${octets} octets that no mapping covers, after a good MPTCP handshake: ${single ? 'from here on this is plain TCP' : 'the peer resets a subflow for this'}.`,
    {
      advice:
        'Either MPTCP options are stripped on the path (compare a capture from the other host: "mptcp-codec diff"), or this host had fallen back to TCP before: look at what it received just before.',
      rfc: '8684 §3.7',
    },
  );
}

/** A host stopped sending MPTCP options, while the other goes on and waits for its Data ACKs. */
export function mptcpSilent(from: string, to: string, octets: number): Said {
  return say(
    'mptcp-lost-after-handshake',
    'warning',
    `${from} sends no MPTCP options any more, and never acknowledged ${octets} octets of data on the MPTCP level: it has fallen back to TCP, and ${to} has not noticed. ${to} repeats its data, which ${from} takes for more.`,
    {
      quirk: 'one-sided',
      advice: `Look at what ${from} received just before: an option that was stripped on the way makes it fall back alone.`,
      rfc: '8684 §3.7',
    },
  );
}

/** A DSS declared an infinite mapping. */
export function infiniteMapping(from: string): Said {
  return say(
    'infinite-mapping',
    'warning',
    `${from} declared an infinite mapping: it falls back to plain TCP on this subflow, and no other subflow can join any more.`,
    {
      advice: 'Look at what came before it: usually a checksum failure (MP_FAIL), or options that stopped arriving.',
      rfc: '8684 §3.7',
    },
  );
}

/** A host reported a checksum failure. */
export function mpFail(from: string, to: string, relative: string, then: 'fallback' | 'others' | 'last'): Said {
  return say(
    'mp-fail',
    'warning',
    `${from} reports that data from ${to} at data sequence number ${relative} fails its checksum: something on the path changes the data. ${AFTER_FAIL[then]}`,
    {
      advice:
        'Look for an application-level gateway or proxy on this path that rewrites payload (FTP, SIP, HTTP helpers).',
      rfc: '8684 §3.7',
    },
  );
}

const AFTER_FAIL = {
  fallback: 'With a single subflow, the connection falls back to TCP.',
  others: 'It resets this subflow; others go on.',
  last: 'It resets this subflow, and there is no other left.',
} as const;

/** A checksum that does not verify. */
export function checksumBad(from: string, relative: string, quirk: VerdictQuirk | undefined, repeat: boolean): Said {
  if (quirk === 'byte-swapped') {
    return say(
      'checksum-bad',
      'error',
      `The DSS checksum from ${from} at data sequence number ${relative} is right with its octets exchanged: Linux 5.14 to 5.17 on little-endian machines sends it so. Other stacks refuse the data.`,
      { quirk, advice: `Update the kernel of ${from} to 5.18 or later.`, rfc: '8684 §3.3.1' },
    );
  }
  return say(
    'checksum-bad',
    'error',
    repeat
      ? `Data from ${from} at data sequence number ${relative} came twice with different content: one of the two fails the checksum.`
      : `The DSS checksum from ${from} at data sequence number ${relative} does not fit the data captured: the data, or its mapping, was changed on the way to this capture.`,
    { advice: 'Look for something between the sender and the capture that rewrites payload.', rfc: '8684 §3.3.1' },
  );
}

/** A mapping without the checksum that the handshake agreed on. */
export function checksumMissing(from: string): Said {
  return say(
    'checksum-missing',
    'warning',
    `${from} sends mappings without a checksum, though the handshake agreed on checksums: the peer falls back or resets the subflow.`,
    {
      advice: 'The sender, or something that rewrites its options, is at fault.',
      rfc: '8684 §3.3.1',
    },
  );
}

/** A checksum that nobody asked for. */
export function checksumNotNegotiated(from: string): Said {
  return say(
    'checksum-not-negotiated',
    'warning',
    `${from} sends checksums that the handshake did not agree on: the peer falls back or resets the subflow.`,
    {
      advice: 'The sender, or something that cleared flag A in the handshake, is at fault.',
      rfc: '8684 §3.3.1',
    },
  );
}

/** Mapping and data disagree. */
export function mappingMismatch(from: string, what: string): Said {
  return say('mapping-mismatch', 'warning', `${from}: ${what}. The peer falls back to TCP, or resets the subflow.`, {
    advice:
      'Look for something on the path that changes the length of the data, or its sequence numbers, without knowing MPTCP.',
    rfc: '8684 §3.3.1',
  });
}

/** An ADD_ADDR HMAC that does not verify. */
export function addAddrHmacBad(from: string, address: string, quirk: VerdictQuirk | undefined): Said {
  const explained = {
    'leftmost-64': 'It carries the leftmost 64 bits where the rightmost belong: Linux before 5.7 sends it so.',
    'port-zero': 'It was computed with port 0 though it has a port: Linux 5.11 sends it so.',
  } as const;
  const why =
    quirk === 'leftmost-64' || quirk === 'port-zero'
      ? explained[quirk]
      : 'The option was changed on the way (a NAT that rewrites addresses inside options), or forged.';
  const extra = { advice: 'The peer ignores it, so no subflow will go there.', rfc: '8684 §3.4.1' };
  return say(
    'add-addr-hmac-bad',
    'error',
    `The HMAC of the address ${address} that ${from} advertises does not verify. ${why}`,
    quirk === undefined ? extra : { ...extra, quirk },
  );
}

/** An advertisement that nobody confirmed. */
export function addAddrNotEchoed(from: string, address: string): Said {
  return say('add-addr-not-echoed', 'note', `The address ${address} that ${from} advertises was never echoed.`, {
    advice: 'The option did not arrive (stripped, or lost and not repeated), or this capture missed the echo.',
    rfc: '8684 §3.4.1',
  });
}

/** An advertisement that nobody used; `mixed`: it is of IPv6, and the connection runs over IPv4. */
export function addAddrNotJoined(from: string, address: string, byClient: boolean, mixed: boolean): Said {
  const family = mixed ? 'A socket of IPv4 alone cannot join to an address of IPv6. ' : '';
  const advice = byClient
    ? 'Linux servers do not open subflows unless told to (ip mptcp limits set add_addr_accepted N on the server).'
    : 'The client may not be allowed to use it (ip mptcp limits set subflows N add_addr_accepted N there), or this capture does not cover the path of the join.';
  return say(
    'add-addr-not-joined',
    'note',
    `The address ${address} that ${from} advertises was echoed, but no join went to it.`,
    { advice: `${family}${advice}`, rfc: '8684 §3.4.1' },
  );
}

/** Addresses are translated on the path. */
export function natOnPath(message: string): Said {
  return say('nat-on-path', 'note', `${message}: a NAT is on the path.`, {
    advice: 'MPTCP works through NAT; advertised addresses, however, must be reachable as they are.',
    rfc: '8684 §3.4.1',
  });
}

/** The third packet echoed another key. */
export function keyEchoBad(client: string): Said {
  return say(
    'key-echo-bad',
    'warning',
    `${client} echoes another key than the SYN/ACK carried: one of the two was changed on the way. Linux does not check this, but joins fail.`,
    {
      advice: 'Look for a middlebox that answers SYNs itself (SYN proxy) or rewrites options.',
      rfc: '8684 §3.1',
    },
  );
}

/** A host shows two keys, or a key that is not the one of its data. */
export function keyMismatch(host: string, how: 'copies' | 'data'): Said {
  return say(
    'key-mismatch',
    'error',
    how === 'copies'
      ? `${host} shows two different keys in one handshake: an option was changed on the way, or two hosts answer for one.`
      : `The data sequence numbers of ${host} do not begin where its key says: the key, or the numbers, were changed on the way.`,
    {
      advice: 'Compare with a capture from the other host: "mptcp-codec diff" shows what the path changed.',
      rfc: '8684 §3.1',
    },
  );
}

/** Data was repeated on a subflow, and never acknowledged there. */
export function subflowStalled(from: string, to: string, times: number, seconds: number, single: boolean): Said {
  return say(
    'subflow-stalled',
    'warning',
    `${from} repeated the same data ${times} times within ${seconds.toFixed(1)} s, and this capture has no acknowledgment of it from ${to}: this subflow no longer carries data there, or acknowledgments back.${single ? ' There is no other one.' : ''}`,
    {
      advice:
        'Check the path between these two addresses: a link or a route that went away, a firewall or NAT that forgot the connection (conntrack), an MTU that large packets exceed (tracepath); and that what comes back passes this capture at all. Linux sets such a subflow aside (nstat -a MPTcpExtSubflowStale), and gives it up much later.',
      rfc: '8684 §3.3.6',
    },
  );
}

/** Two live connections with one token. */
export function tokenCollision(token: string): Said {
  return say(
    'token-collision',
    'warning',
    `Two live connections share the token ${token}: a join with it can only be told apart by its HMAC.`,
    {
      advice:
        'With 32 random bits this is rare; the same key twice means a broken random number generator, or one connection captured at both sides of a NAT that rewrites sequence numbers.',
      rfc: '8684 §3.2',
    },
  );
}

/** A clause that an option breaks. */
export function violation(found: Violation, type: string): Said {
  return say('violation', found.severity, `${type}: ${found.message}.`, { rfc: found.rfc, quirk: found.code });
}

/** The capture began after the handshake. */
export function midStream(): Said {
  return say(
    'mid-stream',
    'note',
    'This connection began before the capture, or had no MPTCP in its handshake: keys, tokens and joins cannot be told.',
    { advice: CAPTURE_BETTER },
  );
}

/** The capture file is damaged. */
export function captureDamaged(what: string): Said {
  return say('capture-damaged', 'note', `The capture is damaged: ${what}. What was lost cannot be told.`);
}

/** The snaplen cut data that a checksum covers. */
export function payloadCut(): Said {
  return say('payload-cut', 'note', 'The capture cut the packets, so DSS checksums cannot be verified.', {
    advice: WHOLE_PACKETS,
  });
}

/** The snaplen cut the options of segments with data. */
export function optionsCut(): Said {
  return say(
    'payload-cut',
    'note',
    'The capture cut the options of segments with data: where that data belongs in the stream cannot be told.',
    { advice: WHOLE_PACKETS },
  );
}

/** The snaplen cut the options of segments that belong to nothing known. */
export function segmentsCut(count: number): Said {
  return say(
    'payload-cut',
    'note',
    `The capture cut the options of ${count} TCP segment${count === 1 ? '' : 's'} outside the connections found: whether they carry MPTCP cannot be told.`,
    { advice: WHOLE_PACKETS },
  );
}

/** SYNs without MPTCP in which something was blanked. */
export function synsBlanked(count: number): Said {
  return say(
    'option-stripped',
    'note',
    `${count} SYN${count === 1 ? ' carries' : 's carry'} no MPTCP option, and ${BLANK} octets or more of No-Operation in a row: something on the path blanked an option there, which may have been MP_CAPABLE or MP_JOIN.`,
    {
      advice: `Capture at the client too, and run "mptcp-codec diff". ${CLEARING}`,
      rfc: '8684 §6',
    },
  );
}

/** A bound of the tracer was reached. */
export function limitReached(what: string): Said {
  return say('limit-reached', 'note', `${what}. What they did cannot be told.`, {
    advice: 'Filter the capture to the hosts of interest (tcpdump -r FILE -w SMALLER host ADDRESS).',
  });
}
