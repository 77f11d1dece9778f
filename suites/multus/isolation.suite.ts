import { expect } from "chai";
import {
  BareMultus,
  inShort,
  MultusDaemon,
  pod,
  scriptedNetwork,
  suite,
  testCase,
  type CaseNetwork,
  type TestPod,
  nodeOf,
} from "../../harness/testkit/index.ts";

const cluster = scriptedNetwork("mul-iso-cluster", (live) => ({ addresses: [`${live.address(10)}/24`] }));
const here = pod("mul-iso-here", [scriptedNetwork("mul-iso-here")]);
const elsewhere = pod("mul-iso-elsewhere", [scriptedNetwork("mul-iso-elsewhere", undefined, { namespace: "other" })]);
const common = scriptedNetwork("mul-iso-common", undefined, { byCase: true });
const inDefault = pod("mul-iso-default", [], {
  byCase: true,
  annotation: (live) => `default/${live(common).name}`,
});

const otherCluster = scriptedNetwork("mul-iso-other", (live) => ({ addresses: [`${live.address(10)}/24`] }), {
  namespace: "other",
});
const elsewhereByDefault = pod("mul-iso-by-default", [], {
  annotations: (live) => ({
    "v1.multus-cni.io/default-network": `${live(otherCluster).namespace}/${live(otherCluster).name}`,
  }),
});

/** Runs a check while the definition lies in the namespace `default`, and the pod that asks for it is there. */
async function withDefault(network: CaseNetwork, testPod: TestPod, check: () => Promise<void>): Promise<void> {
  await network.create("default");
  try {
    // both cases share it; the second look would find what Multus wrote for another container
    if (testPod.uid === undefined) await testPod.create();
    await check();
  } finally {
    await network.remove("default");
  }
}

/** Makes Multus take the test's network for the cluster network: the real one is not touched. */
const isolated = ({ live: { name, namespace } }: CaseNetwork, keys: Readonly<Record<string, unknown>> = {}) => ({
  clusterNetwork: name,
  multusNamespace: namespace,
  delegates: null,
  namespaceIsolation: true,
  ...keys,
});

const refusal = (from: string, to: string) =>
  `namespace isolation enabled, annotation violates permission, pod is in namespace ${from} but refers to target namespace ${to}`;

