// Package simvf is what the programs of the simulated function share: where its files lie, and its table of VFs.
package simvf

import "path/filepath"

// Dir holds all that the simulation keeps on a node. It lies in /var, which a restart of the node leaves.
const Dir = "/var/lib/plumbline/simvf"

// Devices is where PCI devices are looked for, with the simulated tree bound over it.
const Devices = "/sys/bus/pci/devices"

// TablePath is the table of VFs of a physical function, and HistoryPath the lines of what changed in it.
func TablePath(dir, pf string) string { return filepath.Join(dir, "pf", pf+".json") }

// HistoryPath holds one JSON line a change of the table.
func HistoryPath(dir, pf string) string { return filepath.Join(dir, "pf", pf+".jsonl") }
