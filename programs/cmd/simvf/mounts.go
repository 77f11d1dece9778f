package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"

	"plumbline.invalid/programs/internal/simvf"
)

const (
	busDir = "/sys/bus/pci"
	// realBus is where the real bus stays visible. It is not below simvf.Dir, which down removes with all that is in it.
	realBus = "/run/plumbline/simvf/pci"
)

// mountTree puts the tree over the bus, and the link to its device into the folder of the physical function. Binding works
// where /sys is mounted read-only, as kind does it.
func mountTree(s *settings) error {
	if covered(busDir) {
		return errors.Join(writeTree(s), linkDevice(s))
	}
	if err := os.MkdirAll(realBus, 0o755); err != nil {
		return err
	}
	if mounted, err := isMountPoint(realBus); err != nil || !mounted {
		if err == nil {
			err = bind(busDir, realBus)
		}
		if err != nil {
			return err
		}
	}
	if err := passThrough(realBus); err != nil {
		return fmt.Errorf("pass the real devices through: %w", err)
	}
	if err := writeTree(s); err != nil {
		return fmt.Errorf("PCI tree: %w", err)
	}
	if err := bind(treeDir, busDir); err != nil {
		return err
	}
	return linkDevice(s)
}

func bind(from, to string) error {
	if err := unix.Mount(from, to, "", unix.MS_BIND, ""); err != nil {
		return fmt.Errorf("mount %s over %s: %w", from, to, err)
	}
	return nil
}

// covered is whether a folder is the tree already.
func covered(dir string) bool {
	tree, treeErr := os.Stat(treeDir)
	over, overErr := os.Stat(dir)
	return treeErr == nil && overErr == nil && os.SameFile(tree, over)
}

// linkDevice lays a folder with nothing but the link over that of the interface in sysfs: the rest stays what the kernel
// says at each moment. A virtual interface has no such link, and that of netdevsim leads to no PCI device.
func linkDevice(s *settings) error {
	shown, err := filepath.EvalSymlinks(filepath.Join("/sys/class/net", pfName))
	if err != nil {
		return err
	}
	if showsDevice(s, shown) {
		return nil
	}
	own := filepath.Join(simvf.Dir, "pf-device")
	if err := os.MkdirAll(own, 0o755); err != nil {
		return err
	}
	if err := relink(deviceLink(s), filepath.Join(own, "device")); err != nil {
		return err
	}
	if err := unix.Mount("overlay", shown, "overlay", unix.MS_RDONLY, "lowerdir="+own+":"+shown); err != nil {
		return fmt.Errorf("mount the device link over %s: %w", shown, err)
	}
	return nil
}

func deviceLink(s *settings) string { return filepath.Join(busDir, "devices", s.pfAddress()) }

func showsDevice(s *settings, shown string) bool {
	target, err := os.Readlink(filepath.Join(shown, "device"))
	return err == nil && target == deviceLink(s)
}

func isMountPoint(path string) (bool, error) {
	content, err := os.ReadFile("/proc/self/mountinfo")
	if err != nil {
		return false, err
	}
	for line := range strings.Lines(string(content)) {
		if fields := strings.Fields(line); len(fields) > 4 && fields[4] == path {
			return true, nil
		}
	}
	return false, nil
}

// unmountTree is called before the links go. The mount on the physical function goes with it if it does not go here.
func unmountTree(s *settings) error {
	var failures []error
	if shown, err := filepath.EvalSymlinks(filepath.Join("/sys/class/net", pfName)); err == nil && showsDevice(s, shown) {
		failures = append(failures, unmount(shown))
	}
	if covered(busDir) {
		failures = append(failures, unmount(busDir))
	}
	mounted, err := isMountPoint(realBus)
	if err == nil && mounted {
		err = unmount(realBus)
	}
	return errors.Join(append(failures, err)...)
}

func unmount(path string) error {
	if err := unix.Unmount(path, unix.MNT_DETACH); err != nil {
		return fmt.Errorf("unmount %s: %w", path, err)
	}
	return nil
}

func removeFiles() error {
	if mounted, err := isMountPoint(realBus); err != nil || mounted {
		return errors.Join(err, fmt.Errorf("%s is still mounted", realBus))
	}
	err := os.Remove(realBus)
	if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	return errors.Join(err, os.RemoveAll(simvf.Dir))
}
