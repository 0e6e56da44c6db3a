"""Checks fixtures/vectors/*.json with hashlib, hmac and a decoder of its own: a second opinion on every vector.

usage: python3 vectors.py DIRECTORY     prints one line a group; exit status 1 where a vector is wrong
"""

import hashlib
import hmac
import ipaddress
import json
import pathlib
import struct
import sys

MASK64 = (1 << 64) - 1


def token_and_idsn(version, key):
    digest = hashlib.new(("sha1", "sha256")[version], key).digest()
    return digest, digest[:4], int.from_bytes(digest[-8:], "big")


def join_hmac(version, sender_key, receiver_key, sender_nonce, receiver_nonce):
    name = ("sha1", "sha256")[version]
    return hmac.new(sender_key + receiver_key, sender_nonce + receiver_nonce, name).digest()


def add_addr_hmac(sender_key, receiver_key, address_id, address, port):
    message = bytes([address_id]) + address + struct.pack(">H", port)
    return message, hmac.new(sender_key + receiver_key, message, "sha256").digest()


def ones_complement(octets):
    octets += b"\0" * (len(octets) % 2)
    total = sum(struct.unpack(f">{len(octets) // 2}H", octets))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return total


def expand(wire, reference):
    """The number with these low 32 bits that is nearest to the reference; the lower of two."""
    candidates = [(reference & ~0xFFFFFFFF) + epoch + wire for epoch in (-(1 << 32), 0, 1 << 32)]
    return min(candidates, key=lambda c: (abs(c - reference), c)) & MASK64


class Malformed(Exception):
    def __init__(self, reason, at):
        super().__init__(reason)
        self.reason, self.at = reason, at


class Reader:
    def __init__(self, octets):
        self.octets, self.at = octets, 0

    def take(self, count):
        self.at += count
        return self.octets[self.at - count : self.at]

    def number(self, count):
        return int.from_bytes(self.take(count), "big")

    def sequence(self, wide):
        return str(self.number(8)) if wide else self.number(4)


def decode(octets):
    """One option, as the JSON value that the vectors hold; raises Malformed."""
    if octets[:1] and octets[0] != 30:
        raise Malformed("kind", 0)
    if len(octets) < 2:
        raise Malformed("truncated", len(octets))
    length = octets[1]
    if length < 3:
        raise Malformed("length", 1)
    if length > len(octets):
        raise Malformed("truncated", len(octets))
    if length > 40:
        raise Malformed("length", 1)
    reader = Reader(octets[:length])
    reader.take(2)
    first = reader.number(1)
    option = DECODERS.get(first >> 4, unknown)(reader, length, first & 15, first >> 4)
    assert reader.at == length, option
    if option.get("reserved") == 0:
        del option["reserved"]
    return option


def require(length, *lengths):
    if length not in lengths:
        raise Malformed("length", 1)


def mp_capable(r, length, low, _):
    if length < 4:
        raise Malformed("length", 1)
    if low < 2:
        require(length, 4, 12, 20, 22, 24)
    flags = r.number(1)
    option = {
        "type": "MP_CAPABLE",
        "version": low,
        "checksumRequired": bool(flags & 0x80),
        "extensibility": bool(flags & 0x40),
        "denyJoin": bool(flags & 0x20),
        "algorithms": flags & 0x1F,
    }
    if low > 1:
        option["data"] = r.take(length - 4).hex()
        return option
    if length >= 12:
        option["senderKey"] = r.take(8).hex()
    if length >= 20:
        option["receiverKey"] = r.take(8).hex()
    if length >= 22:
        option["dataLevelLength"] = r.number(2)
    if length == 24:
        option["checksum"] = r.number(2)
    return option


