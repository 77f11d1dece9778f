import { existsSync } from "node:fs";
import path from "node:path";
import pLimit from "p-limit";
import type { Phase } from "../core/ports.ts";
import { cachedRoot, makeRoot, type DebianRoot } from "./debian-root.ts";
import type { Durations } from "./durations.ts";
import {
  binariesDir,
  buildKey,
  buildPrograms,
  fetchModule,
  isBuilt,
  outputsOf,
  prepareModule,
  type BuildCall,
  type PreparedModule,
} from "./go-build.ts";
import { makeBundle } from "./own-bundles.ts";
import { buildOwnPrograms, programNames, programsKey } from "./own-programs.ts";
import { recipeOf, type BundleName, type GoModuleRecipe, type Recipes } from "./recipe.ts";
import type { Toolchain } from "./toolchain.ts";

export interface WorkshopOptions {
  readonly recipes: Recipes;
  readonly toolchain: Toolchain;
  readonly durations: Durations;
  /** Where the steps that are really done are shown. */
  readonly phase: Phase;
  readonly signal?: AbortSignal | undefined;
}

/** Go compiles in parallel but links alone: two builds at once keep two cores busy. */
const GO_BUILDS_AT_ONCE = 2;
const DOWNLOADS_AT_ONCE = 2;
const ROOTS_AT_ONCE = 1;

/**
 * Where binaries and root file systems are made, each once, however many images ask for it.
 * Downloads run ahead of the builds. A module's builds follow one another, since they share most of what is compiled.
 */
export class Workshop {
  readonly #options: WorkshopOptions;
  readonly #goLimit = pLimit(GO_BUILDS_AT_ONCE);
  readonly #downloadLimit = pLimit(DOWNLOADS_AT_ONCE);
  readonly #rootLimit = pLimit(ROOTS_AT_ONCE);
  readonly #memo = new Map<string, Promise<unknown>>();
  #built = 0;

  constructor(options: WorkshopOptions) {
    this.#options = options;
  }

  get recipes(): Recipes {
    return this.#options.recipes;
  }

  get toolchain(): Toolchain {
    return this.#options.toolchain;
  }

  get signal(): AbortSignal | undefined {
    return this.#options.signal;
  }

  /** Number of steps that were really done. */
  get built(): number {
    return this.#built;
  }

  /** Programs of a module: file name -> path. */
  binaries(name: string): Promise<ReadonlyMap<string, string>> {
    return this.#once(`binaries ${name}`, () => this.#buildModule(recipeOf("module", this.recipes.modules, name)));
  }

  /** The project's own programs: file name -> path. */
  programs(): Promise<ReadonlyMap<string, string>> {
    return this.#once("programs", async () => {
      const names = programNames(this.recipes);
      const key = await programsKey(names, this.#call());
      if (!isBuilt(key)) await this.step("own programs", () => buildOwnPrograms(names, this.#call()));
      return new Map(names.map((program) => [program, path.join(binariesDir(key), program)]));
    });
  }

  /** One of the project's own programs in TypeScript, as one file. */
  bundle(name: BundleName): Promise<string> {
    return this.#once(`bundle ${name}`, () => makeBundle(name));
  }

  /** Folder of a module's source. */
  source(name: string): Promise<string> {
    return this.#once(`source ${name}`, async () => {
      const recipe = recipeOf("module", this.recipes.modules, name);
      return (await this.#downloadLimit(() => fetchModule(recipe, this.#call()))).dir;
    });
  }

  root(name: string): Promise<DebianRoot> {
    return this.#once(`root ${name}`, async () => {
      const recipe = recipeOf("root", this.recipes.roots, name);
      const cached = await cachedRoot(recipe);
      if (cached) return cached;
      return this.#rootLimit(() =>
        this.step(`root file system ${name}`, (phase) =>
          makeRoot(recipe, { signal: this.signal, onLine: (line) => phase.update(line.slice(0, 100)) }),
        ),
      );
    });
  }

  /** Does one step of building, shown and timed. */
  async step<T>(name: string, work: (phase: Phase) => Promise<T>): Promise<T> {
    this.signal?.throwIfAborted();
    const { phase, durations } = this.#options;
    const child = phase.phase(durations.titleOf(name));
    const startMs = performance.now();
    try {
      const value = await work(child);
      this.#built++;
      durations.record(name, performance.now() - startMs);
      child.done();
      return value;
    } catch (error) {
      child.fail(error instanceof Error ? (error.message.split("\n")[0] ?? "") : String(error));
      throw error;
    }
  }

  async #buildModule(recipe: GoModuleRecipe): Promise<ReadonlyMap<string, string>> {
    const steps = recipe.builds.map((build) => ({ build, key: buildKey(recipe, build, this.toolchain) }));
    const open = steps.filter((step) => !isBuilt(step.key));
    if (open.length > 0) {
      const prepared = this.#downloadLimit(() => prepareModule(recipe, this.#call()));
      prepared.catch(() => undefined);
      await this.#goLimit(() => this.#buildOpen(recipe, open, prepared));
    }
    return new Map(
      steps.flatMap(({ build, key }) => outputsOf(build).map((name) => [name, path.join(binariesDir(key), name)])),
    );
  }

  async #buildOpen(
    recipe: GoModuleRecipe,
    open: readonly { build: GoModuleRecipe["builds"][number]; key: string }[],
    prepared: Promise<PreparedModule>,
  ): Promise<void> {
    const ready = await prepared;
    for (const { build, key } of open) {
      if (existsSync(binariesDir(key))) continue;
      await this.step(build.name, (phase) =>
        buildPrograms(
          ready,
          { recipe, build },
          { ...this.#call(), onLine: (line) => phase.update(line.slice(0, 100)) },
        ),
      );
    }
  }

  #call(): BuildCall {
    return { toolchain: this.toolchain, signal: this.signal };
  }

  #once<T>(key: string, make: () => Promise<T>): Promise<T> {
    const known = this.#memo.get(key) as Promise<T> | undefined;
    if (known) return known;
    const made = make();
    // whoever needs it sees the failure; nobody may be waiting yet
    made.catch(() => undefined);
    this.#memo.set(key, made);
    return made;
  }
}
