import { harnessError } from "../core/errors.ts";
import type { Subject } from "../core/subject.ts";
import { publishedVfPlugin, type VfPluginSupply } from "../images/obtain-vf-plugin.ts";
import { CNI_BIN_DIR } from "../nodes/cni-folders.ts";
import type { NodeTransport } from "../nodes/transport.ts";

const TIMEOUT_MS = 30_000;

/** What moves the simulated VFs of a node and asks their function for something, and what that function must be made of. */
export interface VfPlugin {
  readonly type: string;
  readonly vfFunction: "veth" | "netdevsim";
  /** Puts it among the plugins of a node, before its VFs are made: whole or not at all. */
  install(node: NodeTransport, signal: AbortSignal | undefined): Promise<void>;
  /** What is told of it beside the simulation. */
  readonly subjects: () => readonly Subject[];
}

/** Plumbline's own (S1), whose table of what was asked is a file. */
export const OWN_VF_PLUGIN: VfPlugin = {
  type: "plumbline-sriov",
  vfFunction: "veth",
  async install(node, signal) {
    const from = "/opt/plumbline/bin/plumbline-sriov";
    await node.exec(["sh", "-euc", 'cp "$1" "$2.new" && mv -f "$2.new" "$2"', "sh", from, pathOf(this.type)], {
      timeoutMs: TIMEOUT_MS,
      signal,
    });
  },
  subjects: () => [],
};

/**
 * sriov-cni as published (S2), which asks the driver of the function as it would that of a NIC.
 * @param supply what is installed; undefined where nothing is, as when stacks are listed
 */
export function upstreamVfPlugin(supply: VfPluginSupply | undefined): VfPlugin {
  const { name, type } = publishedVfPlugin();
  const got = (): VfPluginSupply => {
    if (supply) return supply;
    throw harnessError("PL_INTERNAL", `${name} is to be installed, and nobody has got it`);
  };
  return {
    type,
    vfFunction: "netdevsim",
    install: async (node) => node.writeFile(pathOf(type), got().content, 0o755),
    subjects: () => [got().subject],
  };
}

/** Where a plugin lies on a node. */
export function pathOf(type: string): string {
  return `${CNI_BIN_DIR}/${type}`;
}
