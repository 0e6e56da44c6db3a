/**
 * Who may import whom. The order is told in docs/architecture.md.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const SOURCE = fileURLToPath(new URL('../src', import.meta.url));

/** Folders of src from the bottom up; those in a row stand beside each other. The empty name: files in src itself. */
const ROWS: readonly (readonly string[])[] = [
  [''],
  ['mptcp', 'tcp', 'ip', 'capture'],
  ['explain', 'trace'],
  ['diff'],
  ['text'],
  ['report'],
  ['entry', 'cli'],
];

const files = readdirSync(SOURCE, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));

/** File -> what it imports: files of src, and names from outside. Types vanish, so a cycle may close over them. */
const imports = new Map(files.map((file) => [file, importsOf(file, /^(?:import|export)\b[^;]*?from '([^']+)'/gm)]));
const valueImports = new Map(
  files.map((file) => [file, importsOf(file, /^(?:import|export)\b(?! type\b)[^;]*?from '([^']+)'/gm)]),
);

function importsOf(file: string, pattern: RegExp): string[] {
  const text = readFileSync(join(SOURCE, file), 'utf8');
  const names = [...text.matchAll(pattern), ...text.matchAll(/\bimport\(\s*'([^']+)'\s*\)|^import '([^']+)'/gm)];
  return names.map(([, from, bare]) => {
    const name = (from ?? bare)!;
    return name.startsWith('.') ? normalize(join(dirname(file), name)) : name;
  });
}

function rowOf(file: string): number {
  // The codec's public face re-exports; it stands with the other entries.
  if (file === 'index.ts') return ROWS.length - 1;
  const folder = file.includes('/') ? file.slice(0, file.indexOf('/')) : '';
  return ROWS.findIndex((row) => row.includes(folder));
}

describe('imports', () => {
  test('are found, and every folder has its row', () => {
    expect(files.length).toBeGreaterThan(40);
    expect(imports.get('mptcp/dss.ts')).toEqual(['bytes.ts', 'layout.ts', 'malformed.ts', 'mptcp/head.ts']);
    expect(files.filter((file) => rowOf(file) === -1)).toEqual([]);
  });

  test('name files that exist', () => {
    const missing = [...imports].flatMap(([file, names]) =>
      names.filter((name) => name.endsWith('.ts') && !imports.has(name)).map((name) => `${file}: ${name}`),
    );
    expect(missing).toEqual([]);
  });

  test('run downwards', () => {
    const upward = [...imports].flatMap(([file, names]) =>
      names.filter((name) => imports.has(name) && rowOf(name) > rowOf(file)).map((name) => `${file} -> ${name}`),
    );
    expect(upward).toEqual([]);
  });

  test('have no cycle', () => {
    const done = new Set<string>();
    const cycle = (file: string, path: readonly string[]): readonly string[] | undefined => {
      if (path.includes(file)) return [...path.slice(path.indexOf(file)), file];
      if (done.has(file)) return undefined;
      for (const name of valueImports.get(file) ?? []) {
        const found = cycle(name, [...path, file]);
        if (found !== undefined) return found;
      }
      done.add(file);
      return undefined;
    };
    expect(files.map((file) => cycle(file, [])).find((found) => found !== undefined)).toBeUndefined();
  });

  test('of captures know nothing of what packets contain', () => {
    const names = [...imports].filter(([file]) => file.startsWith('capture/')).flatMap(([, found]) => found);
    expect(names.filter((name) => !name.startsWith('capture/') && name.includes('/'))).toEqual([]);
  });

  test('from outside: hashes only, and node: in the command line only', () => {
    const outside = [...imports].flatMap(([file, names]) =>
      names.filter((name) => !imports.has(name)).map((name) => ({ file, name })),
    );
    for (const { file, name } of outside) {
      if (name.startsWith('@noble/hashes/')) expect(file).toMatch(/^(mptcp|report|cli)\//);
      else expect(`${file} ${name}`).toMatch(/^cli\/\S+ node:/);
    }
    expect(outside.some(({ name }) => name.startsWith('@noble/hashes/'))).toBe(true);
  });
});

test('no module has a variable: the build declares all that stands in one as constant', () => {
  const variables = files.filter((file) => /^(export )?(let|var) /m.test(readFileSync(join(SOURCE, file), 'utf8')));
  expect(variables).toEqual([]);
});
