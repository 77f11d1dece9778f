package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"plumbline.invalid/programs/internal/simvf"
)

const everything = withIPAM + `,"vlan":100,"vlanQoS":3,"vlanProto":"802.1AD","mac":"02:00:00:00:00:AA","spoofchk":"off","trust":"on",
	"link_state":"enable","min_tx_rate":10,"max_tx_rate":100,"mtu":1400`

func TestTheVFComesIsCheckedAndGoesBack(t *testing.T) {
	n := newNode(t)
	out := n.succeed("ADD", conf(everything))
	const want = `{"cniVersion":"1.1.0","interfaces":[{"name":"net1","mac":"02:00:00:00:00:aa","mtu":1400,"sandbox":"NETNS","pciID":"0000:af:10.0"}],` +
		`"ips":[{"interface":0,"address":"10.77.0.9/24","gateway":"10.77.0.1"}],"routes":[{"dst":"10.78.0.0/16"}]}`
	var compact, wanted any
	if err := json.Unmarshal([]byte(out), &compact); err != nil {
		t.Fatal(err)
	}
	_ = json.Unmarshal([]byte(strings.ReplaceAll(want, "NETNS", "/run/netns/"+n.pod)), &wanted)
	if fmt.Sprint(compact) != fmt.Sprint(wanted) {
		t.Errorf("result %v\nwant   %v", compact, wanted)
	}
	for what, want := range map[string]string{
		"link show dev net1 up": "02:00:00:00:00:aa", "link show dev net1": "mtu 1400", "address show dev net1": "inet 10.77.0.9/24",
		"route show 10.78.0.0/16": "via 10.77.0.1 dev net1",
	} {
		if got := n.ip(n.pod, strings.Fields(what)...); !strings.Contains(got, want) {
			t.Errorf("ip %s: %s", what, got)
		}
	}
	if got := n.ip(n.name, "link", "show"); strings.Contains(got, "simvf0@") {
		t.Errorf("the VF is still on the node: %s", got)
	}
	asked := simvf.Row{MAC: "02:00:00:00:00:aa", Vlan: 100, VlanQoS: 3, VlanProto: "802.1ad", MinTxRate: 10, MaxTxRate: 100, SpoofChk: "off", Trust: "on", LinkState: "enable"}
	if row := n.row("0"); row != asked {
		t.Errorf("row %+v", row)
	}
	if row := n.row("1"); row != simvf.Fresh {
		t.Errorf("row of another VF %+v", row)
	}
	checked := conf(everything + `,"prevResult":` + out)
	n.succeed("CHECK", checked)
	n.ip(n.pod, "link", "set", "net1", "mtu", "1300", "address", "02:00:00:00:00:bb")
	n.refuse("CHECK", checked, "MAC of net1 is 02:00:00:00:00:bb, not 02:00:00:00:00:aa")
	n.ip(n.pod, "link", "set", "net1", "down")
	n.ip(n.pod, "link", "set", "net1", "name", "renamed")
	n.succeed("DEL", conf(everything))
	n.untouched("DEL of an interface that the pod renamed and changed")
	history := n.history()
	if len(history) != 2 || history[0].Kind != "requested" || history[1].Kind != "restored" || history[0].ContainerID != "c1" ||
		fmt.Sprint(history[0].Values["vlan"], history[1].Values["vlan"]) != "100 0" || history[1].Values["trust"] != "off" {
		t.Errorf("history %+v", history)
	}
	n.succeed("DEL", conf(everything))
	n.untouched("DEL again")
	if len(n.history()) != 2 {
		t.Errorf("the second DEL restored again: %+v", n.history())
	}
	n.refuse("CHECK", checked, "not attached")
}

func TestWhatIsNotAskedForStays(t *testing.T) {
	n := newNode(t)
	out := n.succeed("ADD", conf(""))
	if !strings.Contains(out, `"mac": "02:5a:00:00:00:00"`) || !strings.Contains(out, `"mtu": 1450`) || n.row("0") != simvf.Fresh {
		t.Errorf("%s, row %+v", out, n.row("0"))
	}
	if n.exists("bin/calls") {
		t.Error("an IPAM plugin was called")
	}
	n.succeed("DEL", conf(""), "CNI_NETNS=") // a runtime may not know it any more
	n.untouched("DEL without a namespace")
}

