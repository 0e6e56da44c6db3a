/**
 * Field tables of IP headers and of the link headers before them.
 *
 * @module
 */
import { type Field, type Form, form, REST } from '../layout.ts';

const PROTOCOLS: Readonly<Record<number, string>> = {
  0: 'Hop-by-Hop Options',
  4: 'IPv4',
  6: 'TCP',
  17: 'UDP',
  41: 'IPv6',
  43: 'Routing',
  44: 'Fragment',
  47: 'GRE',
  50: 'Encapsulating Security Payload',
  51: 'Authentication Header',
  58: 'ICMPv6',
  59: 'No Next Header',
  60: 'Destination Options',
  135: 'Mobility',
};

const ETHER_TYPES: Readonly<Record<number, string>> = {
  2048: 'IPv4',
  2054: 'ARP',
  33024: 'VLAN tag (802.1Q)',
  34525: 'IPv6',
  34984: 'service VLAN tag (802.1ad)',
};

const PACKET_TYPES: Readonly<Record<number, string>> = {
  0: 'sent to this host',
  1: 'broadcast',
  2: 'multicast',
  3: 'sent to another host',
  4: 'sent by this host',
};

/** An IPv4 header without its options. RFC 791 §3.1. */
export const IPV4_FORM: Form = /* @__PURE__ */ ipv4Form();

/** IPv4 options: the one-octet kinds, then all others. RFC 791 §3.1. */
export const IPV4_OPTION_FORMS: readonly Form[] = /* @__PURE__ */ ipv4OptionForms();

/** An IPv6 header. RFC 8200 §3. */
export const IPV6_FORM: Form = /* @__PURE__ */ ipv6Form();

/** IPv6 extension headers by the number that announces them. */
export const IPV6_EXTENSION_FORMS: Readonly<Record<number, Form>> = /* @__PURE__ */ ipv6ExtensionForms();

/** Link headers by name. */
export const LINK_FORMS: Readonly<Record<'ethernet' | 'vlan' | 'sll' | 'sll2' | 'null', Form>> =
  /* @__PURE__ */ linkForms();

function differentiated(wireshark: string): Field[] {
  return [
    {
      name: 'dscp',
      bits: 6,
      label: 'Differentiated Services Codepoint',
      wireshark: `${wireshark}.dscp`,
    },
    {
      name: 'ecn',
      bits: 2,
      label: 'Explicit Congestion Notification',
      means: { 0: 'not ECN-capable', 1: 'ECT(1)', 2: 'ECT(0)', 3: 'congestion experienced' },
      wireshark: `${wireshark}.ecn`,
    },
  ];
}

function protocol(name: string, label: string, wireshark: string): Field {
  return { name, bits: 8, label, means: PROTOCOLS, wireshark };
}

function ipv4Form(): Form {
  return form('IPv4', 'IPv4', '791 §3.1', [
    { name: 'version', bits: 4, label: 'Version', is: [4, 4], wireshark: 'ip.version' },
    {
      name: 'headerLength',
      bits: 4,
      label: 'IHL',
      is: [5, 15],
      note: 'Length of the header, options included, in units of 4 octets.',
      wireshark: 'ip.hdr_len',
    },
    ...differentiated('ip.dsfield'),
    {
      name: 'totalLength',
      bits: 16,
      label: 'Total Length',
      means: { 0: 'left to the network card: a segment that was captured before it was cut' },
      wireshark: 'ip.len',
    },
    { name: 'identification', bits: 16, label: 'Identification', type: 'hex', wireshark: 'ip.id' },
    { name: 'reserved', bits: 1, label: '(reserved)', wireshark: 'ip.flags.rb' },
    {
      name: 'dontFragment',
      bits: 1,
      label: 'DF',
      means: { 0: 'may be fragmented', 1: "don't fragment" },
      wireshark: 'ip.flags.df',
    },
    {
      name: 'moreFragments',
      bits: 1,
      label: 'MF',
      means: { 0: 'last fragment', 1: 'more fragments' },
      wireshark: 'ip.flags.mf',
    },
    {
      name: 'fragmentOffset',
      bits: 13,
      label: 'Fragment Offset',
      note: 'In units of 8 octets.',
      wireshark: 'ip.frag_offset',
    },
    { name: 'timeToLive', bits: 8, label: 'Time to Live', wireshark: 'ip.ttl' },
    protocol('protocol', 'Protocol', 'ip.proto'),
    { name: 'checksum', bits: 16, label: 'Header Checksum', type: 'hex', wireshark: 'ip.checksum' },
    { name: 'source', bits: 32, label: 'Source Address', type: 'address', wireshark: 'ip.src' },
    { name: 'destination', bits: 32, label: 'Destination Address', type: 'address', wireshark: 'ip.dst' },
  ]);
}

