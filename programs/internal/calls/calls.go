// Package calls writes down calls of CNI plugins: one JSON line a call, the same for every program that sees calls.
package calls

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// Line is one call as it was seen at the plugin.
type Line struct {
	StartedAt string `json:"startedAt"`
	EndedAt   string `json:"endedAt"`
	// StartNs and EndNs are unix nanoseconds, so that readers can compare times without parsing them.
	StartNs     int64             `json:"startNs"`
	EndNs       int64             `json:"endNs"`
	Program     string            `json:"program"`
	Command     string            `json:"command"`
	ContainerID string            `json:"containerId"`
	Ifname      string            `json:"ifname"`
	Netns       string            `json:"netns"`
	Args        map[string]string `json:"args"`
	Env         map[string]string `json:"env"`
	Network     string            `json:"network"`
	// Stdin is the JSON that came in, or the text when it was no JSON.
	Stdin    any    `json:"stdin"`
	Stdout   string `json:"stdout"`
	Stderr   string `json:"stderr"`
	ExitCode int    `json:"exitCode"`
	PID      int    `json:"pid"`
}

// Begin is the line of a call as far as it is known before the call runs.
func Begin(program string, environ []string, stdin []byte, started time.Time) Line {
	env := cniVariables(environ)
	line := Line{
		StartedAt: stamp(started), StartNs: started.UnixNano(), Program: program, Command: env["CNI_COMMAND"],
		ContainerID: env["CNI_CONTAINERID"], Ifname: env["CNI_IFNAME"], Netns: env["CNI_NETNS"],
		Args: parseArgs(env["CNI_ARGS"]), Env: env, Stdin: string(stdin), PID: os.Getpid(),
	}
	if json.Valid(stdin) {
		line.Stdin = json.RawMessage(stdin)
		var named struct {
			Name string `json:"name"`
		}
		_ = json.Unmarshal(stdin, &named) // a name that is no text leaves the network empty; stdin still shows it
		line.Network = named.Name
	}
	return line
}

// What stands in front of a binary has the real one beside it, under its name and one of these.
const (
	// RecordedSuffix is of one that the recorder stands in front of.
	RecordedSuffix = ".plumbline-recorded"
	// PlantedSuffix is of one that a planted fault stands in front of, be that the recorder.
	PlantedSuffix = ".plumbline-original"
)

// Folder is where calls are written down, a file a container.
const Folder = "/var/log/plumbline-calls"

// EndIn is End with the file of its container in the folder, which is made where it is missing.
func (l Line) EndIn(folder string, stdout, stderr []byte, exitCode int) error {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	return l.End(filepath.Join(folder, fileName(l.ContainerID)), stdout, stderr, exitCode)
}

// End completes the line and appends it to the file: in one write, so that lines of parallel calls do not mix.
func (l Line) End(path string, stdout, stderr []byte, exitCode int) error {
	ended := time.Now()
	l.EndedAt, l.EndNs = stamp(ended), ended.UnixNano()
	l.Stdout, l.Stderr, l.ExitCode = string(stdout), string(stderr), exitCode
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false) // readers search the file for text as it was
	if err := encoder.Encode(l); err != nil {
		return fmt.Errorf("log line for %s: %w", path, err)
	}
	file, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	defer file.Close()
	_, err = file.Write(text.Bytes())
	return err
}

// fileName is made of a container ID, which a caller may have filled with anything.
func fileName(containerID string) string {
	safe := []byte(containerID)
	for i, c := range safe {
		letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
		if !letter && c != '-' && c != '_' && (c != '.' || i == 0) {
			safe[i] = '_'
		}
	}
	if len(safe) == 0 {
		safe = []byte("none")
	}
	return string(safe[:min(len(safe), 200)]) + ".jsonl"
}

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }

func cniVariables(environ []string) map[string]string {
	found := map[string]string{}
	for _, pair := range environ {
		if name, value, _ := strings.Cut(pair, "="); strings.HasPrefix(name, "CNI_") {
			found[name] = value
		}
	}
	return found
}

// parseArgs takes apart CNI_ARGS, `K=V;K=V`.
func parseArgs(text string) map[string]string {
	found := map[string]string{}
	for pair := range strings.SplitSeq(text, ";") {
		if name, value, _ := strings.Cut(pair, "="); name != "" {
			found[name] = value
		}
	}
	return found
}
