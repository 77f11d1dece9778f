import { expect } from "chai";
import { CaseNode } from "./case-node.ts";
import { NodeVfs } from "./node-vfs.ts";
import { checkpoint, vfNode } from "./vf-node.test-support.ts";

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
const vfsWith = (files: Readonly<Record<string, string>>): NodeVfs =>
  new NodeVfs(new CaseNode(vfNode([{ pci: PCI, where: "home" }], files)));

describe("NodeVfs", () => {
  it("has the row that the node tells of a VF", async () => {
    const vfs = vfsWith({ table: JSON.stringify({ vfs: { "0": row } }) });
    expect(await vfs.row(await vfs.at(PCI))).to.deep.equal(row);
    expect(await vfsWith({}).events()).to.deep.equal([]);
  });

  it("takes a table without the VF for a fault of the simulation", async () => {
    const vfs = vfsWith({ table: JSON.stringify({ vfs: { "1": row } }) });
    const refused = await vfs.row(await vfs.at(PCI)).catch((error: unknown) => String(error));
    expect(refused).to.contain("the table of n1 has no VF 0, only 1");
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

  it("refuses an address that the node does not have, and tells those that it has", async () => {
    const refused = await vfsWith({})
      .at("0000:a2:10.0")
      .catch((error: unknown) => String(error));
    expect(refused).to.contain("has no VF 0000:a2:10.0, only 0000:a1:10.0");
  });
});
