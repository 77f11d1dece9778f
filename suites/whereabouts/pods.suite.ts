import { expect } from "chai";
import { network, ofNetwork, pod, readWhereabouts, suite, testCase } from "../../harness/testkit/index.ts";

/** A range of which two addresses can be given. */
const two = network("wbp-two", {
  type: "bridge",
  ipam: "whereabouts",
  edit: (list, live) => ({
    ...list,
    plugins: list.plugins.map((plugin) => ({
      ...plugin,
      ipam: { type: "whereabouts", range: `${live.address(64)}/30` },
    })),
  }),
});
const first = pod("wbp-first", [two]);
const second = pod("wbp-second", [two]);
const third = pod("wbp-third", [two], { refused: "stays", byCase: true });

const gone = network("wbp-gone", { type: "bridge", ipam: "whereabouts" });
const orphaned = pod("wbp-orphaned", [gone]);

const wanted = network("wbp-wanted", { type: "macvlan", ipam: "whereabouts" });
const asking = pod("wbp-asking", [{ network: wanted, ips: (live) => [`${live.address(210)}/24`] }]);

suite("pods with addresses of whereabouts", () => {
  testCase(
    {
      id: "IPM-020",
      revision: 1,
      title: "a pod for which the range has no address left is refused for that, and has that of a pod that goes",
      layer: "L1",
      level: "extended",
      clauses: ["WHEREABOUTS-lowest-free", "WHEREABOUTS-freed", "K8S-sandbox-retry"],
      faults: ["whereabouts-gives-more-than-there-is", "whereabouts-keeps-what-a-pod-waits-for"],
      pods: { first, second, third },
    },
    async ({ pods, claim, eventually }) => {
      const held = [pods.first, pods.second].flatMap((testPod) => testPod.seen().addressesOf("net1"));
      const live = pods.first.network;
      await pods.third.create();
      const { refused, messages } = pods.third.outcome();
      await claim("says-that-it-is-used-up", () => {
        expect(held, "addresses of the pods that came first").to.have.members([live.address(65), live.address(66)]);
        expect(refused, `whether ${pods.third} was refused`).to.equal(true);
        expect(messages.join("\n"), `events of ${pods.third}`).to.contain("Could not allocate IP in range");
      });
      const [freed] = pods.first.seen().addressesOf("net1");
      await pods.first.delete();
      const isReady = async (): Promise<void> => {
        const { status } = (await pods.third.object()) ?? {};
        expect(status?.["phase"], `phase of ${pods.third} once an address is free`).to.equal("Running");
      };
      await claim("has-what-is-freed", async () => {
        await eventually(isReady, { timeoutMs: 60_000 });
        await pods.third.lookAgain();
        expect(pods.third.seen().addressesOf("net1"), `addresses of net1 of ${pods.third}`).to.deep.equal([freed]);
      });
    },
  );

  testCase(
    {
      id: "IPM-028",
      revision: 1,
      title: "the address of a pod is freed although the definition of its network was deleted before it",
      layer: "L1",
      level: "extended",
      clauses: ["WHEREABOUTS-freed", "MULTUS-teardown-from-cache"],
      faults: ["whereabouts-frees-nothing-without-the-definition"],
      pods: { orphaned },
      networks: { gone },
    },
    async ({ pods, networks, claim }) => {
      pods.orphaned.seen();
      await networks.gone.remove();
      await pods.orphaned.delete();
      await claim("released", async () => {
        expect(await pods.orphaned.leasesLeft(), `what whereabouts holds of ${pods.orphaned}`).to.deep.equal([]);
      });
    },
  );

  testCase(
    {
      id: "IPM-032",
      revision: 1,
      title: "an address that a pod asks for stands beside the one that is given, and no pool holds it",
      layer: "L1",
      level: "extended",
      clauses: ["WHEREABOUTS-static-addresses"],
      faults: ["whereabouts-passes-over-what-is-asked-for"],
      pods: { asking },
    },
    async ({ pods, kube, claim }) => {
      const live = pods.asking.network;
      const { entries } = ofNetwork(await readWhereabouts(kube), live);
      await claim("both-on-the-interface", () => {
        const addresses = pods.asking.seen().addressesOf("net1");
        expect(addresses, `addresses of net1 of ${pods.asking}`).to.have.members([live.address(1), live.address(210)]);
      });
      await claim("one-is-held", () => {
        const held = entries.map(({ address }) => address);
        expect(held, `addresses that the pool of ${live.range} holds`).to.deep.equal([live.address(1)]);
      });
    },
  );
});
