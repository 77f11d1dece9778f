package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"

	"github.com/containernetworking/cni/pkg/invoke"
	"github.com/containernetworking/cni/pkg/skel"
	"github.com/containernetworking/cni/pkg/types"
	"github.com/containernetworking/plugins/pkg/ipam"
	"github.com/containernetworking/plugins/pkg/ns"

	"plumbline.invalid/programs/internal/simvf"
)

// del may come again, and for an ADD that failed or was killed: addresses are given back each time, the VF once.
func del(args *skel.CmdArgs) error {
	c, err := parseConfig(args.StdinData)
	if err != nil {
		return err
	}
	if c.IPAM.Type != "" {
		if err := ipam.ExecDel(c.IPAM.Type, args.StdinData); err != nil {
			return err
		}
	}
	path, err := attachmentPath(args.ContainerID, args.IfName)
	if err != nil {
		return err
	}
	return releaseAt(path)
}

// releaseAt gives a VF back. The attachment is read under the lock of its VF, as another DEL may be under way.
func releaseAt(path string) error {
	a, err := loadAttachment(path)
	if a == nil || err != nil {
		return err
	}
	lock, err := lockFunction(a.PCI)
	if err != nil {
		return err
	}
	defer lock.Close()
	if a, err = loadAttachment(path); a == nil || err != nil {
		return err
	}
	return a.release()
}

// release tries all of it. The files stay as long as the interface is not back: then another DEL can try again.
func (a *attachment) release() error {
	netns, err := ns.GetNS(a.Netns)
	if errors.As(err, &ns.NSPathNotExistErr{}) || errors.As(err, &ns.NSPathNotNSErr{}) {
		netns, err = nil, nil
	}
	if err != nil {
		return err
	}
	if netns != nil {
		defer netns.Close()
	}
	if err := errors.Join(a.moveOut(netns), a.reset()); err != nil {
		return err
	}
	return a.disclaim()
}

// reset puts back what was asked for; a VF that is already as before tells nothing.
func (a *attachment) reset() error {
	table, err := simvf.OpenTable(tableDir, a.PF)
	if err != nil {
		return err
	}
	defer table.Close()
	if table.Row(a.VF) == a.Before {
		return nil
	}
	return table.Set(a.VF, a.Before, simvf.Change{
		PCI: a.PCI, Kind: "restored", ContainerID: a.ContainerID, Ifname: a.Ifname, Values: changed(a.Requested, a.Before),
	})
}

// changed is what of a row differs from the one before it.
func changed(before, after simvf.Row) map[string]any {
	values := map[string]any{}
	for _, pair := range []struct {
		name          string
		before, after any
	}{
		{"mac", before.MAC, after.MAC}, {"vlan", before.Vlan, after.Vlan}, {"vlanQoS", before.VlanQoS, after.VlanQoS},
		{"vlanProto", before.VlanProto, after.VlanProto}, {"minTxRate", before.MinTxRate, after.MinTxRate},
		{"maxTxRate", before.MaxTxRate, after.MaxTxRate}, {"spoofchk", before.SpoofChk, after.SpoofChk},
		{"trust", before.Trust, after.Trust}, {"linkState", before.LinkState, after.LinkState},
	} {
		if pair.before != pair.after {
			values[pair.name] = pair.after
		}
	}
	return values
}

// gc gives back what this network holds beyond the attachments that the runtime knows of.
func gc(args *skel.CmdArgs) error {
	c, err := parseConfig(args.StdinData)
	if err != nil {
		return err
	}
	entries, err := os.ReadDir(stateDir)
	if err != nil && !os.IsNotExist(err) {
		return err
	}
	var failures []error
	for _, entry := range entries {
		if entry.IsDir() {
			continue
		}
		path := filepath.Join(stateDir, entry.Name())
		a, err := loadAttachment(path)
		if err == nil && a != nil && a.Network == c.Name && !slices.Contains(c.ValidAttachments, types.GCAttachment{ContainerID: a.ContainerID, IfName: a.Ifname}) {
			err = releaseAt(path)
		}
		failures = append(failures, err)
	}
	if c.IPAM.Type != "" {
		failures = append(failures, invoke.DelegateGC(context.Background(), c.IPAM.Type, args.StdinData, nil))
	}
	return errors.Join(failures...)
}
