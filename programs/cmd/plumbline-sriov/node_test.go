package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"plumbline.invalid/programs/internal/simvf"
)

// fakeIPAM hands out one address, and keeps it as a file until DEL; it fails when it is told to. The real ones are not
// built here, and what matters is that each call comes, and in what order.
const fakeIPAM = `#!/bin/sh
input=$(cat); lease=$CNI_PATH/lease-$CNI_CONTAINERID-$CNI_IFNAME
echo "$CNI_COMMAND" >> "$CNI_PATH/calls"
case "$CNI_COMMAND" in
ADD)
  case "$input" in *'"fail":true'*) echo '{"cniVersion":"1.0.0","code":11,"msg":"no address left"}'; exit 1 ;; esac
  echo held > "$lease"
  case "$input" in *'"lost":true'*) gw=',"gw":"10.99.0.1"' ;; esac
  echo '{"cniVersion":"1.0.0","ips":[{"address":"10.77.0.9/24","gateway":"10.77.0.1"}],"routes":[{"dst":"10.78.0.0/16"'$gw'}]}' ;;
DEL) rm -f "$lease" ;;
esac
`

// node is a network namespace with VFs 0 and 1 of simpf0 and a DPDK VF 2, a second one as pod, and folders of its own.
type node struct {
	t           *testing.T
	name, pod   string
	dir, bin    string
	containerID string
}

func newNode(t *testing.T) *node {
	t.Helper()
	if os.Getuid() != 0 {
		t.Skip("network namespaces need root")
	}
	prefix := fmt.Sprintf("plsriov-%d-%d", os.Getpid(), len(t.Name()))
	n := &node{t: t, name: prefix + "-node", pod: prefix + "-pod", dir: t.TempDir(), containerID: "c1"}
	n.bin = filepath.Join(n.dir, "bin")
	n.addNetns(n.name)
	n.addNetns(n.pod)
	for i := range 2 {
		n.must("link", "add", fmt.Sprintf("simvf%d", i), "index", fmt.Sprint(10010+i), "address", fmt.Sprintf("02:5a:00:00:00:%02d", i),
			"mtu", "1450", "type", "veth", "peer", "name", fmt.Sprintf("simrep%d", i))
		n.must("link", "set", fmt.Sprintf("simrep%d", i), "up")
	}
	n.mkdir("devices/0000:af:00.0/net/simpf0")
	for i, driver := range []string{"igbvf", "igbvf", "vfio-pci"} {
		pci := fmt.Sprintf("0000:af:10.%d", i)
		n.mkdir("devices/" + pci)
		n.mkdir("drivers/" + driver)
		n.link("../../drivers/"+driver, "devices/"+pci+"/driver")
		n.link("../0000:af:00.0", "devices/"+pci+"/physfn")
		n.link("../"+pci, fmt.Sprintf("devices/0000:af:00.0/virtfn%d", i))
	}
	n.mkdir("devices/0000:af:10.0/net/simvf0")
	n.mkdir("devices/0000:af:10.1/net/simvf1")
	n.mkdir("bin")
	if err := os.WriteFile(filepath.Join(n.bin, "fake-ipam"), []byte(fakeIPAM), 0o755); err != nil {
		t.Fatal(err)
	}
	return n
}

func (n *node) addNetns(name string) {
	n.t.Helper()
	if output, err := exec.Command("ip", "netns", "add", name).CombinedOutput(); err != nil {
		n.t.Skipf("no network namespace can be made here: %v: %s", err, output)
	}
	n.t.Cleanup(func() { _ = exec.Command("ip", "netns", "delete", name).Run() })
}

func (n *node) mkdir(path string) {
	n.t.Helper()
	if err := os.MkdirAll(filepath.Join(n.dir, path), 0o755); err != nil {
		n.t.Fatal(err)
	}
}

func (n *node) link(target, path string) {
	n.t.Helper()
	if err := os.Symlink(target, filepath.Join(n.dir, path)); err != nil {
		n.t.Fatal(err)
	}
}

func (n *node) must(args ...string) {
	n.t.Helper()
	if output, err := exec.Command("ip", append([]string{"-n", n.name}, args...)...).CombinedOutput(); err != nil {
		n.t.Fatalf("ip %v: %v: %s", args, err, output)
	}
}

// ip is what ip says in a namespace, be it an error.
func (n *node) ip(netns string, args ...string) string {
	output, err := exec.Command("ip", append([]string{"-n", netns}, args...)...).CombinedOutput()
	if err != nil {
		return err.Error() + ": " + string(output)
	}
	return string(output)
}

