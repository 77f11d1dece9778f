import { existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { z } from "zod";
import { Deadline } from "../core/deadline.ts";
import { usageError } from "../core/errors.ts";
import { homeDir } from "../core/state-dir.ts";
import { until } from "../core/until.ts";
import { killProcessGroup } from "../process/run.ts";
import { isAlive, isSelf, membersOf, ownIdentity, ProcessIdentity } from "./process-identity.ts";

const Claim = z.strictObject({
  version: z.literal(1),
  cluster: z.string(),
  runId: z.string(),
  /** Who works with the cluster now, or did last. */
  holder: ProcessIdentity,
  /** Process groups that were started for it; they outlive a killed holder. */
  processGroups: z.array(z.int().positive()),
  /** Stays when its holder has ended. */
  keep: z.boolean(),
  createdAt: z.string(),
});

/** The harness's mark of ownership on a cluster, in its folder of state. */
export type Claim = z.infer<typeof Claim>;

const FILE = "claim.json";

/** Folder of all clusters' states. */
export function statesDir(): string {
  return homeDir("state", "clusters");
}

/** Folder of one cluster's state, made if it is missing. */
export function stateDir(cluster: string): string {
  return homeDir("state", "clusters", cluster);
}

/** Names of the clusters that have a claim or remains of one. */
export function claimedNames(): string[] {
  return readdirSync(statesDir(), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .toSorted();
}

/** @returns undefined if there is none, or one that cannot be read */
export function readClaim(cluster: string): Claim | undefined {
  return readClaimFile(path.join(statesDir(), cluster));
}

/** As `readClaim`, from any folder of state: that of another home too. */
export function readClaimFile(folder: string): Claim | undefined {
  const file = path.join(folder, FILE);
  if (!existsSync(file)) return undefined;
  try {
    return Claim.parse(JSON.parse(readFileSync(file, "utf8")));
  } catch {
    return undefined;
  }
}

/** Replaces the claim at once: a reader sees the old one or the new one. */
export function writeClaim(claim: Claim): void {
  const file = path.join(stateDir(claim.cluster), FILE);
  writeFileSync(`${file}.new`, textOf(claim), { mode: 0o600 });
  renameSync(`${file}.new`, file);
}

/**
 * Claims a name that has no claim.
 * @throws PlumblineError PL_CLUSTER_IN_USE if another process was faster
 */
export function makeClaim(options: { readonly cluster: string; readonly runId: string }): Claim {
  const claim: Claim = {
    version: 1,
    ...options,
    holder: ownIdentity(),
    processGroups: [],
    keep: false,
    createdAt: new Date().toISOString(),
  };
  try {
    writeFileSync(path.join(stateDir(claim.cluster), FILE), textOf(claim), { mode: 0o600, flag: "wx" });
  } catch (error) {
    throw usageError("PL_CLUSTER_IN_USE", `another process has just claimed the cluster ${claim.cluster}`, {
      cause: error,
    });
  }
  return claim;
}

/** Makes this process the holder of a claim whose holder has ended. */
export function takeOver(claim: Claim, runId: string): void {
  writeClaim({ ...claim, runId, holder: ownIdentity(), processGroups: [] });
}

function textOf(claim: Claim): string {
  return `${JSON.stringify(claim, null, 2)}\n`;
}

/**
 * Whether the cluster stays when its holder has ended. To be said when it is worth keeping: what is half made when its
 * holder dies is garbage. No claim, no effect.
 */
export function setKeep(cluster: string, keep: boolean): void {
  const claim = readClaim(cluster);
  if (claim) writeClaim({ ...claim, keep });
}

/** Records a process group before it can do anything that must be undone. */
export function recordProcessGroup(cluster: string, processGroup: number): void {
  const claim = readClaim(cluster);
  if (claim) writeClaim({ ...claim, processGroups: [...claim.processGroups, processGroup] });
}

/** Whether another living process works with the cluster. */
export function isHeldByOther(claim: Claim): boolean {
  return isAlive(claim.holder) && !isSelf(claim.holder);
}

/** The value of PLUMBLINE_CLAIM in processes that work for a claim. */
export function claimMark(claim: Pick<Claim, "cluster" | "runId">): string {
  return `${claim.cluster}/${claim.runId}`;
}

/**
 * Ends the process groups that were started for a claim, and waits for their end: what they start now would be left.
 * @throws DeadlineError PL_GROUP_ALIVE
 */
export async function endProcessGroups(claim: Claim, deadline: Deadline = Deadline.in(5_000)): Promise<void> {
  const mark = claimMark(claim);
  for (const group of claim.processGroups) {
    await until(
      () => {
        const members = membersOf(group, mark);
        if (members.length > 0) killProcessGroup(group);
        return members;
      },
      {
        what: `the end of process group ${group} of cluster ${claim.cluster}`,
        deadline,
        intervalMs: 50,
        done: (members) => members.length === 0,
        code: "PL_GROUP_ALIVE",
        kind: "host",
      },
    );
  }
}

/** Removes what is kept about a cluster, kubeconfig included. */
export function removeState(cluster: string): void {
  rmSync(path.join(statesDir(), cluster), { recursive: true, force: true });
}
