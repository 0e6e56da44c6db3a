import { createHash, createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fromHex, toHex } from '../../src/bytes.ts';
import {
  addAddrHmac,
  ConnectionKeys,
  findToken,
  fullAddAddrHmac,
  fullJoinHmac,
  generateKey,
  idsn,
  joinHmac,
  token,
  truncatedJoinHmac,
  verifyAddAddrHmac,
  verifyJoinHmac,
  verifyTruncatedJoinHmac,
} from '../../src/mptcp/auth.ts';
import { derive } from '../../src/mptcp/hmac.ts';
import { capturesAtHand, type Described, described, verdictsOf } from './captured.ts';

const KEY = fromHex('8f0c7c64a6a32ac1');
// A join seen on the wire: A opens the subflow.
const KEY_A = fromHex('6781dd7642e78588');
const KEY_B = fromHex('7a4469bbc15d9bef');
const NONCE_A = 0xff1adecb;
const NONCE_B = 0x5f333f0b;
const SYN_ACK_HMAC = fromHex('15aca4bbaa143157');
const ACK_HMAC = fromHex('38b832f49c06db73de0cf7333f96735578cb9d91');
const FROM_A = { senderKey: KEY_A, receiverKey: KEY_B, senderNonce: NONCE_A, receiverNonce: NONCE_B };
const FROM_B = { senderKey: KEY_B, receiverKey: KEY_A, senderNonce: NONCE_B, receiverNonce: NONCE_A };
// An advertisement seen on the wire.
const ADVERTISED = {
  senderKey: fromHex('0dbcec3392452b84'),
  receiverKey: fromHex('9803084d175118ec'),
  addressId: 9,
  address: fromHex('0a070302'),
};
const ADD_ADDR_HMAC = fromHex('5b728132f4eb28ec');

const octets = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const uint32 = fc.integer({ min: 0, max: 2 ** 32 - 1 });
const version = fc.constantFrom(0 as const, 1 as const);

/** Calls it, and expects an error of this kind that begins with this. */
function refuse(call: () => unknown, type: 'RangeError' | 'TypeError', message: string): void {
  expect(call).toThrow(expect.objectContaining({ name: type, message }));
}

describe('keys', () => {
  test('a generated key is 8 octets, and another each time', () => {
    const keys = Array.from({ length: 32 }, () => generateKey());
    expect(keys.every((key) => key.length === 8)).toBe(true);
    expect(new Set(keys.map(toHex)).size).toBe(32);
  });

  test('token and IDSN of a key seen on the wire', () => {
    expect(token(KEY)).toBe(0x2e1abded);
    expect(idsn(KEY)).toBe(0xee83a616c38765c4n);
    expect(token(fromHex('9c9eabd1e46a33b2'), 0)).toBe(0xaf9706eb);
    expect(idsn(fromHex('9c9eabd1e46a33b2'), 0)).toBe(0x9851b565d52abec9n);
    expect(derive(KEY, 1)).toEqual({ token: 0x2e1abded, idsn: 0xee83a616c38765c4n });
    expect(derive(fromHex('9c9eabd1e46a33b2'), 0)).toEqual({ token: 0xaf9706eb, idsn: 0x9851b565d52abec9n });
  });

  test('a key of zeros is a key', () => {
    expect(token(new Uint8Array(8))).toBe(0xaf5570f5);
    expect(token(new Uint8Array(8), 0)).toBe(0x05fe4057);
  });

  test('both are parts of the hash, for any key in any buffer', () => {
    fc.assert(
      fc.property(octets(8), version, fc.nat(5), (key, version, offset) => {
        const buffer = new Uint8Array(20).fill(0xa5);
        buffer.set(key, offset);
        const hash = createHash(version === 0 ? 'sha1' : 'sha256')
          .update(key)
          .digest();
        const placed = buffer.subarray(offset, offset + 8);
        const parts = { token: hash.readUInt32BE(0), idsn: hash.readBigUInt64BE(hash.length - 8) };
        expect({ token: token(placed, version), idsn: idsn(placed, version) }).toEqual(parts);
        expect(derive(placed, version)).toEqual(parts);
      }),
    );
  });

  test('what is no key is refused by name', () => {
    refuse(() => token(new Uint8Array(7)), 'RangeError', 'key must be 8 octets, got 7');
    refuse(() => idsn(new Uint8Array(9)), 'RangeError', 'key must be 8 octets, got 9');
    refuse(() => token('8f0c7c64a6a32ac1' as never), 'TypeError', 'key must be a Uint8Array, got string');
    refuse(() => token(KEY, 2 as never), 'RangeError', 'version must be 0 or 1, got 2');
    refuse(() => idsn(KEY, '1' as never), 'TypeError', 'version must be 0 or 1, got string');
  });
});

