import { CASE_STATUSES } from "../core/status.ts";
import { countsText, emptyCounts } from "./counts.ts";
import { eventsOf, type EventOf, type RunEvent, type Verdict } from "./events.ts";
import { gate } from "./gate.ts";
import { isExcuse } from "./judge.ts";
import { judgeRecord } from "./judge-record.ts";

export interface JudgedAgain {
  /** One line a verdict, count or exit code that does not follow from the events before it. */
  readonly differences: readonly string[];
  /** Why something was not judged again; empty where all was. */
  readonly left: readonly string[];
}

/** Judges a record anew from what its cases and pods came to, and holds that against the verdicts and the end in it. */
export function judgeAgain(events: readonly RunEvent[]): JudgedAgain {
  const [started] = eventsOf(events, "run-started");
  const ended = eventsOf(events, "run-ended").at(-1);
  if (!started || !ended) return { differences: [], left: ["the record stops before the end of the run"] };
  const written = eventsOf(events, "verdict");
  const counts = countDifferences(written, ended);
  const cited = eventsOf(events, "testbed").at(-1)?.deviations ?? [];
  if (started.strict === undefined || !cited.every(isExcuse)) {
    return { differences: counts, left: ["the record is older than what verdicts are judged by again"] };
  }
  const verdicts = judgeRecord(events, started);
  const decision = gate({
    verdicts,
    cleanupFailures: eventsOf(events, "cleanup-failed").map(({ message }) => message),
    strict: started.strict,
    interrupted: eventsOf(events, "interrupted")[0]?.signal,
    aborted: eventsOf(events, "interrupted").length > 0 ? undefined : ended.aborted,
  });
  const exit =
    decision.exitCode === ended.exitCode
      ? []
      : [`the exit code is ${ended.exitCode} in the record, and ${decision.exitCode} by its verdicts`];
  return { differences: [...counts, ...verdictDifferences(written, verdicts), ...exit], left: [] };
}

/** The reason is left out: it is a text of the version that judged. */
function verdictDifferences(written: readonly Verdict[], again: readonly Verdict[]): readonly string[] {
  const ids = [...new Set([...written, ...again].map(({ caseId }) => caseId))];
  return ids.flatMap((id) => {
    const before = written.filter(({ caseId }) => caseId === id).map(essence);
    const after = again.filter(({ caseId }) => caseId === id).map(essence);
    const [said, given] = [before, after].map((verdicts) => verdicts.join(" and ") || "without a verdict");
    return said === given ? [] : [`${id} is ${said} in the record, and ${given} by its events`];
  });
}

function essence({ status, via, deviation, touched, inBaseline, skip }: Verdict): string {
  const marks = [
    ...(via === "invariant" ? ["by an invariant"] : []),
    ...(deviation === undefined ? [] : [deviation]),
    ...(skip ? [skip.code] : []),
    ...(touched ? ["touched"] : []),
    ...(inBaseline ? ["in the baseline"] : []),
  ];
  return marks.length === 0 ? status : `${status} (${marks.join(", ")})`;
}

function countDifferences(written: readonly Verdict[], { counts }: EventOf<"run-ended">): readonly string[] {
  const counted = emptyCounts();
  for (const { status } of written) counted[status]++;
  if (CASE_STATUSES.every((status) => counted[status] === (counts[status] ?? 0))) return [];
  return [
    `the end of the record counts ${countsText({ ...emptyCounts(), ...counts })}; its verdicts are ${countsText(counted)}`,
  ];
}
