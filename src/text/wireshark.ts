/**
 * Wireshark's names for what a packet holds, and its way to write the values: keys, tokens and
 * truncated HMACs in decimal, flags and checksums in hex.
 *
 * @module
 */
import { toHex, u8, u16 } from '../bytes.ts';
import { formatAddress } from '../ip/address.ts';
import { formOf, spans } from '../layout.ts';
import type { Malformed } from '../malformed.ts';
import { idsn, token } from '../mptcp/auth.ts';
import { FORMS } from '../mptcp/forms.ts';
import { encodeOption, type MptcpOption } from '../mptcp/option.ts';
import { formatTime, isSecret, type TextOptions } from './json.ts';
import type { MptcpPacket } from './packet.ts';

/** The values of a Wireshark field in one packet, written as `tshark -T fields` does. */
export type WiresharkField = (packet: MptcpPacket, options?: TextOptions) => string[];

/** Wireshark's display-filter names to the values they have in a packet. */
export const WIRESHARK_FIELDS: Readonly<Record<string, WiresharkField>> = /* @__PURE__ */ fields();

/** Fields that depend on more than one packet, and where to look instead. */
export const STATEFUL_FIELDS: Readonly<Record<string, string>> = /* @__PURE__ */ stateful();

function fields(): Record<string, WiresharkField> {
  return { ...packetFields(), ...formFields(), ...otherFields() };
}

/** Fields of the packet around the options. */
function packetFields(): Record<string, WiresharkField> {
  const address = (of: 'src' | 'dst', length: number): WiresharkField => {
    return ({ [of]: octets }) => (octets?.length === length ? [formatAddress(octets)] : []);
  };
  const flag =
    (bit: number): WiresharkField =>
    ({ flags }) => [(flags & bit) === 0 ? '0' : '1'];
  return {
    'frame.number': ({ frame }) => [`${frame}`],
    'frame.time_epoch': ({ time }) => (time === undefined ? [] : [formatTime(time)]),
    'frame.interface_name': ({ interface: name }) => (name === undefined ? [] : [name]),
    'ip.src': address('src', 4),
    'ip.dst': address('dst', 4),
    'ipv6.src': address('src', 16),
    'ipv6.dst': address('dst', 16),
    'tcp.srcport': ({ srcPort }) => [`${srcPort}`],
    'tcp.dstport': ({ dstPort }) => [`${dstPort}`],
    'tcp.seq_raw': ({ seq }) => [`${seq}`],
    'tcp.ack_raw': ({ ack }) => [`${ack}`],
    'tcp.len': ({ payloadLength }) => [`${payloadLength}`],
    'tcp.flags': ({ flags }) => [hex(flags, 4)],
    'tcp.flags.fin': flag(1),
    'tcp.flags.syn': flag(2),
    'tcp.flags.reset': flag(4),
    'tcp.flags.push': flag(8),
    'tcp.flags.ack': flag(16),
    'tcp.flags.urg': flag(32),
    'tcp.flags.ece': flag(64),
    'tcp.flags.cwr': flag(128),
  };
}

/** Hex digits of the fields that Wireshark writes in hex. */
const HEX_DIGITS: Readonly<Record<string, number>> = {
  'tcp.options.mptcp.checksum': 4,
  'tcp.options.mptcp.rst_reason': 2,
};

/** Every field that a form names. Kind and Length are those of the MPTCP options only. */
function formFields(): Record<string, WiresharkField> {
  const names = new Set(FORMS.flatMap((form) => form.fields.flatMap(({ wireshark }) => wireshark ?? [])));
  return Object.fromEntries([...names].map((name) => [name, formField(name)]));
}

function formField(name: string): WiresharkField {
  return ({ options }, { keys = true } = {}) =>
    options.flatMap((option) => {
      const bytes = encodeOption(option);
      const form = formOf(FORMS, bytes, 0, bytes.length);
      if (form === undefined) return head(name, bytes);
      return spans(form, bytes, 0, bytes.length)
        .filter(({ field }) => field.wireshark === name && (keys || !isSecret(option, field.name)))
        .map(({ field, value }) => valueText(name, field.type === 'address', value));
    });
}

