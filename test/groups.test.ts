import { expect, test } from 'vitest';
import { groupsBy } from '../src/groups.ts';

test('values are grouped in their order, those without a key left out', () => {
  const groups = groupsBy([3, 1, 4, 0, 5, 9], (value) => (value === 0 ? undefined : value % 2));
  expect([...groups]).toEqual([
    [1, [3, 1, 5, 9]],
    [0, [4]],
  ]);
});
