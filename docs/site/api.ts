/** The API reference: typedoc's model of the library, a page for each import. */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import MarkdownIt from 'markdown-it';
import {
  Application,
  type Comment,
  type CommentDisplayPart,
  type DeclarationReflection,
  type ParameterReflection,
  type ProjectReflection,
  ReflectionKind,
  type SignatureReflection,
} from 'typedoc';
import { type Content, html, type Markup, raw } from '../../src/report/markup.ts';
import { FILLERS } from './fillers.ts';
import { codeBlock, type Heading, renderMarkdown, slug } from './markdown.ts';
import type { Page } from './page.ts';
import { libraryEntries } from './run.ts';

const DOCS = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const md = new MarkdownIt({ html: false });
md.renderer.rules['fence'] = (tokens, i) => codeBlock(tokens[i]!.content, tokens[i]!.info.trim()).text;

/** What each import is for, in the order of the pages. */
const ENTRIES: readonly (readonly [entry: string, purpose: string])[] = [
  ['index', 'Decode and encode options.'],
  ['auth', 'Keys, tokens, data sequence numbers, HMACs.'],
  ['checksum', 'DSS checksums.'],
  ['build', 'Legal options from what a program knows, and the checks of those that arrive.'],
  ['violations', 'What an option breaks in its segment.'],
  ['layout', 'Field tables, and octets explained from them.'],
  ['tcp', 'TCP headers and option lists.'],
  ['ip', 'Frames and IP packets down to TCP.'],
  ['capture', 'pcap and pcapng, read and written.'],
  ['trace', 'Connections, verdicts, findings.'],
  ['text', 'One-line text, JSON, Wireshark’s names.'],
  ['arbitraries', 'Generators for fast-check.'],
];

/** Where a name is explained. */
type Places = ReadonlyMap<string, string>;

/** All pages of the reference. */
export async function apiPages(): Promise<Page[]> {
  const project = await convert();
  const modules = modulesOf(project);
  const places = new Map<string, string>();
  for (const [entry, module] of [...modules].reverse()) {
    for (const child of module) places.set(child.name, `${entry}.html#${slug(child.name)}`);
  }
  const pages = [indexPage(modules)];
  for (const [entry, purpose] of ENTRIES) {
    const children = modules.get(entry);
    if (children !== undefined) pages.push(await modulePage(entry, purpose, children, places));
  }
  return pages;
}

async function convert(): Promise<ProjectReflection> {
  const entries = Object.values(libraryEntries()).filter((path) => existsSync(join(DOCS, '..', path)));
  const app = await Application.bootstrap({
    entryPoints: entries.map((path) => join(DOCS, '..', path)),
    basePath: join(DOCS, '..'),
    tsconfig: join(DOCS, '../tsconfig.node.json'),
    skipErrorChecking: true,
    excludePrivate: true,
    excludeInternal: true,
    disableSources: true,
    readme: 'none',
    logLevel: 'Error',
  });
  const project = await app.convert();
  if (project === undefined) throw new Error('typedoc made no model');
  return project;
}

/** Of each import, what it exports, references followed. */
function modulesOf(project: ProjectReflection): Map<string, readonly DeclarationReflection[]> {
  const names = new Map(Object.entries(libraryEntries()).map(([entry, path]) => [path.replace(/\.ts$/, ''), entry]));
  const modules = new Map<string, readonly DeclarationReflection[]>();
  for (const module of project.children ?? []) {
    const entry = names.get(module.name) ?? names.get(`${module.name}/index`);
    if (entry === undefined) continue;
    const children = (module.children ?? []).map((child) => {
      return child.isReference() ? (child.getTargetReflectionDeep() as DeclarationReflection) : child;
    });
    modules.set(entry, children);
  }
  return modules;
}

function importOf(entry: string): string {
  return entry === 'index' ? 'mptcp-codec' : `mptcp-codec/${entry}`;
}

function indexPage(modules: ReadonlyMap<string, readonly DeclarationReflection[]>): Page {
  const body = html`<h1>API reference</h1>
<p>Made by typedoc from the source. The examples are run while this site is built, and again by the tests. <a href="../guide/library.html">Using the library</a> is the place to start.</p>
${ENTRIES.filter(([entry]) => modules.has(entry)).map(
  ([entry, purpose]) =>
    html`<h2 id="${entry}"><a href="${entry}.html">${importOf(entry)}</a></h2><p>${purpose}</p><p class="names">${(modules.get(entry) ?? []).map(({ name }) => html`<a href="${entry}.html#${slug(name)}"><code>${name}</code></a> `)}</p>`,
)}`;
  return { path: 'api/index.html', title: 'API reference', description: 'Every public name of mptcp-codec.', body };
}

