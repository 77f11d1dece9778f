package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

func TestRefusesUnknownWords(t *testing.T) {
	for _, args := range [][]string{{}, {"status"}, {"state", "--parts", "links,ports"}, {"state", "more"}} {
		if err := run(args, &bytes.Buffer{}); err == nil {
			t.Errorf("%v was accepted", args)
		}
	}
}

func TestInside(t *testing.T) {
	for words, want := range map[string]inside{
		"all":   {all: true},
		"none":  {},
		"":      {},
		"u1,u2": {podUIDs: map[string]bool{"u1": true, "u2": true}},
	} {
		if got := parseInside(words); !reflect.DeepEqual(got, want) {
			t.Errorf("%q: %v, not %v", words, got, want)
		}
	}
	if _, err := parseStateOptions([]string{"--inside", "u1", "--parts", "namespaces"}); err == nil {
		t.Error("namespaces of pods were asked for without the sandboxes that tell whose they are")
	}
}

func TestInsideOfThePodsAskedFor(t *testing.T) {
	r := &reading{options: stateOptions{inside: parseInside("u1")}, sandboxesRead: make(chan struct{})}
	r.doc.Sandboxes = []sandbox{
		{PodUID: "u1", NetnsPath: "/var/run/netns/cni-1"},
		{PodUID: "u2", NetnsPath: "/var/run/netns/cni-2"},
		{PodUID: "u1"}, // closed already
	}
	close(r.sandboxesRead)
	isWanted := r.insideOf()
	for name, want := range map[string]bool{"cni-1": true, "cni-2": false, "": false, ".": false} {
		if isWanted(name) != want {
			t.Errorf("the inside of %q: wanted is %v", name, !want)
		}
	}
}

func TestArraysOfABatch(t *testing.T) {
	found, err := arrays([]byte("[{\"a\":1}]\n[]\n\n[ ]\n"), 3)
	if err != nil || len(found) != 3 || string(found[0]) != `[{"a":1}]` {
		t.Errorf("%v, %v", found, err)
	}
	if _, err := arrays([]byte("[]\n"), 2); err == nil {
		t.Error("a missing array was not noticed")
	}
	if _, err := arrays([]byte("[]\n[{"), 2); err == nil {
		t.Error("a cut array was not noticed")
	}
}

func TestNetnsPathFromVerboseAnswer(t *testing.T) {
	open := `{"runtimeSpec":{"linux":{"namespaces":[{"type":"pid"},{"type":"network","path":"/var/run/netns/cni-1"}]}},"netNamespaceClosed":false}`
	if got := netnsPath(open); got != "/var/run/netns/cni-1" {
		t.Errorf("got %q", got)
	}
	if got := netnsPath(strings.Replace(open, "false", "true", 1)); got != "" {
		t.Errorf("closed: got %q", got)
	}
	if got := netnsPath("not json"); got != "" {
		t.Errorf("broken: got %q", got)
	}
}

func scratchRoot(t *testing.T, files map[string]string) string {
	t.Helper()
	root := t.TempDir()
	for path, content := range files {
		full := filepath.Join(root, path)
		if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(full, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

func readScratch(t *testing.T, args ...string) map[string]any {
	t.Helper()
	var out bytes.Buffer
	if err := run(append([]string{"state"}, args...), &out); err != nil {
		t.Fatal(err)
	}
	var document map[string]any
	if err := json.Unmarshal(out.Bytes(), &document); err != nil {
		t.Fatal(err)
	}
	if document["end"] != sentinel {
		t.Error("no sentinel")
	}
	return document
}

func TestFilesWithContentHashAndCut(t *testing.T) {
	root := scratchRoot(t, map[string]string{
		"var/lib/cni/networks/a/10.1.1.2": "cid\r\nnet1",
		"var/lib/cni/multus/cid":          strings.Repeat("x", 100),
		"etc/cni/net.d/10-a.conflist":     "secret",
	})
	if err := os.WriteFile(filepath.Join(root, "var/lib/cni/raw"), []byte{0xff, 0xfe}, 0o600); err != nil {
		t.Fatal(err)
	}
	document := readScratch(t, "--parts", "files", "--root", root, "--file-cap", "50")
	files := map[string]map[string]any{}
	for _, item := range document["files"].([]any) {
		entry := item.(map[string]any)
		files[entry["path"].(string)] = entry
	}
	if files["/var/lib/cni/networks/a/10.1.1.2"]["content"] != "cid\r\nnet1" {
		t.Errorf("lease: %v", files["/var/lib/cni/networks/a/10.1.1.2"])
	}
	if cut := files["/var/lib/cni/multus/cid"]; cut["truncated"] != true || cut["size"] != float64(100) || len(cut["content"].(string)) != 50 {
		t.Errorf("cut: %v", cut)
	}
	if config := files["/etc/cni/net.d/10-a.conflist"]; config["content"] != nil || len(config["sha256"].(string)) != 64 || config["truncated"] != nil {
		t.Errorf("config: %v", config)
	}
	if raw := files["/var/lib/cni/raw"]; raw["contentBase64"] != "//4=" {
		t.Errorf("raw: %v", raw)
	}
	if files["/var/lib/cni/networks"]["type"] != "directory" {
		t.Error("no directories")
	}
	if errors := document["errors"].([]any); len(errors) != 1 || errors[0].(map[string]any)["part"] != "files" {
		t.Errorf("errors: %v", errors)
	}
}

func TestLeftoverNameWithoutNamespace(t *testing.T) {
	root := scratchRoot(t, map[string]string{"cni-1": ""})
	document := readScratch(t, "--parts", "namespaces", "--netns-dir", root)
	if found := document["namespaces"].([]any)[0].(map[string]any); found["name"] != "cni-1" || found["mounted"] != false {
		t.Errorf("namespace: %v", found)
	}
}

func TestAMissingToolAndRuntimeAreStated(t *testing.T) {
	r := &reading{ctx: context.Background(), slots: make(chan struct{}, 1)}
	if _, err := r.tool("", "no-such-tool", "x"); err == nil || !strings.Contains(err.Error(), "no-such-tool") {
		t.Errorf("tool: %v", err)
	}
	document := readScratch(t, "--parts", "sandboxes", "--cri", filepath.Join(t.TempDir(), "none.sock"))
	if errors := document["errors"].([]any); len(errors) != 1 || errors[0].(map[string]any)["part"] != "sandboxes" {
		t.Errorf("errors: %v", errors)
	}
}
