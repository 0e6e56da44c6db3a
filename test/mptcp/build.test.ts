import { describe, expect, test } from 'vitest';
import { fromHex, toHex } from '../../src/bytes.ts';
import {
  addAddr,
  addAddrEcho,
  dss,
  infiniteMapping,
  joinAck,
  joinSyn,
  joinSynAck,
  mpCapableAck,
  mpCapableSyn,
  mpCapableSynAck,
  mpFail,
  mpFastclose,
  mpPrio,
  mpTcprst,
  removeAddr,
  verifyAddAddr,
  verifyAddAddrEcho,
  verifyDss,
  verifyJoinAck,
  verifyJoinSyn,
  verifyJoinSynAck,
  verifyMpCapableAck,
  verifyMpCapableSyn,
  verifyMpCapableSynAck,
  verifyMpFastclose,
} from '../../src/mptcp/build.ts';
import { decodeOption, encodeOption, type MptcpOption } from '../../src/mptcp/option.ts';

// Keys of a connection with checksums, seen on the wire.
const SENDER_KEY = fromHex('6194eb3ef98c99fc');
const RECEIVER_KEY = fromHex('3f11223a2682ca12');
const KEYS = { senderKey: SENDER_KEY, receiverKey: RECEIVER_KEY };
const ODD = fromHex('6f6464');
// A join seen on the wire: A opens the subflow.
const A = {
  senderKey: fromHex('6781dd7642e78588'),
  receiverKey: fromHex('7a4469bbc15d9bef'),
  senderNonce: 0xff1adecb,
  receiverNonce: 0x5f333f0b,
};
const B = {
  senderKey: A.receiverKey,
  receiverKey: A.senderKey,
  senderNonce: A.receiverNonce,
  receiverNonce: A.senderNonce,
};
const DSN = 0x4dad72ecb943c5e8n;

/** The option has these octets, and reads back as it is. */
function makes(option: MptcpOption, hex: string): void {
  expect(toHex(encodeOption(option))).toBe(hex);
  expect(decodeOption(fromHex(hex))).toEqual(option);
}

function refuse(call: () => unknown, type: 'RangeError' | 'TypeError', message: string): void {
  expect(call).toThrow(expect.objectContaining({ name: type, message }));
}

