// Command fault stands in front of a CNI binary and plants a defect in some of its calls.
//
// It is installed as `<binary>`, with the real one beside it as `<binary>.plumbline-original` and the defect as
// `<binary>.plumbline-fault.json`. A call that the specification does not match is passed on untouched. Every call
// leaves one line in the log, so that a test knows whether the defect acted.
package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"plumbline.invalid/programs/internal/calls"
)

const (
	originalSuffix = calls.PlantedSuffix
	specSuffix     = ".plumbline-fault.json"
)

// defaultLog is where calls are logged; a variable for the tests.
var defaultLog = "/var/log/plumbline-fault.jsonl"

func main() {
	binary, err := ownPath()
	if err != nil {
		// Without a place there is no original to run: answer in the terms of CNI, code 100 and up is the plugin's own.
		fmt.Printf(`{"cniVersion":"1.0.0","code":100,"msg":"plumbline fault wrapper","details":%q}`, err.Error())
		os.Exit(1)
	}
	if len(os.Args) > 1 {
		// Not a call of CNI, which has no arguments: `dhcp daemon`, say, that is to go on for as long as it likes.
		c := &call{binary: binary}
		err := syscall.Exec(c.original(), os.Args, os.Environ())
		fmt.Fprintf(os.Stderr, "plumbline fault: run %s: %v\n", c.original(), err)
		os.Exit(1)
	}
	input, err := io.ReadAll(os.Stdin)
	if err != nil {
		fmt.Fprintf(os.Stderr, "plumbline fault: read stdin: %v\n", err)
	}
	c := &call{binary: binary, env: os.Environ(), stdin: input, started: time.Now()}
	os.Exit(c.handle(os.Stdout, os.Stderr))
}

// ownPath is the path of the wrapped binary. The caller's argv[0] comes first: libcni passes the full path, and it
// holds in a chroot without /proc as well.
func ownPath() (string, error) {
	if filepath.IsAbs(os.Args[0]) {
		return os.Args[0], nil
	}
	path, err := os.Executable()
	if err != nil {
		return "", fmt.Errorf("cannot tell where the wrapper lies: %w", err)
	}
	return path, nil
}

// call is one invocation of the wrapped binary.
type call struct {
	binary  string
	env     []string
	stdin   []byte
	started time.Time
	record  record
}

// record is the log line of a call.
type record struct {
	Time string `json:"time"`
	// Fault is the defect that the call was for; empty if for none.
	Fault       string `json:"fault"`
	Plant       string `json:"plant"`
	Binary      string `json:"binary"`
	Command     string `json:"command"`
	ContainerID string `json:"containerId"`
	Ifname      string `json:"ifname"`
	Network     string `json:"network"`
	Pod         string `json:"pod,omitempty"`
	// Matched is whether the specification spoke of this call; Why says which condition did not hold.
	Matched bool   `json:"matched"`
	Why     string `json:"why,omitempty"`
	// Changes lists what was really done, Problems what could not be.
	Changes  []string  `json:"changes"`
	Problems []string  `json:"problems"`
	Commands []command `json:"commands,omitempty"`
	ExitCode int       `json:"exitCode"`
	Ms       int64     `json:"durationMs"`
}

// handle runs the call and returns the exit code. Trouble of the wrapper's own never changes a call: it is logged.
func (c *call) handle(stdout, stderr io.Writer) int {
	c.record = record{
		Time: c.started.UTC().Format(time.RFC3339Nano), Binary: filepath.Base(c.binary), Command: c.getenv("CNI_COMMAND"),
		ContainerID: c.getenv("CNI_CONTAINERID"), Ifname: c.getenv("CNI_IFNAME"), Changes: []string{}, Problems: []string{},
	}
	planting, err := readPlanting(c.binary + specSuffix)
	if err != nil {
		c.problem("read the specification: %v", err)
		return c.finish(planting, c.passOn(stdout, stderr))
	}
	c.record.Plant = planting.Planted.Plant
	facts := c.facts()
	c.record.Network = facts.network
	if facts.podName != "" {
		c.record.Pod = facts.podNamespace + "/" + facts.podName
	}
	spec, why := planting.first(facts)
	if spec == nil {
		c.record.Why = why
		return c.finish(planting, c.passOn(stdout, stderr))
	}
	c.record.Fault, c.record.Matched = spec.ID, true
	return c.finish(planting, c.defective(spec.Change, stdout, stderr))
}

func (c *call) passOn(stdout, stderr io.Writer) int {
	output, code := c.runOriginal(stderr)
	c.write(stdout, output)
	return code
}

