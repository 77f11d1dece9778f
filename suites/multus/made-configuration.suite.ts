import { expect } from "chai";
import {
  nodeOf,
  pod,
  SecondDaemon,
  suite,
  testCase,
  type CaseKube,
  type CaseNode,
} from "../../harness/testkit/index.ts";

/** A cluster network for a daemon that nobody calls: its plugin is never run. */
const NETWORK = "10-network.conflist";
const network = (capabilities: Readonly<Record<string, boolean>>): string =>
  JSON.stringify({ cniVersion: "0.3.1", name: "second", plugins: [{ type: "plumbline-rec", capabilities }] });

/** The file that says that the cluster network is ready. */
const READY = "ready";
/** The daemon looks every second; so many looks in which nothing happens show that it waits. */
const LOOKS = 5;

const plain = pod("mul-made", []);

/** A daemon that has not been started, with a cluster network. */
async function withNetwork(node: CaseNode, kube: CaseKube): Promise<SecondDaemon> {
  const daemon = await SecondDaemon.open(node, kube);
  await node.writeFile(daemon.file(NETWORK), network({ portMappings: true }));
  return daemon;
}

suite("the configuration that the daemon makes", () => {
  testCase(
    {
      id: "MUL-015",
      revision: 1,
      title: "a daemon with `readinessindicatorfile` waits for the file, and ends when it goes",
      layer: "L1",
      level: "extended",
      clauses: ["MULTUS-readiness-of-the-daemon"],
      faults: ["the-daemon-makes-no-configuration"],
      needs: ["multus-thick"],
      pods: { plain },
    },
    async ({ pods, nodes, kube, claim, eventually }) => {
      const node = nodeOf(pods.plain, nodes);
      const daemon = await withNetwork(node, kube);
      await daemon.start((inContainer) => ({ readinessindicatorfile: inContainer(READY) }));
      const seen: (string | undefined)[] = [];
      for (let look = 1; look <= LOOKS; look++) {
        // the node waits, so that what is written meanwhile is from the daemon alone
        await node.exec(["sleep", "1"]);
        seen.push(await daemon.written());
      }
      const early = daemon.said;
      await node.writeFile(daemon.file(READY), "");
      await claim("waits-for-the-file", () => {
        expect(early, "how it ended before the file was there").to.equal(undefined);
        expect(seen, "what it had written before the file was there").to.deep.equal(seen.map(() => undefined));
      });
      await claim("goes-on-when-it-is-there", async () => {
        await eventually(async () => {
          expect(await daemon.written(), "what it has written").to.be.a("string");
        });
      });
      await node.exec(["rm", daemon.file(READY)]);
      await claim("ends-when-it-goes", async () => {
        await eventually(() => {
          expect(daemon.said?.stderr, "how it ended").to.contain("exit code 2");
        });
      });
      await claim("takes-its-configuration-along", async () => {
        expect(await daemon.written(), "what it had written for the runtime").to.equal(undefined);
      });
    },
  );

  testCase(
    {
      id: "MUL-016",
      revision: 1,
      title: "when the cluster network's configuration is written anew, so is that of the daemon",
      layer: "L1",
      level: "extended",
      clauses: ["MULTUS-follows-the-cluster-network"],
      faults: ["the-daemon-makes-no-configuration"],
      needs: ["multus-thick"],
      pods: { plain },
    },
    async ({ pods, nodes, kube, claim, eventually }) => {
      const node = nodeOf(pods.plain, nodes);
      const daemon = await withNetwork(node, kube);
      await daemon.start(() => ({}));
      const capabilities = async (): Promise<unknown> => {
        const written = await daemon.written();
        // it may be read while it is being written
        const isWhole = written?.trimEnd().endsWith("}") === true;
        return isWhole ? (JSON.parse(written) as { capabilities?: unknown }).capabilities : undefined;
      };
      await claim("is-made", async () => {
        await eventually(async () => {
          expect(await daemon.written(), "what it has written").to.be.a("string");
        });
      });
      await node.writeFile(daemon.file(NETWORK), network({ portMappings: true, bandwidth: true }));
      await claim("follows-the-network", async () => {
        await eventually(async () => {
          const told = await capabilities();
          expect(told, "capabilities that the runtime is told of").to.deep.equal({
            portMappings: true,
            bandwidth: true,
          });
        });
      });
    },
  );
});
