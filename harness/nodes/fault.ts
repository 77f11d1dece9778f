import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { z } from "zod";
import { harnessError } from "../core/errors.ts";
import { packageFile } from "../core/package-root.ts";
import { parseFixture } from "../core/read-fixture.ts";

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
    /** Where the original fails, this acts in place of `stdout` and `after`. */
    failed: z
      .strictObject({
        answer: jsonValue.optional(),
        stdout: z.array(patchOperation).optional(),
        after: commands.optional(),
      })
      .optional(),
  })
  .refine((change) => Object.keys(change).some((key) => key !== "tolerateMissing"), "a fault changes something");

/** Empty: a call without a command. */
const verb = z.enum(["ADD", "DEL", "CHECK", "GC", "STATUS", "VERSION", ""]);

const common = {
  id: z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/),
  title: z.string().min(10),
  /** Why it is narrowed, where `when` is; or anything else that a reader should know. */
  note: z.string().optional(),
  /** Features of the testbed without which it cannot be planted. */
  needs: z.array(z.string()).optional(),
  /** It disturbs cases that it is not for, so nothing is planted beside it. */
  alone: z.boolean().optional(),
  /** Cases that must fail, with the assertion that must say so, or several of which one must; no other case may. */
  noticedBy: z
    .array(
      z
        .strictObject({
          case: z.string().regex(/^[A-Z]+-\d{3}$/),
          assertion: z.union([z.string(), z.array(z.string()).min(2)]).optional(),
        })
        .transform(({ case: id, assertion }) => ({
          case: id,
          assertions: assertion === undefined ? [] : [assertion].flat(),
        })),
    )
    .default([]),
  /** The case that passes with this fault although no release does: then nothing notices it. */
  repairs: z.string().optional(),
};

const target = z.string().regex(/^[a-z0-9][a-z0-9.-]*$/);

const part = {
  /** Name of a CNI binary on the node, or `multus`: what that is depends on the mode; or several that have the defect. */
  target: z.union([target, z.array(target).min(2)]),
  verbs: z.array(verb).min(1),
  /** Regular expressions for the whole text; all must match. */
  when: whenSchema.default({}),
  change: changeSchema,
};

const callFaultSchema = z
  .strictObject({
    ...common,
    ...part,
    /** What else belongs to the defect. */
    also: z.array(z.strictObject(part)).default([]),
  })
  .transform(({ target: targets, verbs, when, change, also, ...rest }) => ({
    ...rest,
    parts: [{ target: targets, verbs, when, change }, ...also].flatMap((one) =>
      [one.target].flat().map((name) => ({ ...one, target: name })),
    ),
  }));

const command = z.array(z.string()).min(1);

const nodeFaultSchema = z.strictObject({
  ...common,
  onNodes: z.strictObject({
    /** `control-plane`: where kubectl and the keys of the administrator are, for what is changed through the API. */
    which: z.enum(["each", "control-plane"]).default("each"),
    /** Prints what the fault changes. Planted it says something else, and after undoing the same as before. */
    state: command,
    plant: command,
    undo: command,
  }),
});

/** A planted defect in calls: what is changed in which calls of which binaries, and which cases must notice. */
export type CallFault = z.output<typeof callFaultSchema>;

/** What is changed in which calls of one binary. */
export type CallPart = CallFault["parts"][number];

/** A planted defect in what stands on the nodes or in the API, for what no call shows. */
export type NodeFault = z.output<typeof nodeFaultSchema>;

export type Fault = CallFault | NodeFault;

export function isNodeFault(fault: Fault): fault is NodeFault {
  return "onNodes" in fault;
}

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
  const data = parseFixture(readFileSync(file, "utf8"), `fault ${name}`);
  const schema = typeof data === "object" && data !== null && "onNodes" in data ? nodeFaultSchema : callFaultSchema;
  const parsed = schema.safeParse(data);
  if (!parsed.success) throw malformed(name, z.prettifyError(parsed.error), parsed.error);
  const { noticedBy, repairs } = parsed.data;
  if (noticedBy.length === 0 && repairs === undefined) throw malformed(name, "a fault is noticed or repairs");
  if (parsed.data.id === name) return parsed.data;
  throw harnessError(
    "PL_FAULT_FILE",
    `the file ${name}.yaml holds the fault ${parsed.data.id}: it must be named after it`,
  );
}

function malformed(name: string, why: string, cause?: unknown): Error {
  return harnessError("PL_FAULT_FILE", `fault ${name} is malformed: ${why}`, { cause });
}
