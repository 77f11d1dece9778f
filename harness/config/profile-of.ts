import type { Config } from "./schema.ts";

/**
 * The profile that cases are chosen from: a first look, or, where nothing says which and the cases are chosen by what they
 * are, all there are, since a first look may have none of them.
 */
export function profileOf({
  profile,
  layers,
  features,
  grep,
}: Pick<Config, "profile" | "layers" | "features" | "grep">): string {
  const isChosenFrom = layers.length > 0 || features.length > 0 || grep !== undefined;
  return profile ?? (isChosenFrom ? "full" : "quick");
}
