import { isIP } from 'node:net';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { toHex } from '../../src/bytes.ts';
import { formatAddress, parseAddress } from '../../src/ip/address.ts';

/** Text, its octets, and how RFC 5952 writes them. */
const FORMS: readonly [string, string, string][] = [
  ['10.1.0.2', '0a010002', '10.1.0.2'],
  ['0.0.0.0', '00000000', '0.0.0.0'],
  ['255.255.255.255', 'ffffffff', '255.255.255.255'],
  ['::', '00000000000000000000000000000000', '::'],
  ['::1', '00000000000000000000000000000001', '::1'],
  ['1::', '00010000000000000000000000000000', '1::'],
  ['0:0:0:0:0:0:0:0', '00000000000000000000000000000000', '::'],
  // RFC 4291 §2.2
  [
    'ABCD:EF01:2345:6789:ABCD:EF01:2345:6789',
    'abcdef0123456789abcdef0123456789',
    'abcd:ef01:2345:6789:abcd:ef01:2345:6789',
  ],
  ['2001:DB8:0:0:8:800:200C:417A', '20010db80000000000080800200c417a', '2001:db8::8:800:200c:417a'],
  ['FF01:0:0:0:0:0:0:101', 'ff010000000000000000000000000101', 'ff01::101'],
  ['0:0:0:0:0:0:13.1.68.3', '0000000000000000000000000d014403', '::d01:4403'],
  ['::13.1.68.3', '0000000000000000000000000d014403', '::d01:4403'],
  ['0:0:0:0:0:FFFF:129.144.52.38', '00000000000000000000ffff81903426', '::ffff:129.144.52.38'],
  ['::FFFF:129.144.52.38', '00000000000000000000ffff81903426', '::ffff:129.144.52.38'],
  ['1:2:3:4:5:6:7.8.9.10', '0001000200030004000500060708090a', '1:2:3:4:5:6:708:90a'],
  ['1::6:7.8.9.10', '0001000000000000000000060708090a', '1::6:708:90a'],
  // RFC 5952 §4.2: longest run, leftmost of equals, no run of one
  ['2001:db8::1:1:1:1:1', '20010db8000000010001000100010001', '2001:db8:0:1:1:1:1:1'],
  ['2001:0:0:1:0:0:0:1', '20010000000000010000000000000001', '2001:0:0:1::1'],
  ['2001:db8:0:0:1:0:0:1', '20010db8000000000001000000000001', '2001:db8::1:0:0:1'],
  ['1:2:3:4:5:6:7::', '00010002000300040005000600070000', '1:2:3:4:5:6:7:0'],
  ['::2:3:4:5:6:7:8', '00000002000300040005000600070008', '0:2:3:4:5:6:7:8'],
  ['0001:0020:0300:4000:0:0:0:0', '00010020030040000000000000000000', '1:20:300:4000::'],
];

test.each(FORMS)('%s is %s and is written %s', (text, hex, written) => {
  expect(toHex(parseAddress(text))).toBe(hex);
  expect(formatAddress(parseAddress(text))).toBe(written);
});

const REFUSED = [
  '',
  ' ',
  '.',
  ':',
  ':::',
  '1',
  '1.2.3',
  '1.2.3.4.5',
  '1.2.3.256',
  '1.2.3.1000',
  '01.2.3.4',
  '1.2.3.-4',
  '1.2.3.4 ',
  '0x1.2.3.4',
  '1:2:3:4:5:6:7',
  '1:2:3:4:5:6:7:8:9',
  '1:2:3:4:5:6:7:8::',
  '::1:2:3:4:5:6:7:8',
  '1::2::3',
  '12345::',
  'g::',
  ':1',
  '1:',
  '1.2.3.4::',
  '1:2:3:4:5:6:7:1.2.3.4',
  '::1.2.3',
  '1.2.3.4:5',
  'fe80::1%eth0',
  '::1/128',
  '1:::2',
];

test.each(REFUSED)('%j is refused by name', (text) => {
  expect(() => parseAddress(text)).toThrow(new RangeError(`not an IPv4 or IPv6 address: ${text}`));
});

test('an address is read at any offset of a buffer', () => {
  const bytes = Uint8Array.of(0xa5, 10, 1, 0, 2, 0xa5);
  expect(formatAddress(bytes, 1, 4)).toBe('10.1.0.2');
  expect(() => formatAddress(bytes)).toThrow(new RangeError('address must be 4 or 16 octets, got 6'));
});

test('every address survives its text', () => {
  const octets = fc.oneof(
    fc.uint8Array({ minLength: 4, maxLength: 4 }),
    fc.uint8Array({ minLength: 16, maxLength: 16 }),
    fc.array(fc.constantFrom(0, 0, 0, 1, 0xff), { minLength: 16, maxLength: 16 }).map((list) => Uint8Array.from(list)),
  );
  fc.assert(
    fc.property(octets, (bytes) => {
      const text = formatAddress(bytes);
      expect(isIP(text)).toBe(bytes.length === 4 ? 4 : 6);
      expect(parseAddress(text)).toEqual(bytes);
    }),
    { numRuns: 2000 },
  );
});

test('what node takes for an address without a zone, the parser takes, and nothing else', () => {
  const text = fc.string({ unit: fc.constantFrom('0', '1', 'f', ':', '::', '.', '1.2.3.4', '25'), maxLength: 12 });
  fc.assert(
    fc.property(fc.oneof(text, fc.ipV6(), fc.ipV4()), (candidate) => {
      let length = 0;
      try {
        length = parseAddress(candidate).length;
      } catch {}
      expect(length).toBe({ 0: 0, 4: 4, 6: 16 }[isIP(candidate)]);
    }),
    { numRuns: 5000 },
  );
});
