import path from "node:path";
import { loadConfig, loadMatrix } from "../config/load-config.ts";
import { mergeConfig } from "../config/merge-config.ts";
import type { MatrixConfig } from "../config/matrix-schema.ts";
import { profileOf } from "../config/profile-of.ts";
import type { Config } from "../config/schema.ts";
import { usageError } from "../core/errors.ts";
import { loadRecipes, recipeOf } from "../images/recipe.ts";
import { planMatrix, type MatrixCell, type MatrixPlan } from "../plan/matrix-plan.ts";
import { parseShard, pickCells, shardCells, type Shard } from "../plan/matrix-shards.ts";
import { cellTimes, mergeRecords } from "../results/merge-records.ts";
import { chooseCases } from "../run/choose-cases.ts";
import { wholeIndex } from "../run/own-suites.ts";
import type { CliContext } from "./context.ts";
import { configFlags, type RunFlags } from "./run-options.ts";
import { withPlaces } from "./with-places.ts";

export interface MatrixFlags extends Omit<RunFlags, "stack" | "failed" | "reuse"> {
  readonly matrix?: string;
  readonly shard?: string;
  readonly cell?: readonly string[];
  readonly times?: readonly string[];
  readonly json?: boolean;
}

/** What the user asked for: the whole plan, and the cells of this part of it. */
export interface MatrixSetup {
  readonly config: Config;
  readonly plan: MatrixPlan;
  readonly shard: Shard | undefined;
  /** Of this part. */
  readonly cells: readonly MatrixCell[];
  /** Number of cases that a cell chooses. */
  readonly cases: number;
  /** What cells took before, by id. */
  readonly timesMs: ReadonlyMap<string, number>;
}

const CLUSTERS = "plumbline-matrix";

/** @throws PlumblineError (usage) for all that is wrong with the matrix, with file, line and column where a file says it */
export async function matrixSetup(context: CliContext, flags: MatrixFlags): Promise<MatrixSetup> {
  const shard = flags.shard === undefined ? undefined : parseShard(flags.shard);
  if ("failed" in flags) {
    throw usageError("PL_USAGE", "--failed chooses by one record, and a matrix runs the same cases in all its cells", {
      hint: "--cell ID runs a cell again; the command that runs one case again stands in the report of its cell",
    });
  }
  const { matrix: file, shard: _shard, cell: picked, times, json: _json, ...runFlags } = flags;
  const config = mergeConfig(loadConfig(context.configPath), configFlags(runFlags));
  if (config.cluster.provider === "existing") {
    throw usageError("PL_MATRIX_CLUSTER", "a matrix makes its clusters, and cannot be run on one that exists", {
      hint: "leave cluster.provider out, or run that cluster by itself: plumbline run --cluster existing",
      context: { setting: "cluster.provider" },
    });
  }
  const matrix = matrixOf(config, file);
  const typed = configFlags(runFlags);
  const index = await wholeIndex(config.suites);
  const profile = profileOf(config);
  const chosen = await withPlaces(
    { file: context.configPath, typed },
    async () => chooseCases({ ...config, profile, grep: config.grep, failedOf: undefined }, index).chosen,
  );
  const pinnedKubernetes = recipeOf("module", (await loadRecipes()).modules, "kubernetes").version;
  const { cases, grep, layers, features, workers, ipFamily } = config;
  const base = {
    stack: config.stack,
    multus: config.multus,
    cniVersion: config.cniVersion,
    multusSettings: config.multusConfig,
    plugin: config.plugin,
    clusterName: config.cluster.name ?? CLUSTERS,
    kubernetes: config.kubernetes ?? pinnedKubernetes,
    pinnedKubernetes,
    run: { profile, cases, grep, layers, features, workers, ipFamily, strict: flags.strict ?? false },
    suiteDigest: index.suiteDigest,
  };
  const plan = await withPlaces({ file: file ?? context.configPath, typed: {} }, async () =>
    planMatrix(matrix, base, file === undefined ? "matrix" : ""),
  );
  const timesMs = timesOf(context, times);
  const part = shard ? (shardCells(plan.cells, shard.count, timesMs)[shard.index - 1] ?? []) : plan.cells;
  const cells = picked ? pickCells(part, picked) : part;
  return { config, plan, shard, cells, cases: chosen.length, timesMs };
}

function matrixOf(config: Config, file: string | undefined): MatrixConfig {
  const matrix = file === undefined ? config.matrix : loadMatrix(file);
  if (matrix) return matrix;
  throw usageError("PL_MATRIX_NONE", "there is no matrix to plan", {
    hint: "give the key `matrix` in plumbline.yaml, or --matrix FILE: axes with lists of values, such as mode: [thick, thin]",
  });
}

function timesOf({ cwd }: CliContext, names: readonly string[] | undefined): ReadonlyMap<string, number> {
  if (!names) return new Map();
  return cellTimes(mergeRecords(names.map((name) => path.resolve(cwd, name))).matrix);
}