describe('findToken', () => {
  // Keys with one token: trying the numbers from 1 on finds them.
  const twins = [fromHex('000000000000c66f'), fromHex('000000000000e658')];

  test('the position of the key', () => {
    const keys = [new Uint8Array(8), KEY, KEY_A];
    expect(findToken(0x2e1abded, keys)).toEqual([1]);
    expect(findToken(token(KEY_A, 0), new Set(keys), 0)).toEqual([2]);
    expect(findToken(0x12345678, keys)).toEqual([]);
    expect(findToken(0x12345678, [])).toEqual([]);
  });

  test('both positions where two keys have one token', () => {
    expect(twins.map((key) => token(key))).toEqual([0x7357966a, 0x7357966a]);
    expect(findToken(0x7357966a, [KEY, ...twins])).toEqual([1, 2]);
  });

  test('the key that is none is named by its position', () => {
    refuse(() => findToken(1, [KEY, new Uint8Array(3)]), 'RangeError', 'keys[1] must be 8 octets, got 3');
  });
});

describe('HMACs of MP_JOIN', () => {
  test('as the options of a join seen on the wire carry them', () => {
    expect(truncatedJoinHmac(FROM_B)).toEqual(SYN_ACK_HMAC);
    expect(joinHmac(FROM_A)).toEqual(ACK_HMAC);
    expect(verifyTruncatedJoinHmac(FROM_B, SYN_ACK_HMAC)).toBe(true);
    expect(verifyJoinHmac(FROM_A, ACK_HMAC)).toBe(true);
  });

  test('version 0', () => {
    const a = { senderKey: fromHex('9c9eabd1e46a33b2'), senderNonce: 0x1b665a18 };
    const b = { senderKey: fromHex('967d2770b6960552'), senderNonce: 0x33abe9d5 };
    const fromB = { ...b, receiverKey: a.senderKey, receiverNonce: a.senderNonce, version: 0 as const };
    const fromA = { ...a, receiverKey: b.senderKey, receiverNonce: b.senderNonce, version: 0 as const };
    expect(toHex(truncatedJoinHmac(fromB))).toBe('5ab680c7884af03d');
    expect(toHex(joinHmac(fromA))).toBe('cb7b87f5e5f0502f43b535fb70ef6607df2e6c7a');
    expect(fullJoinHmac(fromA)).toEqual(joinHmac(fromA));
  });

  test('are those of node:crypto, whole and cut, for any keys and nonces', () => {
    fc.assert(
      fc.property(octets(8), octets(8), uint32, uint32, version, (senderKey, receiverKey, mine, yours, version) => {
        const input = { senderKey, receiverKey, senderNonce: mine, receiverNonce: yours, version };
        const message = Buffer.alloc(8);
        message.writeUInt32BE(mine, 0);
        message.writeUInt32BE(yours, 4);
        const full = createHmac(version === 0 ? 'sha1' : 'sha256', Buffer.concat([senderKey, receiverKey]))
          .update(message)
          .digest('hex');
        expect(toHex(fullJoinHmac(input))).toBe(full);
        expect(toHex(joinHmac(input))).toBe(full.slice(0, 40));
        expect(toHex(truncatedJoinHmac(input))).toBe(full.slice(0, 16));
        const keys = new ConnectionKeys(senderKey, receiverKey, version);
        expect(toHex(keys.joinHmac(mine, yours))).toBe(full.slice(0, 40));
        expect(toHex(keys.truncatedJoinHmac(mine, yours))).toBe(full.slice(0, 16));
      }),
    );
  });

  test('any other octets, and any other number of octets, are wrong', () => {
    for (let bit = 0; bit < 160; bit++) {
      const changed = ACK_HMAC.slice();
      changed[bit >>> 3]! ^= 1 << (bit & 7);
      expect(verifyJoinHmac(FROM_A, changed)).toBe(false);
    }
    for (const found of [new Uint8Array(0), ACK_HMAC.subarray(0, 19), ACK_HMAC.subarray(0, 8), fullJoinHmac(FROM_A)]) {
      expect(verifyJoinHmac(FROM_A, found)).toBe(false);
    }
    expect(verifyTruncatedJoinHmac(FROM_B, SYN_ACK_HMAC.subarray(0, 7))).toBe(false);
    expect(verifyTruncatedJoinHmac(FROM_B, fullJoinHmac(FROM_B))).toBe(false);
    expect(verifyTruncatedJoinHmac(FROM_A, SYN_ACK_HMAC)).toBe(false);
  });

  test('what cannot go in is refused by name', () => {
    const with_ = (changes: object) => () => joinHmac({ ...FROM_A, ...changes });
    refuse(with_({ senderKey: new Uint8Array(16) }), 'RangeError', 'senderKey must be 8 octets, got 16');
    refuse(with_({ receiverKey: new Uint8Array() }), 'RangeError', 'receiverKey must be 8 octets, got 0');
    refuse(with_({ receiverKey: undefined }), 'TypeError', 'receiverKey must be a Uint8Array, got undefined');
    const integer = 'must be an integer from 0 to 4294967295';
    refuse(with_({ senderNonce: -1 }), 'RangeError', `senderNonce ${integer}, got -1`);
    refuse(with_({ receiverNonce: 2 ** 32 }), 'RangeError', `receiverNonce ${integer}, got 4294967296`);
    refuse(with_({ receiverNonce: 1n }), 'TypeError', `receiverNonce ${integer}, got bigint`);
    refuse(with_({ version: 3 }), 'RangeError', 'version must be 0 or 1, got 3');
    refuse(() => verifyJoinHmac(FROM_A, 'x' as never), 'TypeError', 'hmac must be a Uint8Array, got string');
    const truncated = 'truncatedHmac must be a Uint8Array, got undefined';
    refuse(() => verifyTruncatedJoinHmac(FROM_A, undefined as never), 'TypeError', truncated);
  });
});

