import { readFile } from "node:fs/promises";
import { z } from "zod";

const allocate = z.strictObject({
  /** Answers so much later. */
  delayMs: z.number().int().nonnegative().default(0),
  /** Refuses with this message. */
  error: z.string().optional(),
  /** Does so for the first so many calls after the file was written; always if it is not given. */
  times: z.number().int().positive().optional(),
});

const control = z.record(
  z.string(),
  z.strictObject({
    /** Devices that are reported as unhealthy. */
    unhealthy: z.array(z.string()).default([]),
    allocate: allocate.optional(),
  }),
);

/** What is to go wrong, by resource. Nothing for those that it does not name. */
export type Control = z.infer<typeof control>;
export type AllocateFault = z.infer<typeof allocate>;

/**
 * What the control file says; `{}` if there is none.
 * @param resources  that it may name: a misspelt one must not look like a plugin in good health
 * @throws Error that names the file, and what is wrong with it
 */
export async function readControl(
  file: string,
  resources: readonly string[],
): Promise<{ text: string; value: Control }> {
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return { text: "", value: {} };
    throw error;
  }
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (error) {
    throw new Error(`${file} is no JSON: ${String(error)}`, { cause: error });
  }
  const result = control.safeParse(parsed);
  if (!result.success) throw new Error(`${file}: ${z.prettifyError(result.error)}`, { cause: result.error });
  const unknown = Object.keys(result.data).filter((resource) => !resources.includes(resource));
  if (unknown.length > 0)
    throw new Error(`${file}: there is no pool ${unknown.join(", ")}; pools: ${resources.join(", ")}`);
  return { text, value: result.data };
}
