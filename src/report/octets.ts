/**
 * Octets and the fields in them, side by side.
 *
 * @module
 */
import type { Explanation } from '../explain/explanation.ts';
import { Subtype } from '../mptcp/registry.ts';
import { type Content, html, type Markup, raw } from './markup.ts';
import { type Tone, toneOf } from './tone.ts';

/** What to show, beside the octets and their fields. */
export interface OctetsOptions {
  /** Names the figure for those who do not see it. */
  readonly caption: string;
  /** Number of the first octet. */
  readonly from?: number | undefined;
  /** Instead of a field's value: an editor for it. */
  readonly editor?: ((field: Explanation, index: number) => Content) | undefined;
  /** Beside a field's meaning: more about it. */
  readonly remark?: ((field: Explanation) => Content) | undefined;
}

/** Octets a row: two words, as the drawings of the RFCs have them. */
const ROW = 8;

/**
 * A figure of octets in hexadecimal beside a table of their fields, row `i` of which has `data-f="i"`;
 * each octet names the rows it is part of.
 *
 * @param bytes - the octets
 * @param fields - what `explain` says of them
 */
export function octetsFigure(bytes: Uint8Array, fields: readonly Explanation[], options: OctetsOptions): Markup {
  const { caption, from = 0, editor, remark } = options;
  const owners: number[][] = Array.from(bytes, () => []);
  for (const [i, field] of fields.entries()) {
    const last = field.offset + Math.ceil((field.bit + field.bits) / 8);
    for (let at = field.offset; at < last; at++) owners[at]?.push(i);
  }
  const rows = Array.from({ length: Math.ceil(bytes.length / ROW) }, (_, row) => row * ROW);
  let layer = '';
  return html`<div class="octets"><div class="hex" aria-hidden="true">${rows.map(
    (start) =>
      html`<div class="row" data-at="${from + start}">${Array.from(bytes.subarray(start, start + ROW), (octet, i) => {
        const own = owners[start + i]!;
        return html`<span class="o tone-${toneOfOctet(fields, own)}" data-f="${own.join(' ')}">${octet.toString(16).padStart(2, '0')}</span>`;
      })}</div>`,
  )}</div><table><caption class="visually-hidden">${caption}</caption><thead class="visually-hidden"><tr><th scope="col">Octet</th><th scope="col">Field</th><th scope="col">Value</th></tr></thead><tbody>${fields.map(
    (field, i) => {
      const head = field.of === layer ? undefined : field.of;
      layer = field.of;
      return html`${head !== undefined && html`<tr class="layer"><th colspan="3" scope="rowgroup">${head}${field.rfc !== undefined && html` <small class="muted">RFC ${field.rfc}</small>`}</th></tr>`}<tr data-f="${i}" class="tone-${toneOfField(field)}"><td>${place(field, from)}</td><td>${field.label}</td><td class="v">${editor?.(field, i) ?? valueText(field)}${remark?.(field)}</td></tr>`;
    },
  )}</tbody></table></div>`;
}

/** The tone of a field: those of MPTCP and the numbers it builds on have colours, other layers have none. */
export function toneOfField(field: Explanation): Tone {
  if (field.name === 'payload') return 'data';
  return isMptcp(field) || field.of === 'TCP' ? toneOf(field.name, field.bits) : 'plain';
}

/** Whether a field belongs to an MPTCP option. */
export function isMptcp({ of }: Explanation): boolean {
  return NAMES.includes(of.split(' ')[0]!);
}

const NAMES: readonly string[] = [...Object.keys(Subtype), 'UNKNOWN', 'MPTCP'];

function toneOfOctet(fields: readonly Explanation[], own: readonly number[]): Tone {
  const tones = own.map((i) => toneOfField(fields[i]!));
  return tones.find((tone) => tone !== 'plain') ?? 'plain';
}

function place({ offset, bit, bits }: Explanation, from: number): string {
  const first = offset + from;
  if (bits % 8 === 0 && bit === 0) return bits === 8 ? `${first}` : `${first}–${first + bits / 8 - 1}`;
  return bits === 1 ? `${first}.${bit}` : `${first}.${bit}–${bit + bits - 1}`;
}

/** The value, and what it means after a line break. */
function valueText(field: Explanation): Content {
  const colon = field.text.indexOf(': ');
  if (field.value instanceof Uint8Array || colon < 0) return field.text;
  return html`${field.text.slice(0, colon)}${raw(' <span class="m">')}${field.text.slice(colon + 2)}${raw('</span>')}`;
}
