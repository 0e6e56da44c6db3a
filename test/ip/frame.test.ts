import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FrameCursor } from '../../src/ip/frame.ts';
import { concat, text } from '../capture/container.ts';
import { ethernet, ipHeader, ipPacket, PSH, SYN, tcpPacket, tcpSegment } from '../packet.ts';

const cursor = new FrameCursor();

/** What the cursor finds in a whole frame, or in the first `captured` octets of it. */
function look(linkType: number, bytes: Uint8Array, originalLength = bytes.length): string {
  // Surrounded by other octets, so that reading outside shows.
  const buffer = concat(new Uint8Array(5).fill(0x45), bytes, new Uint8Array(70).fill(0x45));
  const found = cursor.reset(linkType, buffer, 5, bytes.length, originalLength);
  expect(found).toBe(cursor.found === 'tcp');
  return cursor.found;
}

/** The cursor's fields, offsets counted from the frame's start. */
function fields(): Record<string, unknown> {
  const { found, ipVersion, sourcePort, destinationPort, sequenceNumber, acknowledgmentNumber, flags, window } = cursor;
  const { optionsCut, payloadLength, payloadCaptured } = cursor;
  const offsets = Object.fromEntries(
    (['ip', 'source', 'destination', 'tcp', 'options', 'optionsEnd', 'payload'] as const).map((name) => [
      name,
      cursor[name] - 5,
    ]),
  );
  const numbers = { sourcePort, destinationPort, sequenceNumber, acknowledgmentNumber, flags, window };
  return { found, ipVersion, ...offsets, ...numbers, optionsCut, payloadLength, payloadCaptured };
}

const parts = {
  sourcePort: 40_000,
  destinationPort: 443,
  sequenceNumber: 0xdead_beef,
  acknowledgmentNumber: 0xffff_ffff,
  flags: PSH | 0xc0,
  window: 512,
  options: [Uint8Array.of(1, 1, 1, 1)],
  payload: text('hello'),
};
const v4 = ipPacket(parts);
const v6 = ipPacket({ ...parts, source: 'fd00::1' });
const outer = { source: '192.0.2.1', destination: '192.0.2.2' };
const outer6 = { source: '2001:db8::1', destination: '2001:db8::2' };

describe('fields', () => {
  const common = {
    found: 'tcp',
    sourcePort: 40_000,
    destinationPort: 443,
    sequenceNumber: 0xdead_beef,
    acknowledgmentNumber: 0xffff_ffff,
    flags: 0xc8,
    window: 512,
    optionsCut: false,
    payloadLength: 5,
    payloadCaptured: 5,
  };

  test('Ethernet, IPv4', () => {
    look(1, ethernet(0x0800, v4));
    const offsets = { ip: 14, source: 26, destination: 30, tcp: 34, options: 54, optionsEnd: 58, payload: 58 };
    expect(fields()).toEqual({ ...common, ipVersion: 4, ...offsets });
  });

  test('Ethernet, IPv6', () => {
    look(1, ethernet(0x86dd, v6));
    const offsets = { ip: 14, source: 22, destination: 38, tcp: 54, options: 74, optionsEnd: 78, payload: 78 };
    expect(fields()).toEqual({ ...common, ipVersion: 6, ...offsets });
  });

  test('of a tunnel, the inner header counts', () => {
    look(101, ipHeader(outer6, 41, ipHeader(outer6, 4, v4)));
    const offsets = { ip: 80, source: 92, destination: 96, tcp: 100, options: 120, optionsEnd: 124, payload: 124 };
    expect(fields()).toEqual({ ...common, ipVersion: 4, ...offsets });
  });

  test('the view is made anew only for another buffer', () => {
    const frame = tcpPacket(parts);
    cursor.reset(1, frame, 0, frame.length, frame.length);
    const { view } = cursor;
    cursor.reset(101, frame, 14, frame.length - 14, frame.length - 14);
    expect(cursor.view).toBe(view);
    cursor.reset(1, frame.slice(), 0, frame.length, frame.length);
    expect(cursor.view).not.toBe(view);
  });

  test('a frame longer than its buffer is a frame that ends with it', () => {
    const frame = tcpPacket(parts);
    expect(cursor.reset(1, frame, 0, frame.length + 100, frame.length + 100)).toBe(true);
    expect(cursor.payloadCaptured).toBe(5);
    expect(cursor.reset(1, frame, frame.length + 7, 60, 60)).toBe(false);
  });
});