/** Kind, Length and Subtype, which even a malformed option has, as far as it goes. */
function head(name: string, bytes: Uint8Array): string[] {
  if (name === 'tcp.option_kind' && bytes.length > 0) return [`${u8(bytes, 0)}`];
  if (name === 'tcp.option_len' && bytes.length > 1) return [`${u8(bytes, 1)}`];
  if (name === 'tcp.options.mptcp.subtype' && bytes.length > 2) return [`${u8(bytes, 2) >>> 4}`];
  return [];
}

function valueText(name: string, address: boolean, value: number | bigint | Uint8Array): string {
  if (typeof value === 'number') {
    const digits = HEX_DIGITS[name];
    return digits === undefined ? `${value}` : hex(value, digits);
  }
  if (typeof value === 'bigint') return `${value}`;
  if (address) return formatAddress(value);
  return value.length === 8 ? `${BigInt(`0x${toHex(value)}`)}` : toHex(value);
}

/** What Wireshark has beside the fields of the forms. */
function otherFields(): Record<string, WiresharkField> {
  return {
    'tcp.options.mptcp.flags': each((option) => {
      const at = FLAGS_AT[option.type];
      if (at === undefined || (option.type === 'MP_JOIN' && option.form === 'ack')) return [];
      return [hex(u8(encodeOption(option), at), 2)];
    }),
    'tcp.options.mptcp.reserved': each((option) => {
      const wide =
        option.type === 'MP_FAIL' ||
        option.type === 'MP_FASTCLOSE' ||
        (option.type === 'MP_JOIN' && option.form === 'ack');
      return wide ? [hex(u16(encodeOption(option), 2) & 0x0fff, 4)] : [];
    }),
    'tcp.options.mptcp.reserved.flag': each((option) => {
      // C is one of them in version 0 only.
      if (option.type !== 'MP_CAPABLE') return [];
      return [hex((u8(encodeOption(option), 3) & (option.version === 1 ? 0x1e : 0x3e)) >>> 1, 2)];
    }),
    // Shown whether or not the number is there whose width they give.
    'tcp.options.mptcp.dseqn8.flag': each((option) => dssFlag(option, 0x08)),
    'tcp.options.mptcp.dataack8.flag': each((option) => dssFlag(option, 0x02)),
    'mptcp.rm_addr.count': each((option) => (option.type === 'REMOVE_ADDR' ? [`${option.addressIds.length}`] : [])),
    'mptcp.expected_token': each((option) => {
      if (option.type !== 'MP_CAPABLE' || option.senderKey === undefined) return [];
      return [`${token(option.senderKey, option.version === 0 ? 0 : 1)}`];
    }),
    'mptcp.expected_idsn': each((option) => {
      if (option.type !== 'MP_CAPABLE' || option.senderKey === undefined) return [];
      return [`${idsn(option.senderKey, option.version === 0 ? 0 : 1)}`];
    }),
  };
}

function dssFlag(option: MptcpOption | Malformed, bit: number): string[] {
  return option.type === 'DSS' ? [(u8(encodeOption(option), 3) & bit) === 0 ? '0' : '1'] : [];
}

/** Octet that Wireshark calls the flags of an option. */
const FLAGS_AT: Readonly<Record<string, number>> = { MP_CAPABLE: 3, MP_JOIN: 2, DSS: 3, MP_PRIO: 2, MP_TCPRST: 2 };

function each(values: (option: MptcpOption | Malformed) => string[]): WiresharkField {
  return ({ options }) => options.flatMap(values);
}

function hex(value: number, digits: number): string {
  return `0x${value.toString(16).padStart(digits, '0')}`;
}

function stateful(): Record<string, string> {
  const raw = 'use tcp.options.mptcp.rawdataseqno or rawdataack here, or trace for relative numbers';
  const report = 'trace reports it';
  return {
    'tcp.seq': 'use tcp.seq_raw',
    'tcp.ack': 'use tcp.ack_raw',
    'tcp.stream': report,
    'mptcp.ack': raw,
    'mptcp.dsn': raw,
    'mptcp.rawdsn64': raw,
    'mptcp.dss.dsn': raw,
    'mptcp.stream': report,
    'mptcp.master': report,
    'mptcp.analysis': report,
    'mptcp.analysis.subflows': report,
    'mptcp.related_mapping': report,
    'mptcp.reinjection_of': report,
    'mptcp.reinjected_in': report,
    'mptcp.connection.echoed_key_mismatch': report,
  };
}
