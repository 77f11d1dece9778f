import type { InvariantModel, RunModel } from "../../harness/results/model.ts";
import { markup, type Content, type Html } from "./markup.ts";
import { pageSection } from "./parts.ts";

/** What was judged for every pod of every case, and what the nodes had at the end that belongs to nobody. */
export function invariantsSection(model: RunModel): Content {
  const { invariants, touched, ledger } = model;
  if (invariants.length === 0 && touched.length === 0 && ledger.length === 0) return undefined;
  return pageSection("invariants", "Invariants of every pod", [
    invariants.length > 0 && invariantTable(invariants),
    touched.length > 0 && touchedText(touched),
    ledger.map(ledgerText),
  ]);
}

function invariantTable(invariants: readonly InvariantModel[]): Html {
  const rows = invariants.map(
    ({ invariant, pods, checks, violations }) =>
      markup`<tr><th scope="row">${invariant}</th><td class="number">${pods}</td><td class="number">${checks}</td><td class="number${violations > 0 && " broken"}">${violations}</td></tr>`,
  );
  return markup`<table class="invariants"><thead><tr><th scope="col">Invariant</th><th scope="col" class="number">Pods</th><th scope="col" class="number">Checks</th><th scope="col" class="number">Violations</th></tr></thead><tbody>${rows}</tbody></table>
<p class="note">Violations of known deviations are counted, too.</p>`;
}

function touchedText(touched: readonly string[]): Html {
  const links = touched.map((id, i) => markup`${i > 0 && ", "}<a class="id" href="#case-${id}">${id}</a>`);
  return markup`<p><b>Touched</b>, as a pod of theirs broke an invariant that another case answers for: ${links}.</p>`;
}

function ledgerText({ node, items, setAside }: RunModel["ledger"][number]): Html {
  const rest = setAside > 0 ? `; ${setAside} foreign or volatile by rule` : "";
  if (items.length === 0) return markup`<p><b>${node}</b> is as it was before the first case${rest}.</p>`;
  const rows = items.map(
    (item) =>
      markup`<tr><td>${item.change}</td><td>${item.kind}</td><td class="wraps">${item.key}</td><td>${item.class}</td><td>${item.reason}</td></tr>`,
  );
  return markup`<details><summary><b>${node}</b> differs from before the first case in ${items.length} ${items.length === 1 ? "thing" : "things"}${rest}</summary>
<table><thead><tr><th scope="col">Change</th><th scope="col">Kind</th><th scope="col">What</th><th scope="col">Class</th><th scope="col">Reason</th></tr></thead><tbody>${rows}</tbody></table></details>`;
}
