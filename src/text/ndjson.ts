/**
 * One line of JSON a packet.
 *
 * @module
 */
import type { PacketSlot } from '../capture/packet.ts';
import type { FrameCursor } from '../ip/frame.ts';
import { KIND, RESET_REASON_TEXT, Subtype } from '../mptcp/registry.ts';
import { OptionCursor } from '../tcp/cursor.ts';
import {
  decimal,
  decimal32,
  decimal64,
  hex,
  ipv4,
  ipv6,
  long,
  medium,
  nineDigits,
  type Phrase,
  phrase,
  short,
} from './ascii.ts';
import { formatTime, packetToJson, type TextOptions, WITHOUT_KEYS } from './json.ts';
import { flagLetters, type MptcpPacket } from './packet.ts';

/** The line of `packet`, its line feed included. */
export function packetLine(packet: MptcpPacket, options: TextOptions = {}): string {
  return `${JSON.stringify(packetToJson(packet, options))}\n`;
}

/** How {@link LineWriter} writes. */
export interface LineOptions extends TextOptions {
  /** Write TCP packets without MPTCP options too. */
  readonly all?: boolean | undefined;
}

/** Octets of the buffer. Larger ones are no faster: they leave the processor's cache. */
const SIZE = 256 * 1024;

/** Octets that the line of one packet never reaches, without the name of its interface. */
const LONGEST_LINE = 8192;

/**
 * Writes the lines of {@link packetLine} straight from the octets of the packets, and allocates
 * nothing for any of them: 8 times as fast.
 */
export class LineWriter {
  readonly #octets: Uint8Array<ArrayBuffer> = new Uint8Array(SIZE);
  readonly #out: DataView = new DataView(this.#octets.buffer);
  readonly #options: OptionCursor = new OptionCursor();
  readonly #write: (octets: Uint8Array) => void;
  readonly #keys: boolean;
  readonly #all: boolean;
  /** `","interface":"…","src":"` of each name met. */
  readonly #names: Map<string, Uint8Array> = new Map();
  #at = 0;
  #seconds = -1;
  #secondsText = phrase('');

  /** @param write - takes octets; they change as soon as it returns */
  constructor(write: (octets: Uint8Array) => void, { keys = true, all = false }: LineOptions = {}) {
    this.#write = write;
    this.#keys = keys;
    this.#all = all;
  }

