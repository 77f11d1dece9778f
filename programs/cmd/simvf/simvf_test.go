package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"plumbline.invalid/programs/internal/simvf"
)

// init keeps the main thread, whose namespace is that of the process, away from goroutines that enter others.
func init() { runtime.LockOSThread() }

// TestMain runs the tests in namespaces of their own, with a /sys, /var/lib and /run of their own: the paths are the real
// ones, and nothing of this host is touched.
func TestMain(m *testing.M) {
	if os.Getuid() != 0 {
		fmt.Println("skipped: simulated VFs need root")
		return
	}
	if os.Getenv("PLUMBLINE_TEST_INSIDE") == "" {
		c := exec.Command("unshare", append([]string{"--mount", "--net", "--uts", "--propagation", "private", os.Args[0]}, os.Args[1:]...)...)
		c.Env = append(os.Environ(), "PLUMBLINE_TEST_INSIDE=1")
		c.Stdout, c.Stderr = os.Stdout, os.Stderr
		if err := c.Run(); err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		return
	}
	for _, mount := range [][2]string{{"sysfs", "/sys"}, {"tmpfs", "/var/lib"}, {"tmpfs", "/run"}} {
		if err := unix.Mount(mount[0], mount[1], mount[0], 0, ""); err != nil {
			fmt.Printf("mount %s: %v\n", mount[1], err)
			os.Exit(1)
		}
	}
	os.Exit(m.Run())
}

func do(t *testing.T, args ...string) state {
	t.Helper()
	var out bytes.Buffer
	if err := run(t.Context(), args, &out); err != nil {
		t.Fatalf("simvf %v: %v", args, err)
	}
	var found state
	if out.Len() > 0 {
		if err := json.Unmarshal(out.Bytes(), &found); err != nil {
			t.Fatal(err)
		}
	}
	return found
}

func refuse(t *testing.T, says string, args ...string) {
	t.Helper()
	if err := run(t.Context(), args, io.Discard); err == nil || !strings.Contains(err.Error(), says) {
		t.Errorf("simvf %v: %v, want %q", args, err, says)
	}
}

func ip(t *testing.T, args ...string) string {
	t.Helper()
	output, err := exec.Command("ip", args...).CombinedOutput()
	if err != nil {
		t.Fatalf("ip %v: %v: %s", args, err, output)
	}
	return string(output)
}

func read(t *testing.T, path string) string {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

func names(t *testing.T, dir string) string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	found := []string{}
	for _, entry := range entries {
		found = append(found, entry.Name())
	}
	return strings.Join(found, " ")
}

// realDevices is the bus before anything is laid over it.
func realDevices(t *testing.T) map[string]string {
	t.Helper()
	found := map[string]string{}
	for _, name := range strings.Fields(names(t, "/sys/bus/pci/devices")) {
		path, err := filepath.EvalSymlinks("/sys/bus/pci/devices/" + name)
		if err != nil {
			t.Fatal(err)
		}
		driver, err := filepath.EvalSymlinks(path + "/driver")
		if err == nil {
			driver = filepath.Base(driver) + " " + names(t, driver)
		}
		found[name] = path + " " + driver
	}
	return found
}

func links(t *testing.T) string {
	t.Helper()
	found := []string{}
	for _, line := range strings.Split(strings.TrimSpace(ip(t, "-o", "link")), "\n") {
		found = append(found, strings.TrimSuffix(strings.Fields(line)[1], ":"))
	}
	return strings.Join(found, " ")
}

