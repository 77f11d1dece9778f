import { setTimeout as delay } from "node:timers/promises";
import type { PluginUnderTest, SubjectPlugin } from "../config/plugin-under-test.ts";
import { messageOf } from "../core/errors.ts";
import { inPhase, type Progress } from "../core/ports.ts";
import { Scope } from "../core/scope.ts";
import { EXIT } from "../core/status.ts";
import type { PluginBinary } from "../images/obtain-plugin.ts";
import type { CaseIndexEntry } from "../plan/case-index.ts";
import { applyingDeviations, loadDeviations } from "../plan/deviations.ts";
import { isInBaseline } from "../results/baseline.ts";
import { brokenClaims } from "../results/case-outcome.ts";
import { casesText } from "../results/counts.ts";
import type { CaseEnd, RunEventBody } from "../results/events.ts";
import { knownAs } from "../results/judge.ts";
import type { Baseline, StackFacts } from "../results/run-facts.ts";
import { BareNodeCases, isForBare, isForBareNodes } from "./ask-bare-nodes.ts";
import { CaseProgress } from "./case-progress.ts";
import { ClusterChanges } from "./cluster-changes.ts";
import { finishRun, type RunOutcome } from "./finish-run.ts";
import { LanePool } from "./lane-pool.ts";
import { placeSubject } from "./place-subject.ts";
import { laneTestbed, prepareTestbed, type PreparedTestbed } from "./prepare-testbed.ts";
import { stackNamed } from "../stack/stack.ts";
import type { RunJournal } from "./run-journal.ts";
import type { RunRequest } from "./run-request.ts";
import { clusterNameOf } from "./testbed-options.ts";
import { suiteWork, workItems } from "./work-items.ts";

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

interface RunParts {
  readonly request: RunRequest;
  readonly ports: RunPorts;
  readonly journal: RunJournal;
  readonly runId: string;
  readonly chosen: readonly CaseIndexEntry[];
  readonly baseline: Baseline | undefined;
  readonly plugin: (PluginUnderTest & { readonly binary: PluginBinary }) | undefined;
}

