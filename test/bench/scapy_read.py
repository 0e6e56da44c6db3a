"""Each packet of a pcap to its TCP options with scapy, which knows no MPTCP: prints how many options it met."""

import sys

from scapy.layers.inet import TCP
from scapy.utils import PcapReader

count = 0
for packet in PcapReader(sys.argv[1]):
    if TCP in packet:
        count += sum(1 for option in packet[TCP].options if option[0] == 30)
print(count)
