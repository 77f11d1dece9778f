import { expect } from "chai";
import {
  BareContainer,
  BareMultus,
  inShort,
  nodeOf,
  pod,
  scriptedNetwork,
  suite,
  testCase,
  type CaseNetwork,
  type CaseNode,
} from "../../harness/testkit/index.ts";

const cluster = scriptedNetwork("mul-ready-cluster", (live) => ({ addresses: [`${live.address(10)}/24`] }));
const plain = pod("mul-ready", []);

/** A folder that the daemon's container has under the same name as the node. */
const FOLDER = "/var/lib/cni/multus";
/** Multus looks every second; so many looks in which nothing happens show that it waits. */
const LOOKS = 5;

/** Makes Multus take the test's network for the cluster network, and wait for a file of the test's. */
const waitingFor = ({ live: { name, namespace } }: CaseNetwork, indicator: string) => ({
  clusterNetwork: name,
  multusNamespace: namespace,
  delegates: null,
  readinessindicatorfile: indicator,
});

/** Commands that the network's plugin was given for a container. */
async function commandsFor(node: CaseNode, network: CaseNetwork, { netns }: BareContainer): Promise<readonly string[]> {
  const calls = await node.calls(network.live.name);
  return calls.filter((call) => call.netns === netns).map(({ command }) => command);
}

suite("readiness of the cluster network", () => {
  testCase(
    {
      id: "MUL-013",
      revision: 1,
      title: "with `readinessindicatorfile` a setup waits for the file, and goes on when it is there",
      layer: "L0",
      level: "extended",
      clauses: ["MULTUS-readiness-indicator", "NPWG-6.1.2-cluster-network-ready"],
      faults: ["a-missing-indicator-is-passed-over", "an-indicator-that-comes-is-not-seen"],
      pods: { plain },
      networks: { cluster },
    },
    async ({ pods, networks, nodes, claim }) => {
      const node = nodeOf(pods.plain, nodes);
      const multus = await BareMultus.on(node);
      const container = await BareContainer.open([node], `mul-013-${networks.cluster.live.name}`, "eth0");
      const indicator = `${FOLDER}/plumbline-${container.id}`;
      const call = { pod: pods.plain, keys: waitingFor(networks.cluster, indicator) };
      try {
        const add = { isAnswered: false };
        const adding = multus.call(container, "ADD", call).finally(() => (add.isAnswered = true));
        const seen: (readonly string[])[] = [];
        for (let look = 1; look <= LOOKS && !add.isAnswered; look++) {
          // the node waits, so that what is written down meanwhile is from it alone
          await node.exec(["sleep", "1"]);
          seen.push(await commandsFor(node, networks.cluster, container));
        }
        const wasAnswered = add.isAnswered;
        await node.writeFile(indicator, "");
        const answer = await adding;
        await claim("waits-for-the-file", () => {
          expect(seen.flat(), `what the cluster network was asked before ${indicator} was there`).to.deep.equal([]);
          expect(wasAnswered, `whether ADD was answered before ${indicator} was there`).to.equal(false);
        });
        await claim("goes-on-when-it-is-there", () => {
          expect(inShort(answer), "ADD").to.match(/^exit 0/);
        });
        const added = await commandsFor(node, networks.cluster, container);
        await claim("attaches-then", () => {
          expect(added, "what the cluster network was asked").to.deep.equal(["ADD"]);
        });
      } finally {
        await multus.call(container, "DEL", call);
        await node.exec(["rm", "-f", indicator]);
      }
    },
  );

  testCase(
    {
      id: "MUL-014",
      revision: 1,
      title: "a missing file of `readinessindicatorfile` keeps no teardown from being done",
      layer: "L0",
      level: "extended",
      clauses: ["MULTUS-readiness-not-for-del"],
      faults: ["a-missing-indicator-fails-the-teardown"],
      pods: { plain },
      networks: { cluster },
    },
    async ({ pods, networks, nodes, claim }) => {
      const node = nodeOf(pods.plain, nodes);
      const multus = await BareMultus.on(node);
      const container = await BareContainer.open([node], `mul-014-${networks.cluster.live.name}`, "eth0");
      const ready = { pod: pods.plain, keys: { ...waitingFor(networks.cluster, ""), readinessindicatorfile: null } };
      const missing = { pod: pods.plain, keys: waitingFor(networks.cluster, `${FOLDER}/plumbline-missing`) };
      const added = await multus.call(container, "ADD", ready);
      let removed;
      try {
        await claim("there-is-something-to-take-down", () => {
          expect(inShort(added), "ADD").to.match(/^exit 0/);
        });
      } finally {
        removed = await multus.call(container, "DEL", missing);
      }
      await claim("del-succeeds", () => {
        expect(inShort(removed), "DEL while the file is missing").to.match(/^exit 0/);
      });
      const asked = await commandsFor(node, networks.cluster, container);
      await claim("del-is-handed-on", () => {
        expect(asked, "what the cluster network was asked").to.deep.equal(["ADD", "DEL"]);
      });
    },
  );
});
