/** What the fences in the guide's Markdown stand for. */
import { explain } from '../../src/explain/explain.ts';
import { html, type Markup, raw } from '../../src/report/markup.ts';
import { captureNames, loadCapture, segmentOf } from './captures.ts';
import { commandFigure } from './command.ts';
import { orDraft } from './draft.ts';
import { findingTable, timelineFigure } from './findings.ts';
import { fitTable } from './fit.ts';
import { formFigures, formPicker, formsOf } from './forms.ts';
import { codeBlock, type Filler } from './markdown.ts';
import { runExample } from './run.ts';
import { frameFigure, optionFigure, segmentList } from './segments.ts';
import { clauseTable, colourKey, registryTable } from './tables.ts';
import { vectorTable } from './vectors.ts';

/**
 * ```text
 * forms TYPE                    every wire shape of an option
 * segments CAPTURE [FRAMES]     frames of a capture, each opens
 * frame CAPTURE FRAME           a whole frame, octet by octet
 * option CAPTURE FRAME [INDEX]  one option, octet by octet
 * timeline CAPTURE [ID]         a connection over time, and what was found in it
 * findings                      every kind of finding that the captures hold
 * examples TYPE                 each form of an option, where it first occurs in the captures
 * picker TYPE                   the same, one at a time, chosen by switches
 * clauses PREFIX                the rules of `violations` whose codes begin so
 * registry                      all options in one table
 * colours                       what the tones of fields mean
 * fits                          what fits into 40 octets beside what
 * cli ARGUMENTS                 what the command prints
 * vectors TYPE                  the test vectors that cover an option
 * run                           TypeScript, run now; what it prints is shown below it
 * ```
 */
export const FILLERS: Readonly<Record<string, Filler>> = {
  forms: async ([type = '']) => formFigures(formsOf(type)),
  segments: async ([name = '', frames]) => segmentList(name, frames),
  frame: async ([name = '', frame]) =>
    html`<figure class="example">${frameFigure(segmentOf(name, Number(frame)))}</figure>`,
  option: async ([name = '', frame, index]) => optionFigure(name, segmentOf(name, Number(frame)), Number(index ?? 0)),
  timeline: async ([name = '', id]) => timelineFigure(name, Number(id ?? 0)),
  findings: async () => findingTable(),
  examples: async ([type = '']) => examples(type),
  picker: async ([type = '']) => formPicker(formsOf(type)),
  clauses: async ([prefix = '']) => clauseTable(prefix),
  registry: async () => registryTable(),
  colours: async () => colourKey(),
  fits: async () => fitTable(),
  cli: async (args) => commandFigure(args),
  vectors: async ([type = '']) => vectorTable(type),
  run: async (_, text) => example(text),
};

let count = 0;

async function example(text: string): Promise<Markup> {
  count += 1;
  const printed = await runExample(text, `example-${count}`).catch(orDraft);
  const out = printed === '' ? '' : html`<pre class="out">${printed}</pre>`;
  return html`<figure class="made">${codeBlock(text, 'ts')}${out}</figure>\n`;
}

/** The first occurrence of each form of an option in the captures. */
function examples(type: string): Markup {
  const seen = new Map<string, Markup>();
  for (const name of ['illustrated', ...captureNames()]) {
    for (const segment of loadCapture(name)) {
      for (const [index, { option, at, size }] of segment.options.entries()) {
        if (option.type !== type) continue;
        const form = explain(segment.packet.bytes.subarray(at, at + size), 'option')[0]!.of;
        if (!seen.has(form)) seen.set(form, optionFigure(name, segment, index));
      }
    }
  }
  if (seen.size === 0) return html`<p class="muted">No capture of this project has one: Linux does not send it.</p>`;
  return html`${[...seen].map(([form, figure]) => html`<h3>${form}</h3>${figure}`)}${raw('\n')}`;
}