const vlan = (type: number, body: Uint8Array): Uint8Array =>
  concat(Uint8Array.of(0x20, 42, type >>> 8, type & 0xff), body);
const label = (bottom: number): Uint8Array => Uint8Array.of(0, 1, 0x40 | bottom, 64);
const of = (...octets: number[]): Uint8Array => Uint8Array.from(octets);

describe('link layers', () => {
  const sll = (type: number, body: Uint8Array): Uint8Array =>
    concat(new Uint8Array(14), of(type >>> 8, type & 0xff), body);
  const sll2 = (type: number, body: Uint8Array): Uint8Array =>
    concat(of(type >>> 8, type & 0xff), new Uint8Array(18), body);
  const pktap = (inner: number, body: Uint8Array): Uint8Array =>
    concat(of(108, 0, 0, 0, 1, 0, 0, 0, inner, 0, 0, 0), new Uint8Array(96), body);

  test.each<[string, number, Uint8Array, Uint8Array]>([
    ['Ethernet', 1, ethernet(0x0800, v4), ethernet(0x86dd, v6)],
    ['802.1Q', 1, ethernet(0x8100, vlan(0x0800, v4)), ethernet(0x8100, vlan(0x86dd, v6))],
    ['802.1ad', 1, ethernet(0x88a8, vlan(0x8100, vlan(0x0800, v4))), ethernet(0x88a8, vlan(0x86dd, v6))],
    ['QinQ', 1, ethernet(0x9100, vlan(0x8100, vlan(0x0800, v4))), ethernet(0x8100, vlan(0x8100, vlan(0x86dd, v6)))],
    ['MPLS', 1, ethernet(0x8847, concat(label(0), label(1), v4)), ethernet(0x8848, concat(label(1), v6))],
    [
      'PPPoE',
      1,
      ethernet(0x8864, concat(of(0x11, 0, 0, 1, 0, 99, 0, 0x21), v4)),
      ethernet(0x8864, concat(of(0x11, 0, 0, 1, 0, 99, 0, 0x57), v6)),
    ],
    ['Linux cooked', 113, sll(0x0800, v4), sll(0x86dd, v6)],
    ['Linux cooked with a tag', 113, sll(0x8100, vlan(0x0800, v4)), sll(0x88a8, vlan(0x86dd, v6))],
    ['Linux cooked 2', 276, sll2(0x0800, v4), sll2(0x86dd, v6)],
    ['raw', 101, v4, v6],
    ['raw of BSD', 12, v4, v6],
    ['raw of OpenBSD', 14, v4, v6],
    ['IPv4 and IPv6', 228, v4, v6],
    ['IPv6 and IPv4', 229, v4, v6],
    ['null, little-endian', 0, concat(of(2, 0, 0, 0), v4), concat(of(30, 0, 0, 0), v6)],
    ['null, big-endian', 0, concat(of(0, 0, 0, 2), v4), concat(of(0, 0, 0, 28), v6)],
    ['loop', 108, concat(of(0, 0, 0, 2), v4), concat(of(0, 0, 0, 24), v6)],
    ['loop on Linux', 108, concat(of(0, 0, 0, 2), v4), concat(of(0, 0, 0, 10), v6)],
    ['PPP', 9, concat(of(0, 0x21), v4), concat(of(0, 0x57), v6)],
    ['PPP with address and control', 9, concat(of(0xff, 3, 0, 0x21), v4), concat(of(0xff, 3, 0, 0x57), v6)],
    ['PPP, protocol compressed', 9, concat(of(0x21), v4), concat(of(0xff, 3, 0x57), v6)],
    ['PPP in HDLC', 50, concat(of(0xff, 3, 0, 0x21), v4), concat(of(0xff, 3, 0, 0x57), v6)],
    [
      'PPPoE without Ethernet',
      51,
      concat(of(0x11, 0, 0, 1, 0, 99, 0, 0x21), v4),
      concat(of(0x11, 0, 0, 1, 0, 99, 0, 0x57), v6),
    ],
    ['Cisco HDLC', 104, concat(of(0x0f, 0, 0x08, 0), v4), concat(of(0x0f, 0, 0x86, 0xdd), v6)],
    [
      'netfilter log',
      239,
      concat(of(2, 0, 0, 0, 5, 0, 10, 0, 65, 0, 0, 0, v4.length + 4, 0, 9, 0), v4),
      concat(of(10, 0, 0, 0, v6.length + 4, 0, 9, 0), v6),
    ],
    ['packet tap', 258, pktap(1, ethernet(0x0800, v4)), pktap(12, v6)],
    ["packet tap, under Apple's own number", 149, pktap(0, concat(of(2, 0, 0, 0), v4)), pktap(101, v6)],
  ])('%s', (_, linkType, with4, with6) => {
    for (const [bytes, version] of [
      [with4, 4],
      [with6, 6],
    ] as const) {
      expect(look(linkType, bytes)).toBe('tcp');
      expect(cursor.ipVersion).toBe(version);
      expect([cursor.tcp - 5, cursor.payload - 5]).toEqual([bytes.length - 29, bytes.length - 5]);
      expect([cursor.payloadLength, cursor.payloadCaptured]).toEqual([5, 5]);
    }
  });

  test.each<[string, number, Uint8Array]>([
    ['ARP', 1, ethernet(0x0806, new Uint8Array(60))],
    ['802.3 length', 1, ethernet(60, new Uint8Array(60))],
    ['IPv6 under the type of IPv4', 1, ethernet(0x0800, v6)],
    ['IPv4 under the type of IPv6', 1, ethernet(0x86dd, v4)],
    ['neither version', 101, concat(of(0x55), v4.subarray(1))],
    ['another family', 0, concat(of(7, 0, 0, 0), v4)],
    ['another PPP protocol', 9, concat(of(0xc0, 0x21), v4)],
    ['a compressed PPP protocol', 9, concat(of(0x2d), v4)],
    ['a netfilter log without packet', 239, of(2, 0, 0, 0, 8, 0, 1, 0, 0, 0, 0, 0)],
    ['a netfilter log whose attribute has no length', 239, concat(of(2, 0, 0, 0), new Uint8Array(80))],
    ['a packet tap of an unknown link type', 258, pktap(2, new Uint8Array(100))],
    ['an unknown link type', 147, ethernet(0x0800, v4)],
    ['a type that no reader knows', 65_535, v4],
  ])('nothing in %s', (_, linkType, bytes) => {
    expect(look(linkType, bytes)).toBe('other');
  });

  test('padding is no payload', () => {
    const bare = ipPacket({ ...parts, options: [], payload: of() });
    expect(look(1, concat(ethernet(0x0800, bare), new Uint8Array(6)))).toBe('tcp');
    expect([cursor.payloadLength, cursor.payloadCaptured]).toEqual([0, 0]);
  });

  test('headers inside each other are unwrapped 16 deep', () => {
    let inner: Uint8Array = v4;
    for (let depth = 0; depth < 16; depth++) {
      inner = ipHeader(outer, 4, inner);
      expect(look(101, inner)).toBe('tcp');
    }
    expect(look(101, ipHeader(outer, 4, inner))).toBe('other');
    let tags: Uint8Array = v4;
    for (let depth = 0; depth < 40; depth++) tags = vlan(depth === 0 ? 0x0800 : 0x8100, tags);
    expect(look(1, ethernet(0x8100, tags))).toBe('other');
    expect(look(258, concat(...Array.from({ length: 20 }, () => of(12, 0, 0, 0, 1, 0, 0, 0, 2, 1, 0, 0))))).toBe(
      'other',
    );
  });
});

