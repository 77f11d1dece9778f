import { harnessError, messageOf, PlumblineError } from "../core/errors.ts";
import { parseDelegateCache, parseLibcniCache, type CachedDelegate, type CniCacheEntry } from "../net/cni-cache.ts";
import { NETWORK_STATUS_ANNOTATION, parseNetworkStatus, type NetworkStatus } from "../net/network-status.ts";
import type { PoolEntry } from "../net/whereabouts-store.ts";
import type { KubeObject } from "../kube/client.ts";
import { identifyPod } from "../nodes/identity.ts";
import { leasesOf } from "../nodes/leases.ts";
import type { NodeNamespace, NodeSandbox, NodeState } from "../nodes/state.ts";
import { fourSources } from "../verdicts/four-sources.ts";
import { attachmentsOf, type KernelLink, type KernelRoute, type PodObservation } from "../verdicts/pod-observation.ts";
import type { LaneContext } from "./lane-context.ts";
import { isKernelsOwn, PodSeen } from "./pod-seen.ts";
import { readNode } from "./read-node.ts";
import type { TestPod } from "./test-pod.ts";
import { noteDevices } from "./vf-homecoming.ts";
import { asksWhereabouts, readWhereabouts } from "./whereabouts.ts";

/** Where Multus keeps what it attached, and its libcni what the delegates answered. */
const MULTUS_CACHE = "/var/lib/cni/multus";
const DELEGATE_RESULTS = `${MULTUS_CACHE}/results/`;

interface ReadyPod {
  readonly pod: TestPod;
  readonly object: KubeObject;
}

/**
 * Looks at ready pods once, node by node, and judges the invariant "the four sources agree" for each.
 * A pod that cannot be looked at fails alone.
 */
export async function observePods(lane: LaneContext, ready: readonly ReadyPod[]): Promise<void> {
  const nodes = new Set(ready.map(({ pod }) => pod.node));
  const states = new Map(
    await Promise.all([...nodes].map(async (node) => [node, await stateOf(lane, node, ready)] as const)),
  );
  await noteDevices(
    lane,
    ready.map(({ pod }) => pod),
  );
  const store = ready.some(({ pod }) => asksWhereabouts(pod))
    ? await tried(() => readWhereabouts(lane.kube))
    : undefined;
  let violations = 0;
  let pods = 0;
  for (const { pod, object } of ready) {
    const state = states.get(pod.node);
    if (!state) continue;
    try {
      const pooled = asksWhereabouts(pod) ? store?.().entries : undefined;
      observePod(lane, state, { pod, object, pooled });
    } catch (error) {
      pod.failed(
        error instanceof PlumblineError
          ? error
          : harnessError("PL_OBSERVE", `${pod} could not be looked at: ${messageOf(error)}`, { cause: error }),
      );
      continue;
    }
    if (!pod.declaration.judged) continue;
    pods++;
    const found = pod.observation ? fourSources(pod.observation) : [];
    violations += found.length;
    await lane.violated(pod, found);
  }
  lane.emit({ type: "invariant-summary", invariant: "four-sources", pods, checks: pods, violations });
}

async function stateOf(lane: LaneContext, node: string, ready: readonly ReadyPod[]): Promise<NodeState> {
  const podUids = ready.filter(({ pod }) => pod.node === node).flatMap(({ object }) => object.metadata.uid ?? []);
  return readNode(lane, node, { timeoutMs: 30_000, inside: { podUids } });
}

/** Does it now, and tells whoever asks for it what came of it: an error is that of the pods which need it. */
async function tried<T>(work: () => Promise<T>): Promise<() => T> {
  try {
    const value = await work();
    return () => value;
  } catch (error) {
    return () => {
      throw error;
    };
  }
}

interface PodToLookAt extends ReadyPod {
  /** What whereabouts holds, for a pod that has an address of it. */
  readonly pooled: readonly PoolEntry[] | undefined;
}