function ipv4OptionForms(): Form[] {
  const type = (least: number, greatest: number, means?: Record<number, string>): Field => ({
    name: 'type',
    bits: 8,
    label: 'Option Type',
    is: [least, greatest],
    means,
    wireshark: 'ip.opt.type',
  });
  return [
    form('IPv4 option', 'End of Option List', '791 §3.1', [
      type(0, 0, { 0: 'End of Option List' }),
      { name: 'padding', bits: REST, label: 'Padding', type: 'octets' },
    ]),
    form('IPv4 option', 'No Operation', '791 §3.1', [type(1, 1, { 1: 'No Operation' })]),
    form('IPv4 option', 'IPv4 option', '791 §3.1', [
      type(2, 255, { 7: 'Record Route', 68: 'Internet Timestamp', 148: 'Router Alert' }),
      { name: 'length', bits: 8, label: 'Option Length', wireshark: 'ip.opt.len' },
      { name: 'data', bits: REST, label: 'Option Data', type: 'octets' },
    ]),
  ];
}

function ipv6Form(): Form {
  return form('IPv6', 'IPv6', '8200 §3', [
    { name: 'version', bits: 4, label: 'Version', is: [6, 6], wireshark: 'ipv6.version' },
    ...differentiated('ipv6.tclass'),
    { name: 'flowLabel', bits: 20, label: 'Flow Label', type: 'hex', wireshark: 'ipv6.flow' },
    {
      name: 'payloadLength',
      bits: 16,
      label: 'Payload Length',
      means: { 0: 'left to the network card, or a jumbogram' },
      wireshark: 'ipv6.plen',
    },
    protocol('nextHeader', 'Next Header', 'ipv6.nxt'),
    { name: 'hopLimit', bits: 8, label: 'Hop Limit', wireshark: 'ipv6.hlim' },
    { name: 'source', bits: 128, label: 'Source Address', type: 'address', wireshark: 'ipv6.src' },
    { name: 'destination', bits: 128, label: 'Destination Address', type: 'address', wireshark: 'ipv6.dst' },
  ]);
}

