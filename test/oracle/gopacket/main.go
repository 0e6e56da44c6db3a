// Prints what gopacket reads of the TCP options in a pcap, one JSON line a frame.
package main

import (
	"bufio"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"os"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
	"github.com/gopacket/gopacket/pcapgo"
)

// row is what gopacket says of a frame.
type row struct {
	Frame   int      `json:"frame"`
	Options []string `json:"options"`
	// Ended is "error" or "panic" where the list was given up.
	Ended   string `json:"ended,omitempty"`
	Message string `json:"message,omitempty"`
	// Written is the option list as gopacket writes it again.
	Written string `json:"written,omitempty"`
}

func main() {
	log.SetFlags(0)
	file, err := os.Open(os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	reader, err := pcapgo.NewReader(bufio.NewReader(file))
	if err != nil {
		log.Fatal(err)
	}
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	encoder := json.NewEncoder(out)
	for frame := 1; ; frame++ {
		data, _, err := reader.ReadPacketData()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			log.Fatal(err)
		}
		packet := gopacket.NewPacket(data, reader.LinkType(), gopacket.Lazy)
		network := packet.NetworkLayer()
		if network == nil {
			log.Fatalf("frame %d has no IP header", frame)
		}
		if err := encoder.Encode(read(frame, network.LayerPayload())); err != nil {
			log.Fatal(err)
		}
	}
}

func read(frame int, segment []byte) row {
	var tcp layers.TCP
	result := row{Frame: frame, Options: []string{}}
	result.Ended, result.Message = decode(&tcp, segment)
	whole := tcp.Options
	if result.Ended != "" {
		// The last one is what it gave up on.
		whole = whole[:len(whole)-1]
	}
	for _, option := range whole {
		result.Options = append(result.Options, text(option))
	}
	if result.Ended == "" {
		result.Written = write(&tcp)
	}
	return result
}

func decode(tcp *layers.TCP, segment []byte) (ended, message string) {
	defer func() {
		if reason := recover(); reason != nil {
			ended, message = "panic", fmt.Sprint(reason)
		}
	}()
	if err := tcp.DecodeFromBytes(segment, gopacket.NilDecodeFeedback); err != nil {
		return "error", err.Error()
	}
	return "", ""
}

func write(tcp *layers.TCP) string {
	buffer := gopacket.NewSerializeBuffer()
	if err := tcp.SerializeTo(buffer, gopacket.SerializeOptions{FixLengths: true}); err != nil {
		return err.Error()
	}
	return hex.EncodeToString(buffer.Bytes()[20:])
}

func text(o layers.TCPOption) string {
	switch {
	case o.OptionType != layers.TCPOptionKindMultipathTCP:
		return fmt.Sprintf("kind %d %x", o.OptionType, o.OptionData)
	case o.OptionMPTCPMpCapable != nil:
		c := o.OptionMPTCPMpCapable
		flags := 0
		for _, flag := range []bool{c.A, c.B, c.C, c.D, c.E, c.F, c.G, c.H} {
			flags <<= 1
			if flag {
				flags |= 1
			}
		}
		return fmt.Sprintf("MP_CAPABLE %d: version %d flags %02x keys %x %x length %d checksum %04x",
			o.OptionLength, c.Version, flags, c.SendKey, c.ReceivKey, c.DataLength, c.Checksum)
	case o.OptionMPTCPMpJoin != nil:
		j := o.OptionMPTCPMpJoin
		return fmt.Sprintf("MP_JOIN %d: backup %t id %d token %08x hmac %x nonce %08x",
			o.OptionLength, j.Backup, j.AddrID, j.ReceivToken, j.SendHMAC, j.SendRandNum)
	case o.OptionMPTCPDss != nil:
		d := o.OptionMPTCPDss
		return fmt.Sprintf("DSS %d: fin %t ack %t %x map %t %x subflow %d length %d checksum %04x",
			o.OptionLength, d.F, d.A, d.DataAck, d.M, d.DSN, d.SSN, d.DataLength, d.Checksum)
	case o.OptionMPTCPAddAddr != nil:
		a := o.OptionMPTCPAddAddr
		return fmt.Sprintf("ADD_ADDR %d: version %d echo %t id %d address %x port %d hmac %x",
			o.OptionLength, a.IPVer, a.E, a.AddrID, []byte(a.Address), a.Port, a.SendHMAC)
	case o.OptionMTCPRemAddr != nil:
		return fmt.Sprintf("REMOVE_ADDR %d: ids %v", o.OptionLength, o.OptionMTCPRemAddr.AddrIDs)
	case o.OptionMPTCPMpPrio != nil:
		p := o.OptionMPTCPMpPrio
		return fmt.Sprintf("MP_PRIO %d: backup %t id %d", o.OptionLength, p.Backup, p.AddrID)
	case o.OptionMTCPMPFail != nil:
		return fmt.Sprintf("MP_FAIL %d: sequence %d", o.OptionLength, o.OptionMTCPMPFail.DSN)
	case o.OptionMTCPMPFastClose != nil:
		return fmt.Sprintf("MP_FASTCLOSE %d: key %x", o.OptionLength, o.OptionMTCPMPFastClose.ReceivKey)
	case o.OptionMPTCPMPTcpRst != nil:
		r := o.OptionMPTCPMPTcpRst
		return fmt.Sprintf("MP_TCPRST %d: U %t V %t W %t T %t reason %d", o.OptionLength, r.U, r.V, r.W, r.T, r.Reason)
	}
	return fmt.Sprintf("subtype %d %d: %x", o.OptionMultipath, o.OptionLength, o.OptionData)
}
