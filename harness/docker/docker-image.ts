import { z } from "zod";
import { run } from "../process/run.ts";
import { askDocker, unlessAbsent } from "./ask-docker.ts";
import { answerLines, docker, type DockerOptions } from "./docker.ts";

export interface DockerImage {
  /** `sha256:...`, of the image's configuration or of its manifest, as this Docker counts. */
  readonly id: string;
  readonly tags: readonly string[];
  /** `name@sha256:...` for each registry that it was pulled from or pushed to. */
  readonly repoDigests: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  readonly sizeBytes: number;
  /** As Go names it, e.g. `amd64`; empty if the image does not tell. */
  readonly arch: string;
}

const inspected = z.object({
  Id: z.string(),
  RepoTags: z.array(z.string()).nullish(),
  RepoDigests: z.array(z.string()).nullish(),
  Size: z.number(),
  Architecture: z.string().nullish(),
  Config: z.object({ Labels: z.record(z.string(), z.string()).nullish() }).nullish(),
});

type ImageCall = Pick<DockerOptions, "signal">;

/** @returns undefined if there is no such image here */
export async function inspectImage(ref: string, call: ImageCall = {}): Promise<DockerImage | undefined> {
  const found = await askDocker<unknown>({
    byApi: (engine) => unlessAbsent(engine.getImage(ref).inspect()),
    byClient: async () => {
      const { stdout } = await docker(["image", "inspect", ref], { ...call, okExitCodes: [0, 1] });
      return (JSON.parse(stdout || "[]") as readonly unknown[])[0];
    },
    ...call,
  });
  if (found === undefined) return undefined;
  const image = inspected.parse(found);
  return {
    id: image.Id,
    tags: image.RepoTags ?? [],
    repoDigests: image.RepoDigests ?? [],
    labels: image.Config?.Labels ?? {},
    sizeBytes: image.Size,
    arch: image.Architecture ?? "",
  };
}

/** References of the images of a repository, newest first. */
export async function listImagesByName(repository: string, call: ImageCall = {}): Promise<string[]> {
  const format = "{{.Repository}}:{{.Tag}}";
  return answerLines(await docker(["image", "ls", "--filter", `reference=${repository}`, "--format", format], call));
}

/** @param onLine receives the client's progress lines */
export async function pullImage(ref: string, options: DockerOptions = {}): Promise<void> {
  await docker(["pull", "--quiet", ref], { timeoutMs: 900_000, ...options });
}

export async function pushImage(ref: string, options: DockerOptions = {}): Promise<void> {
  await docker(["push", "--quiet", ref], { timeoutMs: 900_000, ...options });
}

export async function tagImage(from: string, to: string, call: ImageCall = {}): Promise<void> {
  await docker(["tag", from, to], call);
}

/** Removes a name of an image, and the image with its last name. It is fine if there is none. */
export async function removeImage(ref: string, call: ImageCall = {}): Promise<void> {
  await docker(["image", "rm", ref], { ...call, okExitCodes: [0, 1] });
}

/** Loads an archive as `docker save` writes it. */
export async function loadImageArchive(file: string, call: ImageCall = {}): Promise<void> {
  await docker(["load", "--quiet", "--input", file], { ...call, timeoutMs: 600_000 });
}

/** Streams images into the standard input of a program in a container, without a file in between. */
export async function streamImages(
  refs: readonly string[],
  into: { readonly container: string; readonly argv: readonly string[] },
  call: ImageCall = {},
): Promise<void> {
  // the shell joins the two clients; names and words are its arguments, never part of its text
  const script =
    'n=$1; shift; set -o pipefail; c=$1; shift; docker save "${@:1:n}" | docker exec --interactive "$c" "${@:n+1}"';
  await run("bash", ["-c", script, "bash", String(refs.length), into.container, ...refs, ...into.argv], {
    ...call,
    timeoutMs: 600_000,
    code: "PL_DOCKER",
  });
}
