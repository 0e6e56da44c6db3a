/**
 * Values by what they have in common, or by their age.
 *
 * @module
 */

/** The values that have each key, in their order; those without a key are left out. */
export function groupsBy<T, K>(values: Iterable<T>, keyOf: (value: T) => K | undefined): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const value of values) {
    const key = keyOf(value);
    if (key !== undefined) addTo(groups, key, value);
  }
  return groups;
}

/** Put a value behind those of its key. */
export function addTo<T, K>(groups: Map<K, T[]>, key: K, value: T): void {
  const group = groups.get(key);
  if (group === undefined) groups.set(key, [value]);
  else group.push(value);
}

/**
 * The first values of a Map or Set, which are the oldest. To be asked for some at a time: each iteration passes over all
 * that left before, and an iterator that is kept instead keeps in memory whatever left.
 */
export function oldest<T>(values: Iterable<T>, count: number): T[] {
  const found: T[] = [];
  for (const value of values) {
    if (found.length >= count) break;
    found.push(value);
  }
  return found;
}
