package main

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"

	"plumbline.invalid/programs/internal/simvf"
)

// netdevsim is a driver of the kernel for devices that are not there. Its physical function keeps a table of VFs as that of a
// NIC does, so that sriov-cni as published can ask it for what it would ask a NIC. Its VFs have no interfaces: those of the
// simulation stay veth pairs.
type netdevsim struct {
	// bus is its folder in sysfs, and debug that in debugfs.
	bus, debug string
}

// realNetdevsim is that of the kernel.
var realNetdevsim = netdevsim{bus: "/sys/bus/netdevsim", debug: filepath.Join(debugfs, "netdevsim")}

const (
	// debugfs is mounted while it is written to, and nowhere else on the node.
	debugfs = "/run/plumbline/simvf-debug"
	// freeVFs is how many VFs a device has room for unless it is told otherwise. @source drivers/net/netdevsim/bus.c
	freeVFs = 4
	// firstDevice keeps away from numbers that people type.
	firstDevice = 1 << 24
)

var errNoNetdevsim = errors.New("the kernel has no netdevsim: load it on the host (modprobe netdevsim), or have the function made of veth")

// deviceNumber is the same each time for a node, whose name no other container of its host has: devices are numbered for all
// of them, and one that was left by the node's last boot is known by it.
func (s *settings) deviceNumber() uint32 {
	sum := sha256.Sum256([]byte("netdevsim " + s.Node))
	return firstDevice + binary.BigEndian.Uint32(sum[:4])>>8
}

func (d netdevsim) device(number uint32) string {
	return filepath.Join(d.bus, "devices", fmt.Sprintf("netdevsim%d", number))
}

// exists also of a device that is in the network namespace of another, which shows no interface here.
func (d netdevsim) exists(number uint32) bool {
	_, err := os.Stat(d.device(number))
	return err == nil
}

// create makes a device with one port in this network namespace, and room for VFs. It returns the name of its interface.
func (d netdevsim) create(number uint32, vfs int) (string, error) {
	if _, err := os.Stat(d.bus); errors.Is(err, fs.ErrNotExist) {
		return "", errNoNetdevsim
	}
	if err := tell(filepath.Join(d.bus, "new_device"), fmt.Sprintf("%d 1", number)); err != nil {
		return "", err
	}
	if vfs > freeVFs {
		most := filepath.Join(d.debug, fmt.Sprintf("netdevsim%d", number), "max_vfs")
		if err := tell(most, strconv.Itoa(vfs)); err != nil {
			return "", err
		}
	}
	if err := tell(filepath.Join(d.device(number), "sriov_numvfs"), strconv.Itoa(vfs)); err != nil {
		return "", err
	}
	ports, err := os.ReadDir(filepath.Join(d.device(number), "net"))
	if err != nil {
		return "", err
	}
	if len(ports) != 1 {
		return "", fmt.Errorf("netdevsim%d has %d interfaces here, and was made with one", number, len(ports))
	}
	return ports[0].Name(), nil
}

// remove takes the device out of whichever network namespace it is in: one that ends hands it to that of the host.
func (d netdevsim) remove(number uint32) error {
	if !d.exists(number) {
		return nil
	}
	return tell(filepath.Join(d.bus, "del_device"), strconv.FormatUint(uint64(number), 10))
}

// tell writes to a file of the kernel, whose answer is the error.
func tell(path, value string) error {
	file, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = file.WriteString(value)
	if err != nil {
		err = fmt.Errorf("write %q: %w", value, err)
	}
	return errors.Join(err, file.Close())
}

// makeNetdevsim has the physical function be a device of netdevsim. One that is here stays; one of an earlier boot of the
// node is in the host's namespace by now, and is made again.
func makeNetdevsim(s *settings) error {
	if _, err := netlink.LinkByName(pfName); !missing(err) {
		return err
	}
	number := s.deviceNumber()
	return withKernelFiles(func() error {
		if err := realNetdevsim.remove(number); err != nil {
			return err
		}
		name, err := realNetdevsim.create(number, s.VFs)
		if err == nil {
			err = nameFunction(s, name)
		}
		if err != nil {
			return errors.Join(err, realNetdevsim.remove(number))
		}
		return nil
	})
}

func nameFunction(s *settings, name string) error {
	pf, err := netlink.LinkByName(name)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	if err := errors.Join(netlink.LinkSetName(pf, pfName), netlink.LinkSetHardwareAddr(pf, s.mac(-1))); err != nil {
		return fmt.Errorf("%s, to be %s: %w", name, pfName, err)
	}
	for vf := range s.VFs {
		if err := resetVF(pf, vf, simvf.Fresh); err != nil {
			return err
		}
	}
	return nil
}

// withKernelFiles lets files of the kernel be written where /sys is mounted read-only, as kind does it, and debugfs not at all.
func withKernelFiles(change func() error) (err error) {
	const flags = unix.MS_NOSUID | unix.MS_NODEV | unix.MS_NOEXEC | unix.MS_RELATIME
	var sys unix.Statfs_t
	if err := unix.Statfs("/sys", &sys); err != nil {
		return err
	}
	if sys.Flags&unix.ST_RDONLY != 0 {
		if err := unix.Mount("", "/sys", "", unix.MS_REMOUNT|flags, ""); err != nil {
			return fmt.Errorf("mount /sys for writing: %w", err)
		}
		defer func() {
			err = errors.Join(err, unix.Mount("", "/sys", "", unix.MS_REMOUNT|unix.MS_RDONLY|flags, ""))
		}()
	}
	if err := os.MkdirAll(debugfs, 0o700); err != nil {
		return err
	}
	if err := unix.Mount("debugfs", debugfs, "debugfs", flags, ""); err != nil {
		return errors.Join(fmt.Errorf("mount debugfs: %w", err), os.Remove(debugfs))
	}
	defer func() { err = errors.Join(err, unix.Unmount(debugfs, 0), os.Remove(debugfs)) }()
	return change()
}
