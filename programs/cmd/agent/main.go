// Command agent answers questions about the node it runs on, as data.
//
//	agent state [--parts links,routes,...] [--inside all|none|UID,...] [--netns-dir DIR] [--root PREFIX] [--cri SOCKET]
//
// prints one JSON document with the network state of the node. It changes nothing.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"
	"time"
)

// The main goroutine keeps the main thread: a goroutine that enters another namespace would otherwise be given it
// sometimes, and /proc/self would then speak of that namespace.
func init() { runtime.LockOSThread() }

func main() {
	if err := run(os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintf(os.Stderr, "agent: %v\n", err)
		os.Exit(1)
	}
}

func run(args []string, out io.Writer) error {
	if len(args) == 0 || args[0] != "state" {
		return fmt.Errorf("usage: agent state [--parts %s] [--inside all|none|UID,...] [--netns-dir DIR] [--root PREFIX] [--cri SOCKET]", strings.Join(partNames, ","))
	}
	options, err := parseStateOptions(args[1:])
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), options.timeout)
	defer cancel()
	// One write call a 64 KiB: the document goes through a pipe of docker exec.
	buffered := bufio.NewWriterSize(out, 64*1024)
	encoder := json.NewEncoder(buffered)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(readState(ctx, options)); err != nil {
		return fmt.Errorf("write the document: %w", err)
	}
	return buffered.Flush()
}

type stateOptions struct {
	parts    map[string]bool
	inside   inside
	netnsDir string
	root     string
	cri      string
	timeout  time.Duration
	fileCap  int64
	totalCap int64
}

func parseStateOptions(args []string) (stateOptions, error) {
	flags := flag.NewFlagSet("agent state", flag.ContinueOnError)
	parts := flags.String("parts", strings.Join(partNames, ","), "the parts to read")
	within := flags.String("inside", "all", "the namespaces whose inside is read: all, none, or those of pods with these uids")
	options := stateOptions{parts: map[string]bool{}}
	flags.StringVar(&options.netnsDir, "netns-dir", "/run/netns", "folder of the named network namespaces")
	flags.StringVar(&options.root, "root", "", "prefix of every file that is read as content")
	flags.StringVar(&options.cri, "cri", "/run/containerd/containerd.sock", "socket of the container runtime")
	flags.DurationVar(&options.timeout, "timeout", 20*time.Second, "bound on the whole reading")
	flags.Int64Var(&options.fileCap, "file-cap", 64<<10, "bytes of content kept of one file")
	flags.Int64Var(&options.totalCap, "total-cap", 8<<20, "bytes of content kept in all")
	if err := flags.Parse(args); err != nil {
		return options, err
	}
	if flags.NArg() > 0 {
		return options, fmt.Errorf("unknown argument %q", flags.Arg(0))
	}
	known := map[string]bool{}
	for _, name := range partNames {
		known[name] = true
	}
	for _, name := range strings.Split(*parts, ",") {
		if !known[name] {
			return options, fmt.Errorf("unknown part %q; the parts are %s", name, strings.Join(partNames, ", "))
		}
		options.parts[name] = true
	}
	options.inside = parseInside(*within)
	if len(options.inside.podUIDs) > 0 && !options.parts["sandboxes"] {
		return options, fmt.Errorf("--inside by uid needs the part sandboxes, which tells whose a namespace is")
	}
	return options, nil
}
