/**
 * Options and packets as JSON, both ways.
 *
 * Up to 32 bits that are counted or compared: numbers. 64 bits: decimal strings. Tokens, nonces,
 * keys, HMACs and data: lower-case hex digits, all of them. A DSS number is a string where it has
 * 8 octets on the wire, and a number where it has 4. What is absent is left out.
 *
 * @module
 */
import { fromHex, toHex, unfit } from '../bytes.ts';
import { formatAddress, parseAddress } from '../ip/address.ts';
import type { Malformed, MalformedReason } from '../malformed.ts';
import { encodeOption, type MptcpOption } from '../mptcp/option.ts';
import { RESET_REASON_TEXT } from '../mptcp/registry.ts';
import { type FieldsOf, fieldsOf, type JsonField, MAPPING_FIELDS, OPTION_FIELDS } from './fields.ts';
import { didYouMean } from './nearest.ts';
import { FLAG_LETTERS, flagLetters, type MptcpPacket } from './packet.ts';

/** What `JSON.stringify` takes as it is. */
export type Json = string | number | boolean | readonly Json[] | JsonObject;

/** A JSON object. */
export interface JsonObject {
  readonly [key: string]: Json;
}

/** How to write options. */
export interface TextOptions {
  /** `false` leaves keys out, and all octets that may hold one: with them, others can join a live connection. */
  readonly keys?: boolean | undefined;
}

/**
 * An option or packet as plain JSON values.
 *
 * @example
 * ```ts
 * JSON.stringify(toJson(decodeOption(fromHex('1e0351')))); // {"type":"MP_PRIO","backup":true}
 * ```
 */
export function toJson(value: MptcpOption | Malformed | MptcpPacket, options: TextOptions = {}): JsonObject {
  return 'type' in value ? optionToJson(value, options) : packetToJson(value, options);
}

/**
 * The option or packet that JSON describes: the inverse of {@link toJson}. `reasonText` is ignored.
 *
 * @param json - text, or what `JSON.parse` made of it
 * @throws SyntaxError where the text is no JSON
 * @throws RangeError or TypeError that names the field that cannot be
 * @example
 * ```ts
 * encodeOption(fromJson('{"type":"MP_PRIO","backup":true}')); // 1e 03 51
 * ```
 */
export function fromJson(json: string | object): MptcpOption | Malformed | MptcpPacket {
  const value: unknown = typeof json === 'string' ? JSON.parse(json) : json;
  return isObject(value) && 'options' in value && !('type' in value) ? packetFromJson(value) : optionFromJson(value);
}

/** Octets that stay of a malformed option where keys are left out: Kind to flags. */
export const WITHOUT_KEYS = 4;

/** An option as plain JSON values. */
export function optionToJson(option: MptcpOption | Malformed, { keys = true }: TextOptions = {}): JsonObject {
  const json: Record<string, Json> = { type: option.type };
  for (const { name, shape } of fieldsOf(option)) {
    const value = (option as unknown as Values)[name];
    if (value === undefined || (name === 'reserved' && value === 0)) continue;
    if (!keys && isSecret(option, name)) continue;
    json[name] = valueToJson(
      shape,
      name === 'bytes' && !keys ? (value as Uint8Array).subarray(0, WITHOUT_KEYS) : value,
    );
  }
  if (option.type === 'MP_TCPRST') json['reasonText'] = RESET_REASON_TEXT[option.reason] ?? 'unassigned';
  return json;
}

/** Whether a field of `option` is a key, or may hold one. */
export function isSecret(option: MptcpOption | Malformed, name: string): boolean {
  return name === 'senderKey' || name === 'receiverKey' || (option.type === 'MP_CAPABLE' && name === 'data');
}

/** A packet as plain JSON values. */
export function packetToJson(packet: MptcpPacket, options: TextOptions = {}): JsonObject {
  const { time, interface: name, src, dst, optionsCut, optionsError } = packet;
  return {
    frame: packet.frame,
    ...(time !== undefined && { time: formatTime(time) }),
    ...(name !== undefined && { interface: name }),
    ...(src !== undefined && { src: formatAddress(src) }),
    srcPort: packet.srcPort,
    ...(dst !== undefined && { dst: formatAddress(dst) }),
    dstPort: packet.dstPort,
    flags: flagLetters(packet.flags),
    seq: packet.seq,
    ack: packet.ack,
    payloadLength: packet.payloadLength,
    options: packet.options.map((option) => optionToJson(option, options)),
    ...(optionsCut === true && { optionsCut }),
    ...(optionsError !== undefined && { optionsError: { ...optionsError } }),
  };
}

/** Nanoseconds since the epoch as seconds with 9 decimals. */
export function formatTime(time: bigint): string {
  const digits = (time < 0n ? -time : time).toString().padStart(10, '0');
  return `${time < 0n ? '-' : ''}${digits.slice(0, -9)}.${digits.slice(-9)}`;
}

