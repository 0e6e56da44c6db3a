/**
 * Scenarios in which a host, a box or a router stands in MPTCP's way.
 *
 * @module
 */
import { decodeOption } from '../../src/mptcp/option.ts';
import { KIND } from '../../src/mptcp/registry.ts';
import { OptionWalk } from '../../src/tcp/walk.ts';
import type { Policy } from './box.ts';
import { open, SMALL } from './healthy.ts';
import { cable, Host } from './host.ts';
import type { Scenario } from './scenario.ts';
import { both, slowDown, type World } from './topology.ts';

export const BROKEN: readonly Scenario[] = [
  {
    name: '03e-add-addr-tampered',
    about: 'a middlebox changes the address inside ADD_ADDR: its HMAC fails',
    topology: 'bridged',
    paths: 2,
    policy: () => tamper,
    findings: ['add-addr-hmac-bad'],
    settings(world) {
      open(world);
      world.server.set('ip mptcp endpoint add 10.2.0.2 dev eth2 signal id 5');
    },
    async play(stage) {
      const pair = await stage.pair();
      await stage.talk(pair);
      await stage.rest(600);
      stage.note();
      await stage.talk(pair);
      await stage.close(pair);
    },
  },
  {
    name: '10-rst-no-subflows-allowed',
    about: 'a join refused for want of resources',
    paths: 2,
    findings: ['join-refused'],
    settings(world) {
      open(world);
      world.server.set('ip mptcp limits set subflows 0');
      world.client.set('ip mptcp endpoint add 10.2.0.1 dev eth2 subflow');
    },
    async play(stage) {
      const pair = await stage.pair();
      await stage.talk(pair);
      await stage.rest(500);
      stage.note();
      await stage.talk(pair);
      await stage.close(pair);
    },
  },
  {
    name: '11-fallback-server-tcp',
    about: 'the server speaks plain TCP',
    findings: ['no-mptcp-in-syn-ack'],
    async play(stage) {
      const pair = await stage.pair({}, { plain: true });
      await stage.talk(pair);
      stage.note();
      await stage.close(pair);
    },
  },
  {
    name: '12-strip-all',
    about: 'a router removes all MPTCP options',
    topology: 'routed',
    findings: ['no-mptcp-in-syn-ack'],
    settings: stripping('reset tcp option mptcp'),
    play: once,
  },
  {
    name: '12b-strip-synack',
    about: 'a router removes MPTCP from the SYN/ACK only',
    topology: 'routed',
    both: true,
    findings: ['no-mptcp-in-syn-ack', 'option-stripped'],
    settings: stripping('tcp flags & (syn|ack) == (syn|ack) reset tcp option mptcp'),
    play: once,
  },
  {
    name: '12d-strip-mid',
    about: 'a router begins to remove options in mid-connection',
    topology: 'routed',
    findings: ['mptcp-lost-after-handshake'],
    settings: stripping('counter'),
    async play(stage) {
      const pair = await stage.pair();
      await stage.talk(pair);
      await stage.talk(pair);
      stage.note();
      stage.world.router?.set('nft add rule inet box forward reset tcp option mptcp');
      await stage.rest(50);
      await stage.talk(pair, 400, 300);
      await stage.rest(500);
      await stage.close(pair);
    },
  },
  {
    name: '12e-strip-join',
    about: 'a router removes MP_JOIN on the second path',
    topology: 'routed',
    paths: 2,
    findings: ['join-no-option-in-syn-ack'],
    settings(world) {
      stripping('iifname { "c2", "s2" } reset tcp option mptcp')(world);
      world.client.set('ip mptcp endpoint add 10.2.0.1 dev eth2 subflow');
    },
    async play(stage) {
      const pair = await stage.pair();
      await stage.talk(pair);
      await stage.rest(600);
      stage.note();
      await stage.talk(pair);
      await stage.close(pair);
    },
  },
  {
    name: '12f-drop-syn',
    about: 'a firewall drops SYNs with MP_CAPABLE',
    topology: 'routed',
    findings: ['no-mptcp-in-syn-ack'],
    settings: stripping('tcp flags & (syn|ack) == syn tcp option mptcp exists drop'),
    async play(stage) {
      for (let i = 0; i < 2; i++) {
        const pair = await stage.pair();
        await stage.talk(pair);
        stage.note();
        await stage.close(pair);
        await pair.server.kill();
        await stage.rest(200);
      }
    },
  },
  {
    name: '13-mp-fail-single',
    about: 'payload changed on the way, checksums on: MP_FAIL, infinite mapping',
    topology: 'bridged',
    policy: corruptOnce,
    findings: ['infinite-mapping', 'mp-fail'],
    settings({ client, server }) {
      for (const host of [client, server]) host.set('sysctl -w net.mptcp.checksum_enabled=1');
    },
    async play(stage) {
      const pair = await stage.pair();
      await stage.talk(pair, 101, 103);
      stage.note();
      pair.client.write(new Uint8Array(501).fill(65));
      await pair.server.read(501);
      await stage.rest(300);
      await stage.say(pair.server, pair.client, 77);
      await stage.say(pair.client, pair.server, 88);
      await stage.close(pair);
    },
  },
  {
    name: '14c-load-balancer',
    about: 'a server behind a balancer advertises its own address; the join goes there',
    topology: 'routed',
    paths: 2,
    findings: [],
    settings(world) {
      open(world);
      world.server.set('sysctl -w net.mptcp.allow_join_initial_addr_port=0');
      balancer(world, 'ip daddr 10.99.0.100 tcp dport 443 dnat to 10.101.0.2:443');
      world.server.set('ip mptcp endpoint add 10.102.0.2 dev eth2 signal id 8');
      world.client.set('ip mptcp endpoint add 10.2.0.1 dev eth2 subflow fullmesh id 2');
    },
    async play(stage) {
      const pair = await stage.connect(await stage.listen(443), 443, {}, '10.99.0.100');
      await stage.talk(pair);
      await stage.world.server.counted('MPJoinAckRx');
      await stage.rest(500);
      stage.note();
      await stage.talk(pair, 8000, 8000);
      await stage.close(pair);
    },
  },
  {
    name: '14e-load-balancer-no-c',
    about: 'without flag C the join goes to the balancer, and on to a server that does not know the token',
    topology: 'routed',
    paths: 2,
    findings: ['join-wrong-host'],
    settings(world) {
      open(world);
      const second = new Host('second');
      world.hosts.push(second);
      cable(
        { host: world.router!, device: 't1', addresses: both(150, 254) },
        { host: second, device: 'eth1', addresses: both(150, 2) },
      );
      second.run('ip', 'route', 'add', 'default', 'via', '10.150.0.254');
      balancer(
        world,
        'ip saddr 10.2.0.1 ip daddr 10.99.0.100 tcp dport 443 dnat to 10.150.0.2:8443;' +
          ' ip daddr 10.99.0.100 tcp dport 443 dnat to 10.101.0.2:8443',
      );
      world.client.set('ip mptcp endpoint add 10.2.0.1 dev eth2 subflow id 2');
    },
    async play(stage) {
      await stage.listen(8443, {}, stage.world.hosts.at(-1));
      const pair = await stage.connect(await stage.listen(8443), 443, {}, '10.99.0.100');
      await stage.talk(pair);
      await stage.rest(500);
      stage.note();
      await stage.talk(pair);
      await stage.close(pair);
    },
  },
  {
    name: '15-nat-path2',
    about: 'the second path translates addresses',
    topology: 'routed',
    paths: 2,
    findings: [],
    settings(world) {
      open(world);
      world.router?.filter(
        'table ip nat { chain post { type nat hook postrouting priority 100; ip saddr 10.2.0.1 masquerade; }; }',
      );
      world.client.set('ip mptcp endpoint add 10.2.0.1 dev eth2 subflow id 2');
      slowDown(world.router!, 'c1', 's1', 'c2', 's2');
    },
    async play(stage) {
      const pair = await stage.pair(SMALL, SMALL);
      await stage.talk(pair);
      await stage.world.server.counted('MPJoinAckRx');
      await stage.rest(100);
      stage.note();
      await stage.say(pair.client, pair.server, 40_000);
      await stage.close(pair);
    },
  },
  {
    name: '16-path-lost',
    about: 'the first path goes dark in mid-connection, the second carries on',
    paths: 2,
    findings: ['subflow-stalled'],
    settings(world) {
      open(world);
      world.client.set('ip mptcp endpoint add 10.2.0.1 dev eth2 subflow id 2');
    },
    async play(stage) {
      const pair = await stage.pair();
      await stage.talk(pair);
      await stage.world.server.counted('MPJoinAckRx');
      await stage.rest(100);
      stage.note();
      stage.world.server.filter(
        'table inet dark { chain in { type filter hook input priority 0; iifname "eth1" drop; }; }',
      );
      await stage.say(pair.client, pair.server, 3000);
      await stage.rest(2500);
      await stage.close(pair);
    },
  },
];

