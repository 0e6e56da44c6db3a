/**
 * What a path did to segments: those of one capture beside those of the other.
 *
 * @module
 */
import { equalOctets, toHex, u8, u16 } from '../bytes.ts';
import { formatAddress } from '../ip/address.ts';
import type { Malformed } from '../malformed.ts';
import { encodeOption, type MptcpOption } from '../mptcp/option.ts';
import { ACK, FIN, RST, SYN } from '../tcp/flags.ts';
import { type Match, sameData } from './passage.ts';
import { longestBlank, mptcpOptionsOf, otherOptionsOf, type Sighting } from './sighting.ts';

/** What a path can do to a segment. */
export type ChangeKind = 'option-stripped' | 'option-altered' | 'resegmented' | 'header-rewritten' | 'payload-altered';

/** One thing that the path did to a segment, told from its sender to its receiver. */
export interface Change {
  readonly kind: ChangeKind;
  readonly clientFrame: number;
  readonly serverFrame: number;
  /** What the segment is, such as `SYN/ACK`. */
  readonly segment: string;
  /** Type of the MPTCP option that it happened to. */
  readonly option?: MptcpOption['type'] | 'MALFORMED' | undefined;
  /** In words. Keys are not shown. */
  readonly what: string;
}

/** No-Operation in place of an option: as many octets of it or more. */
const BLANK = 4;

/**
 * Everything that differs between the two sightings of a stretch.
 *
 * @param fromClient - the client's host sent it
 */
export function changesOf(match: Match, fromClient: boolean): Change[] {
  const near = fromClient ? match.client : match.server;
  const far = fromClient ? match.server : match.client;
  const [first] = near;
  const [client] = match.client;
  const [server] = match.server;
  if (first === undefined || client === undefined || server === undefined) return [];
  const at = { clientFrame: client.frame, serverFrame: server.frame, segment: segmentName(first) };
  const changes: Change[] = [];
  if (!near.every(({ options }) => far.every((one) => equalOctets(options, one.options)))) {
    if (![...near, ...far].some(({ optionsCut }) => optionsCut)) changes.push(...optionChanges(near, far, at));
    if ((first.flags & SYN) !== 0) changes.push(...handshakeChanges(first, far[0] ?? first, at));
  }
  const sent = near.reduce((sum, { length }) => sum + length, 0);
  const got = far.reduce((sum, { length }) => sum + length, 0);
  if (near.length !== far.length) {
    const what = `${sent} octets of data in ${count(near.length)} became ${count(far.length)}`;
    changes.push({ ...at, kind: 'resegmented', what });
  }
  if (sameData(match) === false) {
    const what = sent === got ? `${sent} octets of data have other content` : `${sent} octets of data became ${got}`;
    changes.push({ ...at, kind: 'payload-altered', what });
  }
  return changes;
}

/** What a segment is, by its control bits. */
export function segmentName({ flags, length }: Sighting): string {
  if ((flags & SYN) !== 0) return (flags & ACK) === 0 ? 'SYN' : 'SYN/ACK';
  if ((flags & RST) !== 0) return 'RST';
  if (length > 0) return 'data';
  return (flags & FIN) === 0 ? 'ACK' : 'FIN';
}

type At = Pick<Change, 'clientFrame' | 'serverFrame' | 'segment'>;

function optionChanges(near: readonly Sighting[], far: readonly Sighting[], at: At): Change[] {
  const sent = distinct(near);
  const got = distinct(far);
  const gone = [...sent].filter(([octets]) => !got.has(octets)).map(([, option]) => option);
  const come = [...got].filter(([octets]) => !sent.has(octets)).map(([, option]) => option);
  const changes: Change[] = [];
  for (const option of gone) {
    const size = sizeOf(option);
    const became = come.findIndex((other) => subtypeOf(other) === subtypeOf(option));
    const other = came(come, became);
    if (other !== undefined) {
      const what = differences(option, other);
      changes.push({ ...at, kind: 'option-altered', option: option.type, what });
      continue;
    }
    const blank = far.some((one) => longestBlank(one) >= Math.max(BLANK, size)) ? ', No-Operation in its place' : '';
    const what = `${option.type} of ${size} octets is gone${blank}`;
    changes.push({ ...at, kind: 'option-stripped', option: option.type, what });
  }
  for (const option of come) {
    const what = `${option.type} of ${sizeOf(option)} octets was added`;
    changes.push({ ...at, kind: 'option-altered', option: option.type, what });
  }
  return changes;
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
const SECRET: readonly string[] = ['senderKey', 'receiverKey', 'data', 'bytes'];

/** The fields that differ between two options of one subtype. */
function differences(sent: MptcpOption | Malformed, got: MptcpOption | Malformed): string {
  const before = fieldsOf(sent);
  const after = fieldsOf(got);
  // Another version has other fields: one difference, not all that follow from it.
  const version = before.get('version') !== after.get('version');
  const names = version ? ['version'] : [...new Set([...before.keys(), ...after.keys()])];
  const parts = names
    .filter((name) => before.get(name) !== after.get(name))
    .map((name) => {
      if (SECRET.includes(name)) return `another ${name}`;
      return `${name} ${before.get(name) ?? 'absent'} became ${after.get(name) ?? 'absent'}`;
    });
  return parts.join(', ');
}

function fieldsOf(option: MptcpOption | Malformed): Map<string, string> {
  const fields = new Map<string, string>();
  const note = (name: string, value: unknown): void => {
    if (value === undefined || (name === 'reserved' && value === 0)) return;
    if (value instanceof Uint8Array) fields.set(name, name === 'address' ? formatAddress(value) : toHex(value));
    else if (name === 'mapping') for (const [part, of] of Object.entries(value as object)) note(part, of);
    else if (name === 'receiverToken' || name === 'nonce')
      fields.set(name, (value as number).toString(16).padStart(8, '0'));
    else fields.set(name, String(value));
  };
  for (const [name, value] of Object.entries(option)) note(name, value);
  return fields;
}

/** Names of the options of a handshake that middleboxes like to change. */
const OPTION_TEXT: Readonly<Record<number, string>> = {
  2: 'MSS',
  3: 'window scale',
  4: 'SACK permitted',
  8: 'timestamps',
  34: 'TCP Fast Open cookie',
};

const MSS = 2;
const TIMESTAMPS = 8;

/** What became of the other options of a SYN. */
function handshakeChanges(sent: Sighting, got: Sighting, at: At): Change[] {
  if (sent.optionsCut || got.optionsCut) return [];
  const before = otherOptionsOf(sent);
  const after = otherOptionsOf(got);
  const changes: Change[] = [];
  for (const kind of new Set([...before.keys(), ...after.keys()])) {
    const [a, b] = [before.get(kind), after.get(kind)];
    const name = OPTION_TEXT[kind] ?? `option ${kind}`;
    if (a !== undefined && b !== undefined && (kind === TIMESTAMPS || toHex(a) === toHex(b))) continue;
    const what =
      a === undefined
        ? `${name} was added`
        : b === undefined
          ? `${name} is gone`
          : kind === MSS && a.length === 4 && b.length === 4
            ? `${name} ${u16(a, 2)} became ${u16(b, 2)}`
            : `${name} was changed`;
    changes.push({ ...at, kind: 'header-rewritten', what });
  }
  return changes;
}

function count(segments: number): string {
  return `${segments} segment${segments === 1 ? '' : 's'}`;
}
