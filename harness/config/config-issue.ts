import type { z } from "zod";
import { nearestName } from "../core/nearest-name.ts";
import { configJsonSchema } from "./schema.ts";

/** One thing that is wrong with a configuration. */
export interface ConfigIssue {
  /** Keys and indexes down to the value; for an unknown key down to the key. */
  readonly path: readonly PropertyKey[];
  /** What is marked: a key itself, or its value. */
  readonly marks: "key" | "value";
  readonly message: string;
}

/**
 * Words for what zod found, with the name that an unknown one most likely means.
 * @param within keys down to what was read, if that is not the whole configuration
 */
export function configIssues(
  error: z.ZodError,
  value: unknown,
  within: readonly PropertyKey[] = [],
): readonly ConfigIssue[] {
  return error.issues.flatMap((issue): readonly ConfigIssue[] => {
    if (issue.code === "unrecognized_keys") {
      return issue.keys.map((key) => ({
        path: [...issue.path, key],
        marks: "key",
        message: unknownKey([...within, ...issue.path], key),
      }));
    }
    const found = valueAt(value, issue.path);
    const message = `${keyText([...within, ...issue.path])} ${wording(issue, found)}`.trim();
    return [{ path: issue.path, marks: "value", message }];
  });
}

/** `images.source`, `cases[2]`; empty for the whole. */
export function keyText(path: readonly PropertyKey[]): string {
  return path
    .map((part) => (typeof part === "number" ? `[${part}]` : `.${String(part)}`))
    .join("")
    .replace(/^\./, "");
}

function wording(issue: z.core.$ZodIssue, found: unknown): string {
  if (issue.code === "invalid_type") return `must be ${article(issue.expected)}, not ${shown(found)}`;
  if (issue.code === "invalid_value") {
    const values = issue.values.map(String);
    const near = typeof found === "string" ? nearestName(found, values) : undefined;
    return `must be one of ${values.join(", ")}, not ${shown(found)}${near ? `; did you mean ${near}?` : ""}`;
  }
  if (issue.code === "too_small") {
    return found === "" ? "must not be empty" : `must be at least ${issue.minimum}, not ${shown(found)}`;
  }
  if (issue.code === "too_big") return `must be at most ${issue.maximum}, not ${shown(found)}`;
  return issue.message;
}

function unknownKey(parent: readonly PropertyKey[], key: string): string {
  const known = knownKeys(parent);
  const near = nearestName(key, known);
  const place = parent.length === 0 ? "" : ` in ${keyText(parent)}`;
  return `unknown key ${JSON.stringify(key)}${place}; ${near ? `did you mean ${near}?` : `known are ${known.join(", ")}`}`;
}

// made once: it takes milliseconds
let schema: ReturnType<typeof configJsonSchema> | undefined;

function knownKeys(parent: readonly PropertyKey[]): readonly string[] {
  schema ??= configJsonSchema();
  const at = parent.reduce<unknown>(
    (group, key) => (typeof key === "number" ? member(group, "items") : member(member(group, "properties"), key)),
    schema,
  );
  return Object.keys((member(at, "properties") as Record<string, unknown> | undefined) ?? {});
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce(member, value);
}

function member(value: unknown, key: PropertyKey): unknown {
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, key)) return undefined;
  return (value as Record<PropertyKey, unknown>)[key];
}

const TYPE_NAMES: Readonly<Record<string, string>> = {
  int: "a whole number",
  number: "a number",
  string: "a text",
  boolean: "true or false",
  array: "a list",
  object: "a map of keys",
};

function article(expected: string): string {
  return TYPE_NAMES[expected] ?? expected;
}

function shown(value: unknown): string {
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object" && value !== null) return "a map of keys";
  if (value === undefined || value === null) return "empty";
  if (typeof value !== "string") return JSON.stringify(value) ?? typeof value;
  return JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}...` : value);
}
