/**
 * Two captures of one path: real ones, and paths made here that do one thing to each packet.
 */
import { existsSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readCaptureSync } from '../../src/capture/capture.ts';
import type { CapturedPacket } from '../../src/capture/packet.ts';
import { type DiffReport, diff } from '../../src/diff/diff.ts';
import { Difference } from '../../src/diff/difference.ts';
import {
  addAddr,
  addAddrEcho,
  dss,
  mpCapableAck,
  mpCapableSyn,
  mpCapableSynAck,
  mpPrio,
  removeAddr,
} from '../../src/mptcp/build.ts';
import { encodeOption, type MptcpOption } from '../../src/mptcp/option.ts';
import type { OptionItem } from '../../src/tcp/options.ts';
import { ACK, captured, type PacketParts, PSH, RST, SYN } from '../packet.ts';
import {
  CLIENT as CLIENT_PLACE,
  CLIENT2,
  key,
  Line,
  type Place,
  Scene,
  SERVER as SERVER_PLACE,
  SERVER2,
  Talk,
} from '../trace/scene.ts';

/** A comparison in short. */
interface Short {
  pairs: number;
  onlyClient?: number[];
  onlyServer?: number[];
  changes?: string[];
  findings?: string[];
}

function short({ pairs, onlyClient, onlyServer, changes, findings }: DiffReport): Short {
  return {
    pairs,
    ...(onlyClient.length > 0 && { onlyClient: [...onlyClient] }),
    ...(onlyServer.length > 0 && { onlyServer: [...onlyServer] }),
    ...(changes.length > 0 && {
      changes: changes.map(({ kind, clientFrame, serverFrame, direction, segment, what }) => {
        return `${clientFrame}|${serverFrame} ${direction} ${segment} ${kind}: ${what}`;
      }),
    }),
    ...(findings.length > 0 && {
      findings: findings.map(({ severity, code, frames }) => `${severity} ${code} ${frames.join(',')}`),
    }),
  };
}

const EXPECTED: Record<string, Short> = {
  '03e-add-addr-tampered': {
    pairs: 20,
    changes: [7, 13, 16].map(
      (frame) => `${frame}|${frame} fromServer ACK option-altered: address 10.2.0.2 became 10.2.0.77`,
    ),
    findings: ['error option-altered 7,13,16'],
  },
  '12b-strip-synack': {
    pairs: 10,
    changes: ['6|4 fromServer SYN/ACK option-stripped: MP_CAPABLE of 12 octets is gone, No-Operation in its place'],
    findings: ['warning option-stripped 6'],
  },
  '12d-strip-mid': {
    pairs: 16,
    changes: [
      '13|12 fromClient ACK option-stripped: DSS of 12 octets is gone, No-Operation in its place',
      '15|13 fromClient data option-stripped: DSS of 26 octets is gone, No-Operation in its place',
    ],
    findings: ['warning option-stripped 13,15'],
  },
  '12e-strip-join': {
    pairs: 20,
    changes: [
      '10|8 fromClient SYN option-stripped: MP_JOIN of 12 octets is gone, No-Operation in its place',
      '12|10 fromClient RST option-stripped: MP_TCPRST of 4 octets is gone, No-Operation in its place',
    ],
    findings: ['warning option-stripped 10,12'],
  },
  '12f-drop-syn': { pairs: 10, onlyClient: [4, 8, 9], findings: ['warning no-mptcp-in-syn-ack 4,8,9'] },
  '13-mp-fail-single': {
    pairs: 16,
    changes: ['10|10 fromClient data payload-altered: 501 octets of data have other content'],
    findings: ['error payload-altered 10'],
  },
  '14e-load-balancer-no-c': {
    pairs: 17,
    onlyClient: [12, 13],
    changes: ['3|4 fromClient all header-rewritten: destination 10.99.0.100:443 became 10.101.0.2:8443'],
    findings: ['error join-wrong-host 12', 'note nat-on-path 3'],
  },
  '15-nat-path2': {
    pairs: 73,
    changes: ['15|11 fromClient all header-rewritten: source 10.2.0.1:50095 became 10.101.0.254:50095'],
    findings: ['note nat-on-path 15'],
  },
};

/** Of captures that are not in the repository: with what is above, all there are with two vantage points. */
const MORE: Record<string, Short> = {
  '01h-offload any s-any': { pairs: 34 },
  '03f-add-addr-stripped-asym-fallback any s-any': {
    pairs: 28,
    changes: [
      '8|6 fromServer ACK option-stripped: ADD_ADDR of 16 octets is gone, No-Operation in its place',
      '15|14 fromServer ACK option-stripped: ADD_ADDR of 16 octets is gone, No-Operation in its place',
    ],
    findings: ['warning option-stripped 8,15'],
  },
  '12-strip-all any s-any': {
    pairs: 10,
    changes: ['7|3 fromClient SYN option-stripped: MP_CAPABLE of 4 octets is gone, No-Operation in its place'],
    findings: ['warning option-stripped 7'],
  },
  '12h-dss-strip-syn-version any s-any': {
    pairs: 25,
    changes: [
      '4|3 fromClient SYN option-altered: version 1 became 0',
      '14|13 fromClient SYN option-altered: version 1 became 2',
    ],
    findings: ['error option-altered 4', 'error option-altered 14'],
  },
  '13b-mp-fail-two any s-any': {
    pairs: 125,
    changes: ['31|21 fromClient data payload-altered: 905 octets of data have other content'],
    findings: ['error payload-altered 31'],
  },
  '13c-alg-length any s-any': {
    pairs: 16,
    changes: ['10|10 fromClient data payload-altered: 501 octets of data became 505'],
    findings: ['error payload-altered 10'],
  },
  '13d-corrupt-no-checksum any s-any': {
    pairs: 20,
    changes: ['10|10 fromClient data payload-altered: 501 octets of data have other content'],
    findings: ['error payload-altered 10'],
  },
  '14c-load-balancer any s-any': {
    pairs: 47,
    changes: ['5|5 fromClient all header-rewritten: destination 10.99.0.100:443 became 10.101.0.2:443'],
    findings: ['note nat-on-path 5'],
  },
  '14c-load-balancer any r-any': { pairs: 47 },
  '14c-load-balancer r-any s-any': {
    pairs: 47,
    changes: ['3|5 fromClient all header-rewritten: destination 10.99.0.100:443 became 10.101.0.2:443'],
    findings: ['note nat-on-path 3'],
  },
  '15-nat-path2 any r-any': { pairs: 73 },
  '17-join-syn-lost any s-any': { pairs: 29, onlyClient: [10] },
  '17c-join-ack-lost any s-any': { pairs: 29, onlyClient: [16, 17] },
  '17d-reorder any s-any': { pairs: 252, onlyClient: [110], onlyServer: [176, 201] },
  '17f-data-fin-lost any s-any': { pairs: 25, onlyClient: [17] },
  '17g-delay-asym any s-any': { pairs: 152 },
  '17h-syn-lost any s-any': { pairs: 28, onlyClient: [4], onlyServer: [7] },
  '18-vlan any s-any': { pairs: 30 },
  '18-vlan any m-any': { pairs: 30 },
  '18-vlan any trunk': { pairs: 30 },
};

