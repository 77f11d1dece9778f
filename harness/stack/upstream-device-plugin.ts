import { harnessError } from "../core/errors.ts";
import { publishedDevicePlugin, type DevicePluginSupply } from "../images/obtain-device-plugin.ts";
import type { KubeObject } from "../kube/client.ts";
import { readSimulatedFunction } from "../nodes/simvf.ts";
import { readSimvfFixture, SIMVF_UNIT_DIR, type DevicePlugin } from "./device-plugin.ts";
import {
  applyManifest,
  daemonSubject,
  patchedManifest,
  removeManifest,
  type ManifestSource,
} from "./manifest-component.ts";
import type { VfSetup } from "./vf-pools.ts";

/** Goes with the unit that makes the VFs, which is started after it has been laid down. */
const DROP_IN = `${SIMVF_UNIT_DIR}/plumbline-simvf.service.d`;
const TIMEOUT_MS = 15_000;

/** The simulated VFs as upstream finds them in the PCI tree; see programs/cmd/simvf. */
const VENDOR = "8086";
const DEVICE = "10ca";
const DRIVER = "igbvf";

/**
 * Upstream's SR-IOV network device plugin from its own manifest, with the pools that ours has.
 * @param supply what it is installed from; undefined where nothing is installed, as when stacks are listed
 */
export function upstreamDevicePlugin(supply: DevicePluginSupply | undefined): DevicePlugin {
  const { name, version, daemonSet, configMap } = publishedDevicePlugin();
  const source = (): ManifestSource => {
    if (supply) return devicePluginManifest(supply);
    throw harnessError("PL_INTERNAL", `${name} is to be installed, and nobody has got it`);
  };
  return {
    isOurs: false,
    images: [],
    daemonSet,
    async prepare(node, { signal }) {
      await node.exec(["mkdir", "-p", DROP_IN], { timeoutMs: TIMEOUT_MS, signal });
      await node.writeFile(`${DROP_IN}/vfio.conf`, readSimvfFixture("vfio.conf"), 0o644);
    },
    async install(context, setup) {
      const { signal } = context;
      const manifest = source();
      const nodes = await Promise.all(context.nodes.map((node) => readSimulatedFunction(node, { signal })));
      const { objects } = await patchedManifest(context, manifest);
      const pfs = nodes.map(({ pf }) => pf);
      await applyManifest(context, manifest, [configMapOf(resourceListOf(setup, pfs)), ...objects]);
    },
    async subjects(context) {
      const image = supply?.image.subject;
      const subject = await daemonSubject(context, { name, version, daemonSet, manifest: source(), image });
      return [{ ...subject, changes: [...subject.changes, POOLS, VFIO] }];
    },
    async remove(context) {
      await removeManifest(context, source());
      await context.kube.delete({ ...CONFIG_MAP, ...configMap }, { signal: context.signal });
      await Promise.all(
        context.nodes.map((node) =>
          node.exec(["rm", "-rf", DROP_IN], { timeoutMs: TIMEOUT_MS, signal: context.signal }),
        ),
      );
    },
  };
}

const POOLS = "pools of the simulated VFs (its own ConfigMap names devices that are not here)";
const VFIO = "a /dev/vfio/vfio on the nodes, with nothing behind it (containers with a VF of vfio-pci are given it)";

/** Upstream's manifest, and what is changed in it. */
export function devicePluginManifest({ image, manifest }: DevicePluginSupply): ManifestSource {
  const { name, version, patches } = publishedDevicePlugin();
  return {
    file: `the manifest of ${name}`,
    text: manifest,
    patches,
    values: { image: image.ref, tag: version },
  };
}

const CONFIG_MAP = { apiVersion: "v1", kind: "ConfigMap" } as const;

/** What upstream's DaemonSet reads its pools from. */
export function configMapOf(config: ResourceList): KubeObject {
  const { configMap } = publishedDevicePlugin();
  return { ...CONFIG_MAP, metadata: configMap, data: { "config.json": JSON.stringify(config, null, 2) } };
}

interface ResourceList {
  readonly resourceList: readonly Readonly<Record<string, unknown>>[];
}

/**
 * The pools as upstream's device plugin reads them: one configuration for all nodes, which chooses VFs by the numbers that
 * they have under their function, since addresses are others on each node.
 * @param pfs interfaces of the simulated functions of the nodes
 * @source sriov-network-device-plugin v3.11.0, pkg/types/types.go and README, selectors
 */
export function resourceListOf({ pools }: VfSetup, pfs: readonly string[]): ResourceList {
  const resourceList = pools.map(({ resource, vfs, drivers = [DRIVER], ...more }) => {
    const [resourcePrefix, resourceName] = resource.split("/");
    const pfNames = [...new Set(pfs)].map((pf) => `${pf}#${vfs.join(",")}`);
    const selectors = { vendors: [VENDOR], devices: [DEVICE], drivers, pfNames };
    return { resourcePrefix, resourceName, deviceType: "netDevice", ...more, selectors };
  });
  return { resourceList };
}
