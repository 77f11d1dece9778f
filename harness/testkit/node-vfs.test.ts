import { expect } from "chai";
import { CaseNode } from "./case-node.ts";
import { NodeVfs } from "./node-vfs.ts";
import { checkpoint, vfNode } from "./vf-node.test-support.ts";

const DIR = "/var/lib/plumbline/simvf";
const PCI = "0000:a1:10.0";
const row = {
  mac: "00:00:00:00:00:00",
  vlan: 5,
  vlanQoS: 2,
  vlanProto: "802.1ad",
  minTxRate: 0,
  maxTxRate: 100,
  spoofchk: "off",
  trust: "on",
  linkState: "enable",
};
const change = {
  at: "2026-01-01T12:00:00Z",
  pci: PCI,
  vf: 0,
  kind: "requested",
  containerId: "c",
  ifname: "net1",
  values: { vlan: 5 },
};

const vfsWith = (files: Readonly<Record<string, string>>): NodeVfs =>
  new NodeVfs(new CaseNode(vfNode([{ pci: PCI, where: "home" }], files)));

describe("NodeVfs", () => {
  it("reads the table and its history; a VF that nobody asked anything of has the row of a fresh one", async () => {
    const other = { ...change, pci: "0000:a1:10.1", vf: 1 };
    const vfs = vfsWith({
      [`${DIR}/pf/simpf0.json`]: JSON.stringify({ vfs: { "0": row } }),
      [`${DIR}/pf/simpf0.jsonl`]: `${JSON.stringify(change)}\n${JSON.stringify(other)}\n`,
    });
    const vf = await vfs.at(PCI);
    expect(await vfs.row(vf)).to.deep.equal(row);
    expect(await vfs.history(vf)).to.deep.equal([change]);
    expect(await vfs.history()).to.have.length(2);
    expect(await vfsWith({}).row(vf)).to.include({ vlan: 0, spoofchk: "on", trust: "off", linkState: "auto" });
    expect(await vfsWith({}).events()).to.deep.equal([]);
  });

  it("tells whom the kubelet gave which devices, with their NUMA nodes", async () => {
    const [grant] = await vfsWith(checkpoint({ uid: ["0000:a1:10.1", PCI] })).grants();
    expect(grant).to.deep.equal({
      podUid: "uid",
      container: "main",
      resource: "plumbline.dev/simvf_a",
      devices: [PCI, "0000:a1:10.1"],
      numaNodes: [0, 0],
    });
    const without = JSON.stringify({
      Data: { PodDeviceEntries: [{ PodUID: "u", ContainerName: "c", ResourceName: "r", DeviceIDs: { "-1": [PCI] } }] },
    });
    const [other] = await vfsWith({
      "/var/lib/kubelet/device-plugins/kubelet_internal_checkpoint": without,
    }).grants();
    expect(other?.numaNodes).to.deep.equal([undefined]);
  });

  it("tells of an owner, and that there is none", async () => {
    const owned = {
      [`/var/lib/cni/plumbline-sriov/pci/${PCI}`]: JSON.stringify({ netns: "/run/netns/x", attachment: "f" }),
    };
    expect(await vfsWith(owned).owner(PCI)).to.equal("/run/netns/x");
    expect(await vfsWith({}).owner(PCI)).to.equal(undefined);
  });

  it("refuses an address that the node does not have, and tells those that it has", async () => {
    const refused = await vfsWith({})
      .at("0000:a2:10.0")
      .catch((error: unknown) => String(error));
    expect(refused).to.contain("has no VF 0000:a2:10.0, only 0000:a1:10.0");
  });
});
