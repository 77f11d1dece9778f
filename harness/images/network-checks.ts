import { readdirSync } from "node:fs";
import { messageOf } from "../core/errors.ts";
import { packageFile } from "../core/package-root.ts";
import type { HostCheck } from "../host/host-report.ts";
import { canBeHad } from "./obtain-network.ts";
import { publishedNetwork, type PublishedNetwork } from "./published-network.ts";

const WHY =
  "its images are pulled and never built here; stacks on it need them, and cases of NetworkPolicy need such a stack";

/** For each default network whose images are not built: whether they can be had here. Nothing is pulled. */
export async function networkChecks(options: {
  readonly mirror?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}): Promise<readonly HostCheck[]> {
  const names = readdirSync(packageFile("fixtures", "default-networks")).map((file) => file.replace(/\.yaml$/, ""));
  const networks = names.toSorted().flatMap((name) => publishedNetwork(name) ?? []);
  return Promise.all(networks.map((network) => check(network, options)));
}

async function check(
  network: PublishedNetwork,
  { mirror, signal }: { readonly mirror?: string | undefined; readonly signal?: AbortSignal | undefined },
): Promise<HostCheck> {
  const { name, version, images } = network;
  const common = { id: `network-${name}`, title: `Default network ${name}`, why: WHY, remedy: [] };
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
