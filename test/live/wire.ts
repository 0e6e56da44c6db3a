/**
 * The wire between our side and the kernel: segments out, segments in.
 *
 * @module
 */
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { formatAddress } from '../../src/ip/address.ts';
import { FrameCursor } from '../../src/ip/frame.ts';
import { LinkType } from '../../src/ip/link.ts';
import type { Malformed } from '../../src/malformed.ts';
import type { MptcpOption } from '../../src/mptcp/option.ts';
import { decodeOptionList } from '../../src/tcp/options.ts';
import { ipPacket, type PacketParts } from '../packet.ts';
import { PATIENCE, TUN_PORTS } from './kernel.ts';

/** A TCP segment that the kernel sent. */
export interface Segment {
  readonly source: string;
  readonly sourcePort: number;
  readonly destination: string;
  readonly destinationPort: number;
  readonly sequenceNumber: number;
  readonly acknowledgmentNumber: number;
  readonly flags: number;
  /** MPTCP options in wire order. */
  readonly options: readonly (MptcpOption | Malformed)[];
  readonly payload: Uint8Array;
}

/** Whether a segment is the one that is waited for. */
export type Match = (segment: Segment) => boolean;

/** Where segments go to the kernel and come from it. What a test does not ask for stays in a queue. */
export abstract class Wire {
  readonly #cursor = new FrameCursor();
  readonly #queue: Segment[] = [];
  readonly #waiting = new Set<{ match: Match; found: (segment: Segment) => void }>();

  /** Hand a segment to the kernel. */
  abstract send(parts: PacketParts): void;

  abstract close(): void;

  /** The first segment that matches, of those queued and those to come; `undefined` where none comes in time. */
  receive(match: Match, patience: number = PATIENCE): Promise<Segment | undefined> {
    const queued = this.#queue.findIndex(match);
    if (queued >= 0) return Promise.resolve(this.#queue.splice(queued, 1)[0]);
    return new Promise((resolve) => {
      const waiter = {
        match,
        found: (segment: Segment | undefined) => {
          clearTimeout(timer);
          this.#waiting.delete(waiter);
          resolve(segment);
        },
      };
      const timer = setTimeout(waiter.found, patience, undefined);
      this.#waiting.add(waiter);
    });
  }

  /** An IP packet has come from the kernel. */
  protected arrived(packet: Uint8Array): void {
    const cursor = this.#cursor;
    if (!cursor.reset(LinkType.raw, packet, 0, packet.length, packet.length)) return;
    const addressLength = cursor.ipVersion === 4 ? 4 : 16;
    const items = decodeOptionList(packet, cursor.options, cursor.optionsEnd - cursor.options);
    const segment: Segment = {
      source: formatAddress(packet, cursor.source, addressLength),
      sourcePort: cursor.sourcePort,
      destination: formatAddress(packet, cursor.destination, addressLength),
      destinationPort: cursor.destinationPort,
      sequenceNumber: cursor.sequenceNumber,
      acknowledgmentNumber: cursor.acknowledgmentNumber,
      flags: cursor.flags,
      options: items.filter((item) => 'type' in item),
      payload: packet.subarray(cursor.payload, cursor.payload + cursor.payloadCaptured),
    };
    for (const waiter of this.#waiting) {
      if (waiter.match(segment)) {
        waiter.found(segment);
        return;
      }
    }
    this.#queue.push(segment);
  }
}

/** The TUN device. */
export class TunWire extends Wire {
  readonly #socket: Socket;

  private constructor(socket: Socket) {
    super();
    this.#socket = socket;
    socket.on('message', (packet) => this.arrived(packet));
  }

  static async open(): Promise<TunWire> {
    const socket = createSocket('udp4');
    socket.bind(TUN_PORTS.ours, '127.0.0.1');
    await once(socket, 'listening');
    // A connected socket sends at once; one that is not looks the address up first, in a later turn.
    socket.connect(TUN_PORTS.socat, '127.0.0.1');
    await once(socket, 'connect');
    return new TunWire(socket);
  }

  override send(parts: PacketParts): void {
    this.#socket.send(ipPacket(parts));
  }

  override close(): void {
    this.#socket.close();
  }
}
