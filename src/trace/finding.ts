/**
 * Findings: what an engineer should know, in a sentence.
 *
 * @module
 */
import type { Connection } from './connection.ts';

/** `error`: forged, corrupt, or refused. `warning`: MPTCP did not give what was asked. `note`: worth knowing. */
export type Severity = 'error' | 'warning' | 'note';

/** Stable names of the kinds of findings. */
export const FINDING_CODES = [
  'no-mptcp-in-syn-ack',
  'option-stripped',
  'option-altered',
  'payload-altered',
  'no-mptcp-in-third-ack',
  'mptcp-lost-after-handshake',
  'offer-refused',
  'infinite-mapping',
  'mp-fail',
  'checksum-bad',
  'checksum-missing',
  'checksum-not-negotiated',
  'mapping-mismatch',
  'join-hmac-bad',
  'join-unknown-token',
  'join-refused',
  'join-no-option-in-syn-ack',
  'join-no-answer',
  'join-wrong-host',
  'join-to-denied-address',
  'add-addr-hmac-bad',
  'add-addr-not-echoed',
  'add-addr-not-joined',
  'nat-on-path',
  'key-echo-bad',
  'key-mismatch',
  'fastclose',
  'fastclose-key-bad',
  'subflow-reset',
  'subflow-stalled',
  'token-collision',
  'violation',
  'mid-stream',
  'capture-damaged',
  'payload-cut',
  'limit-reached',
  'wrong-way-round',
] as const;

/** Stable name of a kind of finding. */
export type FindingCode = (typeof FINDING_CODES)[number];

/** What an engineer should know about a connection, or about the capture. */
export interface Finding {
  readonly code: FindingCode;
  readonly severity: Severity;
  /** The frames that show it in ascending order, at most {@link FRAMES} of them. */
  readonly frames: readonly number[];
  readonly subflow?: number | undefined;
  /** The known mistake behind it. */
  readonly quirk?: string | undefined;
  /** What happened and what it means, in one or two sentences. */
  readonly message: string;
  /** What to do about it. */
  readonly advice?: string | undefined;
  /** Where the rule stands, such as `8684 §3.7`. */
  readonly rfc?: string | undefined;
}

/** Frames that one finding names. */
export const FRAMES = 16;

const ascending = (a: number, b: number): number => a - b;

/** Findings that one connection keeps. */
const LIMIT = 256;

const RANK = { error: 0, warning: 1, note: 2 } as const;

/** Order of findings: errors first, then by their first frames. */
export function byGravity(a: Finding, b: Finding): number {
  return RANK[a.severity] - RANK[b.severity] || (a.frames[0] ?? 0) - (b.frames[0] ?? 0);
}

/** The findings of one connection, or those that belong to none: one for each subject. */
export class Findings {
  /** Made with the first: most connections have none. */
  #bySubject: Map<string, Finding & { frames: number[] }> | undefined = undefined;
  readonly #emit: (finding: Finding, connection: Connection | undefined) => void;
  readonly #connection: Connection | undefined;

  constructor(emit: (finding: Finding, connection: Connection | undefined) => void, connection?: Connection) {
    this.#emit = emit;
    this.#connection = connection;
  }

  /** Every finding, by its gravity. */
  get list(): Finding[] {
    if (this.#bySubject === undefined) return [];
    return [...this.#bySubject.values()].sort(byGravity);
  }

  /** Whether something of this code was found (on this subflow). */
  has(code: FindingCode, subflow?: number): boolean {
    return this.#of(code, subflow).length > 0;
  }

  /** What came later explains a finding on a subflow. */
  withdraw(code: FindingCode, subflow: number): void {
    for (const [key] of this.#of(code, subflow)) this.#bySubject?.delete(key);
  }

  /** What came later makes a finding on a subflow a note. */
  ease(code: FindingCode, subflow: number): void {
    for (const [key, finding] of this.#of(code, subflow)) this.#bySubject?.set(key, { ...finding, severity: 'note' });
  }

  /** The findings of a code (on this subflow), with their subjects. */
  #of(code: FindingCode, subflow?: number): [string, Finding & { frames: number[] }][] {
    if (this.#bySubject === undefined) return [];
    return [...this.#bySubject].filter(([, finding]) => {
      return finding.code === code && (subflow === undefined || finding.subflow === subflow);
    });
  }

  /**
   * Add a finding; where one on the same subject stands already, only its frames.
   *
   * @param subject - tells apart findings of one code; by default the subflow
   */
  add(finding: Finding, subject = `${finding.subflow ?? ''}`): void {
    this.#bySubject ??= new Map();
    const key = `${finding.code} ${subject}`;
    const known = this.#bySubject.get(key);
    if (known !== undefined) {
      for (const frame of finding.frames) {
        if (known.frames.length < FRAMES && !known.frames.includes(frame)) known.frames.push(frame);
      }
      known.frames.sort(ascending);
      return;
    }
    if (this.#bySubject.size >= LIMIT && finding.code !== 'limit-reached' && finding.code !== 'capture-damaged') return;
    const own = { ...finding, frames: [...finding.frames].sort(ascending).slice(0, FRAMES) };
    this.#bySubject.set(key, own);
    this.#emit(own, this.#connection);
  }
}