func TestMACPrecedence(t *testing.T) {
	n := newNode(t)
	for _, row := range []struct{ rest, args, want string }{
		{`,"mac":"02:00:00:00:00:01"`, "", "02:00:00:00:00:01"},
		{`,"mac":"02:00:00:00:00:01"`, "IgnoreUnknown=1;K8S_POD_NAME=p;MAC=02:00:00:00:00:02", "02:00:00:00:00:02"},
		{`,"mac":"02:00:00:00:00:01","runtimeConfig":{"mac":"02:00:00:00:00:03"}`, "MAC=02:00:00:00:00:02", "02:00:00:00:00:03"},
	} {
		out := n.succeed("ADD", conf(row.rest), "CNI_ARGS="+row.args)
		if !strings.Contains(out, row.want) || !strings.Contains(n.ip(n.pod, "link", "show", "net1"), row.want) || n.row("0").MAC != row.want {
			t.Errorf("%s %s: %s", row.rest, row.args, out)
		}
		n.succeed("DEL", conf(row.rest))
		n.untouched(row.want)
	}
}

func TestBadInputTouchesNothing(t *testing.T) {
	n := newNode(t)
	for _, row := range []struct{ conf, says string }{
		{`{"cniVersion":"1.0.0","name":"n"}`, "VF pci addr is required"},
		{conf(`,"deviceID":"simvf0"`), `"simvf0" is no PCI address`},
		{conf(`,"deviceID":"0000:af:10.7"`), "failed to get VF information"},
		{conf(`,"vlan":4095`), "vlan id 4095 invalid: value must be in the range 0-4094"},
		{conf(`,"vlan":-1`), "vlan id -1 invalid: value must be in the range 0-4094"},
		{conf(`,"vlan":"ten"`), "failed to load netconf"},
		{conf(`,"vlan":5,"vlanQoS":8`), "vlan QoS PCP 8 invalid: value must be in the range 0-7"},
		{conf(`,"vlanQoS":1`), "vlan id must be configured to set vlan QoS to a non-nil value"},
		{conf(`,"vlan":0,"vlanQoS":1`), "non-zero vlan id must be configured to set vlan QoS"},
		{conf(`,"vlanProto":"802.1ad"`), "vlan id must be configured to set vlan proto"},
		{conf(`,"vlan":5,"vlanProto":"802.3"`), "vlan Proto 802.3 invalid: value must be '802.1Q' or '802.1ad'"},
		{conf(`,"vlan":0,"vlanProto":"802.1ad"`), "non-zero vlan id must be configured to set vlan proto 802.1ad"},
		{conf(`,"link_state":"up"`), "invalid link_state value: up"},
		{conf(`,"spoofchk":"yes"`), "invalid spoofchk value: yes"},
		{conf(`,"trust":"yes"`), "invalid trust value: yes"},
		{conf(`,"mac":"nonsense"`), "failed to parse MAC address nonsense"},
		{conf(`,"vlan":5,"mac":"01:00:5e:00:00:01"`), "failed to set MAC address to 01:00:5e:00:00:01: invalid argument"},
		{conf(`,"vlan":5,"min_tx_rate":200,"max_tx_rate":100`), "failed to set vf 0 min_tx_rate to 200 Mbps: max_tx_rate to 100 Mbps: invalid argument"},
		{conf(`,"max_tx_rate":-1`), "max_tx_rate to -1 Mbps: invalid argument"},
		{conf(`,"vlan":5,"mtu":70000`), "failed to set MTU of simvf0 to 70000"},
		{conf(`,"vlan":5,"ipam":{"type":"fake-ipam","fail":true}`), "no address left"},
		{conf(`,"vlan":5,"ipam":{"type":"fake-ipam","lost":true}`), "network is unreachable"},
		{conf(`,"vlan":5,"ipam":{"type":"no-such-ipam"}`), "no-such-ipam"},
	} {
		n.refuse("ADD", row.conf, row.says)
		n.untouched(row.says)
	}
	n.refuse("ADD", conf(`,"vlan":5`), "failed to open netns", "CNI_NETNS=/run/netns/no-such")
	n.untouched("no namespace")
	n.ip(n.pod, "link", "add", "net1", "type", "bridge")
	n.refuse("ADD", conf(`,"vlan":5`), "error setting container interface name net1")
	n.ip(n.pod, "link", "delete", "net1")
	n.untouched("the name is taken")
	n.refuse("ADD", `{"cniVersion":"0.2.0","name":"net-a","type":"x"}`, "incompatible CNI versions")
	if err := os.RemoveAll(filepath.Join(n.dir, "devices/0000:af:10.0/net")); err != nil {
		t.Fatal(err)
	}
	n.refuse("ADD", conf(""), "the VF 0000:af:10.0 does not have a interface name or a dpdk driver")
}

