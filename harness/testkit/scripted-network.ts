import { SCRIPTED_PLUGIN } from "../nodes/plugin-calls.ts";
import { customNetwork, type LiveNetwork, type NetworkDeclaration } from "./declare-network.ts";

export type CniCommand = "ADD" | "DEL" | "CHECK" | "STATUS" | "GC" | "VERSION";

/** What the scripted plugin does at a command, in place of behaving well. */
export interface ScriptedAct {
  /** Printed as it is, with `${CNI_IFNAME}`, `${CNI_NETNS}` and `${CNI_CONTAINERID}` filled in. */
  readonly result?: unknown;
  readonly error?: { readonly code: number; readonly msg: string; readonly details?: string };
  readonly exitCode?: number;
  readonly delayMs?: number;
  readonly stdout?: string;
  readonly stderr?: string;
  /** Only the first so many calls of a container and interface; later ones behave. */
  readonly times?: number;
  /** Counts `times` over all containers. */
  readonly everyContainer?: boolean;
}

/** The part of the scripted plugin's configuration that tells it what to do. */
export interface PluginScript {
  /** `auto`, the default: a real link with these addresses. `none`: what it answers is all there is. */
  readonly link?: "auto" | "none";
  /** CIDR notation. */
  readonly addresses?: readonly string[];
  readonly mac?: string;
  readonly routes?: readonly { readonly dst: string; readonly gw?: string }[];
  readonly script?: Partial<Record<CniCommand, ScriptedAct>>;
}

/** One plugin of a list. */
export function scriptedPlugin(
  script: PluginScript,
  rest: Readonly<Record<string, unknown>> = {},
): Record<string, unknown> {
  return { type: SCRIPTED_PLUGIN, ...rest, rec: script };
}

/**
 * A network of the scripted plugin alone: it writes down each call, and does what it is told.
 * @param script may take addresses from the network's own range
 * @param options.plugin further keys of the plugin's configuration, e.g. `capabilities`
 */
export function scriptedNetwork(
  key: string,
  script: (live: LiveNetwork) => PluginScript = () => ({}),
  options: Parameters<typeof customNetwork>[2] & {
    readonly plugin?: Readonly<Record<string, unknown>>;
    readonly cniVersion?: string;
  } = {},
): NetworkDeclaration {
  const { plugin = {}, cniVersion = "1.0.0" } = options;
  return customNetwork(key, (live) => ({ cniVersion, plugins: [scriptedPlugin(script(live), plugin)] }), options);
}
