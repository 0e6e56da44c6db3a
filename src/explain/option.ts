/**
 * TCP options, of MPTCP and others, explained from their tables.
 *
 * @module
 */
import { u8 } from '../bytes.ts';
import { allows, type Form, formOf, REST, spans } from '../layout.ts';
import { FORMS } from '../mptcp/forms.ts';
import { KIND } from '../mptcp/registry.ts';
import { TCP_OPTION_FORMS } from '../tcp/forms.ts';
import { OPTION_SPACE } from '../tcp/options.ts';
import type { Annotator } from './explanation.ts';

/** Octets of an option that say what it is, at most. */
const HEAD = 4;

/** Explain the options up to `end`. End of Option List takes all that is behind it. */
export function explainOptions(to: Annotator, end: number): void {
  while (to.offset < end) explainOption(to, end);
}

/** Explain the one option that begins here. What it breaks up to `end` is malformed. */
export function explainOption(to: Annotator, end: number): void {
  const { bytes, offset } = to;
  const there = end - offset;
  const kind = u8(bytes, offset);
  const size = kind === 0 ? there : kind === 1 ? 1 : there === 1 ? 0 : u8(bytes, offset + 1);
  const forms = kind === KIND ? FORMS : TCP_OPTION_FORMS;
  const fits = size <= there && (size <= OPTION_SPACE || kind === 0);
  const shape = fits ? formOf(forms, bytes, offset, size) : undefined;
  if (shape !== undefined) {
    to.shape(shape, size);
    return;
  }
  // What follows the octets that the option takes for itself says nothing about it.
  const head = Math.min(HEAD, there, Math.max(size, 2));
  const candidates = forms.filter((form) => begins(form, bytes, offset, head));
  const names = new Set(candidates.map((form) => form.of));
  const of = names.size === 1 ? candidates[0]!.of : 'MPTCP option';
  const [why, spoilt] = fault(size, there, candidates);
  to.malformed(of, candidates, why, spoilt, head);
}

/** What is wrong with an option that says to have `size` octets, and how many octets that spoils. */
function fault(size: number, there: number, candidates: readonly Form[]): [string, number] {
  if (there === 1) return ['the list ends behind its Kind', there];
  if (size < 2) return [`Length says ${size}: an option has 2 octets or more`, there];
  if (size > there) return [`Length says ${size}: the list ends after ${there}`, there];
  return [`${size} octets: ${expected(candidates)} expected`, size];
}

/** Whether the octets' first `length` are those of the form, as far as the form says. */
function begins(shape: Form, bytes: Uint8Array, offset: number, length: number): boolean {
  let bits = 0;
  const fields = shape.fields.filter((field) => {
    bits += field.bits;
    return field.bits !== REST && bits <= 8 * length;
  });
  return spans({ ...shape, fields }, bytes, offset, length).every(({ field, value }) => {
    return allows(field, value);
  });
}

/** The lengths that the forms have, in words. */
function expected(shapes: readonly Form[]): string {
  const lengths = [...new Set(shapes.map(({ length }) => length))].sort((a, b) => a - b);
  if (shapes.some(({ fields }) => fields.at(-1)?.bits === REST)) return `${lengths[0]} to ${OPTION_SPACE}`;
  return lengths.join(', ').replace(/, (\d+)$/, ' or $1');
}
