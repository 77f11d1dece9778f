import type { RunningCluster } from "../cluster/cluster.ts";
import { obtainDevicePlugin, type DevicePluginSupply } from "../images/obtain-device-plugin.ts";
import { obtainVfPlugin, type VfPluginSupply } from "../images/obtain-vf-plugin.ts";
import { requireNetdevsim } from "./require-netdevsim.ts";
import { obtainMultus, type MultusSupply } from "../images/obtain-multus.ts";
import { obtainNetwork, type NetworkSupply } from "../images/obtain-network.ts";
import { obtainModule, type ModuleSupply } from "../images/obtain-module.ts";
import { putImage } from "../images/put-image.ts";
import { KUBE_ROUTER } from "../stack/kube-router.ts";
import type { Stack } from "../stack/stack.ts";
import { WHEREABOUTS } from "../stack/whereabouts.ts";
import { requireFit } from "./network-fit.ts";
import type { TestbedOptions } from "./testbed-options.ts";

/** What a stack needs and the node image does not have. */
export interface Supplies {
  readonly multus: MultusSupply | undefined;
  /** By the names of components. */
  readonly modules: Readonly<Record<string, ModuleSupply>>;
  readonly network: NetworkSupply | undefined;
  readonly devicePlugin: DevicePluginSupply | undefined;
  /** Taken out of its image, which no node needs. */
  readonly vfPlugin: VfPluginSupply | undefined;
}

const FROM_MODULES = [WHEREABOUTS, KUBE_ROUTER];

type Pulled = Pick<Supplies, "network" | "devicePlugin" | "vfPlugin">;

type Options = Pick<TestbedOptions, "multus" | "ipFamily" | "cniVersion" | "images" | "progress" | "signal">;

/** Gets what nobody builds here: a published default network, and what upstream has for VFs. @throws PlumblineError */
export async function obtainPulled(
  { name, published, devicePlugin, vfFunction }: Pick<Stack, "name" | "published" | "devicePlugin" | "vfFunction">,
  options: Options,
): Promise<Pulled> {
  const { images, progress, signal } = options;
  if (published) requireFit(published, options);
  const needsDriver = vfFunction === "netdevsim";
  if (needsDriver) await requireNetdevsim(name);
  return {
    network: published && (await obtainNetwork(published, { images, progress, signal })),
    devicePlugin: devicePlugin === "upstream" ? await obtainDevicePlugin({ images, progress, signal }) : undefined,
    vfPlugin: needsDriver ? await obtainVfPlugin({ images, progress, signal }) : undefined,
  };
}

/** Gets the rest. @param options.multus another Multus than the stack's @throws PlumblineError of the room images */
export async function obtainSupplies(
  stack: Pick<Stack, "components" | "multus">,
  { multus, images, progress, signal }: Options,
): Promise<Omit<Supplies, keyof Pulled>> {
  const call = { images, progress, signal };
  const supplied = multus && (await obtainMultus(multus, { mode: stack.multus.mode, ...call }));
  const modules: Record<string, ModuleSupply> = {};
  for (const contents of FROM_MODULES.filter(({ name }) => stack.components.some((one) => one.name === name))) {
    modules[contents.name] = await obtainModule(contents, call);
  }
  return { multus: supplied, modules };
}

/** Puts its images on the nodes. */
export async function putSupplies(
  { multus, modules, network, devicePlugin }: Supplies,
  nodes: RunningCluster["nodes"],
  signal: AbortSignal | undefined,
): Promise<void> {
  const ofModules = Object.values(modules).map(({ image }) => image);
  const put = [multus?.image, ...ofModules, devicePlugin?.image, ...(network?.images ?? [])];
  const images = put.filter((image) => image !== undefined);
  await Promise.all(
    nodes.map(async ({ name }) => {
      for (const image of images) await putImage(name, image, signal);
    }),
  );
}
