import { NETWORKS_ANNOTATION } from "../net/network-selection.ts";
import type { KubeObject } from "../kube/client.ts";

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
  readonly networks: string | undefined;
}

/**
 * A pod of the test image. It tolerates everything, since cases choose its node; it ends at once on SIGTERM, and asks for
 * next to nothing, so that 20 of them fit on a small node.
 */
export function podManifest(place: PodPlace): KubeObject {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      name: place.name,
      namespace: place.namespace,
      labels: ownLabels(place.runId),
      ...(place.networks === undefined ? {} : { annotations: { [NETWORKS_ANNOTATION]: place.networks } }),
    },
    spec: {
      nodeSelector: { "kubernetes.io/hostname": place.node },
      tolerations: [{ operator: "Exists" }],
      terminationGracePeriodSeconds: 5,
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      containers: [
        {
          name: "main",
          image: place.image,
          imagePullPolicy: "IfNotPresent",
          resources: { requests: { cpu: "1m", memory: "8Mi" } },
        },
      ],
    },
  };
}

export function namespaceManifest(name: string, runId: string): KubeObject {
  return { apiVersion: "v1", kind: "Namespace", metadata: { name, labels: ownLabels(runId) } };
}

/** @source NPWG multi-network specification v1.3, section 3 */
export function attachmentDefinition(options: {
  readonly name: string;
  readonly namespace: string;
  readonly runId: string;
  readonly config: unknown;
}): KubeObject {
  return {
    apiVersion: "k8s.cni.cncf.io/v1",
    kind: "NetworkAttachmentDefinition",
    metadata: { name: options.name, namespace: options.namespace, labels: ownLabels(options.runId) },
    spec: { config: JSON.stringify(options.config) },
  };
}
