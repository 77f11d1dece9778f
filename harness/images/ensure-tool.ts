import path from "node:path";
import { inPhase, silentProgress, type Progress } from "../core/ports.ts";
import { run } from "../process/run.ts";
import { Durations } from "./durations.ts";
import { loadRecipes, recipeOf } from "./recipe.ts";
import { readToolchain } from "./toolchain.ts";
import { Workshop } from "./workshop.ts";

export interface EnsureToolOptions {
  readonly progress?: Progress;
  readonly signal?: AbortSignal | undefined;
}

/**
 * A program that the harness needs on this host: the one in PATH if it says that it is of the recipe's version, else it is
 * built from its Go module, once.
 * @param name of a module with `on: host` in fixtures/images/modules.yaml, e.g. `kind`
 * @returns its path
 */
export async function ensureTool(name: string, options: EnsureToolOptions = {}): Promise<string> {
  const { signal } = options;
  const recipes = await loadRecipes();
  const recipe = recipeOf("module", recipes.modules, name);
  if (await isInPath(name, recipe.version, signal)) return name;
  const toolchain = await readToolchain(signal);
  const build = async (phase: ConstructorParameters<typeof Workshop>[0]["phase"]): Promise<string> => {
    const workshop = new Workshop({ recipes, toolchain, durations: new Durations(), phase, signal });
    return (await workshop.binaries(name)).get(name) ?? path.join(name);
  };
  return inPhase(options.progress ?? silentProgress, `Tool ${name} ${recipe.version}`, build);
}

async function isInPath(name: string, version: string, signal: AbortSignal | undefined): Promise<boolean> {
  const answer = await run(name, ["--version"], { timeoutMs: 10_000, signal, okExitCodes: "any" }).catch(
    () => undefined,
  );
  const words = answer?.stdout.split(/\s+/) ?? [];
  return words.includes(version) || words.includes(version.replace(/^v/, ""));
}
