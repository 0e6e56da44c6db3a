// Checks fixtures/vectors/*.json with crypto/hmac, math/big and a decoder of its own: a third
// opinion on every vector.
//
//	go run vectors.go DIRECTORY
//
// It prints one line a group; exit status 1 where a vector is wrong.
package main

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash"
	"math/big"
	"net/netip"
	"os"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
)

type object = map[string]any

type vector struct {
	ID       string
	Result   string
	Input    object
	Claim    object
	Expected object
}

type vectorFile struct {
	Schema     string
	TestGroups []struct {
		Name  string
		Type  string
		Tests []vector
	}
}

func octets(value any) []byte {
	decoded, err := hex.DecodeString(value.(string))
	if err != nil {
		panic(err)
	}
	return decoded
}

func number(value any) int64 {
	parsed, err := value.(json.Number).Int64()
	if err != nil {
		panic(err)
	}
	return parsed
}

func wide(value any) *big.Int {
	parsed, ok := new(big.Int).SetString(value.(string), 10)
	if !ok {
		panic(value)
	}
	return parsed
}

func num[T int | int64 | byte | uint16 | uint32](value T) json.Number {
	return json.Number(strconv.FormatInt(int64(value), 10))
}

func text(value []byte) string { return hex.EncodeToString(value) }

func hashOf(version any) func() hash.Hash {
	if number(version) == 0 {
		return sha1.New
	}
	return sha256.New
}

func digest(newHash func() hash.Hash, message []byte) []byte {
	state := newHash()
	state.Write(message)
	return state.Sum(nil)
}

func mac(newHash func() hash.Hash, key []byte, message ...[]byte) []byte {
	state := hmac.New(newHash, key)
	for _, part := range message {
		state.Write(part)
	}
	return state.Sum(nil)
}

func join(parts ...[]byte) []byte { return bytes.Join(parts, nil) }

var modulus = new(big.Int).Lsh(big.NewInt(1), 64)

func modulo(value *big.Int) *big.Int { return new(big.Int).Mod(value, modulus) }

// claimed tells whether every claim is what was expected.
func claimed(claim, expected object) bool {
	for name, value := range claim {
		if expected[name] != value {
			return false
		}
	}
	return true
}

func keyDerivation(in, claim object) (object, bool) {
	key := octets(in["key"])
	if len(key) != 8 {
		return object{"error": "key"}, false
	}
	sum := digest(hashOf(in["version"]), key)
	idsn := new(big.Int).SetBytes(sum[len(sum)-8:])
	expected := object{
		"digest":                  text(sum),
		"token":                   text(sum[:4]),
		"idsn":                    idsn.String(),
		"firstDataSequenceNumber": modulo(new(big.Int).Add(idsn, big.NewInt(1))).String(),
	}
	return expected, claimed(claim, expected)
}

func joinHmac(in, claim object) (object, bool) {
	for _, field := range []struct {
		name string
		size int
	}{{"senderKey", 8}, {"receiverKey", 8}, {"senderNonce", 4}, {"receiverNonce", 4}} {
		if len(octets(in[field.name])) != field.size {
			return object{"error": field.name}, false
		}
	}
	key := join(octets(in["senderKey"]), octets(in["receiverKey"]))
	message := join(octets(in["senderNonce"]), octets(in["receiverNonce"]))
	full := mac(hashOf(in["version"]), key, message)
	expected := object{"key": text(key), "message": text(message), "full": text(full)}
	if in["form"] == "ack" {
		expected["hmac"] = text(full[:20])
	} else {
		expected["truncatedHmac"] = text(full[:8])
	}
	return expected, claimed(claim, expected)
}

