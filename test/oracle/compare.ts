/**
 * Our reading of option lists against what a tool ought to say of them, and what it does say.
 *
 * @module
 */
import { toHex } from '../../src/bytes.ts';
import { encodeOption } from '../../src/mptcp/option.ts';
import { KIND } from '../../src/mptcp/registry.ts';
import type { OptionItem } from '../../src/tcp/options.ts';
import { type Flow, Memory } from './memory.ts';
import { foretell, type Hits, type Rule, type Seen } from './rule.ts';
import { BAD, type TcpdumpRow, tcpdumpTruth } from './tcpdump.ts';
import { TCPDUMP_RULES } from './tcpdump-rules.ts';
import { ANY, byField, type Pairs, type TsharkRow, tsharkTruth } from './tshark.ts';
import { isUsual, TSHARK_RULES } from './tshark-rules.ts';

/** A segment's option list as both sides have it. */
export interface Segment {
  readonly frame: number;
  readonly flags: number;
  readonly items: readonly OptionItem[];
  readonly flow: Flow;
  /** What was captured of an option in which the capture stops. */
  readonly rest?: Uint8Array | undefined;
}

/** A difference that no rule foretells. */
export interface Unnamed {
  readonly frame: number;
  readonly flags: number;
  readonly options: string;
  readonly ours: unknown;
  readonly theirs: unknown;
}

/** Where tshark's row differs from what we, and the rules, say of the segment. */
export function compareTshark(segment: Segment, row: TsharkRow, memory: Memory, hits: Hits): Unnamed | undefined {
  const actual: Shown = { kinds: row.kinds, malformed: row.malformed, pairs: row.pairs };
  const seen = seenOptions(segment, memory);
  if (expectedRows(seen, [], new Map()).some((truth) => same(truth, actual))) return undefined;
  const possible = expectedRows(seen, TSHARK_RULES, hits);
  if (possible.some((expected) => same(expected, actual))) return undefined;
  return { ...about(segment), ours: possible.map(text), theirs: text(actual) };
}

type Shown = Pick<TsharkRow, 'kinds' | 'malformed' | 'pairs'>;

/** Where tcpdump's row differs from what we, and the rules, say of the segment. */
export function compareTcpdump(segment: Segment, row: TcpdumpRow | undefined, hits: Hits): Unnamed | undefined {
  const theirs = row?.options ?? [];
  const seen = seenOptions(segment, new Memory());
  const ours: string[] = [];
  for (const option of seen) {
    if (ours.at(-1)?.endsWith(BAD)) break;
    const i = ours.length;
    const truth = tcpdumpTruth(option);
    const found = theirs[i] ?? '';
    const agreed = option.option === undefined ? sameOther(option, truth, found) : truth === found;
    if (agreed) ours.push(found);
    else {
      const possible = foretell(TCPDUMP_RULES, option, truth, hits).map(({ reading }) => reading);
      ours.push(possible.includes(found) ? found : possible.join(' or '));
    }
    if (option.bytes[0] === 0) break;
    // Of an odd length, tcpdump goes on from where its own idea of the option ends.
    if (option.option === undefined && / ?\[len \d+\]$/.test(found)) return undefined;
  }
  const ended = ours.at(-1)?.endsWith(BAD) || seen.at(-1)?.bytes[0] === 0;
  if (!ended && (segment.rest !== undefined || segment.items.some(isBroken))) ours.push(BAD);
  if (
    ours.join() ===
    theirs.map((each, i) => (i === ours.length - 1 && ours[i] === BAD && each.endsWith(BAD) ? BAD : each)).join()
  )
    return undefined;
  return { ...about(segment), ours, theirs };
}

/** Whether tcpdump's text is one of an option that is not MPTCP's. */
function sameOther({ bytes }: Seen, name: string, found: string): boolean {
  return isUsual(bytes) ? found.split(' ')[0] === name : true;
}

/** The options of a list, up to where its lengths do not add up any more: what follows is no option to any tool. */
function seenOptions({ items, flags, flow, rest }: Segment, memory: Memory): Seen[] {
  const seen: Seen[] = [];
  for (const item of items) {
    if (isBroken(item)) break;
    const option = 'type' in item ? item : undefined;
    const bytes = 'type' in item ? encodeOption(item) : item;
    seen.push({ option, bytes, flags, past: memory.past(flow, option), cut: false });
  }
  if (rest !== undefined) {
    seen.push({ option: undefined, bytes: rest, flags, past: memory.past(flow, undefined), cut: true });
  }
  return seen;
}

/** What tshark with these rules can make of options; one row, but for the rules that depend on its memory. */
function expectedRows(options: readonly Seen[], rules: readonly Rule<Pairs>[], hits: Hits): Shown[] {
  let rows: (Shown & { ended: boolean })[] = [{ kinds: [], malformed: false, pairs: [], ended: false }];
  for (const seen of options) {
    const outcomes = foretell(rules, seen, tsharkTruth(seen), hits);
    rows = rows.flatMap((row) =>
      row.ended
        ? row
        : outcomes.map(({ reading, fault, kinds }) => ({
            kinds: [...row.kinds, ...(seen.cut ? [] : kindsOf(seen.bytes)), ...(kinds ?? [])],
            malformed: row.malformed || fault !== undefined,
            pairs: [...row.pairs, ...reading],
            ended: fault === 'here',
          })),
    );
  }
  return rows.map((row) => ({ ...row, pairs: byField(row.pairs) }));
}

function same(expected: Shown, actual: Shown): boolean {
  return (
    expected.malformed === actual.malformed &&
    expected.kinds.join() === actual.kinds.join() &&
    expected.pairs.length === actual.pairs.length &&
    expected.pairs.every(([field, value], i) => {
      const [theirs, found] = actual.pairs[i]!;
      return field === theirs && (value === found || value === ANY);
    })
  );
}

function text({ kinds, malformed, pairs }: Shown): string {
  const fields = pairs.map(([field, value]) => `${field}=${value}`);
  return [`kinds ${kinds.join(' ')}`, ...fields, ...(malformed ? ['malformed'] : [])].join(', ');
}

/** The end of a list whose lengths do not add up. */
function isBroken(item: OptionItem): boolean {
  if (!('type' in item) || item.type !== 'MALFORMED') return false;
  const { bytes } = item;
  return bytes[0] !== KIND || bytes.length < 2 || bytes[1]! < 2 || bytes[1]! > bytes.length;
}

/** The kind of an option; of End of Option List, one zero for each octet of padding behind it. */
function kindsOf(item: Uint8Array): number[] {
  if (item[0] !== 0) return [item[0]!];
  const padding = item.findIndex((octet) => octet !== 0);
  return new Array<number>(padding < 0 ? item.length : padding).fill(0);
}

function about({ frame, flags, items }: Segment): Pick<Unnamed, 'frame' | 'flags' | 'options'> {
  return { frame, flags, options: items.map((item) => toHex('type' in item ? encodeOption(item) : item)).join(' ') };
}
