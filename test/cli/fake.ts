/**
 * A world for a command in a test: what it reads is given, what it writes is kept.
 *
 * @module
 */

import type { Io, Output } from '../../src/cli/io.ts';
import { run } from '../../src/cli/run.ts';

/** What a command is to find. */
export interface World {
  /** Chunks of standard input; a terminal where it is absent. */
  readonly stdin?: AsyncIterable<Uint8Array> | readonly (Uint8Array | string)[] | undefined;
  readonly env?: Record<string, string> | undefined;
  /** Standard output is a terminal. */
  readonly tty?: boolean | undefined;
  /** Standard error is a terminal. */
  readonly errTty?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Called with all that is on standard output whenever some of it is handed over. */
  readonly onFlush?: ((out: string) => void) | undefined;
}

/** What a command did. */
export interface Outcome {
  readonly status: number;
  readonly out: string;
  readonly err: string;
}

/** Run a command line. */
export async function cli(args: readonly string[], world: World = {}): Promise<Outcome> {
  const stdout = new Kept(world.tty === true, world.onFlush);
  const stderr = new Kept(world.errTty === true);
  const io: Io = {
    stdin: { isTTY: world.stdin === undefined, [Symbol.asyncIterator]: () => chunks(world.stdin ?? []) },
    stdout,
    stderr,
    env: world.env ?? {},
    signal: world.signal ?? new AbortController().signal,
  };
  const status = await run(args, io);
  return { status, out: stdout.flushed, err: stderr.flushed };
}

/** Keeps what is written, and apart from it what was handed over. */
class Kept implements Output {
  readonly isTTY: boolean;
  flushed = '';
  #held = '';
  readonly #onFlush: ((out: string) => void) | undefined;

  constructor(isTTY: boolean, onFlush?: (out: string) => void) {
    this.isTTY = isTTY;
    this.#onFlush = onFlush;
  }

  write(data: string | Uint8Array): void {
    this.#held += typeof data === 'string' ? data : new TextDecoder().decode(data);
  }

  flush(): void {
    this.flushed += this.#held;
    this.#held = '';
    this.#onFlush?.(this.flushed);
  }
}

async function* chunks(
  source: AsyncIterable<Uint8Array> | readonly (Uint8Array | string)[],
): AsyncGenerator<Uint8Array> {
  for await (const chunk of source) yield typeof chunk === 'string' ? new TextEncoder().encode(chunk) : chunk;
}
