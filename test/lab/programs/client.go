// An HTTP client that asks for MPTCP. It gets the URL of each line of its standard input over
// one connection, and says how long the answer was.
package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
)

func main() {
	transport := &http.Transport{DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
		var dialer net.Dialer
		dialer.SetMultipathTCP(true)
		conn, err := dialer.DialContext(ctx, network, address)
		if err == nil {
			multipath, err := conn.(*net.TCPConn).MultipathTCP()
			fmt.Println("MPTCP", multipath, err)
		}
		return conn, err
	}}
	client := http.Client{Transport: transport}
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		response, err := client.Get(lines.Text())
		if err != nil {
			log.Fatal(err)
		}
		body, err := io.ReadAll(response.Body)
		response.Body.Close()
		fmt.Println("got", len(body), err)
	}
	transport.CloseIdleConnections()
}