function ipv6ExtensionForms(): Record<number, Form> {
  const extension = (
    name: string,
    rfc: string,
    wireshark?: string,
    unit = 'units of 8 octets, the first not counted',
  ) =>
    form(name, name, rfc, [
      protocol('nextHeader', 'Next Header', wireshark === undefined ? 'ipv6.nxt' : `ipv6.${wireshark}.nxt`),
      {
        name: 'headerLength',
        bits: 8,
        label: 'Hdr Ext Len',
        note: `Length of this header in ${unit}.`,
        wireshark: wireshark && `ipv6.${wireshark}.len`,
      },
      { name: 'data', bits: REST, label: 'Data', type: 'octets' },
    ]);
  return {
    0: extension('Hop-by-Hop Options', '8200 §4.3', 'hopopts'),
    43: extension('Routing', '8200 §4.4', 'routing'),
    44: form('Fragment', 'Fragment', '8200 §4.5', [
      protocol('nextHeader', 'Next Header', 'ipv6.fraghdr.nxt'),
      { name: 'reserved', bits: 8, label: 'Reserved', wireshark: 'ipv6.fraghdr.reserved_octet' },
      {
        name: 'fragmentOffset',
        bits: 13,
        label: 'Fragment Offset',
        note: 'In units of 8 octets.',
        wireshark: 'ipv6.fraghdr.offset',
      },
      { name: 'reserved', bits: 2, label: 'Res', wireshark: 'ipv6.fraghdr.reserved_bits' },
      {
        name: 'moreFragments',
        bits: 1,
        label: 'M',
        means: { 0: 'last fragment', 1: 'more fragments' },
        wireshark: 'ipv6.fraghdr.more',
      },
      { name: 'identification', bits: 32, label: 'Identification', type: 'hex', wireshark: 'ipv6.fraghdr.ident' },
    ]),
    51: extension('Authentication Header', '4302 §2', undefined, 'units of 4 octets, the first two not counted'),
    60: extension('Destination Options', '8200 §4.6', 'dstopts'),
    135: extension('Mobility', '6275 §6.1.1'),
  };
}

function linkForms(): Record<'ethernet' | 'vlan' | 'sll' | 'sll2' | 'null', Form> {
  const etherType = (label: string, wireshark: string): Field => ({
    name: 'etherType',
    bits: 16,
    label,
    type: 'hex',
    means: ETHER_TYPES,
    wireshark,
  });
  const arphrd: Field = { name: 'hardwareType', bits: 16, label: 'ARPHRD_ type', wireshark: 'sll.hatype' };
  const address: Field = { name: 'source', bits: 64, label: 'Link-layer address', type: 'octets' };
  return {
    ethernet: form('Ethernet', 'Ethernet', '894', [
      { name: 'destination', bits: 48, label: 'Destination', type: 'address', wireshark: 'eth.dst' },
      { name: 'source', bits: 48, label: 'Source', type: 'address', wireshark: 'eth.src' },
      etherType('EtherType', 'eth.type'),
    ]),
    vlan: form('VLAN tag', 'VLAN tag', '', [
      { name: 'priority', bits: 3, label: 'PCP', wireshark: 'vlan.priority' },
      {
        name: 'dropEligible',
        bits: 1,
        label: 'DEI',
        means: { 0: 'not drop eligible', 1: 'drop eligible' },
        wireshark: 'vlan.dei',
      },
      { name: 'id', bits: 12, label: 'VLAN ID', wireshark: 'vlan.id' },
      etherType('EtherType', 'vlan.etype'),
    ]),
    sll: form('Linux cooked capture v1', 'Linux cooked capture v1', '', [
      { name: 'packetType', bits: 16, label: 'Packet type', means: PACKET_TYPES, wireshark: 'sll.pkttype' },
      arphrd,
      { name: 'addressLength', bits: 16, label: 'Link-layer address length', wireshark: 'sll.halen' },
      address,
      etherType('Protocol type', 'sll.etype'),
    ]),
    sll2: form('Linux cooked capture v2', 'Linux cooked capture v2', '', [
      etherType('Protocol type', 'sll.etype'),
      { name: 'reserved', bits: 16, label: 'Reserved (MBZ)' },
      { name: 'interfaceIndex', bits: 32, label: 'Interface index', wireshark: 'sll.ifindex' },
      arphrd,
      { name: 'packetType', bits: 8, label: 'Packet type', means: PACKET_TYPES, wireshark: 'sll.pkttype' },
      { name: 'addressLength', bits: 8, label: 'Link-layer address length', wireshark: 'sll.halen' },
      address,
    ]),
    null: form('BSD loopback', 'BSD loopback', '', [
      {
        name: 'family',
        bits: 32,
        label: 'Address family, in the order of octets of its host',
        type: 'hex',
        wireshark: 'null.family',
      },
    ]),
  };
}