describe('IP', () => {
  const tcp6 = tcpSegment({ ...parts, ...outer6 });
  const chain = (first: number, ...headers: Uint8Array[]): Uint8Array =>
    ipHeader(outer6, first, concat(...headers, tcp6));

  test.each<[string, Uint8Array]>([
    ['hop-by-hop options', chain(0, of(6, 0, 1, 4, 0, 0, 0, 0))],
    ['routing', chain(43, of(6, 2, 0, 0, 0, 0, 0, 0), new Uint8Array(16))],
    ['destination options', chain(60, of(6, 0, 1, 4, 0, 0, 0, 0))],
    ['authentication', chain(51, of(6, 4, 0, 0), new Uint8Array(20))],
    ['mobility', chain(135, of(6, 0, 0, 0, 0, 0, 0, 0))],
    ['HIP', chain(139, of(6, 0, 0, 0, 0, 0, 0, 0))],
    ['shim6', chain(140, of(6, 0, 0, 0, 0, 0, 0, 0))],
    ['a fragment header of a whole packet', chain(44, of(6, 0, 0, 0, 0, 0, 0, 1))],
    ['the first fragment', chain(44, of(6, 0, 0, 1, 0, 0, 0, 1))],
    [
      'all of them',
      chain(
        0,
        of(43, 0, 0, 0, 0, 0, 0, 0),
        of(60, 0, 0, 0, 0, 0, 0, 0),
        of(44, 0, 0, 0, 0, 0, 0, 0),
        of(51, 0, 0, 1, 0, 0, 0, 0),
        of(6, 1, 0, 0),
        new Uint8Array(8),
      ),
    ],
  ])('IPv6 with %s', (_, bytes) => {
    expect(look(101, bytes)).toBe('tcp');
    expect(cursor.tcp - 5).toBe(bytes.length - tcp6.length);
    expect(cursor.payloadLength).toBe(5);
  });

  test.each<[string, Uint8Array, string]>([
    ['a later IPv6 fragment', chain(44, of(6, 0, 0, 8, 0, 0, 0, 1)), 'fragment'],
    ['a later IPv4 fragment', v4.with(6, 0x20).with(7, 1), 'fragment'],
    ['ESP', chain(50, of(6, 0, 0, 0, 0, 0, 0, 0)), 'other'],
    ['no next header', chain(59), 'other'],
    ['UDP', ipHeader(outer, 17, new Uint8Array(40)), 'other'],
    ['UDP over IPv6', ipHeader(outer6, 17, new Uint8Array(40)), 'other'],
    ['ICMP that quotes TCP', ipHeader(outer, 1, concat(of(3, 1, 0, 0, 0, 0, 0, 0), v4)), 'other'],
    ['an extension header longer than its packet', chain(0, of(6, 255, 0, 0, 0, 0, 0, 0)), 'other'],
    ['an extension header that its packet cuts', ipHeader(outer6, 0, of(6, 0, 0)), 'other'],
    ['a fragment header that its packet cuts', ipHeader(outer6, 44, of(6, 0, 0)), 'other'],
    ['an IPv4 header length under 20', v4.with(0, 0x44), 'other'],
    ['a total length under the header', v4.with(2, 0).with(3, 19), 'other'],
    ['a TCP header that its packet cuts', ipHeader(outer, 6, tcpSegment(parts).subarray(0, 19)), 'other'],
    ['a data offset under 20', ipHeader(outer, 6, tcpSegment(parts).with(12, 0x40)), 'other'],
  ])('%s', (_, bytes, found) => {
    expect(look(101, bytes)).toBe(found);
    // Padding behind the packet, as Ethernet adds it, changes nothing.
    expect(look(101, concat(bytes, new Uint8Array(40)))).toBe(found);
  });

  test('the first IPv4 fragment has its header', () => {
    expect(look(101, v4.with(6, 0x20))).toBe('tcp');
    expect(cursor.payloadLength).toBe(5);
  });

  test('IPv4 options are stepped over', () => {
    const long = concat(v4.subarray(0, 20), of(1, 1, 1, 0), v4.subarray(20))
      .with(0, 0x46)
      .with(3, v4.length + 4);
    expect(look(101, long)).toBe('tcp');
    expect([cursor.tcp - 5, cursor.payloadLength]).toEqual([24, 5]);
  });

  test.each([
    ['IPv4', ethernet(0x0800, v4.with(2, 0).with(3, 0))],
    ['IPv6', ethernet(0x86dd, v6.with(4, 0).with(5, 0))],
  ])('a segment offloaded with length 0 is as long as its frame on the wire: %s', (_, frame) => {
    expect(look(1, frame)).toBe('tcp');
    expect([cursor.payloadLength, cursor.payloadCaptured]).toEqual([5, 5]);
    expect(look(1, frame, frame.length + 70_000)).toBe('tcp');
    expect([cursor.payloadLength, cursor.payloadCaptured]).toEqual([70_005, 5]);
  });
});

