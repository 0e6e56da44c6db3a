// What a Go program with gopacket takes for the same work.
//
// usage: bench decode CORPUS SECONDS | bench ndjson FILE
package main

import (
	"bufio"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"log"
	"net/netip"
	"os"
	"strconv"
	"syscall"
	"time"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
	"github.com/gopacket/gopacket/pcapgo"
)

func main() {
	log.SetFlags(0)
	switch os.Args[1] {
	case "decode":
		decode(os.Args[2], os.Args[3])
	case "ndjson":
		ndjson(os.Args[2])
	}
}

// decode decodes each list of a corpus behind a TCP header and prints nanoseconds an MPTCP option.
func decode(path, least string) {
	file, err := os.ReadFile(path)
	if err != nil {
		log.Fatal(err)
	}
	seconds, err := strconv.ParseFloat(least, 64)
	if err != nil {
		log.Fatal(err)
	}
	count := int(binary.LittleEndian.Uint32(file))
	offset := func(i int) int { return 8 + 4*(count+1) + int(binary.LittleEndian.Uint32(file[8+4*i:])) }
	segments := make([][]byte, count)
	for i := range segments {
		options := file[offset(i):offset(i+1)]
		segment := make([]byte, 20+len(options))
		segment[12] = byte(5+len(options)/4) << 4
		copy(segment[20:], options)
		segments[i] = segment
	}
	var tcp layers.TCP
	var nanoseconds float64
	for warm := 0; warm < 2; warm++ {
		options := 0
		start := processorTime()
		for (processorTime() - start).Seconds() < seconds/2 {
			for _, segment := range segments {
				// An error is what it has to say of a malformed option.
				_ = tcp.DecodeFromBytes(segment, gopacket.NilDecodeFeedback)
				for i := range tcp.Options {
					if tcp.Options[i].OptionType == layers.TCPOptionKindMultipathTCP {
						options++
					}
				}
			}
		}
		nanoseconds = float64((processorTime() - start).Nanoseconds()) / float64(options)
	}
	fmt.Printf("%.3f\n", nanoseconds)
}

