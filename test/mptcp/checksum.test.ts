import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fromHex } from '../../src/bytes.ts';
import { DssChecksum, dssChecksum, firstMapping, verifyDssChecksum } from '../../src/mptcp/checksum.ts';
import { addSums, onesComplementSum, swapOctets } from '../../src/tcp/checksum.ts';
import { capturesAtHand, described, verdictsOf } from './captured.ts';

// A mapping seen on the wire.
const WHOLE = { dataSequenceNumber: 0x6842b501b1712fb6n, subflowSequenceNumber: 1, dataLevelLength: 1 };
const PAYLOAD = fromHex('63');
// DATA_FIN without data, seen on the wire.
const FIN = { dataSequenceNumber: 0xbd826aa13d407c6fn, subflowSequenceNumber: 0, dataLevelLength: 1, dataFin: true };
// Data and DATA_FIN.
const LAST = { dataSequenceNumber: 0x123456789abcdef0n, subflowSequenceNumber: 1, dataLevelLength: 3, dataFin: true };
const HI = fromHex('6869');

/** The sum as its definition has it. */
function plainSum(bytes: Uint8Array): number {
  let sum = 0;
  for (const [i, octet] of bytes.entries()) sum += i % 2 === 0 ? octet * 256 : octet;
  while (sum > 0xffff) sum = (sum & 0xffff) + Math.floor(sum / 65536);
  return sum;
}

function refuse(call: () => unknown, type: 'RangeError' | 'TypeError', message: string): void {
  expect(call).toThrow(expect.objectContaining({ name: type, message }));
}

const bytes = (maxLength: number) => fc.uint8Array({ minLength: 0, maxLength });
const uint64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
const uint32 = fc.integer({ min: 0, max: 2 ** 32 - 1 });

describe('ones-complement sum', () => {
  test('of known octets', () => {
    expect(onesComplementSum(fromHex('0001f203f4f5f6f7'))).toBe(0xddf2);
    expect(onesComplementSum(fromHex('ff'))).toBe(0xff00);
    expect(onesComplementSum(new Uint8Array(0))).toBe(0);
    expect(onesComplementSum(fromHex('ffff'))).toBe(0xffff);
    expect(onesComplementSum(fromHex('00ff00ff'))).toBe(0x01fe);
  });

  test('is the plain one, at every length to 100 and every offset to 8', () => {
    const buffer = Uint8Array.from({ length: 120 }, (_, i) => (i * 73 + 200) & 255);
    for (let offset = 0; offset <= 8; offset++) {
      for (let length = 0; length <= 100; length++) {
        expect(onesComplementSum(buffer, offset, length)).toBe(plainSum(buffer.subarray(offset, offset + length)));
      }
    }
  });

  test('is the plain one for any octets, up to the largest words', () => {
    fc.assert(
      fc.property(bytes(3000), fc.nat(17), (octets, offset) => {
        const at = Math.min(offset, octets.length);
        expect(onesComplementSum(octets, at)).toBe(plainSum(octets.subarray(at)));
      }),
    );
    for (const length of [65535, 65536, 131072, 200003, 2 ** 22 - 1, 2 ** 22 + 2, 2 ** 23 + 7]) {
      const ones = new Uint8Array(length).fill(0xff);
      expect(onesComplementSum(ones)).toBe(length % 2 === 0 ? 0xffff : 0xff00);
      const steps = ones.map((_, i) => i);
      expect(onesComplementSum(steps)).toBe(plainSum(steps));
    }
  });

  test('adds up from pieces, an odd start turned', () => {
    fc.assert(
      fc.property(bytes(100), fc.nat(100), (octets, cut) => {
        const at = Math.min(cut, octets.length);
        const rest = onesComplementSum(octets, at);
        const both = addSums(onesComplementSum(octets, 0, at), at % 2 === 0 ? rest : swapOctets(rest));
        expect(both).toBe(onesComplementSum(octets));
      }),
    );
    expect(addSums(0xffff, 1)).toBe(1);
    expect(swapOctets(0x12fe)).toBe(0xfe12);
  });

  test('octets that are not there are refused', () => {
    const message = (length: number, offset: number) =>
      `length must keep ${length} octets at offset ${offset} inside a buffer of 4`;
    const four = new Uint8Array(4);
    refuse(() => onesComplementSum(four, 0, 5), 'RangeError', message(5, 0));
    refuse(() => onesComplementSum(four, 3, 2), 'RangeError', message(2, 3));
    refuse(() => onesComplementSum(four, -1, 2), 'RangeError', message(2, -1));
    refuse(() => onesComplementSum(four, 2, -1), 'RangeError', message(-1, 2));
    refuse(() => onesComplementSum(four, 5), 'RangeError', message(-1, 5));
  });
});

