/**
 * DSS without checksums: mappings and data acknowledgements.
 *
 * @module
 */
import { describe, expect } from 'vitest';
import { fromHex } from '../../src/bytes.ts';
import { idsn } from '../../src/mptcp/auth.ts';
import { dss } from '../../src/mptcp/build.ts';
import { encodeOption, type MptcpOption } from '../../src/mptcp/option.ts';
import { relativeSequence } from '../../src/mptcp/sequence.ts';
import type { OptionItem } from '../../src/tcp/options.ts';
import { ACK, PSH, RST } from '../packet.ts';
import { behaviour, octets, pattern } from './behaviour.ts';
import type { Subflow } from './subflow.ts';

const OPENED = { MPCapableSYNRX: 1, MPCapableACKRX: 1 };

describe('Data, without checksums', () => {
  behaviour('mappings of 1, 2, 3, 777 and 1400 octets', async (trial) => {
    const { application, subflow } = await trial.open('0');
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

  for (const [ack, map] of [
    [4, 4],
    [4, 8],
    [8, 4],
    [8, 8],
  ] as const) {
    behaviour(`Data ACK of ${ack} octets, data sequence number of ${map}`, async (trial) => {
      const { application, subflow, connection } = await trial.open('0');
      const { next, expected } = connection;
      const mapping = { dataSequenceNumber: next, width: map, subflowSequenceNumber: subflow.subflowSequence };
      const payload = octets('width');
      subflow.send(ACK | PSH, [dss({ dataAck: expected, width: ack, mapping: { ...mapping, payload } })], payload);
      subflow.skip(5);
      const segment = await subflow.acknowledged();
      trial.shows(segment, subflow, 'ACK, DATA_ACK 7');
      const option = segment?.options[0];
      const width = option?.type === 'DSS' && typeof option.dataAck === 'bigint' ? 8 : 4;
      trial.saw(`its Data ACK has ${width} octets`);
      await trial.reads(application, payload);
      trial.counts(OPENED);
    });
  }

  behaviour('data sequence numbers that pass 2^32, sent as 4 octets', async (trial) => {
    const { application, subflow, connection } = await trial.open('0', { key: fromHex(ROLL_OVER_KEY) });
    const before = connection.next;
    const payload = pattern(1000);
    for (let i = 0; i < 3; i++) {
      const { next, expected } = connection;
      const mapping = { dataSequenceNumber: next, width: 4, subflowSequenceNumber: subflow.subflowSequence } as const;
      subflow.send(ACK | PSH, [dss({ dataAck: expected, mapping: { ...mapping, payload } })], payload);
      subflow.skip(payload.length);
      expect(await subflow.acknowledged()).toBeDefined();
    }
    expect(connection.next >> 32n).toBe((before >> 32n) + 1n);
    trial.saw('acknowledges each of 3 segments, the last beyond 2^32');
    expect(await application.read(3000)).toHaveLength(3000);
    trial.saw('application reads the 3000 octets');
    trial.counts(OPENED);
  });

  behaviour('one mapping over three segments, DSS on the first only', async (trial) => {
    const { application, subflow } = await trial.open('0');
    const data = octets('abcdefghi');
    subflow.send(ACK | PSH, [subflow.mapping(data)], data.subarray(0, 3));
    subflow.send(ACK | PSH, [subflow.dataAck], data.subarray(3, 6));
    subflow.send(ACK | PSH, [], data.subarray(6));
    subflow.skip(9);
    await trial.acknowledges(subflow);
    await trial.reads(application, data);
    trial.counts(OPENED);
  });

  behaviour('one mapping over two segments, the same DSS on both', async (trial) => {
    const { application, subflow } = await trial.open('0');
    const data = pattern(2001);
    const option = subflow.mapping(data);
    subflow.send(ACK, [option], data.subarray(0, 1001));
    subflow.send(ACK | PSH, [option], data.subarray(1001));
    subflow.skip(data.length);
    await trial.acknowledges(subflow);
    await trial.reads(application, data);
    trial.counts(OPENED);
  });

  behaviour('half of a mapping, the other half later', async (trial) => {
    const { application, subflow } = await trial.open('0');
    const data = octets('mapped');
    subflow.send(ACK | PSH, [subflow.mapping(data)], data.subarray(0, 3));
    await trial.reads(application, 'map');
    subflow.send(ACK | PSH, [], data.subarray(3));
    subflow.skip(6);
    await trial.acknowledges(subflow);
    await trial.reads(application, 'ped');
    trial.counts(OPENED);
  });

  behaviour('the kernel sends 3001 octets at once', async (trial) => {
    const { application, subflow } = await trial.open('0');
    application.write(pattern(3001));
    trial.shows(await subflow.read(), subflow, 'ACK, DATA_ACK 2 mapping 1+3001 SSN 1, 1432 octets');
    trial.shows(await subflow.read(), subflow, 'ACK, DATA_ACK 2 mapping 1+3001 SSN 1, 1432 octets');
    trial.shows(await subflow.read(), subflow, 'ACK, DATA_ACK 2 mapping 1+3001 SSN 1, 137 octets');
    trial.counts(OPENED);
  });

  behaviour('the same data again, in a new mapping on the same subflow', async (trial) => {
    const { application, subflow, connection } = await trial.open('0');
    const first = connection.next;
    subflow.write(octets('once'));
    await trial.acknowledges(subflow);
    connection.next = first;
    subflow.write(octets('once'));
    subflow.write(octets('more'));
    await trial.acknowledges(subflow);
    await trial.reads(application, 'oncemore');
    trial.counts({ ...OPENED, DuplicateData: 1 });
  });

  behaviour('later data first, then the hole', async (trial) => {
    const { application, subflow, connection } = await trial.open('0');
    const hole = connection.next;
    connection.next += 4n;
    subflow.write(octets('late'));
    const segment = await subflow.receive(({ payload }) => payload.length === 0);
    trial.shows(segment, subflow, 'ACK, DATA_ACK 2');
    subflow.send(ACK | PSH, [subflow.mapping(octets('hole'), { dataSequenceNumber: hole })], octets('hole'));
    await trial.acknowledges(subflow);
    await trial.reads(application, 'holelate');
    trial.counts({ ...OPENED, OFOQueue: 1 });
  });

  behaviour('a Data ACK of data that the kernel never sent', async (trial) => {
    const { application, subflow, connection } = await trial.open('0');
    subflow.send(ACK, [dss({ dataAck: connection.expected + 1000n })]);
    application.write(octets('data'));
    trial.shows(await subflow.read(), subflow, 'ACK, DATA_ACK 2 mapping 1+4 SSN 1, 4 octets');
    subflow.write(octets('still'));
    await trial.acknowledges(subflow);
    trial.counts(OPENED);
  });

  behaviour('reserved bits set in a DSS', async (trial) => {
    const { application, subflow } = await trial.open('0');
    const data = octets('bits');
    subflow.send(ACK | PSH, [{ ...subflow.mapping(data), reserved: 0x0fe0 }], data);
    subflow.skip(4);
    await trial.acknowledges(subflow);
    await trial.reads(application, data);
    trial.counts(OPENED);
  });

  behaviour('bits m and a set where M and A are not', async (trial) => {
    const { application, subflow, connection } = await trial.open('0');
    subflow.send(ACK, [{ ...subflow.dataAck, reserved: 0x08 }]);
    const { mapping } = subflow.mapping(octets('bits'));
    subflow.send(ACK | PSH, [{ type: 'DSS', dataFin: false, mapping, reserved: 0x02 }], octets('bits'));
    subflow.skip(4);
    await trial.acknowledges(subflow);
    await trial.reads(application, 'bits');
    expect(relativeSequence(connection.next, idsn(connection.key))).toBe(6n);
    trial.counts(OPENED);
  });

  behaviour('F without a mapping', async (trial) => {
    const { application, subflow } = await trial.open('0');
    subflow.send(ACK, [{ ...subflow.dataAck, dataFin: true }]);
    subflow.write(octets('more'));
    await trial.acknowledges(subflow);
    await trial.reads(application, 'more');
    trial.counts(OPENED);
  });

  behaviour('DSS with 2 octets more than a Data ACK takes, and no mapping', async (trial) => {
    const { application, subflow, connection } = await trial.open('0');
    application.write(octets('data'));
    await subflow.receive(({ payload }) => payload.length > 0);
    const longer = new Uint8Array(14);
    longer.set([30, 14, 0x20, 3]);
    new DataView(longer.buffer).setBigUint64(4, connection.expected);
    subflow.send(ACK, [longer]);
    await trial.delivered(connection);
    trial.finding(
      'A DSS without a mapping but 2 octets longer than its flags say is accepted; this library decodes it as malformed.',
    );
    trial.counts(OPENED);
  });

  behaviour('a mapping among options of subtypes 9, 14 and 15', async (trial) => {
    const { application, subflow } = await trial.open('0');
    const data = octets('amid');
    const other = (subtype: number): OptionItem => ({ type: 'UNKNOWN', subtype, data: Uint8Array.of(1) });
    const experimental: OptionItem = { type: 'MP_EXPERIMENTAL', data: Uint8Array.of(1) };
    subflow.send(ACK | PSH, [other(9), subflow.mapping(data), other(14), experimental], data);
    subflow.skip(4);
    await trial.acknowledges(subflow);
    await trial.reads(application, data);
    trial.counts(OPENED);
  });

  behaviour('two DSS: a mapping, then a Data ACK alone', async (trial) => {
    const { application, subflow } = await trial.open('0');
    subflow.send(
      ACK | PSH,
      [subflow.mapping(octets('lost'), {}, false), dss({ dataAck: subflow.connection.expected, width: 4 })],
      octets('lost'),
    );
    subflow.skip(4);
    await trial.reads(application, 'lost');
    application.write(octets('back'));
    trial.shows(await subflow.receive(({ payload }) => payload.length > 0), subflow, 'ACK, 4 octets');
    trial.finding(
      'Of two DSS in a segment the last decides whether there is a mapping: mapping then Data ACK loses the mapping.',
    );
    trial.counts({ ...OPENED, DssFallback: 1 });
  });

  behaviour('two DSS: a Data ACK alone, then a mapping', async (trial) => {
    const { application, subflow } = await trial.open('0');
    const { mapping } = subflow.mapping(octets('kept'));
    subflow.send(ACK | PSH, [subflow.dataAck, { type: 'DSS', dataFin: false, mapping }], octets('kept'));
    subflow.skip(4);
    await trial.acknowledges(subflow);
    await trial.reads(application, 'kept');
    trial.counts(OPENED);
  });

  behaviour('data with a mapping one octet too early (SSN): all but its last octet is mapped', async (trial) => {
    const { application, subflow } = await trial.open('0');
    const data = octets('data');
    const mapping = subflow.mapping(data, { subflowSequenceNumber: subflow.subflowSequence - 1 });
    subflow.send(ACK | PSH, [mapping], data);
    trial.shows(await subflow.receive(({ flags }) => (flags & RST) !== 0), subflow, 'RST/ACK, MP_TCPRST 0');
    await trial.readsNothing(application);
    trial.finding(
      'Octets without a mapping behind mapped ones make the connection fall back (DSSCorruptionFallback); where the mapping has left a hole in the data stream, which it has if it begins too early, the subflow is reset with reason 0 (DSSCorruptionReset).',
    );
    trial.counts({ ...OPENED, OFOQueue: 1, DSSCorruptionReset: 1, MPRstTx: 1 });
  });

  const broken: [string, Record<string, number>, (subflow: Subflow, data: Uint8Array) => OptionItem[]][] = [
    ['no mapping', { DssFallback: 1 }, (subflow) => [subflow.dataAck]],
    ['no MPTCP option', { DssFallback: 1 }, () => []],
    [
      'a mapping one octet too late (SSN)',
      { DSSNoMatchTCP: 1, DssFallback: 1 },
      (subflow, data) => {
        return [subflow.mapping(data, { subflowSequenceNumber: subflow.subflowSequence + 1 })];
      },
    ],
    [
      'a mapping shorter than the data',
      { DSSCorruptionFallback: 1 },
      (subflow, data) => {
        return [subflow.mapping(data.subarray(1))];
      },
    ],
    ['a DSS one octet too long', { DssFallback: 1 }, (subflow, data) => [resized(subflow.mapping(data), 1)]],
    ['a DSS one octet too short', { DssFallback: 1 }, (subflow, data) => [resized(subflow.mapping(data), -1)]],
    ['a DSS three octets too long', { DssFallback: 1 }, (subflow, data) => [resized(subflow.mapping(data), 3)]],
    [
      'an infinite mapping',
      { InfiniteMapRx: 1, DssFallback: 1 },
      (subflow, data) => [subflow.mapping(data, { dataLevelLength: 0 })],
    ],
  ];
  for (const [name, counters, options] of broken) {
    behaviour(`data with ${name}`, async (trial) => {
      const { application, subflow } = await trial.open('0');
      subflow.write(octets('mapped'));
      expect(await subflow.acknowledged()).toBeDefined();
      const data = octets('data');
      subflow.send(ACK | PSH, options(subflow, data), data);
      await trial.reads(application, 'mappeddata');
      application.write(octets('back'));
      trial.shows(await subflow.receive(({ payload }) => payload.length > 0), subflow, 'ACK, 4 octets');
      trial.counts({ ...OPENED, ...counters });
    });
  }
});

/** IDSN f88b3941fffffa5a: the low half of the data sequence numbers passes 2^32 after 1446 octets. */
const ROLL_OVER_KEY = '000000000003d9a2';

/** An option with octets appended or cut off, its Length accordingly. */
function resized(option: MptcpOption, by: number): Uint8Array {
  const octets = encodeOption(option);
  const bytes = new Uint8Array(octets.length + by);
  bytes.set(octets.subarray(0, bytes.length));
  bytes[1] = bytes.length;
  return bytes;
}
