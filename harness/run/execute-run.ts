import { randomBytes } from "node:crypto";
import os from "node:os";
import { setTimeout as delay } from "node:timers/promises";
import { messageOf, usageError } from "../core/errors.ts";
import { EXIT } from "../core/status.ts";
import { packageVersion } from "../core/package-root.ts";
import { inPhase, type Progress } from "../core/ports.ts";
import { Scope } from "../core/scope.ts";
import type { CaseIndexEntry } from "../plan/case-index.ts";
import { loadClauses } from "../plan/clauses.ts";
import { applyingDeviations, loadDeviations } from "../plan/deviations.ts";
import { baselineOf, isInBaseline } from "../results/baseline.ts";
import type { CaseEnd, RunEventBody } from "../results/events.ts";
import { casesText } from "../results/counts.ts";
import { knownAs } from "../results/judge.ts";
import { describePlan } from "../results/describe-plan.ts";
import { foldEvents } from "../results/model.ts";
import { readRecord } from "../results/record-reader.ts";
import { JUDGING, type Baseline, type StackFacts } from "../results/run-facts.ts";
import { RecordWriter } from "../results/record-writer.ts";
import type { PluginUnderTest } from "../config/plugin-under-test.ts";
import { obtainPlugin, type PluginBinary } from "../images/obtain-plugin.ts";
import type { SubjectPlugin } from "../config/plugin-under-test.ts";
import { wholeIndex } from "./own-suites.ts";
import { placeSubject } from "./place-subject.ts";
import { stackNamed } from "../stack/stack.ts";
import { CaseProgress } from "./case-progress.ts";
import { chooseCases } from "./choose-cases.ts";
import { ClusterChanges } from "./cluster-changes.ts";
import { finishRun, type RunOutcome } from "./finish-run.ts";
import { LanePool } from "./lane-pool.ts";
import { RunJournal } from "./run-journal.ts";
import { installedText, type RunRequest } from "./run-request.ts";
import { seenProof } from "./seen-proof.ts";
import { clusterNameOf } from "./testbed-options.ts";
import { laneTestbed, prepareTestbed, type PreparedTestbed } from "./prepare-testbed.ts";
import { workItems, type SuiteWork } from "./work-items.ts";

const MAX_PODS_A_BATCH = 24;
/** What deleting a cluster and ending lanes may take, whatever was spent before. */
const CLEANUP_BUDGET_MS = 120_000;
/** What an interrupted run may take to read the versions that it was about. */
const DESCRIBE_MS = 3_000;
const PLANTED = "planted faults";

export interface RunPorts {
  readonly progress: Progress;
  readonly signal: AbortSignal;
  /** Called when the testbed stands, before any lane uses it; what it changes it defers to undo. */
  readonly whenReady?: (testbed: PreparedTestbed, scope: Scope) => Promise<void>;
}

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
  else stackNamed(request.stack);
  const baseline =
    request.baseline === undefined ? undefined : baselineOf(foldEvents(readRecord(request.baseline).events));
  const proof = seenProof(request.outDir, { suiteDigest: index.suiteDigest, stack: installedText(request) });
  const { progress, signal } = ports;
  const plugin = request.plugin && {
    ...request.plugin,
    binary: await obtainPlugin(request.plugin, { progress, signal }),
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
  const run = new Run({ request, ports, journal, runId, chosen, baseline, plugin });
  return run.execute();
}

/** Faults are planted in front of plugins that are there. */
function requireAllowed({ existing }: RunRequest, { whenReady }: RunPorts): void {
  if (!whenReady || existing?.allowDisruptive) return;
  throw usageError("PL_DISRUPTIVE", "planting a fault wraps plugins of a cluster that is not the harness's own", {
    hint: "--allow-disruptive allows it, where that harms nobody; a cluster of Plumbline's own needs no leave",
  });
}

interface RunParts {
  readonly request: RunRequest;
  readonly ports: RunPorts;
  readonly journal: RunJournal;
  readonly runId: string;
  readonly chosen: readonly CaseIndexEntry[];
  readonly baseline: Baseline | undefined;
  readonly plugin: (PluginUnderTest & { readonly binary: PluginBinary }) | undefined;
}

class Run {
  readonly #parts: RunParts;
  readonly #scope = new Scope({ budgetMs: CLEANUP_BUDGET_MS });
  readonly #changes: ClusterChanges;
  #facts: StackFacts | undefined;
  /** Resolves when `#facts` is there. */
  #described: Promise<void> | undefined;

  constructor(parts: RunParts) {
    const { existing, stack, clusterName } = parts.request;
    this.#parts = parts;
    this.#changes = new ClusterChanges(existing ? undefined : clusterNameOf({ stack, name: clusterName }));
  }