/** Talk once. */
async function once(stage: Parameters<Scenario['play']>[0]): Promise<void> {
  const pair = await stage.pair();
  await stage.talk(pair);
  stage.note();
  await stage.close(pair);
}

/** The router treats what it forwards by a rule of nftables. */
function stripping(rule: string): (world: World) => void {
  return (world) => {
    open(world);
    world.router?.filter(`table inet box { chain forward { type filter hook forward priority 0; ${rule}; }; }`);
  };
}

/** The router is a balancer, by a rule of nftables. */
function balancer({ router }: World, rule: string): void {
  const chains = `chain pre { type nat hook prerouting priority -100; ${rule}; }; chain post { type nat hook postrouting priority 100; };`;
  router?.filter(`table ip balancer { ${chains} }`);
}

/** Change the last octet of the address in each ADD_ADDR of the server. */
const tamper: Policy = ({ frame, tcp, toServer }) => {
  if (tcp === undefined || toServer) return 0;
  const walker = new OptionWalk().reset(frame, tcp.options, tcp.optionsEnd);
  while (walker.next()) {
    if (walker.kind !== KIND) continue;
    const option = decodeOption(frame, walker.offset, walker.length);
    if (option.type !== 'ADD_ADDR' || option.echo) continue;
    option.address[option.address.length - 1]! ^= 0x08;
    return 'changed';
  }
  return 0;
};

/** Change an octet in the first segment of 501 octets of data. */
function corruptOnce(): Policy {
  let done = false;
  return ({ frame, tcp, toServer }) => {
    if (done || tcp === undefined || !toServer || tcp.payloadLength !== 501) return 0;
    done = true;
    frame[tcp.payload + 250]! ^= 0x20;
    return 'changed';
  };
}
