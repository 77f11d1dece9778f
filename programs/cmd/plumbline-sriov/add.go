package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/containernetworking/cni/pkg/skel"
	"github.com/containernetworking/cni/pkg/types"
	current "github.com/containernetworking/cni/pkg/types/100"
	"github.com/containernetworking/plugins/pkg/ipam"
	"github.com/containernetworking/plugins/pkg/ns"

	"plumbline.invalid/programs/internal/simvf"
)

// undo is what a failed ADD takes back, last first.
type undo []func() error

func (u *undo) later(step func() error) { *u = append(*u, step) }

// all runs every step, also when one fails.
func (u undo) all() error {
	var failures []error
	for i := len(u) - 1; i >= 0; i-- {
		failures = append(failures, u[i]())
	}
	return errors.Join(failures...)
}

func add(args *skel.CmdArgs) error {
	c, f, err := judge(args)
	if err != nil {
		return err
	}
	lock, err := lockFunction(f.pci)
	if err != nil {
		return err
	}
	defer lock.Close()
	if err := refuseIfOwned(f.pci); err != nil {
		return err
	}
	if err := f.findInterface(); err != nil {
		return err
	}
	netns, err := ns.GetNS(args.Netns)
	if err != nil {
		return fmt.Errorf("failed to open netns %q: %w", args.Netns, err)
	}
	defer netns.Close()
	var back undo
	result, err := attach(call{args, c, f, netns}, &back)
	if err != nil {
		return errors.Join(err, back.all())
	}
	return types.PrintResult(result, c.CNIVersion)
}

// judge tells whether the configuration can be met, before anything is touched.
func judge(args *skel.CmdArgs) (*config, *function, error) {
	c, err := parseConfig(args.StdinData)
	if err != nil {
		return nil, nil, err
	}
	f, err := findFunction(c.DeviceID)
	if err != nil {
		return nil, nil, err
	}
	if err := c.settleMAC(args.Args); err != nil {
		return nil, nil, err
	}
	if err := c.validate(); err != nil {
		return nil, nil, err
	}
	return c, f, os.MkdirAll(filepath.Join(stateDir, "pci"), 0o700)
}

// call is an ADD whose VF is locked and free.
type call struct {
	args  *skel.CmdArgs
	c     *config
	f     *function
	netns ns.NetNS
}

func attach(call call, back *undo) (*current.Result, error) {
	c, f, args := call.c, call.f, call.args
	a := &attachment{
		Network: c.Name, ContainerID: args.ContainerID, Ifname: args.IfName, Netns: args.Netns,
		PCI: f.pci, PF: f.pf, VF: f.id, DPDK: f.dpdk, HostName: f.hostName,
	}
	asked, err := a.ask(c)
	if err != nil {
		return nil, err
	}
	back.later(a.disclaim)
	if err := a.claim(); err != nil {
		return nil, err
	}
	back.later(func() error { return a.reset() })
	if err := a.set(a.Requested, "requested", asked); err != nil {
		return nil, err
	}
	if !f.dpdk {
		back.later(func() error { return a.moveOut(call.netns) })
		if err := a.moveIn(c, call.netns); err != nil {
			return nil, err
		}
	}
	result, err := call.addresses(a, back)
	if err != nil {
		return nil, err
	}
	return result, a.save()
}

// addresses asks the IPAM plugin, if there is one. In DPDK mode nobody here can give the interface its addresses.
func (call call) addresses(a *attachment, back *undo) (*current.Result, error) {
	c, args := call.c, call.args
	mac := a.PodMAC
	if a.DPDK && a.Requested.MAC != simvf.Fresh.MAC {
		mac = a.Requested.MAC
	}
	made := &current.Interface{Name: args.IfName, Mac: mac, Mtu: a.PodMTU, Sandbox: args.Netns, PciID: a.PCI}
	result := &current.Result{CNIVersion: current.ImplementedSpecVersion, DNS: c.DNS, Interfaces: []*current.Interface{made}}
	if c.IPAM.Type == "" {
		return result, nil
	}
	back.later(func() error { return ipam.ExecDel(c.IPAM.Type, args.StdinData) })
	answer, err := ipam.ExecAdd(c.IPAM.Type, args.StdinData)
	if err != nil {
		return nil, fmt.Errorf("failed to set up IPAM plugin type %q: %w", c.IPAM.Type, err)
	}
	given, err := current.NewResultFromResult(answer)
	if err != nil {
		return nil, err
	}
	if len(given.IPs) == 0 {
		return nil, errors.New("IPAM plugin returned missing IP config")
	}
	result.IPs, result.Routes = given.IPs, given.Routes
	if given.DNS.Nameservers != nil || given.DNS.Search != nil {
		result.DNS = given.DNS
	}
	for _, address := range result.IPs {
		address.Interface = current.Int(0)
	}
	if a.DPDK {
		return result, nil
	}
	return result, call.netns.Do(func(ns.NetNS) error { return ipam.ConfigureIface(args.IfName, result) })
}

// ask fills in the rows of the table, and returns what is asked for beyond what the VF has.
func (a *attachment) ask(c *config) (map[string]any, error) {
	table, err := simvf.OpenTable(tableDir, a.PF)
	if err != nil {
		return nil, err
	}
	defer table.Close()
	a.Before = table.Row(a.VF)
	requested, asked, err := c.request(a.VF, a.Before)
	if err != nil {
		return nil, fmt.Errorf("failed to configure VF %w", err)
	}
	a.Requested = requested
	return asked, nil
}

func (a *attachment) set(row simvf.Row, kind string, values map[string]any) error {
	table, err := simvf.OpenTable(tableDir, a.PF)
	if err != nil {
		return err
	}
	defer table.Close()
	return table.Set(a.VF, row, simvf.Change{
		PCI: a.PCI, Kind: kind, ContainerID: a.ContainerID, Ifname: a.Ifname, Values: values,
	})
}