function packetsOf(path: string): CapturedPacket[] {
  return [...readCaptureSync(new Uint8Array(readFileSync(path)))];
}

describe('our captures', () => {
  const serverOf = (name: string): string => {
    const beside = `fixtures/captures/${name}.server.pcap`;
    return existsSync(beside) ? beside : `fixtures/captures/server/${name}.pcap`;
  };

  test.each(Object.keys(EXPECTED))('%s', (name) => {
    const report = diff(packetsOf(`fixtures/captures/${name}.pcap`), packetsOf(serverOf(name)));
    expect(short(report)).toEqual(EXPECTED[name]);
  });

  test.each(Object.keys(EXPECTED))('%s with itself: nothing', (name) => {
    const packets = packetsOf(`fixtures/captures/${name}.pcap`);
    const { changes, findings, onlyClient, onlyServer } = diff(packets, packets);
    expect({ changes, findings, onlyClient, onlyServer }).toEqual({
      changes: [],
      findings: [],
      onlyClient: [],
      onlyServer: [],
    });
  });

  test.each(Object.keys(EXPECTED))('%s, clocks an hour apart: the same, and the hour is told', (name) => {
    const hour = 3_600_000_000_000n;
    const server = packetsOf(serverOf(name)).map((packet) => ({ ...packet, time: packet.time - hour }));
    const report = diff(packetsOf(`fixtures/captures/${name}.pcap`), server);
    expect(short(report)).toEqual(EXPECTED[name]);
    expect(Number(report.clock?.offset)).toBeCloseTo(-3600, 2);
  });

  test('captures the wrong way round: a way back that takes less than no time', () => {
    const name = '12b-strip-synack';
    const report = diff(packetsOf(serverOf(name)), packetsOf(`fixtures/captures/${name}.pcap`));
    expect(Number(report.clock?.roundTrip)).toBeLessThan(0);
    expect(report.findings.map(({ code, severity }) => `${severity} ${code}`)).toContain('warning wrong-way-round');
  });

  test('captures that have nothing in common: all of each alone', () => {
    const report = diff(
      packetsOf('fixtures/captures/01-basic.pcap'),
      packetsOf('fixtures/captures/11-fallback-server-tcp.pcap'),
    );
    expect(report).toMatchObject({ pairs: 0, changes: [], findings: [] });
    expect(report.onlyClient.length).toBe(23);
    expect(report.onlyServer.length).toBe(10);
    expect(report.flows.map(({ client, server }) => [client !== undefined, server !== undefined])).toEqual([
      [true, false],
      [false, true],
    ]);
  });

  test('what came of it', () => {
    const messages = ['12b-strip-synack', '12e-strip-join', '03e-add-addr-tampered'].map((name) => {
      return diff(packetsOf(`fixtures/captures/${name}.pcap`), packetsOf(serverOf(name))).findings[0]?.message;
    });
    expect(messages).toEqual([
      'The path stripped MP_CAPABLE from the SYN/ACK of 10.101.0.2:5001, and left No-Operation in its place. 10.1.0.1:45666 took the other host for one without MPTCP. The connection fell back to plain TCP (no-mptcp-in-syn-ack, client frame 6).',
      'The path stripped MP_JOIN from the SYN and MP_TCPRST from one RST of 10.2.0.1:57399, and left No-Operation in its place. 10.101.0.2:5001 saw a plain SYN, not a join, so this cannot become a subflow. The subflow came to nothing.',
      'The path changed ADD_ADDR in 3 ACKs of 10.1.0.2:5001: address 10.2.0.2 became 10.2.0.77. Its HMAC does not fit any more, so 10.1.0.1:54320 ignores the address and no subflow will go there.',
    ]);
  });
});

const SHARED = '../shared/captures';

describe.skipIf(!existsSync(SHARED))('captures with two vantage points (needs ../shared)', () => {
  test.each(Object.keys(MORE))('%s', (row) => {
    const [name, client, server] = row.split(' ');
    const at = (place = ''): string => `${SHARED}/${name}/${place}.pcap`;
    expect(short(diff(packetsOf(at(client)), packetsOf(at(server))))).toEqual(MORE[row]);
  });

  test('ports used again, a capture that begins in the second connection: it is not taken for the first', () => {
    const packets = packetsOf(`${SHARED}/01j-port-reuse/any.pcap`);
    for (let from = 18; from < packets.length; from++) {
      const late = packets.slice(from);
      for (const [client, server] of [
        [late, packets],
        [packets, late],
      ] as const) {
        const { pairs, changes, findings } = diff(client, server);
        expect({ from, pairs, changes, findings }).toEqual({ from, pairs: late.length, changes: [], findings: [] });
      }
    }
  });
});

const CLIENT_KEY = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8);
const SERVER_KEY = Uint8Array.of(8, 7, 6, 5, 4, 3, 2, 1);
const CLIENT = { source: '10.1.0.1', destination: '10.1.0.2', sourcePort: 50_000, destinationPort: 443 };
const SERVER = { source: '10.1.0.2', destination: '10.1.0.1', sourcePort: 443, destinationPort: 50_000 };
const ISN = { client: 1000, server: 900_000 };

/** A segment of the client at a place in its data, acknowledging the server's. */
function up(at: number, ack: number, length: number, options: OptionItem[] = [], flags = ACK): PacketParts {
  const payload = Uint8Array.from({ length }, (_, i) => at + i);
  return {
    ...CLIENT,
    sequenceNumber: (ISN.client + at) >>> 0,
    acknowledgmentNumber: (ISN.server + ack) >>> 0,
    flags: length > 0 ? flags | PSH : flags,
    options,
    payload,
  };
}

function down(at: number, ack: number, length: number, options: OptionItem[] = [], flags = ACK): PacketParts {
  const payload = Uint8Array.from({ length }, (_, i) => 128 + at + i);
  return {
    ...SERVER,
    sequenceNumber: (ISN.server + at) >>> 0,
    acknowledgmentNumber: (ISN.client + ack) >>> 0,
    flags: length > 0 ? flags | PSH : flags,
    options,
    payload,
  };
}

