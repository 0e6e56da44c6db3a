/**
 * What the parts of the tracer share: the packet in hand, and everything known so far.
 *
 * @module
 */
import { u8 } from '../bytes.ts';
import type { FrameCursor } from '../ip/frame.ts';
import type { Malformed } from '../malformed.ts';
import type { MptcpOption } from '../mptcp/option.ts';
import type { Advertised, Connection, Side } from './connection.ts';
import type { Finding, Findings } from './finding.ts';
import type { End, Flow } from './flow.ts';
import type { Identity } from './identity.ts';
import type { Said } from './say.ts';
import { other, type Subflow } from './subflow.ts';
import type { Check, Verdict } from './verdict.ts';

/** One TCP segment of a flow that carries, or carried, MPTCP. */
export interface Segment {
  readonly frame: number;
  /** Seconds since the epoch, to the microsecond. */
  readonly time: number;
  readonly cursor: FrameCursor;
  readonly flow: Flow;
  /** The end that sent it. */
  readonly end: End;
  /** Its MPTCP options, in wire order. */
  readonly options: readonly (MptcpOption | Malformed)[];
  /** Of each of them, the offset of its Kind octet. */
  readonly places: readonly number[];
  /** TSval of its timestamps, where it has any. */
  readonly timestamp: number | undefined;
  /** Octets of No-Operation in its longest row of them. */
  readonly nops: number;
  readonly syn: boolean;
  readonly ack: boolean;
  readonly rst: boolean;
  readonly fin: boolean;
}

/** Octets of No-Operation in a row that no sender writes: something blanked an option. */
export const BLANK = 4;

/** Data of one host, as soon as its place in the stream is known. */
export interface StreamData {
  readonly frame: number;
  readonly connection: Connection;
  readonly side: Side;
  /** Offset in the application's stream: 0 is the first octet. */
  readonly offset: number;
  /** Aliases the packet. */
  readonly bytes: Uint8Array;
}

/** What the tracer tells while it runs. */
export interface Observer {
  connection(connection: Connection): void;
  subflow(subflow: Subflow): void;
  address(connection: Connection, address: Advertised): void;
  verdict(connection: Connection, subflow: Subflow, check: Check, frame: number, verdict: Verdict): void;
  finding(finding: Finding, connection: Connection | undefined): void;
  close(connection: Connection): void;
  /** Absent where nobody asks for the data: then none of it is kept. */
  data?: ((data: StreamData) => void) | undefined;
}

/** State shared by the parts of the tracer. */
export interface Context {
  readonly identity: Identity;
  readonly observer: Observer;
  /** Findings that belong to no connection. */
  readonly outer: Findings;
  /** Octets of data held until their mapping comes. */
  held: number;
  /** The newest REMOVE_ADDR of a connection whose handshake was not seen: others may be subflows of it. */
  removal: { readonly frame: number; readonly time: number } | undefined;
  /** Start a connection with this segment. */
  open(segment: Segment, placeholder: boolean): Connection;
  /** The subflow has left the handshake: it is no longer the first to go where room is short. */
  settle(flow: Flow): void;
  /** The connection has come to an end. */
  close(connection: Connection): void;
}

/**
 * Add a finding about a subflow to its connection; to those of none, while the connection is unknown.
 *
 * @param subject - tells apart findings of one code on one subflow; {@link WHOLE}: one for all subflows
 */
export function found(context: Context, subflow: Subflow, said: Said, frames: readonly number[], subject = ''): void {
  const { connection } = subflow;
  if (connection.id < 0) context.outer.add({ ...said, frames }, subject);
  else
    connection.findings.add(
      { ...said, frames, subflow: subflow.id },
      subject === WHOLE ? subject : `${subflow.id} ${subject}`,
    );
}

/** Subject of what happens to the connection as a whole, on whatever subflow it shows. */
export const WHOLE = 'whole';

/** Count a verdict and tell it. */
export function verdict(context: Context, subflow: Subflow, check: Check, frame: number, given: Verdict): Verdict {
  subflow.connection.tally[check][given.is]++;
  context.observer.verdict(subflow.connection, subflow, check, frame, given);
  return given;
}

/** The octets of an option of this segment as a string of as many characters, to tell copies from others. */
export function octetsOf({ cursor, options, places }: Segment, option: MptcpOption): string {
  const at = places[options.indexOf(option)] as number;
  const codes = new Array<number>(u8(cursor.bytes, at + 1));
  // Not spread from the buffer: its iterator makes more garbage than all else of a handshake.
  for (let i = 0; i < codes.length; i++) codes[i] = u8(cursor.bytes, at + i);
  return String.fromCharCode(...codes);
}

/** Address and port of a host on a subflow. */
export function nameOf(subflow: Subflow, side: Side): string {
  return subflow.flow.ends[subflow.endOf(side)].name;
}

export { other };
