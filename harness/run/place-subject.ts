import { z } from "zod";
import type { PluginUnderTest } from "../config/plugin-under-test.ts";
import { usageError } from "../core/errors.ts";
import { inPhase, type Progress } from "../core/ports.ts";
import type { PluginBinary } from "../images/obtain-plugin.ts";
import type { KubeClient } from "../kube/client.ts";
import { Invoker, type Ran } from "../nodes/invoker.ts";
import { placePlugin, stagePlugin } from "../nodes/place-plugin.ts";
import { CNI_BIN_DIR } from "../nodes/cni-folders.ts";
import { placeRecorder } from "../nodes/place-recorder.ts";
import type { NodeTransport } from "../nodes/transport.ts";
import { makeNeeds, requireNeeds } from "./subject-needs.ts";
import type { SubjectPlugin } from "../config/plugin-under-test.ts";

const VERSION_MS = 10_000;
/** Those that cases can be written in, the best first. */
const WRITTEN_IN = ["1.0.0", "1.1.0", "0.4.0", "0.3.1"] as const;

interface Where {
  readonly kube: Pick<KubeClient, "apply" | "get">;
  readonly nodes: readonly NodeTransport[];
  /** Whether the harness made the cluster, so that what a plugin needs can be made there. */
  readonly isOwnCluster: boolean;
  /** Whether plugins that are there may be wrapped or displaced. */
  readonly mayDisturb: boolean;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

/**
 * Puts the plugin under test on every node, once it has told there which versions it supports.
 * @returns the plugin as cases ask it
 * @throws PlumblineError (usage) PL_PLUGIN_VERSION, those of `stagePlugin`, `makeNeeds` and `requireNeeds`
 */
export async function placeSubject(
  plugin: PluginUnderTest,
  binary: PluginBinary,
  { kube, nodes, isOwnCluster, mayDisturb, progress, signal }: Where,
): Promise<SubjectPlugin> {
  return inPhase(progress, `Place ${plugin.name}`, async (phase) => {
    if (!mayDisturb) await Promise.all(nodes.map((one) => requireFree(one, plugin.name, signal)));
    const staged = await Promise.all(nodes.map((node) => stagePlugin(node, binary, { signal })));
    await (isOwnCluster ? makeNeeds : requireNeeds)(plugin, { kube, nodes, signal });
    const [node] = nodes;
    const [path] = staged;
    if (!node || path === undefined) throw new Error("the cluster has no nodes");
    const supportedVersions = versionsIn(plugin.name, await askVersion(node, path));
    const template = { ...plugin.template, cniVersion: versionFor(plugin, supportedVersions) };
    const placed = await Promise.all(nodes.map((one) => placePlugin(one, binary, { signal })));
    if (mayDisturb) await Promise.all(nodes.map((one) => placeRecorder(one, { also: [plugin.name], signal })));
    phase.update(placed.includes(true) ? `as ${plugin.role}, on ${nodes.length} nodes` : "it lies there already");
    const { name, role } = plugin;
    return { name, role, template, supportedVersions };
  });
}

/** In a cluster that is the user's own nothing makes way for a plugin under test. */
async function requireFree(node: NodeTransport, name: string, signal: AbortSignal): Promise<void> {
  if (!(await isTaken(node, name, signal))) return;
  throw usageError(
    "PL_DISRUPTIVE",
    `a plugin ${name} lies on node ${node.node} already, and is not the harness's own`,
    {
      hint: "give yours another name by plugin.name, or allow it to take that place: --allow-disruptive",
    },
  );
}

/** Whether a plugin of this name lies on a node. */
export async function isTaken(node: NodeTransport, name: string, signal: AbortSignal): Promise<boolean> {
  const argv = ["test", "-e", `${CNI_BIN_DIR}/${name}`];
  const { exitCode } = await node.exec(argv, { timeoutMs: 15_000, okExitCodes: [0, 1], signal });
  return exitCode === 0;
}

async function askVersion(node: NodeTransport, path: string): Promise<Ran> {
  const invoker = await Invoker.open(node);
  try {
    const env = { CNI_COMMAND: "VERSION" };
    return await invoker.call({ binary: path, env, stdin: { cniVersion: WRITTEN_IN[0] }, timeoutMs: VERSION_MS });
  } finally {
    await invoker.close();
  }
}

const answerSchema = z.looseObject({ supportedVersions: z.array(z.string()).min(1) });

/** The versions in the answer to VERSION. @throws PlumblineError PL_PLUGIN_VERSION (usage) if it is none */
export function versionsIn(
  name: string,
  ran: Pick<Ran, "exitCode" | "stdout" | "stderr" | "timedOut">,
): readonly string[] {
  const answer = answerSchema.safeParse(jsonIn(ran.stdout));
  if (ran.exitCode === 0 && answer.success) return answer.data.supportedVersions;
  const said = (ran.stdout.trim() || ran.stderr.trim()).slice(0, 200) || "nothing";
  const ended = ran.timedOut ? `was stopped after ${VERSION_MS / 1_000} s` : `exit ${ran.exitCode}`;
  throw usageError("PL_PLUGIN_VERSION", `${name} is no CNI plugin: asked for VERSION, it said ${said} (${ended})`, {
    hint: 'a plugin answers CNI_COMMAND=VERSION with {"cniVersion": "1.0.0", "supportedVersions": ["1.0.0", ...]}',
  });
}

/** What its configurations are written in. */
export function versionFor(
  { name, template, versionIsGiven }: Pick<PluginUnderTest, "name" | "template" | "versionIsGiven">,
  supported: readonly string[],
): PluginUnderTest["template"]["cniVersion"] {
  const wanted = versionIsGiven ? [template.cniVersion] : [template.cniVersion, ...WRITTEN_IN];
  const version = wanted.find((one) => supported.includes(one));
  if (version !== undefined) return version;
  throw usageError("PL_PLUGIN_VERSION", `${name} supports ${supported.join(", ")}, and not ${wanted[0]}`, {
    hint: versionIsGiven ? "change plugin.network.cniVersion" : `cases are written in ${WRITTEN_IN.join(", ")}`,
  });
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