describe('MP_CAPABLE', () => {
  test('SYN, SYN/ACK and ACK', () => {
    makes(mpCapableSyn(), '1e040101');
    makes(mpCapableSyn({ checksumRequired: true, denyJoin: true }), '1e0401a1');
    makes(mpCapableSynAck({ senderKey: RECEIVER_KEY, checksumRequired: true }), '1e0c01813f11223a2682ca12');
    makes(mpCapableSynAck({ senderKey: RECEIVER_KEY, denyJoin: true }), '1e0c01213f11223a2682ca12');
    makes(mpCapableAck(KEYS), '1e1401016194eb3ef98c99fc3f11223a2682ca12');
  });

  test('version 0 has the key in the SYN', () => {
    makes(mpCapableSyn({ version: 0, senderKey: SENDER_KEY }), '1e0c00016194eb3ef98c99fc');
    makes(mpCapableSynAck({ version: 0, senderKey: RECEIVER_KEY }), '1e0c00013f11223a2682ca12');
    makes(mpCapableAck({ ...KEYS, version: 0, checksumRequired: true }), '1e1400816194eb3ef98c99fc3f11223a2682ca12');
  });

  test('with data: its length, and its checksum where agreed', () => {
    const summed = '1e1801816194eb3ef98c99fc3f11223a2682ca1200037bda';
    makes(mpCapableAck({ ...KEYS, checksumRequired: true, payload: ODD }), summed);
    makes(mpCapableAck({ ...KEYS, checksumRequired: true, payload: [ODD.subarray(0, 1), ODD.subarray(1)] }), summed);
    makes(mpCapableAck({ ...KEYS, payload: ODD }), '1e1601016194eb3ef98c99fc3f11223a2682ca120003');
    expect(mpCapableAck({ ...KEYS, payload: new Uint8Array(65535) }).dataLevelLength).toBe(65535);
  });

  test('a key of zeros is a key', () => {
    makes(mpCapableSynAck({ senderKey: new Uint8Array(8) }), '1e0c01010000000000000000');
  });

  test('holds copies of the keys', () => {
    const senderKey = SENDER_KEY.slice();
    const option = mpCapableSynAck({ senderKey });
    senderKey.fill(0);
    expect(option.senderKey).toEqual(SENDER_KEY);
  });

  test('what would be illegal is refused by name', () => {
    const noKey = 'senderKey must be absent from the SYN of version 1';
    refuse(() => mpCapableSyn({ senderKey: SENDER_KEY }), 'RangeError', noKey);
    refuse(() => mpCapableSyn({ version: 0 }), 'TypeError', 'senderKey must be a Uint8Array, got undefined');
    refuse(() => mpCapableSynAck({ senderKey: new Uint8Array(4) }), 'RangeError', 'senderKey must be 8 octets, got 4');
    const short = { ...KEYS, receiverKey: new Uint8Array(7) };
    refuse(() => mpCapableAck(short), 'RangeError', 'receiverKey must be 8 octets, got 7');
    const denied = { version: 0 as const, senderKey: SENDER_KEY, denyJoin: true };
    refuse(() => mpCapableSyn(denied), 'RangeError', 'denyJoin must be false in version 0');
    refuse(
      () => mpCapableSyn({ version: 2 as never, senderKey: SENDER_KEY }),
      'RangeError',
      'version must be 0 or 1, got 2',
    );
    refuse(() => mpCapableSyn({ denyJoin: 1 as never }), 'TypeError', 'denyJoin must be a boolean, got number');
    refuse(
      () => mpCapableSyn({ checksumRequired: 'no' as never }),
      'TypeError',
      'checksumRequired must be a boolean, got string',
    );
    refuse(
      () => mpCapableAck({ ...KEYS, version: 0, payload: ODD }),
      'RangeError',
      'payload must be absent in version 0: a DSS maps it',
    );
    const empty = 'payload must be 1 to 65535 octets, got 0';
    refuse(() => mpCapableAck({ ...KEYS, payload: [] }), 'RangeError', empty);
    const long = { ...KEYS, payload: new Uint8Array(65536) };
    refuse(() => mpCapableAck(long), 'RangeError', 'payload must be 1 to 65535 octets, got 65536');
    refuse(
      () => mpCapableAck({ ...KEYS, payload: 'odd' as never }),
      'TypeError',
      'payload must be a Uint8Array, got string',
    );
  });

  test('a SYN that can be answered', () => {
    const syn = mpCapableSyn({ checksumRequired: true });
    const old = mpCapableSyn({ version: 0, senderKey: SENDER_KEY });
    expect([syn, old, { ...syn, algorithms: 0x11 }].map(verifyMpCapableSyn)).toEqual([true, true, true]);
    const bad = [
      { ...syn, version: 2 },
      { ...syn, extensibility: true },
      { ...syn, algorithms: 0x10 },
      { ...syn, senderKey: SENDER_KEY },
      { ...old, senderKey: undefined },
      { ...old, receiverKey: RECEIVER_KEY },
    ];
    expect(bad.map(verifyMpCapableSyn)).toEqual(bad.map(() => false));
  });

  test('a SYN/ACK that accepts', () => {
    const synAck = mpCapableSynAck({ senderKey: RECEIVER_KEY });
    expect(verifyMpCapableSynAck(synAck)).toBe(true);
    expect(verifyMpCapableSynAck({ ...synAck, version: 0 }, 0)).toBe(true);
    const bad = [
      { ...synAck, version: 0 },
      { ...synAck, extensibility: true },
      { ...synAck, algorithms: 0x11 },
      { ...synAck, senderKey: undefined },
      { ...synAck, receiverKey: SENDER_KEY },
    ];
    expect(bad.map((option) => verifyMpCapableSynAck(option))).toEqual(bad.map(() => false));
  });

  test('an ACK that completes the handshake', () => {
    const ack = mpCapableAck(KEYS);
    const context = { receiverKey: RECEIVER_KEY };
    expect(verifyMpCapableAck(ack, context)).toBe(true);
    const bad = [
      { ...ack, version: 0 },
      { ...ack, extensibility: true },
      { ...ack, algorithms: 3 },
      { ...ack, senderKey: undefined },
      { ...ack, receiverKey: undefined },
      { ...ack, receiverKey: SENDER_KEY },
      { ...ack, receiverKey: new Uint8Array() },
      { ...ack, checksumRequired: true },
      { ...ack, dataLevelLength: 0 },
      { ...ack, dataLevelLength: 3, checksum: 0x7bda },
    ];
    expect(bad.map((option) => verifyMpCapableAck(option, context))).toEqual(bad.map(() => false));
    expect(verifyMpCapableAck(mpCapableAck({ ...KEYS, payload: ODD }), context)).toBe(true);
    refuse(
      () => verifyMpCapableAck(ack, { receiverKey: new Uint8Array(9) }),
      'RangeError',
      'receiverKey must be 8 octets, got 9',
    );
  });

  test('an ACK with data and checksum', () => {
    const ack = mpCapableAck({ ...KEYS, checksumRequired: true, payload: ODD });
    const context = { receiverKey: RECEIVER_KEY, checksumRequired: true };
    expect(verifyMpCapableAck(ack, { ...context, payload: ODD })).toBe(true);
    expect(verifyMpCapableAck(ack, { ...context, payload: fromHex('6f6465') })).toBe(false);
    expect(verifyMpCapableAck({ ...ack, checksum: 0xda7b }, { ...context, payload: ODD })).toBe(false);
    expect(verifyMpCapableAck({ ...ack, checksum: undefined }, { ...context, payload: ODD })).toBe(false);
    expect(verifyMpCapableAck(mpCapableAck({ ...KEYS, checksumRequired: true }), context)).toBe(true);
    refuse(
      () => verifyMpCapableAck(ack, context),
      'RangeError',
      'payload must be the 3 octets that the mapping covers, got 0',
    );
  });

  test('an ACK of version 0 repeats both keys', () => {
    const ack = mpCapableAck({ ...KEYS, version: 0 });
    const context = { ...KEYS, version: 0 as const };
    expect(verifyMpCapableAck(ack, context)).toBe(true);
    expect(verifyMpCapableAck({ ...ack, senderKey: RECEIVER_KEY }, context)).toBe(false);
    expect(verifyMpCapableAck({ ...ack, dataLevelLength: 3 }, context)).toBe(false);
    refuse(
      () => verifyMpCapableAck(ack, { receiverKey: RECEIVER_KEY, version: 0 }),
      'TypeError',
      'senderKey must be a Uint8Array, got undefined',
    );
  });
});

