import { describe, expect, test } from 'vitest';
import { fromHex } from '../../src/bytes.ts';
import { OptionWalk } from '../../src/tcp/walk.ts';

describe('OptionWalk', () => {
  const walk = (hex: string, start?: number, end?: number) => {
    const cursor = new OptionWalk().reset(fromHex(hex), start, end);
    const seen: string[] = [];
    while (cursor.next()) seen.push(`${cursor.kind}@${cursor.offset}+${cursor.length}`);
    return { seen: seen.join(' '), fault: cursor.fault, at: cursor.offset };
  };

  test('gives each option its kind, offset and length', () => {
    expect(walk('020405b40402080ab8eb69eb54764bed0103030a1e0c01817a4469bbc15d9bef')).toEqual({
      seen: '2@0+4 4@4+2 8@6+10 1@16+1 3@17+3 30@20+12',
      fault: undefined,
      at: 20,
    });
  });

  test('walks a part of the buffer', () => {
    expect(walk('ffff0101040200ff', 2, 6).seen).toBe('1@2+1 1@3+1 4@4+2');
    expect(walk('0101', 2, 9).seen).toBe('');
    expect(walk('0101', 5).seen).toBe('');
    expect(walk('010101', 1, 99).seen).toBe('1@1+1 1@2+1');
  });

  test('stops at End of Option List, whatever follows', () => {
    expect(walk('01001e0351')).toEqual({ seen: '1@0+1', fault: undefined, at: 1 });
  });

  test.each([
    ['a kind without Length', '011e', '1@0+1', 'truncated', 1],
    ['Length 0', '011e000000', '1@0+1', 'length', 1],
    ['Length 1', '1e010351', '', 'length', 0],
    ['more than is there', '011e0c1000', '1@0+1', 'truncated', 1],
  ])('stops at %s', (_, hex, seen, fault, at) => expect(walk(hex)).toEqual({ seen, fault, at }));

  test('stays stopped, and can be used again', () => {
    const cursor = new OptionWalk();
    expect(cursor.next()).toBe(false);
    cursor.reset(fromHex('1e00'));
    expect([cursor.next(), cursor.next(), cursor.fault]).toEqual([false, false, 'length']);
    const bytes = fromHex('0402');
    cursor.reset(bytes);
    expect([cursor.next(), cursor.kind, cursor.fault, cursor.bytes]).toEqual([true, 4, undefined, bytes]);
    expect([cursor.next(), cursor.next()]).toEqual([false, false]);
  });
});
