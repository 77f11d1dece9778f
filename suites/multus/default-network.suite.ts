import { expect } from "chai";
import { pod, scriptedNetwork, scriptedPlugin, suite, testCase, type TestPod } from "../../harness/testkit/index.ts";

const ANNOTATION = "v1.multus-cni.io/default-network";
const MULTUS_NAMESPACE = "kube-system";

const chosen = scriptedNetwork("mul-chosen", (live) => ({ addresses: [`${live.address(10)}/24`] }), { byCase: true });
const moved = pod("mul-moved", [], { byCase: true, annotations: (live) => ({ [ANNOTATION]: live(chosen).name }) });

const asking = (key: string, text: string) =>
  pod(key, [], { refused: true, annotations: () => ({ [ANNOTATION]: text }) });
const two = asking("mul-two-defaults", "mul-nowhere-a,mul-nowhere-b");
const missing = asking("mul-missing-default", "mul-nowhere");
const none = asking("mul-no-default", "[]");

/** What the answers to ADD said. Multus tells of a missing network in an event of its own, too, which DEL makes as well. */
async function answersOf(testPod: TestPod): Promise<string> {
  const events = await testPod.events("FailedCreatePodSandBox");
  return events.map(({ message }) => message).join("\n");
}

suite("another cluster network for one pod", () => {
  testCase(
    {
      id: "MUL-007",
      revision: 1,
      title: "a pod may name a network of Multus' namespace that it gets in place of the cluster network",
      layer: "L1",
      level: "extended",
      clauses: ["MULTUS-default-network-annotation", "K8S-pod-ips"],
      faults: ["default-network-of-the-pods-namespace"],
      pods: { moved },
      networks: { chosen },
    },
    async ({ pods, networks, claim }) => {
      const { live } = networks.chosen;
      // one of the same name beside the pod, which it is not to get
      const namesake = scriptedPlugin({ addresses: [`${live.address(20)}/24`] });
      await networks.chosen.replace({ cniVersion: "1.0.0", plugins: [namesake] });
      await networks.chosen.create(MULTUS_NAMESPACE);
      try {
        await pods.moved.create();
        const seen = pods.moved.seen();
        await claim("network-of-multus-namespace", () => {
          expect(seen.cidrsOf("eth0"), `addresses of eth0 of ${pods.moved}`).to.deep.equal([`${live.address(10)}/24`]);
        });
        await claim("is-the-pods-address", () => {
          expect(seen.podIPs, `status.podIPs of ${pods.moved}`).to.deep.equal([live.address(10)]);
        });
        await claim("status-names-it", () => {
          expect(
            seen.status.map(({ name, interface: ifname, default: isDefault }) => ({ name, ifname, isDefault })),
            `network-status of ${pods.moved}`,
          ).to.deep.equal([{ name: `${MULTUS_NAMESPACE}/${live.name}`, ifname: "eth0", isDefault: true }]);
        });
      } finally {
        await networks.chosen.remove(MULTUS_NAMESPACE);
      }
    },
  );

  testCase(
    {
      id: "MUL-008",
      revision: 1,
      title:
        "a pod that names two networks in place of the cluster network, a missing one or none is refused, and told why",
      layer: "L1",
      level: "extended",
      clauses: ["MULTUS-default-network-refused"],
      faults: ["a-missing-default-network-is-passed-over", "an-empty-default-network-is-told"],
      pods: { two, missing, none },
    },
    async ({ pods, claim, eventually }) => {
      const saysOf = (testPod: TestPod, what: RegExp) =>
        eventually(async () => {
          expect(await answersOf(testPod), `why ${testPod} was refused`).to.match(what);
        });
      await claim("two-are-refused", () => saysOf(pods.two, /more than one default network is specified/));
      await claim("missing-is-refused", () =>
        saysOf(
          pods.missing,
          /cannot find a network-attachment-definition \(mul-nowhere\) in namespace \(kube-system\)/,
        ),
      );
      await claim("none-does-not-crash", () => {
        const crashes = pods.none
          .outcome()
          .messages.flatMap((text) => /EOF|index out of range|panic/.exec(text)?.[0] ?? []);
        expect([...new Set(crashes)], `what tells of a crash in the events of ${pods.none}`).to.deep.equal([]);
      });
    },
  );
});
