package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"plumbline.invalid/programs/internal/calls"
)

// TestMain lets the test binary be the recorder: a copy of it under another name with this variable set is one.
func TestMain(m *testing.M) {
	if dir := os.Getenv("PLUMBLINE_TEST_LOG_DIR"); dir != "" {
		logDir = dir
		main()
	}
	os.Exit(m.Run())
}

const plugin = `#!/bin/sh
printf 'in=%s env=%s args=%s' "$(cat)" "$CNI_IFNAME" "$*"
printf 'trouble' >&2
test -z "$DIE" || kill -"$DIE" $$
exit 7
`

// install puts the recorder in front of a plugin, and returns its path and the folder of the logs.
func install(t testing.TB, real string) (string, string) {
	t.Helper()
	dir := t.TempDir()
	path := filepath.Join(dir, "bridge")
	if err := os.WriteFile(path+calls.RecordedSuffix, []byte(real), 0o755); err != nil {
		t.Fatal(err)
	}
	own, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(own)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, content, 0o755); err != nil {
		t.Fatal(err)
	}
	return path, filepath.Join(dir, "log", "calls")
}

func start(t *testing.T, path, logs, argv0 string, env ...string) (string, string, syscall.WaitStatus) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	c := exec.Command(path)
	c.Args = []string{argv0, "more"}
	c.Env = append([]string{"PATH=" + os.Getenv("PATH"), "PLUMBLINE_TEST_LOG_DIR=" + logs, "CNI_COMMAND=ADD", "CNI_IFNAME=net1"}, env...)
	c.Stdin, c.Stdout, c.Stderr = strings.NewReader(`{"name":"net-a"}`), &stdout, &stderr
	var exit *exec.ExitError
	if err := c.Run(); err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return stdout.String(), stderr.String(), c.ProcessState.Sys().(syscall.WaitStatus)
}

func lastLine(t *testing.T, path string) calls.Line {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(content)), "\n")
	var line calls.Line
	if err := json.Unmarshal([]byte(lines[len(lines)-1]), &line); err != nil {
		t.Fatal(err)
	}
	return line
}

const answer = `in={"name":"net-a"} env=net1 args=more`

func TestPassesOnAndRecords(t *testing.T) {
	path, logs := install(t, plugin)
	for _, row := range []struct{ argv0, containerID, file string }{
		{path, "abc-1", "abc-1.jsonl"},
		{"bridge", "", "none.jsonl"},
		{"/nowhere/bridge", "../x y", "_._x_y.jsonl"},
	} {
		stdout, stderr, status := start(t, path, logs, row.argv0, "CNI_CONTAINERID="+row.containerID)
		if stdout != answer || stderr != "trouble" || status.ExitStatus() != 7 {
			t.Errorf("%+v: stdout %q, stderr %q, status %v", row, stdout, stderr, status)
		}
		line := lastLine(t, filepath.Join(logs, row.file))
		if line.Program != "bridge" || line.Network != "net-a" || line.Stdout != answer || line.Stderr != "trouble" || line.ExitCode != 7 || line.ContainerID != row.containerID {
			t.Errorf("%+v: line %+v", row, line)
		}
	}
}

func TestLargeStreamsAndAChildThatDoesNotRead(t *testing.T) {
	large := strings.Repeat("0123456789abcdef", 1<<16)
	for real, want := range map[string]string{
		"#!/bin/sh\ncat":                large,
		"#!/bin/sh\ncat >&2; echo done": "done\n",
		"#!/bin/sh\nexec <&-; echo x":   "x\n",
	} {
		path, logs := install(t, real)
		c := exec.Command(path)
		c.Env = []string{"PATH=" + os.Getenv("PATH"), "PLUMBLINE_TEST_LOG_DIR=" + logs}
		c.Stdin = strings.NewReader(large)
		stdout, err := c.Output()
		if err != nil || string(stdout) != want {
			t.Errorf("%s: %d bytes, %v", real, len(stdout), err)
		}
		line := lastLine(t, filepath.Join(logs, "none.jsonl"))
		if line.Stdin != large || line.Stdout != want || strings.Contains(real, ">&2") != (line.Stderr == large) {
			t.Errorf("%s: the line has %d and %d bytes", real, len(line.Stdout), len(line.Stderr))
		}
	}
}

