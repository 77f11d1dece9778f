import { existsSync } from "node:fs";
import { rename } from "node:fs/promises";
import path from "node:path";
import { packageFile } from "../core/package-root.ts";
import { homeDir } from "../core/state-dir.ts";
import { run } from "../process/run.ts";

/** The name under which dockerd knows the runtime that asks for no capability the host withholds. */
export const RESTRICTED_RUNTIME = "plumbline-restricted";

/** Where the wrapper around runc is built to: not among the caches, since a running dockerd starts every container by it. */
export function runtimeWrapperPath(): string {
  return path.join(homeDir("state", "dockerd"), "runc-restricted");
}

/**
 * Builds the wrapper around runc (programs/cmd/runc-restricted). It is built anew each time, which Go's own cache makes cheap, and
 * replaced by a rename, since a running daemon may be executing it.
 * @returns its path
 * @throws PlumblineError PL_RUNTIME_WRAPPER if Go is missing or the build fails
 */
export async function buildRuntimeWrapper(signal?: AbortSignal): Promise<string> {
  const target = runtimeWrapperPath();
  const temporary = `${target}.${process.pid}`;
  await run("go", ["build", "-trimpath", "-ldflags", "-s -w", "-o", temporary, "./cmd/runc-restricted"], {
    cwd: packageFile("programs"),
    env: { CGO_ENABLED: "0" },
    timeoutMs: 300_000,
    signal,
    code: "PL_RUNTIME_WRAPPER",
    hint: "this host withholds capabilities, so that containers need a small program around runc; it is built with Go 1.24 or later",
  });
  await rename(temporary, target);
  return target;
}

/** The command that builds the wrapper, as `buildRuntimeWrapper` does. */
export function runtimeWrapperCommand(): string {
  return `(cd ${packageFile("programs")} && CGO_ENABLED=0 go build -trimpath -o ${runtimeWrapperPath()} ./cmd/runc-restricted)`;
}

/** Commands for a user whose own dockerd has to be told of the wrapper. */
export function runtimeWrapperRemedy(): string[] {
  const target = runtimeWrapperPath();
  const setting = JSON.stringify({
    "default-runtime": RESTRICTED_RUNTIME,
    runtimes: { [RESTRICTED_RUNTIME]: { path: target } },
  });
  return [
    ...(existsSync(target) ? [] : [runtimeWrapperCommand()]),
    `# merge this into /etc/docker/daemon.json: ${setting}`,
    "# then restart Docker: systemctl restart docker",
  ];
}
