import { readManifests, type ModuleContents } from "../images/obtain-module.ts";
import { loadRecipes, recipeOf } from "../images/recipe.ts";
import { run } from "../process/run.ts";
import { parseManifest } from "./manifest.ts";
import { patchedObjects } from "./manifest-component.ts";
import { moduleManifest } from "./module-component.ts";
import type { Patched } from "./patch-set.ts";

/**
 * The manifests of a Go module as they are published, with our patches, for clusters with each IP family.
 * @param ref the image that would have been got for it
 */
export async function patchedModule(
  contents: ModuleContents,
  { patches, ref }: { readonly patches: readonly string[]; readonly ref: string },
): Promise<(ipFamily: "ipv4" | "dual") => Patched> {
  const { name } = contents;
  const { module, version } = recipeOf("module", (await loadRecipes()).modules, name);
  const { stdout } = await run("go", ["mod", "download", "-json", `${module}@${version}`], { timeoutMs: 100_000 });
  const manifest = await readManifests((JSON.parse(stdout) as { readonly Dir: string }).Dir, contents.manifests);
  const subject = { name, version, origin: "built here", source: "", digest: "", changes: [] } as const;
  const image = { name, ref, localRef: ref, id: "sha256:1", subject, contents: [] };
  const source = moduleManifest(contents, { patches, supply: { image, manifest } });
  return (ipFamily) => patchedObjects(parseManifest(manifest, source.file), source, { ipFamily });
}
