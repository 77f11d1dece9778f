import { markBaseline } from "./baseline.ts";
import { brokenAssertions } from "./broken-assertions.ts";
import { eventsOf, type EventOf, type RunEvent, type Verdict } from "./events.ts";
import { isExcuse, verdictsUnder } from "./judge.ts";

/**
 * The verdicts that follow from what cases and pods of a record came to, by the rules and the deviations that stand in it;
 * those that are written in it are not looked at. Where a record stops before the end of its run, a case without an end
 * was interrupted.
 */
export function judgeRecord(events: readonly RunEvent[], started: EventOf<"run-started">): readonly Verdict[] {
  const { selection, planned, baseline, strict, judging } = started;
  const applying = (eventsOf(events, "testbed").at(-1)?.deviations ?? []).filter(isExcuse);
  const ended = eventsOf(events, "run-ended").at(-1);
  const seen = {
    selection,
    judging,
    caseEnds: eventsOf(events, "case-ended"),
    violations: eventsOf(events, "violation"),
  };
  const interrupted = !ended || eventsOf(events, "interrupted").length > 0;
  const verdicts = verdictsUnder(applying, { ...seen, interrupted, aborted: ended?.aborted?.message });
  return markBaseline(verdicts, {
    baseline,
    strict: strict ?? false,
    revisionOf: new Map(planned.map(({ id, revision }) => [id, revision])),
    broken: brokenAssertions({ ...seen, verdicts, applying }),
  });
}
