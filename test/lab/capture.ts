/**
 * Captures, by tcpdump.
 *
 * @module
 */
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { until } from '../live/kernel.ts';
import type { Host } from './host.ts';

/** A capture being taken. */
export class Capture {
  readonly #process: ChildProcess;
  #log = '';

  private constructor(process: ChildProcess) {
    this.#process = process;
    process.stderr?.on('data', (text: Buffer) => {
      this.#log += text;
    });
  }

  /** Capture on all interfaces of a host, into a pcap file of link type LINUX_SLL2. */
  static async everywhere(host: Host, file: string): Promise<Capture> {
    const memory = ['-B', '65536', '-s', '65535', '--immediate-mode', '-U'];
    const capture = new Capture(
      host.spawn('tcpdump', '-Z', 'root', '-n', '-i', 'any', '-y', 'LINUX_SLL2', ...memory, '-w', file),
    );
    await capture.#started(/listening on/);
    return capture;
  }

  /** Capture TCP on some interfaces of a host, into a pcapng file. */
  static async on(host: Host, devices: readonly string[], file: string): Promise<Capture> {
    const interfaces = devices.flatMap((device) => ['-i', device]);
    const capture = new Capture(host.spawn('dumpcap', '-q', '-n', '-f', 'tcp', ...interfaces, '-w', file));
    await capture.#started(/^File:/m);
    return capture;
  }

  /** End the capture. */
  async stop(): Promise<void> {
    await sleep(350);
    const gone = once(this.#process, 'close');
    this.#process.kill('SIGINT');
    await gone;
    const dropped = /(\d+) packets? dropped by kernel/.exec(this.#log)?.[1] ?? '0';
    if (dropped !== '0') throw new Error(`the capture lost ${dropped} packets`);
  }

  async #started(sign: RegExp): Promise<void> {
    if (!(await until(() => sign.test(this.#log), 5000))) throw new Error(`no capture: ${this.#log}`);
    await sleep(150);
  }
}