describe('MP_JOIN', () => {
  const syn = joinSyn({ ...A, addressId: 6 });
  const synAck = joinSynAck({ ...B, addressId: 0, backup: true });
  const ack = joinAck(A);

  test('SYN, SYN/ACK and ACK as seen on the wire', () => {
    makes(syn, '1e0c1006ef6df688ff1adecb');
    makes(joinSyn({ ...A, addressId: 255, backup: true }), '1e0c11ffef6df688ff1adecb');
    makes(synAck, '1e10110015aca4bbaa1431575f333f0b');
    makes(ack, '1e18100038b832f49c06db73de0cf7333f96735578cb9d91');
  });

  test('version 0', () => {
    const old = {
      senderKey: fromHex('9c9eabd1e46a33b2'),
      receiverKey: fromHex('967d2770b6960552'),
      version: 0 as const,
    };
    makes(joinSyn({ ...old, senderNonce: 0x1b665a18, addressId: 2 }), '1e0c1002e47f01421b665a18');
    const nonces = { senderNonce: 0x1b665a18, receiverNonce: 0x33abe9d5 };
    makes(joinAck({ ...old, ...nonces }), '1e181000cb7b87f5e5f0502f43b535fb70ef6607df2e6c7a');
    expect(verifyJoinSyn(joinSyn({ ...old, ...nonces, addressId: 2 }), old)).toBe(true);
  });

  test('each host checks what the other sent', () => {
    expect(verifyJoinSyn(syn, { receiverKey: A.receiverKey })).toBe(true);
    expect(verifyJoinSyn(syn, { receiverKey: A.senderKey })).toBe(false);
    expect(verifyJoinSyn(syn, { receiverKey: A.receiverKey, version: 0 })).toBe(false);
    const { senderNonce: _, ...knownToA } = B;
    expect(verifyJoinSynAck(synAck, knownToA)).toBe(true);
    expect(verifyJoinSynAck({ ...synAck, nonce: 1 }, knownToA)).toBe(false);
    expect(verifyJoinSynAck(synAck, { ...knownToA, receiverNonce: 1 })).toBe(false);
    expect(verifyJoinAck(ack, A)).toBe(true);
    expect(verifyJoinAck(ack, B)).toBe(false);
  });

  test('what would be illegal is refused by name', () => {
    const integer = 'must be an integer from 0 to';
    refuse(() => joinSyn({ ...A, addressId: 256 }), 'RangeError', `addressId ${integer} 255, got 256`);
    refuse(
      () => joinSyn({ ...A, addressId: 1, senderNonce: -1 }),
      'RangeError',
      `senderNonce ${integer} 4294967295, got -1`,
    );
    refuse(
      () => joinSyn({ ...A, addressId: 1, backup: 0 as never }),
      'TypeError',
      'backup must be a boolean, got number',
    );
    const short = { ...A, addressId: 1, receiverKey: new Uint8Array(3) };
    refuse(() => joinSyn(short), 'RangeError', 'receiverKey must be 8 octets, got 3');
    refuse(() => joinSynAck({ ...B, addressId: -1 }), 'RangeError', `addressId ${integer} 255, got -1`);
    refuse(
      () => joinSynAck({ ...B, addressId: 0, senderKey: [] as never }),
      'TypeError',
      'senderKey must be a Uint8Array, got object',
    );
    refuse(() => joinAck({ ...A, receiverNonce: 1.5 }), 'RangeError', `receiverNonce ${integer} 4294967295, got 1.5`);
    refuse(() => joinAck({ ...A, version: 2 as never }), 'RangeError', 'version must be 0 or 1, got 2');
    refuse(
      () => verifyJoinSyn(syn, { receiverKey: new Uint8Array() }),
      'RangeError',
      'receiverKey must be 8 octets, got 0',
    );
  });
});

