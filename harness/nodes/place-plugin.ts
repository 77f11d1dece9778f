import { usageError } from "../core/errors.ts";
import { CNI_BIN_DIR } from "./cni-folders.ts";
import { PLACE_PLUGIN_SCRIPT, REMOVE_PLUGINS_SCRIPT, STAGE_PLUGIN_SCRIPT } from "./place-plugin-script.ts";
import type { NodeTransport } from "./transport.ts";

const TIMEOUT_MS = 30_000;
const STATE_DIR = "/opt/plumbline/plugins";

/** What the kernel calls machines that Go has another name for. */
const MACHINES: Readonly<Record<string, string>> = { amd64: "x86_64", arm64: "aarch64" };

/** A binary that is to lie among a node's plugins. */
export interface PlacedPlugin {
  readonly name: string;
  readonly content: Uint8Array;
  /** In hex. */
  readonly sha256: string;
  /** What must be there to start it. */
  readonly interpreter: string | undefined;
  /** What it is built for, as Go names it; undefined where it fits any. */
  readonly arch: string | undefined;
}

export interface PlaceOptions {
  readonly signal?: AbortSignal | undefined;
  readonly binDir?: string;
  readonly stateDir?: string;
}

/**
 * Brings a plugin's binary to a node, beside the folder of plugins, unless this very one lies there.
 * @returns its path
 * @throws PlumblineError (usage) PL_PLUGIN_ARCH, PL_PLUGIN_INTERPRETER if nothing on the node can start it;
 *   PL_FAULT_PLANTED
 */
export async function stagePlugin(t: NodeTransport, plugin: PlacedPlugin, options: PlaceOptions = {}): Promise<string> {
  const { binDir = CNI_BIN_DIR, stateDir = STATE_DIR, signal } = options;
  const { name, sha256, interpreter = "", arch = "" } = plugin;
  const needs = [interpreter, MACHINES[arch] ?? arch];
  const argv = ["sh", "-c", STAGE_PLUGIN_SCRIPT, "sh", `${binDir}/${name}`, `${stateDir}/${name}`, sha256, ...needs];
  const { stdout } = await t.exec(argv, { timeoutMs: TIMEOUT_MS, signal });
  const staged = `${stateDir}/${name}/binary`;
  const [said = "", machine = ""] = stdout.trim().split(" ");
  switch (said) {
    case "othermachine":
      throw usageError("PL_PLUGIN_ARCH", `${name} is built for ${arch}, and node ${t.node} is ${machine}`, {
        hint: `build it for that, e.g. CGO_ENABLED=0 GOOS=linux GOARCH=${archOf(machine)} go build`,
      });
    case "there":
      return staged;
    case "nointerpreter":
      throw usageError("PL_PLUGIN_INTERPRETER", `${name} needs ${interpreter}, which node ${t.node} does not have`, {
        hint: "link it statically, e.g. CGO_ENABLED=0 go build",
      });
    case "fault":
      throw usageError("PL_FAULT_PLANTED", `${name} cannot be placed on node ${t.node}: a fault is planted there`, {
        hint: "take it out first: `plumbline gc`",
      });
    default:
      await t.writeFile(staged, plugin.content, 0o755);
      return staged;
  }
}

function archOf(machine: string): string {
  return Object.entries(MACHINES).find(([, kernels]) => kernels === machine)?.[0] ?? machine;
}

/**
 * Puts a staged plugin among the plugins of the node. What has its name there is set aside, and comes back with
 * `removePlugins`; the recorder stays in front of it.
 * @returns whether it was not there yet
 */
export async function placePlugin(
  t: NodeTransport,
  { name, sha256 }: Pick<PlacedPlugin, "name" | "sha256">,
  options: PlaceOptions = {},
): Promise<boolean> {
  const { binDir = CNI_BIN_DIR, stateDir = STATE_DIR, signal } = options;
  const argv = ["sh", "-c", PLACE_PLUGIN_SCRIPT, "sh", `${binDir}/${name}`, `${stateDir}/${name}`, sha256];
  const { stdout } = await t.exec(argv, { timeoutMs: TIMEOUT_MS, signal });
  return stdout.trim() === "placed";
}

/**
 * Takes away the plugins that runs have placed, and puts back what had their names.
 * @param options.except a plugin that stays, unless it has taken the place of another
 * @returns the names of those that went
 */
export async function removePlugins(
  t: NodeTransport,
  options: PlaceOptions & { readonly except?: string | undefined } = {},
): Promise<readonly string[]> {
  const { binDir = CNI_BIN_DIR, stateDir = STATE_DIR, signal, except = "" } = options;
  const argv = ["sh", "-c", REMOVE_PLUGINS_SCRIPT, "sh", binDir, stateDir, except];
  const { stdout } = await t.exec(argv, { timeoutMs: TIMEOUT_MS, signal });
  return stdout.split("\n").filter((name) => name !== "");
}
