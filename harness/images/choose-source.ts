import { hostError, usageError } from "../core/errors.ts";
import type { ImageSource, SourceKind } from "./image-source.ts";

/** What a user may ask for; `auto` takes the first that works: a registry, a mirror, a build. */
export type SourceChoice = SourceKind | "auto";

export interface Candidates {
  readonly registry: ImageSource;
  /** Only if a mirror is configured. */
  readonly mirror: ImageSource | undefined;
  readonly build: ImageSource;
}

/** The sources that a choice allows, in the order in which they are tried. @throws PlumblineError PL_MIRROR */
export function candidatesOf(choice: SourceChoice, all: Candidates): readonly ImageSource[] {
  if (choice === "auto") return [all.registry, ...(all.mirror ? [all.mirror] : []), all.build];
  const source = all[choice];
  if (source) return [source];
  throw usageError("PL_MIRROR", "the image source is `mirror`, but no mirror is named", {
    hint: "give its prefix: --mirror registry.example:5000/upstream, or `images.mirror` in plumbline.yaml",
  });
}

/**
 * The first source that can be used here and now.
 * @returns it, and why the others were not taken
 * @throws PlumblineError PL_IMAGE_SOURCE with each one's reason
 */
export async function chooseSource(
  candidates: readonly ImageSource[],
): Promise<{ source: ImageSource; reason: string }> {
  const refusals: string[] = [];
  for (const source of candidates) {
    const { ok, reason } = await source.available();
    if (ok) return { source, reason: [`${source.kind}: ${reason}`, ...refusals].join("; not ") };
    refusals.push(`${source.kind}: ${reason}`);
  }
  throw hostError("PL_IMAGE_SOURCE", `images cannot be had from any source; ${refusals.join("; ")}`, {
    hint: "`plumbline doctor` shows what building images needs; a mirror is named by --mirror",
  });
}
