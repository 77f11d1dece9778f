package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
)

func (c *call) getenv(name string) string {
	for _, pair := range c.env {
		if value, ok := strings.CutPrefix(pair, name+"="); ok {
			return value
		}
	}
	return ""
}

func (c *call) unsetenv(name string) {
	kept := c.env[:0:0]
	for _, pair := range c.env {
		if !strings.HasPrefix(pair, name+"=") {
			kept = append(kept, pair)
		}
	}
	c.env = kept
}

func (c *call) setenv(name, value string) {
	c.unsetenv(name)
	c.env = append(c.env, name+"="+value)
}

// values fills placeholders: ${CNI_NETNS} and the like from the environment, ${K8S_POD_NAME} and the like from
// CNI_ARGS, ${stdin:/pointer} and ${stdout:/pointer} from the JSON of the call.
type values struct {
	call   *call
	stdout []byte
}

func newValues(c *call) *values { return &values{call: c} }

var placeholder = regexp.MustCompile(`\$\{[^}]+\}`)

func (v *values) expand(text string) string {
	return placeholder.ReplaceAllStringFunc(text, func(match string) string {
		name := match[2 : len(match)-1]
		if pointer, ok := strings.CutPrefix(name, "stdin:"); ok {
			return v.read(name, v.call.stdin, pointer)
		}
		if pointer, ok := strings.CutPrefix(name, "stdout:"); ok {
			return v.read(name, v.stdout, pointer)
		}
		if value := v.call.getenv(name); value != "" {
			return value
		}
		for _, pair := range strings.Split(v.call.getenv("CNI_ARGS"), ";") {
			if value, ok := strings.CutPrefix(pair, name+"="); ok {
				return value
			}
		}
		v.call.problem("placeholder ${%s} has no value", name)
		return ""
	})
}

// expandJSON fills placeholders inside JSON text, where a value must not break the quoting.
func (v *values) expandJSON(text []byte) string {
	return placeholder.ReplaceAllStringFunc(string(text), func(match string) string {
		quoted, _ := json.Marshal(v.expand(match))
		return string(quoted[1 : len(quoted)-1])
	})
}

func (v *values) read(name string, document []byte, pointer string) string {
	var parsed any
	if err := json.Unmarshal(document, &parsed); err == nil {
		switch value := at(parsed, pointer).(type) {
		case nil:
		case string:
			return value
		default:
			text, _ := json.Marshal(value)
			return string(text)
		}
	}
	v.call.problem("placeholder ${%s} has no value", name)
	return ""
}

// at resolves a JSON pointer (RFC 6901); nil if there is nothing.
func at(document any, pointer string) any {
	if pointer == "" || pointer == "/" {
		return document
	}
	unescape := strings.NewReplacer("~1", "/", "~0", "~")
	for _, step := range strings.Split(strings.TrimPrefix(pointer, "/"), "/") {
		step = unescape.Replace(step)
		switch node := document.(type) {
		case map[string]any:
			document = node[step]
		case []any:
			index, err := strconv.Atoi(step)
			if err != nil || index < 0 || index >= len(node) {
				return nil
			}
			document = node[index]
		default:
			return nil
		}
	}
	return document
}

// command is a command of `before` or `after` as it ran.
type command struct {
	When     string   `json:"when"`
	Argv     []string `json:"argv"`
	ExitCode int      `json:"exitCode"`
	Output   string   `json:"output"`
}

// nodePath is where the node's own tools lie; callers such as the Multus daemon have a shorter PATH.
const nodePath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/opt/plumbline/bin"

func (c *call) runCommands(when string, list [][]string, values *values) {
	if len(list) == 0 {
		return
	}
	path := strings.Trim(os.Getenv("PATH")+":"+nodePath, ":")
	os.Setenv("PATH", path) // LookPath of exec.Command reads it
	for _, argv := range list {
		expanded := make([]string, len(argv))
		for i, word := range argv {
			expanded[i] = values.expand(word)
		}
		if len(expanded) == 0 {
			continue
		}
		run := exec.Command(expanded[0], expanded[1:]...)
		run.Dir = "/" // a caller in a chroot has a working directory that is not in it
		run.Env = append(c.env[:len(c.env):len(c.env)], "PATH="+path)
		output, err := run.CombinedOutput()
		done := command{When: when, Argv: expanded, Output: tail(string(output), 2000)}
		if err != nil {
			done.ExitCode = -1
			if run.ProcessState != nil {
				done.ExitCode = run.ProcessState.ExitCode()
			}
			c.problem("%s: %s: %v", when, strings.Join(expanded, " "), err)
		} else {
			c.changed("%s: %s", when, strings.Join(expanded, " "))
		}
		c.record.Commands = append(c.record.Commands, done)
	}
}

func tail(text string, limit int) string {
	text = strings.TrimSpace(text)
	if len(text) > limit {
		return fmt.Sprintf("...%s", text[len(text)-limit:])
	}
	return text
}
