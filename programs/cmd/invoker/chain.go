package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
)

// chainRequest is a command for a whole list of plugins.
type chainRequest struct {
	request
	BinDir string `json:"binDir"`
	// List is a network configuration list, as JSON or as the text of it.
	List        json.RawMessage `json:"list"`
	Command     string          `json:"command"`
	ContainerID string          `json:"containerId"`
	Netns       string          `json:"netns"`
	Ifname      string          `json:"ifname"`
	// Args is CNI_ARGS, `K=V;K=V`.
	Args string `json:"args"`
	// RuntimeConfig is by capability; a plugin gets what it declares.
	RuntimeConfig map[string]json.RawMessage `json:"runtimeConfig"`
	// PrevResult is the result of the ADD, for DEL and CHECK.
	PrevResult json.RawMessage `json:"prevResult"`
	TimeoutMs  int             `json:"timeoutMs"`
}

type networkList struct {
	CNIVersion   string                       `json:"cniVersion"`
	Name         string                       `json:"name"`
	DisableCheck bool                         `json:"disableCheck"`
	Plugins      []map[string]json.RawMessage `json:"plugins"`
}

type chainAnswer struct {
	head
	Calls []chainCall `json:"calls"`
	// Result is of the last plugin of an ADD.
	Result json.RawMessage `json:"result,omitempty"`
	// FailedAt is the place in the list of the plugin that failed.
	FailedAt *int `json:"failedAt,omitempty"`
}

// chainCall is one plugin of the list as it was called.
type chainCall struct {
	Type  string          `json:"type"`
	Stdin json.RawMessage `json:"stdin"`
	outcome
	// Problem is why a call failed that has no exit code to show it: no such plugin, or a result that is no JSON.
	Problem string `json:"problem,omitempty"`
}

// beforePrevResult are the versions of CNI that have no CHECK, and no prevResult at DEL.
var beforePrevResult = []string{"", "0.1.0", "0.2.0", "0.3.0", "0.3.1"}

// chain does what a runtime does with a list, and stops at the first failure as libcni does. It undoes nothing: the
// caller says when to run DEL.
func (s *session) chain(r chainRequest) (answer, error) {
	var list networkList
	if err := json.Unmarshal(payload(r.List), &list); err != nil {
		return nil, fmt.Errorf("list: %w", err)
	}
	if err := r.check(list); err != nil {
		return nil, err
	}
	order := make([]int, len(list.Plugins))
	for i := range order {
		order[i] = i
	}
	if r.Command == "DEL" {
		slices.Reverse(order)
	}
	prevResult := r.PrevResult
	if slices.Contains(beforePrevResult, list.CNIVersion) {
		prevResult = nil
	}
	found := &chainAnswer{Calls: []chainCall{}}
	if r.Command == "CHECK" && list.DisableCheck {
		return found, nil
	}
	for _, i := range order {
		stdin, err := r.configuration(list, list.Plugins[i], prevResult)
		if err != nil {
			return nil, fmt.Errorf("plugin %d of the list: %w", i, err)
		}
		call := s.callPlugin(r, list.Plugins[i], stdin)
		if r.Command == "ADD" && call.Problem == "" && call.ExitCode == 0 {
			prevResult, call.Problem = resultOf(call.Stdout)
		}
		found.Calls = append(found.Calls, call)
		if call.Problem != "" || call.ExitCode != 0 {
			found.FailedAt = &i
			return found, nil
		}
	}
	if r.Command == "ADD" {
		found.Result = prevResult
	}
	return found, nil
}

func (r *chainRequest) check(list networkList) error {
	switch r.Command {
	case "ADD":
		if r.PrevResult != nil {
			return errors.New("prevResult is for DEL and CHECK")
		}
	case "DEL":
	case "CHECK":
		if slices.Contains(beforePrevResult, list.CNIVersion) {
			return fmt.Errorf("a list of version %q has no CHECK", list.CNIVersion)
		}
	default:
		return fmt.Errorf("command %q is none of ADD, DEL and CHECK", r.Command)
	}
	if len(list.Plugins) == 0 {
		return errors.New("list: there are no plugins")
	}
	return nil
}

// configuration is what a plugin gets on stdin. All that the runtime does not speak of is passed unchanged.
func (r *chainRequest) configuration(list networkList, plugin map[string]json.RawMessage, prevResult json.RawMessage) ([]byte, error) {
	document := map[string]any{}
	for key, value := range plugin {
		document[key] = value
	}
	version := list.CNIVersion
	if version == "" {
		version = "0.1.0" // the version of a list that names none, by libcni
	}
	document["name"], document["cniVersion"] = list.Name, version
	if prevResult != nil {
		document["prevResult"] = prevResult
	}
	var declared map[string]bool
	if capabilities, ok := plugin["capabilities"]; ok {
		if err := json.Unmarshal(capabilities, &declared); err != nil {
			return nil, fmt.Errorf("capabilities: %w", err)
		}
		delete(document, "capabilities") // for the runtime; the specification keeps it from the plugin
	}
	values := map[string]json.RawMessage{}
	for name, value := range r.RuntimeConfig {
		if declared[name] {
			values[name] = value
		}
	}
	if len(values) > 0 {
		document["runtimeConfig"] = values
	}
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(document)
	return bytes.TrimSpace(text.Bytes()), err
}

func (s *session) callPlugin(r chainRequest, plugin map[string]json.RawMessage, stdin []byte) chainCall {
	call := chainCall{Stdin: stdin, outcome: outcome{ExitCode: -1}}
	_ = json.Unmarshal(plugin["type"], &call.Type) // one without a type has no path either
	path, err := pluginPath(call.Type, r.BinDir)
	if err == nil {
		env := map[string]*string{
			"CNI_COMMAND": &r.Command, "CNI_CONTAINERID": &r.ContainerID, "CNI_NETNS": &r.Netns, "CNI_IFNAME": &r.Ifname, "CNI_ARGS": &r.Args,
		}
		var found outcome
		found, err = s.runPlugin(job{path: path, argv: []string{path}, env: environment(env, r.BinDir), stdin: stdin, timeout: timeoutOf(r.TimeoutMs)})
		if err == nil {
			call.outcome = found
		}
	}
	if err != nil {
		call.Problem = fmt.Sprintf("run plugin %q: %v", call.Type, err)
	}
	return call
}

// resultOf takes the result of an ADD, or says why there is none.
func resultOf(stdout string) (json.RawMessage, string) {
	var object map[string]json.RawMessage
	if err := json.Unmarshal([]byte(stdout), &object); err != nil {
		return nil, fmt.Sprintf("the result is no JSON object: %v", err)
	}
	return json.RawMessage(stdout), ""
}
