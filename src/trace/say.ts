/**
 * The sentences of the findings, for a person at three in the morning: what happened, what
 * it means, what to do.
 *
 * @module
 */
import { RESET_REASON_TEXT } from '../mptcp/registry.ts';
import type { Violation } from '../mptcp/violations.ts';
import type { Finding, FindingCode, Severity } from './finding.ts';
import type { VerdictQuirk } from './verdict.ts';

/** A finding without its frames: whoever finds it adds them. */
export type Said = Omit<Finding, 'frames' | 'subflow'>;

type Extra = { readonly advice?: string; readonly rfc?: string; readonly quirk?: string };

function say(code: FindingCode, severity: Severity, message: string, extra: Extra = {}): Said {
  return { code, severity, message, ...extra };
}

const CAPTURE_BETTER = 'Capture on all interfaces, from before the first SYN: tcpdump -i any -s 0 -w trace.pcap tcp';

const WHOLE_PACKETS = 'Capture whole packets (tcpdump -s 0); for options alone 128 octets are enough.';

/** The SYN/ACK came without MPTCP. `nops`: octets of No-Operation in a row where the option could have been. */
export function noMptcpInSynAck(server: string, nops: number): Said {
  const blank =
    nops >= 4
      ? ` ${nops} octets of padding stand where its option may have been: something on the path blanked it.`
      : '';
  return say(
    'no-mptcp-in-syn-ack',
    'warning',
    `The SYN offered MPTCP and the SYN/ACK of ${server} came without it, so this is plain TCP.${blank}`,
    {
      advice:
        nops >= 4
          ? 'Look for a firewall rule on the path that clears TCP options (nft "reset tcp option mptcp", TCPOPTSTRIP, "tcp normalization").'
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

/** A join HMAC that does not verify. */
export function joinHmacBad(from: string, step: 'SYN/ACK' | 'third ACK', reset: boolean): Said {
  return say(
    'join-hmac-bad',
    'error',
    `The HMAC in the MP_JOIN ${step} of ${from} does not prove the keys of this connection${reset ? ', and the subflow was reset for it' : ''}.`,
    {
      advice:
        step === 'SYN/ACK'
          ? 'Another host answered the join (a load balancer or NAT sent it elsewhere), the option was changed on the way, or somebody is guessing.'
          : 'The option was changed on the way, or somebody without the keys tries to join.',
      rfc: '8684 §3.2',
    },
  );
}

/** A join for a connection whose handshake was not seen. */
export function joinUnknownToken(
  token: string,
  to: string,
  outcome: 'reset' | 'plain' | 'accepted' | 'unanswered',
  reason: number | undefined,
): Said {
  const end = {
    reset:
      reason === undefined
        ? `, and it was reset: ${to} does not know it either, or nothing listens there`
        : `, and it was reset with reason ${reason} (${resetReason(reason)}): ${to} does not know it either`,
    plain: `, and ${to} answered without MPTCP: it does not know it either, or does not speak MPTCP`,
    accepted: `; ${to} accepted it`,
    unanswered: '; it got no answer',
  }[outcome];
  return say(
    'join-unknown-token',
    outcome === 'reset' ? 'error' : 'warning',
    `A join names token ${token}, which belongs to no connection whose keys this capture shows${end}.`,
    {
      advice:
        outcome === 'reset'
          ? 'If the connection lives on another server, a load balancer sent the join here: let each server advertise an address of its own (ip mptcp endpoint add ADDRESS dev DEV signal) and refuse joins to the shared one (sysctl net.mptcp.allow_join_initial_addr_port=0).'
          : CAPTURE_BETTER,
      rfc: '8684 §3.2',
    },
  );
}

/** How far a join had come when it was refused, or what was wrong with it. */
export type JoinStage = 'own-token' | 'to-client' | 'unknown' | 'no-third' | 'third-unseen' | 'known';

/** A join was answered by a reset. */
export function joinRefused(
  to: string,
  reason: number | undefined,
  closed: { readonly frame: number; readonly whole: boolean } | undefined,
  stage: JoinStage,
): Said {
  if (closed !== undefined) {
    return say(
      'join-refused',
      'note',
      `${to} reset a join whose connection had ${closed.whole ? 'closed' : 'begun to close'} (frame ${closed.frame}), as it should.`,
      { rfc: '8684 §3.2' },
    );
  }
  const why = reason === undefined ? 'without saying why' : `with reason ${reason} (${resetReason(reason)})`;
  const waited = stage === 'no-third' ? ', after a third packet that had no MP_JOIN' : '';
  return say('join-refused', 'error', `${to} refused the join ${why}${waited}.`, {
    advice: refusalAdvice(reason, stage),
    rfc: '8684 §3.2',
  });
}

function refusalAdvice(reason: number | undefined, stage: JoinStage): string {
  if (stage === 'to-client') {
    return 'The client connected from this port, and listens on it for nobody. A server joins where an endpoint of its own has flag subflow or fullmesh: give it flag signal instead (ip mptcp endpoint), so that the client joins there.';
  }
  if (reason === 3) {
    return 'The host accepts no more subflows: raise its limit there (ip mptcp limits set subflows N add_addr_accepted N).';
  }
  if (stage === 'no-third') {
    return 'The host knew the token and waited for the HMAC of the third packet: the option was stripped on the way there, or never sent.';
  }
  const known = RESET_ADVICE[reason ?? -1];
  if (known !== undefined && reason !== 6) return known;
  if (stage === 'known') {
    return 'The host knew the token, as its HMAC proves, and both HMACs are right in this capture. Look at its limits (ip mptcp limits), and whether the third packet reached it unchanged: capture there too, and run "mptcp-codec diff".';
  }
  if (stage === 'third-unseen') {
    return 'The host knew the token, as its HMAC proves. What it objected to came behind its SYN/ACK, and is not in this capture: capture there too, and run "mptcp-codec diff".';
  }
  if (stage === 'own-token') {
    return 'The join carries the token of the host that sent it; it must carry the token of the host it goes to.';
  }
  return reason === undefined
    ? 'Nothing listens there: a firewall, or a port that is not the one advertised (behind a port-translating load balancer, advertise with a port: ip mptcp endpoint add ADDRESS port PORT signal).'
    : 'The host does not know the token: the connection lives elsewhere, or is gone there. Check the load balancer and the state on that host (ss -Mni).';
}

/** A host reset the join that it had begun itself. */
export function joinGivenUp(from: string, to: string, reason: number | undefined): Said {
  const why = reason === undefined ? '' : ` with reason ${reason} (${resetReason(reason)})`;
  const advice =
    reason === undefined
      ? `A plain RST means that no socket waited for that SYN/ACK: ${from} had given up before, or the SYN/ACK came in by another device than that of its endpoint (ip mptcp endpoint and ip route get there).`
      : `Nothing in this capture speaks against that SYN/ACK. ${from} may have given up before it came, may have no room for the subflow any more (ip mptcp limits there), or received another one: capture there too, and run "mptcp-codec diff".`;
  return say('join-refused', 'error', `${from} began a join, and answered the SYN/ACK of ${to} with a RST${why}.`, {
    advice,
    rfc: '8684 §3.2',
  });
}

/** The SYN/ACK of a join came without MPTCP. */
export function joinNoOption(to: string, nops: number): Said {
  return say(
    'join-no-option-in-syn-ack',
    'error',
    `${to} answered the join with a plain SYN/ACK${nops >= 4 ? `, with ${nops} octets of No-Operation in a row` : ''}: the subflow cannot be used.`,
    {
      advice:
        'Either MPTCP options are stripped on this path (a firewall rule against TCP option 30), or what listens there does not speak MPTCP: the address may belong to another host.',
      rfc: '8684 §3.2',
    },
  );
}

/** The SYN of a join was never answered. */
export function joinNoAnswer(to: string, tries: number, closed: number | undefined): Said {
  const count = `${tries} SYN${tries === 1 ? '' : 's'}`;
  if (closed !== undefined) {
    const message = `A join to ${to} came after its connection had closed (frame ${closed}), and was never answered (${count}).`;
    return say('join-no-answer', 'note', message, { rfc: '8684 §3.2' });
  }
  return say('join-no-answer', 'warning', `The join to ${to} was never answered (${count}).`, {
    advice:
      'Check routing and firewalls between these two addresses; a SYN with MPTCP may be dropped where a plain one passes.',
    rfc: '8684 §3.2',
  });
}

/** The handshake of a join stopped half way. */
export function joinHangs(from: string, to: string, step: 'SYN/ACK' | 'third packet', seconds: number): Said {
  return say(
    'join-no-answer',
    'warning',
    `${from} repeated the ${step} of the join for ${seconds.toFixed(1)} s, and ${to} never answered it: what one of the two sends does not reach the other.`,
    {
      advice:
        'Check routing and firewalls between these two addresses, both ways: answers may take another path, past a firewall that never saw the SYN.',
      rfc: '8684 §3.2',
    },
  );
}

const BALANCED =
  'let each server advertise an address that leads to it alone (ip mptcp endpoint add ADDRESS dev DEV signal) and refuse joins to the shared one (sysctl net.mptcp.allow_join_initial_addr_port=0), so that clients join there.';

/** A join to the first address and port was reset by a host that does not know its connection; without a reason, by whomever. */
export function joinWrongHost(to: string, reason: number | undefined): Said {
  const target = `The join to ${to}, the address and port of the first subflow,`;
  const known = reason !== undefined;
  return say(
    'join-wrong-host',
    'error',
    known
      ? `${target} reached a host that does not know the connection (it sent a RST with reason ${reason}, ${resetReason(reason)}), while the connection lives: a load balancer or NAT sent it elsewhere.`
      : `${target} was answered by a plain RST, while the connection lives: nothing listens there any more, a firewall on this path rejects it, or a load balancer or NAT sent it to a host that does not know the connection.`,
    {
      advice: `${known ? '' : 'Check that the server still listens (ss -Mltn there: Linux takes joins where it takes connections), and for a firewall between these two addresses. '}Behind a load balancer, ${BALANCED}`,
      rfc: '8684 §3.2',
    },
  );
}

/** A join to an address and port whose owner set flag C. */
export function joinToDenied(to: string, from: string): Said {
  return say(
    'join-to-denied-address',
    'warning',
    `${from} joins to ${to}, though its owner said (flag C) that it accepts no joins to this address and port.`,
    {
      advice: 'The joining stack ignores flag C (Linux before 5.14 does): update it.',
      rfc: '8684 §3.1',
    },
  );
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

/** A connection was closed at once. */
export function fastclose(from: string): Said {
  return say(
    'fastclose',
    'note',
    `${from} closed the connection at once (MP_FASTCLOSE): the application aborted it, or died with data unread.`,
    {
      rfc: '8684 §3.5',
    },
  );
}

/** MP_FASTCLOSE with a key that is not the receiver's. */
export function fastcloseKeyBad(from: string): Said {
  return say(
    'fastclose-key-bad',
    'warning',
    `The MP_FASTCLOSE from ${from} carries a key that is not the receiver's: it is ignored.`,
    {
      advice: 'Either the option was changed on the way, or somebody without the keys tries to close the connection.',
      rfc: '8684 §3.5',
    },
  );
}

/** A working subflow was reset. */
export function subflowReset(
  from: string,
  reason: number | undefined,
  transient: boolean,
  ending: boolean,
  removed: number | undefined,
): Said {
  if (removed !== undefined) {
    const message = `${from} reset a subflow whose address was removed (frame ${removed}), as it should.`;
    return say('subflow-reset', 'note', message, { rfc: '8684 §3.4.2' });
  }
  const why =
    reason === undefined
      ? 'without saying why'
      : `with reason ${reason} (${resetReason(reason)}), ${transient ? 'for now' : 'for good'}`;
  return say('subflow-reset', ending ? 'note' : 'warning', `${from} reset a working subflow ${why}.`, {
    advice: reason === undefined ? PLAIN_RESET : (RESET_ADVICE[reason] ?? STATE),
    rfc: '8684 §3.6',
  });
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

const STATE = 'Look at the state of the connection on that host (ss -Mni, nstat -a MPTcpExt*).';

const PLAIN_RESET = `Linux says why (MP_TCPRST) where it knows the subflow: a plain RST comes of a firewall or NAT on the path that forgot the connection, or of a host that did. ${STATE}`;

const RESET_ADVICE: Readonly<Record<number, string>> = {
  2: 'The host lacks memory or slots for another subflow.',
  3: 'Its limits or its policy forbid the subflow (ip mptcp limits, ip mptcp endpoint).',
  5: 'The host found this path not worth using.',
  6: 'It saw data without mappings: options are stripped on this path.',
};

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
    `${count} SYN${count === 1 ? ' carries' : 's carry'} no MPTCP option, and 4 octets or more of No-Operation in a row: something on the path blanked an option there, which may have been MP_CAPABLE or MP_JOIN.`,
    {
      advice:
        'Capture at the client too, and run "mptcp-codec diff". Look for a firewall rule on the path that clears TCP options (nft "reset tcp option mptcp", TCPOPTSTRIP, "tcp normalization").',
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

/** Words for a reset reason. */
export function resetReason(reason: number): string {
  return RESET_REASON_TEXT[reason] ?? 'unassigned';
}
