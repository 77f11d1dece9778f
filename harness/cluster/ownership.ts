import { usageError, type PlumblineError } from "../core/errors.ts";
import { isHeldByOther, readClaim, readClaimFile, type Claim } from "./claim.ts";
import { CLUSTER_LABEL, networkName } from "./cluster-network.ts";
import { dockerNetworks, nodeContainers, type DockerNetwork, type NodeContainer } from "./docker-objects.ts";

/** What there is of a name on this host, and whose it is. */
export interface Found {
  readonly containers: readonly NodeContainer[];
  readonly network: DockerNetwork | undefined;
  readonly claim: Claim | undefined;
  /** Nodes of a kind cluster of that name which are not on the network that bears our label. */
  readonly foreign: readonly NodeContainer[];
}

export async function find(cluster: string): Promise<Found> {
  const name = networkName(cluster);
  const [containers, named] = await Promise.all([nodeContainers(cluster), dockerNetworks(`name=${name}`)]);
  const same = named.filter((network) => network.name === name);
  const network = same.find((n) => n.labels[CLUSTER_LABEL] === cluster);
  // Where the network is gone already, its name on a container tells whose that was.
  const ours = (c: NodeContainer): boolean => c.networks.includes(name) && (network !== undefined || same.length === 0);
  return {
    containers,
    network,
    claim: readClaim(cluster) ?? claimOfLabels(network),
    foreign: containers.filter((c) => !ours(c)),
  };
}

/** The claim in another home, or what the labels tell of it. */
function claimOfLabels(network: DockerNetwork | undefined): Claim | undefined {
  if (!network) return undefined;
  const { labels } = network;
  const elsewhere = readClaimFile(labels["plumbline.state"] ?? "");
  const mark = labels["plumbline.run"] ?? "";
  if (elsewhere && mark.startsWith(`${elsewhere.cluster}/`)) return elsewhere;
  return {
    version: 1,
    cluster: labels["plumbline.cluster"] ?? "",
    runId: mark.slice(mark.indexOf("/") + 1),
    holder: {
      pid: Number(labels["plumbline.pid"]),
      startTicks: labels["plumbline.start-ticks"] ?? "",
      bootId: labels["plumbline.boot-id"] ?? "",
    },
    processGroups: [],
    keep: false,
    createdAt: "",
  };
}

/** @throws PlumblineError PL_CLUSTER_FOREIGN, PL_CLUSTER_IN_USE */
export function requireOurs(cluster: string, found: Found, options: { readonly evenIfInUse?: boolean } = {}): void {
  const [foreign] = found.foreign;
  if (foreign) throw foreignError(cluster, foreign);
  const { claim } = found;
  if (claim && isHeldByOther(claim) && !options.evenIfInUse) {
    throw usageError("PL_CLUSTER_IN_USE", `process ${claim.holder.pid} is working with the cluster ${cluster}`, {
      hint: "wait for it, or choose another name",
    });
  }
}

function foreignError(cluster: string, container: NodeContainer): PlumblineError {
  return usageError(
    "PL_CLUSTER_FOREIGN",
    `the kind cluster ${cluster} was not made by this harness: its node ${container.name} is not on the network ${networkName(cluster)}`,
    { hint: "choose another name; what the harness did not make it does not touch" },
  );
}