func (c *call) defective(change change, stdout, stderr io.Writer) int {
	values := newValues(c)
	c.runCommands("before", change.Before, values)
	if change.DelayMs > 0 {
		time.Sleep(time.Duration(change.DelayMs) * time.Millisecond)
		c.changed("waited %d ms", change.DelayMs)
	}
	c.changeEnv(change, values)
	if len(change.Stdin) > 0 {
		c.stdin = c.patch("stdin", c.stdin, change.Stdin, change.TolerateMissing, values)
	}
	var output []byte
	code := 0
	if change.Drop != nil {
		output = change.Drop.Stdout
		c.changed("the original was not run")
	} else {
		output, code = c.runOriginal(stderr)
	}
	if code == 0 {
		output = c.afterwards(output, change.Stdout, change.After, change, values)
	} else if change.Failed != nil {
		if len(change.Failed.Answer) > 0 {
			output = change.Failed.Answer
			c.changed("another answer than that of the original, which failed with exit code %d", code)
		}
		output = c.afterwards(output, change.Failed.Stdout, change.Failed.After, change, values)
	}
	if change.ExitCode != nil {
		code = *change.ExitCode
		c.changed("exit code %d", code)
	}
	c.write(stdout, output)
	return code
}

// afterwards changes what was answered, and does what is to be done then.
func (c *call) afterwards(output []byte, patches []json.RawMessage, after [][]string, change change, values *values) []byte {
	values.stdout = output
	if len(patches) > 0 {
		output = c.patch("stdout", output, patches, change.TolerateMissing, values)
	}
	values.stdout = output
	c.runCommands("after", after, values)
	return output
}

// runOriginal runs the real binary under its real name, so that one that looks at argv[0] behaves as ever.
func (c *call) runOriginal(stderr io.Writer) ([]byte, int) {
	original := exec.Command(c.original())
	original.Args = []string{c.binary}
	original.Env = c.env
	original.Stdin = bytes.NewReader(c.stdin)
	original.Stderr = stderr
	var output bytes.Buffer
	original.Stdout = &output
	err := original.Run()
	var exit *exec.ExitError
	switch {
	case err == nil:
		return output.Bytes(), 0
	case errors.As(err, &exit) && exit.ExitCode() >= 0:
		return output.Bytes(), exit.ExitCode()
	default:
		c.problem("run the original: %v", err)
		if output.Len() == 0 {
			fmt.Fprintf(&output, `{"cniVersion":"1.0.0","code":100,"msg":"plumbline fault wrapper","details":%q}`, err.Error())
		}
		return output.Bytes(), 1
	}
}

// original is the real binary. The defect may have been taken out since this call began: then it has its old name back.
func (c *call) original() string {
	aside := c.binary + originalSuffix
	if _, err := os.Stat(aside); err == nil {
		return aside
	}
	own, err := os.Stat("/proc/self/exe")
	if err != nil {
		return aside
	}
	if now, err := os.Stat(c.binary); err == nil && !os.SameFile(own, now) {
		return c.binary
	}
	return aside
}

func (c *call) changeEnv(change change, values *values) {
	for _, name := range change.Env.Unset {
		c.unsetenv(name)
		c.changed("environment: %s unset", name)
	}
	for name, value := range change.Env.Set {
		c.setenv(name, values.expand(value))
		c.changed("environment: %s set", name)
	}
	if len(change.Env.CniArgs.Remove)+len(change.Env.CniArgs.Set) == 0 {
		return
	}
	before := c.getenv("CNI_ARGS")
	kept := []string{}
	for pair := range strings.SplitSeq(before, ";") {
		name, _, _ := strings.Cut(pair, "=")
		_, replaced := change.Env.CniArgs.Set[name]
		if pair != "" && !replaced && !slices.Contains(change.Env.CniArgs.Remove, name) {
			kept = append(kept, pair)
		}
	}
	for name, value := range change.Env.CniArgs.Set {
		kept = append(kept, name+"="+values.expand(value))
	}
	after := strings.Join(kept, ";")
	if after != before {
		c.setenv("CNI_ARGS", after)
		c.changed("CNI_ARGS: %q became %q", before, after)
	}
}

func (c *call) write(out io.Writer, output []byte) {
	if _, err := out.Write(output); err != nil {
		c.problem("write stdout: %v", err)
	}
}

func (c *call) changed(format string, args ...any) {
	c.record.Changes = append(c.record.Changes, fmt.Sprintf(format, args...))
}

func (c *call) problem(format string, args ...any) {
	c.record.Problems = append(c.record.Problems, fmt.Sprintf(format, args...))
}

// finish writes the log line: one write to a file opened for appending, so lines of parallel calls do not mix.
func (c *call) finish(planting planting, code int) int {
	c.record.ExitCode = code
	c.record.Ms = time.Since(c.started).Milliseconds()
	path := planting.Log
	if path == "" {
		path = defaultLog
	}
	line, err := json.Marshal(c.record)
	if err == nil {
		var file *os.File
		if file, err = os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644); err == nil {
			defer file.Close()
			_, err = file.Write(append(line, '\n'))
		}
	}
	if err != nil {
		fmt.Fprintf(os.Stderr, "plumbline fault: write the log: %v\n", err)
	}
	return code
}
