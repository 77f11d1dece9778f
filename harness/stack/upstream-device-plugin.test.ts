import { expect } from "chai";
import { z } from "zod";
import type { DevicePluginSupply } from "../images/obtain-device-plugin.ts";
import type { KubeObject } from "../kube/client.ts";
import type { SimulatedFunction } from "../nodes/simvf.ts";
import type { NodeTransport } from "../nodes/transport.ts";
import type { StackContext } from "./component.ts";
import { SRIOVDP_MANIFEST } from "./sriovdp-manifest.test-support.ts";
import { resourceListOf, upstreamDevicePlugin } from "./upstream-device-plugin.ts";
import { advertised, loadVfSetup } from "./vf-pools.ts";

/**
 * What upstream reads of its configuration: a key that it does not know it passes over in silence.
 * @source sriov-network-device-plugin v3.11.0, pkg/types/types.go, ResourceConfList, ResourceConfig, NetDeviceSelectors;
 *   pkg/utils/utils.go, ValidResourceName
 */
const ResourceConfList = z.strictObject({
  resourceList: z.array(
    z.strictObject({
      resourcePrefix: z.string().optional(),
      resourceName: z.string().regex(/^[a-zA-Z0-9_-]+$/),
      deviceType: z.enum(["netDevice", "accelerator", "auxNetDevice"]).optional(),
      excludeTopology: z.boolean().optional(),
      selectors: z.strictObject({
        vendors: z.array(z.string()),
        devices: z.array(z.string()),
        drivers: z.array(z.string()),
        pciAddresses: z.array(z.string()).optional(),
        pfNames: z.array(z.string()),
        rootDevices: z.array(z.string()).optional(),
        linkTypes: z.array(z.string()).optional(),
        acpiIndexes: z.array(z.string()).optional(),
      }),
      additionalInfo: z.record(z.string(), z.record(z.string(), z.string())).optional(),
    }),
  ),
});

const setup = loadVfSetup();
const functionOn = (bus: string): SimulatedFunction => ({
  pf: "simpf0",
  pci: `0000:${bus}:00.0`,
  functions: Array.from({ length: setup.vfs }, (_, vf) => ({
    pci: `0000:${bus}:10.${vf}`,
    vf,
    driver: vf < setup.vfs - setup.dpdk ? "igbvf" : "vfio-pci",
  })),
});

/** @source pkg/resources/deviceSelectors.go, pfNameSelector: NAME#FIRST-LAST,SINGLE */
function isNamed(selector: string, pf: string, vf: number): boolean {
  const [name, numbers] = selector.split("#");
  if (name !== pf) return false;
  return (numbers?.split(",") ?? [`${vf}`]).some((part) => {
    const [first = Number.NaN, last = first] = part.split("-").map(Number);
    return vf >= first && vf <= last;
  });
}

/** Numbers of the VFs of each pool, as upstream deals them out: a VF is in the first that chooses it. */
function dealt(config: unknown, { pf, functions }: SimulatedFunction): Readonly<Record<string, readonly number[]>> {
  const taken = new Set<number>();
  const pools = ResourceConfList.parse(config).resourceList.map(({ resourcePrefix, resourceName, selectors }) => {
    const chosen = functions.filter(
      ({ vf, driver }) =>
        !taken.has(vf) && selectors.drivers.includes(driver) && selectors.pfNames.some((name) => isNamed(name, pf, vf)),
    );
    for (const { vf } of chosen) taken.add(vf);
    return [`${resourcePrefix}/${resourceName}`, chosen.map(({ vf }) => vf)] as const;
  });
  return Object.fromEntries(pools);
}

const supply: DevicePluginSupply = {
  image: {
    name: "sriov-network-device-plugin",
    ref: "ghcr.io/k8snetworkplumbingwg/sriov-network-device-plugin:v3.11.0",
    localRef: "mirror.example/k8snetworkplumbingwg/sriov-network-device-plugin:v3.11.0",
    id: "sha256:1",
    subject: {
      name: "sriov-network-device-plugin",
      version: "v3.11.0",
      origin: "upstream",
      source: "mirror.example/x@sha256:2",
      digest: "sha256:1",
      changes: [],
    },
    contents: [],
  },
  manifest: SRIOVDP_MANIFEST,
};

/** Two nodes and an API that writes down what is asked of it. */
function contextOf(): { readonly context: StackContext; readonly said: string[]; readonly applied: KubeObject[] } {
  const said: string[] = [];
  const applied: KubeObject[] = [];
  const nodes = ["a0", "a1"].map((bus) => ({
    node: bus,
    exec: (argv: readonly string[]) => {
      said.push(`${bus}: ${argv.join(" ")}`);
      return Promise.resolve({ exitCode: 0, stdout: JSON.stringify(functionOn(bus)), stderr: "", durationMs: 1 });
    },
    writeFile: (path: string, content: string) => {
      said.push(`${bus}: ${path} <- ${content}`);
      return Promise.resolve();
    },
  })) as unknown as readonly NodeTransport[];
  const kube = {
    apply: (objects: readonly KubeObject[]) => {
      applied.push(...objects);
      return Promise.resolve();
    },
    delete: ({ kind, name }: { kind: string; name: string }) => {
      said.push(`delete ${kind} ${name}`);
      return Promise.resolve();
    },
    list: () =>
      Promise.resolve([
        {
          metadata: { ownerReferences: [{ kind: "DaemonSet", name: "kube-sriov-device-plugin" }] },
          spec: { containers: [{ name: "kube-sriovdp", image: supply.image.ref }] },
          status: { containerStatuses: [{ name: "kube-sriovdp", imageID: `sha256:${"3".repeat(64)}` }] },
        },
      ]),
  };
  const cluster = { spec: { name: "c", ipFamily: "ipv4" } };
  return { context: { kube, nodes, cluster, signal: undefined } as unknown as StackContext, said, applied };
}

