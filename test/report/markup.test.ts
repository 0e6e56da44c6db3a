import { describe, expect, test } from 'vitest';
import { escapeHtml, html, raw } from '../../src/report/markup.ts';

describe('html', () => {
  test('escapes what is put in, in content and between quotes', () => {
    expect(html`<b title="${'"x"'}">${`<&>'`}</b>`.text).toBe('<b title="&#34;x&#34;">&#60;&#38;&#62;&#39;</b>');
    expect(escapeHtml('plain')).toBe('plain');
  });

  test('leaves markup as it is, joins lists, writes numbers, and nothing for nothing', () => {
    expect(html`${[html`<i>${1}</i>`, raw('<br>'), 2n]}${false}${undefined}${null}${''}`.text).toBe('<i>1</i><br>2');
    expect(`${html`<p>`}`).toBe('<p>');
  });
});
