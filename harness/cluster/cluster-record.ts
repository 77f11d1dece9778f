import { existsSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { z } from "zod";
import { canonicalJson, sha256 } from "../core/json.ts";
import { stateDir, statesDir } from "./claim.ts";
import type { ClusterSpec } from "./cluster.ts";

const Record = z.strictObject({
  version: z.literal(1),
  spec: z.strictObject({
    name: z.string(),
    workers: z.int().min(0),
    ipFamily: z.enum(["ipv4", "dual"]),
    nodeImage: z.strictObject({ ref: z.string(), id: z.string() }),
    stack: z.string(),
  }),
  specDigest: z.string(),
  dockerNetwork: z.string(),
  adaptations: z.array(z.string()),
  /** When each node was started, by its name: a node that starts again loses its routes and rules. Empty until all were. */
  startedAt: z.record(z.string(), z.string()),
  /** Whether the stack was installed to its end. */
  ready: z.boolean(),
  /** What has changed it for a time and is not undone yet: more than nothing after a run that ended in between. */
  changes: z.array(z.string()).optional(),
});

/** What was built, so that it can be recognised later. Lies beside the claim. */
export type ClusterRecord = z.infer<typeof Record>;

const FILE = "cluster.json";

export function recordPath(cluster: string): string {
  return path.join(statesDir(), cluster, FILE);
}

export function kubeconfigPath(cluster: string): string {
  return path.join(stateDir(cluster), "kubeconfig");
}

/** @returns undefined if there is none, or one of another version */
export function readRecord(cluster: string): ClusterRecord | undefined {
  const file = recordPath(cluster);
  if (!existsSync(file)) return undefined;
  const parsed = Record.safeParse(JSON.parse(readFileSync(file, "utf8")));
  return parsed.success ? parsed.data : undefined;
}

export function writeRecord(record: ClusterRecord): void {
  writeFileSync(path.join(stateDir(record.spec.name), FILE), `${JSON.stringify(record, null, 2)}\n`);
}

/** Says that the stack on the cluster works: only then may it be used again. */
export function markReady(cluster: string): void {
  const record = readRecord(cluster);
  if (record) writeRecord({ ...record, ready: true });
}

/** Says what is not undone yet of what a run changed. No record, no effect. */
export function noteChanges(cluster: string, changes: readonly string[]): void {
  const record = readRecord(cluster);
  if (record) writeRecord({ ...record, changes: [...changes] });
}

/** Equal for interchangeable clusters: what was asked for and what the host made of it. */
export function specDigest(spec: ClusterSpec, adaptations: readonly string[]): string {
  const { nodeImage, ...rest } = spec;
  // the same image may bear several names
  return sha256(canonicalJson({ ...rest, nodeImageId: nodeImage.id, adaptations }));
}

/**
 * Why a cluster that stands cannot take the place of one that is asked for, one line each; empty if it can as far as its
 * record tells.
 */
export function specDifferences(record: ClusterRecord, spec: ClusterSpec, adaptations: readonly string[]): string[] {
  const { spec: made } = record;
  return [
    ...(made.stack === spec.stack ? [] : [`its stack is ${made.stack}, not ${spec.stack}`]),
    ...(made.workers === spec.workers ? [] : [`it has ${made.workers} workers, not ${spec.workers}`]),
    ...(made.ipFamily === spec.ipFamily ? [] : [`its IP family is ${made.ipFamily}, not ${spec.ipFamily}`]),
    ...(made.nodeImage.id === spec.nodeImage.id
      ? []
      : [`its nodes run ${made.nodeImage.ref}, not ${spec.nodeImage.ref}`]),
    ...(canonicalJson(record.adaptations) === canonicalJson(adaptations)
      ? []
      : ["it was set up differently for this host"]),
    ...(record.ready ? [] : ["its stack was not installed to the end"]),
    ...(record.changes ?? []).map((change) => `a run on it ended in the middle of ${change}`),
  ];
}
