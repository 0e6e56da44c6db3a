/**
 * How far a command has come, on a terminal.
 *
 * @module
 */
import type { Output } from './io.ts';

/** Milliseconds between two lines. */
const INTERVAL = 200;

/** One line, written over again and again, and gone at the end. */
export class Progress {
  readonly #output: Output | undefined;
  readonly #size: number | undefined;
  readonly #started: number;
  #next: number;
  #shown = false;

  /**
   * @param output - where to write; nothing is written where it is `undefined`
   * @param size - octets to read, where known
   */
  constructor(output: Output | undefined, size: number | undefined) {
    this.#output = output;
    this.#size = size;
    this.#started = performance.now();
    this.#next = this.#started + INTERVAL;
  }

  /** `octets` of the input have been read, and `packets` packets. */
  update(octets: number, packets: number): void {
    const now = performance.now();
    if (this.#output === undefined || now < this.#next) return;
    this.#next = now + INTERVAL;
    this.#shown = true;
    this.#output.write(`\r\x1b[K${progressText(octets, this.#size, packets, (now - this.#started) / 1000)}`);
    this.#output.flush();
  }

  /** Take the line away. */
  clear(): void {
    if (!this.#shown) return;
    this.#shown = false;
    this.#output?.write('\r\x1b[K');
    this.#output?.flush();
  }
}

/** `45 %, 1234567 packets, 310000 a second, 12 s left`. */
export function progressText(octets: number, size: number | undefined, packets: number, seconds: number): string {
  const parts = [`${packets} packets`, `${Math.round(packets / seconds)} a second`];
  if (size !== undefined && octets > 0) {
    parts.unshift(`${Math.min(100, Math.floor((100 * octets) / size))} %`);
    parts.push(`${Math.ceil(Math.max(0, ((size - octets) * seconds) / octets))} s left`);
  } else {
    parts.unshift(`${Math.floor(octets / 1_000_000)} MB`);
  }
  return parts.join(', ');
}
