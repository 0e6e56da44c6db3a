/**
 * Where another decoder and ours disagree: each case by name, with the octets that show it.
 *
 * A rule foretells what the tool says of the octets that it is about. So it excuses exactly that: when the
 * tool says a third thing, or says it of other octets, the comparison fails.
 *
 * @module
 */
import type { Malformed } from '../../src/malformed.ts';
import type { MptcpOption } from '../../src/mptcp/option.ts';

/** A tool that reads MPTCP options. */
export type Tool = 'tshark' | 'tcpdump' | 'gopacket' | 'scapy';

/** The versions that the rules speak of. */
export const VERSIONS: Readonly<Record<Tool, string>> = {
  tshark: '4.0.17',
  tcpdump: '4.99.3',
  gopacket: '1.7.0',
  scapy: '2.5.0',
};

/** A TCP option on its way to a tool. */
export interface Seen {
  /** Absent where it is not of MPTCP. */
  readonly option: MptcpOption | Malformed | undefined;
  /** Its octets. */
  readonly bytes: Uint8Array;
  /** The octets of the list behind it. */
  readonly after: Uint8Array;
  /** Control bits of its segment. */
  readonly flags: number;
  readonly past: Past;
  /** The capture stops inside the option. */
  readonly cut: boolean;
  /** Its Length is below 2, or goes past the end of the list. */
  readonly broken: boolean;
}

/** What a tool that remembers has seen before an option. */
export interface Past {
  /** On the option's own connection: options other than MP_CAPABLE, before any key. */
  readonly disturbed: boolean;
  /**
   * The connection cannot be told from another: it shares a key with one on other addresses, a join to it came
   * before its keys did, or its addresses and ports had other keys or another version before.
   */
  readonly mistaken: boolean;
}

/** Octets that show a disagreement. */
export interface Example {
  /** Control bits of the segment. */
  readonly flags: number;
  /** The TCP option list in hex. */
  readonly options: string;
  /** What the tool makes of it, as the test prints it. */
  readonly says: string;
}

/** A frame of a capture that shows a disagreement. */
export interface Shown {
  /** File in `fixtures/captures`. */
  readonly capture: string;
  readonly frame: number;
  /** What the tool makes of the frame, as the test prints it. */
  readonly says: string;
  /** Wireshark fields to print; those of the options where left out. */
  readonly fields?: readonly string[] | undefined;
  /** What stands in our trace's line of that frame instead. */
  readonly ours?: string | undefined;
}

/** A disagreement. */
export interface Disagreement {
  /** Short and stable. */
  readonly id: string;
  readonly tool: Tool;
  /** One line. */
  readonly title: string;
  /** What the tool does. */
  readonly what: string;
  /** Who is right, and why. */
  readonly right: string;
  /** Section of the RFC that decides it. */
  readonly rfc: string;
  readonly example: Example | Shown;
}

/** A disagreement about one option, and what the tool reads there. */
export interface Rule<Reading> extends Disagreement {
  /**
   * What the tool makes of the option, given what it would make of it by the rules before this one.
   * More than one where that depends on what the tool remembers; nothing where the rule has nothing to say.
   */
  readonly reads: (seen: Seen, reading: Reading) => readonly Outcome<Reading>[];
}

/** What a tool makes of an option. */
export interface Outcome<Reading> {
  readonly reading: Reading;
  /** The tool gives up: `here`, and reads no more options of this segment, or after the list (`later`). */
  readonly fault?: 'here' | 'later' | undefined;
  /** Option kinds that it shows beside those of the whole options. */
  readonly kinds?: readonly number[] | undefined;
}

/** How often each rule applied, by id. */
export type Hits = Map<string, number>;

/** What a tool with these rules can make of an option, of which a tool without fault says `reading`. */
export function foretell<Reading>(
  rules: readonly Rule<Reading>[],
  seen: Seen,
  reading: Reading,
  hits: Hits,
): readonly Outcome<Reading>[] {
  let outcomes: readonly Outcome<Reading>[] = [{ reading }];
  for (const rule of rules) {
    const next = outcomes.map((outcome) => rule.reads(seen, outcome.reading));
    if (next.every((each) => each.length === 0)) continue;
    hits.set(rule.id, (hits.get(rule.id) ?? 0) + 1);
    outcomes = outcomes.flatMap((outcome, i) =>
      next[i]!.length === 0
        ? outcome
        : next[i]!.map(({ reading, fault, kinds }) => ({
            reading,
            fault: fault ?? outcome.fault,
            kinds: kinds ?? outcome.kinds,
          })),
    );
  }
  return outcomes;
}
