import { KubeApiError, type KubeClient } from "../kube/client.ts";
import type { LiveNetwork } from "./declare-network.ts";
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

  /** Makes the definition as it was declared, or puts it back so. */
  async create(): Promise<void> {
    await this.replace(this.#config);
  }

  /** Writes the definition with another configuration. @param config JSON, or a string that stands as it is */
  async replace(config: unknown): Promise<void> {
    const { name, namespace, declaration } = this.live;
    const { annotations } = declaration;
    await this.#kube.apply([attachmentDefinition({ name, namespace, annotations, config, runId: this.#runId })]);
  }

  /** Deletes the definition. */
  async remove(): Promise<void> {
    const { name, namespace } = this.live;
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
      if (error instanceof KubeApiError && error.status >= 400 && error.status < 500) {
        return { accepted: false, message: error.message };
      }
      throw error;
    }
  }
}
