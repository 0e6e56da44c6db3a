/**
 * The laws that hold for every option. The numbers are those of docs/architecture.md.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { detect, type Layer } from '../src/explain/detect.ts';
import { explain } from '../src/explain/explain.ts';
import { type Form, formOf, type Span, spans } from '../src/layout.ts';
import type { Malformed } from '../src/malformed.ts';
import * as build from '../src/mptcp/build.ts';
import { FORMS } from '../src/mptcp/forms.ts';
import { decodeOption, encodeOption, encodeOptionInto, type MptcpOption, sizeOfOption } from '../src/mptcp/option.ts';
import { type Segment, violations } from '../src/mptcp/violations.ts';
import { decodeOptionList, encodeOptionList, mptcpOptions, sizeOfOptionList } from '../src/tcp/options.ts';
import { OptionWalk } from '../src/tcp/walk.ts';
import {
  anyOctets,
  hostileOctets,
  listOctets,
  nearOctets,
  option,
  optionItems,
  segment,
  validOctets,
} from './arbitraries.ts';

const RUNS = { numRuns: 2000 };

/** What a forgotten octet shows. */
const FILL = 0xa5;

describe('the generators reach every form of every option', () => {
  test.each([
    ['octets made from the tables', validOctets(), (bytes: Uint8Array) => bytes],
    ['values', option(), (value: MptcpOption) => encodeOption(value)],
  ] as const)('%s', (_, arbitrary, toOctets) => {
    const seen = new Set<Form | undefined>();
    for (const value of fc.sample(arbitrary as fc.Arbitrary<never>, { numRuns: 5000, seed: 1 })) {
      const bytes = toOctets(value);
      seen.add(formOf(FORMS, bytes, 0, bytes.length));
    }
    expect(FORMS.filter((form) => !seen.has(form)).map(({ of, name }) => `${of} ${name}`)).toEqual([]);
    expect(seen.size).toBe(FORMS.length);
  });

  test('octets that are almost an option: some decode, some do not', () => {
    const types = fc.sample(nearOctets(), { numRuns: 1000, seed: 1 }).map((bytes) => decodeOption(bytes).type);
    const malformed = types.filter((type) => type === 'MALFORMED').length;
    expect(malformed).toBeGreaterThan(250);
    expect(malformed).toBeLessThan(750);
  });
});

test('1: decode is total and what stands outside its bounds changes nothing', () => {
  fc.assert(
    fc.property(anyOctets(), fc.nat(16), fc.nat(255), (bytes, offset, fill) => {
      const buffer = new Uint8Array(bytes.length + 2 * offset).fill(fill);
      buffer.set(bytes, offset);
      const value = structuredClone(decodeOption(buffer, offset, bytes.length));
      buffer.fill(255 - fill, 0, offset).fill(255 - fill, offset + bytes.length);
      expect(decodeOption(buffer, offset, bytes.length)).toEqual(value);
    }),
    RUNS,
  );
});

test('1: decode is total for any bounds, inside the buffer or not', () => {
  const bound = fc.oneof(fc.nat(80), fc.constantFrom(2 ** 31, 2 ** 32, 2 ** 53 - 1));
  fc.assert(
    fc.property(hostileOctets(), bound, bound, (bytes, offset, length) => {
      const { type } = decodeOption(bytes, offset, length);
      if (offset >= bytes.length || length === 0) expect(type).toBe('MALFORMED');
    }),
    RUNS,
  );
});

test('2: encode gives back the octets that were decoded', () => {
  fc.assert(
    fc.property(anyOctets(), (bytes) => {
      const value = decodeOption(bytes);
      const encoded = encodeOption(value);
      expect(encoded).toEqual(bytes.slice(0, encoded.length));
      if (value.type !== 'MALFORMED') expect(encoded.length).toBe(bytes[1]);
    }),
    RUNS,
  );
});

test('3: decode gives back the value that was encoded', () => {
  fc.assert(
    fc.property(option(), (value) => {
      // Absent and 0 are equal for reserved bits.
      expect(decodeOption(encodeOption(value))).toEqual({ reserved: reservedByDefault(value), ...value });
    }),
    RUNS,
  );
});

