import { expect } from "chai";
import { network, pod, suite, testCase } from "../../harness/testkit/index.ts";

const counted = network("ipm-counted", { type: "macvlan", ipam: "host-local" });
const here = pod("ipm-here", [counted]);
const there = pod("ipm-there", [counted], { apart: true });

const fixed = network("ipm-twins", { type: "macvlan", ipam: "static" });
const holder = pod("ipm-holder", [fixed]);
const twin = pod("ipm-twin", [fixed], { apart: true });

suite("addresses on a link that nodes share", () => {
  testCase(
    {
      id: "IPM-007",
      revision: 1,
      title: "no address is given twice on a link that two nodes share",
      layer: "L2",
      level: "extended",
      clauses: ["PLUGINS-ipam-unique-on-the-link"],
      faults: ["host-local-gives-no-address-of-its-range", "host-local-knows-of-other-nodes"],
      needs: ["two-nodes"],
      pods: { here, there },
    },
    async ({ pods, claim }) => {
      const [live] = pods.here.attachments.map((attachment) => attachment.network);
      const given = [pods.here, pods.there].map((testPod) => ({
        node: testPod.node,
        addresses: testPod.seen().addressesOf("net1"),
        inRange: testPod.seen().linksIn(live?.range ?? "").length,
      }));
      await claim("each-has-one-of-the-range", () => {
        const counts = given.map(({ addresses, inRange }) => [addresses.length, inRange]);
        expect(counts, `addresses of net1, and interfaces in ${live?.range}, of each pod`).to.deep.equal([
          [1, 1],
          [1, 1],
        ]);
        expect(new Set(given.map(({ node }) => node)), "nodes of the pods").to.have.property("size", 2);
      });
      await claim("no-address-twice", () => {
        const [mine = [], others = []] = given.map(({ addresses }) => addresses);
        const twice = mine.filter((address) => others.includes(address));
        expect(twice, `addresses that ${pods.here} and ${pods.there} both have`).to.deep.equal([]);
      });
    },
  );

  testCase(
    {
      id: "IPM-010",
      revision: 1,
      title: "static gives an address that another pod has, and duplicate address detection finds that one",
      layer: "L2",
      level: "extended",
      clauses: ["PLUGINS-static-looks-for-no-conflict"],
      faults: ["static-gives-another-address", "macvlan-answers-nobody"],
      needs: ["two-nodes"],
      pods: { holder, twin },
    },
    async ({ pods, claim }) => {
      const [live] = pods.holder.attachments.map((attachment) => attachment.network);
      const address = live?.staticAddress ?? "";
      await claim("both-hold-it", () => {
        const held = [pods.holder, pods.twin].map((testPod) => testPod.seen().addressesOf("net1"));
        expect(held, `addresses of net1 of ${pods.holder} and ${pods.twin}`).to.deep.equal([[address], [address]]);
      });
      const other = pods.twin.seen().links.find(({ name }) => name === "net1")?.mac ?? "no interface";
      const { exitCode, stdout } = await pods.holder.exec("arping", "-D", "-c", "3", "-w", "5", "-I", "net1", address);
      await claim("duplicate-is-found", () => {
        expect(stdout.toLowerCase(), `what duplicate address detection of ${address} heard`).to.contain(other);
        expect(exitCode, "its exit code: 1 where somebody has the address").to.equal(1);
      });
    },
  );
});