/** A run whose record is open: testbed, cases, clean-up, verdicts. */
export class StartedRun {
  readonly #parts: RunParts;
  readonly #scope = new Scope({ budgetMs: CLEANUP_BUDGET_MS });
  readonly #changes: ClusterChanges;
  #facts: StackFacts | undefined;
  /** Resolves when `#facts` is there. */
  #described: Promise<void> | undefined;
  #shown: CaseProgress | undefined;

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
  async #readyNodes(testbed: PreparedTestbed, placed: SubjectPlugin | undefined): Promise<SubjectPlugin | undefined> {
    const { plugin, ports, request } = this.#parts;
    const { whenReady, progress, signal } = ports;
    if (!whenReady && !plugin) return undefined;
    await testbed.cleared;
    const where = { ...testbed, isOwnCluster: !request.existing, progress, signal };
    const subject = placed ?? (plugin && (await placeSubject(plugin, plugin.binary, where)));
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
  #stopAfter(end: CaseEnd, pool: Pick<LanePool, "stop">): void {
    if (end.outcome !== "failed" && end.outcome !== "error") return;
    const { baseline, request } = this.#parts;
    if (!request.strict && this.#facts && knownAs(end, loadDeviations(), this.#facts)) return;
    const claims = end.failure?.kind === "subject" ? brokenClaims(end.failure) : [];
    const broken = claims.map(({ assertion }) => assertion);
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

  /** Lanes for the suites of these files; they end with the run. */
  #makePool(files: readonly string[]): LanePool {
    const { request, journal } = this.#parts;
    const onKnown = (event: RunEventBody): void => {
      this.#shown?.see(event);
      if (event.type === "case-ended" && request.failFast) this.#stopAfter(event, pool);
    };
    const pool: LanePool = new LanePool({
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
    return pool;
  }

  async #testAndRun(progress: Progress): Promise<void> {
    const { request, ports, journal, runId, chosen, plugin } = this.#parts;
    const files = suiteWork(chosen).map(({ file }) => file);
    const pool = this.#makePool(files);
    const signal = AbortSignal.any([ports.signal, journal.broken]);
    const bare = this.#bareCases(pool, { progress, signal });
    // They load beside the looks at a cluster that stands; where one must be made first, they wait for its spare moments.
    if (request.reuse) pool.start();
    const testbed = await prepareTestbed({
      request,
      progress,
      signal,
      scope: this.#scope,
      journal,
      runId,
      plugin: plugin?.binary.subject,
      onNodesStarted: bare && ((nodes) => bare.ask(nodes)),
      onNodesRun: () => pool.start(),
    });
    const left = chosen.filter(({ id }) => !bare?.ended.has(id));
    const work = suiteWork(left);
    // what they make must end before a cluster is left that stays
    if (request.existing) this.#scope.defer("end the lanes", async () => pool.kill());
    const { podReadyMs, teardownMs, lanes } = request;
    pool.start();
    // what changes the nodes or the cluster must not change what is read of them
    if (ports.whenReady || work.some(({ disturbs }) => disturbs !== "nothing")) {
      await abortable(this.#describe(testbed, pool), signal);
    }
    const [subject] = await Promise.all([
      this.#readyNodes(testbed, bare?.subject),
      pool.open(laneTestbed(testbed), {
        runId,
        lanes,
        slices: bare ? lanes + 1 : lanes,
        recordDir: journal.dir,
        files,
        podReadyMs,
        teardownMs,
      }),
    ]);
    if (subject) pool.ask(subject);
    const described = this.#describe(testbed, pool);
    await this.#runCases(left, { pool, progress, signal, described });
    await inPhase(progress, "Remove what the cases made", async () =>
      abortable(Promise.all([pool.close(), this.#endLedger(testbed)]), signal),
    );
  }

  async #runCases(
    cases: readonly CaseIndexEntry[],
    run: { readonly pool: LanePool; progress: Progress; signal: AbortSignal; described: Promise<void> },
  ): Promise<void> {
    const { plugin, request } = this.#parts;
    const { lanes, repeat } = request;
    await inPhase(run.progress, `Run ${casesText(cases.length)}`, async (phase) => {
      const deviations = loadDeviations();
      const known = (end: CaseEnd): string | undefined => this.#facts && knownAs(end, deviations, this.#facts)?.title;
      this.#shown = new CaseProgress(phase, { total: cases.length * repeat, knownAs: known });
      const options = { lanes, maxPods: MAX_PODS_A_BATCH, podlessFirst: plugin !== undefined };
      const byId = new Map(cases.map((entry) => [entry.id, entry]));
      const ran = run.pool.run(workItems(suiteWork(cases), options), byId, repeat);
      await abortable(Promise.all([ran, run.described]), run.signal);
      phase.update(this.#shown.summary());
    });
  }

  /** The cases that need nothing but nodes, where the first answers are those of the user's own plugin. */
  #bareCases(
    pool: LanePool,
    { progress, signal }: { readonly progress: Progress; readonly signal: AbortSignal },
  ): BareNodeCases | undefined {
    const { request, ports, journal, runId, chosen, plugin } = this.#parts;
    const mayBegin = !request.existing && !ports.whenReady && request.repeat === 1;
    const work = suiteWork(chosen.filter(isForBareNodes));
    if (!plugin || !mayBegin || !isForBare(plugin, stackNamed(request.stack)) || work.length === 0) return undefined;
    const { lanes, podReadyMs, teardownMs } = request;
    const bare: BareNodeCases = new BareNodeCases({
      plugin,
      work,
      lane: { runId, lane: lanes, lanes, slices: lanes + 1, recordDir: journal.dir, podReadyMs, teardownMs },
      progress,
      signal,
      onEvent: (event) => {
        journal.write(event);
        if (event.type !== "case-ended" || !request.failFast) return;
        this.#stopAfter(event, {
          stop: (why) => {
            bare.stop(why);
            pool.stop(why);
          },
        });
      },
    });
    this.#scope.defer("end the lane of the bare nodes", async () => bare.kill());
    return bare;
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
