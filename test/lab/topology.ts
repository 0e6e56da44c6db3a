/**
 * The lab's networks. A client, a server, and up to three paths between them, numbered from 1:
 *
 * ```text
 * direct   client eth1 10.1.0.1 ---------------------------- 10.1.0.2 eth1 server
 * bridged  client eth1 10.1.0.1 ---- box, in user space ---- 10.1.0.2 eth1 server
 * routed   client eth1 10.1.0.1 ---- c1 router s1 ---- 10.101.0.2 eth1 server
 * ```
 *
 * Path 2 has 10.2 (10.102) in the place of 10.1; IPv6 has fd00:1::1 and fd00:1::2. Each host
 * sends from an address through the device that has it.
 *
 * @module
 */
import { Box, type Policy } from './box.ts';
import { cable, Host } from './host.ts';
import type { Scenario } from './scenario.ts';

/** How client and server are connected. */
export type Topology = 'direct' | 'bridged' | 'routed';

/** The hosts of a scenario. */
export interface World {
  readonly client: Host;
  readonly server: Host;
  /** The router, where there is one. */
  readonly router: Host | undefined;
  readonly box: Box | undefined;
  readonly hosts: Host[];
  /** The server's first address, as the client reaches it. */
  readonly address: string;
}

/** Build a network. */
export async function build(scenario: Scenario): Promise<World> {
  const { topology = 'direct', paths = 1, devices, ipv6 = false, policy = () => straight } = scenario;
  const client = new Host('client');
  const server = new Host('server');
  const router = topology === 'routed' ? new Host('router') : undefined;
  const box = topology === 'bridged' ? new Box(policy()) : undefined;
  const hosts = [client, server, ...(router === undefined ? [] : [router])];
  if (router !== undefined) {
    router.run('sysctl', '-qw', 'net.ipv4.ip_forward=1', 'net.ipv6.conf.all.forwarding=1');
  }
  for (let path = 1; path <= paths; path++) {
    const device = devices?.client[path - 1] ?? `eth${path}`;
    const near = { host: client, device, addresses: both(path, 1) };
    const far = {
      host: server,
      device: devices?.server[path - 1] ?? `eth${path}`,
      addresses: both(router === undefined ? path : 100 + path, 2),
    };
    if (router !== undefined) {
      cable(near, { host: router, device: `c${path}`, addresses: both(path, 254) });
      cable({ host: router, device: `s${path}`, addresses: both(100 + path, 254) }, far);
      sendFrom(client, path, device, path, 1, 254);
      sendFrom(server, path, far.device, 100 + path, 2, 254);
    } else {
      if (box === undefined) cable(near, far);
      else await box.insert(near, far, path);
      sendFrom(client, path, device, path, 1, 2);
    }
  }
  if (router !== undefined) {
    client.run('ip', 'route', 'add', 'default', 'via', '10.1.0.254');
    server.run('ip', 'route', 'add', 'default', 'via', '10.101.0.254');
    client.run('ip', '-6', 'route', 'add', 'default', 'via', 'fd00:1::fe');
    server.run('ip', '-6', 'route', 'add', 'default', 'via', 'fd00:101::fe');
  }
  const net = router === undefined ? 1 : 101;
  return { client, server, router, box, hosts, address: ipv6 ? `fd00:${net}::2` : `10.${net}.0.2` };
}

/** The box lets everything pass. */
const straight: Policy = () => 0;

/** Limit the rate of some devices, so that the scheduler spreads data over the subflows. */
export function slowDown(host: Host, ...devices: string[]): void {
  for (const device of devices) host.set(`tc qdisc add dev ${device} root tbf rate 20mbit burst 4kb latency 300ms`);
}

/** Remove a network. */
export function demolish(world: World): void {
  world.box?.remove();
  for (const host of world.hosts) host.remove();
}

/** Addresses of a network, IPv4 and IPv6. */
export function both(net: number, host: number): string[] {
  return [`10.${net}.0.${host}/24`, `fd00:${net}::${host === 254 ? 'fe' : host}/64`];
}

/** What comes from an address of a device leaves through that device. */
function sendFrom(host: Host, path: number, device: string, net: number, self: number, gateway: number): void {
  const table = String(100 + path);
  const next = gateway === 254 ? 'fe' : gateway;
  host.run('ip', 'rule', 'add', 'from', `10.${net}.0.${self}`, 'table', table);
  host.run('ip', 'route', 'add', 'default', 'via', `10.${net}.0.${gateway}`, 'dev', device, 'table', table);
  host.run('ip', '-6', 'rule', 'add', 'from', `fd00:${net}::${self}`, 'table', table);
  host.run('ip', '-6', 'route', 'add', 'default', 'via', `fd00:${net}::${next}`, 'dev', device, 'table', table);
}