/** The option that JSON values describe. */
export function optionFromJson(json: unknown): MptcpOption | Malformed {
  if (!isObject(json)) throw new TypeError(`an option must be a JSON object, got ${kindOf(json)}`);
  const { type, form } = json;
  const name = type === 'MP_JOIN' ? `${type} ${form}` : String(type);
  if (!Object.hasOwn(OPTION_FIELDS, name) || String(type).includes(' ')) {
    if (type === 'MP_JOIN') throw new TypeError(`MP_JOIN.form must be "syn", "syn-ack" or "ack", got ${kindOf(form)}`);
    const types = [...Object.keys(OPTION_FIELDS).filter((known) => !known.includes(' ')), 'MP_JOIN'];
    throw new TypeError(`type must name an MPTCP option, got ${kindOf(type)}${didYouMean(name, types)}`);
  }
  const ignored = type === 'MP_TCPRST' ? ['type', 'reasonText'] : ['type'];
  const values = valuesFromJson(String(type), json, OPTION_FIELDS[name as FieldsOf], ignored);
  const option = { type, ...values } as unknown as MptcpOption | Malformed;
  if (option.type === 'MALFORMED') checkMalformed(option);
  else encodeOption(option);
  return option;
}

/** The packet that JSON values describe. */
export function packetFromJson(json: object): MptcpPacket {
  const known = Object.keys(PACKET_FIELDS);
  for (const name of Object.keys(json)) {
    if (!known.includes(name)) throw new TypeError(`packet has no field ${name}${didYouMean(name, known)}`);
  }
  const packet: Values = {};
  for (const [name, read] of Object.entries(PACKET_FIELDS)) packet[name] = read((json as Values)[name], name);
  return packet as unknown as MptcpPacket;
}

type Values = Record<string, unknown>;

const PACKET_FIELDS: Readonly<Record<keyof MptcpPacket, (value: unknown, name: string) => unknown>> = {
  frame: (value, name) => integer(value, 0, Number.MAX_SAFE_INTEGER, name),
  time: (value, name) => (value === undefined ? undefined : parseTime(value, name)),
  interface: (value, name) => (value === undefined ? undefined : text(value, name)),
  src: (value, name) => (value === undefined ? undefined : address(value, name)),
  srcPort: (value, name) => integer(value, 0, 0xffff, name),
  dst: (value, name) => (value === undefined ? undefined : address(value, name)),
  dstPort: (value, name) => integer(value, 0, 0xffff, name),
  flags: (value, name) => parseFlags(text(value, name), name),
  seq: (value, name) => integer(value, 0, 0xffffffff, name),
  ack: (value, name) => integer(value, 0, 0xffffffff, name),
  payloadLength: (value, name) => integer(value, 0, 0xffffffff, name),
  options: (value, name) => {
    if (!Array.isArray(value)) throw new TypeError(`${name} must be a list of options, got ${kindOf(value)}`);
    return value.map(optionFromJson);
  },
  optionsCut: (value, name) => {
    if (value !== undefined && value !== true) throw new TypeError(`${name} must be true or absent`);
    return value;
  },
  optionsError: (value, name) => (value === undefined ? undefined : parseOptionsError(value, name)),
};

function parseOptionsError(value: unknown, name: string): object {
  if (!isObject(value)) throw new TypeError(`${name} must be an object, got ${kindOf(value)}`);
  const { at, reason, kind } = value;
  if (reason !== 'length' && reason !== 'truncated') {
    throw new TypeError(`${name}.reason must be "length" or "truncated", got ${kindOf(reason)}`);
  }
  return { at: integer(at, 0, 40, `${name}.at`), reason, kind: integer(kind, 0, 255, `${name}.kind`) };
}

function parseTime(value: unknown, name: string): bigint {
  const [, seconds, decimals] = /^(-?\d{1,20})\.(\d{9})$/.exec(text(value, name)) ?? [];
  if (seconds === undefined) throw new RangeError(`${name} must be seconds with 9 decimals, got ${kindOf(value)}`);
  return BigInt(`${seconds}${decimals}`);
}

function parseFlags(letters: string, name: string): number {
  let flags = 0;
  for (const letter of letters) {
    const bit = FLAG_LETTERS.indexOf(letter);
    if (bit < 0) throw new RangeError(`${name} must be letters of ${FLAG_LETTERS}, got ${kindOf(letters)}`);
    flags |= 1 << bit;
  }
  return flags;
}