describe('tunnels', () => {
  const gre = (...header: number[]): Uint8Array => ipHeader(outer, 47, concat(of(...header), v4));

  test.each<[string, Uint8Array]>([
    ['IPv4 in IPv4', ipHeader(outer, 4, v4)],
    ['IPv6 in IPv4', ipHeader(outer, 41, v6)],
    ['IPv4 in IPv6', ipHeader(outer6, 4, v4)],
    ['IPv6 in IPv6', ipHeader(outer6, 41, v6)],
    ['GRE', gre(0, 0, 8, 0)],
    ['GRE with a checksum', gre(0x80, 0, 8, 0, 1, 2, 0, 0)],
    ['GRE with a key', gre(0x20, 0, 8, 0, 0, 0, 0, 9)],
    ['GRE with a sequence number', gre(0x10, 0, 8, 0, 0, 0, 0, 9)],
    ['GRE with all', gre(0xb0, 0, 8, 0, 1, 2, 0, 0, 0, 0, 0, 9, 0, 0, 0, 1)],
    ['Ethernet in GRE', ipHeader(outer, 47, concat(of(0, 0, 0x65, 0x58), tcpPacket(parts)))],
    ['GRE over IPv6', ipHeader(outer6, 47, concat(of(0, 0, 0x86, 0xdd), v6))],
  ])('%s', (_, bytes) => {
    expect(look(101, bytes)).toBe('tcp');
    expect([cursor.tcp - 5, cursor.payloadLength]).toEqual([bytes.length - 29, 5]);
  });

  test.each<[string, Uint8Array]>([
    ['GRE of another version', gre(0, 1, 0x88, 0x0b)],
    ['GRE with source routes', gre(0x40, 0, 8, 0, 0, 0, 0, 0)],
    ['GRE of another protocol', gre(0, 0, 0x88, 0xbe)],
    ['GRE that its packet cuts', ipHeader(outer, 47, of(0, 0))],
  ])('nothing in %s', (_, bytes) => {
    expect(look(101, bytes)).toBe('other');
  });

  test('a fragment of the outer packet', () => {
    expect(look(101, ipHeader(outer, 4, v4).with(7, 9))).toBe('fragment');
  });
});

