/**
 * One line of JSON a packet.
 *
 * @module
 */
import { packetToJson, type TextOptions } from './json.ts';
import type { MptcpPacket } from './packet.ts';

/** The line of `packet`, its line feed included. */
export function packetLine(packet: MptcpPacket, options: TextOptions = {}): string {
  return `${JSON.stringify(packetToJson(packet, options))}\n`;
}
