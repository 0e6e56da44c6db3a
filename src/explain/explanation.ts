/**
 * A field of octets with its meaning in words, and the run of them that covers octets without a gap.
 *
 * @module
 */
import { toHex } from '../bytes.ts';
import { formatAddress } from '../ip/address.ts';
import { allows, type Field, type Form, form, REST, type Span, spans } from '../layout.ts';

/** One field of the octets explained. */
export interface Explanation {
  /** What the field is part of, such as `MP_JOIN SYN`. */
  readonly of: string;
  /** Property of the decoded value, `reserved`, `payload`, or `malformed`. */
  readonly name: string;
  /** Caption in the RFC's words. */
  readonly label: string;
  /** Octet that holds the first bit. */
  readonly offset: number;
  /** First bit within that octet: 0, the leftmost, to 7. */
  readonly bit: number;
  /** Width in bits. */
  readonly bits: number;
  /** `number` up to 32 bits, `bigint` for 64; octets, aliasing the buffer, for what is not counted. */
  readonly value: number | bigint | Uint8Array;
  /** The value and what it means, for people. */
  readonly text: string;
  /** Wireshark display-filter name, where Wireshark has one. */
  readonly wireshark?: string | undefined;
  /** RFC and section, such as `8684 §3.2`, where one defines the field. */
  readonly rfc?: string | undefined;
}

/** Explains octets from the first to the last. */
export class Annotator {
  readonly bytes: Uint8Array;
  /** Octets before this one are explained. */
  offset = 0;
  /** Octets from this one on are none of what is being explained. */
  end: number;
  readonly found: Explanation[] = [];

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.end = bytes.length;
  }

  /** The next `length` octets have this shape. */
  shape(shape: Form, length: number): void {
    for (const { field, bit, bits, value } of spans(shape, this.bytes, this.offset, length)) {
      if (bits === 0) continue;
      this.found.push({
        of: title(shape),
        name: field.name,
        label: field.label,
        offset: this.offset + (bit >>> 3),
        bit: bit & 7,
        bits,
        value,
        text: textOf(field, bits, value),
        wireshark: field.wireshark,
        rfc: shape.rfc || undefined,
      });
    }
    this.offset += length;
  }

  /** The next octets have this shape. Malformed to the end, and `false`, where they are too few. */
  header(shape: Form, length: number = shape.length): boolean {
    const there = this.end - this.offset;
    if (length <= there) this.shape(shape, length);
    else this.malformed(shape.of, [shape], `${shape.of} takes ${length} octets: the packet ends after ${there}`, there);
    return length <= there;
  }

  /**
   * The next `length` octets have none of these shapes: explains the fields that all of them begin
   * with, in the first `head` octets and as far as they are there, and calls the rest malformed.
   */
  malformed(of: string, shapes: readonly Form[], text: string, length: number, head: number = length): void {
    const end = this.offset + length;
    const begin = form(of, of, shapes[0]!.rfc, commonFields(shapes, 8 * Math.min(head, length - 1)));
    this.shape(begin, begin.length);
    this.rest(of, 'malformed', 'Malformed', text, end);
  }

  /** The octets up to `end` are one field. Nothing, where there are none. */
  rest(of: string, name: string, label: string, text: string, end: number = this.end): void {
    const { offset } = this;
    if (end <= offset) return;
    const value = this.bytes.subarray(offset, end);
    const bits = 8 * value.length;
    this.found.push({ of, name, label, offset, bit: 0, bits, value, text, wireshark: undefined, rfc: undefined });
    this.offset = end;
  }
}

/** A number of octets, in words. */
export function inOctets(count: number): string {
  return count === 1 ? '1 octet' : `${count} octets`;
}

/** The fields that all shapes begin with, whole octets of them, `room` bits at most. */
function commonFields([first, ...others]: readonly Form[], room: number): Field[] {
  const fields = first!.fields;
  let bits = 0;
  let whole = 0;
  for (const [i, field] of fields.entries()) {
    bits += field.bits;
    const common = others.every((form) => form.fields[i]?.name === field.name && form.fields[i].bits === field.bits);
    if (!common || field.bits === REST || bits > room) break;
    if (bits % 8 === 0) whole = i + 1;
  }
  return fields.slice(0, whole);
}

function title(shape: Form): string {
  return shape.name === shape.of ? shape.of : `${shape.of} ${shape.name}`;
}

function textOf(field: Field, bits: number, value: Span['value']): string {
  const meaning = meaningOf(field, value);
  const text = plain(field, bits, value);
  return meaning === undefined ? text : `${text}: ${meaning}`;
}

function meaningOf(field: Field, value: Span['value']): string | undefined {
  const { name, is, means } = field;
  if (name === 'reserved' && value !== 0) return 'not zero';
  if (is !== undefined && !allows(field, value)) {
    return is[0] === is[1] ? `must be ${is[0]}` : `must be ${is[0]} to ${is[1]}`;
  }
  return means?.[Number(value)];
}

function plain({ type, name }: Field, bits: number, value: Span['value']): string {
  if (value instanceof Uint8Array) {
    if (type !== 'address') return `0x${toHex(value)}`;
    return value.length === 6 ? toHex(value).replace(/..(?=.)/g, '$&:') : formatAddress(value);
  }
  if (name !== 'reserved' && bits === 1) return value ? 'set' : 'clear';
  return type === 'hex' ? `0x${value.toString(16).padStart(bits / 4, '0')}` : `${value}`;
}
