package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
)

// tool runs a program of the node and returns its standard output. It must be called on the thread whose network
// namespace the program shall see: a child is forked from the calling thread.
func (r *reading) tool(stdin string, name string, args ...string) ([]byte, error) {
	r.slots <- struct{}{}
	defer func() { <-r.slots }()
	command := exec.CommandContext(r.ctx, name, args...)
	command.Env = append(os.Environ(), "LC_ALL=C", "PATH="+toolPath())
	if command.Err != nil { // not found in our own PATH, which docker exec may keep short
		if found := lookIn(toolPath(), name); found != "" {
			command.Path, command.Err = found, nil
		}
	}
	if stdin != "" {
		command.Stdin = strings.NewReader(stdin)
	}
	var stdout, stderr bytes.Buffer
	command.Stdout, command.Stderr = &stdout, &stderr
	if err := command.Run(); err != nil {
		text := strings.TrimSpace(stderr.String())
		if len(text) > 500 {
			text = text[:500] + "..."
		}
		return stdout.Bytes(), fmt.Errorf("%s %s: %w: %s", name, strings.Join(args, " "), err, text)
	}
	return stdout.Bytes(), nil
}

func toolPath() string {
	return os.Getenv("PATH") + ":/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
}

func lookIn(path string, name string) string {
	for _, dir := range strings.Split(path, ":") {
		candidate := dir + "/" + name
		if info, err := os.Stat(candidate); dir != "" && err == nil && !info.IsDir() && info.Mode()&0o111 != 0 {
			return candidate
		}
	}
	return ""
}

// arrays takes apart the output of a batch: one JSON array a command, one after the other. Fewer arrays than commands
// is an error, since then it cannot be told which one is missing.
func arrays(output []byte, count int) ([]json.RawMessage, error) {
	decoder := json.NewDecoder(bytes.NewReader(output))
	var found []json.RawMessage
	for {
		var next json.RawMessage
		err := decoder.Decode(&next)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return found, fmt.Errorf("output is not JSON after %d arrays: %w", len(found), err)
		}
		found = append(found, next)
	}
	if len(found) != count {
		return found, fmt.Errorf("%d commands gave %d arrays", count, len(found))
	}
	return found, nil
}

// readTables reads the tables of the namespace that the calling thread is in. An empty `where` is the node itself, of which only the wanted parts are read.
func (r *reading) readTables(where string, into *networkTables) {
	type line struct {
		part, command string
		target        *json.RawMessage
	}
	var tables networkTables
	all := []line{
		{"links", "link show", &tables.Links},
		{"links", "address show", &tables.Addresses},
		{"routes", "route show table all", &tables.Routes},
		{"neighbours", "neighbour show", &tables.Neighbours},
		{"rules", "rule show", &tables.Rules4},
	}
	var chosen []line
	batch := ""
	for _, l := range all {
		if where != "" || r.wants(l.part) {
			chosen = append(chosen, l)
			batch += l.command + "\n"
		}
	}
	output, err := r.tool(batch, "ip", "-j", "-d", "-batch", "-")
	found, parseErr := arrays(output, len(chosen))
	for i := range found {
		if i < len(chosen) {
			*chosen[i].target = found[i]
		}
	}
	if err = errors.Join(err, parseErr); err != nil {
		r.fail("ip"+where, err)
	}
	if where != "" || r.wants("rules") {
		output, err := r.tool("rule show\n", "ip", "-6", "-j", "-batch", "-")
		found, parseErr := arrays(output, 1)
		if err = errors.Join(err, parseErr); err != nil {
			r.fail("ip -6"+where, err)
		} else {
			tables.Rules6 = found[0]
		}
	}
	r.set(func() {
		tables.Sysctls = into.Sysctls
		*into = tables
	})
}

func (r *reading) readNft() {
	output, err := r.tool("", "nft", "-j", "list", "ruleset")
	if err != nil { // a ruleset that changes while it is read is refused; the next reading succeeds
		output, err = r.tool("", "nft", "-j", "list", "ruleset")
	}
	if err == nil && !json.Valid(output) {
		err = errors.New("nft -j list ruleset: output is not JSON")
	}
	if err != nil {
		r.fail("nft", err)
		return
	}
	r.set(func() { r.doc.Nft = bytes.TrimSpace(output) })
}