func joinHandshake(in, _ object) (object, bool) {
	newHash := hashOf(in["version"])
	keyA, keyB := octets(in["keyA"]), octets(in["keyB"])
	nonceA, nonceB := octets(in["nonceA"]), octets(in["nonceB"])
	head := func(length byte, backup, id any) []byte {
		flags := byte(0x10)
		if backup == true {
			flags |= 1
		}
		return []byte{30, length, flags, byte(number(id))}
	}
	syn := join(head(12, in["backupA"], in["addressIdA"]), digest(newHash, keyB)[:4], nonceA)
	answer := mac(newHash, join(keyB, keyA), nonceB, nonceA)[:8]
	synAck := join(head(16, in["backupB"], in["addressIdB"]), answer, nonceB)
	ack := join([]byte{30, 24, 0x10, 0}, mac(newHash, join(keyA, keyB), nonceA, nonceB)[:20])
	return object{"syn": text(syn), "synAck": text(synAck), "ack": text(ack)}, true
}

func addAddrHmac(in, claim object) (object, bool) {
	sender, receiver, address := octets(in["senderKey"]), octets(in["receiverKey"]), octets(in["address"])
	id := number(in["addressId"])
	var port int64
	given, hasPort := in["port"]
	if hasPort {
		port = number(given)
	}
	switch {
	case len(sender) != 8:
		return object{"error": "senderKey"}, false
	case len(receiver) != 8:
		return object{"error": "receiverKey"}, false
	case len(address) != 4 && len(address) != 16:
		return object{"error": "address"}, false
	case id < 0 || id > 255:
		return object{"error": "addressId"}, false
	case port < 0 || port > 65535:
		return object{"error": "port"}, false
	}
	portOctets := binary.BigEndian.AppendUint16(nil, uint16(port))
	message := join([]byte{byte(id)}, address, portOctets)
	key := join(sender, receiver)
	full := mac(sha256.New, key, message)
	place := join([]byte{byte(id)}, address)
	if hasPort {
		place = message
	}
	size := byte(3 + len(place))
	expected := object{
		"key":           text(key),
		"message":       text(message),
		"full":          text(full),
		"truncatedHmac": text(full[24:]),
		"option":        text(join([]byte{30, size + 8, 0x30}, place, full[24:])),
		"echo":          text(join([]byte{30, size, 0x31}, place)),
	}
	return expected, claimed(claim, expected)
}

// onesComplement adds 16-bit words with end-around carry.
func onesComplement(data []byte) uint16 {
	var total uint32
	for i := 0; i < len(data); i += 2 {
		word := uint32(data[i]) << 8
		if i+1 < len(data) {
			word |= uint32(data[i+1])
		}
		total += word
		total = total&0xffff + total>>16
	}
	return uint16(total)
}

func dssChecksum(in, claim object) (object, bool) {
	length := number(in["dataLevelLength"])
	if length == 0 {
		return object{"checksum": num(0)}, true
	}
	covered := length
	if in["dataFin"] == true {
		covered--
	}
	var data []byte
	for _, piece := range in["payload"].([]any) {
		data = append(data, octets(piece)...)
	}
	if times, ok := in["times"]; ok {
		data = bytes.Repeat(data, int(number(times)))
	}
	if offset, ok := in["offset"]; ok {
		data = data[number(offset):]
	}
	if int64(len(data)) < covered {
		return object{"error": "payload"}, false
	}
	header := make([]byte, 16)
	wide(in["dataSequenceNumber"]).FillBytes(header[:8])
	binary.BigEndian.PutUint32(header[8:], uint32(number(in["subflowSequenceNumber"])))
	binary.BigEndian.PutUint16(header[12:], uint16(length))
	sum := onesComplement(join(header, data[:covered]))
	expected := object{"pseudoHeader": text(header), "checksum": num(^sum)}
	seen, ok := claim["checksum"]
	if !ok {
		return expected, true
	}
	both := binary.BigEndian.AppendUint16(binary.BigEndian.AppendUint16(nil, sum), uint16(number(seen)))
	return expected, onesComplement(both) == 0xffff
}

