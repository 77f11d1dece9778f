import { expect } from "chai";
import {
  BareContainer,
  inShort,
  network,
  pluginConfigs,
  suite,
  testCase,
  together,
  type CaseNode,
  type LiveNetwork,
} from "../../harness/testkit/index.ts";

const own = network("cni-optional", { type: "bridge", ipam: "host-local", byCase: true });

const WITHOUT_ARGS = { env: { CNI_ARGS: null } };
const WITHOUT_NETNS = { env: { CNI_ARGS: null, CNI_NETNS: null } };

/** What went wrong where a variable that is optional was absent. */
interface Wrong {
  readonly args: string[];
  readonly netns: string[];
  readonly netnsOfChained: string[];
}

/** Asks reference plugins, and takes down what they made. */
async function askPlugins(nodes: readonly CaseNode[], live: LiveNetwork): Promise<Wrong> {
  const { under, interfaces, chained, ipam } = pluginConfigs(live);
  const wrong: Wrong = { args: [], netns: [], netnsOfChained: [] };
  for (const [type, plain] of Object.entries(interfaces)) {
    const container = await BareContainer.open(nodes, `cni-006-${type}`);
    const config = await container.groundFor(plain);
    const added = await container.call("ADD", config, WITHOUT_ARGS);
    if (added.exitCode !== 0) wrong.args.push(`${type}, ADD: ${inShort(added)}`);
    const last = { ...config, prevResult: added.json ?? {} };
    const deleted = await container.call("DEL", last, WITHOUT_NETNS);
    if (deleted.exitCode !== 0) wrong.netns.push(`${type}: ${inShort(deleted)}`);
    const { stdout } = await container.invoker.exec(["grep", "-rl", "--", container.id, "/var/lib/cni/networks"]);
    if (stdout !== "") wrong.netns.push(`${type} keeps ${stdout.trim()}`);
    await container.call("DEL", last);
    // what a plugin keeps would be in the way of the next run
    await container.callIpam("DEL", config);
  }
  for (const [type, config] of Object.entries(ipam)) {
    const container = await BareContainer.open(nodes, `cni-006-ipam-${type}`);
    const added = await container.callIpam("ADD", config, WITHOUT_ARGS);
    if (added.exitCode !== 0) wrong.args.push(`${type}, ADD: ${inShort(added)}`);
    const deleted = await container.callIpam("DEL", config, WITHOUT_NETNS);
    if (deleted.exitCode !== 0) wrong.netns.push(`${type}: ${inShort(deleted)}`);
  }
  const container = await BareContainer.open(nodes, "cni-006-chained");
  const { json: prevResult = {} } = await container.call("ADD", under);
  for (const [type, config] of Object.entries(chained)) {
    const added = await container.call("ADD", { ...config, prevResult }, WITHOUT_ARGS);
    if (added.exitCode !== 0) wrong.args.push(`${type}, ADD: ${inShort(added)}`);
    const deleted = await container.call("DEL", { ...config, prevResult }, WITHOUT_NETNS);
    if (deleted.exitCode !== 0) wrong.netnsOfChained.push(`${type}: ${inShort(deleted)}`);
    await container.call("DEL", { ...config, prevResult });
  }
  await container.call("DEL", under);
  return wrong;
}

suite("optional variables of the plugin protocol", () => {
  testCase(
    {
      id: "CNI-006",
      revision: 3,
      title: "CNI_ARGS is never needed, and DEL needs no CNI_NETNS",
      layer: "L0",
      asks: ["interface", "chained", "ipam"],
      clauses: ["CNI-2-optional-variables"],
      faults: ["host-local-needs-arguments", "bridge-needs-a-namespace-to-delete", "optional-variables-are-optional"],
      pods: {},
      networks: { own },
    },
    async ({ nodes, networks, claim }) => {
      const wrong = await askPlugins(nodes, networks.own.live);
      await together(
        claim("arguments", () => {
          expect(wrong.args, "plugins that fail without CNI_ARGS").to.deep.equal([]);
        }),
        claim("namespace", () => {
          expect(wrong.netns, "plugins whose DEL does not do without CNI_NETNS").to.deep.equal([]);
        }),
        claim("namespace-for-chained-plugins", () => {
          expect(wrong.netnsOfChained, "chained plugins whose DEL does not do without CNI_NETNS").to.deep.equal([]);
        }),
      );
    },
  );
});
