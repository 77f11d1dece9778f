import { expect } from "chai";
import { sriovSchema } from "../config/sriov-schema.ts";
import type { KubeObject } from "../kube/client.ts";
import type { NodeTransport } from "../nodes/transport.ts";
import { POOL_A, POOL_B, POOL_DPDK } from "../testkit/virtual-functions.ts";
import { findVfSite } from "./find-vf-site.ts";

const NET = "intel.com/net";
const DPDK = "intel.com/dpdk";
const RANGES = ["10.99.0.0/16"];
const { signal } = new AbortController();

function node(name: string, allocatable: Readonly<Record<string, string>>): KubeObject {
  const own = { cpu: "8", "hugepages-2Mi": "0", "attachable-volumes-csi.kubernetes.io/x": "3" };
  return { apiVersion: "v1", kind: "Node", metadata: { name }, status: { allocatable: { ...own, ...allocatable } } };
}

function podOn(nodeName: string, { phase = "Running", count = 1, image = "app:1", name = "app" } = {}): KubeObject {
  const resources = { limits: { [NET]: String(count) } };
  const spec = { nodeName, containers: [{ image, resources }] };
  return { apiVersion: "v1", kind: "Pod", metadata: { name, namespace: "mine" }, spec, status: { phase } };
}

const kubeWith = (nodes: readonly KubeObject[], pods: readonly KubeObject[] = []) => ({
  list: ({ kind }: { readonly kind: string }) => Promise.resolve(kind === "Node" ? [...nodes] : [...pods]),
});

interface Has {
  readonly plugins?: readonly string[];
  /** VFs by driver: an interface is there for those of `iavf`. */
  readonly drivers?: readonly string[];
  readonly registered?: Readonly<Record<string, readonly number[]>> | undefined;
}

const pci = (i: number): string => `0000:af:10.${i}`;

/** A node that answers as its shell would. */
function transport(name: string, has: Has = {}): NodeTransport {
  const { plugins = ["sriov"], drivers = Array.from({ length: 8 }, () => "iavf") } = has;
  const registered = "registered" in has ? has.registered : { [NET]: drivers.map((_, i) => i) };
  const vfs = drivers.map((driver, i) => {
    const link = driver === "iavf" ? `ens1v${i} 02:5a:00:00:00:0${i} 1500 0x1002` : "- - - -";
    return `${pci(i)} 0000:af:00.0 ${driver} ${link}\n`;
  });
  const devices = Object.entries(registered ?? {}).map(([resource, ids]) => [resource, ids.map(pci)]);
  const checkpoint = JSON.stringify({ Data: { RegisteredDevices: Object.fromEntries(devices) } });
  const exec = (argv: readonly string[]) => {
    const said = (stdout: string, exitCode = 0) => Promise.resolve({ stdout, exitCode, stderr: "", durationMs: 1 });
    if (argv[0] === "test") return said("", plugins.includes(argv[2]?.split("/").at(-1) ?? "") ? 0 : 1);
    if (argv.at(-1)?.endsWith("kubelet_internal_checkpoint")) return said(registered ? checkpoint : "");
    return said(vfs.join(""));
  };
  return { node: name, exec } as unknown as NodeTransport;
}

const config = (rest: object = {}) => sriovSchema.parse({ pools: [{ resource: NET }], ranges: RANGES, ...rest });

async function found(
  kube: ReturnType<typeof kubeWith>,
  nodes: readonly NodeTransport[],
  wanted = config(),
): Promise<Awaited<ReturnType<typeof findVfSite>> & { told: Readonly<Record<string, string>> }> {
  const all = await findVfSite(kube, { config: wanted, nodes, signal });
  const told = all.features.map(({ name, present, evidence }) => [name, `${present}: ${evidence}`]);
  return { ...all, told: Object.fromEntries(told) };
}

const refusal = async (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => "none",
    (error: { code: string; message: string; hint: string }) => `${error.code} ${error.message} (${error.hint})`,
  );

