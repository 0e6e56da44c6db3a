/**
 * A fuzzer that keeps what reaches new blocks of the source.
 *
 * @module
 */
import { Coverage, type Look, Reached } from './coverage.ts';
import { mutate, Random } from './mutate.ts';

/** Throws where octets break a law. */
export type Target = (bytes: Uint8Array) => void;

/** What a run came to. */
export interface Outcome {
  readonly executions: number;
  readonly reached: ReturnType<Reached['figures']>;
  /** Inputs that together reach all that was reached, shortest first. */
  readonly corpus: readonly Uint8Array[];
  /** The shortest input found that breaks a law, and the error. */
  readonly finding?: { readonly bytes: Uint8Array; readonly error: unknown } | undefined;
}

/** Of the time, what looks at the coverage may take: one takes as long as hundreds of inputs. */
const LOOKING = 0.1;

/** Milliseconds after which an input counts as one that hangs. */
const SLOW = 2000;

/** Run `target` on mutants of `seeds` for some seconds, or up to the first finding; `of` is the code to explore. */
export function fuzz(
  target: Target,
  seeds: readonly Uint8Array[],
  seconds: number,
  seed: number,
  of: RegExp = /\/src\/.*/,
): Outcome {
  const random = new Random(seed);
  const coverage = new Coverage(of);
  const reached = new Reached();
  const corpus: Kept[] = [];
  const end = performance.now() + seconds * 1000;
  let executions = 0;
  let looking = 0;
  const look = (): Look | undefined => {
    const start = performance.now();
    const found = coverage.take();
    looking = performance.now() - start;
    return reached.isNew(found) ? found : undefined;
  };
  /** Keep those of the inputs that reach something new: look at halves of them, halves of those, and so on. */
  const sift = (inputs: readonly Uint8Array[]): void => {
    for (const bytes of inputs) target(bytes);
    const found = look();
    if (found === undefined) return;
    if (inputs.length === 1) {
      reached.add(found);
      corpus.push({ bytes: inputs[0]!, look: found });
    } else {
      sift(inputs.slice(0, inputs.length >>> 1));
      sift(inputs.slice(inputs.length >>> 1));
    }
  };
  const outcome = (finding?: Outcome['finding']): Outcome => ({
    executions,
    reached: reached.figures(),
    corpus: cover(corpus),
    finding,
  });
  try {
    look();
    for (const bytes of seeds) {
      executions++;
      const error = failure(target, bytes);
      if (error !== undefined) return outcome({ bytes: shorten(target, bytes, error), error });
      look();
      sift([bytes]);
    }
    while (performance.now() < end) {
      const batch: Uint8Array[] = [];
      const until = Math.min(performance.now() + looking / LOOKING, end);
      do {
        const bytes = mutate(random.pick(corpus).bytes, random.pick(corpus).bytes, random);
        executions++;
        const error = failure(target, bytes);
        if (error !== undefined) return outcome({ bytes: shorten(target, bytes, error), error });
        batch.push(bytes);
      } while (performance.now() < until);
      if (look() !== undefined) sift(batch);
    }
    return outcome();
  } finally {
    coverage.close();
  }
}

/** What is wrong with what `target` does with the input. */
function failure(target: Target, bytes: Uint8Array): unknown {
  // Slow is what is slow three times over: the machine may have had other things to do.
  let took = Number.POSITIVE_INFINITY;
  for (let tries = 0; tries < 3 && took > SLOW; tries++) {
    const start = performance.now();
    try {
      target(bytes);
    } catch (error) {
      return error;
    }
    took = performance.now() - start;
  }
  return took > SLOW ? new Error(`took ${took.toFixed(0)} ms`) : undefined;
}

/** A shorter input with the same error: pieces left out, from halves to single octets. */
function shorten(target: Target, bytes: Uint8Array, error: unknown): Uint8Array {
  let shortest = bytes;
  for (let size = bytes.length >>> 1; size > 0; size = size >>> 1) {
    for (let at = 0; at + size <= shortest.length; ) {
      const less = Uint8Array.from([...shortest.subarray(0, at), ...shortest.subarray(at + size)]);
      if (messageOf(failure(target, less)) === messageOf(error)) shortest = less;
      else at += size;
    }
  }
  return shortest;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? `${error.name} ${error.message}`.replace(/\d+/g, '#') : String(error);
}

/** An input and what it reaches. */
interface Kept {
  readonly bytes: Uint8Array;
  readonly look: Look;
}

/** Few inputs that reach all that these do: from the shortest on, those that add something. */
function cover(corpus: readonly Kept[]): Uint8Array[] {
  const reached = new Reached();
  const chosen: Uint8Array[] = [];
  for (const { bytes, look } of [...corpus].sort((a, b) => a.bytes.length - b.bytes.length)) {
    if (!reached.isNew(look)) continue;
    reached.add(look);
    chosen.push(bytes);
  }
  return chosen;
}
