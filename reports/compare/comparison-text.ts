import { plainStyle, type Style } from "../summary/summary-text.ts";
import type { ChangedSubject } from "./changed-subjects.ts";
import { NOISE, type ChangedTime, type ChangedTimes } from "./changed-times.ts";
import { hasNewFailures, lostAnswers, type ComparedCase, type ComparedRun, type Comparison } from "./compare-runs.ts";

/** What the terminal shows of two runs: what is new first, what stayed the same not at all. */
export function comparisonText(comparison: Comparison, style: Style = plainStyle): string {
  const { newFailures, newReasons, fixed, stillFailing, otherChanges, revised, onlyBefore, onlyAfter } = comparison;
  const blocks = [
    headBlock(comparison, style),
    caseBlock(style("red", "NEW FAILURES"), newFailures),
    caseBlock(style("red", "FAIL FOR A NEW REASON"), newReasons),
    caseBlock(style("green", "FIXED"), fixed),
    caseBlock("STILL FAILING", stillFailing),
    caseBlock("OTHER CHANGES", otherChanges),
    caseBlock("REVISED: they judge otherwise than before, so their answers are not compared", revised),
    idBlock("ONLY IN THE FIRST", onlyBefore),
    idBlock("ONLY IN THE SECOND", onlyAfter),
    subjectBlock(comparison.subjects),
    timeBlock(comparison.times),
  ];
  return `${blocks
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join("\n"))
    .join("\n\n")}\n`;
}

function headBlock(comparison: Comparison, style: Style): readonly string[] {
  const { before, after, newFailures, newReasons, fixed } = comparison;
  const lost = lostAnswers(comparison).length;
  const verdict = hasNewFailures(comparison)
    ? style("red", `NEW FAILURES: ${newFailures.length + newReasons.length}`)
    : style(lost > 0 || !after.complete ? "yellow" : "green", "NOTHING NEW FAILS");
  const open = lost > 0 ? style("yellow", `; ${lost} WITHOUT AN ANSWER NOW`) : "";
  const mended = fixed.length > 0 ? `; ${fixed.length} fixed` : "";
  return [
    style("bold", `${verdict}${open}${mended}`),
    `first   ${runText(before)}`,
    `second  ${runText(after)}`,
    ...(before.suiteDigest === after.suiteDigest ? [] : [`suite   the cases are not the same ones in both`]),
    ...(before.stack === after.stack ? [] : [`stack   ${before.stack} and ${after.stack}: what differs may be theirs`]),
  ];
}

function runText({ runId, stack, suiteVersion, profile, conformance, complete }: ComparedRun): string {
  const core = conformance ? `, core ${conformance.replace("-", " ")}` : "";
  const cut = complete ? "" : ", stops before its end";
  return `${runId} on ${stack}${profile ? `, profile ${profile}` : ""}, suite ${suiteVersion}${core}${cut}`;
}

function caseBlock(title: string, cases: readonly ComparedCase[]): readonly string[] {
  if (cases.length === 0) return [];
  return [
    `${title} (${cases.length})`,
    ...cases.flatMap(({ id, title: what, before, after, brokenBefore, brokenAfter, reason }) => {
      const gone = brokenBefore.filter((assertion) => !brokenAfter.includes(assertion));
      const added = brokenAfter.filter((assertion) => !brokenBefore.includes(assertion));
      return [
        `  ${id} ${what}: ${before ?? "not run"} -> ${after ?? "not run"}`,
        ...(added.length > 0 ? [`    now     ${added.join(", ")}`] : []),
        ...(gone.length > 0 ? [`    before  ${gone.join(", ")}`] : []),
        ...(after === "passed" ? [] : [`    why     ${reason}`]),
      ];
    }),
  ];
}

function idBlock(title: string, cases: readonly ComparedCase[]): readonly string[] {
  if (cases.length === 0) return [];
  const told = cases.map(({ id, before, after }) => `${id} ${after ?? before ?? ""}`);
  return [`${title} (${cases.length})`, `  ${told.join(", ")}`];
}

function subjectBlock(subjects: readonly ChangedSubject[]): readonly string[] {
  if (subjects.length === 0) return [];
  return [
    `SUBJECTS THAT DIFFER (${subjects.length})`,
    ...subjects.map(({ name, before, after, differs }) => {
      const [from, to] = [before, after].map((subject) => subject && `${subject.version} (${subject.origin})`);
      const same = from === to ? `${to ?? ""}, but for ${differs.join(", ")}` : `${from ?? "none"} -> ${to ?? "none"}`;
      return `  ${name} ${same}`;
    }),
  ];
}

function timeBlock({ pace, slower, faster }: ChangedTimes): readonly string[] {
  const beyond = `beyond noise: by more than half and ${NOISE.ms / 1000} s at the pace of the run, which was ${pace.toFixed(2)}`;
  return [
    ...(slower.length > 0 ? [`SLOWER ${beyond} (${slower.length})`, ...slower.map(timeLine)] : []),
    ...(faster.length > 0 ? [`FASTER ${beyond} (${faster.length})`, ...faster.map(timeLine)] : []),
  ];
}

function timeLine({ id, beforeMs, afterMs }: ChangedTime): string {
  return `  ${id} ${seconds(beforeMs)} -> ${seconds(afterMs)}`;
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
