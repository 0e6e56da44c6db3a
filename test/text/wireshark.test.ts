import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { fromHex } from '../../src/bytes.ts';
import { readCaptureSync } from '../../src/capture/capture.ts';
import { decodeOption } from '../../src/mptcp/option.ts';
import { decodePacket, type MptcpPacket } from '../../src/text/packet.ts';
import { STATEFUL_FIELDS, WIRESHARK_FIELDS } from '../../src/text/wireshark.ts';
import { captured } from '../packet.ts';
import { has } from '../tools.ts';

const K = '8f0c7c64a6a32ac1';
const L = '73bb150358a0aecb';
const HMAC160 = '38b832f49c06db73de0cf7333f96735578cb9d91';

/** The values of all Wireshark fields that an option has, but for those of the packet and of every option's head. */
function valuesOf(hex: string, keys = true): Record<string, string[]> {
  const packet = { ...decodePacket(captured(1), true)!, options: [decodeOption(fromHex(hex))] };
  const entries = Object.entries(WIRESHARK_FIELDS)
    .filter(([name]) => name.includes('mptcp'))
    .map(([name, values]) => [name.replace('tcp.options.mptcp.', ''), values(packet, { keys })] as const);
  return Object.fromEntries(entries.filter(([, values]) => values.length > 0));
}

test('MP_CAPABLE: keys, token and IDSN in decimal', () => {
  expect(valuesOf(`1e1801e1${K}${L}0010000d`)).toEqual({
    subtype: ['0'],
    version: ['1'],
    flags: ['0xe1'],
    'checksumreq.flags': ['1'],
    'extensibility.flag': ['1'],
    'nomoresubflows.flag': ['1'],
    'reserved.flag': ['0x00'],
    'sha256.flag': ['1'],
    sendkey: ['10307750418878507713'],
    recvkey: ['8339282239122616011'],
    datalvllen: ['16'],
    checksum: ['0x000d'],
    'mptcp.expected_token': [`${0x2e1abded}`],
    'mptcp.expected_idsn': [`${0xee83a616c38765c4n}`],
  });
  expect(Object.keys(valuesOf(`1e140101${K}${L}`, false))).not.toContain('sendkey');
});

test('version 0 has SHA-1, and no flag C', () => {
  const values = valuesOf('1e0c00819c9eabd1e46a33b2');
  expect(values['sha1.flag']).toEqual(['1']);
  expect(values['nomoresubflows.flag']).toBeUndefined();
  expect(values['mptcp.expected_token']).toEqual([`${0xaf9706eb}`]);
  expect(values['mptcp.expected_idsn']).toEqual([`${0x9851b565d52abec9n}`]);
});

test('other options', () => {
  expect(valuesOf(`1e181101${HMAC160}`)).toEqual({ subtype: ['1'], reserved: ['0x0101'], sendhmac: [HMAC160] });
  expect(valuesOf('1e101100ffffffffffffffff0000000a')).toMatchObject({
    'backup.flag': ['1'],
    flags: ['0x11'],
    sendtrunchmac: ['18446744073709551615'],
    sendrand: ['10'],
  });
  expect(valuesOf('1e10201500000001000000020000000300040005'.replace('1e10', '1e14'))).toEqual({
    subtype: ['2'],
    flags: ['0x15'],
    'datafin.flag': ['1'],
    'dseqn8.flag': ['0'],
    'dseqnpresent.flag': ['1'],
    'dataack8.flag': ['0'],
    'dataackpresent.flag': ['1'],
    rawdataack: ['1'],
    rawdataseqno: ['2'],
    subflowseqno: ['3'],
    datalvllen: ['4'],
    checksum: ['0x0005'],
  });
  expect(valuesOf('1e0a31010a01000213c4')).toEqual({
    subtype: ['3'],
    echo: ['1'],
    addrid: ['1'],
    ipv4: ['10.1.0.2'],
    port: ['5060'],
  });
  expect(valuesOf('1e05400109')).toEqual({ subtype: ['4'], addrid: ['1', '9'], 'mptcp.rm_addr.count': ['2'] });
  expect(valuesOf('1e048101')).toMatchObject({ flags: ['0x81'], 'flag_T.flag': ['1'], rst_reason: ['0x01'] });
  expect(valuesOf(`1e0c7000${K}`, false)).toEqual({ subtype: ['7'], reserved: ['0x0000'] });
  expect(valuesOf('1e0320')).toEqual({ subtype: ['2'] });
  expect(valuesOf('1e02')).toEqual({});
});

