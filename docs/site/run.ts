/** Runs an example as a reader would: bundled with the library under its published names, in this process. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { inspect } from 'node:util';
import { build, type Plugin } from 'esbuild';

const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), '../..');

/** `mptcp-codec/x` is the module that the package's build makes x from. */
export const libraryAlias: Plugin = {
  name: 'library',
  setup(at) {
    const entries = libraryEntries();
    at.onResolve({ filter: /^mptcp-codec(\/|$)/ }, ({ path }) => {
      const name = path === 'mptcp-codec' ? 'index' : path.slice('mptcp-codec/'.length);
      const module = entries[name];
      if (module === undefined) return { errors: [{ text: `the package exports no ${path}` }] };
      return { path: join(ROOT, module) };
    });
  },
};

/** The table of entries in tsup.config.ts. */
export function libraryEntries(): Record<string, string> {
  const text = readFileSync(join(ROOT, 'tsup.config.ts'), 'utf8');
  const table = /const library = \{([^}]*)\}/.exec(text)?.[1] ?? '';
  return Object.fromEntries([...table.matchAll(/'?([\w/-]+)'?: '([^']+)'/g)].map(([, name, path]) => [name, path]));
}

/**
 * What a TypeScript example prints. A line `value; // => text` must give that text.
 *
 * @throws Error when the example fails, or a value is not what its comment says
 */
export async function runExample(code: string, name: string): Promise<string> {
  const checked = code.replace(/^(.*?);\s*\/\/ => (.+)$/gm, (_, expression: string, wanted: string) => {
    const declared = /^\s*(?:const|let)\s+(\w+)\s*=/.exec(expression);
    const value = declared ? declared[1] : expression.trim();
    return `${declared ? `${expression};` : ''}__check(${value}, ${JSON.stringify(wanted)});`;
  });
  const { outputFiles } = await build({
    stdin: { contents: checked, loader: 'ts', resolveDir: ROOT, sourcefile: `${name}.ts` },
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'node',
    target: 'es2022',
    plugins: [libraryAlias],
    logLevel: 'silent',
  });
  const lines: string[] = [];
  const console = { log: (...values: unknown[]) => lines.push(values.map(show).join(' ')) };
  const check = (value: unknown, wanted: string) => {
    if (show(value) !== wanted) throw new Error(`${name}: expected ${wanted}, got ${show(value)}`);
  };
  const scope = { console, __check: check, require: createRequire(join(ROOT, 'package.json')) };
  const module = `export default async (console, __check, require) => {${stripImports(outputFiles[0]!.text)}}`;
  const { default: run } = (await import(`data:text/javascript;base64,${Buffer.from(module).toString('base64')}`)) as {
    default: (...values: unknown[]) => Promise<void>;
  };
  await run(...Object.values(scope));
  return lines.join('\n');
}

/** What node: modules a bundle imports, as dynamic imports, so that it can stand in a function. */
function stripImports(text: string): string {
  return text.replace(/^import \{([^}]*)\} from "(node:[^"]+)";$/gm, (_, names: string, from: string) => {
    return `const {${names.replaceAll(' as ', ': ')}} = await import("${from}");`;
  });
}

/** A value as the examples' comments write it. */
export function show(value: unknown): string {
  if (typeof value === 'string') return value;
  if (value instanceof Uint8Array)
    return Buffer.from(value)
      .toString('hex')
      .replace(/(..)(?=.)/g, '$1 ');
  return inspect(value, { depth: 5, breakLength: 110, compact: 3 });
}
