/**
 * Field tables of every option, and octets explained from them.
 *
 * @module
 */
export { detect, type Layer } from '../explain/detect.ts';
export { explain } from '../explain/explain.ts';
export type { Explanation } from '../explain/explanation.ts';
export { type Field, type Form, formOf, REST, type Span, spans } from '../layout.ts';
export { FORMS } from '../mptcp/forms.ts';
