import { randomBytes } from "node:crypto";
import type { NodeTransport } from "../nodes/transport.ts";

/**
 * Has a node's containerd unpack an image that lies in it. Images come packed with the node image, and pods that start
 * together would each unpack theirs: 17 pods took 40 s so, and a fraction when it was done once before.
 */
export async function unpackImage(node: NodeTransport, ref: string, signal: AbortSignal): Promise<void> {
  const name = ref.split("/").length > 2 ? ref : `docker.io/${ref}`;
  const target = `/run/plumbline-unpack-${randomBytes(4).toString("hex")}`;
  const script =
    'mkdir "$2" && ctr -n k8s.io images mount "$1" "$2" >/dev/null && ctr -n k8s.io images unmount --rm "$2" >/dev/null; rmdir "$2"';
  await node.exec(["sh", "-c", script, "unpack", name, target], { timeoutMs: 120_000, signal });
}
