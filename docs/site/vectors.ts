/** The published test vectors, as tables. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SUBTYPE_TEXT } from '../../src/mptcp/registry.ts';
import { html, type Markup } from '../../src/report/markup.ts';

const VECTORS = resolve(dirname(fileURLToPath(import.meta.url)), '../../fixtures/vectors');

interface Vector {
  readonly id: string;
  readonly comment: string;
  readonly result: 'valid' | 'invalid' | 'acceptable';
  readonly flags: readonly string[];
  readonly input: { readonly hex?: string };
  readonly expected: { readonly option?: { readonly type: string } };
}

interface VectorFile {
  readonly name: string;
  readonly numberOfTests: number;
  readonly testGroups: readonly {
    readonly name: string;
    readonly comment: string;
    readonly tests: readonly Vector[];
  }[];
}

/** Files that are about one option altogether. */
const ABOUT: Readonly<Record<string, readonly string[]>> = {
  MP_CAPABLE: ['keys'],
  MP_JOIN: ['join-hmac'],
  ADD_ADDR: ['add-addr-hmac'],
  DSS: ['dss-checksum', 'sequence'],
};

let files: readonly VectorFile[] | undefined;

/** All files of vectors. */
export function vectorFiles(): readonly VectorFile[] {
  files ??= readdirSync(VECTORS)
    .filter((name) => name.endsWith('.json') && name !== 'schema.json')
    .map((name) => JSON.parse(readFileSync(join(VECTORS, name), 'utf8')) as VectorFile);
  return files;
}

/** The vectors that cover an option: how many of which kind, and its octets with their results. */
export function vectorTable(type: string): Markup {
  const groups = vectorFiles().flatMap(({ name, testGroups }) =>
    testGroups.map((group) => ({
      file: name,
      comment: group.comment,
      name: group.name,
      tests: (ABOUT[type] ?? []).includes(name)
        ? group.tests
        : name === 'option-layouts'
          ? group.tests.filter((test) => isOf(test, type))
          : [],
    })),
  );
  const shown = groups.filter(({ tests }) => tests.length > 0);
  const octets = shown.flatMap(({ tests }) => tests).filter(({ input }) => input.hex !== undefined && input.hex !== '');
  return html`<div class="scroll"><table><thead><tr><th scope="col">File</th><th scope="col">Group</th><th scope="col">Vectors</th><th scope="col">What they are</th></tr></thead><tbody>${shown.map(
    ({ file, name, tests, comment }) =>
      html`<tr><td><code>${file}.json</code></td><td>${name}</td><td>${tests.length}</td><td>${comment}</td></tr>`,
  )}</tbody></table></div>
${
  octets.length > 0 &&
  html`<details class="more"><summary>The ${octets.length} of them that are octets of the option</summary><div class="scroll"><table class="vectors"><thead><tr><th scope="col">Id</th><th scope="col">Octets</th><th scope="col">Result</th><th scope="col">What</th></tr></thead><tbody>${octets.map(
    ({ id, input, result, comment, flags }) =>
      html`<tr><td><code>${id.replace('option-layouts/', '')}</code></td><td><a href="../playground.html#hex=${input.hex}&as=option"><code>${input.hex}</code></a></td><td>${result}</td><td>${comment}${flags.length > 0 && html` <span class="muted">${flags.join(', ')}</span>`}</td></tr>`,
  )}</tbody></table></div></details>`
}
<p class="small">Published in the package as <code>mptcp-codec/vectors/*.json</code>; <a href="../vectors.html">about the set</a>.</p>`;
}

function isOf({ expected, input }: Vector, type: string): boolean {
  if (expected.option !== undefined) return expected.option.type === type;
  const octet = Number.parseInt(input.hex?.slice(4, 6) ?? '', 16);
  return !Number.isNaN(octet) && SUBTYPE_TEXT[octet >> 4] === type;
}
