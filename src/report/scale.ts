/**
 * Where on a timeline a segment stands, and the times above it.
 *
 * @module
 */
import { html, type Markup } from './markup.ts';
import type { PlacedSegment } from './place.ts';
import { formatSeconds, isRemarkable } from './words.ts';

/** Places on a drawing. */
export interface Scale {
  readonly x: (segment: PlacedSegment) => number;
  readonly width: number;
}

export const LEFT = 12;
export const RIGHT = 24;
/** Width of a drawing of few segments. */
const LEAST = 840;
/** Width of a drawing to scale. */
const WIDE = 1080;
/** Segments that still get a step of their own. */
const STEPS = 600;
/** Between two signs on one side of a lane: they do not touch, even where all steps are made smaller. */
const SIGNS = 15;

/** `time`: to scale. `steps`: every segment has room, long waits are short. By default what suits the number of segments. */
export function scaleOf(
  segments: readonly PlacedSegment[],
  kind: 'time' | 'steps' = segments.length > STEPS ? 'time' : 'steps',
): Scale {
  return kind === 'steps' ? steps(segments) : toScale(segments);
}

function steps(segments: readonly PlacedSegment[]): Scale {
  const places = new Map<number, number>();
  const signs = new Map<string, number>();
  let at = 0;
  let before = 0;
  for (const segment of segments) {
    if (places.size > 0) at += 6 + 8 * Math.log10(1 + Math.max(0, segment.at - before) * 1e4);
    before = segment.at;
    if (hasSign(segment)) {
      const side = `${segment.subflow} ${segment.from}`;
      at = Math.max(at, (signs.get(side) ?? -SIGNS) + SIGNS);
      signs.set(side, at);
    }
    places.set(segment.frame, at);
  }
  const stretch = Math.max(0.78, (LEAST - LEFT - RIGHT) / (at || 1));
  return {
    x: ({ frame }) => round(LEFT + (places.get(frame) ?? 0) * stretch),
    width: Math.ceil(LEFT + at * stretch + RIGHT),
  };
}

/** Whether it is drawn as more than a bar. */
function hasSign({ flags, options, verdicts }: PlacedSegment): boolean {
  return (flags & 5) !== 0 || options.some(isRemarkable) || verdicts.some(({ verdict }) => verdict.is === 'bad');
}

function toScale(segments: readonly PlacedSegment[]): Scale {
  const long = segments.at(-1)?.at || 1;
  return { x: ({ at }) => round(LEFT + (at / long) * (WIDE - LEFT - RIGHT)), width: WIDE };
}

/** Times above a drawing, each with as many digits as tell it from its neighbours. */
export function axis(segments: readonly PlacedSegment[], { x, width }: Scale, y: number, bottom: number): Markup {
  const ticks: PlacedSegment[] = [];
  let last = -Infinity;
  for (const segment of segments) {
    const at = x(segment);
    if (at - last < 78 || at > width - 34) continue;
    last = at;
    ticks.push(segment);
  }
  const label = (segment: PlacedSegment, i: number) => {
    const before = segment.at - (ticks[i - 1]?.at ?? -Infinity);
    const after = (ticks[i + 1]?.at ?? Infinity) - segment.at;
    return formatSeconds(segment.at, Math.min(before, after));
  };
  return html`<g class="axis">${ticks.map((segment, i) => {
    const at = x(segment);
    return html`<path class="tick" d="M${at} ${y}V${bottom}"/><text class="time" x="${at}" y="${y - 4}">${label(segment, i)}</text>`;
  })}</g>`;
}

/** To a tenth of a pixel. */
export function round(value: number): number {
  return Math.round(value * 10) / 10;
}
