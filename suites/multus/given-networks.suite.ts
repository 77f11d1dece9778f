import { expect } from "chai";
import {
  daemonConfiguration,
  pod,
  scriptedNetwork,
  suite,
  testCase,
  type TestPod,
} from "../../harness/testkit/index.ts";

const asked = scriptedNetwork("mul-given-asked", (live) => ({ addresses: [`${live.address(10)}/24`] }));
const plain = pod("mul-given-plain", []);
const annotated = pod("mul-given-annotated", [asked]);

/** The networks of a pod by its network-status, each with the IPv4 addresses that its interface really has. */
function networksOf(of: TestPod): readonly string[] {
  const seen = of.seen();
  return seen.status.map(({ name, interface: ifname = "" }) => {
    const addresses = seen.addressesOf(ifname).filter((address) => !address.includes(":"));
    return [ifname, name.replace(/^.*\//, ""), ...addresses].join(" ");
  });
}

/** The same by network-status alone. */
function toldOf(of: TestPod): readonly string[] {
  return of
    .seen()
    .status.map(({ name, interface: ifname = "", ips }) =>
      [ifname, name.replace(/^.*\//, ""), ...ips.filter((address) => !address.includes(":"))].join(" "),
    );
}

/** Interface and network alone. */
const inShort = (lines: readonly string[]): readonly string[] => lines.map((line) => line.split(" ", 2).join(" "));

suite("networks that Multus gives every pod", () => {
  testCase(
    {
      id: "MUL-042",
      revision: 1,
      title: "pods that the kubelet starts get `defaultNetworks`, before what they ask for",
      layer: "L1",
      level: "extended",
      clauses: ["MULTUS-default-networks"],
      faults: ["a-given-network-is-not-there", "a-given-network-comes-last"],
      needs: ["multus-thick", "default-networks"],
      pods: { plain, annotated },
    },
    async ({ pods, kube, claim }) => {
      const { defaultNetworks } = await daemonConfiguration(kube);
      const names = Array.isArray(defaultNetworks) ? defaultNetworks.map(String) : [];
      const given = names.map((name, i) => `net${i + 1} ${name}`);
      const first = (of: TestPod): string => `eth0 ${of.seen().clusterNetwork}`;
      await claim("every-pod-has-them", () => {
        expect(inShort(toldOf(pods.plain)), `networks of ${pods.plain}`).to.deep.equal([first(pods.plain), ...given]);
        expect(networksOf(pods.plain), `addresses in ${pods.plain}`).to.deep.equal(toldOf(pods.plain));
      });
      const last = `net${names.length + 1} ${pods.annotated.attachments[0]?.network.name}`;
      await claim("before-those-asked-for", () => {
        expect(inShort(toldOf(pods.annotated)), `networks of ${pods.annotated}`).to.deep.equal([
          first(pods.annotated),
          ...given,
          last,
        ]);
        expect(networksOf(pods.annotated), `addresses in ${pods.annotated}`).to.deep.equal(toldOf(pods.annotated));
      });
    },
  );
});
