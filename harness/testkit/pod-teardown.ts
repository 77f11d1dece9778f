import { Deadline } from "../core/deadline.ts";
import { DeadlineError, harnessError } from "../core/errors.ts";
import { until } from "../core/until.ts";
import type { KubeRef } from "../kube/client.ts";
import type { PodIdentity } from "../nodes/identity.ts";
import { hostEndOf, isNamedByAddress } from "../nodes/naming.ts";
import { poolResidue } from "../nodes/pool-residue.ts";
import { liveAddressesOf, residueOf, type ResidueItem } from "../nodes/residue.ts";
import type { NodeState } from "../nodes/state.ts";
import { residueViolations } from "../verdicts/residue-violations.ts";
import type { LaneContext } from "./lane-context.ts";
import { readNode } from "./read-node.ts";
import { refusalOf, refusedIdentity } from "./refused-pod.ts";
import type { Deletion, ResidueLeft, TestPod } from "./test-pod.ts";
import { withoutVfs } from "./vf-site.ts";
import { deletionOf, isKnownResidue, fileKeysOf, keysOf, onlyFiles, settledMs, type Left } from "./what-is-left.ts";
import { asksWhereabouts, readWhereabouts } from "./whereabouts.ts";

/**
 * A look takes the better part of a second of one processor, the tables of a node being read by a dozen programs: looking
 * more often would slow down what is waited for. Whether sandboxes run is one question to the runtime.
 */
const LOOK_INTERVAL_MS = 700;
const RUNNING_INTERVAL_MS = 250;
const READ_TIMEOUT_MS = 30_000;
const CLUSTER_NETWORK_INTERFACE = "eth0";

/** Deletes pods and judges what they leave behind. */
export class PodTeardown {
  readonly #lane: LaneContext;
  readonly #pods: () => readonly TestPod[];
  /** Pods that no case needs any more, on their way out. */
  readonly #released = new Map<TestPod, Promise<void>>();

  constructor(lane: LaneContext, pods: () => readonly TestPod[]) {
    this.#lane = lane;
    this.#pods = pods;
  }

  async delete(pod: TestPod, { how }: { readonly how: Deletion }): Promise<void> {
    if (pod.wasRefused) await this.#refreshIdentity(pod);
    pod.deleted = how;
    if (how === "evicted") await this.#evict(pod);
    else await this.#lane.kube.delete(refOf(pod), how === "forced" ? { gracePeriodSeconds: 0 } : {});
    await this.whenGone(pod);
  }

  /** Begins to delete a pod that no case needs any more. What goes wrong is told by `deleteAll`. */
  release(pod: TestPod): void {
    if (pod.deleted || pod.uid === undefined || this.#released.has(pod)) return;
    const deletion = this.delete(pod, { how: "normal" });
    deletion.catch(() => undefined);
    this.#released.set(pod, deletion);
  }

  /** @source Kubernetes documentation, API-initiated eviction */
  async #evict({ namespace, name }: TestPod): Promise<void> {
    const eviction = { apiVersion: "policy/v1", kind: "Eviction", metadata: { namespace, name } };
    await this.#lane.kube.raw("POST", `/api/v1/namespaces/${namespace}/pods/${name}/eviction`, eviction);
  }