// readIptables runs the four save programs. A legacy table exists only if the kernel lists it; without one the
// legacy programs have nothing to say and are not started.
func (r *reading) readIptables() {
	found := map[string]string{"legacy4": "", "legacy6": ""}
	programs := map[string]string{"nft4": "iptables-nft-save", "nft6": "ip6tables-nft-save"}
	if listed("/proc/thread-self/net/ip_tables_names") {
		programs["legacy4"] = "iptables-legacy-save"
	}
	if listed("/proc/thread-self/net/ip6_tables_names") {
		programs["legacy6"] = "ip6tables-legacy-save"
	}
	type answer struct {
		key, text string
		err       error
	}
	answers := make(chan answer)
	for key, program := range programs {
		go func() {
			output, err := r.tool("", program)
			if err != nil {
				output, err = r.tool("", program)
			}
			answers <- answer{key, string(output), err}
		}()
	}
	for range programs {
		a := <-answers
		if a.err != nil {
			r.fail("iptables", a.err)
			continue
		}
		found[a.key] = a.text
	}
	r.set(func() { r.doc.Iptables = found })
}

func listed(path string) bool {
	content, err := os.ReadFile(path)
	return err == nil && len(bytes.TrimSpace(content)) > 0
}

// readTc reads the queueing disciplines, and the filters of the devices that can have any: tc lists filters by device.
func (r *reading) readTc() {
	output, err := r.tool("", "tc", "-j", "qdisc", "show")
	var qdiscs []map[string]any
	if err == nil {
		err = json.Unmarshal(output, &qdiscs)
	}
	if err != nil {
		r.fail("tc", err)
		return
	}
	filters := []any{}
	kept := make([]any, 0, len(qdiscs))
	seen := map[string]bool{}
	for _, qdisc := range qdiscs {
		kept = append(kept, qdisc)
		device, _ := qdisc["dev"].(string)
		kind, _ := qdisc["kind"].(string)
		parents, ok := filterParents[kind]
		if !ok || device == "" {
			continue
		}
		for _, parent := range parents(qdisc) {
			key := device + " " + parent
			if seen[key] {
				continue
			}
			seen[key] = true
			found, err := r.filtersOf(device, parent)
			if err != nil {
				r.fail("tc", err)
			}
			filters = append(filters, found...)
		}
	}
	r.set(func() { r.doc.Qdiscs, r.doc.Filters = kept, filters })
}

// filterParents says where the filters of a classful or ingress discipline hang. Classless ones have none.
var filterParents = map[string]func(map[string]any) []string{
	"ingress": func(map[string]any) []string { return []string{"ingress"} },
	"clsact":  func(map[string]any) []string { return []string{"ingress", "egress"} },
	"htb":     byHandle, "prio": byHandle, "hfsc": byHandle, "drr": byHandle, "qfq": byHandle, "tbf": byHandle,
}

func byHandle(qdisc map[string]any) []string {
	handle, _ := qdisc["handle"].(string)
	return []string{handle}
}

func (r *reading) filtersOf(device string, parent string) ([]any, error) {
	args := []string{"-j", "filter", "show", "dev", device}
	if parent == "ingress" || parent == "egress" {
		args = append(args, parent)
	} else {
		args = append(args, "parent", parent)
	}
	output, err := r.tool("", "tc", args...)
	if err != nil {
		return nil, err
	}
	var found []map[string]any
	if len(bytes.TrimSpace(output)) > 0 {
		if err := json.Unmarshal(output, &found); err != nil {
			return nil, fmt.Errorf("tc %s: %w", strings.Join(args, " "), err)
		}
	}
	filters := make([]any, 0, len(found))
	for _, filter := range found {
		filter["dev"] = device
		filter["at"] = parent
		filters = append(filters, filter)
	}
	return filters, nil
}

type bridgeTables struct {
	Ports json.RawMessage `json:"ports"`
	Fdb   json.RawMessage `json:"fdb"`
	// Vlans is absent on a kernel whose bridge has no VLAN filtering.
	Vlans json.RawMessage `json:"vlans,omitempty"`
}

func (r *reading) readBridge() {
	output, err := r.tool("link show\nfdb show\nvlan show\n", "bridge", "-j", "-d", "-batch", "-")
	found, parseErr := arrays(output, 3)
	if len(found) == 2 && err != nil && strings.Contains(err.Error(), "Operation not supported") {
		found, err, parseErr = append(found, nil), nil, nil
	}
	if err = errors.Join(err, parseErr); err != nil {
		r.fail("bridge", err)
		return
	}
	r.set(func() { r.doc.Bridge = &bridgeTables{Ports: found[0], Fdb: found[1], Vlans: found[2]} })
}
