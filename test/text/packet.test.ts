import { expect, test } from 'vitest';
import { fromHex } from '../../src/bytes.ts';
import { decodeOption } from '../../src/mptcp/option.ts';
import { decodeBareTcp, decodePacket, flagLetters } from '../../src/text/packet.ts';
import { captured, SYN, tcpSegment } from '../packet.ts';

const PRIO = fromHex('1e0351');
const NOP = Uint8Array.of(1);

test('a packet with options', () => {
  const packet = captured(3, { flags: SYN, options: [PRIO, NOP, fromHex('1e048001')], payload: new Uint8Array(5) });
  expect(decodePacket(packet)).toStrictEqual({
    frame: 3,
    time: packet.time,
    interface: undefined,
    src: Uint8Array.of(10, 1, 0, 1),
    srcPort: 50000,
    dst: Uint8Array.of(10, 1, 0, 2),
    dstPort: 443,
    flags: 2,
    seq: 1000,
    ack: 0,
    payloadLength: 5,
    options: [decodeOption(PRIO), decodeOption(fromHex('1e048001'))],
    optionsCut: undefined,
    optionsError: undefined,
  });
});

test('IPv6, and the name of the interface', () => {
  const packet = { ...captured(1, { source: 'fd00::1', options: [PRIO, NOP] }), interface: 'wlan0' };
  const found = decodePacket(packet);
  expect(found?.src).toEqual(fromHex('fd000000000000000000000000000001'));
  expect(found?.dst).toEqual(fromHex('fd000000000000000000000000000002'));
  expect(found?.interface).toBe('wlan0');
});

test('what carries no MPTCP is given only where all are asked for', () => {
  const plain = captured(1, { options: [fromHex('01010402')] });
  expect(decodePacket(plain)).toBeUndefined();
  expect(decodePacket(plain, true)?.options).toEqual([]);
  const noTcp = { ...plain, bytes: plain.bytes.slice(0, 20), originalLength: 20 };
  expect(decodePacket(noTcp, true)).toBeUndefined();
});

test('a broken list says where and why, and keeps the whole options', () => {
  const broken = (hex: string) => decodePacket(captured(1, { options: [fromHex(hex)] }), true);
  expect(broken('1e0351011e0c1001')).toMatchObject({
    options: [{ type: 'MP_PRIO' }],
    optionsError: { at: 4, reason: 'truncated', kind: 30 },
  });
  expect(broken('1e0351011e010000')?.optionsError).toEqual({ at: 4, reason: 'length', kind: 30 });
  expect(broken('0101080a')).toMatchObject({ options: [], optionsError: { at: 2, reason: 'truncated', kind: 8 } });
  expect(decodePacket(captured(1, { options: [fromHex('0101080a')] }))).toBeUndefined();
  expect(decodePacket(captured(1, { options: [fromHex('01011e09')] }))?.options).toEqual([]);
});

test('a list that the capture cut is no broken list', () => {
  const whole = captured(1, { options: [PRIO, NOP, fromHex('1e0c1001aabbccdd01020304')] });
  const cut = (octets: number) => decodePacket({ ...whole, bytes: whole.bytes.slice(0, octets) });
  expect(cut(14 + 20 + 20 + 16)).toMatchObject({ optionsCut: undefined, options: [{}, { type: 'MP_JOIN' }] });
  expect(cut(14 + 20 + 20 + 15)).toMatchObject({
    optionsCut: true,
    optionsError: undefined,
    options: [{ type: 'MP_PRIO' }],
  });
  expect(cut(14 + 20 + 20 + 2)).toMatchObject({ optionsCut: true, options: [] });
  expect(cut(14 + 20 + 20)).toBeUndefined();
});

test('a bare TCP segment', () => {
  const segment = tcpSegment({ options: [PRIO, NOP], payload: new Uint8Array(3), acknowledgmentNumber: 9 });
  expect(decodeBareTcp(segment, 2)).toStrictEqual({
    frame: 2,
    srcPort: 50000,
    dstPort: 443,
    flags: 16,
    seq: 1000,
    ack: 9,
    payloadLength: 3,
    options: [decodeOption(PRIO)],
    optionsCut: undefined,
    optionsError: undefined,
  });
  expect(decodeBareTcp(segment.slice(0, 22), 1)).toMatchObject({ options: [], optionsCut: true, payloadLength: 0 });
});

test('letters of the flags', () => {
  expect(flagLetters(0)).toBe('');
  expect(flagLetters(0x12)).toBe('SA');
  expect(flagLetters(0xff)).toBe('FSRPAUEC');
});
