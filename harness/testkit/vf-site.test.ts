import { expect } from "chai";
import type { HardwareVf } from "../nodes/hardware-vfs.ts";
import type { NodeTransport } from "../nodes/transport.ts";
import type { Violation } from "../verdicts/violation.ts";
import { CaseNode } from "./case-node.ts";
import { customNetwork, RESOURCE_NAME, type LiveNetwork } from "./declare-network.ts";
import { pod } from "./declare-pod.ts";
import { definitionAnnotations } from "./definition-annotations.ts";
import { Placement } from "./placement.ts";
import { TestPod, type PodDriver } from "./test-pod.ts";
import { judgeVfs } from "./vf-homecoming.ts";
import { checkpoint } from "./vf-node.test-support.ts";
import { containerOn, withoutVfs, type VfSite } from "./vf-site.ts";
import { POOL_A, POOL_B, resourceOf, toldDevices, VirtualFunctions } from "./virtual-functions.ts";

const [FIRST, SECOND] = ["0000:af:10.0", "0000:af:10.1"];
const vf = (pci: string, name: string, mac: string): HardwareVf => {
  return { pci, pf: "0000:af:00.0", driver: "iavf", link: { name, mac, mtu: 1500, up: true } };
};
const HOME = [vf(FIRST, "ens1v0", "02:5a:00:00:00:00"), vf(SECOND, "ens1v1", "02:5a:00:00:00:01")];
const SITE: VfSite = {
  plugin: "sriov",
  cniVersion: "1.0.0",
  keys: { vlan: 5 },
  pools: { [POOL_A]: "intel.com/net" },
  ranges: ["10.99.0.0/16"],
  homes: { n2: HOME, n3: [] },
};

/** A node with these VFs on it, and what its kubelet has given. */
function nodeWith(now: readonly HardwareVf[], grants: Readonly<Record<string, readonly string[]>> = {}): NodeTransport {
  const lines = now.map(({ pci, pf, driver, link }) => {
    const told = link ? `${link.name} ${link.mac} ${link.mtu} 0x1003` : "- - - -";
    return `${pci} ${pf} ${driver} ${told}\n`;
  });
  const exec = (argv: readonly string[]) => {
    const file = checkpoint(grants)[argv.at(-1) ?? ""];
    return Promise.resolve({ stdout: file ?? lines.join(""), stderr: "", exitCode: 0, durationMs: 1 });
  };
  return { node: "n2", exec } as unknown as NodeTransport;
}

const away = (one: HardwareVf): HardwareVf => ({ ...one, link: undefined });