/** A mapping of `length` octets at `at`, on a subflow that carries all data. */
function mapping(at: number, length: number): OptionItem {
  return {
    type: 'DSS',
    dataFin: false,
    dataAck: undefined,
    mapping: {
      dataSequenceNumber: BigInt(at),
      subflowSequenceNumber: at,
      dataLevelLength: length,
      checksum: undefined,
    },
  };
}

/** A handshake and some data each way. */
function connection(): PacketParts[] {
  return [
    { ...CLIENT, sequenceNumber: ISN.client, flags: SYN, options: [mpCapableSyn()] },
    {
      ...SERVER,
      sequenceNumber: ISN.server,
      acknowledgmentNumber: ISN.client + 1,
      flags: SYN | ACK,
      options: [mpCapableSynAck({ senderKey: SERVER_KEY })],
    },
    up(1, 1, 0, [mpCapableAck({ senderKey: CLIENT_KEY, receiverKey: SERVER_KEY })]),
    up(1, 1, 100, [mapping(1, 100)]),
    down(1, 101, 50, [mapping(1, 50)]),
    up(101, 51, 60, [mapping(101, 60)]),
    up(161, 51, 70, [mapping(161, 70)]),
    down(51, 231, 0),
  ];
}

/** One packet each millisecond; `late` more, for the server of the path. */
function capture(parts: readonly PacketParts[], late = 0): CapturedPacket[] {
  return parts.map((one, i) => captured(i + 1, one, 1_000_000_000_000n + BigInt(i * 1_000_000 + late)));
}

/** Compare the connection before and after a path. */
function through(path: (packets: PacketParts[]) => PacketParts[]): Short {
  return short(diff(capture(connection()), capture(path(connection()), 100)));
}

const isFromClient = ({ sourcePort }: PacketParts): boolean => sourcePort === CLIENT.sourcePort;

