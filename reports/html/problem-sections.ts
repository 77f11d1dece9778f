import type { CaseStatus } from "../../harness/core/status.ts";
import { entriesOf } from "../../harness/results/events.ts";
import type { DeviationModel, RunModel } from "../../harness/results/model.ts";
import { problemOf, problemsOf, type Problem } from "../problem.ts";
import type { EvidenceShelf } from "./evidence-shelf.ts";
import { link, markup, type Content } from "./markup.ts";
import { prose } from "./prose.ts";
import { pageSection } from "./parts.ts";
import { problemArticle } from "./problem-article.ts";

/** A section with more problems than this begins closed: a reader then needs the list of them first. */
const MOST_OPEN = 4;

/** The page lies beside the evidence. */
const HERE = ".";

/** What fails the gate, then what broke by itself, apart, since that says nothing of a plugin; then what was expected. */
export function problemSections(model: RunModel, shelf: EvidenceShelf): Content {
  const problems = problemsOf(model, HERE);
  const page = { model, shelf };
  const of = (...statuses: readonly CaseStatus[]): readonly Problem[] =>
    problems.filter(({ status }) => statuses.includes(status));
  return [
    problemSection(page, { id: "failures", title: "What failed", problems: of("failed", "flaky") }),
    problemSection(page, {
      id: "fixed",
      title: "Fixed",
      lead: "These pass now, although an entry of `fixtures/deviations.yaml` says that these versions do not. The run fails until the entry is corrected.",
      problems: of("fixed"),
    }),
    problemSection(page, {
      id: "errors",
      title: "Errors of the harness or the host",
      lead: "Something of ours or of this host broke. This says nothing of the plugins: mend the cause and run again.",
      problems: of("error"),
    }),
    problemSection(page, {
      id: "known",
      title: "Known deviations",
      lead: "Documented departures of these very versions from a clause. They are expected, so without `--strict` they do not fail the run; conformant they are not.",
      problems: knownOnes(model),
    }),
  ];
}

/** Told by what departs, as what the case demands is what these versions do not do. */
function knownOnes(model: RunModel): readonly Problem[] {
  const known = model.cases.filter(({ verdict }) => verdict.status === "known");
  return known.map((entry) => {
    const deviation = model.deviations.find(({ id }) => id === entry.verdict.deviation);
    return { ...problemOf(model, entry, HERE), title: deviation?.title ?? entry.title };
  });
}

interface Page {
  readonly model: RunModel;
  readonly shelf: EvidenceShelf;
}

interface Group {
  readonly id: string;
  readonly title: string;
  readonly lead?: string;
  readonly problems: readonly Problem[];
}

function problemSection(page: Page, { id, title, lead, problems }: Group): Content {
  if (problems.length === 0) return undefined;
  const isOpen = id !== "known" && problems.length <= MOST_OPEN;
  return pageSection(id, title, [
    lead !== undefined && markup`<p class="lead">${prose(lead)}</p>`,
    problems.map((problem) => problemArticle({ ...page, isOpen, more: deviationRows(page.model, problem) }, problem)),
  ]);
}

function deviationRows({ cases, deviations }: RunModel, { id }: Problem): readonly (readonly [string, Content])[] {
  const resting = cases.find((entry) => entry.id === id);
  const ids = resting ? entriesOf(resting.verdict) : [];
  if (ids.length === 0) return [];
  const rows = ids.flatMap((entryId): readonly (readonly [string, Content])[] => {
    const entry = deviations.find((deviation) => deviation.id === entryId);
    return [
      ["deviation", entry ? markup`${prose(entry.note)} <small>${entryId}</small>` : entryId],
      ["upstream", entry && upstream(entry)],
    ];
  });
  return [["demanded", prose(resting?.title ?? "")], ...rows];
}

function upstream({ issue }: DeviationModel): Content {
  return issue === undefined ? "nobody has reported it" : link(issue, issue);
}
