import { usageError } from "../core/errors.ts";
import type { KubeClient } from "../kube/client.ts";

/** One thing that the kubeconfig's user must be allowed to do, as RBAC names it. */
export interface Right {
  readonly verb: string;
  readonly group: string;
  readonly resource: string;
  /** Undefined: in all namespaces, since a run makes namespaces of its own. */
  readonly namespace?: string;
}

const rights = (group: string, resource: string, verbs: string): readonly Right[] =>
  verbs.split(" ").map((verb) => ({ verb, group, resource }));

/** What a run needs in a cluster that it did not make; README lists it as a ClusterRole. */
export const GUEST_RIGHTS: readonly Right[] = [
  ...rights("", "nodes", "get list watch"),
  ...rights("", "namespaces", "create delete get list patch watch"),
  ...rights("", "pods", "create delete get list patch watch"),
  // a WebSocket is opened by GET, which is what older API servers look at; from v1.35 on they want `create` besides
  ...rights("", "pods/exec", "create get"),
  ...rights("", "pods/log", "get"),
  ...rights("", "events", "list"),
  ...rights("", "serviceaccounts", "get"),
  ...rights("", "services", "get"),
  ...rights("apps", "daemonsets", "create get list patch"),
  ...rights("apiextensions.k8s.io", "customresourcedefinitions", "get"),
  ...rights("k8s.cni.cncf.io", "network-attachment-definitions", "create delete get list patch"),
  ...rights("networking.k8s.io", "networkpolicies", "create delete get patch"),
];

/** What cases that disturb need beside: they change Multus' configuration and restart it. */
export const DISRUPTIVE_RIGHTS: readonly Right[] = rights("", "configmaps", "get patch");

/** What reads the addresses of default networks that keep them in the API, by the name that stacks have for these. */
export const NETWORK_RIGHTS: Readonly<Record<string, readonly Right[]>> = {
  calico: [
    ...rights("crd.projectcalico.org", "ipamblocks", "list"),
    ...rights("crd.projectcalico.org", "ipamhandles", "list"),
  ],
  cilium: [...rights("cilium.io", "ciliumendpoints", "list"), ...rights("cilium.io", "ciliumnodes", "list")],
};

/** What cases about whereabouts need beside, where that is there: they read its pools, and spoil and remove their own. */
export const WHEREABOUTS_RIGHTS: readonly Right[] = ["ippools", "overlappingrangeipreservations"].flatMap((resource) =>
  rights("whereabouts.cni.cncf.io", resource, "delete list patch"),
);

interface Review {
  readonly status?: { readonly allowed?: boolean };
}

/**
 * Asks the API server whether its user may do all of it.
 * @throws PlumblineError PL_KUBE_RIGHTS (usage) with every right that is missing
 */
export async function requireRights(kube: Pick<KubeClient, "raw">, wanted: readonly Right[]): Promise<void> {
  const missing = await missingRights(kube, wanted);
  if (missing.length === 0) return;
  throw usageError("PL_KUBE_RIGHTS", `the user of the kubeconfig may not ${missing.join(", ")}`, {
    hint: "README.md has the ClusterRole that a run needs; `kubectl auth can-i --list` shows what there is",
    context: { missing },
  });
}

/** Those of the wanted rights that the user has not, in words. */
export async function missingRights(
  kube: Pick<KubeClient, "raw">,
  wanted: readonly Right[],
): Promise<readonly string[]> {
  const answers = await Promise.all(wanted.map(async (right) => ({ right, allowed: await isAllowed(kube, right) })));
  return answers.filter(({ allowed }) => !allowed).map(({ right }) => rightText(right));
}

/** @source Kubernetes API, authorization.k8s.io/v1 SelfSubjectAccessReview, which every user may make */
async function isAllowed(kube: Pick<KubeClient, "raw">, right: Right): Promise<boolean> {
  const [resource, subresource] = right.resource.split("/");
  const { verb, group, namespace } = right;
  const review = {
    apiVersion: "authorization.k8s.io/v1",
    kind: "SelfSubjectAccessReview",
    spec: {
      resourceAttributes: {
        verb,
        group,
        resource,
        ...(subresource === undefined ? {} : { subresource }),
        ...(namespace === undefined ? {} : { namespace }),
      },
    },
  };
  const path = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews";
  const answer = (await kube.raw("POST", path, review)) as Review;
  return answer.status?.allowed === true;
}

function rightText({ verb, group, resource, namespace }: Right): string {
  const where = namespace === undefined ? "" : ` in ${namespace}`;
  return `${verb} ${resource}${group === "" ? "" : `.${group}`}${where}`;
}
