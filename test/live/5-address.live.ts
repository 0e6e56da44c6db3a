/**
 * ADD_ADDR and REMOVE_ADDR, from us and from the kernel.
 *
 * @module
 */
import { createHmac } from 'node:crypto';
import { describe, expect } from 'vitest';
import { parseAddress } from '../../src/ip/address.ts';
import { addAddrHmac, fullAddAddrHmac } from '../../src/mptcp/auth.ts';
import { addAddr, addAddrEcho, removeAddr } from '../../src/mptcp/build.ts';
import { encodeOption } from '../../src/mptcp/option.ts';
import type { OptionItem } from '../../src/tcp/options.ts';
import { ACK, FIN, RST } from '../packet.ts';
import { behaviour, octets, type Trial } from './behaviour.ts';
import type { Connection } from './connection.ts';
import { command, KERNEL } from './kernel.ts';
import type { Subflow } from './subflow.ts';
import type { Segment } from './wire.ts';

const OPENED = { MPCapableSYNRX: 1, MPCapableACKRX: 1 };
const JOINED = { ...OPENED, MPJoinSynRx: 1, MPJoinAckRx: 1 };
/** An address of ours that no subflow uses. */
const FREE = { ipv4: '10.77.0.9', ipv6: 'fd77::9' };

describe('Addresses', () => {
  const places: [string, string, number | undefined, Record<string, number>][] = [
    ['IPv4', FREE.ipv4, undefined, {}],
    ['IPv4 and port', FREE.ipv4, 7777, { PortAdd: 1, MPJoinPortSynAckRx: 1 }],
    ['IPv6', FREE.ipv6, undefined, {}],
    ['IPv6 and port', FREE.ipv6, 7777, { PortAdd: 1, MPJoinPortSynAckRx: 1 }],
  ];
  for (const [name, address, port, counters] of places) {
    behaviour(`ADD_ADDR ${name}; the kernel, which listens, joins there`, async (trial) => {
      const { subflow, connection } = await trial.open('0');
      subflow.send(ACK, [addAddr({ ...connection.keys, addressId: 9, address: parseAddress(address), port })]);
      const place = port === undefined ? address : `${address} port ${port}`;
      trial.shows(await next(subflow, 'ADD_ADDR'), subflow, `ACK, ADD_ADDR id 9 ${place} echo`);
      const syn = await trial.syn(port ?? subflow.localPort, address);
      const second = trial.answering(connection, syn);
      const id = address === FREE.ipv4 ? 0 : 1;
      trial.shows(syn, second, `SYN, MP_JOIN id ${id} [token good]`);
      trial.shows(await second.acceptJoin(syn, { addressId: 9 }), second, 'ACK, MP_JOIN [HMAC good]');
      second.acknowledge();
      second.write(octets('joined'));
      await trial.acknowledges(second);
      trial.counts({ ...OPENED, AddAddr: 1, EchoAddTx: 1, ...counters, MPJoinSynTx: 1, MPJoinSynAckRx: 1 });
    });
  }

  behaviour('ADD_ADDR with reserved bits set', async (trial) => {
    command('ip', 'mptcp', 'limits', 'set', 'add_addr_accepted', '0');
    const { subflow, connection } = await trial.open('0');
    const option = addAddr({ ...connection.keys, addressId: 9, address: parseAddress(FREE.ipv4) });
    subflow.send(ACK, [{ ...option, reserved: 0x0e }]);
    trial.shows(await next(subflow, 'ADD_ADDR'), subflow, `ACK, ADD_ADDR id 9 ${FREE.ipv4} echo`);
    trial.counts({ ...OPENED, AddAddr: 1, EchoAddTx: 1 });
  });

  behaviour('ADD_ADDR to a kernel that accepts none (`add_addr_accepted` 0)', async (trial) => {
    command('ip', 'mptcp', 'limits', 'set', 'add_addr_accepted', '0');
    const { subflow, connection } = await trial.open('0');
    subflow.send(ACK, [addAddr({ ...connection.keys, addressId: 9, address: parseAddress(FREE.ipv4) })]);
    trial.shows(await next(subflow, 'ADD_ADDR'), subflow, `ACK, ADD_ADDR id 9 ${FREE.ipv4} echo`);
    await trial.silent(subflow, ({ destination }) => destination === FREE.ipv4, 'no join');
    trial.counts({ ...OPENED, AddAddr: 1, EchoAddTx: 1 });
  });

  behaviour('ADD_ADDR with id 0', async (trial) => {
    const { subflow, connection } = await trial.open('0');
    subflow.send(ACK, [addAddr({ ...connection.keys, addressId: 0, address: parseAddress(FREE.ipv4) })]);
    trial.shows(await next(subflow, 'ADD_ADDR'), subflow, `ACK, ADD_ADDR id 0 ${FREE.ipv4} echo`);
    await trial.silent(subflow, ({ destination }) => destination === FREE.ipv4, 'no join');
    trial.counts({ ...OPENED, AddAddr: 1, EchoAddTx: 1 });
  });

  behaviour('two ADD_ADDR in a segment', async (trial) => {
    command('ip', 'mptcp', 'limits', 'set', 'add_addr_accepted', '0');
    const { subflow, connection } = await trial.open('0');
    const [first, last] = [8, 9].map((addressId) => {
      return addAddr({ ...connection.keys, addressId, address: parseAddress(FREE.ipv4) });
    });
    subflow.send(ACK, [first!, last!]);
    trial.shows(await next(subflow, 'ADD_ADDR'), subflow, `ACK, ADD_ADDR id 9 ${FREE.ipv4} echo`);
    trial.finding(
      'Of two ADD_ADDR in a segment only the last is seen; the same holds for two REMOVE_ADDR and two MP_JOIN.',
    );
    trial.counts({ ...OPENED, AddAddr: 1, EchoAddTx: 1 });
  });

  const wrong: [string, number | undefined, (input: Parameters<typeof addAddrHmac>[0]) => Uint8Array][] = [
    ['the leftmost 64 bits', undefined, (input) => fullAddAddrHmac(input).subarray(0, 8)],
    ['the leftmost 64 bits, with port', 7777, (input) => fullAddAddrHmac(input).subarray(0, 8)],
    ['a port in the option, 0 in the HMAC', 7777, (input) => addAddrHmac({ ...input, port: 0 })],
    ['no port in the option, the TCP port in the HMAC', undefined, (input) => addAddrHmac({ ...input, port: 20000 })],
    ['no port octets in the HMAC', undefined, withoutPort],
    [
      'keys exchanged',
      undefined,
      (input) => {
        return addAddrHmac({ ...input, senderKey: input.receiverKey, receiverKey: input.senderKey });
      },
    ],
    ['another id', undefined, (input) => addAddrHmac({ ...input, addressId: 8 })],
    ['another address', undefined, (input) => addAddrHmac({ ...input, address: parseAddress('10.77.0.8') })],
    ['one bit off', undefined, (input) => addAddrHmac(input).map((octet, i) => (i === 7 ? octet ^ 1 : octet))],
    ['zeros', undefined, () => new Uint8Array(8)],
  ];
  for (const [name, port, hmac] of wrong) {
    behaviour(`ADD_ADDR with a wrong HMAC: ${name}`, async (trial) => {
      const { subflow, connection } = await trial.open('0');
      const input = { ...connection.keys, addressId: 9, address: parseAddress(FREE.ipv4), port };
      await ignored(trial, subflow, { ...addAddr(input), truncatedHmac: hmac(input) });
      if (name === 'one bit off') {
        trial.finding('ADD_ADDR with a wrong HMAC is dropped without a trace: no counter moves.');
      }
    });
  }

  const shapes: [string, (connection: Connection) => OptionItem][] = [
    [
      'without HMAC and without E',
      (connection) => {
        const bytes = encodeOption(good(connection)).subarray(0, 8);
        bytes[1] = 8;
        return bytes;
      },
    ],
    [
      'with HMAC and with E',
      (connection) => {
        const bytes = encodeOption(good(connection));
        bytes[2]! |= 1;
        return bytes;
      },
    ],
    ['of version 0', () => addAddr({ version: 0, addressId: 9, address: parseAddress(FREE.ipv4) })],
    [
      'of 17 octets',
      (connection) => {
        const bytes = new Uint8Array(17);
        bytes.set(encodeOption(good(connection)));
        bytes[1] = 17;
        return bytes;
      },
    ],
  ];
  for (const [name, option] of shapes) {
    behaviour(`ADD_ADDR ${name}`, async (trial) => {
      const { subflow, connection } = await trial.open('0');
      await ignored(trial, subflow, option(connection));
    });
  }

  behaviour('an echo of an address that the kernel never announced', async (trial) => {
    const { subflow, connection } = await trial.open('0');
    subflow.send(ACK, [addAddrEcho(good(connection))]);
    subflow.write(octets('on'));
    await trial.acknowledges(subflow);
    trial.counts({ ...OPENED, EchoAdd: 1 });
  });

  const announced: [string, string[], string, Record<string, number>][] = [
    ['IPv4', [KERNEL.other, 'id', '44'], `${KERNEL.other} [HMAC good]`, {}],
    [
      'IPv4 and port',
      [KERNEL.other, 'id', '44', 'port', '4444'],
      `${KERNEL.other} port 4444 [HMAC good]`,
      { PortAdd: 1 },
    ],
    ['IPv6', [KERNEL.otherIpv6, 'id', '44'], `${KERNEL.otherIpv6} [HMAC good]`, {}],
    [
      'IPv6 and port',
      [KERNEL.otherIpv6, 'id', '44', 'port', '4444'],
      `${KERNEL.otherIpv6} port 4444 [HMAC good]`,
      { PortAdd: 1 },
    ],
  ];
  for (const [name, [address, ...words], text, counters] of announced) {
    behaviour(`the kernel announces an address: ${name}; we echo, it withdraws`, async (trial) => {
      const { subflow } = await trial.open('0');
      await trial.endpoint(address!, 'dev', 'tun0', 'signal', ...words);
      const announcement = await next(subflow, 'ADD_ADDR');
      trial.shows(announcement, subflow, `ACK, ADD_ADDR id 44 ${text}`);
      const option = announcement?.options.find(({ type }) => type === 'ADD_ADDR');
      expect(option?.type).toBe('ADD_ADDR');
      if (option?.type === 'ADD_ADDR') subflow.send(ACK, [addAddrEcho(option)]);
      await trial.counted('EchoAdd', 1);
      command('ip', 'mptcp', 'endpoint', 'delete', 'id', '44');
      trial.shows(await next(subflow, 'REMOVE_ADDR'), subflow, 'ACK, DATA_ACK 2, REMOVE_ADDR 44');
      trial.counts({ ...OPENED, AddAddrTx: 1, EchoAdd: 1, ...counters, RmAddrTx: 1 });
    });
  }

  behaviour('the kernel announces an address, and nobody echoes it', async (trial) => {
    trial.parameter('net/mptcp/add_addr_timeout', '1');
    const { subflow } = await trial.open('0');
    await trial.endpoint(KERNEL.other, 'dev', 'tun0', 'signal', 'id', '44');
    trial.shows(await next(subflow, 'ADD_ADDR'), subflow, `ACK, ADD_ADDR id 44 ${KERNEL.other} [HMAC good]`);
    trial.shows(await next(subflow, 'ADD_ADDR'), subflow, `ACK, ADD_ADDR id 44 ${KERNEL.other} [HMAC good]`);
    trial.saw('the second after `add_addr_timeout`');
    trial.counts({ ...OPENED, AddAddrTx: 2 });
  });

  behaviour('the kernel announces an IPv6 address and port to us, who use timestamps', async (trial) => {
    const { subflow } = await trial.open('0', { timestamps: true });
    await trial.endpoint(KERNEL.otherIpv6, 'dev', 'tun0', 'signal', 'id', '44', 'port', '4444');
    await trial.counted('AddAddrTxDrop', 1);
    await trial.silent(
      subflow,
      ({ options }) => options.some(({ type }) => type === 'ADD_ADDR'),
      'sends none: 44 octets',
    );
    trial.counts({ ...OPENED, AddAddrTxDrop: 1 });
  });

  behaviour('we join an address and port that the kernel announced', async (trial) => {
    const { subflow, connection } = await trial.open('0');
    await trial.endpoint(KERNEL.other, 'dev', 'tun0', 'signal', 'id', '44', 'port', '4444');
    const announcement = await next(subflow, 'ADD_ADDR');
    trial.shows(announcement, subflow, `ACK, ADD_ADDR id 44 ${KERNEL.other} port 4444 [HMAC good]`);
    const second = trial.subflow(connection, { local: '10.77.0.3', remote: KERNEL.other, remotePort: 4444 });
    trial.shows(await second.openJoin(3), second, 'SYN/ACK, MP_JOIN id 44 [HMAC good]');
    trial.counts({ ...OPENED, AddAddrTx: 1, MPJoinSynRx: 1, MPJoinPortSynRx: 1 });
  });

  behaviour('REMOVE_ADDR of the id of our second subflow', async (trial) => {
    const { subflow, connection } = await trial.open('0');
    const second = trial.subflow(connection, { local: '10.77.0.3', remotePort: subflow.remotePort });
    await second.join(7);
    subflow.send(ACK, [removeAddr([7])]);
    trial.shows(await second.receive(({ flags }) => (flags & (FIN | RST)) !== 0), second, 'FIN/ACK, DATA_ACK 2');
    subflow.write(octets('on'));
    await trial.acknowledges(subflow);
    trial.finding(
      'REMOVE_ADDR closes the subflows at once; RFC 8684 has the receiver try them with a keep-alive first.',
    );
    trial.counts({ ...JOINED, RmAddr: 1 });
  });

  behaviour('REMOVE_ADDR of an id that no subflow has', async (trial) => {
    const { subflow } = await trial.open('0');
    subflow.send(ACK, [removeAddr([99])]);
    subflow.write(octets('on'));
    await trial.acknowledges(subflow);
    trial.counts({ ...OPENED, RmAddr: 1 });
  });

  behaviour('REMOVE_ADDR of 8 ids, the last that of our second subflow; reserved bits set', async (trial) => {
    const { subflow, connection } = await trial.open('0');
    const second = trial.subflow(connection, { local: '10.77.0.3', remotePort: subflow.remotePort });
    await second.join(7);
    subflow.send(ACK, [{ ...removeAddr([90, 91, 92, 93, 94, 95, 96, 7]), reserved: 0x0f }]);
    trial.shows(await second.receive(({ flags }) => (flags & (FIN | RST)) !== 0), second, 'FIN/ACK, DATA_ACK 2');
    trial.counts({ ...JOINED, RmAddr: 8 });
  });

  behaviour('REMOVE_ADDR of 9 ids, the last that of our second subflow', async (trial) => {
    const { subflow, connection } = await trial.open('0');
    const second = trial.subflow(connection, { local: '10.77.0.3', remotePort: subflow.remotePort });
    await second.join(7);
    subflow.send(ACK, [removeAddr([90, 91, 92, 93, 94, 95, 96, 97, 7])]);
    second.write(octets('on'));
    await trial.acknowledges(second);
    trial.finding('REMOVE_ADDR of more than 8 ids is ignored as a whole.');
    trial.counts(JOINED);
  });

  behaviour('REMOVE_ADDR of id 0', async (trial) => {
    const { subflow, connection } = await trial.open('0');
    const second = trial.subflow(connection, { local: '10.77.0.3', remotePort: subflow.remotePort });
    await second.join(7);
    second.send(ACK, [removeAddr([0])]);
    trial.shows(await subflow.receive(({ flags }) => (flags & (FIN | RST)) !== 0), subflow, 'FIN/ACK, DATA_ACK 2');
    second.write(octets('on'));
    await trial.acknowledges(second);
    trial.counts({ ...JOINED, RmAddr: 1 });
  });

  behaviour('two REMOVE_ADDR in a segment, the first of the id of our second subflow', async (trial) => {
    const { subflow, connection } = await trial.open('0');
    const second = trial.subflow(connection, { local: '10.77.0.3', remotePort: subflow.remotePort });
    await second.join(7);
    subflow.send(ACK, [removeAddr([7]), removeAddr([99])]);
    second.write(octets('on'));
    await trial.acknowledges(second);
    trial.counts({ ...JOINED, RmAddr: 1 });
  });

  behaviour('REMOVE_ADDR without ids (Length 3)', async (trial) => {
    const { subflow } = await trial.open('0');
    subflow.send(ACK, [Uint8Array.of(30, 3, 0x40)]);
    subflow.write(octets('on'));
    await trial.acknowledges(subflow);
    trial.counts(OPENED);
  });
});

