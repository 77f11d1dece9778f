/** The text of what stands at a dotted path (`linkinfo.info_kind`): texts as they are, else JSON; empty if nothing is there. */
export function fieldText(thing: unknown, path: string): string {
  let at = thing;
  for (const step of path.split("."))
    at = isRecord(at) || Array.isArray(at) ? (at as Record<string, unknown>)[step] : undefined;
  if (at === undefined || at === null) return "";
  return typeof at === "string" ? at : JSON.stringify(at);
}

/** Dotted paths at which two things differ. Lists are compared as wholes. */
export function changedFields(before: unknown, after: unknown): readonly string[] {
  return [...walk("", before, after)];
}

function* walk(path: string, before: unknown, after: unknown): Generator<string> {
  if (isRecord(before) && isRecord(after)) {
    for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
      yield* walk(path === "" ? key : `${path}.${key}`, before[key], after[key]);
    }
  } else if (JSON.stringify(before) !== JSON.stringify(after)) yield path;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
