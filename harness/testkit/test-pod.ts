import { harnessError, type PlumblineError } from "../core/errors.ts";
import type { KubeEvent, KubeObject } from "../kube/client.ts";
import { mergeIdentities, type PodIdentity } from "../nodes/identity.ts";
import { SCRIPTED_PLUGIN, type PluginCall } from "../nodes/plugin-calls.ts";
import type { NodeState } from "../nodes/state.ts";
import type { PodObservation } from "../verdicts/pod-observation.ts";
import type { CaseNode, Said } from "./case-node.ts";
import type { LiveNetwork } from "./declare-network.ts";
import type { AttachmentRequest, PodDeclaration } from "./declare-pod.ts";
import type { PodSeen } from "./pod-seen.ts";
import { resourceOn, type VfSite } from "./vf-site.ts";

/** An attachment that the pod asked for, with the network as it is in the cluster. */
export interface LiveAttachment {
  readonly request: AttachmentRequest;
  readonly network: LiveNetwork;
  /** `NAMESPACE/NAME`, as network-status names it. */
  readonly nad: string;
}

/** A thing on a node that names a pod which is gone. */
export interface ResidueLeft {
  /** `lease`, `cni-cache`, `link`, ... */
  readonly kind: string;
  readonly key: string;
  /** How it names the pod. */
  readonly names: string;
}

/** What became of a pod whose setup may be refused. */
export interface PodOutcome {
  /** Whether pod setup failed, and not merely took long. */
  readonly refused: boolean;
  /** What the events say of it, oldest first. */
  readonly messages: readonly string[];
  /** Sandboxes whose setup failed. */
  readonly sandboxIds: readonly string[];
}

/** By a DELETE, one without grace, or an eviction, as a drain of the node does it. */
export type Deletion = "normal" | "forced" | "evicted";

/** What the batch does for a pod when a case asks. */
export interface PodDriver {
  create(pod: TestPod): Promise<void>;
  lookAgain(pod: TestPod): Promise<void>;
  events(pod: TestPod): Promise<readonly KubeEvent[]>;
  object(pod: TestPod): Promise<KubeObject | undefined>;
  exec(pod: TestPod, argv: readonly string[]): Promise<Said>;
  node(pod: TestPod): CaseNode;
  delete(pod: TestPod, options: { readonly how: Deletion }): Promise<void>;
  whenGone(pod: TestPod): Promise<void>;
  residueLeft(pod: TestPod, kind?: string): Promise<readonly ResidueLeft[]>;
  attachmentResidueLeft(pod: TestPod): Promise<readonly ResidueLeft[]>;
  leasesLeft(pod: TestPod): Promise<readonly string[]>;
}

/** A pod of a batch. It exists from the declaration on; what became of it is known when its cases run. */
export class TestPod {
  readonly declaration: PodDeclaration;
  readonly namespace: string;
  readonly name: string;
  readonly node: string;
  readonly attachments: readonly LiveAttachment[];
  /** Cases that declared it. */
  readonly madeBy: readonly string[];
  /** VFs of real NICs, in the place of simulated ones. */
  readonly vfSite: VfSite | undefined;
  readonly #driver: PodDriver;
  #seen: PodSeen | undefined;
  #ready = false;
  #refused: PodOutcome | undefined;
  #failure: PlumblineError | undefined;
  identity: PodIdentity | undefined;
  /** What the four sources said when it had become ready. */
  observation: PodObservation | undefined;
  /** Its node at that moment, without the inside of other pods' namespaces: what a teardown is compared with. */
  nodeBefore: NodeState | undefined;
  uid: string | undefined;
  /** By the clock of this host. */
  createdAtMs: number | undefined;
  /** When the API no longer had it, by the same clock. */
  goneAtMs: number | undefined;
  /** Devices that the kubelet gave it, e.g. PCI addresses of VFs. */
  devices: readonly string[] = [];
  /** As the API had it when it was not ready: evidence, once the pod is gone. */
  lastObject: KubeObject | undefined;
  /** How it was deleted, once it was. */
  deleted: Deletion | undefined;
  /** Whether a case judged its residue itself. */
  residueJudged = false;

  constructor(made: {
    readonly declaration: PodDeclaration;
    readonly namespace: string;
    readonly name: string;
    readonly node: string;
    readonly attachments: readonly LiveAttachment[];
    readonly madeBy: readonly string[];
    readonly vfSite?: VfSite | undefined;
    readonly driver: PodDriver;
  }) {
    this.declaration = made.declaration;
    this.namespace = made.namespace;
    this.name = made.name;
    this.node = made.node;
    this.attachments = made.attachments;
    this.madeBy = made.madeBy;
    this.vfSite = made.vfSite;
    this.#driver = made.driver;
  }

  /** The network of its first attachment. @throws Error if it has none, a mistake of the case */
  get network(): LiveNetwork {
    const [first] = this.attachments;
    if (!first) throw new Error(`${this} asks for no attachment`);
    return first.network;
  }

