// Command simvf gives a node virtual functions without hardware: veth pairs whose other ends are ports of a bridge, and a
// PCI tree over the node's own, in which programs for SR-IOV find them beside the real devices.
//
//	simvf up [-vfs 4] [-dpdk 0] [-fabric-mac MAC] [-bus af] [-numa 0] [-function veth|netdevsim]
//	simvf restore | status | table | watch | down
//	simvf tidy PCI
//
// up keeps its settings, and restore does the same again after the node has been restarted, which takes links and mounts.
// Both, and down, can be called again. watch prints one JSON line for each VF that leaves, returns or is lost, and makes
// lost ones again: a veth pair is destroyed with the network namespace of one end, where a real VF would come home. table
// prints what is asked of each VF at that moment, and tidy puts one that is at home back as it was made.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	stop, done := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer done()
	if err := run(stop, os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintf(os.Stderr, "simvf: %v\n", err)
		os.Exit(1)
	}
}

var errUsage = errors.New("usage: simvf up|restore|status|table|tidy|watch|down")

func run(stop context.Context, args []string, out io.Writer) error {
	if len(args) == 0 {
		return errUsage
	}
	verb, rest := args[0], args[1:]
	if err := countArguments(verb, len(rest)); err != nil {
		return err
	}
	switch verb {
	case "up":
		wanted, err := parseSettings(rest)
		if err != nil {
			return err
		}
		return locked(func() error { return up(wanted, out) })
	case "restore":
		return locked(func() error {
			kept, err := loadSettings()
			if err != nil {
				return err
			}
			return up(kept, out)
		})
	case "status":
		kept, err := loadSettings()
		if err != nil {
			return err
		}
		return printState(kept, out)
	case "table":
		kept, err := loadSettings()
		if err != nil {
			return err
		}
		return printTable(kept, out)
	case "tidy":
		return locked(func() error { return tidy(rest[0]) })
	case "watch":
		return watch(stop, out)
	case "down":
		return locked(down)
	}
	return fmt.Errorf("%q is no verb: %w", verb, errUsage)
}

func countArguments(verb string, n int) error {
	switch {
	case verb == "tidy" && n != 1:
		return fmt.Errorf("tidy takes the address of one VF: %w", errUsage)
	case verb != "up" && verb != "tidy" && n > 0:
		return fmt.Errorf("%s takes no arguments: %w", verb, errUsage)
	}
	return nil
}

func parseSettings(args []string) (*settings, error) {
	s := &settings{}
	flags := flag.NewFlagSet("simvf up", flag.ContinueOnError)
	flags.IntVar(&s.VFs, "vfs", 4, "how many virtual functions")
	flags.IntVar(&s.DPDK, "dpdk", 0, "how many of them, the last ones, are bound to vfio-pci and have no interface")
	flags.StringVar(&s.FabricMAC, "fabric-mac", "", "MAC of the interface that joins the nodes; without it the VFs of this node reach each other alone")
	flags.StringVar(&s.Bus, "bus", "af", "PCI bus, two hexadecimal digits")
	flags.IntVar(&s.NUMA, "numa", 0, "NUMA node of the function")
	flags.StringVar(&s.Function, "function", functionVeth, "what the physical function is made of: veth, or netdevsim, whose driver keeps a table of VFs")
	if err := flags.Parse(args); err != nil {
		return nil, err
	}
	if flags.NArg() > 0 {
		return nil, fmt.Errorf("unexpected argument %q: %w", flags.Arg(0), errUsage)
	}
	return s, s.validate()
}

// up makes what is not there yet. A missing fabric does not keep the node from its VFs, but is told.
func up(s *settings, out io.Writer) error {
	if err := s.keep(); err != nil {
		return err
	}
	if err := makeLinks(s); err != nil {
		return err
	}
	if err := mountTree(s); err != nil {
		return err
	}
	if err := joinFabric(s); err != nil {
		return err
	}
	return printState(s, out)
}

// down removes all of it, also what an up that failed has left.
func down() error {
	s, err := loadSettings()
	if errors.Is(err, errNotUp) {
		return nil
	}
	if err != nil {
		return err
	}
	if err := errors.Join(unmountTree(s), removeLinks(s)); err != nil {
		return err
	}
	return removeFiles()
}

// state is what up and status print.
type state struct {
	PF        string     `json:"pf"`
	PCI       string     `json:"pci"`
	Fabric    string     `json:"fabric,omitempty"`
	Functions []function `json:"functions"`
}

type function struct {
	PCI       string `json:"pci"`
	VF        int    `json:"vf"`
	Driver    string `json:"driver"`
	Interface string `json:"interface,omitempty"`
	MAC       string `json:"mac,omitempty"`
	// Where is home, away or lost; empty in DPDK mode.
	Where string `json:"where,omitempty"`
}

func printState(s *settings, out io.Writer) error {
	found := state{PF: pfName, PCI: s.pfAddress()}
	if fabric, err := findFabric(s); err == nil && fabric != nil {
		found.Fabric = fabric.Attrs().Name
	}
	for i := range s.VFs {
		f := function{PCI: s.address(i), VF: i, Driver: s.driver(i)}
		if !s.dpdk(i) {
			where, err := locate(i)
			if err != nil {
				return err
			}
			f.Interface, f.MAC, f.Where = vfName(i), s.mac(i).String(), where
		}
		found.Functions = append(found.Functions, f)
	}
	return json.NewEncoder(out).Encode(found)
}