func TestUpAndDown(t *testing.T) {
	linksBefore, before := links(t), realDevices(t)
	t.Cleanup(func() { _ = down() })
	made := do(t, "up", "-dpdk", "1")
	if again := do(t, "up", "-dpdk", "1"); fmt.Sprint(again) != fmt.Sprint(made) {
		t.Errorf("up again: %v, before %v", again, made)
	}
	if shown := do(t, "status"); fmt.Sprint(shown) != fmt.Sprint(made) || len(made.Functions) != 4 {
		t.Errorf("status %v, up %v", shown, made)
	}
	for i, f := range made.Functions[:3] {
		link := ip(t, "link", "show", f.Interface)
		if f.Where != "home" || f.PCI != fmt.Sprintf("0000:af:10.%d", i) || !strings.Contains(link, f.MAC) || !strings.HasPrefix(link, fmt.Sprint(10010+i)) || !strings.Contains(link, "DOWN") {
			t.Errorf("%+v, %s", f, link)
		}
		if rep := ip(t, "link", "show", repName(i)); !strings.Contains(rep, "master simbr0") || !strings.Contains(rep, ",UP") && !strings.Contains(rep, "UP,") && !strings.Contains(rep, ",UP>") {
			t.Errorf("port: %s", rep)
		}
	}
	if last := made.Functions[3]; last.Driver != "vfio-pci" || last.Interface != "" || strings.Contains(links(t), "simvf3") {
		t.Errorf("DPDK: %+v, links %s", last, links(t))
	}
	for path, want := range map[string]string{
		"/sys/bus/pci/devices/0000:af:10.1/vendor": "0x8086\n", "/sys/bus/pci/devices/0000:af:10.1/physfn/sriov_numvfs": "4\n",
		"/sys/class/net/simpf0/device/sriov_numvfs": "4\n", "/sys/bus/pci/devices/0000:af:10.1/numa_node": "0\n",
		"/sys/bus/pci/devices/0000:af:10.1/net/simvf1/address": made.Functions[1].MAC + "\n",
		"/sys/class/net/simpf0/mtu":                            "1500\n",
	} {
		if got := read(t, path); got != want {
			t.Errorf("%s: %q, want %q", path, got, want)
		}
	}
	if got := read(t, "/sys/bus/pci/devices/0000:af:10.1/modalias"); len(got) != 54 {
		t.Errorf("modalias of %d characters: programs want 54", len(got))
	}
	for link, want := range map[string]string{
		"/sys/bus/pci/devices/0000:af:10.1/driver": "igbvf", "/sys/bus/pci/devices/0000:af:10.3/driver": "vfio-pci",
		"/sys/class/net/simpf0/device/virtfn2": "0000:af:10.2", "/sys/bus/pci/devices/0000:af:10.2/physfn": "0000:af:00.0",
	} {
		if got, err := filepath.EvalSymlinks(link); err != nil || filepath.Base(got) != want {
			t.Errorf("%s leads to %s, %v", link, got, err)
		}
	}
	if got := names(t, "/sys/bus/pci/devices/0000:af:00.0/net"); got != "simpf0" {
		t.Errorf("interfaces of the physical function: %s", got)
	}
	after := realDevices(t)
	for name, was := range before {
		if after[name] != was {
			t.Errorf("real device %s: %s, before %s", name, after[name], was)
		}
	}
	do(t, "down")
	do(t, "down")
	if got := links(t); got != linksBefore {
		t.Errorf("links %s, before %s", got, linksBefore)
	}
	if got := realDevices(t); fmt.Sprint(got) != fmt.Sprint(before) {
		t.Errorf("devices %v, before %v", got, before)
	}
	if _, err := os.Stat(simvf.Dir); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("%s is left", simvf.Dir)
	}
	if mounts := read(t, "/proc/self/mountinfo"); strings.Contains(mounts, "bus-pci") || strings.Contains(mounts, realBus) {
		t.Errorf("mounts are left: %s", mounts)
	}
}

// A restart of a node takes links, mounts and /run, and leaves /var.
func TestRestoreAfterARestart(t *testing.T) {
	t.Cleanup(func() { _ = down() })
	before := realDevices(t)
	made := do(t, "up", "-vfs", "2")
	s, err := loadSettings()
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(unmountTree(s), removeLinks(s), os.RemoveAll("/run/plumbline")); err != nil {
		t.Fatal(err)
	}
	if got := do(t, "status"); got.Functions[0].Where != "lost" {
		t.Errorf("%+v", got)
	}
	if got := do(t, "restore"); fmt.Sprint(got) != fmt.Sprint(made) {
		t.Errorf("restored %v, before %v", got, made)
	}
	if got := read(t, "/sys/class/net/simpf0/device/virtfn1/vendor"); got != "0x8086\n" {
		t.Error(got)
	}
	for name, was := range before {
		if got := realDevices(t)[name]; got != was {
			t.Errorf("real device %s: %s, before %s", name, got, was)
		}
	}
}