suite("isolation of namespaces", () => {
  testCase(
    {
      id: "MUL-009",
      revision: 1,
      title: "with `namespaceIsolation` a pod gets networks of its own namespace and of `default`, and no others",
      layer: "L0",
      level: "extended",
      clauses: ["MULTUS-namespace-isolation"],
      faults: ["isolation-is-not-enforced"],
      needs: ["other-namespaces"],
      pods: { here, elsewhere, inDefault },
      networks: { cluster, common },
    },
    async ({ pods, networks, nodes, claim }) => {
      const keys = isolated(networks.cluster);
      const multusOf = async (testPod: TestPod) => BareMultus.on(nodeOf(testPod, nodes));
      const denied = await (await multusOf(pods.elsewhere)).attach("mul-009-elsewhere", pods.elsewhere, keys);
      await claim("others-are-refused", () => {
        expect(denied.exitCode, `exit code for ${pods.elsewhere}: ${inShort(denied)}`).not.to.equal(0);
        expect(denied.stdout).to.contain(refusal(pods.elsewhere.namespace, pods.elsewhere.network.namespace));
      });
      const own = await (await multusOf(pods.here)).attach("mul-009-here", pods.here, keys);
      await claim("own-namespace-works", () => {
        expect(inShort(own), `ADD for ${pods.here}`).to.match(/^exit 0/);
      });
      await withDefault(networks.common, pods.inDefault, async () => {
        const shared = await (await multusOf(pods.inDefault)).attach("mul-009-default", pods.inDefault, keys);
        await claim("default-works", () => {
          expect(inShort(shared), `ADD for ${pods.inDefault}`).to.match(/^exit 0/);
        });
      });
    },
  );

  testCase(
    {
      id: "MUL-010",
      revision: 1,
      title: "`globalNamespaces` says which other namespaces networks may be of, in place of `default`",
      layer: "L0",
      level: "extended",
      clauses: ["MULTUS-global-namespaces"],
      faults: ["global-namespaces-are-not-trimmed", "default-is-always-global"],
      needs: ["other-namespaces"],
      pods: { elsewhere, inDefault },
      networks: { cluster, common },
    },
    async ({ pods, networks, nodes, claim }) => {
      const other = pods.elsewhere.network.namespace;
      const keys = isolated(networks.cluster, { globalNamespaces: `plumbline-none , ${other} ` });
      const multus = await BareMultus.on(nodeOf(pods.elsewhere, nodes));
      const listed = await multus.attach("mul-010-listed", pods.elsewhere, keys);
      await claim("listed-works", () => {
        expect(inShort(listed), `ADD for ${pods.elsewhere}`).to.match(/^exit 0/);
      });
      await withDefault(networks.common, pods.inDefault, async () => {
        const beside = await BareMultus.on(nodeOf(pods.inDefault, nodes));
        const unlisted = await beside.attach("mul-010-default", pods.inDefault, keys);
        await claim("default-is-not-listed", () => {
          expect(unlisted.exitCode, `exit code for ${pods.inDefault}: ${inShort(unlisted)}`).not.to.equal(0);
          expect(unlisted.stdout).to.contain(refusal(pods.inDefault.namespace, "default"));
        });
      });
    },
  );

  testCase(
    {
      id: "MUL-011",
      revision: 1,
      title: "with `namespaceIsolation` no pod gets its cluster network from another namespace either",
      layer: "L0",
      level: "extended",
      clauses: ["MULTUS-namespace-isolation"],
      faults: ["a-cluster-network-of-elsewhere-is-refused"],
      needs: ["other-namespaces"],
      pods: { elsewhereByDefault },
      networks: { cluster, otherCluster },
    },
    async ({ pods, networks, nodes, claim }) => {
      const testPod = pods.elsewhereByDefault;
      const multus = await BareMultus.on(nodeOf(testPod, nodes));
      const answer = await multus.attach("mul-011-elsewhere", testPod, isolated(networks.cluster));
      const { namespace, name } = networks.otherCluster.live;
      await claim("is-refused", () => {
        const what = { succeeds: answer.exitCode === 0, links: answer.links.map((link) => link.name) };
        expect(what, `ADD for ${testPod}, which asks for ${namespace}/${name}`).to.deep.equal({
          succeeds: false,
          links: [],
        });
      });
    },
  );

  testCase(
    {
      id: "MUL-012",
      revision: 1,
      title: "`namespaceIsolation` of the daemon holds though the node's file turns it off",
      layer: "L1",
      level: "extended",
      clauses: ["MULTUS-daemon-keys-win"],
      faults: ["isolation-of-the-daemon-is-not-enforced"],
      needs: ["multus-thick", "other-namespaces"],
      disturbs: "cluster",
      pods: { elsewhere },
      networks: { cluster },
    },
    async ({ pods, networks, nodes, kube, claim }) => {
      const node = nodeOf(pods.elsewhere, nodes);
      const keys = isolated(networks.cluster, { namespaceIsolation: false });
      const multus = await BareMultus.on(node);
      const open = await multus.attach("mul-012-open", pods.elsewhere, keys);
      await claim("is-open-without", () => {
        expect(inShort(open), `ADD for ${pods.elsewhere} while the daemon says nothing`).to.match(/^exit 0/);
      });
      await MultusDaemon.of(node, kube).runWith({ namespaceIsolation: true });
      const closed = await multus.attach("mul-012-closed", pods.elsewhere, keys);
      await claim("daemon-wins", () => {
        expect(closed.exitCode, `exit code for ${pods.elsewhere}: ${inShort(closed)}`).not.to.equal(0);
        expect(closed.stdout).to.contain("namespace isolation enabled");
      });
    },
  );
});
