import { expect } from "chai";
import { pod, scriptedNetwork, suite, testCase, type LiveNetwork } from "../../harness/testkit/index.ts";

const addressed = (live: LiveNetwork) => ({ addresses: [`${live.address(10)}/24`] });
const existing = scriptedNetwork("att-existing", addressed);
const outside = scriptedNetwork("att-slash", addressed, { namespace: "other" });
const missing = scriptedNetwork("att-missing", addressed, { byCase: true });

const withSlash = pod("att-slash", [outside], {
  annotation: (live) => JSON.stringify([{ name: `${live(outside).namespace}/${live(outside).name}` }]),
  refused: true,
});
const early = pod("att-early", [missing], { refused: "stays" });
const cutOff = pod("att-malformed-cut", [existing], {
  annotation: (live) => `[{"name":"${live(existing).name}"`,
  refused: true,
});
const noText = pod("att-malformed-type", [{ network: existing, keys: () => ({ interface: 7 }) }], { refused: true });

const onHost = pod("att-host", [existing], { spec: { hostNetwork: true }, group: "att-host" });
const beside = pod("att-beside", [existing], { group: "att-host" });

/** The kubelet waits longer than ten seconds between two setups. */
const NEXT_SETUPS_MS = 60_000;

suite("selections that are malformed or lead nowhere", () => {
  testCase(
    {
      id: "ATT-007",
      revision: 1,
      title: "a slash in the `name` of an element does not part a namespace from a name",
      layer: "L1",
      level: "extended",
      clauses: ["MULTUS-element-name-is-whole"],
      faults: ["multus-parts-the-name-of-an-element"],
      pods: { withSlash },
    },
    async ({ pods, claim }) => {
      const { refused, messages } = pods.withSlash.outcome();
      await claim("setup-fails", () => {
        expect(refused, `whether ${pods.withSlash} was refused`).to.equal(true);
      });
      const [attachment] = pods.withSlash.attachments;
      await claim("event-names-the-network", () => {
        expect(messages.join("\n"), `events of ${pods.withSlash}`).to.contain(
          `(${attachment?.nad}) in namespace (${pods.withSlash.namespace})`,
        );
      });
    },
  );

  testCase(
    {
      id: "ATT-018",
      revision: 1,
      title: "a pod in the network of its node runs, and its annotation attaches nothing",
      layer: "L1",
      clauses: ["K8S-host-network"],
      faults: ["pod-on-host-is-attached"],
      pods: { onHost, beside },
    },
    async ({ pods, claim }) => {
      pods.onHost.outcome();
      await claim("ordinary-pod-is-attached", () => {
        const [attachment] = pods.beside.attachments;
        const links = pods.beside.seen().linksIn(attachment?.network.range ?? "");
        expect(links, `interfaces of ${pods.beside} in ${attachment?.nad}`).to.have.length(1);
      });
      await claim("no-plugin-is-called", async () => {
        const calls = (await pods.onHost.calls()).map((call) => `${call.command} ${call.network}`);
        expect(calls, `plugin calls for ${pods.onHost}`).to.deep.equal([]);
      });
      await claim("no-status", async () => {
        const annotations = (await pods.onHost.object())?.metadata.annotations ?? {};
        expect(annotations, `annotations of ${pods.onHost}`).not.to.have.property("k8s.v1.cni.cncf.io/network-status");
      });
    },
  );

  testCase(
    {
      id: "ATT-016",
      revision: 1,
      title: "an annotation that is no selection attaches nothing and is ignored",
      layer: "L1",
      clauses: ["NPWG-4.1-invalid-annotation"],
      faults: ["multus-mends-a-malformed-annotation", "multus-ignores-a-malformed-annotation"],
      pods: { cutOff, noText },
    },
    async ({ pods, claim }) => {
      const malformed = [pods.cutOff, pods.noText];
      for (const testPod of malformed) {
        testPod.outcome();
        await claim("nothing-attached", async () => {
          const calls = (await testPod.calls("ADD")).map((call) => `${call.network} ${call.ifname}`);
          expect(calls, `ADD calls for ${testPod}`).to.deep.equal([]);
        });
      }
      await claim("annotation-ignored", () => {
        const messages = malformed.flatMap((testPod) => testPod.outcome().messages);
        expect(messages, `why pods were refused: ${malformed.join(", ")}`).to.deep.equal([]);
      });
    },
  );

  testCase(
    {
      id: "ATT-008",
      revision: 1,
      title: "a pod whose network does not exist is refused, and becomes ready once it does",
      layer: "L1",
      clauses: ["NPWG-7.2-failure-fails-setup", "MULTUS-missing-network", "K8S-sandbox-retry"],
      faults: ["multus-leaves-out-a-missing-network"],
      pods: { early },
      networks: { missing },
    },
    async ({ pods, networks, claim, eventually }) => {
      const { refused } = pods.early.outcome();
      const { name, namespace } = networks.missing.live;
      await claim("setup-fails", () => {
        expect(refused, `whether ${pods.early} was refused`).to.equal(true);
      });
      // a thin Multus may have ended before its event was sent: the next setups send one, too
      await claim("event-names-the-network", () =>
        eventually(
          async () => {
            const told = (await pods.early.events("NoNetworkFound")).map(({ message }) => message);
            expect(told.join("\n"), `events of ${pods.early}`).to.contain(`(${name}) in namespace (${namespace})`);
          },
          { timeoutMs: NEXT_SETUPS_MS },
        ),
      );
      await networks.missing.create();
      await pods.early.lookAgain();
      await claim("attached-once-it-exists", () => {
        const links = pods.early.seen().linksIn(networks.missing.live.range);
        expect(links, `interfaces of ${pods.early} in ${namespace}/${name}`).to.have.length(1);
      });
    },
  );
});