  async execute(): Promise<RunOutcome> {
    const { request, ports, journal, chosen, baseline } = this.#parts;
    const progress = journal.recorded(ports.progress);
    let aborted: unknown;
    try {
      await this.#testAndRun(progress);
    } catch (error) {
      aborted = error;
      // what has failed until then may be known
      await Promise.race([this.#described?.catch(() => undefined), delay(DESCRIBE_MS, undefined, { ref: false })]);
    }
    await inPhase(progress, request.keep ? "End lanes" : "Clean up", () => this.#scope.close()).then(
      () => this.#changes.end(PLANTED),
      (error: unknown) => journal.write({ type: "cleanup-failed", message: messageOf(error) }),
    );
    if (journal.broken.aborted) aborted = journal.broken.reason;
    const outcome = finishRun({
      journal,
      chosen,
      deviations: loadDeviations(),
      facts: this.#facts,
      aborted,
      signal: ports.signal,
      strict: request.strict,
      baseline,
    });
    if (!journal.broken.aborted) return outcome;
    // the verdicts may have been what did not fit
    return { ...outcome, aborted: journal.broken.reason, exitCode: outcome.exitCode || EXIT.error };
  }

  /** What is to be changed on the nodes first, once they are free of the pods that proved the stack. */
  async #readyNodes(testbed: PreparedTestbed): Promise<SubjectPlugin | undefined> {
    const { plugin, ports } = this.#parts;
    const { whenReady, progress, signal } = ports;
    if (!whenReady && !plugin) return undefined;
    await testbed.cleared;
    const subject = plugin && (await placeSubject(plugin, plugin.binary, { ...testbed, progress, signal }));
    if (whenReady) {
      this.#changes.begin(PLANTED);
      await whenReady(testbed, this.#scope);
    }
    return subject;
  }

  /**
   * With --fail-fast: a failure that neither an entry (unless --strict) nor the baseline knows, or an error, is the last
   * thing that is begun.
   */
  #stopAfter(end: CaseEnd, pool: LanePool): void {
    if (end.outcome !== "failed" && end.outcome !== "error") return;
    const { baseline, request } = this.#parts;
    if (!request.strict && this.#facts && knownAs(end, loadDeviations(), this.#facts)) return;
    const broken = end.failure?.kind === "subject" ? [end.failure.assertion] : [];
    if (baseline && isInBaseline(baseline, { id: end.caseId, revision: end.revision, broken })) return;
    pool.stop(`the run was to stop at the first failure, which was ${end.caseId}`);
  }

  /** Has it read what the testbed is made of, once. */
  #describe(testbed: PreparedTestbed, pool: LanePool): Promise<void> {
    this.#described ??= testbed.describe().then((facts) => {
      this.#facts = facts;
      pool.know(applyingDeviations(loadDeviations(), facts).map(({ signature }) => signature));
    });
    this.#described.catch(() => undefined); // told by whoever waits for it
    return this.#described;
  }

  async #testAndRun(progress: Progress): Promise<void> {
    const { request, ports, journal, runId, chosen, plugin } = this.#parts;
    const work = suiteWork(chosen);
    const files = work.map(({ file }) => file);
    const shown = { progress: undefined as CaseProgress | undefined };
    const onKnown = (event: RunEventBody): void => {
      shown.progress?.see(event);
      if (event.type === "case-ended" && request.failFast) this.#stopAfter(event, pool);
    };
    const pool = new LanePool({
      lanes: request.lanes,
      recordDir: journal.dir,
      files,
      changes: this.#changes,
      onEvent: (event) => {
        journal.write(event);
        // what a failure is called depends on the versions that were found
        if (this.#facts) onKnown(event);
        else void this.#described?.then(() => onKnown(event)).catch(() => undefined); // told by the run
      },
    });
    this.#scope.defer("end the lanes", async () => pool.kill());
    const signal = AbortSignal.any([ports.signal, journal.broken]);
    const onNodesRun = (): void => pool.start();
    // They load beside the looks at a cluster that stands; where one must be made first, they wait for its spare moments.
    if (request.reuse) onNodesRun();
    const testbed = await prepareTestbed({
      request,
      progress,
      signal,
      scope: this.#scope,
      journal,
      runId,
      plugin: plugin?.binary.subject,
      onNodesRun,
    });
    // what they make must end before a cluster is left that stays
    if (request.existing) this.#scope.defer("end the lanes", async () => pool.kill());
    const { podReadyMs, teardownMs, lanes } = request;
    pool.start();
    // what changes the nodes or the cluster must not change what is read of them
    if (ports.whenReady || work.some(({ disturbs }) => disturbs !== "nothing")) {
      await abortable(this.#describe(testbed, pool), signal);
    }
    const [subject] = await Promise.all([
      this.#readyNodes(testbed),
      pool.open(laneTestbed(testbed), { runId, lanes, recordDir: journal.dir, files, podReadyMs, teardownMs }),
    ]);
    if (subject) pool.ask(subject);
    const described = this.#describe(testbed, pool);
    await inPhase(progress, `Run ${casesText(chosen.length)}`, async (phase) => {
      const deviations = loadDeviations();
      const known = (end: CaseEnd): string | undefined => this.#facts && knownAs(end, deviations, this.#facts)?.title;
      shown.progress = new CaseProgress(phase, { total: chosen.length * request.repeat, knownAs: known });
      const items = workItems(work, { lanes, maxPods: MAX_PODS_A_BATCH, podlessFirst: plugin !== undefined });
      const byId = new Map(chosen.map((entry) => [entry.id, entry]));
      await abortable(Promise.all([pool.run(items, byId, request.repeat), described]), signal);
      phase.update(shown.progress.summary());
    });
    await inPhase(progress, "Remove what the cases made", async () =>
      abortable(Promise.all([pool.close(), this.#endLedger(testbed)]), signal),
    );
  }

  async #endLedger({ cleared, ledger }: PreparedTestbed): Promise<void> {
    await cleared;
    for (const event of await ledger.end()) this.#parts.journal.write(event);
  }
}

/** Rejects with the signal's reason at once: what is under way is ended by the scope. */
function abortable<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason instanceof Error ? signal.reason : new Error("aborted"));
    if (signal.aborted) abort();
    signal.addEventListener("abort", abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}

function suiteWork(chosen: readonly CaseIndexEntry[]): readonly SuiteWork[] {
  const files = [...new Set(chosen.map((entry) => entry.file))];
  return files.map((file) => {
    const entries = chosen.filter((entry) => entry.file === file);
    const disturbs = entries.map((entry) => entry.disturbs).find((d) => d !== "nothing") ?? "nothing";
    const pods = new Set(entries.flatMap((entry) => entry.pods)).size;
    return { file, caseIds: entries.map((entry) => entry.id), pods, disturbs };
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