describe('paths made here', () => {
  test('an honest one', () => {
    expect(through((packets) => packets)).toEqual({ pairs: 8 });
  });

  test('NAT and sequence numbers of its own, keys in sight', () => {
    const outside = { address: '192.0.2.1', port: 61_000 };
    const path = (packets: PacketParts[]): PacketParts[] =>
      packets.map((one) =>
        isFromClient(one)
          ? {
              ...one,
              source: outside.address,
              sourcePort: outside.port,
              sequenceNumber: ((one.sequenceNumber ?? 0) + 7_000_000) >>> 0,
            }
          : {
              ...one,
              destination: outside.address,
              destinationPort: outside.port,
              acknowledgmentNumber: ((one.acknowledgmentNumber ?? 0) + 7_000_000) >>> 0,
            },
      );
    expect(through(path)).toEqual({
      pairs: 8,
      changes: [
        '1|1 fromClient all header-rewritten: source 10.1.0.1:50000 became 192.0.2.1:61000',
        '1|1 fromClient all header-rewritten: sequence numbers are moved by 7000000',
      ],
      findings: ['note nat-on-path 1'],
    });
  });

  test('sequence numbers of its own, and no MPTCP left: the addresses tell', () => {
    const path = (packets: PacketParts[]): PacketParts[] =>
      packets.map((one) =>
        isFromClient(one)
          ? { ...one, options: [], sequenceNumber: ((one.sequenceNumber ?? 0) - 5000) >>> 0 }
          : { ...one, options: [], acknowledgmentNumber: ((one.acknowledgmentNumber ?? 0) - 5000) >>> 0 },
      );
    const { pairs, changes } = through(path);
    expect(pairs).toBe(8);
    expect(changes).toContain('1|1 fromClient all header-rewritten: sequence numbers are moved by 4294962296');
    expect(changes).toContain('1|1 fromClient SYN option-stripped: MP_CAPABLE of 4 octets is gone');
  });

  test('NAT, sequence numbers of its own, and no MPTCP left: the first data tells', () => {
    const path = (packets: PacketParts[]): PacketParts[] =>
      packets.map((one) =>
        isFromClient(one)
          ? { ...one, options: [], source: '192.0.2.1', sequenceNumber: ((one.sequenceNumber ?? 0) + 9) >>> 0 }
          : {
              ...one,
              options: [],
              destination: '192.0.2.1',
              acknowledgmentNumber: ((one.acknowledgmentNumber ?? 0) + 9) >>> 0,
            },
      );
    expect(through(path).pairs).toBe(8);
  });

  test.each([
    ['the SYN', [0]],
    ['the SYN/ACK', [1]],
    ['both', [0, 1]],
    ['the handshake', [0, 1, 2]],
    ['all up to the second data', [0, 1, 2, 3, 4]],
  ] as const)('sequence numbers of its own, and one capture without %s', (_, missed) => {
    const path = (packets: PacketParts[]): PacketParts[] =>
      packets.map((one) =>
        isFromClient(one)
          ? { ...one, sequenceNumber: ((one.sequenceNumber ?? 0) + 7_000_000) >>> 0 }
          : { ...one, acknowledgmentNumber: ((one.acknowledgmentNumber ?? 0) + 7_000_000) >>> 0 },
      );
    const all = [capture(connection()), capture(path(connection()), 100)] as const;
    const less = all.map((packets) => packets.filter((_, i) => !(missed as readonly number[]).includes(i)));
    for (const [client, server] of [
      [less[0]!, all[1]],
      [all[0], less[1]!],
      [less[0]!, less[1]!],
    ] as const) {
      const { pairs, changes, findings } = short(diff(client, server));
      expect({ pairs, changes, findings }).toEqual({
        pairs: 8 - missed.length,
        changes: [expect.stringMatching(/fromClient all header-rewritten: sequence numbers are moved by 7000000$/)],
        findings: undefined,
      });
    }
  });

  test('numbers that wrap', () => {
    const wrap = (packets: PacketParts[]): PacketParts[] =>
      packets.map((one) =>
        isFromClient(one)
          ? { ...one, sequenceNumber: ((one.sequenceNumber ?? 0) - 1050) >>> 0 }
          : { ...one, acknowledgmentNumber: ((one.acknowledgmentNumber ?? 0) - 1050) >>> 0 },
      );
    expect(short(diff(capture(wrap(connection())), capture(wrap(connection()), 100)))).toEqual({ pairs: 8 });
  });

  test('a segment cut in two, its option on both', () => {
    const path = (packets: PacketParts[]): PacketParts[] => [
      ...packets.slice(0, 3),
      up(1, 1, 40, [mapping(1, 100)]),
      up(41, 1, 60, [mapping(1, 100)]),
      ...packets.slice(4),
    ];
    expect(through(path)).toEqual({
      pairs: 9,
      changes: ['4|4 fromClient data resegmented: 100 octets of data in 1 segment became 2 segments'],
    });
  });

  test('two segments put together: one mapping is gone', () => {
    const path = (packets: PacketParts[]): PacketParts[] => [
      ...packets.slice(0, 5),
      up(101, 51, 130, [mapping(101, 60)]),
      ...packets.slice(7),
    ];
    expect(through(path)).toMatchObject({
      changes: [
        '6|6 fromClient data option-stripped: DSS of 18 octets is gone',
        '6|6 fromClient data resegmented: 130 octets of data in 2 segments became 1 segment',
      ],
      findings: ['warning option-stripped 6'],
    });
  });

  test('four octets put into the data: what follows is found all the same', () => {
    const path = (packets: PacketParts[]): PacketParts[] =>
      packets.map((one, i) => {
        if (i === 3) return { ...one, payload: new Uint8Array(104) };
        if (isFromClient(one)) return i > 3 ? { ...one, sequenceNumber: (one.sequenceNumber ?? 0) + 4 } : one;
        return i > 3 ? { ...one, acknowledgmentNumber: (one.acknowledgmentNumber ?? 0) + 4 } : one;
      });
    expect(through(path)).toEqual({
      pairs: 8,
      changes: ['4|4 fromClient data payload-altered: 100 octets of data became 104'],
      findings: ['error payload-altered 4'],
    });
  });

  test('four octets put into the last data: its mapping tells', () => {
    const path = (packets: PacketParts[]): PacketParts[] => [
      ...packets.slice(0, 6),
      { ...up(161, 51, 74), options: [mapping(161, 70)] },
      down(51, 235, 0),
    ];
    expect(through(path)).toEqual({
      pairs: 8,
      changes: ['7|7 fromClient data payload-altered: 70 octets of data became 74'],
      findings: ['error payload-altered 7'],
    });
  });

  test('a segment that an interface cut in two, the second half of it missed: no data is gone', () => {
    const server = [...connection().slice(0, 3), up(1, 1, 40, [mapping(1, 100)]), ...connection().slice(4)];
    expect(short(diff(capture(connection()), capture(server, 100)))).toEqual({
      pairs: 7,
      onlyClient: [4],
      onlyServer: [4],
    });
  });

  test('an MSS made smaller, and other options of a SYN', () => {
    const mss = (size: number): OptionItem => Uint8Array.of(2, 4, size >>> 8, size & 0xff);
    const withOptions = (packets: PacketParts[], options: OptionItem[]): PacketParts[] =>
      packets.map((one, i) => (i === 0 ? { ...one, options: [...options, ...(one.options ?? [])] } : one));
    const client = withOptions(connection(), [mss(1460), Uint8Array.of(3, 3, 7)]);
    const server = withOptions(connection(), [mss(1400), Uint8Array.of(4, 2)]);
    expect(short(diff(capture(client), capture(server, 100)))).toEqual({
      pairs: 8,
      changes: [
        '1|1 fromClient SYN header-rewritten: MSS 1460 became 1400',
        '1|1 fromClient SYN header-rewritten: window scale is gone',
        '1|1 fromClient SYN header-rewritten: SACK permitted was added',
      ],
    });
  });

  test('a key that is changed is not shown', () => {
    const path = (packets: PacketParts[]): PacketParts[] =>
      packets.map((one, i) => (i === 1 ? { ...one, options: [mpCapableSynAck({ senderKey: CLIENT_KEY })] } : one));
    const { changes } = through(path);
    expect(changes).toEqual(['2|2 fromServer SYN/ACK option-altered: another senderKey']);
  });

  test('a change names what changed as data too', () => {
    const mss = (size: number): OptionItem => Uint8Array.of(2, 4, size >>> 8, size & 0xff);
    const withMss = (size: number, packets: PacketParts[]): PacketParts[] =>
      packets.map((one, i) => (i === 0 ? { ...one, options: [mss(size), ...(one.options ?? [])] } : one));
    const client = withMss(1460, connection());
    const server = withMss(1400, connection()).map((one, i) => {
      if (i === 1) return { ...one, options: [mpCapableSynAck({ senderKey: CLIENT_KEY })] };
      if (i === 3) return { ...one, payload: Uint8Array.from(one.payload ?? [], (octet) => octet ^ 1) };
      if (i === 4) return { ...one, options: [{ ...(mapping(1, 50) as object), dataAck: 7 } as OptionItem] };
      if (i === 5) return { ...one, options: [] };
      return one;
    });
    const { changes } = diff(capture(client), capture(server, 100));
    expect(changes.map(({ clientFrame, serverFrame, direction, what, flow, segment, ...deed }) => deed)).toEqual([
      { kind: 'header-rewritten', field: 'tcp-option', number: 2, became: 'other', before: 1460, after: 1400 },
      { kind: 'option-altered', option: 'MP_CAPABLE', octets: 12, added: false, fields: [{ name: 'senderKey' }] },
      { kind: 'payload-altered', before: 100, after: 100 },
      {
        kind: 'option-altered',
        option: 'DSS',
        octets: 18,
        added: false,
        fields: [{ name: 'dataAck', before: '7', after: undefined }],
      },
      { kind: 'option-stripped', option: 'DSS', octets: 18, blanked: false },
    ]);
  });

  test('what comes of an altered field is said of that field', () => {
    const joining = (change: object): PacketParts[] => {
      const scene = new Scene();
      const talk = new Talk(scene, { checksum: true });
      const { syn, synAck } = talk.joining();
      const line = new Line(scene, CLIENT2, SERVER2);
      line.syn([{ ...(syn as object), ...change } as OptionItem]);
      line.synAck([synAck]);
      const bytes = new Uint8Array(10);
      const option = talk.mapping(line, 0, bytes) as { mapping: object };
      line.up([{ ...option, mapping: { ...option.mapping, ...change } } as OptionItem], bytes);
      return scene.sent.map(({ parts }) => parts);
    };
    const messageOf = (change: object): string | undefined => {
      const report = diff(capture(joining({})), capture(joining(change), 100));
      return report.findings.map(({ message }) => message).join(' | ');
    };
    expect(messageOf({ receiverToken: 5 })).toContain('10.2.0.2:443 knows no connection by that token');
    expect(messageOf({ nonce: 5 })).toContain('The HMACs of the join cannot fit.');
    expect(messageOf({ backup: true })).not.toContain('HMAC');
    expect(messageOf({ checksum: 5 })).toContain('The checksum does not fit the data, so 10.2.0.2:443 refuses it.');
    expect(messageOf({ dataLevelLength: 9 })).toContain('puts data elsewhere');
  });

  test('a RST that nobody sent, for its sender goes on', () => {
    const client = [...connection(), down(51, 231, 0, [], RST)];
    const server = [...connection(), up(231, 51, 0), down(51, 231, 20)];
    expect(short(diff(capture(client), capture(server, 100)))).toEqual({
      pairs: 8,
      onlyClient: [9],
      onlyServer: [9, 10],
      findings: ['warning subflow-reset 9'],
    });
  });

  /** A connection with its numbers; `offer` and `answer`: with MPTCP on SYN and SYN/ACK. */
  function scene(isn: readonly [number, number], keys: [Uint8Array, Uint8Array], offer: boolean, answer: boolean) {
    const made = new Scene();
    const talk = new Talk(made, { keys });
    const line = new Line(made, ['10.1.0.1', 50_000], ['10.1.0.2', 443], isn);
    line.syn(offer ? [talk.offer] : []);
    line.synAck(answer ? [talk.answer] : []);
    if (answer) {
      line.up([talk.third]);
      line.down([talk.acks(1)]);
      talk.data(line, 0, 100);
      talk.goodbye(line);
    } else {
      line.up();
      line.up([], 100);
      line.close();
    }
    return made.packets;
  }

  test.each([
    [
      'without MPTCP',
      false,
      false,
      false,
      ['warning option-stripped 1'],
      /Sequence numbers are others in both directions/,
    ],
    ['with MPTCP to the client', true, false, false, ['error option-altered/proxy 2'], /terminates TCP/],
    ['with MPTCP to the server', false, true, true, ['error option-altered/proxy 3'], /terminates TCP/],
    ['with MPTCP to both, of its own', true, true, true, ['error option-altered/proxy 2'], /terminates TCP/],
  ] as const)('a proxy %s: one finding', (_, toClient, offered, answered, findings, advice) => {
    const client = scene([1000, 5000], [key(1), key(2)], true, toClient);
    const server = scene([777_000, 888_000], [key(5), key(6)], offered, answered);
    const report = diff(client, server);
    expect(
      report.findings.map(({ severity, code, quirk, frames }) => {
        return `${severity} ${code}${quirk === undefined ? '' : `/${quirk}`} ${frames}`;
      }),
    ).toEqual(findings);
    expect(report.findings[0]?.advice).toMatch(advice);
  });

  test('a RST to each host that the other did not send', () => {
    const client = [...connection(), down(51, 231, 0, [], RST)];
    const server = [...connection(), up(231, 51, 0, [], RST)];
    expect(short(diff(capture(client), capture(server, 100)))).toEqual({
      pairs: 8,
      onlyClient: [9],
      onlyServer: [9],
      findings: ['warning subflow-reset 9'],
    });
  });

  test('a RST that the capture of its sender may have missed: a note', () => {
    const client = [...connection(), down(51, 231, 0, [], RST)];
    const server = [...connection(), up(231, 51, 0)];
    expect(short(diff(capture(client), capture(server, 100))).findings).toEqual(['note subflow-reset 9']);
  });

  test('a RST from after the end of the other capture, from a host that it does not hear, or sent twice: nothing', () => {
    const client = [...connection(), down(51, 231, 0, [], RST)];
    const again = [...client, down(51, 231, 0, [], RST | ACK)];
    const late = [...connection(), down(51, 231, 0, [], RST), up(231, 51, 0)];
    const unheard = [...connection(), up(231, 51, 0)].filter(isFromClient);
    for (const [near, far] of [
      [client, connection()],
      [again, late],
      [client, unheard],
    ] as const) {
      expect(diff(capture(near), capture(far, 100)).findings).toEqual([]);
    }
  });

  test('segments lost, and sent again later: only the lost ones are alone', () => {
    const client = connection();
    const again = [...client.slice(0, 6), up(161, 51, 70, [mapping(161, 70)]), ...client.slice(6)];
    expect(short(diff(capture(again), capture(connection(), 100)))).toMatchObject({ pairs: 8 });
  });

  test('data lost, and sent again when the other capture had ended: it is not the same segment', () => {
    const stamped = (parts: PacketParts, time: number): PacketParts => {
      return { ...parts, options: [Uint8Array.of(8, 10, 0, 0, 0, time, 0, 0, 0, 0), ...(parts.options ?? [])] };
    };
    const sent = connection().map(stamped);
    const again = stamped(up(101, 51, 60, [mapping(101, 60), dss({ dataAck: 51n, width: 8 })]), 99);
    const arrived = [...sent.slice(0, 5), ...sent.slice(6), again];
    expect(short(diff(capture(sent), capture(arrived, 100)))).toEqual({ pairs: 7, onlyClient: [6], onlyServer: [8] });
  });

  test('two acknowledgments alike, each in one capture: the other direction tells that they are two', () => {
    const numbered = (packets: CapturedPacket[], numbers: readonly number[]): CapturedPacket[] => {
      packets.forEach(({ bytes }, i) => {
        bytes[19] = numbers[i] ?? 0;
      });
      return packets;
    };
    const [syn, synAck, third, data] = connection() as [PacketParts, PacketParts, PacketParts, PacketParts];
    const client = numbered(capture([syn, synAck, third, data, down(1, 101, 0, [mapping(1, 50)])]), [1, 0, 2, 3, 8]);
    const server = numbered(capture([syn, third, data, down(1, 101, 0)], 100), [1, 2, 3, 7]);
    expect(short(diff(client, server))).toEqual({ pairs: 3, onlyClient: [2, 5], onlyServer: [4] });
  });

  test('each packet captured twice at the server: the copies count for nothing', () => {
    const server = capture(connection(), 100).flatMap((packet) => [packet, { ...packet, time: packet.time + 5000n }]);
    const numbered = server.map((packet, i) => ({ ...packet, frame: i + 1 }));
    expect(short(diff(capture(connection()), numbered))).toEqual({ pairs: 8 });
  });

  test('a long connection, clocks an hour apart, and no option of it as it was sent: read side by side', () => {
    const hour = 3_600_000_000_000n;
    const data = Array.from({ length: 6000 }, (_, i) => up(231 + i * 10, 51, 10, [mapping(231 + i * 10, 10)]));
    const client = capture([...connection(), ...data]);
    const server = capture([...connection(), ...data].map((one) => ({ ...one, options: [] })));
    const difference = new Difference();
    const queues = { client, server: server.map((packet) => ({ ...packet, time: packet.time + hour })) };
    for (;;) {
      const { next } = difference;
      const from = queues[next].length > 0 ? next : next === 'client' ? 'server' : 'client';
      const packet = queues[from].shift();
      if (packet === undefined) break;
      difference.push(from, packet);
    }
    const { pairs, onlyClient, onlyServer } = difference.report();
    expect({ pairs, onlyClient, onlyServer }).toEqual({ pairs: 6008, onlyClient: [], onlyServer: [] });
  });

  test('of two segments alike the one whose option was changed', () => {
    const packets = packetsOf('fixtures/captures/03e-add-addr-tampered.pcap');
    const changed = packets.map((packet) => ({ ...packet, bytes: packet.bytes.slice() }));
    const { bytes } = changed[12]!;
    bytes[bytes.length - 1]! ^= 1;
    expect(short(diff(changed, packets)).changes).toEqual([
      expect.stringMatching(/^13\|13 fromServer ACK option-altered: truncatedHmac \w+ became \w+$/),
    ]);
  });

  test('a capture that begins a minute after the handshake, while another connection goes on', () => {
    const scene = new Scene();
    const around = new Talk(scene, { keys: [key(3), key(4)] });
    const other = around.hello(new Line(scene, CLIENT2, SERVER2));
    const talk = new Talk(scene);
    const line = talk.hello();
    scene.wait(60);
    talk.data(line, 0, 10);
    talk.goodbye(line);
    around.goodbye(other);
    const late = scene.packets.filter((_, i) => i < 4 || i > 7);
    const { pairs, changes, findings } = diff(scene.packets, late);
    expect({ pairs, changes, findings }).toEqual({ pairs: late.length, changes: [], findings: [] });
  });

  test('a capture that begins after the handshake', () => {
    const { pairs, onlyClient } = diff(capture(connection()), capture(connection(), 100).slice(3));
    expect({ pairs, onlyClient }).toEqual({ pairs: 5, onlyClient: [1, 2, 3] });
  });

  test('frames cut by the capture: what is not there is not compared', () => {
    const cut = capture(connection(), 100).map((packet) => ({ ...packet, bytes: packet.bytes.slice(0, 60) }));
    const { changes } = diff(capture(connection()), cut);
    expect(changes).toEqual([]);
  });
});