test('a packet', () => {
  const packet = decodePacket(captured(5, { source: 'fd00::1', flags: 0x12, options: [fromHex('1e035101')] }))!;
  const value = (name: string) => WIRESHARK_FIELDS[name]!(packet);
  expect(value('frame.number')).toEqual(['5']);
  expect(value('frame.time_epoch')).toEqual(['1700000000.005000000']);
  expect(value('frame.interface_name')).toEqual([]);
  expect(value('ipv6.src')).toEqual(['fd00::1']);
  expect(value('ip.src')).toEqual([]);
  expect(value('tcp.flags')).toEqual(['0x0012']);
  expect(value('tcp.flags.syn')).toEqual(['1']);
  expect(value('tcp.flags.fin')).toEqual(['0']);
  expect(value('tcp.option_kind')).toEqual(['30']);
  expect(value('tcp.option_len')).toEqual(['3']);
  const bare: MptcpPacket = { ...packet, time: undefined, interface: 'eth0', src: undefined };
  expect(WIRESHARK_FIELDS['frame.time_epoch']!(bare)).toEqual([]);
  expect(WIRESHARK_FIELDS['frame.interface_name']!(bare)).toEqual(['eth0']);
  expect(WIRESHARK_FIELDS['ipv6.src']!(bare)).toEqual([]);
  const malformed = { ...packet, options: [decodeOption(fromHex('1e')), decodeOption(new Uint8Array(0))] };
  expect(WIRESHARK_FIELDS['tcp.option_kind']!(malformed)).toEqual(['30']);
  expect(WIRESHARK_FIELDS['tcp.option_len']!({ ...packet, options: [decodeOption(fromHex('1e02'))] })).toEqual(['2']);
  expect(WIRESHARK_FIELDS['tcp.option_len']!(malformed)).toEqual([]);
});

/** Every name under which Wireshark has something of MPTCP, in 4.0 and in 4.4. */
test.skipIf(!has('tshark'))('Wireshark knows all the names, and we know all of Wireshark (needs tshark)', () => {
  const theirs = new Set(
    execFileSync('tshark', ['-G', 'fields'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
      maxBuffer: 2 ** 28,
    })
      .split('\n')
      .map((line) => line.split('\t')[2] ?? ''),
  );
  const ours = new Set([...Object.keys(WIRESHARK_FIELDS), ...Object.keys(STATEFUL_FIELDS)]);
  expect([...ours].filter((name) => !theirs.has(name))).toEqual([]);
  const mptcp = [...theirs].filter((name) => /^(tcp\.options\.mptcp|mptcp)\./.test(name));
  expect(mptcp.filter((name) => !ours.has(name))).toEqual([
    // Marks that Wireshark sets where it finds something odd.
    'mptcp.connection.missing_algorithm',
    'mptcp.connection.unsupported_algorithm',
    'mptcp.dss.infinite_mapping',
    'mptcp.dss.missing_mapping',
  ]);
});

/** Kind and Length: Wireshark gives those of all options. The checksum of DSS: it never shows one. */
const LEFT_OUT = ['tcp.option_kind', 'tcp.option_len'];

const FIXTURES = 'fixtures/captures';
const CAPTURES = readdirSync(FIXTURES)
  // On these tshark is known to read wrong; test/oracle tells how.
  .filter((name) => !name.startsWith('disagree-'))
  .filter((name) => /\.pcap(ng)?$/.test(name))
  .map((name) => `${FIXTURES}/${name}`);

test.skipIf(!has('tshark')).each(CAPTURES)('%s: every field as tshark has it (needs tshark)', (path) => {
  const names = Object.keys(WIRESHARK_FIELDS).filter((name) => !LEFT_OUT.includes(name));
  const rows = execFileSync(
    'tshark',
    ['-r', path, '-Y', 'mptcp', '-T', 'fields', ...names.flatMap((name) => ['-e', name])],
    { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'], maxBuffer: 2 ** 28 },
  );
  const theirs = rows.split('\n').filter((row) => row !== '');
  const ours = [...readCaptureSync(readFileSync(path))]
    .map((one) => decodePacket(one))
    .filter((packet) => packet !== undefined)
    .map((packet) => {
      const known = {
        ...packet,
        options: packet.options.map((option) => (option.type === 'DSS' ? withoutChecksum(option) : option)),
      };
      return names.map((name) => WIRESHARK_FIELDS[name]!(known).join(',')).join('\t');
    });
  expect(ours).toEqual(theirs);
});

function withoutChecksum(option: Extract<MptcpPacket['options'][number], { type: 'DSS' }>): typeof option {
  return { ...option, mapping: option.mapping && { ...option.mapping, checksum: undefined } };
}
