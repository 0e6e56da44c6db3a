/**
 * What a path did to a segment, as values and in a few words.
 *
 * @module
 */
import type { Malformed } from '../malformed.ts';
import type { Mapping } from '../mptcp/dss.ts';
import type { MptcpOption } from '../mptcp/option.ts';

/** Type of an MPTCP option. */
export type OptionType = (MptcpOption | Malformed)['type'];

type Names<T> = T extends unknown ? keyof T : never;

/** Name of a field of an MPTCP option. */
export type FieldName = Exclude<Names<MptcpOption | Malformed>, 'type' | 'mapping'> | Names<Mapping>;

/** A field of an option that arrived with another value. */
export interface FieldChange {
  readonly name: FieldName;
  /** Its value as text; absent where it was not there. Keys and unknown data are never shown. */
  readonly before?: string | undefined;
  readonly after?: string | undefined;
}

/** An MPTCP option did not arrive. */
export interface OptionStripped {
  readonly kind: 'option-stripped';
  readonly option: OptionType;
  /** Its length. */
  readonly octets: number;
  /** As much No-Operation or more stands in its place. */
  readonly blanked: boolean;
}

/** An MPTCP option arrived with other octets, or arrived though it was not sent. */
export interface OptionAltered {
  readonly kind: 'option-altered';
  readonly option: OptionType;
  /** Its length as it arrived. */
  readonly octets: number;
  /** It was not sent: its fields are not listed. */
  readonly added: boolean;
  readonly fields: readonly FieldChange[];
}

/** Data arrived in another number of segments. */
export interface Resegmented {
  readonly kind: 'resegmented';
  readonly octets: number;
  /** Segments. */
  readonly before: number;
  readonly after: number;
}

/** Data arrived with other content. */
export interface PayloadAltered {
  readonly kind: 'payload-altered';
  /** Octets. */
  readonly before: number;
  readonly after: number;
}

/** Something else of the header: an address, all sequence numbers, another option of the handshake. */
export type HeaderRewritten = { readonly kind: 'header-rewritten' } & (
  | {
      readonly field: 'source' | 'destination';
      /** Address and port. */
      readonly before: string;
      readonly after: string;
    }
  | {
      readonly field: 'sequence-numbers';
      /** How much more they are as they arrive, modulo 2^32. */
      readonly by: number;
    }
  | {
      readonly field: 'tcp-option';
      /** Its kind. */
      readonly number: number;
      readonly became: 'added' | 'gone' | 'other';
      /** Of an MSS, in octets. */
      readonly before?: number | undefined;
      readonly after?: number | undefined;
    }
);

/** What a path did to a segment. */
export type Deed = OptionStripped | OptionAltered | Resegmented | PayloadAltered | HeaderRewritten;

/** What a path can do to a segment. */
export type ChangeKind = Deed['kind'];

/** What a segment is; `all`: every one of a connection. */
export type SegmentName = 'SYN' | 'SYN/ACK' | 'ACK' | 'data' | 'FIN' | 'RST' | 'all';

/** Where a change shows. */
export interface At {
  readonly clientFrame: number;
  readonly serverFrame: number;
  readonly segment: SegmentName;
}

/** One thing that the path did to a segment, told from its sender to its receiver. */
export type Change = At &
  Deed & {
    /** Nothing but its options tells the segment from others: two that were missed may look like one that was changed. */
    readonly doubtful?: true;
  };

/** Options of a handshake that middleboxes like to change, by kind. */
const OPTION_TEXT: Readonly<Record<number, string>> = {
  2: 'MSS',
  3: 'window scale',
  4: 'SACK permitted',
  8: 'timestamps',
  34: 'TCP Fast Open cookie',
};

/** A change in a few words. Keys are not shown. */
export function whatOf(deed: Deed): string {
  switch (deed.kind) {
    case 'option-stripped': {
      const blank = deed.blanked ? ', No-Operation in its place' : '';
      return `${deed.option} of ${deed.octets} octets is gone${blank}`;
    }
    case 'option-altered':
      if (deed.added) return `${deed.option} of ${deed.octets} octets was added`;
      return deed.fields
        .map(({ name, before, after }) => {
          if (before === undefined && after === undefined) return `another ${name}`;
          return `${name} ${before ?? 'absent'} became ${after ?? 'absent'}`;
        })
        .join(', ');
    case 'resegmented': {
      const count = (segments: number): string => `${segments} segment${segments === 1 ? '' : 's'}`;
      return `${deed.octets} octets of data in ${count(deed.before)} became ${count(deed.after)}`;
    }
    case 'payload-altered':
      if (deed.before === deed.after) return `${deed.before} octets of data have other content`;
      return `${deed.before} octets of data became ${deed.after}`;
    case 'header-rewritten':
      if (deed.field === 'sequence-numbers') return `sequence numbers are moved by ${deed.by}`;
      if (deed.field === 'tcp-option') return tcpOptionWhat(deed);
      return `${deed.field} ${deed.before} became ${deed.after}`;
  }
}

function tcpOptionWhat({ number, became, before, after }: Extract<Deed, { field: 'tcp-option' }>): string {
  const name = OPTION_TEXT[number] ?? `option ${number}`;
  if (became === 'added') return `${name} was added`;
  if (became === 'gone') return `${name} is gone`;
  return before !== undefined && after !== undefined ? `${name} ${before} became ${after}` : `${name} was changed`;
}