test('4: an option has the size it says, and encoding writes all of it and nothing else', () => {
  fc.assert(
    fc.property(option(), fc.nat(8), (value, offset) => {
      const size = sizeOfOption(value);
      const buffer = new Uint8Array(offset + size + 8).fill(FILL);
      expect(encodeOptionInto(value, buffer, offset)).toBe(offset + size);
      expect(buffer.slice(offset, offset + size)).toEqual(encodeOption(value));
      expect(buffer.subarray(0, offset).every((octet) => octet === FILL)).toBe(true);
      expect(buffer.subarray(offset + size).every((octet) => octet === FILL)).toBe(true);
    }),
    RUNS,
  );
});

describe('5: tables and code say the same', () => {
  test('an option that decodes has exactly one form; one that does not has none', () => {
    fc.assert(
      fc.property(fc.oneof(validOctets(), nearOctets()), (bytes) => {
        const value = decodeOption(bytes);
        const length = encodeOption(value).length;
        const matching = FORMS.filter((form) => length >= 3 && formOf([form], bytes, 0, length) !== undefined);
        const isWhole = value.type !== 'MALFORMED' || (value.reason !== 'truncated' && length <= 40);
        if (isWhole) expect(matching.length).toBe(value.type === 'MALFORMED' ? 0 : 1);
      }),
      RUNS,
    );
  });

  test("a form's fields cover the option bit by bit and hold the decoded values", () => {
    fc.assert(
      fc.property(validOctets(), (bytes) => {
        const value = decodeOption(bytes) as MptcpOption;
        const shape = formOf(FORMS, bytes, 0, bytes.length)!;
        const found = spans(shape, bytes, 0, bytes.length);
        let bit = 0;
        for (const span of found) {
          expect(span.bit).toBe(bit);
          bit += span.bits;
        }
        expect(bit).toBe(8 * bytes.length);
        expect(valuesOfSpans(found)).toEqual(valuesOfOption(value));
      }),
      RUNS,
    );
  });

  const layers: (Layer | undefined)[] = [undefined, 'option', 'options', 'tcp', 'ip', 'frame'];
  test.each(layers)('explain covers any octets bit by bit (as %s)', (as) => {
    fc.assert(
      fc.property(fc.oneof(anyOctets(), listOctets(), segment(), packet()), (bytes) => {
        expect(layers).toContain(detect(bytes));
        let bit = 0;
        for (const field of explain(bytes, as)) {
          expect(8 * field.offset + field.bit).toBe(bit);
          expect(field.bits).toBeGreaterThan(0);
          expect(field.text).not.toMatch(/undefined|NaN/);
          bit += field.bits;
        }
        expect(bit).toBe(8 * bytes.length);
      }),
      { numRuns: 1000 },
    );
  });
});

test('6: an option decodes alike at any offset of any buffer', () => {
  fc.assert(
    fc.property(anyOctets(), fc.nat(64), fc.nat(64), (bytes, before, behind) => {
      const buffer = new Uint8Array(before + bytes.length + behind).fill(FILL);
      buffer.set(bytes, before);
      expect(decodeOption(buffer, before, bytes.length)).toEqual(decodeOption(bytes));
    }),
    RUNS,
  );
});

