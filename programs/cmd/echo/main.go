// Command echo answers on a TCP and a UDP port with the address of the peer and what it sent. A caller thereby learns
// which address its packets carried, and that they arrived.
//
//	echo [-port 7777]
package main

import (
	"bufio"
	"errors"
	"flag"
	"fmt"
	"net"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	port := flag.Int("port", 7777, "TCP and UDP port")
	flag.Parse()
	// PID 1 of a container ignores signals without a handler: the pod would then die only after its grace period.
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGTERM, syscall.SIGINT)
	failed := make(chan error, 2)
	tcp, udp, err := listen(*port)
	if err != nil {
		fmt.Fprintf(os.Stderr, "echo: %v\n", err)
		os.Exit(1)
	}
	go func() { failed <- serveTCP(tcp) }()
	go func() { failed <- serveUDP(udp) }()
	select {
	case <-stop:
	case err := <-failed:
		fmt.Fprintf(os.Stderr, "echo: %v\n", err)
		os.Exit(1)
	}
}

func listen(port int) (net.Listener, net.PacketConn, error) {
	tcp, err := net.Listen("tcp", fmt.Sprintf(":%d", port))
	if err != nil {
		return nil, nil, err
	}
	udp, err := net.ListenPacket("udp", fmt.Sprintf(":%d", tcp.Addr().(*net.TCPAddr).Port))
	if err != nil {
		tcp.Close()
		return nil, nil, err
	}
	return tcp, udp, nil
}

// serveTCP answers each line with one line: the peer's address, a space, the line.
func serveTCP(listener net.Listener) error {
	for {
		connection, err := listener.Accept()
		if errors.Is(err, net.ErrClosed) {
			return nil
		}
		if err != nil {
			return err
		}
		go func() {
			defer connection.Close()
			lines := bufio.NewScanner(connection)
			for lines.Scan() {
				if _, err := fmt.Fprintf(connection, "%s %s\n", connection.RemoteAddr(), lines.Bytes()); err != nil {
					return
				}
			}
		}()
	}
}

// serveUDP answers each datagram with one: the peer's address, a space, the data.
func serveUDP(connection net.PacketConn) error {
	buffer := make([]byte, 65535)
	for {
		length, peer, err := connection.ReadFrom(buffer)
		if errors.Is(err, net.ErrClosed) {
			return nil
		}
		if err != nil {
			return err
		}
		// A refused answer (ICMP unreachable) concerns one peer, not the server.
		_, _ = connection.WriteTo(append([]byte(peer.String()+" "), buffer[:length]...), peer)
	}
}
