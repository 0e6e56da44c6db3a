/** The published test vectors, as tables. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { html, type Markup } from '../../src/report/markup.ts';

const VECTORS = resolve(dirname(fileURLToPath(import.meta.url)), '../../fixtures/vectors');

export function vectorTable(type: string): Markup {
  void type;
  return html`${existsSync(join(VECTORS, 'options.json')) && readFileSync(join(VECTORS, 'options.json'), 'utf8').length}`;
}