function observePod(lane: LaneContext, state: NodeState, { pod, object, pooled: all }: PodToLookAt): void {
  const sandbox = sandboxOf(state, object);
  const netns = netnsOf(state, sandbox);
  const links = kernelLinks(netns);
  const podIPs = ((object.status?.["podIPs"] ?? []) as { ip: string }[]).map(({ ip }) => ip);
  const networkStatus = object.metadata.annotations?.[NETWORK_STATUS_ANNOTATION];
  const { delegates, entries } = caches(state, sandbox.id);
  const leases = leasesOf(state)
    .filter((lease) => lease.containerId === sandbox.id)
    .map(({ network, address, containerId, ifname }) => ({ network, address, containerId, ifname }));
  const pooled = all?.filter(({ containerId }) => containerId === sandbox.id);
  const observation: PodObservation = {
    pod: `${pod}`,
    api: { podIPs, networkStatus },
    attachments: attachmentsOf(delegates, { sandboxId: sandbox.id, entries }),
    kernel: { links },
    leases,
    pooled,
    sandboxId: sandbox.id,
  };
  const seen = new PodSeen({
    podIPs,
    status: readable(networkStatus),
    links,
    routes: kernelRoutes(netns),
    leases,
    pooled: pooled ?? [],
    sandboxId: sandbox.id,
    clusterNetwork: lane.clusterNetwork,
    podRanges: lane.podRanges,
  });
  const { namespace, name } = pod;
  const identity = identifyPod(state, { namespace, name, uid: object.metadata.uid ?? "" });
  pod.becameReady({ seen, identity, observation, nodeBefore: state });
}

/** An unreadable annotation is the invariant's finding; the cases see an empty one. */
function readable(text: string | undefined): readonly NetworkStatus[] {
  try {
    return text === undefined ? [] : parseNetworkStatus(text);
  } catch {
    return [];
  }
}

function sandboxOf(state: NodeState, object: KubeObject): NodeSandbox {
  const own = state.sandboxes.filter((sandbox) => sandbox.podUid === object.metadata.uid && sandbox.state === "ready");
  const latest = own.toSorted((a, b) => b.attempt - a.attempt)[0];
  if (latest) return latest;
  throw harnessError("PL_NO_SANDBOX", `the runtime of ${state.node} has no ready sandbox of ${object.metadata.name}`);
}

function netnsOf(state: NodeState, sandbox: NodeSandbox): NodeNamespace {
  // The runtime says /var/run/netns/x where the kernel has /run/netns/x.
  const name = sandbox.netnsPath.split("/").at(-1);
  const found = state.namespaces.find((namespace) => namespace.name === name && namespace.mounted);
  if (found) return found;
  throw harnessError(
    "PL_NO_NETNS",
    `${state.node} has no network namespace ${sandbox.netnsPath} of sandbox ${sandbox.id}`,
  );
}

function kernelLinks(netns: NodeNamespace): readonly KernelLink[] {
  return netns.links.map((link) => ({
    name: link.ifname,
    mac: link.address ?? "",
    mtu: link.mtu,
    linkKind: link.linkinfo?.info_kind,
    addresses: netns.addresses
      .filter((entry) => entry.ifindex === link.ifindex)
      .flatMap((entry) => entry.addr_info.map((info) => `${info.local}/${info.prefixlen}`))
      .filter((cidr) => !isKernelsOwn(cidr)),
  }));
}

function kernelRoutes(netns: NodeNamespace): readonly KernelRoute[] {
  return netns.routes
    .filter((route) => (route.table === undefined || route.table === "main") && route.dev !== undefined)
    .map((route) => ({
      dst: route.dst,
      via: route.gateway,
      dev: route.dev ?? "",
      family: `${route.dst}${route.gateway ?? ""}`.includes(":") || isIpv6Default(route) ? "ipv6" : "ipv4",
    }));
}

/** `default dev X` without a gateway names no family; the kernel prints a preference for IPv6 routes alone. */
function isIpv6Default(route: NodeNamespace["routes"][number]): boolean {
  return route.dst === "default" && "pref" in route;
}

function caches(
  state: NodeState,
  sandboxId: string,
): { delegates: readonly CachedDelegate[]; entries: readonly CniCacheEntry[] } {
  const delegates = state.files.find((file) => file.path === `${MULTUS_CACHE}/${sandboxId}`)?.content;
  const entries = state.files.filter(
    (file) => file.type === "file" && file.path.includes(sandboxId) && file.path.startsWith(DELEGATE_RESULTS),
  );
  return {
    delegates: delegates === undefined ? [] : parseDelegateCache(delegates),
    entries: entries.flatMap(({ content }) => (content === undefined ? [] : [parseLibcniCache(content)])),
  };
}
