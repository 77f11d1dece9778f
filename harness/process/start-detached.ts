import { spawn } from "node:child_process";
import { closeSync, openSync, writeFileSync } from "node:fs";
import { hostError } from "../core/errors.ts";

export interface DetachedOptions {
  /** Receives stdout and stderr; appended to. */
  readonly logFile: string;
  /** Receives the process id, which is also the id of its process group. */
  readonly pidFile?: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/**
 * Starts a program that outlives this process, in a session of its own.
 * @returns its process id
 * @throws PlumblineError PL_START if it cannot be started
 */
export async function startDetached(file: string, args: readonly string[], options: DetachedOptions): Promise<number> {
  const log = openSync(options.logFile, "a");
  try {
    const child = spawn(file, [...args], {
      detached: true,
      stdio: ["ignore", log, log],
      env: { ...process.env, ...options.env },
    });
    await new Promise<void>((resolve, reject) => {
      child.once("spawn", resolve);
      child.once("error", reject);
    });
    child.unref();
    const pid = child.pid ?? 0;
    if (options.pidFile !== undefined) writeFileSync(options.pidFile, `${pid}\n`);
    return pid;
  } catch (cause) {
    throw hostError("PL_START", `${file} cannot be started`, { cause, hint: `is ${file} installed?` });
  } finally {
    closeSync(log);
  }
}
