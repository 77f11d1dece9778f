import { Deadline } from "../core/deadline.ts";
import { DeadlineError, harnessError } from "../core/errors.ts";
import { until } from "../core/until.ts";
import { readNodeState } from "../nodes/read-state.ts";
import { liveAddressesOf, residueOf, type ResidueItem } from "../nodes/residue.ts";
import { residueViolations } from "../verdicts/residue-violations.ts";
import type { LaneContext } from "./lane-context.ts";
import type { PodDriver, TestPod } from "./test-pod.ts";

const FORCE_GRACE_SECONDS = 0;

/** Deletes pods and judges what they leave behind. */
export class PodTeardown implements PodDriver {
  readonly #lane: LaneContext;
  readonly #pods: () => readonly TestPod[];

  constructor(lane: LaneContext, pods: () => readonly TestPod[]) {
    this.#lane = lane;
    this.#pods = pods;
  }

  async delete(pod: TestPod, { force }: { readonly force: boolean }): Promise<void> {
    const ref = { apiVersion: "v1", kind: "Pod", namespace: pod.namespace, name: pod.name };
    pod.deleted = force ? "forced" : "normal";
    await this.#lane.kube.delete(ref, force ? { gracePeriodSeconds: FORCE_GRACE_SECONDS } : {});
    await this.#lane.kube.waitFor(ref, {
      what: `pod ${pod} to be gone from the API`,
      deadline: Deadline.in(this.#lane.teardownMs),
      done: (object) => object === undefined || (pod.uid !== undefined && object.metadata.uid !== pod.uid),
    });
  }

  async residueLeft(pod: TestPod): Promise<readonly string[]> {
    return (await this.#residue(pod)).map((item) => `${item.kind} ${item.key}: ${item.what}`);
  }

  async leasesLeft(pod: TestPod): Promise<readonly string[]> {
    const items = await this.#residue(pod, (item) => item.kind === "lease");
    return items.map((item) => item.key);
  }

  /** Polls the pod's node until nothing of interest is left; what is left at the bound is the answer. */
  async #residue(pod: TestPod, interest: (item: ResidueItem) => boolean = () => true): Promise<readonly ResidueItem[]> {
    const { identity } = pod;
    if (!identity)
      throw harnessError("PL_NO_IDENTITY", `${pod} was never seen ready, so nothing tells what would be its residue`);
    try {
      return await until(async () => (await this.#leftOf([pod])).get(pod)?.filter(interest) ?? [], {
        what: `nothing on ${pod.node} to name ${pod}`,
        deadline: Deadline.in(this.#lane.teardownMs),
        done: (items) => items.length === 0,
      });
    } catch (error) {
      if (!(error instanceof DeadlineError) || !Array.isArray(error.lastObservation)) throw error;
      return error.lastObservation as ResidueItem[];
    }
  }

  /** One look at the nodes of some deleted pods. */
  async #leftOf(pods: readonly TestPod[]): Promise<ReadonlyMap<TestPod, readonly ResidueItem[]>> {
    const found = new Map<TestPod, readonly ResidueItem[]>();
    for (const node of new Set(pods.map((pod) => pod.node))) {
      const transport = this.#lane.nodes.get(node);
      if (!transport) throw harnessError("PL_NO_NODE", `no way onto node ${node}`);
      const state = await readNodeState(transport, { timeoutMs: 30_000 });
      const gone = pods.filter((pod) => pod.node === node).flatMap((pod) => (pod.identity ? [pod.identity.uid] : []));
      const liveAddresses = liveAddressesOf(state, { except: gone });
      for (const pod of pods) {
        if (pod.node === node && pod.identity) found.set(pod, residueOf(pod.identity, state, { liveAddresses }));
      }
    }
    return found;
  }

  /** Deletes every pod that is still there, all at once. */
  async deleteAll(): Promise<void> {
    const alive = this.#pods().filter((pod) => !pod.deleted);
    await Promise.all(alive.map((pod) => this.delete(pod, { force: false })));
  }

  /** Judges the invariant "no residue" for every pod of the batch that was seen alive. */
  async judgeAll(): Promise<void> {
    const judged = this.#pods().filter((pod) => pod.identity);
    const pending = judged.filter((pod) => !pod.residueJudged);
    let left: ReadonlyMap<TestPod, readonly ResidueItem[]> = new Map();
    const isClean = (found: typeof left): boolean => [...found.values()].every((items) => items.length === 0);
    if (pending.length > 0) {
      await until(async () => (left = await this.#leftOf(pending)), {
        what: "the nodes to be free of the batch's pods",
        deadline: Deadline.in(this.#lane.teardownMs),
        done: isClean,
      }).catch((error: unknown) => {
        // What is left at the bound is the finding.
        if (!(error instanceof DeadlineError)) throw error;
      });
    }
    let violations = 0;
    for (const [pod, items] of left) {
      const found = residueViolations(items, {
        pod: `${pod}`,
        deletion: pod.deleted === "forced" ? "force" : "normal",
      });
      violations += found.length;
      await this.#lane.violated(pod, found);
    }
    const checks = judged.length;
    this.#lane.emit({ type: "invariant-summary", invariant: "no-residue", pods: judged.length, checks, violations });
  }
}
