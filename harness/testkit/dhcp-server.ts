import { readFileSync } from "node:fs";
import { z } from "zod";
import { packageFile } from "../core/package-root.ts";
import type { LiveNetwork, NetworkDeclaration } from "./declare-network.ts";
import { pod, type PodDeclaration } from "./declare-pod.ts";
import type { TestPod } from "./test-pod.ts";

const LOG = "/tmp/dhcp.jsonl";

/** What a server gives, and to whom. */
export interface DhcpLeases {
  /** MAC address -> address without prefix length. Nobody else is answered. */
  readonly leases: Readonly<Record<string, string>>;
  readonly leaseSeconds: number;
  /** After how long a client is to ask again: T1. */
  readonly renewSeconds: number;
}

const messageSchema = z.object({
  /** `DISCOVER`, `REQUEST`, `RELEASE`, ... */
  type: z.string(),
  mac: z.string(),
  /** The address that the client says it has; 0.0.0.0 while it has none. */
  client: z.string(),
});

/** A message to a DHCP server, as it came over the link. */
export type DhcpMessage = z.output<typeof messageSchema>;

/** Declares a pod that is the DHCP server of a network. The network is one of the IPAM `static`, with a bridge of its own. */
export function dhcpServer(
  key: string,
  network: NetworkDeclaration,
  leasesOf: (live: LiveNetwork) => DhcpLeases,
): PodDeclaration {
  return pod(key, [network], {
    container: (live) => {
      const { staticAddress: own, range } = live(network);
      const prefix = Number(range.slice(range.indexOf("/") + 1));
      const script = readFileSync(packageFile("fixtures", "scripts", "dhcp-server.cjs"), "utf8");
      const argument = JSON.stringify({ own, prefix, link: "net1", log: LOG, ...leasesOf(live(network)) });
      return { command: ["node", "-e", script, argument] };
    },
  });
}

/** What the server in a pod has been sent by those whom it answers, oldest first. */
export async function dhcpMessages(server: TestPod): Promise<readonly DhcpMessage[]> {
  const { stdout } = await server.exec("cat", LOG);
  return stdout
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => messageSchema.parse(JSON.parse(line)));
}
