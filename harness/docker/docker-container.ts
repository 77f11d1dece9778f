import { run, type Finished } from "../process/run.ts";
import { answerLines, docker, labelArguments, type DockerOptions } from "./docker.ts";

export interface ContainerSpec {
  readonly image: string;
  readonly name?: string;
  /** Replaces the image's entrypoint; the first word is the program. */
  readonly argv: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  readonly privileged?: boolean;
  /** Name of a Docker network. Default: `none`. */
  readonly network?: string;
}

type Call = Pick<DockerOptions, "signal">;

/** Starts a container in the background. @returns its id */
export async function startContainer(spec: ContainerSpec, call: Call = {}): Promise<string> {
  const [program = "", ...rest] = spec.argv;
  const answer = await docker(
    [
      "run",
      "--detach",
      "--network",
      spec.network ?? "none",
      ...(spec.name ? ["--name", spec.name] : []),
      ...(spec.privileged ? ["--privileged"] : []),
      ...labelArguments(spec.labels),
      "--entrypoint",
      program,
      spec.image,
      ...rest,
    ],
    { ...call, timeoutMs: 120_000 },
  );
  return answer.stdout.trim();
}

/** Runs a program in a container and waits for it. */
export function execInContainer(
  container: string,
  argv: readonly string[],
  options: DockerOptions & { readonly detach?: boolean } = {},
): Promise<Finished> {
  const { detach, ...rest } = options;
  const flags = [...(detach ? ["--detach"] : []), ...(rest.stdin === undefined ? [] : ["--interactive"])];
  return docker(["exec", ...flags, container, ...argv], rest);
}

/** Unpacks a tar archive in a container's root, owners and modes as they stand in it. */
export async function unpackInContainer(container: string, tarFile: string, call: Call = {}): Promise<void> {
  await run("sh", ["-c", 'docker cp --archive - "$1:/" < "$2"', "sh", container, tarFile], {
    ...call,
    timeoutMs: 300_000,
    code: "PL_DOCKER",
  });
}

/** @param changes Dockerfile instructions, e.g. `ENV a=b` @returns the id of the image */
export async function commitContainer(
  container: string,
  commit: { readonly ref: string; readonly changes: readonly string[] },
  call: Call = {},
): Promise<string> {
  const changes = commit.changes.flatMap((change) => ["--change", change]);
  const answer = await docker(["commit", "--pause=false", ...changes, container, commit.ref], {
    ...call,
    timeoutMs: 600_000,
  });
  return answer.stdout.trim();
}

/** Ends and removes a container with its anonymous volumes. It is fine if there is none. */
export async function removeContainer(container: string, call: Call = {}): Promise<void> {
  await docker(["rm", "--force", "--volumes", container], { ...call, okExitCodes: [0, 1] });
}

/** Names of all containers, ended ones too. @param pattern as Docker matches names, e.g. `^x` */
export async function listContainersByName(pattern: string, call: Call = {}): Promise<string[]> {
  return answerLines(await docker(["ps", "--all", "--filter", `name=${pattern}`, "--format", "{{.Names}}"], call));
}
