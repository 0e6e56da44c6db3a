import { expect, test } from 'vitest';
import { DataStream } from '../../src/trace/stream.ts';

test('what is far is so over the wrap too, and nothing is learnt from it', () => {
  const stream = new DataStream();
  expect(stream.isFar(5n)).toBe(false);
  stream.place(0xffff_ffff_ffff_fff0n);
  for (const near of [0xffff_ffff_ffff_ff00n, 0n, 1000n, 1000]) expect(stream.isFar(near)).toBe(false);
  for (const far of [1n << 62n, 1n << 32n, 0x7000_0000]) expect(stream.isFar(far)).toBe(true);
});

test('where the upper half is not known, the lower tells', () => {
  const stream = new DataStream();
  stream.place(1000);
  expect(stream.isFar((77n << 32n) | 2000n)).toBe(false);
  expect(stream.isFar((77n << 32n) | 0x7000_0000n)).toBe(true);
  expect(stream.exact).toBe(false);
});
