import { loadNetworkTemplate, type NetworkTemplate } from "../config/network-templates.ts";
import { KubeApiError, type KubeClient } from "../kube/client.ts";
import { definitionAnnotations } from "./definition-annotations.ts";
import type { ListConfig, LiveNetwork } from "./declare-network.ts";
import { attachmentDefinition, NETWORK_DEFINITION } from "./pod-manifest.ts";

/** A network whose definition a case makes, changes or takes away itself. */
export class CaseNetwork {
  readonly live: LiveNetwork;
  readonly #kube: KubeClient;
  readonly #runId: string;
  readonly #config: unknown;

  constructor(made: { live: LiveNetwork; config: unknown; kube: KubeClient; runId: string }) {
    this.live = made.live;
    this.#config = made.config;
    this.#kube = made.kube;
    this.#runId = made.runId;
  }

  /** The configuration list that its template gives, for what calls plugins itself. */
  get list(): ListConfig {
    return this.#config as ListConfig;
  }

  /** Of whom its template says that a pod must or must not reach them through it. */
  get reach(): NetworkTemplate["reach"] {
    const { type } = this.live.declaration;
    if (type === undefined) throw new Error(`the network ${this.live.name} has no template`);
    return loadNetworkTemplate(type).reach;
  }

  /**
   * Makes the definition as it was declared, or puts it back so.
   * @param namespace another one than its own: the case takes it away from there itself
   */
  async create(namespace: string = this.live.namespace): Promise<void> {
    await this.#write(this.#config, namespace);
  }

  /** Writes the definition with another configuration. @param config JSON, or a string that stands as it is */
  async replace(config: unknown): Promise<void> {
    await this.#write(config, this.live.namespace);
  }

  async #write(config: unknown, namespace: string): Promise<void> {
    const { name } = this.live;
    const annotations = definitionAnnotations(this.live);
    await this.#kube.apply([attachmentDefinition({ name, namespace, annotations, config, runId: this.#runId })]);
  }

  /** Deletes the definition. @param namespace the one that it was made in */
  async remove(namespace: string = this.live.namespace): Promise<void> {
    const { name } = this.live;
    await this.#kube.delete({ ...NETWORK_DEFINITION, namespace, name });
  }

  /** The definition as the API has it. @returns undefined if there is none */
  async definition(): Promise<Readonly<Record<string, unknown>> | undefined> {
    const { name, namespace } = this.live;
    return this.#kube.get({ ...NETWORK_DEFINITION, namespace, name });
  }

  /** Sends any object as this definition, and tells what the API answers: its status code and words. */
  async offer(
    spec: Readonly<Record<string, unknown>>,
  ): Promise<{ readonly accepted: boolean; readonly message: string }> {
    const { name, namespace } = this.live;
    const object = { ...NETWORK_DEFINITION, metadata: { name, namespace }, spec };
    try {
      await this.#kube.apply([object]);
      return { accepted: true, message: "" };
    } catch (error) {
      if (error instanceof KubeApiError && isRefusal(error)) return { accepted: false, message: error.message };
      throw error;
    }
  }
}

/** Where a value is not of the type that the kind demands, the API answers to server-side apply as to an error of its own. */
function isRefusal({ status, message }: KubeApiError): boolean {
  return (status >= 400 && status < 500) || message.includes("failed to create typed patch object");
}
