/** Bit diagrams of forms, drawn from the library's field tables. */
import type { Field, Form } from '../../src/layout.ts';
import { html, type Markup } from '../../src/report/markup.ts';
import { toneOf } from '../../src/report/tone.ts';

/** Pixels a bit is wide, a row high; the head holds the ruler, the left margin the octet's number. */
const BIT = 20;
const ROW = 40;
const TOP = 18;
const LEFT = 26;

interface Piece {
  readonly row: number;
  readonly from: number;
  readonly to: number;
}

/** The diagram of a form, `columns` bits a row. An open-ended last field is drawn two octets wide. */
export function bitDiagram(form: Form, columns: 16 | 32, id: string): Markup {
  const fields = form.fields.map((field) => ({ field, bits: field.bits === 0 ? 16 : field.bits }));
  let bit = 0;
  const placed = fields.map(({ field, bits }) => {
    const pieces = piecesOf(bit, bits, columns);
    bit += bits;
    return { field, bits, pieces };
  });
  const rows = Math.ceil(bit / columns);
  const width = LEFT + columns * BIT + 2;
  const height = TOP + rows * ROW + 2;
  return html`<svg class="bits bits-${columns}" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-labelledby="${id}-t ${id}-d">
<title id="${id}-t">${form.of}, ${form.name}: ${lengthOf(form)}</title><desc id="${id}-d">${describe(form)}</desc>
<g class="ruler">${Array.from({ length: columns }, (_, i) => html`<text x="${LEFT + i * BIT + BIT / 2}" y="12">${i % 10}</text>`)}
${Array.from({ length: rows }, (_, i) => html`<text x="${LEFT - 7}" y="${TOP + i * ROW + ROW / 2 + 4}" class="at">${(i * columns) / 8}</text>`)}</g>
${placed.map(({ field, bits, pieces }) => drawField(form, field, bits, pieces))}
</svg>`;
}

/** Octets a form has, in words. */
export function lengthOf(form: Form): string {
  return form.fields.at(-1)?.bits === 0 ? `${form.length} octets or more` : `${form.length} octets`;
}

/** The fields of a form as one sentence, for those who do not see the drawing. */
export function describe(form: Form): string {
  let bit = 0;
  const parts = form.fields.map((field) => {
    const at = bit % 8 === 0 ? `octet ${bit / 8}` : `octet ${Math.floor(bit / 8)} bit ${bit % 8}`;
    bit += field.bits;
    const fixed = fixedValue(form, field);
    const width = field.bits === 0 ? 'to the end' : `${field.bits} bit${field.bits === 1 ? '' : 's'}`;
    return `${at}: ${field.label}, ${width}${fixed === undefined ? '' : `, ${fixed}`}`;
  });
  return `${parts.join('; ')}.`;
}

/** What the field always holds in this form. */
export function fixedValue(form: Form, field: Field): string | undefined {
  if (field.name === 'length') return form.fields.at(-1)?.bits === 0 ? undefined : String(form.length);
  if (field.is !== undefined && field.is[0] === field.is[1]) return String(field.is[0]);
  return undefined;
}

function piecesOf(bit: number, bits: number, columns: number): Piece[] {
  const pieces: Piece[] = [];
  for (let at = bit; at < bit + bits; ) {
    const row = Math.floor(at / columns);
    const to = Math.min(bit + bits, (row + 1) * columns);
    pieces.push({ row, from: at % columns, to: to - row * columns });
    at = to;
  }
  return pieces;
}

function drawField(form: Form, field: Field, bits: number, pieces: readonly Piece[]): Markup {
  const widest = pieces.reduce((best, piece) => (piece.to - piece.from > best.to - best.from ? piece : best));
  const same = pieces.filter((piece) => piece.from === widest.from && piece.to === widest.to);
  const x = LEFT + ((widest.from + widest.to) / 2) * BIT;
  const y = TOP + ((widest.row + same.at(-1)!.row + 1) / 2) * ROW;
  const room = (widest.to - widest.from) * BIT - 4;
  const label = fit(field, bits, room);
  const fixed = fixedValue(form, field);
  const note = fixed ?? (bits > 8 ? (field.bits === 0 ? '…' : `${bits} bits`) : undefined);
  const noted = note !== undefined && (bits > 1 || fixed !== undefined);
  return html`<g class="field tone-${toneOf(field.name, field.bits)}">
${pieces.map(({ row, from, to }) => html`<rect x="${LEFT + from * BIT}" y="${TOP + row * ROW}" width="${(to - from) * BIT}" height="${ROW}"/>`)}
<path d="${outline(pieces)}"/><text x="${x}" y="${y + (noted ? -3 : 4)}">${label}</text>${noted && html`<text class="value" x="${x}" y="${y + 13}">${note}</text>`}</g>`;
}

/** The edge of a run of pieces: inner edges between rows are left out. */
function outline(pieces: readonly Piece[]): string {
  const path: string[] = [];
  pieces.forEach((piece, i) => {
    const [left, right] = [LEFT + piece.from * BIT, LEFT + piece.to * BIT];
    const [top, bottom] = [TOP + piece.row * ROW, TOP + (piece.row + 1) * ROW];
    path.push(`M${left} ${top}V${bottom}M${right} ${top}V${bottom}`);
    const above = pieces[i - 1];
    const below = pieces[i + 1];
    path.push(edge(piece, above, top), edge(piece, below, bottom));
  });
  return path.join('');
}

function edge(piece: Piece, neighbour: Piece | undefined, y: number): string {
  const line = (from: number, to: number) => (from < to ? `M${LEFT + from * BIT} ${y}H${LEFT + to * BIT}` : '');
  if (neighbour === undefined) return line(piece.from, piece.to);
  const open = [Math.max(piece.from, neighbour.from), Math.min(piece.to, neighbour.to)] as const;
  if (open[0] >= open[1]) return line(piece.from, piece.to);
  return line(piece.from, open[0]) + line(open[1], piece.to);
}

/** The label, shortened to the room there is. */
function fit(field: Field, bits: number, room: number): string {
  if (field.label === '(reserved)') return bits === 1 ? '·' : room < 72 ? 'rsv' : field.label;
  return field.label.length * 7.2 <= room ? field.label : (SHORT[field.label] ?? field.label);
}

const SHORT: Readonly<Record<string, string>> = {
  'Subflow Sequence Number': 'Subflow Seq. Number',
  'Defined by its version': 'by version',
};