  /**
   * The pod as it was seen when it had become ready.
   * @throws PlumblineError PL_POD_NOT_READY (subject) with the reason, if it did not
   */
  seen(): PodSeen {
    if (this.#failure) throw this.#failure;
    if (!this.#seen) throw harnessError("PL_INTERNAL", `${this} was never looked at`);
    return this.#seen;
  }

  get failure(): PlumblineError | undefined {
    return this.#failure;
  }

  becameReady(at: {
    readonly seen: PodSeen;
    readonly identity: PodIdentity;
    readonly observation: PodObservation;
    readonly nodeBefore: NodeState;
  }): void {
    this.#ready = true;
    // the kubelet tries again what was refused
    this.#refused = undefined;
    this.#failure = undefined;
    this.#seen = at.seen;
    // what an earlier sandbox of it left is its residue, too
    this.identity = this.identity ? mergeIdentities(this.identity, at.identity) : at.identity;
    this.observation = at.observation;
    this.nodeBefore = at.nodeBefore;
  }

  /** It runs in the network of its node: there is nothing of its own to look at. */
  becameReadyOnHost(): void {
    this.#ready = true;
  }

  failed(error: PlumblineError): void {
    this.#failure = error;
  }

  /** Whether it is known what became of it. */
  get isKnown(): boolean {
    return this.#ready || this.#failure !== undefined;
  }

  get wasRefused(): boolean {
    return this.#refused !== undefined;
  }

  /** Its setup failed, for what the events say. @param error what a case is told that wants it ready */
  refused(outcome: PodOutcome, error: PlumblineError): void {
    this.#refused = outcome;
    this.#failure = error;
  }

  /**
   * What became of a pod that may be refused.
   * @throws PlumblineError if it was neither refused nor ready in time
   */
  outcome(): PodOutcome {
    if (this.#refused) return this.#refused;
    if (this.#failure) throw this.#failure;
    if (!this.#ready) throw harnessError("PL_INTERNAL", `${this} was never made`);
    return { refused: false, messages: [], sandboxIds: [] };
  }

  /** Makes a pod that its case makes itself, and waits until it is ready or refused, whichever it is to be. */
  async create(): Promise<void> {
    await this.#driver.create(this);
  }

  /** Looks at a ready pod once more: `seen()` is then as it is now. */
  async lookAgain(): Promise<void> {
    await this.#driver.lookAgain(this);
  }

  /** What the events tell of it, oldest first. @param reason only those, e.g. `AddedInterface` */
  async events(reason?: string): Promise<readonly KubeEvent[]> {
    const events = await this.#driver.events(this);
    return reason === undefined ? events : events.filter((event) => event.reason === reason);
  }

  /** The pod as the API has it. */
  async object(): Promise<KubeObject | undefined> {
    return this.#driver.object(this);
  }

  /** Runs a program in the pod. Its exit code is an answer. */
  async exec(...argv: readonly string[]): Promise<Said> {
    return this.#driver.exec(this, argv);
  }

  /** The scripted plugin's calls for this pod, oldest first. @param command only those */
  async calls(command?: string): Promise<readonly PluginCall[]> {
    const calls = await this.onNode.calls(this.name);
    const mine = calls.filter(
      ({ args, program }) =>
        program === SCRIPTED_PLUGIN &&
        args["K8S_POD_NAME"] === this.name &&
        args["K8S_POD_NAMESPACE"] === this.namespace,
    );
    return command === undefined ? mine : mine.filter((call) => call.command === command);
  }

  /** The extended resource that a pool of VFs is called by here. */
  resource(pool: string): string {
    return resourceOn(this.vfSite, pool);
  }

  /** The node that it lies on. */
  get onNode(): CaseNode {
    return this.#driver.node(this);
  }

  /** Deletes the pod and waits until the API no longer has it. Forced: without grace, not waiting for the kubelet. */
  async delete(options: { readonly force?: boolean } = {}): Promise<void> {
    await this.#driver.delete(this, { how: options.force ? "forced" : "normal" });
  }

  /** The same by the eviction that a drain asks for. */
  async evict(): Promise<void> {
    await this.#driver.delete(this, { how: "evicted" });
  }

  /** Waits until the API no longer has it, where something else deletes it: the end of its namespace, say. */
  async whenGone(): Promise<void> {
    await this.#driver.whenGone(this);
  }

  /**
   * What on its node still names the pod, once nothing does or the bound for teardown has passed.
   * @param kind only things of that kind; whether others are left is then the invariant's question still
   */
  async residueLeft(kind?: string): Promise<readonly ResidueLeft[]> {
    if (kind === undefined) this.residueJudged = true;
    return this.#driver.residueLeft(this, kind);
  }

  /**
   * The same without what belongs to the cluster network, for cases that are about attachments. What the cluster network
   * leaves is the invariant's finding all the same.
   */
  async attachmentResidueLeft(): Promise<readonly ResidueLeft[]> {
    return this.#driver.attachmentResidueLeft(this);
  }

  /** The same for the files of host-local that secondary networks have. */
  async leasesLeft(): Promise<readonly string[]> {
    return this.#driver.leasesLeft(this);
  }

  toString(): string {
    return `${this.namespace}/${this.name}`;
  }
}
