import { expect } from "chai";
import {
  BareMultus,
  inShort,
  nodeOf,
  pod,
  scriptedNetwork,
  scriptedPlugin,
  suite,
  testCase,
  type BareAttachment,
  type CaseNode,
  type LiveNetwork,
} from "../../harness/testkit/index.ts";

/** Where Multus looks for networks on the disk; in the daemon's container it lies at the same place. */
const CONF_DIR = "/etc/cni/multus/net.d";

const addressed = (key: string) => scriptedNetwork(key, (live) => ({ addresses: [`${live.address(10)}/24`] }));
const cluster = addressed("mul-cluster");
const further = addressed("mul-further");
const asked = addressed("mul-asked");
const annotated = pod("mul-annotated", [asked]);

/** Makes Multus take a definition of the test's for the cluster network: the real one is not touched. */
const on = ({ name, namespace }: LiveNetwork, keys: Readonly<Record<string, unknown>> = {}) => ({
  clusterNetwork: name,
  multusNamespace: namespace,
  delegates: null,
  ...keys,
});

/** A file of one plugin that gives the network's n-th address. */
const configOnDisk = (name: string, live: LiveNetwork, n: number) => ({
  cniVersion: "1.0.0",
  name,
  ...scriptedPlugin({ addresses: [`${live.address(n)}/24`] }),
});

async function write(node: CaseNode, files: Readonly<Record<string, unknown>>): Promise<void> {
  for (const [path, content] of Object.entries(files)) {
    await node.shell('mkdir -p "$(dirname "$1")"', path);
    await node.writeFile(path, JSON.stringify(content));
  }
}

const remove = async (node: CaseNode, ...paths: readonly string[]) => node.exec(["rm", "-rf", ...paths]);

/** Interface and addresses, `eth0 10.1.2.3/24`. */
const inside = ({ links }: BareAttachment) => links.map((link) => [link.name, ...link.addresses].join(" "));

async function addsFor(node: CaseNode, { netns }: BareAttachment) {
  const calls = await node.calls(netns);
  return calls.filter(({ command }) => command === "ADD");
}