  /** Waits until the API no longer has a pod, whoever deleted it. */
  async whenGone(pod: TestPod): Promise<void> {
    await this.#lane.kube.waitFor(refOf(pod), {
      what: `pod ${pod} to be gone from the API`,
      deadline: Deadline.in(this.#lane.teardownMs),
      done: (object) => object === undefined || (pod.uid !== undefined && object.metadata.uid !== pod.uid),
    });
    pod.deleted ??= "normal";
    pod.goneAtMs ??= Date.now();
  }

  /** The kubelet went on trying since: each sandbox may have left something. */
  async #refreshIdentity(pod: TestPod): Promise<void> {
    const { sandboxIds } = await refusalOf(this.#lane.kube, pod);
    pod.identity = refusedIdentity(pod, sandboxIds, this.#lane.clusterNetwork);
  }

  async residueLeft(pod: TestPod, ofKind?: string): Promise<readonly ResidueLeft[]> {
    const left =
      ofKind === undefined ? await this.#leftAtLast([pod]) : await this.#settled([pod], ({ kind }) => kind === ofKind);
    return (left.get(pod) ?? []).map(({ kind, key, names }) => ({ kind, key, names }));
  }

  async attachmentResidueLeft(pod: TestPod): Promise<readonly ResidueLeft[]> {
    const { clusterNetwork } = this.#lane;
    const stores = [`/networks/${clusterNetwork}/`, `/cni-ipam-state/${clusterNetwork}/`];
    const files = [...stores, `/results/${clusterNetwork}-`];
    const left = await this.#settled(
      [pod],
      ({ key, names }) =>
        !files.some((part) => key.includes(part)) && !names.includes(hostEndOf(CLUSTER_NETWORK_INTERFACE)),
    );
    return (left.get(pod) ?? []).map(({ kind, key, names }) => ({ kind, key, names }));
  }

  async leasesLeft(pod: TestPod): Promise<readonly string[]> {
    const secondary = pod.attachments.map(({ network }) => `/${network.name}/`);
    const left = await this.#settled(
      [pod],
      ({ kind, key, inApi }) => kind === "lease" && (inApi || secondary.some((part) => key.includes(part))),
    );
    return (left.get(pod) ?? []).map((item) => item.key);
  }

  /**
   * Waits until the runtime asks for no further DEL of any pod of the batch, or the bound has passed: from then on nothing
   * that is done to Multus can change what they leave.
   */
  async allStopped(): Promise<void> {
    const pods = this.#pods().filter((pod) => pod.identity && pod.deleted);
    if (pods.length > 0) await this.#stopped(pods, Deadline.in(this.#lane.teardownMs)).catch(orDeadline);
  }

  /** Waits until the runtime has stopped every sandbox of some deleted pods, and so asks for no further DEL. */
  async #stopped(pods: readonly TestPod[], deadline: Deadline): Promise<void> {
    const stillRunning = async (): Promise<readonly string[]> => {
      const running = await Promise.all(
        byNode(pods).map(async ([node, here]) => {
          const { sandboxes } = await readNode(this.#lane, node, { timeoutMs: READ_TIMEOUT_MS, parts: ["sandboxes"] });
          return here.filter((pod) => runs(sandboxes, identityOf(pod)));
        }),
      );
      return running.flat().map(String);
    };
    await until(stillRunning, {
      what: `the sandboxes of ${named(pods)} to be stopped`,
      deadline,
      intervalMs: RUNNING_INTERVAL_MS,
      done: (running) => running.length === 0,
    });
  }

  /** Looks until nothing of interest is left, or what is left is final, or the bound has passed. */
  async #settled(
    pods: readonly TestPod[],
    interest: (item: ResidueItem) => boolean,
    isFinal: (left: Left) => boolean = onlyFiles,
  ): Promise<Left> {
    const deadline = Deadline.in(this.#lane.teardownMs);
    // What is left of a sandbox that runs on at the bound is a finding too.
    await this.#stopped(pods, deadline).catch(orDeadline);
    let last: Left | undefined;
    let sameSinceMs = performance.now();
    const look = async (): Promise<Left> => {
      const next = await this.#look(pods, interest);
      if (!last || fileKeysOf(next) !== fileKeysOf(last)) sameSinceMs = performance.now();
      return (last = next);
    };
    try {
      return await until(look, {
        what: `nothing on the nodes to name ${named(pods)}`,
        deadline,
        intervalMs: LOOK_INTERVAL_MS,
        done: (left) => keysOf(left) === "" || (isFinal(left) && performance.now() - sameSinceMs >= settledMs(left)),
      });
    } catch (error) {
      // What is left at the bound is the finding.
      if (error instanceof DeadlineError && last) return last;
      throw error;
    }
  }

  /** One look at the nodes of some deleted pods. */
  async #look(pods: readonly TestPod[], interest: (item: ResidueItem) => boolean): Promise<Left> {
    const items = new Map<TestPod, readonly ResidueItem[]>();
    for (const [node, here] of byNode(pods)) {
      const left = await this.#lookAtNode(node, here.map(identityOf));
      for (const pod of here) items.set(pod, (left.get(identityOf(pod)) ?? []).filter(interest));
    }
    await this.#addPooled(items, interest);
    return items;
  }

  /** Adds what is held in the API of those that had addresses of whereabouts. */
  async #addPooled(
    items: Map<TestPod, readonly ResidueItem[]>,
    interest: (item: ResidueItem) => boolean,
  ): Promise<void> {
    const pods = [...items.keys()].filter((pod) => asksWhereabouts(pod));
    if (pods.length === 0) return;
    const store = await readWhereabouts(this.#lane.kube);
    for (const pod of pods) {
      const pooled = poolResidue(identityOf(pod), store).filter(interest);
      items.set(pod, [...(items.get(pod) ?? []), ...pooled]);
    }
  }

  /**
   * What one node has left of these pods. What is inside the namespaces of others, which takes long
   * to read, is looked at only where something hangs on an address that one of them may hold by now.
   */
  async #lookAtNode(node: string, identities: readonly PodIdentity[]) {
    const { vfSite: site } = this.#lane;
    const leftIn = (state: NodeState, liveAddresses: ReadonlySet<string>) =>
      new Map(identities.map((one) => [one, withoutVfs(residueOf(one, state, { liveAddresses }), { site, node })]));
    const shallow = await readNode(this.#lane, node, { timeoutMs: READ_TIMEOUT_MS, inside: "none" });
    const left = leftIn(shallow, new Set());
    if (![...left.values()].flat().some(isNamedByAddress)) return left;
    const state = await readNode(this.#lane, node, { timeoutMs: READ_TIMEOUT_MS });
    return leftIn(state, liveAddressesOf(state, { except: identities.map(({ uid }) => uid) }));
  }

  /** What was left of the pods that were judged last. */
  #judged: Left = new Map();

  /** Waits until those that no case needs any more are gone, and their sandboxes stopped. */
  async releasedGone(): Promise<void> {
    await Promise.allSettled(this.#released.values()); // what went wrong is told by `deleteAll`
    await this.allStopped();
  }

  /** Deletes every pod that is still there, all at once, and waits until all are gone. */
  async deleteAll(): Promise<void> {
    for (const pod of this.#pods()) this.release(pod);
    await Promise.all(this.#released.values());
  }

  /**
   * Removes files that the subject left of pods of ours, after they were judged: a range of addresses that leaks would
   * otherwise run out on a cluster that is used again and again.
   */
  async tidy(): Promise<void> {
    const pods = this.#pods().filter((pod) => pod.identity && pod.deleted);
    const others = pods.filter((pod) => !this.#judged.has(pod));
    const looked: Left = others.length > 0 ? await this.#look(others, () => true) : new Map();
    for (const [node, here] of byNode(pods)) {
      const keys = here
        .flatMap((pod) => this.#judged.get(pod) ?? looked.get(pod) ?? [])
        // what an IPAM keeps in the API is no file, and of its ranges nobody's is so small that it runs out
        .filter(({ kind, key, inApi }) => (kind === "lease" || kind === "cni-cache") && !inApi && key.startsWith("/"))
        .map(({ key }) => key);
      if (keys.length > 0)
        await this.#lane.nodes.get(node)?.exec(["rm", "-f", "--", ...keys], { timeoutMs: READ_TIMEOUT_MS });
    }
  }

  #judgedPods(): readonly TestPod[] {
    return this.#pods().filter((pod) => pod.identity && pod.declaration.judged);
  }

  /**
   * What is left of pods when nothing more will change the verdict on them: what stays beside files, such as a link, is
   * waited for only where it is not known of the versions under test that it stays with them.
   */
  async #leftAtLast(pods: readonly TestPod[]): Promise<Left> {
    // asked at each look: the versions may be read only while it is waited
    const isKnown = (pod: TestPod, items: readonly ResidueItem[]): boolean =>
      isKnownResidue(this.#lane.known(), { items, deleted: pod.deleted });
    const isFinal = (left: Left): boolean => onlyFiles(left) || [...left].every(([pod, items]) => isKnown(pod, items));
    return this.#settled(pods, () => true, isFinal);
  }

  /** Judges the invariant "no residue" for every pod of the batch that was seen alive. */
  async judgeAll(): Promise<void> {
    const pods = this.#judgedPods();
    // A case that demanded it itself has said what is left.
    const pending = pods.filter((pod) => !pod.residueJudged);
    const left: Left = pending.length > 0 ? await this.#leftAtLast(pending) : new Map();
    this.#judged = left;
    let violations = 0;
    for (const [pod, items] of left) {
      const found = residueViolations(items, { pod: `${pod}`, deletion: deletionOf(pod.deleted) });
      violations += found.length;
      await this.#lane.violated(pod, found);
    }
    this.#lane.emit({
      type: "invariant-summary",
      invariant: "no-residue",
      pods: pods.length,
      checks: pods.length,
      violations,
    });
  }
}

function byNode(pods: readonly TestPod[]): readonly (readonly [node: string, here: readonly TestPod[]])[] {
  return [...new Set(pods.map((pod) => pod.node))].map((node) => [node, pods.filter((pod) => pod.node === node)]);
}

function refOf({ namespace, name }: TestPod): KubeRef {
  return { apiVersion: "v1", kind: "Pod", namespace, name };
}

function identityOf(pod: TestPod): PodIdentity {
  if (pod.identity) return pod.identity;
  throw harnessError("PL_NO_IDENTITY", `${pod} was never seen ready, so nothing tells what would be its residue`);
}

function runs(sandboxes: NodeState["sandboxes"], { uid }: PodIdentity): boolean {
  return sandboxes.some((sandbox) => sandbox.podUid === uid && sandbox.state === "ready");
}

function named(pods: readonly TestPod[]): string {
  return pods.length === 1 ? `${pods[0]}` : `the ${pods.length} pods of the batch`;
}

/** Lets a bound that has passed be seen by who looks next. */
function orDeadline(error: unknown): void {
  if (!(error instanceof DeadlineError)) throw error;
}
