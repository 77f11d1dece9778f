package main

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// kernelFiles stands for the folders of a kernel with netdevsim, which few kernels have: what is written to them is looked
// at, and a device is there as the kernel would make it.
func kernelFiles(t *testing.T, number string) netdevsim {
	t.Helper()
	dir := t.TempDir()
	d := netdevsim{bus: filepath.Join(dir, "bus"), debug: filepath.Join(dir, "debug")}
	device := filepath.Join(d.bus, "devices", "netdevsim"+number)
	for _, path := range []string{filepath.Join(device, "net", "eth1"), filepath.Join(d.debug, "netdevsim"+number)} {
		if err := os.MkdirAll(path, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for _, path := range []string{
		filepath.Join(d.bus, "new_device"), filepath.Join(d.bus, "del_device"), filepath.Join(device, "sriov_numvfs"),
		filepath.Join(d.debug, "netdevsim"+number, "max_vfs"),
	} {
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return d
}

func TestADeviceIsAskedOfTheKernel(t *testing.T) {
	for _, row := range []struct {
		vfs  int
		most string
	}{{4, ""}, {8, "8"}} {
		d := kernelFiles(t, "17000000")
		name, err := d.create(17000000, row.vfs)
		if err != nil || name != "eth1" {
			t.Fatalf("%q, %v", name, err)
		}
		if got := read(t, filepath.Join(d.bus, "new_device")); got != "17000000 1" {
			t.Errorf("new_device %q", got)
		}
		if got := read(t, filepath.Join(d.debug, "netdevsim17000000", "max_vfs")); got != row.most {
			t.Errorf("%d VFs: max_vfs %q, want %q", row.vfs, got, row.most)
		}
		if got := read(t, filepath.Join(d.device(17000000), "sriov_numvfs")); got != string(rune('0'+row.vfs)) {
			t.Errorf("sriov_numvfs %q", got)
		}
		if err := d.remove(17000000); err != nil {
			t.Error(err)
		}
		if got := read(t, filepath.Join(d.bus, "del_device")); got != "17000000" {
			t.Errorf("del_device %q", got)
		}
	}
}

func TestADeviceWithoutItsPortIsTold(t *testing.T) {
	d := kernelFiles(t, "17000000")
	if err := os.Remove(filepath.Join(d.device(17000000), "net", "eth1")); err != nil {
		t.Fatal(err)
	}
	if _, err := d.create(17000000, 4); err == nil || !strings.Contains(err.Error(), "has 0 interfaces here") {
		t.Errorf("%v", err)
	}
	if err := d.remove(17000001); err != nil { // none of that number
		t.Error(err)
	}
	if got := read(t, filepath.Join(d.bus, "del_device")); got != "" {
		t.Errorf("del_device %q", got)
	}
}

// Where the kernel has it, the rest is the same as of a function made of veth; here that it says what is missing.
func TestWithoutNetdevsimNothingIsLeft(t *testing.T) {
	if _, err := os.Stat(realNetdevsim.bus); err == nil {
		t.Skip("the kernel has netdevsim")
	}
	t.Cleanup(func() { _ = down() })
	before := links(t)
	if err := run(t.Context(), []string{"up", "-vfs", "2", "-function", "netdevsim"}, io.Discard); !errors.Is(err, errNoNetdevsim) {
		t.Errorf("%v", err)
	}
	do(t, "down")
	if got := links(t); got != before {
		t.Errorf("links %s, before %s", got, before)
	}
	if mounts := read(t, "/proc/self/mountinfo"); strings.Contains(mounts, debugfs) {
		t.Errorf("mounts are left: %s", mounts)
	}
}

func TestTheNumberIsTheNodes(t *testing.T) {
	one, other := &settings{Node: "a"}, &settings{Node: "b"}
	if one.deviceNumber() != (&settings{Node: "a", VFs: 3}).deviceNumber() || one.deviceNumber() == other.deviceNumber() {
		t.Errorf("%d, %d", one.deviceNumber(), other.deviceNumber())
	}
	if one.deviceNumber() < firstDevice {
		t.Errorf("%d is a number that people type", one.deviceNumber())
	}
}
