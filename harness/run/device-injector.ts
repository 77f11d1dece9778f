import type { KubeObject } from "../kube/client.ts";
import type { Feature } from "./detect-features.ts";

const INJECTOR = "network-resources-injector";

/**
 * Whether pods get the devices that they ask for. The network resources injector, which the SR-IOV network operator
 * installs, has the first container of each pod ask for as many as it names networks.
 * @source k8snetworkplumbingwg/network-resources-injector README.md
 */
export function injectorIn(pods: readonly KubeObject[]): Omit<Feature, "name"> {
  const found = pods.find((pod) => imagesOf(pod).some((image) => image.includes(INJECTOR)) || isNamedSo(pod));
  return found
    ? {
        present: false,
        evidence: `${found.metadata.namespace}/${found.metadata.name} changes how many devices pods ask for (${INJECTOR})`,
      }
    : { present: true, evidence: `no pod of the cluster is a ${INJECTOR}` };
}

function isNamedSo({ metadata }: KubeObject): boolean {
  return metadata.name.startsWith(INJECTOR) || metadata.labels?.["app"] === INJECTOR;
}

function imagesOf({ spec }: KubeObject): readonly string[] {
  const containers = (spec?.["containers"] ?? []) as readonly { readonly image?: string }[];
  return containers.flatMap(({ image }) => image ?? []);
}
