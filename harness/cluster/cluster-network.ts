import { readFile } from "node:fs/promises";
import { networkInterfaces } from "node:os";
import { hostError } from "../core/errors.ts";
import { sha256 } from "../core/json.ts";
import { nthSubnet, overlaps, parseCidr, requireCidr, type Cidr } from "../net/address.ts";
import { claimMark, stateDir, type Claim } from "./claim.ts";
import { docker, dockerNetworks } from "./docker-objects.ts";

export const CLUSTER_LABEL = "plumbline.cluster";

/** Where the networks of clusters are taken from: a /24 each, the first range that is free. */
const RANGES = ["172.31.0.0/16", "10.213.0.0/16", "192.168.128.0/17"].map(requireCidr);

/** What kubeadm and the stacks use inside of the nodes: a node on such a network could not tell them apart. */
const INSIDE = ["10.244.0.0/16", "10.96.0.0/16"].map(requireCidr);

export function networkName(cluster: string): string {
  return `plumbline-${cluster}`;
}

/** The labels by which `gc` knows whose a network is, even when the folder of state is lost. */
export function claimLabels(claim: Claim): Readonly<Record<string, string>> {
  const { pid, startTicks, bootId } = claim.holder;
  return {
    [CLUSTER_LABEL]: claim.cluster,
    "plumbline.run": claimMark(claim),
    "plumbline.pid": String(pid),
    "plumbline.start-ticks": startTicks,
    "plumbline.boot-id": bootId,
    "plumbline.state": stateDir(claim.cluster),
  };
}

/**
 * Makes the cluster's own network, on subnets that neither a Docker network nor a route of the host uses.
 * @throws PlumblineError PL_NO_SUBNET, PL_DOCKER
 */
export async function createNetwork(claim: Claim, ipFamily: "ipv4" | "dual"): Promise<void> {
  await createLabelled(claim, { name: networkName(claim.cluster), ipFamily, options: [] });
}

/** A Docker network that is made for a cluster. */
interface NetworkPlan {
  readonly name: string;
  readonly ipFamily: "ipv4" | "dual";
  /** Further arguments of `docker network create`. */
  readonly options: readonly string[];
}

/** Makes a network that goes with the cluster. @throws PlumblineError PL_NO_SUBNET, PL_DOCKER */
export async function createLabelled(claim: Claim, { name, ipFamily, options }: NetworkPlan): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    const used = await usedSubnets();
    const subnet4 = freeSubnet(used, name);
    const subnet6 = ipFamily === "dual" ? freeUla(used, name) : undefined;
    const labels = Object.entries(claimLabels(claim)).flatMap(([key, value]) => ["--label", `${key}=${value}`]);
    const six = subnet6 ? ["--ipv6", "--subnet", subnet6.text] : [];
    const subnets = ["--subnet", subnet4.text, ...six];
    try {
      await docker(["network", "create", "--driver", "bridge", ...labels, ...options, ...subnets, name]);
      return;
    } catch (error) {
      // two clusters may have chosen the same subnet at the same time: then it is taken now
      const taken = (await usedSubnets()).some(
        (cidr) => overlaps(cidr, subnet4) || (subnet6 && overlaps(cidr, subnet6)),
      );
      if (!taken || attempt === 4) throw error;
    }
  }
}

/** The first /24 of the ranges that overlaps nothing. Starts at a place of the name's own, so that subnets are rarely reused at once. */
export function freeSubnet(used: readonly Cidr[], name: string): Cidr {
  const taken = [...used, ...INSIDE];
  for (const range of RANGES) {
    const count = 2 ** (24 - range.prefix);
    const first = Number.parseInt(sha256(name).slice(0, 6), 16) % count;
    for (let i = 0; i < count; i++) {
      const candidate = nthSubnet(range, { prefix: 24, n: (first + i) % count });
      if (!taken.some((cidr) => overlaps(cidr, candidate))) return candidate;
    }
  }
  throw hostError(
    "PL_NO_SUBNET",
    `no IPv4 subnet is free for the network ${name} in ${RANGES.map((r) => r.text).join(", ")}`,
    {
      hint: "remove Docker networks that nobody uses: `docker network prune`",
    },
  );
}

/** A unique local /64. */
function freeUla(used: readonly Cidr[], name: string): Cidr {
  for (let n = 0; n < 100; n++) {
    const hash = sha256(`${name} ${n}`);
    const candidate = requireCidr(`fd${hash.slice(0, 2)}:${hash.slice(2, 6)}:${hash.slice(6, 10)}::/64`);
    if (!used.some((cidr) => overlaps(cidr, candidate))) return candidate;
  }
  throw hostError("PL_NO_SUBNET", `no IPv6 subnet is free for the network ${name}`);
}

async function usedSubnets(): Promise<Cidr[]> {
  const ofDocker = (await dockerNetworks()).flatMap((network) => network.subnets);
  const ofLinks = Object.values(networkInterfaces()).flatMap((list) => (list ?? []).map((a) => a.cidr ?? ""));
  const ofRoutes = await readFile("/proc/net/route", "utf8").then(routesOf, () => []);
  return [...ofDocker, ...ofLinks, ...ofRoutes]
    .flatMap((text) => parseCidr(text) ?? [])
    .filter((cidr) => cidr.prefix > 0);
}

/** Destinations in the kernel's table: hexadecimal, bytes in the order of the host (little-endian). */
export function routesOf(table: string): string[] {
  return table
    .trim()
    .split("\n")
    .slice(1)
    .map((line) => line.split("\t"))
    .map(([, destination = "", , , , , , mask = ""]) => {
      const bits = Number.parseInt(mask, 16).toString(2).replaceAll("0", "").length;
      const bytes = destination.match(/../g)?.toReversed() ?? [];
      return `${bytes.map((byte) => Number.parseInt(byte, 16)).join(".")}/${bits}`;
    });
}
