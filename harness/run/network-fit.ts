import { usageError } from "../core/errors.ts";
import type { PublishedNetwork } from "../images/published-network.ts";
import type { TestbedOptions } from "./testbed-options.ts";

/** @throws PlumblineError PL_NETWORK_FIT (usage) if a published network is asked for what its project does not publish */
export function requireFit(
  { name, families, conf }: PublishedNetwork,
  { ipFamily, cniVersion }: Pick<TestbedOptions, "ipFamily" | "cniVersion">,
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
