import { LabelName, LinkType, Severity, type Label, type Link } from "allure-js-commons";
import type { CaseModel, RunModel } from "../../harness/results/model.ts";

/** What the trees, filters and the timeline of Allure are made from. */
export function labelsOf({ started, testbed }: RunModel, entry: CaseModel): Label[] {
  const { verdict, layer } = entry;
  // A tree of specification and clause has one branch a case: Allure crosses every feature with every story.
  const [first] = entry.clauses;
  const marks = [...(verdict.status === "passed" ? [] : [verdict.status]), ...(verdict.touched ? ["touched"] : [])];
  return [
    label(LabelName.EPIC, entry.suite),
    ...(first ? [label(LabelName.FEATURE, first.spec), label(LabelName.STORY, first.id)] : []),
    label(LabelName.PARENT_SUITE, started.stack),
    label(LabelName.SUITE, entry.suite),
    label(LabelName.PACKAGE, `plumbline.${entry.id.replace(/-.*/, "")}`),
    label(LabelName.SEVERITY, entry.level === "core" ? Severity.CRITICAL : Severity.NORMAL),
    ...(layer === undefined ? [] : [label(LabelName.LAYER, layer)]),
    ...[entry.level, ...marks].map((tag) => label(LabelName.TAG, tag)),
    label(LabelName.HOST, testbed?.cluster ?? started.stack),
    label(LabelName.FRAMEWORK, "plumbline"),
    label("status", verdict.status),
    ...entry.sriovLevels.map((level) => label("sriov-level", level)),
    ...entry.clauses.map(({ id }) => label("clause", id)),
  ];
}

/** The clauses, and upstream's issue of the deviation that the verdict rests on. */
export function linksOf({ deviations }: RunModel, { clauses, verdict }: CaseModel): Link[] {
  const cited = clauses.map(({ id, spec, section, url }) => ({
    type: "clause",
    name: `${id} (${spec}, ${section})`,
    url,
  }));
  const entry = deviations.find(({ id }) => id === verdict.deviation);
  return entry?.issue === undefined
    ? cited
    : [...cited, { type: LinkType.ISSUE, name: `upstream: ${entry.title}`, url: entry.issue }];
}

export function label(name: string, value: string): Label {
  return { name, value };
}
