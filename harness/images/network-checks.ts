import { readdirSync } from "node:fs";
import { messageOf } from "../core/errors.ts";
import { packageFile } from "../core/package-root.ts";
import type { HostCheck } from "../host/host-report.ts";
import { publishedDevicePlugin } from "./obtain-device-plugin.ts";
import { publishedVfPlugin } from "./obtain-vf-plugin.ts";
import { canBeHad } from "./obtain-published.ts";
import { publishedNetwork } from "./published-network.ts";

const WHY_NETWORK =
  "its images are pulled and never built here; stacks on it need them, and cases of NetworkPolicy need such a stack";
const WHY_DEVICE_PLUGIN =
  "its image is pulled and never built here; stacks with `-sriovdp` in their name need it, the others have Plumbline's own";

const WHY_VF_PLUGIN =
  "its image is pulled and never built here; stacks with `-netdevsim` in their name need it, the others have Plumbline's own";

interface Options {
  readonly mirror?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** For each default network whose images are not built: whether they can be had here. Nothing is pulled. */
export async function networkChecks(options: Options): Promise<readonly HostCheck[]> {
  const names = readdirSync(packageFile("fixtures", "default-networks")).map((file) => file.replace(/\.yaml$/, ""));
  const networks = names.toSorted().flatMap((name) => publishedNetwork(name) ?? []);
  return Promise.all(
    networks.map(({ name, version, images }) => {
      return check(
        { id: `network-${name}`, title: `Default network ${name}`, why: WHY_NETWORK, version, images },
        options,
      );
    }),
  );
}

/** The same of upstream's device plugin for VFs. */
export async function devicePluginCheck(options: Options): Promise<HostCheck> {
  const { name, version, image } = publishedDevicePlugin();
  return check(
    { id: name, title: "Upstream's device plugin", why: WHY_DEVICE_PLUGIN, version, images: [image] },
    options,
  );
}

/** The same of upstream's plugin for VFs. */
export async function vfPluginCheck(options: Options): Promise<HostCheck> {
  const { name, version, image } = publishedVfPlugin();
  return check({ id: name, title: "Upstream's sriov-cni", why: WHY_VF_PLUGIN, version, images: [image] }, options);
}

interface Pulled extends Pick<HostCheck, "id" | "title" | "why"> {
  readonly version: string;
  readonly images: readonly string[];
}

async function check({ version, images, ...what }: Pulled, { mirror, signal }: Options): Promise<HostCheck> {
  const common = { ...what, remedy: [] };
  try {
    for (const ref of images) {
      const { ok, reason } = await canBeHad(ref, { source: "auto", mirror }, signal);
      if (!ok) return { ...common, state: "warning", seen: `not here: ${ref}: ${reason}` };
    }
  } catch (error) {
    return { ...common, state: "warning", seen: `could not look: ${messageOf(error)}` };
  }
  return {
    ...common,
    state: "ok",
    seen: `${version}, ${images.length === 1 ? "its image" : `all ${images.length} images`} can be had`,
  };
}