describe('cut by the snaplen', () => {
  const frame = tcpPacket({
    ...parts,
    flags: SYN,
    options: [Uint8Array.of(30, 4, 0x51, 0), Uint8Array.of(1, 1, 1, 1)],
  });

  test('at every octet: cut before the header, with as many options and as much payload as there is behind it', () => {
    for (let captured = 0; captured < frame.length; captured++) {
      expect(look(1, frame.subarray(0, captured), frame.length)).toBe(captured < 54 ? 'cut' : 'tcp');
      if (captured < 54) continue;
      expect(cursor.optionsEnd - 5).toBe(Math.min(captured, 62));
      expect(cursor.optionsCut).toBe(captured < 62);
      expect([cursor.payload - 5, cursor.payloadLength]).toEqual([62, 5]);
      expect(cursor.payloadCaptured).toBe(Math.max(captured - 62, 0));
    }
  });

  test.each<[string, number, Uint8Array]>([
    ['VLAN tags', 1, ethernet(0x8100, vlan(0x0800, v4))],
    ['MPLS', 1, ethernet(0x8847, concat(label(0), label(1), v4))],
    ['PPPoE', 1, ethernet(0x8864, concat(of(0x11, 0, 0, 1, 0, 99, 0, 0x21), v4))],
    ['Linux cooked 2', 276, concat(of(8, 0), new Uint8Array(18), v4)],
    ['null', 0, concat(of(2, 0, 0, 0), v4)],
    ['PPP', 9, concat(of(0xff, 3, 0, 0x21), v4)],
    ['a netfilter log', 239, concat(of(2, 0, 0, 0, 8, 0, 1, 0, 0, 0, 0, 0, v4.length + 4, 0, 9, 0), v4)],
    ['a packet tap', 258, concat(of(12, 0, 0, 0, 1, 0, 0, 0, 12, 0, 0, 0), v4)],
    ['IPv6', 101, v6],
    [
      'extension headers',
      101,
      ipHeader(outer6, 0, concat(of(44, 0, 0, 0, 0, 0, 0, 0), of(6, 0, 0, 0, 0, 0, 0, 0), tcpSegment(parts))),
    ],
    ['GRE', 101, ipHeader(outer, 47, concat(of(0, 0, 8, 0), v4))],
  ])('through %s', (_, linkType, bytes) => {
    for (let captured = 0; captured < bytes.length; captured++) {
      const header = captured >= bytes.length - 9;
      expect(look(linkType, bytes.subarray(0, captured), bytes.length)).toBe(header ? 'tcp' : 'cut');
    }
  });

  test('a list that its packet ends is broken, not cut', () => {
    expect(look(101, ipHeader(outer, 6, tcpSegment(parts).subarray(0, 22)))).toBe('tcp');
    expect([cursor.optionsEnd - cursor.options, cursor.optionsCut, cursor.payloadLength]).toEqual([2, false, 0]);
  });
});

