import { mkdtemp, readFile, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { z } from "zod";
import { harnessError, hostError } from "../core/errors.ts";
import { packageFile } from "../core/package-root.ts";
import { readFixture } from "../core/read-fixture.ts";
import type { Subject } from "../core/subject.ts";
import { copyFromImage } from "../docker/copy-from-image.ts";
import { obtainPublishedImages, type ObtainPublishedCall } from "./obtain-published.ts";

const Schema = z.strictObject({
  name: z.string(),
  version: z.string(),
  image: z.string(),
  /** Its path in the image. */
  binary: z.string(),
  /** What configurations call it. */
  type: z.string(),
});

/** A plugin for VFs as its project publishes it. */
export type PublishedVfPlugin = z.output<typeof Schema>;

/** What is put among the plugins of each node. */
export interface VfPluginSupply {
  readonly content: Uint8Array;
  readonly subject: Subject;
}

/** Reads fixtures/simvf/sriov-cni.yaml. @throws PlumblineError PL_FIXTURE (harness) */
export function publishedVfPlugin(): PublishedVfPlugin {
  return readFixture(Schema, packageFile("fixtures", "simvf", "sriov-cni.yaml"));
}

/**
 * Takes upstream's plugin for VFs out of its image, where its own DaemonSet would copy it from.
 * @throws PlumblineError PL_VF_PLUGIN_IMAGE (host) if its image cannot be had, and why
 */
export async function obtainVfPlugin(call: ObtainPublishedCall): Promise<VfPluginSupply> {
  const { name, version, image: ref, binary } = publishedVfPlugin();
  const [image] = await obtainPublishedImages({ name, version, images: [ref] }, call, cannotBeHad);
  if (!image) throw harnessError("PL_INTERNAL", `${ref} was to be got, and nothing came of it`);
  const folder = await mkdtemp(path.join(os.tmpdir(), "plumbline-vf-plugin-"));
  try {
    const file = path.join(folder, "binary");
    await copyFromImage({ ref: image.localRef, path: binary }, file, call);
    return { content: await readFile(file), subject: { ...image.subject, name } };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function cannotBeHad(ref: string, { why, cause }: { readonly why: string; readonly cause?: unknown }): Error {
  return hostError("PL_VF_PLUGIN_IMAGE", `upstream's sriov-cni needs the image ${ref}, which cannot be had: ${why}`, {
    hint: "it is pulled and not built: name a mirror that has it (--mirror), lay it into this host's Docker (docker load), or take the stack without `-netdevsim` in its name, whose plugin is Plumbline's own",
    ...(cause === undefined ? {} : { cause }),
  });
}
