package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/containernetworking/cni/pkg/skel"
	"github.com/containernetworking/cni/pkg/types"
	current "github.com/containernetworking/cni/pkg/types/100"
	"github.com/containernetworking/cni/pkg/version"
	"github.com/containernetworking/plugins/pkg/ip"
	"github.com/containernetworking/plugins/pkg/ipam"
	"github.com/containernetworking/plugins/pkg/ns"
	"github.com/vishvananda/netlink"

	"plumbline.invalid/programs/internal/simvf"
)

func check(args *skel.CmdArgs) error {
	c, err := parseConfig(args.StdinData)
	if err != nil {
		return err
	}
	path, err := attachmentPath(args.ContainerID, args.IfName)
	if err != nil {
		return err
	}
	a, err := loadAttachment(path)
	if err != nil {
		return err
	}
	if a == nil {
		return fmt.Errorf("%s is not attached to container %s by this plugin", args.IfName, args.ContainerID)
	}
	if err := a.checkTable(); err != nil {
		return err
	}
	if c.IPAM.Type != "" {
		if err := ipam.ExecCheck(c.IPAM.Type, args.StdinData); err != nil {
			return err
		}
	}
	if a.DPDK {
		return nil
	}
	result, err := previous(c)
	if err != nil {
		return err
	}
	netns, err := ns.GetNS(args.Netns)
	if err != nil {
		return fmt.Errorf("failed to open netns %q: %w", args.Netns, err)
	}
	defer netns.Close()
	return netns.Do(func(ns.NetNS) error { return a.checkLink(result) })
}

func previous(c *config) (*current.Result, error) {
	if err := version.ParsePrevResult(&c.NetConf); err != nil {
		return nil, err
	}
	if c.PrevResult == nil {
		return nil, badConfig("CHECK needs the prevResult")
	}
	return current.NewResultFromResult(c.PrevResult)
}

func (a *attachment) checkTable() error {
	table, err := simvf.OpenTable(tableDir, a.PF)
	if err != nil {
		return err
	}
	defer table.Close()
	if row := table.Row(a.VF); row != a.Requested {
		return fmt.Errorf("vf %d of %s is not as it was requested: %v", a.VF, a.PF, changed(a.Requested, row))
	}
	return nil
}

// checkLink runs in the pod.
func (a *attachment) checkLink(result *current.Result) error {
	link, err := netlink.LinkByName(a.Ifname)
	if err != nil {
		return err
	}
	at := link.Attrs()
	for _, pair := range []struct {
		what      string
		want, got any
	}{{"index", a.PodIndex, at.Index}, {"MAC", a.PodMAC, at.HardwareAddr.String()}, {"MTU", a.PodMTU, at.MTU}} {
		if pair.want != pair.got {
			return fmt.Errorf("%s of %s is %v, not %v", pair.what, a.Ifname, pair.got, pair.want)
		}
	}
	if err := ip.ValidateExpectedInterfaceIPs(a.Ifname, result.IPs); err != nil {
		return err
	}
	return ip.ValidateExpectedRoute(result.Routes)
}

// errUnavailable is the specification's code for a plugin that cannot serve ADD now.
const errUnavailable = 50

// status asks whether an ADD could be served: is there any VF at all?
func status(args *skel.CmdArgs) error {
	c, err := parseConfig(args.StdinData)
	if err != nil {
		return err
	}
	found, err := filepath.Glob(filepath.Join(devicesDir, "*", "physfn"))
	if err != nil {
		return err
	}
	if len(found) == 0 {
		return types.NewError(errUnavailable, program+": there is no virtual function", "none under "+devicesDir)
	}
	if err := os.MkdirAll(filepath.Join(stateDir, "pci"), 0o700); err != nil {
		return types.NewError(errUnavailable, program+": its state cannot be kept", err.Error())
	}
	if c.IPAM.Type == "" {
		return nil
	}
	return ipam.ExecStatus(c.IPAM.Type, args.StdinData)
}
