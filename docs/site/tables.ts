/** Tables made from the library's own: the registry, the rules, the colours. */

import { CLAUSES } from '../../src/mptcp/clauses.ts';
import { Subtype } from '../../src/mptcp/registry.ts';
import { html, type Markup } from '../../src/report/markup.ts';
import { formsOf } from './forms.ts';

const ORDER = [
  ['MP_CAPABLE', 'mp-capable', '3.1', 'SYN, SYN/ACK, ACK, first data', 'speaks MPTCP, exchanges keys'],
  ['MP_JOIN', 'mp-join', '3.2', 'SYN, SYN/ACK, ACK', 'adds a subflow'],
  ['DSS', 'dss', '3.3', 'any but SYN', 'maps and acknowledges data, ends the stream'],
  ['MP_PRIO', 'mp-prio', '3.3.8', 'any but SYN', 'backup or regular'],
  ['ADD_ADDR', 'add-addr', '3.4.1', 'any but SYN', 'advertises an address; its echo'],
  ['REMOVE_ADDR', 'remove-addr', '3.4.2', 'any but SYN', 'takes addresses back'],
  ['MP_FASTCLOSE', 'mp-fastclose', '3.5', 'ACK or RST', 'ends the connection at once'],
  ['MP_TCPRST', 'mp-tcprst', '3.6', 'RST', 'says why a subflow is reset'],
  ['MP_FAIL', 'mp-fail', '3.7', 'ACK or RST', 'reports a bad checksum'],
  ['MP_EXPERIMENTAL', 'experimental', '7.2', 'any', 'for private use'],
] as const;

/** All options: subtype, name, lengths, carrier, purpose. */
export function registryTable(): Markup {
  return html`<div class="scroll"><table><thead><tr><th scope="col">Subtype</th><th scope="col">Name</th><th scope="col">Says</th><th scope="col">On</th><th scope="col">Octets</th><th scope="col">RFC 8684</th></tr></thead><tbody>${ORDER.map(
    ([name, page, section, on, purpose]) =>
      html`<tr><td><code>${Subtype[name]}</code></td><th scope="row"><a href="${page}.html">${name}</a></th><td>${purpose}</td><td>${on}</td><td>${lengths(name)}</td><td>§${section}</td></tr>`,
  )}</tbody></table></div>`;
}

function lengths(name: string): string {
  const forms = formsOf(name);
  const sizes = [
    ...new Set(forms.filter(({ name: form }) => !form.includes('2 and later')).map(({ length }) => length)),
  ];
  sizes.sort((a, b) => a - b);
  if (forms.at(-1)?.fields.at(-1)?.bits === 0 && name !== 'MP_CAPABLE') return `${sizes[0]} to 40`;
  return sizes.join(', ');
}

/** Rules of `violations` whose codes begin with `prefix`. */
export function clauseTable(prefix: string): Markup {
  const rules = Object.entries(CLAUSES).filter(([code]) => code.startsWith(`${prefix}-`));
  if (rules.length === 0) throw new Error(`no clause begins with ${prefix}-`);
  return html`<div class="scroll"><table><thead><tr><th scope="col">Code</th><th scope="col">Rule</th><th scope="col">RFC</th></tr></thead><tbody>${rules.map(
    ([code, { rule, rfc, severity }]) =>
      html`<tr><td><code>${code}</code>${severity === 'note' && html` <span class="muted">note</span>`}</td><td>${rule}</td><td>${rfc}</td></tr>`,
  )}</tbody></table></div>`;
}

/** What the colours of fields mean. */
export function colourKey(): Markup {
  const tones = [
    ['head', 'what it is: kind, length, subtype, version'],
    ['flag', 'flags'],
    ['key', 'keys, tokens, nonces, HMACs'],
    ['seq', 'sequence numbers and acknowledgements'],
    ['sum', 'lengths, checksums, reasons'],
    ['addr', 'addresses, ports, address ids'],
    ['plain', 'everything else'],
  ] as const;
  return html`<ul class="key">${tones.map(([tone, text]) => html`<li class="tone-${tone}"><span></span>${text}</li>`)}</ul>`;
}
