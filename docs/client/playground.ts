/** The playground: octets in, fields out, and back. */
import { detect, type Layer } from '../../src/explain/detect.ts';
import { explain } from '../../src/explain/explain.ts';
import type { Explanation } from '../../src/explain/explanation.ts';
import { decodeOption } from '../../src/mptcp/option.ts';
import { violations } from '../../src/mptcp/violations.ts';
import { html } from '../../src/report/markup.ts';
import { isMptcp, octetsFigure } from '../../src/report/octets.ts';
import { toJson } from '../../src/text/json.ts';
import { formatOption } from '../../src/text/line.ts';
import { budgetBar, COMPANIONS, type Share, sharesOf } from './budget.ts';
import { type Derived, derive, deriveAddress, deriveChecksum, type Knowns, verdictOf } from './derive.ts';
import { editorOf, withField } from './edit.ts';
import { readInput, toGroups } from './input.ts';
import { bindOctets } from './octets.ts';

const NAMES: Readonly<Record<Layer, string>> = {
  option: 'one option',
  options: 'a list of options',
  tcp: 'a TCP header',
  ip: 'an IP packet',
  frame: 'a frame',
};

const form = document.querySelector<HTMLFormElement>('[data-playground]');
if (form !== null) bind(form);

function bind(page: HTMLFormElement): void {
  const part = <T extends Element = HTMLInputElement>(name: string) => page.querySelector<T>(`[data-p="${name}"]`)!;
  const text = part<HTMLTextAreaElement>('text');
  const layer = part<HTMLSelectElement>('as');
  const figure = part<HTMLElement>('figure');
  const state = part<HTMLElement>('state');
  let bytes: Uint8Array = new Uint8Array(0);
  let fields: readonly Explanation[] = [];

  const read = () => {
    try {
      const input = readInput(text.value);
      bytes = input.bytes;
      text.removeAttribute('aria-invalid');
      show(input.taken);
    } catch (error) {
      text.setAttribute('aria-invalid', 'true');
      state.textContent = `Not read: ${(error as Error).message}.`;
    }
  };

  const show = (taken: string) => {
    const as = (layer.value || detect(bytes)) as Layer;
    fields = explain(bytes, as);
    const active = (document.activeElement as HTMLElement | null)?.dataset['edit'];
    const caret = (document.activeElement as HTMLInputElement | null)?.selectionStart ?? null;
    figure.innerHTML = octetsFigure(bytes, fields, { caption: 'The octets, field by field', editor: editorOf }).text;
    bindOctets(figure);
    state.textContent =
      bytes.length === 0
        ? 'Nothing to read yet.'
        : `${taken === 'hex' ? '' : `From ${taken}: `}${bytes.length} octets, read as ${NAMES[as]}.`;
    if (active !== undefined) {
      const editor = figure.querySelector<HTMLInputElement>(`[data-edit="${active}"]`);
      editor?.focus();
      if (caret !== null && editor?.type === 'text') editor.setSelectionRange(caret, caret);
    }
    showWords(as);
    showBudget(as);
  };

  /** Text line, JSON, rules broken, verdicts: for each MPTCP option of the octets. */
  const showWords = (as: Layer) => {
    const starts =
      as === 'option'
        ? [0]
        : fields.filter((field) => field.name === 'kind' && isMptcp(field)).map(({ offset }) => offset);
    const segment = segmentOf();
    part<HTMLElement>('words').innerHTML = html`${starts.map((at) => {
      const option = decodeOption(bytes, at);
      const broken = violations(option, segment);
      const verdict = option.type === 'MALFORMED' ? undefined : verdictOf(option, knowns());
      return html`<section class="said"><pre class="out">${formatOption(option)}
${JSON.stringify(toJson(option))}</pre>${verdict !== undefined && html`<p>${verdict}</p>`}${
        broken.length > 0 &&
        html`<ul class="broken">${broken.map(({ code, message, rfc }) => html`<li><code>${code}</code> ${message} <span class="muted">RFC ${rfc}</span></li>`)}</ul>`
      }</section>`;
    })}`.text;
  };

  const segmentOf = () => {
    const value = part<HTMLSelectElement>('segment').value;
    if (value === '') return {};
    return { syn: value.includes('S'), ack: value.includes('A'), rst: value.includes('R') };
  };

  const showBudget = (as: Layer) => {
    const within = optionsAmong(fields, as);
    const companions: Share[] = [];
    if (as === 'option') {
      if (part('timestamps').checked) companions.push({ ...COMPANIONS.timestamps, kind: 'other' });
      if (part('syn').checked) companions.push({ ...COMPANIONS.syn, kind: 'other' });
      const blocks = Number(part<HTMLSelectElement>('sack').value);
      if (blocks > 0)
        companions.push({
          name: `SACK, ${blocks} blocks`,
          octets: COMPANIONS.sack.octets + blocks * COMPANIONS.block.octets,
          kind: 'other',
        });
    }
    const own = sharesOf(within);
    const padding = as === 'option' ? (4 - (bytes.length % 4)) % 4 : 0;
    if (padding > 0) own.push({ name: 'padding', octets: padding, kind: 'padding' });
    part<HTMLElement>('companions').hidden = as !== 'option';
    part<HTMLElement>('budget').innerHTML = budgetBar([...companions, ...own]).text;
  };

  const knowns = (): Knowns => ({
    version: part<HTMLSelectElement>('version').value === '0' ? 0 : 1,
    keyA: key(part('keyA').value),
    keyB: key(part('keyB').value),
    nonceA: word(part('nonceA').value),
    nonceB: word(part('nonceB').value),
  });

  const calculate = () => {
    const known = knowns();
    const lines: Derived[] = [...derive(known)];
    let trouble = '';
    try {
      const port = part('port').value.trim();
      lines.push(
        ...deriveAddress(
          known,
          Number(part('addressId').value),
          part('address').value,
          port === '' ? undefined : Number(port),
        ),
      );
      const dsn = part('dsn').value.trim();
      if (dsn !== '') {
        const payload = new TextEncoder().encode(unescaped(part('payload').value));
        const length = part('length').value.trim();
        lines.push(
          ...deriveChecksum(
            BigInt(dsn),
            Number(part('ssn').value),
            length === '' ? payload.length : Number(length),
            payload,
          ),
        );
      }
    } catch (error) {
      trouble = (error as Error).message;
    }
    part<HTMLElement>('derived').innerHTML =
      html`<table><thead class="visually-hidden"><tr><th scope="col">Value</th><th scope="col">Result</th><th scope="col">How</th></tr></thead><tbody>${lines.map(
        ([label, value, from]) =>
          html`<tr><th scope="row">${label}</th><td><code>${value}</code></td><td class="muted">${from}</td></tr>`,
      )}</tbody></table>${trouble !== '' && html`<p class="trouble">${trouble}</p>`}`.text;
    showWords((layer.value || detect(bytes)) as Layer);
  };

  const edit = (event: Event) => {
    const editor = event.target as HTMLInputElement;
    const index = editor.dataset['edit'];
    if (index === undefined) return false;
    try {
      const value = editor.type === 'checkbox' ? (editor.checked ? '1' : '0') : editor.value;
      bytes = withField(bytes, fields[Number(index)]!, value);
      editor.removeAttribute('aria-invalid');
      text.value = toGroups(bytes);
      show('hex');
    } catch (error) {
      editor.setAttribute('aria-invalid', 'true');
      state.textContent = `${(error as Error).message}.`;
    }
    return true;
  };

  /** Mark the fields that the caret stands in. */
  const follow = () => {
    if (document.activeElement !== text || !/^[0-9a-f\s]*$/i.test(text.value)) return;
    const at = text.value.slice(0, text.selectionStart).replace(/\s/g, '').length >> 1;
    const owned =
      figure.querySelectorAll<HTMLElement>('.o')[Math.min(at, bytes.length - 1)]?.dataset['f']?.split(' ') ?? [];
    for (const row of figure.querySelectorAll<HTMLElement>('tr[data-f]'))
      row.classList.toggle('on', owned.includes(row.dataset['f']!));
    for (const octet of figure.querySelectorAll<HTMLElement>('.o')) {
      octet.classList.toggle(
        'on',
        octet.dataset['f']!.split(' ').some((field) => owned.includes(field)),
      );
    }
  };

  /** A link to these octets, after the number sign: no server sees it. */
  const share = () => {
    const withKeys = part('withKeys').checked;
    const shared = withKeys ? bytes : withoutKeys(bytes, fields);
    const fragment = new URLSearchParams({ hex: toGroups(shared).replaceAll(' ', '') });
    if (layer.value !== '') fragment.set('as', layer.value);
    if (withKeys)
      for (const name of ['keyA', 'keyB', 'nonceA', 'nonceB'])
        if (part(name).value) fragment.set(name, part(name).value);
    const link = `${location.href.split('#')[0]}#${fragment}`;
    history.replaceState(null, '', link);
    part('link').value = link;
    part('link').select();
    navigator.clipboard?.writeText(link).catch(() => undefined);
  };

  const open = () => {
    const fragment = new URLSearchParams(location.hash.slice(1));
    const hex = fragment.get('hex');
    if (hex === null) return false;
    text.value = toGroups(readInput(hex).bytes);
    layer.value = fragment.get('as') ?? '';
    for (const name of ['keyA', 'keyB', 'nonceA', 'nonceB']) {
      const value = fragment.get(name);
      if (value !== null) part(name).value = value;
    }
    return true;
  };

  page.hidden = false;
  page.addEventListener('submit', (event) => event.preventDefault());
  page.addEventListener('input', (event) => {
    const target = event.target as HTMLElement;
    if (edit(event)) return;
    if (target.closest('[data-calculator]')) calculate();
    else if (target.dataset['p'] !== 'withKeys' && target.dataset['p'] !== 'link') read();
  });
  page.addEventListener('click', (event) => {
    const button = (event.target as Element).closest<HTMLButtonElement>('button[data-sample], button[data-do]');
    if (button === null) return;
    const sample = button.dataset['sample'];
    if (sample !== undefined) {
      text.value = sample;
      layer.value = '';
      read();
    } else if (button.dataset['do'] === 'link') share();
    else {
      for (const [name, value] of Object.entries(JSON.parse(button.dataset['fill'] ?? '{}') as Record<string, string>))
        part(name).value = value;
      calculate();
    }
  });
  document.addEventListener('selectionchange', follow);
  addEventListener('hashchange', () => {
    if (open()) read();
  });
  try {
    open();
  } catch (error) {
    state.textContent = (error as Error).message;
  }
  read();
  calculate();
}

