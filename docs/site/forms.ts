/** The wire shapes of an option: a drawing and a table of fields for each. */
import type { Form } from '../../src/layout.ts';
import { FORMS } from '../../src/mptcp/forms.ts';
import { html, type Markup, raw } from '../../src/report/markup.ts';
import { toneOf } from '../../src/report/tone.ts';
import { bitDiagram, fixedValue, lengthOf } from './bits.ts';
import { slug } from './markdown.ts';

/** The forms of one option, by the name that `type` has. */
export function formsOf(type: string): readonly Form[] {
  const forms = FORMS.filter((form) => form.of === type);
  return [...forms.filter((form) => !isOld(form)), ...forms.filter(isOld)];
}

/** Whether only version 0 has the form. */
function isOld(form: Form): boolean {
  return form.rfc.startsWith('6824');
}

/** Drawings of forms, one under the other; only the first one's fields are told, and what later ones add. */
export function formFigures(forms: readonly Form[]): Markup {
  const told = new Set<string>();
  const figures = (some: readonly Form[]) => some.map((form) => formFigure(form, told));
  const old = forms.filter(isOld);
  return html`${figures(forms.filter((form) => !isOld(form)))}${
    old.length > 0 && html`<details class="more"><summary>The forms of version 0</summary>${figures(old)}</details>`
  }`;
}

/** Drawing and fields of a form; those in `told` are left out, and the others added to it. */
function formFigure(form: Form, told: Set<string>): Markup {
  const id = formId(form);
  const fields = form.fields.filter((field) => !told.has(keyOf(field)));
  for (const field of form.fields) told.add(keyOf(field));
  return html`<section class="form" id="${id}" aria-labelledby="${id}-h"><h3 id="${id}-h">${titleOf(form)} <small>${lengthOf(form)}${form.rfc !== '' && `, RFC ${form.rfc}`}</small></h3>
${bitDiagram(form, 32, `${id}-32`)}${bitDiagram(form, 16, `${id}-16`)}
${fields.length > 0 && fieldTable(form, fields)}</section>`;
}

/** The forms of an option behind switches; without script all are shown, one after the other. */
export function formPicker(forms: readonly Form[]): Markup {
  return html`<div class="picker" data-picker><fieldset hidden><legend>What is in it</legend>
<label>Data ACK <select data-part="ack"><option value="">none</option><option value="ACK4">4 octets (A)</option><option value="ACK8" selected>8 octets (A, a)</option></select></label>
<label>Mapping <select data-part="map"><option value="">none</option><option value="DSN4">DSN of 4 octets (M)</option><option value="DSN8" selected>DSN of 8 octets (M, m)</option></select></label>
<label><input type="checkbox" data-part="checksum" checked> checksum</label></fieldset>
${forms.map((form) => html`<div data-form="${form.name}">${formFigures([form])}</div>`)}</div>`;
}

export function formId(form: Form): string {
  return `form-${slug(`${form.of} ${form.name}`)}`;
}

function titleOf(form: Form): string {
  return form.name === form.of ? form.of : `${form.of}: ${form.name}`;
}

function keyOf(field: Form['fields'][number]): string {
  return `${field.name} ${field.label} ${field.bits} ${JSON.stringify(field.means)}`;
}

function fieldTable(form: Form, fields: Form['fields']): Markup {
  return html`<div class="scroll"><table class="fields"><thead><tr><th scope="col">Field</th><th scope="col">Bits</th><th scope="col">Meaning</th><th scope="col">Name here, in Wireshark</th></tr></thead><tbody>
${fields.map((field) => {
  const fixed = fixedValue(form, field);
  const means = Object.entries(field.means ?? {});
  const shown = field.is !== undefined ? means.filter(([value]) => within(Number(value), field.is!)) : means;
  return html`<tr class="tone-${toneOf(field.name, field.bits)}"><th scope="row">${field.label}</th><td>${field.bits === 0 ? 'rest' : field.bits}</td><td>${field.note}${fixed !== undefined && html` <span class="fixed">Always ${fixed} here.</span>`}${shown.length > 0 && html`<ul class="means">${shown.map(([value, text]) => html`<li><code>${value}</code> ${text}</li>`)}</ul>`}</td><td class="names">${!HEAD.includes(field.name) && html`<code>${field.name}</code>`} ${field.wireshark !== undefined && html`<code>${raw(field.wireshark.replaceAll('.', '.<wbr>'))}</code>`}</td></tr>`;
})}
</tbody></table></div>`;
}

const HEAD: readonly string[] = ['kind', 'length', 'subtype'];

function within(value: number, [least, greatest]: readonly [number, number]): boolean {
  return value >= least && value <= greatest;
}
