package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

func run(t *testing.T, command, stdin string, environ ...string) (string, string, int) {
	t.Helper()
	c := newCall(append([]string{"CNI_COMMAND=" + command, "CNI_CONTAINERID=c1", "CNI_IFNAME=net1", "CNI_NETNS=/nowhere/ns"}, environ...), []byte(stdin))
	code := c.handle()
	return strings.TrimSpace(c.stdout.String()), c.stderr.String(), code
}

// conf is a configuration of CNI 1.0.0 without a link, with more of the plugin's own keys.
func conf(rec string) string {
	return `{"cniVersion":"1.0.0","name":"net-a","type":"plumbline-rec","rec":{"link":"none"` + rec + `}}`
}

func TestResultIsOfTheVersion(t *testing.T) {
	const rec = `"name":"n","dns":{"nameservers":["1.1.1.1"]},"rec":{"link":"none","addresses":["10.1.2.3/24","fd00::2/64"],"mac":"02:00:00:00:00:01","routes":[{"dst":"10.9.0.0/16","gw":"10.1.2.1"}]}}`
	const interfaces = `"interfaces":[{"name":"net1","mac":"02:00:00:00:00:01","sandbox":"/nowhere/ns"}],`
	const rest = `,"routes":[{"dst":"10.9.0.0/16","gw":"10.1.2.1"}],"dns":{"nameservers":["1.1.1.1"]}}`
	old := `"ips":[{"version":"4","address":"10.1.2.3/24","interface":0},{"version":"6","address":"fd00::2/64","interface":0}]`
	now := `"ips":[{"address":"10.1.2.3/24","interface":0},{"address":"fd00::2/64","interface":0}]`
	for version, ips := range map[string]string{"0.3.0": old, "0.3.1": old, "0.4.0": old, "1.0.0": now, "1.1.0": now} {
		out, _, code := run(t, "ADD", `{"cniVersion":"`+version+`",`+rec)
		if want := `{"cniVersion":"` + version + `",` + interfaces + ips + rest; out != want || code != 0 {
			t.Errorf("%s: code %d, got %s", version, code, out)
		}
	}
}

func TestUnscripted(t *testing.T) {
	for _, row := range []struct {
		name, command, stdin, out string
		code                      int
	}{
		{"nothing wanted", "ADD", conf(""), `{"cniVersion":"1.0.0","interfaces":[{"name":"net1","sandbox":"/nowhere/ns"}],"ips":[],"routes":[]}`, 0},
		{"chained", "ADD", `{"cniVersion":"1.0.0","prevResult":{"x":1},"rec":{"addresses":["10.0.0.1/8"]}}`, `{"x":1}`, 0},
		{"runtime wins", "ADD", `{"cniVersion":"1.0.0","runtimeConfig":{"ips":["10.5.0.1"],"mac":"02:00:00:00:00:05"},"rec":{"link":"none","addresses":["10.1.0.1/8"],"mac":"02:00:00:00:00:01"}}`,
			`{"cniVersion":"1.0.0","interfaces":[{"name":"net1","mac":"02:00:00:00:00:05","sandbox":"/nowhere/ns"}],"ips":[{"address":"10.5.0.1/32","interface":0}],"routes":[]}`, 0},
		{"no link", "DEL", conf(""), "", 0},
		{"netns gone", "DEL", `{"cniVersion":"1.0.0"}`, "", 0},
		{"no link to check", "CHECK", conf(""), "", 0},
		{"status", "STATUS", conf(""), "", 0},
		{"gc", "GC", conf(""), "", 0},
		{"version", "VERSION", `{"cniVersion":"1.0.0"}`, `{"cniVersion":"1.1.0","supportedVersions":["0.3.0","0.3.1","0.4.0","1.0.0","1.1.0"]}`, 0},
		{"version, no stdin", "VERSION", ``, `{"cniVersion":"1.1.0","supportedVersions":["0.3.0","0.3.1","0.4.0","1.0.0","1.1.0"]}`, 0},
	} {
		if out, stderr, code := run(t, row.command, row.stdin); out != row.out || code != row.code || stderr != "" {
			t.Errorf("%s: code %d, out %s, stderr %s", row.name, code, out, stderr)
		}
	}
}

func TestErrors(t *testing.T) {
	for _, row := range []struct {
		name, command, stdin string
		code                 uint
		says                 string
	}{
		{"no JSON", "ADD", `{"a`, 6, "stdin is not JSON"},
		{"nothing", "ADD", ``, 6, "stdin is not JSON"},
		{"unknown key", "ADD", conf(`,"adresses":[]`), 7, `"adresses"`},
		{"unknown key of an act", "DEL", conf(`,"script":{"ADD":{"eror":{}}}`), 7, `"eror"`},
		{"unknown command of a script", "ADD", conf(`,"script":{"UPDATE":{}}`), 7, `"UPDATE"`},
		{"two answers", "ADD", conf(`,"script":{"ADD":{"result":{},"stdout":"x"}}`), 7, "only one of"},
		{"unknown link", "ADD", `{"rec":{"link":"veth"}}`, 7, `"veth"`},
		{"key of the wrong type", "ADD", `{"runtimeConfig":{"ips":"10.1.1.1/24"}}`, 7, "ips"},
		{"bad address", "ADD", conf(`,"addresses":["300.1.1.1/24"]`), 7, "300.1.1.1"},
		{"unknown version", "ADD", `{"cniVersion":"0.2.0","rec":{"link":"none"}}`, 1, "0.2.0"},
		{"unknown command", "UPDATE", conf(""), 4, "UPDATE"},
		{"netns gone", "ADD", `{"cniVersion":"1.0.0"}`, 100, "/nowhere/ns"},
		{"netns gone", "CHECK", `{"cniVersion":"1.0.0"}`, 100, "/nowhere/ns"},
	} {
		out, _, code := run(t, row.command, row.stdin)
		var f failure
		if err := json.Unmarshal([]byte(out), &f); err != nil || code != 1 || f.Code != row.code || f.CNIVersion == "" || !strings.Contains(f.Details, row.says) {
			t.Errorf("%s: code %d, out %s", row.name, code, out)
		}
	}
	if out, _, _ := run(t, "ADD", `{"cniVersion":"1.0.0"}`, "CNI_IFNAME=", "CNI_NETNS="); !strings.Contains(out, "[CNI_NETNS CNI_IFNAME] missing") {
		t.Errorf("missing variables: %s", out)
	}
}

