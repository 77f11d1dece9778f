import { answerLines, docker, labelArguments, type DockerOptions } from "./docker.ts";

export interface NetworkSpec {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  /** IPv6 range, e.g. `fd00:10::/64`; without it the network is IPv4 only. */
  readonly ipv6Subnet?: string;
  /** Options of the bridge driver, e.g. `com.docker.network.driver.mtu`. */
  readonly driverOptions?: Readonly<Record<string, string>>;
}

type Call = Pick<DockerOptions, "signal">;

/** Makes a bridge network; the daemon picks the IPv4 range. */
export async function createNetwork(spec: NetworkSpec, call: Call = {}): Promise<void> {
  const ipv6 = spec.ipv6Subnet ? ["--ipv6", "--subnet", spec.ipv6Subnet] : [];
  const driver = Object.entries(spec.driverOptions ?? {}).flatMap(([key, value]) => ["--opt", `${key}=${value}`]);
  await docker(
    ["network", "create", "--driver", "bridge", ...ipv6, ...driver, ...labelArguments(spec.labels), spec.name],
    call,
  );
}

/** It is fine if there is none. @throws PlumblineError PL_DOCKER if containers are still on it */
export async function removeNetwork(name: string, call: Call = {}): Promise<void> {
  const found = await listNetworks(`name=^${name}$`, call);
  if (found.length > 0) await docker(["network", "rm", name], call);
}

/** Names of networks. @param filter as Docker's, e.g. `label=plumbline.run=7` or `name=^x$` */
export async function listNetworks(filter: string, call: Call = {}): Promise<string[]> {
  return answerLines(await docker(["network", "ls", "--filter", filter, "--format", "{{.Name}}"], call));
}