// processorTime is what all threads used, the garbage collector's too.
func processorTime() time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		log.Fatal(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

// ndjson prints a line a packet, put together by hand.
func ndjson(path string) {
	file, err := os.Open(path)
	if err != nil {
		log.Fatal(err)
	}
	reader, err := pcapgo.NewReader(bufio.NewReaderSize(file, 1<<18))
	if err != nil {
		log.Fatal(err)
	}
	out := bufio.NewWriterSize(os.Stdout, 1<<18)
	defer out.Flush()
	var ethernet layers.Ethernet
	var ip4 layers.IPv4
	var ip6 layers.IPv6
	var tcp layers.TCP
	var found []gopacket.LayerType
	parser := gopacket.NewDecodingLayerParser(layers.LayerTypeEthernet, &ethernet, &ip4, &ip6, &tcp)
	parser.IgnoreUnsupported = true
	line := make([]byte, 0, 4096)
	for frame := uint64(1); ; frame++ {
		data, info, err := reader.ZeroCopyReadPacketData()
		if err != nil {
			return
		}
		// What it cannot decode, cut payloads among it, it says here; the layers before are there.
		_ = parser.DecodeLayers(data, &found)
		if len(found) < 3 || found[2] != layers.LayerTypeTCP || !tcp.Multipath {
			continue
		}
		line = append(line[:0], `{"frame":`...)
		line = strconv.AppendUint(line, frame, 10)
		line = append(line, `,"time":"`...)
		line = strconv.AppendInt(line, info.Timestamp.Unix(), 10)
		line = append(line, '.')
		line = appendDigits(line, info.Timestamp.Nanosecond())
		line = append(line, `","src":"`...)
		payload := 0
		if found[1] == layers.LayerTypeIPv4 {
			line = appendAddress(line, ip4.SrcIP)
			payload = int(ip4.Length) - int(ip4.IHL)*4 - int(tcp.DataOffset)*4
		} else {
			line = appendAddress(line, ip6.SrcIP)
			payload = int(ip6.Length) - int(tcp.DataOffset)*4
		}
		line = append(line, `","srcPort":`...)
		line = strconv.AppendUint(line, uint64(tcp.SrcPort), 10)
		line = append(line, `,"dst":"`...)
		if found[1] == layers.LayerTypeIPv4 {
			line = appendAddress(line, ip4.DstIP)
		} else {
			line = appendAddress(line, ip6.DstIP)
		}
		line = append(line, `","dstPort":`...)
		line = strconv.AppendUint(line, uint64(tcp.DstPort), 10)
		line = append(line, `,"flags":"`...)
		line = appendFlags(line, &tcp)
		line = append(line, `","seq":`...)
		line = strconv.AppendUint(line, uint64(tcp.Seq), 10)
		line = append(line, `,"ack":`...)
		line = strconv.AppendUint(line, uint64(tcp.Ack), 10)
		line = append(line, `,"payloadLength":`...)
		line = strconv.AppendInt(line, int64(payload), 10)
		line = append(line, `,"options":[`...)
		first := true
		for i := range tcp.Options {
			if tcp.Options[i].OptionType != layers.TCPOptionKindMultipathTCP {
				continue
			}
			if !first {
				line = append(line, ',')
			}
			first = false
			line = appendOption(line, &tcp.Options[i])
		}
		line = append(line, "]}\n"...)
		if _, err := out.Write(line); err != nil {
			log.Fatal(err)
		}
	}
}

func appendDigits(line []byte, nanoseconds int) []byte {
	var digits [9]byte
	for i := 8; i >= 0; i-- {
		digits[i] = byte('0' + nanoseconds%10)
		nanoseconds /= 10
	}
	return append(line, digits[:]...)
}

func appendAddress(line []byte, address []byte) []byte {
	value, _ := netip.AddrFromSlice(address)
	return value.AppendTo(line)
}

func appendFlags(line []byte, tcp *layers.TCP) []byte {
	for i, set := range [8]bool{tcp.FIN, tcp.SYN, tcp.RST, tcp.PSH, tcp.ACK, tcp.URG, tcp.ECE, tcp.CWR} {
		if set {
			line = append(line, "FSRPAUEC"[i])
		}
	}
	return line
}

func appendHex(line []byte, name string, octets []byte) []byte {
	line = append(line, name...)
	line = hex.AppendEncode(line, octets)
	return append(line, '"')
}

func appendNumber(line []byte, name string, value uint64) []byte {
	return strconv.AppendUint(append(line, name...), value, 10)
}

// appendSequence writes a number of 4 octets as such, one of 8 as text.
func appendSequence(line []byte, name string, octets []byte) []byte {
	line = append(line, name...)
	if len(octets) == 4 {
		return strconv.AppendUint(line, uint64(binary.BigEndian.Uint32(octets)), 10)
	}
	line = append(line, '"')
	line = strconv.AppendUint(line, binary.BigEndian.Uint64(octets), 10)
	return append(line, '"')
}

func appendOption(line []byte, o *layers.TCPOption) []byte {
	switch {
	case o.OptionMPTCPDss != nil:
		d := o.OptionMPTCPDss
		line = append(line, `{"type":"DSS","dataFin":`...)
		line = strconv.AppendBool(line, d.F)
		if d.A {
			line = appendSequence(line, `,"dataAck":`, d.DataAck)
		}
		if d.M {
			line = appendSequence(line, `,"mapping":{"dataSequenceNumber":`, d.DSN)
			line = appendNumber(line, `,"subflowSequenceNumber":`, uint64(d.SSN))
			line = appendNumber(line, `,"dataLevelLength":`, uint64(d.DataLength))
			if d.Checksum != 0 {
				line = appendNumber(line, `,"checksum":`, uint64(d.Checksum))
			}
			line = append(line, '}')
		}
	case o.OptionMPTCPMpCapable != nil:
		c := o.OptionMPTCPMpCapable
		line = appendNumber(line, `{"type":"MP_CAPABLE","version":`, uint64(c.Version))
		line = append(line, `,"checksumRequired":`...)
		line = strconv.AppendBool(line, c.A)
		line = append(line, `,"denyJoin":`...)
		line = strconv.AppendBool(line, c.C)
		line = appendHex(line, `,"senderKey":"`, c.SendKey)
		line = appendHex(line, `,"receiverKey":"`, c.ReceivKey)
	case o.OptionMPTCPMpJoin != nil:
		j := o.OptionMPTCPMpJoin
		line = append(line, `{"type":"MP_JOIN","backup":`...)
		line = strconv.AppendBool(line, j.Backup)
		line = appendNumber(line, `,"addressId":`, uint64(j.AddrID))
		line = appendHex(line, `,"hmac":"`, j.SendHMAC)
		line = appendNumber(line, `,"nonce":`, uint64(j.SendRandNum))
	case o.OptionMPTCPAddAddr != nil:
		a := o.OptionMPTCPAddAddr
		line = append(line, `{"type":"ADD_ADDR","echo":`...)
		line = strconv.AppendBool(line, a.E)
		line = append(line, `,"address":"`...)
		line = append(appendAddress(line, a.Address), '"')
		line = appendHex(line, `,"truncatedHmac":"`, a.SendHMAC)
	default:
		line = appendNumber(line, `{"subtype":`, uint64(o.OptionMultipath))
	}
	return append(line, '}')
}
