/**
 * What a play may do: open connections, talk, wait for the kernel, and note what it says.
 *
 * @module
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { Application, type SocketOptions } from '../live/application.ts';
import type { Host } from './host.ts';
import { Program } from './program.ts';
import type { World } from './topology.ts';

/** A connection as `ss` of both hosts shows it. */
export interface TrueConnection {
  readonly client: string;
  readonly server: string;
  /** 8 hex digits; absent where the host's socket is plain TCP, from the first or since it was refused. */
  readonly clientToken?: string | undefined;
  readonly serverToken?: string | undefined;
  /** Established subflows at the client, the first one included. */
  readonly subflows: number;
}

/** Both ends of a connection. */
export interface Pair {
  readonly client: Application;
  readonly server: Application;
}

/** One play. */
export class Stage {
  readonly world: World;
  readonly connections: TrueConnection[] = [];
  readonly ipv6: boolean;
  readonly #applications: Application[] = [];
  readonly #programs: Program[] = [];
  /** File that the client's capture goes to. */
  readonly capture: string;

  constructor(world: World, ipv6: boolean, capture: string) {
    this.world = world;
    this.ipv6 = ipv6;
    this.capture = capture;
  }

  /** A program of the server that listens. */
  async listen(port = 5001, options: SocketOptions = {}, host: Host = this.world.server): Promise<Application> {
    const application = await Application.listen(port, { family: this.ipv6 ? 6 : 4, ...options, host: host.name });
    this.#applications.push(application);
    return application;
  }

  /** A program of the client that connects, and the listening one at the other end. */
  async connect(
    server: Application,
    port = 5001,
    options: SocketOptions = {},
    address: string = this.world.address,
  ): Promise<Pair> {
    const client = Application.connect(address, port, { ...options, host: this.world.client.name });
    this.#applications.push(client);
    if (!(await client.connected(8000))) throw new Error(`no connection to ${address}`);
    return { client, server };
  }

  /** A program of each host, connected. */
  async pair(client: SocketOptions = {}, server: SocketOptions = {}): Promise<Pair> {
    return await this.connect(await this.listen(5001, server), 5001, client);
  }

  /** The client says so many octets, and the server answers so many. */
  async talk({ client, server }: Pair, up = 300, down = 500): Promise<void> {
    await this.say(client, server, up);
    await this.say(server, client, down);
  }

  /** Send a text, or so many octets, from one end to the other. */
  async say(from: Application, to: Application, words: string | number): Promise<void> {
    const data = typeof words === 'string' ? Buffer.from(words) : filler(words);
    from.write(data);
    const heard = await to.read(data.length, 15_000);
    if (Buffer.compare(heard, data) !== 0) throw new Error(`${heard.length} octets of ${data.length} arrived`);
  }

  /** The client ends its data, then the server. */
  async close({ client, server }: Pair): Promise<void> {
    await this.rest(40);
    client.end();
    await server.ended(3000);
    server.end();
    await client.ended(3000);
    await this.rest(100);
  }

  /** Note what the kernels say of the connections that are open now. */
  note(): void {
    const { client, server } = this.world;
    const far = sockets(server, '-HMniO');
    const flows = sockets(client, '-HtniO');
    const near = sockets(client, '-HMniO');
    // A socket that has fallen back to TCP at once has no MPTCP line, or one without a token.
    const open = near.some(({ token }) => token !== undefined) ? near : flows.slice(0, 1);
    for (const { local, peer, token } of open) {
      const other = far.find((socket) => socket.peer === local) ?? (open.length === 1 ? far[0] : undefined);
      const subflows = flows.filter((flow) => token === undefined || flow.token === token).length;
      this.connections.push({ client: local, server: peer, clientToken: token, serverToken: other?.token, subflows });
    }
  }

  /** A program of a host, which ends with the play. */
  run(host: Host, ...words: string[]): Program {
    const program = new Program(host, words);
    this.#programs.push(program);
    return program;
  }

  /** Wait some milliseconds. */
  async rest(milliseconds: number): Promise<void> {
    await sleep(milliseconds);
  }

  /** End all programs. */
  async end(): Promise<void> {
    for (const program of this.#programs) program.kill();
    await Promise.all(this.#applications.map((application) => application.kill()));
  }
}

interface Socket {
  readonly local: string;
  readonly peer: string;
  readonly token?: string | undefined;
}

/** The established sockets of a host, and the tokens that it gave. `ss` leaves out leading zeros. */
function sockets(host: Host, options: string): Socket[] {
  const lines = host.run('ss', options, 'state', 'established').split('\n').filter(Boolean);
  return lines.map((line) => {
    const [, , local = '', peer = ''] = line.trim().split(/\s+/);
    // A subflow's line has both tokens: token:REMOTE(id:N)/LOCAL(id:N)
    const token = /\btoken:(?:[0-9a-f]+\(id:\d+\)\/)?([0-9a-f]+)/.exec(line)?.[1]?.padStart(8, '0');
    return { local: plain(local), peer: plain(peer), token: token === '00000000' ? undefined : token };
  });
}

/** An address and port without IPv6's mapped form. */
function plain(place: string): string {
  return place.replace(/^\[::ffff:([\d.]+)\]/, '$1');
}

/** Octets of text. */
function filler(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => 32 + ((i * 7) % 95));
}