describe("VFs of NICs in the place of simulated ones", () => {
  it("are asked for by the names of their pools, in each container and on the definition of networks", () => {
    const further = { name: "other", resources: { limits: { [POOL_A]: "1", "x/y": "2" }, requests: { cpu: "1m" } } };
    expect(containerOn(SITE, further)).to.deep.equal({
      name: "other",
      resources: { limits: { "intel.com/net": "1", "x/y": "2" }, requests: { cpu: "1m" } },
    });
    expect(containerOn(undefined, further)).to.equal(further);
    const declaration = customNetwork("a", () => ({}), { annotations: resourceOf(POOL_A), onVfs: true });
    const live = { declaration, vfSite: SITE } as unknown as LiveNetwork;
    expect(definitionAnnotations(live)).to.deep.equal({ [RESOURCE_NAME]: "intel.com/net" });
    expect(definitionAnnotations({ ...live, vfSite: undefined })).to.deep.equal({ [RESOURCE_NAME]: POOL_A });
  });

  it("are told to containers under the name of their pool", async () => {
    const asked: string[] = [];
    const driver = {
      exec: async (_pod: TestPod, argv: readonly string[]) => {
        asked.push(...argv);
        return { exitCode: 0, stdout: `${FIRST},${SECOND}\n`, stderr: "" };
      },
    } as unknown as PodDriver;
    const made = { declaration: pod("p", []), namespace: "own", name: "p", node: "n2", attachments: [], madeBy: [] };
    const testPod = new TestPod({ ...made, vfSite: SITE, driver });
    expect(await toldDevices(testPod, POOL_A)).to.deep.equal([FIRST, SECOND]);
    expect(asked).to.deep.equal(["printenv", "PCIDEVICE_INTEL_COM_NET"]);
    expect(testPod.resource(POOL_B)).to.equal(POOL_B);
  });

  it("have pods that want some on the nodes that have some", () => {
    const nodes = new Map(["n1", "n2", "n3"].map((name) => [name, nodeWith([])]));
    const lane = { nodes, podNodes: ["n1", "n2", "n3"], vfSite: SITE };
    const [wanting, other] = [pod("w", [], { resources: { [POOL_A]: 1 } }), pod("o", [])];
    const named = pod("n", [customNetwork("a", () => ({}), { annotations: resourceOf(POOL_A) })]);
    const placed = new Placement(lane);
    expect([wanting, named, other, other].map((one) => placed.nodeFor(one))).to.deep.equal(["n2", "n2", "n1", "n2"]);
    expect(placed.nodeFor({ ...wanting, apart: true })).to.equal("n3");
    const simulated = new Placement({ ...lane, vfSite: undefined });
    expect([wanting, wanting].map((one) => simulated.nodeFor(one))).to.deep.equal(["n1", "n2"]);
  });

  it("are at home under their own name alone, and are not touched by the harness", async () => {
    const moved = { ...HOME[0], link: { name: "net1", mac: "02:5a:00:00:00:00", mtu: 1500, up: false } } as HardwareVf;
    const vfs = new VirtualFunctions(new CaseNode(nodeWith([moved, ...HOME.slice(1)])), SITE);
    expect((await vfs.all()).map(({ pci, where }) => [pci, where])).to.deep.equal([
      [FIRST, "away"],
      [SECOND, "home"],
    ]);
    expect(await vfs.atHome(FIRST)).to.equal(undefined);
    expect(await vfs.whenHome(SECOND)).to.deep.equal({ name: "ens1v1", mac: "02:5a:00:00:00:01", mtu: 1500, up: true });
    const failure = await vfs.at("0000:af:10.7").catch((error: unknown) => error);
    expect(failure).to.have.property("code", "PL_VF_UNKNOWN");
    const untouched = { node: "n2", exec: () => Promise.reject(new Error("touched")) } as unknown as NodeTransport;
    await new VirtualFunctions(new CaseNode(untouched), SITE).tidy(FIRST);
  });

  it("are no residue where they lie at home, whoever's the MAC is; under a pod's name they are", () => {
    const items = ["ens1v0", "net1"].map((key) => ({ kind: "link", key }));
    const route = { kind: "route", key: "ens1v0" };
    expect(withoutVfs([...items, route], { site: SITE, node: "n2" })).to.deep.equal([items[1], route]);
    expect(withoutVfs(items, { site: SITE, node: "n3" })).to.deep.equal(items);
    expect(withoutVfs(items, { site: undefined, node: "n2" })).to.deep.equal(items);
  });
});

describe("judgeVfs on a node with NICs", () => {
  async function judged(node: NodeTransport): Promise<readonly string[]> {
    const held = [FIRST, SECOND].map((pci, i) => {
      const declaration = pod(`p${i}`, [], { resources: { [POOL_A]: 1 } });
      const made = { declaration, namespace: "own", name: `p${i}`, node: "n2", attachments: [], madeBy: ["SRV-901"] };
      const gone = new TestPod({ ...made, vfSite: SITE, driver: {} as PodDriver });
      gone.uid = `p${i}`;
      gone.devices = [pci];
      gone.deleted = "normal";
      return gone;
    });
    const seen: string[] = [];
    const lane = {
      nodes: new Map([["n2", node]]),
      vfSite: SITE,
      teardownMs: 50,
      violated: async (testPod: TestPod, found: readonly Violation[]) => {
        seen.push(...found.map(({ message }) => `${testPod.name}: ${message}`));
      },
      emit: () => undefined,
    };
    await judgeVfs(lane, held);
    return seen;
  }

  it("finds nothing where all are as they were, nor where another pod has one by now", async () => {
    expect(await judged(nodeWith(HOME))).to.deep.equal([]);
    const [first, second] = HOME as [HardwareVf, HardwareVf];
    expect(await judged(nodeWith([away(first), second], { next: [FIRST] }))).to.deep.equal([]);
  });

  it("finds the one that is not back, or is with another MAC", async () => {
    const [first] = HOME as [HardwareVf, HardwareVf];
    const found = await judged(nodeWith([away(first), vf(SECOND, "ens1v1", "02:00:00:00:00:09")]));
    expect(found).to.have.length(2);
    expect(found[0]).to.match(/^p0: VF 0000:af:10\.0 \(ens1v0\) is not home/);
    expect(found[1]).to.match(/^p1: .* is home with the MAC 02:00:00:00:00:09/);
  });
});
