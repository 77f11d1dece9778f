import { z } from "zod";
import { harnessError, hostError } from "../core/errors.ts";
import { packageFile } from "../core/package-root.ts";
import { readFixture } from "../core/read-fixture.ts";
import type { LocalImage } from "./image-source.ts";
import { obtainManifest } from "./obtain-manifest.ts";
import { obtainPublishedImages, type ObtainPublishedCall } from "./obtain-published.ts";
import { publishedFile, workload } from "./published-network.ts";

const Schema = z.strictObject({
  name: z.string(),
  version: z.string(),
  image: z.string(),
  manifest: z.strictObject({ file: publishedFile }),
  /** Names of files in fixtures/patches. */
  patches: z.array(z.string()),
  daemonSet: workload,
  /** Which its DaemonSet reads its pools from; it is made here. */
  configMap: workload,
});

/** A device plugin for VFs as its project publishes it. */
export type PublishedDevicePlugin = z.output<typeof Schema>;

/** What it is installed from: its image is put on the nodes of a cluster. */
export interface DevicePluginSupply {
  readonly image: LocalImage;
  /** As its project has it. */
  readonly manifest: string;
}

/** Reads fixtures/simvf/sriov-device-plugin.yaml. @throws PlumblineError PL_FIXTURE (harness) */
export function publishedDevicePlugin(): PublishedDevicePlugin {
  return readFixture(Schema, packageFile("fixtures", "simvf", "sriov-device-plugin.yaml"));
}

/**
 * Gets what upstream's device plugin is installed from.
 * @throws PlumblineError PL_DEVICE_PLUGIN_IMAGE (host) if its image cannot be had, and why; those of `obtainManifest`
 */
export async function obtainDevicePlugin(call: ObtainPublishedCall): Promise<DevicePluginSupply> {
  const plugin = publishedDevicePlugin();
  const { name, version } = plugin;
  const [image] = await obtainPublishedImages({ name, version, images: [plugin.image] }, call, cannotBeHad);
  if (!image) throw harnessError("PL_INTERNAL", `${plugin.image} was to be got, and nothing came of it`);
  return { image, manifest: await obtainManifest(plugin, call) };
}

function cannotBeHad(ref: string, { why, cause }: { readonly why: string; readonly cause?: unknown }): Error {
  return hostError(
    "PL_DEVICE_PLUGIN_IMAGE",
    `upstream's device plugin needs the image ${ref}, which cannot be had: ${why}`,
    {
      hint: "it is pulled and not built: name a mirror that has it (--mirror), lay it into this host's Docker (docker load), or take the stack without `-sriovdp` in its name, whose device plugin is Plumbline's own",
      ...(cause === undefined ? {} : { cause }),
    },
  );
}