describe("the pools of upstream's device plugin", () => {
  const config = resourceListOf(setup, ["simpf0", "simpf0"]);

  it("are written as it reads them, and hold the VFs of ours, on every node", () => {
    for (const bus of ["a0", "a1"]) {
      const found = dealt(config, functionOn(bus));
      expect(found).to.deep.equal(Object.fromEntries(setup.pools.map(({ resource, vfs }) => [resource, vfs])));
      const counts = Object.entries(found).map(([resource, vfs]) => [resource, String(vfs.length)]);
      expect(Object.fromEntries(counts), "what the component waits for").to.deep.equal(advertised(setup));
    }
  });

  it("take nothing that is no simulated VF", () => {
    const [first] = ResourceConfList.parse(config).resourceList;
    expect(first?.selectors).to.deep.equal({
      vendors: ["8086"],
      devices: ["10ca"],
      drivers: ["igbvf"],
      pfNames: ["simpf0#0,1,2,3"],
    });
  });

  it("say of NUMA nodes and of VFs what ours say", () => {
    const second = ResourceConfList.parse(config).resourceList[1];
    expect(second).to.deep.include({ excludeTopology: true, additionalInfo: { "*": { pool: "b" } } });
  });
});

describe("upstream's device plugin", () => {
  it("is installed with its pools first, its image, the PCI tree, and on every node", async () => {
    const { context, applied } = contextOf();
    await upstreamDevicePlugin(supply).install(context, setup);
    expect(applied.map(({ kind, metadata }) => `${kind} ${metadata.namespace}/${metadata.name}`)).to.deep.equal([
      "ConfigMap kube-system/sriovdp-config",
      "ServiceAccount kube-system/sriov-device-plugin",
      "DaemonSet kube-system/kube-sriov-device-plugin",
    ]);
    const [configMap, , daemonSet] = applied;
    const text = (configMap?.["data"] as Record<string, string> | undefined)?.["config.json"] ?? "";
    expect(dealt(JSON.parse(text), functionOn("a1")))
      .to.have.property("plumbline.dev/simvf_b")
      .that.deep.equals([4, 5]);
    const { containers, volumes, tolerations } = podSpecOf(daemonSet);
    const [container] = containers;
    expect(container?.image).to.equal(supply.image.ref);
    expect(container?.volumeMounts).to.deep.include({
      name: "simulated-pci",
      mountPath: "/sys/bus/pci",
      readOnly: true,
    });
    expect(volumes).to.deep.include({
      name: "simulated-pci",
      hostPath: { path: "/var/lib/plumbline/simvf/bus-pci", type: "Directory" },
    });
    expect(tolerations).to.deep.equal([{ operator: "Exists" }]);
  });

  it("has what a container with a VF of vfio-pci is given on each node, over restarts", async () => {
    const { context, said } = contextOf();
    const plugin = upstreamDevicePlugin(supply);
    const [node] = context.nodes;
    if (node) await plugin.prepare?.(node, context);
    const folder = "/etc/systemd/system/plumbline-simvf.service.d";
    expect(said[0]).to.equal(`a0: mkdir -p ${folder}`);
    expect(said[1]).to.contain(`a0: ${folder}/vfio.conf <- `).and.to.contain("mknod -m 0666 /dev/vfio/vfio c 10 196");
    await plugin.remove(context);
    expect(said.slice(2)).to.deep.equal([
      "delete DaemonSet kube-sriov-device-plugin",
      "delete ServiceAccount sriov-device-plugin",
      "delete ConfigMap sriovdp-config",
      `a0: rm -rf ${folder}`,
      `a1: rm -rf ${folder}`,
    ]);
  });

  it("is told of with its version, where it came from, what runs, and what was changed", async () => {
    const { context } = contextOf();
    const [subject] = await upstreamDevicePlugin(supply).subjects(context);
    const { changes = [], ...told } = subject ?? {};
    expect(told).to.deep.equal({
      name: "sriov-network-device-plugin",
      version: "v3.11.0",
      origin: "upstream",
      source: "mirror.example/x@sha256:2",
      digest: `sha256:${"3".repeat(64)}`,
    });
    expect(changes.map((change) => change.split(" (")[0])).to.deep.equal([
      "image v3.11.0 in place of latest",
      "the simulated PCI tree at /sys/bus/pci",
      "a toleration of all taints",
      "a request of 10m CPU in place of 250m",
      "pools of the simulated VFs",
      "a /dev/vfio/vfio on the nodes, with nothing behind it",
    ]);
  });

  it("that nobody has got is not installed", async () => {
    const { context, applied } = contextOf();
    const error: unknown = await upstreamDevicePlugin(undefined)
      .install(context, setup)
      .catch((e: unknown) => e);
    expect(error).to.include({ code: "PL_INTERNAL" });
    expect(applied).to.deep.equal([]);
  });
});

function podSpecOf(object: KubeObject | undefined): PodSpec {
  if (!object) throw new Error("there is no DaemonSet");
  return (object.spec as { readonly template: { readonly spec: PodSpec } }).template.spec;
}

interface PodSpec {
  readonly containers: readonly { readonly image: string; readonly volumeMounts: readonly object[] }[];
  readonly volumes: readonly object[];
  readonly tolerations: readonly object[];
}
