package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// echo is a plugin that answers with what it was given, or does what its `do` says.
const echo = `#!/bin/sh
input=$(cat)
case "$input" in
*'"do":"fail"'*) echo '{"code":11,"msg":"no"}'; exit 3 ;;
*'"do":"nonsense"'*) echo 'nonsense'; exit 0 ;;
*'"do":"hang"'*) sleep 60 & echo $! >&2; wait ;;
*'"do":"die"'*) kill -TERM $$ ;;
esac
printf '{"cniVersion":"1.0.0","saw":%s,"command":"%s","args":"%s"}' "$input" "$CNI_COMMAND" "$CNI_ARGS"
`

func binDir(t *testing.T, plugins ...string) string {
	t.Helper()
	dir := t.TempDir()
	for _, name := range plugins {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(echo), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// talk holds a session over these lines, and returns its answers.
func talk(t *testing.T, s *session, lines ...string) []map[string]any {
	t.Helper()
	var out bytes.Buffer
	if err := s.serve(strings.NewReader(strings.Join(lines, "\n")), &out); err != nil {
		t.Fatal(err)
	}
	answers := []map[string]any{}
	for _, line := range strings.Split(strings.TrimSpace(out.String()), "\n") {
		var a map[string]any
		if err := json.Unmarshal([]byte(line), &a); err != nil {
			t.Fatalf("%v: %s", err, line)
		}
		answers = append(answers, a)
	}
	if len(answers) != len(lines) {
		t.Fatalf("%d answers to %d lines", len(answers), len(lines))
	}
	return answers
}

// text is JSON to compare with: keys in order.
func text(t *testing.T, value any) string {
	t.Helper()
	content, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

func TestBadRequestsAreAnswered(t *testing.T) {
	answers := talk(t, newSession(),
		`{"id":1,`, `{"id":"a","op":"nothing"}`, `{"id":3,"op":"call","binry":"x"}`, `{"id":4,"op":"call","binary":"/no/such"}`,
		`{"id":5,"op":"call","binary":"a/b"}`, `{"id":6,"op":"exec","argv":[]}`, `{"id":7,"op":"netns-delete","path":"/run/netns/x"}`,
		`{"id":8,"op":"exec","argv":["true"],"netns":"/no/such"}`, `{"id":{"x":9},"op":"exec","argv":["true"]}`)
	for i, want := range []struct{ id, says string }{
		{"null", "no request"}, {`"a"`, `"nothing"`}, {"3", `"binry"`}, {"4", "/no/such"}, {"5", "a/b"}, {"6", "empty"},
		{"7", "did not make"}, {"8", "/no/such"}, {`{"x":9}`, ""},
	} {
		message, _ := answers[i]["error"].(string)
		if text(t, answers[i]["id"]) != want.id || !strings.Contains(message, want.says) || (message == "") != (want.says == "") {
			t.Errorf("%d: %v", i, answers[i])
		}
	}
}

func TestCall(t *testing.T) {
	dir := binDir(t, "plug")
	path := filepath.Join(dir, "plug")
	env := filepath.Join(dir, "env")
	if err := os.WriteFile(env, []byte("#!/bin/sh\n/usr/bin/env | /usr/bin/sort | /bin/grep -v -e ^PWD -e ^SHLVL -e ^_; exit 7"), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, row := range []struct{ name, request, want string }{
		{"text", `"binary":"` + path + `","env":{"CNI_COMMAND":"ADD"},"stdin":"{\"a\":1}"`, `0  {"cniVersion":"1.0.0","saw":{"a":1},"command":"ADD","args":""}`},
		{"JSON by name", `"binary":"plug","binDir":"` + dir + `","stdin":{"a":"<"}`, `0  {"cniVersion":"1.0.0","saw":{"a":"<"},"command":"","args":""}`},
		{"signal", `"binary":"` + path + `","stdin":{"do":"die"}`, `-1 SIGTERM `},
		{"variables", `"binary":"` + env + `","env":{"A":"1","B":null}`, "7  A=1\nCNI_PATH=/opt/cni/bin\nPATH=" + nodePath + "\n"},
		{"no variables", `"binary":"` + env + `","binDir":"/b","env":{"PATH":"/x","CNI_PATH":null}`, "7  PATH=/x\n"},
	} {
		a := talk(t, newSession(), `{"id":1,"op":"call",`+row.request+`}`)[0]
		signal, _ := a["signal"].(string)
		if got := fmt.Sprintf("%v %s %v", a["exitCode"], signal, a["stdout"]); got != row.want || a["timedOut"] != false {
			t.Errorf("%s: got %q, %v", row.name, got, a)
		}
	}
}

func gone(pid string) bool {
	for range 100 {
		state, err := os.ReadFile("/proc/" + pid + "/stat")
		if err != nil || strings.Contains(string(state), ") Z ") {
			return true
		}
		time.Sleep(10 * time.Millisecond)
	}
	return false
}

func TestTimeoutKillsTheWholeGroup(t *testing.T) {
	dir := binDir(t, "plug")
	a := talk(t, newSession(), `{"id":1,"op":"call","binary":"plug","binDir":"`+dir+`","stdin":{"do":"hang"},"timeoutMs":200}`)[0]
	if a["timedOut"] != true || a["signal"] != "SIGKILL" {
		t.Errorf("%v", a)
	}
	if child := strings.TrimSpace(a["stderr"].(string)); child == "" || !gone(child) {
		t.Errorf("the child %q lives on", child)
	}
}

func TestTheEndKillsWhatWasLeftRunning(t *testing.T) {
	s := newSession()
	a := talk(t, s, `{"id":1,"op":"exec","argv":["sh","-c","sleep 60 >/dev/null 2>&1 & echo $!"]}`)[0]
	child := strings.TrimSpace(a["stdout"].(string))
	if len(s.groups) != 1 || child == "" {
		t.Fatalf("%v, groups %v", a, s.groups)
	}
	if err := s.end(); err != nil || !gone(child) {
		t.Errorf("the child %q lives on, %v", child, err)
	}
	if a := talk(t, s, `{"id":1,"op":"exec","argv":["true"]}`)[0]; a["error"] == nil {
		t.Errorf("started after the end: %v", a)
	}
}

func TestLongLines(t *testing.T) {
	long := strings.Repeat("x", 3<<20)
	a := talk(t, newSession(), `{"id":1,"op":"exec","argv":["cat"],"stdin":"`+long+`"}`)[0]
	if a["stdout"] != long {
		t.Errorf("%d characters came back", len(a["stdout"].(string)))
	}
}

func TestParallelRunsAtOnce(t *testing.T) {
	one := `{"id":"p","op":"exec","argv":["sleep","0.3"]}`
	began := time.Now()
	a := talk(t, newSession(), `{"id":1,"op":"parallel","requests":[`+one+`,`+one+`,`+one+`,{"id":"bad","op":"x"}]}`)[0]
	if took := time.Since(began); took > 800*time.Millisecond {
		t.Errorf("took %v", took)
	}
	answers := a["answers"].([]any)
	if len(answers) != 4 || answers[0].(map[string]any)["exitCode"] != float64(0) || answers[3].(map[string]any)["id"] != "bad" {
		t.Errorf("%v", a)
	}
}

func TestNamespaces(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("network namespaces need root")
	}
	s := newSession()
	defer s.end()
	answers := talk(t, s, `{"id":1,"op":"netns-add"}`, `{"id":2,"op":"netns-add"}`)
	first, second := answers[0]["path"].(string), answers[1]["path"].(string)
	info, err := os.Stat(first)
	if err != nil || float64(info.Sys().(*syscall.Stat_t).Ino) != answers[0]["inode"] || !strings.HasPrefix(first, netnsDir+"/plinv-") || first == second {
		t.Fatalf("%v, %v", answers, err)
	}
	answers = talk(t, s,
		`{"id":3,"op":"exec","argv":["ip","-j","addr"],"netns":"`+first+`"}`,
		`{"id":4,"op":"netns-delete","path":"`+first+`"}`,
		`{"id":5,"op":"netns-delete","path":"`+first+`"}`)
	if out := answers[0]["stdout"].(string); !strings.Contains(out, `"127.0.0.1"`) || strings.Contains(out, "eth0") {
		t.Errorf("in the namespace: %v", answers[0])
	}
	if _, err := os.Stat(first); err == nil || answers[1]["error"] != nil || answers[2]["error"] == nil {
		t.Errorf("delete: %v", answers)
	}
	if err := s.end(); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(second); err == nil {
		t.Error("the end left a namespace")
	}
}
