/**
 * Colour, and lines of a width, for text on a terminal.
 *
 * @module
 */

/** What a stretch of text is. Colour only repeats what the words say. */
export type Ink = 'error' | 'warning' | 'note' | 'good' | 'head' | 'dim';

/** Gives a text its colour, or leaves it as it is. */
export type Paint = (ink: Ink, text: string) => string;

const CODES: Readonly<Record<Ink, string>> = {
  error: '1;31',
  warning: '33',
  note: '34',
  good: '32',
  head: '1',
  dim: '2',
};

/** Colours of ANSI terminals. */
export const colored: Paint = (ink, text) => (text === '' ? '' : `\x1b[${CODES[ink]}m${text}\x1b[0m`);

/** No colour. */
export const plain: Paint = (_ink, text) => text;

/**
 * Break a text into lines between its words.
 *
 * @param width - columns, at least 20 more than `indent`
 * @param indent - put before each line
 */
export function wrap(text: string, width: number, indent = ''): string[] {
  const room = Math.max(20, width - indent.length);
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > room) {
      lines.push(indent + line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  if (line !== '') lines.push(indent + line);
  return lines;
}

/** A table's column. */
export interface TableColumn {
  readonly head: string;
  readonly right?: boolean | undefined;
}

/** Rows as lines, columns under their heads; columns without anything in them are left out. */
export function table(columns: readonly TableColumn[], rows: readonly (readonly string[])[]): string[] {
  const used = columns.map((_, i) => rows.some((row) => (row[i] ?? '') !== ''));
  const widths = columns.map(({ head }, i) => Math.max(head.length, ...rows.map((row) => (row[i] ?? '').length)));
  const line = (cells: readonly string[]): string => {
    const shown = cells.map((cell, i) => {
      return columns[i]?.right === true ? cell.padStart(widths[i] ?? 0) : cell.padEnd(widths[i] ?? 0);
    });
    return shown
      .filter((_, i) => used[i])
      .join('  ')
      .trimEnd();
  };
  return [line(columns.map(({ head }) => head)), ...rows.map(line)];
}

/** `1 segment`, `2 segments`. */
export function count(number: number, one: string, more = `${one}s`): string {
  return `${number} ${number === 1 ? one : more}`;
}

/** Seconds in the unit that suits them. */
export function duration(seconds: number): string {
  if (seconds < 0.0005) return `${Math.round(seconds * 1e6)} µs`;
  if (seconds < 0.9995) return `${Math.round(seconds * 1e3)} ms`;
  if (seconds < 120) return `${seconds.toFixed(2)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 120) return `${minutes} min ${Math.round(seconds - 60 * minutes)} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
