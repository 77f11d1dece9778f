// Command invoker runs CNI plugins on a node without Kubernetes, as a runtime would.
//
// It is one session: it reads a JSON request a line on stdin and answers each with a JSON line on stdout, in order. At
// the end of stdin it undoes what it made and ends. A request that fails is answered with `error`; the session goes on.
package main

import (
	"fmt"
	"os"
	"os/signal"
	"runtime"
	"strings"
	"syscall"
)

// nodePath is where the node's own tools lie; docker exec may keep PATH short.
const nodePath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

// The main goroutine keeps the main thread: a goroutine that enters another namespace would otherwise be given it
// sometimes, and the session would then be in that namespace for whoever looks at /proc.
func init() { runtime.LockOSThread() }

func main() {
	os.Setenv("PATH", strings.Trim(os.Getenv("PATH")+":"+nodePath, ":"))
	s := newSession()
	stop := make(chan os.Signal, 1)
	// A reader that went away ends the session by an error of the write, not by death without tidying up.
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE)
	signal.Notify(stop, syscall.SIGTERM, syscall.SIGINT, syscall.SIGHUP)
	go func() {
		<-stop
		_ = s.end()
		os.Exit(1)
	}()
	err := s.serve(os.Stdin, os.Stdout)
	if endErr := s.end(); err == nil {
		err = endErr
	}
	if err != nil {
		fmt.Fprintf(os.Stderr, "invoker: %v\n", err)
		os.Exit(1)
	}
}