describe('HMAC of ADD_ADDR', () => {
  test('as an option seen on the wire carries it', () => {
    expect(addAddrHmac(ADVERTISED)).toEqual(ADD_ADDR_HMAC);
    expect(verifyAddAddrHmac(ADVERTISED, ADD_ADDR_HMAC)).toBe(true);
    expect(verifyAddAddrHmac({ ...ADVERTISED, addressId: 8 }, ADD_ADDR_HMAC)).toBe(false);
    expect(verifyAddAddrHmac({ ...ADVERTISED, port: 1 }, ADD_ADDR_HMAC)).toBe(false);
  });

  test('covers id, address and port, the port 0 where there is none', () => {
    const address = fc.oneof(octets(4), octets(16));
    const port = fc.option(fc.integer({ min: 0, max: 65535 }), { nil: undefined });
    fc.assert(
      fc.property(
        octets(8),
        octets(8),
        fc.nat(255),
        address,
        port,
        (senderKey, receiverKey, addressId, address, port) => {
          const input = { senderKey, receiverKey, addressId, address, port };
          const message = Buffer.concat([[addressId], address, [(port ?? 0) >> 8, (port ?? 0) & 255]].map(Buffer.from));
          const full = createHmac('sha256', Buffer.concat([senderKey, receiverKey]))
            .update(message)
            .digest('hex');
          expect(toHex(fullAddAddrHmac(input))).toBe(full);
          expect(toHex(addAddrHmac(input))).toBe(full.slice(-16));
          const keys = new ConnectionKeys(senderKey, receiverKey);
          expect(toHex(keys.addAddrHmac(addressId, address, port))).toBe(full.slice(-16));
          expect(keys.reversed().verifyAddAddrHmac(addressId, address, port, fromHex(full.slice(-16)))).toBe(true);
          expect(keys.reversed().verifyAddAddrHmac(addressId, address, port, fromHex(full.slice(0, 16)))).toBe(false);
        },
      ),
    );
  });

  test('what cannot go in is refused by name', () => {
    const with_ = (changes: object) => () => addAddrHmac({ ...ADVERTISED, ...changes });
    refuse(with_({ address: new Uint8Array(5) }), 'RangeError', 'address must be 4 or 16 octets, got 5');
    refuse(with_({ address: '10.7.3.2' }), 'TypeError', 'address must be a Uint8Array, got string');
    refuse(with_({ addressId: 256 }), 'RangeError', 'addressId must be an integer from 0 to 255, got 256');
    refuse(with_({ port: 65536 }), 'RangeError', 'port must be an integer from 0 to 65535, got 65536');
    refuse(with_({ senderKey: new Uint8Array(4) }), 'RangeError', 'senderKey must be 8 octets, got 4');
    refuse(with_({ receiverKey: new Uint8Array(4) }), 'RangeError', 'receiverKey must be 8 octets, got 4');
    const truncated = 'truncatedHmac must be a Uint8Array, got number';
    refuse(() => verifyAddAddrHmac(ADVERTISED, 0 as never), 'TypeError', truncated);
  });
});

