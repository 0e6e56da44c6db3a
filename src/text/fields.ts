/**
 * The fields of each option as JSON shows them, in order. JSON both ways, column names and
 * the check for misspelt fields all read this table.
 *
 * @module
 */
import type { Malformed } from '../malformed.ts';
import type { MptcpOption } from '../mptcp/option.ts';

/** How a field's value looks in JSON. */
export type Shape =
  /** `true` or `false`. */
  | 'flag'
  /** Number. */
  | 'count'
  /** List of numbers. */
  | 'counts'
  /** One of a few words. */
  | 'word'
  /** 8 hex digits; a number of 32 bits in memory. */
  | 'hex32'
  /** 16 hex digits. */
  | 'octets8'
  /** 40 hex digits. */
  | 'octets20'
  /** Hex digits, any even number of them. */
  | 'octets'
  /** RFC 5952 text. */
  | 'address'
  /** Decimal string; 64 bits. */
  | 'sequence8'
  /** Decimal string for 64 bits, number for 32. */
  | 'sequence'
  /** Object with fields of its own, {@link MAPPING_FIELDS}. */
  | 'mapping';

/** One field. */
export interface JsonField {
  readonly name: string;
  readonly shape: Shape;
  /** May be absent. */
  readonly optional: boolean;
}

/** What the fields of an option depend on: its `type`, and for MP_JOIN its `form`. */
export type FieldsOf =
  | Exclude<MptcpOption['type'], 'MP_JOIN'>
  | 'MP_JOIN syn'
  | 'MP_JOIN syn-ack'
  | 'MP_JOIN ack'
  | 'MALFORMED';

/** The fields of each option behind `type`. */
export const OPTION_FIELDS: Readonly<Record<FieldsOf, readonly JsonField[]>> = /* @__PURE__ */ optionFields();

/** The fields of a DSS mapping. */
export const MAPPING_FIELDS: readonly JsonField[] = /* @__PURE__ */ mappingFields();

/** The fields of `option`. */
export function fieldsOf(option: MptcpOption | Malformed): readonly JsonField[] {
  return OPTION_FIELDS[option.type === 'MP_JOIN' ? (`MP_JOIN ${option.form}` as const) : option.type];
}

function optionFields(): Record<FieldsOf, JsonField[]> {
  const backup = always('backup', 'flag');
  const addressId = always('addressId', 'count');
  const nonce = always('nonce', 'hex32');
  const data = always('data', 'octets');
  const reserved = maybe('reserved', 'count');
  const form = always('form', 'word');
  return {
    MP_CAPABLE: [
      always('version', 'count'),
      always('checksumRequired', 'flag'),
      always('extensibility', 'flag'),
      always('denyJoin', 'flag'),
      always('algorithms', 'count'),
      maybe('senderKey', 'octets8'),
      maybe('receiverKey', 'octets8'),
      maybe('dataLevelLength', 'count'),
      maybe('checksum', 'count'),
      maybe('data', 'octets'),
    ],
    'MP_JOIN syn': [form, backup, addressId, always('receiverToken', 'hex32'), nonce, reserved],
    'MP_JOIN syn-ack': [form, backup, addressId, always('truncatedHmac', 'octets8'), nonce, reserved],
    'MP_JOIN ack': [form, always('hmac', 'octets20'), reserved],
    DSS: [always('dataFin', 'flag'), maybe('dataAck', 'sequence'), maybe('mapping', 'mapping'), reserved],
    ADD_ADDR: [
      always('version', 'count'),
      always('echo', 'flag'),
      addressId,
      always('address', 'address'),
      maybe('port', 'count'),
      maybe('truncatedHmac', 'octets8'),
      reserved,
    ],
    REMOVE_ADDR: [always('addressIds', 'counts'), reserved],
    MP_PRIO: [backup, maybe('addressId', 'count'), reserved],
    MP_FAIL: [always('dataSequenceNumber', 'sequence8'), reserved],
    MP_FASTCLOSE: [always('receiverKey', 'octets8'), reserved],
    MP_TCPRST: [always('transient', 'flag'), always('reason', 'count'), reserved],
    MP_EXPERIMENTAL: [data, reserved],
    UNKNOWN: [always('subtype', 'count'), data, reserved],
    MALFORMED: [always('reason', 'word'), always('at', 'count'), always('bytes', 'octets')],
  };
}

function mappingFields(): JsonField[] {
  return [
    always('dataSequenceNumber', 'sequence'),
    always('subflowSequenceNumber', 'count'),
    always('dataLevelLength', 'count'),
    maybe('checksum', 'count'),
  ];
}

function always(name: string, shape: Shape): JsonField {
  return { name, shape, optional: false };
}

function maybe(name: string, shape: Shape): JsonField {
  return { name, shape, optional: true };
}
