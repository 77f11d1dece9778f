import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { parse } from "yaml";
import { z } from "zod";
import { harnessError } from "../core/errors.ts";
import { packageFile } from "../core/package-root.ts";

const jsonValue: z.ZodType = z.json();

/** RFC 6902. Placeholders in paths and values are filled on the node; see programs/cmd/fault. */
const patchOperation = z.union([
  z.strictObject({ op: z.enum(["add", "replace", "test"]), path: z.string().startsWith("/"), value: jsonValue }),
  z.strictObject({ op: z.literal("remove"), path: z.string().startsWith("/") }),
  z.strictObject({ op: z.enum(["move", "copy"]), path: z.string().startsWith("/"), from: z.string().startsWith("/") }),
]);

const commands = z.array(z.array(z.string()).min(1));
const texts = z.record(z.string(), z.string());

/** The parts that the wrapper on the node reads; names and meaning are those of programs/cmd/fault/spec.go. */
const whenSchema = z.strictObject({
  ifname: z.string().optional(),
  network: z.string().optional(),
  containerId: z.string().optional(),
  podNamespace: z.string().optional(),
  podName: z.string().optional(),
  stdinHas: z.array(z.string()).optional(),
});

const changeSchema = z
  .strictObject({
    env: z
      .strictObject({
        set: texts.optional(),
        unset: z.array(z.string()).optional(),
        cniArgs: z.strictObject({ set: texts.optional(), remove: z.array(z.string()).optional() }).optional(),
      })
      .optional(),
    stdin: z.array(patchOperation).optional(),
    stdout: z.array(patchOperation).optional(),
    tolerateMissing: z.boolean().optional(),
    exitCode: z.int().min(0).max(255).optional(),
    drop: z.strictObject({ stdout: jsonValue.optional() }).optional(),
    delayMs: z.int().positive().optional(),
    before: commands.optional(),
    after: commands.optional(),
  })
  .refine((change) => Object.keys(change).some((key) => key !== "tolerateMissing"), "a fault changes something");

const verb = z.enum(["ADD", "DEL", "CHECK", "GC", "STATUS", "VERSION"]);

const faultSchema = z
  .strictObject({
    id: z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/),
    title: z.string().min(10),
    /** Name of a CNI binary on the node, or `multus`: what that is depends on the mode. */
    target: z.string().regex(/^[a-z0-9][a-z0-9.-]*$/),
    verbs: z.array(verb).min(1),
    /** Regular expressions for the whole text; all must match. */
    when: whenSchema.default({}),
    change: changeSchema,
    /** Why it is narrowed, where `when` is. */
    note: z.string().optional(),
    /** Cases that must fail, with the assertion that must say so; no other case may. */
    noticedBy: z
      .array(z.strictObject({ case: z.string().regex(/^[A-Z]+-\d{3}$/), assertion: z.string().optional() }))
      .default([]),
    /** The case that passes behind this wrapper although no release does: then nothing notices it. */
    repairs: z.string().optional(),
  })
  .refine((fault) => fault.noticedBy.length > 0 || fault.repairs !== undefined, "a fault is noticed or repairs");

/** A planted defect: what is changed in which calls of which binary, and which cases must notice. */
export type Fault = z.output<typeof faultSchema>;

/**
 * The faults of a folder, sorted by id. Each lies in a file of its own that is named after it.
 * @throws PlumblineError PL_FAULT_FILE naming the file and every fault in it
 */
export function loadFaults(dir: string = packageFile("fixtures", "faults")): readonly Fault[] {
  const names = readdirSync(dir).filter((name) => name.endsWith(".yaml"));
  return names.toSorted().map((name) => readFault(path.join(dir, name)));
}

function readFault(file: string): Fault {
  const name = path.basename(file, ".yaml");
  const parsed = faultSchema.safeParse(parse(readFileSync(file, "utf8")));
  if (!parsed.success) {
    throw harnessError("PL_FAULT_FILE", `fault ${name} is malformed: ${z.prettifyError(parsed.error)}`, {
      cause: parsed.error,
    });
  }
  if (parsed.data.id === name) return parsed.data;
  throw harnessError(
    "PL_FAULT_FILE",
    `the file ${name}.yaml holds the fault ${parsed.data.id}: it must be named after it`,
  );
}
