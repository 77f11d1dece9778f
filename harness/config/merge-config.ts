import { usageError } from "../core/errors.ts";
import { configIssues } from "./config-issue.ts";
import { configSchema, type Config } from "./schema.ts";

/** What the command line said; undefined or absent where it said nothing. */
export type ConfigFlags = {
  readonly [K in keyof Config]?:
    (Config[K] extends Group ? { readonly [L in keyof Config[K]]?: Config[K][L] | undefined } : Config[K]) | undefined;
};

type Group =
  | Config["images"]
  | Config["timeouts"]
  | Config["cluster"]
  | Config["plugin"]
  | Config["matrix"]
  | Config["multusConfig"];

/**
 * The command line over the file. A list replaces the file's, a group is merged key by key.
 * @throws PlumblineError PL_CONFIG (usage) for values that the file could not have either
 */
export function mergeConfig(file: Config, flags: ConfigFlags): Config {
  const merged: Record<string, unknown> = { ...file };
  for (const [key, value] of Object.entries(flags) as [keyof Config, unknown][]) {
    if (value === undefined) continue;
    merged[key] = isGroup(value) ? { ...(file[key] as object | undefined), ...withoutUndefined(value) } : value;
  }
  const parsed = configSchema.safeParse(merged);
  if (parsed.success) return parsed.data;
  const messages = configIssues(parsed.error, merged).map((issue) => issue.message);
  // of a key that nobody typed: it is wrong beside what was
  const isTyped = parsed.error.issues.every(({ path }) => hasValue(flags, path));
  const what = isTyped ? "the command line does not fit" : "the command line does not fit what plumbline.yaml says";
  throw usageError("PL_CONFIG", `${what}: ${messages.join("; ")}`, {
    hint: "`plumbline run --help` tells what each option takes",
  });
}

function hasValue(flags: unknown, path: readonly PropertyKey[]): boolean {
  const [key, ...below] = path;
  if (key === undefined) return flags !== undefined;
  return typeof flags === "object" && flags !== null && hasValue((flags as Record<PropertyKey, unknown>)[key], below);
}

function isGroup(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function withoutUndefined(group: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(group).filter(([, value]) => value !== undefined));
}
