/**
 * MP_CAPABLE: we open the connection, the kernel listens.
 *
 * @module
 */
import { describe, expect } from 'vitest';
import { generateKey } from '../../src/mptcp/auth.ts';
import { joinSyn, mpCapableAck, mpCapableSyn } from '../../src/mptcp/build.ts';
import type { MpCapable } from '../../src/mptcp/mp-capable.ts';
import type { OptionItem } from '../../src/tcp/options.ts';
import { ACK, PSH } from '../packet.ts';
import { behaviour, octets, type Trial } from './behaviour.ts';
import { Connection } from './connection.ts';
import type { Subflow } from './subflow.ts';
import type { Segment } from './wire.ts';

const H = 0x01;

describe('Handshake: we open, the kernel listens', () => {
  behaviour('MP_CAPABLE in SYN, third ACK and first data; data back', async (trial) => {
    const { application, subflow, connection, answer } = await trial.open('hello kernel');
    trial.shows(answer, subflow, 'SYN/ACK, MP_CAPABLE v1 H key');
    trial.state(connection, ['remote_key', `token:${connection.peerToken.toString(16)}`]);
    application.write(octets('reply'));
    trial.shows(await subflow.read(), subflow, 'ACK, DATA_ACK 13 mapping 1+5 SSN 1, 5 octets');
    trial.counts({ MPCapableSYNRX: 1, MPCapableACKRX: 1 });
  });

  behaviour('the same over IPv6', async (trial) => {
    const { subflow, answer } = await trial.open('six', { remote: 'fd77::1' });
    trial.shows(answer, subflow, 'SYN/ACK, MP_CAPABLE v1 H key');
    trial.saw('application reads the 3 octets');
    trial.counts({ MPCapableSYNRX: 1, MPCapableACKRX: 1 });
  });

  behaviour('third ACK with the keys, then a DSS instead of MP_CAPABLE with data', async (trial) => {
    const { subflow, application } = await half(trial);
    subflow.send(ACK, [mpCapableAck(subflow.connection.keys)]);
    subflow.write(octets('abc'));
    await trial.acknowledges(subflow);
    await trial.reads(application, 'abc');
    trial.counts({ MPCapableSYNRX: 1, MPCapableACKRX: 1 });
  });

  behaviour('no third ACK: MP_CAPABLE with data is the first to arrive', async (trial) => {
    const { subflow, application } = await half(trial);
    subflow.sendFirst(octets('first'));
    await trial.acknowledges(subflow);
    await trial.reads(application, 'first');
    trial.counts({ MPCapableSYNRX: 1, MPCapableACKRX: 1 });
  });

  behaviour('third ACK that echoes another key than the kernel sent', async (trial) => {
    const { subflow, application } = await half(trial);
    const keys = { senderKey: subflow.connection.key, receiverKey: generateKey() };
    subflow.send(ACK, [mpCapableAck(keys)]);
    subflow.send(ACK | PSH, [mpCapableAck({ ...keys, payload: octets('x') })], octets('x'));
    subflow.skip(1);
    await trial.acknowledges(subflow);
    await trial.reads(application, 'x');
    trial.finding('The echoed receiver key of the third ACK is not compared: any value opens an MPTCP connection.');
    trial.counts({ MPCapableSYNRX: 1, MPCapableACKRX: 1 });
  });

  behaviour('third ACK and data without MP_CAPABLE', async (trial) => {
    const { subflow, application } = await half(trial);
    subflow.send(ACK);
    subflow.send(ACK | PSH, [], octets('plain'));
    await fallsBack(trial, subflow, application, 'plain');
    trial.counts({ MPCapableSYNRX: 1, MPCapableFallbackACK: 1 });
  });

  for (const [name, change] of [
    ['version 0', { version: 0 }],
    ['version 2', { version: 2, senderKey: undefined, receiverKey: undefined, data: new Uint8Array(16) }],
    ['H = 0', { algorithms: 0 }],
    ['flag B', { extensibility: true }],
  ] as const) {
    behaviour(`third ACK with ${name}`, async (trial) => {
      const { subflow, application } = await half(trial);
      subflow.send(ACK, [{ ...mpCapableAck(subflow.connection.keys), ...change }]);
      subflow.send(ACK | PSH, [], octets('plain'));
      await fallsBack(trial, subflow, application, 'plain');
      trial.counts({ MPCapableSYNRX: 1, MPCapableFallbackACK: 1 });
    });
  }

  behaviour('MP_CAPABLE of 20 octets on a segment with data', async (trial) => {
    const { subflow, application } = await half(trial);
    subflow.send(ACK | PSH, [mpCapableAck(subflow.connection.keys)], octets('data'));
    await fallsBack(trial, subflow, application, 'data');
    trial.counts({ MPCapableSYNRX: 1, MPCapableFallbackACK: 1 });
  });

  behaviour('MP_CAPABLE of 22 octets on a segment without data', async (trial) => {
    const { subflow, application } = await half(trial);
    subflow.send(ACK, [mpCapableAck({ ...subflow.connection.keys, payload: octets('data') })]);
    subflow.send(ACK | PSH, [], octets('data'));
    await fallsBack(trial, subflow, application, 'data');
    trial.counts({ MPCapableSYNRX: 1, MPCapableFallbackACK: 1 });
  });

  const syns: [string, OptionItem, boolean][] = [
    ['flag C (no further subflows to us)', syn({ denyJoin: true }), true],
    ['version 2', syn({ version: 2 }), true],
    ['version 15', syn({ version: 15 }), true],
    ['version 0 with a key, as RFC 6824 has it', syn({ version: 0, senderKey: generateKey() }), false],
    ['version 0 without a key', syn({ version: 0 }), false],
    ['version 1 with a key (12 octets)', syn({ senderKey: generateKey() }), false],
    ['flag B', syn({ extensibility: true }), false],
    ['no algorithm: H = 0', syn({ algorithms: 0 }), false],
    ['algorithm D beside H', syn({ algorithms: 0x10 | H }), false],
    ['algorithm E beside H', syn({ algorithms: 0x08 | H }), false],
    ['algorithm F beside H', syn({ algorithms: 0x04 | H }), false],
    ['algorithm G beside H', syn({ algorithms: 0x02 | H }), false],
    ['algorithm G without H', syn({ algorithms: 0x02 }), false],
    ['Length 3', Uint8Array.of(30, 3, 1), false],
    ['Length 5', Uint8Array.of(30, 5, 1, 1, 0), false],
  ];
  for (const [name, option, capable] of syns) {
    behaviour(`SYN with MP_CAPABLE: ${name}`, async (trial) => {
      await answers(trial, [option], capable);
      if (name === 'version 2') {
        trial.finding('A SYN of a version above 1 is answered with version 1, not with plain TCP.');
      }
    });
  }

  behaviour('SYN with a bad MP_CAPABLE (H = 0) and a good one', async (trial) => {
    await answers(trial, [syn({ algorithms: 0 }), syn({})], true);
  });

  behaviour('SYN with a good MP_CAPABLE and a bad one (H = 0)', async (trial) => {
    await answers(trial, [syn({}), syn({ algorithms: 0 })], true);
  });

  for (const length of [0, 1]) {
    behaviour(`SYN with an option of kind 30 and Length ${length} before MP_CAPABLE`, async (trial) => {
      await answers(trial, [Uint8Array.of(30, length, 1, 1), syn({})], false);
    });
  }

  behaviour('SYN with an option of kind 30 and Length 2 before MP_CAPABLE', async (trial) => {
    await answers(trial, [Uint8Array.of(30, 2, 1, 1), syn({})], true);
  });

  behaviour('SYN with MP_CAPABLE and MP_JOIN', async (trial) => {
    await answers(trial, [syn({}), joinSyn({ receiverKey: generateKey(), senderNonce: 1, addressId: 1 })], false, {
      MPCapableSYNRX: 1,
    });
  });

  behaviour('SYN with MP_CAPABLE and options of subtypes 9 to 15', async (trial) => {
    const others = [9, 10, 11, 12, 13, 14].map((subtype): OptionItem => {
      return { type: 'UNKNOWN', subtype, data: new Uint8Array(0) };
    });
    await answers(trial, [...others, { type: 'MP_EXPERIMENTAL', data: new Uint8Array(0) }, syn({})], true);
  });

  behaviour('SYN with MP_CAPABLE behind End of Option List', async (trial) => {
    await answers(trial, [Uint8Array.of(0, 0, 0, 0), syn({})], false);
  });

  behaviour('SYN with a DSS beside MP_CAPABLE', async (trial) => {
    await answers(trial, [syn({}), { type: 'DSS', dataFin: false, dataAck: 1 }], true);
  });

  behaviour(
    'data in the SYN (TCP Fast Open), then a mapping: SSN 1 is the first octet after that data',
    async (trial) => {
      // Client and server may, no cookie asked for, every listener.
      trial.parameter('net/ipv4/tcp_fastopen', String(0x603));
      const remotePort = trial.port();
      const application = await trial.listen(remotePort);
      const subflow = trial.subflow(new Connection(), { remotePort });
      const answer = await subflow.open([syn({})], octets('early'));
      trial.shows(answer, subflow, 'SYN/ACK, MP_CAPABLE v1 H key');
      expect(answer?.acknowledgmentNumber).toBe(subflow.sequence);
      const option = answer?.options[0];
      if (option?.type === 'MP_CAPABLE' && option.senderKey) subflow.connection.peerKey = option.senderKey;
      subflow.send(ACK, [mpCapableAck(subflow.connection.keys)]);
      subflow.send(ACK | PSH, [subflow.mapping(octets('late'), { subflowSequenceNumber: 1 })], octets('late'));
      subflow.skip(4);
      await trial.acknowledges(subflow);
      await trial.reads(application, 'earlylate');
      trial.counts({ MPCapableSYNRX: 1, MPCapableACKRX: 1 });
    },
  );

  behaviour('SYN to a kernel with `checksum_enabled`', async (trial) => {
    trial.parameter('net/mptcp/checksum_enabled', '1');
    const { subflow, answer } = await trial.open('sum');
    trial.shows(answer, subflow, 'SYN/ACK, MP_CAPABLE v1 AH key');
    trial.counts({ MPCapableSYNRX: 1, MPCapableACKRX: 1 });
  });

  behaviour('SYN to a kernel without `allow_join_initial_addr_port`', async (trial) => {
    trial.parameter('net/mptcp/allow_join_initial_addr_port', '0');
    const { subflow, answer } = await trial.open('C');
    trial.shows(answer, subflow, 'SYN/ACK, MP_CAPABLE v1 CH key');
    trial.counts({ MPCapableSYNRX: 1, MPCapableACKRX: 1 });
  });

  behaviour('SYN to a kernel with `enabled` = 0 before listen()', async (trial) => {
    trial.parameter('net/mptcp/enabled', '0');
    const remotePort = trial.port();
    await expect(trial.listen(remotePort)).rejects.toThrow(/Protocol not available/);
    trial.saw('no MPTCP socket for the application: Protocol not available');
    trial.counts({});
  });
});

