import { loadNetworkTemplate } from "../config/network-templates.ts";
import { RESOURCE_NAME, type NetworkDeclaration } from "./declare-network.ts";
import type { PodDeclaration } from "./declare-pod.ts";

/** The pool that a network has devices of: what it declares goes before what its template says. */
export function poolOf({ type, annotations }: NetworkDeclaration): string | undefined {
  const named = annotations[RESOURCE_NAME];
  return named ?? (type === undefined ? undefined : loadNetworkTemplate(type).resource);
}

/** Whether a pod has to lie where there are VFs. */
export function wantsVfs({ resources, attachments }: Pick<PodDeclaration, "resources" | "attachments">): boolean {
  return Object.keys(resources).length > 0 || attachments.some(({ network }) => poolOf(network) !== undefined);
}
