import { z } from "zod";
import { parseMultusSource } from "./multus-source.ts";

/** A text that `parseMultusSource` reads. */
export const multusSchema = z.string().superRefine((text, context) => {
  const parsed = parseMultusSource(text);
  if ("problem" in parsed) context.addIssue({ code: "custom", message: parsed.problem });
});
