package main

import (
	"errors"
	"fmt"
	"net"
	"os"

	"github.com/containernetworking/plugins/pkg/ns"
	"github.com/vishvananda/netlink"
)

// transitName is what an interface is called between two namespaces: neither side has such a name.
func transitName(pci string) string { return "vf" + pci[5:7] + pci[8:10] + pci[11:] }

// moveIn brings the interface into the pod, under the name that is wanted there, and notes what it was and what it is.
func (a *attachment) moveIn(c *config, netns ns.NetNS) error {
	link, err := netlink.LinkByName(a.HostName)
	if err != nil {
		return fmt.Errorf("error getting VF netdevice with name %s: %w", a.HostName, err)
	}
	a.HostMAC, a.HostMTU, a.Peer = link.Attrs().HardwareAddr.String(), link.Attrs().MTU, link.Attrs().ParentIndex
	if err := a.save(); err != nil {
		return err
	}
	if err := netlink.LinkSetDown(link); err != nil {
		return fmt.Errorf("failed to down vf device %q: %w", a.HostName, err)
	}
	if c.MAC != "" {
		mac, err := net.ParseMAC(c.MAC)
		if err == nil {
			err = netlink.LinkSetHardwareAddr(link, mac)
		}
		if err != nil {
			return fmt.Errorf("failed to set netlink MAC address to %s: %w", c.MAC, err)
		}
	}
	if c.MTU != 0 {
		if err := netlink.LinkSetMTU(link, c.MTU); err != nil {
			return fmt.Errorf("failed to set MTU of %s to %d: %w", a.HostName, c.MTU, err)
		}
	}
	if err := netlink.LinkSetName(link, transitName(a.PCI)); err != nil {
		return fmt.Errorf("error setting temp IF name %s for %s: %w", transitName(a.PCI), a.HostName, err)
	}
	if err := netlink.LinkSetNsFd(link, int(netns.Fd())); err != nil {
		return fmt.Errorf("failed to move IF %s to netns: %w", a.HostName, err)
	}
	return netns.Do(func(ns.NetNS) error { return a.arrive() })
}

// arrive runs in the pod. The interface is looked up again: it has another index if its own was taken.
func (a *attachment) arrive() error {
	link, err := netlink.LinkByName(transitName(a.PCI))
	if err != nil {
		return err
	}
	a.PodIndex, a.PodMAC, a.PodMTU = link.Attrs().Index, link.Attrs().HardwareAddr.String(), link.Attrs().MTU
	if err := netlink.LinkSetName(link, a.Ifname); err != nil {
		return fmt.Errorf("error setting container interface name %s for %s: %w", a.Ifname, a.HostName, err)
	}
	// Neighbours shall learn the new MAC at once; a kernel without one of these only makes them wait.
	for _, file := range []string{"ipv4/conf/" + a.Ifname + "/arp_notify", "ipv6/conf/" + a.Ifname + "/ndisc_notify"} {
		_ = os.WriteFile("/proc/sys/net/"+file, []byte("1"), 0o644)
	}
	if err := netlink.LinkSetUp(link); err != nil {
		return fmt.Errorf("error bringing interface up in container ns: %w", err)
	}
	return nil
}

// moveOut brings the interface back from wherever an ADD or a DEL left it. netns is nil if it is gone, and with it the
// interface: the simulation makes it again.
func (a *attachment) moveOut(netns ns.NetNS) error {
	if a.HostName == "" {
		return nil
	}
	if netns != nil {
		home, err := ns.GetCurrentNS()
		if err != nil {
			return err
		}
		defer home.Close()
		if err := netns.Do(func(ns.NetNS) error { return a.leave(home) }); err != nil {
			return fmt.Errorf("failed to move interface %s to init netns: %w", a.HostName, err)
		}
	}
	return a.restore()
}

// leave runs in the pod, where the interface may have been given any name.
func (a *attachment) leave(home ns.NetNS) error {
	link, err := a.findInPod()
	if link == nil || err != nil {
		return err
	}
	if err := netlink.LinkSetDown(link); err != nil {
		return err
	}
	if err := netlink.LinkSetName(link, transitName(a.PCI)); err != nil {
		return err
	}
	return netlink.LinkSetNsFd(link, int(home.Fd()))
}

// findInPod returns nil if the interface is not there. The path may lead to another namespace by now, where another
// interface has the index.
func (a *attachment) findInPod() (netlink.Link, error) {
	link, err := netlink.LinkByName(transitName(a.PCI))
	if missing(err) && a.PodIndex != 0 {
		link, err = netlink.LinkByIndex(a.PodIndex)
	}
	if missing(err) || err == nil && link.Attrs().ParentIndex != a.Peer {
		return nil, nil
	}
	return link, err
}

// restore runs on the node: the interface gets its own name, MAC and MTU, and is down, as one that nobody uses.
func (a *attachment) restore() error {
	link, err := netlink.LinkByName(transitName(a.PCI))
	if missing(err) {
		link, err = netlink.LinkByName(a.HostName)
	}
	if missing(err) {
		return nil
	}
	if err != nil || a.HostMTU == 0 { // nothing was changed before the MTU was noted
		return err
	}
	if err := netlink.LinkSetDown(link); err != nil {
		return err
	}
	mac, err := net.ParseMAC(a.HostMAC)
	if err == nil {
		err = netlink.LinkSetHardwareAddr(link, mac)
	}
	if err != nil {
		return fmt.Errorf("failed to restore original effective netlink MAC address %s: %w", a.HostMAC, err)
	}
	if err := netlink.LinkSetMTU(link, a.HostMTU); err != nil {
		return fmt.Errorf("failed to restore MTU %d: %w", a.HostMTU, err)
	}
	if link.Attrs().Name == a.HostName {
		return nil
	}
	if err := netlink.LinkSetName(link, a.HostName); err != nil {
		return fmt.Errorf("failed to rename link %s to host name %s: %w", link.Attrs().Name, a.HostName, err)
	}
	return nil
}

func missing(err error) bool { return errors.As(err, &netlink.LinkNotFoundError{}) }
