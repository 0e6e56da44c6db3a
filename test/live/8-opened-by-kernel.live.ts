/**
 * MP_CAPABLE: the kernel opens the connection, we listen.
 *
 * @module
 */
import { describe, expect } from 'vitest';
import { mpCapableSynAck } from '../../src/mptcp/build.ts';
import type { MpCapable } from '../../src/mptcp/mp-capable.ts';
import type { OptionItem } from '../../src/tcp/options.ts';
import { ACK, PSH } from '../packet.ts';
import { behaviour, octets, pattern } from './behaviour.ts';
import { Connection } from './connection.ts';

const OPENED = { MPCapableSYNTX: 1, MPCapableSYNACKRX: 1 };

describe('Handshake: the kernel opens, we listen', () => {
  behaviour('MP_CAPABLE in SYN/ACK; data both ways', async (trial) => {
    const port = trial.port();
    const { application, syn } = await trial.connect(port);
    const connection = new Connection();
    const subflow = trial.answering(connection, syn);
    trial.shows(syn, subflow, 'SYN, MP_CAPABLE v1 H');
    trial.shows(await subflow.acceptCapable(syn), subflow, 'ACK, MP_CAPABLE v1 H key [echo good]');
    application.write(octets('from the kernel'));
    const first = await subflow.read();
    trial.shows(first, subflow, 'ACK, MP_CAPABLE v1 H key [echo good] length 15, 15 octets');
    subflow.write(octets('hi'));
    await trial.acknowledges(subflow);
    await trial.reads(application, 'hi');
    application.write(octets('more'));
    trial.shows(await subflow.read(), subflow, 'ACK, DATA_ACK 3 mapping 16+4 SSN 16, 4 octets');
    trial.state(connection, ['remote_key']);
    trial.counts(OPENED);
  });

  behaviour('we send first', async (trial) => {
    const port = trial.port();
    const { application, syn } = await trial.connect(port);
    const connection = new Connection();
    const subflow = trial.answering(connection, syn);
    await subflow.acceptCapable(syn);
    subflow.write(octets('first'));
    await trial.acknowledges(subflow);
    await trial.reads(application, 'first');
    application.write(octets('then'));
    trial.shows(await subflow.read(), subflow, 'ACK, DATA_ACK 6 mapping 1+4 SSN 1, 4 octets');
    trial.counts(OPENED);
  });

  behaviour('flag A in our SYN/ACK alone', async (trial) => {
    const port = trial.port();
    const { application, syn } = await trial.connect(port);
    const connection = new Connection({ checksumRequired: true });
    const subflow = trial.answering(connection, syn);
    trial.shows(syn, subflow, 'SYN, MP_CAPABLE v1 H');
    trial.shows(await subflow.acceptCapable(syn), subflow, 'ACK, MP_CAPABLE v1 AH key [echo good]');
    application.write(octets('sum'));
    const words = 'ACK, MP_CAPABLE v1 AH key [echo good] length 3 [checksum good], 3 octets';
    trial.shows(await subflow.read(), subflow, words);
    subflow.write(octets('odd'));
    await trial.acknowledges(subflow);
    await trial.reads(application, 'odd');
    trial.counts(OPENED);
  });

  behaviour("flag A in the kernel's SYN alone (`checksum_enabled`)", async (trial) => {
    trial.parameter('net/mptcp/checksum_enabled', '1');
    const port = trial.port();
    const { application, syn } = await trial.connect(port);
    const connection = new Connection();
    const subflow = trial.answering(connection, syn);
    trial.shows(syn, subflow, 'SYN, MP_CAPABLE v1 AH');
    trial.shows(await subflow.acceptCapable(syn), subflow, 'ACK, MP_CAPABLE v1 AH key [echo good]');
    application.write(octets('sum'));
    const words = 'ACK, MP_CAPABLE v1 AH key [echo good] length 3 [checksum good], 3 octets';
    trial.shows(await subflow.read(), subflow, words);
    trial.counts(OPENED);
  });

  const refused: [string, Partial<MpCapable> | undefined][] = [
    ['no MP_CAPABLE', undefined],
    ['version 0', { version: 0 }],
    ['version 2', { version: 2, senderKey: undefined, data: new Uint8Array(8) }],
    ['flag B', { extensibility: true }],
    ['H = 0', { algorithms: 0 }],
    ['algorithm G beside H', { algorithms: 0x03 }],
    ['no key (4 octets)', { senderKey: undefined }],
    ['both keys (20 octets)', { receiverKey: new Uint8Array(8) }],
  ];
  for (const [name, change] of refused) {
    behaviour(`SYN/ACK with ${name}`, async (trial) => {
      const port = trial.port();
      const { application, syn } = await trial.connect(port);
      const connection = new Connection();
      const subflow = trial.answering(connection, syn);
      const right = mpCapableSynAck({ senderKey: connection.key });
      const options: OptionItem[] = change === undefined ? [] : [{ ...right, ...change }];
      trial.shows(await subflow.accept(syn, options), subflow, 'ACK');
      application.write(octets('plain'));
      trial.shows(await subflow.receive(({ payload }) => payload.length > 0), subflow, 'ACK, 5 octets');
      subflow.send(ACK | PSH, [], octets('back'));
      await trial.reads(application, 'back');
      trial.counts({ MPCapableSYNTX: 1, MPCapableFallbackSYNACK: 1 });
    });
  }

  behaviour('our data after the handshake without a mapping', async (trial) => {
    const port = trial.port();
    const { application, syn } = await trial.connect(port);
    const subflow = trial.answering(new Connection(), syn);
    await subflow.acceptCapable(syn);
    subflow.send(ACK | PSH, [], octets('plain'));
    await trial.reads(application, 'plain');
    application.write(octets('back'));
    trial.shows(await subflow.receive(({ payload }) => payload.length > 0), subflow, 'ACK, 4 octets');
    trial.counts({ ...OPENED, MPCapableDataFallback: 1 });
  });

  behaviour('an ACK without DSS for the first data of the kernel', async (trial) => {
    const port = trial.port();
    const { application, syn } = await trial.connect(port);
    const subflow = trial.answering(new Connection(), syn);
    await subflow.acceptCapable(syn);
    application.write(pattern(3));
    await subflow.receive(({ payload }) => payload.length > 0);
    subflow.send(ACK);
    application.write(pattern(4));
    trial.shows(await subflow.receive(({ payload }) => payload.length > 0), subflow, 'ACK, 4 octets');
    trial.counts({ ...OPENED, MPCapableDataFallback: 1 });
  });

  behaviour('no answer to the SYN', async (trial) => {
    const port = trial.port();
    const { syn } = await trial.connect(port);
    const subflow = trial.answering(new Connection(), syn);
    trial.shows(syn, subflow, 'SYN, MP_CAPABLE v1 H');
    trial.shows(await subflow.receive(), subflow, 'SYN, MP_CAPABLE v1 H');
    trial.shows(await subflow.receive(), subflow, 'SYN, MP_CAPABLE v1 H');
    trial.shows(await subflow.receive(), subflow, 'SYN');
    expect(subflow.acknowledgment).toBeGreaterThan(0);
    trial.counts({ MPCapableSYNTX: 1, MPCapableSYNTXDrop: 1 });
  });
});
