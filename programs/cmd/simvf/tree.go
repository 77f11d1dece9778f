package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"plumbline.invalid/programs/internal/simvf"
)

// treeDir is what is mounted over the bus: devices of ours as folders, the real ones as links. Links within it are
// relative, so that it resolves wherever it is mounted.
var treeDir = filepath.Join(simvf.Dir, "bus-pci")

// modaliasFormat has the length that programs ask for before they read it, with the newline; base class 02 is a network
// device. The identifiers are those of the 82576, which QEMU has, so that one configuration serves both.
const modaliasFormat = "pci:v00008086d0000%04Xsv00008086sd0000A03Cbc02sc00i00\n"

const (
	pfDevice = 0x10c9
	vfDevice = 0x10ca
)

// writeTree writes the tree of our devices. Which interfaces are home is written by showInterface.
func writeTree(s *settings) error {
	pf := map[string]string{"sriov_totalvfs": fmt.Sprintln(s.VFs), "sriov_numvfs": fmt.Sprintln(s.VFs)}
	if err := writeDevice(s, device{address: s.pfAddress(), id: pfDevice, driver: "igb", files: pf}); err != nil {
		return err
	}
	if err := showInterface(s.pfAddress(), pfName, true); err != nil {
		return err
	}
	for i := range s.VFs {
		if err := writeDevice(s, device{address: s.address(i), id: vfDevice, driver: s.driver(i)}); err != nil {
			return err
		}
		err := errors.Join(
			relink("../"+s.pfAddress(), filepath.Join(treeDir, "devices", s.address(i), "physfn")),
			relink("../"+s.address(i), filepath.Join(treeDir, "devices", s.pfAddress(), fmt.Sprintf("virtfn%d", i))))
		if err != nil {
			return err
		}
		if s.dpdk(i) {
			continue
		}
		where, err := locate(i)
		if err != nil {
			return err
		}
		if err := showInterface(s.address(i), vfName(i), where == "home"); err != nil {
			return err
		}
	}
	return nil
}

type device struct {
	address, driver string
	id              int
	files           map[string]string
}

func writeDevice(s *settings, d device) error {
	dir := filepath.Join(treeDir, "devices", d.address)
	if info, err := os.Lstat(dir); err == nil && !info.IsDir() {
		return fmt.Errorf("there is a real device %s; give another -bus", d.address)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	files := map[string]string{
		"vendor": "0x8086\n", "device": fmt.Sprintf("0x%04x\n", d.id), "class": "0x020000\n",
		"modalias": fmt.Sprintf(modaliasFormat, d.id), "numa_node": fmt.Sprintln(s.NUMA),
		"uevent": "DRIVER=" + d.driver + "\nPCI_CLASS=20000\nPCI_SLOT_NAME=" + d.address + "\n",
	}
	for name, content := range d.files {
		files[name] = content
	}
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o444); err != nil {
			return err
		}
	}
	driver := filepath.Join(treeDir, "drivers", d.driver)
	if _, err := os.Lstat(driver); errors.Is(err, fs.ErrNotExist) { // else it is made, or the real one
		if err := os.MkdirAll(driver, 0o755); err != nil {
			return err
		}
	}
	return relink("../../drivers/"+d.driver, filepath.Join(dir, "driver"))
}

// showInterface puts an interface into the folder of its device while it is here, as sysfs shows those of one namespace
// alone.
func showInterface(address, name string, here bool) error {
	dir := filepath.Join(treeDir, "devices", address, "net")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	link := filepath.Join(dir, name)
	if here {
		return relink("/sys/class/net/"+name, link)
	}
	if err := os.Remove(link); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// passThrough shows what the real bus has. Links of an earlier boot to what is gone are taken away.
func passThrough(real string) error {
	// the two that are merged first: what is there already is not linked to
	for _, dir := range []string{"devices", "drivers", ""} {
		if err := passThroughDir(real, dir); err != nil {
			return err
		}
	}
	return nil
}

func passThroughDir(real, dir string) error {
	tree := filepath.Join(treeDir, dir)
	if err := os.MkdirAll(tree, 0o755); err != nil {
		return err
	}
	entries, err := os.ReadDir(filepath.Join(real, dir))
	if err != nil {
		return err
	}
	if err := pruneLinks(tree); err != nil {
		return err
	}
	for _, entry := range entries {
		path := filepath.Join(tree, entry.Name())
		if _, err := os.Lstat(path); err == nil { // ours: the folders, and drivers that both have
			continue
		}
		target := filepath.Join(real, dir, entry.Name())
		if entry.Type()&fs.ModeSymlink != 0 {
			if target, err = os.Readlink(target); err != nil {
				return err
			}
			_, below, _ := strings.Cut(target, "../devices/")
			target = "/sys/devices/" + below
		}
		if err := os.Symlink(target, path); err != nil {
			return err
		}
	}
	return nil
}

func pruneLinks(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		if entry.Type()&fs.ModeSymlink == 0 {
			continue
		}
		if err := os.Remove(filepath.Join(dir, entry.Name())); err != nil {
			return err
		}
	}
	return nil
}

// relink makes a link if it is not so already.
func relink(target, path string) error {
	if found, err := os.Readlink(path); err == nil && found == target {
		return nil
	}
	temporary := path + ".new"
	if err := os.Symlink(target, temporary); err != nil {
		return err
	}
	return os.Rename(temporary, path)
}
