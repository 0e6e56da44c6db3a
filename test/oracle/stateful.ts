/**
 * Where tshark and our trace disagree about a connection: what it computes, and what it remarks.
 *
 * @module
 */
import type { Disagreement, Shown } from './rule.ts';

/** Each shown by a capture. */
export const STATEFUL: readonly (Disagreement & { readonly example: Shown })[] = [
  {
    id: 'tshark-width',
    tool: 'tshark',
    title: 'Wireshark takes the width of the data ACK for that of the data sequence number',
    what: 'With an 8-octet data ACK beside a 4-octet data sequence number (a=1, m=0), the 4 octets are counted from the 64-bit IDSN as if they were all of the number.',
    right: 'We are: the first octet of the stream has the relative number 1.',
    rfc: '8684 §3.3.1',
    example: {
      capture: 'disagree-widths.pcap',
      frame: 4,
      fields: ['mptcp.dss.dsn'],
      says: 'mptcp.dss.dsn=2027988973401407489',
      ours: 'seq 1 subseq 1',
    },
  },
  {
    id: 'tshark-high-word',
    tool: 'tshark',
    title: 'Wireshark joins the high word of the IDSN into a number that has one',
    what: 'Where an 8-octet data sequence number has passed a multiple of 2^32 since the IDSN, the relative number is off by 2^32.',
    right: 'We are: numbers of 64 bits are counted as they are.',
    rfc: '8684 §3.3.1',
    example: {
      capture: 'disagree-wrap.pcap',
      frame: 5,
      fields: ['mptcp.dss.dsn'],
      says: 'mptcp.dss.dsn=4294967597',
      ours: 'seq 301 subseq 301',
    },
  },
  {
    id: 'tshark-wrap',
    tool: 'tshark',
    title: 'Wireshark does not extend a 4-octet data ACK past 2^32',
    what: 'The data ACK is given the high word of the IDSN, so that past a multiple of 2^32 it lies 2^32 too low, below 0.',
    right: 'We are: of the numbers with these low 32 bits, the one nearest to what was sent is meant.',
    rfc: '8684 §3.3.1',
    example: {
      capture: 'disagree-wrap.pcap',
      frame: 6,
      fields: ['mptcp.ack'],
      says: 'mptcp.ack=18446744069414584626',
      ours: 'dss ack 306',
    },
  },
  {
    id: 'tshark-server-join',
    tool: 'tshark',
    title: 'Wireshark mistakes client for server on a subflow that the server opened',
    what: 'In version 1 the initiator of a join is taken for the initiator of the connection: relative numbers on that subflow are counted from the IDSN of the other host.',
    right: 'We are: the host that does not own the token is the one that joins, whichever it was before.',
    rfc: '8684 §3.2',
    example: {
      capture: 'disagree-server-join.pcap',
      frame: 8,
      fields: ['mptcp.dss.dsn'],
      says: 'mptcp.dss.dsn=2026836640289319285',
      ours: 'seq 1 subseq 1',
    },
  },
  {
    id: 'tshark-nops',
    tool: 'tshark',
    title: 'Wireshark suspects a router where a host pads',
    what: '"4 NOP in a row - a router may have removed some options" stands beside segments of a healthy connection, whose hosts pad two options to multiples of 4 octets.',
    right:
      'We are: a row that has the length of a missing option tells of its removal, and only where one was to be expected. The SYN/ACK of 12b-strip-synack.pcap, in which a router did remove MP_CAPABLE, gets no such remark from Wireshark, and a finding from our trace.',
    rfc: '8684 §3.7',
    example: {
      capture: '01-basic.pcap',
      frame: 0,
      fields: ['_ws.expert.message'],
      says: '4 NOP in a row - a router may have removed some options: 11 packets',
    },
  },
];
