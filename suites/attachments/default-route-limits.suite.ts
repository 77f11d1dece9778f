import { expect } from "chai";
import {
  network,
  pod,
  scriptedNetwork,
  suite,
  testCase,
  type LiveNetwork,
  type TestPod,
} from "../../harness/testkit/index.ts";

const GROUP = "rte-limits";
const gateway = (live: LiveNetwork): string[] => [live.address(254)];
const gateway6 = (live: LiveNetwork): string[] => [live.address6(254)];
const scripted = (key: string) =>
  scriptedNetwork(key, (live) => ({ addresses: [`${live.address(10)}/24`, `${live.address6(10)}/64`] }));

const plain = pod("rte-none", [], { group: GROUP });
const overridden = pod(
  "rte-override",
  [{ network: network("rte-override", { type: "bridge", ipam: "host-local" }), defaultRoute: gateway }],
  { group: GROUP },
);
const empty = pod(
  "rte-empty",
  [{ network: network("rte-empty", { type: "bridge", ipam: "host-local" }), defaultRoute: () => [] }],
  { group: GROUP },
);
const twice = pod(
  "rte-twice",
  [
    { network: scripted("rte-twice-1"), defaultRoute: gateway },
    { network: scripted("rte-twice-2"), defaultRoute: gateway },
  ],
  { refused: true },
);
const bothFamilies = pod(
  "rte-families",
  [
    { network: scripted("rte-families-1"), defaultRoute: gateway },
    { network: scripted("rte-families-2"), defaultRoute: gateway6 },
  ],
  { refused: true },
);
const unreachable = pod("rte-far", [{ network: scripted("rte-far"), defaultRoute: () => ["203.0.113.1"] }], {
  refused: true,
});

/** IPv4 routes of the cluster network besides the default route, without the pod's own address. */
async function routesOfClusterNetwork(testPod: TestPod): Promise<readonly unknown[]> {
  const { stdout } = await testPod.exec("ip", "-4", "-json", "route", "show", "dev", "eth0");
  const routes = JSON.parse(stdout) as readonly { readonly dst: string; readonly gateway?: string }[];
  return routes.filter(({ dst }) => dst !== "default").map(({ dst, gateway: via }) => ({ dst, via }));
}

suite("limits of default route selection", () => {
  testCase(
    {
      id: "RTE-003",
      revision: 1,
      title: "an annotation that gives `default-route` to two networks attaches nothing, whatever their families",
      layer: "L1",
      clauses: ["NPWG-4.1.2.1.9-only-one"],
      faults: ["multus-refuses-two-default-routes", "multus-attaches-in-spite-of-two-default-routes"],
      pods: { twice, bothFamilies },
    },
    async ({ pods, claim }) => {
      const attached: string[] = [];
      for (const [what, testPod] of [
        ["two of IPv4", pods.twice],
        ["one of IPv4 and one of IPv6", pods.bothFamilies],
      ] as const) {
        testPod.outcome();
        if ((await testPod.calls("ADD")).length > 0) attached.push(what);
      }
      await claim("nothing-is-attached", () => {
        expect(attached, "default routes of two networks with which these were attached").to.deep.equal([]);
      });
    },
  );

  testCase(
    {
      id: "RTE-005",
      revision: 1,
      title: "an empty `default-route` leaves the default route where the networks' own configurations put it",
      layer: "L1",
      level: "extended",
      clauses: ["MULTUS-empty-default-route"],
      faults: ["multus-removes-every-default-route"],
      pods: { empty, plain },
    },
    async ({ pods, claim }) => {
      const asEver = pods.plain.seen().defaultRoutes("ipv4");
      await claim("one-default-route", () => {
        expect(asEver, `IPv4 default routes of ${pods.plain}`).to.have.length(1);
        expect(pods.empty.seen().defaultRoutes("ipv4"), `IPv4 default routes of ${pods.empty}`).to.deep.equal(asEver);
      });
    },
  );

  testCase(
    {
      id: "RTE-007",
      revision: 1,
      title:
        "the status tells the gateway of the attachment that asked for the default route, and none for the cluster network",
      layer: "L1",
      level: "extended",
      clauses: ["NPWG-5.3.6.4-default-route"],
      faults: ["status-tells-the-requested-default-route"],
      pods: { overridden },
    },
    async ({ pods, claim }) => {
      const wanted = pods.overridden.network.address(254);
      const { status } = pods.overridden.seen();
      await claim("status-tells-the-gateway", () => {
        const said = status.map(({ interface: link, gateway: gateways }) => ({ link, gateways }));
        expect(said, `gateways in network-status of ${pods.overridden}`).to.deep.equal([
          { link: "eth0", gateways: [] },
          { link: "net1", gateways: [wanted] },
        ]);
      });
    },
  );

  testCase(
    {
      id: "RTE-008",
      revision: 1,
      title: "a default route through a gateway that the interface cannot reach fails the pod's setup",
      layer: "L1",
      level: "extended",
      clauses: ["MULTUS-unreachable-gateway"],
      faults: ["multus-forgets-an-unreachable-gateway"],
      pods: { unreachable },
    },
    async ({ pods, claim }) => {
      const { refused, messages } = pods.unreachable.outcome();
      await claim("setup-fails", () => {
        expect(refused, `whether ${pods.unreachable} was refused`).to.equal(true);
        expect(messages.join("\n"), `events of ${pods.unreachable}`).to.match(/gateway/);
      });
    },
  );

  testCase(
    {
      id: "RTE-002",
      revision: 1,
      title: "a default route elsewhere leaves the cluster network its other routes",
      layer: "L1",
      level: "extended",
      clauses: ["MULTUS-default-route-alone"],
      faults: ["multus-removes-all-routes-of-the-cluster-network"],
      pods: { overridden, plain },
    },
    async ({ pods, claim }) => {
      pods.plain.seen();
      pods.overridden.seen();
      const asEver = await routesOfClusterNetwork(pods.plain);
      const left = await routesOfClusterNetwork(pods.overridden);
      await claim("other-routes-stay", () => {
        expect(asEver, `IPv4 routes of eth0 of ${pods.plain} besides the default route`).not.to.deep.equal([]);
        expect(left, `IPv4 routes of eth0 of ${pods.overridden} besides the default route`).to.deep.equal(asEver);
      });
    },
  );
});
