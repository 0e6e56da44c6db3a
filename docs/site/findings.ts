/** What the tracer finds in our captures. */
import { findingList } from '../../src/report/html.ts';
import { html, type Markup } from '../../src/report/markup.ts';
import { timelineSvg } from '../../src/report/timeline.ts';
import type { Finding } from '../../src/trace/finding.ts';
import { captureFile, captureNames } from './captures.ts';
import { connectionOf, trace } from './traced.ts';

/** A connection of a capture over time, and what was found in it. */
export function timelineFigure(name: string, id: number): Markup {
  const { connection, segments } = connectionOf(name, id);
  return html`<figure>${connection.findings.length > 0 && findingList(connection.findings)}<div class="scroll draw">${timelineSvg(connection, segments)}</div><figcaption><a href="../capture.html#sample=${captureFile(name)}">Open ${captureFile(name)} in the tracer</a></figcaption></figure>`;
}

/** Every kind of finding that our captures hold, each with the first that shows it. */
export function findingTable(): Markup {
  const seen = new Map<string, { finding: Finding; name: string }>();
  for (const name of captureNames()) {
    const { report } = trace(name);
    for (const finding of [...report.connections.flatMap(({ findings }) => findings), ...report.findings]) {
      if (!seen.has(finding.code)) seen.set(finding.code, { finding, name });
    }
  }
  const rank = { error: 0, warning: 1, note: 2 };
  const all = [...seen.values()].sort((a, b) => rank[a.finding.severity] - rank[b.finding.severity]);
  return html`${all.map(
    ({ finding, name }) =>
      html`<h3 id="${finding.code}">${finding.code}</h3>${findingList([finding])}<p class="small"><a href="../capture.html#sample=${captureFile(name)}">See it in ${captureFile(name)}</a></p>`,
  )}`;
}