describe('a conversation of two subflows, and a path that does one thing to it', () => {
  const isUp = ({ source }: PacketParts): boolean => [CLIENT_PLACE[0], CLIENT2[0]].includes(source ?? '');
  const lengthOf = ({ payload }: PacketParts): number => payload?.length ?? 0;
  const typeOf = (option: OptionItem): string => (option instanceof Uint8Array ? 'other' : option.type);
  const timestamps = (n: number): OptionItem => Uint8Array.of(8, 10, 0, 0, 1, n, 0, 0, 2, n);
  const alone = (frame: number, kind: string): string => `${kind} ${frame}|${frame}`;

  /** Every option that a connection usually has, with timestamps. */
  const packets: readonly PacketParts[] = (() => {
    const scene = new Scene();
    const talk = new Talk(scene, { checksum: true });
    const line = talk.hello();
    for (const length of [100, 200, 300]) for (const side of [0, 1] as const) talk.data(line, side, length);
    const [receiverKey, senderKey] = talk.keys;
    const advertised = addAddr({ senderKey, receiverKey, addressId: 3, address: Uint8Array.of(10, 7, 7, 7) });
    line.down([advertised]);
    line.up([addAddrEcho(advertised)]);
    const second = talk.join(new Line(scene, CLIENT2, SERVER2, [30_000, 60_000]));
    for (const length of [50, 60]) for (const side of [0, 1] as const) talk.data(second, side, length);
    second.up([mpPrio({ backup: true })]);
    second.down([removeAddr([3])]);
    talk.goodbye(line, second);
    return scene.sent.map(({ parts }, i) => ({ ...parts, options: [...(parts.options ?? []), timestamps(i)] }));
  })();

  /** What the path did, where it does `path` to the packets of one direction. */
  function done(up: boolean, path: (packet: PacketParts, i: number) => PacketParts[]): DiffReport {
    const changed = packets.flatMap((packet, i) => (isUp(packet) === up ? path(packet, i) : [packet]));
    return up ? diff(capture(packets), capture(changed, 100)) : diff(capture(changed), capture(packets, 100));
  }

  const changesOf = ({ changes }: DiffReport): string[] =>
    changes.map(({ kind, clientFrame, serverFrame }) => `${kind} ${clientFrame}|${serverFrame}`);

  /** One bit of an option, which stays one. */
  function altered(option: OptionItem): OptionItem {
    const octets = option instanceof Uint8Array ? option.slice() : encodeOption(option as MptcpOption);
    octets[octets.length - 1]! ^= 1;
    return octets;
  }

  test.each([
    ['to the server', true],
    ['to the client', false],
  ])('%s', (_, up) => {
    packets.forEach((packet, at) => {
      if (isUp(packet) !== up) return;
      const one = (change: (packet: PacketParts) => PacketParts[]): DiffReport =>
        done(up, (each, i) => (i === at ? change(each) : [each]));
      for (const option of packet.options ?? []) {
        if (typeOf(option) === 'other') continue;
        const others = packet.options?.filter((each) => each !== option) ?? [];
        const stripped = one((each) => [{ ...each, options: others }]);
        expect(changesOf(stripped)).toEqual([alone(at + 1, 'option-stripped')]);
        expect(stripped.findings.map(({ code, frames }) => `${code} ${frames}`)).toEqual([`option-stripped ${at + 1}`]);
        const changed = one((each) => [{ ...each, options: [altered(option), ...others] }]);
        expect(changesOf(changed)).toEqual([alone(at + 1, 'option-altered')]);
      }
      const lost = one(() => []);
      expect({ changes: lost.changes, client: lost.onlyClient, server: lost.onlyServer }).toEqual({
        changes: [],
        client: up ? [at + 1] : [],
        server: up ? [] : [at + 1],
      });
      expect(lost.findings.filter(({ severity }) => severity !== 'note')).toEqual([]);
      if (lengthOf(packet) === 0) return;
      const payload = packet.payload ?? new Uint8Array(0);
      const other = one((each) => [{ ...each, payload: payload.map((octet, i) => (i === 3 ? octet ^ 1 : octet)) }]);
      expect(changesOf(other)).toEqual([alone(at + 1, 'payload-altered')]);
      const cut = one((each) => [
        { ...each, payload: payload.subarray(0, 20) },
        { ...each, payload: payload.subarray(20), sequenceNumber: (each.sequenceNumber ?? 0) + 20 },
      ]);
      expect(changesOf(cut)).toEqual([alone(at + 1, 'resegmented')]);
      expect(cut.findings).toEqual([]);
    });
  });

  test('an acknowledgment without identification whose DSS is gone: a note, for it may be another one', () => {
    const at = packets.findIndex((packet) => !isUp(packet) && lengthOf(packet) === 0 && packet.flags === ACK);
    const { findings } = done(false, (each, i) => [i === at ? { ...each, options: each.options?.slice(1) } : each]);
    expect(findings).toEqual([
      expect.objectContaining({
        code: 'option-stripped',
        severity: 'note',
        frames: [at + 1],
        message: expect.stringMatching(/Or else each capture missed one of two acknowledgments that differ\.$/),
      }),
    ]);
  });

  test('a SYN, and the same without MPTCP and later, each in one capture: they are two', () => {
    const [syn, ...rest] = packets.filter((packet) => [packet.sourcePort, packet.destinationPort].includes(50_000));
    const plain = { ...syn, options: [Uint8Array.of(8, 10, 0, 0, 9, 0, 0, 0, 0, 0)] };
    const { changes, findings } = diff(capture([syn!]), capture([plain, ...rest.slice(3)], 100));
    expect({ changes, findings: findings.filter(({ severity }) => severity !== 'note') }).toEqual({
      changes: [],
      findings: [],
    });
  });

  test('data sent again, whole or in halves, and each capture has another one of the two: nothing was changed', () => {
    const later = (packet: PacketParts): PacketParts => {
      const options = packet.options?.map((option) => {
        if (option instanceof Uint8Array) return timestamps(250);
        return option.type === 'DSS' ? { ...option, dataAck: 7 } : option;
      });
      return { ...packet, options };
    };
    packets.forEach((packet, at) => {
      if (!isUp(packet) || lengthOf(packet) === 0) return;
      const again = later(packet);
      const [head, tail] = [again.payload?.subarray(0, 20), again.payload?.subarray(20)];
      const halves = [
        { ...again, payload: head },
        { ...again, payload: tail, sequenceNumber: (again.sequenceNumber ?? 0) + 20 },
      ];
      for (const resent of [[again], halves]) {
        const { changes, onlyClient, onlyServer } = done(true, (each, i) => (i === at ? resent : [each]));
        expect({ changes, onlyClient, onlyServer }).toEqual({
          changes: [],
          onlyClient: [at + 1],
          onlyServer: resent.map((_, i) => at + 1 + i),
        });
      }
    });
  });

  test('two segments put together, with the timestamps of either: the mapping of the other is gone', () => {
    const [first, second] = [packets[4]!, packets[6]!];
    const payload = Uint8Array.from([...(first.payload ?? []), ...(second.payload ?? [])]);
    for (const options of [first.options, second.options]) {
      const report = done(true, (each) =>
        each === first ? [{ ...first, payload, options }] : each === second ? [] : [each],
      );
      expect(changesOf(report)).toEqual([alone(5, 'option-stripped'), alone(5, 'resegmented')]);
      expect([report.onlyClient, report.onlyServer]).toEqual([[], []]);
    }
  });

  test('a NAT that rewrites sequence numbers and strips ADD_ADDR: each is told once', () => {
    const outside = '192.0.2.9';
    const server = packets.map((packet) => {
      // To the server only.
      const options = packet.options?.filter((option) => typeOf(option) !== 'ADD_ADDR');
      const moved = (value = 0): number => (value + 777) >>> 0;
      return isUp(packet)
        ? { ...packet, options, source: outside, sequenceNumber: moved(packet.sequenceNumber) }
        : { ...packet, destination: outside, acknowledgmentNumber: moved(packet.acknowledgmentNumber) };
    });
    const { pairs, changes } = diff(capture(packets), capture(server, 100));

    expect({ pairs, whats: changes.map(({ what }) => what) }).toEqual({
      pairs: packets.length,
      whats: [
        `source 10.1.0.1:50000 became ${outside}:50000`,
        'sequence numbers are moved by 777',
        'ADD_ADDR of 8 octets is gone',
        `source 10.2.0.1:50001 became ${outside}:50001`,
        'sequence numbers are moved by 777',
      ],
    });
  });
});

