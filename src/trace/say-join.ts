/**
 * Sentences about joins.
 *
 * @module
 */
import { BLANK } from './context.ts';
import { CAPTURE_BETTER, type Said, say } from './say.ts';
import { RESET_ADVICE, resetReason, withReason } from './say-reset.ts';

/** Advice where joins to an address that servers share go astray: a clause. */
export const BALANCED =
  'let each server advertise an address that leads to it alone (ip mptcp endpoint add ADDRESS dev DEV signal) and refuse joins to the shared one (sysctl net.mptcp.allow_join_initial_addr_port=0)';

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
        : `, and it was reset ${withReason(reason)}: ${to} does not know it either`,
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
          ? `If the connection lives on another server, a load balancer sent the join here: ${BALANCED}.`
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
  const why = reason === undefined ? 'without saying why' : withReason(reason);
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
  const why = reason === undefined ? '' : ` ${withReason(reason)}`;
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
    `${to} answered the join with a plain SYN/ACK${nops >= BLANK ? `, with ${nops} octets of No-Operation in a row` : ''}: the subflow cannot be used.`,
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
      advice: `${known ? '' : 'Check that the server still listens (ss -Mltn there: Linux takes joins where it takes connections), and for a firewall between these two addresses. '}Behind a load balancer, ${BALANCED}, so that clients join there.`,
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