/** The kernel's next segment with such an option. */
function next(subflow: Subflow, type: string): Promise<Segment | undefined> {
  return subflow.receive(({ options }) => options.some((option) => option.type === type));
}

/** ADD_ADDR as it should be. */
function good(connection: Connection): ReturnType<typeof addAddr> {
  return addAddr({ ...connection.keys, addressId: 9, address: parseAddress(FREE.ipv4) });
}

/** The kernel takes no notice of an ADD_ADDR. */
async function ignored(trial: Trial, subflow: Subflow, option: OptionItem): Promise<void> {
  subflow.send(ACK, [option]);
  subflow.write(octets('on'));
  expect(await subflow.acknowledged()).toBeDefined();
  const match = ({ destination, options }: Segment): boolean => {
    return destination === FREE.ipv4 || options.some(({ type }) => type === 'ADD_ADDR');
  };
  await trial.silent(subflow, match, 'no echo, no join');
  trial.counts(OPENED);
}

/** The HMAC over id and address alone. */
function withoutPort({ senderKey, receiverKey, addressId, address }: Parameters<typeof addAddrHmac>[0]): Uint8Array {
  const key = Buffer.concat([senderKey, receiverKey]);
  return createHmac('sha256', key).update(Uint8Array.of(addressId)).update(address).digest().subarray(24);
}
