/**
 * Findings for a person to read.
 *
 * @module
 */
import type { Finding, Severity } from '../trace/finding.ts';
import { count, type Paint, wrap } from './paint.ts';

/** Frames of a finding that are written out. */
const FRAMES = 8;

/** A sign for each severity, so that it is seen without colour. */
const MARKS: Readonly<Record<Severity, string>> = { error: 'x', warning: '!', note: '-' };

/** Each finding: what it is and where, what it means, what to do. */
export function formatFindings(
  findings: readonly Finding[],
  { width, paint }: { readonly width: number; readonly paint: Paint },
): string[] {
  return findings.flatMap((finding) => {
    const { code, severity, message, advice, rfc, quirk } = finding;
    const facts = [
      paint(severity, `${MARKS[severity]} ${severity}  ${code}`),
      ...where(finding),
      ...(quirk === undefined || code === 'violation' ? [] : [`(${quirk})`]),
      ...(rfc === undefined ? [] : [paint('dim', `RFC ${rfc}`)]),
    ];
    const lines = [`  ${facts.join('  ')}`, ...wrap(message, width, '      ')];
    if (advice === undefined) return lines;
    const [first = '', ...rest] = wrap(advice, width, '         ');
    return [...lines, `      ${paint('dim', '->')} ${first.trimStart()}`, ...rest];
  });
}

function where({ frames, subflow }: Finding): string[] {
  const shown = frames.slice(0, FRAMES).join(', ');
  const more = frames.length > FRAMES ? `, ${frames.length - FRAMES} more` : '';
  return [
    ...(frames.length === 0 ? [] : [`frame${frames.length === 1 ? '' : 's'} ${shown}${more}`]),
    ...(subflow === undefined || subflow === 0 ? [] : [`subflow ${subflow}`]),
  ];
}

/** `1 error, 2 warnings`, or that there is nothing to say. */
export function severities(findings: readonly Finding[], paint: Paint): string {
  const parts = (['error', 'warning', 'note'] as const).flatMap((severity) => {
    const number = findings.filter((one) => one.severity === severity).length;
    return number === 0 ? [] : [paint(severity, count(number, severity))];
  });
  return parts.length === 0 ? paint('good', 'nothing wrong found') : parts.join(', ');
}
