import Mocha from "mocha";
import { PlumblineError, messageOf } from "../core/errors.ts";
import type { CaseEnd } from "../results/events.ts";
import { Batch } from "../testkit/batch.ts";
import { claim, ClaimError, failureOf } from "../testkit/claim.ts";
import type { RegisteredCase, RegisteredSuite } from "../testkit/define.ts";
import type { LaneContext } from "../testkit/lane-context.ts";
import type { TestPod } from "../testkit/test-pod.ts";
import type { EvidenceTaker } from "./evidence-taker.ts";

export interface MochaOptions {
  readonly context: LaneContext;
  readonly evidence: EvidenceTaker;
  readonly lane: number;
  readonly features: readonly string[];
}

/** The events of the lanes are the report; Mocha's own output would stand between them. */
class Silent extends Mocha.reporters.Base {}

/** Room for evidence and for the bounds inside the testkit, which end a wait with a better message than Mocha's. */
const SLACK_MS = 120_000;

/** Runs suites in one Mocha instance around one batch of pods, and tells each case's end as an event. */
export async function runMocha(suites: readonly RegisteredSuite[], options: MochaOptions): Promise<void> {
  const { context } = options;
  const mocha = new Mocha({
    timeout: context.podReadyMs + 2 * context.teardownMs + SLACK_MS,
    reporter: Silent,
    forbidOnly: true,
  });
  const batch = new Batch(
    context,
    suites.map((s) => ({ ...s, cases: s.cases.filter((c) => !missing(c, options)) })),
  );
  let broken: unknown;
  mocha.suite.beforeAll("create the pods of the batch", async () => {
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
  mocha.suite.afterAll("remove the pods and judge their residue", async () => {
    await batch.remove().catch((error: unknown) => (broken ??= error));
  });
  await new Promise<void>((resolve) => void mocha.run(() => resolve()));
  if (broken !== undefined) throw broken instanceof Error ? broken : new Error(messageOf(broken));
}

function missing(registered: RegisteredCase, options: MochaOptions): string | undefined {
  return registered.definition.needs?.find((need) => !options.features.includes(need));
}

/** One case from its start to the event that tells its end. It throws what the case threw, for Mocha. */
class CaseRun {
  readonly #case: RegisteredCase;
  readonly #batch: Batch;
  readonly #options: MochaOptions;
  readonly #beganAtMs = performance.now();

  constructor(registered: RegisteredCase, batch: Batch, options: MochaOptions) {
    this.#case = registered;
    this.#batch = batch;
    this.#options = options;
  }

  async run(broken: unknown): Promise<void> {
    const { definition, body } = this.#case;
    const { context, lane } = this.#options;
    context.emit({ type: "case-started", caseId: definition.id, lane });
    const need = missing(this.#case, this.#options);
    if (need !== undefined) {
      this.#end({ outcome: "skipped", skip: { code: "SKIP_FEATURE", text: `the testbed has no ${need}` } }, []);
      return;
    }
    const pods = Object.entries(definition.pods).map(
      ([key, declaration]) => [key, this.#batch.podOf(declaration)] as const,
    );
    const mine = pods.map(([, pod]) => pod);
    try {
      if (broken !== undefined) throw broken;
      await body({
        pods: Object.fromEntries(pods),
        claim: (assertion, check) => claim(definition.id, assertion, check),
      });
      this.#end({ outcome: "passed" }, mine);
    } catch (error) {
      await this.#fail(error, mine);
      throw error;
    }
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
    this.#options.context.emit({
      type: "case-ended",
      caseId: definition.id,
      revision: definition.revision,
      title: definition.title,
      lane: this.#options.lane,
      durationMs: performance.now() - this.#beganAtMs,
      clauses: definition.clauses,
      pods: pods.map(String),
      evidence: [],
      ...end,
    });
  }
}
