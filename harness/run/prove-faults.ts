import { writeFileSync } from "node:fs";
import path from "node:path";
import { makeDir } from "../core/make-dir.ts";
import { inPhase, type Progress } from "../core/ports.ts";
import { EXIT } from "../core/status.ts";
import { loadFaults, type Fault } from "../nodes/fault.ts";
import { loadCaseIndex } from "../plan/case-index.ts";
import { brokenClaims } from "../results/case-outcome.ts";
import { redactJson } from "../results/redact.ts";
import { chooseCases } from "./choose-cases.ts";
import type { Feature } from "./detect-features.ts";
import { executeRun } from "./execute-run.ts";
import type { RunPorts } from "./started-run.ts";
import type { RunOutcome } from "./finish-run.ts";
import { casesOf, groupFaults } from "./group-faults.ts";
import {
  impossibleProof,
  judgeProof,
  skippedProof,
  type FaultActs,
  type ProofCase,
  type ProofResult,
} from "./judge-proof.ts";
import { actsOf, plantAll, type SeenActs } from "./plant-on-testbed.ts";
import { installedText, type RunRequest } from "./run-request.ts";
import { PROOF_FILE } from "./seen-proof.ts";
import { selectFaults, type FaultSelection } from "./select-faults.ts";

export interface ProveRequest {
  /** The run that is repeated under each fault; its cluster is kept between. */
  readonly run: RunRequest;
  readonly faults: FaultSelection;
}

export interface ProveOutcome {
  readonly results: readonly ProofResult[];
  readonly reportFile: string;
  readonly exitCode: number;
  /** Whether the first run got as far as its cases, so that there is a cluster of ours. */
  readonly hasCluster: boolean;
  /** What ended the run without a fault before its time, so that nothing was planted. */
  readonly aborted: unknown;
}

/**
 * Plants faults on every node, as many at once as do not touch each other, runs the cases, and compares with a run without
 * a fault. A fault that is not proven in a group is tried alone. Each run has a record of its own; `proof.json` sums up.
 */
export async function proveFaults(
  request: ProveRequest,
  ports: { readonly progress: Progress; readonly signal: AbortSignal },
): Promise<ProveOutcome> {
  const { run, faults, casesFor, notes } = planOf(request);
  for (const note of notes) ports.progress.note(note);
  // The first run makes the cluster, or takes one if the user said so; the others take it.
  const baseline = await inPhase(ports.progress, "Run without a fault", () => runOnce(run, ports, []));
  const prover = new Prover(run, ports, baseline);
  const reportFile = path.join(run.outDir, PROOF_FILE);
  let results: readonly ProofResult[] = [];
  writeProof(reportFile, run, results);
  if (baseline.exitCode !== 2 && baseline.exitCode < 130 && baseline.cases.size > 0) {
    results = faults.flatMap(
      (fault) =>
        skippedProof(fault.id, knownCasesOf([fault]), baseline.cases) ??
        impossibleProof(fault.id, fault.needs ?? [], baseline.features) ??
        [],
    );
    const skipped = new Set(results.map(({ fault }) => fault));
    for (const group of groupFaults(faults.filter(({ id }) => !skipped.has(id)))) {
      results = [...results, ...(await prover.prove(group, casesFor(group)))];
      // after each group, so that one that is cut short keeps what it has
      writeProof(reportFile, run, results);
    }
  }
  const tried = results.filter(({ skipped }) => skipped !== true);
  let { exitCode } = prover;
  if (exitCode === EXIT.ok && results.length > 0 && tried.length === 0) exitCode = EXIT.nothingRan;
  if (exitCode === EXIT.ok && tried.some((result) => !result.proven)) exitCode = EXIT.failed;
  if (exitCode <= EXIT.failed && tried.some((result) => !result.acted)) exitCode = EXIT.error;
  return { results, reportFile, exitCode, hasCluster: baseline.hasCluster, aborted: baseline.aborted };
}

interface ProofPlan {
  readonly run: RunRequest;
  readonly faults: readonly Fault[];
  /** The cases that look on when these are planted. */
  readonly casesFor: (group: readonly Fault[]) => readonly string[];
  readonly notes: readonly string[];
}

/**
 * What is planted, and what is run. Chosen cases all look on, whatever is planted, and choose the faults unless those are
 * named; where no case is chosen, the cases of each group of faults look on.
 */
function planOf({ run, faults: selection }: ProveRequest): ProofPlan {
  const choosesCases =
    run.cases.length > 0 ||
    run.profile !== undefined ||
    run.grep !== undefined ||
    run.layers.length > 0 ||
    run.features.length > 0 ||
    run.failedOf !== undefined;
  const choice = choosesCases ? chooseCases(run) : undefined;
  const cases = choice?.chosen.map(({ id }) => id);
  // that of a case to come lies ready, and has nobody who could notice it
  const ready = loadFaults().filter((fault) => knownCasesOf([fault]).length > 0);
  const faults = selectFaults(ready, { ...selection, cases });
  return {
    run: { ...run, cases: cases ?? knownCasesOf(faults), failedOf: undefined },
    faults,
    casesFor: (group) => cases ?? knownCasesOf(group),
    notes: choice?.notes ?? [],
  };
}

/** The cases that faults concern, of those that there are. */
function knownCasesOf(faults: readonly Fault[]): readonly string[] {
  const known = new Set(loadCaseIndex().cases.map(({ id }) => id));
  return [...new Set(faults.flatMap((fault) => casesOf(fault)))].filter((id) => known.has(id)).toSorted();
}