describe('DSS', () => {
  const payload = fromHex('68656c6c6f');
  const mapping = { dataSequenceNumber: DSN, subflowSequenceNumber: 1, payload, checksumRequired: true };

  test('as seen on the wire', () => {
    makes(dss({ dataAck: 0x940ec820n, width: 4, mapping }), '1e18200d940ec8204dad72ecb943c5e80000000100057c61');
    makes(dss({ dataAck: 0x13d4060e5n }), '1e0c2003000000013d4060e5');
    makes(dss({ dataAck: 0x13d4060e5n, width: 4 }), '1e0820013d4060e5');
    const fin = { dataSequenceNumber: 0xbd826aa13d407c6fn, checksumRequired: true };
    const bare = '1e1c201f1dec60b551677665bd826aa13d407c6f0000000000011e2b';
    makes(dss({ dataAck: 0x1dec60b551677665n, mapping: fin, dataFin: true }), bare);
    makes(dss({ dataAck: 0x1dec60b551677665n, width: 8, mapping: { ...fin, payload: [] }, dataFin: true }), bare);
    makes(
      dss({ dataAck: 0x1dec60b551677665n, mapping: { ...fin, payload: 0, checksumRequired: true }, dataFin: true }),
      bare,
    );
  });

  test('the checksum has all 64 bits of a number sent as 32', () => {
    const short = dss({ mapping: { ...mapping, width: 4 } });
    makes(short, '1e102004b943c5e80000000100057c61');
    expect(short.mapping?.dataSequenceNumber).toBe(0xb943c5e8);
  });

  test('length counts the data, and the DATA_FIN', () => {
    const plain = { dataSequenceNumber: DSN, subflowSequenceNumber: 7, payload };
    expect(dss({ mapping: plain }).mapping).toEqual({
      dataSequenceNumber: DSN,
      subflowSequenceNumber: 7,
      dataLevelLength: 5,
      checksum: undefined,
    });
    expect(dss({ mapping: plain, dataFin: true }).mapping?.dataLevelLength).toBe(6);
    expect(dss({ mapping: { ...plain, payload: [payload, payload] } }).mapping?.dataLevelLength).toBe(10);
    expect(dss({ mapping: { ...plain, payload: 65535 } }).mapping?.dataLevelLength).toBe(65535);
    expect(dss({ mapping: { ...plain, payload: 65534 }, dataFin: true }).mapping?.dataLevelLength).toBe(65535);
  });

  test('infinite mapping', () => {
    const from = { dataSequenceNumber: 0x5a7090a4f90e487cn, subflowSequenceNumber: 0x12 };
    const dataAck = 0xa035fe0e42c7f2d5n;
    makes(
      infiniteMapping({ dataAck, mapping: { ...from, checksumRequired: true } }),
      '1e1c200fa035fe0e42c7f2d55a7090a4f90e487c0000001200000000',
    );
    makes(infiniteMapping({ mapping: { ...from, width: 4 } }), '1e0e2004f90e487c000000120000');
    makes(infiniteMapping({ dataAck, width: 4, mapping: from }), '1e16200d42c7f2d55a7090a4f90e487c000000120000');
  });

  test('what would be illegal is refused by name', () => {
    const with_ =
      (changes: object, rest: object = {}) =>
      () =>
        dss({ mapping: { ...mapping, ...changes }, ...rest });
    refuse(() => dss({}), 'RangeError', 'dataAck or mapping must be given');
    refuse(() => dss({ dataAck: 1n, dataFin: true }), 'RangeError', 'mapping must be given with dataFin');
    refuse(() => dss({ dataAck: 1n, dataFin: 1 as never }), 'TypeError', 'dataFin must be a boolean, got number');
    refuse(() => dss({ dataAck: 1n, width: 6 as never }), 'RangeError', 'width must be 4 or 8, got 6');
    refuse(() => dss({ dataAck: 1 as never }), 'TypeError', 'dataAck must be a bigint from 0 to 2^64-1, got number');
    refuse(with_({ width: '8' }), 'TypeError', 'width must be 4 or 8, got string');
    const wide = 'dataSequenceNumber must be a bigint from 0 to 2^64-1';
    refuse(with_({ dataSequenceNumber: -1n, checksumRequired: false }), 'RangeError', `${wide}, got -1`);
    refuse(with_({ payload: undefined }), 'RangeError', 'payload must be given without dataFin');
    refuse(with_({ payload: 0 }), 'RangeError', 'payload must be given without dataFin');
    refuse(with_({ payload: 5 }), 'TypeError', 'payload must be a Uint8Array, got number');
    refuse(with_({ payload: 65536 }), 'RangeError', 'payload must be an integer from 0 to 65535, got 65536');
    refuse(with_({ payload: new Uint8Array(65536) }), 'RangeError', 'payload must be at most 65535 octets, got 65536');
    refuse(
      with_({ payload: 65535 }, { dataFin: true }),
      'RangeError',
      'payload must be at most 65534 octets, got 65535',
    );
    refuse(with_({ payload: [payload, 'x'] }), 'TypeError', 'payload must be a Uint8Array, got string');
    const ssn = 'subflowSequenceNumber must be an integer from 0 to 4294967295';
    refuse(with_({ subflowSequenceNumber: undefined }), 'TypeError', `${ssn}, got undefined`);
    refuse(with_({ subflowSequenceNumber: 2 ** 32 }), 'RangeError', `${ssn}, got 4294967296`);
    refuse(
      with_({ payload: [], subflowSequenceNumber: 1 }, { dataFin: true }),
      'RangeError',
      'subflowSequenceNumber must be 0 for a DATA_FIN without payload',
    );
    refuse(with_({ checksumRequired: 1 }), 'TypeError', 'checksumRequired must be a boolean, got number');
    const none = { dataSequenceNumber: 1n } as never;
    refuse(() => infiniteMapping({ mapping: none }), 'TypeError', `${ssn}, got undefined`);
  });

  test('a received one is checked', () => {
    const option = dss({ mapping });
    const context = { reference: DSN - 1000n, checksumRequired: true, payload };
    expect(verifyDss(option, context)).toBe(true);
    expect(verifyDss(option, { ...context, payload: [payload.subarray(0, 1), payload.subarray(1)] })).toBe(true);
    expect(verifyDss(dss({ mapping: { ...mapping, width: 4 } }), context)).toBe(true);
    expect(verifyDss(dss({ mapping: { ...mapping, width: 4 } }), { ...context, reference: 0n })).toBe(false);
    expect(verifyDss(option, { ...context, payload: fromHex('68656c6c70') })).toBe(false);
    expect(verifyDss(option, { reference: DSN })).toBe(false);
    const unsummed = dss({ mapping: { ...mapping, checksumRequired: false } });
    expect(verifyDss(unsummed, { reference: DSN })).toBe(true);
    expect(verifyDss(unsummed, context)).toBe(false);
    expect(verifyDss(dss({ dataAck: 5n }), { reference: 0n, checksumRequired: true })).toBe(true);
    const last = dss({ mapping, dataFin: true });
    expect(verifyDss(last, context)).toBe(true);
    expect(verifyDss({ ...last, dataFin: false }, { ...context, payload: [payload, Uint8Array.of(1)] })).toBe(false);
    const plain = infiniteMapping({
      mapping: { dataSequenceNumber: DSN, subflowSequenceNumber: 1, checksumRequired: true },
    });
    expect(verifyDss(plain, { reference: DSN, checksumRequired: true })).toBe(true);
    refuse(
      () => verifyDss(option, { reference: DSN, checksumRequired: true }),
      'RangeError',
      'payload must be the 5 octets that the mapping covers, got 0',
    );
  });
});

