import { randomBytes } from "node:crypto";
import os from "node:os";
import { usageError } from "../core/errors.ts";
import { packageVersion } from "../core/package-root.ts";
import { obtainPlugin } from "../images/obtain-plugin.ts";
import { loadClauses } from "../plan/clauses.ts";
import { baselineOf } from "../results/baseline-of.ts";
import { describePlan } from "../results/describe-plan.ts";
import { foldEvents } from "../results/model.ts";
import { readRecord } from "../results/record-reader.ts";
import { RecordWriter } from "../results/record-writer.ts";
import { JUDGING } from "../results/run-facts.ts";
import { stackNamed } from "../stack/stack.ts";
import { chooseCases } from "./choose-cases.ts";
import type { RunOutcome } from "./finish-run.ts";
import { wholeIndex } from "./own-suites.ts";
import { RunJournal } from "./run-journal.ts";
import { installedText, type RunRequest } from "./run-request.ts";
import { seenProof } from "./seen-proof.ts";
import { StartedRun, type RunPorts } from "./started-run.ts";

/**
 * One run from the request to the reports. Whatever breaks on the way is in the record: it never throws once the record
 * is open.
 * @throws PlumblineError of kind usage, before anything was started
 */
export async function executeRun(request: RunRequest, ports: RunPorts): Promise<RunOutcome> {
  const index = await wholeIndex(request.suites);
  const { chosen, profile, notes } = chooseCases(request, index);
  for (const note of notes) ports.progress.note(note);
  if (request.existing) requireAllowed(request, ports);
  else stackNamed(request.stack, { multusSettings: request.multusSettings });
  const baseline =
    request.baseline === undefined ? undefined : baselineOf(foldEvents(readRecord(request.baseline).events));
  const proof = seenProof(request.outDir, { suiteDigest: index.suiteDigest, stack: installedText(request) });
  const { progress, signal } = ports;
  const plugin = request.plugin && {
    ...request.plugin,
    binary: await obtainPlugin(request.plugin, { progress, signal, areNodesHere: request.existing === undefined }),
  };

  const runId = newRunId();
  const journal = new RunJournal(RecordWriter.create({ outDir: request.outDir, runId }));
  journal.write({
    type: "run-started",
    runId,
    suiteVersion: packageVersion(),
    suiteDigest: index.suiteDigest,
    command: request.command,
    host: hostFacts(),
    stack: request.stack,
    ...(request.matrix ? { matrix: request.matrix } : {}),
    ...describePlan({ cases: chosen, profile, clauses: loadClauses() }),
    judging: JUDGING,
    strict: request.strict,
    ...(baseline ? { baseline } : {}),
    ...(proof ? { proof } : {}),
  });
  const run = new StartedRun({ request, ports, journal, runId, chosen, baseline, plugin });
  return run.execute();
}

/** Faults are planted in front of plugins that are there. */
function requireAllowed({ existing }: RunRequest, { whenReady }: RunPorts): void {
  if (!whenReady || existing?.allowDisruptive) return;
  throw usageError("PL_DISRUPTIVE", "planting a fault wraps plugins of a cluster that is not the harness's own", {
    hint: "--allow-disruptive allows it, where that harms nobody; a cluster of Plumbline's own needs no leave",
  });
}

function hostFacts() {
  return {
    os: `${os.type()} ${os.machine()}`,
    kernel: os.release(),
    cpus: os.cpus().length,
    memoryBytes: os.totalmem(),
    nodeVersion: process.version,
  };
}

/** Sorts by time, and never repeats on one host. */
function newRunId(): string {
  return `${new Date().toISOString().replaceAll(/[-:]/g, "").slice(0, 15)}-${randomBytes(3).toString("hex")}`;
}
