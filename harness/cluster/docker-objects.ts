import { z } from "zod";
import type { Deadline } from "../core/deadline.ts";
import { containersWith, networksWith } from "../docker/docker-look.ts";
import { answerLines, docker as runDocker } from "../docker/docker.ts";

/** Label that kind puts on its nodes, with the name of the cluster. */
export const KIND_LABEL = "io.x-k8s.kind.cluster";
const KIND_ROLE_LABEL = "io.x-k8s.kind.role";

export interface NodeContainer {
  readonly id: string;
  readonly name: string;
  readonly cluster: string;
  readonly role: string;
  readonly running: boolean;
  /** `sha256:...` of the image it runs. */
  readonly imageId: string;
  /** ISO 8601; a node that was started again has lost its routes and rules. */
  readonly startedAt: string;
  /** Those of its image too. */
  readonly labels: Readonly<Record<string, string>>;
  /** Names of the Docker networks that it is on. */
  readonly networks: readonly string[];
  /** The MAC of its interface to each of them, by name; empty while it does not run. */
  readonly macs: Readonly<Record<string, string>>;
}

export interface DockerNetwork {
  readonly id: string;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly subnets: readonly string[];
}

const Container = z.object({
  Id: z.string(),
  Name: z.string(),
  Image: z.string(),
  State: z.object({ Running: z.boolean(), StartedAt: z.string() }),
  Config: z.object({ Labels: z.record(z.string(), z.string()).nullish() }),
  NetworkSettings: z.object({
    Networks: z.record(z.string(), z.object({ MacAddress: z.string().nullish() })).nullish(),
  }),
});

const Network = z.object({
  Id: z.string(),
  Name: z.string(),
  Labels: z.record(z.string(), z.string()).nullish(),
  IPAM: z.object({ Config: z.array(z.object({ Subnet: z.string().optional() })).nullish() }),
});

/** The nodes of one kind cluster, or of all, whether they run or not. */
export async function nodeContainers(cluster?: string): Promise<NodeContainer[]> {
  const found = await containersWith(`${KIND_LABEL}${cluster === undefined ? "" : `=${cluster}`}`);
  return z
    .array(Container)
    .parse(found)
    .map((c) => ({
      id: c.Id,
      name: c.Name.replace(/^\//, ""),
      cluster: c.Config.Labels?.[KIND_LABEL] ?? "",
      role: c.Config.Labels?.[KIND_ROLE_LABEL] ?? "",
      running: c.State.Running,
      imageId: c.Image,
      startedAt: c.State.StartedAt,
      labels: c.Config.Labels ?? {},
      networks: Object.keys(c.NetworkSettings.Networks ?? {}),
      macs: Object.fromEntries(
        Object.entries(c.NetworkSettings.Networks ?? {}).map(([name, { MacAddress }]) => [name, MacAddress ?? ""]),
      ),
    }));
}

/** All Docker networks, or those that match a filter such as `label=x`. */
export async function dockerNetworks(filter?: string): Promise<DockerNetwork[]> {
  const found = await networksWith(filter);
  return z
    .array(Network)
    .parse(found)
    .map((n) => ({
      id: n.Id,
      name: n.Name,
      labels: n.Labels ?? {},
      subnets: (n.IPAM.Config ?? []).flatMap((c) => (c.Subnet === undefined ? [] : [c.Subnet])),
    }));
}

/** Runs docker and returns its output as lines. @throws PlumblineError PL_DOCKER */
export async function docker(args: readonly string[], deadline?: Deadline): Promise<string[]> {
  return answerLines(await runDocker(args, deadline ? { timeoutMs: deadline.remainingMs } : {}));
}
