import Mocha from "mocha";
import { alternativesOf } from "../core/alternatives.ts";
import { PlumblineError, messageOf } from "../core/errors.ts";
import type { CaseEnd } from "../results/events.ts";
import { askedPlugins } from "../testkit/asked-plugins.ts";
import { Batch } from "../testkit/batch.ts";
import { claim, ClaimError, failureOf } from "../testkit/claim.ts";
import type { RegisteredCase, RegisteredSuite } from "../testkit/define.ts";
import { eventually } from "../testkit/eventually.ts";
import type { LaneContext } from "../testkit/lane-context.ts";
import { KERNEL_FEATURE, needsOf } from "../testkit/needs.ts";
import { MOST_BOUNDS } from "../testkit/pod-progress.ts";
import { siteNeedsOf } from "../testkit/site-needs.ts";
import type { TestPod } from "../testkit/test-pod.ts";
import { whyNotAsked } from "../testkit/why-not-asked.ts";
import type { Feature } from "./detect-features.ts";
import type { EvidenceTaker } from "./evidence-taker.ts";
import { levelsOfCase } from "./sriov-features.ts";

export interface MochaOptions {
  readonly context: LaneContext;
  readonly evidence: EvidenceTaker;
  readonly lane: number;
  readonly features: readonly Feature[];
  /** Why no further case is to begin, once that is so. */
  readonly stopped: () => string | undefined;
}

type Skip = NonNullable<CaseEnd["skip"]>;

/** The events of the lanes are the report; Mocha's own output would stand between them. */
class Silent extends Mocha.reporters.Base {}

/**
 * Room for evidence, for pods before one's own, and for the bounds inside the testkit, which end a wait with a better
 * message than Mocha's.
 */
const SLACK_MS = 180_000;

/** What goes on when the cases have ended. */
export interface AfterCases {
  /** Resolves when cases that disturb a node or the cluster can no longer change what is judged. */
  readonly atRest: Promise<void>;
  /** Resolves when every pod's residue is judged and nothing is left of the batch. Others may run meanwhile. */
  readonly judged: Promise<void>;
}

/**
 * Runs suites in one Mocha instance around one batch of pods, and tells each case's end as an event. It returns when the
 * pods are deleted; what they leave is judged from then on.
 */
export async function runMocha(suites: readonly RegisteredSuite[], options: MochaOptions): Promise<AfterCases> {
  const { context } = options;
  const mocha = new Mocha({
    timeout: 2 * MOST_BOUNDS * context.podReadyMs + 2 * context.teardownMs + SLACK_MS,
    reporter: Silent,
    forbidOnly: true,
  });
  const batch = new Batch(
    context,
    suites.map((s) => ({ ...s, cases: s.cases.filter((c) => !missing(c, options)) })),
  );
  let broken: unknown;
  mocha.suite.beforeAll("begin with the pods of the batch", async () => {
    // A batch that cannot be made is told to each case: Mocha would hide the cases behind a failed hook.
    await batch.create().catch((error: unknown) => (broken = error));
  });
  for (const { title, cases } of suites) {
    const suite = Mocha.Suite.create(mocha.suite, title);
    for (const registered of cases) {
      suite.addTest(
        new Mocha.Test(registered.definition.title, async () => {
          await new CaseRun(registered, batch, options).run(broken);
        }),
      );
    }
  }
  await new Promise<void>((resolve) => void mocha.run(() => resolve()));
  const after = await judging(batch);
  if (broken === undefined) return after;
  await after.judged.catch(() => undefined);
  throw broken instanceof Error ? broken : new Error(messageOf(broken));
}

/** Ends a batch. @returns what it does then, which rejects at once if it could not be ended */
async function judging(batch: Batch): Promise<AfterCases> {
  const ending = batch.end();
  const hasEnded = await ending.then(
    () => true,
    () => false,
  );
  const judged = hasEnded ? batch.judge() : ending;
  judged.catch(() => undefined); // told by whoever waits for it
  // that it could not be told is told by the judgement, which asks the same
  return { atRest: hasEnded ? batch.atRest().catch(() => undefined) : Promise.resolve(), judged };
}

