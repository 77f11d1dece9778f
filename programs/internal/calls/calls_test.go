package calls

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

func TestArgs(t *testing.T) {
	for text, want := range map[string]map[string]string{
		"":                          {},
		"A=1":                       {"A": "1"},
		"A=1;B=x=y;;C;":             {"A": "1", "B": "x=y", "C": ""},
		"IgnoreUnknown=1;K8S_X=p-1": {"IgnoreUnknown": "1", "K8S_X": "p-1"},
	} {
		if got := parseArgs(text); !maps.Equal(got, want) {
			t.Errorf("%q: got %v, want %v", text, got, want)
		}
	}
}

func TestLineHoldsTheCall(t *testing.T) {
	environ := []string{"CNI_COMMAND=ADD", "CNI_CONTAINERID=c1", "CNI_IFNAME=net1", "CNI_NETNS=/n", "CNI_ARGS=A=1", "PATH=/bin"}
	for _, row := range []struct{ stdin, network, logged string }{
		{"{\"name\":\n\"net<a>\"}", "net<a>", `{"name":"net<a>"}`},
		{`{"name":3}`, "", `{"name":3}`},
		{`[1,`, "", `"[1,"`},
		{``, "", `""`},
	} {
		path := filepath.Join(t.TempDir(), "log.jsonl")
		line := Begin("p", environ, []byte(row.stdin), time.Unix(1, 5))
		if err := line.End(path, []byte("out"), []byte("err"), 3); err != nil {
			t.Fatal(err)
		}
		content, _ := os.ReadFile(path)
		if strings.Count(string(content), "\n") != 1 || !strings.Contains(string(content), `"stdin":`+row.logged+`,`) {
			t.Errorf("%q: line %s", row.stdin, content)
		}
		var read Line
		if err := json.Unmarshal(content, &read); err != nil {
			t.Fatal(err)
		}
		if read.Network != row.network || read.StartNs != 1_000_000_005 || read.StartedAt != "1970-01-01T00:00:01.000000005Z" ||
			read.EndNs == 0 || read.Command != "ADD" || read.ContainerID != "c1" || read.Ifname != "net1" || read.Netns != "/n" ||
			read.Args["A"] != "1" || len(read.Env) != 5 || read.Stdout != "out" || read.Stderr != "err" || read.ExitCode != 3 || read.PID != os.Getpid() {
			t.Errorf("%q: read %+v", row.stdin, read)
		}
	}
}

func TestParallelLinesDoNotMix(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log.jsonl")
	var wait sync.WaitGroup
	for range 20 {
		wait.Go(func() {
			if err := Begin("p", nil, nil, time.Now()).End(path, []byte(strings.Repeat("x", 20_000)), nil, 0); err != nil {
				t.Error(err)
			}
		})
	}
	wait.Wait()
	content, _ := os.ReadFile(path)
	lines := strings.Split(strings.TrimSpace(string(content)), "\n")
	if len(lines) != 20 {
		t.Fatalf("%d lines", len(lines))
	}
	for _, line := range lines {
		if !json.Valid([]byte(line)) {
			t.Errorf("mixed line %.80s", line)
		}
	}
}
