import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Progress, progressText } from '../../src/cli/progress.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance'] });
});
afterEach(() => {
  vi.useRealTimers();
});

/** An output that keeps what it is given. */
function output() {
  const written: string[] = [];
  return {
    written,
    isTTY: true,
    write: (data: string | Uint8Array) => void written.push(String(data)),
    flush: () => {},
  };
}

test('five lines a second at most, over one another, gone at the end', () => {
  const out = output();
  const progress = new Progress(out, 1000);
  for (let i = 1; i <= 100; i++) {
    vi.advanceTimersByTime(10);
    progress.update(5 * i, i);
  }
  expect(out.written).toEqual([
    '\r\x1b[K10 %, 20 packets, 100 a second, 2 s left',
    '\r\x1b[K20 %, 40 packets, 100 a second, 2 s left',
    '\r\x1b[K30 %, 60 packets, 100 a second, 2 s left',
    '\r\x1b[K40 %, 80 packets, 100 a second, 2 s left',
    '\r\x1b[K50 %, 100 packets, 100 a second, 1 s left',
  ]);
  progress.clear();
  expect(out.written.at(-1)).toBe('\r\x1b[K');
  progress.clear();
  expect(out.written).toHaveLength(6);
});

test('what is over before it could be shown shows nothing', () => {
  const out = output();
  const progress = new Progress(out, 1000);
  progress.update(10, 1);
  progress.clear();
  expect(out.written).toEqual([]);
});

test('without an output nothing is written', () => {
  const progress = new Progress(undefined, 1000);
  vi.advanceTimersByTime(1000);
  progress.update(10, 1);
  progress.clear();
});

test('words', () => {
  expect(progressText(2_500_000, undefined, 1000, 2)).toBe('2 MB, 1000 packets, 500 a second');
  expect(progressText(0, 10, 0, 1)).toBe('0 MB, 0 packets, 0 a second');
  expect(progressText(20, 10, 7, 2)).toBe('100 %, 7 packets, 4 a second, 0 s left');
});
