import { harnessError } from "../core/errors.ts";
import { canonicalJson, sha256 } from "../core/json.ts";
import { packageVersion } from "../core/package-root.ts";
import type { Subject } from "../core/subject.ts";
import { inspectImage, removeImage, type DockerImage } from "../docker/docker-image.ts";
import { hasProgram } from "../process/run.ts";
import { loadLayeredImage } from "./image-archive.ts";
import { imageLayers } from "./image-files.ts";
import { builtImageKey, tagOf } from "./image-key.ts";
import { CONTENTS_LABEL, SUBJECT_LABEL, type BaseRecipe, type ImageSource, type LocalImage } from "./image-source.ts";
import { makeNodeLayer, NODE_LAYER_FORMAT } from "./node-container.ts";
import { changesOf, recipeOf, type ImageRecipe } from "./recipe.ts";
import { binariesDigest, moduleSubject, parseSubjects } from "./subjects.ts";
import type { Workshop } from "./workshop.ts";

/** Builds images from Go modules and the host's packages; nothing but those two is reached. */
export class BuildSource implements ImageSource {
  readonly kind = "build";
  readonly #workshop: Workshop;

  constructor(workshop: Workshop) {
    this.#workshop = workshop;
  }

  async available(): Promise<{ ok: boolean; reason: string }> {
    const names = ["go", "gcc", "mmdebstrap"];
    const found = await Promise.all(names.map((name) => hasProgram(name)));
    const lacks = names.filter((_, i) => !found[i]);
    return lacks.length === 0
      ? { ok: true, reason: "Go, a C compiler and mmdebstrap are here" }
      : { ok: false, reason: `not on this host: ${lacks.join(", ")}` };
  }

  async identity(recipe: ImageRecipe | BaseRecipe): Promise<string> {
    return tagOf(recipe.name, await this.#key(recipe));
  }

  obtain(recipe: ImageRecipe | BaseRecipe): Promise<LocalImage> {
    return isBase(recipe) ? this.#obtainBase(recipe) : this.#obtainImage(recipe);
  }

  async #key(recipe: ImageRecipe | BaseRecipe): Promise<string> {
    const { recipes, toolchain, signal } = this.#workshop;
    const files = await builtImageKey(recipe.build, { recipes, toolchain, signal });
    // what the record tells of an image is written into it when it is made
    const modules = isBase(recipe) ? recipe.contains : recipe.module === undefined ? [] : [recipe.module];
    const own = sha256(canonicalJson({ files, told: [recipe.changes, changesOf(modules, recipes)] }));
    if (!isBase(recipe)) return own;
    const inside = await Promise.all(recipe.build.images.map((name) => this.identity(this.#image(name))));
    return sha256(canonicalJson({ own, inside, format: NODE_LAYER_FORMAT }));
  }

  async #obtainImage(recipe: ImageRecipe): Promise<LocalImage> {
    const tag = await this.identity(recipe);
    const { signal, toolchain } = this.#workshop;
    if (!(await inspectImage(tag, { signal }))) {
      const { root, files, entrypoint, user } = recipe.build;
      const [rootFs, layers] = await Promise.all([
        root === undefined ? undefined : this.#workshop.root(root),
        imageLayers(files, this.#workshop),
      ]);
      const labels = { [SUBJECT_LABEL]: JSON.stringify(this.#subject(recipe)) };
      const image = { tag, root: rootFs, layers, entrypoint, user, labels, arch: toolchain.arch };
      await this.#workshop.step(`image ${recipe.name}`, () => loadLayeredImage(image, signal));
    }
    const { id } = await this.#inspect(tag);
    const subject = { ...this.#subject(recipe), digest: id };
    return { name: recipe.name, ref: recipe.ref ?? tag, localRef: tag, id, subject, contents: [] };
  }

  async #obtainBase(recipe: BaseRecipe): Promise<LocalImage> {
    const tag = await this.identity(recipe);
    if (!(await inspectImage(tag, { signal: this.#workshop.signal }))) await this.#makeBase(recipe, tag);
    const { id, labels } = await this.#inspect(tag);
    const contents = parseSubjects(labels[CONTENTS_LABEL]) ?? [];
    const module = recipeOf("module", this.#workshop.recipes.modules, recipe.module);
    const { toolchain } = this.#workshop;
    const subject = { ...moduleSubject(module, { toolchain, digest: id, changes: recipe.changes }), name: recipe.name };
    return { name: recipe.name, ref: recipe.ref, localRef: tag, id, subject, contents };
  }

  async #makeBase(recipe: BaseRecipe, tag: string): Promise<void> {
    const { build } = recipe;
    const { signal, toolchain } = this.#workshop;
    const [root, layers, images] = await Promise.all([
      this.#workshop.root(build.root),
      imageLayers(build.files, this.#workshop),
      Promise.all(build.images.map((name) => this.#obtainImage(this.#image(name)))),
    ]);
    const contents = await modulesIn(recipe, this.#workshop);
    await this.#workshop.step("image node-base", async () => {
      const from = `${tag}-bare`;
      const { env, stopSignal } = build;
      const bare = { entrypoint: ["/sbin/init"], labels: {}, arch: toolchain.arch, env, stopSignal };
      await loadLayeredImage({ ...bare, tag: from, root, layers }, signal);
      const labels = { [CONTENTS_LABEL]: JSON.stringify(contents) };
      await makeNodeLayer({ from, tag, files: [], steps: build.steps, images, labels }, signal);
      await removeImage(from, { signal });
    });
  }

  #image(name: string): ImageRecipe {
    return recipeOf("image", this.#workshop.recipes.images, name);
  }

  async #inspect(tag: string): Promise<DockerImage> {
    const image = await inspectImage(tag, { signal: this.#workshop.signal });
    if (image) return image;
    throw harnessError("PL_IMAGE", `the image ${tag} was made, but Docker does not have it`, {
      hint: "was it removed meanwhile? try again",
    });
  }

  /** Without a digest, which an image cannot tell of itself. */
  #subject(recipe: ImageRecipe): Subject {
    const { recipes, toolchain } = this.#workshop;
    if (recipe.module !== undefined) {
      const module = recipeOf("module", recipes.modules, recipe.module);
      return moduleSubject(module, { toolchain, digest: "", changes: recipe.changes });
    }
    const source = "programs of this project and packages of the host's distribution";
    return { name: `${recipe.name}-image`, version: packageVersion(), origin: "own", source, digest: "", changes: [] };
  }
}

function isBase(recipe: ImageRecipe | BaseRecipe): recipe is BaseRecipe {
  return "steps" in recipe.build;
}

async function modulesIn(recipe: BaseRecipe, workshop: Workshop): Promise<Subject[]> {
  return Promise.all(
    recipe.contains.map(async (name) => {
      const module = recipeOf("module", workshop.recipes.modules, name);
      const digest = await binariesDigest(await workshop.binaries(name));
      const changes = name === recipe.module ? recipe.changes : [];
      return moduleSubject(module, { toolchain: workshop.toolchain, digest, changes });
    }),
  );
}
