import type { NodeTransport } from "../nodes/transport.ts";

/** One VF of a node that is not there. */
export interface ToldVf {
  readonly pci: string;
  readonly where: "home" | "away" | "lost";
  /** What its interface has now; default: its own. */
  readonly macNow?: string;
}

/** A node that tells of VFs, by what the commands for it print on a real one. @param files what it has, by path */
export function vfNode(vfs: readonly ToldVf[], files: Readonly<Record<string, string>> = {}): NodeTransport {
  const functions = vfs.map(({ pci, where }, vf) => ({
    pci,
    vf,
    driver: "igbvf",
    interface: `simvf${vf}`,
    mac: `02:5a:00:00:00:0${vf}`,
    where,
  }));
  const link = (name: string): string | undefined => {
    const at = functions.find((f) => f.interface === name && f.where === "home");
    if (!at) return undefined;
    const address = vfs[at.vf]?.macNow ?? at.mac;
    return JSON.stringify([{ ifname: name, address, mtu: 1500, flags: ["BROADCAST"] }]);
  };
  const answer = (argv: readonly string[]): string | undefined => {
    if (argv[1] === "status") return JSON.stringify({ pf: "simpf0", pci: "0000:a1:00.0", functions });
    if (argv[0] === "ip") return link(argv.at(-1) ?? "");
    return files[argv.at(-1) ?? ""] ?? "";
  };
  return {
    node: "n1",
    exec: (argv: readonly string[]) => {
      const stdout = answer(argv);
      return Promise.resolve({
        exitCode: stdout === undefined ? 1 : 0,
        stdout: stdout ?? "",
        stderr: "",
        durationMs: 1,
      });
    },
  } as unknown as NodeTransport;
}

/** What the kubelet keeps of its grants: by uid of the pod, PCI addresses of NUMA node 0. */
export function checkpoint(grants: Readonly<Record<string, readonly string[]>>): Readonly<Record<string, string>> {
  const PodDeviceEntries = Object.entries(grants).map(([PodUID, ids]) => ({
    PodUID,
    ContainerName: "main",
    ResourceName: "plumbline.dev/simvf_a",
    DeviceIDs: { "0": ids },
    AllocResp: "",
  }));
  const text = JSON.stringify({ Data: { PodDeviceEntries, RegisteredDevices: {} }, Checksum: 1 });
  return { "/var/lib/kubelet/device-plugins/kubelet_internal_checkpoint": text };
}
