package main

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// plugin is a stand-in for a CNI binary: it answers with what it was given.
const plugin = `#!/bin/sh
input=$(cat)
printf '%s' "$input" > "$0.seen-stdin"
env > "$0.seen-env"
if [ "$CNI_COMMAND" = FAIL ]; then printf '{"code":7,"msg":"no"}'; exit 3; fi
printf '{"cniVersion":"1.0.0","interfaces":[{"name":"%s"}],"ips":[{"address":"10.1.1.2/24"}]}' "$CNI_IFNAME"
`

type bench struct {
	t      *testing.T
	binary string
	log    string
}

func newBench(t *testing.T, specJSON string) *bench {
	t.Helper()
	dir := t.TempDir()
	b := &bench{t: t, binary: filepath.Join(dir, "bridge"), log: filepath.Join(dir, "log.jsonl")}
	defaultLog = b.log // for a specification that cannot be read
	if err := os.WriteFile(b.binary+originalSuffix, []byte(plugin), 0o755); err != nil {
		t.Fatal(err)
	}
	if specJSON != "" {
		text := `{"log":"` + b.log + `","planted":{"plant":"p1"},"faults":[` + specJSON + `]}`
		if err := os.WriteFile(b.binary+specSuffix, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return b
}

const cniArgs = "CNI_ARGS=IgnoreUnknown=1;K8S_POD_NAMESPACE=ns1;K8S_POD_NAME=pod-a;IP=10.1.1.9/24"

func (b *bench) call(command string, stdin string) (string, int, record) {
	b.t.Helper()
	var stdout bytes.Buffer
	c := &call{
		binary: b.binary, stdin: []byte(stdin), started: time.Now(),
		env: []string{"CNI_COMMAND=" + command, "CNI_IFNAME=net1", "CNI_CONTAINERID=c1", "CNI_NETNS=/run/netns/x", cniArgs, "PATH=" + os.Getenv("PATH")},
	}
	code := c.handle(&stdout, &bytes.Buffer{})
	content, err := os.ReadFile(b.log)
	if err != nil {
		b.t.Fatalf("no log: %v", err)
	}
	var last record
	lines := strings.Split(strings.TrimSpace(string(content)), "\n")
	if err := json.Unmarshal([]byte(lines[len(lines)-1]), &last); err != nil {
		b.t.Fatalf("log line: %v", err)
	}
	return stdout.String(), code, last
}

func (b *bench) seen(what string) string {
	content, _ := os.ReadFile(b.binary + originalSuffix + ".seen-" + what)
	return string(content)
}

const netConf = `{"cniVersion":"1.0.0","name":"net-a","type":"bridge","runtimeConfig":{"ips":["10.1.1.9/24"],"mac":"02:00:00:00:00:01"}}`

func TestPassesOnWhatDoesNotMatch(t *testing.T) {
	for _, condition := range []string{
		`"verbs":["DEL"]`, `"when":{"ifname":"eth.*"}`, `"when":{"network":"net"}`, `"when":{"podName":"pod"}`,
		`"when":{"podNamespace":"ns2"}`, `"when":{"containerId":"c"}`, `"when":{"stdinHas":["/prevResult"]}`,
	} {
		b := newBench(t, `{"id":"f",`+condition+`,"change":{"exitCode":9}}`)
		out, code, line := b.call("ADD", netConf)
		if code != 0 || !strings.Contains(out, "10.1.1.2/24") || line.Matched || line.Why == "" {
			t.Errorf("%s: code %d, out %s, line %+v", condition, code, out, line)
		}
		if b.seen("stdin") != netConf {
			t.Errorf("%s: the original saw %q", condition, b.seen("stdin"))
		}
	}
}

func TestMatchesAllConditions(t *testing.T) {
	b := newBench(t, `{"id":"f","verbs":["ADD"],"when":{"ifname":"net\\d+","network":"net-.*","podName":"pod-.*","podNamespace":"ns1","stdinHas":["/runtimeConfig/ips/0"]},"change":{"exitCode":9}}`)
	if _, code, line := b.call("ADD", netConf); code != 9 || !line.Matched || line.Network != "net-a" || line.Pod != "ns1/pod-a" {
		t.Errorf("code %d, line %+v", code, line)
	}
}

func TestTheFirstThatMatchesActs(t *testing.T) {
	b := newBench(t, `{"id":"a","when":{"network":"other"},"change":{"exitCode":8}},{"id":"b","change":{"exitCode":9}}`)
	if _, code, line := b.call("ADD", netConf); code != 9 || line.Fault != "b" || line.Plant != "p1" {
		t.Errorf("code %d, line %+v", code, line)
	}
	b = newBench(t, `{"id":"a","when":{"network":"other"},"change":{"exitCode":8}},{"id":"b","verbs":["DEL"],"change":{"exitCode":9}}`)
	if _, code, line := b.call("ADD", netConf); code != 0 || line.Fault != "" || line.Why != "a: network; b: command" {
		t.Errorf("code %d, line %+v", code, line)
	}
}

func TestPatchesBothWays(t *testing.T) {
	b := newBench(t, `{"id":"f","change":{
		"env":{"set":{"CNI_IFNAME":"x${CNI_IFNAME}"},"cniArgs":{"remove":["IP"]}},
		"stdin":[{"op":"remove","path":"/runtimeConfig/ips"},{"op":"remove","path":"/nowhere"}],
		"stdout":[{"op":"replace","path":"/ips/0/address","value":"192.0.2.7/24"},{"op":"add","path":"/dns","value":{"domain":"${stdin:/name}.${stdout:/interfaces/0/name}"}}],
		"tolerateMissing":true}}`)
	out, code, line := b.call("ADD", netConf)
	if code != 0 || !strings.Contains(out, `"192.0.2.7/24"`) || !strings.Contains(out, `"domain":"net-a.xnet1"`) {
		t.Errorf("code %d, out %s", code, out)
	}
	if seen := b.seen("stdin"); strings.Contains(seen, "ips") || !strings.Contains(seen, "mac") {
		t.Errorf("stdin %s", seen)
	}
	if env := b.seen("env"); strings.Contains(env, "IP=10.1.1.9") || !strings.Contains(env, "K8S_POD_NAME=pod-a") || !strings.Contains(env, "CNI_IFNAME=xnet1") {
		t.Errorf("env %s", env)
	}
	if len(line.Problems) != 0 || len(line.Changes) != 5 {
		t.Errorf("line %+v", line)
	}
}

func TestMissingPathIsAProblemUnlessTolerated(t *testing.T) {
	b := newBench(t, `{"id":"f","change":{"stdout":[{"op":"replace","path":"/ips/4/address","value":"x"},{"op":"remove","path":"/a/b"},{"op":"add","path":"/x","value":1}]}}`)
	out, _, line := b.call("ADD", netConf)
	if len(line.Problems) != 2 || !strings.Contains(out, `"x":1`) {
		t.Errorf("out %s, problems %v", out, line.Problems)
	}
	b = newBench(t, `{"id":"f","change":{"tolerateMissing":true,"stdout":[{"op":"replace","path":"/ips/4/address","value":"x"},{"op":"replace","path":"/a/b","value":1}]}}`)
	if _, _, line := b.call("ADD", netConf); len(line.Problems) != 0 || len(line.Changes) != 0 {
		t.Errorf("line %+v", line)
	}
}

func TestDropDoesNotRunTheOriginal(t *testing.T) {
	b := newBench(t, `{"id":"f","change":{"drop":{"stdout":{"cniVersion":"1.0.0"}}}}`)
	out, code, line := b.call("ADD", netConf)
	if out != `{"cniVersion":"1.0.0"}` || code != 0 || b.seen("env") != "" || !line.Matched {
		t.Errorf("out %s, code %d, line %+v", out, code, line)
	}
	b = newBench(t, `{"id":"f","change":{"drop":{}}}`)
	if out, code, _ := b.call("DEL", netConf); out != "" || code != 0 {
		t.Errorf("out %q, code %d", out, code)
	}
}

func TestKeepsTheFailureOfTheOriginal(t *testing.T) {
	b := newBench(t, `{"id":"f","change":{"after":[["touch","${stdin:/name}"]],"stdout":[{"op":"add","path":"/x","value":1}]}}`)
	out, code, line := b.call("FAIL", netConf)
	if out != `{"code":7,"msg":"no"}` || code != 3 || len(line.Commands) != 0 {
		t.Errorf("out %s, code %d, line %+v", out, code, line)
	}
}

func TestChangesTheFailureOfTheOriginal(t *testing.T) {
	b := newBench(t, `{"id":"f","change":{"stdout":[{"op":"add","path":"/ips","value":[]}],"after":[["touch","${CNI_NETNS}"]],"failed":{
		"stdout":[{"op":"add","path":"/cniVersion","value":"${stdin:/cniVersion}"}],"after":[["echo","undo ${CNI_IFNAME} after ${stdout:/code}"]]}}}`)
	stdout, code, seen := b.call("FAIL", netConf)
	if code != 3 || stdout != `{"code":7,"msg":"no","cniVersion":"1.0.0"}` {
		t.Errorf("stdout %s, code %d", stdout, code)
	}
	if len(seen.Problems) > 0 || len(seen.Commands) != 1 || seen.Commands[0].Output != "undo net1 after 7" {
		t.Errorf("record %+v", seen)
	}
	b = newBench(t, `{"id":"f","change":{"exitCode":1,"failed":{"answer":{"code":100,"msg":"said properly"}}}}`)
	if stdout, code, _ := b.call("FAIL", netConf); code != 1 || stdout != `{"code":100,"msg":"said properly"}` {
		t.Errorf("stdout %s, code %d", stdout, code)
	}
	b = newBench(t, `{"id":"f","change":{"failed":{"answer":{"code":100,"msg":"said properly"}}}}`)
	if stdout, code, _ := b.call("ADD", netConf); code != 0 || strings.Contains(stdout, "code") {
		t.Errorf("a call that succeeds: stdout %s, code %d", stdout, code)
	}
}

func TestCommandsGetValuesAndTheirFailureIsRecorded(t *testing.T) {
	b := newBench(t, "{\"id\":\"f\",\"change\":{\"before\":[[\"sh\",\"-c\",\"exit 4\"]],\"after\":[[\"sh\",\"-c\",\"echo $1 $2; test -n \\\"$CNI_NETNS\\\"\",\"sh\",\"${K8S_POD_NAMESPACE}/${K8S_POD_NAME}\",\"${stdout:/ips/0/address}\"],[\"no-such-program\"]]}}")
	out, code, line := b.call("ADD", netConf)
	if code != 0 || out == "" || len(line.Commands) != 3 || line.Plant != "p1" {
		t.Fatalf("code %d, line %+v", code, line)
	}
	if got := line.Commands[1].Output; got != "ns1/pod-a 10.1.1.2/24" {
		t.Errorf("output %q", got)
	}
	if line.Commands[0].ExitCode != 4 || line.Commands[2].ExitCode != -1 || len(line.Problems) != 2 {
		t.Errorf("line %+v", line)
	}
}

func TestUnreadableSpecificationPassesOn(t *testing.T) {
	for _, text := range []string{"", `{"id":"f","chnage":{}}`, `{`} {
		b := newBench(t, text)
		out, code, line := b.call("ADD", netConf)
		if code != 0 || !strings.Contains(out, "10.1.1.2/24") || len(line.Problems) != 1 {
			t.Errorf("%q: code %d, out %s, line %+v", text, code, out, line)
		}
	}
}

func TestFindsTheOriginalAfterTheFaultWasTakenOut(t *testing.T) {
	b := newBench(t, `{"id":"f","change":{}}`)
	if err := os.Rename(b.binary+originalSuffix, b.binary); err != nil {
		t.Fatal(err)
	}
	if out, code, _ := b.call("ADD", netConf); code != 0 || !strings.Contains(out, "10.1.1.2/24") {
		t.Errorf("code %d, out %s", code, out)
	}
}

func TestMissingOriginalIsACniError(t *testing.T) {
	b := newBench(t, `{"id":"f","change":{}}`)
	_ = os.Remove(b.binary + originalSuffix)
	out, code, line := b.call("ADD", netConf)
	if code != 1 || !json.Valid([]byte(out)) || len(line.Problems) != 1 {
		t.Errorf("code %d, out %s, line %+v", code, out, line)
	}
}

func TestPointer(t *testing.T) {
	var document any
	_ = json.Unmarshal([]byte(`{"a":[{"b/c":1}],"d":"x"}`), &document)
	if at(document, "/a/0/b~1c") != float64(1) || at(document, "/a/1") != nil || at(document, "/d/x") != nil || at(document, "/d") != "x" {
		t.Error("pointer")
	}
}

// TestMain lets the test's own binary be the wrapper.
func TestMain(m *testing.M) {
	if os.Getenv("PLUMBLINE_TEST_WRAPPER") != "" {
		main()
		return
	}
	os.Exit(m.Run())
}

func TestArgumentsGoToTheOriginalAsTheyAre(t *testing.T) {
	dir := t.TempDir()
	binary := filepath.Join(dir, "dhcp")
	script := "#!/bin/sh\necho \"$CNI_COMMAND $*\"\n"
	if err := os.WriteFile(binary+originalSuffix, []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	own, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	wrapper := exec.Cmd{
		Path: own, Args: []string{binary, "daemon", "-socketpath", "x"},
		Env: append(os.Environ(), "PLUMBLINE_TEST_WRAPPER=1", "CNI_COMMAND="),
	}
	out, err := wrapper.CombinedOutput()
	if err != nil || strings.TrimSpace(string(out)) != "daemon -socketpath x" {
		t.Errorf("%v: %s", err, out)
	}
}
