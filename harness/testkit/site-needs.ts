import { loadNetworkTemplate } from "../config/network-templates.ts";
import type { SubjectPlugin } from "../config/plugin-under-test.ts";
import type { SKIP_CODES } from "../core/status.ts";
import type { NetworkDeclaration } from "./declare-network.ts";
import type { CaseDefinition } from "./define.ts";
import { networksOf } from "./networks-of.ts";
import { takesPlaceOf } from "./subject-network.ts";

/** What a cluster of the user's may lack, or one that is set up so. A testbed that does not tell of it has it. */
export interface SiteNeed {
  readonly feature: string;
  readonly skip: (typeof SKIP_CODES)[number];
}

/** That cases may restart Multus and stand in front of plugins. */
export const DISRUPTION = "disruption";
/** That pods may be put on an interface of the nodes. */
export const LINK = "link";
/** That Multus gives every pod networks that it did not ask for (`defaultNetworks`). */
export const DEFAULT_NETWORKS = "default-networks";
/** That it does not. */
export const PODS_AS_ASKED = "pods-as-asked";
/** See `probeForeignMacs`. */
const FOREIGN_MACS = "foreign-macs";

type Definition = Pick<CaseDefinition, "asks" | "disturbs" | "needs" | "networks" | "pods">;

/** What a case needs of the place, beside the features that it names. */
export function siteNeedsOf(definition: Definition, subject?: SubjectPlugin): readonly SiteNeed[] {
  const onLink = networksOf(definition).filter((network) => isOnLink(network, subject));
  const needs: SiteNeed[] = [];
  if ((definition.disturbs ?? "nothing") !== "nothing") needs.push({ feature: DISRUPTION, skip: "SKIP_DISRUPTIVE" });
  // plugins that are asked by themselves make macvlan interfaces, too
  if (onLink.length > 0 || definition.asks?.includes("interface")) {
    needs.push({ feature: LINK, skip: "SKIP_UNCONFIGURED" });
  }
  if (onLink.some(({ type }) => type === "macvlan") && isBetweenNodes(definition)) {
    needs.push({ feature: FOREIGN_MACS, skip: "SKIP_FEATURE" });
  }
  // every other case counts what its pods have
  if (Object.keys(definition.pods).length > 0 && !definition.needs?.includes(DEFAULT_NETWORKS)) {
    needs.push({ feature: PODS_AS_ASKED, skip: "SKIP_FEATURE" });
  }
  return needs;
}

/** Whether pods of the network are on the link of the nodes. */
export function isOnLink(network: NetworkDeclaration, subject: SubjectPlugin | undefined): boolean {
  const template =
    subject && takesPlaceOf(subject, network)
      ? subject.template
      : network.type === undefined
        ? undefined
        : loadNetworkTemplate(network.type);
  return template !== undefined && JSON.stringify(template.plugins).includes("${master}");
}

function isBetweenNodes({ needs = [], pods }: Definition): boolean {
  return needs.some((need) => need.startsWith("two-")) || Object.values(pods).some(({ apart }) => apart);
}
