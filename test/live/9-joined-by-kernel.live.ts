/**
 * MP_JOIN: the kernel opens a further subflow to us.
 *
 * @module
 */
import { beforeEach, describe, expect } from 'vitest';
import { parseAddress } from '../../src/ip/address.ts';
import { fullJoinHmac, truncatedJoinHmac } from '../../src/mptcp/auth.ts';
import { addAddr, addAddrEcho, joinAck } from '../../src/mptcp/build.ts';
import { ACK, RST, SYN } from '../packet.ts';
import { behaviour, octets } from './behaviour.ts';
import { command, KERNEL, subflows } from './kernel.ts';
import type { Subflow } from './subflow.ts';

const OPENED = { MPCapableSYNTX: 1, MPCapableSYNACKRX: 1 };
const ASKED = { ...OPENED, MPJoinSynTx: 1 };
const JOINED = { ...ASKED, MPJoinSynAckRx: 1 };

beforeEach(() => {
  command('ip', 'mptcp', 'endpoint', 'add', KERNEL.other, 'dev', 'tun0', 'subflow', 'fullmesh', 'id', '12');
});

describe('Joins to and by a kernel that opened the connection', () => {
  behaviour('MP_JOIN in SYN/ACK; data on both subflows', async (trial) => {
    const { application, subflow, connection, port } = await trial.accept('0');
    const syn = await trial.syn(port, subflow.local);
    const second = trial.answering(connection, syn);
    trial.shows(syn, second, 'SYN, MP_JOIN id 12 [token good]');
    trial.shows(await second.acceptJoin(syn), second, 'ACK, MP_JOIN [HMAC good]');
    second.acknowledge();
    second.write(octets('second'));
    await trial.acknowledges(second);
    subflow.write(octets('first'));
    await trial.acknowledges(subflow);
    await trial.reads(application, 'secondfirst');
    expect(subflows()).toHaveLength(2);
    trial.state(connection, ['subflows:1']);
    trial.counts(JOINED);
  });

  behaviour('SYN/ACK with B and reserved bits', async (trial) => {
    const { application, subflow, connection, port } = await trial.accept('0');
    const syn = await trial.syn(port, subflow.local);
    const second = trial.answering(connection, syn);
    trial.shows(await second.acceptJoin(syn, { backup: true, reserved: 0x0e }), second, 'ACK, MP_JOIN [HMAC good]');
    second.acknowledge();
    application.write(octets('data'));
    trial.shows(await subflow.read(), subflow, 'ACK, DATA_ACK 1 mapping 2+4 SSN 2, 4 octets');
    trial.counts({ ...JOINED, MPJoinSynAckBackupRx: 1 });
  });

  behaviour('no answer to the third ACK', async (trial) => {
    const { subflow, connection, port } = await trial.accept('0');
    const syn = await trial.syn(port, subflow.local);
    const second = trial.answering(connection, syn);
    trial.shows(await second.acceptJoin(syn), second, 'ACK, MP_JOIN [HMAC good]');
    trial.shows(await second.receive(), second, 'ACK, MP_JOIN [HMAC good]');
    trial.counts(JOINED);
  });

  const wrong: [string, (subflow: Subflow) => Uint8Array][] = [
    ['one bit off', ({ joinInput }) => truncatedJoinHmac(joinInput).map((octet, i) => (i === 7 ? octet ^ 1 : octet))],
    ['the rightmost 64 bits', ({ joinInput }) => fullJoinHmac(joinInput).subarray(24)],
    [
      'keys exchanged',
      ({ joinInput }) => {
        const { senderKey, receiverKey } = joinInput;
        return truncatedJoinHmac({ ...joinInput, senderKey: receiverKey, receiverKey: senderKey });
      },
    ],
    [
      'random numbers exchanged',
      ({ joinInput }) => {
        const { senderNonce, receiverNonce } = joinInput;
        return truncatedJoinHmac({ ...joinInput, senderNonce: receiverNonce, receiverNonce: senderNonce });
      },
    ],
    ['SHA-1, as in version 0', ({ joinInput }) => truncatedJoinHmac({ ...joinInput, version: 0 })],
  ];
  for (const [name, hmac] of wrong) {
    behaviour(`SYN/ACK with a wrong HMAC: ${name}`, async (trial) => {
      const { subflow, connection, port } = await trial.accept('0');
      const syn = await trial.syn(port, subflow.local);
      const second = trial.answering(connection, syn);
      second.meet(syn);
      trial.shows(await second.acceptJoin(syn, { truncatedHmac: hmac(second) }), second, 'RST/ACK, MP_TCPRST 1');
      subflow.write(octets('on'));
      await trial.acknowledges(subflow);
      trial.counts({ ...ASKED, MPJoinSynAckHMacFailure: 1, MPRstTx: 1 });
    });
  }

  behaviour('SYN/ACK without MP_JOIN', async (trial) => {
    const { subflow, connection, port } = await trial.accept('0');
    const syn = await trial.syn(port, subflow.local);
    const second = trial.answering(connection, syn);
    trial.shows(await second.accept(syn, []), second, 'RST/ACK, MP_TCPRST 1');
    trial.counts({ ...ASKED, MPRstTx: 1 });
  });

  behaviour('RST instead of a SYN/ACK', async (trial) => {
    const { subflow, connection, port } = await trial.accept('0');
    const syn = await trial.syn(port, subflow.local);
    const second = trial.answering(connection, syn);
    second.meet(syn);
    second.send(RST | ACK);
    subflow.write(octets('on'));
    await trial.acknowledges(subflow);
    trial.counts(ASKED);
  });

  behaviour('flag C in our SYN/ACK: no join to our first address, one to the address we announce', async (trial) => {
    const { subflow, connection, port } = await trial.accept('0', { denyJoin: true });
    const joins = ({ destinationPort, flags }: { destinationPort: number; flags: number }): boolean => {
      return destinationPort === port && (flags & SYN) !== 0;
    };
    await trial.silent(subflow, joins, 'no join');
    subflow.send(ACK, [addAddr({ ...connection.keys, addressId: 3, address: parseAddress('10.77.0.8'), port: 6444 })]);
    const echo = await subflow.receive(({ options }) => options.some(({ type }) => type === 'ADD_ADDR'));
    trial.shows(echo, subflow, 'ACK, ADD_ADDR id 3 10.77.0.8 port 6444 echo');
    const syn = await trial.syn(6444, '10.77.0.8');
    const second = trial.answering(connection, syn);
    trial.shows(syn, second, 'SYN, MP_JOIN id 12 [token good]');
    trial.counts({ ...ASKED, AddAddr: 1, EchoAddTx: 1, PortAdd: 1 });
  });

  behaviour(
    'we join the kernel, which opened the connection, at an address and port that it announces',
    async (trial) => {
      command('ip', 'mptcp', 'endpoint', 'flush');
      const { application, subflow, connection } = await trial.accept('0');
      await trial.endpoint(KERNEL.other, 'dev', 'tun0', 'signal', 'id', '44', 'port', '4444');
      const announcement = await subflow.receive(({ options }) => options.some(({ type }) => type === 'ADD_ADDR'));
      trial.shows(announcement, subflow, `ACK, ADD_ADDR id 44 ${KERNEL.other} port 4444 [HMAC good]`);
      const option = announcement?.options.find(({ type }) => type === 'ADD_ADDR');
      if (option?.type === 'ADD_ADDR') subflow.send(ACK, [addAddrEcho(option)]);
      const second = trial.subflow(connection, { local: '10.77.0.3', remote: KERNEL.other, remotePort: 4444 });
      trial.shows(await second.openJoin(3), second, 'SYN/ACK, MP_JOIN id 44 [HMAC good]');
      second.send(ACK, [joinAck(second.joinInput)]);
      trial.shows(await second.receive(), second, 'ACK, DATA_ACK 1');
      second.write(octets('second'));
      await trial.acknowledges(second);
      await trial.reads(application, 'second');
      trial.counts({
        ...OPENED,
        AddAddrTx: 1,
        EchoAdd: 1,
        PortAdd: 1,
        MPJoinSynRx: 1,
        MPJoinAckRx: 1,
        MPJoinPortSynRx: 1,
        MPJoinPortAckRx: 1,
      });
    },
  );
});
