/**
 * Generators for property tests with fast-check: option values, the octets of options (well-formed,
 * nearly so, hostile), option lists, TCP segments.
 *
 * Every form of every option has the same chance; numbers and octets lean towards their limits.
 *
 * @example
 * ```ts
 * import fc from 'fast-check';
 * import { option } from 'mptcp-codec/arbitraries';
 * fc.assert(fc.property(option(), (value) => encodeOption(value).length === sizeOfOption(value)));
 * ```
 *
 * @module
 */
import fc from 'fast-check';
import { type Form, REST } from '../src/layout.ts';
import type { AddAddr } from '../src/mptcp/add-addr.ts';
import type { Dss, Mapping } from '../src/mptcp/dss.ts';
import { FORMS } from '../src/mptcp/forms.ts';
import type { MpCapable } from '../src/mptcp/mp-capable.ts';
import type { MpExperimental } from '../src/mptcp/mp-experimental.ts';
import type { MpFail } from '../src/mptcp/mp-fail.ts';
import type { MpFastclose } from '../src/mptcp/mp-fastclose.ts';
import type { MpJoin } from '../src/mptcp/mp-join.ts';
import type { MpPrio } from '../src/mptcp/mp-prio.ts';
import type { MpTcprst } from '../src/mptcp/mp-tcprst.ts';
import type { MptcpOption } from '../src/mptcp/option.ts';
import type { RemoveAddr } from '../src/mptcp/remove-addr.ts';
import type { Unknown } from '../src/mptcp/unknown.ts';
import { encodeOptionList, OPTION_SPACE, type OptionItem, sizeOfOptionList } from '../src/tcp/options.ts';

/** An MPTCP option that has octets, legal or not: any of the eleven, in any form, reserved bits included. */
export function option(): fc.Arbitrary<MptcpOption> {
  return fc.oneof<fc.Arbitrary<MptcpOption>[]>(
    mpCapable(),
    mpJoin(),
    dss(),
    addAddr(),
    removeAddr(),
    mpPrio(),
    mpFail(),
    mpFastclose(),
    mpTcprst(),
    mpExperimental(),
    unknown(),
  );
}

/** MP_CAPABLE of every length in versions 0 and 1, and of any length in versions 2 to 15. */
export function mpCapable(): fc.Arbitrary<MpCapable> {
  const flags = {
    type: fc.constant('MP_CAPABLE' as const),
    checksumRequired: fc.boolean(),
    extensibility: fc.boolean(),
    denyJoin: fc.boolean(),
    algorithms: fc.oneof(fc.constant(1), fc.nat(0x1f)),
  };
  const key = octets(8);
  const known = { ...flags, version: fc.constantFrom(0, 1) };
  return fc.oneof(
    record(known),
    record({ ...known, senderKey: key }),
    record({ ...known, senderKey: key, receiverKey: key }),
    record({ ...known, senderKey: key, receiverKey: key, dataLevelLength: uint(16) }),
    record({ ...known, senderKey: key, receiverKey: key, dataLevelLength: uint(16), checksum: uint(16) }),
    record({ ...flags, version: fc.integer({ min: 2, max: 15 }), data: octets(0, 36) }),
  );
}

/** MP_JOIN of the three handshake steps. */
export function mpJoin(): fc.Arbitrary<MpJoin> {
  const type = fc.constant('MP_JOIN' as const);
  const head = { type, backup: fc.boolean(), addressId: uint(8), nonce: uint(32), reserved: within(0x0e) };
  return fc.oneof<fc.Arbitrary<MpJoin>[]>(
    record({ ...head, form: fc.constant('syn' as const), receiverToken: uint(32) }),
    record({ ...head, form: fc.constant('syn-ack' as const), truncatedHmac: octets(8) }),
    record({ type, form: fc.constant('ack' as const), hmac: octets(20), reserved: within(0x0fff) }),
  );
}

/** DSS with and without data ACK, mapping and checksum, the numbers of 4 or 8 octets. */
export function dss(): fc.Arbitrary<Dss> {
  const sequence = fc.oneof(uint(32), uint64());
  const place = { dataSequenceNumber: sequence, subflowSequenceNumber: uint(32), dataLevelLength: uint(16) };
  const mapping: fc.Arbitrary<Mapping> = fc.oneof(record(place), record({ ...place, checksum: uint(16) }));
  return fc
    .tuple(fc.boolean(), fc.option(sequence, { nil: undefined }), fc.option(mapping, { nil: undefined }), uint(16))
    .map(([dataFin, dataAck, mapping, low]) => {
      const meaningless = 0x0fe0 | (mapping === undefined ? 0x08 : 0) | (dataAck === undefined ? 0x02 : 0);
      return { type: 'DSS', dataFin, dataAck, mapping, reserved: low & meaningless };
    });
}