describe('joins that one capture does not have', () => {
  /** A connection, and a join that its host answers or that another refuses. */
  function joined(refused: boolean): Scene {
    const scene = new Scene();
    const talk = new Talk(scene);
    const line = talk.hello();
    talk.data(line, 0, 10);
    const second = new Line(scene, CLIENT2, SERVER2);
    if (refused) {
      second.syn([talk.joining().syn]);
      second.reset(1);
    } else talk.join(second);
    talk.data(line, 0, 10);
    talk.goodbye(line);
    return scene;
  }

  const first = ({ packets, sent }: Scene): CapturedPacket[] =>
    packets.filter((_, i) => ![sent[i]?.parts.source, sent[i]?.parts.destination].includes(CLIENT2[0]));
  const codes = (client: readonly CapturedPacket[], server: readonly CapturedPacket[]): string[] =>
    diff(client, server).findings.map(({ code }) => code);

  test('another host refused it', () => {
    const scene = joined(true);
    expect(codes(scene.packets, first(scene))).toEqual(['join-wrong-host']);
  });

  test('whoever answered holds the keys: the other capture looks at one interface of two', () => {
    const scene = joined(false);
    expect(codes(scene.packets, first(scene))).toEqual([]);
  });

  test('the other capture ended before', () => {
    const scene = joined(true);
    expect(codes(scene.packets, scene.packets.slice(0, 5))).toEqual([]);
  });
});

