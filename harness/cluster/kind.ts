import { stripVTControlCharacters } from "node:util";
import type { Deadline } from "../core/deadline.ts";
import type { Phase } from "../core/ports.ts";
import { homeDir } from "../core/state-dir.ts";
import { run } from "../process/run.ts";
import { claimMark, recordProcessGroup, type Claim } from "./claim.ts";
import { networkName } from "./cluster-network.ts";
import { kubeconfigPath } from "./cluster-record.ts";
import type { ClusterSpec } from "./cluster.ts";
import type { KindConfig } from "./kind-config.ts";
import { CLAIM_VARIABLE } from "./process-identity.ts";

interface KindRun {
  readonly kindPath: string;
  readonly spec: ClusterSpec;
  readonly config: KindConfig;
  readonly claim: Claim;
  readonly phase: Phase;
  readonly deadline: Deadline;
  readonly signal: AbortSignal | undefined;
  readonly when: NodesReached;
}

/** How far the nodes of a cluster that is being made are; each is called at most once. */
export interface NodesReached {
  /** The nodes run and have their files, and Kubernetes is only being started on the first of them. */
  readonly started?: (() => void) | undefined;
  /** The control plane answers, and the workers join: the host has time to spare then. */
  readonly run?: (() => void) | undefined;
  /** They come to no cluster, and are still there. */
  readonly failed?: ((why: unknown) => void) | undefined;
}

type Point = Exclude<keyof NodesReached, "failed">;

/** The steps of kind in which that is so; without workers there is no joining. */
const STARTING = "starting control-plane";
const JOINING = "joining worker nodes";

/**
 * Runs `kind create cluster` on the cluster's own network. It returns when the nodes have joined; whether they are of use
 * is for the caller to see. After a failure the nodes are still there, for their logs.
 * @throws PlumblineError PL_CLUSTER_CREATE
 */
export async function createWithKind(options: KindRun): Promise<void> {
  const { spec, config, claim, phase } = options;
  const told = new Set<Point>();
  const reached = (point: Point): void => {
    if (!told.has(point)) options.when[point]?.();
    told.add(point);
  };
  const args = ["create", "cluster", "--name", spec.name, "--image", spec.nodeImage.ref, "--config", "-"];
  await run(options.kindPath, [...args, "--kubeconfig", kubeconfigPath(spec.name), "--wait", "0s", "--retain"], {
    timeoutMs: options.deadline.remainingMs,
    signal: options.signal,
    stdin: JSON.stringify(config),
    env: {
      [CLAIM_VARIABLE]: claimMark(claim),
      KIND_EXPERIMENTAL_PROVIDER: "docker",
      KIND_EXPERIMENTAL_DOCKER_NETWORK: networkName(spec.name),
      KUBECONFIG: undefined,
    },
    onSpawn: (group) => recordProcessGroup(spec.name, group),
    onLine: (line) => {
      const step = stepOf(line);
      if (step !== undefined) phase.update(step);
      if (step === STARTING) reached("started");
      if (step === JOINING) reached("run");
    },
    code: "PL_CLUSTER_CREATE",
  });
  reached("run");
}

/** Saves the logs of a cluster that failed. @returns the folder, or undefined if that failed too */
export async function saveLogs(kindPath: string, cluster: string): Promise<string | undefined> {
  const folder = homeDir("state", "failed", cluster);
  const args = ["export", "logs", folder, "--name", cluster];
  return run(kindPath, args, { timeoutMs: 45_000, env: { KIND_EXPERIMENTAL_PROVIDER: "docker" } }).then(
    () => folder,
    () => undefined,
  );
}

/** What a line of kind's progress says is being done: ` • Preparing nodes 📦 📦  ...`. @returns undefined for other lines */
export function stepOf(line: string): string | undefined {
  const text = stripVTControlCharacters(line);
  if (!/^\s*[•✓✗]/u.test(text) || /^\s*✓/u.test(text)) return undefined;
  const words = text.replaceAll(/[^\p{L}\p{N}\s()./:-]/gu, " ").replace(/\.{3}\s*$/, "");
  return words.trim().replaceAll(/\s+/g, " ").toLowerCase() || undefined;
}
