import { describe, expect, test } from 'vitest';
import { fromHex } from '../../src/bytes.ts';
import { decodeOption } from '../../src/mptcp/option.ts';
import { CLAUSES, type ClauseCode, type Segment, violations } from '../../src/mptcp/violations.ts';

const K = '8f0c7c64a6a32ac1';
const L = '73bb150358a0aecb';
const KL = K + L;
const HMAC64 = '15aca4bbaa143157';
const HMAC160 = '38b832f49c06db73de0cf7333f96735578cb9d91';

const SYN: Segment = { syn: true, ack: false, rst: false, payloadLength: 0 };
const SYN_ACK: Segment = { syn: true, ack: true, rst: false, payloadLength: 0 };
const ACK: Segment = { syn: false, ack: true, rst: false, payloadLength: 0 };
const DATA: Segment = { ...ACK, payloadLength: 16 };
const RST: Segment = { syn: false, ack: true, rst: true, payloadLength: 0 };

/** Code, an option that breaks it with its segment, field, message, and one that obeys it in its segment. */
type Row = [ClauseCode, string, Segment, string | undefined, string, string, Segment];

const ROWS: Row[] = [
  ['malformed-kind', '08030100', {}, undefined, 'not an MPTCP option', '1e0350', {}],
  ['malformed-truncated', '', {}, undefined, 'an option ends at octet 0 of 0, short of its Length', '1e0350', {}],
  ['malformed-truncated', '1e0c1000', {}, undefined, 'MP_JOIN ends at octet 4 of 4, short of its Length', '1e0350', {}],
  ['malformed-truncated', '1e0590', {}, undefined, 'an option ends at octet 3 of 3, short of its Length', '1e0350', {}],
  ['malformed-length', '1e02', {}, undefined, 'an option cannot have Length 2', '1e0350', {}],
  [
    'malformed-length',
    '1e0d1000000000000000000000',
    {},
    undefined,
    'MP_JOIN cannot have Length 13',
    `1e0c1000${K}`,
    {},
  ],
  [
    'malformed-no-hmac',
    '1e0830010a010002',
    {},
    undefined,
    'ADD_ADDR of Length 8 is neither an echo nor has it an HMAC',
    '1e0831010a010002',
    {},
  ],
  ['malformed-family', '1e0836010a010002', {}, undefined, 'ADD_ADDR of Length 8 has IPVer 6', '1e0834010a010002', {}],
  ['unknown-subtype', '1e0390', {}, 'subtype', 'subtype 9 is unassigned', '1e03f0', {}],

  [
    'capable-role',
    '1e040101',
    SYN_ACK,
    undefined,
    'version 1 with no key belongs on SYN, not on SYN/ACK',
    '1e040101',
    SYN,
  ],
  [
    'capable-role',
    `1e0c0101${K}`,
    SYN,
    undefined,
    'version 1 with one key belongs on SYN/ACK, not on SYN',
    `1e0c0101${K}`,
    SYN_ACK,
  ],
  [
    'capable-role',
    `1e140101${KL}`,
    SYN,
    undefined,
    'version 1 with both keys belongs on ACK, not on SYN',
    `1e140101${KL}`,
    ACK,
  ],
  [
    'capable-role',
    `1e140101${KL}`,
    RST,
    undefined,
    'version 1 with both keys belongs on ACK, not on RST',
    `1e140101${KL}`,
    {},
  ],
  [
    'capable-role-v0',
    `1e0c0001${K}`,
    ACK,
    undefined,
    'version 0 with one key belongs on SYN or SYN/ACK, not on ACK',
    `1e0c0001${K}`,
    SYN,
  ],
  [
    'capable-role-v0',
    `1e140001${KL}`,
    SYN_ACK,
    undefined,
    'version 0 with both keys belongs on ACK, not on SYN/ACK',
    `1e140001${KL}`,
    DATA,
  ],
  ['capable-form-v0', '1e040001', SYN, undefined, 'version 0 with no key', `1e0c0001${K}`, SYN_ACK],
  ['capable-form-v0', `1e160001${KL}0010`, DATA, undefined, 'version 0 with a Data-Level Length', `1e140001${KL}`, ACK],
  ['capable-version-unknown', '1e040201', SYN, 'version', 'version 2 is not defined', '1e040101', SYN],
  [
    'capable-version-mismatch',
    `1e0c0101${K}`,
    { ...SYN_ACK, version: 0 },
    'version',
    'SYN/ACK has version 1 on a version 0 connection',
    '1e040101',
    { ...SYN, version: 0 },
  ],
  [
    'capable-version-mismatch',
    `1e140001${KL}`,
    { ...ACK, version: 1 },
    'version',
    'ACK has version 0 on a version 1 connection',
    `1e140101${KL}`,
    { ...ACK, version: 1 },
  ],
  ['capable-extensibility', '1e040141', SYN, 'extensibility', 'flag B is set', '1e040121', SYN],
  ['capable-algorithm-none', '1e040100', SYN, 'algorithms', 'no handshake algorithm', '1e040101', SYN],
  ['capable-algorithm-none', `1e0c0000${K}`, SYN, 'algorithms', 'no handshake algorithm', `1e0c0001${K}`, SYN],
  ['capable-algorithm-unknown', '1e04011f', SYN, 'algorithms', 'unassigned algorithm D, E, F, G', '1e040121', SYN],
  ['capable-algorithm-unknown', '1e040102', SYN, 'algorithms', 'unassigned algorithm G', '1e0401a1', SYN],
  ['capable-algorithm-unknown-v0', `1e0c0021${K}`, SYN, 'denyJoin', 'unassigned algorithm C', `1e0c0081${K}`, SYN],
  ['capable-algorithm-unknown-v0', `1e0c0020${K}`, SYN, 'denyJoin', 'unassigned algorithm C', `1e0c0001${K}`, SYN],
  ['capable-algorithm-unknown-v0', `1e0c0009${K}`, SYN, 'algorithms', 'unassigned algorithm E', `1e0c0001${K}`, SYN],
  [
    'capable-data-level-length-missing',
    `1e140101${KL}`,
    DATA,
    'dataLevelLength',
    '16 octets of data without a Data-Level Length',
    `1e160101${KL}0010`,
    DATA,
  ],
  [
    'capable-data-level-length-unused',
    `1e160101${KL}0010`,
    ACK,
    'dataLevelLength',
    'Data-Level Length 16 on a segment without data',
    `1e160101${KL}0010`,
    { syn: false },
  ],
  [
    'capable-data-level-length-zero',
    `1e160101${KL}0000`,
    DATA,
    'dataLevelLength',
    'Data-Level Length is 0',
    `1e160101${KL}0001`,
    DATA,
  ],
  [
    'capable-checksum-flag',
    `1e140101${KL}`,
    { ...ACK, checksumNegotiated: true },
    'checksumRequired',
    'flag A is 0 and checksums are agreed on',
    `1e140181${KL}`,
    { ...ACK, checksumNegotiated: true },
  ],
  [
    'capable-checksum-flag',
    `1e140081${KL}`,
    { ...ACK, checksumNegotiated: false },
    'checksumRequired',
    'flag A is 1 and checksums are not agreed on',
    `1e0c0101${K}`,
    { ...SYN_ACK, checksumNegotiated: true },
  ],
  [
    'capable-checksum-missing',
    `1e160181${KL}0010`,
    DATA,
    'checksum',
    'data is mapped without the checksum agreed on',
    `1e180181${KL}0010abcd`,
    { ...DATA, checksumNegotiated: true },
  ],
  [
    'capable-checksum-not-negotiated',
    `1e180101${KL}0010abcd`,
    DATA,
    'checksum',
    'checksum 0xabcd was not agreed on',
    `1e160101${KL}0010`,
    { ...DATA, checksumNegotiated: false },
  ],

  ['join-role', `1e0c1001${K}`, SYN_ACK, undefined, 'the SYN form of MP_JOIN on SYN/ACK', `1e0c1001${K}`, SYN],
  [
    'join-role',
    `1e101001${HMAC64}5f333f0b`,
    SYN,
    undefined,
    'the SYN/ACK form of MP_JOIN on SYN',
    `1e101001${HMAC64}5f333f0b`,
    SYN_ACK,
  ],
  ['join-role', `1e181000${HMAC160}`, RST, undefined, 'the ACK form of MP_JOIN on RST', `1e181000${HMAC160}`, ACK],
  [
    'join-data',
    `1e181000${HMAC160}`,
    DATA,
    undefined,
    '16 octets of data beside the HMAC',
    `1e181000${HMAC160}`,
    { syn: true },
  ],
  ['join-reserved', `1e0c1e01${K}`, SYN, 'reserved', 'MP_JOIN has reserved bits 0xe', `1e0c1101${K}`, SYN],
  [
    'join-reserved',
    `1e181100${HMAC160}`,
    ACK,
    'reserved',
    'MP_JOIN has reserved bits 0x100',
    `1e181000${HMAC160}`,
    ACK,
  ],

  ['dss-on-syn', '1e0820013cd9d7dd', SYN, undefined, 'DSS on a SYN', '1e0820013cd9d7dd', ACK],
  [
    'dss-checksum-missing',
    '1e0e20043cd9d7dd000000010010',
    { ...DATA, checksumNegotiated: true },
    'mapping.checksum',
    'data is mapped without the checksum agreed on',
    '1e1020043cd9d7dd0000000100101234',
    { ...DATA, checksumNegotiated: true },
  ],
  [
    'dss-checksum-not-negotiated',
    '1e1020043cd9d7dd0000000100101234',
    { ...DATA, checksumNegotiated: false },
    'mapping.checksum',
    'checksum 0x1234 was not agreed on',
    '1e0e20043cd9d7dd000000010010',
    { ...DATA, checksumNegotiated: false },
  ],
  [
    'dss-data-fin-without-mapping',
    '1e0820113cd9d7dd',
    ACK,
    'dataFin',
    'DATA_FIN without a mapping',
    '1e0820013cd9d7dd',
    ACK,
  ],
  [
    'dss-data-fin-length',
    '1e0e20143cd9d7dd000000000000',
    ACK,
    'mapping.dataLevelLength',
    'DATA_FIN in a mapping of length 0',
    '1e0e20143cd9d7dd000000000001',
    ACK,
  ],
  [
    'dss-data-fin-subflow-sequence-number',
    '1e0e20143cd9d7dd000000010001',
    ACK,
    'mapping.subflowSequenceNumber',
    'DATA_FIN alone has Subflow Sequence Number 1',
    '1e0e20143cd9d7dd000000010002',
    ACK,
  ],
  [
    'dss-infinite-mapping-checksum',
    '1e1020043cd9d7dd0000000100001234',
    DATA,
    'mapping.checksum',
    'infinite mapping with checksum 0x1234',
    '1e1020043cd9d7dd0000000100000000',
    { ...DATA, checksumNegotiated: true },
  ],
  ['dss-reserved', '1e082fe13cd9d7dd', ACK, 'reserved', 'DSS has reserved bits 0xfe0', '1e0820013cd9d7dd', ACK],
  ['dss-reserved', '1e04200a', ACK, 'reserved', 'DSS has reserved bits 0xa', '1e042000', ACK],

  [
    'add-addr-on-syn',
    `1e1030010a010002${HMAC64}`,
    SYN,
    undefined,
    'ADD_ADDR on a SYN',
    `1e1030010a010002${HMAC64}`,
    ACK,
  ],
  [
    'add-addr-version',
    '1e0834010a010002',
    { ...ACK, version: 1 },
    'version',
    'ADD_ADDR of version 0 on a version 1 connection',
    '1e0834010a010002',
    { ...ACK, version: 0 },
  ],
  [
    'add-addr-version',
    '1e0831010a010002',
    { version: 0 },
    'version',
    'ADD_ADDR of version 1 on a version 0 connection',
    '1e0831010a010002',
    { version: 1 },
  ],
  [
    'add-addr-address',
    `1e10300100000000${HMAC64}`,
    ACK,
    'address',
    'the unspecified address is advertised',
    '1e08310100000000',
    ACK,
  ],
  [
    'add-addr-address',
    `1e1030017f000001${HMAC64}`,
    ACK,
    'address',
    'a loopback address is advertised',
    `1e10300180000001${HMAC64}`,
    ACK,
  ],
  [
    'add-addr-address',
    `1e103001ffffffff${HMAC64}`,
    ACK,
    'address',
    'the broadcast address is advertised',
    `1e103001fffffffe${HMAC64}`,
    ACK,
  ],
  [
    'add-addr-address',
    `1e103001e0000001${HMAC64}`,
    ACK,
    'address',
    'a multicast address is advertised',
    `1e103001df000001${HMAC64}`,
    ACK,
  ],
  [
    'add-addr-address',
    `1e103001efffffff${HMAC64}`,
    ACK,
    'address',
    'a multicast address is advertised',
    `1e103001f0000000${HMAC64}`,
    ACK,
  ],
  [
    'add-addr-address',
    `1e1c3001${'00'.repeat(16)}${HMAC64}`,
    ACK,
    'address',
    'the unspecified address is advertised',
    `1e1c3001${'00'.repeat(15)}02${HMAC64}`,
    ACK,
  ],
  [
    'add-addr-address',
    `1e1c3001${'00'.repeat(15)}01${HMAC64}`,
    ACK,
    'address',
    'the loopback address is advertised',
    `1e1c3001fd070003${'00'.repeat(11)}02${HMAC64}`,
    ACK,
  ],
  [
    'add-addr-address',
    `1e1c3001ff02${'00'.repeat(13)}01${HMAC64}`,
    ACK,
    'address',
    'a multicast address is advertised',
    `1e1c3001fe80${'00'.repeat(13)}01${HMAC64}`,
    ACK,
  ],
  [
    'add-addr-address',
    `1e1c3001${'00'.repeat(10)}ffff0a010002${HMAC64}`,
    ACK,
    'address',
    'an IPv4-mapped address is advertised',
    `1e1c3001${'00'.repeat(9)}01ffff0a010002${HMAC64}`,
    ACK,
  ],
  [
    'add-addr-address-id-zero',
    `1e1030000a010002${HMAC64}`,
    ACK,
    'addressId',
    'Address ID 0 is advertised',
    '1e0831000a010002',
    ACK,
  ],
  [
    'add-addr-port-zero',
    `1e1230010a0100020000${HMAC64}`,
    ACK,
    'port',
    'port 0 is advertised',
    `1e1230010a0100020001${HMAC64}`,
    ACK,
  ],
  [
    'add-addr-reserved',
    `1e1036010a010002${HMAC64}`,
    ACK,
    'reserved',
    'ADD_ADDR has reserved bits 0x6',
    '1e0831010a010002',
    ACK,
  ],

  ['remove-addr-on-syn', '1e044001', SYN, undefined, 'REMOVE_ADDR on a SYN', '1e044001', ACK],
  [
    'remove-addr-too-many',
    '1e0c40010203040506070809',
    ACK,
    'addressIds',
    '9 addresses are withdrawn at once',
    '1e0b400102030405060708',
    ACK,
  ],
  [
    'remove-addr-repeated',
    '1e08400102010201',
    ACK,
    'addressIds',
    'Address ID 1, 2 is withdrawn more than once',
    '1e05400102',
    ACK,
  ],
  ['remove-addr-reserved', '1e044f01', ACK, 'reserved', 'REMOVE_ADDR has reserved bits 0xf', '1e044001', ACK],

  ['prio-on-syn', '1e0351', SYN, undefined, 'MP_PRIO on a SYN', '1e0351', ACK],
  [
    'prio-address-id',
    '1e045107',
    { ...ACK, version: 1 },
    'addressId',
    'MP_PRIO names Address ID 7 on a version 1 connection',
    '1e045107',
    { ...ACK, version: 0 },
  ],
  ['prio-reserved', '1e035e', ACK, 'reserved', 'MP_PRIO has reserved bits 0xe', '1e0351', { ...ACK, version: 1 }],

  ['fail-on-syn', `1e0c6000${K}`, SYN_ACK, undefined, 'MP_FAIL on a SYN', `1e0c6000${K}`, RST],
  [
    'fail-without-checksum',
    `1e0c6000${K}`,
    { ...ACK, checksumNegotiated: false },
    undefined,
    'MP_FAIL on a connection without checksums',
    `1e0c6000${K}`,
    { ...ACK, checksumNegotiated: true },
  ],
  ['fail-reserved', `1e0c6fff${K}`, ACK, 'reserved', 'MP_FAIL has reserved bits 0xfff', `1e0c6000${K}`, ACK],

  ['fastclose-on-syn', `1e0c7000${K}`, SYN, undefined, 'MP_FASTCLOSE on a SYN', `1e0c7000${K}`, ACK],
  [
    'fastclose-on-rst-v0',
    `1e0c7000${K}`,
    { ...RST, version: 0 },
    undefined,
    'MP_FASTCLOSE on a RST of a version 0 connection',
    `1e0c7000${K}`,
    { ...RST, version: 1 },
  ],
  [
    'fastclose-reserved',
    `1e0c7001${K}`,
    ACK,
    'reserved',
    'MP_FASTCLOSE has reserved bits 0x1',
    `1e0c7000${K}`,
    { ...ACK, version: 0 },
  ],

  ['tcprst-without-rst', '1e048001', ACK, undefined, 'MP_TCPRST on a segment without RST', '1e048001', RST],
  [
    'tcprst-v0',
    '1e048001',
    { ...RST, version: 0 },
    undefined,
    'MP_TCPRST on a version 0 connection',
    '1e048001',
    { ...RST, version: 1 },
  ],
  ['tcprst-reason-unassigned', '1e048007', RST, 'reason', 'reason 7 is unassigned', '1e048106', RST],
  ['tcprst-reserved', '1e048e00', RST, 'reserved', 'MP_TCPRST has reserved bits 0xe', '1e048100', RST],
];