/** ADD_ADDR of both families, with and without port: with HMAC, as echo, and of version 0. */
export function addAddr(): fc.Arbitrary<AddAddr> {
  const place = {
    type: fc.constant('ADD_ADDR' as const),
    addressId: uint(8),
    address: fc.oneof(octets(4), octets(16)),
    port: fc.option(uint(16), { nil: undefined }),
  };
  const [yes, no, v0, v1] = [fc.constant(true), fc.constant(false), fc.constant(0 as const), fc.constant(1 as const)];
  return fc.oneof<fc.Arbitrary<AddAddr>[]>(
    record({ ...place, version: v1, echo: no, truncatedHmac: octets(8), reserved: within(0x0e) }),
    record({ ...place, version: v1, echo: yes, reserved: within(0x0e) }),
    record({ ...place, version: v0, echo: no }),
  );
}

/** REMOVE_ADDR of 1 to 37 ids. */
export function removeAddr(): fc.Arbitrary<RemoveAddr> {
  return record({
    type: fc.constant('REMOVE_ADDR' as const),
    addressIds: fc.array(uint(8), { minLength: 1, maxLength: 37 }),
    reserved: within(0x0f),
  });
}

/** MP_PRIO with and without the address id of version 0. */
export function mpPrio(): fc.Arbitrary<MpPrio> {
  return record({
    type: fc.constant('MP_PRIO' as const),
    backup: fc.boolean(),
    addressId: fc.option(uint(8), { nil: undefined }),
    reserved: within(0x0e),
  });
}

/** MP_FAIL. */
export function mpFail(): fc.Arbitrary<MpFail> {
  return record({
    type: fc.constant('MP_FAIL' as const),
    dataSequenceNumber: uint64(),
    reserved: within(0x0fff),
  });
}

/** MP_FASTCLOSE. */
export function mpFastclose(): fc.Arbitrary<MpFastclose> {
  return record({
    type: fc.constant('MP_FASTCLOSE' as const),
    receiverKey: octets(8),
    reserved: within(0x0fff),
  });
}

/** MP_TCPRST with every reason, assigned or not. */
export function mpTcprst(): fc.Arbitrary<MpTcprst> {
  return record({
    type: fc.constant('MP_TCPRST' as const),
    transient: fc.boolean(),
    reason: fc.oneof(fc.nat(6), uint(8)),
    reserved: within(0x0e),
  });
}

/** MP_EXPERIMENTAL of every length. */
export function mpExperimental(): fc.Arbitrary<MpExperimental> {
  return record({
    type: fc.constant('MP_EXPERIMENTAL' as const),
    data: octets(0, 37),
    reserved: within(0x0f),
  });
}

/** The unassigned subtypes, of every length. */
export function unknown(): fc.Arbitrary<Unknown> {
  return record({
    type: fc.constant('UNKNOWN' as const),
    subtype: fc.integer({ min: 9, max: 14 }),
    data: octets(0, 37),
    reserved: within(0x0f),
  });
}

/** The octets of one option that decodes, made from its field table. */
export function validOctets(): fc.Arbitrary<Uint8Array<ArrayBuffer>> {
  return fc.oneof(...FORMS.map(octetsOf));
}

/** The octets of one option, cut, lengthened, or with a bit or its Length changed: most do not decode. */
export function nearOctets(): fc.Arbitrary<Uint8Array<ArrayBuffer>> {
  const cut = fc.nat(OPTION_SPACE).map((length) => (bytes: Uint8Array) => bytes.slice(0, length));
  const lengthen = octets(1, 8).map((more) => (bytes: Uint8Array) => join([bytes, more]));
  const flip = fc.nat(8 * OPTION_SPACE - 1).map((bit) => (bytes: Uint8Array) => {
    return bytes.map((octet, i) => (i === (bit >>> 3) % bytes.length ? octet ^ (1 << (bit & 7)) : octet));
  });
  const say = uint(8).map((length) => (bytes: Uint8Array) => bytes.map((octet, i) => (i === 1 ? length : octet)));
  const resize = fc.integer({ min: -3, max: 3 }).map((more) => (bytes: Uint8Array) => {
    const resized = new Uint8Array(Math.max(2, bytes.length + more));
    resized.set(bytes.subarray(0, resized.length));
    resized[1] = resized.length;
    return resized;
  });
  return fc
    .tuple(validOctets(), fc.oneof(cut, lengthen, flip, say, resize))
    .map(([bytes, change]) => new Uint8Array(change(bytes)));
}

/** Any octets, many of which begin like an option. */
export function hostileOctets(): fc.Arbitrary<Uint8Array<ArrayBuffer>> {
  const any = octets(0, 64);
  const kind30 = fc.tuple(uint(8), octets(0, 64)).map(([length, rest]) => join([Uint8Array.of(30, length), rest]));
  return fc.oneof(any, kind30);
}