const GROUPS: readonly (readonly [title: string, kinds: readonly ReflectionKind[]])[] = [
  ['Functions', [ReflectionKind.Function]],
  ['Classes', [ReflectionKind.Class]],
  ['Values', [ReflectionKind.Variable]],
  ['Types', [ReflectionKind.Interface, ReflectionKind.TypeAlias]],
];

async function modulePage(
  entry: string,
  purpose: string,
  children: readonly DeclarationReflection[],
  places: Places,
): Promise<Page> {
  const headings: Heading[] = [];
  const examples = await examplesOf(entry);
  const parts: Markup[] = [];
  for (const [title, kinds] of GROUPS) {
    const members = children.filter(({ kind }) => kinds.includes(kind));
    if (members.length === 0) continue;
    const id = `all-${slug(title)}`;
    headings.push({ level: 2, id, text: title });
    parts.push(html`<h2 id="${id}">${title}</h2>`);
    for (const member of members) {
      headings.push({ level: 3, id: slug(member.name), text: member.name });
      parts.push(
        html`<section class="api"><h3 id="${slug(member.name)}">${member.name}</h3>${describe(member, places, entry)}${examples.get(member.name)}</section>`,
      );
    }
  }
  const missing = [...examples.keys()].filter((name) => !children.some((child) => child.name === name));
  if (missing.length > 0) throw new Error(`docs/api/${entry}.md has examples of ${missing.join(', ')}: no such names`);
  const body = html`<h1><code>${importOf(entry)}</code></h1><p class="lede">${purpose}</p>${parts}`;
  return { path: `api/${entry}.html`, title: importOf(entry), description: purpose, body, headings };
}

/**
 * Examples of docs/api/ENTRY.md: a heading of names, then fences that are run. The first of the
 * names shows the example, the others refer to it.
 */
async function examplesOf(entry: string): Promise<Map<string, Markup>> {
  const found = new Map<string, Markup>();
  for (const [names, text] of await exampleSections(entry)) {
    const { body } = await renderMarkdown(text, FILLERS);
    for (const [i, name] of names.entries()) {
      found.set(
        name,
        i === 0
          ? body
          : html`<p class="small">Example: see <a href="#${slug(names[0]!)}"><code>${names[0]}</code></a>.</p>`,
      );
    }
  }
  return found;
}