def mp_join(r, length, low, _):
    require(length, 12, 16, 24)
    option = {"type": "MP_JOIN", "form": {12: "syn", 16: "syn-ack", 24: "ack"}[length]}
    octet = r.number(1)
    if length == 24:
        return {**option, "hmac": r.take(20).hex(), "reserved": low << 8 | octet}
    option.update(backup=bool(low & 1), addressId=octet, reserved=low & 0x0E)
    if length == 12:
        option["receiverToken"] = r.take(4).hex()
    else:
        option["truncatedHmac"] = r.take(8).hex()
    option["nonce"] = r.take(4).hex()
    return option


def dss(r, length, low, _):
    if length < 4:
        raise Malformed("length", 1)
    flags = r.number(1)
    ack = (8 if flags & 2 else 4) if flags & 1 else 0
    dsn = (8 if flags & 8 else 4) if flags & 4 else 0
    plain = 4 + ack + (dsn + 6 if dsn else 0)
    require(length, plain, *([plain + 2] if dsn else []))
    option = {"type": "DSS", "dataFin": bool(flags & 0x10)}
    if ack:
        option["dataAck"] = r.sequence(ack == 8)
    if dsn:
        option["mapping"] = mapping = {
            "dataSequenceNumber": r.sequence(dsn == 8),
            "subflowSequenceNumber": r.number(4),
            "dataLevelLength": r.number(2),
        }
        if length > plain:
            mapping["checksum"] = r.number(2)
    meaningless = 0xE0 | (0 if dsn else 8) | (0 if ack else 2)
    option["reserved"] = low << 8 | (flags & meaningless)
    return option


def add_addr(r, length, low, _):
    with_hmac = length in (16, 18, 28, 30)
    bare = length - 8 if with_hmac else length
    if bare not in (8, 10, 20, 22) or (with_hmac and low & 1):
        raise Malformed("length", 1)
    version = 1 if with_hmac or low & 1 else 0
    family = 4 if bare < 20 else 6
    if version == 0:
        if low not in (4, 6):
            raise Malformed("no-hmac", 2)
        if low != family:
            raise Malformed("family", 2)
    option = {
        "type": "ADD_ADDR",
        "version": version,
        "echo": bool(version and low & 1),
        "addressId": r.number(1),
        "address": str(ipaddress.ip_address(r.take(4 if family == 4 else 16))),
        "reserved": low & 0x0E if version else 0,
    }
    if bare in (10, 22):
        option["port"] = r.number(2)
    if with_hmac:
        option["truncatedHmac"] = r.take(8).hex()
    return option


def remove_addr(r, length, low, _):
    if length < 4:
        raise Malformed("length", 1)
    return {"type": "REMOVE_ADDR", "addressIds": list(r.take(length - 3)), "reserved": low}


def mp_prio(r, length, low, _):
    require(length, 3, 4)
    option = {"type": "MP_PRIO", "backup": bool(low & 1), "reserved": low & 0x0E}
    if length == 4:
        option["addressId"] = r.number(1)
    return option


def mp_fail(r, length, low, _):
    require(length, 12)
    reserved = low << 8 | r.number(1)
    return {"type": "MP_FAIL", "dataSequenceNumber": str(r.number(8)), "reserved": reserved}


def mp_fastclose(r, length, low, _):
    require(length, 12)
    reserved = low << 8 | r.number(1)
    return {"type": "MP_FASTCLOSE", "receiverKey": r.take(8).hex(), "reserved": reserved}


def mp_tcprst(r, length, low, _):
    require(length, 4)
    return {"type": "MP_TCPRST", "transient": bool(low & 1), "reason": r.number(1), "reserved": low & 0x0E}


def mp_experimental(r, length, low, _):
    return {"type": "MP_EXPERIMENTAL", "data": r.take(length - 3).hex(), "reserved": low}


def unknown(r, length, low, subtype):
    return {"type": "UNKNOWN", "subtype": subtype, "data": r.take(length - 3).hex(), "reserved": low}


