/**
 * Hosts of the lab: named network namespaces, and the cables between them.
 *
 * @module
 */
import { type ChildProcessWithoutNullStreams, execFileSync, spawn } from 'node:child_process';
import process from 'node:process';
import { until } from '../live/kernel.ts';

/** One host. */
export class Host {
  readonly name: string;
  /** Commands given with {@link set}, as they would be typed there. */
  readonly commands: string[] = [];

  constructor(name: string) {
    this.name = name;
    command('ip', 'netns', 'add', name);
    for (const [parameter, value] of Object.entries(DEFAULTS)) this.run('sysctl', '-qw', `${parameter}=${value}`);
    this.run('ip', 'link', 'set', 'lo', 'up');
  }

  /** Run a command here; its standard output. */
  run(...words: string[]): string {
    return command('ip', 'netns', 'exec', this.name, ...words);
  }

  /** Run a command of one line here that a reader of the capture should know of. */
  set(line: string): void {
    this.commands.push(line);
    this.run(...line.split(' '));
  }

  /** Load an nftables ruleset here. */
  filter(rules: string): void {
    this.commands.push(`nft '${rules.trim().replace(/\s+/g, ' ')}'`);
    execFileSync('ip', ['netns', 'exec', this.name, 'nft', '-f', '-'], { input: rules });
  }

  /** Start a program here. */
  spawn(...words: string[]): ChildProcessWithoutNullStreams {
    return spawn('ip', ['netns', 'exec', this.name, ...words], { stdio: 'pipe' });
  }

  /** MPTCP counters that are not 0. */
  counters(): Record<string, number> {
    const [names = [], values = []] = this.run('cat', '/proc/net/netstat')
      .split('\n')
      .filter((line) => line.startsWith('MPTcpExt:'))
      .map((line) => line.split(' ').slice(1));
    const pairs = names.map((name, i): [string, number] => [name, Number(values[i])]);
    return Object.fromEntries(pairs.filter(([, value]) => value !== 0));
  }

  /** Wait for a counter to reach a value. */
  async counted(name: string, value = 1): Promise<void> {
    if (!(await until(() => (this.counters()[name] ?? 0) >= value, 8000))) {
      throw new Error(`${name} of ${this.name} stayed below ${value}`);
    }
  }

  /** Remove the host and all that runs there. */
  remove(): void {
    for (const pid of command('ip', 'netns', 'pids', this.name).split('\n').filter(Boolean)) {
      try {
        process.kill(Number(pid), 'SIGKILL');
      } catch {
        // It has ended meanwhile.
      }
    }
    command('ip', 'netns', 'delete', this.name);
  }
}

/** A place to plug a cable in. */
export interface Port {
  readonly host: Host;
  readonly device: string;
  /** With prefix length. */
  readonly addresses: readonly string[];
}

/** Put a cable between two hosts: a pair of veth devices without offloads. */
export function cable(a: Port, b: Port): void {
  const peer = ['type', 'veth', 'peer', 'name', b.device, 'netns', b.host.name];
  command('ip', 'link', 'add', a.device, 'netns', a.host.name, ...peer);
  for (const port of [a, b]) {
    const off = ['tx', 'rx', 'tso', 'gso', 'gro', 'sg'].flatMap((feature) => [feature, 'off']);
    port.host.run('ethtool', '-K', port.device, ...off);
    bringUp(port);
  }
}

/** Give a device its addresses. */
export function bringUp({ host, device, addresses }: Port): void {
  host.run('ip', 'link', 'set', device, 'addrgenmode', 'none');
  host.run('ip', 'link', 'set', device, 'address', hardwareAddress(addresses[0]), 'up');
  for (const address of addresses) {
    const words = ['ip', 'address', 'add', address, 'dev', device];
    host.run(...words, ...(address.includes(':') ? ['nodad'] : []));
  }
}

/** 02:00:00:00:NN:HH for the address 10.N.0.H. */
function hardwareAddress(address = ''): string {
  const [, net = 0, , host = 0] = address.split(/[./]/).map(Number);
  return `02:00:00:00:${[net, host].map((octet) => octet.toString(16).padStart(2, '0')).join(':')}`;
}

/** Run a command in the namespace of the lab itself; its standard output. */
export function command(program: string, ...words: string[]): string {
  return execFileSync(program, words, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

/** What every host is set to, so that nothing of the machine's settings shows. */
const DEFAULTS = {
  'net.ipv4.conf.all.rp_filter': 0,
  'net.ipv4.conf.default.rp_filter': 0,
  'net.ipv6.conf.all.accept_dad': 0,
  'net.ipv6.conf.default.accept_dad': 0,
  'net.ipv6.conf.default.router_solicitations': 0,
  'net.mptcp.enabled': 1,
};