describe("findVfSite", () => {
  it("takes the nodes that have enough, and none of the others; one pool stands for two", async () => {
    const kube = kubeWith([node("a", { [NET]: "8" }), node("b", { [NET]: "3" }), node("c", {})]);
    const { site, told } = await found(kube, [transport("a"), transport("b"), transport("c")]);
    expect(site).to.deep.include({
      plugin: "sriov",
      keys: {},
      ranges: RANGES,
      pools: { [POOL_A]: NET, [POOL_B]: NET },
    });
    expect(Object.keys(site?.homes ?? {})).to.deep.equal(["a"]);
    expect(site?.homes["a"]?.[1]).to.deep.include({ pci: pci(1), driver: "iavf" });
    const evidence = "VFs of NICs are free: 8 of 8 intel.com/net on a (driver iavf)";
    const none = "false: VFs are those of the cluster's NICs, and not simulated (S3)";
    expect(told).to.deep.equal({
      sriov: `true: ${evidence}`,
      "sriov-s0": none,
      "sriov-s1": none,
      "sriov-s2": none,
      "sriov-s3": `true: ${evidence}`,
      "sriov-simulated": none,
      "sriov-userspace": "false: no pool of cluster.sriov is for user space",
      "sriov-two-nodes": `false: ${evidence}`,
      "sriov-as-asked": "true: no pod of the cluster is a network-resources-injector",
    });
  });

  it("counts what pods have not asked for, unless they have ended", async () => {
    const nodes = [node("a", { [NET]: "8" })];
    const ended = [podOn("a", { phase: "Succeeded", count: 8 }), podOn("b", { count: 8 }), podOn("a", { count: 4 })];
    const enough = await found(kubeWith(nodes, ended), [transport("a")]);
    expect(enough.told["sriov"]).to.contain("true: VFs of NICs are free: 4 of 8 intel.com/net on a");
    const { site, told } = await found(kubeWith(nodes, [podOn("a", { count: 3 }), podOn("a", { count: 2 })]), [
      transport("a"),
    ]);
    expect(site).to.equal(undefined);
    const evidence = "false: no node has enough VFs that are free: 3 of 8 intel.com/net on a, of 4 that cases need";
    for (const name of ["sriov", "sriov-s1", "sriov-s3", "sriov-as-asked"]) expect(told[name]).to.equal(evidence);
  });

  it("gives pools of two kinds the places of the simulation's, and sees two nodes", async () => {
    const nodes = ["a", "b"].map((name) => node(name, { [NET]: "4", "intel.com/b": "2", [DPDK]: "1" }));
    const has = {
      drivers: ["iavf", "iavf", "iavf", "iavf", "iavf", "iavf", "vfio-pci"],
      registered: { [NET]: [0, 1, 2, 3], "intel.com/b": [4, 5], [DPDK]: [6] },
    };
    const pools = [{ resource: DPDK, userspace: true }, { resource: NET }, { resource: "intel.com/b" }];
    const wanted = config({ pools });
    const { site, told } = await found(kubeWith(nodes), [transport("a", has), transport("b", has)], wanted);
    expect(site?.pools).to.deep.equal({ [POOL_A]: NET, [POOL_B]: "intel.com/b", [POOL_DPDK]: DPDK });
    for (const name of ["sriov-userspace", "sriov-two-nodes"]) expect(told[name]).to.match(/^true/);
  });

  it("does not take devices that are no VFs, or are bound to another kind of driver than said", async () => {
    const kube = kubeWith([node("a", { [NET]: "8" })]);
    for (const [has, says] of [
      [{ drivers: [], registered: { [NET]: [0] } }, `a gives out ${pci(0)} of ${NET}, which is no VF`],
      [{ drivers: ["vfio-pci"], registered: { [NET]: [0] } }, "is bound to vfio-pci, and userspace: false said"],
      [{ registered: undefined }, "keeps no checkpoint in /var/lib/kubelet"],
    ] as const) {
      const { site, told } = await found(kube, [transport("a", has)]);
      expect(site).to.equal(undefined);
      expect(told["sriov"])
        .to.match(/^false/)
        .and.to.contain(says);
    }
  });

  it("tells that the resources injector changes what pods ask for", async () => {
    const injector = podOn("a", { count: 0, name: "network-resources-injector-x7" });
    const { told } = await found(kubeWith([node("a", { [NET]: "8" })], [injector]), [transport("a")]);
    expect(told["sriov-as-asked"]).to.contain("false: mine/network-resources-injector-x7 changes how many devices");
  });

  it("refuses a pool that no node has, with what nodes do advertise, and a plugin that is not there", async () => {
    const kube = kubeWith([node("a", { [NET]: "8", "intel.com/spent": "0" }), node("b", { "nvidia.com/gpu": "2" })]);
    const pools = config({ pools: [{ resource: "intel.com/spent" }] });
    expect(await refusal(found(kube, [transport("a")], pools))).to.equal(
      "PL_SRIOV_POOL no node of the cluster has a device of intel.com/spent to give " +
        "(nodes advertise a: 8 intel.com/net, 0 intel.com/spent; b: 2 nvidia.com/gpu)",
    );
    const bare = kubeWith([node("a", {})]);
    expect(await refusal(found(bare, [transport("a")]))).to.contain("no node advertises any extended resource");
    expect(await refusal(found(kube, [transport("a", { plugins: ["bridge"] })]))).to.contain(
      "PL_SRIOV_PLUGIN node a has VFs, and no plugin sriov in /opt/cni/bin",
    );
  });

  it("asks nothing of a cluster whose configuration names no pool", async () => {
    const kube = { list: () => Promise.reject(new Error("asked")) };
    const { site, features } = await findVfSite(kube, { config: undefined, nodes: [], signal });
    expect(site).to.equal(undefined);
    for (const { present, evidence } of features) {
      expect([present, evidence]).to.deep.equal([false, "the configuration names no pools of VFs (cluster.sriov)"]);
    }
  });
});