DECODERS = {
    0: mp_capable,
    1: mp_join,
    2: dss,
    3: add_addr,
    4: remove_addr,
    5: mp_prio,
    6: mp_fail,
    7: mp_fastclose,
    8: mp_tcprst,
    15: mp_experimental,
}


def malformed(reason, at, octets):
    return {"type": "MALFORMED", "reason": reason, "at": at, "bytes": octets.hex()}


def decode_area(area):
    """The items of a TCP option list."""
    items = []
    at = 0
    while at < len(area):
        kind = area[at]
        if kind == 0:
            return [*items, {"kind": 0, "hex": area[at:].hex()}]
        if kind == 1:
            items.append({"kind": 1, "hex": "01"})
            at += 1
            continue
        rest = area[at:]
        if len(rest) < 2 or rest[1] > len(rest):
            return [*items, malformed("truncated", len(rest), rest)]
        if rest[1] < 2:
            return [*items, malformed("length", 1, rest)]
        octets = rest[: rest[1]]
        if kind != 30:
            items.append({"kind": kind, "hex": octets.hex()})
        else:
            try:
                items.append(decode(octets))
            except Malformed as fault:
                items.append(malformed(fault.reason, fault.at, octets))
        at += len(octets)
    return items


def check_key_derivation(i, claim):
    if len(i["key"]) != 16:
        return {"error": "key"}, False
    digest, token, idsn = token_and_idsn(i["version"], bytes.fromhex(i["key"]))
    expected = {
        "digest": digest.hex(),
        "token": token.hex(),
        "idsn": str(idsn),
        "firstDataSequenceNumber": str((idsn + 1) & MASK64),
    }
    return expected, all(expected[name] == value for name, value in claim.items())


def check_join_hmac(i, claim):
    for name, digits in (("senderKey", 16), ("receiverKey", 16), ("senderNonce", 8), ("receiverNonce", 8)):
        if len(i[name]) != digits:
            return {"error": name}, False
    key = bytes.fromhex(i["senderKey"] + i["receiverKey"])
    message = bytes.fromhex(i["senderNonce"] + i["receiverNonce"])
    full = join_hmac(i["version"], key[:8], key[8:], message[:4], message[4:])
    name, cut = {"syn-ack": ("truncatedHmac", 8), "ack": ("hmac", 20)}[i["form"]]
    expected = {"key": key.hex(), "message": message.hex(), "full": full.hex(), name: full[:cut].hex()}
    return expected, all(expected[name] == value for name, value in claim.items())


def check_join_handshake(i, _):
    keys = bytes.fromhex(i["keyA"]), bytes.fromhex(i["keyB"])
    nonces = bytes.fromhex(i["nonceA"]), bytes.fromhex(i["nonceB"])
    token = token_and_idsn(i["version"], keys[1])[1]
    answer = join_hmac(i["version"], keys[1], keys[0], nonces[1], nonces[0])
    proof = join_hmac(i["version"], keys[0], keys[1], nonces[0], nonces[1])
    syn = bytes([30, 12, 0x10 | i["backupA"], i["addressIdA"]]) + token + nonces[0]
    syn_ack = bytes([30, 16, 0x10 | i["backupB"], i["addressIdB"]]) + answer[:8] + nonces[1]
    ack = bytes([30, 24, 0x10, 0]) + proof[:20]
    return {"syn": syn.hex(), "synAck": syn_ack.hex(), "ack": ack.hex()}, True


