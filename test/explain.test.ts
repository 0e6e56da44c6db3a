import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { fromHex, toHex } from '../src/bytes.ts';
import { readCaptureSync } from '../src/capture/capture.ts';
import { detect, type Layer, linkOf } from '../src/explain/detect.ts';
import { explain } from '../src/explain/explain.ts';
import { decodeOption } from '../src/mptcp/option.ts';
import { ipHeader, ipPacket, SYN, tcpPacket, tcpSegment } from './packet.ts';

/** The explanation as lines: octet.bit+bits, label, text. */
function lines(hex: string | Uint8Array, as?: Layer): string[] {
  const bytes = typeof hex === 'string' ? fromHex(hex) : hex;
  return explain(bytes, as).map(({ offset, bit, bits, label, text }) => `${offset}.${bit}+${bits} ${label} = ${text}`);
}

/** Of each run of fields that belong together: what it is, and where it begins. */
function parts(bytes: Uint8Array, as?: Layer): string[] {
  const found: string[] = [];
  let last = '';
  for (const { of, offset } of explain(bytes, as)) {
    if (of !== last) found.push(`${offset} ${of}`);
    last = of;
  }
  return found;
}

describe('explain an option', () => {
  test('MP_TCPRST: flags, a reason in words', () => {
    expect(explain(fromHex('1e048106')).at(-1)).toEqual({
      of: 'MP_TCPRST',
      name: 'reason',
      label: 'Reason',
      offset: 3,
      bit: 0,
      bits: 8,
      value: 6,
      text: '6: Middlebox interference',
      wireshark: 'tcp.options.mptcp.rst_reason',
      rfc: '8684 §3.6',
    });
    expect(lines('1e048506')).toEqual([
      '0.0+8 Kind = 30: Multipath TCP',
      '1.0+8 Length = 4',
      '2.0+4 Subtype = 0x8: MP_TCPRST',
      '2.4+1 U = 0',
      '2.5+1 V = 1: not zero',
      '2.6+1 W = 0',
      '2.7+1 T = set: transient: a later attempt may succeed',
      '3.0+8 Reason = 6: Middlebox interference',
    ]);
  });

  test('MP_CAPABLE: keys in hex, the algorithm bits apart', () => {
    expect(lines('1e0c01817a4469bbc15d9bef').slice(3)).toEqual([
      '2.4+4 Version = 1: RFC 8684',
      '3.0+1 A = set: DSS checksum required',
      '3.1+1 B = clear: not extended',
      '3.2+1 C = clear: further subflows to this address and port accepted',
      '3.3+4 D E F G = 0: none offered (unassigned)',
      '3.7+1 H = set: HMAC-SHA256',
      "4.0+64 Option Sender's Key = 0x7a4469bbc15d9bef",
    ]);
  });

  test('MP_JOIN: token and nonce in hex', () => {
    expect(lines('1e0c11022e1abdedff1adecb').slice(3)).toEqual([
      '2.4+3 (reserved) = 0',
      '2.7+1 B = set: backup subflow',
      '3.0+8 Address ID = 2',
      "4.0+32 Receiver's Token = 0x2e1abded",
      "8.0+32 Sender's Random Number = 0xff1adecb",
    ]);
  });

  test('DSS: numbers in decimal, whatever their width', () => {
    expect(lines('1e162017ffffffffffffffff00000001000000020000').slice(5)).toEqual([
      '3.3+1 F = set: DATA_FIN: the sender has no more data',
      '3.4+1 m = clear: 4-octet DSN',
      '3.5+1 M = set: mapping present',
      '3.6+1 a = set: 8-octet Data ACK',
      '3.7+1 A = set: Data ACK present',
      '4.0+64 Data ACK = 18446744073709551615',
      '12.0+32 Data sequence number = 1',
      '16.0+32 Subflow Sequence Number = 2',
      '20.0+16 Data-Level Length = 0: infinite mapping: fallback to TCP',
    ]);
  });

  test('ADD_ADDR: addresses as people write them', () => {
    expect(lines('1e1230090a07030227745b728132f4eb28ec').slice(4)).toEqual([
      '2.7+1 E = clear: advertisement',
      '3.0+8 Address ID = 9',
      '4.0+32 Address (IPv4) = 10.7.3.2',
      '8.0+16 Port = 10100',
      '10.0+64 Truncated HMAC = 0x5b728132f4eb28ec',
    ]);
    expect(lines('1e143109fd000007000300000000000000000002').at(-1)).toBe('4.0+128 Address (IPv6) = fd00:7:3::2');
  });

  test('REMOVE_ADDR: each id by itself', () => {
    expect(lines('1e06410203ff').slice(3)).toEqual([
      '2.4+4 (reserved) = 1: not zero',
      '3.0+8 Address ID = 2',
      '4.0+8 Address ID = 3',
      '5.0+8 Address ID = 255',
    ]);
  });

  test('data that nobody has defined', () => {
    expect(lines('1e05f00102').at(-1)).toBe('3.0+16 Private data = 0x0102');
    expect(lines('1e0390')).toEqual([
      '0.0+8 Kind = 30: Multipath TCP',
      '1.0+8 Length = 3',
      '2.0+4 Subtype = 0x9',
      '2.4+4 (reserved) = 0',
    ]);
  });

  test('what it is of says the form', () => {
    const of = (hex: string) => explain(fromHex(hex))[0]?.of;
    expect(of('1e0351')).toBe('MP_PRIO this subflow');
    expect(of('1e042000')).toBe('DSS empty');
    expect(of('1e048000')).toBe('MP_TCPRST');
    expect(of('1e0831090a070302')).toBe('ADD_ADDR IPv4 echo');
  });
});

