import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { Deadline } from "../core/deadline.ts";
import { harnessError, messageOf, PlumblineError, usageError } from "../core/errors.ts";
import type { Phase } from "../core/ports.ts";
import { Scope } from "../core/scope.ts";
import { lackingCapabilities } from "../host/capabilities.ts";
import { KubeClient } from "../kube/client.ts";
import { makeClaim, type Claim } from "./claim.ts";
import { createNetwork, networkName } from "./cluster-network.ts";
import { registeredNodes } from "./cluster-nodes.ts";
import { kubeconfigPath, readRecord, specDifferences, specDigest, writeRecord } from "./cluster-record.ts";
import { runningCluster, type ClusterSpec, type RunningCluster } from "./cluster.ts";
import { deleteCluster } from "./delete-cluster.ts";
import { nodeContainers } from "./docker-objects.ts";
import { createWithKind, saveLogs, type NodesReached } from "./kind.ts";
import { explainKindFailure } from "./kind-failure.ts";
import { kubeletWords } from "./kubelet-words.ts";
import { adaptationsFor, kindConfig, type Adaptation } from "./kind-config.ts";
import { find, requireOurs } from "./ownership.ts";

export interface CreateOptions {
  readonly phase: Phase;
  readonly signal?: AbortSignal | undefined;
  readonly runId: string;
  /** Path of the kind program. */
  readonly kindPath: string;
  readonly when?: NodesReached | undefined;
  /** A kept cluster of this name with another spec makes way. Default: no. */
  readonly replaceKept?: boolean;
}

/** kind puts `-control-plane` behind it, and the whole is a host name. */
const NAME = /^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$/;

const CREATE_MS = 300_000;
const UNDO_MS = 90_000;

/**
 * Makes a cluster: network, nodes, kubeconfig. Its nodes are registered and not Ready, since the default network comes
 * with the stack. On failure or abort everything is undone; after a failure the nodes' logs are saved first.
 * @throws PlumblineError PL_CLUSTER_NAME, PL_CLUSTER_FOREIGN, PL_CLUSTER_IN_USE, PL_CLUSTER_EXISTS, PL_CLUSTER_CREATE; PL_PORT_TAKEN,
 *   PL_DISK_FULL, PL_IMAGE_ARCH, PL_NOT_PRIVILEGED where that is why
 */
export async function createCluster(spec: ClusterSpec, options: CreateOptions): Promise<RunningCluster> {
  const { signal, phase } = options;
  signal?.throwIfAborted();
  if (!NAME.test(spec.name)) {
    throw usageError("PL_CLUSTER_NAME", `${JSON.stringify(spec.name)} is no name for a cluster`, {
      hint: "lower-case letters, digits and dashes, at most 40",
    });
  }
  await makeWay(spec, options);
  const scope = new Scope({ budgetMs: UNDO_MS });
  // claimed before anything is made, so that what a killed process leaves has an owner
  const claim = makeClaim({ cluster: spec.name, runId: options.runId });
  scope.defer(`delete the cluster ${spec.name}`, (deadline) =>
    deleteCluster(spec.name, deadline, { onlyOfRun: options.runId }),
  );
  try {
    return await build(spec, claim, options);
  } catch (thrown) {
    options.when?.failed?.(thrown);
    const error = signal?.aborted ? thrown : await explainKindFailure(thrown, signal);
    const logs = signal?.aborted ? undefined : await saveLogs(options.kindPath, spec.name);
    phase.update("undoing what was made");
    await scope.close();
    signal?.throwIfAborted();
    throw logs === undefined ? error : await withLogs(error, logs);
  }
}

/** Removes what an ended run left under this name; refuses what is not ours, in use, or kept. */
async function makeWay(spec: ClusterSpec, options: CreateOptions): Promise<void> {
  const found = await find(spec.name);
  requireOurs(spec.name, found);
  if (found.claim?.keep && found.containers.length > 0 && !options.replaceKept) {
    throw usageError("PL_CLUSTER_EXISTS", `a kept cluster ${spec.name} exists${await whyNotReused(spec)}`, {
      hint: `\`plumbline down --name ${spec.name}\` removes it; --reuse uses it if its spec is the same`,
    });
  }
  if (!found.claim && found.containers.length === 0) return;
  options.phase.update("removing what an earlier run left");
  await deleteCluster(spec.name, Deadline.in(UNDO_MS));
}

