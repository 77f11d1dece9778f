import { hardwareVfs, type VfLink } from "../nodes/hardware-vfs.ts";
import type { SimulatedVf } from "../nodes/simvf.ts";
import type { CaseNode } from "./case-node.ts";
import type { VfSite } from "./vf-site.ts";

/** The VFs of a node, in the form in which the simulation tells of its own: as they were before the first pod of ours. */
export async function vfsWithPlace(node: CaseNode, { homes }: VfSite): Promise<readonly SimulatedVf[]> {
  const now = await hardwareVfs(node);
  return (homes[node.name] ?? []).map(({ pci, driver, link }, vf) => {
    if (!link) return { pci, vf, driver };
    const isHome = now.some((one) => one.pci === pci && one.link?.name === link.name);
    return { pci, vf, driver, interface: link.name, mac: link.mac, where: isHome ? "home" : "away" };
  });
}

/** The interface of a VF under its own name. @returns undefined while it is elsewhere, or has another name */
export async function linkOnNode(
  node: CaseNode,
  vf: Pick<SimulatedVf, "pci" | "interface">,
): Promise<VfLink | undefined> {
  const link = (await hardwareVfs(node)).find(({ pci }) => pci === vf.pci)?.link;
  return link?.name === vf.interface ? link : undefined;
}
