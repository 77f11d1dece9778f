import type { Command } from "commander";
import type { EnsureImagesOptions, ImageSet } from "../images/ensure-images.ts";
import type { NodeImageInfo } from "../images/list-images.ts";
import type { CliContext } from "./context.ts";
import { KUBERNETES } from "./testbed-options.ts";
import { textTable } from "./text-table.ts";

const HELP = `
A cluster needs one image: the node image. It holds Kubernetes, the reference plugins, the programs of this project and, in
its containerd, the images of Multus and of the default networks, so that nothing is loaded later.

Where the parts come from (--source of other commands):
  registry  upstream's images are pulled; plugins and own programs are built with Go
  mirror    the same from another registry: docker.io/kindest/node becomes PREFIX/kindest/node
  build     everything is built, from Go modules and the host's own Debian or Ubuntu packages
  auto      the first of these that works

What was built is kept by its content and never built twice. Each report tells what is upstream's own and what was built here.

Examples:
  plumbline images build                            10 to 25 minutes on 2 cores, once
  plumbline images build --kubernetes v1.33.13      the same with another release of Kubernetes
  plumbline images pull --mirror registry.example:5000/upstream
  plumbline images list`;

/** Declares `plumbline images` with its subcommands. */
export function declareImages(command: Command, context: CliContext): void {
  command
    .description(
      "Builds, pulls or lists the images that clusters are made of. Other commands do it by themselves when needed.",
    )
    .addHelpText("after", HELP);
  command
    .command("build")
    .description("build everything from Go modules and Debian packages; no image registry is asked")
    .option(...KUBERNETES)
    .option("--json", "one JSON document: the node image and what is in it")
    .action(async ({ json, kubernetes }: { readonly json?: boolean; readonly kubernetes?: string }) => {
      show(context, await ensure(context, { source: "build", kubernetes }), json);
    });
  command
    .command("pull")
    .description("pull upstream's images from their registries, or from a mirror, and make the node image of them")
    .option(
      "--mirror <prefix>",
      "registry and path that stand in for the upstream registries (default: plumbline.yaml's)",
    )
    .option(...KUBERNETES)
    .option("--json", "one JSON document: the node image and what is in it")
    .action(async (flags: { readonly mirror?: string; readonly json?: boolean; readonly kubernetes?: string }) => {
      const { loadConfig } = await import("../config/load-config.ts");
      const mirror = flags.mirror ?? loadConfig(context.configPath).images?.mirror;
      const source = mirror === undefined ? "registry" : "mirror";
      show(context, await ensure(context, { source, mirror, kubernetes: flags.kubernetes }), flags.json);
    });
  command
    .command("list")
    .description("list the node images on this host and what is in them")
    .option("--json", "one JSON document: [{ref, id, contents, images}, ...]")
    .action(async (flags: { readonly json?: boolean }) => {
      const { listNodeImages } = await import("../images/list-images.ts");
      const images = await listNodeImages(context.signal);
      if (flags.json) context.printJson(images);
      else
        context.print(
          images.length === 0 ? "none; `plumbline images build` or `pull` makes one" : listing(images, context),
        );
    });
}

async function ensure(
  context: CliContext,
  choice: Pick<EnsureImagesOptions, "mirror" | "kubernetes"> & { readonly source: "build" | "registry" | "mirror" },
): Promise<ImageSet> {
  const { ensureImages } = await import("../images/ensure-images.ts");
  return ensureImages({ ...choice, progress: context.progress(), signal: context.signal });
}

function show(context: CliContext, set: ImageSet, json = false): void {
  if (json) {
    context.printJson(set);
    return;
  }
  context.print(`${context.paint("bold", set.nodeImage.ref)}  ${short(set.nodeImage.id)}  ${set.built} built`);
  context.print(contentsTable(set));
}

function listing(images: readonly NodeImageInfo[], context: CliContext): string {
  const blocks = images.map((image) => {
    const size = `${(image.sizeBytes / 1024 ** 3).toFixed(1)} GiB`;
    return `${context.paint("bold", image.ref)}  ${short(image.id)}  ${size}\n${contentsTable(image)}`;
  });
  return blocks.join("\n\n");
}

function contentsTable({ contents, images }: Pick<NodeImageInfo, "contents" | "images">): string {
  const refs = new Map(images.map((image) => [image.id, image.ref]));
  const rows = contents.map((s) => [s.name, s.version, s.origin, short(s.digest), refs.get(s.digest) ?? ""]);
  return textTable(rows, "  ");
}

/** As many digits of a digest as people compare. */
function short(digest: string): string {
  return digest.replace("sha256:", "").slice(0, 12);
}