func TestScript(t *testing.T) {
	for _, row := range []struct {
		name, command, act, out, stderr string
		code                            int
	}{
		{"result", "ADD", `{"result":{"a":["${CNI_IFNAME} ${CNI_CONTAINERID} ${CNI_NETNS} ${HOME} <"]}}`, `{"a":["net1 c1 /nowhere/ns ${HOME} <"]}`, "", 0},
		{"result of any kind", "DEL", `{"result":null}`, `null`, "", 0},
		{"error", "ADD", `{"error":{"code":11,"msg":"later","details":"d"}}`, `{"cniVersion":"1.0.0","code":11,"msg":"later","details":"d"}`, "", 1},
		{"error with an exit code", "CHECK", `{"error":{"code":50,"msg":"m"},"exitCode":0}`, `{"cniVersion":"1.0.0","code":50,"msg":"m"}`, "", 0},
		{"raw text", "STATUS", `{"stdout":"{broken","stderr":"oh","exitCode":3}`, `{broken`, "oh", 3},
		{"exit code alone", "DEL", `{"exitCode":137}`, "", "", 137},
		{"behaves besides", "VERSION", `{"stderr":"v"}`, `{"cniVersion":"1.1.0","supportedVersions":["0.3.0","0.3.1","0.4.0","1.0.0","1.1.0"]}`, "v", 0},
	} {
		out, stderr, code := run(t, row.command, conf(`,"script":{"`+row.command+`":`+row.act+`}`))
		if out != row.out || stderr != row.stderr || code != row.code {
			t.Errorf("%s: code %d, out %s, stderr %s", row.name, code, out, stderr)
		}
	}
	if out, _, code := run(t, "GC", conf(`,"script":{"ADD":{"exitCode":4}}`)); out != "" || code != 0 {
		t.Errorf("another command: code %d, out %s", code, out)
	}
}

func TestDelay(t *testing.T) {
	began := time.Now()
	run(t, "DEL", conf(`,"script":{"DEL":{"delayMs":60}}`))
	if took := time.Since(began); took < 60*time.Millisecond {
		t.Errorf("took %v", took)
	}
}

func TestTimes(t *testing.T) {
	countDir = filepath.Join(t.TempDir(), "counts")
	codes := func(rest string, containers ...string) string {
		found := ""
		for _, container := range containers {
			_, _, code := run(t, "DEL", conf(`,"script":{"DEL":{"exitCode":5,"times":2`+rest+`}}`), "CNI_CONTAINERID="+container)
			found += string(rune('0' + code))
		}
		return found
	}
	if got := codes("", "a", "a", "b", "a", "b", "b"); got != "555050" {
		t.Errorf("by container: %s", got)
	}
	if got := codes(`,"everyContainer":true`, "a", "b", "a", "c"); got != "5500" {
		t.Errorf("over all containers: %s", got)
	}
	if _, _, code := run(t, "DEL", conf(`,"script":{"DEL":{"exitCode":5,"times":2}}`), "CNI_CONTAINERID=a", "CNI_IFNAME=net2"); code != 5 {
		t.Error("another interface has its own count")
	}
}

func TestParallelCallsCountOnce(t *testing.T) {
	countDir = t.TempDir()
	var mu sync.Mutex
	var wait sync.WaitGroup
	failed := 0
	for range 40 {
		wait.Go(func() {
			if _, _, code := run(t, "ADD", conf(`,"script":{"ADD":{"exitCode":5,"times":13,"everyContainer":true}}`)); code == 5 {
				mu.Lock()
				failed++
				mu.Unlock()
			}
		})
	}
	wait.Wait()
	if failed != 13 {
		t.Errorf("%d calls failed, want 13", failed)
	}
}

func TestLogPath(t *testing.T) {
	for stdin, want := range map[string]string{
		`{"rec":{"log":"/x","unknown":1}}`: "/x",
		`{"rec":{}}`:                       defaultLog,
		`broken`:                           defaultLog,
	} {
		if got := newCall(nil, []byte(stdin)).logPath(); got != want {
			t.Errorf("%s: %s", stdin, got)
		}
	}
}

func TestMain(m *testing.M) {
	if log := os.Getenv("PLUMBLINE_TEST_LOG"); log != "" {
		defaultLog = log
		main()
	}
	os.Exit(m.Run())
}
