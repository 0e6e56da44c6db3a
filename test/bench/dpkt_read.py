"""Each packet of a pcap to its TCP options with dpkt, which knows no MPTCP: prints how many options it met."""

import sys

import dpkt

count = 0
with open(sys.argv[1], "rb") as file:
    for _, octets in dpkt.pcap.Reader(file):
        frame = dpkt.ethernet.Ethernet(octets)
        segment = getattr(frame.data, "data", None)
        if isinstance(segment, dpkt.tcp.TCP):
            count += sum(1 for kind, _ in dpkt.tcp.parse_opts(segment.opts) if kind == 30)
print(count)