describe('explain what is malformed: the head, then why and what was expected', () => {
  test.each([
    ['MP_CAPABLE of 21', '1e1501011112131415161718212223242526272800', 4, '21 octets: 4, 12, 20, 22 or 24 expected'],
    ['MP_CAPABLE of 3', '1e0301', 2, '3 octets: 4, 12, 20, 22 or 24 expected'],
    ['MP_JOIN of 11', '1e0b1001deadbeef010203', 2, '11 octets: 12, 16 or 24 expected'],
    [
      'DSS, more than its flags say',
      '1e1e200f1112131415161718212223242526272800000001000555555555',
      4,
      '30 octets: 26 or 28 expected',
    ],
    ['DSS, less than its flags say', '1e0a2001aabbccddeeff', 4, '10 octets: 8 expected'],
    ['ADD_ADDR without HMAC', '1e083001c0000201', 4, '8 octets: 16, 18, 28 or 30 expected'],
    ['ADD_ADDR echo with HMAC', '1e103101c00002011112131415161718', 4, '16 octets: 8, 10, 20 or 22 expected'],
    ['REMOVE_ADDR without ids', '1e0340', 2, '3 octets: 4 to 40 expected'],
    ['MP_PRIO of 5', '1e05510300', 3, '5 octets: 3 or 4 expected'],
    ['MP_FAIL of 8', '1e086000aabbccdd', 4, '8 octets: 12 expected'],
    ['MP_FASTCLOSE of 8', '1e087000aabbccdd', 4, '8 octets: 12 expected'],
    ['MP_TCPRST of 5', '1e05800000', 4, '5 octets: 4 expected'],
    ['no subtype', '1e02', 1, '2 octets: 3 to 40 expected'],
    ['Length 0', '1e00', 1, 'Length says 0: an option has 2 octets or more'],
    ['only a Kind', '1e', 0, 'the list ends behind its Kind'],
    ['cut', '1e0c1000aabb', 2, 'Length says 12: the list ends after 6'],
    ['longer than a header', `1e29f0${'00'.repeat(38)}`, 3, '41 octets: 3 to 40 expected'],
    ['Maximum Segment Size of 3', '020305', 2, '3 octets: 4 expected'],
    ['Timestamps of 4', '08040000', 2, '4 octets: 10 expected'],
    ['SACK of 3', '050300', 2, '3 octets: 10, 18, 26 or 34 expected'],
    ['Fast Open cookie of 3', '220300', 2, '3 octets: 2, 6, 8, 10, 12, 14, 16 or 18 expected'],
    ['another option, cut', 'fe050000', 2, 'Length says 5: the list ends after 4'],
  ])('%s', (_, hex, at, text) => {
    const found = explain(fromHex(hex), 'option');
    expect(found.at(-1)).toMatchObject({ name: 'malformed', label: 'Malformed', offset: at, bit: 0, text });
    expect(found.slice(0, -1).some(({ name }) => name === 'malformed')).toBe(false);
  });

  test('what it is of: the option, where its subtype is there', () => {
    expect(explain(fromHex('1e0b1001deadbeef010203')).at(-1)?.of).toBe('MP_JOIN');
    expect(explain(fromHex('1e0c'), 'option').at(-1)?.of).toBe('MPTCP option');
    expect(explain(fromHex('020305'), 'option').at(-1)?.of).toBe('Maximum Segment Size');
  });

  test('octets behind one option are a trailer', () => {
    expect(lines('1e0351ff', 'option').at(-1)).toBe(
      '3.0+8 Trailer = 1 octets behind the end'.replace('1 octets', '1 octet'),
    );
    expect(lines('0101', 'option').at(-1)).toBe('1.0+8 Trailer = 1 octet behind the end');
    expect(lines('010101', 'option').at(-1)).toBe('1.0+16 Trailer = 2 octets behind the end');
  });
});

