import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { toHex } from '../../src/bytes.ts';
import { parseDump } from '../../src/text/dump.ts';
import { has } from '../tools.ts';

const packets = (text: string) => parseDump(text).packets.map(toHex);

describe('bare hex', () => {
  test.each([
    ['1e0351', ['1e0351']],
    ['0x1E0351', ['1e0351']],
    ['1e 03 51', ['1e0351']],
    ['1e:03:51', ['1e0351']],
    ['1e-03-51', ['1e0351']],
    ['0x1e, 0x03, 0x51', ['1e0351']],
    ['\\x1e\\x03\\x51', ['1e0351']],
    ['  1e03\r\n  51\r\n', ['1e0351']],
    ['# MP_PRIO\n1e0351 # backup\n', ['1e0351']],
    // Each line an option of its own, or each a piece of one packet.
    ['1e0351\n1e0350', ['1e0351', '1e0350']],
    ['1e0351\n\n1e0350\n', ['1e0351', '1e0350']],
    ['1e0351\n450000', ['1e0351450000']],
    ['4500\n0028\n\n4500\n0029', ['45000028', '45000029']],
    ['00000000', ['00000000']],
    ['0000 0000 0001', ['000000000001']],
  ])('%j', (text, expected) => {
    expect(parseDump(text).style).toBe('bare');
    expect(packets(text)).toEqual(expected);
  });
});

describe('dumps', () => {
  test.each([
    ['xxd', '00000000: 1e0c 1001 3132 3334 0000 00ff            ....1234....\n', ['1e0c100131323334000000ff']],
    ['xxd, letters like hex', '00000000: 6162 6364 6566                           abcdef\n', ['616263646566']],
    [
      'hexdump -C',
      '00000000  1e 0c 10 01 31 32 33 34  00 00 00 ff              |....1234....|\n0000000c\n',
      ['1e0c100131323334000000ff'],
    ],
    [
      'tcpdump -xx, two packets',
      '06:26:52.908372 IP 10.1.0.1.52184 > 10.1.0.2.443: Flags [S]\n\t0x0000:  4500 0028\n\t0x0004:  0001\n' +
        '06:26:53.908372 IP 10.1.0.1.52184 > 10.1.0.2.443: Flags [S]\n\t0x0000:  4500 0029\n',
      ['450000280001', '45000029'],
    ],
    ['text2pcap', '000000 45 00 00 28  00 01\n000006 ff   .\n', ['450000280001ff']],
    [
      'Wireshark',
      '0000  45 00 00 28 61 62 63 64   E..(abcd\n0008  ff                        .\n',
      ['4500002861626364ff'],
    ],
    ['od -Ax -tx1z', '000000 31 32 33  >123<\n000003\n', ['313233']],
    // What was text beside the octets is cut by the next line's offset.
    ['offsets win', '0000 31 32 33 ab cd\n0003 34\n', ['31323334']],
  ])('%s', (_name, text, expected) => {
    expect(parseDump(text).style).toBe('dump');
    expect(packets(text)).toEqual(expected);
  });

  test('a gap is an error', () => {
    expect(() => parseDump('0000: 0102\n0004: 0304')).toThrow(
      new RangeError('line 2 begins at octet 4, the lines before it end at 2'),
    );
  });
});

test.each([
  ['', 'no octets'],
  [' \n\n# nothing\n', 'no octets'],
  ['1e035', 'not hex octets: 1e035'],
  ['hello', 'not hex octets: hello'],
  [`${'z'.repeat(50)}`, `not hex octets: ${'z'.repeat(40)}...`],
  // hexdump without -C swaps octets on most machines.
  ['0000000 031e 0051\n0000003', 'not hex octets: 0000000'],
])('%j is no hex', (text, message) => {
  expect(() => parseDump(text)).toThrow(new RangeError(message));
});

const octets = fc.uint8Array({ minLength: 1, maxLength: 200 });

describe.each([
  ['xxd', []],
  ['xxd', ['-p']],
  ['xxd', ['-g', '1', '-c', '7']],
  ['hexdump', ['-C']],
  ['od', ['-Ax', '-tx1z']],
])('%s %j (needs it)', (tool, flags) => {
  test.skipIf(!has(tool))('shows octets that are read back', () => {
    fc.assert(
      fc.property(octets, (bytes) => {
        const text = execFileSync(tool, flags, { input: bytes, encoding: 'utf8' });
        // hexdump and od write `*` for lines that repeat: not here, where no two lines are equal.
        fc.pre(!text.includes('\n*\n'));
        const { packets } = parseDump(text);
        expect(packets.map(toHex).join('')).toBe(toHex(bytes));
      }),
      { numRuns: 100 },
    );
  });
});
