import type { ClusterSpec } from "../cluster/cluster.ts";
import { find, requireOurs } from "../cluster/ownership.ts";
import type { MultusSource } from "../config/multus-source.ts";
import { usageError } from "../core/errors.ts";
import type { Progress } from "../core/ports.ts";
import { ensureImages, type EnsureImagesOptions, type ImageSet } from "../images/ensure-images.ts";
import { obtainMultus, type MultusSupply } from "../images/obtain-multus.ts";
import { obtainNetwork, type NetworkSupply } from "../images/obtain-network.ts";
import type { PublishedNetwork } from "../images/published-network.ts";
import { stackNamed } from "../stack/stack.ts";

export interface SupplyOptions {
  readonly stack: string;
  /** Another Multus than that of the stack. */
  readonly multus?: MultusSource | undefined;
  /** Another CNI version than the stack's. */
  readonly cniVersion?: string | undefined;
  readonly ipFamily: ClusterSpec["ipFamily"];
  readonly images: Pick<EnsureImagesOptions, "source" | "mirror">;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

/** What a testbed is made of. */
export interface Supplies {
  readonly images: ImageSet;
  readonly multus: MultusSupply | undefined;
  readonly network: NetworkSupply | undefined;
}

/**
 * The images, unless the name of the cluster is somebody else's: that is better known before they are built. So is that
 * those of the default network, which nobody builds here, cannot be had.
 * @param name of the cluster
 */
export async function obtainSupplies(options: SupplyOptions, name: string): Promise<Supplies> {
  const { progress } = options;
  const stack = stackNamed(options.stack);
  const { published } = stack;
  if (published) requireFit(published, options);
  const { mode } = stack.multus;
  const refused = new AbortController();
  const signal = AbortSignal.any([options.signal, refused.signal]);
  const looked = find(name).then(
    (found) => {
      try {
        requireOurs(name, found);
      } catch (error) {
        refused.abort(error);
      }
    },
    () => undefined, // a Docker that does not answer is told by whoever needs it
  );
  const network = published && (await obtainNetwork(published, { images: options.images, progress, signal }));
  const images = await ensureImages({ ...options.images, progress, signal });
  const multus =
    options.multus && (await obtainMultus(options.multus, { mode, images: options.images, progress, signal }));
  await looked;
  signal.throwIfAborted();
  return { images, multus, network };
}

/** @throws PlumblineError PL_NETWORK_FIT (usage) if a published network is asked for what its project does not publish */
function requireFit(
  { name, families, conf }: PublishedNetwork,
  { ipFamily, cniVersion }: Pick<SupplyOptions, "ipFamily" | "cniVersion">,
): void {
  if (!families.includes(ipFamily)) {
    throw usageError(
      "PL_NETWORK_FIT",
      `the default network ${name} is installed with ${families.join(" or ")}, and not ${ipFamily}`,
      {
        hint: "ipFamily: ipv4, or another stack",
        context: { setting: "ipFamily", value: ipFamily },
      },
    );
  }
  if (cniVersion !== undefined && cniVersion !== conf.cniVersion) {
    throw usageError(
      "PL_NETWORK_FIT",
      `${name} writes its configuration in CNI version ${conf.cniVersion}, and in no other`,
      {
        hint: "leave the CNI version away, or take ptp or flannel as the default network",
        context: { setting: "cniVersion", value: cniVersion },
      },
    );
  }
}
