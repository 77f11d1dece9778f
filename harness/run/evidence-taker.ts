import { messageOf, PlumblineError } from "../core/errors.ts";
import { readNodeState } from "../nodes/read-state.ts";
import { readCallsOf } from "../nodes/plugin-calls.ts";
import type { NodeTransport } from "../nodes/transport.ts";
import { EvidenceStore, type FailureEvidence } from "../results/evidence.ts";
import type { LaneContext } from "../testkit/lane-context.ts";
import type { TestPod } from "../testkit/test-pod.ts";
import type { Violation } from "../verdicts/violation.ts";

/** What kind of failure it is decides what is worth keeping. */
type EvidenceKind = "failed-add" | "teardown" | "observation";

/** Pods of a batch that are kept in full of those for which the same things broke. */
const FULL_VIOLATIONS = 2;

const MOST_LOG_SECONDS = 900;
/** For what came just before a pod, and for clocks that differ by a little. */
const LOG_MARGIN_SECONDS = 10;

/** Lines of kubelet and containerd of the last $1 seconds that name one of the words on stdin; the newest are kept. */
const JOURNAL = `
words=$(mktemp); trap 'rm -f "$words"' EXIT; cat > "$words"
journalctl --no-pager -o short-iso-precise -u kubelet -u containerd --since "-$1 s" | grep -F -f "$words" | tail -n 1500
`;

/** Takes evidence while the failing thing is still there, before anything is cleaned up. */
export class EvidenceTaker {
  readonly #lane: LaneContext;
  readonly #store: EvidenceStore;
  readonly #violations = new Map<string, (readonly string[])[]>();

  constructor(lane: LaneContext, recordDir: string) {
    this.#lane = lane;
    this.#store = new EvidenceStore(recordDir);
  }

