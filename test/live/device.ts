/**
 * Before the first test: the TUN device, the kernel's addresses, limits of its path manager.
 *
 * socat opens the device and turns each IP packet into one UDP datagram and back, which
 * Node.js can do without an addon.
 *
 * @module
 */
import { spawn } from 'node:child_process';
import { command, KERNEL, setParameter, TUN_PORTS, until } from './kernel.ts';

/** Vitest's global set-up; gives back the tear-down. */
export default async function setUp(): Promise<() => void> {
  command('ip', 'link', 'set', 'lo', 'up');
  for (const name of ['all', 'default']) {
    setParameter(`net/ipv4/conf/${name}/rp_filter`, '0');
    setParameter(`net/ipv6/conf/${name}/accept_dad`, '0');
    setParameter(`net/ipv6/conf/${name}/router_solicitations`, '0');
  }
  // Answer each keep-alive: by default the kernel answers one in 500 ms.
  setParameter('net/ipv4/tcp_invalid_ratelimit', '0');
  const device = `TUN:${KERNEL.ipv4}/24,tun-name=tun0,iff-no-pi,iff-up`;
  const datagrams = `UDP4-DATAGRAM:127.0.0.1:${TUN_PORTS.ours},bind=127.0.0.1:${TUN_PORTS.socat}`;
  const socat = spawn('socat', ['-b', '65536', device, datagrams], { stdio: ['ignore', 'ignore', 'inherit'] });
  if (!(await until(() => command('ip', '-o', 'address').includes(KERNEL.ipv4)))) throw new Error('socat made no tun0');
  command('ip', 'link', 'set', 'tun0', 'addrgenmode', 'none');
  command('ip', 'addr', 'add', `${KERNEL.ipv6}/64`, 'dev', 'tun0', 'nodad');
  command('ip', 'addr', 'add', `${KERNEL.other}/24`, 'dev', 'tun0');
  command('ip', 'addr', 'add', `${KERNEL.otherIpv6}/64`, 'dev', 'tun0', 'nodad');
  command('ip', 'mptcp', 'limits', 'set', 'subflows', '8', 'add_addr_accepted', '8');
  return () => {
    socat.kill();
  };
}