func TestAVFInUseIsRefused(t *testing.T) {
	n := newNode(t)
	n.succeed("ADD", conf(withIPAM+`,"vlan":7`))
	second := n.name + "-second"
	n.addNetns(second)
	other := []string{"CNI_CONTAINERID=c2", "CNI_NETNS=/run/netns/" + second}
	n.refuse("ADD", conf(withIPAM+`,"vlan":9`), "pci address 0000:af:10.0 is already allocated", other...)
	if n.row("0").Vlan != 7 || n.exists("state/c2-net1") || n.exists("bin/lease-c2-net1") || !strings.Contains(n.ip(n.pod, "link"), "net1") {
		t.Error("the refused ADD changed something")
	}
	n.succeed("DEL", conf(withIPAM), other...) // what a runtime does after a failed ADD
	if n.row("0").Vlan != 7 || !n.exists("state/pci/0000:af:10.0") {
		t.Error("the DEL of the refused one took the VF from its owner")
	}
	n.succeed("DEL", conf(withIPAM))
	n.untouched("DEL of the owner")
	n.succeed("ADD", conf(withIPAM), other...)
}

// makeAgain is what the watcher does for a VF that went with its namespace.
func (n *node) makeAgain() {
	n.t.Helper()
	n.must("link", "add", "simvf0", "address", "02:5a:00:00:00:00", "mtu", "1450", "type", "veth", "peer", "name", "simrep0")
}

