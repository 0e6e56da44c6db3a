/**
 * The DSS checksum: what the kernel takes, what it refuses and how.
 *
 * @module
 */
import { describe, expect } from 'vitest';
import { idsn } from '../../src/mptcp/auth.ts';
import { infiniteMapping, mpCapableAck, mpFail } from '../../src/mptcp/build.ts';
import { dssChecksum } from '../../src/mptcp/checksum.ts';
import { encodeOption } from '../../src/mptcp/option.ts';
import { relativeSequence } from '../../src/mptcp/sequence.ts';
import { swapOctets } from '../../src/tcp/checksum.ts';
import { ACK, PSH, RST } from '../packet.ts';
import { behaviour, octets, pattern } from './behaviour.ts';
import { Connection } from './connection.ts';
import type { Subflow } from './subflow.ts';

const OPENED = { MPCapableSYNRX: 1, MPCapableACKRX: 1 };
const JOINED = { ...OPENED, MPJoinSynRx: 1, MPJoinAckRx: 1 };
const SUM = { checksumRequired: true };

describe('Checksums', () => {
  behaviour('flag A in the SYN; MP_CAPABLE with data and its checksum', async (trial) => {
    const { application, subflow, answer } = await trial.open('sum', SUM);
    trial.shows(answer, subflow, 'SYN/ACK, MP_CAPABLE v1 H key');
    application.write(octets('reply'));
    trial.shows(await subflow.read(), subflow, 'ACK, DATA_ACK 4 mapping 1+5 SSN 1 [checksum good], 5 octets');
    trial.finding(
      'A kernel without `checksum_enabled` leaves A clear in its SYN/ACK when the SYN has it, and uses checksums all the same.',
    );
    trial.counts(OPENED);
  });

  behaviour('mappings of 1, 2, 3, 777 and 1400 octets', async (trial) => {
    const { application, subflow } = await trial.open('0', SUM);
    let sent = 0;
    for (const length of [1, 2, 3, 777, 1400]) {
      subflow.write(pattern(length));
      expect(await subflow.acknowledged(), `${length} octets`).toBeDefined();
      sent += length;
    }
    expect(await application.read(sent)).toHaveLength(sent);
    trial.saw('acknowledges each; application reads the 2183 octets');
    trial.counts(OPENED);
  });

  behaviour('the kernel sends 1, 2, 3, 777 and 1400 octets', async (trial) => {
    const { application, subflow } = await trial.open('0', SUM);
    let at = 1;
    for (const length of [1, 2, 3, 777, 1400]) {
      application.write(pattern(length));
      const octet = `${length} octets`;
      const words = `ACK, DATA_ACK 2 mapping ${at}+${length} SSN ${at} [checksum good], ${octet}`;
      trial.shows(await subflow.read(), subflow, words);
      at += length;
    }
    trial.counts(OPENED);
  });

  behaviour('one mapping over two segments, cut at an odd octet', async (trial) => {
    const { application, subflow } = await trial.open('0', SUM);
    const data = pattern(2001);
    subflow.send(ACK, [subflow.mapping(data)], data.subarray(0, 1001));
    subflow.send(ACK | PSH, [subflow.dataAck], data.subarray(1001));
    subflow.skip(data.length);
    await trial.acknowledges(subflow);
    await trial.reads(application, data);
    trial.counts(OPENED);
  });

  behaviour('a data sequence number of 4 octets, the checksum over all 8', async (trial) => {
    const { application, subflow, connection } = await trial.open('0', SUM);
    const data = octets('four');
    const { mapping } = subflow.mapping(data);
    const dataSequenceNumber = Number(BigInt.asUintN(32, connection.next));
    subflow.send(ACK | PSH, [{ type: 'DSS', dataFin: false, mapping: { ...mapping!, dataSequenceNumber } }], data);
    subflow.skip(4);
    await trial.acknowledges(subflow);
    await trial.reads(application, data);
    trial.counts(OPENED);
  });

  const wrong: [string, (subflow: Subflow, data: Uint8Array) => number][] = [
    ['one bit off', (subflow, data) => subflow.mapping(data).mapping!.checksum! ^ 1],
    ['octets exchanged', (subflow, data) => swapOctets(subflow.mapping(data).mapping!.checksum!)],
    [
      'over a 32-bit data sequence number',
      (subflow, data) => {
        const low = BigInt.asUintN(32, subflow.connection.next);
        return dssChecksum({ ...numbers(subflow, data), dataSequenceNumber: low }, data);
      },
    ],
    [
      'over the payload alone',
      (_, data) => {
        return dssChecksum({ dataSequenceNumber: 0n, subflowSequenceNumber: 0, dataLevelLength: 4 }, data) + 4;
      },
    ],
    [
      'over the TCP sequence number in the place of SSN',
      (subflow, data) => {
        return dssChecksum({ ...numbers(subflow, data), subflowSequenceNumber: subflow.sequence }, data);
      },
    ],
    ['0', () => 0],
  ];
  for (const [name, checksum] of wrong) {
    behaviour(`a wrong checksum on the only subflow: ${name}`, async (trial) => {
      const { application, subflow } = await trial.open('0', SUM);
      const data = octets('evil');
      subflow.send(ACK | PSH, [subflow.mapping(data, { checksum: checksum(subflow, data) })], data);
      const refusal = await subflow.receive(({ options }) => options.some(({ type }) => type === 'MP_FAIL'));
      trial.shows(refusal, subflow, 'ACK, DATA_ACK 2, MP_FAIL 2');
      await trial.reads(application, data);
      trial.counts({ ...OPENED, DataCsumErr: 1, MPFailTx: 1 });
    });
  }

  behaviour('a wrong checksum on a mapping with DATA_FIN: length without the DATA_FIN', async (trial) => {
    const { application, subflow } = await trial.open('0', SUM);
    const data = octets('last');
    const checksum = dssChecksum({ ...numbers(subflow, data), dataFin: false }, data);
    subflow.send(ACK, [subflow.mapping(data, { checksum }, true)], data);
    const refusal = await subflow.receive(({ options }) => options.some(({ type }) => type === 'MP_FAIL'));
    trial.shows(refusal, subflow, 'ACK, DATA_ACK 2, MP_FAIL 2');
    await trial.reads(application, data);
    trial.counts({ ...OPENED, DataCsumErr: 1, MPFailTx: 1 });
  });

  behaviour('a wrong checksum on the second subflow', async (trial) => {
    const { application, subflow, connection } = await trial.open('0', SUM);
    const second = trial.subflow(connection, { local: '10.77.0.3', remotePort: subflow.remotePort });
    await second.join(3);
    const data = octets('evil');
    second.send(ACK | PSH, [second.mapping(data, { checksum: 1 })], data);
    trial.shows(await second.receive(({ flags }) => (flags & RST) !== 0), second, 'RST/ACK, MP_FAIL 2, MP_TCPRST 6');
    subflow.write(octets('good'));
    await trial.acknowledges(subflow);
    await trial.reads(application, 'good');
    trial.counts({ ...JOINED, DataCsumErr: 1, MPFailTx: 1, MPRstTx: 1 });
  });

  behaviour('a wrong checksum on MP_CAPABLE with data', async (trial) => {
    const remotePort = trial.port();
    const application = await trial.listen(remotePort);
    const subflow = trial.subflow(new Connection(SUM), { remotePort });
    await subflow.openCapable();
    const payload = octets('evil');
    const option = mpCapableAck({ ...subflow.connection.keys, ...SUM, payload });
    subflow.send(ACK | PSH, [{ ...option, checksum: option.checksum! ^ 1 }], payload);
    await trial.reads(application, payload);
    application.write(octets('back'));
    trial.shows(await subflow.receive(({ payload: { length } }) => length > 0), subflow, 'ACK, 4 octets');
    trial.finding('A wrong checksum on MP_CAPABLE with data makes the connection fall back without MP_FAIL.');
    trial.counts({ ...OPENED, DataCsumErr: 1, DssFallback: 1 });
  });

  behaviour('flag A in the SYN but not in the third ACK: MP_CAPABLE with data, 22 octets', async (trial) => {
    const remotePort = trial.port();
    const application = await trial.listen(remotePort);
    const subflow = trial.subflow(new Connection(SUM), { remotePort });
    await subflow.openCapable();
    const payload = octets('bare');
    subflow.send(ACK | PSH, [mpCapableAck({ ...subflow.connection.keys, payload })], payload);
    subflow.skip(4);
    await trial.reads(application, payload);
    application.write(octets('back'));
    trial.shows(await subflow.read(), subflow, 'ACK, DATA_ACK 5 mapping 1+4 SSN 1, 4 octets');
    trial.finding(
      'As a listener without `checksum_enabled` the kernel goes by flag A of the third ACK, not of the SYN: without it there, no checksums are used, neither wanted.',
    );
    trial.counts(OPENED);
  });

  behaviour('MP_CAPABLE with data, A set but 22 octets (no checksum)', async (trial) => {
    const remotePort = trial.port();
    const application = await trial.listen(remotePort);
    const subflow = trial.subflow(new Connection(SUM), { remotePort });
    await subflow.openCapable();
    const payload = octets('bare');
    const option = mpCapableAck({ ...subflow.connection.keys, ...SUM, payload });
    subflow.send(ACK | PSH, [{ ...option, checksum: undefined }], payload);
    await trial.reads(application, payload);
    application.write(octets('back'));
    trial.shows(await subflow.receive(({ payload: { length } }) => length > 0), subflow, 'ACK, 4 octets');
    trial.finding(
      'MP_CAPABLE with data of 22 octets and A set is taken as if it had a checksum, a wrong one (DataCsumErr): the Length is not looked at.',
    );
    trial.counts({ ...OPENED, DataCsumErr: 1, DssFallback: 1 });
  });

  behaviour('MP_CAPABLE of 24 octets (with checksum) where A was nowhere', async (trial) => {
    const remotePort = trial.port();
    const application = await trial.listen(remotePort);
    const subflow = trial.subflow(new Connection(), { remotePort });
    await subflow.openCapable();
    const payload = octets('more');
    const option = mpCapableAck({ ...subflow.connection.keys, ...SUM, payload });
    subflow.send(ACK | PSH, [{ ...option, checksumRequired: false }], payload);
    subflow.skip(4);
    await trial.acknowledges(subflow);
    await trial.reads(application, payload);
    trial.counts(OPENED);
  });

  behaviour('a mapping without checksum where checksums were agreed', async (trial) => {
    const { application, subflow } = await trial.open('0', SUM);
    const data = octets('bare');
    subflow.send(ACK | PSH, [subflow.mapping(data, { checksum: undefined })], data);
    await trial.reads(application, data);
    application.write(octets('back'));
    trial.shows(await subflow.receive(({ payload }) => payload.length > 0), subflow, 'ACK, 4 octets');
    trial.finding(
      'A checksum that is missing, or that nobody asked for, makes the only subflow fall back; RFC 8684 wants a RST.',
    );
    trial.counts({ ...OPENED, DssFallback: 1 });
  });

  behaviour('a mapping with a right checksum where none was agreed', async (trial) => {
    const { application, subflow } = await trial.open('0');
    const data = octets('more');
    const checksum = dssChecksum(numbers(subflow, data), data);
    subflow.send(ACK | PSH, [subflow.mapping(data, { checksum })], data);
    await trial.reads(application, data);
    application.write(octets('back'));
    trial.shows(await subflow.receive(({ payload }) => payload.length > 0), subflow, 'ACK, 4 octets');
    trial.counts({ ...OPENED, DssFallback: 1 });
  });

  behaviour('a mapping with a right checksum where none was agreed, on the second subflow', async (trial) => {
    const { subflow, connection } = await trial.open('0');
    const second = trial.subflow(connection, { local: '10.77.0.3', remotePort: subflow.remotePort });
    await second.join(3);
    const data = octets('more');
    second.send(ACK | PSH, [second.mapping(data, { checksum: dssChecksum(numbers(second, data), data) })], data);
    trial.shows(await second.receive(({ flags }) => (flags & RST) !== 0), second, 'RST/ACK, MP_TCPRST 1');
    trial.counts({ ...JOINED, MPRstTx: 1 });
  });

  behaviour('DATA_FIN alone with a wrong checksum', async (trial) => {
    const { application, subflow } = await trial.open('0', SUM);
    subflow.finish(undefined, { checksum: 1 });
    await trial.acknowledges(subflow);
    await trial.ends(application, 'EOF');
    trial.finding('The checksum of a DATA_FIN without data is not verified.');
    trial.counts(OPENED);
  });

  behaviour('MP_FAIL for data of the kernel, then its next data', async (trial) => {
    const { application, subflow, connection } = await trial.open('0', SUM);
    const first = connection.expected;
    application.write(octets('kdata'));
    await subflow.receive(({ payload }) => payload.length > 0);
    connection.expected = first;
    subflow.send(ACK, [subflow.dataAck, mpFail(first)]);
    const answer = await subflow.receive(({ options }) => options.some(({ type }) => type === 'MP_FAIL'));
    trial.shows(answer, subflow, 'ACK, DATA_ACK 2, MP_FAIL 1');
    application.write(octets('next'));
    const next = await subflow.receive(({ payload }) => payload.length > 0);
    trial.shows(next, subflow, 'ACK, DATA_ACK 2 mapping 6+0 SSN 6 checksum 0, 4 octets');
    trial.counts({ ...OPENED, MPFailRx: 1, MPFailTx: 1, InfiniteMapTx: 1 });
  });

  behaviour('MP_FAIL of 11 and of 13 octets', async (trial) => {
    const { application, subflow, connection } = await trial.open('0', SUM);
    for (const length of [11, 13]) {
      const bytes = new Uint8Array(length);
      bytes.set(encodeOption(mpFail(connection.expected)).subarray(0, length));
      bytes[1] = length;
      subflow.send(ACK, [bytes]);
    }
    application.write(octets('data'));
    trial.shows(await subflow.read(), subflow, 'ACK, DATA_ACK 2 mapping 1+4 SSN 1 [checksum good], 4 octets');
    trial.counts(OPENED);
  });

  behaviour('MP_FAIL with reserved bits set', async (trial) => {
    const { subflow, connection } = await trial.open('0', SUM);
    subflow.send(ACK, [subflow.dataAck, { ...mpFail(connection.expected), reserved: 0x0fff }]);
    const answer = await subflow.receive(({ options }) => options.some(({ type }) => type === 'MP_FAIL'));
    trial.shows(answer, subflow, 'ACK, DATA_ACK 2, MP_FAIL 1');
    trial.counts({ ...OPENED, MPFailRx: 1, MPFailTx: 1 });
  });

  behaviour('an infinite mapping with checksum 0, after the kernel has sent MP_FAIL', async (trial) => {
    const { application, subflow, connection } = await trial.open('0', SUM);
    const data = octets('evil');
    subflow.send(ACK | PSH, [subflow.mapping(data, { checksum: 1 })], data);
    await subflow.receive(({ options }) => options.some(({ type }) => type === 'MP_FAIL'));
    const { next, expected } = connection;
    expect(relativeSequence(next, idsn(connection.key))).toBe(2n);
    const mapping = { dataSequenceNumber: next, subflowSequenceNumber: subflow.subflowSequence, ...SUM };
    subflow.send(ACK | PSH, [infiniteMapping({ dataAck: expected, mapping })], octets('plain'));
    subflow.send(ACK | PSH, [], octets('more'));
    await trial.reads(application, 'evilplainmore');
    trial.counts({ ...OPENED, DataCsumErr: 1, MPFailTx: 1, InfiniteMapRx: 1, DssFallback: 1 });
  });
});

/** The numbers of our next mapping. */
function numbers({ connection, subflowSequence }: Subflow, data: Uint8Array): Parameters<typeof dssChecksum>[0] {
  return {
    dataSequenceNumber: connection.next,
    subflowSequenceNumber: subflowSequence,
    dataLevelLength: data.length,
  };
}
