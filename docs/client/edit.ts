/** Editors of fields: what they show, and what they write into the octets. */
import type { Explanation } from '../../src/explain/explanation.ts';
import { formatAddress, parseAddress } from '../../src/ip/address.ts';
import { html, type Markup } from '../../src/report/markup.ts';

/** An editor of a field: a box for a flag, else a line of text; its meaning beside it. */
export function editorOf(field: Explanation, index: number): Markup {
  const name = `${field.of} ${field.label}, octet ${field.offset}`;
  const colon = field.text.indexOf(': ');
  const meaning = field.value instanceof Uint8Array || colon < 0 ? '' : field.text.slice(colon + 2);
  if (field.bits === 1) {
    return html`<label class="bit"><input type="checkbox" data-edit="${index}" aria-label="${name}"${field.value ? html` checked` : ''}> <span class="m">${meaning}</span></label>`;
  }
  const text = textOf(field);
  return html`<input data-edit="${index}" aria-label="${name}" value="${text}" size="${Math.min(42, Math.max(4, text.length))}" spellcheck="false" autocomplete="off"> <span class="m">${meaning}</span>`;
}

/** A field's value as its editor shows it. */
export function textOf({ value, text, bits }: Explanation): string {
  if (value instanceof Uint8Array) {
    if (bits > 0 && !text.startsWith('0x') && /[.:]/.test(text) && (bits === 32 || bits === 128))
      return formatAddress(value);
    return Array.from(value, (octet) => octet.toString(16).padStart(2, '0')).join('');
  }
  return text.startsWith('0x') ? `0x${value.toString(16)}` : `${value}`;
}

/**
 * The octets with another value in a field.
 *
 * @throws Error with a sentence for people, where the text is no value of the field
 */
export function withField(bytes: Uint8Array, field: Explanation, text: string): Uint8Array {
  const copy = bytes.slice();
  if (field.value instanceof Uint8Array) {
    const octets = octetsOf(text, field);
    if (octets.length * 8 !== field.bits) throw new Error(`${field.label} has ${field.bits / 8} octets`);
    copy.set(octets, field.offset);
    return copy;
  }
  const value = numberOf(text.trim());
  if (value === undefined || value < 0n || value >> BigInt(field.bits) !== 0n) {
    throw new Error(`${field.label} is a number of ${field.bits} bits`);
  }
  for (let i = 0; i < field.bits; i++) {
    const bit = field.bit + i;
    const at = field.offset + (bit >>> 3);
    const mask = 0x80 >>> (bit & 7);
    const set = (value >> BigInt(field.bits - 1 - i)) & 1n;
    copy[at] = set ? copy[at]! | mask : copy[at]! & ~mask;
  }
  return copy;
}

function numberOf(text: string): bigint | undefined {
  return /^(0x[0-9a-f]+|\d+)$/i.test(text) ? BigInt(text) : undefined;
}

function octetsOf(text: string, field: Explanation): Uint8Array {
  const digits = text.replace(/^0x/i, '').replace(/[\s:]/g, '');
  if (/^([0-9a-f]{2})*$/i.test(digits) && digits.length * 4 === field.bits) {
    return Uint8Array.from(digits.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
  }
  return parseAddress(text.trim());
}
