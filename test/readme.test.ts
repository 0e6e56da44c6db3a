import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { cli } from './cli/fake.ts';

const readme = readFileSync('README.md', 'utf8');
const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as {
  exports: Record<string, unknown>;
  scripts: Record<string, string>;
  engines: { node: string };
};

/** Commands of the console blocks with what they print. */
const commands = [...readme.matchAll(/```console\n([\s\S]*?)```/g)].flatMap(([, block]) =>
  [...block!.matchAll(/^\$ npx mptcp-codec (.*)\n([\s\S]*?)(?=^\$ |(?![\s\S]))/gm)].map(([, line, output]) => ({
    line: line!,
    output: output!,
  })),
);

describe('README', () => {
  test.each(commands)('mptcp-codec $line', async ({ line, output }) => {
    const args = [...line.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, bare]) => (quoted ?? bare)!);
    // A trace that shows an error exits with 1, as check does.
    expect(await cli(args)).toEqual({ status: output.includes('x error') ? 1 : 0, out: output, err: '' });
  });

  test('shows each command once at least', () => {
    expect(commands.map(({ line }) => line.split(' ')[0])).toEqual(
      expect.arrayContaining(['trace', 'decode', 'explain', 'encode']),
    );
  });

  test('names every subpath, and no other', () => {
    const named = [...readme.matchAll(/^\| `mptcp-codec(\S*)` \|/gm)].map(([, path]) => `.${path}`);
    expect(named.sort()).toEqual(
      Object.keys(manifest.exports)
        .filter((path) => path !== './package.json')
        .sort(),
    );
  });

  test('links to files that exist', () => {
    const links = [...readme.matchAll(/\]\((?!https?:)([^)#]+)/g)].map(([, path]) => path!);
    expect(links.length).toBeGreaterThan(3);
    expect(links.filter((path) => !existsSync(path))).toEqual([]);
  });

  test('uses scripts that exist, and the Node that is asked for', () => {
    const scripts = [...readme.matchAll(/npm (?:run )?(start|test|(?<=run )[a-z:]+)/g)].map(([, name]) => name!);
    expect(scripts).toEqual(expect.arrayContaining(['build', 'start', 'test']));
    expect(scripts.filter((name) => !(name in manifest.scripts))).toEqual([]);
    expect(readme).toContain(`Node ${manifest.engines.node.replace('>=', '')} or later`);
  });
});
