/**
 * HTML as strings: whatever is put in is escaped, unless it is markup already.
 *
 * @module
 */

/** Text that is HTML. */
export class Markup {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  toString(): string {
    return this.text;
  }
}

/** What {@link html} takes: text is escaped, lists are joined, nothing gives nothing. */
export type Content = string | number | bigint | Markup | readonly Content[] | false | null | undefined;

/**
 * HTML of a template; every value in it is escaped unless it is {@link Markup}.
 *
 * @example
 * ```ts
 * html`<b>${'a < b'}</b>`.text; // '<b>a &lt; b</b>'
 * ```
 */
export function html(strings: TemplateStringsArray, ...values: readonly Content[]): Markup {
  let text = strings[0] ?? '';
  values.forEach((value, i) => {
    text += markupOf(value) + (strings[i + 1] ?? '');
  });
  return new Markup(text);
}

/** Text that is HTML already, and trusted. */
export function raw(text: string): Markup {
  return new Markup(text);
}

/** Text as HTML, good in content and between quotes. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);
}

function markupOf(value: Content): string {
  if (value === undefined || value === null || value === false) return '';
  if (value instanceof Markup) return value.text;
  if (typeof value === 'object') return value.map(markupOf).join('');
  return escapeHtml(String(value));
}
