import { configPlaces } from "../config/load-config.ts";
import { PlumblineError } from "../core/errors.ts";

/**
 * Does work that the settings were handed to. A name that its owner does not know, told by the error's context, is told
 * with `file:line:column` where the configuration file says it.
 * @param settings `file` as `--config` names it; `typed`: those that the command line says, and so not the file
 */
export async function withPlaces<T>(
  settings: { readonly file: string | undefined; readonly typed: Readonly<Record<string, unknown>> },
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw placed(error, settings) ?? error;
  }
}

function placed(
  error: unknown,
  { file, typed }: { readonly file: string | undefined; readonly typed: Readonly<Record<string, unknown>> },
): PlumblineError | undefined {
  if (!(error instanceof PlumblineError) || error.kind !== "usage") return undefined;
  const { setting, value } = error.context;
  if (typeof setting !== "string" || typed[setting] !== undefined) return undefined;
  const place = configPlaces(file).placeOf(setting, value);
  if (place === undefined) return undefined;
  const { code, kind, hint, context } = error;
  return new PlumblineError({ code, kind, message: `${place}: ${error.message}`, hint, context, cause: error });
}
