/**
 * Small captures on which other decoders compute wrong numbers. Writes them: `npx tsx test/oracle/disagree.ts`.
 *
 * @module
 */
import { writeFileSync } from 'node:fs';
import { argv } from 'node:process';
import { fileURLToPath } from 'node:url';
import { fromHex } from '../../src/bytes.ts';
import { PcapWriter } from '../../src/capture/write.ts';
import { idsn } from '../../src/mptcp/auth.ts';
import {
  dss,
  joinAck,
  joinSyn,
  joinSynAck,
  mpCapableAck,
  mpCapableSyn,
  mpCapableSynAck,
} from '../../src/mptcp/build.ts';
import type { OptionItem } from '../../src/tcp/options.ts';
import { ACK, captured, type PacketParts, PSH, SYN } from '../packet.ts';

/** The last 32 bits of this key's IDSN are ffffff26: 218 octets on, they wrap. */
const WRAPPING = fromHex('c0ffee000100eac0');
const CLIENT_KEY = fromHex('0001020304050607');
const SERVER_KEY = fromHex('1011121314151617');

const HELLO = new TextEncoder().encode('hello');

/** One subflow, its two hosts, its sequence numbers. */
class Subflow {
  readonly packets: PacketParts[] = [];
  readonly #client: PacketParts;
  readonly #server: PacketParts;
  /** Next sequence numbers of client and server. */
  readonly #next = [1000, 5000];

  constructor(client: string, server: string, clientPort: number, serverPort: number) {
    this.#client = { source: client, destination: server, sourcePort: clientPort, destinationPort: serverPort };
    this.#server = { source: server, destination: client, sourcePort: serverPort, destinationPort: clientPort };
  }

  /** A segment of client (0) or server (1). */
  send(from: 0 | 1, flags: number, options: readonly OptionItem[], payload?: Uint8Array): this {
    const acknowledgmentNumber = flags === SYN ? 0 : this.#next[1 - from]!;
    const sequenceNumber = this.#next[from]!;
    const side = from === 0 ? this.#client : this.#server;
    this.packets.push({ ...side, flags, options, payload, sequenceNumber, acknowledgmentNumber });
    this.#next[from]! += (payload?.length ?? 0) + ((flags & SYN) === 0 ? 0 : 1);
    return this;
  }

  handshake(clientKey: Uint8Array, serverKey: Uint8Array): this {
    this.send(0, SYN, [mpCapableSyn()]);
    this.send(1, SYN | ACK, [mpCapableSynAck({ senderKey: serverKey })]);
    return this.send(0, ACK, [mpCapableAck({ senderKey: clientKey, receiverKey: serverKey })]);
  }

  /** A join that the client of this subflow opens to the host with `receiverKey`. */
  join(senderKey: Uint8Array, receiverKey: Uint8Array): this {
    const [a, b] = [0x11111111, 0x22222222];
    this.send(0, SYN, [joinSyn({ addressId: 2, receiverKey, senderNonce: a })]);
    this.send(1, SYN | ACK, [
      joinSynAck({
        addressId: 3,
        senderKey: receiverKey,
        receiverKey: senderKey,
        senderNonce: b,
        receiverNonce: a,
      }),
    ]);
    return this.send(0, ACK, [joinAck({ senderKey, receiverKey, senderNonce: a, receiverNonce: b })]);
  }
}

const A = '10.1.0.1';
const B = '10.1.0.2';

/** The captures by name: what each holds. No port comes twice, so that they stay apart where tshark reads all as one. */
export const DISAGREE: Readonly<Record<string, readonly PacketParts[]>> = {
  'disagree-widths': widths(),
  'disagree-wrap': wrap(),
  'disagree-server-join': serverJoin(),
  'disagree-late-start': lateStart(),
  'disagree-two-sides': twoSides(),
};

/** A data ACK of 8 octets beside a data sequence number of 4. */
function widths(): PacketParts[] {
  const subflow = new Subflow(A, B, 40010, 443).handshake(CLIENT_KEY, SERVER_KEY);
  const [start, other] = [idsn(CLIENT_KEY) + 1n, idsn(SERVER_KEY) + 1n];
  const place = { dataSequenceNumber: start, width: 4 as const, subflowSequenceNumber: 1, payload: HELLO };
  subflow.send(0, ACK | PSH, [dss({ dataAck: other, width: 8, mapping: place })], HELLO);
  return subflow.send(1, ACK, [dss({ dataAck: start + 5n, width: 8 })]).packets;
}

/** A stream whose sequence numbers pass a multiple of 2^32, mapped by 8 octets, acknowledged by 4. */
function wrap(): PacketParts[] {
  const subflow = new Subflow(A, B, 40020, 443).handshake(WRAPPING, SERVER_KEY);
  const start = idsn(WRAPPING) + 1n;
  const pieces = [new Uint8Array(300).fill(0x61), HELLO];
  subflow.send(0, ACK | PSH, [mapping(start, 1, pieces[0]!)], pieces[0]);
  subflow.send(0, ACK | PSH, [mapping(start + 300n, 301, pieces[1]!)], pieces[1]);
  return subflow.send(1, ACK, [dss({ dataAck: start + 305n, width: 4 })]).packets;
}

/** A second subflow that the server opens. */
function serverJoin(): PacketParts[] {
  const first = new Subflow(A, B, 40030, 443).handshake(CLIENT_KEY, SERVER_KEY);
  first.send(0, ACK | PSH, [mapping(idsn(CLIENT_KEY) + 1n, 1, HELLO)], HELLO);
  const second = new Subflow('10.2.0.2', '10.2.0.1', 50000, 40031).join(SERVER_KEY, CLIENT_KEY);
  second.send(0, ACK | PSH, [mapping(idsn(SERVER_KEY) + 1n, 1, HELLO)], HELLO);
  second.send(1, ACK | PSH, [mapping(idsn(CLIENT_KEY) + 6n, 1, HELLO)], HELLO);
  return [...first.packets, ...second.packets];
}

/** Files of two interfaces, one behind the other: a connection's data comes before its handshake. */
function lateStart(): PacketParts[] {
  const subflow = new Subflow(A, B, 40040, 443).handshake(CLIENT_KEY, SERVER_KEY);
  subflow.send(0, ACK | PSH, [mapping(idsn(CLIENT_KEY) + 1n, 1, HELLO)], HELLO);
  return [...subflow.packets.slice(3), ...subflow.packets.slice(0, 3)];
}

/** One handshake on both sides of an address translator. */
function twoSides(): PacketParts[] {
  const inside = new Subflow(A, B, 40050, 443).handshake(CLIENT_KEY, SERVER_KEY);
  const outside = new Subflow('198.51.100.1', B, 41050, 443).handshake(CLIENT_KEY, SERVER_KEY);
  return inside.packets.flatMap((packet, i) => [packet, outside.packets[i]!]);
}

function mapping(dataSequenceNumber: bigint, subflowSequenceNumber: number, payload: Uint8Array): OptionItem {
  return dss({ mapping: { dataSequenceNumber, width: 8, subflowSequenceNumber, payload } });
}

/** A capture as a file. */
export function disagreeFile(packets: readonly PacketParts[]): Uint8Array {
  const writer = new PcapWriter();
  return Buffer.concat([...packets.map((parts, i) => writer.push(captured(i + 1, parts))), writer.end()]);
}

if (fileURLToPath(import.meta.url) === argv[1]) {
  for (const [name, packets] of Object.entries(DISAGREE)) {
    writeFileSync(new URL(`../../fixtures/captures/${name}.pcap`, import.meta.url), disagreeFile(packets));
  }
}