func TestTheFabricIsFoundByItsMAC(t *testing.T) {
	t.Cleanup(func() { _ = down() })
	const mac = "02:42:0a:00:00:05"
	ip(t, "link", "add", "eth0", "address", "02:42:0a:00:00:04", "type", "veth", "peer", "name", "host0")
	ip(t, "link", "add", "eth1", "address", mac, "type", "veth", "peer", "name", "host1")
	t.Cleanup(func() { ip(t, "link", "delete", "host0"); ip(t, "link", "delete", "host1") })
	ip(t, "address", "add", "10.9.0.5/16", "dev", "eth1")
	if got := do(t, "up", "-fabric-mac", strings.ToUpper(mac)); got.Fabric != "eth1" {
		t.Errorf("%+v", got)
	}
	if got := ip(t, "address", "show", "eth1"); !strings.Contains(got, "master simbr0") || strings.Contains(got, "10.9.0.5") {
		t.Errorf("fabric: %s", got)
	}
	if got := ip(t, "link", "show", "simbr0"); strings.Contains(got, mac) {
		t.Errorf("the bridge took the MAC of its port: %s", got)
	}
	// swapped names, as after a restart
	ip(t, "link", "set", "eth1", "nomaster", "down")
	ip(t, "link", "set", "eth0", "down", "name", "other")
	ip(t, "link", "set", "eth1", "name", "eth0")
	ip(t, "link", "set", "other", "name", "eth1")
	if got := do(t, "restore"); got.Fabric != "eth0" {
		t.Errorf("%+v", got)
	}
	if got := ip(t, "link", "show", "eth1"); strings.Contains(got, "master") {
		t.Errorf("the other interface became a port: %s", got)
	}
	do(t, "down")
	if got := ip(t, "link", "show", "eth0"); strings.Contains(got, "master") || !strings.Contains(got, mac) {
		t.Errorf("down took the fabric's interface: %s", got)
	}
	refuse(t, "0 interfaces have the MAC 02:42:0a:00:00:06; there are lo", "up", "-fabric-mac", "02:42:0a:00:00:06")
	if got := links(t); !strings.Contains(got, "simvf3") {
		t.Errorf("without its fabric the node has no VFs: %s", got)
	}
}

func TestBadInput(t *testing.T) {
	t.Cleanup(func() { _ = down() })
	for _, row := range []struct{ says, args string }{
		{"usage", ""}, {`"nothing"`, "nothing"}, {"1 to 128", "up -vfs 0"}, {"1 to 128", "up -vfs 129"}, {"there are 2 VFs", "up -vfs 2 -dpdk 3"},
		{"two hexadecimal digits", "up -bus AF"}, {"fabric-mac", "up -fabric-mac x"}, {`"more"`, "up more"}, {"no arguments", "down now"},
		{"up was not called", "restore"}, {"up was not called", "status"}, {"up was not called", "watch"},
		{"up was not called", "table"}, {"up was not called", "tidy 0000:af:10.0"}, {"one VF", "tidy"}, {"veth or of netdevsim", "up -function dummy"},
	} {
		refuse(t, row.says, strings.Fields(row.args)...)
	}
	do(t, "up", "-vfs", "2")
	refuse(t, "call simvf down first", "up", "-vfs", "3")
	refuse(t, "no VF 0000:af:10.2", "tidy", "0000:af:10.2")
	do(t, "down")
	ip(t, "link", "add", "simvf1", "type", "bridge")
	refuse(t, "simvf1 and simrep1: file exists", "up", "-vfs", "2")
	do(t, "down")
	if got := links(t); got != "lo simvf1" {
		t.Errorf("links %s", got)
	}
	ip(t, "link", "delete", "simvf1")
}

// inNetns opens a socket in a namespace, where it stays.
func inNetns(t *testing.T, name string, open func() (net.PacketConn, error)) net.PacketConn {
	t.Helper()
	type opened struct {
		socket net.PacketConn
		err    error
	}
	done := make(chan opened)
	go func() {
		// Never unlocked: the thread ends with this goroutine.
		runtime.LockOSThread()
		file, err := os.Open("/run/netns/" + name)
		if err == nil {
			err = unix.Setns(int(file.Fd()), unix.CLONE_NEWNET)
			file.Close()
		}
		if err != nil {
			done <- opened{nil, err}
			return
		}
		socket, err := open()
		done <- opened{socket, err}
	}()
	got := <-done
	if got.err != nil {
		t.Fatal(got.err)
	}
	t.Cleanup(func() { got.socket.Close() })
	return got.socket
}