func expansion(in, claim object) (object, bool) {
	reference := wide(in["reference"])
	epoch := new(big.Int).Rsh(reference, 32)
	var best, least *big.Int
	for step := int64(-1); step <= 1; step++ {
		value := new(big.Int).Lsh(new(big.Int).Add(epoch, big.NewInt(step)), 32)
		value.Add(value, big.NewInt(number(in["wire"])))
		far := new(big.Int).Abs(new(big.Int).Sub(value, reference))
		if best == nil || far.Cmp(least) < 0 {
			best, least = value, far
		}
	}
	expected := object{"value": modulo(best).String()}
	return expected, claimed(claim, expected)
}

func distance(in, claim object) (object, bool) {
	value := modulo(new(big.Int).Sub(wide(in["a"]), wide(in["b"])))
	if value.Bit(63) == 1 {
		value.Sub(value, modulus)
	}
	expected := object{"distance": value.String()}
	return expected, claimed(claim, expected)
}

func relative(in, claim object) (object, bool) {
	expected := object{"relative": modulo(new(big.Int).Sub(wide(in["value"]), wide(in["initial"]))).String()}
	return expected, claimed(claim, expected)
}

func option(in, _ object) (object, bool) {
	value, fault := decode(octets(in["hex"]))
	if fault != nil {
		return object{"reason": fault.reason, "at": num(fault.at)}, false
	}
	return object{"option": value}, true
}

func optionArea(in, _ object) (object, bool) {
	items, whole := decodeArea(octets(in["hex"]))
	return object{"items": items}, whole
}

func optionSpace(in, _ object) (object, bool) {
	total := 0
	for _, item := range in["items"].([]any) {
		total += (len(octets(item)) + 3) / 4 * 4
	}
	return object{"octets": num(total), "fits": total <= 40}, total <= 40
}

// A fault says why octets are no option, and where.
type fault struct {
	reason string
	at     int
}

// A cursor over the octets of one option.
type cursor struct {
	rest []byte
}

func (c *cursor) take(count int) []byte {
	taken := c.rest[:count]
	c.rest = c.rest[count:]
	return taken
}

func (c *cursor) hex(count int) string { return text(c.take(count)) }

func (c *cursor) num(count int) json.Number {
	return json.Number(new(big.Int).SetBytes(c.take(count)).String())
}

// sequence is a number where it has 4 octets, and a string where it has 8.
func (c *cursor) sequence(count int) any {
	value := c.num(count)
	if count == 8 {
		return value.String()
	}
	return value
}

var badLength = &fault{"length", 1}

func decode(data []byte) (object, *fault) {
	if len(data) > 0 && data[0] != 30 {
		return nil, &fault{"kind", 0}
	}
	if len(data) < 2 {
		return nil, &fault{"truncated", len(data)}
	}
	length := int(data[1])
	switch {
	case length < 3:
		return nil, badLength
	case length > len(data):
		return nil, &fault{"truncated", len(data)}
	case length > 40:
		return nil, badLength
	}
	subtype, low := data[2]>>4, int(data[2]&15)
	c := &cursor{data[3:length]}
	value, reserved, err := decodeBody(c, int(subtype), low, length)
	if err != nil {
		return nil, err
	}
	if len(c.rest) != 0 {
		panic(text(data))
	}
	if reserved != 0 {
		value["reserved"] = num(reserved)
	}
	return value, nil
}

func among(value int, those ...int) bool {
	for _, one := range those {
		if value == one {
			return true
		}
	}
	return false
}

