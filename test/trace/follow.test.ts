import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { toHex } from '../../src/bytes.ts';
import { readCaptureSync } from '../../src/capture/capture.ts';
import { StreamOrder, type StreamPiece } from '../../src/trace/follow.ts';
import { Tracer } from '../../src/trace/tracer.ts';

function bytes(...octets: number[]): Uint8Array {
  return Uint8Array.from(octets);
}

/** Pieces as `offset:hex`, gaps as `offset:-length`. */
function shown(pieces: readonly StreamPiece[]): string[] {
  return pieces.map(({ offset, length, bytes }) => `${offset}:${bytes === undefined ? -length : toHex(bytes)}`);
}

describe('what comes out', () => {
  test('data in order, at once', () => {
    const order = new StreamOrder();
    expect(shown(order.push(0, bytes(1, 2)))).toEqual(['0:0102']);
    expect(shown(order.push(2, bytes(3)))).toEqual(['2:03']);
    expect(order.offset).toBe(3);
    expect(order.end(3)).toEqual([]);
  });

  test('early data behind what it waited for', () => {
    const order = new StreamOrder();
    expect(order.push(4, bytes(5))).toEqual([]);
    expect(order.push(2, bytes(3, 4))).toEqual([]);
    expect(shown(order.push(0, bytes(1, 2)))).toEqual(['0:0102', '2:0304', '4:05']);
  });

  test('data that comes again: only what is new of it', () => {
    const order = new StreamOrder();
    order.push(0, bytes(1, 2, 3));
    expect(order.push(1, bytes(9))).toEqual([]);
    expect(shown(order.push(2, bytes(9, 4)))).toEqual(['3:04']);
  });

  test('gaps at the end, the last one too where the length is known', () => {
    const order = new StreamOrder();
    order.push(3, bytes(4));
    order.push(6, bytes(7));
    expect(shown(order.end(9))).toEqual(['0:-3', '3:04', '4:-2', '6:07', '7:-2']);
    expect(order.end(9)).toEqual([]);
  });

  test('early data is kept as a copy', () => {
    const order = new StreamOrder();
    const data = bytes(2);
    order.push(1, data);
    data[0] = 9;
    expect(shown(order.push(0, bytes(1)))).toEqual(['0:01', '1:02']);
  });

  test('a gap is given up where too much waits behind it', () => {
    const order = new StreamOrder(1000);
    expect(order.push(10, new Uint8Array(500))).toEqual([]);
    const pieces = order.push(600, new Uint8Array(500));
    expect(pieces.map(({ offset, length }) => [offset, length])).toEqual([
      [0, 10],
      [10, 500],
    ]);
    expect(pieces[0]?.bytes).toBeUndefined();
    expect(order.offset).toBe(510);
  });
});

test('any cuts of a stream, in any order, some of them twice: the stream', () => {
  const cut = fc.record({ from: fc.nat({ max: 60 }), length: fc.integer({ min: 1, max: 20 }) });
  fc.assert(
    fc.property(fc.array(cut, { minLength: 1, maxLength: 40 }), (cuts) => {
      const whole = Uint8Array.from({ length: 80 }, (_, i) => i + 1);
      const order = new StreamOrder();
      const pieces: StreamPiece[] = [];
      for (const { from, length } of cuts) pieces.push(...order.push(from, whole.subarray(from, from + length)));
      pieces.push(...order.end(80));
      let at = 0;
      const covered = whole.map((_, i) => Number(cuts.some(({ from, length }) => from <= i && i < from + length)));
      for (const { offset, length, bytes } of pieces) {
        expect(offset).toBe(at);
        if (bytes !== undefined) expect(toHex(bytes)).toBe(toHex(whole.subarray(offset, offset + length)));
        expect([...covered.subarray(offset, offset + length)]).toEqual(
          new Array(length).fill(bytes === undefined ? 0 : 1),
        );
        at += length;
      }
      expect(at).toBe(80);
    }),
  );
});

test('the data of a capture: both streams whole', () => {
  const orders = [new StreamOrder(), new StreamOrder()] as const;
  const octets = [0, 0];
  const tracer = new Tracer();
  const count = (side: 0 | 1, pieces: readonly StreamPiece[]): void => {
    for (const { bytes } of pieces) octets[side] = (octets[side] ?? 0) + (bytes?.length ?? Number.NaN);
  };
  tracer.on('data', ({ side, offset, bytes }) => count(side, orders[side].push(offset, bytes)));
  for (const packet of readCaptureSync(readFileSync('fixtures/captures/15-nat-path2.pcap'))) tracer.push(packet);
  const [connection] = tracer.report().connections;
  count(0, orders[0].end(connection?.data.fromClient.bytes));
  count(1, orders[1].end(connection?.data.fromServer.bytes));
  expect(octets).toEqual([40_300, 500]);
});
