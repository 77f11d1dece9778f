package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"

	jsonpatch "github.com/evanphx/json-patch/v5"
)

// planting is what the harness writes beside the binary: defects that are planted together.
type planting struct {
	Faults []spec `json:"faults"`
	// Planted says which planting this is, for the log and for whoever takes it out.
	Planted struct {
		Plant          string `json:"plant"`
		OriginalSHA256 string `json:"originalSha256"`
		WrapperSHA256  string `json:"wrapperSha256"`
		At             string `json:"at"`
	} `json:"planted"`
	// Log overrides the path of the log, for tests.
	Log string `json:"log"`
}

// spec is one planted defect.
type spec struct {
	ID     string   `json:"id"`
	Verbs  []string `json:"verbs"`
	When   when     `json:"when"`
	Change change   `json:"change"`
}

// when narrows the calls. Each is a regular expression that must match in full; empty means any.
type when struct {
	Ifname       string `json:"ifname"`
	Network      string `json:"network"`
	ContainerID  string `json:"containerId"`
	PodNamespace string `json:"podNamespace"`
	PodName      string `json:"podName"`
	// StdinHas lists JSON pointers that the configuration must contain.
	StdinHas []string `json:"stdinHas"`
}

type change struct {
	Env             envChange         `json:"env"`
	Stdin           []json.RawMessage `json:"stdin"`
	Stdout          []json.RawMessage `json:"stdout"`
	TolerateMissing bool              `json:"tolerateMissing"`
	ExitCode        *int              `json:"exitCode"`
	Drop            *drop             `json:"drop"`
	DelayMs         int               `json:"delayMs"`
	Before          [][]string        `json:"before"`
	After           [][]string        `json:"after"`
	Failed          *failed           `json:"failed"`
}

// failed is what is changed where the original fails; nothing else of what comes after it acts then, but the exit code.
type failed struct {
	// Answer takes the place of what the original said.
	Answer json.RawMessage   `json:"answer"`
	Stdout []json.RawMessage `json:"stdout"`
	After  [][]string        `json:"after"`
}

type envChange struct {
	Set     map[string]string `json:"set"`
	Unset   []string          `json:"unset"`
	CniArgs struct {
		Set    map[string]string `json:"set"`
		Remove []string          `json:"remove"`
	} `json:"cniArgs"`
}

type drop struct {
	Stdout json.RawMessage `json:"stdout"`
}

// readPlanting refuses unknown keys: a misspelt change would plant nothing and look like a case that notices nothing.
func readPlanting(path string) (planting, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return planting{}, err
	}
	var p planting
	decoder := json.NewDecoder(bytes.NewReader(content))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&p); err != nil {
		return planting{}, fmt.Errorf("%s: %w", path, err)
	}
	return p, nil
}

// first is the defect that speaks of this call; of several, which the harness does not plant together, the first. If
// none does, it tells the condition that did not hold, of each.
func (p planting) first(f facts) (*spec, string) {
	reasons := []string{}
	for i := range p.Faults {
		why := p.Faults[i].mismatch(f)
		if why == "" {
			return &p.Faults[i], ""
		}
		reasons = append(reasons, p.Faults[i].ID+": "+why)
	}
	return nil, strings.Join(reasons, "; ")
}

// facts are what conditions look at.
type facts struct {
	command, ifname, network, containerID, podNamespace, podName string
	stdin                                                        any
}

func (c *call) facts() facts {
	f := facts{command: c.getenv("CNI_COMMAND"), ifname: c.getenv("CNI_IFNAME"), containerID: c.getenv("CNI_CONTAINERID")}
	for _, pair := range strings.Split(c.getenv("CNI_ARGS"), ";") {
		switch name, value, _ := strings.Cut(pair, "="); name {
		case "K8S_POD_NAMESPACE":
			f.podNamespace = value
		case "K8S_POD_NAME":
			f.podName = value
		}
	}
	if json.Unmarshal(c.stdin, &f.stdin) == nil {
		f.network, _ = at(f.stdin, "/name").(string)
	}
	return f
}

// mismatch returns the condition that does not hold, or nothing.
func (s spec) mismatch(f facts) string {
	if len(s.Verbs) > 0 && !slices.Contains(s.Verbs, f.command) {
		return "command"
	}
	for _, condition := range []struct{ name, pattern, value string }{
		{"ifname", s.When.Ifname, f.ifname},
		{"network", s.When.Network, f.network},
		{"containerId", s.When.ContainerID, f.containerID},
		{"podNamespace", s.When.PodNamespace, f.podNamespace},
		{"podName", s.When.PodName, f.podName},
	} {
		if condition.pattern == "" {
			continue
		}
		matched, err := regexp.MatchString("^(?:"+condition.pattern+")$", condition.value)
		if err != nil {
			return condition.name + ": " + err.Error()
		}
		if !matched {
			return condition.name
		}
	}
	for _, pointer := range s.When.StdinHas {
		if at(f.stdin, pointer) == nil {
			return "stdinHas " + pointer
		}
	}
	return ""
}

// patch applies the operations one by one. A failing one is a problem in the log, or skipped when missing paths are
// tolerated; the others still act.
func (c *call) patch(where string, document []byte, operations []json.RawMessage, tolerant bool, values *values) []byte {
	for _, operation := range operations {
		text := values.expandJSON(operation)
		patch, err := jsonpatch.DecodePatch([]byte("[" + text + "]"))
		if err == nil {
			var patched []byte
			if patched, err = patch.Apply(document); err == nil {
				c.changed("%s: %s", where, text)
				document = patched
				continue
			}
		}
		if !tolerant || !isMissing(err) {
			c.problem("%s: %s: %v", where, text, err)
		}
	}
	return document
}

func isMissing(err error) bool {
	text := err.Error()
	return strings.Contains(text, "nonexistent key") || strings.Contains(text, "missing") || strings.Contains(text, "doesn't exist") ||
		strings.Contains(text, "unable to access invalid index")
}
