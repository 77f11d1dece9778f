import path from "node:path";
import type { ConfigFlags } from "../config/merge-config.ts";
import type { Config } from "../config/schema.ts";
import { usageError } from "../core/errors.ts";
import type { ExistingRequest } from "../run/run-request.ts";

/** What the command line may say of a cluster of the user's; each has its equal under `cluster` in plumbline.yaml. */
export interface ExistingFlags {
  readonly cluster?: Config["cluster"]["provider"];
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly image?: string;
  readonly master?: string;
  readonly range?: readonly string[];
  readonly allowDisruptive?: boolean;
}

/** The group `cluster` of the configuration, as the command line says it. */
export function clusterFlags(flags: ExistingFlags & { readonly name?: string }): Pick<ConfigFlags, "cluster"> {
  const { name, cluster: provider, kubeconfig, context, image, master, range, allowDisruptive } = flags;
  const said = {
    name,
    provider,
    kubeconfig,
    context,
    image,
    master,
    ranges: range && [...range],
    allowDisruptive,
  };
  return Object.values(said).every((value) => value === undefined) ? {} : { cluster: said };
}

/** Options that say what a cluster is made of, which one that is there is not. */
const MAKING = ["stack", "kubernetes", "multus", "cniVersion", "workers", "ipFamily", "reuse", "keep", "name"] as const;

/**
 * The cluster that the user has brought, if it is one.
 * @throws PlumblineError PL_EXISTING_OPTIONS (usage) for options that it cannot have
 */
export function existingRequest(
  { cluster, multusConfig }: Pick<Config, "cluster" | "multusConfig">,
  flags: Readonly<Partial<Record<(typeof MAKING)[number], unknown>>>,
  cwd: string,
): ExistingRequest | undefined {
  const { provider, kubeconfig, context, image, master, ranges, defaultNetwork, allowDisruptive, sriov } = cluster;
  if (provider !== "existing" || kubeconfig === undefined) return undefined;
  if (multusConfig !== undefined) {
    throw usageError("PL_EXISTING_OPTIONS", "multusConfig: Multus in a cluster that exists is taken as it is", {
      hint: "leave the key out; what the daemons are configured with is found out",
    });
  }
  const typed = MAKING.filter((key) => flags[key] !== undefined);
  if (typed.length > 0) {
    const options = typed
      .map((key) => `--${key.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`)
      .join(", ");
    throw usageError("PL_EXISTING_OPTIONS", `${options}: a cluster that exists is taken as it is`, {
      hint: "leave it out; what is in the cluster is found out, and stands in the report",
    });
  }
  return {
    kubeconfigPath: path.resolve(cwd, kubeconfig),
    context,
    image,
    master,
    ranges: ranges ?? [],
    defaultNetwork,
    allowDisruptive,
    sriov,
  };
}
