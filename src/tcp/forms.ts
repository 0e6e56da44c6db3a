/**
 * Field tables of the TCP header and of the TCP options that stand beside MPTCP's.
 *
 * @module
 */
import { type Field, type Form, form, REST } from '../layout.ts';

const KINDS: Readonly<Record<number, string>> = {
  0: 'End of Option List',
  1: 'No-Operation',
  2: 'Maximum Segment Size',
  3: 'Window Scale',
  4: 'SACK Permitted',
  5: 'SACK',
  8: 'Timestamps',
  19: 'MD5 Signature',
  29: 'TCP Authentication Option (TCP-AO)',
  34: 'TCP Fast Open Cookie',
  253: 'Experiment',
  254: 'Experiment',
};

/** The TCP header without its options. RFC 9293 §3.1. */
export const TCP_FORM: Form = /* @__PURE__ */ tcpForm();

/** Every wire shape of the TCP options other than Multipath TCP; the last takes what the others do not know. */
export const TCP_OPTION_FORMS: readonly Form[] = /* @__PURE__ */ optionForms();

function tcpForm(): Form {
  const flag = (name: string, means: string, wireshark: string): Field => ({
    name: name.toLowerCase(),
    bits: 1,
    label: name,
    means: { 1: means },
    wireshark: `tcp.flags.${wireshark}`,
  });
  return form('TCP', 'TCP', '9293 §3.1', [
    { name: 'sourcePort', bits: 16, label: 'Source Port', wireshark: 'tcp.srcport' },
    { name: 'destinationPort', bits: 16, label: 'Destination Port', wireshark: 'tcp.dstport' },
    {
      name: 'sequenceNumber',
      bits: 32,
      label: 'Sequence Number',
      note: 'Of the first octet of payload; of the SYN itself where that is set.',
      wireshark: 'tcp.seq_raw',
    },
    {
      name: 'acknowledgmentNumber',
      bits: 32,
      label: 'Acknowledgment Number',
      note: 'The next sequence number that the sender expects.',
      wireshark: 'tcp.ack_raw',
    },
    {
      name: 'dataOffset',
      bits: 4,
      label: 'Data Offset',
      is: [5, 15],
      note: 'Length of the header, options included, in units of 4 octets.',
      wireshark: 'tcp.hdr_len',
    },
    { name: 'reserved', bits: 4, label: 'Rsrvd', wireshark: 'tcp.flags.res' },
    flag('CWR', 'Congestion Window Reduced', 'cwr'),
    flag('ECE', 'ECN-Echo', 'ece'),
    flag('URG', 'Urgent pointer field is significant', 'urg'),
    flag('ACK', 'Acknowledgment field is significant', 'ack'),
    flag('PSH', 'Push function', 'push'),
    flag('RST', 'Reset the connection', 'reset'),
    flag('SYN', 'Synchronize sequence numbers', 'syn'),
    flag('FIN', 'No more data from sender', 'fin'),
    {
      name: 'window',
      bits: 16,
      label: 'Window',
      note: 'Octets that the sender will take, before window scaling.',
      wireshark: 'tcp.window_size_value',
    },
    { name: 'checksum', bits: 16, label: 'Checksum', type: 'hex', wireshark: 'tcp.checksum' },
    { name: 'urgentPointer', bits: 16, label: 'Urgent Pointer', wireshark: 'tcp.urgent_pointer' },
  ]);
}

function optionForms(): Form[] {
  const kind = (least: number, greatest: number = least): Field => ({
    name: 'kind',
    bits: 8,
    label: 'Kind',
    is: [least, greatest],
    means: KINDS,
    wireshark: 'tcp.option_kind',
  });
  const length: Field = { name: 'length', bits: 8, label: 'Length', wireshark: 'tcp.option_len' };
  const option = (value: number, name: string, rfc: string, ...fields: Field[]): Form =>
    form(KINDS[value]!, name, rfc, [kind(value), length, ...fields]);
  const block: Field[] = [
    { name: 'leftEdge', bits: 32, label: 'Left Edge of Block', wireshark: 'tcp.options.sack_le' },
    { name: 'rightEdge', bits: 32, label: 'Right Edge of Block', wireshark: 'tcp.options.sack_re' },
  ];
  const data: Field = { name: 'data', bits: REST, label: 'Data', type: 'octets' };
  return [
    form(KINDS[0]!, KINDS[0]!, '9293 §3.2', [
      kind(0),
      { name: 'padding', bits: REST, label: 'Padding', type: 'octets' },
    ]),
    form(KINDS[1]!, KINDS[1]!, '9293 §3.2', [kind(1)]),
    option(2, KINDS[2]!, '9293 §3.2', {
      name: 'maximumSegmentSize',
      bits: 16,
      label: 'Maximum Segment Size',
      note: 'Octets of payload that the sender can receive in one segment.',
      wireshark: 'tcp.options.mss_val',
    }),
    option(3, KINDS[3]!, '7323 §2.2', {
      name: 'shift',
      bits: 8,
      label: 'Shift Count',
      note: "The sender's windows are multiplied by 2 to this power.",
      wireshark: 'tcp.options.wscale.shift',
    }),
    option(4, KINDS[4]!, '2018 §2'),
    ...[1, 2, 3, 4].map((n) =>
      option(5, `${n} block${n > 1 ? 's' : ''}`, '2018 §3', ...new Array<Field[]>(n).fill(block).flat()),
    ),
    option(
      8,
      KINDS[8]!,
      '7323 §3.2',
      { name: 'value', bits: 32, label: 'TS Value (TSval)', wireshark: 'tcp.options.timestamp.tsval' },
      { name: 'echoReply', bits: 32, label: 'TS Echo Reply (TSecr)', wireshark: 'tcp.options.timestamp.tsecr' },
    ),
    option(19, KINDS[19]!, '2385 §3', {
      name: 'digest',
      bits: 128,
      label: 'MD5 digest',
      type: 'octets',
      wireshark: 'tcp.options.md5.digest',
    }),
    option(34, 'request', '7413 §4.1.1'),
    ...[4, 6, 8, 10, 12, 14, 16].map((octets) =>
      option(34, 'cookie', '7413 §4.1.1', {
        name: 'cookie',
        bits: 8 * octets,
        label: 'Cookie',
        type: 'octets',
        wireshark: 'tcp.options.tfo.cookie',
      }),
    ),
    ...[[6, 7] as const, [9, 18] as const, [20, 29] as const, [31, 33] as const, [35, 255] as const].map(
      ([least, greatest]) => form('TCP option', 'TCP option', '9293 §3.1', [kind(least, greatest), length, data]),
    ),
  ];
}
