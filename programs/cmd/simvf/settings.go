package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"regexp"

	"golang.org/x/sys/unix"

	"plumbline.invalid/programs/internal/simvf"
)

// settings are what up was asked for; kept for restore, watch and down.
type settings struct {
	VFs       int    `json:"vfs"`
	DPDK      int    `json:"dpdk"`
	FabricMAC string `json:"fabricMac,omitempty"`
	Bus       string `json:"bus"`
	NUMA      int    `json:"numa"`
	// Function is netdevsim where the physical function is one of that driver, and empty where it is a veth.
	Function string `json:"function,omitempty"`
	// Node is the host name, from which the MACs are made: no two nodes of a fabric may have the same.
	Node string `json:"node"`
}

const (
	pfName     = "simpf0"
	uplinkName = "simpf0-up"
	bridgeName = "simbr0"
	// mostVFs is how many addresses there are from slot 10 to the last one of a bus.
	mostVFs = (0x20 - 0x10) * 8
	// firstIndex is beyond what a pod has: an interface keeps its index on its way there and back.
	firstIndex = 10010
	vfMTU      = 1500

	functionVeth, functionNetdevsim = "veth", "netdevsim"
)

var (
	settingsFile = filepath.Join(simvf.Dir, "settings.json")
	busPattern   = regexp.MustCompile(`^[0-9a-f]{2}$`)
	errNotUp     = errors.New("there are no simulated VFs here: simvf up was not called")
)

func (s *settings) validate() error {
	if s.VFs < 1 || s.VFs > mostVFs {
		return fmt.Errorf("-vfs %d: there can be 1 to %d", s.VFs, mostVFs)
	}
	if s.DPDK < 0 || s.DPDK > s.VFs {
		return fmt.Errorf("-dpdk %d: there are %d VFs", s.DPDK, s.VFs)
	}
	if !busPattern.MatchString(s.Bus) {
		return fmt.Errorf("-bus %q: two hexadecimal digits in lower case name a bus", s.Bus)
	}
	if s.FabricMAC != "" {
		mac, err := net.ParseMAC(s.FabricMAC)
		if err != nil {
			return fmt.Errorf("-fabric-mac: %w", err)
		}
		s.FabricMAC = mac.String()
	}
	switch s.Function {
	case functionVeth:
		s.Function = ""
	case functionNetdevsim:
	default:
		return fmt.Errorf("-function %q: it is made of %s or of %s", s.Function, functionVeth, functionNetdevsim)
	}
	var err error
	s.Node, err = os.Hostname()
	return err
}

func (s *settings) pfAddress() string { return fmt.Sprintf("0000:%s:00.0", s.Bus) }

func (s *settings) address(i int) string {
	return fmt.Sprintf("0000:%s:%02x.%d", s.Bus, 0x10+i/8, i%8)
}

func (s *settings) dpdk(i int) bool { return i >= s.VFs-s.DPDK }

func (s *settings) driver(i int) string {
	if s.dpdk(i) {
		return "vfio-pci"
	}
	return "igbvf"
}

// mac is the same each time for a node and a VF; -1 is the physical function.
func (s *settings) mac(i int) net.HardwareAddr {
	sum := sha256.Sum256([]byte(s.Node))
	return net.HardwareAddr{0x02, 0x5a, sum[0], sum[1], sum[2], byte(i)}
}

func vfName(i int) string  { return fmt.Sprintf("simvf%d", i) }
func repName(i int) string { return fmt.Sprintf("simrep%d", i) }

// keep writes the settings, and refuses others than those that are up.
func (s *settings) keep() error {
	content, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return err
	}
	content = append(content, '\n')
	before, err := os.ReadFile(settingsFile)
	if err == nil && !bytes.Equal(before, content) {
		return fmt.Errorf("simulated VFs are up with other settings (%s); call simvf down first", settingsFile)
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := os.MkdirAll(simvf.Dir, 0o755); err != nil {
		return err
	}
	return simvf.WriteFile(settingsFile, content, 0o644)
}

func loadSettings() (*settings, error) {
	content, err := os.ReadFile(settingsFile)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, errNotUp
	}
	if err != nil {
		return nil, err
	}
	s := &settings{}
	if err := json.Unmarshal(content, s); err != nil {
		return nil, fmt.Errorf("%s: %w", settingsFile, err)
	}
	return s, nil
}

// locked runs one change at a time: watch makes VFs again while another up or down may be under way. The lock is no part of
// what down removes.
func locked(change func() error) error {
	if err := os.MkdirAll(filepath.Dir(simvf.Dir), 0o755); err != nil {
		return err
	}
	file, err := os.OpenFile(simvf.Dir+".lock", os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	defer file.Close()
	if err := unix.Flock(int(file.Fd()), unix.LOCK_EX); err != nil {
		return fmt.Errorf("lock %s: %w", file.Name(), err)
	}
	return change()
}