/** A value that is there, as JSON shows it. */
function valueToJson(shape: JsonField['shape'], value: unknown): Json {
  switch (shape) {
    case 'flag':
    case 'count':
    case 'word':
      return value as boolean | number | string;
    case 'counts':
      return [...(value as number[])];
    case 'hex32':
      return (value as number).toString(16).padStart(8, '0');
    case 'octets8':
    case 'octets20':
    case 'octets':
      return toHex(value as Uint8Array);
    case 'address':
      return formatAddress(value as Uint8Array);
    case 'sequence8':
    case 'sequence':
      return typeof value === 'bigint' ? value.toString() : (value as number);
    case 'mapping': {
      const json: Record<string, Json> = {};
      for (const field of MAPPING_FIELDS) {
        const part = (value as Values)[field.name];
        if (part !== undefined) json[field.name] = valueToJson(field.shape, part);
      }
      return json;
    }
  }
}

/** The values of `fields`; a field of another name is an error, for its value would be lost. */
function valuesFromJson(of: string, json: object, fields: readonly JsonField[], ignored: readonly string[]): Values {
  const known = fields.map(({ name }) => name);
  for (const name of Object.keys(json)) {
    if (known.includes(name) || ignored.includes(name)) continue;
    throw new TypeError(`${of} has no field ${name}${didYouMean(name, known)}`);
  }
  const values: Values = {};
  for (const { name, shape, optional } of fields) {
    const value = Object.hasOwn(json, name) ? (json as Values)[name] : undefined;
    if (value !== undefined) values[name] = valueFromJson(shape, value, `${of}.${name}`);
    else if (optional) values[name] = name === 'reserved' ? 0 : undefined;
    else if (name === 'echo' && values['version'] === 0)
      values[name] = false; // Version 0 has no echo.
    else throw new TypeError(`${of}.${name} is missing`);
  }
  return values;
}

/** The value that a JSON value stands for, of the right type; the encoder checks its range. */
function valueFromJson(shape: JsonField['shape'], value: unknown, name: string): unknown {
  switch (shape) {
    case 'flag':
      if (typeof value !== 'boolean') throw new TypeError(`${name} must be true or false, got ${kindOf(value)}`);
      return value;
    case 'count':
      if (typeof value !== 'number') throw unfit(name, value, 'a number');
      return value;
    case 'counts':
      if (!Array.isArray(value)) throw new TypeError(`${name} must be a list of numbers, got ${kindOf(value)}`);
      return value;
    case 'word':
      return text(value, name);
    case 'hex32':
      return Number.parseInt(hexDigits(value, name, 8), 16);
    case 'octets8':
      return fromHex(hexDigits(value, name, 16));
    case 'octets20':
      return fromHex(hexDigits(value, name, 40));
    case 'octets':
      return fromHex(hexDigits(value, name));
    case 'address':
      return address(value, name);
    case 'sequence8':
      return decimal(value, name);
    case 'sequence':
      return typeof value === 'number' ? value : decimal(value, name);
    case 'mapping':
      if (!isObject(value)) throw new TypeError(`${name} must be an object, got ${kindOf(value)}`);
      return valuesFromJson(name, value, MAPPING_FIELDS, []);
  }
}

const MALFORMED_REASONS: readonly MalformedReason[] = ['truncated', 'kind', 'length', 'no-hmac', 'family'];

function checkMalformed({ reason, at, bytes }: Malformed): void {
  if (!MALFORMED_REASONS.includes(reason)) {
    throw new RangeError(`MALFORMED.reason must be one of ${MALFORMED_REASONS.join(', ')}, got ${kindOf(reason)}`);
  }
  integer(at, 0, bytes.length, 'MALFORMED.at');
}

function integer(value: unknown, least: number, greatest: number, name: string): number {
  if (typeof value !== 'number') throw unfit(name, value, 'a number');
  if (Number.isInteger(value) && value >= least && value <= greatest) return value;
  throw unfit(name, value, `an integer from ${least} to ${greatest}`);
}

function text(value: unknown, name: string): string {
  if (typeof value !== 'string') throw unfit(name, value, 'a string', 'string');
  return value;
}

function address(value: unknown, name: string): Uint8Array {
  try {
    return parseAddress(text(value, name));
  } catch (error) {
    if (error instanceof RangeError) throw new RangeError(`${name} is ${error.message}`);
    throw error;
  }
}

function decimal(value: unknown, name: string): bigint {
  const wanted = 'a decimal string of a number from 0 to 2^64-1';
  if (typeof value !== 'string') throw unfit(name, value, wanted, 'string');
  if (!/^\d{1,20}$/.test(value)) throw unfit(name, value, wanted, 'string');
  return BigInt(value);
}

function hexDigits(value: unknown, name: string, count?: number): string {
  const digits = text(value, name);
  const wanted = count === undefined ? 'hex digits in pairs' : `${count} hex digits`;
  const sound =
    /^[0-9a-f]*$/i.test(digits) && (count === undefined ? digits.length % 2 === 0 : digits.length === count);
  if (!sound) throw unfit(name, value, wanted, 'string');
  return digits;
}

function isObject(value: unknown): value is Values {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What a JSON value is, for a message. */
function kindOf(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object' && value !== null) return 'an object';
  return JSON.stringify(value) ?? typeof value;
}
