import type { KubeClient } from "../kube/client.ts";
import type { Feature } from "./detect-features.ts";

/** Cases that have devices be sick, or Allocate be slow or fail, are skipped without it; so are such faults. */
export const DEVICE_PLUGIN_CONTROL = "device-plugin-control";

/** Only the project's own device plugin does as a file on its node says. */
const OWN = { apiVersion: "apps/v1", kind: "DaemonSet", namespace: "kube-system", name: "plumbline-simvf" } as const;

/** Whether the device plugin of the VFs does as it is told, as upstream's does not. */
export async function devicePluginFeature(kube: Pick<KubeClient, "get">, signal?: AbortSignal): Promise<Feature> {
  const present = (await kube.get(OWN, { signal })) !== undefined;
  const ref = `DaemonSet ${OWN.namespace}/${OWN.name}`;
  const evidence = present
    ? `${ref} does as /var/lib/plumbline/simvf/device-plugin.json says`
    : `there is no ${ref}, and no other device plugin can be told to misbehave`;
  return { name: DEVICE_PLUGIN_CONTROL, present, evidence };
}
