package main

import (
	"bufio"
	"fmt"
	"net"
	"testing"
	"time"
)

func TestAnswersWithPeerAndData(t *testing.T) {
	tcp, udp, err := listen(0)
	if err != nil {
		t.Fatal(err)
	}
	defer tcp.Close()
	defer udp.Close()
	go func() { _ = serveTCP(tcp) }()
	go func() { _ = serveUDP(udp) }()
	port := tcp.Addr().(*net.TCPAddr).Port

	for _, network := range []string{"tcp", "udp"} {
		connection, err := net.Dial(network, fmt.Sprintf("127.0.0.1:%d", port))
		if err != nil {
			t.Fatal(err)
		}
		defer connection.Close()
		_ = connection.SetDeadline(time.Now().Add(5 * time.Second))
		fmt.Fprintf(connection, "hello\n")
		answer, err := bufio.NewReader(connection).ReadString('\n')
		if want := connection.LocalAddr().String() + " hello\n"; err != nil || answer != want {
			t.Errorf("%s: got %q, want %q (%v)", network, answer, want, err)
		}
	}
}
