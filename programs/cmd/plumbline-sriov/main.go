// Command plumbline-sriov is a CNI plugin that attaches virtual functions as sriov-cni does, where there is no hardware.
//
// It moves the real interface of a VF into the pod and back, with its own name, MAC and MTU. What a driver would have to
// enforce (VLAN, spoof check, trust, link state, rates) it keeps in the table of the physical function: requested and
// restored, never enforced. Its configuration and its words about bad input are those of sriov-cni.
package main

import (
	"os"
	"runtime"

	"github.com/containernetworking/cni/pkg/skel"
	"github.com/containernetworking/cni/pkg/version"

	"plumbline.invalid/programs/internal/simvf"
)

const program = "plumbline-sriov"

// Variables for the tests.
var (
	devicesDir = simvf.Devices
	tableDir   = simvf.Dir
	stateDir   = "/var/lib/cni/plumbline-sriov"
)

// init keeps the main goroutine on the main thread, in the namespace of the node, while others enter that of the pod.
func init() { runtime.LockOSThread() }

func main() {
	versions := version.PluginSupports("0.3.0", "0.3.1", "0.4.0", "1.0.0", "1.1.0")
	funcs := skel.CNIFuncs{Add: add, Del: del, Check: check, Status: status, GC: gc}
	if err := skel.PluginMainFuncsWithError(funcs, versions, program+": SR-IOV without hardware, for tests"); err != nil {
		if printErr := err.Print(); printErr != nil {
			os.Stderr.WriteString(program + ": " + printErr.Error() + "\n")
		}
		os.Exit(1)
	}
}
