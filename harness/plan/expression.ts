import { z } from "zod";

/** The text of a regular expression in a fixture. */
export const expression = z.string().refine(isExpression, "not a regular expression");

function isExpression(text: string): boolean {
  try {
    return new RegExp(text) instanceof RegExp;
  } catch {
    return false;
  }
}
