/**
 * Packets for other decoders: every form of every option, every length near a legal one, neighbours of all
 * sorts, broken lists.
 *
 * @module
 */
import fc from 'fast-check';
import { PcapWriter } from '../../src/capture/write.ts';
import { FORMS } from '../../src/mptcp/forms.ts';
import { encodeOption } from '../../src/mptcp/option.ts';
import { decodeOptionList, OPTION_SPACE, type OptionItem } from '../../src/tcp/options.ts';
import { anyOctets, listOctets, option, optionItems } from '../arbitraries.ts';
import { ACK, captured, FIN, PSH, RST, SYN } from '../packet.ts';
import type { Segment } from './compare.ts';

/** One packet, on a connection of its own. */
export interface Sample extends Segment {
  /** The TCP option list as sent, a multiple of 4 octets. */
  readonly list: Uint8Array;
}

const FLAGS: readonly number[] = [SYN, SYN | ACK, ACK, ACK | PSH, ACK | FIN, RST, RST | ACK];

/** The sample whose option list begins with `octets`; zeros complete it to a multiple of 4. */
export function sampleOf(frame: number, flags: number, octets: Uint8Array): Sample {
  const list = new Uint8Array(Math.ceil(octets.length / 4) * 4);
  list.set(octets);
  return { frame, flags, list, items: decodeOptionList(list), flow: { connection: `${frame}`, direction: `${frame}` } };
}

/** `count` samples, always the same for a seed: first every form and length, then whatever chance brings. */
export function samples(count: number, seed: number): Sample[] {
  const made: Sample[] = [];
  const add = (flags: number, octets: Uint8Array): void => {
    if (made.length < count) made.push(sampleOf(made.length + 1, flags, octets.subarray(0, OPTION_SPACE)));
  };
  const random = xorshift(seed);
  // Octets anew for each: no key comes twice.
  for (const flags of FLAGS) for (const octets of systematic(random)) add(flags, octets);
  const chance = fc.oneof(
    { weight: 4, arbitrary: option().map((value): OptionItem[] => [value]) },
    { weight: 3, arbitrary: optionItems() },
    { weight: 2, arbitrary: anyOctets().map((octets): OptionItem[] => [octets]) },
    { weight: 2, arbitrary: listOctets().map((octets): OptionItem[] => [octets]) },
    {
      weight: 1,
      arbitrary: fc.tuple(listOctets(), listOctets()).map(([a, b]): OptionItem[] => [a, Uint8Array.of(0), b]),
    },
  );
  for (const items of fc.sample(chance, { seed, numRuns: Math.max(0, count - made.length) })) {
    add(FLAGS[random() % FLAGS.length]!, join(items));
  }
  return made;
}

/** A capture of the samples, one frame each, every one on a connection of its own. */
export function captureOf(made: readonly Sample[]): Uint8Array {
  const writer = new PcapWriter();
  const records = made.map(({ frame, flags, list }) => {
    const [high, low] = [frame >>> 16, frame & 0xffff];
    const source =
      frame % 8 === 0 ? `fd00::${high.toString(16)}:${low.toString(16)}` : `10.${high}.${low >>> 8}.${low & 255}`;
    return writer.push(
      captured(frame, { source, sourcePort: 40_000, destinationPort: 50_000, flags, options: [list] }),
    );
  });
  return Buffer.concat([...records, writer.end()]);
}

/** Each form with chance octets at every length within 3 of its own; each subtype at every length. */
function* systematic(random: () => number): Generator<Uint8Array> {
  for (const form of FORMS) {
    for (let length = form.length - 3; length <= form.length + 3; length++) {
      if (length < 3 || length > OPTION_SPACE) continue;
      const bits = form.fields
        .map(({ bits: width, is }) => {
          const value = is === undefined ? random() : is[0] + (random() % (is[1] - is[0] + 1));
          return width > 32 ? '' : (value >>> 0).toString(2).padStart(32, '0').slice(-width);
        })
        .join('');
      const octets = Uint8Array.from({ length }, random);
      for (const [i, octet] of (bits.match(/.{8}/g) ?? []).slice(0, Math.min(length, 4)).entries()) {
        octets[i] = Number(`0b${octet}`);
      }
      octets[1] = length;
      yield octets;
    }
  }
  for (let subtype = 0; subtype < 16; subtype++) {
    for (let length = 0; length <= OPTION_SPACE; length++) {
      const octets = Uint8Array.from({ length: Math.max(length, 4) }, random);
      octets.set([30, length, (subtype << 4) | (octets[2]! & 15)]);
      yield octets;
    }
  }
}

/** The octets of `items`, one behind the other. */
function join(items: readonly OptionItem[]): Uint8Array {
  return Buffer.concat(items.map((item) => ('type' in item ? encodeOption(item) : item)));
}

/** 32-bit random numbers. */
function xorshift(seed: number): () => number {
  let state = seed >>> 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
}
