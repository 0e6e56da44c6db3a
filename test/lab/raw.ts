/**
 * Scenarios in which somebody else tries to join: segments built here, sent from the client's
 * host through a raw socket.
 *
 * @module
 */
import type { ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { readCaptureSync } from '../../src/capture/capture.ts';
import { decodeFrame } from '../../src/ip/packet.ts';
import { joinAck } from '../../src/mptcp/build.ts';
import { Connection } from '../live/connection.ts';
import { until } from '../live/kernel.ts';
import { Subflow } from '../live/subflow.ts';
import { Wire } from '../live/wire.ts';
import { ACK, ipHeader, type PacketParts, tcpSegment } from '../packet.ts';
import { open } from './healthy.ts';
import type { Host } from './host.ts';
import type { Scenario } from './scenario.ts';
import type { Stage } from './stage.ts';

const SOURCE = '10.2.0.1';
const DESTINATION = '10.2.0.2';

export const RAW: readonly Scenario[] = [
  {
    name: '10b-rst-unknown-token',
    about: 'raw joins with a token that nobody has',
    paths: 2,
    findings: ['join-no-option-in-syn-ack', 'join-unknown-token'],
    settings: withoutResets,
    async play(stage) {
      const pair = await stage.pair();
      await stage.listen(5002, { plain: true });
      await stage.talk(pair);
      stage.note();
      const connection = await sniff(stage);
      const wire = new RawWire(stage.world.client);
      await wire.ready();
      const receiverToken = 0xdeadbeef;
      await new Subflow(wire, connection, to(5001, 40001)).openJoin(1, { receiverToken });
      await new Subflow(wire, connection, to(5002, 40002)).openJoin(1, { receiverToken });
      await new Subflow(wire, connection, to(5003, 40003)).openJoin(1, { receiverToken });
      await new Subflow(wire, connection, to(5002, 40004)).openJoin(1);
      wire.close();
      await stage.rest(200);
      await stage.close(pair);
    },
  },
  {
    name: '10c-rst-bad-hmac',
    about: 'a raw join whose HMAC is wrong',
    paths: 2,
    findings: ['join-hmac-bad'],
    settings: withoutResets,
    async play(stage) {
      const pair = await stage.pair();
      await stage.talk(pair);
      stage.note();
      const wire = new RawWire(stage.world.client);
      await wire.ready();
      const subflow = new Subflow(wire, await sniff(stage), to(5001, 40001));
      await subflow.openJoin(1);
      const { hmac, ...option } = joinAck(subflow.joinInput);
      subflow.send(ACK, [{ ...option, hmac: hmac.map((octet) => octet ^ 0xff) }]);
      await subflow.receive();
      wire.close();
      await stage.rest(200);
      await stage.talk(pair);
      await stage.close(pair);
    },
  },
];

/** The client's kernel must not reset what it knows nothing of. */
function withoutResets(world: Parameters<typeof open>[0]): void {
  open(world);
  const rule = 'tcp sport 40001-40004 tcp flags & rst == rst drop';
  world.client.filter(`table inet raw { chain out { type filter hook output priority 0; ${rule}; }; }`);
}

function to(remotePort: number, localPort: number): ConstructorParameters<typeof Subflow>[2] {
  return { local: SOURCE, localPort, remote: DESTINATION, remotePort };
}

/** The client's part in the open connection, from the keys in the capture so far. */
async function sniff({ capture }: Stage): Promise<Connection> {
  let found: Connection | undefined;
  const look = (): boolean => {
    for (const { linkType, bytes } of readCaptureSync(readFileSync(capture))) {
      const packet = decodeFrame(linkType, bytes);
      for (const option of packet.found === 'tcp' ? packet.tcp.options : []) {
        if (!('type' in option) || option.type !== 'MP_CAPABLE' || option.receiverKey === undefined) continue;
        found = new Connection({ key: option.senderKey });
        found.peerKey = option.receiverKey;
        return true;
      }
    }
    return false;
  };
  await until(look);
  if (found === undefined) throw new Error('no keys in the capture');
  return found;
}

/** A raw socket of a host for TCP between the two addresses, by socat. Answers have no data. */
class RawWire extends Wire {
  readonly #process: ChildProcess;

  constructor(host: Host) {
    super();
    this.#process = host.spawn('socat', 'STDIO', `IP4-DATAGRAM:${DESTINATION}:6,bind=${SOURCE}`);
    this.#process.stdout?.on('data', (octets: Buffer) => this.#cut(octets));
  }

  /** Wait until socat has its socket. */
  async ready(): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, 200));
  }

  override send(parts: PacketParts): void {
    this.#process.stdin?.write(tcpSegment(parts));
  }

  override close(): void {
    this.#process.kill('SIGKILL');
  }

  /** socat gives TCP segments, one behind the other, without IP headers. */
  #cut(octets: Buffer): void {
    for (let at = 0; at + 20 <= octets.length; ) {
      const length = (octets[at + 12]! >>> 4) * 4;
      const segment = octets.subarray(at, at + length);
      this.arrived(ipHeader({ source: DESTINATION, destination: SOURCE }, 6, segment));
      at += Math.max(20, length);
    }
  }
}
