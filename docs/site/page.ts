/** The frame around every page: head, policy, navigation, foot. */
import { html, type Markup, raw } from '../../src/report/markup.ts';
import type { Heading } from './markdown.ts';
import { NAVIGATION } from './navigation.ts';

/**
 * What a page may load: its own files. Nothing is sent anywhere, nothing is embedded, no inline script or style runs.
 * `connect-src` is for the sample captures; `blob:` images are the drawings a reader saves. The worker begins as a
 * `blob:`, because such a worker has this policy, too; one from a file has that of the file's headers, or none.
 */
export const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; font-src 'self'; " +
  "connect-src 'self'; worker-src blob:; base-uri 'none'; form-action 'none'";

export interface Page {
  /** Where it goes, from the site's root, such as `options/dss.html`. */
  readonly path: string;
  readonly title: string;
  readonly description: string;
  readonly body: Markup;
  readonly headings?: readonly Heading[];
  /** Scripts beside the common one, from the site's root. */
  readonly scripts?: readonly string[];
  /** `wide` pages have no table of contents and use the whole width; `home` is `wide` without a sidebar. */
  readonly layout?: 'text' | 'wide' | 'home';
}

/** The whole document. */
export function document(page: Page): string {
  const root = '../'.repeat(page.path.split('/').length - 1) || './';
  const layout = page.layout ?? 'text';
  const contents = (page.headings ?? []).filter(({ level }) => level === 2 || level === 3);
  const title = page.path === 'index.html' ? page.title : `${page.title} · MPTCP, octet by octet`;
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${raw(POLICY)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<meta name="description" content="${page.description}">
<link rel="icon" href="${root}assets/icon.svg" type="image/svg+xml">
<link rel="preload" href="${root}assets/plex-sans-400.woff2" as="font" type="font/woff2" crossorigin>
<link rel="stylesheet" href="${root}assets/site.css">
<script src="${root}assets/theme.js"></script>
<script src="${root}assets/site.js" defer></script>
${(page.scripts ?? []).map((script) => html`<script src="${root}${script}" defer></script>\n`)}</head>
<body class="layout-${layout}" data-root="${root}">
<a class="skip" href="#main">Skip to the text</a>
<header class="top">
<a class="brand" href="${root}index.html"><svg viewBox="0 0 34 24" width="34" height="24" aria-hidden="true"><path class="lane-a" d="M2 6h8c6 0 6 6 12 6h10"/><path class="lane-b" d="M2 18h8c6 0 6-6 12-6h10"/></svg><span>MPTCP, octet by octet</span></a>
<nav class="quick" aria-label="Tools"><a href="${root}connection.html"${current(page, 'connection.html')}>Illustrated</a><a href="${root}playground.html"${current(page, 'playground.html')}>Playground</a><a href="${root}capture.html"${current(page, 'capture.html')}>Capture</a></nav>
<div class="tools"><button type="button" class="find" data-find hidden>Find <kbd>/</kbd></button><button type="button" class="theme" data-theme-button hidden>Theme</button></div>
</header>
<div class="columns">
${layout !== 'home' && sidebar(page, root)}
<main id="main" tabindex="-1">
${page.body}
</main>
${
  layout === 'text' &&
  contents.length > 2 &&
  html`<nav class="contents" aria-label="On this page"><p>On this page</p><ul>${contents.map(
    ({ level, id, text }) => html`<li class="level-${level}"><a href="#${id}">${text}</a></li>`,
  )}</ul></nav>`
}
</div>
<footer class="foot"><p>Built from the library and its own captures. No request leaves this site; what you paste or drop stays in your browser.</p></footer>
</body>
</html>
`.text;
}

function sidebar(page: Page, root: string): Markup {
  const lists = NAVIGATION.map(
    ({ title, pages }) =>
      html`<section><h2>${title}</h2><ul>${pages.map(
        ({ path, label }) => html`<li><a href="${root}${path}"${current(page, path)}>${label}</a></li>`,
      )}</ul></section>`,
  );
  return html`<nav class="side" aria-label="Pages"><details class="menu" open><summary>All pages</summary><div>${lists}</div></details></nav>`;
}

function current(page: Page, path: string): Markup | false {
  return page.path === path && raw(' aria-current="page"');
}
