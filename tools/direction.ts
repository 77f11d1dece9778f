import { fileURLToPath } from "node:url";
import { cruise, type ICruiseResult } from "dependency-cruiser";
import extractDepcruiseOptions from "dependency-cruiser/config-utl/extract-depcruise-options";

export interface Violation {
  readonly rule: string;
  readonly from: string;
  readonly to: string;
  readonly comment: string;
}

export interface DirectionReport {
  readonly cruised: number;
  readonly violations: readonly Violation[];
}

const CONFIG = fileURLToPath(new URL("../.dependency-cruiser.mjs", import.meta.url));

/** Checks the imports of a tree against the rules. @param baseDir the tree, with its package.json and node_modules */
export async function checkDirection(baseDir: string, folders: readonly string[]): Promise<DirectionReport> {
  const options = await extractDepcruiseOptions(CONFIG);
  const { output } = await cruise([...folders], { ...options, baseDir });
  const { summary } = output as ICruiseResult;
  return {
    cruised: summary.totalCruised,
    violations: summary.violations.map(({ rule, from, to, comment }) => ({
      rule: rule.name,
      from,
      to,
      comment: comment ?? "",
    })),
  };
}

/** Names of all rules, so that a test can plant a violation of each. */
export async function directionRules(): Promise<readonly string[]> {
  const { ruleSet } = await extractDepcruiseOptions(CONFIG);
  return (ruleSet?.forbidden ?? []).map(({ name }) => name ?? "");
}