test('any octets under any link type: a value, and nothing outside the frame', () => {
  const linkTypes = fc.constantFrom(0, 1, 9, 12, 50, 51, 101, 104, 108, 113, 149, 228, 229, 239, 258, 276, 9999);
  const frames = fc.oneof(
    fc.uint8Array({ maxLength: 120 }),
    // A good frame with some octets changed.
    fc
      .tuple(
        fc.constantFrom(tcpPacket(parts), ethernet(0x86dd, v6), ethernet(0x8847, concat(label(0), label(1), v6))),
        fc.array(fc.tuple(fc.nat(82), fc.nat(255)), { maxLength: 6 }),
      )
      .map(([frame, changes]) => {
        const changed = frame.slice();
        for (const [at, octet] of changes) changed[at % changed.length] = octet;
        return changed;
      }),
  );
  fc.assert(
    fc.property(linkTypes, frames, fc.nat(100), (linkType, bytes, more) => {
      if (look(linkType, bytes, bytes.length + more) !== 'tcp') return;
      const end = 5 + bytes.length;
      expect(cursor.ip).toBeGreaterThanOrEqual(5);
      expect(cursor.tcp).toBeGreaterThan(cursor.ip);
      expect(cursor.options).toBeLessThanOrEqual(cursor.optionsEnd);
      expect(cursor.optionsEnd).toBeLessThanOrEqual(Math.min(end, cursor.payload));
      expect(cursor.payloadCaptured).toBeLessThanOrEqual(Math.max(end - cursor.payload, 0));
      expect(cursor.payloadCaptured).toBeLessThanOrEqual(cursor.payloadLength);
    }),
    { numRuns: 5000 },
  );
});