describe('explain an option list', () => {
  test('all that stand in a SYN', () => {
    expect(
      lines('020405b40402080ab8eb69eb54764bed0103030a2208aabbccddeeff0000').map((line) =>
        line.slice(line.indexOf(' ') + 1),
      ),
    ).toEqual([
      'Kind = 2: Maximum Segment Size',
      'Length = 4',
      'Maximum Segment Size = 1460',
      'Kind = 4: SACK Permitted',
      'Length = 2',
      'Kind = 8: Timestamps',
      'Length = 10',
      'TS Value (TSval) = 3102435819',
      'TS Echo Reply (TSecr) = 1417038829',
      'Kind = 1: No-Operation',
      'Kind = 3: Window Scale',
      'Length = 3',
      'Shift Count = 10',
      'Kind = 34: TCP Fast Open Cookie',
      'Length = 8',
      'Cookie = 0xaabbccddeeff',
      'Kind = 0: End of Option List',
      'Padding = 0x00',
    ]);
  });

  test('SACK blocks, a signature, options nobody knows', () => {
    expect(lines('0101051200000001000000020000000300000004').slice(4)).toEqual([
      '4.0+32 Left Edge of Block = 1',
      '8.0+32 Right Edge of Block = 2',
      '12.0+32 Left Edge of Block = 3',
      '16.0+32 Right Edge of Block = 4',
    ]);
    expect(lines(`1312${'ab'.repeat(16)}`).at(-1)).toBe(`2.0+128 MD5 digest = 0x${'ab'.repeat(16)}`);
    expect(lines('fd04f989')).toEqual(['0.0+8 Kind = 253: Experiment', '1.0+8 Length = 4', '2.0+16 Data = 0xf989']);
    expect(lines('2202').at(-1)).toBe('1.0+8 Length = 2');
  });

  test('a malformed option is one field; the list goes on behind it', () => {
    expect(lines('1e0b1001deadbeef0102031e0351', 'options').slice(0, 4)).toEqual([
      '0.0+8 Kind = 30: Multipath TCP',
      '1.0+8 Length = 11',
      '2.0+72 Malformed = 11 octets: 12, 16 or 24 expected',
      '11.0+8 Kind = 30: Multipath TCP',
    ]);
    expect(lines('1e02011e00ffff', 'options')).toEqual([
      '0.0+8 Kind = 30: Multipath TCP',
      '1.0+8 Malformed = 2 octets: 3 to 40 expected',
      '2.0+8 Kind = 1: No-Operation',
      '3.0+8 Kind = 30: Multipath TCP',
      '4.0+8 Length = 0',
      '5.0+16 Malformed = Length says 0: an option has 2 octets or more',
    ]);
  });

  test('no octets, no fields', () => {
    for (const as of [undefined, 'option', 'options', 'tcp', 'ip', 'frame'] as const) {
      expect(explain(new Uint8Array(0), as)).toEqual([]);
    }
  });
});

