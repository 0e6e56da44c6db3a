/**
 * MP_JOIN: we open a further subflow to the kernel.
 *
 * @module
 */
import { describe, expect } from 'vitest';
import { fullJoinHmac, idsn, joinHmac, token, truncatedJoinHmac } from '../../src/mptcp/auth.ts';
import { dss, joinAck, joinSyn } from '../../src/mptcp/build.ts';
import { encodeOption } from '../../src/mptcp/option.ts';
import type { OptionItem } from '../../src/tcp/options.ts';
import { ACK, FIN, PSH } from '../packet.ts';
import { behaviour, octets, type Trial } from './behaviour.ts';
import { Connection } from './connection.ts';
import { command, KERNEL, socketOf, subflows, until } from './kernel.ts';
import type { Subflow } from './subflow.ts';

const OPENED = { MPCapableSYNRX: 1, MPCapableACKRX: 1 };
const ASKED = { ...OPENED, MPJoinSynRx: 1 };
const JOINED = { ...ASKED, MPJoinAckRx: 1 };

describe('Joins: we open a second subflow to a kernel that listens', () => {
  behaviour('MP_JOIN in SYN and third ACK; data on both subflows', async (trial) => {
    const { application, subflow, connection } = await trial.open('0');
    const second = other(trial, subflow);
    trial.shows(await second.openJoin(3), second, 'SYN/ACK, MP_JOIN id 0 [HMAC good]');
    second.send(ACK, [joinAck(second.joinInput)]);
    trial.shows(await second.receive(), second, 'ACK, DATA_ACK 2');
    trial.state(connection, ['subflows:1']);
    expect(subflows()).toHaveLength(2);
    second.write(octets('second'));
    await trial.acknowledges(second);
    subflow.write(octets('first'));
    await trial.acknowledges(subflow);
    await trial.reads(application, 'secondfirst');
    trial.counts(JOINED);
  });

  behaviour('with B: the kernel sends its data on the other subflow', async (trial) => {
    const { application, subflow } = await trial.open('0');
    const second = other(trial, subflow);
    trial.shows(await second.openJoin(3, { backup: true }), second, 'SYN/ACK, MP_JOIN id 0 [HMAC good]');
    second.send(ACK, [joinAck(second.joinInput)]);
    await second.receive();
    application.write(octets('data'));
    trial.shows(await subflow.read(), subflow, 'ACK, DATA_ACK 2 mapping 1+4 SSN 1, 4 octets');
    trial.counts({ ...JOINED, MPJoinSynBackupRx: 1 });
  });

  behaviour('over IPv6, to a connection over IPv4', async (trial) => {
    const { application, subflow, connection } = await trial.open('0');
    const second = trial.subflow(connection, { remote: KERNEL.ipv6, remotePort: subflow.remotePort });
    trial.shows(await second.join(3), second, 'ACK, DATA_ACK 2');
    second.write(octets('six'));
    await trial.acknowledges(second);
    await trial.reads(application, 'six');
    trial.counts(JOINED);
  });

  behaviour('to another address of the kernel, which it has not announced', async (trial) => {
    const { subflow, connection } = await trial.open('0');
    const second = trial.subflow(connection, { remote: KERNEL.other, remotePort: subflow.remotePort });
    trial.shows(await second.openJoin(3), second, 'SYN/ACK, MP_JOIN id 1 [HMAC good]');
    second.send(ACK, [joinAck(second.joinInput)]);
    trial.shows(await second.receive(), second, 'ACK, DATA_ACK 2');
    expect(command('ip', 'mptcp', 'endpoint', 'show')).toContain(`::ffff:${KERNEL.other} id 1`);
    trial.saw('an implicit endpoint with id 1 appears');
    trial.counts(JOINED);
  });

  behaviour('from the same address and with id 0', async (trial) => {
    const { subflow, connection } = await trial.open('0');
    const second = trial.subflow(connection, { remotePort: subflow.remotePort });
    trial.shows(await second.join(0), second, 'ACK, DATA_ACK 2');
    trial.counts(JOINED);
  });

  behaviour('reserved bits set in SYN and third ACK', async (trial) => {
    const { subflow } = await trial.open('0');
    const second = other(trial, subflow);
    trial.shows(await second.openJoin(3, { reserved: 0x0e }), second, 'SYN/ACK, MP_JOIN id 0 [HMAC good]');
    second.send(ACK, [{ ...joinAck(second.joinInput), reserved: 0x0fff }]);
    trial.shows(await second.receive(), second, 'ACK, DATA_ACK 2');
    trial.counts(JOINED);
  });

  behaviour('the third ACK twice', async (trial) => {
    const { application, subflow } = await trial.open('0');
    const second = other(trial, subflow);
    await second.openJoin(3);
    second.send(ACK, [joinAck(second.joinInput)]);
    second.send(ACK, [joinAck(second.joinInput)]);
    second.write(octets('on'));
    await trial.acknowledges(second);
    await trial.reads(application, 'on');
    trial.counts(JOINED);
  });

  const wrong: [string, (subflow: Subflow) => OptionItem][] = [
    ['one bit off, the first', ({ joinInput }) => flipped(joinAck(joinInput).hmac, 0)],
    ['one bit off, the last', ({ joinInput }) => flipped(joinAck(joinInput).hmac, 159)],
    ['the rightmost 160 bits', ({ joinInput }) => third(fullJoinHmac(joinInput).subarray(12))],
    [
      'keys exchanged',
      ({ joinInput }) => {
        const { senderKey, receiverKey } = joinInput;
        return third(joinHmac({ ...joinInput, senderKey: receiverKey, receiverKey: senderKey }));
      },
    ],
    [
      'random numbers exchanged',
      ({ joinInput }) => {
        const { senderNonce, receiverNonce } = joinInput;
        return third(joinHmac({ ...joinInput, senderNonce: receiverNonce, receiverNonce: senderNonce }));
      },
    ],
    [
      "the kernel's own (keys and random numbers exchanged)",
      ({ joinInput }) => {
        const { senderKey, receiverKey, senderNonce, receiverNonce } = joinInput;
        return third(
          joinHmac({
            senderKey: receiverKey,
            receiverKey: senderKey,
            senderNonce: receiverNonce,
            receiverNonce: senderNonce,
          }),
        );
      },
    ],
    ['SHA-1, as in version 0', ({ joinInput }) => third(joinHmac({ ...joinInput, version: 0 }))],
    [
      '64 bits and zeros',
      ({ joinInput }) => {
        const hmac = new Uint8Array(20);
        hmac.set(truncatedJoinHmac(joinInput));
        return third(hmac);
      },
    ],
  ];
  for (const [name, option] of wrong) {
    behaviour(`third ACK with a wrong HMAC: ${name}`, async (trial) => {
      const { subflow } = await trial.open('0');
      const second = other(trial, subflow);
      await second.openJoin(3);
      second.send(ACK, [option(second)]);
      trial.shows(await second.receive(), second, 'RST, MP_TCPRST 1');
      await goesOn(trial, subflow);
      trial.counts({ ...ASKED, MPJoinAckHMacFailure: 1 });
    });
  }

  const misplaced: [string, (subflow: Subflow) => OptionItem[]][] = [
    [
      'all 32 octets of the HMAC (Length 36)',
      ({ joinInput }) => {
        const bytes = new Uint8Array(36);
        bytes.set([30, 36, 0x10, 0]);
        bytes.set(fullJoinHmac(joinInput), 4);
        return [bytes];
      },
    ],
    [
      'an HMAC of 19 octets (Length 23)',
      ({ joinInput }) => {
        const bytes = encodeOption(joinAck(joinInput)).subarray(0, 23);
        bytes[1] = 23;
        return [bytes];
      },
    ],
    ['no MP_JOIN', () => []],
    ['a DSS in its place', ({ connection }) => [dss({ dataAck: connection.expected })]],
  ];
  for (const [name, options] of misplaced) {
    behaviour(`third ACK with ${name}`, async (trial) => {
      const { subflow } = await trial.open('0');
      const second = other(trial, subflow);
      await second.openJoin(3);
      second.send(ACK, options(second));
      trial.shows(await second.receive(), second, 'RST, MP_TCPRST 1');
      await goesOn(trial, subflow);
      trial.counts(ASKED);
    });
  }

  behaviour('data instead of the third ACK', async (trial) => {
    const { subflow } = await trial.open('0');
    const second = other(trial, subflow);
    await second.openJoin(3);
    const data = octets('early');
    second.send(ACK | PSH, [second.mapping(data)], data);
    trial.shows(await second.receive(), second, 'RST, MP_TCPRST 1');
    await goesOn(trial, subflow);
    trial.counts(ASKED);
  });

  const tokens: [string, (connection: Connection) => number][] = [
    ['a token of no connection', ({ peerToken }) => ~peerToken >>> 0],
    ['our own token', ({ key }) => token(key)],
    ["the kernel's token by SHA-1, as in version 0", ({ peerKey }) => token(peerKey, 0)],
    ["the kernel's token with its octets reversed", ({ peerToken }) => reversed(peerToken)],
    ["the low 32 bits of the kernel's IDSN", ({ peerKey }) => Number(BigInt.asUintN(32, idsn(peerKey)))],
  ];
  for (const [name, receiverToken] of tokens) {
    behaviour(`SYN with ${name}`, async (trial) => {
      const { subflow, connection } = await trial.open('0');
      const second = other(trial, subflow);
      const answer = await second.openJoin(3, { receiverToken: receiverToken(connection) });
      trial.shows(answer, second, 'RST/ACK, MP_TCPRST 1');
      await goesOn(trial, subflow);
      trial.counts({ ...ASKED, MPJoinNoTokenFound: 1 });
    });
  }

  behaviour('SYN before the third ACK of the connection', async (trial) => {
    const remotePort = trial.port();
    await trial.listen(remotePort);
    const subflow = trial.subflow(new Connection(), { remotePort });
    await subflow.openCapable();
    const second = other(trial, subflow);
    trial.shows(await second.openJoin(3), second, 'RST/ACK, MP_TCPRST 1');
    trial.counts({ MPCapableSYNRX: 1, MPJoinSynRx: 1, MPJoinNoTokenFound: 1 });
  });

  behaviour('SYN with the token of a connection that has closed', async (trial) => {
    const { application, subflow, connection } = await trial.open('0');
    application.end();
    await subflow.receive(({ options }) => options.some((option) => option.type === 'DSS' && option.dataFin));
    subflow.finish();
    await subflow.receive(({ flags }) => (flags & FIN) !== 0);
    subflow.send(FIN | ACK, [subflow.dataAck]);
    await until(() => socketOf(connection.peerToken).length < 2);
    const second = other(trial, subflow);
    trial.shows(await second.openJoin(3), second, 'RST/ACK, MP_TCPRST 1');
    trial.counts({ ...ASKED, MPJoinNoTokenFound: 1 });
  });

  behaviour('SYN to a port where nobody listens', async (trial) => {
    const { connection } = await trial.open('0');
    const second = trial.subflow(connection, { local: '10.77.0.3', remotePort: trial.port() });
    trial.shows(await second.openJoin(3), second, 'RST/ACK');
    trial.counts(OPENED);
  });

  for (const [name, length] of [
    ['11 octets', 11],
    ['13 octets', 13],
  ] as const) {
    behaviour(`SYN with an MP_JOIN of ${name}`, async (trial) => {
      const { subflow, connection } = await trial.open('0');
      const second = other(trial, subflow);
      const bytes = new Uint8Array(length);
      const option = joinSyn({ receiverKey: connection.peerKey, senderNonce: 1, addressId: 3 });
      bytes.set(encodeOption(option).subarray(0, length));
      bytes[1] = length;
      trial.shows(await second.open([bytes]), second, 'SYN/ACK');
      trial.counts(OPENED);
    });
  }

  behaviour('two MP_JOIN in a SYN, the last with the right token', async (trial) => {
    const { subflow, connection } = await trial.open('0');
    const second = other(trial, subflow);
    const option = joinSyn({ receiverKey: connection.peerKey, senderNonce: second.nonce, addressId: 3 });
    const answer = await second.open([{ ...option, receiverToken: 1 }, option]);
    trial.shows(answer, second, 'SYN/ACK, MP_JOIN id 0 [HMAC good]');
    trial.counts(ASKED);
  });

  behaviour('beyond the limit of subflows', async (trial) => {
    const { subflow } = await trial.open('0');
    command('ip', 'mptcp', 'limits', 'set', 'subflows', '0', 'add_addr_accepted', '0');
    const second = other(trial, subflow);
    trial.shows(await second.openJoin(3), second, 'SYN/ACK, MP_JOIN id 0 [HMAC good]');
    second.send(ACK, [joinAck(second.joinInput)]);
    trial.shows(await second.receive(), second, 'RST, MP_TCPRST 3');
    trial.counts({ ...ASKED, MPJoinRejected: 1 });
  });
});

/** A second subflow, from another address of ours. */
function other(trial: Trial, { connection, remotePort }: Subflow): Subflow {
  return trial.subflow(connection, { local: '10.77.0.3', remotePort });
}

/** The first subflow is unharmed. */
async function goesOn(trial: Trial, subflow: Subflow): Promise<void> {
  subflow.write(octets('on'));
  expect(await subflow.acknowledged(), 'the first subflow goes on').toBeDefined();
  trial.saw('the first subflow goes on');
}

/** MP_JOIN of a third ACK with this HMAC. */
function third(hmac: Uint8Array): OptionItem {
  return { type: 'MP_JOIN', form: 'ack', hmac };
}

function flipped(hmac: Uint8Array, bit: number): OptionItem {
  const copy = hmac.slice();
  copy[bit >> 3]! ^= 0x80 >> (bit & 7);
  return third(copy);
}

/** A 32-bit number in little-endian order. */
function reversed(value: number): number {
  const view = new DataView(new ArrayBuffer(4));
  view.setUint32(0, value);
  return view.getUint32(0, true);
}