def check_add_addr_hmac(i, claim):
    for name in ("senderKey", "receiverKey"):
        if len(i[name]) != 16:
            return {"error": name}, False
    if len(i["address"]) not in (8, 32):
        return {"error": "address"}, False
    if not 0 <= i["addressId"] <= 255:
        return {"error": "addressId"}, False
    if not 0 <= i.get("port", 0) <= 65535:
        return {"error": "port"}, False
    address = bytes.fromhex(i["address"])
    keys = bytes.fromhex(i["senderKey"]), bytes.fromhex(i["receiverKey"])
    message, full = add_addr_hmac(*keys, i["addressId"], address, i.get("port", 0))
    port = struct.pack(">H", i["port"]) if "port" in i else b""
    option = bytes([30, 12 + len(address) + len(port), 0x30, i["addressId"]]) + address + port + full[24:]
    echo = bytes([30, 4 + len(address) + len(port), 0x31, i["addressId"]]) + address + port
    expected = {
        "key": (keys[0] + keys[1]).hex(),
        "message": message.hex(),
        "full": full.hex(),
        "truncatedHmac": full[24:].hex(),
        "option": option.hex(),
        "echo": echo.hex(),
    }
    return expected, all(expected[name] == value for name, value in claim.items())


def check_dss_checksum(i, claim):
    covered = i["dataLevelLength"] - i["dataFin"]
    data = b"".join(map(bytes.fromhex, i["payload"])) * i.get("times", 1)
    data = data[i.get("offset", 0) :]
    if i["dataLevelLength"] == 0:
        return {"checksum": 0}, True
    if len(data) < covered:
        return {"error": "payload"}, False
    fields = int(i["dataSequenceNumber"]), i["subflowSequenceNumber"], i["dataLevelLength"]
    header = struct.pack(">QIHH", *fields, 0)
    total = ones_complement(data[:covered] + b"\0" * (covered % 2) + header)
    expected = {"pseudoHeader": header.hex(), "checksum": total ^ 0xFFFF}
    if "checksum" not in claim:
        return expected, True
    return expected, (total + claim["checksum"]) % 0xFFFF == 0


def check_expansion(i, claim):
    value = expand(i["wire"], int(i["reference"]))
    return {"value": str(value)}, claim.get("value", str(value)) == str(value)


def check_distance(i, claim):
    value = (int(i["a"]) - int(i["b"])) & MASK64
    value -= (value >> 63) << 64
    return {"distance": str(value)}, claim.get("distance", str(value)) == str(value)


def check_relative(i, claim):
    value = str((int(i["value"]) - int(i["initial"])) & MASK64)
    return {"relative": value}, claim.get("relative", value) == value


def check_option(i, _):
    try:
        return {"option": decode(bytes.fromhex(i["hex"]))}, True
    except Malformed as fault:
        return {"reason": fault.reason, "at": fault.at}, False


def check_area(i, _):
    items = decode_area(bytes.fromhex(i["hex"]))
    return {"items": items}, not any(item.get("type") == "MALFORMED" for item in items)


def check_space(i, _):
    octets = sum(-(-len(item) // 8) * 4 for item in i["items"])
    return {"octets": octets, "fits": octets <= 40}, octets <= 40


CHECKS = {
    "KeyDerivation": check_key_derivation,
    "JoinHmac": check_join_hmac,
    "JoinHandshake": check_join_handshake,
    "AddAddrHmac": check_add_addr_hmac,
    "DssChecksum": check_dss_checksum,
    "Expansion": check_expansion,
    "Distance": check_distance,
    "Relative": check_relative,
    "Option": check_option,
    "OptionArea": check_area,
    "OptionSpace": check_space,
}


def main(directory):
    total = wrong = 0
    for path in sorted(pathlib.Path(directory).glob("*.json")):
        vectors = json.loads(path.read_text())
        if vectors.get("schema") != "schema.json":
            continue
        for group in vectors["testGroups"]:
            check = CHECKS[group["type"]]
            for test in group["tests"]:
                expected, passes = check(test["input"], test.get("claim", {}))
                total += 1
                if expected != test["expected"] or passes != (test["result"] != "invalid"):
                    wrong += 1
                    print(f"{test['id']}: {test['result']}, expected {test['expected']}, here {passes} {expected}")
            print(f"{path.name} {group['name']}: {len(group['tests'])}")
    print(f"{total} vectors, {wrong} wrong")
    return 1 if wrong or not total else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