  /**
   * Write the line of a packet, if it carries an MPTCP option, or all are written.
   *
   * @param packet - where it came from
   * @param frame - standing on its TCP header
   * @returns whether there is such a line
   */
  packet(packet: PacketSlot, frame: FrameCursor): boolean {
    const options = this.#options.reset(frame.bytes, frame.options, frame.optionsEnd);
    const found = options.nextMptcp();
    if (!found && !this.#all && (options.fault === undefined || options.kind !== KIND)) return false;
    if (this.#at > SIZE - LONGEST_LINE) this.flush();
    const out = this.#out;
    let at = this.#at;
    at = short(out, at, FRAME);
    at = decimal(out, at, packet.frame);
    at = this.#time(at, packet);
    at = packet.interface === undefined ? short(out, at, SOURCE) : this.#interface(at, packet.interface);
    at = head(out, at, frame);
    if (found) {
      at = option(out, at, options, this.#keys);
      while (options.nextMptcp()) {
        out.setUint8(at, COMMA);
        at = option(out, at + 1, options, this.#keys);
      }
    }
    const whole = options.fault === undefined && !frame.optionsCut;
    this.#at = whole ? short(out, at, END) : broken(out, at, options, frame);
    return true;
  }

  /** Hand over what was written. */
  flush(): void {
    if (this.#at > 0) this.#write(this.#octets.subarray(0, this.#at));
    this.#at = 0;
  }

  /** The seconds stay the same for many packets. */
  #time(at: number, { seconds, nanoseconds }: PacketSlot): number {
    if (seconds < 0) return long(this.#out, at, before1970(seconds, nanoseconds));
    if (seconds !== this.#seconds) {
      this.#seconds = seconds;
      this.#secondsText = phrase(`,"time":"${seconds}.`);
    }
    return nineDigits(this.#out, long(this.#out, at, this.#secondsText), nanoseconds);
  }

  #interface(at: number, name: string): number {
    let text = this.#names.get(name);
    if (text === undefined) {
      text = new TextEncoder().encode(`","interface":${JSON.stringify(name)},"src":"`);
      this.#names.set(name, text);
    }
    if (at + text.length > SIZE - LONGEST_LINE) {
      this.#at = at;
      this.flush();
      this.#write(text);
      return 0;
    }
    this.#octets.set(text, at);
    return at + text.length;
  }
}

function before1970(seconds: number, nanoseconds: number): Phrase {
  return phrase(`,"time":"${formatTime(BigInt(seconds) * 1_000_000_000n + BigInt(nanoseconds))}`);
}

/** From the source address to the list of options. */
function head(out: DataView, at: number, frame: FrameCursor): number {
  const { view, tcp, source, destination } = frame;
  const is4 = frame.ipVersion === 4;
  at = is4 ? ipv4(out, at, view, source) : ipv6(out, at, view, source);
  at = short(out, at, SOURCE_PORT);
  at = decimal32(out, at, view.getUint16(tcp));
  at = short(out, at, DESTINATION);
  at = is4 ? ipv4(out, at, view, destination) : ipv6(out, at, view, destination);
  at = short(out, at, DESTINATION_PORT);
  at = decimal32(out, at, view.getUint16(tcp + 2));
  at = long(out, at, flagsPhrase(view.getUint8(tcp + 13)));
  at = decimal32(out, at, view.getInt32(tcp + 4));
  at = short(out, at, ACKNOWLEDGMENT);
  at = decimal32(out, at, view.getInt32(tcp + 8));
  at = medium(out, at, PAYLOAD_LENGTH);
  at = decimal(out, at, frame.payloadLength);
  return short(out, at, OPTIONS);
}

/** The end of a line whose option list is cut or broken. */
function broken(out: DataView, at: number, options: OptionCursor, frame: FrameCursor): number {
  if (frame.optionsCut) return long(out, at, CUT);
  at = number(out, at, OPTIONS_ERROR, options.offset - frame.options);
  at = number(out, at, options.fault === 'length' ? LENGTH : TRUNCATED, options.kind);
  return short(out, at, CLOSE_TWICE);
}

/** The MPTCP option that the cursor stands on. */
function option(out: DataView, at: number, options: OptionCursor, keys: boolean): number {
  return options.subtype === Subtype.DSS ? dss(out, at, options) : rare(out, at, options, keys);
}

/** Nine of ten options are DSS. Its fields in the order of the wire, as signed words: a larger number would be boxed. */
function dss(out: DataView, at: number, options: OptionCursor): number {
  const { view, dataAckLength, dsnLength } = options;
  let from = options.offset + 4;
  if (dataAckLength === 0) {
    at = long(out, at, options.dataFin ? DSS_FIN : DSS);
  } else {
    at = sequence(out, long(out, at, options.dataFin ? DSS_FIN_ACK : DSS_ACK), view, from, dataAckLength);
    from += dataAckLength;
  }
  if (dsnLength > 0) {
    at = long(out, at, MAPPING);
    at = sequence(out, at, view, from, dsnLength);
    from += dsnLength;
    at = long(out, at, SUBFLOW_SEQUENCE_NUMBER);
    at = decimal32(out, at, view.getInt32(from));
    at = medium(out, at, DATA_LEVEL_LENGTH);
    at = decimal32(out, at, view.getUint16(from + 4));
    at = number(out, at, CHECKSUM, options.checksum);
    out.setUint8(at++, CLOSE);
  }
  return end(out, at, options);
}

/** A data sequence number: of 8 octets, in quotes. */
function sequence(out: DataView, at: number, view: DataView, from: number, length: number): number {
  if (length === 4) return decimal32(out, at, view.getInt32(from));
  out.setUint8(at, QUOTE);
  at = decimal64(out, at + 1, view.getInt32(from), view.getInt32(from + 4));
  out.setUint8(at, QUOTE);
  return at + 1;
}

function rare(out: DataView, at: number, options: OptionCursor, keys: boolean): number {
  switch (options.subtype) {
    case Subtype.MP_CAPABLE:
      return capable(out, at, options, keys);
    case Subtype.MP_JOIN:
      at = join(out, at, options);
      break;
    case Subtype.ADD_ADDR:
      at = addAddr(out, at, options);
      break;
    case Subtype.REMOVE_ADDR:
      at = long(out, at, REMOVE_ADDR);
      for (let i = options.addressIdsAt; i < options.offset + options.length; i++) {
        at = decimal32(out, at, options.view.getUint8(i));
        out.setUint8(at++, COMMA);
      }
      out.setUint8(at - 1, CLOSE_LIST);
      break;
    case Subtype.MP_PRIO:
      at = flag(out, at, MP_PRIO, options.backup);
      at = number(out, at, ADDRESS_ID, options.addressId);
      break;
    case Subtype.MP_FAIL:
      at = long(out, at, MP_FAIL);
      at = long(out, at, DATA_SEQUENCE_NUMBER);
      at = decimal64(out, at, options.dsnHigh | 0, options.dsnLow | 0);
      out.setUint8(at++, QUOTE);
      break;
    case Subtype.MP_FASTCLOSE:
      at = long(out, at, MP_FASTCLOSE);
      if (keys) at = octets(out, at, RECEIVER_KEY, options, options.receiverKeyAt, 8);
      break;
    case Subtype.MP_TCPRST:
      at = flag(out, at, MP_TCPRST, options.transient);
      at = number(out, at, REASON, options.reason);
      at = long(out, end(out, at, options) - 1, REASON_TEXT);
      return long(out, at, REASONS[options.reason] ?? UNASSIGNED);
    case Subtype.MP_EXPERIMENTAL:
      at = long(out, at, MP_EXPERIMENTAL);
      at = octets(out, at, DATA, options, options.dataAt, options.length - 3);
      break;
    case -1:
      return malformed(out, at, options, keys);
    default:
      at = number(out, at, UNKNOWN, options.subtype);
      at = octets(out, at, DATA, options, options.dataAt, options.length - 3);
  }
  return end(out, at, options);
}

function capable(out: DataView, at: number, options: OptionCursor, keys: boolean): number {
  at = number(out, at, MP_CAPABLE, options.version);
  at = flag(out, at, CHECKSUM_REQUIRED, options.checksumRequired);
  at = flag(out, at, EXTENSIBILITY, options.extensibility);
  at = flag(out, at, DENY_JOIN, options.denyJoin);
  at = number(out, at, ALGORITHMS, options.algorithms);
  if (keys) {
    at = octets(out, at, SENDER_KEY, options, options.senderKeyAt, 8);
    at = octets(out, at, RECEIVER_KEY, options, options.receiverKeyAt, 8);
  }
  at = number(out, at, DATA_LEVEL_LENGTH, options.dataLevelLength);
  at = number(out, at, CHECKSUM, options.checksum);
  if (keys) at = octets(out, at, DATA, options, options.dataAt, options.length - 4);
  out.setUint8(at, CLOSE);
  return at + 1;
}

function join(out: DataView, at: number, options: OptionCursor): number {
  if (options.length === 24) return octets(out, long(out, at, MP_JOIN_ACK), HMAC, options, options.hmacAt, 20);
  const syn = options.length === 12;
  at = long(out, at, syn ? MP_JOIN_SYN : MP_JOIN_SYN_ACK);
  at = flag(out, at, BACKUP, options.backup);
  at = number(out, at, ADDRESS_ID, options.addressId);
  at = syn
    ? octets(out, at, RECEIVER_TOKEN, options, options.offset + 4, 4)
    : octets(out, at, TRUNCATED_HMAC, options, options.truncatedHmacAt, 8);
  return octets(out, at, NONCE, options, options.offset + options.length - 4, 4);
}

function addAddr(out: DataView, at: number, options: OptionCursor): number {
  const { view, addressAt } = options;
  at = number(out, at, ADD_ADDR, options.version);
  at = flag(out, at, ECHO, options.echo);
  at = number(out, at, ADDRESS_ID, options.addressId);
  at = short(out, at, ADDRESS);
  at = options.addressLength === 4 ? ipv4(out, at, view, addressAt) : ipv6(out, at, view, addressAt);
  out.setUint8(at, QUOTE);
  at = number(out, at + 1, PORT, options.port);
  return octets(out, at, TRUNCATED_HMAC, options, options.truncatedHmacAt, 8);
}

/** Octets that are no option; without keys, those before the place of a key. */
function malformed(out: DataView, at: number, options: OptionCursor, keys: boolean): number {
  const { malformed: reason, offset, length } = options;
  at = long(out, at, MALFORMED);
  at = short(out, at, reason === 'length' ? NOT_LENGTH : reason === 'family' ? NOT_FAMILY : NO_HMAC);
  at = number(out, at, AT, reason === 'length' ? 1 : 2);
  at = octets(out, at, BYTES, options, offset, keys ? length : Math.min(length, WITHOUT_KEYS));
  out.setUint8(at, CLOSE);
  return at + 1;
}

/** The end of an option: `reserved` where it is not zero, and the brace. */
function end(out: DataView, at: number, options: OptionCursor): number {
  const { reserved } = options;
  if (reserved !== 0) at = number(out, at, RESERVED, reserved);
  out.setUint8(at, CLOSE);
  return at + 1;
}

/** A number below 2^31, unless it is -1: absent. */
function number(out: DataView, at: number, name: Phrase, value: number): number {
  return value < 0 ? at : decimal32(out, long(out, at, name), value);
}

function flag(out: DataView, at: number, name: Phrase, value: boolean): number {
  return short(out, long(out, at, name), value ? TRUE : FALSE);
}

/** Octets as hex in quotes, unless `from` is -1: absent. */
function octets(out: DataView, at: number, name: Phrase, options: OptionCursor, from: number, length: number): number {
  if (from < 0) return at;
  at = hex(out, long(out, at, name), options.view, from, length);
  out.setUint8(at, QUOTE);
  return at + 1;
}

/** By the control bits, those met so far. */
const FLAGS: (Phrase | undefined)[] = /* @__PURE__ */ new Array(256).fill(undefined);

/** What stands between the destination port and the sequence number. */
function flagsPhrase(flags: number): Phrase {
  const known = FLAGS[flags];
  if (known !== undefined) return known;
  const text = phrase(`,"flags":"${flagLetters(flags)}","seq":`);
  FLAGS[flags] = text;
  return text;
}

const COMMA = 0x2c;
const QUOTE = 0x22;
const CLOSE = 0x7d;
const CLOSE_LIST = 0x5d;

const FRAME: Phrase = /* @__PURE__ */ phrase('{"frame":');
const SOURCE: Phrase = /* @__PURE__ */ phrase('","src":"');
const SOURCE_PORT: Phrase = /* @__PURE__ */ phrase('","srcPort":');
const DESTINATION: Phrase = /* @__PURE__ */ phrase(',"dst":"');
const DESTINATION_PORT: Phrase = /* @__PURE__ */ phrase('","dstPort":');
const ACKNOWLEDGMENT: Phrase = /* @__PURE__ */ phrase(',"ack":');
const PAYLOAD_LENGTH: Phrase = /* @__PURE__ */ phrase(',"payloadLength":');
const OPTIONS: Phrase = /* @__PURE__ */ phrase(',"options":[');
const END: Phrase = /* @__PURE__ */ phrase(']}\n');
const CUT: Phrase = /* @__PURE__ */ phrase('],"optionsCut":true}\n');
const OPTIONS_ERROR: Phrase = /* @__PURE__ */ phrase('],"optionsError":{"at":');
const LENGTH: Phrase = /* @__PURE__ */ phrase(',"reason":"length","kind":');
const TRUNCATED: Phrase = /* @__PURE__ */ phrase(',"reason":"truncated","kind":');
const CLOSE_TWICE: Phrase = /* @__PURE__ */ phrase('}}\n');
const TRUE: Phrase = /* @__PURE__ */ phrase('true');
const FALSE: Phrase = /* @__PURE__ */ phrase('false');

const DSS: Phrase = /* @__PURE__ */ phrase('{"type":"DSS","dataFin":false');
const DSS_FIN: Phrase = /* @__PURE__ */ phrase('{"type":"DSS","dataFin":true');
const DSS_ACK: Phrase = /* @__PURE__ */ phrase('{"type":"DSS","dataFin":false,"dataAck":');
const DSS_FIN_ACK: Phrase = /* @__PURE__ */ phrase('{"type":"DSS","dataFin":true,"dataAck":');
const MAPPING: Phrase = /* @__PURE__ */ phrase(',"mapping":{"dataSequenceNumber":');
const SUBFLOW_SEQUENCE_NUMBER: Phrase = /* @__PURE__ */ phrase(',"subflowSequenceNumber":');
const DATA_LEVEL_LENGTH: Phrase = /* @__PURE__ */ phrase(',"dataLevelLength":');
const CHECKSUM: Phrase = /* @__PURE__ */ phrase(',"checksum":');
const RESERVED: Phrase = /* @__PURE__ */ phrase(',"reserved":');

const MP_CAPABLE: Phrase = /* @__PURE__ */ phrase('{"type":"MP_CAPABLE","version":');
const CHECKSUM_REQUIRED: Phrase = /* @__PURE__ */ phrase(',"checksumRequired":');
const EXTENSIBILITY: Phrase = /* @__PURE__ */ phrase(',"extensibility":');
const DENY_JOIN: Phrase = /* @__PURE__ */ phrase(',"denyJoin":');
const ALGORITHMS: Phrase = /* @__PURE__ */ phrase(',"algorithms":');
const SENDER_KEY: Phrase = /* @__PURE__ */ phrase(',"senderKey":"');
const RECEIVER_KEY: Phrase = /* @__PURE__ */ phrase(',"receiverKey":"');
const DATA: Phrase = /* @__PURE__ */ phrase(',"data":"');
const MP_JOIN_SYN: Phrase = /* @__PURE__ */ phrase('{"type":"MP_JOIN","form":"syn"');
const MP_JOIN_SYN_ACK: Phrase = /* @__PURE__ */ phrase('{"type":"MP_JOIN","form":"syn-ack"');
const MP_JOIN_ACK: Phrase = /* @__PURE__ */ phrase('{"type":"MP_JOIN","form":"ack"');
const BACKUP: Phrase = /* @__PURE__ */ phrase(',"backup":');
const ADDRESS_ID: Phrase = /* @__PURE__ */ phrase(',"addressId":');
const RECEIVER_TOKEN: Phrase = /* @__PURE__ */ phrase(',"receiverToken":"');
const NONCE: Phrase = /* @__PURE__ */ phrase(',"nonce":"');
const HMAC: Phrase = /* @__PURE__ */ phrase(',"hmac":"');
const TRUNCATED_HMAC: Phrase = /* @__PURE__ */ phrase(',"truncatedHmac":"');
const ADD_ADDR: Phrase = /* @__PURE__ */ phrase('{"type":"ADD_ADDR","version":');
const ECHO: Phrase = /* @__PURE__ */ phrase(',"echo":');
const ADDRESS: Phrase = /* @__PURE__ */ phrase(',"address":"');
const PORT: Phrase = /* @__PURE__ */ phrase(',"port":');
const REMOVE_ADDR: Phrase = /* @__PURE__ */ phrase('{"type":"REMOVE_ADDR","addressIds":[');
const MP_PRIO: Phrase = /* @__PURE__ */ phrase('{"type":"MP_PRIO","backup":');
const MP_FAIL: Phrase = /* @__PURE__ */ phrase('{"type":"MP_FAIL"');
const DATA_SEQUENCE_NUMBER: Phrase = /* @__PURE__ */ phrase(',"dataSequenceNumber":"');
const MP_FASTCLOSE: Phrase = /* @__PURE__ */ phrase('{"type":"MP_FASTCLOSE"');
const MP_TCPRST: Phrase = /* @__PURE__ */ phrase('{"type":"MP_TCPRST","transient":');
const REASON: Phrase = /* @__PURE__ */ phrase(',"reason":');
const REASON_TEXT: Phrase = /* @__PURE__ */ phrase(',"reasonText":"');
const REASONS: readonly Phrase[] = /* @__PURE__ */ Object.values(RESET_REASON_TEXT).map(lastWords);
const UNASSIGNED: Phrase = /* @__PURE__ */ lastWords('unassigned');
const MP_EXPERIMENTAL: Phrase = /* @__PURE__ */ phrase('{"type":"MP_EXPERIMENTAL"');
const UNKNOWN: Phrase = /* @__PURE__ */ phrase('{"type":"UNKNOWN","subtype":');
const MALFORMED: Phrase = /* @__PURE__ */ phrase('{"type":"MALFORMED","reason":"');
const NOT_LENGTH: Phrase = /* @__PURE__ */ phrase('length"');
const NOT_FAMILY: Phrase = /* @__PURE__ */ phrase('family"');
const NO_HMAC: Phrase = /* @__PURE__ */ phrase('no-hmac"');
const AT: Phrase = /* @__PURE__ */ phrase(',"at":');
const BYTES: Phrase = /* @__PURE__ */ phrase(',"bytes":"');

function lastWords(text: string): Phrase {
  return phrase(`${text}"}`);
}
