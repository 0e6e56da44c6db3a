/**
 * Which code of `src/` ran: V8's precise block coverage, through the inspector.
 *
 * V8 joins neighbouring blocks that ran equally often, so a block has no name to count by. What
 * did not run of a function that did is what tells: that part can only shrink.
 *
 * @module
 */
import { type Profiler, Session } from 'node:inspector';

/** Offsets from `start` to before `end`, of a file's code. */
export interface Stretch {
  readonly start: number;
  readonly end: number;
}

/** Of each function that ran, what of it did not; in order and apart. */
export type Look = Map<string, readonly Stretch[]>;

/** Looks at what ran since the last look. */
export class Coverage {
  readonly #session = new Session();
  readonly #of: RegExp;

  /** @param of - the part of a file's URL that counts, from the first character that names it */
  constructor(of: RegExp) {
    this.#of = of;
    this.#session.connect();
    this.#session.post('Profiler.enable');
    this.#session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
  }

  take(): Look {
    const look: Look = new Map();
    this.#session.post('Profiler.takePreciseCoverage', (_, { result }: Profiler.TakePreciseCoverageReturnType) => {
      for (const { url, functions } of result) {
        const file = this.#of.exec(url)?.[0];
        if (file === undefined) continue;
        for (const { ranges } of functions) {
          const [whole, ...parts] = ranges;
          if (whole!.count === 0) continue;
          const idle = parts.filter(({ count }) => count === 0);
          look.set(
            `${file}:${whole!.startOffset}-${whole!.endOffset}`,
            idle.map(({ startOffset, endOffset }) => ({ start: startOffset, end: endOffset })),
          );
        }
      }
    });
    return look;
  }

  close(): void {
    this.#session.disconnect();
  }
}

/** What never ran, over many looks. */
export class Reached {
  readonly #idle: Look = new Map();

  /** Whether a look has something new: a function, or a part of one. Nothing is remembered. */
  isNew(look: Look): boolean {
    return [...look].some(([name, idle]) => {
      const before = this.#idle.get(name);
      return before === undefined || sum(both(before, idle)) < sum(before);
    });
  }

  add(look: Look): void {
    for (const [name, idle] of look) {
      const before = this.#idle.get(name);
      this.#idle.set(name, before === undefined ? idle : both(before, idle));
    }
  }

  /** Functions that ran, those of which no part is left, and the characters of the others that are. */
  figures(): { functions: number; whole: number; left: number } {
    const left = [...this.#idle.values()].map(sum);
    const whole = left.filter((characters) => characters === 0).length;
    return { functions: left.length, whole, left: left.reduce((a, b) => a + b, 0) };
  }
}

/** What is in both. */
function both(a: readonly Stretch[], b: readonly Stretch[]): Stretch[] {
  return a.flatMap((one) =>
    b
      .map((other) => ({ start: Math.max(one.start, other.start), end: Math.min(one.end, other.end) }))
      .filter(({ start, end }) => start < end),
  );
}

function sum(stretches: readonly Stretch[]): number {
  return stretches.reduce((total, { start, end }) => total + end - start, 0);
}
