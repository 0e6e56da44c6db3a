/**
 * One behaviour of the kernel, tried and written down: a test, and a row of docs/conformance.md.
 *
 * @module
 */
import { expect, test } from 'vitest';
import { mpFastclose } from '../../src/mptcp/build.ts';
import { ACK, RST, SYN } from '../packet.ts';
import { Application, type SocketOptions } from './application.ts';
import { Connection, type ConnectionInput } from './connection.ts';
import { describe } from './describe.ts';
import { command, counters, setParameter, socketOf, until } from './kernel.ts';
import { Subflow, type SubflowInput } from './subflow.ts';
import { type Segment, TunWire, type Wire } from './wire.ts';

/** What a behaviour leaves for the table. */
export interface Row {
  /** What the kernel did, in order. */
  readonly kernel: readonly string[];
  /** How its MPTCP counters moved. */
  readonly counters: readonly string[];
  /** Where it does otherwise than the RFC, or than a reader may expect. */
  readonly findings: readonly string[];
}

declare module 'vitest' {
  interface TaskMeta {
    conformance?: Row;
  }
}

/** How long the kernel is watched where it must stay silent, in milliseconds. It answers within one. */
const SILENCE = 150;

/** Counters that depend on timing, or are no counters. */
const UNSTEADY = /^(MPCurrEstab|MPTCPRetrans|SndWndShared|RcvWnd.*|WinProbe|OFOMerge)$/;

/** Declare a behaviour. `body` shows it; the counters that it does not state must stand still. */
export function behaviour(name: string, body: (trial: Trial) => Promise<void>): void {
  test(name, async ({ task }) => {
    const trial = new Trial(await TunWire.open());
    try {
      await body(trial);
      await trial.settle();
      task.meta.conformance = trial.row;
    } finally {
      await trial.end();
    }
  });
}

/** Text as octets. */
export function octets(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** `length` octets that differ from their neighbours. */
export function pattern(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => (i * 7 + (i >> 8)) & 0xff);
}

/** A connection in use. */
export interface Opened {
  /** The kernel's side. */
  readonly application: Application;
  /** Our side of its first subflow. */
  readonly subflow: Subflow;
  readonly connection: Connection;
}

/** The address at which the kernel's applications find us. */
const OURS = '10.77.0.2';

/** A port of the kernel's that nobody listens on. */
const CLOSED_PORT = 1;

let nextPort = 5000;

/** The state of one test, and what it writes down. */
export class Trial {
  readonly wire: Wire;
  readonly #kernel: string[] = [];
  readonly #findings: string[] = [];
  readonly #before: ReadonlyMap<string, number> = counters();
  readonly #applications: Application[] = [];
  readonly #subflows: Subflow[] = [];
  readonly #undo: (() => void)[] = [];
  #expected: Readonly<Record<string, number>> = {};

  constructor(wire: Wire) {
    this.wire = wire;
  }

