import { Status } from "allure-js-commons";
import type { Category } from "allure-js-commons/sdk";
import type { CaseFailure } from "../../harness/results/case-outcome.ts";
import type { EventOf } from "../../harness/results/events.ts";
import type { CaseModel } from "../../harness/results/model.ts";

interface Kind {
  /** Name of the category in the report. */
  readonly category: string;
  readonly status: Status;
  /** What the message of such a result begins with, and by what its category knows it; a regular expression. */
  readonly heading: string;
}

/**
 * Whatever Allure can be told of a case but that it plainly passed. Allure has four statuses and a case has seven, so
 * flaky and fixed are `failed`, as they fail the gate, and error is `broken`. A known deviation is `skipped`, as Allure
 * shows an expected failure of pytest (xfail): as `passed` it would make a subject look conformant that is not, and as
 * `failed` it would be red in every run, so that nobody sees the next fault. That it did run and what was seen is told by
 * its name, message, steps and a category of its own.
 */
const KINDS = {
  plugin: {
    category: "Plugin faults: Multus or a plugin breaks a clause",
    status: Status.FAILED,
    heading: "plugin fault",
  },
  flaky: { category: "Flaky: attempts at a case disagree", status: Status.FAILED, heading: "flaky" },
  fixed: { category: "Fixed: a known deviation is not seen any more", status: Status.FAILED, heading: "fixed" },
  harness: {
    category: "Harness faults: nothing is said of the plugin",
    status: Status.BROKEN,
    heading: "harness fault",
  },
  host: { category: "Host faults: nothing is said of the plugin", status: Status.BROKEN, heading: "host fault" },
  usage: { category: "Configuration faults", status: Status.BROKEN, heading: "configuration fault" },
  lost: { category: "Cases that never ended", status: Status.BROKEN, heading: "never ended" },
  known: { category: "Known deviations of these versions", status: Status.SKIPPED, heading: "known deviation" },
  touched: { category: "Passed, but touched: a pod broke another clause", status: Status.PASSED, heading: "touched" },
  unfit: {
    category: "Skipped: the testbed lacks what the case needs",
    status: Status.SKIPPED,
    heading: "SKIP_(KERNEL|FEATURE|STACK)",
  },
  unwanted: {
    category: "Skipped: the configuration does not allow it, or names nothing for it",
    status: Status.SKIPPED,
    heading: "SKIP_(DISRUPTIVE|UNCONFIGURED)",
  },
  ofOthers: {
    category: "Skipped: nothing to ask the plugin under test",
    status: Status.SKIPPED,
    heading: "SKIP_PLUGIN_ROLE",
  },
  cutShort: {
    category: "Skipped: the run ended before the case",
    status: Status.SKIPPED,
    heading: "SKIP_(FAIL_FAST|INTERRUPTED)",
  },
} as const satisfies Record<string, Kind>;

type Aborted = EventOf<"run-ended">["aborted"];

/** How a case, or one attempt at it, stands in Allure. */
export interface Standing {
  readonly status: Status;
  /** None for what plainly passed. */
  readonly message?: string;
}

/** The content of `categories.json`: whose fault it is, by status and beginning of the message. */
export function allureCategories(): Category[] {
  return Object.values(KINDS).map(({ category, status, heading }) => ({
    name: category,
    matchedStatuses: [status],
    // Allure 2 wants the whole message to match, line ends included
    messageRegex: String.raw`^${heading}\b[\s\S]*`,
  }));
}

/** The verdict on a case. @param aborted what ended the run before all cases did, if anything */
export function caseStanding(entry: CaseModel, aborted?: Aborted): Standing {
  const { status, reason, deviation, skip, touched } = entry.verdict;
  switch (status) {
    case "passed":
      return touched ? touchedStanding(entry) : { status: Status.PASSED };
    case "failed":
      return { status: KINDS.plugin.status, message: `${KINDS.plugin.heading}: ${reason}` };
    case "flaky":
    case "fixed":
      return { status: KINDS[status].status, message: `${KINDS[status].heading}: ${reason}` };
    case "known":
      return { status: KINDS.known.status, message: `${KINDS.known.heading} ${deviation ?? ""}: ${reason}` };
    case "skipped":
      return { status: Status.SKIPPED, message: `${skip?.code ?? "SKIPPED"}: ${reason}` };
    case "error":
      return entry.attempts.length === 0
        ? neverEnded(reason, aborted)
        : faultStanding(reason, entry.attempts.find(({ failure }) => failure && failure.kind !== "subject")?.failure);
  }
}

/** Of a case without an end: the fault is that of what ended the run. */
function neverEnded(reason: string, aborted: Aborted): Standing {
  const kind = aborted && aborted.kind !== "subject" ? aborted.kind : "lost";
  return { status: KINDS[kind].status, message: `${KINDS[kind].heading}: ${reason}` };
}

function touchedStanding({ id, violations }: CaseModel): Standing {
  const others = [...new Set(violations.map(({ violation }) => violation.clauseCase))].filter((other) => other !== id);
  const message = `${KINDS.touched.heading}: what a pod of this case broke is told by ${others.join(", ")}`;
  return { status: KINDS.touched.status, message };
}

/** One attempt of several, by what it said itself. */
export function attemptStanding({ outcome, failure, skip }: EventOf<"case-ended">): Standing {
  if (outcome === "passed") return { status: Status.PASSED };
  if (outcome === "skipped")
    return { status: Status.SKIPPED, message: `${skip?.code ?? "SKIPPED"}: ${skip?.text ?? ""}` };
  // whatever the lane called it, the kind decides whose fault it is
  return failure?.kind === "subject"
    ? { status: KINDS.plugin.status, message: `${KINDS.plugin.heading}: ${failure.message}` }
    : faultStanding(failure?.message ?? `the case ended as ${outcome} without saying what failed`, failure);
}

function faultStanding(reason: string, failure: CaseFailure | undefined): Standing {
  const fault = failure && failure.kind !== "subject" ? failure.kind : "harness";
  const code = failure?.code === undefined ? "" : ` ${failure.code}`;
  return { status: KINDS[fault].status, message: `${KINDS[fault].heading}${code}: ${reason}` };
}
