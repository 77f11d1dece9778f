import type { KubeClient } from "../kube/client.ts";
import type { NodeTransport } from "../nodes/transport.ts";
import type { Feature } from "./detect-features.ts";

/** Cases that ask for addresses of whereabouts are skipped without it. */
const NAME = "whereabouts";

const KIND = {
  apiVersion: "apiextensions.k8s.io/v1",
  kind: "CustomResourceDefinition",
  name: "ippools.whereabouts.cni.cncf.io",
} as const;

/** Without a command it says what it is, on standard error, and ends well. @source containernetworking/cni pkg/skel */
const LOOK = `
if [ ! -x /opt/cni/bin/whereabouts ]; then echo "there is no /opt/cni/bin/whereabouts"; exit 1; fi
if [ ! -e /etc/cni/net.d/whereabouts.d/whereabouts.conf ]; then echo "whereabouts has no configuration"; exit 1; fi
/opt/cni/bin/whereabouts 2>&1 </dev/null | head -n 1`;

/**
 * Whether whereabouts can be asked for addresses: its binary and its configuration on each node, its pools in the API.
 * @param nodes those that pods are put on
 */
export async function whereaboutsFeature(
  kube: Pick<KubeClient, "get">,
  nodes: readonly NodeTransport[],
  signal?: AbortSignal,
): Promise<Feature> {
  if ((await kube.get(KIND, { signal })) === undefined) {
    return { name: NAME, present: false, evidence: `the API has no ${KIND.name}` };
  }
  const said = await Promise.all(
    nodes.map(async (node) => {
      const { exitCode, stdout } = await node.exec(["sh", "-c", LOOK], {
        timeoutMs: 15_000,
        signal,
        okExitCodes: "any",
      });
      return { node: node.node, ok: exitCode === 0, text: stdout.trim() };
    }),
  );
  const lacking = said.find(({ ok }) => !ok);
  const evidence = lacking
    ? `${lacking.node}: ${lacking.text}`
    : `the API has ${KIND.name}; ${said.map(({ node, text }) => `${node}: ${text}`).join("; ")}`;
  return { name: NAME, present: nodes.length > 0 && lacking === undefined, evidence };
}
