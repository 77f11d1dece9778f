import { harnessError } from "../core/errors.ts";
import type { Deadline } from "../core/deadline.ts";
import type { Component, StackContext } from "./component.ts";
import { nodeContents } from "./node-contents.ts";

/** One plugin stands for all: they are built together and tell the same version. */
const WITNESS = "/opt/cni/bin/bridge";

/** The reference plugins, which lie in the node image. */
export function referencePlugins({ version }: { readonly version: string }): Component {
  return {
    name: "reference-plugins",
    async install() {},
    async ready(context, deadline) {
      const versions = await Promise.all(context.nodes.map((_, i) => installedVersion(context, i, deadline)));
      const wrong = versions.findIndex((found) => found !== version);
      if (wrong < 0) return;
      throw harnessError(
        "PL_PLUGINS_VERSION",
        `the reference plugins on ${context.nodes[wrong]?.node} are ${versions[wrong] || "unknown"}, not ${version} as the stack wants`,
        { hint: "the node image is of another version of the harness: `plumbline images build`" },
      );
    },
    async subjects(context) {
      return nodeContents(context, ["reference-plugins"]);
    },
    async remove() {},
  };
}

/** What the plugin says about itself when it is called by hand. */
async function installedVersion(context: StackContext, index: number, deadline: Deadline): Promise<string> {
  const node = context.nodes[index];
  const { stdout, stderr } = (await node?.exec([WITNESS], {
    timeoutMs: deadline.within(15_000).remainingMs,
    signal: context.signal,
    okExitCodes: "any",
  })) ?? { stdout: "", stderr: "" };
  return /CNI bridge plugin (\S+)/.exec(stdout + stderr)?.[1] ?? "";
}