suite("networks of Multus' configuration", () => {
  testCase(
    {
      id: "MUL-005",
      revision: 1,
      title: "`clusterNetwork` is a definition, the name of a network on the disk, a folder, or a file",
      layer: "L0",
      level: "extended",
      clauses: ["MULTUS-cluster-network"],
      faults: ["multus-takes-the-network-on-disk-before-the-definition"],
      pods: { annotated },
      networks: { cluster },
    },
    async ({ pods, networks, nodes, claim }) => {
      const node = nodeOf(pods.annotated, nodes);
      const multus = await BareMultus.on(nodeOf(pods.annotated, nodes));
      const { live } = networks.cluster;
      const folder = `${CONF_DIR}/${live.name}`;
      const files = {
        [`${CONF_DIR}/${live.name}-1.conf`]: configOnDisk(live.name, live, 20),
        [`${CONF_DIR}/${live.name}-2.conf`]: configOnDisk(`${live.name}-on-disk`, live, 30),
        [`${folder}/10.conf`]: configOnDisk(`${live.name}-folder`, live, 40),
        [`${folder}/list/10.conflist`]: {
          cniVersion: "1.0.0",
          name: `${live.name}-list`,
          plugins: [scriptedPlugin({ addresses: [`${live.address(50)}/24`] })],
        },
      };
      const values: readonly (readonly [what: string, value: string, n: number])[] = [
        ["definition-before-disk", live.name, 10],
        ["name-on-disk", `${live.name}-on-disk`, 30],
        ["folder", folder, 40],
        ["file", `${folder}/10.conf`, 40],
        ["list", `${folder}/list/10.conflist`, 50],
      ];
      await write(node, files);
      try {
        for (const [what, clusterNetwork, n] of values) {
          const attached = await multus.attach(`mul-005-${what}`, pods.annotated, on(live, { clusterNetwork }));
          await claim(what, () => {
            // where nothing was attached, why: what is known of one refusal excuses no other
            expect(inside(attached)[0] ?? attached.stdout, `eth0 by ${clusterNetwork}: ${inShort(attached)}`).to.equal(
              `eth0 ${live.address(n)}/24`,
            );
          });
        }
        const nowhere = await multus.attach("mul-005-nowhere", pods.annotated, on(live, { clusterNetwork: "nowhere" }));
        await claim("missing-is-told", () => {
          expect(nowhere.exitCode, "exit code for a network that is nowhere").not.to.equal(0);
          expect(nowhere.stdout).to.contain(`failed to get clusterNetwork nowhere in namespace ${live.namespace}`);
        });
      } finally {
        await remove(node, folder, ...Object.keys(files));
      }
    },
  );

  testCase(
    {
      id: "MUL-006",
      revision: 1,
      title: "`defaultNetworks` come before what a pod asks for, and not in system namespaces",
      layer: "L0",
      level: "extended",
      clauses: ["MULTUS-default-networks"],
      faults: ["default-networks-are-not-attached", "default-networks-in-system-namespaces"],
      pods: { annotated },
      networks: { cluster, further },
    },
    async ({ pods, networks, nodes, claim }) => {
      const multus = await BareMultus.on(nodeOf(pods.annotated, nodes));
      const { live } = networks.cluster;
      const wanted = pods.annotated.network.address(10);
      const keys = on(live, { defaultNetworks: [networks.further.live.name] });
      const everywhere = await multus.attach("mul-006-everywhere", pods.annotated, keys);
      await claim("before-those-asked-for", () => {
        expect(inside(everywhere), `interfaces with a default network: ${inShort(everywhere)}`).to.deep.equal([
          `eth0 ${live.address(10)}/24`,
          `net1 ${networks.further.live.address(10)}/24`,
          `net2 ${wanted}/24`,
        ]);
      });
      const system = { ...keys, systemNamespaces: [pods.annotated.namespace] };
      const apart = await multus.attach("mul-006-system", pods.annotated, system);
      await claim("not-in-system-namespaces", () => {
        expect(inside(apart), `interfaces in a system namespace: ${inShort(apart)}`).to.deep.equal([
          `eth0 ${live.address(10)}/24`,
          `net1 ${wanted}/24`,
        ]);
      });
    },
  );

  testCase(
    {
      id: "MUL-017",
      revision: 1,
      title: "plugins of the folder beside a list of the cluster network are chained to it",
      layer: "L0",
      level: "extended",
      clauses: ["MULTUS-chain-from-folder"],
      faults: ["plugins-of-the-folder-are-left-out"],
      needs: ["multus-chain-from-folder"],
      pods: { annotated },
      networks: { cluster },
    },
    async ({ pods, networks, nodes, claim }) => {
      const node = nodeOf(pods.annotated, nodes);
      const multus = await BareMultus.on(nodeOf(pods.annotated, nodes));
      const { live } = networks.cluster;
      const folder = `${CONF_DIR}/${live.name}-chain`;
      const list = {
        cniVersion: "1.0.0",
        name: "mul-017",
        plugins: [scriptedPlugin({ addresses: [`${live.address(10)}/24`] })],
      };
      const more = `${folder}/mul-017/10-more.conf`;
      await write(node, {
        [`${folder}/open.conflist`]: list,
        [`${folder}/closed.conflist`]: { ...list, loadOnlyInlinedPlugins: true },
        [`${folder}/nameless.conflist`]: { ...list, name: "not a name" },
        [more]: scriptedPlugin({}, { more: true }),
      });
      const chainOf = async (id: string, file: string): Promise<readonly boolean[]> => {
        const attached = await multus.attach(id, pods.annotated, on(live, { clusterNetwork: `${folder}/${file}` }));
        const calls = await addsFor(node, attached);
        return calls.flatMap(({ ifname, stdin }) =>
          ifname === "eth0" ? [(stdin as Record<string, unknown>)["more"] === true] : [],
        );
      };
      const whose = "whether a plugin of the chain is from the folder";
      try {
        await claim("chained", async () => {
          expect(await chainOf("mul-017-open", "open.conflist"), whose).to.deep.equal([false, true]);
        });
        await claim("only-inlined", async () => {
          expect(await chainOf("mul-017-closed", "closed.conflist"), whose).to.deep.equal([false]);
        });
        await claim("invalid-name-is-refused", async () => {
          expect(await chainOf("mul-017-nameless", "nameless.conflist"), whose).to.deep.equal([]);
        });
        await remove(node, more);
        await claim("no-longer-chained", async () => {
          expect(await chainOf("mul-017-removed", "open.conflist"), whose).to.deep.equal([false]);
        });
      } finally {
        await remove(node, folder);
      }
    },
  );

  testCase(
    {
      id: "MUL-018",
      revision: 1,
      title: "an auxiliary chain runs last, and makes neither an interface nor a status entry",
      layer: "L0",
      level: "extended",
      clauses: ["MULTUS-auxiliary-chain"],
      faults: ["auxiliary-chain-is-left-out"],
      needs: ["multus-auxiliary-chain"],
      pods: { annotated },
      networks: { cluster },
    },
    async ({ pods, networks, nodes, claim }) => {
      const node = nodeOf(pods.annotated, nodes);
      const multus = await BareMultus.on(nodeOf(pods.annotated, nodes));
      const { live } = networks.cluster;
      const folder = `${CONF_DIR}/${live.name}-aux`;
      const file = `${folder}/10.conf`;
      const keys = on(live, { clusterNetwork: file, auxiliaryCNIChainName: "mul-018" });
      await write(node, {
        [file]: configOnDisk(live.name, live, 10),
        [`${folder}/mul-018/10.conf`]: scriptedPlugin({}, { auxiliary: true }),
      });
      try {
        const attached = await multus.attach("mul-018-chain", pods.annotated, keys);
        const calls = await addsFor(node, attached);
        const chained = calls.map(({ stdin }) => (stdin as Record<string, unknown>)["auxiliary"] === true);
        await claim("runs-last", () => {
          expect(chained, `whether a call is for the chain: ${inShort(attached)}`).to.deep.equal([false, false, true]);
        });
        await claim("makes-no-interface", () => {
          expect(
            attached.links.map(({ name }) => name),
            "interfaces",
          ).to.deep.equal(["eth0", "net1"]);
        });
        const { metadata } = (await pods.annotated.object()) ?? {};
        const text = metadata?.annotations?.["k8s.v1.cni.cncf.io/network-status"] ?? "[]";
        const entries = JSON.parse(text) as readonly { readonly interface?: string }[];
        await claim("makes-no-status-entry", () => {
          expect(
            entries.map((entry) => entry.interface),
            "interfaces of the status",
          ).to.deep.equal(["eth0", "net1"]);
        });
        const named = await multus.attach("mul-018-named", pods.annotated, { ...keys, clusterNetwork: live.name });
        await claim("needs-a-path", () => {
          expect(named.exitCode, "exit code where the cluster network is no path").not.to.equal(0);
          expect(named.stdout).to.contain("auxiliary chain used but ClusterNetwork must be a path");
        });
      } finally {
        await remove(node, folder);
      }
    },
  );
});
