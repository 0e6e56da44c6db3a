/**
 * The packets of given flows.
 *
 * @module
 */
import type { CapturedPacket } from '../capture/packet.ts';
import { formatAddress } from './address.ts';
import { FrameCursor } from './frame.ts';

/** One end of a TCP connection. */
export interface Endpoint {
  /** IPv4 or IPv6, as RFC 5952 writes it. */
  readonly address: string;
  readonly port: number;
}

/** A TCP connection, as a trace's subflows name it. */
export interface Flow {
  readonly client: Endpoint;
  readonly server: Endpoint;
}

/** The packets of `packets` whose TCP header belongs to one of `flows`, in either direction. */
export async function* filterFlows<T extends CapturedPacket>(
  packets: AsyncIterable<T> | Iterable<T>,
  flows: Iterable<Flow>,
): AsyncGenerator<T> {
  const wanted = new Set<string>();
  for (const { client, server } of flows) {
    wanted.add(key(client.address, client.port, server.address, server.port));
    wanted.add(key(server.address, server.port, client.address, client.port));
  }
  const cursor = new FrameCursor();
  for await (const packet of packets) {
    const { linkType, bytes, originalLength } = packet;
    if (!cursor.reset(linkType, bytes, 0, bytes.length, originalLength)) continue;
    const size = cursor.ipVersion === 4 ? 4 : 16;
    const source = formatAddress(bytes, cursor.source, size);
    const destination = formatAddress(bytes, cursor.destination, size);
    if (wanted.has(key(source, cursor.sourcePort, destination, cursor.destinationPort))) yield packet;
  }
}

function key(source: string, sourcePort: number, destination: string, destinationPort: number): string {
  return `${source} ${sourcePort} ${destination} ${destinationPort}`;
}
