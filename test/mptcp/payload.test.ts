import { expect, test } from 'vitest';
import { lengthOf, piecesOf } from '../../src/mptcp/payload.ts';

const ONE = Uint8Array.of(1);
const TWO = Uint8Array.of(2, 3);

test('a payload is one buffer or several', () => {
  expect(piecesOf(TWO)).toEqual([TWO]);
  expect(piecesOf([TWO, ONE])).toEqual([TWO, ONE]);
  expect(piecesOf([])).toEqual([]);
  expect([lengthOf([]), lengthOf([TWO]), lengthOf([TWO, ONE, TWO])]).toEqual([0, 2, 5]);
});

test('what is no payload is refused by name', () => {
  expect(() => piecesOf(3)).toThrow(new TypeError('payload must be a Uint8Array, got number'));
  expect(() => piecesOf('x' as never)).toThrow(new TypeError('payload must be a Uint8Array, got string'));
  expect(() => lengthOf([ONE, null as never])).toThrow(new TypeError('payload must be a Uint8Array, got null'));
});
