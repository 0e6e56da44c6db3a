/**
 * The Linux kernel's side: its addresses, its MPTCP settings and counters, and programs with
 * MPTCP sockets, which socat makes without a line of code. All in the network namespace that
 * `run.ts` has made; nothing outside it is touched.
 *
 * @module
 */
import { type ChildProcessWithoutNullStreams, execFileSync, spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** The TUN device: kernel addresses on it. Every other address of these subnets is ours. */
export const KERNEL = { ipv4: '10.77.0.1', ipv6: 'fd77::1', other: '10.77.0.101', otherIpv6: 'fd77::101' } as const;

/** Where socat puts what the kernel sends into the TUN device, and takes what the kernel is to receive. */
export const TUN_PORTS = { ours: 47001, socat: 47002 } as const;

const IPPROTO_MPTCP = 262;
const AF_INET = 2;
const AF_INET6 = 10;
/** How long a test waits for what must come, in milliseconds. */
export const PATIENCE = 2000;

/** Run a command of iproute2; its standard output. */
export function command(name: 'ip' | 'ss', ...args: string[]): string {
  return execFileSync(name, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

/** Set a kernel parameter of the namespace, such as `net/mptcp/checksum_enabled`; the value it had. */
export function setParameter(path: string, value: string): string {
  const file = `/proc/sys/${path}`;
  const before = readFileSync(file, 'utf8').trim();
  writeFileSync(file, value);
  return before;
}

/** The kernel's MPTCP counters: the `MPTcpExt` lines of /proc/net/netstat. */
export function counters(): Map<string, number> {
  const [names = [], values = []] = readFileSync('/proc/net/netstat', 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('MPTcpExt:'))
    .map((line) => line.split(' ').slice(1));
  return new Map(names.map((name, i) => [name, Number(values[i])]));
}

/** The words of `ss -HMni` for the connection whose token at the kernel's side is `token`; empty if it is gone. */
export function socketOf(token: number): string[] {
  const lines = command('ss', '-HMni').split('\n');
  const line = lines.find((text) => text.includes(`token:${token.toString(16)} `)) ?? '';
  return line.trim().split(/\s+/);
}

/** Subflows of the namespace in state ESTABLISHED, as `ss -tni` lists them. */
export function subflows(): string[] {
  const lines = command('ss', '-Htni', 'state', 'established').split('\n');
  return lines.filter((line) => line.includes('tcp-ulp-mptcp'));
}

/** A process with one MPTCP socket; its standard input and output are the socket's data. */
export class Application {
  readonly #process: ChildProcessWithoutNullStreams;
  readonly #received: Buffer[] = [];
  #log = '';

  private constructor(address: string) {
    this.#process = spawn('socat', ['-d', '-d', '-t', '30', address, 'STDIO'], { stdio: 'pipe' });
    this.#process.stdout.on('data', (octets: Buffer) => this.#received.push(octets));
    this.#process.stderr.on('data', (text: Buffer) => {
      this.#log += text;
    });
    this.#process.stdin.on('error', () => {});
  }

  /** Listen on every address, IPv4 and IPv6, at `port`. */
  static async listen(port: number, options: SocketOptions = {}): Promise<Application> {
    const address = `x${hex16(port)}${'0'.repeat(48)}`;
    const words = `SOCKET-LISTEN:${AF_INET6}:${IPPROTO_MPTCP}:${address},reuseaddr,fork${suffix(options)}`;
    const application = new Application(words);
    await application.#logged(/listening on/);
    return application;
  }

  /** Connect to an IPv4 address and port. */
  static connect(address: string, port: number, options: SocketOptions = {}): Application {
    const octets = address.split('.').map((part) => Number(part).toString(16).padStart(2, '0'));
    const target = `x${hex16(port)}${octets.join('')}${'0'.repeat(16)}`;
    return new Application(`SOCKET-CONNECT:${AF_INET}:${IPPROTO_MPTCP}:${target}${suffix(options)}`);
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
}

/** socat's two ways to log the end of what the socket delivers. FD 0 is our own end. */
const END = /socket [12] \(fd [1-9]\d*\) is at EOF|\b(?:read|write|connect)\([^)]*\): ([^\n]+)/;

/** Wait until `condition` holds; whether it did in time. */
export async function until(condition: () => boolean, patience: number = PATIENCE): Promise<boolean> {
  const end = Date.now() + patience;
  while (!condition()) {
    if (Date.now() > end) return false;
    await sleep(2);
  }
  return true;
}

function children(pid: number): number[] {
  const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8');
  return text.split(' ').filter(Boolean).map(Number);
}

function hex16(value: number): string {
  return value.toString(16).padStart(4, '0');
}

function suffix({ abort = false }: SocketOptions): string {
  return abort ? ',so-linger=0' : '';
}