describe('7: option lists', () => {
  test("the cursor's offsets increase and stay inside, and its options are the list's octets", () => {
    const cursor = new OptionWalk();
    fc.assert(
      fc.property(listOctets(), fc.nat(8), fc.nat(8), (bytes, before, behind) => {
        const buffer = new Uint8Array(before + bytes.length + behind).fill(30);
        buffer.set(bytes, before);
        const end = before + bytes.length;
        cursor.reset(buffer, before, end);
        let at = before;
        while (cursor.next()) {
          expect(cursor.offset).toBe(at);
          expect(cursor.length).toBeGreaterThan(0);
          expect(cursor.kind).toBe(buffer[at]);
          at = cursor.offset + cursor.length;
          expect(at).toBeLessThanOrEqual(end);
        }
        expect(cursor.next()).toBe(false);
        if (at < end) expect(cursor.fault !== undefined || buffer[at] === 0).toBe(true);
      }),
      RUNS,
    );
  });

  test('decoding and encoding a list gives back its octets, completed to a multiple of 4', () => {
    fc.assert(
      fc.property(listOctets(), (bytes) => {
        const completed = new Uint8Array(Math.ceil(bytes.length / 4) * 4);
        completed.set(bytes);
        expect(encodeOptionList(decodeOptionList(bytes))).toEqual(completed);
      }),
      RUNS,
    );
  });

  test('encoding and decoding a list gives back its items', () => {
    fc.assert(
      fc.property(optionItems(), (items) => {
        const bytes = encodeOptionList(items);
        const decoded = decodeOptionList(bytes, 0, sizeOfOptionList(items));
        expect(decoded.map((item) => ('type' in item ? encodeOption(item) : new Uint8Array(item)))).toEqual(
          items.map((item) => ('type' in item ? encodeOption(item) : item)),
        );
      }),
      RUNS,
    );
  });

  test('the MPTCP options of a segment are those put in, in their order', () => {
    fc.assert(
      fc.property(segment(), (bytes) => {
        const list = bytes.subarray(20, (bytes[12]! >>> 4) * 4);
        const expected = decodeOptionList(list).filter((item) => 'type' in item);
        expect(mptcpOptions(bytes)).toEqual(expected);
      }),
      RUNS,
    );
  });
});

test('8: Malformed.at lies in the octets, which are those given', () => {
  fc.assert(
    fc.property(fc.oneof(nearOctets(), hostileOctets()), (bytes) => {
      const value = decodeOption(bytes);
      if (value.type !== 'MALFORMED') return;
      expect(value.at).toBeGreaterThanOrEqual(0);
      expect(value.at).toBeLessThanOrEqual(value.bytes.length);
      expect(value.bytes).toEqual(bytes.subarray(0, value.bytes.length));
    }),
    RUNS,
  );
});

test('9: an option that is cut is malformed where it ends, whatever stands behind it', () => {
  fc.assert(
    fc.property(validOctets(), fc.nat(39), (bytes, place) => {
      const length = place % bytes.length;
      const cut = decodeOption(bytes.slice(0, length)) as Malformed;
      expect(cut).toMatchObject({ type: 'MALFORMED', reason: 'truncated', at: length });
      expect(cut.bytes).toEqual(bytes.subarray(0, length));
      expect(decodeOption(bytes, 0, length)).toEqual(cut);
    }),
    RUNS,
  );
});

test('10: what the builders make breaks no clause', () => {
  fc.assert(
    fc.property(built(), ([value, inSegment]) => {
      expect(violations(value, inSegment)).toEqual([]);
      expect(violations(decodeOption(encodeOption(value)), inSegment)).toEqual([]);
    }),
    RUNS,
  );
});

/** Reserved bits of an option whose value does not name them. MP_CAPABLE has none. */
function reservedByDefault({ type }: MptcpOption): 0 | undefined {
  return type === 'MP_CAPABLE' ? undefined : 0;
}

/** The fields of a form as the option's properties: bits of one name put together, flags that choose the form left out. */
function valuesOfSpans(found: readonly Span[]): Record<string, unknown> {
  const values: Record<string, unknown> = {};
  const end = found.some(({ field, bit, bits }) => field.name === 'reserved' && bit + bits > 24) ? 32 : 24;
  for (const { field, bit, bits, value } of found) {
    const { name } = field;
    if (['kind', 'length', 'm', 'M', 'a', 'A', 'ipVer'].includes(name)) continue;
    if (name === 'reserved') {
      values['reserved'] = Number(values['reserved'] ?? 0) + Number(value) * 2 ** (end - bit - bits);
    } else if (field.each !== undefined) {
      values[name] = [...((values[name] as number[] | undefined) ?? []), value];
    } else if (typeof values[name] === 'number') {
      values[name] = values[name] * 2 ** bits + Number(value);
    } else {
      values[name] = value;
    }
  }
  return values;
}

const SUBTYPES = {
  MP_CAPABLE: 0,
  MP_JOIN: 1,
  DSS: 2,
  ADD_ADDR: 3,
  REMOVE_ADDR: 4,
  MP_PRIO: 5,
  MP_FAIL: 6,
  MP_FASTCLOSE: 7,
  MP_TCPRST: 8,
  MP_EXPERIMENTAL: 15,
} as const;

