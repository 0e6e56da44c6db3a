/** Markdown to HTML: headings with anchors, highlighted code, and fences that the library fills. */
import hljs from 'highlight.js/lib/core';
import bash from 'highlight.js/lib/languages/bash';
import go from 'highlight.js/lib/languages/go';
import json from 'highlight.js/lib/languages/json';
import typescript from 'highlight.js/lib/languages/typescript';
import MarkdownIt, { type Token } from 'markdown-it';
import { html, type Markup, raw } from '../../src/report/markup.ts';

hljs.registerLanguage('ts', typescript);
hljs.registerLanguage('typescript', typescript);
hljs.registerLanguage('sh', bash);
hljs.registerLanguage('json', json);
hljs.registerLanguage('go', go);

/** A heading that the table of contents lists. */
export interface Heading {
  readonly level: number;
  readonly id: string;
  readonly text: string;
}

/** What a page's text becomes. */
export interface Rendered {
  readonly title: string;
  readonly headings: readonly Heading[];
  readonly body: Markup;
}

/** Fills a fence: its info string's first word chose the filler, the rest are its arguments. */
export type Filler = (args: readonly string[], text: string) => Promise<Markup>;

/**
 * Render Markdown.
 *
 * @param isThere - whether a relative link leads to something on the site; the words of one that does not stay, without the link
 */
export async function renderMarkdown(
  source: string,
  fillers: Readonly<Record<string, Filler>>,
  isThere: (href: string) => boolean = () => true,
): Promise<Rendered> {
  const headings: Heading[] = [];
  const filled = new Map<string, Markup>();
  const md = new MarkdownIt({ html: true, linkify: false, typographer: false });
  const tokens = md.parse(source, {});
  let title = '';
  for (const token of tokens) unlink(token.children ?? [], isThere);
  for (const [i, token] of tokens.entries()) {
    if (token.type === 'heading_open') {
      const words = (tokens[i + 1]?.children ?? [])
        .filter((child) => child.type === 'text' || child.type === 'code_inline')
        .map((child) => child.content)
        .join('');
      const level = Number(token.tag.slice(1));
      if (level === 1) title = words;
      const id = unique(slug(words), headings);
      token.attrSet('id', id);
      headings.push({ level, id, text: words });
    } else if (token.attrGet('style') === 'text-align:right') {
      // The policy allows no style in the page: the style sheet aligns the class.
      token.attrs = [['class', 'right']];
    } else if (token.type === 'th_open' && tokens[i + 1]?.content === '') {
      // Over names of rows there is no heading, and a screen reader should not announce one.
      token.tag = 'td';
      tokens[i + 2]!.tag = 'td';
    } else if (token.type === 'fence') {
      const [name = '', ...args] = token.info.trim().split(/\s+/);
      const filler = fillers[name];
      if (filler !== undefined) filled.set(String(i), await filler(args, token.content));
      token.meta = { fence: i };
    }
  }
  md.renderer.rules['fence'] = (list, i) => {
    const token = list[i]!;
    return (
      filled.get(String(token.meta?.['fence']))?.text ??
      codeBlock(token.content, token.info.trim().split(/\s+/)[0] ?? '').text
    );
  };
  md.renderer.rules['table_open'] = () => '<div class="scroll"><table>';
  md.renderer.rules['table_close'] = () => '</table></div>';
  const plain = md.renderer.rules['link_open'];
  md.renderer.rules['link_open'] = (list, i, options, env, self) => {
    const token = list[i]!;
    const href = token.attrGet('href');
    if (href !== null) token.attrSet('href', toHtmlLink(String(href)));
    return plain === undefined ? self.renderToken(list, i, options) : plain(list, i, options, env, self);
  };
  return { title, headings, body: raw(md.renderer.render(tokens, md.options, {})) };
}

/** A block of code, coloured where the language is known. */
export function codeBlock(text: string, language: string): Markup {
  const known = hljs.getLanguage(language) !== undefined;
  const code = known ? raw(hljs.highlight(text.trimEnd(), { language }).value) : text.trimEnd();
  return html`<pre class="code"><code${known && raw(` class="language-${language}"`)}>${code}</code></pre>\n`;
}

/** An id from a heading's words. */
export function slug(text: string): string {
  return text
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, '-')
    .replace(/^-|-$/g, '');
}

function unique(id: string, taken: readonly Heading[]): string {
  let name = id;
  for (let n = 2; taken.some((heading) => heading.id === name); n++) name = `${id}-${n}`;
  return name;
}

/** Take away the links that lead nowhere. */
function unlink(tokens: readonly Token[], isThere: (href: string) => boolean): void {
  for (const [i, token] of tokens.entries()) {
    const href = String(token.attrGet('href') ?? '');
    if (token.type !== 'link_open' || /^([a-z]+:|#)/i.test(href) || isThere(toHtmlLink(href))) continue;
    const close = tokens.slice(i).find(({ type }) => type === 'link_close');
    for (const end of [token, close]) if (end !== undefined) end.tag = 'span';
    token.attrs = null;
  }
}

/** Links between sources are `.md`; between pages they are `.html`. */
function toHtmlLink(href: string): string {
  return /^[a-z]+:/i.test(href) ? href : href.replace(/\.md(?=$|#)/, '.html');
}
