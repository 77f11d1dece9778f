import type { NodeTransport } from "../nodes/transport.ts";

/** Mounts each image for a moment, which unpacks it. */
const SCRIPT = `
for image in "$@"; do
  at=$(mktemp -d /run/plumbline-unpack-XXXXXX)
  ctr -n k8s.io images mount "$image" "$at" >/dev/null
  ctr -n k8s.io images unmount --rm "$at" >/dev/null
  rmdir "$at"
done
`;

/**
 * Has a node's containerd unpack images that lie in it. Images come packed with the node image, and pods that start
 * together would each unpack theirs: 17 pods took 40 s so, and a fraction when it was done once before.
 */
export async function unpackImages(
  node: NodeTransport,
  refs: readonly string[],
  signal: AbortSignal | undefined,
): Promise<void> {
  const names = refs.map((ref) => (ref.split("/").length > 2 ? ref : `docker.io/${ref}`));
  await node.exec(["sh", "-euc", SCRIPT, "unpack", ...names], { timeoutMs: 120_000, signal });
}