/** Octets of all three sorts: valid, near-valid and hostile. */
export function anyOctets(): fc.Arbitrary<Uint8Array<ArrayBuffer>> {
  return fc.oneof(validOctets(), nearOctets(), hostileOctets());
}

/** Items of a TCP option list, MPTCP options among others, that fit into the 40 octets of a TCP header. */
export function optionItems(): fc.Arbitrary<OptionItem[]> {
  const others = ['01', '020405b4', '030307', '0402', '050a0000000100000002', '080a0000000100000002', '2202'];
  const other = fc
    .constantFrom(...others)
    .map((hex) => Uint8Array.from(hex.match(/../g)!, (octet) => Number(`0x${octet}`)));
  return fc.array(fc.oneof<fc.Arbitrary<OptionItem>[]>(option(), other), { maxLength: 8 }).map((items) => {
    while (sizeOfOptionList(items) > OPTION_SPACE) items.pop();
    return items;
  });
}

/** Octets of a TCP option list: well-formed, or of broken options, or any. */
export function listOctets(): fc.Arbitrary<Uint8Array<ArrayBuffer>> {
  const wellFormed = optionItems().map((items) => encodeOptionList(items));
  const broken = fc.array(anyOctets(), { maxLength: 4 }).map((parts) => join(parts).slice(0, OPTION_SPACE));
  return fc.oneof(wellFormed, broken, octets(0, OPTION_SPACE));
}

/** A TCP segment from its source port on: header, option list, payload. The checksum is not computed. */
export function segment(): fc.Arbitrary<Uint8Array<ArrayBuffer>> {
  return fc.tuple(octets(20), optionItems(), octets(0, 64)).map(([header, items, payload]) => {
    const list = encodeOptionList(items);
    header[12] = ((20 + list.length) / 4) << 4;
    return join([header, list, payload]);
  });
}

/** The octets of a form: each field holds anything that the form allows there. */
function octetsOf(form: Form): fc.Arbitrary<Uint8Array<ArrayBuffer>> {
  const fields = form.fields.map(({ name, bits, each, is }) => {
    if (name === 'length') return fc.constant('');
    if (bits === REST) return octets((each ?? 0) / 8, OPTION_SPACE - form.length + (each ?? 0) / 8).map(binary);
    if (is !== undefined)
      return fc.integer({ min: is[0], max: is[1] }).map((value) => value.toString(2).padStart(bits, '0'));
    if (bits <= 32) return uint(bits).map((value) => value.toString(2).padStart(bits, '0'));
    return octets(bits / 8).map(binary);
  });
  return fc.tuple(...fields).map(([kind, , ...rest]) => {
    const body = rest.join('');
    const length = 2 + body.length / 8;
    const text = kind! + length.toString(2).padStart(8, '0') + body;
    return Uint8Array.from(text.match(/.{8}/g)!, (octet) => Number(`0b${octet}`));
  });
}

function binary(bytes: Uint8Array): string {
  return Array.from(bytes, (octet) => octet.toString(2).padStart(8, '0')).join('');
}

/** A plain object of these fields. */
function record<T>(fields: { [K in keyof T]: fc.Arbitrary<T[K]> }): fc.Arbitrary<T> {
  return fc.record<T>(fields, { noNullPrototype: true });
}

/** Octets, sometimes all alike. */
function octets(least: number, most: number = least): fc.Arbitrary<Uint8Array<ArrayBuffer>> {
  const size = { minLength: least, maxLength: most };
  return fc.oneof(
    { weight: 4, arbitrary: fc.uint8Array({ ...size, size: 'max' }).map((bytes) => new Uint8Array(bytes)) },
    {
      weight: 1,
      arbitrary: fc
        .tuple(fc.integer({ min: least, max: most }), fc.constantFrom(0x00, 0xff))
        .map(([length, octet]) => new Uint8Array(length).fill(octet)),
    },
  );
}

/** An unsigned integer of `bits` bits, 32 at most; the limits come often. */
function uint(bits: number): fc.Arbitrary<number> {
  const max = 2 ** bits - 1;
  return fc.oneof(
    fc.integer({ min: 0, max }),
    fc.constantFrom(0, 1, (max - 1) / 2, (max + 1) / 2, max).map(Math.floor),
  );
}

/** An unsigned integer of 64 bits; its limits and those of 32 bits come often. */
function uint64(): fc.Arbitrary<bigint> {
  const max = 2n ** 64n - 1n;
  return fc.oneof(fc.bigInt({ min: 0n, max }), fc.constantFrom(0n, 1n, 2n ** 32n - 1n, 2n ** 32n, 2n ** 63n, max));
}

/** A number made of the bits of `mask`. */
function within(mask: number): fc.Arbitrary<number> {
  return fc.nat(mask).map((bits) => bits & mask);
}

function join(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const joined = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}