describe('ports used again, without timestamps, and a capture that begins late', () => {
  const hour = 3_600_000_000_000n;

  /** Connections alike in all but keys and numbers, a second apart. */
  function connections(...isns: (readonly [number, number])[]): CapturedPacket[] {
    const scene = new Scene();
    isns.forEach((isn, i) => {
      const talk = new Talk(scene, { keys: [key(2 * i + 1), key(2 * i + 2)] });
      const line = talk.hello(new Line(scene, CLIENT_PLACE, SERVER_PLACE, isn));
      for (let n = 0; n < 3; n++) {
        talk.data(line, 0, 10);
        talk.data(line, 1, 20);
        line.up([talk.acks(0)]);
      }
      talk.goodbye(line);
      scene.wait(1);
    });
    return scene.packets;
  }

  test.each([
    ['numbers far apart', connections([1000, 5000], [900_000, 7_000_000])],
    ['near each other', connections([1000, 5000], [1200, 5300])],
    ['three of them', connections([1000, 5000], [1200, 5300], [1400, 5600])],
  ])('%s: each is found', (_, all) => {
    for (const skew of [0n, hour, -hour]) {
      for (let from = 0; from < all.length; from++) {
        const late = all.slice(from).map((packet, i) => ({ ...packet, frame: i + 1, time: packet.time + skew }));
        for (const [client, server] of [
          [late, all],
          [all, late],
        ] as const) {
          const { pairs, changes, findings } = diff(client, server);
          expect({ from, pairs, changes, findings }).toEqual({ from, pairs: late.length, changes: [], findings: [] });
        }
      }
    }
  });
});

