/**
 * MP_PRIO, from us and from the kernel.
 *
 * @module
 */
import { describe, expect } from 'vitest';
import { mpPrio } from '../../src/mptcp/build.ts';
import { ACK } from '../packet.ts';
import { behaviour, octets, type Trial } from './behaviour.ts';
import { command, KERNEL, subflows, until } from './kernel.ts';
import type { Subflow } from './subflow.ts';

const OPENED = { MPCapableSYNRX: 1, MPCapableACKRX: 1 };
const JOINED = { ...OPENED, MPJoinSynRx: 1, MPJoinAckRx: 1 };

describe('Priority', () => {
  behaviour('MP_PRIO with B on the first subflow, then without', async (trial) => {
    const { application, subflow, second } = await joined(trial);
    subflow.send(ACK, [mpPrio({ backup: true })]);
    await trial.counted('MPPrioRx', 1);
    application.write(octets('data'));
    trial.shows(await second.read(), second, 'ACK, DATA_ACK 2 mapping 1+4 SSN 1, 4 octets');
    trial.saw('on the second subflow');
    subflow.send(ACK, [mpPrio({ backup: false })]);
    second.send(ACK, [mpPrio({ backup: true })]);
    await trial.counted('MPPrioRx', 3);
    application.write(octets('data'));
    trial.shows(await subflow.read(), subflow, 'ACK, DATA_ACK 2 mapping 5+4 SSN 1, 4 octets');
    trial.saw('on the first subflow');
    trial.counts({ ...JOINED, MPPrioRx: 3 });
  });

  behaviour('MP_PRIO with reserved bits set', async (trial) => {
    const { application, subflow, second } = await joined(trial);
    subflow.send(ACK, [{ ...mpPrio({ backup: true }), reserved: 0x0e }]);
    application.write(octets('data'));
    trial.shows(await second.read(), second, 'ACK, DATA_ACK 2 mapping 1+4 SSN 1, 4 octets');
    trial.saw('on the second subflow');
    trial.counts({ ...JOINED, MPPrioRx: 1 });
  });

  behaviour('MP_PRIO with an address id, as in version 0 (Length 4)', async (trial) => {
    const { application, subflow } = await joined(trial);
    subflow.send(ACK, [mpPrio({ backup: true, addressId: 0, version: 0 })]);
    subflow.write(octets('on'));
    await trial.acknowledges(subflow);
    application.write(octets('data'));
    trial.shows(await subflow.read(), subflow, 'ACK, DATA_ACK 4 mapping 1+4 SSN 1, 4 octets');
    trial.counts(JOINED);
  });

  behaviour('the kernel makes an endpoint a backup, and a regular one again', async (trial) => {
    command('ip', 'mptcp', 'endpoint', 'add', KERNEL.other, 'dev', 'tun0', 'subflow', 'id', '12');
    const { subflow, connection, port } = await trial.accept('0');
    const syn = await trial.syn(port, subflow.local);
    const second = trial.answering(connection, syn);
    await second.acceptJoin(syn);
    second.acknowledge();
    await until(() => subflows().filter((line) => / flags:\w*e/.test(line)).length === 2);
    for (const [word, bit] of [
      ['backup', 1],
      ['nobackup', 0],
    ] as const) {
      command('ip', 'mptcp', 'endpoint', 'change', 'id', '12', word);
      const segment = await second.receive(({ options }) => options.some(({ type }) => type === 'MP_PRIO'));
      trial.shows(segment, second, `ACK, DATA_ACK 1, MP_PRIO B=${bit}`);
    }
    expect(subflows()).toHaveLength(2);
    trial.counts({ MPCapableSYNTX: 1, MPCapableSYNACKRX: 1, MPJoinSynTx: 1, MPJoinSynAckRx: 1, MPPrioTx: 2 });
  });
});

/** A connection of two subflows, which we have opened. */
async function joined(trial: Trial): Promise<Awaited<ReturnType<Trial['open']>> & { second: Subflow }> {
  const opened = await trial.open('0');
  const { subflow, connection } = opened;
  const second = trial.subflow(connection, { local: '10.77.0.3', remotePort: subflow.remotePort });
  await second.join(3);
  return { ...opened, second };
}