describe('each clause', () => {
  test.each(ROWS)('%s: broken by %s in %o', (code, hex, segment, field, message) => {
    const { severity, rfc } = CLAUSES[code];
    expect(violations(decodeOption(fromHex(hex)), segment)).toContainEqual({ code, field, message, rfc, severity });
  });

  test.each(ROWS)('%s: obeyed', (_code, _hex, _segment, _field, _message, hex, segment) => {
    expect(violations(decodeOption(fromHex(hex)), segment)).toEqual([]);
  });

  test('has an example here', () => {
    expect([...new Set(ROWS.map(([code]) => code))].sort()).toEqual(Object.keys(CLAUSES).sort());
  });
});

test('an option that breaks one clause breaks no other', () => {
  const others = ROWS.flatMap(([code, hex, segment]) =>
    violations(decodeOption(fromHex(hex)), segment)
      .filter((found) => found.code !== code)
      .map((found) => `${code} also ${found.code}`),
  );
  expect(others).toEqual([]);
});

test('nothing is judged that the caller does not tell', () => {
  for (const hex of [
    '1e040101',
    `1e0c0101${K}`,
    `1e140101${KL}`,
    `1e0c1001${K}`,
    '1e0820013cd9d7dd',
    '1e048001',
    '1e045107',
  ]) {
    expect(violations(decodeOption(fromHex(hex)))).toEqual([]);
    expect(violations(decodeOption(fromHex(hex)), { version: undefined, syn: undefined, ack: true })).toEqual([]);
  }
  expect(violations(decodeOption(fromHex('1e040101')), { syn: true })).toEqual([]);
});