function writeProof(file: string, request: RunRequest, results: readonly ProofResult[]): void {
  makeDir(path.dirname(file));
  const proof = { suiteDigest: loadCaseIndex().suiteDigest, stack: installedText(request), results };
  writeFileSync(file, `${JSON.stringify(redactJson(proof), null, 2)}\n`);
}

interface ProofRun {
  readonly cases: ReadonlyMap<string, ProofCase>;
  /** What the planted faults did, on all nodes. */
  readonly acts: ReadonlyMap<string, FaultActs>;
  readonly exitCode: number;
  readonly hasCluster: boolean;
  /** Of the testbed. */
  readonly features: readonly Feature[];
  readonly aborted: unknown;
}

type ProofPorts = Omit<RunPorts, "whenReady">;

/** Runs the cases behind faults, on the cluster of the first run. */
class Prover {
  readonly #run: RunRequest;
  readonly #ports: ProofPorts;
  readonly #baseline: ProofRun;
  #groups = 0;
  /** That of the first run, until one is interrupted. */
  exitCode: number;

  constructor(run: RunRequest, ports: ProofPorts, baseline: ProofRun) {
    this.#run = run;
    this.#ports = ports;
    this.#baseline = baseline;
    this.exitCode = baseline.exitCode;
  }

  /**
   * Faults that can be planted together, and then those that were not proven so, by halves: mostly one spoils it for all.
   * What is tried again is judged by the cases that it is about and by those that failed beside it.
   */
  async prove(group: readonly Fault[], cases: readonly string[]): Promise<readonly ProofResult[]> {
    const [only, ...others] = group;
    if (this.exitCode >= 130 || !only) return [];
    if (others.length === 0) return this.#plant(only.id, group, cases);
    const together = await this.#plant(`group-${++this.#groups}`, group, cases);
    const unproven = group.filter(({ id }) => together.some((result) => result.fault === id && !result.proven));
    const half = Math.ceil(unproven.length / 2);
    const again: ProofResult[] = [];
    for (const part of [unproven.slice(0, half), unproven.slice(half)]) {
      const about = new Set([
        ...part.flatMap((fault) => casesOf(fault)),
        ...together.filter(({ fault }) => part.some(({ id }) => id === fault)).flatMap(({ noticedBy }) => noticedBy),
      ]);
      const narrowed = cases.filter((id) => about.has(id));
      again.push(...(await this.prove(part, narrowed.length > 0 ? narrowed : cases)));
    }
    return together.map((result) => again.find(({ fault }) => fault === result.fault) ?? result);
  }

  async #plant(name: string, faults: readonly Fault[], cases: readonly string[]): Promise<readonly ProofResult[]> {
    const title = `Plant ${faults.map(({ id }) => id).join(", ")}`;
    return inPhase(this.#ports.progress, title, async (phase) => {
      const run = { ...this.#run, cases, outDir: path.join(this.#run.outDir, name) };
      const planted = await runOnce(run, this.#ports, faults);
      if (planted.exitCode >= 130) this.exitCode = planted.exitCode;
      const results = faults.map((fault) =>
        judgeProof(
          { ...fault, fault: fault.id },
          {
            baseline: this.#baseline.cases,
            planted: planted.cases,
            acts: planted.acts.get(fault.id) ?? { acted: 0, never: "it was not planted", problems: [] },
            ofOthers: new Set(faults.filter((other) => other !== fault).flatMap((other) => casesOf(other))),
          },
        ),
      );
      const problems = results.flatMap((result) => result.problems.map((problem) => `${result.fault}: ${problem}`));
      phase.update(problems.length === 0 ? "proven" : problems.join("; "));
      return results;
    });
  }
}

async function runOnce(run: RunRequest, ports: ProofPorts, faults: readonly Fault[]): Promise<ProofRun> {
  const outDir = faults.length === 0 ? path.join(run.outDir, "without-fault") : run.outDir;
  const seen: SeenActs = { calls: [], changed: new Set() };
  const whenReady: RunPorts["whenReady"] = async (testbed, scope) => plantAll(faults, { testbed, scope, seen });
  // One that is kept for the next run alone makes way for a new one, should a lane break while it is changed.
  const keptFor = run.keep ? "user" : "next run";
  const request = { ...run, outDir, reuse: faults.length > 0 || run.reuse, keep: true, keptFor } as const;
  const outcome = await executeRun(request, { ...ports, ...(faults.length > 0 ? { whenReady } : {}) });
  const hasCluster = outcome.aborted === undefined;
  return {
    cases: endsOf(outcome),
    acts: new Map(faults.map((fault) => [fault.id, actsOf(fault, seen)])),
    exitCode: outcome.exitCode,
    hasCluster,
    features: outcome.features,
    aborted: outcome.aborted,
  };
}

function endsOf(outcome: RunOutcome): ReadonlyMap<string, ProofCase> {
  return new Map(
    outcome.verdicts.map(({ caseId, status, via }) => {
      const end = outcome.caseEnds.find(({ caseId: id }) => id === caseId);
      const claims = via === "case" && end?.failure ? brokenClaims(end.failure) : [];
      return [caseId, { status, assertions: claims.map(({ assertion }) => assertion), outcome: end?.outcome }];
    }),
  );
}
