/** The forty octets of a TCP header's options, and who takes them. */
import type { Explanation } from '../../src/explain/explanation.ts';
import { html, type Markup } from '../../src/report/markup.ts';
import { isMptcp } from '../../src/report/octets.ts';
import { OPTION_SPACE } from '../../src/tcp/options.ts';

/** One option, as the bar shows it. */
export interface Share {
  readonly name: string;
  readonly octets: number;
  readonly kind: 'mptcp' | 'other' | 'padding';
}

/** What may stand beside an option, padded as Linux pads it. */
export const COMPANIONS = {
  timestamps: { name: 'Timestamps', octets: 12 },
  syn: { name: 'MSS, SACK permitted, window scale', octets: 8 },
  sack: { name: 'SACK', octets: 4 },
  block: { name: 'SACK block', octets: 8 },
} as const;

/** The options among explained octets, neighbours of one option together. */
export function sharesOf(fields: readonly Explanation[]): Share[] {
  const shares: { name: string; octets: number; kind: Share['kind'] }[] = [];
  for (const field of fields) {
    const start = field.name === 'kind' || field.name === 'malformed';
    const padding = field.of === 'No-Operation' || /^(nop|end)/i.test(field.of);
    if (start || shares.length === 0) {
      shares.push({ name: field.of, octets: 0, kind: padding ? 'padding' : isMptcp(field) ? 'mptcp' : 'other' });
    }
    shares.at(-1)!.octets += field.bits / 8;
  }
  return shares.filter(({ octets }) => octets > 0);
}

/** The bar, in words and drawn. */
export function budgetBar(shares: readonly Share[]): Markup {
  const used = shares.reduce((sum, { octets }) => sum + octets, 0);
  const over = used - OPTION_SPACE;
  let cell = 0;
  return html`<p class="used${over > 0 && ' over'}"><strong>${used} of ${OPTION_SPACE} octets</strong>${over > 0 ? `: ${over} too many, this cannot be sent` : `, ${-over} free`}</p>
<div class="bar" aria-hidden="true">${shares.map((share) =>
    Array.from(
      { length: share.octets },
      () => html`<i class="${share.kind}${cell++ >= OPTION_SPACE && ' beyond'}"></i>`,
    ),
  )}${Array.from({ length: Math.max(0, -over) }, () => html`<i></i>`)}</div>
<ul class="shares">${shares.map(({ name, octets, kind }) => html`<li class="${kind}">${name} <b>${octets}</b></li>`)}</ul>`;
}
