import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Ranges } from '../../src/trace/ranges.ts';

const runs = fc.array(
  fc.tuple(fc.integer({ min: 0, max: 60 }), fc.integer({ min: 0, max: 12 }), fc.integer({ min: 0, max: 2 })),
  {
    maxLength: 40,
  },
);

test('agrees with a map of every number, owners and visits too', () => {
  fc.assert(
    fc.property(runs, (added) => {
      const ranges = new Ranges();
      const slow = new Map<number, number>();
      for (const [start, length, owner] of added) {
        const before = Array.from({ length }, (_, i) => slow.get(start + i));
        const visited: (number | undefined)[] = [];
        const fresh = ranges.add(start, start + length, owner, (from, to, who) => {
          expect(from).toBe(start + visited.length);
          for (let i = from; i < to; i++) visited.push(who);
        });
        expect(visited).toEqual(before);
        expect(fresh).toBe(before.filter((who) => who === undefined).length);
        before.forEach((who, i) => {
          if (who === undefined) slow.set(start + i, owner);
        });
      }
      const found = new Map<number, number>();
      let last: [number, number] | undefined;
      ranges.each((start, end, owner) => {
        expect(end).toBeGreaterThan(start);
        if (last !== undefined) expect(start > last[0] || (start === last[0] && owner !== last[1])).toBe(true);
        last = [end, owner];
        for (let i = start; i < end; i++) found.set(i, owner);
      });
      expect([...found].sort((a, b) => a[0] - b[0])).toEqual([...slow].sort((a, b) => a[0] - b[0]));
    }),
    { numRuns: 2000 },
  );
});

test('in-order runs of one owner are one run', () => {
  const ranges = new Ranges();
  for (let i = 0; i < 1000; i++) ranges.add(i * 10, i * 10 + 10);
  expect(ranges.size).toBe(1);
  expect(ranges.has(0, 10_000)).toBe(true);
  expect(ranges.has(0, 10_001)).toBe(false);
  expect(ranges.end).toBe(10_000);
});

test('runs that fill a hole close it', () => {
  const ranges = new Ranges();
  ranges.add(0, 10);
  ranges.add(20, 30);
  ranges.add(10, 20);
  expect(ranges.size).toBe(1);
});

test('past the limit the two lowest runs become one', () => {
  const ranges = new Ranges(3);
  for (let i = 0; i < 10; i++) ranges.add(i * 10, i * 10 + 1);
  expect(ranges.size).toBe(3);
  expect(ranges.has(0, 71)).toBe(true);
  expect(ranges.has(71, 72)).toBe(false);
});

test('an empty run changes nothing', () => {
  const ranges = new Ranges();
  expect(ranges.add(5, 5)).toBe(0);
  expect(ranges.size).toBe(0);
  expect(ranges.end).toBeUndefined();
});
