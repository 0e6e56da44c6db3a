/**
 * What a path did to segments: those of one capture beside those of the other.
 *
 * @module
 */
import { equalOctets, toHex, u8, u16 } from '../bytes.ts';
import { formatAddress } from '../ip/address.ts';
import type { Malformed } from '../malformed.ts';
import type { Mapping } from '../mptcp/dss.ts';
import { encodeOption, type MptcpOption } from '../mptcp/option.ts';
import { ACK, FIN, RST, SYN } from '../tcp/flags.ts';
import { TIMESTAMPS } from '../tcp/walk.ts';
import { type Match, sameData } from './passage.ts';
import { isPureAck, longestBlank, mptcpOptionsOf, otherOptionsOf, type Sighting } from './sighting.ts';

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

interface At {
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

/** No-Operation in place of an option: as many octets of it or more. */
const BLANK = 4;

/**
 * Everything that differs between the two sightings of a stretch.
 *
 * @param fromClient - the client's host sent it
 */
export function changesOf(match: Match, fromClient: boolean): readonly Change[] {
  const near = fromClient ? match.client : match.server;
  const far = fromClient ? match.server : match.client;
  const [first] = near;
  const [client] = match.client;
  const [server] = match.server;
  if (first === undefined || client === undefined || server === undefined) return NOTHING;
  if (match.client.length === 1 && match.server.length === 1 && isUnchanged(client, server)) return NOTHING;
  const at = { clientFrame: client.frame, serverFrame: server.frame, segment: segmentName(first) };
  const changes: Change[] = [];
  if (!near.every(({ options }) => far.every((one) => equalOctets(options, one.options)))) {
    if (![...near, ...far].some(({ optionsCut }) => optionsCut)) {
      const doubtful = [client, server].every((one) => isPureAck(one) && one.identification === 0);
      for (const change of optionChanges(near, far, at)) {
        changes.push(doubtful && canVary(change) ? { ...change, doubtful } : change);
      }
    }
    if ((first.flags & SYN) !== 0) changes.push(...handshakeChanges(first, far[0] ?? first, at));
  }
  const sent = near.reduce((sum, { length }) => sum + length, 0);
  const got = far.reduce((sum, { length }) => sum + length, 0);
  if (near.length !== far.length) {
    changes.push({ ...at, kind: 'resegmented', octets: sent, before: near.length, after: far.length });
  }
  if (sameData(match) === false) changes.push({ ...at, kind: 'payload-altered', before: sent, after: got });
  return changes;
}

/** Whether acknowledgments of one host at one time may differ so by themselves: in options, what a DSS says, or which ADD_ADDR it is. */
function canVary(change: Change): boolean {
  if (change.kind !== 'option-altered' || change.added || change.option === 'DSS') return true;
  return change.fields.some(({ name }) => name === 'echo' || name === 'addressId');
}

const NOTHING: readonly Change[] = [];

/** What nearly all segments are. */
function isUnchanged(client: Sighting, server: Sighting): boolean {
  const { length, digest, options } = client;
  return length === server.length && digest === server.digest && equalOctets(options, server.options);
}

/** What a segment is, by its control bits. */
export function segmentName({ flags, length }: Sighting): Exclude<SegmentName, 'all'> {
  if ((flags & SYN) !== 0) return (flags & ACK) === 0 ? 'SYN' : 'SYN/ACK';
  if ((flags & RST) !== 0) return 'RST';
  if (length > 0) return 'data';
  return (flags & FIN) === 0 ? 'ACK' : 'FIN';
}

function optionChanges(near: readonly Sighting[], far: readonly Sighting[], at: At): Change[] {
  const sent = distinct(near);
  const got = distinct(far);
  const gone = [...sent].filter(([octets]) => !got.has(octets)).map(([, option]) => option);
  const come = [...got].filter(([octets]) => !sent.has(octets)).map(([, option]) => option);
  const changes: Change[] = [];
  for (const option of gone) {
    const became = come.findIndex((other) => subtypeOf(other) === subtypeOf(option));
    const other = came(come, became);
    if (other !== undefined) {
      changes.push({ ...at, ...altered(other), fields: differences(option, other) });
      continue;
    }
    const octets = sizeOf(option);
    const blanked = far.some((one) => longestBlank(one) >= Math.max(BLANK, octets));
    changes.push({ ...at, kind: 'option-stripped', option: option.type, octets, blanked });
  }
  for (const option of come) changes.push({ ...at, ...altered(option), added: true });
  return changes;
}

function altered(option: MptcpOption | Malformed): OptionAltered {
  return { kind: 'option-altered', option: option.type, octets: sizeOf(option), added: false, fields: [] };
}

/** Take out the one at `index`. */
function came(list: (MptcpOption | Malformed)[], index: number): MptcpOption | Malformed | undefined {
  return index < 0 ? undefined : list.splice(index, 1)[0];
}

/** The options of some segments by their octets; a segment that was cut in pieces has the same on each. */
function distinct(segments: readonly Sighting[]): Map<string, MptcpOption | Malformed> {
  const found = new Map<string, MptcpOption | Malformed>();
  for (const segment of segments) {
    const seen = new Map<string, number>();
    for (const option of mptcpOptionsOf(segment)) {
      const octets = toHex(octetsOf(option));
      const times = seen.get(octets) ?? 0;
      seen.set(octets, times + 1);
      found.set(`${octets} ${times}`, option);
    }
  }
  return found;
}

function octetsOf(option: MptcpOption | Malformed): Uint8Array {
  return option.type === 'MALFORMED' ? option.bytes : encodeOption(option);
}

function sizeOf(option: MptcpOption | Malformed): number {
  return octetsOf(option).length;
}

function subtypeOf(option: MptcpOption | Malformed): number {
  const octets = octetsOf(option);
  return octets.length > 2 ? u8(octets, 2) >>> 4 : -1;
}

/** Fields whose values are not for showing. */
const SECRET: readonly FieldName[] = ['senderKey', 'receiverKey', 'data', 'bytes'];

/** The fields that differ between two options of one subtype. */
function differences(sent: MptcpOption | Malformed, got: MptcpOption | Malformed): FieldChange[] {
  const before = fieldsOf(sent);
  const after = fieldsOf(got);
  // Another version has other fields: one difference, not all that follow from it.
  const version = before.get('version') !== after.get('version');
  const names: FieldName[] = version ? ['version'] : [...new Set([...before.keys(), ...after.keys()])];
  return names
    .filter((name) => before.get(name) !== after.get(name))
    .map((name) => (SECRET.includes(name) ? { name } : { name, before: before.get(name), after: after.get(name) }));
}

function fieldsOf(option: MptcpOption | Malformed): Map<FieldName, string> {
  const { type: _, ...rest } = option;
  const fields = new Map<FieldName, string>();
  const note = (name: string, value: unknown): void => {
    if (value === undefined || (name === 'reserved' && value === 0)) return;
    if (name === 'mapping') for (const [part, of] of Object.entries(value as object)) note(part, of);
    else fields.set(name as FieldName, textOf(name, value));
  };
  for (const [name, value] of Object.entries(rest)) note(name, value);
  return fields;
}

function textOf(name: string, value: unknown): string {
  if (value instanceof Uint8Array) return name === 'address' ? formatAddress(value) : toHex(value);
  if (name === 'receiverToken' || name === 'nonce') return (value as number).toString(16).padStart(8, '0');
  return String(value);
}

const MSS = 2;

/** What became of the other options of a SYN. */
function handshakeChanges(sent: Sighting, got: Sighting, at: At): Change[] {
  if (sent.optionsCut || got.optionsCut) return [];
  const before = otherOptionsOf(sent);
  const after = otherOptionsOf(got);
  const changes: Change[] = [];
  for (const kind of new Set([...before.keys(), ...after.keys()])) {
    const [a, b] = [before.get(kind), after.get(kind)];
    if (a !== undefined && b !== undefined && (kind === TIMESTAMPS || equalOctets(a, b))) continue;
    const became = a === undefined ? 'added' : b === undefined ? 'gone' : 'other';
    const value = (option: Uint8Array | undefined): number | undefined =>
      kind === MSS && option?.length === 4 ? u16(option, 2) : undefined;
    changes.push({
      ...at,
      kind: 'header-rewritten',
      field: 'tcp-option',
      number: kind,
      became,
      before: value(a),
      after: value(b),
    });
  }
  return changes;
}
