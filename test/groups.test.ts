import { expect, test } from 'vitest';
import { groupsBy, oldest } from '../src/groups.ts';

test('values are grouped in their order, those without a key left out', () => {
  const groups = groupsBy([3, 1, 4, 0, 5, 9], (value) => (value === 0 ? undefined : value % 2));
  expect([...groups]).toEqual([
    [1, [3, 1, 5, 9]],
    [0, [4]],
  ]);
});

test('the oldest are those that were put in first', () => {
  const values = new Set([3, 1, 4, 5]);
  values.delete(1);
  expect(oldest(values, 2)).toEqual([3, 4]);
  expect(oldest(values, 9)).toEqual([3, 4, 5]);
});
