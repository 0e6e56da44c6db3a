/**
 * A verdict as people see it: a word and a mark, not a colour alone.
 *
 * @module
 */
import { html, type Markup } from './markup.ts';

const MARKS = { good: '✓', bad: '✗', unverified: '?' } as const;

/** The mark of a verdict; `why` says why there is none. */
export function verdictMark(is: 'good' | 'bad' | 'unverified', why?: string): Markup {
  return html`<span class="verdict ${is}"><span aria-hidden="true">${MARKS[is]}</span> ${is}${why !== undefined && `: ${why}`}</span>`;
}
