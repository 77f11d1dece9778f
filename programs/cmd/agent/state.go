package main

import (
	"context"
	"encoding/json"
	"os"
	"sort"
	"sync"
	"time"
)

// sentinel ends every whole document, so that a reader notices one that was cut.
const sentinel = "plumbline-node-state-end"

// partNames are the words of --parts. `links` stands for all that one ip batch reads: links and addresses.
var partNames = []string{
	"links", "routes", "neighbours", "rules", "nft", "iptables", "tc", "bridge", "sysctls", "namespaces", "sandboxes", "files",
}

type document struct {
	Version int    `json:"version"`
	Node    string `json:"node"`
	// TakenAt is the wall clock of the node when reading began.
	TakenAt    string `json:"takenAt"`
	DurationMs int64  `json:"durationMs"`
	// NetnsInode identifies the network namespace that the node's own parts are of.
	NetnsInode uint64   `json:"netnsInode"`
	Parts      []string `json:"parts"`
	networkTables
	Nft        json.RawMessage   `json:"nft,omitempty"`
	Iptables   map[string]string `json:"iptables,omitempty"`
	Qdiscs     []any             `json:"qdiscs,omitempty"`
	Filters    []any             `json:"filters,omitempty"`
	Bridge     *bridgeTables     `json:"bridge,omitempty"`
	Namespaces []namespace       `json:"namespaces,omitempty"`
	Sandboxes  []sandbox         `json:"sandboxes,omitempty"`
	Files      []fileEntry       `json:"files,omitempty"`
	Errors     []partError       `json:"errors"`
	TimingsMs  map[string]int64  `json:"timingsMs"`
	End        string            `json:"end"`
}

// networkTables is what is read alike in the node's own namespace and in every named one.
type networkTables struct {
	Links      json.RawMessage   `json:"links,omitempty"`
	Addresses  json.RawMessage   `json:"addresses,omitempty"`
	Routes     json.RawMessage   `json:"routes,omitempty"`
	Neighbours json.RawMessage   `json:"neighbours,omitempty"`
	Rules4     json.RawMessage   `json:"rules4,omitempty"`
	Rules6     json.RawMessage   `json:"rules6,omitempty"`
	Sysctls    map[string]string `json:"sysctls,omitempty"`
}

type partError struct {
	Part    string `json:"part"`
	Message string `json:"message"`
}

// reading collects one document from many goroutines.
type reading struct {
	options stateOptions
	ctx     context.Context
	slots   chan struct{}
	mu      sync.Mutex
	// sandboxesRead is closed once it is known which pod has which namespace.
	sandboxesRead chan struct{}
	doc           document
	wait          sync.WaitGroup
}

func readState(ctx context.Context, options stateOptions) document {
	start := time.Now()
	r := &reading{options: options, ctx: ctx, slots: make(chan struct{}, 6), sandboxesRead: make(chan struct{})}
	r.doc = document{Version: 1, TakenAt: start.UTC().Format(time.RFC3339Nano), Errors: []partError{}, TimingsMs: map[string]int64{}, End: sentinel}
	r.doc.Node, _ = os.Hostname()
	for _, name := range partNames {
		if options.parts[name] {
			r.doc.Parts = append(r.doc.Parts, name)
		}
	}
	inode, err := inodeOf("/proc/thread-self/ns/net")
	if err != nil {
		r.fail("links", err)
	}
	r.doc.NetnsInode = inode

	// The slow one first: the runtime answers while the tools run.
	r.start("sandboxes", func() {
		defer close(r.sandboxesRead)
		r.readSandboxes()
	})
	r.start("namespaces", r.readNamespaces)
	r.start("nft", r.readNft)
	r.start("iptables", r.readIptables)
	r.startAny([]string{"links", "routes", "neighbours", "rules"}, "ip", func() { r.readTables("", &r.doc.networkTables) })
	r.start("tc", r.readTc)
	r.start("bridge", r.readBridge)
	r.start("sysctls", func() {
		sysctls := r.readSysctls("sysctls")
		r.set(func() { r.doc.Sysctls = sysctls })
	})
	r.start("files", r.readFiles)
	r.wait.Wait()
	sort.SliceStable(r.doc.Errors, func(a, b int) bool { return r.doc.Errors[a].Part < r.doc.Errors[b].Part })
	r.doc.DurationMs = time.Since(start).Milliseconds()
	return r.doc
}

func (r *reading) wants(part string) bool { return r.options.parts[part] }

func (r *reading) start(part string, read func()) { r.startAny([]string{part}, part, read) }

func (r *reading) startAny(parts []string, label string, read func()) {
	wanted := false
	for _, part := range parts {
		wanted = wanted || r.wants(part)
	}
	if !wanted {
		return
	}
	r.wait.Go(func() {
		began := time.Now()
		read()
		r.set(func() { r.doc.TimingsMs[label] = time.Since(began).Milliseconds() })
	})
}

func (r *reading) set(change func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	change()
}

// fail states that a part, or some of it, is not in the document.
func (r *reading) fail(part string, err error) {
	r.set(func() { r.doc.Errors = append(r.doc.Errors, partError{Part: part, Message: err.Error()}) })
}
