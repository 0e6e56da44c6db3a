/**
 * What the short way for ordinary segments must not change, case by case.
 */
import { expect, test } from 'vitest';
import type { CapturedPacket } from '../../src/capture/packet.ts';
import type { TraceReport } from '../../src/trace/report.ts';
import { Tracer } from '../../src/trace/tracer.ts';
import { connections, PACKETS } from '../bench/connections.ts';

const MINUTE = 60_000_000_000n;

/** The report, which both ways give. */
function traced(packets: readonly CapturedPacket[]): TraceReport {
  const [short, general] = [true, false].map((steady) => {
    const tracer = new Tracer({ steady });
    for (const packet of packets) tracer.push(packet);
    return tracer.report();
  });
  expect(short).toEqual(general);
  return short!;
}

/** A connection, of which the last packet comes again `later`; with it, the last frame that counts. */
function lastFrame(later: bigint): number {
  const packets = [...connections(1)];
  const last = packets.at(-1)!;
  const straggler = { ...last, frame: PACKETS + 1, time: last.time + later };
  return traced([...packets, straggler]).connections[0]!.lastFrame;
}

test('a straggler counts up to a minute after the last packet of its connection', () => {
  expect(lastFrame(MINUTE)).toBe(PACKETS + 1);
  expect(lastFrame(MINUTE + 1_000_000n)).toBe(PACKETS);
});

test('whether it counts depends on no other connection', () => {
  const both = [...connections(2)].map((packet, i) => ({ ...packet, of: i % 2 }));
  const [ended, going] = [0, 1].map((of) => both.filter((packet) => packet.of === of));
  const last = ended!.at(-1)!;
  const late = last.time + MINUTE + 1_000_000n;
  const packets = [
    ...ended!,
    ...going!.slice(0, 20),
    ...going!.slice(20, 24).map((packet) => ({ ...packet, time: late })),
    { ...last, time: late },
  ].map((packet, i) => ({ ...packet, frame: i + 1 }));
  expect(traced(packets).connections.map((one) => one.lastFrame)).toEqual([PACKETS, PACKETS + 24]);
});

test('segments in order count for the end of their connection', () => {
  const packets = [...connections(1)].slice(0, 20);
  const [connection] = traced(packets).connections;
  expect(connection!.lastFrame).toBe(20);
  expect(connection!.lastTime).toBe('1700000000.000200000');
});
