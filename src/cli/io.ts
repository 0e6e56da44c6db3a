/**
 * What a command reads and writes: the process's own streams, or a test's.
 *
 * @module
 */
import { writeSync } from 'node:fs';

/** A stream of text or octets to write to. */
export interface Output {
  /** Append; may be held back until {@link flush}. */
  write(data: string | Uint8Array): void;
  /** Hand over all that was written. */
  flush(): void;
  /** Whether a person is reading. */
  readonly isTTY: boolean;
}

/** The world around a command. */
export interface Io {
  readonly stdin: AsyncIterable<Uint8Array> & { readonly isTTY: boolean };
  readonly stdout: Output;
  readonly stderr: Output;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Aborted when the user asks to stop: a command then ends with what it has. */
  readonly signal: AbortSignal;
}

/**
 * The process's own streams. The first SIGINT or SIGTERM asks the command to stop, the second ends the process.
 */
export function processIo(): Io {
  const interrupt = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => interrupt.abort());
  return {
    stdin: new Stdin(interrupt.signal),
    stdout: new FileOutput(1, () => process.stdout),
    stderr: new FileOutput(2, () => process.stderr),
    env: process.env,
    signal: interrupt.signal,
  };
}

/** Standard input, opened when it is first read. */
class Stdin {
  readonly #signal: AbortSignal;

  constructor(signal: AbortSignal) {
    this.#signal = signal;
  }

  get isTTY(): boolean {
    return process.stdin.isTTY === true;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    const stream = process.stdin;
    const stop = (): void => void stream.destroy();
    this.#signal.addEventListener('abort', stop, { once: true });
    try {
      if (!this.#signal.aborted) yield* stream;
    } catch (error) {
      // Destroyed by `stop`, the stream ends before its end.
      if (!this.#signal.aborted) throw error;
    } finally {
      this.#signal.removeEventListener('abort', stop);
      stop();
    }
  }
}

/** Characters to hold back before they are written. */
const HELD = 65_536;

/**
 * A file descriptor, written to synchronously: what was written is out before the process ends,
 * and a slow reader holds the writer back. Throws EPIPE where the reader has gone.
 */
class FileOutput implements Output {
  readonly #descriptor: number;
  readonly #stream: () => { readonly isTTY?: boolean };
  #held = '';

  /** @param stream - the stream of Node on the descriptor: made when it is first asked for, in 2 ms */
  constructor(descriptor: number, stream: () => { readonly isTTY?: boolean }) {
    this.#descriptor = descriptor;
    this.#stream = stream;
  }

  get isTTY(): boolean {
    return this.#stream().isTTY === true;
  }

  write(data: string | Uint8Array): void {
    if (typeof data === 'string') {
      this.#held += data;
      if (this.#held.length >= HELD) this.flush();
    } else {
      this.flush();
      this.#writeAll(data);
    }
  }

  flush(): void {
    if (this.#held === '') return;
    const text = this.#held;
    this.#held = '';
    this.#writeAll(Buffer.from(text));
  }

  #writeAll(bytes: Uint8Array): void {
    let at = 0;
    while (at < bytes.length) {
      try {
        at += writeSync(this.#descriptor, bytes, at);
      } catch (error) {
        // The descriptor is a pipe that does not block and is full: its reader is slower than we are.
        if (!(error instanceof Error && 'code' in error && error.code === 'EAGAIN')) throw error;
        Atomics.wait(PAUSE, 0, 0, 1);
      }
    }
  }
}

/** What a wait of 1 ms waits on. */
const PAUSE = new Int32Array(new SharedArrayBuffer(4));