func (n *node) deleteNetns(name string) {
	n.t.Helper()
	if output, err := exec.Command("ip", "netns", "delete", name).CombinedOutput(); err != nil {
		n.t.Fatalf("%v: %s", err, output)
	}
	for range 200 { // the kernel takes a namespace apart in its own time
		if !strings.Contains(n.ip(n.name, "-o", "link"), "simrep0") {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	n.t.Fatal("the VF outlives its namespace")
}

func TestDelWithoutTheNamespace(t *testing.T) {
	n := newNode(t)
	n.succeed("ADD", conf(withIPAM+`,"vlan":7`))
	n.deleteNetns(n.pod)
	n.makeAgain()
	n.addNetns(n.pod) // another one of the same path, with another link of the same index
	n.ip(n.pod, "link", "add", "net1", "index", "10010", "type", "bridge")
	n.succeed("DEL", conf(withIPAM), "CNI_NETNS=/run/netns/no-such")
	n.succeed("DEL", conf(withIPAM))
	if got := n.ip(n.pod, "link", "delete", "net1"); got != "" {
		t.Errorf("DEL took a link of another namespace: %s", got)
	}
	n.untouched("DEL")
}

func TestTheNextOwnerOfAVFThatWasNeverGivenBack(t *testing.T) {
	n := newNode(t)
	n.succeed("ADD", conf(`,"vlan":7`))
	n.deleteNetns(n.pod)
	n.makeAgain()
	second := n.name + "-second"
	n.addNetns(second)
	other := []string{"CNI_CONTAINERID=c2", "CNI_NETNS=/run/netns/" + second}
	n.succeed("ADD", conf(`,"trust":"on"`), other...)
	if row := n.row("0"); row.Vlan != 0 || row.Trust != "on" {
		t.Errorf("row %+v", row)
	}
	n.succeed("DEL", conf("")) // late
	if row := n.row("0"); row.Trust != "on" || !n.exists("state/pci/0000:af:10.0") || !strings.Contains(n.ip(second, "link"), "net1") {
		t.Errorf("the late DEL took the VF from its new owner: %+v", row)
	}
	n.succeed("DEL", conf(""), other...)
	n.addNetns(n.pod)
	n.untouched("DEL")
}

// An ADD that is killed leaves its file, and the interface under the name that it has between two namespaces.
func TestDelMendsAKilledAdd(t *testing.T) {
	for _, moved := range []bool{false, true} {
		n := newNode(t)
		n.succeed("ADD", conf(`,"vlan":7,"mac":"02:00:00:00:00:aa"`))
		path := filepath.Join(n.dir, "state/c1-net1")
		a, err := loadAttachment(path)
		if err != nil {
			t.Fatal(err)
		}
		a.PodIndex = 0
		content, _ := json.Marshal(a)
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		n.ip(n.pod, "link", "set", "net1", "down")
		n.ip(n.pod, "link", "set", "net1", "name", transitName("0000:af:10.0"))
		if !moved {
			n.ip(n.pod, "link", "set", transitName("0000:af:10.0"), "netns", n.name)
		}
		n.succeed("DEL", conf(""))
		n.untouched(fmt.Sprintf("moved %t", moved))
		for _, name := range []string{n.name, n.pod} {
			_ = exec.Command("ip", "netns", "delete", name).Run()
		}
	}
}

func TestDPDK(t *testing.T) {
	n := newNode(t)
	dpdk := `,"deviceID":"0000:af:10.2","vlan":3` + withIPAM
	out := n.succeed("ADD", conf(dpdk+`,"mac":"02:00:00:00:00:cc"`))
	if !strings.Contains(out, "10.77.0.9/24") || !strings.Contains(out, "02:00:00:00:00:cc") || !n.exists("bin/lease-c1-net1") || n.row("2").Vlan != 3 {
		t.Errorf("%s, row %+v", out, n.row("2"))
	}
	if got := n.ip(n.pod, "-o", "link"); strings.Contains(got, "net1") {
		t.Errorf("links in the pod: %s", got)
	}
	n.succeed("CHECK", conf(dpdk+`,"mac":"02:00:00:00:00:cc","prevResult":`+out))
	n.succeed("DEL", conf(dpdk))
	n.untouched("DEL")
	if n.row("2") != simvf.Fresh {
		t.Errorf("row %+v", n.row("2"))
	}
}

func TestGCKeepsTheValidOnes(t *testing.T) {
	n := newNode(t)
	second := n.name + "-second"
	n.addNetns(second)
	n.succeed("ADD", conf(`,"vlan":7`))
	n.succeed("ADD", conf(`,"deviceID":"0000:af:10.1","vlan":8`), "CNI_CONTAINERID=c2", "CNI_NETNS=/run/netns/"+second)
	n.succeed("GC", `{"cniVersion":"1.1.0","name":"another","type":"plumbline-sriov","cni.dev/valid-attachments":[]}`)
	if n.row("0").Vlan != 7 || n.row("1").Vlan != 8 {
		t.Error("GC of another network took VFs")
	}
	n.succeed("GC", `{"cniVersion":"1.1.0","name":"net-a","type":"plumbline-sriov","cni.dev/valid-attachments":[{"containerID":"c2","ifname":"net1"}]`+withIPAM+`}`)
	n.untouched("GC")
	if n.row("1").Vlan != 8 || !strings.Contains(n.ip(second, "link"), "net1") {
		t.Error("GC took a valid one")
	}
	calls, _ := os.ReadFile(filepath.Join(n.bin, "calls"))
	if string(calls) != "GC\n" {
		t.Errorf("calls of the IPAM plugin: %s", calls)
	}
}

func TestStatusAndVersion(t *testing.T) {
	n := newNode(t)
	n.succeed("STATUS", conf(withIPAM))
	out := n.succeed("VERSION", `{"cniVersion":"1.0.0"}`)
	if !strings.Contains(out, `["0.3.0","0.3.1","0.4.0","1.0.0","1.1.0"]`) {
		t.Error(out)
	}
	if err := os.RemoveAll(filepath.Join(n.dir, "devices")); err != nil {
		t.Fatal(err)
	}
	n.refuse("STATUS", conf(""), "there is no virtual function")
}

func TestParallelAddsOfOneVF(t *testing.T) {
	n := newNode(t)
	second := n.name + "-second"
	n.addNetns(second)
	codes := make(chan int, 2)
	for id, netns := range map[string]string{"c1": n.pod, "c2": second} {
		go func() {
			_, code := n.call("ADD", conf(""), "CNI_CONTAINERID="+id, "CNI_NETNS=/run/netns/"+netns)
			codes <- code
		}()
	}
	if first, other := <-codes, <-codes; first+other != 1 {
		t.Errorf("exit codes %d and %d: one must have it, and one must not", first, other)
	}
}
