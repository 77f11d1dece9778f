// Command recorder stands in front of a CNI binary and writes down each of its calls.
//
// It is installed as `<binary>`, with the real one beside it as `<binary>.plumbline-recorded`. Every call is passed on
// untouched, both ways, and leaves one line in the file of its container under /var/log/plumbline-calls. Trouble of the
// recorder's own never changes a call. It runs on every call of a pod, so it imports little: starting it is most of
// what it costs.
package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"

	"plumbline.invalid/programs/internal/calls"
)

// logDir is where calls are logged, a file a container; a variable for the tests.
var logDir = calls.Folder

func main() {
	started := time.Now()
	binary, err := findBinary(os.Args[0])
	if err != nil {
		os.Exit(refuse(os.Stdout, err))
	}
	input, err := io.ReadAll(os.Stdin)
	if err != nil {
		fmt.Fprintf(os.Stderr, "plumbline recorder: read stdin: %v\n", err)
	}
	line := calls.Begin(filepath.Base(binary.path), os.Environ(), input, started)
	var stdout, stderr bytes.Buffer
	code, signal := binary.passOn(os.Args, input, io.MultiWriter(os.Stdout, &stdout), io.MultiWriter(os.Stderr, &stderr))
	if err := line.EndIn(logDir, stdout.Bytes(), stderr.Bytes(), code); err != nil {
		fmt.Fprintf(os.Stderr, "plumbline recorder: write the log: %v\n", err)
	}
	if signal != 0 {
		dieOf(signal)
	}
	os.Exit(code)
}

// passOn runs the real binary under its real name, so that one that looks at argv[0] behaves as ever. A child that a
// signal killed gives that signal, and the exit code that a shell would show.
func (b binary) passOn(args []string, input []byte, stdout, stderr io.Writer) (int, syscall.Signal) {
	real := &exec.Cmd{
		Path: b.real(), Args: args, Stdin: bytes.NewReader(input), Stdout: stdout, Stderr: stderr,
		// A runtime that gives up kills the process it started; the real one must not outlive that. The signal comes when
		// the thread that started the child ends, and no thread of this program ends before the program.
		SysProcAttr: &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL},
	}
	err := real.Run()
	if real.ProcessState == nil {
		return refuse(stdout, err), 0
	}
	// Any other error is of the pipes: a caller that stopped reading, say. The exit code is still the real one.
	if status := real.ProcessState.Sys().(syscall.WaitStatus); status.Signaled() {
		return 128 + int(status.Signal()), status.Signal()
	}
	return real.ProcessState.ExitCode(), 0
}

// refuse answers a call that cannot be passed on in the terms of CNI; code 100 and up is the plugin's own.
func refuse(stdout io.Writer, err error) int {
	fmt.Fprintf(stdout, `{"cniVersion":"1.0.0","code":100,"msg":"plumbline recorder","details":%q}`, err.Error())
	return 1
}