describe('ADD_ADDR', () => {
  const keys = { senderKey: fromHex('0dbcec3392452b84'), receiverKey: fromHex('9803084d175118ec') };
  const ipv4 = fromHex('0a070302');
  const option = addAddr({ ...keys, addressId: 9, address: ipv4 });

  test('as seen on the wire, and its echo', () => {
    makes(option, '1e1030090a0703025b728132f4eb28ec');
    makes(addAddrEcho(option), '1e0831090a070302');
    const ipv6 = {
      senderKey: fromHex('37b8020e4a68d310'),
      receiverKey: fromHex('04d0cac16f325170'),
      addressId: 9,
      address: fromHex('fd070003000000000000000000000002'),
      port: 7777,
    };
    makes(addAddr(ipv6), '1e1e3009fd0700030000000000000000000000021e61ca588f5b612342ec');
    makes(addAddrEcho(addAddr(ipv6)), '1e163109fd0700030000000000000000000000021e61');
  });

  test('version 0 has no HMAC', () => {
    makes(addAddr({ version: 0, addressId: 3, address: ipv4, port: 80 }), '1e0a34030a0703020050');
    makes(addAddr({ ...keys, version: 0, addressId: 3, address: ipv4 } as never), '1e0834030a070302');
  });

  test('holds copies of the address', () => {
    const address = ipv4.slice();
    const advertised = addAddr({ ...keys, addressId: 9, address });
    const echo = addAddrEcho(advertised);
    address.fill(0);
    expect(advertised.address).toEqual(ipv4);
    advertised.address.fill(0);
    expect(echo.address).toEqual(ipv4);
  });

  test('a received one is checked', () => {
    expect(verifyAddAddr(option, keys)).toBe(true);
    expect(verifyAddAddr({ ...option, address: fromHex('0a070303') }, keys)).toBe(false);
    expect(verifyAddAddr({ ...option, port: 80 }, keys)).toBe(false);
    expect(verifyAddAddr(option, { senderKey: keys.receiverKey, receiverKey: keys.senderKey })).toBe(false);
    expect(verifyAddAddr(addAddrEcho(option), keys)).toBe(false);
    const echo = addAddrEcho(option);
    expect(verifyAddAddrEcho(echo, option)).toBe(true);
    const others = [
      option,
      { ...echo, addressId: 8 },
      { ...echo, port: 80 },
      { ...echo, address: fromHex('0a070303') },
      { ...echo, address: fromHex('0a070302000000000000000000000000') },
    ];
    expect(others.map((other) => verifyAddAddrEcho(other, option))).toEqual(others.map(() => false));
  });

  test('what would be illegal is refused by name', () => {
    const with_ = (changes: object) => () => addAddr({ ...keys, addressId: 9, address: ipv4, ...changes });
    refuse(with_({ address: new Uint8Array(6) }), 'RangeError', 'address must be 4 or 16 octets, got 6');
    refuse(with_({ address: '10.7.3.2' }), 'TypeError', 'address must be a Uint8Array, got string');
    refuse(with_({ port: 0 }), 'RangeError', 'port must be 1 to 65535, got 0');
    refuse(with_({ port: 65536 }), 'RangeError', 'port must be an integer from 0 to 65535, got 65536');
    refuse(with_({ addressId: 300 }), 'RangeError', 'addressId must be an integer from 0 to 255, got 300');
    refuse(with_({ version: 7 }), 'RangeError', 'version must be 0 or 1, got 7');
    refuse(with_({ senderKey: undefined }), 'TypeError', 'senderKey must be a Uint8Array, got undefined');
    refuse(with_({ receiverKey: new Uint8Array(1) }), 'RangeError', 'receiverKey must be 8 octets, got 1');
    refuse(() => addAddrEcho(addAddrEcho(option)), 'RangeError', 'received must be no echo');
    const old = addAddr({ version: 0, addressId: 3, address: ipv4 });
    refuse(with_({ version: 0, address: new Uint8Array(6) }), 'RangeError', 'address must be 4 or 16 octets, got 6');
    refuse(() => addAddrEcho(old), 'RangeError', 'received must be of version 1: version 0 has no echo');
  });
});

