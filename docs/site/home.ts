/** The first page: what this is, one option alive, where to go. */
import { explain } from '../../src/explain/explain.ts';
import { html } from '../../src/report/markup.ts';
import { octetsFigure } from '../../src/report/octets.ts';
import { timelineSvg } from '../../src/report/timeline.ts';
import { loadCapture } from './captures.ts';
import { NAVIGATION } from './navigation.ts';
import type { Page } from './page.ts';
import { hexOf } from './segments.ts';
import { connectionOf } from './traced.ts';
import { vectorFiles } from './vectors.ts';

export function homePage(): Page {
  const { connection, segments } = connectionOf('illustrated');
  const join = loadCapture('illustrated')
    .flatMap(({ options, packet }) =>
      options.map(({ option, at, size }) => ({ option, bytes: packet.bytes.subarray(at, at + size) })),
    )
    .find(({ option }) => option.type === 'MP_JOIN' && option.form === 'syn-ack')!;
  const bundle = vectorFiles().reduce((sum, { numberOfTests }) => sum + numberOfTests, 0);
  const sections = NAVIGATION.filter(({ title }) => title !== 'Start');
  const body = html`<section class="hero"><div><h1>Multipath TCP, octet by octet</h1>
<p class="lede">RFC 8684 draws boxes. Here is what stands in them: every bit of every MPTCP option, with real octets, and the library that reads, writes and verifies them running in the page.</p>
<p class="go"><a class="button main" href="connection.html">One connection, illustrated</a> <a class="button" href="playground.html">Paste your octets</a> <a class="button" href="capture.html">Trace a capture</a></p></div>
<div class="live" aria-label="An MP_JOIN SYN/ACK"><p class="source"><code>MP_JOIN</code> of a SYN/ACK, as captured. Point at an octet. <a href="playground.html#hex=${hexOf(join.bytes)}">Change it</a></p>${octetsFigure(join.bytes, explain(join.bytes, 'option'), { caption: 'An MP_JOIN SYN/ACK' })}</div></section>
<section><h2>See what happened</h2>
<p>The tracer follows connections over all their subflows, checks every HMAC, key and checksum that can be checked, and says in a sentence what went wrong. This one went right: a phone changes networks in the middle of a sentence.</p>
<div class="scroll draw" tabindex="0" role="region" aria-label="A connection over time">${timelineSvg(connection, segments, { link: (frame) => `connection.html#frame-${frame}` })}</div></section>
<section class="use"><h2>Use it</h2>
<div><pre class="code"><code>npx mptcp-codec trace capture.pcap</code></pre>
<pre class="code"><code>npm install mptcp-codec</code></pre></div>
<p>TypeScript, no native code, one dependency; Node, Deno, Bun, browsers. Decoding never throws and loses no bit. ${bundle} published <a href="vectors.html">test vectors</a>, checked against Linux: the RFC has none.</p></section>
<section class="shelf">${sections.map(
    ({ title, pages }) =>
      html`<div><h2>${title}</h2><ul>${pages.map(({ path, label }) => html`<li><a href="${path}">${label}</a></li>`)}</ul></div>`,
  )}</section>`;
  return {
    path: 'index.html',
    title: 'MPTCP, octet by octet',
    description:
      'A field guide to Multipath TCP on the wire: every option, every bit, with real captures, a playground and a tracer.',
    body,
    layout: 'home',
  };
}
