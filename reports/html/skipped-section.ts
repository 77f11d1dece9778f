import type { SKIP_CODES } from "../../harness/core/status.ts";
import type { CaseModel, RunModel } from "../../harness/results/model.ts";
import { markup, type Content, type Html } from "./markup.ts";
import { prose } from "./prose.ts";
import { pageSection } from "./parts.ts";

const MEANINGS: Readonly<Record<(typeof SKIP_CODES)[number], string>> = {
  SKIP_KERNEL: "the kernel lacks a driver or an option",
  SKIP_FEATURE: "the testbed lacks a feature",
  SKIP_PLUGIN_ROLE: "the case has nothing to ask the plugin under test",
  SKIP_DISRUPTIVE: "the case disturbs a cluster that is not the harness's own",
  SKIP_UNCONFIGURED: "the configuration names no interface or no ranges for it",
  SKIP_STACK: "the case does not apply to this stack or mode",
  SKIP_FAIL_FAST: "an earlier case failed, and the run was to stop there",
  SKIP_INTERRUPTED: "the run ended before the case began",
};

/** What did not run, by its code, with the reason of each case. */
export function skippedSection({ cases }: RunModel): Content {
  const skipped = cases.filter(({ verdict }) => verdict.status === "skipped");
  if (skipped.length === 0) return undefined;
  const codes = [...new Set(skipped.map(({ verdict }) => verdict.skip?.code))];
  return pageSection(
    "skipped",
    "Skipped",
    codes.map((code) => {
      const title = code ? markup`<code>${code}</code> <small>${MEANINGS[code]}</small>` : markup`without a code`;
      const rows = skipped.filter(({ verdict }) => verdict.skip?.code === code).map(row);
      return markup`<table class="skips"><caption>${title}</caption><colgroup><col class="id-column"><col><col></colgroup><thead class="unseen"><tr><th scope="col">Case</th><th scope="col">What</th><th scope="col">Why skipped</th></tr></thead><tbody>${rows}</tbody></table>`;
    }),
  );
}

function row({ id, title, verdict }: CaseModel): Html {
  return markup`<tr><th scope="row"><a href="#case-${id}">${id}</a></th><td>${prose(title)}</td><td>${verdict.reason}</td></tr>`;
}