describe('explain a TCP segment', () => {
  const segment = tcpSegment({ flags: SYN, options: [decodeOption(fromHex('1e040181'))], payload: fromHex('c0ffee') });

  test('ports, numbers, each flag, options, payload', () => {
    expect(lines(segment, 'tcp').filter((line) => !/Checksum/.test(line))).toEqual([
      '0.0+16 Source Port = 50000',
      '2.0+16 Destination Port = 443',
      '4.0+32 Sequence Number = 1000',
      '8.0+32 Acknowledgment Number = 0',
      '12.0+4 Data Offset = 6',
      '12.4+4 Rsrvd = 0',
      '13.0+1 CWR = clear',
      '13.1+1 ECE = clear',
      '13.2+1 URG = clear',
      '13.3+1 ACK = clear',
      '13.4+1 PSH = clear',
      '13.5+1 RST = clear',
      '13.6+1 SYN = set: Synchronize sequence numbers',
      '13.7+1 FIN = clear',
      '14.0+16 Window = 65535',
      '18.0+16 Urgent Pointer = 0',
      '20.0+8 Kind = 30: Multipath TCP',
      '21.0+8 Length = 4',
      '22.0+4 Subtype = 0x0: MP_CAPABLE',
      '22.4+4 Version = 1: RFC 8684',
      '23.0+1 A = set: DSS checksum required',
      '23.1+1 B = clear: not extended',
      '23.2+1 C = clear: further subflows to this address and port accepted',
      '23.3+4 D E F G = 0: none offered (unassigned)',
      '23.7+1 H = set: HMAC-SHA256',
      '24.0+24 Payload = 3 octets',
    ]);
    expect(explain(segment, 'tcp')[15]).toMatchObject({
      label: 'Checksum',
      text: `0x${toHex(segment.subarray(16, 18))}`,
    });
  });

  test('a cut header: the fields that are whole, then why', () => {
    expect(lines(segment.subarray(0, 11), 'tcp').slice(2)).toEqual([
      '4.0+32 Sequence Number = 1000',
      '8.0+24 Malformed = TCP takes 20 octets: the packet ends after 11',
    ]);
    expect(lines(segment.subarray(0, 2), 'tcp')).toEqual([
      '0.0+16 Malformed = TCP takes 20 octets: the packet ends after 2',
    ]);
  });

  test('a Data Offset that is too small leaves no options', () => {
    const wrong = segment.slice();
    wrong[12] = 0x40;
    expect(lines(wrong, 'tcp')[4]).toBe('12.0+4 Data Offset = 4: must be 5 to 15');
    expect(lines(wrong, 'tcp').at(-1)).toBe('20.0+56 Payload = 7 octets');
  });
});

