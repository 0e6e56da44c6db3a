/**
 * The names nearest to a misspelt one.
 *
 * @module
 */

/** The up to three `names` with the fewest letters to change, add or drop, nearest first; none that is far off. */
export function nearest(name: string, names: Iterable<string>): string[] {
  const wanted = name.toLowerCase();
  const limit = Math.max(2, Math.floor((wanted.length - wanted.lastIndexOf('.') - 1) / 3));
  return [...new Set(names)]
    .map((known) => ({ known, distance: distance(wanted, known.toLowerCase()) }))
    .filter((candidate) => candidate.distance <= limit)
    .sort((a, b) => a.distance - b.distance || (a.known < b.known ? -1 : 1))
    .slice(0, 3)
    .map(({ known }) => known);
}

/** ` (did you mean a, b or c?)`, or nothing where no name is near. */
export function didYouMean(name: string, names: Iterable<string>): string {
  const near = nearest(name, names);
  const last = near.pop();
  if (last === undefined) return '';
  return ` (did you mean ${near.length === 0 ? last : `${near.join(', ')} or ${last}`}?)`;
}

/** Levenshtein distance: letters to change, add or drop. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 0; i < a.length; i++) {
    const next = [i + 1];
    for (let j = 0; j < b.length; j++) {
      const replaced = row[j]! + (a[i] === b[j] ? 0 : 1);
      next.push(Math.min(replaced, row[j + 1]! + 1, next[j]! + 1));
    }
    row = next;
  }
  return row[b.length]!;
}
