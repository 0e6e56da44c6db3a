/**
 * Scenarios on good networks.
 *
 * @module
 */
import type { Scenario } from './scenario.ts';
import { slowDown, type World } from './topology.ts';

/** Both hosts take part in as many subflows as come. */
export function open({ client, server }: World): void {
  for (const host of [client, server]) host.set('ip mptcp limits set subflows 8 add_addr_accepted 8');
}

export const HEALTHY: readonly Scenario[] = [
  {
    name: '01-basic',
    about: 'handshake of version 1, a little data both ways, close with DATA_FIN',
    findings: [],
    async play(stage) {
      const pair = await stage.pair();
      await stage.talk(pair, 22, 22);
      await stage.talk(pair, 3000, 5000);
      stage.note();
      await stage.close(pair);
    },
  },
  {
    name: '03-add-addr4',
    about: 'the server advertises an IPv4 address, the client confirms it and joins there',
    paths: 2,
    findings: [],
    settings(world) {
      open(world);
      world.server.set('ip mptcp endpoint add 10.2.0.2 dev eth2 signal id 5');
    },
    play: joined('MPJoinAckRx'),
  },
  {
    name: '04-add-addr6',
    about: 'the same as 03-add-addr4 over IPv6',
    paths: 2,
    ipv6: true,
    findings: [],
    settings(world) {
      open(world);
      world.server.set('ip mptcp endpoint add fd00:2::2 dev eth2 signal id 6');
    },
    play: joined('MPJoinAckRx'),
  },
  {
    name: '05-add-addr4-port',
    about: 'ADD_ADDR with a port, and a join to it',
    paths: 2,
    findings: [],
    settings(world) {
      open(world);
      world.server.set('ip mptcp endpoint add 10.2.0.2 dev eth2 signal id 5 port 10100');
    },
    play: joined('MPJoinAckRx'),
  },
  {
    name: '05b-add-addr6-port-dropped',
    about: 'ADD_ADDR of IPv6 with a port does not fit beside timestamps: never sent',
    paths: 2,
    ipv6: true,
    findings: [],
    settings(world) {
      open(world);
      world.server.set('ip mptcp endpoint add fd00:2::2 dev eth2 signal id 5 port 10100');
    },
    play: joined('AddAddrTxDrop'),
  },
  {
    name: '06-remove-addr',
    about: 'the client takes back an address: REMOVE_ADDR, the subflow closes',
    paths: 2,
    findings: [],
    settings(world) {
      open(world);
      world.client.set('ip mptcp endpoint add 10.2.0.1 dev eth2 subflow id 4');
    },
    async play(stage) {
      const pair = await stage.pair();
      await stage.talk(pair);
      await stage.world.server.counted('MPJoinAckRx');
      await stage.rest(100);
      stage.note();
      stage.world.client.set('ip mptcp endpoint delete id 4');
      await stage.world.server.counted('RmAddr');
      await stage.rest(200);
      await stage.talk(pair);
      await stage.close(pair);
    },
  },
  {
    name: '07-backup',
    about: 'a backup subflow, made regular and backup again by MP_PRIO',
    paths: 2,
    findings: [],
    settings(world) {
      open(world);
      slowDown(world.client, 'eth1', 'eth2');
      slowDown(world.server, 'eth1', 'eth2');
      world.client.set('ip mptcp endpoint add 10.2.0.1 dev eth2 subflow backup id 4');
    },
    async play(stage) {
      const pair = await stage.pair(SMALL, SMALL);
      await stage.talk(pair);
      await stage.world.server.counted('MPJoinAckRx');
      await stage.rest(100);
      stage.note();
      stage.world.client.set('ip mptcp endpoint change id 4 nobackup');
      await stage.world.server.counted('MPPrioRx');
      await stage.rest(50);
      await stage.say(pair.client, pair.server, 40_000);
      stage.world.client.set('ip mptcp endpoint change id 4 backup');
      await stage.world.server.counted('MPPrioRx', 2);
      await stage.rest(50);
      await stage.talk(pair);
      await stage.close(pair);
    },
  },
  {
    name: '07b-backup-server',
    about: "the server's side is backup: B in the MP_JOIN SYN/ACK, MP_PRIO by the server",
    paths: 2,
    findings: [],
    settings(world) {
      open(world);
      world.server.set('ip mptcp endpoint add 10.2.0.2 dev eth2 signal backup id 5');
    },
    async play(stage) {
      const pair = await stage.pair();
      await stage.talk(pair);
      await stage.world.server.counted('MPJoinAckRx');
      await stage.rest(100);
      stage.note();
      stage.world.server.set('ip mptcp endpoint change id 5 nobackup');
      await stage.world.client.counted('MPPrioRx');
      await stage.talk(pair);
      await stage.close(pair);
    },
  },
  {
    name: '08b-checksum-client-only',
    about: 'only the client asks for DSS checksums',
    findings: [],
    settings({ client }) {
      client.set('sysctl -w net.mptcp.checksum_enabled=1');
    },
    async play(stage) {
      const pair = await stage.pair();
      await stage.talk(pair, 101, 203);
      stage.note();
      await stage.close(pair);
    },
  },
  {
    name: '09-fastclose-linger0',
    about: 'MP_FASTCLOSE on two subflows',
    paths: 2,
    findings: [],
    settings(world) {
      open(world);
      world.client.set('ip mptcp endpoint add 10.2.0.1 dev eth2 subflow');
    },
    async play(stage) {
      const pair = await stage.pair({ abort: true });
      await stage.talk(pair);
      await stage.world.server.counted('MPJoinAckRx');
      await stage.rest(100);
      stage.note();
      await pair.client.kill();
      await pair.server.ended();
    },
  },
  {
    name: '14-c-flag',
    about: "the server's SYN/ACK denies joins to its first address",
    paths: 2,
    findings: [],
    settings(world) {
      open(world);
      world.server.set('sysctl -w net.mptcp.allow_join_initial_addr_port=0');
      world.client.set('ip mptcp endpoint add 10.2.0.1 dev eth2 subflow');
    },
    async play(stage) {
      const pair = await stage.pair();
      await stage.talk(pair);
      await stage.rest(500);
      stage.note();
      await stage.close(pair);
    },
  },
  {
    name: '18d-tfo',
    about: 'data in the SYN, by TCP Fast Open',
    findings: [],
    settings({ client, server }) {
      client.set('sysctl -w net.ipv4.tcp_fastopen=3');
      // 0x400: every listener takes it.
      server.set('sysctl -w net.ipv4.tcp_fastopen=1027');
    },
    async play(stage) {
      for (let i = 0; i < 2; i++) {
        const pair = await stage.pair({ fastOpen: true });
        await stage.talk(pair, 200, 90);
        await stage.talk(pair, 100, 50);
        stage.note();
        await stage.close(pair);
        await pair.server.kill();
      }
    },
  },
];

/** A receive buffer so small that data goes over all subflows. */
export const SMALL = { receiveBuffer: 32_768 };

/** Talk, wait for a counter of the server, talk again. */
function joined(counter: string): Scenario['play'] {
  return async (stage) => {
    const pair = await stage.pair();
    await stage.talk(pair);
    await stage.world.server.counted(counter);
    await stage.rest(100);
    stage.note();
    await stage.talk(pair);
    await stage.close(pair);
  };
}
