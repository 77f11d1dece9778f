import { harnessError } from "../core/errors.ts";
import { nthAddress, requireCidr } from "../net/address.ts";
import { connectNetwork } from "../docker/connect-network.ts";
import { readClaim } from "./claim.ts";
import { createLabelled, networkName } from "./cluster-network.ts";
import type { RunningCluster } from "./cluster.ts";
import { dockerNetworks, nodeContainers } from "./docker-objects.ts";

/**
 * The name begins with that of the cluster's own network: Docker goes by the order of the names when it says which one has
 * a node's default route and the first line of its hosts file.
 */
export function fabricName(cluster: string): string {
  return `${networkName(cluster)}-fabric`;
}

/**
 * A network without a way out: the host has no address on it, and nothing that crosses it is rewritten. It is not
 * `--internal`, where the host drops what does not come from the network's own subnet, and VFs have addresses of others.
 */
const NO_WAY_OUT = [
  ["--opt", "com.docker.network.bridge.inhibit_ipv4=true"],
  ["--opt", "com.docker.network.bridge.enable_ip_masquerade=false"],
].flat();

/** The addresses below belong to Docker. */
const FIRST_ADDRESS = 10;

/**
 * Joins the nodes of a cluster by a second network, on which there is nothing else.
 * @returns the MAC of each node's interface to it, by the name of the node: Docker may give the interface another name when
 *   a node starts again
 * @throws PlumblineError PL_NO_SUBNET, PL_DOCKER, PL_FABRIC
 */
export async function joinFabric({ spec, nodes }: RunningCluster): Promise<ReadonlyMap<string, string>> {
  const name = fabricName(spec.name);
  const claim = readClaim(spec.name);
  if (!claim)
    throw harnessError("PL_FABRIC", `the cluster ${spec.name} has no claim, so it gets no network of its own`);
  await createLabelled(claim, { name, ipFamily: "ipv4", options: NO_WAY_OUT });
  const subnet = (await dockerNetworks(`name=${name}`)).find((network) => network.name === name)?.subnets[0];
  if (subnet === undefined) throw harnessError("PL_FABRIC", `the Docker network ${name} was made and is not there`);
  // one after the other: the daemon does so anyway, and refuses what takes too long
  for (const [i, node] of nodes.entries()) {
    const address = nthAddress(requireCidr(subnet), FIRST_ADDRESS + i).text;
    await connectNetwork({ network: name, container: node.name, address, mac: macOf(address) });
  }
  const macs = new Map((await nodeContainers(spec.name)).map((c) => [c.name, c.macs[name] ?? ""]));
  const without = nodes.find((node) => !macs.get(node.name));
  if (!without) return macs;
  throw harnessError("PL_FABRIC", `${without.name} was put on the Docker network ${name} and has no interface to it`);
}

/** The MAC that daemons before 25 make of an address, so that it is the same with all of them. */
function macOf(address: string): string {
  return ["02:42", ...address.split(".").map((byte) => Number(byte).toString(16).padStart(2, "0"))].join(":");
}
