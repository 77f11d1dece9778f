import { expect } from "chai";
import { network, ofNetwork, pod, poolName, readWhereabouts, suite, testCase } from "../../harness/testkit/index.ts";

const shared = network("wba-shared", { type: "macvlan", ipam: "whereabouts" });
const here = pod("wba-here", [shared]);
const there = pod("wba-there", [shared], { apart: true });

const lapping = network("wba-lapping", { type: "bridge", ipam: "whereabouts" });
const reserved = pod("wba-reserved", [lapping]);

const left = network("wba-left", { type: "bridge", ipam: "whereabouts" });
const normal = pod("wba-normal", [left]);
const forced = pod("wba-forced", [left]);
const evicted = pod("wba-evicted", [left]);
const ended = pod("wba-ended", [left], { spec: { restartPolicy: "Never" } });

/** How long an address may be held after the pod has gone. */
const RELEASE_MS = 20_000;

suite("pools of whereabouts", () => {
  testCase(
    {
      id: "IPM-013",
      revision: 1,
      title: "pods of two nodes get the lowest addresses of a range, and its pool says who has them",
      layer: "L2",
      level: "extended",
      clauses: ["WHEREABOUTS-lowest-free", "WHEREABOUTS-tracked", "PLUGINS-ipam-unique-on-the-link"],
      faults: ["whereabouts-gives-the-highest", "whereabouts-tells-another-address", "whereabouts-writes-another-pod"],
      needs: ["two-nodes"],
      pods: { here, there },
    },
    async ({ pods, claim }) => {
      const both = [pods.here, pods.there];
      const live = pods.here.network;
      await claim("lowest-of-the-range", () => {
        const given = both.flatMap((testPod) => testPod.seen().addressesOf("net1"));
        expect(given, `addresses of net1 of ${both.join(" and ")}, of ${live.range}`).to.have.members([
          live.address(1),
          live.address(2),
        ]);
        expect(new Set(both.map(({ node }) => node)), "nodes of the pods").to.have.property("size", 2);
      });
      await claim("tracked-in-its-pool", () => {
        const entries = both.map((testPod) =>
          testPod
            .seen()
            .pooled.map(({ pool, address, podRef, ifname }) => `${pool}: ${address} for ${ifname} of ${podRef}`),
        );
        const expected = both.map((testPod) =>
          testPod
            .seen()
            .addressesOf("net1")
            .map((address) => `${poolName(live.range)}: ${address} for net1 of ${testPod}`),
        );
        expect(entries, `entries of pools that name the sandbox of ${both.join(" and of ")}`).to.deep.equal(expected);
      });
    },
  );

  testCase(
    {
      id: "IPM-014",
      revision: 1,
      title: "each entry of a pool has its reservation for ranges that overlap, and both are gone after DEL",
      layer: "L2",
      level: "extended",
      clauses: ["WHEREABOUTS-overlapping-ranges", "WHEREABOUTS-freed"],
      faults: ["whereabouts-reserves-in-no-other-range", "whereabouts-keeps-the-reservation"],
      pods: { reserved },
    },
    async ({ pods, kube, claim }) => {
      pods.reserved.seen();
      const live = pods.reserved.network;
      const { entries, reservations } = ofNetwork(await readWhereabouts(kube), live);
      await claim("one-to-one", () => {
        const expected = entries.map(({ reservation, podRef, ifname }) => ({ name: reservation, podRef, ifname }));
        expect(expected, `entries of the pool of ${live.range}`).to.have.length(1);
        expect(reservations, `reservations of addresses of ${live.range}`).to.deep.equal(expected);
      });
      await pods.reserved.delete();
      await claim("both-released", async () => {
        expect(await pods.reserved.leasesLeft(), `what whereabouts holds of ${pods.reserved}`).to.deep.equal([]);
      });
    },
  );

  testCase(
    {
      id: "IPM-021",
      revision: 1,
      title: "an address is free again however its pod has gone: deleted, by force, evicted, or run to its end",
      layer: "L1",
      level: "extended",
      clauses: ["WHEREABOUTS-freed", "CNI-2-del-releases"],
      faults: ["whereabouts-keeps-the-address-of-a-forced-deletion", "whereabouts-keeps-the-address-of-an-ended-pod"],
      pods: { normal, forced, evicted, ended },
    },
    async ({ pods, kube, claim, eventually }) => {
      const gone = [pods.normal, pods.forced, pods.evicted];
      for (const testPod of [...gone, pods.ended]) testPod.seen();
      // the program of the container ends at once on SIGTERM
      await pods.ended.exec("sh", "-c", "kill 1");
      await Promise.all([pods.normal.delete(), pods.forced.delete({ force: true }), pods.evicted.evict()]);
      await claim("released", async () => {
        const held = await Promise.all(gone.map(async (testPod) => testPod.leasesLeft()));
        expect(held.flat(), `what whereabouts holds of ${gone.join(", ")}`).to.deep.equal([]);
      });
      const ofEnded = async (): Promise<readonly string[]> => {
        const { entries, reservations } = ofNetwork(await readWhereabouts(kube), pods.ended.network);
        return [...entries, ...reservations].filter(({ podRef }) => podRef === `${pods.ended}`).map(nameOf);
      };
      const isFree = async (): Promise<void> => {
        expect(await ofEnded(), `what whereabouts holds of ${pods.ended}, which has run to its end`).to.deep.equal([]);
      };
      await claim("released-at-the-end", () => eventually(isFree, { timeoutMs: RELEASE_MS }));
    },
  );
});

/** An entry by its address, a reservation by its name. */
function nameOf(held: { readonly address?: string; readonly name?: string }): string {
  return held.address ?? held.name ?? "";
}
