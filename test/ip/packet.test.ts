import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeFrame, decodeIp } from '../../src/ip/packet.ts';
import { concat, text } from '../capture/container.ts';
import { ethernet, ipHeader, ipPacket, SYN, tcpPacket, tcpSegment } from '../packet.ts';

const prio = { type: 'MP_PRIO' as const, backup: true, addressId: undefined, reserved: 0 };
const parts = { flags: SYN, options: [prio, Uint8Array.of(1)], payload: text('hi'), sequenceNumber: 7 };

const tcp = {
  type: 'TCP',
  sourcePort: 50_000,
  destinationPort: 443,
  sequenceNumber: 7,
  acknowledgmentNumber: 0,
  flags: SYN,
  window: 65_535,
  urgentPointer: 0,
  options: [prio, Uint8Array.of(1)],
  optionsCut: false,
  payload: text('hi'),
  payloadLength: 2,
};

describe('decodeFrame', () => {
  test('Ethernet, IPv4, TCP', () => {
    expect(decodeFrame(1, tcpPacket(parts))).toEqual({
      found: 'tcp',
      ipVersion: 4,
      source: Uint8Array.of(10, 1, 0, 1),
      destination: Uint8Array.of(10, 1, 0, 2),
      tcp: { ...tcp, checksum: 0xef57 },
    });
  });

  test('padding is no payload', () => {
    const found = decodeFrame(1, concat(tcpPacket({}), new Uint8Array(6)));
    expect(found).toMatchObject({ found: 'tcp', tcp: { payload: new Uint8Array(0), payloadLength: 0 } });
  });

  test('cut by the snaplen: the whole options, the length on the wire', () => {
    const frame = tcpPacket({ ...parts, options: [prio, Uint8Array.of(1), Uint8Array.of(30, 4, 0x51, 0)] });
    const at = (captured: number): unknown => decodeFrame(1, frame.subarray(0, captured), frame.length);
    expect(at(60)).toMatchObject({ tcp: { options: [prio, Uint8Array.of(1)], optionsCut: true, payloadLength: 2 } });
    expect(at(62)).toMatchObject({ tcp: { optionsCut: false, payload: text(''), payloadLength: 2 } });
    expect(at(50)).toEqual({ found: 'cut' });
  });

  test('what holds no TCP header says why', () => {
    expect(decodeFrame(1, ethernet(0x0806, new Uint8Array(28)))).toEqual({ found: 'other' });
    expect(decodeFrame(1, ethernet(0x0800, ipPacket({}).with(7, 1)))).toEqual({ found: 'fragment' });
    expect(decodeFrame(1, new Uint8Array(0))).toEqual({ found: 'other' });
  });
});

describe('decodeIp', () => {
  test('IPv6', () => {
    const packet = ipPacket({ ...parts, source: 'fd00::1' });
    const found = decodeIp(packet);
    expect(found).toMatchObject({ found: 'tcp', ipVersion: 6, tcp });
    if (found.found !== 'tcp') throw new Error();
    expect([found.source.byteOffset, found.destination.byteOffset]).toEqual([8, 24]);
    expect([...found.source]).toEqual([0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]);
  });

  test('a view into a larger buffer', () => {
    const buffer = concat(new Uint8Array(9), ipPacket(parts), new Uint8Array(9));
    expect(decodeIp(buffer.subarray(9, buffer.length - 9))).toMatchObject({ found: 'tcp', ipVersion: 4, tcp });
  });

  test('an offloaded segment with total length 0, cut by the snaplen', () => {
    const packet = ipPacket(parts).with(2, 0).with(3, 0);
    expect(decodeIp(packet, 9000)).toMatchObject({ tcp: { payload: text('hi'), payloadLength: 9000 - 20 - 24 } });
  });
});

test('any octets give a value', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(0, 1, 9, 101, 113, 239, 276),
      fc.uint8Array({ maxLength: 100 }),
      fc.nat(50),
      (type, bytes, more) => {
        const { found } = decodeFrame(type, bytes, bytes.length + more);
        expect(['tcp', 'cut', 'fragment', 'other']).toContain(found);
      },
    ),
  );
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
      // A TCP header of any octets: a value where it holds itself, else nothing.
      const found = decodeIp(ipHeader({}, 6, bytes));
      const sound = bytes.length >= 20 && bytes[12]! >>> 4 >= 5;
      expect(found.found).toBe(sound ? 'tcp' : 'other');
    }),
  );
});

test('the segment is that of decodeTcp', () => {
  const segment = tcpSegment(parts);
  expect(decodeIp(ipHeader({}, 6, segment))).toMatchObject({ tcp: { ...tcp, payload: segment.subarray(24) } });
});
