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
  ...rights("", "nodes", "list watch"),
  ...rights("", "namespaces", "create delete get list patch watch"),
  ...rights("", "pods", "create delete get list patch watch"),
  ...rights("", "pods/exec", "create"),
  ...rights("", "pods/log", "get"),
  ...rights("", "events", "list"),
  ...rights("", "serviceaccounts", "get"),
  ...rights("", "services", "get"),
  ...rights("apps", "daemonsets", "create get list patch"),
  ...rights("k8s.cni.cncf.io", "network-attachment-definitions", "create delete get list patch"),
];

/** What cases that disturb need beside: they change Multus' configuration and restart it. */
export const DISRUPTIVE_RIGHTS: readonly Right[] = rights("", "configmaps", "get patch");

interface Review {
  readonly status?: { readonly allowed?: boolean };
}

/**
 * Asks the API server whether its user may do all of it.
 * @throws PlumblineError PL_KUBE_RIGHTS (usage) with every right that is missing
 */
export async function requireRights(kube: Pick<KubeClient, "raw">, wanted: readonly Right[]): Promise<void> {
  const answers = await Promise.all(wanted.map(async (right) => ({ right, allowed: await isAllowed(kube, right) })));
  const missing = answers.filter(({ allowed }) => !allowed).map(({ right }) => rightText(right));
  if (missing.length === 0) return;
  throw usageError("PL_KUBE_RIGHTS", `the user of the kubeconfig may not ${missing.join(", ")}`, {
    hint: "README.md has the ClusterRole that a run needs; `kubectl auth can-i --list` shows what there is",
    context: { missing },
  });
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
