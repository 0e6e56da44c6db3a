import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodeOptionList } from '../../src/tcp/options.ts';
import { decodeTcp, type TcpSegment } from '../../src/tcp/segment.ts';
import { ACK, PSH, tcpSegment } from '../packet.ts';

const prio = { type: 'MP_PRIO' as const, backup: false, addressId: 9, reserved: 0 };
const timestamps = Uint8Array.of(8, 10, 0, 0, 0, 1, 0, 0, 0, 2);
const parts = {
  sourcePort: 1,
  destinationPort: 65_535,
  sequenceNumber: 0xffff_fffe,
  acknowledgmentNumber: 0x8000_0000,
  flags: ACK | PSH,
  window: 0x1234,
  options: [timestamps, Uint8Array.of(1), Uint8Array.of(1), prio],
  payload: Uint8Array.of(7, 8, 9),
};
const segment = tcpSegment(parts);
const whole = {
  type: 'TCP',
  sourcePort: 1,
  destinationPort: 65_535,
  sequenceNumber: 0xffff_fffe,
  acknowledgmentNumber: 0x8000_0000,
  flags: 0x18,
  window: 0x1234,
  checksum: (segment[16]! << 8) | segment[17]!,
  urgentPointer: 0,
  options: parts.options,
  optionsCut: false,
  payload: parts.payload,
  payloadLength: 3,
};

describe('decodeTcp', () => {
  test('a segment', () => {
    expect(segment).toHaveLength(20 + 16 + 3);
    expect(decodeTcp(segment)).toEqual(whole);
  });

  test('the urgent pointer and the checksum', () => {
    const changed = segment.with(16, 0xab).with(17, 0xcd).with(18, 0x12).with(19, 0x34);
    expect(decodeTcp(changed)).toEqual({ ...whole, checksum: 0xabcd, urgentPointer: 0x1234 });
  });

  test('octets and payload alias the buffer', () => {
    const { payload, options } = decodeTcp(segment) as TcpSegment;
    expect([payload.buffer, payload.byteOffset]).toEqual([segment.buffer, 36]);
    expect((options[0] as Uint8Array).byteOffset).toBe(20);
  });

  test('at any offset, of any length', () => {
    const buffer = new Uint8Array(80).fill(0xa5);
    buffer.set(segment, 11);
    expect(decodeTcp(buffer, 11, segment.length)).toEqual(whole);
    expect(decodeTcp(buffer, 11, segment.length - 2)).toEqual({
      ...whole,
      payload: Uint8Array.of(7),
      payloadLength: 1,
    });
    // The wire had less than the buffer has: the rest is padding.
    expect(decodeTcp(buffer, 11, 60, segment.length)).toEqual(whole);
    // A length beyond the buffer is its end.
    expect(decodeTcp(segment, 0, 1000, segment.length)).toEqual(whole);
    expect(decodeTcp(buffer.subarray(0, 41), 11, 1000, segment.length)).toEqual(
      decodeTcp(segment, 0, 30, segment.length),
    );
  });

  test('without options and payload', () => {
    expect(decodeTcp(tcpSegment({}))).toMatchObject({ options: [], payload: new Uint8Array(0), payloadLength: 0 });
  });

  test('fewer octets than a header', () => {
    for (let length = 0; length < 20; length++) {
      expect(decodeTcp(segment, 0, length)).toEqual({
        type: 'MALFORMED',
        reason: 'truncated',
        at: length,
        bytes: segment.subarray(0, length),
      });
    }
    expect(decodeTcp(segment, 50)).toEqual({ type: 'MALFORMED', reason: 'truncated', at: 0, bytes: new Uint8Array(0) });
    expect(decodeTcp(segment, 0, 39, 5)).toMatchObject({ reason: 'truncated', at: 5 });
  });

  test('a data offset that points into the header', () => {
    for (const offset of [0, 1, 4]) {
      expect(decodeTcp(segment.with(12, offset << 4))).toEqual({
        type: 'MALFORMED',
        reason: 'length',
        at: 12,
        bytes: segment.with(12, offset << 4),
      });
    }
  });

  test('a list that the packet ends is malformed, not cut', () => {
    expect(decodeTcp(segment.subarray(0, 34))).toMatchObject({
      options: [...parts.options.slice(0, 3), { type: 'MALFORMED', reason: 'truncated', at: 2 }],
      optionsCut: false,
      payload: new Uint8Array(0),
      payloadLength: 0,
    });
  });

  test('cut by the capture: whole options only, the payload length of the wire', () => {
    const options = parts.options;
    const items = [20, 30, 31, 32, 36];
    for (let captured = 20; captured < 39; captured++) {
      const found = decodeTcp(segment, 0, captured, 39) as TcpSegment;
      expect(found.options).toEqual(options.slice(0, items.filter((end) => end <= captured).length - 1));
      expect(found.optionsCut).toBe(captured < 36);
      expect(found.payload).toEqual(parts.payload.subarray(0, Math.max(captured - 36, 0)));
      expect(found.payloadLength).toBe(3);
    }
  });

  test('cut between two options: the MPTCP option before it is whole', () => {
    const list = tcpSegment({ options: [prio, Uint8Array.of(1, 1, 1, 1)] });
    expect(decodeTcp(list, 0, 24, 28)).toMatchObject({ options: [prio], optionsCut: true });
  });

  test('a broken list before the cut: what is whole', () => {
    const broken = tcpSegment({ options: [Uint8Array.of(1), Uint8Array.of(30, 0), Uint8Array.of(1, 1, 1, 1, 1)] });
    expect((decodeTcp(broken) as TcpSegment).options.map((item) => ('type' in item ? item.type : item.length))).toEqual(
      [1, 'MALFORMED'],
    );
    expect((decodeTcp(broken, 0, 24, 28) as TcpSegment).options).toEqual([Uint8Array.of(1)]);
  });

  test('any octets: a value whose parts give back the octets', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
        const found = decodeTcp(bytes);
        if (found.type === 'MALFORMED') {
          expect(bytes.length < 20 || bytes[12]! < 0x50).toBe(true);
          return;
        }
        const header = Math.min((bytes[12]! >>> 4) * 4, bytes.length);
        const list = encodeOptionList(found.options);
        expect(list.subarray(0, header - 20)).toEqual(bytes.slice(20, header));
        expect(found.payload).toEqual(bytes.slice(header));
        expect(found.payloadLength).toBe(found.payload.length);
        expect(found.optionsCut).toBe(false);
      }),
    );
  });
});