/** What the user of --reuse asks next. */
async function whyNotReused(spec: ClusterSpec): Promise<string> {
  const record = readRecord(spec.name);
  const texts = (await hostAdaptations()).map(({ text }) => text);
  const differences = record ? specDifferences(record, spec, texts) : [];
  const why = differences.length > 0 ? differences : ["a node of it does not run, or its API does not answer"];
  return `: ${why.join("; ")}`;
}

async function build(spec: ClusterSpec, claim: Claim, options: CreateOptions): Promise<RunningCluster> {
  const { phase, signal } = options;
  const deadline = Deadline.in(CREATE_MS);
  const adaptations = await hostAdaptations();
  const texts = adaptations.map((a) => a.text);
  const dockerNetwork = networkName(spec.name);
  const record = { version: 1, spec, specDigest: specDigest(spec, texts), dockerNetwork, adaptations: texts } as const;
  // before anything is made: whoever undoes it must know what was about to be made
  writeRecord({ ...record, startedAt: {}, ready: false });
  phase.update("making the network");
  await createNetwork(claim, spec.ipFamily);
  signal?.throwIfAborted();
  const config = kindConfig(spec, adaptations);
  const { kindPath, when = {} } = options;
  await createWithKind({ kindPath, spec, config, claim, phase, deadline, signal, when });

  phase.update("waiting for the nodes to be registered");
  const kube = KubeClient.fromFile(kubeconfigPath(spec.name));
  const nodes = await registeredNodes(kube, spec, { deadline: deadline.within(60_000), signal });
  await checkImages(spec);
  writeRecord({ ...record, startedAt: await startTimes(spec.name), ready: false });
  return runningCluster({ ...record, kubeconfigPath: kubeconfigPath(spec.name) }, { nodes, created: true });
}

/** A tag may have moved since the spec was written. */
async function checkImages(spec: ClusterSpec): Promise<void> {
  const other = (await nodeContainers(spec.name)).find((c) => c.imageId !== spec.nodeImage.id);
  if (!other) return;
  throw harnessError(
    "PL_CLUSTER_IMAGE",
    `node ${other.name} runs image ${other.imageId}, not ${spec.nodeImage.id}: ${spec.nodeImage.ref} has changed meanwhile`,
  );
}

/** When each node was started, by its name. */
async function startTimes(cluster: string): Promise<Record<string, string>> {
  return Object.fromEntries((await nodeContainers(cluster)).map((c) => [c.name, c.startedAt]));
}

/** What this host makes necessary or wise; part of a cluster's digest. */
export async function hostAdaptations(): Promise<readonly Adaptation[]> {
  const [status, lastCap] = await Promise.all([
    readFile("/proc/self/status", "utf8"),
    readFile("/proc/sys/kernel/cap_last_cap", "utf8"),
  ]);
  const hasCgroupV2 = existsSync("/sys/fs/cgroup/cgroup.controllers");
  return adaptationsFor({ lacking: lackingCapabilities(status, Number(lastCap)), hasCgroupV2 });
}

async function withLogs(error: unknown, folder: string): Promise<PlumblineError> {
  const { code, kind, context } =
    error instanceof PlumblineError ? error : { code: "PL_CLUSTER_CREATE", kind: "harness" as const, context: {} };
  const logs = `the logs of its nodes are in ${folder}`;
  const hint = error instanceof PlumblineError && error.hint !== undefined ? `${error.hint}; ${logs}` : logs;
  const words = await kubeletWords(folder);
  return new PlumblineError({
    code,
    kind,
    message: words === undefined ? messageOf(error) : `${words}; ${messageOf(error)}`,
    hint,
    cause: error,
    context: { ...context, logs: folder },
  });
}
