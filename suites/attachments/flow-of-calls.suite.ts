import { expect } from "chai";
import {
  BareContainer,
  BareMultus,
  inShort,
  network,
  nodeOf,
  pod,
  scriptedNetwork,
  suite,
  testCase,
} from "../../harness/testkit/index.ts";

/**
 * As many containers as are attached at once. They share a pod, since Multus' daemon takes those of its node alone, and five
 * attempts to write its status are all that Multus makes when others write it too.
 */
const MANY = 4;

const bare = pod("flw-bare", []);
// what the failed detachment leaves names the pod
const stuckPod = pod("flw-stuck-bare", [], { unjudged: true });
const many = network("flw-many", { type: "bridge", ipam: "host-local" });
const stuck = scriptedNetwork("flw-stuck", () => ({
  script: { DEL: { error: { code: 110, msg: "scripted to fail" } } },
}));

/** Makes Multus take the test's network for the cluster network. */
const on = ({ name, namespace }: { readonly name: string; readonly namespace: string }) => ({
  clusterNetwork: name,
  multusNamespace: namespace,
  delegates: null,
});

interface Result {
  readonly interfaces?: readonly { readonly name: string; readonly sandbox?: string }[];
  readonly ips?: readonly { readonly address: string }[];
}

suite("the flow of attachments, call by call", () => {
  testCase(
    {
      id: "FLW-005",
      revision: 1,
      title: "if a detachment failed, the runtime is told so in the end",
      layer: "L0",
      clauses: ["NPWG-7.2-failed-detachment-is-told"],
      faults: ["multus-tells-of-a-failed-detachment"],
      pods: { bare: stuckPod },
      networks: { stuck },
    },
    async ({ pods, networks, nodes, claim }) => {
      const multus = await BareMultus.on(nodeOf(pods.bare, nodes));
      const node = nodeOf(pods.bare, nodes);
      const attached = await multus.attach("flw-005-stuck", pods.bare, on(networks.stuck.live));
      const calls = await node.calls(attached.netns);
      await claim("detachment-fails", () => {
        const removals = calls.filter(({ command }) => command === "DEL").map(({ exitCode }) => exitCode);
        expect(removals, `exit codes of the plugin at DEL: ${inShort(attached)}`).to.deep.equal([1]);
      });
      await claim("error-is-delivered", () => {
        expect(
          { succeeds: attached.removal.exitCode === 0 },
          `Multus' answer to DEL: ${inShort(attached.removal)}`,
        ).to.deep.equal({ succeeds: false });
      });
    },
  );

  testCase(
    {
      id: "FLW-007",
      revision: 2,
      title: "pods that are attached at the same time get results of their own",
      layer: "L0",
      clauses: ["NPWG-7.3-parallel-pods"],
      faults: ["one-pod-gets-the-result-of-another"],
      pods: { bare },
      networks: { many },
    },
    async ({ pods, networks, nodes, claim }) => {
      const multus = await BareMultus.on(nodeOf(pods.bare, nodes));
      const node = nodes.filter(({ name }) => name === pods.bare.node);
      const { live } = networks.many;
      const keys = on(live);
      const containers: BareContainer[] = [];
      for (let i = 0; i < MANY; i++)
        containers.push(await BareContainer.open(node, `flw-007-${live.name}-${i}`, "eth0"));
      try {
        const answers = await multus.addAll(containers, pods.bare, () => keys);
        await claim("all-succeed", () => {
          const failed = answers.filter(({ exitCode }) => exitCode !== 0).map(inShort);
          expect(failed, `ADDs of ${MANY} at once that failed`).to.deep.equal([]);
        });
        for (const [i, container] of containers.entries()) {
          const { interfaces = [], ips = [] } = (answers[i]?.json ?? {}) as Result;
          const inside = (await container.links()).find(({ name }) => name === "eth0");
          await claim("own-result", () => {
            expect(
              {
                addresses: ips.map(({ address }) => address),
                sandboxes: interfaces.flatMap(({ sandbox }) => (sandbox ? [sandbox] : [])),
              },
              `result for ${container.id}`,
            ).to.deep.equal({ addresses: inside?.addresses, sandboxes: [container.netns] });
          });
        }
      } finally {
        for (const container of containers) await multus.call(container, "DEL", { pod: pods.bare, keys });
      }
    },
  );
});
