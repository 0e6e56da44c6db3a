/**
 * A box in the middle of the paths that may change, drop or delay frames: TAP devices, plugged
 * into client and server, whose other ends are here.
 *
 * @module
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { FrameCursor } from '../../src/ip/frame.ts';
import { LinkType } from '../../src/ip/link.ts';
import { addSums, onesComplementSum } from '../../src/tcp/checksum.ts';
import { until } from '../live/kernel.ts';
import { bringUp, command, type Port } from './host.ts';

/** A frame on its way. */
export interface Passing {
  /** Ethernet frame; a policy may change it. */
  readonly frame: Uint8Array;
  /** Its TCP header, where it has one. */
  readonly tcp: FrameCursor | undefined;
  readonly toServer: boolean;
  /** Number of the path, from 1. */
  readonly path: number;
}

/** What becomes of a frame: it is dropped, or goes on after some milliseconds. After a change the checksum is made right. */
export type Policy = (passing: Passing) => 'drop' | 'changed' | number;

/** Ports of this namespace, which nobody else uses. */
let nextPort = 48000;

/** The box. */
export class Box {
  readonly #policy: Policy;
  readonly #cursor = new FrameCursor();
  readonly #processes: ChildProcess[] = [];
  readonly #sockets: Socket[] = [];

  constructor(policy: Policy) {
    this.#policy = policy;
  }

  /** Connect two devices through the box. */
  async insert(client: Port, server: Port, path: number): Promise<void> {
    const near = await this.#tap(client);
    const far = await this.#tap(server);
    near.on('message', (frame) => this.#pass(frame, true, path, far));
    far.on('message', (frame) => this.#pass(frame, false, path, near));
  }

  remove(): void {
    for (const child of this.#processes) child.kill('SIGKILL');
    for (const socket of this.#sockets) socket.close();
  }

  /** A TAP device in the place of `port`; each datagram of the socket is a frame. */
  async #tap(port: Port): Promise<Socket> {
    const socket = createSocket('udp4');
    const ours = nextPort++;
    const theirs = nextPort++;
    socket.bind(ours, '127.0.0.1');
    await once(socket, 'listening');
    const name = `tap${ours}`;
    const device = `TUN,tun-type=tap,tun-name=${name},iff-no-pi,iff-up`;
    const datagrams = `UDP4-DATAGRAM:127.0.0.1:${ours},bind=127.0.0.1:${theirs}`;
    this.#processes.push(
      spawn('socat', ['-b', '65536', device, datagrams], { stdio: ['ignore', 'ignore', 'inherit'] }),
    );
    if (!(await until(() => command('ip', '-o', 'link').includes(name)))) throw new Error(`socat made no ${name}`);
    command('ip', 'link', 'set', name, 'netns', port.host.name, 'name', port.device);
    bringUp(port);
    socket.connect(theirs, '127.0.0.1');
    await once(socket, 'connect');
    this.#sockets.push(socket);
    return socket;
  }

  #pass(frame: Buffer, toServer: boolean, path: number, out: Socket): void {
    const cursor = this.#cursor;
    const isTcp = cursor.reset(LinkType.ethernet, frame, 0, frame.length, frame.length);
    const fate = this.#policy({ frame, tcp: isTcp ? cursor : undefined, toServer, path });
    if (fate === 'drop') return;
    if (fate === 'changed') correct(frame, cursor);
    if (typeof fate === 'number' && fate > 0) setTimeout(() => out.send(frame), fate);
    else out.send(frame);
  }
}

/** Make the TCP checksum right. */
function correct(frame: Uint8Array, cursor: FrameCursor): void {
  const { tcp, source, ipVersion } = cursor;
  const end = cursor.payload + cursor.payloadLength;
  const view = new DataView(frame.buffer, frame.byteOffset, frame.length);
  view.setUint16(tcp + 16, 0);
  const addresses = onesComplementSum(frame, source, ipVersion === 4 ? 8 : 32);
  const sum = addSums(addSums(addresses, 6 + end - tcp), onesComplementSum(frame, tcp, end - tcp));
  view.setUint16(tcp + 16, sum ^ 0xffff);
}
