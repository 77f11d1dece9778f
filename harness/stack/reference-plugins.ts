import { harnessError } from "../core/errors.ts";
import type { Deadline } from "../core/deadline.ts";
import type { NodeTransport } from "../nodes/transport.ts";
import type { Component } from "./component.ts";
import { CNI_BIN_DIR } from "../nodes/cni-folders.ts";
import { nodeContents } from "./node-contents.ts";

/** One plugin stands for all: they are built together and tell the same version. */
const WITNESS = `${CNI_BIN_DIR}/bridge`;

/** The reference plugins, which lie in the node image. */
export function referencePlugins({ version }: { readonly version: string }): Component {
  return {
    name: "reference-plugins",
    images: [],
    // they are there before it
    plugins: [],
    async install() {},
    async ready(context, deadline) {
      const labelled = (await nodeContents(context, ["reference-plugins"]))[0]?.version;
      const told = await Promise.all(context.nodes.map((node) => toldVersion(node, context.signal, deadline)));
      const wrong = told.findIndex((found) => (found ?? labelled) !== version);
      if (wrong < 0) return;
      throw harnessError(
        "PL_PLUGINS_VERSION",
        `the reference plugins on ${context.nodes[wrong]?.node} are ${told[wrong] ?? labelled ?? "of no version"}, not ${version} as the stack wants`,
        { hint: "the node image is of another version of the harness: `plumbline images build`" },
      );
    },
    async subjects(context) {
      return nodeContents(context, ["reference-plugins"]);
    },
    async remove() {},
  };
}

/** What the plugin says about itself when it is called by hand. @returns undefined if it was built without a version */
async function toldVersion(
  node: NodeTransport,
  signal: AbortSignal | undefined,
  deadline: Deadline,
): Promise<string | undefined> {
  const timeoutMs = deadline.within(15_000).remainingMs;
  const { stdout, stderr } = await node.exec([WITNESS], { timeoutMs, signal, okExitCodes: "any" });
  return /CNI bridge plugin (v\d\S*)/.exec(stdout + stderr)?.[1];
}