/** MP_CAPABLE of a SYN with some fields otherwise. */
function syn(change: Partial<MpCapable>): MpCapable {
  return { ...mpCapableSyn(), ...change };
}

/** A connection up to the kernel's SYN/ACK. */
async function half(trial: Trial): Promise<{ subflow: Subflow; application: Awaited<ReturnType<Trial['listen']>> }> {
  const remotePort = trial.port();
  const application = await trial.listen(remotePort);
  const subflow = trial.subflow(new Connection(), { remotePort });
  await subflow.openCapable();
  return { subflow, application };
}

/** The kernel answers a SYN with these options by a SYN/ACK, with its MP_CAPABLE or plain. */
async function answers(
  trial: Trial,
  options: readonly OptionItem[],
  capable: boolean,
  counters: Readonly<Record<string, number>> = capable ? { MPCapableSYNRX: 1 } : {},
): Promise<void> {
  const remotePort = trial.port();
  await trial.listen(remotePort);
  const subflow = trial.subflow(new Connection(), { remotePort });
  const answer = await subflow.open(options);
  trial.shows(answer, subflow, capable ? 'SYN/ACK, MP_CAPABLE v1 H key' : 'SYN/ACK');
  trial.counts(counters);
}

/** From here on the connection is plain TCP, in both directions. */
async function fallsBack(
  trial: Trial,
  subflow: Subflow,
  application: Awaited<ReturnType<Trial['listen']>>,
  data: string,
): Promise<void> {
  await trial.reads(application, data);
  application.write(octets('back'));
  const segment: Segment | undefined = await subflow.receive(({ payload }) => payload.length > 0);
  trial.shows(segment, subflow, 'ACK, 4 octets');
}