describe('a first subflow that the server does not have', () => {
  const other: Place = ['10.1.0.9', 40_000];

  /** A connection to the server, and another one of its own before, while and after that runs. */
  function answered(
    by: 'TCP' | 'MPTCP' | 'RST' | 'nothing',
    to: Place = SERVER_PLACE,
  ): { client: Scene; server: Scene } {
    const client = new Scene();
    const around = new Line(client, other, to);
    const talk = new Talk(client);
    talk.hello(around);
    const line = new Line(client, CLIENT_PLACE, to, [70_000, 90_000]);
    const own = new Talk(client, { keys: [key(5), key(6)] });
    line.syn([own.offer]);
    if (by === 'RST') {
      for (let again = 0; again < 2; again++) {
        line.reset(1);
        client.wait(1);
        line.syn([own.offer]);
      }
      line.reset(1);
    } else if (by !== 'nothing') {
      line.synAck(by === 'TCP' ? [] : [own.answer]);
      line.up(by === 'TCP' ? [] : [own.third]);
      line.up([], 10);
      line.down([], 20);
      line.close();
    }
    talk.goodbye(around);
    const server = new Scene();
    const isOther = (i: number): boolean => {
      const { sourcePort, destinationPort } = client.sent[i]!.parts;
      return sourcePort === other[1] || destinationPort === other[1];
    };
    server.packets.push(...client.packets.filter((_, i) => isOther(i)));
    return { client, server };
  }

  const said = (client: readonly CapturedPacket[], server: readonly CapturedPacket[]): string[] =>
    diff(client, server).findings.map(({ severity, code, quirk, frames }) => `${severity} ${code}/${quirk} ${frames}`);

  test.each([
    ['TCP', ['warning no-mptcp-in-syn-ack/answered-on-path 5,6']],
    ['MPTCP', ['warning option-altered/answered-on-path 5,6']],
    ['RST', ['warning subflow-reset/answered-on-path 5,6']],
    ['nothing', []],
  ] as const)('answered by %s', (by, findings) => {
    const { client, server } = answered(by);
    expect(said(client.packets, server.packets)).toEqual(findings);
  });

  test('the capture at the server began later, ended before, or does not hear the address', () => {
    const { client, server } = answered('TCP');
    expect(said(client.packets, server.packets.slice(4))).toEqual([]);
    expect(said(client.packets, server.packets.slice(0, 4))).toEqual([]);
    const elsewhere = new Talk(new Scene(), { keys: [key(8), key(9)] });
    const line = new Line(elsewhere.scene, ['10.3.0.1', 1], ['10.3.0.2', 2]);
    elsewhere.hello(line);
    elsewhere.scene.wait(1);
    elsewhere.goodbye(line);
    expect(said(client.packets, elsewhere.scene.packets)).toEqual([]);
  });

  test('behind a load balancer, of which one server was captured: a note', () => {
    const { client, server } = answered('MPTCP');
    const inside = server.packets.map((packet) => {
      const bytes = packet.bytes.slice();
      for (const at of [26, 30]) if (bytes[at + 3] === 2) bytes[at + 2] = 77;
      return { ...packet, bytes };
    });
    expect(said(client.packets, inside)).toEqual([
      'note nat-on-path/undefined 1',
      'note option-altered/answered-on-path 5,6',
    ]);
  });
});

describe('a capture that has segments in front of the SYN they follow', () => {
  test.each([
    [1, 0, 2],
    [2, 1, 0],
    [3, 2, 0, 1],
  ])('order %i %i %i', (...order) => {
    const all = capture(connection());
    const mixed = [...order.map((i) => all[i]!), ...all.slice(order.length)];
    for (const [client, server] of [
      [mixed, all],
      [all, mixed],
    ] as const) {
      expect(short(diff(client, server))).toEqual({ pairs: 8 });
    }
  });
});

test('any packets on either side: a report that counts each of them', () => {
  const parts = fc.record({
    sourcePort: fc.constantFrom(1, 2),
    destinationPort: fc.constantFrom(1, 2),
    sequenceNumber: fc.integer({ min: 0, max: 30 }),
    acknowledgmentNumber: fc.integer({ min: 0, max: 30 }),
    flags: fc.integer({ min: 0, max: 31 }),
    payload: fc.uint8Array({ maxLength: 12 }),
  });
  const side = fc.array(parts, { maxLength: 60 });
  fc.assert(
    fc.property(side, side, (client, server) => {
      const offer = { ...CLIENT, flags: SYN, options: [mpCapableSyn()] };
      const report = diff(capture([offer, ...client]), capture([offer, ...server], 100));
      expect(report.pairs).toBeGreaterThan(0);
      expect(report.onlyClient.length).toBeLessThanOrEqual(client.length);
      expect(report.onlyServer.length).toBeLessThanOrEqual(server.length);
    }),
    { numRuns: 200 },
  );
});

describe('bounds', () => {
  /** A connection that only the client's capture has. */
  function* alone(count: number): Generator<CapturedPacket> {
    for (let i = 0; i < count; i++) {
      const one = {
        ...CLIENT,
        sourcePort: 1024 + (i % 60_000),
        sequenceNumber: i,
        flags: SYN,
        options: [mpCapableSyn()],
      };
      yield captured(i + 1, one, BigInt(i) * 1000n);
    }
  }

  test('many connections of one capture only', () => {
    const { onlyClient, flows, findings } = diff(alone(100_000), []);
    expect(onlyClient.length).toBe(65_536);
    expect(flows.length).toBe(65_536);
    expect(findings.map(({ code }) => code)).toEqual(['limit-reached']);
  });

  test('more packets waiting for their connection than there is room for', () => {
    function* waiting(): Generator<CapturedPacket> {
      for (let i = 0; i < 300_000; i++) {
        const one = { ...CLIENT, sourcePort: 1024 + (i % 1000), sequenceNumber: i };
        yield captured(i + 1, i < 1000 ? { ...one, flags: SYN, options: [mpCapableSyn()] } : one, BigInt(i) * 1000n);
      }
    }
    const { onlyClient, findings } = diff(waiting(), []);
    expect(onlyClient.length).toBe(65_536);
    expect(findings.map(({ message }) => message)).toEqual([
      expect.stringContaining('waited too long for their counterparts and were forgotten'),
    ]);
  });

  test('a connection whose packets never match', () => {
    function* stream(seed: number): Generator<CapturedPacket> {
      yield captured(1, { ...CLIENT, sequenceNumber: 0, flags: SYN, options: [mpCapableSyn()] }, 0n);
      for (let i = 0; i < 30_000; i++) {
        const one = { ...CLIENT, sequenceNumber: 1 + i * 10 + seed, flags: ACK, payload: Uint8Array.of(seed) };
        yield captured(i + 2, one, BigInt(i) * 1000n);
      }
    }
    const { pairs, onlyClient, onlyServer } = diff(stream(1), stream(5));
    expect([pairs, onlyClient.length, onlyServer.length]).toEqual([1, 30_000, 30_000]);
  });
});
