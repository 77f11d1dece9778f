import { casesText } from "../../harness/results/counts.ts";
import type { CaseModel, RunModel } from "../../harness/results/model.ts";
import type { Problem } from "../problem.ts";
import type { EvidenceShelf } from "./evidence-shelf.ts";
import { findingList } from "./finding-block.ts";
import { markup, type Content, type Html } from "./markup.ts";
import { prose } from "./prose.ts";
import { clauseList, command, facts, statusMark } from "./parts.ts";

export interface ArticleOptions {
  readonly model: RunModel;
  readonly shelf: EvidenceShelf;
  readonly isOpen: boolean;
  /** What else is to be said of it, such as the entry of a known deviation. */
  readonly more?: readonly (readonly [name: string, value: Content])[];
}

const WHOSE = {
  subject: undefined,
  host: "the host",
  harness: "the harness",
  usage: "how the harness was called",
} as const;

/** One case that needs attention, open at a click: why, by which clause, what was seen, and how to see it again. */
export function problemArticle(options: ArticleOptions, problem: Problem): Html {
  const { model, shelf, isOpen, more = [] } = options;
  const ids = problem.id.split(", ");
  const [first = ""] = ids;
  const entry = ids.length === 1 ? model.cases.find(({ id }) => id === first) : undefined;
  const files = shelf.block(problem.evidence);
  return markup`${ids.slice(1).map((id) => markup`<span id="problem-${id}"></span>`)}<details class="problem is-${problem.status}" id="problem-${first}"${isOpen && markup` open`}>
<summary>${statusMark(problem.status)} <b class="id">${ids.length > 1 ? casesText(ids.length) : first}</b> <h3>${prose(problem.title)}</h3></summary>
${facts([
  ["why", problem.reason],
  ["broke", problem.kind && WHOSE[problem.kind]],
  ["hint", problem.hint !== undefined && prose(problem.hint)],
  ["cases", ids.length > 1 && problem.id],
  ["clause", clauseList(problem.clauses)],
  ["SR-IOV", problem.levels.join("; ")],
  ...more,
  ["attempts", entry && attemptsText(entry)],
  ["again", command(problem.reproduce)],
])}
${findingList(problem)}
${files && markup`<h4>Evidence</h4>${files}`}
</details>
`;
}

function attemptsText({ attempts }: CaseModel): string | undefined {
  return attempts.length > 1 ? attempts.map(({ outcome }) => outcome).join(", ") : undefined;
}