/** The fields that stand in a TCP header's option area. */
function optionsAmong(fields: readonly Explanation[], as: Layer): readonly Explanation[] {
  if (as === 'option' || as === 'options') return fields.filter(({ name }) => name !== 'trailer');
  const tcp = fields.map(({ of }) => of).lastIndexOf('TCP');
  return tcp < 0 ? [] : fields.slice(tcp + 1).filter(({ name }) => name !== 'payload' && name !== 'trailer');
}

/** The octets with zeros for keys. */
function withoutKeys(bytes: Uint8Array, fields: readonly Explanation[]): Uint8Array {
  const copy = bytes.slice();
  for (const { name, offset, bits } of fields) {
    if (name === 'senderKey' || name === 'receiverKey') copy.fill(0, offset, offset + bits / 8);
  }
  return copy;
}

function key(text: string): Uint8Array | undefined {
  const digits = text.replace(/^\s*0x|\s/gi, '');
  if (!/^[0-9a-f]{16}$/i.test(digits)) return undefined;
  return Uint8Array.from(digits.match(/../g)!, (pair) => Number.parseInt(pair, 16));
}

function word(text: string): number | undefined {
  const digits = text.replace(/^\s*0x|\s/gi, '');
  return /^[0-9a-f]{1,8}$/i.test(digits) ? Number.parseInt(digits, 16) : undefined;
}

/** `\n` and the like, as typed. */
function unescaped(text: string): string {
  return text.replaceAll('\\n', '\n').replaceAll('\\r', '\r').replaceAll('\\t', '\t');
}
