package main

import (
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"

	"github.com/vishvananda/netlink"
)

func makeLinks(s *settings) error {
	if err := makeBridge(s); err != nil {
		return err
	}
	if err := makeFunction(s); err != nil {
		return err
	}
	pf, err := netlink.LinkByName(pfName)
	if err != nil {
		return fmt.Errorf("%s: %w", pfName, err)
	}
	if err := netlink.LinkSetUp(pf); err != nil {
		return fmt.Errorf("%s: %w", pfName, err)
	}
	for i := range s.VFs {
		if s.dpdk(i) {
			continue
		}
		if err := makeVF(s, i); err != nil {
			return err
		}
	}
	return nil
}

func makeFunction(s *settings) error {
	if s.Function == functionNetdevsim {
		return makeNetdevsim(s)
	}
	return makePair(s, pair{name: pfName, peer: uplinkName, index: firstIndex - 1, mac: s.mac(-1)})
}

func makeVF(s *settings, i int) error {
	return makePair(s, pair{name: vfName(i), peer: repName(i), index: firstIndex + i, mac: s.mac(i)})
}

func makeBridge(s *settings) error {
	bridge, err := netlink.LinkByName(bridgeName)
	if missing(err) {
		attrs := netlink.NewLinkAttrs()
		// a MAC of its own: it would take the lowest of its ports, which may be the one that the fabric is found by
		attrs.Name, attrs.HardwareAddr = bridgeName, s.mac(-2)
		bridge = &netlink.Bridge{LinkAttrs: attrs}
		err = netlink.LinkAdd(bridge)
	}
	if err == nil {
		err = netlink.LinkSetUp(bridge)
	}
	if err != nil {
		return fmt.Errorf("bridge %s: %w", bridgeName, err)
	}
	return nil
}

// pair is a veth pair whose peer is a port of the bridge.
type pair struct {
	name, peer string
	index      int
	mac        net.HardwareAddr
}

// makePair takes a pair for there when its peer is: the other end may be in a pod.
func makePair(s *settings, p pair) error {
	peer, err := netlink.LinkByName(p.peer)
	if missing(err) {
		if err = addPair(p); err == nil {
			peer, err = netlink.LinkByName(p.peer)
		}
	}
	if err != nil {
		return fmt.Errorf("veth pair %s and %s: %w", p.name, p.peer, err)
	}
	return port(peer)
}

func addPair(p pair) error {
	attrs := netlink.NewLinkAttrs()
	attrs.Name, attrs.HardwareAddr, attrs.Index = p.name, p.mac, p.index
	err := netlink.LinkAdd(&netlink.Veth{LinkAttrs: attrs, PeerName: p.peer})
	if err == nil {
		return nil
	}
	// an index that is taken is no reason to have no VF; an interface that is in the way is
	attrs.Index = 0
	return netlink.LinkAdd(&netlink.Veth{LinkAttrs: attrs, PeerName: p.peer})
}

func port(link netlink.Link) error {
	bridge, err := netlink.LinkByName(bridgeName)
	if err == nil && link.Attrs().MasterIndex != bridge.Attrs().Index {
		err = netlink.LinkSetMaster(link, bridge)
	}
	if err == nil {
		err = netlink.LinkSetUp(link)
	}
	if err != nil {
		return fmt.Errorf("port %s of %s: %w", link.Attrs().Name, bridgeName, err)
	}
	return nil
}

// joinFabric makes the interface that leads to the other nodes a port of the bridge. The address that Docker gave it goes:
// a port has none of its own.
func joinFabric(s *settings) error {
	fabric, err := findFabric(s)
	if fabric == nil || err != nil {
		return err
	}
	addresses, err := netlink.AddrList(fabric, netlink.FAMILY_ALL)
	if err != nil {
		return fmt.Errorf("fabric %s: %w", fabric.Attrs().Name, err)
	}
	for _, address := range addresses {
		if err := netlink.AddrDel(fabric, &address); err != nil {
			return fmt.Errorf("fabric %s: remove %s: %w", fabric.Attrs().Name, address.IPNet, err)
		}
	}
	return port(fabric)
}

// derived are the kinds of links that have the MAC of another.
var derived = []string{"bridge", "macvlan", "macvtap", "ipvlan", "ipvtap", "vlan", "bond"}

// findFabric finds the interface by its MAC, as Docker may give it another name after a restart. It is nil if none is wanted.
func findFabric(s *settings) (netlink.Link, error) {
	if s.FabricMAC == "" {
		return nil, nil
	}
	links, err := netlink.LinkList()
	if err != nil {
		return nil, fmt.Errorf("list links: %w", err)
	}
	var found []netlink.Link
	seen := []string{}
	for _, link := range links {
		if slices.Contains(derived, link.Type()) {
			continue
		}
		mac := link.Attrs().HardwareAddr.String()
		seen = append(seen, link.Attrs().Name+" "+mac)
		if mac == s.FabricMAC {
			found = append(found, link)
		}
	}
	if len(found) != 1 {
		return nil, fmt.Errorf("fabric: %d interfaces have the MAC %s; there are %s", len(found), s.FabricMAC, strings.Join(seen, ", "))
	}
	return found[0], nil
}

// locate tells where the interface of a VF is.
func locate(i int) (string, error) {
	rep, err := netlink.LinkByName(repName(i))
	if missing(err) {
		return "lost", nil
	}
	if err != nil {
		return "", err
	}
	vf, err := netlink.LinkByName(vfName(i))
	if missing(err) {
		return "away", nil
	}
	if err != nil {
		return "", err
	}
	if vf.Attrs().ParentIndex != rep.Attrs().Index {
		return "away", nil // something else has its name
	}
	return "home", nil
}

// removeLinks takes the pairs away by their peers, as the other ends may be in pods. The fabric's interface stays.
func removeLinks(s *settings) error {
	names := []string{uplinkName}
	for i := range s.VFs {
		names = append(names, repName(i))
	}
	var failures []error
	for _, name := range append(names, bridgeName) {
		link, err := netlink.LinkByName(name)
		if missing(err) {
			continue
		}
		if err == nil {
			err = netlink.LinkDel(link)
		}
		if err != nil {
			failures = append(failures, fmt.Errorf("remove %s: %w", name, err))
		}
	}
	if s.Function == functionNetdevsim {
		failures = append(failures, withKernelFiles(func() error { return realNetdevsim.remove(s.deviceNumber()) }))
	}
	return errors.Join(failures...)
}

func missing(err error) bool { return errors.As(err, &netlink.LinkNotFoundError{}) }
