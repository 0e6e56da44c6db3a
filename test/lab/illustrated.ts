/**
 * The connection of the field guide's first chapter: a phone with two networks and a server
 * with two addresses.
 *
 * @module
 */
import type { Scenario } from './scenario.ts';

/** One-way delays of the two networks, in milliseconds. */
const DELAYS = [4, 18];

export const ILLUSTRATED: Scenario = {
  name: 'illustrated',
  about: 'a phone leaves its first network: most of the protocol in one small connection',
  topology: 'bridged',
  paths: 2,
  devices: { client: ['wlan0', 'lte0'], server: ['eth0', 'eth1'] },
  policy:
    () =>
    ({ path }) =>
      DELAYS[path - 1] ?? 0,
  needs: ['dumpcap', 'reordercap'],
  findings: [],
  settings({ client, server }) {
    for (const host of [client, server]) {
      host.set('sysctl -w net.ipv6.conf.all.disable_ipv6=1');
      host.set('sysctl -w net.mptcp.checksum_enabled=1');
      host.set('ip mptcp limits set subflows 2 add_addr_accepted 2');
    }
    server.set('ip mptcp endpoint add 10.2.0.2 dev eth1 signal id 8');
    client.set('ip mptcp endpoint add 10.1.0.1 dev wlan0 subflow id 1');
    client.set('ip mptcp endpoint add 10.2.0.1 dev lte0 id 2');
  },
  async play(stage) {
    const { client, server } = stage.world;
    const pair = await stage.connect(await stage.listen(8080), 8080);
    await stage.say(pair.client, pair.server, 'Hello from the kitchen.\n');
    await stage.say(pair.server, pair.client, 'Hello, phone! I have a second address, too.\n');
    await server.counted('MPJoinAckRx');
    await stage.rest(200);
    stage.note();
    await stage.say(pair.client, pair.server, 'I am about to leave the house.\n');
    await stage.rest(100);
    client.set('ip mptcp endpoint change id 1 backup');
    await server.counted('MPPrioRx');
    await stage.rest(100);
    await stage.say(pair.client, pair.server, 'Now I am in the street. Same stream, other path.\n');
    await stage.say(pair.server, pair.client, 'I had not noticed.\n');
    await stage.rest(100);
    client.set('ip mptcp endpoint delete id 1');
    await server.counted('RmAddr');
    await stage.rest(100);
    await stage.say(pair.client, pair.server, 'The kitchen is out of reach. Goodbye!\n');
    await stage.rest(60);
    await stage.close(pair);
    await stage.rest(300);
  },
};