describe('explain an IP packet', () => {
  const options = [decodeOption(fromHex('1e0351'))];
  const v4 = ipPacket({ options, payload: fromHex('ff') });
  const v6 = ipPacket({ source: 'fd00::1', destination: 'fd00::2', options });

  test('IPv4', () => {
    expect(lines(v4, 'ip').filter((line) => /^(\d|1\d)\./.test(line) && !/Checksum/.test(line))).toEqual([
      '0.0+4 Version = 4',
      '0.4+4 IHL = 5',
      '1.0+6 Differentiated Services Codepoint = 0',
      '1.6+2 Explicit Congestion Notification = 0: not ECN-capable',
      '2.0+16 Total Length = 45',
      '4.0+16 Identification = 0x0000',
      '6.0+1 (reserved) = 0',
      "6.1+1 DF = set: don't fragment",
      '6.2+1 MF = clear: last fragment',
      '6.3+13 Fragment Offset = 0',
      '8.0+8 Time to Live = 64',
      '9.0+8 Protocol = 6: TCP',
      '12.0+32 Source Address = 10.1.0.1',
      '16.0+32 Destination Address = 10.1.0.2',
    ]);
    expect(parts(v4, 'ip')).toEqual([
      '0 IPv4',
      '20 TCP',
      '40 MP_PRIO this subflow',
      '43 End of Option List',
      '44 payload',
    ]);
  });

  test('IPv6', () => {
    expect(lines(v6, 'ip').slice(0, 9)).toEqual([
      '0.0+4 Version = 6',
      '0.4+6 Differentiated Services Codepoint = 0',
      '1.2+2 Explicit Congestion Notification = 0: not ECN-capable',
      '1.4+20 Flow Label = 0x00000',
      '4.0+16 Payload Length = 24',
      '6.0+8 Next Header = 6: TCP',
      '7.0+8 Hop Limit = 64',
      '8.0+128 Source Address = fd00::1',
      '24.0+128 Destination Address = fd00::2',
    ]);
    expect(parts(v6, 'ip')).toEqual(['0 IPv6', '40 TCP', '60 MP_PRIO this subflow', '63 End of Option List']);
  });

  test('IPv4 options, known and not, and a broken one', () => {
    const withOptions = (list: string) => {
      const octets = fromHex(list);
      const packet = new Uint8Array([...v4.subarray(0, 20), ...octets, ...v4.subarray(20)]);
      packet[0] = 0x45 + octets.length / 4;
      packet[3] = packet.length;
      return packet;
    };
    expect(lines(withOptions('9404000001000000'), 'ip').filter((line) => /^2[0-7]\./.test(line))).toEqual([
      '20.0+8 Option Type = 148: Router Alert',
      '21.0+8 Option Length = 4',
      '22.0+16 Option Data = 0x0000',
      '24.0+8 Option Type = 1: No Operation',
      '25.0+8 Option Type = 0: End of Option List',
      '26.0+16 Padding = 0x0000',
    ]);
    expect(lines(withOptions('07050000'), 'ip').filter((line) => /^2[0-3]\./.test(line))).toEqual([
      '20.0+32 Malformed = Length says 5: the list ends after 4',
    ]);
    expect(lines(withOptions('01010107'), 'ip').filter((line) => /^23\./.test(line))).toEqual([
      '23.0+8 Malformed = Length says 0: the list ends after 1',
    ]);
    expect(parts(withOptions('94040000'), 'ip').slice(0, 3)).toEqual(['0 IPv4', '20 IPv4 option', '24 TCP']);
  });

  test('IPv6 extension headers on the way to TCP', () => {
    const chain = fromHex(`3c00${'00'.repeat(6)}2b01${'00'.repeat(14)}33000000${'00'.repeat(4)}0601${'00'.repeat(10)}`);
    const packet = ipHeader({ source: 'fd00::1' }, 0, new Uint8Array([...chain, ...tcpSegment({ source: 'fd00::1' })]));
    expect(parts(packet, 'ip')).toEqual([
      '0 IPv6',
      '40 Hop-by-Hop Options',
      '48 Destination Options',
      '64 Routing',
      '72 Authentication Header',
      '84 TCP',
    ]);
  });

  test('fragments: the first goes on, later ones do not', () => {
    const body = tcpSegment({ source: 'fd00::1' });
    const fragment = (offset: string) => {
      return ipHeader({ source: 'fd00::1' }, 44, new Uint8Array([...fromHex(`0600${offset}00000007`), ...body]));
    };
    expect(parts(fragment('0001'), 'ip')).toEqual(['0 IPv6', '40 Fragment', '48 TCP']);
    expect(parts(fragment('0008'), 'ip')).toEqual(['0 IPv6', '40 Fragment', '48 payload']);
    const later = v4.slice();
    later[7] = 1;
    expect(parts(later, 'ip')).toEqual(['0 IPv4', '20 payload']);
  });

  test('IP in IP', () => {
    expect(parts(ipHeader({}, 41, ipHeader({ source: 'fd00::1' }, 4, v4)), 'ip').slice(0, 4)).toEqual([
      '0 IPv4',
      '20 IPv6',
      '60 IPv4',
      '80 TCP',
    ]);
  });

  test('Total Length: octets behind it are a trailer; 0 means all; less than the header means none', () => {
    const padded = new Uint8Array([...v4, 0, 0]);
    expect(lines(padded, 'ip').at(-1)).toBe('45.0+16 Trailer = 2 octets behind the end');
    padded.set([0, 0], 2);
    expect(lines(padded, 'ip').at(-1)).toBe('44.0+24 Payload = 3 octets');
    expect(lines(padded, 'ip')[4]).toBe(
      '2.0+16 Total Length = 0: left to the network card: a segment that was captured before it was cut',
    );
    padded[3] = 10;
    expect(parts(padded, 'ip')).toEqual(['0 IPv4', '20 trailer']);
    const short = new Uint8Array([...v6, 9]);
    expect(parts(short, 'ip').at(-1)).toBe('64 trailer');
    short.set([0, 0], 4);
    expect(parts(short, 'ip').at(-1)).toBe('64 payload');
  });

  test('what is no IP, or is cut', () => {
    expect(lines('7500', 'ip')).toEqual(['0.0+16 Malformed = IP version 7: 4 or 6 expected']);
    expect(lines(v4.subarray(0, 19), 'ip').at(-1)).toBe(
      '16.0+24 Malformed = IPv4 takes 20 octets: the packet ends after 19',
    );
    expect(lines(v6.subarray(0, 9), 'ip').at(-1)).toBe(
      '8.0+8 Malformed = IPv6 takes 40 octets: the packet ends after 9',
    );
    const hop = ipHeader({ source: 'fd00::1' }, 0, fromHex('06'));
    expect(lines(hop, 'ip').at(-1)).toBe(
      '40.0+8 Malformed = Hop-by-Hop Options takes 8 octets: the packet ends after 1',
    );
    expect(parts(ipHeader({}, 17, fromHex('00')), 'ip')).toEqual(['0 IPv4', '20 payload']);
  });
});

