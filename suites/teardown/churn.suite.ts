import { expect } from "chai";
import {
  network,
  pod,
  suite,
  testCase,
  type LiveNetwork,
  type PodDeclaration,
  type TestPod,
} from "../../harness/testkit/index.ts";

// without further networks: it is the cluster network that they are about
const released = { a: pod("tdc-released-a", []), b: pod("tdc-released-b", []) };

const drained = network("tdc-drained", { type: "bridge", ipam: "host-local", forSubject: true });
const leaving = ["a", "b"].map((letter) => pod(`tdc-leaving-${letter}`, [drained], { group: "tdc-leaving" }));
const moved = ["a", "b"].map((letter) => pod(`tdc-moved-${letter}`, [drained], { apart: true, byCase: true }));

const churned = ["one", "two"].map((name) =>
  network(`tdc-churned-${name}`, { type: "bridge", ipam: "host-local", forSubject: true }),
);
const round = (n: number): readonly PodDeclaration[] =>
  ["a", "b", "c"].flatMap((letter) => [
    pod(`tdc-churn-${n}${letter}-here`, churned, { group: "tdc-churn", byCase: n > 1 }),
    pod(`tdc-churn-${n}${letter}-there`, churned, { apart: true, byCase: n > 1 }),
  ]);
const comeFirst = round(1);
const comeThen = round(2);

const byKey = (declarations: readonly PodDeclaration[]): Readonly<Record<string, PodDeclaration>> =>
  Object.fromEntries(declarations.map((declaration) => [declaration.key, declaration]));

const those = (pods: Readonly<Record<string, TestPod>>, declarations: readonly PodDeclaration[]): readonly TestPod[] =>
  Object.values(pods).filter(({ declaration }) => declarations.includes(declaration));

/** `NODE INTERFACE ADDRESS` of each attachment; host-local counts for one node and one network. */
const attachedAddresses = (pods: readonly TestPod[]): readonly string[] =>
  pods.flatMap((testPod) =>
    ["net1", "net2"].flatMap((ifname) =>
      testPod
        .seen()
        .addressesOf(ifname)
        .filter((address) => !address.startsWith("fe80:"))
        .map((address) => `${testPod.node} ${ifname} ${address}`),
    ),
  );

/** What is left on the node of one of the pods that belongs to the networks: files of pods, and ports of the bridges. */
async function leftOnNode(testPod: TestPod | undefined, networks: readonly LiveNetwork[]): Promise<readonly string[]> {
  if (!testPod) return ["no pod was on the node"];
  const { files, links } = await testPod.onNode.state();
  const isOfPods = (path: string): boolean =>
    networks.some(({ name }) => path.includes(`/${name}/`) || path.includes(`/${name}-`)) &&
    !/\/(lock|last_reserved_ip\.\d+)$/.test(path);
  return [
    ...files.filter(({ path }) => isOfPods(path)).map(({ path }) => path),
    ...links.filter(({ master }) => networks.some(({ bridge }) => bridge === master)).map(({ ifname }) => ifname),
  ].map((what) => `${testPod.node}: ${what}`);
}

suite("nodes that pods come to and leave", () => {
  testCase(
    {
      id: "TD-002",
      revision: 1,
      title: "the addresses that pods had on the cluster network are free again when the pods are gone",
      layer: "L1",
      level: "extended",
      clauses: ["NPWG-7.2-teardown", "CNI-2-del-releases", "CNI-3-configuration-unchanged"],
      faults: ["the-cluster-network-keeps-a-second-address", "the-cluster-network-is-told-its-ranges-on-del"],
      pods: released,
    },
    async ({ pods, claim }) => {
      const both = [pods.a, pods.b];
      for (const testPod of both) testPod.seen();
      await Promise.all(both.map(async (testPod) => testPod.delete()));
      const left = (await Promise.all(both.map(async (testPod) => testPod.residueLeft("lease")))).flat();
      await claim("addresses-released", () => {
        const leases = left.map(({ key }) => key);
        expect(leases, `leases that still name ${both.join(" or ")}`).to.deep.equal([]);
      });
    },
  );

  testCase(
    {
      id: "TD-022",
      revision: 1,
      title: "pods that are evicted from a node leave nothing there, and such pods come up on another node",
      layer: "L2",
      level: "extended",
      clauses: ["NPWG-7.2-teardown", "K8S-eviction"],
      faults: ["an-attachment-is-kept-by-an-eviction"],
      needs: ["two-nodes"],
      pods: byKey([...leaving, ...moved]),
    },
    async ({ pods, claim }) => {
      const [evicted, others] = [those(pods, leaving), those(pods, moved)];
      for (const testPod of evicted) testPod.seen();
      await Promise.all([
        ...evicted.map(async (testPod) => testPod.evict()),
        ...others.map(async (testPod) => testPod.create()),
      ]);
      await claim("attached-on-the-other-node", () => {
        const attached = others.map((testPod) => [
          testPod.node !== evicted[0]?.node,
          testPod.seen().linksIn(testPod.network.range).length,
        ]);
        expect(attached, `whether on another node, and number of links, of ${others.join(" and ")}`).to.deep.equal(
          others.map(() => [true, 1]),
        );
      });
      await claim("no-residue-of-the-attachments", async () => {
        const left = await Promise.all(evicted.map(async (testPod) => testPod.attachmentResidueLeft()));
        expect(left.flat(), `what still names ${evicted.join(" or ")}`).to.deep.equal([]);
      });
    },
  );

  testCase(
    {
      id: "TD-025",
      revision: 1,
      title:
        "after two rounds of six pods on two nodes, the second coming while the first goes, their networks hold nothing",
      layer: "L2",
      level: "extended",
      clauses: ["NPWG-7.2-teardown", "CNI-2-del-releases", "CNI-3-plugins-lock"],
      faults: ["churn-leaves-an-address-behind", "churn-gives-one-address-twice"],
      needs: ["two-nodes"],
      pods: byKey([...comeFirst, ...comeThen]),
    },
    async ({ pods, claim, eventually }) => {
      const [first, second] = [those(pods, comeFirst), those(pods, comeThen)];
      for (const testPod of first) testPod.seen();
      await Promise.all([
        ...first.map(async (testPod) => testPod.delete()),
        ...second.map(async (testPod) => testPod.create()),
      ]);
      for (const [n, ofRound] of [first, second].entries()) {
        await claim("no-address-twice", () => {
          const addresses = attachedAddresses(ofRound);
          expect(addresses, `addresses of round ${n + 1}`).to.have.length(2 * ofRound.length);
          expect([...new Set(addresses)], `different addresses of round ${n + 1}`).to.deep.equal(addresses);
        });
      }
      await Promise.all(second.map(async (testPod) => testPod.delete()));
      const networks = first[0]?.attachments.map(({ network: live }) => live) ?? [];
      const clean = async (): Promise<void> => {
        const left = await Promise.all(first.slice(0, 2).map(async (testPod) => leftOnNode(testPod, networks)));
        expect(left.flat(), "what the networks hold on the two nodes").to.deep.equal([]);
      };
      await claim("nothing-is-left", () => eventually(clean, { timeoutMs: 60_000 }));
    },
  );
});
