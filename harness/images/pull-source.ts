import { harnessError, hostError, messageOf } from "../core/errors.ts";
import type { Subject } from "../core/subject.ts";
import { inspectImage, pullImage, type DockerImage } from "../docker/docker-image.ts";
import {
  CONTENTS_LABEL,
  SUBJECT_LABEL,
  type BaseRecipe,
  type ImageSource,
  type LocalImage,
  type ObtainContext,
  type SourceKind,
} from "./image-source.ts";
import { mirroredRef, registriesOf } from "./image-ref.ts";
import { reachRegistries } from "./reach-registry.ts";
import type { ImageRecipe } from "./recipe.ts";
import { parseSubject, parseSubjects } from "./subjects.ts";

export interface PullSourceOptions {
  /** References that have to be pulled. */
  readonly refs: readonly string[];
  /** Of the daemon that is to run them, e.g. `amd64`. */
  readonly arch: string;
  /** Takes the place of the registry in every reference, e.g. `mirror.example:5000/library`; without it, upstream's own are used. */
  readonly mirror?: string | undefined;
}

/** Pulls images that somebody else has built: from upstream's registries, or from a mirror of them. */
export class PullSource implements ImageSource {
  readonly kind: SourceKind;
  readonly #options: PullSourceOptions;

  constructor(options: PullSourceOptions) {
    this.#options = options;
    this.kind = options.mirror === undefined ? "registry" : "mirror";
  }

  available(): Promise<{ ok: boolean; reason: string }> {
    return reachRegistries(registriesOf(this.#options.refs.map((ref) => this.#localRef(ref))));
  }

  async identity(recipe: ImageRecipe | BaseRecipe): Promise<string> {
    return this.#localRef(upstreamRef(recipe));
  }

  async obtain(recipe: ImageRecipe | BaseRecipe, { phase, signal }: ObtainContext): Promise<LocalImage> {
    const ref = upstreamRef(recipe);
    const localRef = this.#localRef(ref);
    const before = await inspectImage(localRef, { signal });
    if (!before) {
      const pulling = phase.phase(`pulling ${localRef}`);
      try {
        await pullImage(localRef, { signal });
        pulling.done();
      } catch (cause) {
        pulling.fail("refused");
        signal?.throwIfAborted();
        throw hostError("PL_IMAGE_PULL", `the image ${localRef} cannot be had: ${messageOf(cause)}`, {
          hint: `try by hand: docker pull ${localRef}; \`docker login\` if it asks who you are; --source build does without`,
          cause,
        });
      }
    }
    const image = before ?? (await inspectImage(localRef, { signal }));
    if (!image) throw harnessError("PL_IMAGE", `${localRef} was pulled, but Docker does not have it`);
    requireArch(localRef, image, this.#options.arch);
    const contents = parseSubjects(image.labels[CONTENTS_LABEL]) ?? [];
    const subject = subjectOf({ recipe, ref, localRef }, image, contents);
    const known = contents.length > 0 || !("contains" in recipe) ? contents : [{ ...subject, name: recipe.module }];
    return { name: recipe.name, ref, localRef, id: image.id, subject, contents: known };
  }

  #localRef(ref: string): string {
    return this.#options.mirror === undefined ? ref : mirroredRef(ref, this.#options.mirror);
  }
}

/** Docker takes the only image that a registry has, whatever it was built for, and warns in passing. */
function requireArch(ref: string, { arch }: DockerImage, wanted: string): void {
  if (arch === "" || wanted === "" || arch === wanted) return;
  throw hostError("PL_IMAGE_ARCH", `the image ${ref} is for ${arch}, and this host's Docker runs ${wanted}`, {
    hint: `\`docker image rm ${ref}\`, then name a registry that has it for ${wanted}, or build it: --source build`,
  });
}

function upstreamRef(recipe: ImageRecipe | BaseRecipe): string {
  if (recipe.ref !== undefined) return recipe.ref;
  throw harnessError("PL_RECIPE", `the image ${recipe.name} is our own and has no reference to pull`);
}

/** What the image says of itself if we built it; else it is upstream's own. */
function subjectOf(
  what: { readonly recipe: ImageRecipe | BaseRecipe; readonly ref: string; readonly localRef: string },
  image: DockerImage,
  contents: readonly Subject[],
): Subject {
  const { recipe, ref, localRef } = what;
  const said = parseSubject(image.labels[SUBJECT_LABEL]);
  if (said) return { ...said, digest: image.id };
  const inside = contents.find((subject) => subject.name === recipe.module);
  if (inside) return { ...inside, name: recipe.name, digest: image.id };
  const repository = localRef.replace(/:[^:/]+$/, "");
  const repoDigest = image.repoDigests.find((digest) => digest.startsWith(`${repository}@`)) ?? localRef;
  return {
    name: recipe.name,
    version: /:([^:/]+)$/.exec(ref)?.[1] ?? "latest",
    origin: "upstream",
    source: repoDigest,
    digest: image.id,
    changes: [],
  };
}
