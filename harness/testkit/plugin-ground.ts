import type { CaseNode } from "./case-node.ts";

type Json = Readonly<Record<string, unknown>>;

/**
 * Interface plugins that must be given a device of the node, and the key that names it: what host-device moves, and masters
 * that nothing else may be on. A link has one VLAN of a number, and not both macvlan and ipvlan interfaces.
 */
const DEVICE_KEY: Readonly<Record<string, string>> = { "host-device": "device", ipvlan: "master", vlan: "master" };

/**
 * What an administrator has on a node before a plugin is called: for these plugins a device of the container's own, one
 * end of a veth, which goes with the batch.
 * @param inode of the container's namespace: no other that is there has it
 * @returns the configuration with it
 */
export async function layGround(node: CaseNode, config: Json, inode: number): Promise<Json> {
  const key = DEVICE_KEY[String(config["type"])];
  if (key === undefined) return config;
  const device = `plh${inode.toString(36)}`;
  const otherEnd = `plo${inode.toString(36)}`;
  // the number of a namespace that has gone is given again
  const made = await node.shell(
    'ip link delete "$2" 2>/dev/null || true; ip link add "$1" type veth peer name "$2" && ip link set "$1" up && ip link set "$2" up',
    device,
    otherEnd,
  );
  if (made.exitCode !== 0) throw new Error(`no device could be made on ${node.name}: ${made.stderr}`);
  // whoever has the device then, it goes with its other end
  node.atEnd(async () => {
    await node.shell('ip link delete "$1" 2>/dev/null || true', otherEnd);
  });
  return { ...config, [key]: device };
}