func TestDiesAsTheRealOneDied(t *testing.T) {
	path, logs := install(t, plugin)
	for name, signal := range map[string]syscall.Signal{"KILL": syscall.SIGKILL, "TERM": syscall.SIGTERM, "ABRT": syscall.SIGABRT, "PIPE": syscall.SIGPIPE} {
		stdout, _, status := start(t, path, logs, path, "DIE="+name)
		if stdout != answer || !status.Signaled() || status.Signal() != signal {
			t.Errorf("%s: stdout %q, status %v", name, stdout, status)
		}
		if line := lastLine(t, filepath.Join(logs, "none.jsonl")); line.ExitCode != 128+int(signal) {
			t.Errorf("%s: exit code %d in the log", name, line.ExitCode)
		}
	}
}

func TestALogThatCannotBeWrittenChangesNoCall(t *testing.T) {
	path, logs := install(t, plugin)
	if err := os.WriteFile(filepath.Dir(logs), nil, 0o644); err != nil { // a file where the folder would be
		t.Fatal(err)
	}
	stdout, stderr, status := start(t, path, logs, path)
	if stdout != answer || status.ExitStatus() != 7 || !strings.Contains(stderr, "write the log") {
		t.Errorf("stdout %q, stderr %q, status %v", stdout, stderr, status)
	}
}

func TestRunsTheRealOneThatWasPutBack(t *testing.T) {
	path, logs := install(t, plugin)
	found, err := findBinary(path)
	if err != nil {
		t.Fatal(err)
	}
	found.own, err = os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(path+calls.RecordedSuffix, path); err != nil {
		t.Fatal(err)
	}
	if got := found.real(); got != path {
		t.Errorf("runs %s", got)
	}
	stdout, _, _ := start(t, path, logs, path)
	if stdout != answer {
		t.Errorf("stdout %q", stdout)
	}
}

func TestMissingRealOneIsACniError(t *testing.T) {
	path, logs := install(t, plugin)
	_ = os.Remove(path + calls.RecordedSuffix)
	stdout, _, status := start(t, path, logs, path)
	if status.ExitStatus() != 1 || !json.Valid([]byte(stdout)) || !strings.Contains(stdout, calls.RecordedSuffix) {
		t.Errorf("stdout %q, status %v", stdout, status)
	}
	if line := lastLine(t, filepath.Join(logs, "none.jsonl")); line.ExitCode != 1 || line.Stdout != stdout {
		t.Errorf("line %+v", line)
	}
}

// BenchmarkOverhead compares a real binary run directly with the same one behind the recorder as it is built for nodes.
func BenchmarkOverhead(b *testing.B) {
	dir := b.TempDir()
	path := filepath.Join(dir, "bridge")
	build := exec.Command("go", "build", "-trimpath", "-ldflags", "-s -w -X main.logDir="+filepath.Join(dir, "log"), "-o", path, ".")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if output, err := build.CombinedOutput(); err != nil {
		b.Fatalf("%v: %s", err, output)
	}
	content, err := os.ReadFile("/bin/true")
	if err != nil {
		b.Fatal(err)
	}
	if err := os.WriteFile(path+calls.RecordedSuffix, content, 0o755); err != nil {
		b.Fatal(err)
	}
	for name, program := range map[string]string{"direct": path + calls.RecordedSuffix, "recorded": path} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				c := exec.Command(program)
				c.Env = []string{"CNI_COMMAND=ADD", "CNI_CONTAINERID=c1"}
				c.Stdin = strings.NewReader(`{"cniVersion":"1.0.0","name":"net-a","type":"bridge"}`)
				if output, err := c.CombinedOutput(); err != nil {
					b.Fatalf("%v: %s", err, output)
				}
			}
		})
	}
}
