/**
 * Our reading of option lists against what a tool ought to say of them, and what it does say.
 *
 * @module
 */
import { toHex } from '../../src/bytes.ts';
import type { Malformed } from '../../src/malformed.ts';
import { encodeOption } from '../../src/mptcp/option.ts';
import { KIND } from '../../src/mptcp/registry.ts';
import type { OptionItem } from '../../src/tcp/options.ts';
import { ERROR, type GopacketRow, gopacketTruth, PANIC } from './gopacket.ts';
import { GOPACKET_RULES, GOPACKET_WRITES, LOST } from './gopacket-rules.ts';
import { type Flow, Memory } from './memory.ts';
import { foretell, type Hits, type Rule, type Seen } from './rule.ts';
import { type ScapyRow, scapyTruth } from './scapy.ts';
import { SCAPY_RULES } from './scapy-rules.ts';
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

/** Where gopacket's row differs from what we, and the rules, say of the segment. */
export function compareGopacket(segment: Segment, row: GopacketRow, hits: Hits): Unnamed | undefined {
  const theirs = [...row.options, ...(row.ended === undefined ? [] : [row.ended])];
  const ours: string[] = [];
  for (const seen of [...seenOptions(segment, new Memory()), ...brokenOptions(segment)]) {
    const found = theirs[ours.length] ?? '';
    const truth = gopacketTruth(seen);
    const possible =
      truth === found ? [truth] : foretell(GOPACKET_RULES, seen, truth, hits).map(({ reading }) => reading);
    if (possible.includes(LOST)) return undefined;
    ours.push(possible.includes(found) ? found : possible.join(' or '));
    // Behind End of Option List is padding.
    if (found === ERROR || found === PANIC || seen.bytes[0] === 0) break;
  }
  if (ours.join('\n') !== theirs.join('\n')) return { ...about(segment), ours, theirs: [...theirs, row.message] };
  if (row.ended !== undefined) return undefined;
  if (segment.items.some((item) => 'type' in item)) {
    hits.set(GOPACKET_WRITES.id, (hits.get(GOPACKET_WRITES.id) ?? 0) + 1);
  }
  const written = writtenBack(segment, (item) => ('type' in item ? '1e02' : toHex(item)));
  // The octets behind End of Option List are kept only where none are needed to fill up.
  const end = segment.items.at(-1);
  const whole = writtenBack(segment, (item) => ('type' in item ? '1e02' : toHex(item)), 2).length % 8 === 0;
  const padding = whole && end !== undefined && octetsOf(end)[0] === 0 ? toHex(octetsOf(end).subarray(1)) : '';
  return written + padding === (row.written ?? '')
    ? undefined
    : { ...about(segment), ours: written, theirs: row.written };
}

/** A list as a tool writes it: each option in its way, zeros at the end, nothing behind End of Option List. */
function writtenBack({ items }: Segment, write: (item: OptionItem) => string, unit = 8): string {
  const list = items.map((item) => (octetsOf(item)[0] === 0 ? '00' : write(item))).join('');
  return list.padEnd(Math.ceil(list.length / unit) * unit, '0');
}

/** The end of a list whose lengths do not add up, for a tool that makes something of it. */
function brokenOptions({ items, flags, flow }: Segment): Seen[] {
  return items.filter(isBroken).map((item) => {
    const option = item as Malformed;
    const past = new Memory().past(flow, option);
    return { option, bytes: option.bytes, after: NOTHING, flags, past, cut: false, broken: true };
  });
}

/** Where scapy's row, or what it writes, differs from what we, and the rules, say of the segment. */
export function compareScapy(segment: Segment, row: ScapyRow, hits: Hits): Unnamed | undefined {
  const options = [...seenOptions(segment, new Memory()), ...brokenOptions(segment)];
  const ours: string[] = [];
  for (const seen of options) {
    const truth = scapyTruth(seen);
    const found = row.options[ours.length] ?? '';
    const expected = !seen.broken && truth === found ? truth : foretell(SCAPY_RULES, seen, truth, hits)[0]!.reading;
    if (expected === LOST) return undefined;
    ours.push(expected);
  }
  if (ours.join('\n') !== row.options.join('\n')) return { ...about(segment), ours, theirs: row.options };
  if (options.some(({ option, bytes, broken }) => broken || (option === undefined && !isUsual(bytes))))
    return undefined;
  const written = writtenBack(segment, (item) => toHex(octetsOf(item)));
  return written === row.written ? undefined : { ...about(segment), ours: written, theirs: row.written };
}

/** Whether tcpdump's text is one of an option that is not MPTCP's. */
function sameOther({ bytes }: Seen, name: string, found: string): boolean {
  return isUsual(bytes) ? found.split(' ')[0] === name : true;
}

/** The options of a list, up to where its lengths do not add up any more: what follows is no option to any tool. */
function seenOptions({ items, flags, flow, rest }: Segment, memory: Memory): Seen[] {
  const seen: Seen[] = [];
  for (const [i, item] of items.entries()) {
    if (isBroken(item)) break;
    const option = 'type' in item ? item : undefined;
    const bytes = octetsOf(item);
    const after = Buffer.concat(items.slice(i + 1).map(octetsOf));
    seen.push({ option, bytes, after, flags, past: memory.past(flow, option), cut: false, broken: false });
  }
  if (rest !== undefined) {
    seen.push({
      option: undefined,
      bytes: rest,
      after: NOTHING,
      flags,
      past: memory.past(flow, undefined),
      cut: true,
      broken: false,
    });
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
  return { frame, flags, options: items.map((item) => toHex(octetsOf(item))).join(' ') };
}

const NOTHING = new Uint8Array(0);

function octetsOf(item: OptionItem): Uint8Array {
  return 'type' in item ? encodeOption(item) : item;
}
