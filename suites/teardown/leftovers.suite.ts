import { expect } from "chai";
import { network, pod, suite, testCase, type TestPod } from "../../harness/testkit/index.ts";

const rates = { ingressRate: 8_000_000, ingressBurst: 800_000, egressRate: 8_000_000, egressBurst: 800_000 };
const chained = network("tdl-chain", {
  type: "bridge",
  ipam: "host-local",
  edit: (list) => ({
    ...list,
    plugins: [
      ...list.plugins.map((plugin) => ({ ...plugin, isGateway: true, ipMasq: true })),
      { type: "firewall" },
      { type: "bandwidth", ...rates },
      { type: "tuning", mtu: 1400 },
      { type: "sbr" },
    ],
  }),
});
const burdened = pod("tdl-burdened", [chained]);

const shared = network("tdl-shared", { type: "bridge", ipam: "host-local" });
const first = pod("tdl-first", [shared]);
const next = pod("tdl-next", [shared], { byCase: true });

/** Which of the chained plugins can be seen to have done something for a pod, on its node and inside. */
async function traces(testPod: TestPod): Promise<readonly string[]> {
  const { sandboxId } = testPod.seen();
  const [address = ""] = testPod.seen().addressesOf("net1");
  const script = `
    if iptables-save -t nat | grep -qF -- "$1"; then echo ipMasq; fi
    if iptables-save -t filter | grep -F CNI-FORWARD | grep -qF -- "$2/32"; then echo firewall; fi
    if ls /run/cni/tuning | grep -qF -- "$1"; then echo tuning; fi
    shift 2
    for device in "$@"; do if [ -e "/sys/class/net/$device" ]; then echo bandwidth; fi; done`;
  const devices = testPod.identity?.shapingDevices ?? [];
  const { stdout } = await testPod.onNode.shell(script, sandboxId, address, ...devices);
  const found = stdout.split("\n").filter((line) => line !== "");
  const inside = await testPod.exec("ip", "rule", "show");
  if (inside.stdout.includes(`from ${address}`)) found.push("sbr");
  return found;
}

/** Takes away what plugins have left, which would stay for ever. */
async function removeLeft(testPod: TestPod): Promise<void> {
  const [address = ""] = testPod.seen().addressesOf("net1");
  const script = `
    rm -f /run/cni/tuning/*"$1"*
    iptables-save -t filter | grep -F CNI-FORWARD | grep -F -- "$2/32" | sed "s/^-A/-D/" |
      while read -r rule; do eval "iptables $rule"; done
    shift 2
    for device in "$@"; do if [ -e "/sys/class/net/$device" ]; then ip link delete "$device"; fi; done`;
  const { sandboxId } = testPod.seen();
  await testPod.onNode.shell(script, sandboxId, address, ...(testPod.identity?.shapingDevices ?? []));
}

/** Whether a bridge is on the pod's node, and how many ports it has. */
async function bridgeOf(testPod: TestPod, name: string): Promise<{ readonly there: boolean; readonly ports: number }> {
  const { links } = await testPod.onNode.state();
  return {
    there: links.some((link) => link.ifname === name),
    ports: links.filter((link) => link.master === name).length,
  };
}

suite("what chained plugins and bridges leave", () => {
  testCase(
    {
      id: "TD-024",
      revision: 1,
      title: "a bridge stays when its last pod has gone, without ports, and serves the next one",
      layer: "L1",
      level: "extended",
      clauses: ["PLUGINS-bridge-stays", "CNI-2-del-releases"],
      faults: ["bridge-takes-itself-away", "bridge-leaves-a-port"],
      pods: { first, next },
    },
    async ({ pods, claim }) => {
      const [name = ""] = pods.first.attachments.map(({ network: live }) => live.bridge);
      const before = await bridgeOf(pods.first, name);
      await pods.first.delete();
      await pods.first.attachmentResidueLeft();
      const after = await bridgeOf(pods.first, name);
      await claim("one-port-a-pod", () => {
        expect(before, `bridge ${name} with ${pods.first}`).to.deep.equal({ there: true, ports: 1 });
      });
      await claim("bridge-stays", () => {
        expect(after.there, `whether the bridge ${name} is there without pods`).to.equal(true);
      });
      await claim("no-stale-port", () => {
        expect(after.ports, `ports of the bridge ${name} without pods`).to.equal(0);
      });
      await pods.next.create();
      const seen = pods.next.seen();
      const again = await bridgeOf(pods.next, name);
      await claim("serves-the-next", () => {
        expect(seen.addressesOf("net1"), `addresses of net1 of ${pods.next}`).to.have.length(1);
        expect(again, `bridge ${name} with ${pods.next}`).to.deep.equal({ there: true, ports: 1 });
      });
    },
  );

  testCase(
    {
      id: "TD-023",
      revision: 1,
      title: "nothing is left of ipMasq, firewall, bandwidth, tuning and sbr when their pod has gone",
      layer: "L1",
      level: "extended",
      clauses: ["CNI-2-del-releases"],
      faults: ["tuning-keeps-its-backup", "firewall-keeps-its-rules", "bandwidth-keeps-its-device"],
      needs: ["kernel-ifb"],
      pods: { burdened },
    },
    async ({ pods, claim }) => {
      const found = await traces(pods.burdened);
      await claim("all-have-acted", () => {
        const all = ["ipMasq", "firewall", "bandwidth", "tuning", "sbr"];
        expect(found, `plugins of whose work ${pods.burdened} shows something`).to.have.members(all);
      });
      await pods.burdened.delete();
      try {
        const left = await pods.burdened.attachmentResidueLeft();
        await claim("nothing-left", () => {
          expect(left, `what still names ${pods.burdened}`).to.deep.equal([]);
        });
      } finally {
        await removeLeft(pods.burdened);
      }
    },
  );
});
