import path from "node:path";
import { z } from "zod";
import type { ClusterInfo } from "../cluster/list-clusters.ts";
import { messageOf } from "../core/errors.ts";
import { packageFile } from "../core/package-root.ts";
import { loadCaseIndex } from "../plan/case-index.ts";
import { loadProfiles } from "../plan/profiles.ts";
import { fixtureFiles, readFixture } from "../core/read-fixture.ts";

/** What `plumbline list` knows of one kind of thing. */
export interface Listing {
  /** For `--json`. */
  readonly data: readonly object[];
  /** For people, one row each. */
  readonly rows: readonly (readonly string[])[];
  /** In place of the rows where everything is listed. Default: the rows. */
  readonly short?: readonly (readonly string[])[];
}

export const LIST_NAMES = ["stacks", "profiles", "cases", "faults", "clusters"] as const;
export type ListName = (typeof LIST_NAMES)[number];

/**
 * Reads data only: no suite is loaded but those of the user, and nothing that speaks to a cluster.
 * @param inFull false: a glance, for which no other program such as Docker is asked
 */
export const LISTINGS: Readonly<
  Record<ListName, (inFull: boolean, suites: readonly string[]) => Promise<Listing> | Listing>
> = {
  stacks: listStacks,
  profiles: listProfiles,
  cases: (_inFull, suites) => listCases(suites),
  faults: listFaults,
  clusters: (inFull) => (inFull ? clustersOnHost() : clustersRemembered()),
};

// Only what is shown; the whole shape belongs to stack/.
const stackSchema = z.looseObject({ description: z.string() });

function listStacks(): Listing {
  const data = fixtureFiles(packageFile("fixtures", "stacks")).map((file) => ({
    name: path.basename(file, ".yaml"),
    ...readFixture(stackSchema, file),
  }));
  return { data, rows: data.map(({ name, description }) => [name, description]) };
}

function listProfiles(): Listing {
  const data = [...loadProfiles().values()];
  const rows = data.map(({ name, core, extended, summary }) => [
    name,
    `${core.length} core${extended.length > 0 ? `, ${extended.length} extended` : ""}`,
    summary,
  ]);
  return { data, rows };
}

async function listCases(own: readonly string[]): Promise<Listing> {
  const { cases } = own.length === 0 ? loadCaseIndex() : await (await import("../run/own-suites.ts")).wholeIndex(own);
  const suites = [...new Set(cases.map(({ suite }) => suite))];
  return {
    data: cases,
    rows: cases.map(({ id, layer, title, clauses }) => [id, layer, title, clauses.join(" ")]),
    short: suites.map((suite) => [suite, idsOf(cases.filter((c) => c.suite === suite))]),
  };
}

async function listFaults(): Promise<Listing> {
  const { loadFaults } = await import("../nodes/fault.ts");
  const data = loadFaults();
  return {
    data,
    rows: data.map(({ id, noticedBy, title }) => [id, [...new Set(noticedBy.map((n) => n.case))].join(" "), title]),
    short: [[`${data.length} planted defects; \`plumbline list faults\` shows them`]],
  };
}

function idsOf(cases: readonly { readonly id: string }[]): string {
  return cases.map(({ id }) => id).join(" ");
}

/** By the claims in this home: whether they run is not asked. */
async function clustersRemembered(): Promise<Listing> {
  const { claimedNames } = await import("../cluster/claim.ts");
  const { readRecord } = await import("../cluster/cluster-record.ts");
  const data = claimedNames().map((name) => ({ name, stack: readRecord(name)?.spec.stack ?? "" }));
  return { data, rows: data.map(({ name, stack }) => [name, stack || "no stack yet"]) };
}

async function clustersOnHost(): Promise<Listing> {
  const { listClusters } = await import("../cluster/list-clusters.ts");
  try {
    const data = await listClusters();
    return { data, rows: data.map((cluster) => [cluster.name, cluster.stack, clusterText(cluster)]) };
  } catch (error) {
    return { data: [], rows: [[`not known: ${messageOf(error).split("\n", 1)[0]}`]] };
  }
}

function clusterText({ state, nodes, keep, heldBy }: ClusterInfo): string {
  const use =
    heldBy === undefined ? (keep ? "kept" : "left behind: `plumbline gc`") : `process ${heldBy} works with it`;
  return `${state}, ${nodes.length} nodes, ${use}`;
}
