/**
 * Sentences about what ends a subflow or a connection before its time.
 *
 * @module
 */
import { RESET_REASON_TEXT } from '../mptcp/registry.ts';
import { type Said, say } from './say.ts';

/** Words for a reset reason. */
export function resetReason(reason: number): string {
  return RESET_REASON_TEXT[reason] ?? 'unassigned';
}

/** `with reason 3 (too many subflows)`, say. */
export function withReason(reason: number): string {
  return `with reason ${reason} (${resetReason(reason)})`;
}

const STATE = 'Look at the state of the connection on that host (ss -Mni, nstat -a MPTcpExt*).';

const PLAIN_RESET = `Linux says why (MP_TCPRST) where it knows the subflow: a plain RST comes of a firewall or NAT on the path that forgot the connection, or of a host that did. ${STATE}`;

/** What to know about a reason, where there is something. */
export const RESET_ADVICE: Readonly<Record<number, string>> = {
  2: 'The host lacks memory or slots for another subflow.',
  3: 'Its limits or its policy forbid the subflow (ip mptcp limits, ip mptcp endpoint).',
  5: 'The host found this path not worth using.',
  6: 'It saw data without mappings: options are stripped on this path.',
};

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
    reason === undefined ? 'without saying why' : `${withReason(reason)}, ${transient ? 'for now' : 'for good'}`;
  return say('subflow-reset', ending ? 'note' : 'warning', `${from} reset a working subflow ${why}.`, {
    advice: reason === undefined ? PLAIN_RESET : (RESET_ADVICE[reason] ?? STATE),
    rfc: '8684 §3.6',
  });
}
