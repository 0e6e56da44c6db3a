/** Commands and what they print, run while the site is built. */
import { spawnSync } from 'node:child_process';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { html, type Markup } from '../../src/report/markup.ts';
import { orDraft } from './draft.ts';

const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const MAIN = join(ROOT, 'src/cli/main.ts');

/** The command and its output. Exit statuses above 1 stop the build. */
export function commandFigure(args: readonly string[]): Markup {
  const { stdout, stderr, status } = spawnSync(process.execPath, ['--import', 'tsx', MAIN, ...args], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  if (status === null || status > 1 || (status === 1 && stdout === '')) {
    return html`<pre class="out">${orDraft(new Error(`mptcp-codec ${args.join(' ')}: ${stderr}`))}</pre>`;
  }
  const line = args.map((arg) => (/[{}"*?&|;<>$ ]/.test(arg) ? `'${arg}'` : arg)).join(' ');
  return html`<figure class="made"><pre class="code"><code><span class="prompt">$ </span>mptcp-codec ${line}</code></pre><pre class="out">${stdout}${stderr}</pre></figure>\n`;
}
