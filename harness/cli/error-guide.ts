import { z } from "zod";
import { packageFile } from "../core/package-root.ts";
import { readFixture } from "../core/read-fixture.ts";

const kind = z.enum(["usage", "host", "harness", "subject"]);
const lines = z.array(z.string()).min(1).readonly();

const errorSchema = z.strictObject({
  code: z.string().regex(/^PL_[A-Z0-9_]+$/),
  /** Whose fault it is; several where it depends on what happened. */
  kind: z.union([kind.transform((one) => [one]), z.array(kind).min(2)]),
  means: z.string().min(20),
  causes: lines,
  do: lines,
});

/** What is known of an error beside its message. */
export type ErrorEntry = z.output<typeof errorSchema>;

const brief = { means: z.string().min(10), do: z.string() };
const guideSchema = z.strictObject({
  groups: z
    .array(z.strictObject({ title: z.string(), about: z.string().optional(), errors: z.array(errorSchema).readonly() }))
    .readonly(),
  /** Why a case did not run. */
  skips: z.array(z.strictObject({ code: z.string().regex(/^SKIP_[A-Z_]+$/), ...brief })).readonly(),
  exitCodes: z.array(z.strictObject({ code: z.int().nonnegative(), ...brief })).readonly(),
});
export type ErrorGuide = z.output<typeof guideSchema>;

/** What fixtures/errors.yaml says of each code. @throws PlumblineError PL_FIXTURE */
export function loadErrorGuide(file: string = packageFile("fixtures", "errors.yaml")): ErrorGuide {
  return readFixture(guideSchema, file);
}

const EXIT_OF: Readonly<Record<ErrorEntry["kind"][number], string>> = {
  usage: "what was asked for: exit code 2",
  host: "this host: exit code 3",
  harness: "the harness, or what it drives: exit code 3",
  subject: "the subject under test: exit code 1",
};

/** Where the error lies, in words, with the exit code. */
export function blameText({ code, kind: kinds }: ErrorEntry): string {
  if (code === "PL_CLEANUP") return "the harness, or what it drives: exit code 5";
  if (code === "PL_INTERRUPTED") return "nobody: exit code 130 or 143";
  return kinds.map((one) => EXIT_OF[one]).join("; or ");
}
