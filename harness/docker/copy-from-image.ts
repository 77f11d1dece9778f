import { docker, type DockerOptions } from "./docker.ts";
import { inspectImage, pullImage } from "./docker-image.ts";

/**
 * Copies one file out of an image, which is pulled if it is not here. A link in the image is followed.
 * @param file where it is written to
 * @returns the image's id
 * @throws PlumblineError PL_DOCKER if there is no such image or file
 */
export async function copyFromImage(
  from: { readonly ref: string; readonly path: string },
  file: string,
  call: Pick<DockerOptions, "signal"> = {},
): Promise<string> {
  const { ref, path } = from;
  const image = (await inspectImage(ref, call)) ?? (await pullImage(ref, call).then(() => inspectImage(ref, call)));
  // it is never started: the command is there for images that have none
  const created = await docker(["create", "--network", "none", ref, "none"], call);
  const container = created.stdout.trim();
  try {
    await docker(["cp", "--follow-link", `${container}:${path}`, file], { ...call, timeoutMs: 120_000 });
  } finally {
    await docker(["rm", "--force", "--volumes", container], { okExitCodes: [0, 1] });
  }
  return image?.id ?? "";
}