// call runs the test binary as the plugin on the node.
func (n *node) call(command, stdin string, environ ...string) (string, int) {
	n.t.Helper()
	c := exec.Command("nsenter", "--net=/run/netns/"+n.name, os.Args[0])
	c.Env = append([]string{
		"PATH=" + os.Getenv("PATH"), "PLUMBLINE_TEST_DIR=" + n.dir, "CNI_PATH=" + n.bin, "CNI_COMMAND=" + command,
		"CNI_CONTAINERID=" + n.containerID, "CNI_IFNAME=net1", "CNI_NETNS=/run/netns/" + n.pod,
	}, environ...)
	c.Stdin = strings.NewReader(stdin)
	var stdout, stderr bytes.Buffer
	c.Stdout, c.Stderr = &stdout, &stderr
	err := c.Run()
	if c.ProcessState == nil {
		n.t.Fatal(err)
	}
	if stderr.Len() > 0 {
		n.t.Logf("%s: stderr %s", command, &stderr)
	}
	return strings.TrimSpace(stdout.String()), c.ProcessState.ExitCode()
}

// succeed is a call that must.
func (n *node) succeed(command, stdin string, environ ...string) string {
	n.t.Helper()
	out, code := n.call(command, stdin, environ...)
	if code != 0 {
		n.t.Fatalf("%s %s: code %d, %s", command, stdin, code, out)
	}
	return out
}

// refuse is a call that must fail and say so.
func (n *node) refuse(command, stdin, says string, environ ...string) {
	n.t.Helper()
	out, code := n.call(command, stdin, environ...)
	var failure struct{ Msg, Details string }
	if err := json.Unmarshal([]byte(out), &failure); err != nil || code != 1 || !strings.Contains(failure.Msg+failure.Details, says) {
		n.t.Errorf("%s %s: code %d, %s, want %q", command, stdin, code, out, says)
	}
}

func (n *node) exists(path string) bool {
	_, err := os.Lstat(filepath.Join(n.dir, path))
	return err == nil
}

func (n *node) row(vf string) simvf.Row {
	n.t.Helper()
	content, err := os.ReadFile(simvf.TablePath(n.dir, "simpf0"))
	if err != nil {
		return simvf.Fresh
	}
	var table struct {
		VFs map[string]simvf.Row `json:"vfs"`
	}
	if err := json.Unmarshal(content, &table); err != nil {
		n.t.Fatal(err)
	}
	row, ok := table.VFs[vf]
	if !ok {
		return simvf.Fresh
	}
	return row
}

func (n *node) history() []simvf.Change {
	n.t.Helper()
	content, _ := os.ReadFile(simvf.HistoryPath(n.dir, "simpf0"))
	changes := []simvf.Change{}
	for line := range strings.Lines(string(content)) {
		var change simvf.Change
		if err := json.Unmarshal([]byte(line), &change); err != nil {
			n.t.Fatal(err)
		}
		changes = append(changes, change)
	}
	return changes
}

// untouched is a node with its VFs at home, as they were, and no file of a pod.
func (n *node) untouched(when string) {
	n.t.Helper()
	if got := n.ip(n.name, "link", "show", "dev", "simvf0"); !strings.Contains(got, "02:5a:00:00:00:00") || !strings.Contains(got, "mtu 1450") || !strings.Contains(got, "state DOWN") {
		n.t.Errorf("%s: the VF is not home: %s", when, got)
	}
	if got := n.ip(n.pod, "-o", "link", "show"); strings.Count(got, "\n") != 1 {
		n.t.Errorf("%s: links in the pod: %s", when, got)
	}
	if row := n.row("0"); row != simvf.Fresh {
		n.t.Errorf("%s: row %+v", when, row)
	}
	for _, path := range []string{"state/c1-net1", "state/pci/0000:af:10.0", "bin/lease-c1-net1"} {
		if n.exists(path) {
			n.t.Errorf("%s: %s is left", when, path)
		}
	}
}

func conf(rest string) string {
	return `{"cniVersion":"1.1.0","name":"net-a","type":"plumbline-sriov","deviceID":"0000:af:10.0"` + rest + `}`
}

const withIPAM = `,"ipam":{"type":"fake-ipam"}`

// TestMain runs the plugin in place of the tests where a test calls its own binary.
func TestMain(m *testing.M) {
	if dir := os.Getenv("PLUMBLINE_TEST_DIR"); dir != "" {
		devicesDir, tableDir, stateDir = filepath.Join(dir, "devices"), dir, filepath.Join(dir, "state")
		main()
		os.Exit(0)
	}
	os.Exit(m.Run())
}
