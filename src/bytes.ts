/**
 * Big-endian integers and octets at a byte offset; hex.
 *
 * Reads do not check bounds: a decoder first proves that the option is long enough, then
 * reads. Writes check the value and name its field, because only a program can hand one
 * over that has no octets. Indexing a `Uint8Array` appears in this file only.
 *
 * @module
 */

/** Scratch for 64-bit conversion: one `DataView` for the whole program, never one per read. */
const scratch: DataView = /* @__PURE__ */ new DataView(/* @__PURE__ */ new ArrayBuffer(8));

/** Unsigned 8-bit integer. */
export function u8(bytes: Uint8Array, offset: number): number {
  return bytes[offset]!;
}

/** Unsigned 16-bit integer. */
export function u16(bytes: Uint8Array, offset: number): number {
  return (bytes[offset]! << 8) | bytes[offset + 1]!;
}

/** Unsigned 32-bit integer. */
export function u32(bytes: Uint8Array, offset: number): number {
  return ((bytes[offset]! << 24) | (bytes[offset + 1]! << 16) | (bytes[offset + 2]! << 8) | bytes[offset + 3]!) >>> 0;
}

/** Unsigned 64-bit integer. */
export function u64(bytes: Uint8Array, offset: number): bigint {
  scratch.setUint32(0, u32(bytes, offset));
  scratch.setUint32(4, u32(bytes, offset + 4));
  return scratch.getBigUint64(0);
}

/** Write an 8-bit integer; returns the offset after it. RangeError names `field`. */
export function putU8(bytes: Uint8Array, offset: number, value: number | undefined, field: string): number {
  if (typeof value !== 'number' || (value & 0xff) !== value) throw unfit(field, value, 'an integer from 0 to 255');
  bytes[offset] = value;
  return offset + 1;
}

/** Write a 16-bit integer; returns the offset after it. RangeError names `field`. */
export function putU16(bytes: Uint8Array, offset: number, value: number | undefined, field: string): number {
  if (typeof value !== 'number' || (value & 0xffff) !== value) throw unfit(field, value, 'an integer from 0 to 65535');
  bytes[offset] = value >>> 8;
  bytes[offset + 1] = value;
  return offset + 2;
}

/** Write a 32-bit integer; returns the offset after it. RangeError names `field`. */
export function putU32(bytes: Uint8Array, offset: number, value: number | undefined, field: string): number {
  if (typeof value !== 'number' || value >>> 0 !== value) throw unfit(field, value, 'an integer from 0 to 4294967295');
  putWord(bytes, offset, value);
  return offset + 4;
}

function putWord(bytes: Uint8Array, offset: number, word: number): void {
  bytes[offset] = word >>> 24;
  bytes[offset + 1] = word >>> 16;
  bytes[offset + 2] = word >>> 8;
  bytes[offset + 3] = word;
}

/** Write a 64-bit integer; returns the offset after it. RangeError or TypeError names `field`. */
export function putU64(bytes: Uint8Array, offset: number, value: bigint | undefined, field: string): number {
  if (typeof value !== 'bigint' || BigInt.asUintN(64, value) !== value) {
    throw unfit(field, value, 'a bigint from 0 to 2^64-1', 'bigint');
  }
  scratch.setBigUint64(0, value);
  putWord(bytes, offset, scratch.getInt32(0));
  putWord(bytes, offset + 4, scratch.getInt32(4));
  return offset + 8;
}

/** Copy exactly `length` octets; returns the offset after them. RangeError or TypeError names `field`. */
export function putOctets(
  bytes: Uint8Array,
  offset: number,
  value: Uint8Array | undefined,
  length: number,
  field: string,
): number {
  const found = octets(value, field);
  if (found.length !== length) throw new RangeError(`${field} must be ${length} octets, got ${found.length}`);
  bytes.set(found, offset);
  return offset + length;
}

/** `value`, which must be octets. TypeError names `field`. */
export function octets(value: Uint8Array | undefined, field: string): Uint8Array {
  if (!(value instanceof Uint8Array)) throw unfit(field, value, 'a Uint8Array', 'Uint8Array');
  return value;
}

/** `mask` where the flag is set, 0 where it is not. TypeError names `field`. */
export function flag(value: boolean, mask: number, field: string): number {
  if (typeof value !== 'boolean') throw unfit(field, value, 'a boolean', 'boolean');
  return value ? mask : 0;
}

/** `value`, when it is made of bits of `mask` only. RangeError or TypeError names `field`. */
export function bits(value: number, mask: number, field: string): number {
  if (typeof value !== 'number' || (value & mask) !== value)
    throw unfit(field, value, `made of the bits 0x${mask.toString(16)} only`);
  return value;
}

/** Whether octets are equal. Keys and HMACs that others must not guess are compared in constant time instead. */
export function equalOctets(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** The error of a field that has no octets: RangeError for a value of the right type, else TypeError. */
export function unfit(field: string, value: unknown, wanted: string, type = 'number'): Error {
  if (value === null) return new TypeError(`${field} must be ${wanted}, got null`);
  if (typeof value !== type) return new TypeError(`${field} must be ${wanted}, got ${typeof value}`);
  return new RangeError(`${field} must be ${wanted}, got ${value}`);
}

/** Octets as lower-case hex without prefix or separators. */
export function toHex(bytes: Uint8Array): string {
  // One flat string: digits added one by one leave a chain of strings that takes ten times the memory.
  let text = '';
  for (let at = 0; at < bytes.length; at += HEX_AT_ONCE) {
    const codes = new Array<number>(2 * Math.min(HEX_AT_ONCE, bytes.length - at));
    for (let i = 0; i < codes.length; i++) codes[i] = digit((u8(bytes, at + (i >>> 1)) >>> (i & 1 ? 0 : 4)) & 0x0f);
    text += String.fromCharCode(...codes);
  }
  return text;
}

/** Octets that become one run of characters. */
const HEX_AT_ONCE = 4096;

/** Character code of a hex digit. */
function digit(value: number): number {
  return value < 10 ? 0x30 + value : 0x57 + value;
}

/**
 * Octets of a hex string: digits in pairs, either case, an optional `0x` before.
 *
 * @throws RangeError when the text is not such a string
 */
export function fromHex(text: string): Uint8Array<ArrayBuffer> {
  const digits = text.replace(/^0x/i, '');
  if (digits.length % 2 !== 0 || /[^0-9a-f]/i.test(digits)) throw new RangeError(`not hex octets: ${text}`);
  const bytes = new Uint8Array(digits.length / 2);
  for (let i = 0; i < bytes.length; i++) bytes[i] = Number.parseInt(digits.slice(2 * i, 2 * i + 2), 16);
  return bytes;
}
