/**
 * Link-layer numbers: LINKTYPE_ values, EtherTypes, IP protocols.
 *
 * @module
 */

/** LINKTYPE_ values, as captures carry them, of the link layers that are understood. */
export const LinkType = {
  /** BSD loopback: address family in the byte order of the host that captured. */
  null: 0,
  ethernet: 1,
  /** PPP, with or without the HDLC address and control octets. */
  ppp: 9,
  /** What some systems wrote for raw IP before 101 was assigned. */
  rawBsd: 12,
  rawOpenBsd: 14,
  /** PPP in HDLC-like framing, address and control octets included. */
  pppHdlc: 50,
  /** PPPoE session packets. */
  pppEthernet: 51,
  /** IPv4 or IPv6, by the version in the first octet. */
  raw: 101,
  /** Cisco HDLC. */
  cHdlc: 104,
  /** OpenBSD loopback: address family in network byte order. */
  loop: 108,
  /** Linux "cooked" capture, as `-i any` gave it. */
  linuxSll: 113,
  /** What Apple's systems write for a packet tap, as their own value. */
  pktapDarwin: 149,
  ipv4: 228,
  ipv6: 229,
  /** Linux netfilter log. */
  nflog: 239,
  /** Apple's packet tap, as `tcpdump -i any` gives it there. */
  pktap: 258,
  /** Linux "cooked" capture version 2, as `-i any` gives it. */
  linuxSll2: 276,
} as const;

/** EtherTypes. */
export const EtherType = {
  ipv4: 0x0800,
  vlan: 0x8100,
  ipv6: 0x86dd,
  pppoe: 0x8864,
  serviceVlan: 0x88a8,
  /** What switches used for the outer tag before 802.1ad. */
  qinq: 0x9100,
  mpls: 0x8847,
  mplsMulticast: 0x8848,
  /** Ethernet in GRE. */
  bridged: 0x6558,
} as const;

/** IP protocols and IPv6 extension headers. */
export const Protocol = {
  hopByHop: 0,
  ipv4: 4,
  tcp: 6,
  ipv6: 41,
  routing: 43,
  fragment: 44,
  gre: 47,
  authentication: 51,
  destinationOptions: 60,
  mobility: 135,
  hip: 139,
  shim6: 140,
} as const;
