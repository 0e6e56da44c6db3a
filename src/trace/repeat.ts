/**
 * Data that is sent again and again: the sign of a path that no longer carries a subflow.
 *
 * @module
 */
import type { Segment } from './context.ts';
import { FRAMES } from './finding.ts';
import { unwrap } from './flow.ts';
import { RETRY } from './join.ts';
import { other, type Subflow, type SubflowSide } from './subflow.ts';

/** Data that a host repeats, until it is acknowledged; times in seconds. */
export interface Repeat {
  /** Subflow sequence number. */
  readonly start: number;
  readonly since: number;
  time: number;
  times: number;
  readonly frames: number[];
}

/** Repeats from which on data counts as stuck: one may be a copy by another interface. */
const STUCK = 3;

/** Note a segment whose data came before. Of several, the one that the sender goes back to counts. */
export function noteRepeat(own: SubflowSide, start: number, { frame, time }: Segment): void {
  const before = own.repeat;
  const soon = before !== undefined && time - before.time < RETRY;
  if (before?.start === start) {
    if (soon) return;
    before.time = time;
    before.times++;
    if (before.frames.length < FRAMES) before.frames.push(frame);
  } else if (!soon || start < before.start) own.repeat = { start, since: time, time, times: 1, frames: [frame] };
}

/** An acknowledgment of what is repeated; a window of 0 is a reason to repeat it. */
export function onAcknowledgment({ flow, end, cursor, ack }: Segment, subflow: Subflow): void {
  const peer = subflow.sides[other(subflow.sideOf(end, flow))];
  if (peer.repeat === undefined || !ack) return;
  const acknowledged = unwrap(cursor.acknowledgmentNumber - (flow.ends[other(end)].base ?? 0), peer.high);
  if (acknowledged > peer.repeat.start || cursor.window === 0) peer.repeat = undefined;
}

/** What a host repeats in vain, if it does. */
export function stuck({ repeat }: SubflowSide): Repeat | undefined {
  return repeat !== undefined && repeat.times >= STUCK ? repeat : undefined;
}