  get row(): Row {
    const counters = this.#known().map(([name, count]) => `${name} ${count}`);
    return { kernel: this.#kernel, counters, findings: this.#findings };
  }

  /** A port that no other test uses. */
  port(): number {
    return nextPort++;
  }

  /** An application of the kernel's side that listens. */
  async listen(port: number, options?: SocketOptions): Promise<Application> {
    const application = await Application.listen(port, options);
    this.#applications.push(application);
    return application;
  }

  /** An application of the kernel's side that connects to `port` of ours, and its SYN. */
  async connect(port: number, options?: SocketOptions): Promise<{ application: Application; syn: Segment }> {
    const application = Application.connect(OURS, port, options);
    this.#applications.push(application);
    return { application, syn: await this.syn(port, OURS) };
  }

  /** The kernel's SYN to an address and port of ours. */
  async syn(port: number, address: string): Promise<Segment> {
    const segment = await this.wire.receive(({ destination, destinationPort, flags }) => {
      return destination === address && destinationPort === port && (flags & SYN) !== 0;
    });
    expect(segment, `a SYN to ${address} port ${port}`).toBeDefined();
    return segment!;
  }

  /** A subflow of ours, not open yet. */
  subflow(connection: Connection, input: SubflowInput): Subflow {
    const subflow = new Subflow(this.wire, connection, input);
    this.#subflows.push(subflow);
    return subflow;
  }

  /** The subflow of ours that a SYN of the kernel's is for. */
  answering(connection: Connection, syn: Segment): Subflow {
    const { destination, destinationPort, source, sourcePort } = syn;
    return this.subflow(connection, {
      local: destination,
      localPort: destinationPort,
      remote: source,
      remotePort: sourcePort,
    });
  }

  /** A connection of ours to a listening application, over which `data` has gone and was acknowledged. */
  async open(
    data: string,
    input: ConnectionInput & Partial<SubflowInput> & SocketOptions = {},
  ): Promise<Opened & { readonly answer: Segment | undefined }> {
    const remotePort = input.remotePort ?? this.port();
    const application = await this.listen(remotePort, input);
    const connection = new Connection(input);
    const subflow = this.subflow(connection, { ...input, remotePort });
    const answer = await subflow.connect(octets(data));
    expect(await subflow.acknowledged(), 'DATA_ACK of the first data').toBeDefined();
    expect(text(await application.read(data.length))).toBe(data);
    return { application, subflow, connection, answer };
  }

  /** A connection that the kernel has opened to us, over which it has sent `data`, which we have acknowledged. */
  async accept(
    data: string,
    input: ConnectionInput & SocketOptions & { denyJoin?: boolean } = {},
  ): Promise<Opened & { readonly port: number }> {
    const port = this.port();
    const { application, syn } = await this.connect(port, input);
    const connection = new Connection(input);
    const subflow = this.answering(connection, syn);
    await subflow.acceptCapable(syn, { denyJoin: input.denyJoin ?? false });
    application.write(octets(data));
    const segment = await subflow.read();
    expect(text(segment?.payload)).toBe(data);
    return { application, subflow, connection, port };
  }

  /** The kernel has sent this, in the words of {@link describe}. */
  shows(segment: Segment | undefined, subflow: Subflow, words: string): void {
    expect(describe(segment, subflow)).toBe(words);
    this.#kernel.push(words);
  }

  /** The kernel acknowledges all our data so far. */
  async acknowledges(subflow: Subflow): Promise<void> {
    const segment = await subflow.acknowledged();
    expect(segment, 'a DATA_ACK of all data').toBeDefined();
    this.#kernel.push(describe(segment, subflow));
  }

  /** The kernel sends nothing that matches. */
  async silent(subflow: Subflow, match: (segment: Segment) => boolean, words: string): Promise<void> {
    await this.#seen();
    const segment = await this.wire.receive(match, SILENCE);
    expect(describe(segment, subflow)).toBe('nothing');
    this.#kernel.push(words);
  }

  /** The kernel's application reads exactly these octets. */
  async reads(application: Application, data: Uint8Array | string): Promise<void> {
    const wanted = typeof data === 'string' ? octets(data) : data;
    expect(Buffer.compare(await application.read(wanted.length), wanted), 'what the application reads').toBe(0);
    this.#kernel.push(`application reads ${wanted.length === 1 ? 'the octet' : `the ${wanted.length} octets`}`);
  }

  /** The kernel's application reads nothing more. */
  async readsNothing(application: Application): Promise<void> {
    expect(text(await application.read(1, SILENCE))).toBe('');
    this.#kernel.push('application reads nothing');
  }

  /** How the kernel's application sees the connection end: `EOF` or an error. */
  async ends(application: Application, how: string): Promise<void> {
    expect(await application.ended()).toBe(how);
    this.#kernel.push(`application gets ${how}`);
  }

  /** `ss -Mni` shows these words for the connection. */
  state(connection: Connection, words: readonly string[]): void {
    const shown = socketOf(connection.peerToken);
    expect(shown).toEqual(expect.arrayContaining([...words]));
    const names = words.map((word) => word.replace(/^token:.*/, 'the token'));
    this.#kernel.push(`\`ss\` shows ${names.join(', ')}`);
  }

  /** All that the kernel's application wrote has been acknowledged, as `ss -Mni` shows it. */
  async delivered(connection: Connection): Promise<void> {
    const numbers = (): string[] => {
      const words = socketOf(connection.peerToken);
      return ['write_seq:', 'snd_una:'].map(
        (name) => words.find((word) => word.startsWith(name))?.slice(name.length) ?? name,
      );
    };
    await until(() => new Set(numbers()).size === 1);
    const [written, acknowledged] = numbers();
    expect(acknowledged).toBe(written);
    this.#kernel.push('`ss` shows all its data acknowledged');
  }

  /** Something else that was seen, and has been asserted. */
  saw(words: string): void {
    this.#kernel.push(words);
  }

  /** Where the kernel does otherwise than the RFC says or a reader expects. */
  finding(words: string): void {
    this.#findings.push(words);
  }

  /** A counter has moved by this much. */
  async counted(name: string, count: number): Promise<void> {
    if (!this.#before.has(name)) return;
    await until(() => this.#moved()[name] === count);
    expect(this.#moved()[name], name).toBe(count);
  }

  /** By how much the counters have moved at the end of the body. */
  counts(expected: Readonly<Record<string, number>>): void {
    this.#expected = expected;
  }

  /** Set a kernel parameter until the end of the test. */
  parameter(path: string, value: string): void {
    const before = setParameter(path, value);
    this.#undo.push(() => setParameter(path, before));
  }

  /** Add an address to the kernel's path manager until the end of the test. */
  async endpoint(...words: string[]): Promise<void> {
    await this.#seen();
    command('ip', 'mptcp', 'endpoint', 'add', ...words);
  }

  /** Hold the counters against what was expected, once they stand still. */
  async settle(): Promise<void> {
    await this.#seen();
    const known = this.#known();
    const expected = Object.fromEntries(known);
    await until(() => known.every(([name, count]) => this.#moved()[name] === count));
    expect(this.#moved()).toEqual(expected);
  }

  /** Leave nothing behind: no connection, process, endpoint or parameter. */
  async end(): Promise<void> {
    for (const subflow of this.#subflows) {
      const { connection } = subflow;
      subflow.send(RST | ACK, connection.capable ? [mpFastclose(connection.peerKey)] : []);
    }
    await Promise.all(this.#applications.map((application) => application.kill()));
    command('ip', 'mptcp', 'endpoint', 'flush');
    command('ip', 'mptcp', 'limits', 'set', 'subflows', '8', 'add_addr_accepted', '8');
    for (const undo of this.#undo) undo();
    await this.#seen();
    await until(() => counters().get('MPCurrEstab') === 0, SILENCE);
    this.wire.close();
  }

  /** Wait until the kernel has seen all that was sent: packets stay in order, and a closed port answers at once. */
  async #seen(): Promise<void> {
    const probe = new Subflow(this.wire, new Connection(), { local: '10.77.0.254', remotePort: CLOSED_PORT });
    probe.send(SYN);
    expect(await probe.receive(), 'RST of a closed port').toBeDefined();
  }

  /** What is expected of the counters that this kernel has. */
  #known(): [string, number][] {
    return Object.entries(this.#expected).filter(([name]) => this.#before.has(name));
  }

  #moved(): Record<string, number> {
    const moved: Record<string, number> = {};
    for (const [name, count] of counters()) {
      const difference = count - (this.#before.get(name) ?? 0);
      if (difference !== 0 && !UNSTEADY.test(name)) moved[name] = difference;
    }
    return moved;
  }
}

function text(bytes: Uint8Array | undefined): string {
  return Buffer.from(bytes ?? []).toString('latin1');
}