describe('explain a frame', () => {
  const packet = ipPacket({ payload: fromHex('ff') });
  const behind = (link: string) => new Uint8Array([...fromHex(link), ...packet]);
  const ethernet = 'aabbccddeeff020304050607';

  test('Ethernet', () => {
    expect(lines(tcpPacket({ payload: fromHex('ff') }), 'frame')[2]).toBe('12.0+16 EtherType = 0x0800: IPv4');
    expect(lines(behind(`${ethernet}0800`), 'frame').slice(0, 2)).toEqual([
      '0.0+48 Destination = aa:bb:cc:dd:ee:ff',
      '6.0+48 Source = 02:03:04:05:06:07',
    ]);
    expect(parts(behind(`${ethernet}0800`), 'frame').slice(0, 3)).toEqual(['0 Ethernet', '14 IPv4', '34 TCP']);
  });

  test('VLAN tags', () => {
    const tagged = behind(`${ethernet}88a80001 8100602a 0800`.replaceAll(' ', ''));
    expect(parts(tagged).slice(0, 3)).toEqual(['0 Ethernet', '14 VLAN tag', '22 IPv4']);
    expect(lines(tagged).slice(7, 11)).toEqual([
      '18.0+3 PCP = 3',
      '18.3+1 DEI = clear: not drop eligible',
      '18.4+12 VLAN ID = 42',
      '20.0+16 EtherType = 0x0800: IPv4',
    ]);
  });

  test('Linux cooked captures, BSD loopback, none', () => {
    expect(parts(behind('00000001000602030405060700000800')).slice(0, 2)).toEqual([
      '0 Linux cooked capture v1',
      '16 IPv4',
    ]);
    expect(parts(behind('0800000000000002000100060203040506070000')).slice(0, 2)).toEqual([
      '0 Linux cooked capture v2',
      '20 IPv4',
    ]);
    expect(parts(behind('02000000')).slice(0, 2)).toEqual(['0 BSD loopback', '4 IPv4']);
    expect(parts(behind('0000001e')).slice(0, 2)).toEqual(['0 BSD loopback', '4 IPv4']);
    expect(parts(packet, 'frame')[0]).toBe('0 IPv4');
  });

  test('not IP: Ethernet, and the rest as payload', () => {
    expect(parts(fromHex(`${ethernet}08060001`), 'frame')).toEqual(['0 Ethernet', '14 payload']);
    expect(lines(fromHex(`${ethernet}08`), 'frame').at(-1)).toBe(
      '12.0+8 Malformed = Ethernet takes 14 octets: the packet ends after 13',
    );
    expect(lines(fromHex(`${ethernet}810000`), 'frame').at(-1)).toBe(
      '14.0+8 Malformed = VLAN tag takes 4 octets: the packet ends after 1',
    );
    expect(parts(fromHex(`${ethernet}0800`), 'frame')).toEqual(['0 Ethernet']);
  });
});

