/** What Multus is in a cluster. @source multus-cni v4.3.0, deployments/multus-daemonset.yml, multus-daemonset-thick.yml */
const NAMESPACE = "kube-system";

export const MULTUS_DAEMON_SET = { namespace: NAMESPACE, name: "kube-multus-ds" } as const;

/** Of either mode. */
export const MULTUS_PODS = {
  apiVersion: "v1",
  kind: "Pod",
  namespace: NAMESPACE,
  labelSelector: "name=multus",
} as const;

/** What the daemon is configured with; in thin mode there is none. */
export const MULTUS_DAEMON_CONFIG = {
  apiVersion: "v1",
  kind: "ConfigMap",
  namespace: NAMESPACE,
  name: "multus-daemon-config",
} as const;
