/**
 * Segments of one direction in one capture that wait for their counterparts in the other.
 *
 * @module
 */
import { addTo } from '../groups.ts';
import type { Mark } from './mark.ts';
import type { Sighting } from './sighting.ts';

/** Segments by a mark of what should be alike in both captures. */
export class Waiting {
  /** How many wait. */
  count = 0;
  readonly #queues: Map<Mark, Sighting[]> = new Map();

  /** All that waits, in the order of its frames. */
  get all(): Sighting[] {
    return [...this.#queues.values()].flat().sort((a, b) => a.frame - b.frame);
  }

  /** One more that waits. */
  keep(key: Mark, sighting: Sighting): void {
    addTo(this.#queues, key, sighting);
    this.count++;
  }

  /**
   * Take the first that has this mark; of several, the one with the same identification.
   *
   * @param strict - no other one, where both have an identification
   */
  take(key: Mark, identification: number, strict: boolean): Sighting | undefined {
    const queue = this.#queues.get(key);
    if (queue === undefined) return undefined;
    const same = queue.findIndex((one) => one.identification === identification);
    if (same < 0 && strict && identification !== 0 && queue[0]?.identification !== 0) return undefined;
    const [found] = queue.splice(Math.max(0, same), 1);
    if (queue.length === 0) this.#queues.delete(key);
    this.count--;
    return found;
  }

  /** {@link all}; nothing waits any more. */
  drain(): Sighting[] {
    const { all } = this;
    this.#queues.clear();
    this.count = 0;
    return all;
  }
}
