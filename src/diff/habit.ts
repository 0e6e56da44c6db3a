/**
 * What a path keeps of each segment as it is, learnt from segments that are known to be the same.
 *
 * @module
 */
import { isPureAck, type Sighting } from './sighting.ts';

/** Ticks of a timestamp clock within which one host sends a segment again. */
const TICKS = 0x20000;

/** Whether a path keeps one thing of each segment. */
class Habit {
  #kept = 0;
  #changed = 0;

  note(kept: boolean): void {
    if (kept) this.#kept++;
    else this.#changed++;
  }

  get keeps(): boolean {
    return this.#kept > this.#changed;
  }

  get changes(): boolean {
    return this.#changed > this.#kept;
  }
}

/** What the path does to timestamps and identifications. */
export class Habits {
  readonly #timestamps: Habit = new Habit();
  /** Of IPv4 headers. */
  readonly identification: Habit = new Habit();

  /** Two sightings of one segment. */
  learn(a: Sighting, b: Sighting): void {
    if (a.timestamped) this.#timestamps.note(sameTimestamps(a, b));
    if (a.identification !== 0) this.identification.note(a.identification === b.identification);
  }

  /** Whether it is a pure ACK without an identification that the path keeps: one of many that are alike. */
  isAnonymous(one: Sighting): boolean {
    return isPureAck(one) && (one.identification === 0 || this.identification.changes);
  }

  /** Whether timestamps tell that they were sent at two times: of a path that puts in its own they seldom are near. */
  areApart(a: Sighting, b: Sighting): boolean {
    if (sameTimestamps(a, b) || this.#timestamps.changes) return false;
    return this.#timestamps.keeps || (a.timestamped && b.timestamped && Math.abs((a.tsVal - b.tsVal) | 0) < TICKS);
  }
}

/** Whether two segments have the same timestamps, or none. */
export function sameTimestamps(a: Sighting, b: Sighting): boolean {
  return a.timestamped === b.timestamped && a.tsVal === b.tsVal && a.tsEcr === b.tsEcr;
}
