package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// function is a virtual function as sysfs shows it.
type function struct {
	pci string
	pf  string
	id  int
	// hostName is empty while the interface is elsewhere, and in DPDK mode.
	hostName string
	dpdk     bool
}

var (
	pciAddress  = regexp.MustCompile(`^[0-9a-f]{4}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-7]$`)
	dpdkDrivers = []string{"vfio-pci", "uio_pci_generic", "igb_uio"}
)

// findFunction looks up the physical function of a VF and its place there.
func findFunction(pci string) (*function, error) {
	if pci == "" {
		return nil, badConfig("VF pci addr is required")
	}
	if !pciAddress.MatchString(pci) {
		return nil, badConfig("%q is no PCI address", pci)
	}
	f := &function{pci: pci, id: -1}
	pf := filepath.Join(devicesDir, pci, "physfn")
	var err error
	if f.pf, err = firstEntry(filepath.Join(pf, "net")); err != nil {
		return nil, badConfig("failed to get VF information: %v", err)
	}
	links, err := filepath.Glob(filepath.Join(pf, "virtfn*"))
	if err != nil {
		return nil, err
	}
	for _, link := range links {
		target, err := os.Readlink(link)
		if err == nil && filepath.Base(target) == pci {
			f.id, err = strconv.Atoi(strings.TrimPrefix(filepath.Base(link), "virtfn"))
		}
		if err != nil {
			return nil, badConfig("failed to get VF information: %v", err)
		}
	}
	if f.id < 0 {
		return nil, badConfig("failed to get VF information: unable to get VF ID with PF %s and VF pci address %s", f.pf, pci)
	}
	return f, nil
}

// showTimeout is how long an interface may be back before the simulated tree shows it; a real one shows it at once.
const showTimeout = 2 * time.Second

// findInterface looks whether the VF has an interface here, or a driver of user space in its place.
func (f *function) findInterface() error {
	for end := time.Now().Add(showTimeout); ; time.Sleep(20 * time.Millisecond) {
		name, err := firstEntry(filepath.Join(devicesDir, f.pci, "net"))
		if err == nil {
			f.hostName = name
			return nil
		}
		err = f.findDriver()
		if err == nil || time.Now().After(end) {
			return err
		}
	}
}

func (f *function) findDriver() error {
	driver, err := filepath.EvalSymlinks(filepath.Join(devicesDir, f.pci, "driver"))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return badConfig("failed to detect if VF %s has dpdk driver: %v", f.pci, err)
	}
	f.dpdk = err == nil && slices.Contains(dpdkDrivers, filepath.Base(driver))
	if !f.dpdk {
		return badConfig("the VF %s does not have a interface name or a dpdk driver", f.pci)
	}
	return nil
}

func firstEntry(dir string) (string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return "", err
	}
	if len(entries) == 0 {
		return "", fmt.Errorf("%s is empty", dir)
	}
	return entries[0].Name(), nil
}