describe('DSS checksum', () => {
  test('of mappings seen on the wire', () => {
    expect(dssChecksum(WHOLE, PAYLOAD)).toBe(0x9e91);
    expect(verifyDssChecksum({ ...WHOLE, checksum: 0x9e91 }, PAYLOAD)).toBe(true);
    expect(verifyDssChecksum({ ...WHOLE, checksum: 0x919e }, PAYLOAD)).toBe(false);
    expect(dssChecksum(FIN)).toBe(0x1e2b);
    expect(dssChecksum(FIN, new Uint8Array(0))).toBe(0x1e2b);
  });

  test('counts the DATA_FIN, which has no octet', () => {
    expect(dssChecksum(LAST, HI)).toBe(0xb538);
    expect(dssChecksum({ ...LAST, dataFin: undefined }, HI)).toBe(0xb538);
    expect(verifyDssChecksum({ ...LAST, checksum: 0xb539 }, HI)).toBe(false);
  });

  test('covers what the first MP_CAPABLE with data maps', () => {
    const mapping = firstMapping(0xeb30c3b771d58ffdn, 3);
    expect(mapping).toEqual({
      dataSequenceNumber: 0xeb30c3b771d58ffen,
      subflowSequenceNumber: 1,
      dataLevelLength: 3,
      dataFin: false,
    });
    expect(dssChecksum(mapping, fromHex('6f6464'))).toBe(0x7bda);
    expect(firstMapping(2n ** 64n - 1n, 1).dataSequenceNumber).toBe(0n);
  });

  test('is the plain one for any mapping and any pieces, in one go and growing', () => {
    const cuts = fc.array(fc.nat(400), { maxLength: 5 });
    fc.assert(
      fc.property(uint64, uint32, bytes(400), cuts, fc.boolean(), (dsn, ssn, data, cuts, dataFin) => {
        const dataLevelLength = data.length + Number(dataFin);
        fc.pre(dataLevelLength > 0);
        const mapping = { dataSequenceNumber: dsn, subflowSequenceNumber: ssn, dataLevelLength, dataFin };
        const even = data.length + (data.length % 2);
        const whole = new Uint8Array(even + 16);
        whole.set(data);
        const view = new DataView(whole.buffer, even);
        view.setBigUint64(0, dsn);
        view.setUint32(8, ssn);
        view.setUint16(12, dataLevelLength);
        const checksum = plainSum(whole) ^ 0xffff;

        const ends = [...cuts.map((cut) => Math.min(cut, data.length)).sort((a, b) => a - b), data.length];
        const pieces = ends.map((end, i) => data.subarray(ends[i - 1] ?? 0, end));
        expect(dssChecksum(mapping, ...pieces)).toBe(checksum);
        expect(verifyDssChecksum({ ...mapping, checksum }, ...pieces)).toBe(true);
        expect(verifyDssChecksum({ ...mapping, checksum: checksum ^ 1 }, ...pieces)).toBe(false);

        const sum = new DssChecksum(mapping);
        for (const [i, end] of ends.entries()) {
          const start = ends[i - 1] ?? 0;
          expect(sum.missing).toBe(data.length - start);
          sum.add(data, start, end - start);
        }
        expect([sum.missing, sum.checksum(), sum.verify(checksum)]).toEqual([0, checksum, true]);
      }),
    );
  });

  test('0x0000 and 0xffff both fit where the sum is 0xffff; 0x0000 is sent', () => {
    const mapping = { dataSequenceNumber: 0n, subflowSequenceNumber: 0, dataLevelLength: 2 };
    const data = fromHex('fffd');
    expect(dssChecksum(mapping, data)).toBe(0);
    expect(verifyDssChecksum({ ...mapping, checksum: 0 }, data)).toBe(true);
    expect(verifyDssChecksum({ ...mapping, checksum: 0xffff }, data)).toBe(true);
    expect(verifyDssChecksum({ ...mapping, checksum: 1 }, data)).toBe(false);
  });

  test('a checksum with its octets exchanged can be told', () => {
    const sum = new DssChecksum(WHOLE).add(PAYLOAD);
    expect(sum.verify(0x919e)).toBe(false);
    expect(sum.verify(swapOctets(0x919e))).toBe(true);
  });

  test('an infinite mapping has 0, and any other fits too', () => {
    const infinite = { ...WHOLE, dataLevelLength: 0 };
    expect(dssChecksum(infinite)).toBe(0);
    expect(verifyDssChecksum({ ...infinite, checksum: 0 })).toBe(true);
    expect(verifyDssChecksum({ ...infinite, checksum: 0xbeef })).toBe(true);
    expect(dssChecksum({ ...infinite, dataFin: true })).toBe(0);
    refuse(
      () => dssChecksum(infinite, PAYLOAD),
      'RangeError',
      'payload must be the 0 octets that the mapping covers, got 1',
    );
  });

  test('data that is not the mapping is refused', () => {
    const needs = (octets: string, got: number) =>
      `payload must be the ${octets} octets that the mapping covers, got ${got}`;
    const three = { ...WHOLE, dataLevelLength: 3 };
    refuse(() => dssChecksum(three), 'RangeError', needs('2 or 3', 0));
    refuse(() => dssChecksum(three, PAYLOAD), 'RangeError', needs('2 or 3', 1));
    refuse(() => dssChecksum(three, HI, HI), 'RangeError', needs('2 or 3', 4));
    refuse(() => dssChecksum({ ...three, dataFin: false }, HI), 'RangeError', needs('3', 2));
    refuse(() => dssChecksum({ ...three, dataFin: true }, HI, PAYLOAD), 'RangeError', needs('2', 3));
    refuse(() => verifyDssChecksum({ ...three, checksum: 1 }), 'RangeError', needs('2 or 3', 0));
    const sum = new DssChecksum({ ...three, dataFin: true }).add(HI, 1);
    expect(sum.missing).toBe(1);
    refuse(() => sum.checksum(), 'RangeError', needs('2', 1));
    refuse(() => sum.verify(1), 'RangeError', needs('2', 1));
    refuse(() => sum.add(HI), 'RangeError', needs('2', 3));
    expect(sum.add(HI, 0, 1).missing).toBe(0);
  });

  test('what cannot go in is refused by name', () => {
    const with_ = (changes: object) => () => dssChecksum({ ...WHOLE, ...changes }, PAYLOAD);
    const wide = 'dataSequenceNumber must be a bigint from 0 to 2^64-1';
    refuse(with_({ dataSequenceNumber: 7 }), 'TypeError', `${wide}, got number`);
    refuse(with_({ dataSequenceNumber: -1n }), 'RangeError', `${wide}, got -1`);
    refuse(with_({ dataSequenceNumber: 2n ** 64n }), 'RangeError', `${wide}, got 18446744073709551616`);
    const ssn = 'subflowSequenceNumber must be an integer from 0 to 4294967295';
    refuse(with_({ subflowSequenceNumber: 2 ** 32 }), 'RangeError', `${ssn}, got 4294967296`);
    const length = 'dataLevelLength must be an integer from 0 to 65535';
    refuse(with_({ dataLevelLength: 65536 }), 'RangeError', `${length}, got 65536`);
    const checksum = 'checksum must be an integer from 0 to 65535';
    refuse(() => verifyDssChecksum(WHOLE, PAYLOAD), 'TypeError', `${checksum}, got undefined`);
    refuse(() => new DssChecksum(WHOLE).add(PAYLOAD).verify(-1), 'RangeError', `${checksum}, got -1`);
    refuse(() => dssChecksum(WHOLE, 'c' as never), 'TypeError', 'payload must be a Uint8Array, got string');
    refuse(
      () => new DssChecksum(WHOLE).add(PAYLOAD, 1, 1),
      'RangeError',
      'length must keep 1 octets at offset 1 inside a buffer of 1',
    );
  });
});

describe('captures, with their own keys', () => {
  const names = capturesAtHand();

  test.skipIf(names.length === 0)('every checksum whose data is there (needs ../shared/captures)', () => {
    let total = 0;
    for (const name of names) {
      const { checksum } = verdictsOf(name);
      const wanted = described(name).filter(({ check }) => check === 'DSS checksums');
      const sum = (of: 'good' | 'bad') => wanted.reduce((count, verdict) => count + (verdict[of] ?? 0), 0);
      const count = (is: boolean) => checksum.filter((good) => good === is).length;
      expect([name, count(true), count(false)]).toEqual([name, sum('good'), sum('bad')]);
      total += checksum.length;
    }
    expect(total).toBeGreaterThan(70);
  });
});
