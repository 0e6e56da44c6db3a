/**
 * Packs the package as npm would publish it, and uses it as a stranger does: publint, attw, an
 * install into an empty project, types under the oldest TypeScript supported, every subpath, the bin.
 *
 * Needs a build (npm run build) and the tools beside this file (npm ci --prefix test/packaging).
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, '..', '..');
const bin = (name) => join(here, 'node_modules', '.bin', name);
const run = (command, args, cwd, input) =>
  execFileSync(command, args, {
    cwd,
    input,
    encoding: 'utf8',
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, NO_COLOR: '1' },
  });
const step = (name, work) => {
  const note = work();
  console.log(`packaging: ${name}${note === undefined ? '' : `: ${note}`}`);
};

const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const directory = mkdtempSync(join(tmpdir(), 'mptcp-codec-'));
try {
  const [packed] = JSON.parse(
    run('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', directory], root),
  );
  const tarball = join(directory, packed.filename);
  const names = packed.files.map(({ path }) => path);

  step('contents', () => {
    const kinds =
      /^(dist\/.*\.(js|js\.map|d\.ts)|fixtures\/vectors\/[a-z-]+\.json|package\.json|README\.md|LICENSE|CHANGELOG\.md)$/;
    assert.deepEqual(
      names.filter((name) => !kinds.test(name)),
      [],
    );
    return `${names.length} files, ${Math.round(packed.size / 1000)} kB packed, ${Math.round(packed.unpackedSize / 1000)} kB unpacked`;
  });
  step('publint', () => void run(bin('publint'), ['--strict', tarball], here));
  step(
    'are the types wrong',
    () => void run(bin('attw'), [tarball, '--profile', 'esm-only', '--format', 'ascii'], here),
  );

  const project = join(directory, 'consumer');
  cpSync(join(here, 'consumer'), project, { recursive: true });
  writeFileSync(join(project, 'package.json'), '{"private":true,"type":"module"}');
  run('npm', ['install', '--no-audit', '--no-fund', '--no-save', '--omit=peer', tarball], project);
  step('runs without fast-check', () => run(process.execPath, ['run.mjs'], project).trim());
  const fastCheck = manifest.devDependencies['fast-check'];
  run('npm', ['install', '--no-audit', '--no-fund', '--no-save', tarball, `fast-check@${fastCheck}`], project);
  step('every subpath', () => {
    const subpaths = Object.keys(manifest.exports).filter((name) => !/[*]|package\.json/.test(name));
    const script = subpaths.map((name) => `await import('mptcp-codec${name.slice(1)}');`).join('\n');
    run(process.execPath, ['--input-type=module', '-e', script], project);
    return subpaths.join(' ');
  });
  step('types under TypeScript 5.7', () => void run(bin('tsc'), ['-p', '.'], project));
  step('bin', () => {
    const help = run(join(project, 'node_modules', '.bin', 'mptcp-codec'), ['--help'], project);
    assert.match(help, /decode/);
  });
} finally {
  rmSync(directory, { recursive: true, force: true });
}
