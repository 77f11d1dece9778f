package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/vishvananda/netlink"

	"plumbline.invalid/programs/internal/simvf"
)

func table(t *testing.T) map[string]simvf.Row {
	t.Helper()
	var out bytes.Buffer
	if err := run(t.Context(), []string{"table"}, &out); err != nil {
		t.Fatal(err)
	}
	var found struct {
		VFs map[string]simvf.Row `json:"vfs"`
	}
	if err := json.Unmarshal(out.Bytes(), &found); err != nil {
		t.Fatal(err)
	}
	return found.VFs
}

func TestAVFIsTidiedAtHomeAlone(t *testing.T) {
	t.Cleanup(func() { _ = down() })
	made := do(t, "up", "-vfs", "2")
	asked := simvf.Fresh
	asked.Vlan, asked.Trust = 7, "on"
	record, err := simvf.OpenTable(simvf.Dir, pfName)
	if err != nil {
		t.Fatal(err)
	}
	for vf := range 2 {
		if err := record.Set(vf, asked, simvf.Change{}); err != nil {
			t.Fatal(err)
		}
	}
	if err := record.Close(); err != nil {
		t.Fatal(err)
	}
	owner := filepath.Join(owners[0], made.Functions[0].PCI)
	if err := os.MkdirAll(owners[0], 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(owner, []byte("{}"), 0o600); err != nil {
		t.Fatal(err)
	}
	ip(t, "link", "set", "simvf0", "address", "02:00:00:00:00:99", "mtu", "1400", "up")
	ip(t, "link", "set", "simvf1", "name", "elsewhere")
	for _, f := range made.Functions {
		if err := run(t.Context(), []string{"tidy", f.PCI}, &bytes.Buffer{}); err != nil {
			t.Fatal(err)
		}
	}
	if link := ip(t, "link", "show", "simvf0"); !strings.Contains(link, made.Functions[0].MAC) || !strings.Contains(link, "mtu 1500") || !strings.Contains(link, "DOWN") {
		t.Errorf("at home: %s", link)
	}
	if _, err := os.Stat(owner); !os.IsNotExist(err) {
		t.Errorf("its owner is still told: %v", err)
	}
	if got, want := table(t), map[string]simvf.Row{"0": simvf.Fresh, "1": asked}; fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("table %v, want %v", got, want)
	}
}

func TestTheKernelsRowIsToldAsOurs(t *testing.T) {
	zero := make(net.HardwareAddr, 6)
	for _, row := range []struct {
		kernel netlink.VfInfo
		want   simvf.Row
	}{
		{netlink.VfInfo{Mac: zero, Spoofchk: true}, simvf.Fresh},
		{
			netlink.VfInfo{Mac: zero, Vlan: 5, Qos: 3, VlanProto: 0xa888, MinTxRate: 100, MaxTxRate: 1000, LinkState: 1, Trust: 1},
			simvf.Row{MAC: zero.String(), Vlan: 5, VlanQoS: 3, VlanProto: "802.1ad", MinTxRate: 100, MaxTxRate: 1000, SpoofChk: "off", Trust: "on", LinkState: "enable"},
		},
		{
			netlink.VfInfo{Mac: zero, VlanProto: 0x0081, LinkState: 9},
			simvf.Row{MAC: zero.String(), VlanProto: "802.1q", SpoofChk: "off", Trust: "off", LinkState: "9"},
		},
	} {
		if got := rowOf(row.kernel); got != row.want {
			t.Errorf("%+v is told as %+v, want %+v", row.kernel, got, row.want)
		}
	}
}
