import { readFile } from "node:fs/promises";
import { z } from "zod";
import { canonicalJson, sha256 } from "../core/json.ts";
import type { Subject } from "../core/subject.ts";
import type { ObtainedImage } from "./image-source.ts";
import type { GoModuleRecipe } from "./recipe.ts";
import type { Toolchain } from "./toolchain.ts";

const subject: z.ZodType<Subject> = z.object({
  name: z.string(),
  version: z.string(),
  origin: z.enum(["upstream", "built here", "own"]),
  source: z.string(),
  digest: z.string(),
  changes: z.array(z.string()),
});

const images: z.ZodType<readonly ObtainedImage[]> = z.array(
  z.object({ name: z.string(), ref: z.string(), id: z.string(), subject, contents: z.array(subject) }),
);

/** Reads a label that holds Subjects. @returns undefined if it is missing or not ours */
export function parseSubjects(label: string | undefined): readonly Subject[] | undefined {
  return parsed(z.array(subject), label);
}

export function parseSubject(label: string | undefined): Subject | undefined {
  return parsed(subject, label);
}

export function parseImages(label: string | undefined): readonly ObtainedImage[] | undefined {
  return parsed(images, label);
}

/** The Subject of what was built from a Go module. @param digest of the image or the binaries */
export function moduleSubject(
  recipe: GoModuleRecipe,
  built: { readonly toolchain: Toolchain; readonly digest: string; readonly changes?: readonly string[] },
): Subject {
  return {
    name: recipe.name,
    version: recipe.version,
    origin: "built here",
    source: `${recipe.module}@${recipe.version}`,
    digest: built.digest,
    changes: [
      `built with ${built.toolchain.go} for ${built.toolchain.arch}, ${recipe.cgo ? "with cgo, static" : "without cgo"}`,
      ...Object.entries(recipe.raise).map(([module, version]) => `${module} raised to ${version}`),
      ...recipe.changes,
      ...(built.changes ?? []),
    ],
  };
}

/** One digest for several binaries: of the list of their names and digests. */
export async function binariesDigest(binaries: ReadonlyMap<string, string>): Promise<string> {
  const list = await Promise.all(
    [...binaries].map(async ([name, file]) => [name, sha256(await readFile(file))] as const),
  );
  return `sha256:${sha256(canonicalJson(Object.fromEntries(list)))}`;
}

function parsed<T>(schema: z.ZodType<T>, label: string | undefined): T | undefined {
  if (label === undefined) return undefined;
  try {
    return schema.safeParse(JSON.parse(label)).data;
  } catch {
    return undefined;
  }
}
