import { isDeepStrictEqual } from "node:util";
import { z } from "zod";

const Pointer = z.string().regex(/^(\/.*)?$/);

/** One operation of RFC 6902, without `move` and `copy`. */
export const PatchOperation = z.discriminatedUnion("op", [
  z.strictObject({ op: z.literal("test"), path: Pointer, value: z.unknown() }),
  z.strictObject({ op: z.literal("add"), path: Pointer, value: z.unknown() }),
  z.strictObject({ op: z.literal("replace"), path: Pointer, value: z.unknown() }),
  z.strictObject({ op: z.literal("remove"), path: Pointer }),
]);
export type PatchOperation = z.infer<typeof PatchOperation>;

/**
 * Applies operations to a copy.
 * @throws Error naming the operation, if its path does not exist or its test does not hold
 * @source RFC 6902
 */
export function applyJsonPatch(document: unknown, operations: readonly PatchOperation[]): unknown {
  const copy = structuredClone(document);
  for (const operation of operations) applyOne(copy, operation);
  return copy;
}

/** The value at a JSON pointer. @returns undefined if there is none @source RFC 6901 */
export function valueAt(document: unknown, pointer: string): unknown {
  return segments(pointer).reduce<unknown>((value, key) => (isContainer(value) ? value[key] : undefined), document);
}

function applyOne(document: unknown, operation: PatchOperation): void {
  const keys = segments(operation.path);
  const last = keys.at(-1);
  const parent = keys
    .slice(0, -1)
    .reduce<unknown>((value, key) => (isContainer(value) ? value[key] : undefined), document);
  if (last === undefined || !isContainer(parent))
    throw new Error(`${operation.op} ${operation.path}: there is no such place`);
  if (operation.op === "add") add(parent, last, operation.value);
  else if (!Object.hasOwn(parent, last)) throw new Error(`${operation.op} ${operation.path}: there is no such place`);
  else if (operation.op === "replace") parent[last] = operation.value;
  else if (operation.op === "remove") remove(parent, last);
  else if (!isDeepStrictEqual(parent[last], operation.value)) {
    throw new Error(
      `test ${operation.path}: it is ${JSON.stringify(parent[last])}, not ${JSON.stringify(operation.value)}`,
    );
  }
}

function add(parent: Container, key: string, value: unknown): void {
  if (!Array.isArray(parent)) {
    parent[key] = value;
    return;
  }
  const index = key === "-" ? parent.length : Number(key);
  if (!Number.isInteger(index) || index < 0 || index > parent.length)
    throw new Error(`add: ${key} is no place in a list`);
  parent.splice(index, 0, value);
}

function remove(parent: Container, key: string): void {
  if (Array.isArray(parent)) parent.splice(Number(key), 1);
  else delete parent[key];
}

type Container = Record<string, unknown>;

function isContainer(value: unknown): value is Container {
  return typeof value === "object" && value !== null;
}

function segments(pointer: string): string[] {
  return pointer
    .split("/")
    .slice(1)
    .map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"));
}
