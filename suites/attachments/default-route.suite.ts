import { expect } from "chai";
import { network, pod, suite, testCase, type LiveNetwork } from "../../harness/testkit/index.ts";

const gateway = (live: LiveNetwork): string[] => [live.address(254)];

const overBridge = pod("rte-bridge", [
  { network: network("rte-bridge", { type: "bridge", ipam: "host-local" }), defaultRoute: gateway },
]);
const overMacvlan = pod("rte-macvlan", [
  { network: network("rte-macvlan", { type: "macvlan", ipam: "static" }), defaultRoute: gateway },
]);

suite("default route selection", () => {
  testCase(
    {
      id: "RTE-001",
      revision: 1,
      title: "`default-route` on one attachment leaves exactly one IPv4 default route, through that attachment",
      layer: "L1",
      clauses: ["NPWG-4.1.2.1.9-default-route"],
      faults: ["multus-removes-every-default-route"],
      pods: { overBridge, overMacvlan },
    },
    async ({ pods, claim }) => {
      for (const testPod of [pods.overBridge, pods.overMacvlan]) {
        const [attachment] = testPod.attachments;
        const routes = testPod.seen().defaultRoutes("ipv4");
        const wanted = attachment?.network.address(254);
        await claim("one-default-route", () => {
          expect(routes, `IPv4 default routes of ${testPod}`).to.deep.equal([
            { dst: "default", via: wanted, dev: "net1" },
          ]);
        });
      }
    },
  );
});
