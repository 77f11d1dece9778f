import { run, type Finished, type RunOptions } from "../process/run.ts";

export type DockerOptions = Partial<
  Pick<RunOptions, "timeoutMs" | "signal" | "stdin" | "okExitCodes" | "onLine" | "hint">
>;

/**
 * Runs the Docker client, which negotiates the API version with whatever daemon there is.
 * @throws PlumblineError PL_DOCKER with the command and what the daemon answered
 */
export function docker(args: readonly string[], options: DockerOptions = {}): Promise<Finished> {
  return run("docker", args, {
    timeoutMs: 60_000,
    code: "PL_DOCKER",
    hint: "`plumbline doctor` tells whether Docker works on this host",
    ...options,
  });
}

/** Labels as arguments of `docker create`, `network create` and others. */
export function labelArguments(labels: Readonly<Record<string, string>>): string[] {
  return Object.entries(labels).flatMap(([key, value]) => ["--label", `${key}=${value}`]);
}

/** The lines of an answer, without empty ones. */
export function answerLines(finished: Finished): string[] {
  return finished.stdout.split("\n").filter((line) => line !== "");
}