/** The option's properties as its table names them. */
function valuesOfOption(option: MptcpOption): Record<string, unknown> {
  const values: Record<string, unknown> = { ...option };
  delete values['type'];
  delete values['form'];
  if (option.type === 'DSS') {
    delete values['mapping'];
    Object.assign(values, option.mapping);
  }
  if (option.type === 'ADD_ADDR') {
    delete values['version'];
    if (option.version === 0) {
      delete values['echo'];
      delete values['reserved'];
    }
  }
  if (option.type !== 'UNKNOWN') values['subtype'] = SUBTYPES[option.type];
  for (const [name, value] of Object.entries(values)) if (typeof value === 'boolean') values[name] = value ? 1 : 0;
  return values;
}

/** Octets that look like an IP packet or a frame of one, down to a TCP segment or not. */
function packet(): fc.Arbitrary<Uint8Array> {
  const links = [[], [0xaa, 0xbb, 0, 0, 0, 1, 2, 2, 2, 2, 2, 2], [0, 4, 0, 1, 0, 6, 2, 2, 2, 2, 2, 2, 0, 0]];
  const types = [
    [8, 0],
    [0x86, 0xdd],
    [0x81, 0, 0, 42, 8, 0],
    [0x88, 0xa8, 0, 1, 0x81, 0, 0, 42, 0x86, 0xdd],
    [8, 6],
  ];
  const protocol = fc.constantFrom(0, 4, 6, 6, 6, 17, 41, 43, 44, 51, 60, 135);
  const body = fc.oneof(segment(), fc.uint8Array({ maxLength: 80 }));
  const ipv4 = fc
    .tuple(fc.nat(255), fc.nat(65535), protocol, fc.nat(3), body)
    .map(([first, total, next, fragment, rest]) => {
      const header = [0x40 | (first & 0x0f), 0, total >>> 8, total & 0xff, 1, 2, 0, fragment >>> 1, 64, next, 0, 0];
      return [...header, 10, 0, 0, 1, 10, 0, 0, 2, ...rest];
    });
  const ipv6 = fc.tuple(fc.nat(200), protocol, body).map(([length, next, rest]) => {
    return [0x60, 0, 0, 0, 0, length, next, 64, ...new Array<number>(32).fill(0xfd), ...rest];
  });
  return fc
    .tuple(fc.constantFrom(...links), fc.constantFrom(...types), fc.oneof(ipv4, ipv6))
    .map(([link, type, rest]) => {
      return Uint8Array.from(link.length === 0 ? rest : [...link, ...type, ...rest]);
    });
}