test('what only some forms must or may not have is not asked of the others', () => {
  const found = (hex: string, segment: Segment) => violations(decodeOption(fromHex(hex)), segment);
  // Data beside one key, beside the SYN form of MP_JOIN.
  expect(found(`1e0c0101${K}`, { ...SYN_ACK, payloadLength: 16 })).toEqual([]);
  expect(found(`1e0c1001${K}`, { ...SYN, payloadLength: 16 })).toEqual([]);
  // 2001:db8::ffff ends as an IPv4-mapped address begins.
  expect(found(`1e1c300120010db8${'0'.repeat(20)}ffff${HMAC64}`, ACK)).toEqual([]);
});

test('several clauses come in a fixed order', () => {
  const codes = violations(decodeOption(fromHex(`1e180140${KL}0000abcd`)), SYN).map(({ code }) => code);
  expect(codes).toEqual([
    'capable-role',
    'capable-extensibility',
    'capable-algorithm-none',
    'capable-data-level-length-unused',
    'capable-data-level-length-zero',
    'capable-checksum-not-negotiated',
  ]);
});

test('an option whose reserved bits are left out has none', () => {
  expect(violations({ type: 'MP_PRIO', backup: true })).toEqual([]);
});

test('notes are what no receiver looks at', () => {
  const notes = Object.entries(CLAUSES).filter(([, { severity }]) => severity === 'note');
  expect(notes.map(([code]) => code)).toEqual([
    'unknown-subtype',
    'capable-version-unknown',
    'join-reserved',
    'dss-data-fin-subflow-sequence-number',
    'dss-reserved',
    'add-addr-address',
    'add-addr-address-id-zero',
    'add-addr-reserved',
    'remove-addr-too-many',
    'remove-addr-repeated',
    'remove-addr-reserved',
    'prio-reserved',
    'fail-reserved',
    'fastclose-reserved',
    'tcprst-reason-unassigned',
    'tcprst-reserved',
  ]);
});

test('docs/violations.md lists them all (npx vitest run -u writes it)', async () => {
  const rows = Object.entries(CLAUSES).map(
    ([code, { severity, rfc, rule }]) => `| \`${code}\` | ${severity} | ${rfc} | ${rule} |`,
  );
  const page = [
    '# Violations',
    '',
    'What `violations(option, segment?)` reports: every rule that one option in its segment can break, in our words.',
    'Decoding never refuses an option for these; the builders never make one.',
    '',
    '| code | severity | RFC | rule |',
    '|---|---|---|---|',
    ...rows,
    '',
  ];
  await expect(page.join('\n')).toMatchFileSnapshot('../../docs/violations.md');
});
