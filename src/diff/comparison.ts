/**
 * Segments of one capture beside those of the other: what differs.
 *
 * @module
 */
import { equalOctets, toHex, u8, u16 } from '../bytes.ts';
import { formatAddress } from '../ip/address.ts';
import type { Malformed } from '../malformed.ts';
import { encodeOption, type MptcpOption } from '../mptcp/option.ts';
import { ACK, FIN, RST, SYN } from '../tcp/flags.ts';
import { TIMESTAMPS } from '../tcp/walk.ts';
import { BLANK } from '../trace/context.ts';
import type { At, Change, FieldChange, FieldName, OptionAltered, SegmentName } from './change.ts';
import { joinDigests } from './digest.ts';
import type { Match } from './passage.ts';
import { isPureAck, longestBlank, mptcpOptionsOf, otherOptionsOf, type Sighting } from './sighting.ts';

type Option = MptcpOption | Malformed;

const NOTHING: readonly Change[] = [];

/**
 * Everything that differs between the two sightings of a stretch.
 *
 * @param fromClient - the client's host sent it
 */
export function changesOf({ client, server }: Match, fromClient: boolean): readonly Change[] {
  const [a, b] = [client[0], server[0]];
  if (a === undefined || b === undefined) return NOTHING;
  if (client.length === 1 && server.length === 1 && isUnchanged(a, b)) return NOTHING;
  const [near, far] = fromClient ? [client, server] : [server, client];
  const at = { clientFrame: a.frame, serverFrame: b.frame, segment: segmentName(fromClient ? a : b) };
  return [...optionChanges(near, far, at), ...dataChanges(near, far, at)];
}

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

/** What became of the data. */
function dataChanges(near: readonly Sighting[], far: readonly Sighting[], at: At): Change[] {
  const [before, after] = [near, far].map((all) => all.reduce((sum, { length }) => sum + length, 0)) as [
    number,
    number,
  ];
  const whole = [...near, ...far].every((one) => one.whole);
  const changes: Change[] = [];
  if (near.length !== far.length) {
    changes.push({ ...at, kind: 'resegmented', octets: before, before: near.length, after: far.length });
  }
  if (before !== after || (whole && joinDigests(near) !== joinDigests(far))) {
    changes.push({ ...at, kind: 'payload-altered', before, after });
  }
  return changes;
}

/** What became of the options: those of MPTCP, and of a SYN all. */
function optionChanges(near: readonly Sighting[], far: readonly Sighting[], at: At): Change[] {
  const all = [...near, ...far];
  const [sent, got] = [near[0], far[0]];
  if (all.some(({ optionsCut }) => optionsCut) || sent === undefined || got === undefined) return [];
  if (all.every(({ options }) => equalOctets(options, sent.options))) return [];
  const doubtful = [sent, got].every((one) => isPureAck(one) && one.identification === 0);
  const changes = mptcpChanges(near, far, at).map((change) =>
    doubtful && canVary(change) ? { ...change, doubtful } : change,
  );
  return (sent.flags & SYN) === 0 ? changes : [...changes, ...handshakeChanges(sent, got, at)];
}

/** Whether pure ACKs of one host at one time may differ so by themselves: in what a DSS says, or which ADD_ADDR it is. */
function canVary(change: Change): boolean {
  if (change.kind !== 'option-altered' || change.added || change.option === 'DSS') return true;
  return change.fields.some(({ name }) => name === 'echo' || name === 'addressId');
}

function mptcpChanges(near: readonly Sighting[], far: readonly Sighting[], at: At): Change[] {
  const sent = distinct(near);
  const got = distinct(far);
  const gone = [...sent].filter(([octets]) => !got.has(octets)).map(([, option]) => option);
  const come = [...got].filter(([octets]) => !sent.has(octets)).map(([, option]) => option);
  const changes: Change[] = [];
  for (const option of gone) {
    const became = come.find((one) => subtypeOf(one) === subtypeOf(option));
    if (became !== undefined) {
      come.splice(come.indexOf(became), 1);
      changes.push({ ...at, ...altered(became), fields: differences(option, became) });
      continue;
    }
    const octets = octetsOf(option).length;
    const blanked = far.some((one) => longestBlank(one) >= Math.max(BLANK, octets));
    changes.push({ ...at, kind: 'option-stripped', option: option.type, octets, blanked });
  }
  for (const option of come) changes.push({ ...at, ...altered(option), added: true });
  return changes;
}

function altered(option: Option): OptionAltered {
  return { kind: 'option-altered', option: option.type, octets: octetsOf(option).length, added: false, fields: [] };
}

/** The options of some segments by their octets; a segment that was cut in pieces has the same on each. */
function distinct(segments: readonly Sighting[]): Map<string, Option> {
  const found = new Map<string, Option>();
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

function octetsOf(option: Option): Uint8Array {
  return option.type === 'MALFORMED' ? option.bytes : encodeOption(option);
}

function subtypeOf(option: Option): number {
  const octets = octetsOf(option);
  return octets.length > 2 ? u8(octets, 2) >>> 4 : -1;
}

/** Fields whose values are not for showing. */
const SECRET: readonly FieldName[] = ['senderKey', 'receiverKey', 'data', 'bytes'];

/** The fields that differ between two options of one subtype. */
function differences(sent: Option, got: Option): FieldChange[] {
  const before = fieldsOf(sent);
  const after = fieldsOf(got);
  // Another version has other fields: one difference, not all that follow from it.
  const version = before.get('version') !== after.get('version');
  const names: FieldName[] = version ? ['version'] : [...new Set([...before.keys(), ...after.keys()])];
  return names
    .filter((name) => before.get(name) !== after.get(name))
    .map((name) => (SECRET.includes(name) ? { name } : { name, before: before.get(name), after: after.get(name) }));
}

function fieldsOf(option: Option): Map<FieldName, string> {
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
  const before = otherOptionsOf(sent);
  const after = otherOptionsOf(got);
  const changes: Change[] = [];
  for (const number of new Set([...before.keys(), ...after.keys()])) {
    const [a, b] = [before.get(number), after.get(number)];
    if (a !== undefined && b !== undefined && (number === TIMESTAMPS || equalOctets(a, b))) continue;
    const became = a === undefined ? 'added' : b === undefined ? 'gone' : 'other';
    const mss = (option: Uint8Array | undefined): number | undefined =>
      number === MSS && option?.length === 4 ? u16(option, 2) : undefined;
    const values = { before: mss(a), after: mss(b) };
    changes.push({ ...at, kind: 'header-rewritten', field: 'tcp-option', number, became, ...values });
  }
  return changes;
}
