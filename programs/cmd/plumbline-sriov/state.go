package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/containernetworking/plugins/pkg/ns"
	"golang.org/x/sys/unix"

	"plumbline.invalid/programs/internal/simvf"
)

// lockTimeout is sriov-cni's own.
const lockTimeout = time.Minute

// attachment is what is kept from ADD to DEL. It is written before anything is changed, so that DEL can mend an ADD that
// was killed.
type attachment struct {
	Network     string `json:"network"`
	ContainerID string `json:"containerId"`
	Ifname      string `json:"ifname"`
	Netns       string `json:"netns"`
	PCI         string `json:"pci"`
	PF          string `json:"pf"`
	VF          int    `json:"vf"`
	DPDK        bool   `json:"dpdk,omitempty"`
	// Before and Requested are the rows of the table; the original is what a reset puts back.
	Before    simvf.Row `json:"before"`
	Requested simvf.Row `json:"requested"`
	// HostName, HostMAC and HostMTU are the interface's own. The others are what it was given in the pod.
	HostName string `json:"hostName,omitempty"`
	HostMAC  string `json:"hostMac,omitempty"`
	HostMTU  int    `json:"hostMtu,omitempty"`
	PodIndex int    `json:"podIndex,omitempty"`
	PodMAC   string `json:"podMac,omitempty"`
	PodMTU   int    `json:"podMtu,omitempty"`
}

func attachmentPath(containerID, ifname string) (string, error) {
	for _, part := range []string{containerID, ifname} {
		if part == "" || part == "." || part == ".." || strings.Contains(part, "/") {
			return "", fmt.Errorf("%q cannot be part of a file name", part)
		}
	}
	return filepath.Join(stateDir, containerID+"-"+ifname), nil
}

func (a *attachment) save() error {
	path, err := attachmentPath(a.ContainerID, a.Ifname)
	if err != nil {
		return err
	}
	content, err := json.Marshal(a)
	if err != nil {
		return err
	}
	return simvf.WriteFile(path, content, 0o600)
}

// loadAttachment returns nil if there is none.
func loadAttachment(path string) (*attachment, error) {
	content, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	a := &attachment{}
	if err := json.Unmarshal(content, a); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return a, nil
}

// claim writes down whose VF it is.
func (a *attachment) claim() error {
	if err := a.save(); err != nil {
		return err
	}
	return simvf.WriteFile(ownerPath(a.PCI), []byte(a.Netns), 0o600)
}

// disclaim removes both files, the owner's only if it is still this one.
func (a *attachment) disclaim() error {
	owner, err := os.ReadFile(ownerPath(a.PCI))
	if err == nil && string(owner) == a.Netns {
		err = os.Remove(ownerPath(a.PCI))
	}
	if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	path, pathErr := attachmentPath(a.ContainerID, a.Ifname)
	if pathErr == nil {
		pathErr = os.Remove(path)
	}
	if errors.Is(pathErr, fs.ErrNotExist) {
		pathErr = nil
	}
	return errors.Join(err, pathErr)
}

func ownerPath(pci string) string { return filepath.Join(stateDir, "pci", pci) }

// refuseIfOwned looks for an owner whose network namespace is still there. The file of one that is gone is overwritten.
func refuseIfOwned(pci string) error {
	owner, err := os.ReadFile(ownerPath(pci))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	netns, err := ns.GetNS(string(owner))
	if err != nil {
		return nil
	}
	netns.Close()
	return badConfig("pci address %s is already allocated", pci)
}

// lockFunction keeps other calls away from a VF until the returned file is closed. The file stays: removing it would let
// two callers hold locks of different files of one name.
func lockFunction(pci string) (*os.File, error) {
	dir := filepath.Join(stateDir, "pci", "vf_lock")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	file, err := os.OpenFile(filepath.Join(dir, pci+".lock"), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	for end := time.Now().Add(lockTimeout); ; time.Sleep(50 * time.Millisecond) {
		err := unix.Flock(int(file.Fd()), unix.LOCK_EX|unix.LOCK_NB)
		if err == nil {
			return file, nil
		}
		if !errors.Is(err, unix.EWOULDBLOCK) || time.Now().After(end) {
			return nil, errors.Join(fmt.Errorf("lock of VF %s: %w", pci, err), file.Close())
		}
	}
}