describe('the others', () => {
  test('REMOVE_ADDR', () => {
    makes(removeAddr([5]), '1e044005');
    makes(removeAddr([0, 255]), '1e054000ff');
    expect(encodeOption(removeAddr(Array.from({ length: 37 }, (_, i) => i))).length).toBe(40);
    refuse(() => removeAddr([]), 'RangeError', 'addressIds must hold 1 to 37 ids, got 0');
    refuse(() => removeAddr(new Array(38).fill(1)), 'RangeError', 'addressIds must hold 1 to 37 ids, got 38');
    refuse(() => removeAddr([1, 256]), 'RangeError', 'addressIds must be an integer from 0 to 255, got 256');
  });

  test('MP_PRIO', () => {
    makes(mpPrio({ backup: true }), '1e0351');
    makes(mpPrio({ backup: false, version: 1 }), '1e0350');
    makes(mpPrio({ backup: true, version: 0, addressId: 3 }), '1e045103');
    makes(mpPrio({ backup: true, version: 0 }), '1e0351');
    refuse(() => mpPrio({ backup: true, addressId: 3 }), 'RangeError', 'addressId must be absent in version 1');
    refuse(() => mpPrio({} as never), 'TypeError', 'backup must be a boolean, got undefined');
    refuse(
      () => mpPrio({ backup: true, version: 0, addressId: -1 }),
      'RangeError',
      'addressId must be an integer from 0 to 255, got -1',
    );
    refuse(() => mpPrio({ backup: true, version: 2 as never }), 'RangeError', 'version must be 0 or 1, got 2');
  });

  test('MP_FAIL', () => {
    makes(mpFail(0x1112131415161718n), '1e0c60001112131415161718');
    refuse(
      () => mpFail(2n ** 64n),
      'RangeError',
      'dataSequenceNumber must be a bigint from 0 to 2^64-1, got 18446744073709551616',
    );
  });

  test('MP_FASTCLOSE', () => {
    const option = mpFastclose(RECEIVER_KEY);
    makes(option, '1e0c70003f11223a2682ca12');
    expect(verifyMpFastclose(option, RECEIVER_KEY)).toBe(true);
    expect(verifyMpFastclose(option, SENDER_KEY)).toBe(false);
    expect(verifyMpFastclose({ ...option, receiverKey: new Uint8Array() }, RECEIVER_KEY)).toBe(false);
    refuse(() => mpFastclose(new Uint8Array(2)), 'RangeError', 'receiverKey must be 8 octets, got 2');
    refuse(() => verifyMpFastclose(option, new Uint8Array(2)), 'RangeError', 'receiverKey must be 8 octets, got 2');
  });

  test('MP_TCPRST', () => {
    makes(mpTcprst({ reason: 1 }), '1e048001');
    makes(mpTcprst({ reason: 6, transient: true }), '1e048106');
    refuse(() => mpTcprst({ reason: 7 }), 'RangeError', 'reason must be one of ResetReason, got 7');
    refuse(() => mpTcprst({ reason: '1' as never }), 'TypeError', 'reason must be one of ResetReason, got string');
    refuse(
      () => mpTcprst({ reason: 1, transient: 'yes' as never }),
      'TypeError',
      'transient must be a boolean, got string',
    );
  });
});
