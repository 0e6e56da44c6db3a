/**
 * Inputs that fuzzing found and kept: no law is broken by any.
 */
import { describe, expect, test } from 'vitest';
import { fuzz } from './fuzz.ts';
import maze from './maze.ts';
import { kept, TARGETS } from './targets.ts';

describe.each(Object.entries(TARGETS))('%s', (name, target) => {
  test('every kept input', () => {
    const inputs = kept(name);
    expect(inputs.size).toBeGreaterThan(0);
    for (const [file, bytes] of inputs) expect(() => target(bytes), file).not.toThrow();
  });
});

test('the fuzzer finds its way through four conditions inside each other, and shortens what it finds', () => {
  const { executions, finding } = fuzz(maze, [new Uint8Array(40)], 60, 1, /\/maze\..*/);
  expect(finding).toBeDefined();
  expect(String(finding!.error)).toBe('Error: law broken: nobody comes here');
  expect(finding!.bytes.length).toBe(4);
  expect(executions).toBeGreaterThan(100);
});
