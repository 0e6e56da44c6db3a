/**
 * A program that speaks MPTCP by itself.
 *
 * @module
 */
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { until } from '../live/kernel.ts';
import type { Host } from './host.ts';

/** A running program, and what it prints. */
export class Program {
  readonly #process: ChildProcessWithoutNullStreams;
  readonly #words: readonly string[];
  #output = '';

  constructor(host: Host, words: readonly string[]) {
    this.#words = words;
    this.#process = host.spawn(...words);
    for (const stream of [this.#process.stdout, this.#process.stderr]) {
      stream.on('data', (text: Buffer) => {
        this.#output += text;
      });
    }
  }

  /** Wait until it has printed this, so many times. */
  async printed(text: string, times = 1): Promise<void> {
    if (await until(() => this.#output.split(text).length > times, 10_000)) return;
    throw new Error(`${this.#words.join(' ')} did not print ${text}: ${this.#output}`);
  }

  /** Give it a line on its standard input. */
  tell(line: string): void {
    this.#process.stdin.write(`${line}\n`);
  }

  /** End its standard input. */
  finish(): void {
    this.#process.stdin.end();
  }

  /** Wait until it has ended well. */
  async ended(): Promise<void> {
    const process = this.#process;
    await until(() => process.exitCode !== null, 15_000);
    if (process.exitCode !== 0) throw new Error(`${this.#words.join(' ')} failed: ${this.#output}`);
  }

  kill(): void {
    this.#process.kill('SIGKILL');
  }
}
