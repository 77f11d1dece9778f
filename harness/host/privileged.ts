import { pack } from "tar-stream";
import { hostError } from "../core/errors.ts";
import { run } from "../process/run.ts";
import { hostLacksCapabilities } from "./capabilities.ts";
import { runtimeWrapperRemedy } from "./runtime-wrapper.ts";

/**
 * Starts a privileged container of an empty image: its program does not exist, which Docker answers with 127, but only
 * after the runtime has set up all that is asked of it. A refusal of the set-up ends with 125 or 126.
 * @returns what Docker says against it; undefined if it starts
 * @throws PlumblineError PL_DOCKER if Docker takes no image
 */
export async function refusalOfPrivileged(signal: AbortSignal | undefined): Promise<string | undefined> {
  const ref = `plumbline/probe:${process.pid}`;
  await run("docker", ["import", "-", ref], {
    timeoutMs: 30_000,
    signal,
    stdin: await emptyImage(),
    code: "PL_DOCKER",
    hint: "`plumbline doctor` tells whether Docker works on this host",
  });
  try {
    const argv = ["run", "--rm", "--privileged", "--network=none", "--label=plumbline.probe=1", ref, "/none"];
    const answer = await run("docker", argv, { timeoutMs: 60_000, okExitCodes: "any", signal });
    if (answer.exitCode === 127) return undefined;
    return answer.stderr.trim().split("\n").at(0)?.slice(-240) ?? "";
  } finally {
    await run("docker", ["image", "rm", "--force", ref], { timeoutMs: 30_000, okExitCodes: "any" });
  }
}

/** Commands that put it right; empty if no command can. */
export async function privilegedRemedy(): Promise<string[]> {
  const lacks = await hostLacksCapabilities();
  return lacks.length > 0 ? runtimeWrapperRemedy() : [];
}

/** @throws PlumblineError PL_NOT_PRIVILEGED (host) with Docker's words */
export async function requirePrivileged(signal: AbortSignal | undefined): Promise<void> {
  const refusal = await refusalOfPrivileged(signal);
  if (refusal === undefined) return;
  const remedy = await privilegedRemedy();
  throw hostError("PL_NOT_PRIVILEGED", `Docker starts no privileged container, and a node is one: ${refusal}`, {
    hint:
      remedy.length > 0
        ? `\`plumbline doctor\` shows the commands: ${remedy.join("; ")}`
        : "use a Docker that is neither rootless nor remaps users: `docker info` names both under Security Options",
  });
}

async function emptyImage(): Promise<Uint8Array> {
  const archive = pack();
  archive.entry({ name: "proc", type: "directory", mode: 0o755 });
  archive.finalize();
  const chunks: Uint8Array[] = [];
  for await (const chunk of archive) chunks.push(chunk as Uint8Array);
  return Buffer.concat(chunks);
}