/** What each builder makes of legal arguments, and a segment for it. */
function built(): fc.Arbitrary<[MptcpOption, Segment]> {
  const key = fc.uint8Array({ minLength: 8, maxLength: 8 });
  const u8 = fc.nat(255);
  const u32 = fc.nat(0xffffffff);
  const u64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
  const payload = fc.uint8Array({ minLength: 1, maxLength: 64 });
  const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
  const version = fc.constantFrom<(0 | 1)[]>(0, 1);
  const flags = fc.record({ version, checksumRequired: fc.boolean() });
  const width = fc.constantFrom<(4 | 8)[]>(4, 8);
  const syn: Segment = { syn: true, ack: false, rst: false, payloadLength: 0 };
  const synAck: Segment = { syn: true, ack: true, rst: false, payloadLength: 0 };
  const ack: Segment = { syn: false, ack: true, rst: false, payloadLength: 0 };
  const rst: Segment = { syn: false, ack: true, rst: true, payloadLength: 0 };
  const keys = fc.record({ senderKey: key, receiverKey: key });
  const nonces = fc.record({ senderNonce: u32, receiverNonce: u32 });
  // Others than hosts' addresses are legal too, but worth a note.
  const address = fc.oneof(
    fc.uint8Array({ minLength: 3, maxLength: 3 }).map((rest) => Uint8Array.of(10, ...rest)),
    fc.uint8Array({ minLength: 12, maxLength: 12 }).map((rest) => Uint8Array.of(0x20, 0x01, 0x0d, 0xb8, ...rest)),
  );
  const place = fc.record({
    addressId: fc.integer({ min: 1, max: 255 }),
    address,
    port: maybe(fc.integer({ min: 1, max: 65535 })),
  });

  const made: fc.Arbitrary<[MptcpOption, Segment]>[] = [
    fc.tuple(flags, key).map(([input, senderKey]) => {
      const option = build.mpCapableSyn(input.version === 1 ? input : { ...input, senderKey });
      return [option, { ...syn, version: input.version }];
    }),
    fc.tuple(flags, key).map(([input, senderKey]) => {
      return [build.mpCapableSynAck({ ...input, senderKey }), { ...synAck, version: input.version }];
    }),
    fc.tuple(flags, keys, maybe(payload)).map(([input, pair, data]) => {
      const sent = input.version === 1 ? data : undefined;
      const option = build.mpCapableAck({ ...input, ...pair, payload: sent });
      const checksumNegotiated = input.checksumRequired;
      return [option, { ...ack, version: input.version, checksumNegotiated, payloadLength: sent?.length ?? 0 }];
    }),
    fc.tuple(key, u32, u8, fc.boolean(), version).map(([receiverKey, senderNonce, addressId, backup, version]) => {
      return [build.joinSyn({ receiverKey, senderNonce, addressId, backup, version }), { ...syn, version }];
    }),
    fc.tuple(keys, nonces, u8, fc.boolean(), version).map(([pair, random, addressId, backup, version]) => {
      return [build.joinSynAck({ ...pair, ...random, addressId, backup, version }), { ...synAck, version }];
    }),
    fc.tuple(keys, nonces, version).map(([pair, random, version]) => {
      return [build.joinAck({ ...pair, ...random, version }), { ...ack, version }];
    }),
    fc
      .tuple(u64, u64, u32, payload, width, fc.boolean(), fc.boolean(), fc.boolean())
      .map(([dataAck, dataSequenceNumber, subflowSequenceNumber, data, width, checksumRequired, dataFin, withAck]) => {
        const mapping = { dataSequenceNumber, subflowSequenceNumber, payload: data, width, checksumRequired };
        const option = build.dss({ dataAck: withAck ? dataAck : undefined, width, mapping, dataFin });
        return [option, { ...ack, checksumNegotiated: checksumRequired, payloadLength: data.length }];
      }),
    fc.tuple(u64, width).map(([dataAck, width]) => [build.dss({ dataAck, width }), ack]),
    fc.tuple(u64, u64, width, fc.boolean()).map(([dataAck, dataSequenceNumber, width, checksumRequired]) => {
      const mapping = { dataSequenceNumber, width, checksumRequired };
      const option = build.dss({ dataAck, width, mapping, dataFin: true });
      return [option, { ...ack, checksumNegotiated: checksumRequired }];
    }),
    fc
      .tuple(u64, u64, u32, width, fc.boolean())
      .map(([dataAck, dataSequenceNumber, subflowSequenceNumber, width, sum]) => {
        const mapping = { dataSequenceNumber, subflowSequenceNumber, width, checksumRequired: sum };
        return [build.infiniteMapping({ dataAck, width, mapping }), { ...ack, checksumNegotiated: sum }];
      }),
    fc.tuple(place, keys).map(([input, pair]) => [build.addAddr({ ...input, ...pair }), { ...ack, version: 1 }]),
    fc.tuple(place, keys).map(([input, pair]) => {
      return [build.addAddrEcho(build.addAddr({ ...input, ...pair })), { ...ack, version: 1 }];
    }),
    place.map((input) => [build.addAddr({ ...input, version: 0 }), { ...ack, version: 0 }]),
    fc.uniqueArray(u8, { minLength: 1, maxLength: 8 }).map((ids) => [build.removeAddr(ids), ack]),
    fc.tuple(fc.boolean(), version, u8).map(([backup, version, id]) => {
      return [build.mpPrio({ backup, version, addressId: version === 0 ? id : undefined }), { ...ack, version }];
    }),
    u64.map((dataSequenceNumber) => [build.mpFail(dataSequenceNumber), ack]),
    key.map((receiverKey) => [build.mpFastclose(receiverKey), rst]),
    fc.tuple(fc.nat(6), fc.boolean()).map(([reason, transient]) => [build.mpTcprst({ reason, transient }), rst]),
  ];
  return fc.oneof(...made);
}
