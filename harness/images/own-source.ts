import type { BaseRecipe, ImageSource, LocalImage, ObtainContext } from "./image-source.ts";
import { PullSource } from "./pull-source.ts";
import type { BuildSource } from "./build-source.ts";
import type { ImageRecipe } from "./recipe.ts";

/**
 * Where the project's own images come from, which upstream's registries do not have: from a mirror if it holds this very
 * content, since their tag is their key, else they are built.
 */
export class OwnSource implements ImageSource {
  readonly kind = "build";
  readonly #build: BuildSource;
  readonly #mirror: string | undefined;
  readonly #arch: string;

  constructor(build: BuildSource, { mirror, arch }: { readonly mirror: string | undefined; readonly arch: string }) {
    this.#build = build;
    this.#mirror = mirror;
    this.#arch = arch;
  }

  available(): Promise<{ ok: boolean; reason: string }> {
    return this.#build.available();
  }

  identity(recipe: ImageRecipe | BaseRecipe): Promise<string> {
    return this.#build.identity(recipe);
  }

  async obtain(recipe: ImageRecipe | BaseRecipe, context: ObtainContext): Promise<LocalImage> {
    const ref = await this.identity(recipe);
    if (this.#mirror !== undefined) {
      const mirrored = new PullSource({ refs: [ref], mirror: this.#mirror, arch: this.#arch });
      try {
        return await mirrored.obtain({ ...recipe, ref }, context);
      } catch {
        context.signal?.throwIfAborted();
      }
    }
    return this.#build.obtain(recipe);
  }
}