func decodeBody(c *cursor, subtype, low, length int) (object, int, *fault) {
	backup := low&1 == 1
	switch subtype {
	case 0:
		value, err := decodeCapable(c, low, length)
		return value, 0, err
	case 1:
		return decodeJoin(c, low, length)
	case 2:
		return decodeDss(c, low, length)
	case 3:
		return decodeAddAddr(c, low, length)
	case 4:
		if length < 4 {
			return nil, 0, badLength
		}
		ids := []any{}
		for len(c.rest) > 0 {
			ids = append(ids, c.num(1))
		}
		return object{"type": "REMOVE_ADDR", "addressIds": ids}, low, nil
	case 5:
		if length != 3 && length != 4 {
			return nil, 0, badLength
		}
		value := object{"type": "MP_PRIO", "backup": backup}
		if length == 4 {
			value["addressId"] = c.num(1)
		}
		return value, low & 14, nil
	case 6, 7:
		if length != 12 {
			return nil, 0, badLength
		}
		reserved := low<<8 | int(c.take(1)[0])
		if subtype == 6 {
			return object{"type": "MP_FAIL", "dataSequenceNumber": c.sequence(8)}, reserved, nil
		}
		return object{"type": "MP_FASTCLOSE", "receiverKey": c.hex(8)}, reserved, nil
	case 8:
		if length != 4 {
			return nil, 0, badLength
		}
		return object{"type": "MP_TCPRST", "transient": backup, "reason": c.num(1)}, low & 14, nil
	case 15:
		return object{"type": "MP_EXPERIMENTAL", "data": c.hex(length - 3)}, low, nil
	default:
		return object{"type": "UNKNOWN", "subtype": num(subtype), "data": c.hex(length - 3)}, low, nil
	}
}

func decodeCapable(c *cursor, version, length int) (object, *fault) {
	if length < 4 || (version < 2 && !among(length, 4, 12, 20, 22, 24)) {
		return nil, badLength
	}
	flags := c.take(1)[0]
	value := object{
		"type":             "MP_CAPABLE",
		"version":          num(version),
		"checksumRequired": flags&0x80 != 0,
		"extensibility":    flags&0x40 != 0,
		"denyJoin":         flags&0x20 != 0,
		"algorithms":       num(flags & 0x1f),
	}
	if version >= 2 {
		value["data"] = c.hex(length - 4)
		return value, nil
	}
	for _, field := range []struct {
		name  string
		from  int
		value func() any
	}{
		{"senderKey", 12, func() any { return c.hex(8) }},
		{"receiverKey", 20, func() any { return c.hex(8) }},
		{"dataLevelLength", 22, func() any { return c.num(2) }},
		{"checksum", 24, func() any { return c.num(2) }},
	} {
		if length >= field.from {
			value[field.name] = field.value()
		}
	}
	return value, nil
}

func decodeJoin(c *cursor, low, length int) (object, int, *fault) {
	if !among(length, 12, 16, 24) {
		return nil, 0, badLength
	}
	if length == 24 {
		reserved := low<<8 | int(c.take(1)[0])
		return object{"type": "MP_JOIN", "form": "ack", "hmac": c.hex(20)}, reserved, nil
	}
	value := object{"type": "MP_JOIN", "backup": low&1 == 1, "addressId": c.num(1)}
	if length == 12 {
		value["form"] = "syn"
		value["receiverToken"] = c.hex(4)
	} else {
		value["form"] = "syn-ack"
		value["truncatedHmac"] = c.hex(8)
	}
	value["nonce"] = c.hex(4)
	return value, low & 14, nil
}

func decodeDss(c *cursor, low, length int) (object, int, *fault) {
	if length < 4 {
		return nil, 0, badLength
	}
	flags := int(c.take(1)[0])
	width := func(present, eight int) int {
		if flags&present == 0 {
			return 0
		}
		if flags&eight == 0 {
			return 4
		}
		return 8
	}
	ack, dsn := width(1, 2), width(4, 8)
	meaningless := 0xe0
	if ack == 0 {
		meaningless |= 2
	}
	want := 4 + ack
	if dsn == 0 {
		meaningless |= 8
	} else {
		want += dsn + 6
	}
	if length != want && (dsn == 0 || length != want+2) {
		return nil, 0, badLength
	}
	value := object{"type": "DSS", "dataFin": flags&0x10 != 0}
	if ack != 0 {
		value["dataAck"] = c.sequence(ack)
	}
	if dsn != 0 {
		mapping := object{
			"dataSequenceNumber":    c.sequence(dsn),
			"subflowSequenceNumber": c.num(4),
			"dataLevelLength":       c.num(2),
		}
		if length == want+2 {
			mapping["checksum"] = c.num(2)
		}
		value["mapping"] = mapping
	}
	return value, low<<8 | flags&meaningless, nil
}

