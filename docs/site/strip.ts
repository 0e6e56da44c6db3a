/** An option's octets as a strip of labelled pieces: what a reader sees before opening anything. */
import type { Explanation } from '../../src/explain/explanation.ts';
import { html, type Markup } from '../../src/report/markup.ts';
import { toneOfField } from '../../src/report/octets.ts';

/** Pieces of whole octets; fields that share an octet share a piece, flags are named where they are set. */
export function octetStrip(bytes: Uint8Array, fields: readonly Explanation[]): Markup {
  const pieces: { from: number; to: number; fields: Explanation[] }[] = [];
  for (const field of fields) {
    const last = pieces.at(-1);
    const to = field.offset + Math.ceil((field.bit + field.bits) / 8);
    if (last !== undefined && field.offset < last.to) {
      last.fields.push(field);
      last.to = Math.max(last.to, to);
    } else pieces.push({ from: field.offset, to, fields: [field] });
  }
  return html`<div class="strip" aria-hidden="true">${pieces.map(({ from, to, fields: own }) => {
    const tone = own.map(toneOfField).find((name) => name !== 'plain') ?? 'plain';
    const hex = Array.from(bytes.subarray(from, to), (octet) => octet.toString(16).padStart(2, '0')).join(' ');
    return html`<span class="tone-${tone}"><b>${hex}</b><small>${labelOf(own)}</small></span>`;
  })}</div>`;
}

function labelOf(fields: readonly Explanation[]): string {
  const whole = fields.filter(({ bits }) => bits > 1).filter(({ name }) => name !== 'reserved');
  const set = fields.filter(({ bits, value }) => bits === 1 && Number(value) === 1);
  const names = [...whole.filter(({ name }) => name !== 'algorithms'), ...set].map(({ label }) => label);
  return names.join(' ') || 'no flag';
}
