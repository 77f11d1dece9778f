package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

const defaultBinDir = "/opt/cni/bin"

type callRequest struct {
	request
	// Binary is an absolute path, or a name in BinDir.
	Binary string `json:"binary"`
	BinDir string `json:"binDir"`
	// Env is all that the binary sees, besides PATH and CNI_PATH where they are not named. Null leaves one out.
	Env map[string]*string `json:"env"`
	// Stdin is text, or JSON that is passed as it is.
	Stdin     json.RawMessage `json:"stdin"`
	TimeoutMs int             `json:"timeoutMs"`
}

type outcomeAnswer struct {
	head
	outcome
}

func (s *session) call(r callRequest) (answer, error) {
	path, err := pluginPath(r.Binary, r.BinDir)
	if err != nil {
		return nil, err
	}
	found, err := s.runPlugin(job{
		path: path, argv: []string{path}, env: environment(r.Env, r.BinDir), stdin: payload(r.Stdin), timeout: timeoutOf(r.TimeoutMs),
	})
	if err != nil {
		return nil, fmt.Errorf("run %s: %w", path, err)
	}
	return &outcomeAnswer{outcome: found}, nil
}

type execRequest struct {
	request
	Argv      []string        `json:"argv"`
	Netns     string          `json:"netns"`
	Stdin     json.RawMessage `json:"stdin"`
	TimeoutMs int             `json:"timeoutMs"`
}

// exec runs any program of the node, in a network namespace if one is named.
func (s *session) exec(r execRequest) (answer, error) {
	if len(r.Argv) == 0 {
		return nil, errors.New("exec: argv is empty")
	}
	path, err := exec.LookPath(r.Argv[0])
	if err != nil {
		return nil, err
	}
	found, err := s.run(job{
		path: path, argv: r.Argv, env: os.Environ(), stdin: payload(r.Stdin), netns: r.Netns, timeout: timeoutOf(r.TimeoutMs),
	})
	if err != nil {
		return nil, fmt.Errorf("run %s: %w", strings.Join(r.Argv, " "), err)
	}
	return &outcomeAnswer{outcome: found}, nil
}

func orDefault(binDir string) string {
	if binDir == "" {
		return defaultBinDir
	}
	return binDir
}

// pluginPath does not look the name up in PATH: a runtime looks in its folder of plugins only.
func pluginPath(binary, binDir string) (string, error) {
	if filepath.IsAbs(binary) {
		return binary, nil
	}
	if binary == "" || strings.Contains(binary, "/") {
		return "", fmt.Errorf("plugin %q is neither an absolute path nor a name", binary)
	}
	return filepath.Join(orDefault(binDir), binary), nil
}

func environment(given map[string]*string, binDir string) []string {
	env := []string{}
	for name, value := range map[string]string{"PATH": nodePath, "CNI_PATH": orDefault(binDir)} {
		if _, named := given[name]; !named {
			env = append(env, name+"="+value)
		}
	}
	for name, value := range given {
		if value != nil {
			env = append(env, name+"="+*value)
		}
	}
	return env
}

// payload is what a JSON value of a request stands for: the text of a string, anything else as it is.
func payload(value json.RawMessage) []byte {
	var text string
	if json.Unmarshal(value, &text) == nil {
		return []byte(text)
	}
	return value
}
