// Command rec is a CNI plugin that does what its own configuration says, and writes down every call.
//
// It is installed as /opt/cni/bin/plumbline-rec. Without a script it behaves: it makes a link with the addresses it was
// given. The configuration is read by config.go; one JSON line a call goes to /var/log/plumbline-rec.jsonl. It may run
// in a chroot without /proc, with a short PATH and a working directory outside the chroot.
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"plumbline.invalid/programs/internal/calls"
)

const program = "plumbline-rec"

// nodePath is where the node's own tools lie; callers such as the Multus daemon have a shorter PATH.
const nodePath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

func main() {
	started := time.Now()
	os.Setenv("PATH", strings.Trim(os.Getenv("PATH")+":"+nodePath, ":"))
	input, err := io.ReadAll(os.Stdin)
	c := newCall(os.Environ(), input)
	if err != nil {
		fmt.Fprintf(&c.stderr, "%s: read stdin: %v\n", program, err)
	}
	line := calls.Begin(program, os.Environ(), input, started)
	code := c.handle()
	if err := line.End(c.logPath(), c.stdout.Bytes(), c.stderr.Bytes(), code); err != nil {
		fmt.Fprintf(&c.stderr, "%s: write the log: %v\n", program, err)
	}
	_, _ = os.Stdout.Write(c.stdout.Bytes())
	_, _ = os.Stderr.Write(c.stderr.Bytes())
	os.Exit(code)
}

// call is one invocation of the plugin.
type call struct {
	command, containerID, ifname, netns string
	stdin                               []byte
	config                              config
	stdout, stderr                      bytes.Buffer
}

func newCall(environ []string, stdin []byte) *call {
	c := &call{stdin: stdin}
	for _, pair := range environ {
		switch name, value, _ := strings.Cut(pair, "="); name {
		case "CNI_COMMAND":
			c.command = value
		case "CNI_CONTAINERID":
			c.containerID = value
		case "CNI_IFNAME":
			c.ifname = value
		case "CNI_NETNS":
			c.netns = value
		}
	}
	return c
}

// handle runs the call and returns the exit code.
func (c *call) handle() int {
	text := c.stdin
	if c.command == "VERSION" && len(bytes.TrimSpace(text)) == 0 {
		text = []byte("{}") // one who asks what the plugin can do may have no configuration yet
	}
	var err error
	if c.config, err = parseConfig(text); err != nil {
		return c.fail(err)
	}
	act, err := c.scripted()
	if err != nil {
		return c.fail(err)
	}
	code, err := c.play(act)
	if err != nil {
		return c.fail(err)
	}
	return code
}

// failure is an error in the terms of CNI.
type failure struct {
	CNIVersion string `json:"cniVersion"`
	Code       uint   `json:"code"`
	Msg        string `json:"msg"`
	Details    string `json:"details,omitempty"`
}

// Codes of the specification, and 100, the first that is the plugin's own.
const (
	codeVersion     = 1
	codeEnvironment = 4
	codeDecode      = 6
	codeConfig      = 7
	codeOwn         = 100
)

func (f failure) Error() string { return f.Msg + ": " + f.Details }

func refused(code uint, msg, format string, args ...any) failure {
	return failure{Code: code, Msg: msg, Details: fmt.Sprintf(format, args...)}
}

// fail prints the error as a plugin does; an error without a code is trouble of the plugin's own.
func (c *call) fail(err error) int {
	f, ok := err.(failure)
	if !ok {
		f = failure{Code: codeOwn, Msg: "cannot " + c.command, Details: err.Error()}
	}
	f.CNIVersion = c.config.CNIVersion
	if f.CNIVersion == "" {
		f.CNIVersion = newest
	}
	c.print(f)
	return 1
}

func (c *call) print(value any) {
	encoder := json.NewEncoder(&c.stdout)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		fmt.Fprintf(&c.stderr, "%s: print the answer: %v\n", program, err)
	}
}
