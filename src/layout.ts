/**
 * Field tables: where each field of each form sits.
 *
 * A {@link Form} is a flat run of fields. The tables draw the field guide's bit diagrams
 * and drive `explain`; they are also the oracle for the hand-written codecs: a property
 * test holds the two equal.
 *
 * @module
 */
import { u8, u64 } from './bytes.ts';

/** One field of a form. */
export interface Field {
  /** Property of the decoded value, or `reserved`. */
  readonly name: string;
  /** Width in bits; {@link REST} for octets up to the end of the form. */
  readonly bits: number;
  /** Of an open-ended field: the width of each of its items, one or more, in bits. */
  readonly each?: number | undefined;
  /** Caption in the RFC's words. */
  readonly label: string;
  /** How the value reads: a count by default. */
  readonly type?: 'hex' | 'octets' | 'address' | undefined;
  /** What the field must hold for the form to apply: least and greatest value. */
  readonly is?: readonly [number, number] | undefined;
  /** What single values mean. */
  readonly means?: Readonly<Record<number, string>> | undefined;
  /** What the field is for, in one sentence. */
  readonly note?: string | undefined;
  /** Wireshark display-filter name, where Wireshark has one. */
  readonly wireshark?: string | undefined;
}

/** Width of an open-ended field: the octets up to the end. Only the last field may have it. */
export const REST = 0;

/** One on-the-wire shape: a flat run of fields, no conditions. */
export interface Form {
  /** What has this shape, such as `MP_JOIN`. */
  readonly of: string;
  /** Name of the shape, such as `SYN/ACK`. */
  readonly name: string;
  /** Octets of the whole shape; the least, where the last field is open-ended. */
  readonly length: number;
  readonly fields: readonly Field[];
  /** RFC and section that define the shape, such as `8684 §3.2`; empty where no RFC does. */
  readonly rfc: string;
}

/** A field found in octets. */
export interface Span {
  readonly field: Field;
  /** First bit, counted from the start of the form. */
  readonly bit: number;
  /** Width in bits, whatever the field's own. */
  readonly bits: number;
  /** `number` up to 32 bits, `bigint` for 64; octets, aliasing the buffer, where the field says so. */
  readonly value: number | bigint | Uint8Array;
}

/** Declare a form; its length is the sum of its widths. */
export function form(of: string, name: string, rfc: string, fields: readonly Field[]): Form {
  return { of, name, rfc, fields, length: fields.reduce((sum, field) => sum + (field.each ?? field.bits), 0) / 8 };
}

/** The form of `forms` that the `length` octets at `offset` have, or `undefined`. */
export function formOf(forms: readonly Form[], bytes: Uint8Array, offset: number, length: number): Form | undefined {
  return forms.find((shape) => {
    const open = shape.fields.at(-1)?.bits === REST;
    if (open ? length < shape.length : length !== shape.length) return false;
    return spans(shape, bytes, offset, length).every(({ field, value }) => allows(field, value));
  });
}

/** Whether a form that has this field may hold this value in it. */
export function allows({ is }: Field, value: Span['value']): boolean {
  return is === undefined || (Number(value) >= is[0] && Number(value) <= is[1]);
}

/** Every field of the `length` octets at `offset`, read as `shape`. The spans cover each bit once, in order. */
export function spans(shape: Form, bytes: Uint8Array, offset = 0, length: number = shape.length): Span[] {
  const found: Span[] = [];
  let bit = 0;
  for (const field of shape.fields) {
    const end = field.bits === REST ? length * 8 : bit + field.bits;
    const width = field.each ?? end - bit;
    do {
      found.push({ field, bit, bits: width, value: read(bytes, offset, bit, width, field) });
      bit += width;
    } while (bit < end);
  }
  return found;
}

function read(bytes: Uint8Array, offset: number, bit: number, width: number, field: Field): Span['value'] {
  const at = offset + (bit >>> 3);
  if (field.type === 'octets' || field.type === 'address') {
    return bytes.subarray(at, at + width / 8);
  }
  if (width === 64) return u64(bytes, at);
  const last = bit + width - 1;
  let word = 0;
  for (let octet = at; octet <= offset + (last >>> 3); octet++) word = word * 256 + u8(bytes, octet);
  return Math.floor(word / 2 ** (7 - (last & 7))) % 2 ** width;
}
