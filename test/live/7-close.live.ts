/**
 * The ends of connections and subflows: DATA_FIN, MP_FASTCLOSE, MP_TCPRST.
 *
 * @module
 */
import { describe, expect } from 'vitest';
import { generateKey } from '../../src/mptcp/auth.ts';
import { mpFastclose, mpTcprst } from '../../src/mptcp/build.ts';
import { encodeOption } from '../../src/mptcp/option.ts';
import { ACK, FIN, RST } from '../packet.ts';
import { behaviour, octets } from './behaviour.ts';
import { socketOf, until } from './kernel.ts';
import type { Segment } from './wire.ts';

const OPENED = { MPCapableSYNRX: 1, MPCapableACKRX: 1 };
const JOINED = { ...OPENED, MPJoinSynRx: 1, MPJoinAckRx: 1 };

describe('Closing', () => {
  behaviour("DATA_FIN alone, the kernel's DATA_FIN, FIN both ways", async (trial) => {
    const { application, subflow, connection } = await trial.open('0');
    subflow.finish();
    await trial.acknowledges(subflow);
    await trial.ends(application, 'EOF');
    application.end();
    trial.shows(await subflow.receive(dataFin), subflow, 'ACK, DATA_ACK 3 DATA_FIN mapping 1+1 SSN 0');
    subflow.acknowledge();
    trial.shows(await subflow.receive(fin), subflow, 'FIN/ACK, DATA_ACK 3');
    subflow.send(FIN | ACK, [subflow.dataAck]);
    expect(await until(() => socketOf(connection.peerToken).length < 2)).toBe(true);
    trial.saw('`ss` shows the connection no more');
    trial.counts(OPENED);
  });

  behaviour('the kernel closes first', async (trial) => {
    const { application, subflow, connection } = await trial.open('0');
    application.end();
    trial.shows(await subflow.receive(dataFin), subflow, 'ACK, DATA_ACK 2 DATA_FIN mapping 1+1 SSN 0');
    subflow.acknowledge();
    subflow.write(octets('half open'));
    await trial.reads(application, 'half open');
    subflow.finish();
    await trial.ends(application, 'EOF');
    trial.shows(await subflow.receive(fin), subflow, 'FIN/ACK, DATA_ACK 12');
    subflow.send(FIN | ACK, [subflow.dataAck]);
    expect(await until(() => socketOf(connection.peerToken).length < 2)).toBe(true);
    trial.saw('`ss` shows the connection no more');
    trial.counts(OPENED);
  });

  behaviour('DATA_FIN in a mapping with data', async (trial) => {
    const { application, subflow } = await trial.open('0');
    subflow.finish(octets('last'));
    await trial.acknowledges(subflow);
    await trial.reads(application, 'last');
    await trial.ends(application, 'EOF');
    trial.counts(OPENED);
  });

  behaviour('DATA_FIN in a mapping with data and its checksum', async (trial) => {
    const { application, subflow } = await trial.open('0', { checksumRequired: true });
    subflow.finish(octets('odd'));
    await trial.acknowledges(subflow);
    await trial.reads(application, 'odd');
    await trial.ends(application, 'EOF');
    trial.counts(OPENED);
  });

  behaviour('DATA_FIN before the data it follows', async (trial) => {
    const { application, subflow, connection } = await trial.open('0');
    const start = connection.next;
    connection.next += 4n;
    subflow.finish();
    connection.next = start;
    subflow.write(octets('data'));
    connection.next += 1n;
    await trial.acknowledges(subflow);
    await trial.reads(application, 'data');
    await trial.ends(application, 'EOF');
    trial.counts(OPENED);
  });

  behaviour('DATA_FIN alone with a subflow sequence number that is not 0', async (trial) => {
    const { application, subflow } = await trial.open('0');
    subflow.finish(undefined, { subflowSequenceNumber: subflow.subflowSequence });
    await trial.acknowledges(subflow);
    await trial.ends(application, 'EOF');
    trial.counts(OPENED);
  });

  behaviour('DATA_FIN alone of length 0', async (trial) => {
    const { application, subflow } = await trial.open('0');
    subflow.finish(undefined, { dataLevelLength: 0 });
    expect(await application.ended(150)).toBeUndefined();
    trial.saw('application sees no end');
    trial.counts(OPENED);
  });

  behaviour('FIN without DATA_FIN on the only subflow', async (trial) => {
    const { application, subflow } = await trial.open('0');
    subflow.send(FIN | ACK, [subflow.dataAck]);
    trial.shows(await subflow.receive(fin), subflow, 'FIN/ACK, DATA_ACK 2');
    expect(await application.ended(150)).toBeUndefined();
    trial.saw('application sees no end');
    trial.finding(
      'After a FIN without DATA_FIN, or a RST, on the only subflow the connection lives on without any, waiting for a join (`close_timeout`); its application sees nothing.',
    );
    trial.counts(OPENED);
  });

  behaviour('RST on the only subflow, then a join', async (trial) => {
    const { application, subflow, connection } = await trial.open('0');
    subflow.send(RST | ACK);
    expect(await application.ended(150)).toBeUndefined();
    trial.saw('application sees no end');
    const second = trial.subflow(connection, { local: '10.77.0.3', remotePort: subflow.remotePort });
    trial.shows(await second.join(3), second, 'ACK, DATA_ACK 2');
    second.write(octets('again'));
    await trial.acknowledges(second);
    await trial.reads(application, 'again');
    trial.counts(JOINED);
  });

  behaviour('MP_FASTCLOSE on an ACK', async (trial) => {
    const { application, subflow, connection } = await trial.open('0');
    subflow.send(ACK, [mpFastclose(connection.peerKey)]);
    trial.shows(await subflow.receive(rst), subflow, 'RST/ACK, MP_TCPRST 0');
    await trial.ends(application, 'Connection reset by peer');
    trial.counts({ ...OPENED, MPFastcloseRx: 1, MPRstTx: 1 });
  });

  behaviour('MP_FASTCLOSE on a RST', async (trial) => {
    const { application, subflow, connection } = await trial.open('0');
    subflow.send(RST | ACK, [mpFastclose(connection.peerKey), mpTcprst({ reason: 0 })]);
    await trial.ends(application, 'Connection reset by peer');
    trial.counts({ ...OPENED, MPFastcloseRx: 1, MPRstRx: 1 });
  });

  behaviour('MP_FASTCLOSE with reserved bits set, on one of two subflows', async (trial) => {
    const { application, subflow, connection } = await trial.open('0');
    const second = trial.subflow(connection, { local: '10.77.0.3', remotePort: subflow.remotePort });
    await second.join(3);
    subflow.send(ACK, [{ ...mpFastclose(connection.peerKey), reserved: 0x0fff }]);
    trial.shows(await subflow.receive(rst), subflow, 'RST/ACK, MP_TCPRST 0');
    trial.shows(await second.receive(rst), second, 'RST/ACK, MP_TCPRST 0');
    await trial.ends(application, 'Connection reset by peer');
    trial.counts({ ...JOINED, MPFastcloseRx: 1, MPRstTx: 2 });
  });

  for (const [name, key] of [
    ['a key of nobody', generateKey()],
    ['our own key', undefined],
  ] as const) {
    behaviour(`MP_FASTCLOSE with ${name}`, async (trial) => {
      const { application, subflow, connection } = await trial.open('0');
      subflow.send(ACK, [mpFastclose(key ?? connection.key)]);
      subflow.write(octets('alive'));
      await trial.acknowledges(subflow);
      await trial.reads(application, 'alive');
      trial.counts(OPENED);
    });
  }

  behaviour('MP_FASTCLOSE of 11 and of 13 octets', async (trial) => {
    const { application, subflow, connection } = await trial.open('0');
    for (const length of [11, 13]) {
      const bytes = new Uint8Array(length);
      bytes.set(encodeOption(mpFastclose(connection.peerKey)).subarray(0, length));
      bytes[1] = length;
      subflow.send(ACK, [bytes]);
    }
    subflow.write(octets('alive'));
    await trial.acknowledges(subflow);
    await trial.reads(application, 'alive');
    trial.counts(OPENED);
  });

  behaviour('MP_TCPRST on a segment that is no RST', async (trial) => {
    const { application, subflow } = await trial.open('0');
    subflow.send(ACK, [mpTcprst({ reason: 1 })]);
    subflow.write(octets('alive'));
    await trial.acknowledges(subflow);
    await trial.reads(application, 'alive');
    trial.counts(OPENED);
  });

  behaviour('RST with MP_TCPRST on the second subflow; U, V and W set', async (trial) => {
    const { application, subflow, connection } = await trial.open('0');
    const second = trial.subflow(connection, { local: '10.77.0.3', remotePort: subflow.remotePort });
    await second.join(3);
    second.send(RST | ACK, [{ ...mpTcprst({ reason: 5, transient: true }), reserved: 0x0e }]);
    await trial.counted('MPRstRx', 1);
    subflow.write(octets('alive'));
    await trial.acknowledges(subflow);
    await trial.reads(application, 'alive');
    trial.counts({ ...JOINED, MPRstRx: 1 });
  });

  behaviour('the kernel drops the connection (SO_LINGER 0)', async (trial) => {
    const { application, subflow } = await trial.open('0', { abort: true });
    await application.kill();
    trial.shows(await subflow.receive(rst), subflow, 'RST/ACK, MP_FASTCLOSE [key good], MP_TCPRST 0');
    trial.counts({ ...OPENED, MPFastcloseTx: 1, MPRstTx: 1 });
  });

  behaviour('the kernel drops the connection, of two subflows', async (trial) => {
    const { application, subflow, connection } = await trial.open('0', { abort: true });
    const second = trial.subflow(connection, { local: '10.77.0.3', remotePort: subflow.remotePort });
    await second.join(3);
    await application.kill();
    trial.shows(await subflow.receive(rst), subflow, 'RST/ACK, MP_FASTCLOSE [key good], MP_TCPRST 0');
    trial.shows(await second.receive(rst), second, 'RST/ACK, MP_FASTCLOSE [key good], MP_TCPRST 0');
    trial.counts({ ...JOINED, MPFastcloseTx: 2, MPRstTx: 2 });
  });
});

function dataFin({ options }: Segment): boolean {
  return options.some((option) => option.type === 'DSS' && option.dataFin);
}

function fin({ flags }: Segment): boolean {
  return (flags & FIN) !== 0;
}

function rst({ flags }: Segment): boolean {
  return (flags & RST) !== 0;
}
