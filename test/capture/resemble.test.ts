import { existsSync, readdirSync, readFileSync } from 'node:fs';
import process from 'node:process';
import { brotliCompressSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { CaptureReader, readCaptureSync } from '../../src/capture/capture.ts';
import { CaptureError } from '../../src/capture/packet.ts';
import { text } from './container.ts';

const octets = (...values: number[]): Uint8Array => Uint8Array.from(values);

test.each<[string, Uint8Array, string]>([
  ['nothing', octets(), 'empty'],
  ['an ELF program', octets(0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0), 'looks like an ELF program'],
  ['this program', new Uint8Array(readFileSync(process.execPath).subarray(0, 5000)), 'looks like an ELF program'],
  ['a zip archive', octets(0x50, 0x4b, 3, 4, 20, 0), 'looks like a zip archive: unpack it first'],
  ['zstd', octets(0x28, 0xb5, 0x2f, 0xfd, 4), 'looks like zstd-compressed data: decompress it first'],
  ['xz', octets(0xfd, 0x37, 0x7a, 0x58, 0x5a, 0, 0), 'looks like xz-compressed data: decompress it first'],
  ['bzip2', text('BZh91AY'), 'looks like bzip2-compressed data: decompress it first'],
  ['lz4', octets(4, 0x22, 0x4d, 0x18, 0x64), 'looks like lz4-compressed data: decompress it first'],
  ['snoop', text('snoop\0\0\0\0\0\0\u0002'), 'looks like a snoop capture: convert it with editcap'],
  ['PDF', text('%PDF-1.7\n'), 'looks like a PDF document'],
  ['PNG', octets(0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10), 'looks like a PNG image'],
  ['zeros', new Uint8Array(5000), 'looks like zeros'],
  ['a JSON array', text('[{"frame": 1}]'), 'looks like JSON'],
  ['a JSON object', text('\n {\n  "type": "DSS"\n}'), 'looks like JSON'],
  ['an empty JSON object', text('{}'), 'looks like JSON'],
  ['PDML', text('<?xml version="1.0"?>\n<pdml>'), 'looks like XML or HTML'],
  ['a page', text('<!DOCTYPE html><title>x</title>'), 'looks like XML or HTML'],
  ['xxd', text('00000000: d4c3 b2a1 0200 0400 0000 0000 0000 0000  ................\n'), 'looks like a hex dump'],
  [
    'tcpdump -xx',
    text('12:00:00.000000 IP 1.2.3.4 > 5.6.7.8\n\t0x0000:  4500 0054 0000 4000\n'),
    'looks like a hex dump',
  ],
  ['text2pcap', text('0000  02 00 00 00 00 02 02 00 00 00 00 01 08 00 45 00\n'), 'looks like a hex dump'],
  ['hex', text('1e0c0081deadbeefcafebabe\n'), 'looks like hex digits'],
  ['hex with spaces', text('0x1e 0c 00 81 de ad be ef\n'), 'looks like hex digits'],
  ['prose', text('tcpdump: listening on eth0, link-type EN10MB (Ethernet)\n'), 'looks like text'],
  ['text with a byte order mark', text('\ufeffhello there'), 'looks like text'],
  ['UTF-16 text', octets(0xff, 0xfe, 0x68, 0, 0x69, 0), 'looks like UTF-16 text'],
  ['text in UTF-8', text('größer als je zuvor'), 'looks like text'],
  ['one letter', text('a'), 'looks like text'],
  ['one octet', octets(0xd4), 'looks like text'],
  [
    'anything else',
    octets(1, 2, 3, 4, 5, 6, 7, 8, 9),
    'looks like no format known here, first octets 0102030405060708',
  ],
  [
    'a section of no byte order',
    octets(10, 13, 13, 10, 0, 0, 0, 28, 1, 2, 3, 4),
    'looks like no format known here, first octets 0a0d0d0a0000001c',
  ],
])('%s', (_, bytes, message) => {
  expect(() => [...readCaptureSync(bytes)]).toThrow(new CaptureError(`not a capture: ${message}`, 0));
});

test('a long stream that is no capture is refused before its end', () => {
  const reader = new CaptureReader();
  reader.push(new Uint8Array(100));
  expect(reader.next()).toBe(false);
  reader.push(new Uint8Array(1 << 20));
  expect(() => reader.next()).toThrow('not a capture: looks like zeros');
});

test('the error has its place', () => {
  try {
    new CaptureReader().end();
    [...readCaptureSync(text('hello'))];
  } catch (error) {
    expect(error).toMatchObject({ name: 'CaptureError', at: 0 });
    return;
  }
  throw new Error('no error');
});

const captures = '../shared/captures/01-basic';
test.skipIf(!existsSync(captures))('what lies beside captures (needs ../shared)', () => {
  for (const name of readdirSync(captures).filter((each) => !each.includes('pcap'))) {
    const like = name.endsWith('.json') ? 'JSON' : 'text';
    expect(() => [...readCaptureSync(readFileSync(`${captures}/${name}`))]).toThrow(
      `not a capture: looks like ${like}`,
    );
  }
});

test('brotli has no magic number', () => {
  expect(() => [...readCaptureSync(new Uint8Array(brotliCompressSync(text('hello'.repeat(100)))))]).toThrow(
    'not a capture: looks like',
  );
});
