package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/bits"
	"net"
	"os"
	"path/filepath"
	"strconv"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"

	"plumbline.invalid/programs/internal/simvf"
)

// owners is where the plugins that ask the function for something say whose a VF is.
var owners = []string{"/var/lib/cni/plumbline-sriov/pci", "/var/lib/cni/sriov/pci"}

// protocols of VLANs; a VF without a VLAN has none.
var protocols = map[int]string{0: "802.1q", unix.ETH_P_8021Q: "802.1q", unix.ETH_P_8021AD: "802.1ad"}

var linkStates = map[uint32]string{
	netlink.VF_LINK_STATE_AUTO: "auto", netlink.VF_LINK_STATE_ENABLE: "enable", netlink.VF_LINK_STATE_DISABLE: "disable",
}

// printTable prints a row for each VF: those that the function keeps, or what was asked where it keeps none.
func printTable(s *settings, out io.Writer) error {
	rows, err := tableOf(s)
	if err != nil {
		return err
	}
	return json.NewEncoder(out).Encode(map[string]any{"vfs": rows})
}

func tableOf(s *settings) (map[string]simvf.Row, error) {
	rows := map[string]simvf.Row{}
	if s.Function == functionNetdevsim {
		pf, err := netlink.LinkByName(pfName)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", pfName, err)
		}
		for _, vf := range pf.Attrs().Vfs {
			rows[strconv.Itoa(vf.ID)] = rowOf(vf)
		}
		return rows, nil
	}
	table, err := simvf.OpenTable(simvf.Dir, pfName)
	if err != nil {
		return nil, err
	}
	for vf := range s.VFs {
		rows[strconv.Itoa(vf)] = table.Row(vf)
	}
	return rows, table.Close()
}

// rowOf is what the kernel tells of a VF.
func rowOf(vf netlink.VfInfo) simvf.Row {
	onOff := map[bool]string{true: "on", false: "off"}
	// the library hands it on in the order of the wire
	number := int(bits.ReverseBytes16(uint16(vf.VlanProto)))
	protocol, known := protocols[number]
	if !known {
		protocol = fmt.Sprintf("%#04x", number)
	}
	state, known := linkStates[vf.LinkState]
	if !known {
		state = strconv.FormatUint(uint64(vf.LinkState), 10)
	}
	return simvf.Row{
		MAC: vf.Mac.String(), Vlan: vf.Vlan, VlanQoS: vf.Qos, VlanProto: protocol,
		MinTxRate: int(vf.MinTxRate), MaxTxRate: int(vf.MaxTxRate),
		SpoofChk: onOff[vf.Spoofchk], Trust: onOff[vf.Trust == 1], LinkState: state,
	}
}

// tidy puts a VF that is at home back as it was made, whatever became of it: its next user is to find it so. One that is away
// is somebody's, and left alone.
func tidy(address string) error {
	s, err := loadSettings()
	if err != nil {
		return err
	}
	for vf := range s.VFs {
		if s.address(vf) == address {
			return tidyVF(s, vf)
		}
	}
	return fmt.Errorf("there is no VF %s here", address)
}

func tidyVF(s *settings, vf int) error {
	if !s.dpdk(vf) {
		if where, err := locate(vf); err != nil || where != "home" {
			return err
		}
		link, err := netlink.LinkByName(vfName(vf))
		if err == nil {
			err = errors.Join(netlink.LinkSetDown(link), netlink.LinkSetHardwareAddr(link, s.mac(vf)), netlink.LinkSetMTU(link, vfMTU))
		}
		if err != nil {
			return fmt.Errorf("%s: %w", vfName(vf), err)
		}
	}
	for _, dir := range owners {
		if err := os.Remove(filepath.Join(dir, s.address(vf))); err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
	}
	if s.Function == functionNetdevsim {
		pf, err := netlink.LinkByName(pfName)
		if err != nil {
			return fmt.Errorf("%s: %w", pfName, err)
		}
		return resetVF(pf, vf, simvf.Fresh)
	}
	table, err := simvf.OpenTable(simvf.Dir, pfName)
	if err != nil {
		return err
	}
	return errors.Join(table.Forget(vf), table.Close())
}

// resetVF has the function's table say that nobody has asked anything of a VF.
func resetVF(pf netlink.Link, vf int, row simvf.Row) error {
	mac, err := net.ParseMAC(row.MAC)
	if err != nil {
		return err
	}
	err = errors.Join(
		netlink.LinkSetVfHardwareAddr(pf, vf, mac),
		netlink.LinkSetVfVlanQosProto(pf, vf, row.Vlan, row.VlanQoS, unix.ETH_P_8021Q),
		netlink.LinkSetVfRate(pf, vf, row.MinTxRate, row.MaxTxRate),
		netlink.LinkSetVfSpoofchk(pf, vf, row.SpoofChk == "on"),
		netlink.LinkSetVfTrust(pf, vf, row.Trust == "on"),
		netlink.LinkSetVfState(pf, vf, netlink.VF_LINK_STATE_AUTO),
	)
	if err != nil {
		return fmt.Errorf("VF %d of %s: %w", vf, pf.Attrs().Name, err)
	}
	return nil
}
