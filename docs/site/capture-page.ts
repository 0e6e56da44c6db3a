/** The capture page: what there is before a file is dropped. */
import { html } from '../../src/report/markup.ts';
import { captureFile, captureNames } from './captures.ts';
import type { Page } from './page.ts';

export function capturePage(): Page {
  const body = html`<h1>Trace a capture</h1>
<p class="lede">Connections, subflows, verdicts on every HMAC, key and checksum, and what went wrong, in a sentence. The file never leaves your browser. The page's Content Security Policy, which holds for its worker as well, forbids requests to any other host.</p>
<noscript><p>Tracing runs in your browser and needs JavaScript. The same on a command line: <code>npx mptcp-codec trace FILE</code>.</p></noscript>
<div data-capture hidden>
<div class="drop" data-c="drop"><p><label class="button main">Choose pcap or pcapng files<input class="visually-hidden" type="file" data-c="files" multiple></label> or drop them anywhere here. Gzip is fine; several files are put together by time.</p>
<p class="small"><label>Or a sample: <select data-c="sample"><option value="">choose</option>${captureNames().map((name) => html`<option value="${captureFile(name)}">${name}</option>`)}</select></label></p></div>
<p class="progress"><progress data-c="bar" max="1" value="0" hidden aria-label="Progress"></progress> <span data-c="state" role="status"></span> <button type="button" data-c="cancel" hidden>Cancel</button></p>
<div data-c="overview"></div><div data-c="outer"></div>
<div class="connection"><div data-c="head"></div>
<p data-c="actions" class="actions" hidden><button type="button" data-c="save-drawing">Save the drawing (SVG)</button> <button type="button" data-c="save-report">Save the report (HTML)</button> <label><input type="checkbox" data-c="keys"> with keys (who has them can join the connection)</label></p>
<div data-c="timeline"></div><div data-c="segment" class="chosen-segment"></div><div data-c="tables"></div><div data-c="segments"></div></div>
</div>
<h2>How to take one</h2>
<pre class="code"><code>tcpdump -i any -s 128 -w mptcp.pcap tcp</code></pre>
<p>All interfaces, from before the first SYN, at least 128 octets of each packet; whole packets if checksums are to be verified. <a href="guide/capturing.html">More about it</a>.</p>`;
  return {
    path: 'capture.html',
    title: 'Trace a capture',
    description:
      'Drop a pcap or pcapng file: MPTCP connections, subflows, verified HMACs and checksums, findings, timelines. Nothing is uploaded.',
    body,
    scripts: ['assets/capture.js'],
    layout: 'wide',
  };
}