describe('ConnectionKeys', () => {
  const a = new ConnectionKeys(KEY_A, KEY_B);
  const b = new ConnectionKeys(KEY_B, KEY_A);

  test('each host checks what the other computes', () => {
    expect(b.truncatedJoinHmac(NONCE_B, NONCE_A)).toEqual(SYN_ACK_HMAC);
    expect(a.joinHmac(NONCE_A, NONCE_B)).toEqual(ACK_HMAC);
    expect(a.verifyTruncatedJoinHmac(NONCE_A, NONCE_B, SYN_ACK_HMAC)).toBe(true);
    expect(b.verifyJoinHmac(NONCE_B, NONCE_A, ACK_HMAC)).toBe(true);
    expect(a.verifyJoinHmac(NONCE_A, NONCE_B, ACK_HMAC)).toBe(false);
    expect(b.verifyTruncatedJoinHmac(NONCE_B, NONCE_A, SYN_ACK_HMAC)).toBe(false);
  });

  test('uses in any order do not disturb each other', () => {
    const { senderKey, receiverKey, addressId, address } = ADVERTISED;
    const keys = new ConnectionKeys(receiverKey, senderKey);
    for (let i = 0; i < 3; i++) {
      expect(keys.verifyAddAddrHmac(addressId, address, undefined, ADD_ADDR_HMAC)).toBe(true);
      expect(keys.joinHmac(i, 7)).toEqual(
        joinHmac({ senderKey: receiverKey, receiverKey: senderKey, senderNonce: i, receiverNonce: 7 }),
      );
      expect(keys.verifyTruncatedJoinHmac(1, 2, new Uint8Array(8))).toBe(false);
      expect(keys.reversed().addAddrHmac(addressId, address)).toEqual(ADD_ADDR_HMAC);
    }
  });

  test('reversed is the other host, and reversed again the same', () => {
    const other = a.reversed();
    expect([other.localKey, other.remoteKey, other.version]).toEqual([KEY_B, KEY_A, 1]);
    expect(other.verifyJoinHmac(NONCE_B, NONCE_A, ACK_HMAC)).toBe(true);
    expect(other.reversed().joinHmac(NONCE_A, NONCE_B)).toEqual(ACK_HMAC);
  });

  test('keeps its own copy of the keys', () => {
    const local = KEY_A.slice();
    const keys = new ConnectionKeys(local, KEY_B);
    local.fill(0);
    expect(keys.joinHmac(NONCE_A, NONCE_B)).toEqual(ACK_HMAC);
  });

  test('version 0 joins by SHA-1 and advertises without HMAC', () => {
    const keys = new ConnectionKeys(fromHex('9c9eabd1e46a33b2'), fromHex('967d2770b6960552'), 0);
    expect(toHex(keys.joinHmac(0x1b665a18, 0x33abe9d5))).toBe('cb7b87f5e5f0502f43b535fb70ef6607df2e6c7a');
    expect(keys.verifyTruncatedJoinHmac(0x1b665a18, 0x33abe9d5, fromHex('5ab680c7884af03d'))).toBe(true);
    const none = 'version must be 1: ADD_ADDR has no HMAC in version 0';
    refuse(() => keys.addAddrHmac(1, new Uint8Array(4)), 'RangeError', none);
    refuse(() => keys.verifyAddAddrHmac(1, new Uint8Array(4), 80, new Uint8Array(8)), 'RangeError', none);
  });

  test('what cannot go in is refused by name', () => {
    const of =
      (...parts: unknown[]) =>
      () =>
        Reflect.construct(ConnectionKeys, parts);
    refuse(of(new Uint8Array(7), KEY_B), 'RangeError', 'localKey must be 8 octets, got 7');
    refuse(of(KEY_A, new Uint8Array(9)), 'RangeError', 'remoteKey must be 8 octets, got 9');
    refuse(of(KEY_A, null), 'TypeError', 'remoteKey must be a Uint8Array, got null');
    refuse(of(KEY_A, KEY_B, 2), 'RangeError', 'version must be 0 or 1, got 2');
    refuse(of(KEY_A, KEY_B, null), 'TypeError', 'version must be 0 or 1, got null');
    const integer = 'must be an integer from 0 to 4294967295';
    refuse(() => a.joinHmac(-1, 0), 'RangeError', `localNonce ${integer}, got -1`);
    refuse(() => a.truncatedJoinHmac(0, 0.5), 'RangeError', `remoteNonce ${integer}, got 0.5`);
    refuse(() => a.verifyJoinHmac(2 ** 32, 0, ACK_HMAC), 'RangeError', `localNonce ${integer}, got 4294967296`);
    refuse(() => a.verifyJoinHmac(0, 0, [] as never), 'TypeError', 'hmac must be a Uint8Array, got object');
    refuse(() => a.addAddrHmac(1, new Uint8Array(3)), 'RangeError', 'address must be 4 or 16 octets, got 3');
    refuse(
      () => a.addAddrHmac(1, new Uint8Array(4), -1),
      'RangeError',
      'port must be an integer from 0 to 65535, got -1',
    );
  });
});

describe('captures, with their own keys', () => {
  const names = capturesAtHand();
  const tally = (name: string, kind: string) => {
    const all = described(name).filter(({ check }: Described) => check === kind);
    return [true, false].map((ok) => all.filter((verdict) => verdict.ok === ok).length);
  };
  const count = (verdicts: readonly boolean[]) => [true, false].map((ok) => verdicts.filter((is) => is === ok).length);

  test.skipIf(names.length === 0)('every join and every advertisement (needs ../shared/captures)', () => {
    let total = 0;
    for (const name of names) {
      const { synAck, ack, addAddr } = verdictsOf(name);
      expect([name, ...count(synAck)]).toEqual([name, ...tally(name, 'MP_JOIN SYN/ACK HMAC')]);
      expect([name, ...count(ack)]).toEqual([name, ...tally(name, 'MP_JOIN ACK HMAC')]);
      expect([name, ...count(addAddr)]).toEqual([name, ...tally(name, 'ADD_ADDR HMAC')]);
      total += synAck.length + ack.length + addAddr.length;
    }
    expect(total).toBeGreaterThan(100);
  });
});
