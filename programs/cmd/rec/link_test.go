package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"plumbline.invalid/programs/internal/calls"
)

// newNetns makes a network namespace for one test, and returns its path.
func newNetns(t *testing.T) string {
	t.Helper()
	if os.Getuid() != 0 {
		t.Skip("network namespaces need root")
	}
	name := fmt.Sprintf("plrec-test-%d-%d", os.Getpid(), len(t.Name()))
	if output, err := exec.Command("ip", "netns", "add", name).CombinedOutput(); err != nil {
		t.Skipf("no network namespace can be made here: %v: %s", err, output)
	}
	t.Cleanup(func() { _ = exec.Command("ip", "netns", "delete", name).Run() })
	return "/run/netns/" + name
}

func ipIn(t *testing.T, netns string, args ...string) string {
	t.Helper()
	output, err := exec.Command("nsenter", append([]string{"--net=" + netns, "ip"}, args...)...).CombinedOutput()
	if err != nil {
		return err.Error() + ": " + string(output)
	}
	return string(output)
}

const linkConf = `{"cniVersion":"1.0.0","name":"net-a","rec":{"addresses":["10.1.2.3/24","fd00:1::2/64"],"mac":"02:00:00:00:00:09",
	"routes":[{"dst":"10.9.0.0/16","gw":"10.1.2.1"},{"dst":"10.8.0.0/16"},{"dst":"::/0","gw":"fd00:1::1"},{"dst":"10.9.0.0/16"}]}}`

func TestLinkComesIsCheckedAndGoes(t *testing.T) {
	netns := newNetns(t)
	in := "CNI_NETNS=" + netns
	out, _, code := run(t, "ADD", linkConf, in)
	if code != 0 || !strings.Contains(out, `"mac":"02:00:00:00:00:09","sandbox":"`+netns+`"`) {
		t.Fatalf("ADD: code %d, out %s", code, out)
	}
	for what, want := range map[string]string{
		"link show dev net1 up": "02:00:00:00:00:09", "address show dev net1": "inet 10.1.2.3/24",
		"-6 address show dev net1": "inet6 fd00:1::2/64", "route show 10.9.0.0/16": "via 10.1.2.1 dev net1",
		"route show 10.8.0.0/16": "dev net1", "-6 route show default": "via fd00:1::1 dev net1",
	} {
		if got := ipIn(t, netns, strings.Fields(what)...); !strings.Contains(got, want) {
			t.Errorf("ip %s: %s", what, got)
		}
	}
	if out, _, code := run(t, "ADD", linkConf, in); code != 1 || !strings.Contains(out, "already exists") {
		t.Errorf("ADD again: code %d, out %s", code, out)
	}
	if out, _, code := run(t, "CHECK", linkConf, in); code != 0 {
		t.Errorf("CHECK: code %d, out %s", code, out)
	}
	ipIn(t, netns, "address", "delete", "10.1.2.3/24", "dev", "net1")
	if out, _, code := run(t, "CHECK", linkConf, in); code != 1 || !strings.Contains(out, `"code":100`) || !strings.Contains(out, "10.1.2.3/24") {
		t.Errorf("CHECK without the address: code %d, out %s", code, out)
	}
	for range 2 {
		if out, _, code := run(t, "DEL", linkConf, in); code != 0 || out != "" {
			t.Errorf("DEL: code %d, out %s", code, out)
		}
	}
	if got := ipIn(t, netns, "link", "show"); strings.Contains(got, "net1") {
		t.Errorf("the link is still there: %s", got)
	}
	if _, _, code := run(t, "CHECK", linkConf, in); code != 1 {
		t.Error("CHECK without the link passed")
	}
}

func TestALinkOfAnotherPluginStays(t *testing.T) {
	netns := newNetns(t)
	ipIn(t, netns, "link", "add", "name", "net1", "type", "bridge")
	chained := `{"cniVersion":"1.0.0","prevResult":{}}`
	for _, command := range []string{"ADD", "CHECK", "DEL"} {
		if out, _, code := run(t, command, chained, "CNI_NETNS="+netns); code != 0 {
			t.Errorf("%s: %s", command, out)
		}
	}
	if got := ipIn(t, netns, "link", "show"); !strings.Contains(got, "net1") {
		t.Error("DEL removed it")
	}
}

func TestAFailedAddLeavesNoLink(t *testing.T) {
	netns := newNetns(t)
	for _, rec := range []string{
		`"script":{"ADD":{"error":{"code":11,"msg":"m"}}}`,
		`"routes":[{"dst":"10.9.0.0/16","gw":"10.77.0.1"}]`,
		`"mac":"nonsense"`,
	} {
		if out, _, code := run(t, "ADD", `{"cniVersion":"1.0.0","rec":{`+rec+`}}`, "CNI_NETNS="+netns); code != 1 {
			t.Errorf("%s: code %d, out %s", rec, code, out)
		}
		if got := ipIn(t, netns, "link", "show"); strings.Contains(got, "net1") {
			t.Errorf("%s: %s", rec, got)
		}
	}
	scripted := `{"cniVersion":"1.0.0","rec":{"script":{"ADD":{"result":{"x":1}}}}}`
	if out, _, _ := run(t, "ADD", scripted, "CNI_NETNS="+netns); out != `{"x":1}` || !strings.Contains(ipIn(t, netns, "link", "show"), "net1") {
		t.Errorf("a scripted result comes with a link: %s", out)
	}
}

// TestWholeProgram runs the test binary as the plugin, so that streams, exit code and log are the real ones.
func TestWholeProgram(t *testing.T) {
	log := filepath.Join(t.TempDir(), "log.jsonl")
	for i, row := range []struct {
		stdin, logged, stdout string
		exitCode              int
	}{
		{conf(`,"script":{"DEL":{"stdout":"raw","stderr":"oh","exitCode":9}}`), "", "raw", 9},
		{`{"broken`, `{"broken`, "", 1},
		{conf(`,"sript":{}`), "", "", 1},
	} {
		c := exec.Command(os.Args[0])
		// No PATH, as a caller may leave it.
		c.Env = []string{"PLUMBLINE_TEST_LOG=" + log, "CNI_COMMAND=DEL", "CNI_CONTAINERID=c1", "CNI_ARGS=K8S_POD_NAME=p"}
		c.Stdin = strings.NewReader(row.stdin)
		stdout, _ := c.Output()
		content, err := os.ReadFile(log)
		if err != nil {
			t.Fatal(err)
		}
		lines := strings.Split(strings.TrimSpace(string(content)), "\n")
		var line calls.Line
		if err := json.Unmarshal([]byte(lines[len(lines)-1]), &line); err != nil || len(lines) != i+1 {
			t.Fatalf("%d lines, %v", len(lines), err)
		}
		if row.stdout != "" && string(stdout) != row.stdout || c.ProcessState.ExitCode() != row.exitCode {
			t.Errorf("%s: stdout %s, exit code %d", row.stdin, stdout, c.ProcessState.ExitCode())
		}
		if line.Program != "plumbline-rec" || line.Command != "DEL" || line.Args["K8S_POD_NAME"] != "p" || line.Stdout != string(stdout) || line.ExitCode != row.exitCode {
			t.Errorf("%s: line %+v", row.stdin, line)
		}
		if text, isText := line.Stdin.(string); isText != (row.logged != "") || text != row.logged {
			t.Errorf("%s: stdin in the log %v", row.stdin, line.Stdin)
		}
	}
}
