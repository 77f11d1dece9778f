import type { CliContext } from "./context.ts";
import { renderError } from "./render-error.ts";

/** Writes what people read of an error to stderr. */
export function showError(error: unknown, { stderr, verbose, errorPaint }: CliContext): void {
  const columns = Math.min(stderr.columns ?? 120, 120);
  stderr.write(`${renderError(error, { verbose, paint: errorPaint, columns })}\n`);
}