  /**
   * Evidence of a failed case. A part that cannot be had is said in `missing.txt`; it never replaces the failure.
   * @returns paths relative to the record
   */
  async ofCase(
    caseId: string,
    failed: { readonly error: unknown; readonly pods: readonly TestPod[] },
  ): Promise<readonly string[]> {
    const kind = kindOf(failed.error, failed.pods);
    const evidence = this.#store.failure(caseId);
    const missing: string[] = [];
    const part = async (what: string, take: () => Promise<void>): Promise<void> => {
      await take().catch((error: unknown) => missing.push(`${what}: ${messageOf(error)}`));
    };
    await part("failure.txt", async () => {
      evidence.write("failure.txt", `${messageOf(failed.error)}\n`);
    });
    for (const pod of failed.pods) {
      await part(`pod ${pod}`, () => this.#pod(pod, evidence));
      if (kind !== "teardown") continue;
      await part(`identity of ${pod}`, async () => {
        evidence.writeJson(`${pod.name}/identity.json`, pod.identity ?? null);
      });
    }
    for (const node of new Set(failed.pods.map((pod) => pod.node))) {
      const transport = this.#lane.nodes.get(node);
      if (!transport) continue;
      const here = failed.pods.filter((pod) => pod.node === node);
      const before = kind === "teardown" ? here.find((pod) => pod.nodeBefore)?.nodeBefore : undefined;
      if (before) {
        await part(`state of ${node} before`, async () => {
          evidence.writeJson(`${node}/state-before.json`, before);
        });
      }
      await part(`state of ${node}`, async () => {
        evidence.writeJson(
          `${node}/state${kind === "teardown" ? "-after" : ""}.json`,
          await readNodeState(transport, { timeoutMs: 20_000 }),
        );
      });
      if (kind === "observation") continue;
      await part(`logs of ${node}`, () => this.#logs(transport, here, evidence));
    }
    try {
      if (missing.length > 0) evidence.write("missing.txt", `${missing.join("\n")}\n`);
    } catch {
      // a full disk takes none of it; the failure itself is in the record
    }
    return evidence.paths;
  }

  /**
   * Evidence of broken invariants of one pod, and their events. What breaks for one pod of a batch mostly breaks for all,
   * so the first few are kept in full and stand for the others, but only for those of which the same kinds of things
   * broke: a known leak of every pod must not hide why one of them left more.
   */
  async ofViolations(pod: TestPod, violations: readonly Violation[]): Promise<void> {
    const [first] = violations;
    if (!first) return;
    const kinds = kindsOf(violations);
    const taken = this.#violations.get(kinds) ?? [];
    this.#violations.set(kinds, taken);
    if (taken.length < FULL_VIOLATIONS) {
      const error = new Error(violations.map((violation) => violation.message).join("\n"));
      taken.push(await this.ofCase(`${first.invariant}-${pod.name}`, { error, pods: [pod] }));
    }
    const evidence = taken.at(-1) ?? [];
    for (const violation of violations) {
      this.#lane.emit({ type: "violation", violation: { ...violation }, madeBy: pod.madeBy, evidence });
    }
  }

  async #pod(pod: TestPod, evidence: FailureEvidence): Promise<void> {
    const { kube } = this.#lane;
    const object = await kube.get({ apiVersion: "v1", kind: "Pod", namespace: pod.namespace, name: pod.name });
    evidence.writeJson(`${pod.name}/pod.json`, object ?? pod.lastObject ?? "not in the API any more");
    const events = await kube.events({ namespace: pod.namespace, name: pod.name });
    const lines = events.map((e) => `${e.time} ${e.type} ${e.reason} (${e.source}, ${e.count}x): ${e.message}`);
    evidence.write(`${pod.name}/events.txt`, `${lines.join("\n")}\n`);
    evidence.writeJson(
      `${pod.name}/attachments.json`,
      pod.attachments.map(({ nad, network }) => ({ nad, range: network.range, gateway: network.gateway })),
    );
    if (pod.observation) evidence.writeJson(`${pod.name}/four-sources.json`, pod.observation);
  }

  async #logs(node: NodeTransport, pods: readonly TestPod[], evidence: FailureEvidence): Promise<void> {
    const words = pods.flatMap((pod) => [pod.name, ...(pod.uid ? [pod.uid] : []), ...(pod.identity?.sandboxIds ?? [])]);
    const sinceSeconds = secondsOf(pods);
    const journal = await node.exec(["sh", "-c", JOURNAL, "sh", String(sinceSeconds)], {
      timeoutMs: 30_000,
      stdin: `${words.join("\n")}\n`,
    });
    evidence.write(`${node.node}/kubelet-containerd.log`, journal.stdout);
    const multus = await this.#multusLog(node.node, sinceSeconds);
    const lines = multus.split("\n").filter((line) => words.some((word) => line.includes(word)));
    const sandboxes = pods.flatMap((pod) => pod.identity?.sandboxIds ?? []);
    evidence.writeJson(`${node.node}/cni-calls.json`, await readCallsOf(node, sandboxes));
    evidence.write(`${node.node}/multus.log`, `${lines.slice(-1500).join("\n")}\n`);
  }

  async #multusLog(node: string, sinceSeconds: number): Promise<string> {
    const { kube } = this.#lane;
    const pods = await kube.list({
      apiVersion: "v1",
      kind: "Pod",
      namespace: "kube-system",
      labelSelector: "app=multus",
      fieldSelector: `spec.nodeName=${node}`,
    });
    const logs = pods.map((pod) => kube.logs({ namespace: "kube-system", pod: pod.metadata.name, sinceSeconds }));
    return (await Promise.all(logs)).join("\n");
  }
}

/** What broke for a pod, without the names of its own: `no-residue: cni-cache, cni-cache, lease`. */
export function kindsOf(violations: readonly Pick<Violation, "invariant" | "thing">[]): string {
  const kinds = violations.map(({ thing }) => thing.split(" ", 1)[0] ?? "").toSorted();
  return `${violations[0]?.invariant}: ${kinds.join(", ")}`;
}

/** How far back logs are read: from before these pods were made on, and no further, since a node logs a lot. */
function secondsOf(pods: readonly TestPod[]): number {
  const oldestMs = Math.min(...pods.map((pod) => pod.createdAtMs ?? 0));
  return Math.min(MOST_LOG_SECONDS, Math.ceil((Date.now() - oldestMs) / 1000) + LOG_MARGIN_SECONDS);
}

function kindOf(error: unknown, pods: readonly TestPod[]): EvidenceKind {
  if (error instanceof PlumblineError && error.code === "PL_POD_NOT_READY") return "failed-add";
  return pods.some((pod) => pod.deleted !== undefined) ? "teardown" : "observation";
}
