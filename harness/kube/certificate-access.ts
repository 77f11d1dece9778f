import { readFileSync } from "node:fs";
import { Agent, type Dispatcher } from "undici";
import { parse } from "yaml";
import { z } from "zod";

/** Where requests go, and with what. */
export interface Access {
  readonly server: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly dispatcher: Dispatcher | undefined;
}

// Strict: another key of a user or a cluster means something that only the Kubernetes client knows.
const kubeconfigSchema = z.object({
  "current-context": z.string(),
  contexts: z.array(z.object({ name: z.string(), context: z.looseObject({ cluster: z.string(), user: z.string() }) })),
  clusters: z.array(
    z.object({
      name: z.string(),
      cluster: z.strictObject({ server: z.url(), "certificate-authority-data": z.base64() }),
    }),
  ),
  users: z.array(
    z.object({
      name: z.string(),
      user: z.strictObject({ "client-certificate-data": z.base64(), "client-key-data": z.base64() }),
    }),
  ),
});

/**
 * Access by a client certificate that stands in the kubeconfig itself, as kind writes it: that needs no Kubernetes client,
 * whose loading takes longer than all requests of a case.
 * @param contextName default: the current one
 * @returns undefined for every other kubeconfig, or one that cannot be read: the client then says what is wrong
 */
export function certificateAccess(kubeconfigPath: string, contextName?: string): Access | undefined {
  let text: string;
  try {
    text = readFileSync(kubeconfigPath, "utf8");
  } catch {
    return undefined;
  }
  return accessIn(text, contextName);
}

/** The same from the text of a kubeconfig. */
export function accessIn(kubeconfig: string, contextName?: string): Access | undefined {
  let document: unknown;
  try {
    document = parse(kubeconfig);
  } catch {
    return undefined;
  }
  const { data } = kubeconfigSchema.safeParse(document);
  const wanted = contextName ?? data?.["current-context"];
  const context = data?.contexts.find(({ name }) => name === wanted)?.context;
  const cluster = data?.clusters.find(({ name }) => name === context?.cluster)?.cluster;
  const user = data?.users.find(({ name }) => name === context?.user)?.user;
  if (!cluster || !user) return undefined;
  const connect = {
    ca: decoded(cluster["certificate-authority-data"]),
    cert: decoded(user["client-certificate-data"]),
    key: decoded(user["client-key-data"]),
  };
  return { server: cluster.server, headers: {}, dispatcher: new Agent({ connect }) };
}

function decoded(base64: string): string {
  return Buffer.from(base64, "base64").toString("utf8");
}
