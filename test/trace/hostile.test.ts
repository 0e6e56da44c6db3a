/**
 * Hostile captures: bounded memory, linear time, and a word where a bound was reached.
 *
 * No time is asserted: a tracer that were quadratic here would run into the test's limit.
 */
import { readFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readCaptureSync } from '../../src/capture/capture.ts';
import type { CapturedPacket } from '../../src/capture/packet.ts';
import type { Dss } from '../../src/mptcp/dss.ts';
import type { MpJoinSyn } from '../../src/mptcp/mp-join.ts';
import type { TraceReport } from '../../src/trace/report.ts';
import { Tracer, type TracerLimits } from '../../src/trace/tracer.ts';
import { ACK, captured, type PacketParts, RST, SYN } from '../packet.ts';
import { numbers } from './numbers.ts';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** Octets of the heap in use. */
function heap(): number {
  collectGarbage();
  return process.memoryUsage().heapUsed;
}

/** Traces what `next` makes, and gives the growth of the heap over the last nine tenths. */
function growth(
  limits: TracerLimits,
  count: number,
  next: (i: number) => PacketParts,
): { report: TraceReport; octets: number } {
  const tracer = new Tracer(limits);
  let early = 0;
  for (let i = 0; i < count; i++) {
    tracer.push(captured(i + 1, next(i), BigInt(i) * 1_000_000n));
    if (i === Math.floor(count / 10)) early = heap();
  }
  const octets = heap() - early;
  return { report: tracer.report(), octets };
}

const MEGABYTE = 1024 * 1024;

function join(token: number, nonce: number): MpJoinSyn {
  return { type: 'MP_JOIN', form: 'syn', backup: false, addressId: 1, receiverToken: token, nonce };
}

function address(i: number): string {
  return `10.${(i >>> 16) & 255}.${(i >>> 8) & 255}.${i & 255}`;
}

describe('memory stays where it is', () => {
  test('under half-open joins without end', () => {
    const next = numbers(1);
    const { report, octets } = growth({ flows: 2000 }, 30_000, (i) => ({
      source: address(i),
      sourcePort: 1024 + (i % 60_000),
      sequenceNumber: i,
      flags: SYN,
      options: [join(next(0x100000000), next(0x100000000))],
    }));
    expect(octets).toBeLessThan(16 * MEGABYTE);
    expect(report.connections).toEqual([]);
    const limit = report.findings.find(({ code }) => code === 'limit-reached');
    expect(limit?.message).toMatch(/^More than 2000 TCP flows with MPTCP at once: the 28000 oldest were forgotten/);
    expect(report.findings.length).toBeLessThanOrEqual(257);
  });

  test('under offers of MPTCP without end', () => {
    const { report, octets } = growth({ flows: 2000, connections: 2000 }, 30_000, (i) => ({
      source: address(i),
      sequenceNumber: i,
      flags: SYN,
      options: [offer()],
    }));
    expect(octets).toBeLessThan(16 * MEGABYTE);
    expect(report.connections.length).toBeLessThanOrEqual(2000);
    expect(report.findings.map(({ code }) => code)).toContain('limit-reached');
  });

  test('under mappings out of order on one flow', () => {
    const next = numbers(2);
    const { octets } = growth({}, 30_000, () => ({
      sequenceNumber: next(0x100000000),
      options: [
        mapping(next(0x100000000), next(0x100000000), 1 + next(65_535), next(2) === 0 ? undefined : next(65_536)),
      ],
      payload: new Uint8Array(next(4) * 100),
    }));
    expect(octets).toBeLessThan(16 * MEGABYTE);
  });

  test('under connections that come and go', () => {
    const { report, octets } = growth({ connections: 500 }, 30_000, (i) => {
      const connection = i >>> 1;
      const parts = { source: address(connection), sequenceNumber: connection };
      return i & 1
        ? { ...parts, sequenceNumber: connection + 1, flags: RST | ACK }
        : { ...parts, flags: SYN, options: [offer()] };
    });
    expect(octets).toBeLessThan(16 * MEGABYTE);
    expect(report.connections.length).toBeLessThanOrEqual(500);
  });
});

function offer() {
  return {
    type: 'MP_CAPABLE' as const,
    version: 1,
    checksumRequired: false,
    extensibility: false,
    denyJoin: false,
    algorithms: 1,
  };
}

function mapping(dsn: number, ssn: number, length: number, checksum: number | undefined): Dss {
  return {
    type: 'DSS',
    dataFin: false,
    dataAck: dsn,
    mapping: { dataSequenceNumber: dsn, subflowSequenceNumber: ssn, dataLevelLength: length, checksum },
  };
}

const FILES = [
  '03-add-addr4.pcap',
  '08b-checksum-client-only.pcap',
  '10c-rst-bad-hmac.pcap',
  '13-mp-fail-single.pcap',
  '18d-tfo.pcap',
];
function packetsOf(name: string): CapturedPacket[] {
  return [...readCaptureSync(new Uint8Array(readFileSync(`fixtures/captures/${name}`)))];
}

const CAPTURES = new Map(FILES.map((name) => [name, packetsOf(name)]));

test('any octets changed anywhere, packets lost, repeated and out of order: a report, and the same one both ways', () => {
  const change = fc.record({ packet: fc.nat(), at: fc.nat(), value: fc.integer({ min: 0, max: 255 }) });
  const order = fc.array(fc.nat({ max: 200 }), { maxLength: 120 });
  fc.assert(
    fc.property(fc.constantFrom(...FILES), fc.array(change, { maxLength: 12 }), order, (name, changes, indices) => {
      const packets = CAPTURES.get(name) as CapturedPacket[];
      const touched = packets.map((packet) => ({ ...packet, bytes: packet.bytes.slice() }));
      for (const { packet, at, value } of changes) {
        const { bytes } = touched[packet % touched.length] as CapturedPacket;
        bytes[at % bytes.length] = value;
      }
      const sequence =
        indices.length === 0 ? touched : indices.map((i) => touched[i % touched.length] as CapturedPacket);
      const [short, general] = [new Tracer(), new Tracer({ steady: false })];
      for (const packet of sequence) {
        short.push(packet);
        general.push(packet);
      }
      const report = short.report();
      expect(report).toEqual(general.report());
      for (const { data, subflows, findings } of report.connections) {
        expect(data.fromClient.bytes).toBeGreaterThanOrEqual(0);
        expect(data.fromServer.acked).toBeGreaterThanOrEqual(0);
        expect(findings.every(({ message, frames }) => message !== '' && frames.length <= 16)).toBe(true);
        expect(subflows.length).toBeLessThanOrEqual(packets.length);
      }
    }),
    { numRuns: 1500, seed: 20261123 },
  );
});