func decodeAddAddr(c *cursor, low, length int) (object, int, *fault) {
	withHmac := among(length, 16, 18, 28, 30)
	echo := low&1 == 1
	if !withHmac && !among(length, 8, 10, 20, 22) || withHmac && echo {
		return nil, 0, badLength
	}
	bare := length
	if withHmac {
		bare -= 8
	}
	size := 4
	if bare >= 20 {
		size = 16
	}
	version, reserved := 1, low&14
	if !withHmac && !echo {
		version, reserved = 0, 0
		switch {
		case low != 4 && low != 6:
			return nil, 0, &fault{"no-hmac", 2}
		case (low == 6) != (size == 16):
			return nil, 0, &fault{"family", 2}
		}
	}
	value := object{"type": "ADD_ADDR", "version": num(version), "echo": echo && version == 1, "addressId": c.num(1)}
	address, _ := netip.AddrFromSlice(c.take(size))
	value["address"] = address.String()
	if bare == 4+size+2 {
		value["port"] = c.num(2)
	}
	if withHmac {
		value["truncatedHmac"] = c.hex(8)
	}
	return value, reserved, nil
}

func decodeArea(area []byte) ([]any, bool) {
	items, whole := []any{}, true
	malformed := func(err *fault, data []byte) {
		whole = false
		items = append(items, object{"type": "MALFORMED", "reason": err.reason, "at": num(err.at), "bytes": text(data)})
	}
	for len(area) > 0 {
		kind := area[0]
		size := 1
		switch {
		case kind == 0:
			size = len(area)
		case kind == 1:
		case len(area) < 2 || int(area[1]) > len(area):
			malformed(&fault{"truncated", len(area)}, area)
			return items, whole
		case area[1] < 2:
			malformed(badLength, area)
			return items, whole
		default:
			size = int(area[1])
		}
		data := area[:size]
		area = area[size:]
		if kind != 30 {
			items = append(items, object{"kind": num(kind), "hex": text(data)})
		} else if value, err := decode(data); err != nil {
			malformed(err, data)
		} else {
			items = append(items, value)
		}
	}
	return items, whole
}

var checks = map[string]func(in, claim object) (object, bool){
	"KeyDerivation": keyDerivation,
	"JoinHmac":      joinHmac,
	"JoinHandshake": joinHandshake,
	"AddAddrHmac":   addAddrHmac,
	"DssChecksum":   dssChecksum,
	"Expansion":     expansion,
	"Distance":      distance,
	"Relative":      relative,
	"Option":        option,
	"OptionArea":    optionArea,
	"OptionSpace":   optionSpace,
}

func main() {
	paths, _ := filepath.Glob(filepath.Join(os.Args[1], "*.json"))
	total, wrong := 0, 0
	for _, path := range paths {
		content, err := os.ReadFile(path)
		if err != nil {
			panic(err)
		}
		reader := json.NewDecoder(bytes.NewReader(content))
		reader.UseNumber()
		var vectors vectorFile
		if err := reader.Decode(&vectors); err != nil {
			panic(err)
		}
		if vectors.Schema != "schema.json" {
			continue
		}
		for _, group := range vectors.TestGroups {
			check, ok := checks[group.Type]
			if !ok {
				panic(group.Type)
			}
			for _, test := range group.Tests {
				expected, passes := check(test.Input, test.Claim)
				total++
				if !reflect.DeepEqual(expected, test.Expected) || passes != (test.Result != "invalid") {
					wrong++
					fmt.Printf("%s: %s, expected %v, here %v %v\n", test.ID, test.Result, test.Expected, passes, expected)
				}
			}
			fmt.Printf("%s %s: %d\n", strings.TrimSuffix(filepath.Base(path), ".json"), group.Name, len(group.Tests))
		}
	}
	fmt.Printf("%d vectors, %d wrong\n", total, wrong)
	if wrong > 0 || total == 0 {
		os.Exit(1)
	}
}
