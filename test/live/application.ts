/**
 * Programs with MPTCP sockets, which socat makes without a line of code.
 *
 * @module
 */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { endianness } from 'node:os';
import { toHex } from '../../src/bytes.ts';
import { parseAddress } from '../../src/ip/address.ts';
import { PATIENCE, until } from './kernel.ts';

const AF_INET = 2;
const AF_INET6 = 10;
const IPPROTO_TCP = 6;
const IPPROTO_MPTCP = 262;
const TCP_FASTOPEN_CONNECT = 30;
/** The `int` 1, as socat takes it. */
const ONE = endianness() === 'LE' ? 'x01000000' : 'x00000001';

/** A process with one MPTCP socket, by socat; its standard input and output are the socket's data. */
export class Application {
  readonly #process: ChildProcessWithoutNullStreams;
  readonly #received: Buffer[] = [];
  #log = '';

  private constructor(address: string, { abort = false, host, receiveBuffer, fastOpen = false }: SocketOptions) {
    const words = [
      address,
      ...(abort ? ['so-linger=0'] : []),
      ...(receiveBuffer === undefined ? [] : [`rcvbuf=${receiveBuffer}`]),
      ...(fastOpen ? [`setsockopt-listen=${IPPROTO_TCP}:${TCP_FASTOPEN_CONNECT}:${ONE}`] : []),
    ];
    const socat = ['socat', '-d', '-d', '-t', '30', words.join(','), 'STDIO'];
    const [program, ...rest] = host === undefined ? socat : ['ip', 'netns', 'exec', host, ...socat];
    this.#process = spawn(program!, rest, { stdio: 'pipe' });
    this.#process.stdout.on('data', (octets: Buffer) => this.#received.push(octets));
    this.#process.stderr.on('data', (text: Buffer) => {
      this.#log += text;
    });
    this.#process.stdin.on('error', () => {});
  }

  /** Listen on every address at `port`. */
  static async listen(port: number, options: SocketOptions = {}): Promise<Application> {
    const [family, length] = options.family === 4 ? [AF_INET, 12] : [AF_INET6, 24];
    const address = `x${hex16(port)}${'00'.repeat(length)}`;
    const words = `SOCKET-LISTEN:${family}:${protocol(options)}:${address},reuseaddr,fork`;
    const application = new Application(words, options);
    await application.#logged(/listening on/);
    return application;
  }

  /** Connect to an address and port. */
  static connect(address: string, port: number, options: SocketOptions = {}): Application {
    const octets = parseAddress(address);
    const family = octets.length === 4 ? AF_INET : AF_INET6;
    const place =
      octets.length === 4 ? `${toHex(octets)}${'0'.repeat(16)}` : `${'0'.repeat(8)}${toHex(octets)}${'0'.repeat(8)}`;
    return new Application(`SOCKET-CONNECT:${family}:${protocol(options)}:x${hex16(port)}${place}`, options);
  }

  /** Write to the socket. */
  write(data: Uint8Array): void {
    this.#process.stdin.write(data);
  }

  /** End the data: `shutdown(SHUT_WR)`. */
  end(): void {
    this.#process.stdin.end();
  }

  /** What the socket has delivered, once it is `length` octets or more; less, where no more came in time. */
  async read(length: number, patience: number = PATIENCE): Promise<Uint8Array> {
    await until(() => this.#size() >= length, patience);
    return Buffer.concat(this.#received.splice(0));
  }

  /** How the socket's incoming data ended: `EOF`, an error in the C library's words, or nothing yet. */
  async ended(patience: number = PATIENCE): Promise<string | undefined> {
    await until(() => END.test(this.#log), patience);
    const match = END.exec(this.#log);
    return match === null ? undefined : (match[1] ?? 'EOF');
  }

  /** Whether a connection came or went out. */
  async connected(patience: number = PATIENCE): Promise<boolean> {
    return await until(() => /starting data transfer/.test(this.#log), patience);
  }

  /** Kill the process; its socket closes. */
  async kill(): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    const gone = new Promise((resolve) => this.#process.once('close', resolve));
    // A listening socat has a child for each connection: end the children, then the parent.
    for (const child of children(this.#process.pid!)) process.kill(child, 'SIGKILL');
    this.#process.kill('SIGKILL');
    await gone;
  }

  #size(): number {
    return this.#received.reduce((sum, { length }) => sum + length, 0);
  }

  async #logged(pattern: RegExp): Promise<void> {
    await until(() => pattern.test(this.#log) || this.#process.exitCode !== null);
    if (!pattern.test(this.#log)) throw new Error(`socat: ${this.#log}`);
  }
}

/** How a socket is set up. */
export interface SocketOptions {
  /** Close with SO_LINGER 0: drop the connection instead of ending it. */
  readonly abort?: boolean | undefined;
  /** Network namespace to run in; this process's by default. */
  readonly host?: string | undefined;
  /** What a listener takes: IPv4 alone, or IPv6 and IPv4, which is the default. */
  readonly family?: 4 | 6 | undefined;
  /** Plain TCP. MPTCP by default. */
  readonly plain?: boolean | undefined;
  /** SO_RCVBUF. */
  readonly receiveBuffer?: number | undefined;
  /** Send the first data in the SYN, where a cookie is known. */
  readonly fastOpen?: boolean | undefined;
}

/** socat's two ways to log the end of what the socket delivers. FD 0 is our own end. */
const END = /socket [12] \(fd [1-9]\d*\) is at EOF|\b(?:read|write|connect)\([^)]*\): ([^\n]+)/;

function children(pid: number): number[] {
  const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8');
  return text.split(' ').filter(Boolean).map(Number);
}

function hex16(value: number): string {
  return value.toString(16).padStart(4, '0');
}

function protocol({ plain = false }: SocketOptions): number {
  return plain ? IPPROTO_TCP : IPPROTO_MPTCP;
}
