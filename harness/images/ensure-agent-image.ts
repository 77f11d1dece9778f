import { inPhase, type Progress } from "../core/ports.ts";
import { requireDocker } from "../docker/require-docker.ts";
import { BuildSource } from "./build-source.ts";
import { Durations } from "./durations.ts";
import type { LocalImage } from "./image-source.ts";
import { OwnSource } from "./own-source.ts";
import { loadRecipes, recipeOf } from "./recipe.ts";
import { readToolchain } from "./toolchain.ts";
import { Workshop } from "./workshop.ts";

interface AgentImageOptions {
  /** Prefix of a mirror that may have it. */
  readonly mirror: string | undefined;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

/**
 * The image of the agent and of the pods of cases in a cluster that is not ours, in this host's Docker: what is there
 * already is taken, else a mirror's, else it is built.
 * @throws PlumblineError PL_NO_DOCKER, and those of building
 */
export async function ensureAgentImage({ mirror, progress, signal }: AgentImageOptions): Promise<LocalImage> {
  return inPhase(progress, "Image of the agent", async (phase) => {
    const [recipes, toolchain, daemon] = await Promise.all([
      loadRecipes(),
      readToolchain(signal),
      requireDocker(signal),
    ]);
    const workshop = new Workshop({ recipes, toolchain, durations: new Durations(), phase, signal });
    const source = new OwnSource(new BuildSource(workshop), { mirror, arch: daemon.arch });
    const image = await source.obtain(recipeOf("image", recipes.images, "agent"), { phase, signal });
    phase.update(`${workshop.built} built`);
    return image;
  });
}
