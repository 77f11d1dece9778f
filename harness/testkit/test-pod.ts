import { harnessError, type PlumblineError } from "../core/errors.ts";
import type { PodIdentity } from "../nodes/identity.ts";
import type { NodeState } from "../nodes/state.ts";
import type { PodObservation } from "../verdicts/pod-observation.ts";
import type { LiveNetwork } from "./declare-network.ts";
import type { AttachmentRequest, PodDeclaration } from "./declare-pod.ts";
import type { PodSeen } from "./pod-seen.ts";

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

/** What the batch does for a pod when a case asks. */
export interface PodDriver {
  delete(pod: TestPod, options: { readonly force: boolean }): Promise<void>;
  residueLeft(pod: TestPod): Promise<readonly ResidueLeft[]>;
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
  readonly #driver: PodDriver;
  #seen: PodSeen | undefined;
  #failure: PlumblineError | undefined;
  identity: PodIdentity | undefined;
  /** What the four sources said when it had become ready. */
  observation: PodObservation | undefined;
  /** Its whole node at that moment: what a teardown is compared with. */
  nodeBefore: NodeState | undefined;
  uid: string | undefined;
  /** How it was deleted, once it was. */
  deleted: "normal" | "forced" | undefined;
  /** Whether a case judged its residue itself. */
  residueJudged = false;

  constructor(made: {
    readonly declaration: PodDeclaration;
    readonly namespace: string;
    readonly name: string;
    readonly node: string;
    readonly attachments: readonly LiveAttachment[];
    readonly madeBy: readonly string[];
    readonly driver: PodDriver;
  }) {
    this.declaration = made.declaration;
    this.namespace = made.namespace;
    this.name = made.name;
    this.node = made.node;
    this.attachments = made.attachments;
    this.madeBy = made.madeBy;
    this.#driver = made.driver;
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
    this.#seen = at.seen;
    this.identity = at.identity;
    this.observation = at.observation;
    this.nodeBefore = at.nodeBefore;
  }

  failed(error: PlumblineError): void {
    this.#failure = error;
  }

  /** Deletes the pod and waits until the API no longer has it. Forced: without grace, not waiting for the kubelet. */
  async delete(options: { readonly force?: boolean } = {}): Promise<void> {
    await this.#driver.delete(this, { force: options.force ?? false });
  }

  /** What on its node still names the pod, once nothing does or the bound for teardown has passed. */
  async residueLeft(): Promise<readonly ResidueLeft[]> {
    this.residueJudged = true;
    return this.#driver.residueLeft(this);
  }

  /** The same for the files of host-local that secondary networks have. */
  async leasesLeft(): Promise<readonly string[]> {
    return this.#driver.leasesLeft(this);
  }

  toString(): string {
    return `${this.namespace}/${this.name}`;
  }
}
