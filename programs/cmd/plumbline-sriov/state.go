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
	// Peer is the index of the other end, which tells the interface from others.
	Peer     int    `json:"peer,omitempty"`
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

// owner is whose VF it is.
type owner struct {
	Netns string `json:"netns"`
	// Attachment is the file of the attachment.
	Attachment string `json:"attachment"`
}

// claim writes down whose VF it is.
func (a *attachment) claim() error {
	if err := a.save(); err != nil {
		return err
	}
	path, err := attachmentPath(a.ContainerID, a.Ifname)
	if err != nil {
		return err
	}
	content, err := json.Marshal(owner{a.Netns, path})
	if err != nil {
		return err
	}
	return simvf.WriteFile(ownerPath(a.PCI), content, 0o600)
}

// disclaim removes both files.
func (a *attachment) disclaim() error {
	path, err := attachmentPath(a.ContainerID, a.Ifname)
	if err != nil {
		return err
	}
	return errors.Join(removeIfThere(ownerPath(a.PCI)), removeIfThere(path))
}

func removeIfThere(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

func ownerPath(pci string) string { return filepath.Join(stateDir, "pci", pci) }

// refuseIfOwned looks for an owner whose network namespace is still there. What one that is gone has asked for is put back:
// its DEL may come later, or never.
func refuseIfOwned(pci string) error {
	content, err := os.ReadFile(ownerPath(pci))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	var found owner
	if err := json.Unmarshal(content, &found); err != nil {
		return fmt.Errorf("%s: %w", ownerPath(pci), err)
	}
	if netns, err := ns.GetNS(found.Netns); err == nil {
		netns.Close()
		return badConfig("pci address %s is already allocated", pci)
	}
	a, err := loadAttachment(found.Attachment)
	if err != nil {
		return err
	}
	if a == nil {
		return removeIfThere(ownerPath(pci))
	}
	return a.release()
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