/** Why a case cannot be run on this testbed, or says nothing of the plugin under test. @returns undefined if it can */
function missing({ definition }: RegisteredCase, { features, context: { subject } }: MochaOptions): Skip | undefined {
  const other = subject && whyNotAsked(subject, definition);
  if (other !== undefined) return { code: "SKIP_PLUGIN_ROLE", text: other };
  const need = needsOf(definition, subject).find(
    (one) => !features.some(({ name, present }) => present && alternativesOf(one).includes(name)),
  );
  if (need === undefined) return missingSite(definition, { features, subject });
  const [first = need] = alternativesOf(need);
  const evidence = features.find(({ name }) => name === first)?.evidence ?? "nobody looked for it";
  return {
    code: need.startsWith(KERNEL_FEATURE) ? "SKIP_KERNEL" : "SKIP_FEATURE",
    text: `the testbed has no ${alternativesOf(need).join(" or ")}: ${evidence}`,
  };
}

/** What a cluster that is the user's does not have, or not allow. */
function missingSite(
  definition: RegisteredCase["definition"],
  { features, subject }: { readonly features: readonly Feature[]; readonly subject: LaneContext["subject"] },
): Skip | undefined {
  for (const { feature: name, skip } of siteNeedsOf(definition, subject)) {
    const told = features.find((feature) => feature.name === name);
    if (told && !told.present) return { code: skip, text: told.evidence };
  }
  return undefined;
}

/** One case from its start to the event that tells its end. It throws what the case threw, for Mocha. */
class CaseRun {
  readonly #case: RegisteredCase;
  readonly #batch: Batch;
  readonly #options: MochaOptions;
  #beganAtMs = performance.now();

  constructor(registered: RegisteredCase, batch: Batch, options: MochaOptions) {
    this.#case = registered;
    this.#batch = batch;
    this.#options = options;
  }

  async run(broken: unknown): Promise<void> {
    const { definition, body } = this.#case;
    const { context, lane } = this.#options;
    context.emit({ type: "case-started", caseId: definition.id, lane });
    const skip = missing(this.#case, this.#options) ?? this.#stopped();
    if (skip) {
      this.#end({ outcome: "skipped", skip }, []);
      return;
    }
    const pods = Object.entries(definition.pods).map(
      ([key, declaration]) => [key, this.#batch.podOf(declaration)] as const,
    );
    const mine = pods.map(([, pod]) => pod);
    try {
      if (broken !== undefined) throw broken;
      await this.#batch.seen(mine);
      if ((definition.disturbs ?? "nothing") !== "nothing") await this.#batch.quiet();
      // pods are shared: what they take to start is nobody's own time
      this.#beganAtMs = performance.now();
      const networks = Object.entries(definition.networks ?? {});
      await body({
        pods: Object.fromEntries(pods),
        networks: Object.fromEntries(networks.map(([key, network]) => [key, this.#batch.networkOf(network)])),
        nodes: this.#batch.nodes,
        otherNodes: this.#batch.otherNodes,
        outsidePeer: () => this.#batch.outsidePeer(),
        plugins: askedPlugins(context.subject),
        claim: (assertion, check) => claim(definition.id, assertion, check),
        eventually,
        kube: context.kube,
      });
      this.#end({ outcome: "passed" }, mine);
    } catch (error) {
      await this.#fail(error, mine);
      throw error;
    } finally {
      this.#batch.ended(mine);
    }
  }

  #stopped(): Skip | undefined {
    const text = this.#options.stopped();
    return text === undefined ? undefined : { code: "SKIP_FAIL_FAST", text };
  }

  async #fail(error: unknown, pods: readonly TestPod[]): Promise<void> {
    const { id } = this.#case.definition;
    const notReady = error instanceof PlumblineError && error.code === "PL_POD_NOT_READY";
    const failure = failureOf(error, `${id}/${notReady ? "pod-ready" : "harness"}`);
    if (failure.kind !== "subject" && error instanceof Error && !(error instanceof ClaimError)) {
      process.stderr.write(`${id}: ${error.stack}\n`);
    }
    const evidence = await this.#options.evidence.ofCase(id, { error, pods });
    this.#end({ outcome: failure.kind === "subject" ? "failed" : "error", failure, evidence }, pods);
  }

  #end(
    end: Pick<CaseEnd, "outcome" | "failure" | "skip"> & { evidence?: readonly string[] },
    pods: readonly TestPod[],
  ): void {
    const { definition } = this.#case;
    const { context, features, lane } = this.#options;
    const levels = end.outcome === "skipped" ? [] : levelsOfCase(needsOf(definition, context.subject), features);
    context.emit({
      type: "case-ended",
      caseId: definition.id,
      revision: definition.revision,
      title: definition.title,
      lane,
      durationMs: performance.now() - this.#beganAtMs,
      clauses: definition.clauses,
      ...(levels.length > 0 ? { sriovLevels: levels } : {}),
      pods: pods.map(String),
      evidence: [],
      ...end,
    });
  }
}