func TestVFsReachEachOtherAndTheFabric(t *testing.T) {
	t.Cleanup(func() { _ = down() })
	const mac = "02:42:0a:00:00:05"
	ip(t, "link", "add", "eth1", "address", mac, "type", "veth", "peer", "name", "host1")
	do(t, "up", "-vfs", "2", "-fabric-mac", mac)
	for _, end := range []struct{ netns, link, address string }{{"a", "simvf0", "10.8.0.1/24"}, {"b", "simvf1", "10.8.0.2/24"}, {"far", "host1", "10.8.0.3/24"}} {
		ip(t, "netns", "add", end.netns)
		t.Cleanup(func() { ip(t, "netns", "delete", end.netns) })
		ip(t, "link", "set", end.link, "netns", end.netns)
		ip(t, "-n", end.netns, "address", "add", end.address, "dev", end.link)
		ip(t, "-n", end.netns, "link", "set", end.link, "up")
	}
	from := inNetns(t, "a", func() (net.PacketConn, error) { return net.ListenPacket("udp", "10.8.0.1:0") })
	for name, address := range map[string]string{"b": "10.8.0.2", "far": "10.8.0.3"} {
		to := inNetns(t, name, func() (net.PacketConn, error) { return net.ListenPacket("udp", address+":7777") })
		if _, err := from.WriteTo([]byte("to "+name), &net.UDPAddr{IP: net.ParseIP(address), Port: 7777}); err != nil {
			t.Fatal(err)
		}
		buffer := make([]byte, 64)
		_ = to.SetReadDeadline(time.Now().Add(10 * time.Second))
		n, sender, err := to.ReadFrom(buffer)
		if err != nil || string(buffer[:n]) != "to "+name || sender.String() != from.LocalAddr().String() {
			t.Errorf("%s got %q from %v, %v", name, buffer[:n], sender, err)
		}
	}
}

// watching starts watch and returns what reads its next event.
func watching(t *testing.T) func(want string) {
	t.Helper()
	reader, writer := io.Pipe()
	stop, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- watch(stop, writer) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	lines := json.NewDecoder(reader)
	events := make(chan string, 16)
	go func() {
		for {
			var e event
			if lines.Decode(&e) != nil {
				return
			}
			events <- fmt.Sprintf("%s %s %s", e.Interface, e.PCI, e.Event)
		}
	}()
	return func(want string) {
		t.Helper()
		select {
		case got := <-events:
			if got != want {
				t.Errorf("event %q, want %q", got, want)
			}
		case <-time.After(10 * time.Second):
			t.Fatalf("no event %q", want)
		}
	}
}

func TestWatch(t *testing.T) {
	t.Cleanup(func() { _ = down() })
	made := do(t, "up", "-vfs", "2")
	next := watching(t)
	next("simvf0 0000:af:10.0 home")
	next("simvf1 0000:af:10.1 home")
	ip(t, "netns", "add", "pod")
	ip(t, "link", "set", "simvf0", "netns", "pod")
	next("simvf0 0000:af:10.0 left")
	if got := names(t, "/sys/bus/pci/devices/0000:af:10.0/net"); got != "" {
		t.Errorf("a VF that has left is shown: %s", got)
	}
	ip(t, "-n", "pod", "link", "set", "simvf0", "netns", fmt.Sprint(os.Getpid()))
	next("simvf0 0000:af:10.0 returned")
	if got := names(t, "/sys/bus/pci/devices/0000:af:10.0/net"); got != "simvf0" {
		t.Errorf("a VF that is back is not shown: %q", got)
	}
	ip(t, "link", "set", "simvf1", "netns", "pod")
	next("simvf1 0000:af:10.1 left")
	ip(t, "netns", "delete", "pod")
	next("simvf1 0000:af:10.1 lost")
	next("simvf1 0000:af:10.1 made-again")
	if got := do(t, "status"); fmt.Sprint(got) != fmt.Sprint(made) {
		t.Errorf("status %v, before %v", got, made)
	}
	if got := ip(t, "link", "show", "simvf1"); !strings.HasPrefix(got, "10011:") || !strings.Contains(got, made.Functions[1].MAC) {
		t.Errorf("made again: %s", got)
	}
	if got := read(t, eventsFile); strings.Count(got, "\n") != 2 || !strings.Contains(got, `"event":"lost"`) || !strings.Contains(got, `"event":"made-again"`) {
		t.Errorf("kept events: %s", got)
	}
}

func TestWatchEndsWithDown(t *testing.T) {
	t.Cleanup(func() { _ = down() })
	do(t, "up", "-vfs", "1")
	reader, writer := io.Pipe()
	ended := make(chan error, 1)
	go func() { ended <- watch(t.Context(), writer) }()
	if _, err := reader.Read(make([]byte, 512)); err != nil {
		t.Fatal(err)
	}
	go io.Copy(io.Discard, reader)
	do(t, "down")
	select {
	case err := <-ended:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(10 * time.Second):
		t.Error("watch goes on")
	}
	if got := links(t); strings.Contains(got, "sim") {
		t.Errorf("made again after down: %s", got)
	}
}
