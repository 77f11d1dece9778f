import { existsSync, readFileSync } from "node:fs";
import { z } from "zod";
import { harnessError, messageOf } from "../core/errors.ts";
import { packageFile } from "../core/package-root.ts";
import { parseFixture } from "../core/read-fixture.ts";
import type { KubeObject } from "../kube/client.ts";
import { applyJsonPatch, PatchOperation, valueAt } from "./json-patch.ts";

const Patch = z.strictObject({
  /** What the report says of it. */
  change: z.string().min(1),
  reason: z.string().min(1),
  target: z.strictObject({ kind: z.string(), name: z.string() }),
  /** Applied only if the cluster is so. */
  when: z.strictObject({ ipFamily: z.enum(["ipv4", "dual"]) }).optional(),
  /** Pointer to a field that holds JSON as text: the operations are for what is in it. */
  inside: z.string().optional(),
  operations: z.array(PatchOperation).min(1),
});
export type Patch = z.infer<typeof Patch>;

export interface Patched {
  readonly objects: readonly KubeObject[];
  /** One line for each patch that was applied. */
  readonly changes: readonly string[];
}

/**
 * Loads a file of fixtures/patches.
 * @param values for its placeholders, e.g. `${image}`
 * @throws PlumblineError PL_PATCH_FILE
 */
export function loadPatches(name: string, values: Readonly<Record<string, string>> = {}): readonly Patch[] {
  const file = packageFile("fixtures", "patches", `${name}.yaml`);
  if (!existsSync(file)) throw harnessError("PL_PATCH_FILE", `there is no patch ${name}: ${file} is missing`);
  const text = readFileSync(file, "utf8").replaceAll(/\$\{(\w+)\}/g, (whole, key: string) => {
    const value = values[key];
    if (value === undefined) throw harnessError("PL_PATCH_FILE", `${file}: nothing is known for ${whole}`);
    return value;
  });
  const parsed = z.array(Patch).safeParse(parseFixture(text, file));
  if (parsed.success) return parsed.data;
  throw harnessError("PL_PATCH_FILE", `${file} is no list of patches: ${z.prettifyError(parsed.error)}`);
}

/**
 * Applies patches to the objects of a manifest.
 * @throws PlumblineError PL_PATCH if the manifest is not as a patch expects it
 */
export function applyPatches(
  objects: readonly KubeObject[],
  patches: readonly Patch[],
  cluster: { readonly ipFamily: "ipv4" | "dual" },
): Patched {
  const wanted = patches.filter(({ when }) => when === undefined || when.ipFamily === cluster.ipFamily);
  let patched = [...objects];
  for (const patch of wanted) {
    const { kind, name } = patch.target;
    const index = patched.findIndex((object) => object.kind === kind && object.metadata.name === name);
    const target = patched[index];
    if (!target) throw harnessError("PL_PATCH", `the manifest has no ${kind} ${name} for the patch "${patch.change}"`);
    patched = patched.with(index, patchOne(target, patch));
  }
  return { objects: patched, changes: wanted.map(({ change, reason }) => `${change} (${reason})`) };
}

function patchOne(target: KubeObject, patch: Patch): KubeObject {
  try {
    if (patch.inside === undefined) return applyJsonPatch(target, patch.operations) as KubeObject;
    const text = valueAt(target, patch.inside);
    const inner = applyJsonPatch(JSON.parse(typeof text === "string" ? text : ""), patch.operations);
    const value = `${JSON.stringify(inner, null, 2)}\n`;
    return applyJsonPatch(target, [{ op: "replace", path: patch.inside, value }]) as KubeObject;
  } catch (error) {
    throw harnessError(
      "PL_PATCH",
      `the patch "${patch.change}" does not fit ${patch.target.kind} ${patch.target.name}: ${messageOf(error)}`,
      {
        hint: "the manifest is of another version than the patch was written for",
        cause: error,
      },
    );
  }
}
