import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { usageError } from "../core/errors.ts";
import { inPhase, type Progress } from "../core/ports.ts";
import { loadFaults, type Fault } from "../nodes/fault.ts";
import type { FaultCall } from "../nodes/fault-log.ts";
import { plantFault } from "../nodes/plant-fault.ts";
import { loadCaseIndex } from "../plan/case-index.ts";
import { nearestName } from "../core/nearest-name.ts";
import { executeRun, type RunPorts } from "./execute-run.ts";
import type { RunOutcome } from "./finish-run.ts";
import { judgeProof, type FaultActs, type ProofCase, type ProofResult } from "./judge-proof.ts";
import type { RunRequest } from "./run-request.ts";

export interface ProveRequest {
  /** The run that is repeated under each fault; its cluster is kept between. */
  readonly run: RunRequest;
  /** Ids; empty for all. */
  readonly faults: readonly string[];
}

export interface ProveOutcome {
  readonly results: readonly ProofResult[];
  readonly reportFile: string;
  readonly exitCode: number;
  /** Whether the first run got as far as its cases, so that there is a cluster of ours. */
  readonly hasCluster: boolean;
}

/** The faults of the given ids. @throws PlumblineError PL_FAULT_UNKNOWN with the nearest name */
export function selectFaults(ids: readonly string[]): readonly Fault[] {
  const all = loadFaults();
  if (ids.length === 0) return all;
  return ids.map((id) => {
    const found = all.find((fault) => fault.id === id);
    if (found) return found;
    const nearest = nearestName(id, new Set(all.map((fault) => fault.id)));
    throw usageError("PL_FAULT_UNKNOWN", `there is no fault ${JSON.stringify(id)}`, {
      hint: nearest ? `did you mean ${nearest}?` : "`plumbline list faults` shows all",
    });
  });
}

/**
 * Plants one fault after the other on every node, runs the cases, and compares with a run without a fault.
 * Each run has a record of its own; `proof.json` sums up.
 */
export async function proveFaults(
  request: ProveRequest,
  ports: { readonly progress: Progress; readonly signal: AbortSignal },
): Promise<ProveOutcome> {
  const faults = selectFaults(request.faults);
  // The first run makes the cluster, or takes one if the user said so; the others take it.
  const baseline = await inPhase(ports.progress, "Run without a fault", () => runOnce(request.run, ports));
  const results: ProofResult[] = [];
  let exitCode = baseline.exitCode;
  for (const fault of faults) {
    if (exitCode === 2 || exitCode >= 130 || baseline.cases.size === 0) break;
    results.push(
      await inPhase(ports.progress, `Plant ${fault.id}`, async (phase) => {
        const planted = await runOnce(request.run, ports, fault);
        if (planted.exitCode >= 130) exitCode = planted.exitCode;
        const result = judgeProof(
          { ...fault, fault: fault.id },
          { baseline: baseline.cases, planted: planted.cases, acts: actsOf(planted.calls) },
        );
        phase.update(
          result.proven
            ? `noticed by ${result.noticedBy.join(", ") || "nobody, as it repairs"}`
            : result.problems.join("; "),
        );
        return result;
      }),
    );
  }
  const reportFile = path.join(request.run.outDir, "proof.json");
  mkdirSync(request.run.outDir, { recursive: true });
  writeFileSync(
    reportFile,
    `${JSON.stringify({ suiteDigest: loadCaseIndex().suiteDigest, stack: request.run.stack, results }, null, 2)}\n`,
  );
  if (exitCode === 0 && results.some((result) => !result.proven)) exitCode = 1;
  if (exitCode <= 1 && results.some((result) => !result.acted)) exitCode = 3;
  return { results, reportFile, exitCode, hasCluster: baseline.hasCluster };
}

interface ProofRun {
  readonly cases: ReadonlyMap<string, ProofCase>;
  /** What went through the wrappers of the fault, on all nodes. */
  readonly calls: readonly FaultCall[];
  readonly exitCode: number;
  readonly hasCluster: boolean;
}

async function runOnce(run: RunRequest, ports: Omit<RunPorts, "whenReady">, fault?: Fault): Promise<ProofRun> {
  const outDir = path.join(run.outDir, fault?.id ?? "without-fault");
  const calls: FaultCall[] = [];
  const plant: RunPorts["whenReady"] = async (testbed, scope) => {
    if (!fault) return;
    for (const node of testbed.nodes) {
      const planted = await plantFault(node, fault, { mode: testbed.stack.multus.mode });
      // restored in any case, also if what it did cannot be read
      scope.defer(`restore what ${planted.fault} changed on ${node.node}`, () => planted.undo());
      scope.defer(`read what ${planted.fault} did on ${node.node}`, async () => {
        calls.push(...(await planted.calls()));
      });
    }
  };
  const request = { ...run, outDir, reuse: fault !== undefined || run.reuse, keep: true };
  const outcome = await executeRun(request, { ...ports, whenReady: plant });
  const hasCluster = outcome.aborted === undefined;
  return { cases: casesOf(outcome), calls, exitCode: outcome.exitCode, hasCluster };
}

function actsOf(calls: readonly FaultCall[]): FaultActs {
  return {
    calls: calls.length,
    acted: calls.filter((call) => call.matched).length,
    problems: calls.flatMap((call) => call.problems.map((problem) => `${call.binary} ${call.command}: ${problem}`)),
  };
}

function casesOf(outcome: RunOutcome): ReadonlyMap<string, ProofCase> {
  return new Map(
    outcome.verdicts.map(({ caseId, status, via }) => {
      const end = outcome.caseEnds.find(({ caseId: id }) => id === caseId);
      const assertion = via === "case" ? end?.failure?.assertion : undefined;
      return [caseId, { status, assertion, outcome: end?.outcome }];
    }),
  );
}
