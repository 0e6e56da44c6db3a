// An HTTP server on an ordinary listener, which since Go 1.24 is an MPTCP socket where the
// kernel has them. It says what each connection is. /slow answers in two halves.
package main

import (
	"bytes"
	"fmt"
	"log"
	"net"
	"net/http"
	"time"
)

func main() {
	listener, err := net.Listen("tcp", ":8080")
	if err != nil {
		log.Fatal(err)
	}
	half := bytes.Repeat([]byte("Multipath TCP, served by Go.\n"), 100)
	http.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) { w.Write(half) })
	http.HandleFunc("/slow", func(w http.ResponseWriter, _ *http.Request) {
		w.Write(half)
		w.(http.Flusher).Flush()
		time.Sleep(time.Second)
		w.Write(half)
	})
	server := http.Server{ConnState: func(conn net.Conn, state http.ConnState) {
		if state == http.StateNew {
			multipath, err := conn.(*net.TCPConn).MultipathTCP()
			fmt.Println("MPTCP", multipath, err)
		}
	}}
	fmt.Println("listening")
	log.Fatal(server.Serve(listener))
}