/** Names and text of each section of an import's examples. */
export async function exampleSections(entry: string): Promise<(readonly [names: readonly string[], text: string])[]> {
  const path = join(DOCS, 'api', `${entry}.md`);
  if (!existsSync(path)) return [];
  const text = await readFile(path, 'utf8');
  return text
    .split(/^## /m)
    .slice(1)
    .map((section) => {
      const end = section.indexOf('\n');
      return [
        section
          .slice(0, end)
          .split(',')
          .map((name) => name.trim()),
        section.slice(end),
      ] as const;
    });
}

function describe(member: DeclarationReflection, places: Places, entry: string): Content {
  const link = (part: CommentDisplayPart[] | undefined) => prose(part, places, entry);
  switch (member.kind) {
    case ReflectionKind.Function:
      return (member.signatures ?? []).map((signature) => signatureOf(member.name, signature, link));
    case ReflectionKind.Class:
      return classOf(member, link);
    case ReflectionKind.Interface:
      return html`${comment(member.comment, link)}${properties(member.children ?? [], link)}`;
    case ReflectionKind.TypeAlias:
      return html`${codeBlock(`type ${member.name}${typeParameters(member)} = ${member.type?.toString() ?? '{…}'}`, 'ts')}${comment(member.comment, link)}${member.type?.type === 'reflection' && properties(member.type.declaration.children ?? [], link)}`;
    default:
      return html`${codeBlock(`const ${member.name}: ${member.type?.toString() ?? 'unknown'}`, 'ts')}${comment(member.comment, link)}${member.type?.type === 'reflection' && properties(member.type.declaration.children ?? [], link)}`;
  }
}

type Prose = (parts: CommentDisplayPart[] | undefined) => Markup;

function signatureOf(name: string, signature: SignatureReflection, link: Prose): Markup {
  const parameters = signature.parameters ?? [];
  const code = `${name}(${parameters.map(parameterText).join(', ')}): ${signature.type?.toString() ?? 'void'}`;
  const described = parameters.filter(({ comment: about }) => about !== undefined);
  return html`${codeBlock(code.length > 100 ? `${name}(\n${parameters.map((one) => `  ${parameterText(one)},`).join('\n')}\n): ${signature.type?.toString() ?? 'void'}` : code, 'ts')}${comment(signature.comment, link)}${
    described.length > 0 &&
    html`<dl class="params">${described.map((one) => html`<div><dt><code>${one.name}</code></dt><dd>${link(one.comment?.summary)}</dd></div>`)}</dl>`
  }`;
}

function parameterText(parameter: ParameterReflection): string {
  const name = parameter.name === '__namedParameters' ? 'input' : parameter.name;
  const optional = parameter.flags.isOptional && parameter.defaultValue === undefined ? '?' : '';
  const rest = parameter.flags.isRest ? '...' : '';
  const fallback =
    parameter.defaultValue !== undefined && parameter.defaultValue.length < 20 ? ` = ${parameter.defaultValue}` : '';
  return `${rest}${name}${optional}: ${parameter.type?.toString() ?? 'unknown'}${fallback}`;
}

function classOf(member: DeclarationReflection, link: Prose): Markup {
  const children = member.children ?? [];
  const construct = children.find(({ kind }) => kind === ReflectionKind.Constructor)?.signatures?.[0];
  const fields = children.filter(({ kind }) => kind === ReflectionKind.Property || kind === ReflectionKind.Accessor);
  const methods = children.filter(({ kind }) => kind === ReflectionKind.Method);
  const parameters = construct?.parameters ?? [];
  return html`${codeBlock(`new ${member.name}(${parameters.map(parameterText).join(', ')})`, 'ts')}${comment(member.comment, link)}${properties(fields, link)}${methods.map(
    (method) =>
      (method.signatures ?? []).map(
        (signature) => html`<div class="method">${signatureOf(method.name, signature, link)}</div>`,
      ),
  )}`;
}

function properties(children: readonly DeclarationReflection[], link: Prose): Markup | false {
  if (children.length === 0) return false;
  return html`<div class="scroll"><table class="props"><thead><tr><th scope="col">Property</th><th scope="col">Type</th><th scope="col">Meaning</th></tr></thead><tbody>${children.map(
    (child) => {
      const signature = child.getSignature ?? child.signatures?.[0];
      const type =
        signature === undefined
          ? child.type?.toString()
          : child.getSignature
            ? signature.type?.toString()
            : `(${(signature.parameters ?? []).map(parameterText).join(', ')}) => ${signature.type?.toString() ?? 'void'}`;
      return html`<tr><th scope="row"><code>${child.name}${child.flags.isOptional && '?'}</code></th><td><code>${(type ?? '').replace(/^undefined \| | \| undefined/g, '')}</code></td><td>${link((child.comment ?? signature?.comment)?.summary)}</td></tr>`;
    },
  )}</tbody></table></div>`;
}

function typeParameters(member: DeclarationReflection): string {
  const names = member.typeParameters?.map(({ name }) => name) ?? [];
  return names.length === 0 ? '' : `<${names.join(', ')}>`;
}

/** A comment: its text, what it returns and throws, the examples in it. */
function comment(about: Comment | undefined, link: Prose): Content {
  if (about === undefined) return false;
  const tags = (name: `@${string}`) => about.blockTags.filter(({ tag }) => tag === name);
  return html`${block(about.summary)}${tags('@returns').map(({ content }) => html`<p>Gives ${link(content)}.</p>`)}${tags('@throws').map(({ content }) => html`<p class="throws">Throws ${link(content)}.</p>`)}${tags('@example').map(({ content }) => raw(md.render(content.map(({ text }) => text).join(''))))}`;
}

function block(parts: readonly CommentDisplayPart[]): Markup {
  return raw(md.render(textOf(parts)));
}

/** Inline parts as HTML; a link to a public name leads there. */
function prose(parts: CommentDisplayPart[] | undefined, places: Places, entry: string): Markup {
  const text = (parts ?? [])
    .map((part) => {
      if (part.kind !== 'inline-tag') return part.text;
      const place = places.get(part.text);
      const target = place?.startsWith(`${entry}.html`) ? place.slice(`${entry}.html`.length) : place;
      return target === undefined ? `\`${part.text}\`` : `[\`${part.text}\`](${target})`;
    })
    .join('');
  return raw(md.renderInline(text.trim()));
}

function textOf(parts: readonly CommentDisplayPart[]): string {
  return parts.map((part) => (part.kind === 'inline-tag' ? `\`${part.text}\`` : part.text)).join('');
}