interface Vectors {
  valid: { hex: string }[];
  lists: { hex: string; options: string[] }[];
}

describe('detect', () => {
  const vectors = JSON.parse(
    readFileSync(new URL('../fixtures/options/vectors.json', import.meta.url), 'utf8'),
  ) as Vectors;

  test('an option and a list of options', () => {
    expect(vectors.valid.filter(({ hex }) => detect(fromHex(hex)) !== 'option')).toEqual([]);
    const lists = vectors.lists.filter(({ hex, options }) => hex !== options[0]);
    expect(lists.filter(({ hex }) => detect(fromHex(hex)) !== 'options')).toEqual([]);
  });

  test('each frame of a capture, its packet and its segment', () => {
    const file = readFileSync(new URL('../fixtures/captures/illustrated.pcapng', import.meta.url));
    let frames = 0;
    for (const { bytes } of readCaptureSync(file)) {
      const link = { ethernet: 14, sll: 16, sll2: 20, null: 4, vlan: 18, raw: 0 }[linkOf(bytes) ?? 'raw'];
      const ip = bytes.subarray(link);
      const tcp = ip.subarray(ip[0]! >>> 4 === 4 ? (ip[0]! & 0x0f) * 4 : 40);
      expect([detect(bytes), detect(ip), detect(tcp)]).toEqual(['frame', 'ip', 'tcp']);
      frames++;
    }
    expect(frames).toBe(38);
  });

  test.each<[string, Layer]>([
    ['', 'options'],
    ['1e', 'option'],
    ['1e0c1000', 'option'],
    ['01', 'options'],
    ['00', 'options'],
    ['ff', 'options'],
    ['4500', 'ip'],
    ['60', 'ip'],
    ['ff'.repeat(41), 'tcp'],
    [`1eff${'00'.repeat(60)}`, 'option'],
  ])('%j is taken for %s', (hex, layer) => expect(detect(fromHex(hex))).toBe(layer));

  test('a TCP header with a broken list, or a wrong Data Offset, is only what is left', () => {
    const header = tcpSegment({ options: [fromHex('02040000')], payload: new Uint8Array(40) });
    expect(detect(header)).toBe('tcp');
    expect(explain(header)[0]?.label).toBe('Source Port');
  });
});
