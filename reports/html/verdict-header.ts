import { CASE_STATUSES, EXIT, type CaseStatus } from "../../harness/core/status.ts";
import { casesText, countsText } from "../../harness/results/counts.ts";
import type { Conformance } from "../../harness/results/gate.ts";
import type { LevelModel, RunModel } from "../../harness/results/model.ts";
import { commandText } from "../reproduce.ts";
import { headline, shortTime } from "../summary/headline.ts";
import { markup, type Content, type Html } from "./markup.ts";
import { withCases } from "./prose.ts";
import { bars, command, facts } from "./parts.ts";

/** Where a reader finds the cases of a status. */
const SECTION_OF: Readonly<Record<CaseStatus, string>> = {
  passed: "cases",
  failed: "failures",
  known: "known",
  fixed: "fixed",
  skipped: "skipped",
  error: "errors",
  flaky: "failures",
};

/** The answer, before anything else: the gate, the counts, conformance, and what the run was. */
export function verdictHeader(model: RunModel): Html {
  const { started, cases } = model;
  const { reason } = headline(model);
  return markup`<header class="verdict is-${toneOf(model)}">
<p class="run"><span>Plumbline</span> <span>${started.runId}</span></p>
<h1>${verdictWords(model)}</h1>
${reason !== "" && markup`<p class="because">${withCases(reason, new Set(cases.map(({ id }) => id)))}</p>`}
${noticesOf(model)}
<div class="answers">
<div class="tally"><p>${casesText(cases.length)} on <b>${started.stack}</b></p>
${tallyBar(model)}
<ul class="counts">${CASE_STATUSES.map((status) => countOf(model, status))}</ul></div>
${levelsOf(model)}
</div>
${facts([
  ["tested", testedText(model)],
  ["when", whenText(model)],
  ["again", command(commandText(started.command))],
])}
</header>
`;
}

/** `Not passed (exit 1)`; the words in capitals are for terminals. */
export function verdictWords(model: RunModel): string {
  const capitals = /^[A-Z]+(?: [A-Z]+)*\b/;
  return headline(model).verdict.replace(capitals, (words) => words.charAt(0) + words.slice(1).toLowerCase());
}

type Tone = "passed" | "failed" | "error" | "open";

/** Red is for what the subject did. A run that broke by itself is no failure of a plugin, and one cut short no answer. */
function toneOf({ ended, interrupted }: RunModel): Tone {
  if (!ended || interrupted !== undefined || ended.exitCode === EXIT.nothingRan) return "open";
  if (ended.exitCode === EXIT.ok) return "passed";
  return ended.exitCode === EXIT.failed ? "failed" : "error";
}

function noticesOf({ ended, interrupted, cleanupFailures, cases }: RunModel): Content {
  const unrun = cases.filter(({ verdict }) => verdict.skip?.code === "SKIP_INTERRUPTED").length;
  const cut = unrun === 0 ? "Every case that was chosen had ended." : `${casesText(unrun)} never came to an end.`;
  return [
    interrupted !== undefined &&
      markup`<p class="notice">The run was interrupted by ${interrupted}: ${cut} What did end stands below, and is no answer about the rest.</p>`,
    !ended &&
      interrupted === undefined &&
      markup`<p class="notice">The record stops before the end of the run: its process died, or it still runs. ${cut} The others are judged by what they said themselves; known deviations are not told from failures.</p>`,
    cleanupFailures.map((message) => markup`<p class="notice">Clean-up failed: ${message}</p>`),
  ];
}

function countOf({ counts }: RunModel, status: CaseStatus): Html {
  const count = counts[status];
  const words = markup`<b>${count}</b> ${status}`;
  return count === 0
    ? markup`<li class="none" data-count="${status}">${words}</li>`
    : markup`<li class="is-${status}" data-count="${status}"><a href="#${SECTION_OF[status]}">${words}</a></li>`;
}

function tallyBar({ counts, cases }: RunModel): Content {
  let start = 0;
  const list = CASE_STATUSES.map((status) => {
    const length = (counts[status] / Math.max(1, cases.length)) * 100;
    const bar = { start, length, kind: status };
    start += length;
    return bar;
  });
  return bars(list.filter(({ length }) => length > 0));
}

const ANSWERS: Readonly<Record<Conformance, string>> = {
  conformant: "conformant",
  "not-conformant": "not conformant",
  incomplete: "incomplete",
};

function levelsOf({ started, core, extended }: RunModel): Content {
  if (!started.profile) return markup`<p class="levels note">No profile: cases were chosen one by one.</p>`;
  return markup`<dl class="levels"><div><dt>profile</dt><dd>${started.profile.name}</dd></div>${[
    levelOf("core", core),
    levelOf("extended", extended),
  ]}</dl>`;
}

function levelOf(name: string, level: LevelModel | undefined): Content {
  if (!level?.conformance) return undefined;
  const { ids, counts, notSelected, conformance } = level;
  const rest = notSelected.length > 0 ? `; ${notSelected.length} not chosen for this run` : "";
  return markup`<div class="is-${conformance}"><dt>${name}</dt><dd><b>${ANSWERS[conformance]}</b> <small>${casesText(ids.length)}: ${countsText(counts)}${rest}</small></dd></div>`;
}

function testedText({ testbed, subjects }: RunModel): string | undefined {
  if (!testbed) return undefined;
  const { mode, defaultNetwork, cniVersion } = testbed.facts;
  const versionOf = (name: string): string => subjects.find((subject) => subject.name === name)?.version ?? "";
  const multus = `Multus ${versionOf("multus")} ${mode}`;
  return [multus, `default network ${defaultNetwork}`, `CNI ${cniVersion}`, `Kubernetes ${versionOf("kubernetes")}`]
    .map((text) => text.replace(/\s+/g, " ").trim())
    .join(", ");
}

function whenText({ times, testbed }: RunModel): Html {
  const start = times.startedAt.replace("T", " ").replace(/\.\d+Z$/, " UTC");
  const first = times.firstVerdictMs === undefined ? "" : `, first verdict after ${shortTime(times.firstVerdictMs)}`;
  const cluster = testbed?.reused ? ", on a cluster that stood already" : "";
  return markup`<time datetime="${times.startedAt}">${start}</time>, ${shortTime(times.totalMs)}${first}${cluster}`;
}
