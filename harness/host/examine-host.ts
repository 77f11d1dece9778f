import { messageOf } from "../core/errors.ts";
import { buildChecks } from "./build-checks.ts";
import { dockerChecks } from "./docker-checks.ts";
import { hostReport, warning, type CheckRecipe, type HostCheck, type HostReport } from "./host-report.ts";
import { kernelChecks } from "./kernel-checks.ts";
import { systemChecks } from "./system-checks.ts";

const ALL: readonly CheckRecipe[] = [...systemChecks, ...dockerChecks, ...buildChecks, ...kernelChecks];

/**
 * Looks at everything that the harness needs of this host. It changes nothing that lasts, and a look that fails becomes a warning.
 * @throws the signal's reason if aborted
 */
export async function examineHost(options: { readonly signal?: AbortSignal | undefined } = {}): Promise<HostReport> {
  const checks = await Promise.all(ALL.map((recipe) => check(recipe, options.signal)));
  options.signal?.throwIfAborted();
  return hostReport(checks);
}

async function check(recipe: CheckRecipe, signal: AbortSignal | undefined): Promise<HostCheck> {
  const finding = await recipe.look(signal).catch((error: unknown) => warning(`could not look: ${messageOf(error)}`));
  const { id, title, why } = recipe;
  return { id, title, why, remedy: [], ...finding };
}
