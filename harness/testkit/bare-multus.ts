import { z } from "zod";
import type { KernelLink } from "../verdicts/pod-observation.ts";
import { BareContainer, type PluginAnswer } from "./bare-container.ts";
import type { CaseNode } from "./case-node.ts";
import type { CniCommand } from "./scripted-network.ts";

type Json = Readonly<Record<string, unknown>>;

/** Keys over Multus' configuration; `null` takes one away. */
export type MultusKeys = Readonly<Record<string, unknown>>;

/** The pod in whose place a container is attached; it need not be there. */
export interface InPlaceOf {
  readonly namespace: string;
  readonly name: string;
  readonly uid?: string | undefined;
}

/** A container that Multus attached, or did not. */
export interface BareAttachment extends PluginAnswer {
  readonly id: string;
  readonly netns: string;
  /** Interfaces inside after ADD, without `lo`. */
  readonly links: readonly KernelLink[];
  /** The answer to the DEL after that. */
  readonly removal: PluginAnswer;
}

/**
 * Multus as a runtime calls it, for containers that no runtime knows, with a configuration of the case's own. The thick
 * daemon takes from the caller what its own configuration lacks, so nothing of the cluster is changed for that.
 */
export class BareMultus {
  readonly #node: CaseNode;
  readonly #written: Json;

  private constructor(node: CaseNode, written: Json) {
    this.#node = node;
    this.#written = written;
  }

  /** On that of a pod, where there is one: Multus knows the pods of its own node best. */
  static async on(node: CaseNode): Promise<BareMultus> {
    return new BareMultus(node, await writtenConfiguration(node));
  }

  /** What the runtime gives Multus on this node, with those keys over it. */
  configuration(keys: MultusKeys): Json {
    return Object.fromEntries(Object.entries({ ...this.#written, ...keys }).filter(([, value]) => value !== null));
  }

  /**
   * ADD for a new container, a look inside, and DEL.
   * @param id begins the container's; faults are narrowed by it
   */
  async attach(id: string, pod: InPlaceOf, keys: MultusKeys = {}): Promise<BareAttachment> {
    const container = await BareContainer.open([this.#node], id, "eth0");
    try {
      const answer = await this.call(container, "ADD", { pod, keys });
      const links = (await container.links()).filter(({ name }) => name !== "lo");
      const removal = await this.call(container, "DEL", { pod, keys });
      return { ...answer, id, netns: container.netns, links, removal };
    } catch (error) {
      await this.call(container, "DEL", { pod, keys });
      throw error;
    }
  }

  /** One command alone. */
  async call(
    container: BareContainer,
    command: CniCommand,
    { pod, keys }: { readonly pod: InPlaceOf; readonly keys: MultusKeys },
  ): Promise<PluginAnswer> {
    return container.call(command, this.configuration(keys), { env: { CNI_ARGS: kubernetesArgs(pod, container.id) } });
  }

  /** ADD for containers at once, each with keys of its own. @returns the answers in their order */
  async addAll(
    containers: readonly BareContainer[],
    pod: InPlaceOf,
    keysOf: (container: BareContainer) => MultusKeys,
  ): Promise<readonly PluginAnswer[]> {
    return BareContainer.callForAll(containers, "ADD", (container) => ({
      config: this.configuration(keysOf(container)),
      change: { env: { CNI_ARGS: kubernetesArgs(pod, container.id) } },
    }));
  }
}

/** `CNI_ARGS` as a runtime of Kubernetes tells the pod of a sandbox. */
export function kubernetesArgs({ namespace, name, uid }: InPlaceOf, containerId: string): string {
  return [
    "IgnoreUnknown=1",
    `K8S_POD_NAMESPACE=${namespace}`,
    `K8S_POD_NAME=${name}`,
    `K8S_POD_INFRA_CONTAINER_ID=${containerId}`,
    ...(uid === undefined ? [] : [`K8S_POD_UID=${uid}`]),
  ].join(";");
}

const listSchema = z.looseObject({
  name: z.string(),
  cniVersion: z.string(),
  plugins: z.tuple([z.record(z.string(), z.unknown())], z.unknown()),
});

/** Multus' configuration in the runtime's folder; of a list, what the runtime makes of it for its one plugin. */
async function writtenConfiguration(node: CaseNode): Promise<Json> {
  const { stdout } = await node.shell("cat /etc/cni/net.d/00-multus.conf*");
  const written: unknown = JSON.parse(stdout);
  const list = listSchema.safeParse(written).data;
  if (!list) return z.record(z.string(), z.unknown()).parse(written);
  const { name, cniVersion, plugins } = list;
  return { ...plugins[0], name, cniVersion };
}
