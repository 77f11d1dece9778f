import { readdir, readFile } from "node:fs/promises";
import path from "node:path";

/** How the kubelet says why it ends. @source Kubernetes component-base/cli/run.go */
const ENDED = /"command failed" err="((?:[^"\\]|\\.)*)"/g;

/**
 * Why a kubelet does not start, where that is what came between the nodes and a cluster: kubeadm only waits for it, and
 * kind for kubeadm.
 * @param folder the nodes' logs, as `kind export logs` writes them
 */
export async function kubeletWords(folder: string): Promise<string | undefined> {
  for (const node of (await readdir(folder)).toSorted()) {
    const text = await readFile(path.join(folder, node, "kubelet.log"), "utf8").catch(() => ""); // not of a node
    const last = [...text.matchAll(ENDED)].at(-1)?.[1];
    if (last !== undefined) return `the kubelet of ${node} ends: ${last}`;
  }
  return undefined;
}
