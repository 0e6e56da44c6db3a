"""Prints what scapy reads of the TCP options in a pcap of Ethernet frames, one JSON line a frame."""

import json
import logging
import sys

logging.getLogger("scapy").setLevel(logging.ERROR)

from scapy.layers.inet import TCP, TCPOptions, TCPOptionsField  # noqa: E402
from scapy.utils import RawPcapReader  # noqa: E402

KINDS = dict(TCPOptions[1])
FIELD = next(field for field in TCP.fields_desc if isinstance(field, TCPOptionsField))


def kind(option):
    name = option[0]
    return name if isinstance(name, int) else KINDS[name]


def text(option):
    value = option[1]
    return "%d %s" % (kind(option), value.hex() if kind(option) == 30 else "")


def write(tcp):
    try:
        return FIELD.i2m(tcp, tcp.options).hex()
    except Exception as error:  # A SACK of one number, say.
        return "%s: %s" % (type(error).__name__, error)


for frame, (data, _) in enumerate(RawPcapReader(sys.argv[1]), 1):
    at = 14 + (20 if data[12:14] == b"\x08\x00" else 40)
    tcp = TCP(data[at : at + (data[at + 12] >> 4) * 4])
    print(json.dumps({"frame": frame, "options": [text(each) for each in tcp.options], "written": write(tcp)}))
