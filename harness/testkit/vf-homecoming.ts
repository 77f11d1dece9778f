import { Deadline } from "../core/deadline.ts";
import { DeadlineError, harnessError } from "../core/errors.ts";
import { until } from "../core/until.ts";
import { vfViolations, whoLost, type HeldVf } from "../verdicts/vf-violations.ts";
import { CaseNode } from "./case-node.ts";
import type { LaneContext } from "./lane-context.ts";
import { NodeVfs } from "./node-vfs.ts";
import type { TestPod } from "./test-pod.ts";
import { wantsVfs } from "./vf-declarations.ts";

type Lane = Pick<LaneContext, "nodes" | "vfSite" | "teardownMs" | "violated" | "emit">;

/** Has each pod that asked for devices know which ones the kubelet gave it: it forgets that with the pod. */
export async function noteDevices(lane: Pick<Lane, "nodes" | "vfSite">, pods: readonly TestPod[]): Promise<void> {
  const asking = pods.filter(({ declaration }) => wantsVfs(declaration));
  await Promise.all(
    [...new Set(asking.map(({ node }) => node))].map(async (node) => {
      const grants = await vfsOf(lane, node).grants();
      for (const pod of asking.filter((one) => one.node === node)) {
        const own = grants.filter(({ podUid }) => podUid === pod.uid);
        pod.devices = [...new Set([...pod.devices, ...own.flatMap(({ devices }) => devices)])];
      }
    }),
  );
}

/**
 * Judges the invariant "each VF comes home" for pods that are gone: under its name, with its MAC, and without having been
 * lost meanwhile.
 */
export async function judgeVfs(lane: Lane, pods: readonly TestPod[]): Promise<void> {
  const judged = pods.filter((pod) => pod.deleted && pod.declaration.judged && pod.devices.length > 0);
  if (judged.length === 0) return;
  let violations = 0;
  for (const node of new Set(judged.map((pod) => pod.node))) {
    // also those that are not judged: a loss may be theirs
    const here = pods.filter((pod) => pod.node === node && pod.devices.length > 0);
    const held = await heldBy(lane, vfsOf(lane, node), here);
    for (const pod of here.filter((one) => judged.includes(one))) {
      const found = vfViolations(held.get(pod) ?? [], `${pod}`);
      violations += found.length;
      await lane.violated(pod, found);
    }
  }
  const checks = judged.reduce((sum, { devices }) => sum + devices.length, 0);
  lane.emit({ type: "invariant-summary", invariant: "vf-home", pods: judged.length, checks, violations });
}

/** The VFs of each of these pods, once all are home or the bound for teardown has passed. */
async function heldBy(
  lane: Lane,
  vfs: NodeVfs,
  pods: readonly TestPod[],
): Promise<ReadonlyMap<TestPod, readonly HeldVf[]>> {
  const theirs = new Set(pods.flatMap(({ devices }) => devices));
  const uids = new Set(pods.map(({ uid }) => uid));
  const waiting = async (): Promise<readonly string[]> => {
    const taken = await grantedToOthers(vfs, uids);
    const all = await vfs.all();
    return all.flatMap(({ pci, where }) =>
      theirs.has(pci) && where !== undefined && where !== "home" && !taken.has(pci) ? [pci] : [],
    );
  };
  try {
    await until(waiting, {
      what: `the VFs of ${vfs.node.name} to be home`,
      deadline: Deadline.in(lane.teardownMs),
      intervalMs: 500,
      done: (left) => left.length === 0,
    });
  } catch (error) {
    if (!(error instanceof DeadlineError)) throw error; // what is not home at the bound is the finding
  }
  return asSeen(vfs, pods, uids);
}

async function grantedToOthers(vfs: NodeVfs, own: ReadonlySet<string | undefined>): Promise<ReadonlySet<string>> {
  const others = (await vfs.grants()).filter(({ podUid }) => !own.has(podUid));
  return new Set(others.flatMap(({ devices }) => devices));
}

/**
 * The interfaces are looked for first, and whose the VFs are by then is asked afterwards: pods of other cases start
 * meanwhile, and where a VF is that somebody else has been given says nothing of the pod before.
 */
async function asSeen(
  vfs: NodeVfs,
  pods: readonly TestPod[],
  uids: ReadonlySet<string | undefined>,
): Promise<ReadonlyMap<TestPod, readonly HeldVf[]>> {
  const [all, events] = await Promise.all([vfs.all(), vfs.events()]);
  const theirs = all.filter(({ pci }) => pods.some(({ devices }) => devices.includes(pci)));
  const macs = new Map<string, string | undefined>();
  for (const vf of theirs) macs.set(vf.pci, (await vfs.homeLink(vf))?.mac);
  const taken = await grantedToOthers(vfs, uids);
  const held = new Map<TestPod, HeldVf[]>();
  for (const { pci, interface: name, mac } of theirs) {
    if (name === undefined || mac === undefined) continue;
    const holders = pods.flatMap((pod) =>
      pod.devices.includes(pci) ? [{ pod, fromMs: pod.createdAtMs ?? 0, goneMs: pod.goneAtMs }] : [],
    );
    if (holders.length === 0) continue;
    const losses = events.filter((event) => event.event === "lost" && event.pci === pci);
    const sinceTaken = taken.has(pci);
    const macNow = sinceTaken ? mac : macs.get(pci);
    for (const { pod } of holders) {
      const own = losses.filter(({ at }) => whoLost(holders, Date.parse(at), { sinceTaken })?.pod === pod);
      const seen = { pci, name, mac, macNow, lostAt: own.map(({ at }) => at) };
      held.set(pod, [...(held.get(pod) ?? []), seen]);
    }
  }
  return held;
}

function vfsOf({ nodes, vfSite }: Pick<Lane, "nodes" | "vfSite">, node: string): NodeVfs {
  const transport = nodes.get(node);
  if (!transport) throw harnessError("PL_NO_NODE", `no way onto node ${node}`);
  return new NodeVfs(new CaseNode(transport), vfSite);
}
