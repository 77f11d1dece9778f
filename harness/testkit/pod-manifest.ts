import type { KubeObject } from "../kube/client.ts";

export const MAIN_CONTAINER = "main";

/** Labels of everything that the harness makes in a cluster: what `gc` and a closing lane go by. */
export function ownLabels(runId: string): Record<string, string> {
  return { "app.kubernetes.io/managed-by": "plumbline", "plumbline.dev/run": runId };
}

export interface PodPlace {
  readonly runId: string;
  readonly namespace: string;
  readonly name: string;
  readonly node: string;
  readonly image: string;
  readonly annotations: Readonly<Record<string, string>>;
  /** Besides those of everything that the harness makes. */
  readonly labels?: Readonly<Record<string, string>>;
  /** Laid over the specification. */
  readonly spec?: Readonly<Record<string, unknown>>;
  /** Extended resources that the container asks for. */
  readonly resources?: Readonly<Record<string, number>>;
  /** Laid over the container. */
  readonly container?: Readonly<Record<string, unknown>>;
  /** Further ones; each has a `name` of its own. */
  readonly furtherContainers?: readonly Readonly<Record<string, unknown>>[];
}

/**
 * A pod of the test image. It tolerates everything, since cases choose its node; it ends at once on SIGTERM, and asks for
 * next to nothing, so that 20 of them fit on a small node.
 */
export function podManifest(place: PodPlace): KubeObject {
  const container = {
    name: MAIN_CONTAINER,
    image: place.image,
    imagePullPolicy: "IfNotPresent",
    resources: resourcesOf({}),
  };
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      name: place.name,
      namespace: place.namespace,
      labels: { ...place.labels, ...ownLabels(place.runId) },
      annotations: place.annotations,
    },
    spec: {
      nodeSelector: { "kubernetes.io/hostname": place.node },
      tolerations: [{ operator: "Exists" }],
      terminationGracePeriodSeconds: 5,
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      containers: [
        { ...container, resources: resourcesOf(place.resources ?? {}), ...place.container },
        ...(place.furtherContainers ?? []).map((further) => ({ ...container, ...further })),
      ],
      ...place.spec,
    },
  };
}

/** Extended resources are given as limits; the request is the same then. @source Kubernetes, extended resources */
function resourcesOf(extended: Readonly<Record<string, number>>): object {
  const requests = { cpu: "1m", memory: "8Mi" };
  const limits = Object.fromEntries(Object.entries(extended).map(([name, count]) => [name, String(count)]));
  return Object.keys(limits).length === 0 ? { requests } : { requests, limits };
}

export function namespaceManifest(name: string, runId: string): KubeObject {
  return { apiVersion: "v1", kind: "Namespace", metadata: { name, labels: ownLabels(runId) } };
}

export const NETWORK_DEFINITION = { apiVersion: "k8s.cni.cncf.io/v1", kind: "NetworkAttachmentDefinition" } as const;

/** @source NPWG multi-network specification v1.3, section 3 */
export function attachmentDefinition(options: {
  readonly name: string;
  readonly namespace: string;
  readonly runId: string;
  readonly annotations: Readonly<Record<string, string>>;
  /** JSON, or a string that stands as it is; undefined: no `spec` at all. */
  readonly config: unknown;
}): KubeObject {
  const { name, namespace, runId, annotations, config } = options;
  const text = typeof config === "string" ? config : JSON.stringify(config);
  return {
    ...NETWORK_DEFINITION,
    metadata: { name, namespace, labels: ownLabels(runId), annotations },
    ...(config === undefined ? {} : { spec: { config: text } }),
  };
}
