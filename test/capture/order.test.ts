import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { inTimeOrder, TimeWindow } from '../../src/capture/order.ts';
import type { CapturedPacket } from '../../src/capture/packet.ts';

const SECOND = 1_000_000_000n;

function at(frame: number, time: bigint): CapturedPacket {
  return { frame, time, linkType: 1, bytes: new Uint8Array(0), originalLength: 0 };
}

async function ordered(packets: CapturedPacket[]): Promise<[number, bigint][]> {
  const result: [number, bigint][] = [];
  for await (const { frame, time } of inTimeOrder(packets)) result.push([frame, time]);
  return result;
}

describe('inTimeOrder', () => {
  test('packets less than a second and 4096 packets apart come out by time, equal times by arrival', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.bigInt({ min: 0n, max: SECOND }), { maxLength: 60 }), async (times) => {
        const packets = times.map((time, i) => at(i + 1, time));
        const sorted = [...packets].sort((a, b) => Number(a.time - b.time) || a.frame - b.frame);
        expect(await ordered(packets)).toEqual(sorted.map(({ frame, time }) => [frame, time]));
      }),
    );
  });

  test('every packet comes out once, whatever the times', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.bigInt({ min: 0n, max: 20n * SECOND }), { maxLength: 60 }), async (times) => {
        const out = await ordered(times.map((time, i) => at(i + 1, time)));
        expect(out.map(([frame]) => frame).sort((a, b) => a - b)).toEqual(times.map((_, i) => i + 1));
      }),
    );
  });

  test('an asynchronous source', async () => {
    async function* source(): AsyncGenerator<CapturedPacket> {
      yield at(1, 5n);
      yield at(2, 3n);
    }
    const frames: number[] = [];
    for await (const { frame } of inTimeOrder(source())) frames.push(frame);
    expect(frames).toEqual([2, 1]);
  });
});

describe('TimeWindow', () => {
  test('a packet is held back for a second of the capture', () => {
    const window = new TimeWindow();
    window.push(at(1, 0n));
    expect(window.next()).toBeUndefined();
    window.push(at(2, SECOND));
    expect(window.next()).toBeUndefined();
    window.push(at(3, SECOND + 1n));
    expect(window.next()?.frame).toBe(1);
    expect(window.next()).toBeUndefined();
    // Later than the window: it comes out late, at once.
    window.push(at(4, 0n));
    expect(window.next()?.frame).toBe(4);
    window.end();
    expect([window.next()?.frame, window.next()?.frame, window.next()]).toEqual([2, 3, undefined]);
  });

  test('no more than 4096 packets are held back', () => {
    const window = new TimeWindow();
    const out: number[] = [];
    for (let frame = 1; frame <= 20_000; frame++) {
      window.push(at(frame, BigInt(frame ^ 1)));
      for (let next = window.next(); next !== undefined; next = window.next()) out.push(next.frame);
    }
    expect(out).toHaveLength(20_000 - 4096);
    expect(out.slice(0, 4)).toEqual([1, 3, 2, 5]);
    window.end();
    for (let next = window.next(); next !== undefined; next = window.next()) out.push(next.frame);
    expect(out).toHaveLength(20_000);
  });
});
